//! `ecrm sql`.

use std::ffi::OsString;

use clap::Args;

use super::{Cli, Command, output};
use crate::engine::{Dialect, Statement};
use crate::error::{Error, Result};
use crate::present::sink::Sink;

/// Print what another engine (Spark, DuckDB) is asked in place of a question: SQL over the tables of `ecrm export`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm sql segment --as-of 2026-06-30
  ecrm sql --dialect duckdb rfm --summary --as-of 2026-06-30 --window 365
  ecrm sql cohort --by week --as-of 2026-06-30
  ecrm sql repurchase --as-of 2026-06-30
  ecrm sql customers --as-of 2026-06-30 --columns customer_id,net_amount --where \"recency_days > 90\"
  ecrm sql campaign --as-of 2026-06-30 --within 14

The questions are customers, overview, segment, rfm, cohort, repurchase, region, value, interest and campaign, with their \
own flags and those of the scope; --as-of must be given. There is a statement for what is left out, by rule, and then one for each \
step; a parameter of a later one is what the rows of an earlier one, or schema.json, come to. :r_cut_1 and the like are the \
quantiles of rfm_histograms, days and orders rounded down, amounts in millionths. :event_is_conversion is 1 where the export \
has no orders, so that purchases among the events are what converts, and else 0. Of value_levels, the greatest contribution \
first, :core_amount is that at which the sum reaches the core's share of the whole, and :core_place how many of those who \
contribute just as much it takes; :potential_amount and :potential_place are the same of the next class; where both take \
all, value_ends need not be asked. Those of campaign have a row of VALUES for each arm that campaign_sends names, by the \
number of its campaign (the one that began last is 0) and its own: of a campaign by name, the control last; :is_nameless is \
1 where messages name no campaign (:campaign_id is then ''), :arm is treatment where they name none, :is_shown is 1 for \
campaigns that --campaign and --window keep and else 0, :within_days are those of the campaign's plan where --within does \
not say them. Rows of campaign_sends after the as-of day are left out before campaigns are numbered. Where schema.json \
of an export has true for \"lacks_amounts\", ask with \
--include-zero-orders: no order of it counts otherwise. The statements are for the tables of one export. What the rows \
come to is computed here: cut points, ratios, shares and medians.")]
pub struct SqlArgs {
    /// Which SQL [default: spark]
    #[arg(long, value_enum)]
    dialect: Option<Dialect>,

    /// The question, and its flags
    #[arg(value_name = "QUESTION", required = true, num_args = 1.., trailing_var_arg = true, allow_hyphen_values = true)]
    question: Vec<String>,
}

impl SqlArgs {
    /// Prints the SQL statements that answer the question.
    pub fn run(self) -> Result<()> {
        let dialect = self.dialect.unwrap_or(Dialect::Spark);
        let name = self.question.first().cloned().unwrap_or_default();
        let words = std::iter::once("ecrm".to_owned()).chain(self.question);
        let words: Vec<OsString> = words.map(Into::into).collect();
        let lang = super::usage::lang(words.iter().cloned());
        let cli: Cli = super::usage::parsed(words);
        let statements = match cli.command {
            Command::Customers(args) => args.sql(dialect),
            Command::Overview(args) => args.sql(dialect),
            Command::Segment(args) => args.sql(dialect),
            Command::Rfm(args) => args.sql(dialect),
            Command::Cohort(args) => args.sql(dialect),
            Command::Repurchase(args) => args.sql(dialect),
            Command::Interest(args) => args.sql(dialect),
            Command::Region(args) => args.sql(dialect),
            Command::Value(args) => args.sql(dialect),
            Command::Campaign(args) => args.sql(dialect),
            _ => {
                output::speak(lang);
                Err(Error::usage_of("engine_question", &[("command", name)]))
            }
        }?;
        /// What can only be known from the export.
        const FIRST: &str = "-- For the tables of one export. Where its schema.json says \"lacks_amounts\": true, no order counts but with\n\
                             -- --include-zero-orders.\n\n";
        let text = |of: &Statement| format!("-- {}\n{};\n", of.name, of.text.trim_end());
        let all = FIRST.to_owned() + &statements.iter().map(text).collect::<Vec<_>>().join("\n");
        Sink::Stdout.write_with(|out| out.write_all(all.as_bytes()))
    }
}

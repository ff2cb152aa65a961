//! `ecrm sql`.

use clap::Args;

use super::{Cli, Command, output};
use crate::config::Config;
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

The questions are overview, segment, rfm, cohort, repurchase and region, with their own flags and those of the scope; --as-of must be given. \
There is a statement for what is left out, by rule, and then one for each step; a parameter of a later one (:r_cut_1) is \
what the rows of an earlier one come to. What the rows come to is computed here: cut points, ratios, shares and medians.")]
pub struct SqlArgs {
    /// Which SQL [default: spark]
    #[arg(long, value_enum)]
    dialect: Option<Dialect>,

    /// The question, and its flags
    #[arg(value_name = "QUESTION", required = true, num_args = 1.., trailing_var_arg = true, allow_hyphen_values = true)]
    question: Vec<String>,
}

/// How statements are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Which SQL.
    pub dialect: Dialect,
}

impl SqlArgs {
    /// Prints the statements.
    pub fn run(self) -> Result<()> {
        let wanted = Wanted { dialect: self.dialect.unwrap_or(Dialect::Spark) };
        let name = self.question.first().cloned().unwrap_or_default();
        let words = std::iter::once("ecrm".to_owned()).chain(self.question);
        let cli: Cli = super::usage::parsed(words.map(Into::into).collect());
        let statements = match cli.command {
            Command::Overview(args) => args.sql(wanted),
            Command::Segment(args) => args.sql(wanted),
            Command::Rfm(args) => args.sql(wanted),
            Command::Cohort(args) => args.sql(wanted),
            Command::Repurchase(args) => args.sql(wanted),
            Command::Region(args) => args.sql(wanted),
            _ => {
                output::lang(None, &Config::default());
                Err(Error::usage_of("engine_question", &[("command", name)]))
            }
        }?;
        let text = |of: &Statement| format!("-- {}\n{};\n", of.name, of.text.trim_end());
        let all = statements.iter().map(text).collect::<Vec<_>>().join("\n");
        Sink::Stdout.write_with(|out| out.write_all(all.as_bytes()))
    }
}

//! `ecrm migration`.

use clap::Args;

use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use super::{reading, rfm, segment, value};
use crate::config::Config;
use crate::error::Result;
use crate::metrics::migration::{By, MigrationParams};
use crate::questions::Migration;

/// How customers moved between two days: from which segment into which, who was lost and who came back
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm migration orders.csv                           the month up to the last day of the data
  ecrm migration exports/* --since 2026-03-31 --table flows
  ecrm migration orders.csv --by rfm_group            by the cut points of the earlier day
  ecrm migration orders.csv --list -o moved.csv       who moved

Both days are told from one reading of the files, the earlier one as they know it now. new_customer had not bought by \
then; returned_from_lost was lost then and no longer is. The thresholds are those of segment, rfm and value in \
ecrm.toml. The tables are `matrix` (the main one), on a terminal a heat map of the part of each row, and `flows`, the \
movements up and down, lost and won back, the one that is worth most first; with --list there is one, `customers`.")]
pub struct MigrationArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: MigrationQuestion,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Migration")]
struct MigrationQuestion {
    /// The earlier day, YYYY-MM-DD or today [default: a month before as-of, the same day or the last of that month]
    #[arg(long, value_name = "DAY")]
    since: Option<String>,

    /// What customers move between: lifecycle segments, RFM groups, high and low value, or classes
    #[arg(long, value_enum, default_value_t)]
    by: By,

    /// List the customers who moved, one per row
    #[arg(long)]
    list: bool,
}

impl MigrationArgs {
    /// Reads the inputs, compares the two days, and writes the answer.
    pub fn run(self) -> Result<()> {
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let config = asking.config();
        let zone = reading::zone(&self.input, config)?;
        let since = self.question.since.as_deref().map(|day| reading::day(day, zone)).transpose()?;
        let params = MigrationParams { by: self.question.by, since, ..params_of(config)? };
        asking.ask(&Migration { params, lists: self.question.list })
    }
}

/// Movements between segments since a month before as-of, with the thresholds of the configuration.
pub fn params_of(config: &Config) -> Result<MigrationParams> {
    Ok(MigrationParams {
        by: By::Segment,
        since: None,
        segment: segment::params_of(config)?,
        rfm: rfm::params_of(config)?,
        value: value::params_of(config)?,
    })
}

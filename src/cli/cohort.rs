//! `ecrm cohort`.

use clap::Args;

use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::error::Result;
use crate::metrics::calendar::Period;
use crate::questions::{Cohort, Show};

/// Whether customers come back: those who first bought in a month, followed through the next ones
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm cohort orders.csv                       retention by month, as a heat map
  ecrm cohort orders.csv --show net_amount     what the cohort brought in, by month
  ecrm cohort orders.csv --by quarter -o cohorts.xlsx

Period 0 is that of the first order. A period that is not over at as-of is empty. --window N keeps the cohorts whose \
first orders are in the last N days. The result is one table, `cohort`, a row per cohort and period.")]
pub struct CohortArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: CohortQuestion,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Cohorts")]
struct CohortQuestion {
    /// The calendar period [default: month]
    #[arg(long, value_enum)]
    by: Option<Period>,

    /// The column that the cells of the heat map show
    #[arg(long, value_enum, value_name = "COLUMN", default_value_t)]
    show: Show,
}

impl CohortArgs {
    /// Reads, groups, writes.
    pub fn run(self) -> Result<()> {
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let by = self.question.by.or(asking.config().cohort.by).unwrap_or(Period::Month);
        asking.ask(&Cohort { by, show: self.question.show })
    }
}

//! `ecrm trend`.

use clap::Args;

use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::error::Result;
use crate::metrics::trend::By;
use crate::questions::Trend;

/// How sales go: new and returning customers, orders and amounts by period, beside the year before
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm trend orders.csv                          by month
  ecrm trend exports/* --by week --window 90     the weeks that begin in the last 90 days
  ecrm trend orders.csv --by quarter -o trend.xlsx
  ecrm trend orders.csv --where \"province = '浙江'\"

An order is one of a new customer where it is of the day of the customer's first order, whatever came later, so that a \
period says the same for ever. A period that is not over at as-of is marked, and set beside the same days a year before. The \
change of the net amount is split into what more or fewer customers, orders of each and amounts of these brought, which \
add up to it. The result is one table, `trend`, a row per period.")]
pub struct TrendArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: TrendQuestion,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Trend")]
struct TrendQuestion {
    /// The calendar period; a week is set beside that which began 52 weeks before
    #[arg(long, value_enum, default_value_t)]
    by: By,
}

impl TrendArgs {
    /// Reads the inputs, adds them up by period, and writes the answer.
    pub fn run(self) -> Result<()> {
        Asking::open(&self.input, &self.scope, &self.output)?.ask(&Trend { by: self.question.by })
    }
}

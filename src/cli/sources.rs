//! `ecrm sources`.

use clap::Args;

use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::error::Result;
use crate::metrics::sources::By;
use crate::questions::Sources;

/// Where customers came from: buyers, orders and amounts by source, before and after corrections
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm sources orders.csv
  ecrm sources exports/* --by month            as the sources change
  ecrm sources exports/* --window 90 -o sources.xlsx
  ecrm source set 1001 douyin --reason 'came from the live show'

A customer came from the source that source_corrections.csv says (ecrm source set), else that of the first valid order \
which names one, else of the first event, else of the customer list. Customers are buyers: those with a valid order in the \
row's days. new_customer_count are those whose first order of all is one of them, repeat_customer_rate the part with at least \
two orders in these days, spend_per_customer net_amount by customers. Each figure stands again with _before behind its name, \
as it was before corrections, and empty where these change nothing. The result is one table, `sources`.")]
pub struct SourcesArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: SourcesQuestion,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Sources")]
struct SourcesQuestion {
    /// Rows for each calendar month or week, from Monday, with the orders of these days
    #[arg(long, value_enum)]
    by: Option<By>,
}

impl SourcesArgs {
    /// Reads the inputs, adds up by source, and writes the answer.
    pub fn run(self) -> Result<()> {
        Asking::open(&self.input, &self.scope, &self.output)?.ask(&Sources { by: self.question.by })
    }
}

//! `ecrm cohort`.

use clap::Args;

use super::on_engine::EngineArgs;
use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use super::value;
use crate::config::Config;
use crate::engine::{Dialect, Statement};
use crate::error::{Error, Result};
use crate::metrics::cohort::{By, Kind};
use crate::questions::{Cohort, Show};

/// Whether customers come back: those who first bought in a month, followed through the next ones
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm cohort orders.csv                       retention by month, as a heat map
  ecrm cohort orders.csv --show net_amount     what the cohort brought in, by month
  ecrm cohort orders.csv --by quarter -o cohorts.xlsx
  ecrm cohort orders.csv items.csv --by first_product   what customers are worth by what they began with

Period 0 is that of the first order. A period that is not over at as-of is empty. --window N keeps the cohorts whose \
first orders are in the last N days. With --by first_…, province or sale, customers are followed for 30, 90, 180 and 365 days, at each of which \
those count alone whose first order is that old. The result is one table, `cohort`, a row per cohort and period or day.")]
pub struct CohortArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: CohortQuestion,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Cohorts")]
struct CohortQuestion {
    /// The calendar period of the first order, or what that order was [default: month]
    #[arg(long, value_enum)]
    by: Option<By>,

    /// The column that the cells of the heat map show [default: retention; of kinds of first orders
    /// cumulative_per_customer]
    #[arg(long, value_enum, value_name = "COLUMN")]
    show: Option<Show>,
}

impl CohortArgs {
    /// Reads the inputs, groups the customers into cohorts, and writes the answer.
    pub fn run(self) -> Result<()> {
        let (asking, question) = self.asked()?;
        self.engine.ask(asking, &question)
    }

    /// The statements that ask an engine the same question.
    pub fn sql(&self, dialect: Dialect) -> Result<Vec<Statement>> {
        let (asking, question) = self.asked()?;
        asking.statements(&question, dialect)
    }

    fn asked(&self) -> Result<(Asking<'_>, Cohort)> {
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let config = asking.config();
        let by = self.question.by.or(config.cohort.by).unwrap_or(By::Month);
        let sales = config.sales();
        if by == By::Sale && sales.is_empty() {
            return Err(Error::usage_of("no_sales", &[]));
        }
        let value = value::params_of(config)?;
        Ok((asking, Cohort { by, show: self.question.show, value, sales }))
    }
}

/// The calendar period in the configuration; a month if the configuration names something else.
pub fn period_of(config: &Config) -> By {
    config.cohort.by.filter(|by| matches!(by.kind(), Kind::Period(_))).unwrap_or(By::Month)
}

//! `ecrm region`.

use clap::Args;

use super::on_engine::EngineArgs;
use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::engine::{Dialect, Statement};
use crate::error::Result;
use crate::metrics::region::{By, Level};
use crate::questions::Region;

/// Where orders go: orders, customers and amounts by province, city or country
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm region orders.csv
  ecrm region orders.csv --level city --window 365
  ecrm region orders.csv events.csv       where interest becomes orders
  ecrm region items.csv --by category     what each region buys more of
  ecrm region report.csv --format csv     without buyers too

Provinces and cities of China come to one short form (广东, 深圳), whatever they were written as; other \
countries' names stay as they are. With events there is a conversion rate for the interest of the last 30 days (or of \
--window). The result is one table, `regions`, or `quotients` with --by.")]
pub struct RegionArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    places: PlaceArgs,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Places")]
struct PlaceArgs {
    /// How finely places are distinguished [default: province, or where most of these are not known the finest that is]
    #[arg(long, value_enum)]
    level: Option<Level>,

    /// Compare regions by what their orders hold, or by the month of the year, with location quotients
    #[arg(long, value_enum)]
    by: Option<By>,
}

impl RegionArgs {
    /// Reads the inputs, groups the orders by region, and writes the answer.
    pub fn run(self) -> Result<()> {
        let (asking, question) = self.asked()?;
        self.engine.ask(asking, &question)
    }

    /// The statements that ask an engine the same question.
    pub fn sql(&self, dialect: Dialect) -> Result<Vec<Statement>> {
        let (asking, question) = self.asked()?;
        asking.statements(&question, dialect)
    }

    fn asked(&self) -> Result<(Asking<'_>, Region)> {
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let level = self.places.level.or(asking.config().region.level);
        Ok((asking, Region { level, by: self.places.by }))
    }
}

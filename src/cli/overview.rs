//! `ecrm overview`.

use clap::Args;

use super::on_engine::EngineArgs;
use super::report;
use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::Config;
use crate::engine::{Dialect, Statement};
use crate::error::Result;
use crate::metrics::overview::OverviewParams;
use crate::questions::report::{Everything, SECTIONS};
use crate::questions::{Overview, Question};

/// The shop's first page: interest, converted, old and dormant customers, members, and sales
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm overview exports/*.csv            orders, events and customers together
  ecrm overview orders.csv --window 7    this week against the last one
  ecrm overview exports/* --as-of today -o page.md
  ecrm overview exports/* -o week.xlsx   and every further table that the files allow, a sheet each

Each figure stands beside that of the period of equal length before. --window N is the period of buyers, orders, \
net_amount, aov and spend_per_customer, 30 days by default; the other figures have their own (`ecrm define overview`). \
A figure that needs a file which is not there says so. The result is one table, `overview`; a workbook holds the tables \
of `ecrm report` behind it, unless --table overview leaves them out.")]
pub struct OverviewArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl OverviewArgs {
    /// Reads the inputs, computes the figures, and writes them.
    pub fn run(self) -> Result<()> {
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let params = params_of(asking.config(), self.scope.window, asking.request().window);
        if asking.writes_whole_workbook() && !self.engine.is_given() {
            let asking = asking.without_window_flag();
            let usual = report::everything(asking.config(), asking.request(), None)?;
            let all = Everything { overview: Overview { params }, ..usual };
            let sections: Vec<_> = SECTIONS.iter().collect();
            return report::write_workbook(asking, Overview::ABOUT.name, &all, &sections, None);
        }
        self.engine.ask(asking, &Overview { params })
    }

    /// The statements that ask an engine the same question.
    pub fn sql(&self, dialect: Dialect) -> Result<Vec<Statement>> {
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let params = params_of(asking.config(), self.scope.window, asking.request().window);
        asking.statements(&Overview { params }, dialect)
    }
}

/// The periods of the figures. The window is that of the flag, or else the configuration's for this page, or else its
/// general one.
pub fn params_of(config: &Config, flag: Option<u32>, of_all: Option<u32>) -> OverviewParams {
    let (file, default) = (&config.overview, OverviewParams::default());
    OverviewParams {
        interest_days: file.interest_days.unwrap_or(default.interest_days),
        converted_days: file.converted_days.unwrap_or(default.converted_days),
        dormant_days: file.dormant_days.unwrap_or(default.dormant_days),
        window: flag.or(file.window).or(of_all).unwrap_or(default.window),
    }
}

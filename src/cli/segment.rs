//! `ecrm segment`.

use clap::Args;

use super::on_engine::ListEngineArgs;
use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::{Config, rules};
use crate::engine::{Dialect, Statement};
use crate::error::Result;
use crate::metrics::segment::SegmentParams;
use crate::questions::Segment;

/// Lifecycle segments with what to do about each: who just bought, is active, lapses or is lost
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm segment orders.csv
  ecrm segment orders.csv --list -o customers.csv
  ecrm segment exports/*.csv --as-of 2026-06-30 --format json

The result is one table, `segments`; with --list it is `customers`.")]
pub struct SegmentArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    thresholds: Thresholds,
    #[command(flatten)]
    engine: ListEngineArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Segments")]
struct Thresholds {
    /// List the customers, one per row, with their segment
    #[arg(long)]
    list: bool,

    /// Just bought: up to N days since the last order [default: 7]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(rules::DAYS_SINCE.signed()))]
    just_bought_days: Option<u32>,

    /// Active: up to N days [default: 90]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(rules::DAYS_SINCE.signed()))]
    active_days: Option<u32>,

    /// Lapsing: up to N days; lost after [default: 365]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(rules::DAYS_SINCE.signed()))]
    lapsing_days: Option<u32>,

    /// Loyal: from N orders [default: 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(rules::LOYAL_ORDERS.signed()))]
    loyal_orders: Option<u32>,

    /// High value: from this net amount, or `mean` for the shop's spend per customer [default: mean]
    #[arg(long, value_name = "AMOUNT")]
    high_value: Option<String>,
}

impl SegmentArgs {
    /// Reads the inputs, assigns the segments, and writes the answer.
    pub fn run(self) -> Result<()> {
        let (asking, question) = self.asked()?;
        self.engine.ask(asking, &question)
    }

    /// The statements that ask an engine the same question.
    pub fn sql(&self, dialect: Dialect) -> Result<Vec<Statement>> {
        let (asking, question) = self.asked()?;
        asking.statements(&question, dialect)
    }

    fn asked(&self) -> Result<(Asking<'_>, Segment)> {
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let params = self.thresholds.resolve(asking.config())?;
        Ok((asking, Segment { params, lists: self.thresholds.list }))
    }
}

impl Thresholds {
    fn resolve(&self, config: &Config) -> Result<SegmentParams> {
        let (file, default) = (&config.segment, SegmentParams::default());
        let high_value = self.high_value.as_ref().or(file.high_value.as_ref());
        let high_value = high_value.map_or(Ok(None), |text| rules::high_value(text))?;
        let params = SegmentParams {
            just_bought_days: self
                .just_bought_days
                .or(file.just_bought_days)
                .unwrap_or(default.just_bought_days),
            active_days: self.active_days.or(file.active_days).unwrap_or(default.active_days),
            lapsing_days: self.lapsing_days.or(file.lapsing_days).unwrap_or(default.lapsing_days),
            loyal_orders: self.loyal_orders.or(file.loyal_orders).unwrap_or(default.loyal_orders),
            high_value,
        };
        let given = [self.just_bought_days, self.active_days, self.lapsing_days];
        let is_from_file = given.iter().all(Option::is_none);
        params.check().map_err(|error| if is_from_file { config.blame(error) } else { error })?;
        Ok(params)
    }
}

/// The thresholds of the configuration.
pub fn params_of(config: &Config) -> Result<SegmentParams> {
    Thresholds::default().resolve(config)
}

//! `ecrm repurchase`.

use clap::Args;

use super::segment;
use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::{Config, rules};
use crate::error::Result;
use crate::metrics::repurchase::{By, RepurchaseParams};
use crate::questions::Repurchase;

/// Whether and when customers order again
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm repurchase orders.csv
  ecrm repurchase orders.csv --table gaps      the usual gaps and the cycle
  ecrm repurchase items.csv --by product       by what the first order held
  ecrm repurchase orders.csv --due -o due.csv  whose next order is due

The tables are `curve` (the main one: how many order again within 30 to 365 days of the first order, with 95 % \
intervals), `gaps` and `rates`; with --due there is one, `due`. --window N follows only those whose first order is in \
the last N days.")]
pub struct RepurchaseArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: RepurchaseQuestion,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Repurchase")]
struct RepurchaseQuestion {
    /// Customers in groups: by the products, the categories or the province of their first order, or by segment
    #[arg(long, value_enum)]
    by: Option<By>,

    /// List when each customer's next order is expected, one per row
    #[arg(long, conflicts_with = "by")]
    due: bool,

    /// The percentile of the gaps between orders that is the churn line [default: 80]
    #[arg(long, value_name = "P", value_parser = clap::value_parser!(u64).range(rules::CHURN_PERCENTILE.unsigned()), conflicts_with = "churn_days")]
    churn_percentile: Option<u64>,

    /// The churn line in days, instead
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(rules::DAYS.signed()))]
    churn_days: Option<u32>,

    /// Days around the expected day in which a customer is due [default: 7]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(rules::DAYS_SINCE.signed()))]
    due_days: Option<u32>,

    /// How many of a customer's own gaps the shop's (or the product's) usual gap weighs as much as [default: 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(rules::WEIGHT.signed()))]
    weight: Option<u32>,
}

impl RepurchaseArgs {
    /// Reads, follows, writes.
    pub fn run(self) -> Result<()> {
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let (question, config) = (&self.question, asking.config());
        let due = question.due.then(|| (question.due_days(config), question.weight(config)));
        let params = question.resolve(config)?;
        asking.ask(&Repurchase { params, due })
    }
}

/// The churn line of the configuration, the days around the expected one and the weight of the usual gap.
pub fn params_of(config: &Config) -> Result<(RepurchaseParams, u32, u32)> {
    let question = RepurchaseQuestion::default();
    Ok((question.resolve(config)?, question.due_days(config), question.weight(config)))
}

impl RepurchaseQuestion {
    fn due_days(&self, config: &Config) -> u32 {
        self.due_days.or(config.repurchase.due_days).unwrap_or(7)
    }

    fn weight(&self, config: &Config) -> u32 {
        self.weight.or(config.repurchase.weight).unwrap_or(2)
    }

    fn resolve(&self, config: &Config) -> Result<RepurchaseParams> {
        let (file, default) = (&config.repurchase, RepurchaseParams::default());
        Ok(RepurchaseParams {
            by: self.by,
            churn_percentile: self
                .churn_percentile
                .or(file.churn_percentile)
                .unwrap_or(default.churn_percentile),
            churn_days: self.churn_days.or(file.churn_days.filter(|_| self.churn_percentile.is_none())),
            segments: segment::params_of(config)?,
        })
    }
}

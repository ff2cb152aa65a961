//! `ecrm repurchase`.

use clap::Args;

use super::on_engine::EngineArgs;
use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use super::{segment, value};
use crate::config::{Config, rules};
use crate::engine::{Dialect, Statement};
use crate::error::Result;
use crate::metrics::repurchase::{By, ChurnRule, RETURN_DAYS};
use crate::metrics::value::WHOLE;
use crate::questions::{Repurchase, Shown};

/// Whether and when customers order again
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm repurchase orders.csv
  ecrm repurchase orders.csv --table gaps      the usual gaps and the cycle
  ecrm repurchase orders.csv --table churn     after which silence customers are lost
  ecrm repurchase items.csv --by product       by what the first order held
  ecrm repurchase orders.csv --ladder          from each order to the next, up to the tenth
  ecrm repurchase orders.csv --due -o due.csv  whose next order is due
  ecrm repurchase orders.csv --due --holdout 90 --table holdout   what came of such a list 90 days ago

The tables are `curve` (the main one: how many order again within 30 to 365 days of the first order, with 95 % \
intervals), `gaps`, `churn` (not with --by segment) and `rates`; with --ladder there is one, `ladder`; with --due it is \
`due`, and with --holdout `holdout` beside it. The churn line is the silence after which fewer than 10 % come back \
within 90 days (return_chance and return_days of [repurchase] in ecrm.toml). --window N follows only those whose first \
order is in the last N days.")]
pub struct RepurchaseArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: RepurchaseQuestion,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Repurchase")]
struct RepurchaseQuestion {
    /// Customers in groups: by what their first order was, or by their segment 180 days before as-of, watched from then
    #[arg(long, value_enum)]
    by: Option<By>,

    /// From each order day to the next, up to the tenth: how many order again, how soon, for how much
    #[arg(long, conflicts_with_all = ["by", "churn_percentile", "churn_days"])]
    ladder: bool,

    /// List when each customer's next order is expected, one per row
    #[arg(long, conflicts_with_all = ["by", "ladder"])]
    due: bool,

    /// Beside the list, what came of the one of N days ago, made of what was known then
    #[arg(long, value_name = "N", requires = "due", value_parser = clap::value_parser!(u32).range(rules::DAYS.signed()))]
    holdout: Option<u32>,

    /// The churn line as a percentile of the gaps between orders, instead of by the chance of return
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
    /// Reads the inputs, follows the customers from order to order, and writes the answer.
    pub fn run(self) -> Result<()> {
        let (asking, question) = self.asked()?;
        self.engine.ask(asking, &question)
    }

    /// The statements that ask an engine the same question.
    pub fn sql(&self, dialect: Dialect) -> Result<Vec<Statement>> {
        let (asking, question) = self.asked()?;
        asking.statements(&question, dialect)
    }

    fn asked(&self) -> Result<(Asking<'_>, Repurchase)> {
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let (question, config) = (&self.question, asking.config());
        let show = match question {
            RepurchaseQuestion { due: true, holdout, .. } => Shown::Due {
                due_days: question.due_days(config),
                weight: question.weight(config),
                holdout: *holdout,
            },
            RepurchaseQuestion { ladder: true, .. } => Shown::Ladder,
            RepurchaseQuestion { by, .. } => Shown::Curve(*by),
        };
        let asked = Repurchase {
            show,
            churn: question.churn(config)?,
            segments: segment::params_of(config)?,
            value: value::params_of(config)?,
        };
        Ok((asking, asked))
    }
}

/// From the configuration: the churn line, the days around the expected day, and the weight of the usual gap.
pub fn params_of(config: &Config) -> Result<(ChurnRule, u32, u32)> {
    let question = RepurchaseQuestion::default();
    Ok((question.churn(config)?, question.due_days(config), question.weight(config)))
}

impl RepurchaseQuestion {
    fn due_days(&self, config: &Config) -> u32 {
        self.due_days.or(config.repurchase.due_days).unwrap_or(7)
    }

    fn weight(&self, config: &Config) -> u32 {
        self.weight.or(config.repurchase.weight).unwrap_or(2)
    }

    /// The churn line from the flags, else from the configuration: days come before a percentile, and that before the
    /// chance of return.
    fn churn(&self, config: &Config) -> Result<ChurnRule> {
        let file = &config.repurchase;
        let said = |days: Option<u32>, percentile: Option<u64>| {
            days.map(ChurnRule::Days).or(percentile.map(ChurnRule::Percentile))
        };
        let said_so = said(self.churn_days, self.churn_percentile)
            .or_else(|| said(file.churn_days, file.churn_percentile));
        if let Some(rule) = said_so {
            return Ok(rule);
        }
        let chance = file.return_chance.as_deref().map_or(Ok(DEFAULT_CHANCE), rules::share)?;
        let days = file.return_days.unwrap_or(RETURN_DAYS);
        Ok(ChurnRule::Chance { chance: f64::from(chance) / f64::from(WHOLE), days })
    }
}

/// The default chance of return below which a customer counts as lost: a tenth.
const DEFAULT_CHANCE: u32 = WHOLE / 10;

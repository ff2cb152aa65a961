//! `ecrm interest`.

use clap::Args;

use super::on_engine::EngineArgs;
use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::{Config, rules};
use crate::engine::{Dialect, Statement};
use crate::error::Result;
use crate::metrics::interest::{By, CONVERSION_DAYS, DISCOUNT_DAYS, PERIODS};
use crate::questions::Interest;

/// Who is interested: customers who made the shop or an item a favourite or put one into the cart
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm interest events.csv
  ecrm interest events.csv orders.csv              who of them buys
  ecrm interest events.csv --by source --days 7
  ecrm interest events.csv orders.csv --list -o interested.csv

A customer counts as converted with a valid order after the interest, or, where no file holds orders, with a purchase \
event. Periods end with as-of. The result is one table, `interest`, or `customers` with --list.")]
pub struct InterestArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: InterestQuestion,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Interest")]
struct InterestQuestion {
    /// Lengths of the periods in days; --window N is the same as one of N [default: 1,7,30; with --by and --list 30]
    #[arg(long, value_name = "N,N…", value_delimiter = ',', conflicts_with = "window", value_parser = clap::value_parser!(u32).range(rules::DAYS.signed()))]
    days: Vec<u32>,

    /// A row per day of the period, or per source, category or province of the events
    #[arg(long, value_enum)]
    by: Option<By>,

    /// List the customers of the longest period, one per row
    #[arg(long, conflicts_with = "by")]
    list: bool,

    /// Leave out the events of a source, such as a tool that collects favourites
    #[arg(long, value_name = "SOURCE")]
    exclude_source: Vec<String>,

    /// Days after which an interest is too old for a discount to help [default: 7]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(rules::DAYS_SINCE.signed()))]
    discount_days: Option<u32>,

    /// Days since the first interest within which conversions are compared, as conversion_7d_rate [default: 7]
    #[arg(long, value_name = "N", conflicts_with = "list", value_parser = clap::value_parser!(u32).range(rules::DAYS.signed()))]
    conversion_days: Option<u32>,
}

impl InterestArgs {
    /// Reads the inputs, counts the interested customers, and writes the answer.
    pub fn run(self) -> Result<()> {
        let (asking, question) = self.asked()?;
        self.engine.ask(asking.without_sources(&self.question.exclude_source), &question)
    }

    /// The statements that ask an engine the same question.
    pub fn sql(&self, dialect: Dialect) -> Result<Vec<Statement>> {
        let (asking, question) = self.asked()?;
        asking.statements(&question, dialect)
    }

    fn asked(&self) -> Result<(Asking<'_>, Interest)> {
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let question = self.question.asked(self.scope.window, asking.config());
        Ok((asking, question))
    }
}

/// The question as the configuration describes it, or for a window.
pub fn question_of(config: &Config, window: Option<u32>) -> Interest {
    InterestQuestion::default().asked(window, config)
}

impl InterestQuestion {
    /// Combines the flags with the configuration; flags come first.
    fn asked(&self, window: Option<u32>, config: &Config) -> Interest {
        let file = &config.interest;
        Interest {
            periods: self.periods(window, config),
            by: self.by,
            lists: self.list,
            discount_days: self.discount_days.or(file.discount_days).unwrap_or(DISCOUNT_DAYS),
            conversion_days: self.conversion_days.or(file.conversion_days).unwrap_or(CONVERSION_DAYS),
            excluded_sources: [file.exclude_source.as_slice(), &self.exclude_source].concat(),
        }
    }

    /// The periods: from `--days` or `--window`, else from the configuration for interests, else from its window.
    fn periods(&self, window: Option<u32>, config: &Config) -> Vec<u32> {
        let flags = Some(self.days.clone()).filter(|days| !days.is_empty()).or(window.map(|days| vec![days]));
        let given = flags.or_else(|| config.interest.days.clone());
        let usual = if self.by.is_some() || self.list { &PERIODS[PERIODS.len() - 1..] } else { &PERIODS[..] };
        let mut periods =
            given.or_else(|| config.scope.window.map(|days| vec![days])).unwrap_or_else(|| usual.to_vec());
        periods.sort_unstable();
        periods.dedup();
        periods
    }
}

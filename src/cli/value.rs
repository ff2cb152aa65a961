//! `ecrm value`.

use clap::Args;

use super::on_engine::EngineArgs;
use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::{Config, rules};
use crate::engine::{Dialect, Statement};
use crate::error::Result;
use crate::metrics::value::ValueParams;
use crate::questions::Value;

/// Who carries the shop: core, potential and mass customers, concentration, and who buys only on promotion
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm value orders.csv
  ecrm value orders.csv --window 365 --list -o value.csv
  ecrm value orders.csv --map cost=Cost     by margin instead of net amount

Core customers make the first 80 % of the net amount, potential ones the next 15 %, mass customers the rest. The tables \
are `classes` (the main one), `concentration` and `lorenz`; with --list there is one, `customers`.")]
pub struct ValueArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: ValueQuestion,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Value")]
struct ValueQuestion {
    /// List the customers, one per row
    #[arg(long)]
    list: bool,

    /// Core customers make the first so much of the whole, 0.8 or 80% [default: 0.8]
    #[arg(long, value_name = "SHARE")]
    core: Option<String>,

    /// Potential customers make it up to so much [default: 0.95]
    #[arg(long, value_name = "SHARE")]
    potential: Option<String>,

    /// A discount of at least so much of the price is deep [default: 0.3]
    #[arg(long, value_name = "SHARE")]
    deep_discount: Option<String>,
}

impl ValueArgs {
    /// Reads the inputs, ranks the customers by value, and writes the answer.
    pub fn run(self) -> Result<()> {
        let (asking, question) = self.asked()?;
        self.engine.ask(asking, &question)
    }

    /// The statements that answer the question on another engine.
    pub fn sql(&self, dialect: Dialect) -> Result<Vec<Statement>> {
        let (asking, question) = self.asked()?;
        asking.statements(&question, dialect)
    }

    fn asked(&self) -> Result<(Asking<'_>, Value)> {
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let params = self.question.resolve(asking.config())?;
        Ok((asking, Value { params, lists: self.question.list }))
    }
}

/// The class limits of the configuration.
pub fn params_of(config: &Config) -> Result<ValueParams> {
    ValueQuestion::default().resolve(config)
}

impl ValueQuestion {
    fn resolve(&self, config: &Config) -> Result<ValueParams> {
        let (file, default) = (&config.value, ValueParams::default());
        let share = |flag: &Option<String>, own: &Option<String>, default: u32| {
            flag.as_ref().or(own.as_ref()).map_or(Ok(default), |text| rules::share(text))
        };
        let params = ValueParams {
            core: share(&self.core, &file.core, default.core)?,
            potential: share(&self.potential, &file.potential, default.potential)?,
            deep_discount: share(&self.deep_discount, &file.deep_discount, default.deep_discount)?,
        };
        let is_from_file = self.core.is_none() && self.potential.is_none();
        params.check().map_err(|error| if is_from_file { config.blame(error) } else { error })?;
        Ok(params)
    }
}

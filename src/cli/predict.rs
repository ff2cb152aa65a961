//! `ecrm predict`.

use clap::Args;

use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::{Config, rules};
use crate::error::Result;
use crate::metrics::predict::{ModelName, PredictParams};
use crate::questions::Predict;

/// Who will buy again: the chance that each customer is still active, expected orders and spend (LTV)
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm predict orders.csv
  ecrm predict orders.csv --horizon 180 -o predict.csv
  ecrm predict orders.csv --table summary      the shop's total, and what a new customer is worth
  ecrm predict orders.csv --holdout 90 --table holdout   how good it would have been 90 days ago
  ecrm customers orders.csv --columns p_alive,expected_spend --where \"p_alive > 0.5\"

The tables are `customers` (the main one, most valuable first), `summary` and `model`; with --holdout DAYS there are \
`holdout` and `calibration` too. `ecrm define predict` says what they rest on.")]
pub struct PredictArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: PredictQuestion,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Predict")]
struct PredictQuestion {
    /// Days ahead [default: 90]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(rules::HORIZON.signed()))]
    horizon: Option<u32>,

    /// How customers are taken to buy and to stop [default: mbg-nbd]
    #[arg(long, value_enum)]
    model: Option<ModelName>,

    /// Hold the forecast of so many days before as-of against what came
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(rules::HORIZON.signed()))]
    holdout: Option<u32>,
}

impl PredictArgs {
    /// Reads the inputs, computes the forecast, and writes it.
    pub fn run(self) -> Result<()> {
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let params = self.question.resolve(asking.config());
        let holdout = self.question.holdout;
        // Without a hold-out, two of the tables do not exist.
        let tables = if holdout.is_some() { &Predict::TABLES[..] } else { &Predict::TABLES[..3] };
        asking.of_tables(tables).ask(&Predict { params, holdout })
    }
}

/// The model and the horizon of the configuration.
pub fn params_of(config: &Config) -> PredictParams {
    PredictQuestion::default().resolve(config)
}

impl PredictQuestion {
    fn resolve(&self, config: &Config) -> PredictParams {
        let (file, default) = (&config.predict, PredictParams::default());
        PredictParams {
            horizon: self.horizon.or(file.horizon).unwrap_or(default.horizon),
            model: self.model.or(file.model).unwrap_or(default.model),
        }
    }
}

//! `ecrm profile`.

use clap::Args;

use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::{Config, rules};
use crate::error::Result;
use crate::metrics::profile::{Of, PRICE_BANDS};
use crate::questions::Profile;
use crate::schema::Micros;

/// What kind of people customers are: age, gender, level, source, place, when and how they buy
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm profile orders.csv customers.csv
  ecrm profile exports/* --of interest --window 30    of the last 30 days
  ecrm profile orders.csv --table hours               by weekday and hour
  ecrm profile exports/* --table decision             how long customers take to decide
  ecrm profile orders.csv --price-bands 100,500,2000

The tables are `profile` (the main one), `hours`, the orders (for interest and scans the events) by weekday and \
hour, on a terminal a heat map, and `decision`: how long orders wait for their payment, by what they cost, and how long \
before the order its products were looked at first, by category.")]
pub struct ProfileArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: ProfileQuestion,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Portrait")]
struct ProfileQuestion {
    /// Whose portrait
    #[arg(long, value_enum, default_value_t)]
    of: Of,

    /// The limits of the price bands, ascending [default: 50,100,200,500,1000]
    #[arg(long, value_name = "AMOUNT,…", value_delimiter = ',')]
    price_bands: Vec<String>,
}

impl ProfileArgs {
    /// Reads the inputs, counts the customers by their attributes, and writes the answer.
    pub fn run(self) -> Result<()> {
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let bands = self.question.bands(asking.config())?;
        let times_decisions = asking.shows(Profile::TABLES[0], "decision");
        asking.of_tables(&Profile::TABLES).ask(&Profile { of: self.question.of, bands, times_decisions })
    }
}

/// The price bands of the configuration.
pub fn question_of(config: &Config) -> Result<Profile> {
    let question = ProfileQuestion::default();
    Ok(Profile { of: question.of, bands: question.bands(config)?, times_decisions: false })
}

impl ProfileQuestion {
    fn bands(&self, config: &Config) -> Result<Vec<Micros>> {
        let given = match (self.price_bands.is_empty(), config.profile.price_bands.as_ref()) {
            (false, _) => self.price_bands.clone(),
            (true, Some(own)) => own.clone(),
            (true, None) => PRICE_BANDS.map(str::to_owned).to_vec(),
        };
        rules::price_bands(&given)
    }
}

//! `ecrm profile`.

use clap::Args;
use serde_json::{Map, json};

use super::refusal;
use super::session::{Answer, Basis, Question, Session};
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::{Config, rules};
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::profile::{Of, PRICE_BANDS, profile};
use crate::present::{Grid, Kind, Look, Spec, Table};
use crate::schema::{self, Wants, names};

/// What kind of people customers are: age, gender, level, source, place, when and how they buy
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm profile orders.csv customers.csv
  ecrm profile exports/* --of interest --window 30    of the last 30 days
  ecrm profile orders.csv --table hours               by weekday and hour
  ecrm profile orders.csv --price-bands 100,500,2000

The tables are `profile` (the main one) and `hours`, the orders (for interest and scans the events) by weekday and \
hour, on a terminal a heat map.")]
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

#[derive(Debug, Args)]
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
    /// Reads, counts, writes.
    pub fn run(self) -> Result<()> {
        use schema::Table::{Customers, Events, Orders};
        let of = self.question.of;
        let needed = match of {
            Of::All => vec![Orders, Events, Customers],
            Of::Interest | Of::Scan => vec![Events],
            Of::Converted => vec![Orders],
        };
        let question = Question {
            name: "profile",
            input: &self.input,
            wants: Wants {
                regions: true,
                extras: true,
                details: true,
                tables: vec![Events, Customers],
                ..Wants::default()
            },
        };
        let mut session = Session::open(question, &self.scope, &self.output)?;
        let bands = self.question.bands(&session.config)?;
        let mut ingested = session.read(&needed)?;
        let scope = session.settled(&mut ingested, &[])?;
        if ingested.events.is_none() && ingested.customers.is_none() {
            refusal::require_customers(&ingested, "profile")?;
        }
        let shop = ingested.shop();
        let portrait = profile(&shop, &scope, of, &bands, ingested.accounting.clone())?;
        let mut notes = Vec::new();
        if portrait.customer_count > 0 && !portrait.unknown.is_empty() {
            let locale = session.spoken();
            let unknown: Vec<&str> =
                portrait.unknown.iter().map(|name| locale.get("dimension", name)).collect();
            let list = unknown.join(locale.get("text", "separator"));
            notes.push(Remark::new("unknown_dimensions").with("dimensions", list));
        }
        let basis = Basis {
            as_of: scope.as_of,
            window: scope.window,
            customer_count: portrait.customer_count,
            order_count: portrait.order_count,
            accounting: portrait.accounting,
            ids_are_personal: ingested.orders.ids_are_personal,
        };
        let hours = Table::new("hours", "hours", hour_columns(of), portrait.hours).with_grid(Grid {
            row: names::WEEKDAY,
            column: names::HOUR,
            value: of.counted(),
            beside: None,
            look: Look::Shades,
        });
        let answer = Answer {
            tables: vec![Table::new("profile", "groups", columns(), portrait.frame).with_rows(60), hours],
            parameters: Map::from_iter([("of".to_owned(), json!(of))]),
            notes,
            ..Answer::default()
        };
        session.write(&ingested.sources, basis, answer)
    }
}

impl ProfileQuestion {
    /// The limits in micro-units.
    fn bands(&self, config: &Config) -> Result<Vec<i64>> {
        let given = match (self.price_bands.is_empty(), config.profile.price_bands.as_ref()) {
            (false, _) => self.price_bands.clone(),
            (true, Some(own)) => own.clone(),
            (true, None) => PRICE_BANDS.map(str::to_owned).to_vec(),
        };
        rules::price_bands(&given)
    }
}

fn columns() -> Vec<Spec> {
    vec![
        Spec::new(names::DIMENSION, Kind::Label("dimension"), 0),
        Spec::new(names::KEY, Kind::LabelOr("profile_key"), 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_SHARE, Kind::Bar, 0),
        Spec::new(names::ORDER_COUNT, Kind::Count, 1),
        Spec::new(names::NET_AMOUNT, Kind::Amount, 2),
    ]
}

fn hour_columns(of: Of) -> Vec<Spec> {
    vec![
        Spec::new(names::WEEKDAY, Kind::Label("weekday"), 0),
        Spec::new(names::HOUR, Kind::Count, 0),
        Spec::new(of.counted(), Kind::Count, 0),
    ]
}

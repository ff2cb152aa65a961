//! `ecrm region`.

use clap::Args;
use serde_json::{Map, json};

use super::session::{Answer, Basis, Question, Session};
use super::shared::{CustomerArgs, InputArgs, OutputArgs, ScopeArgs};
use crate::error::Result;
use crate::ingest::{Ingested, Wants, customer_hint};
use crate::metrics::region::{Level, known_level, region};
use crate::present::{Kind, Spec, Table};
use crate::schema::names;

/// Where orders go: orders, customers and amounts by province, city or country
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm region orders.csv
  ecrm region orders.csv --level city --window 365
  ecrm region report.csv --format csv            without buyers too

Provinces and cities of China come to one short form (广东, 深圳), whatever they were written as; other
countries' names stay as they are. The result is one table, `regions`.")]
pub struct RegionArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    customers: CustomerArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    places: PlaceArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Places")]
struct PlaceArgs {
    /// How finely places are told apart [default: province, or country where no province is known]
    #[arg(long, value_enum)]
    level: Option<Level>,
}

impl RegionArgs {
    /// Reads, groups, writes.
    pub fn run(self) -> Result<()> {
        let mut session = Session::open(
            Question {
                name: "region",
                input: &self.input,
                customers: &self.customers.customers,
                wants: Wants { regions: true, ..Wants::default() },
            },
            &self.scope,
            &self.output,
        )?;
        let Ingested { orders, accounting, sources, .. } = session.read()?;
        let asked = self.places.level.or(session.config.region.level);
        let level = asked.unwrap_or_else(|| known_level(&orders.regions, Level::Province));
        let regions = region(&orders, session.scope(), level, accounting)?;
        let mut notes = Vec::new();
        if !orders.has_region_column {
            notes.push(
                "no column says where orders went; --map province=HEADER names one, or --map address=HEADER for free text"
                    .to_owned(),
            );
        }
        if regions.customer_count == 0 && regions.order_count > 0 {
            notes.push(format!(
                "nobody is known among the buyers, so customer_count, spend_per_customer and repeat_rate are empty: {}",
                customer_hint(&sources).en
            ));
        }
        let basis = Basis {
            as_of: regions.as_of,
            customer_count: regions.customer_count,
            order_count: regions.order_count,
            accounting: regions.accounting,
            ids_are_personal: orders.ids_are_personal,
        };
        let name = match level {
            Level::Country => "country",
            Level::Province => "province",
            Level::City => "city",
        };
        let table = Table { name: "regions", row: "regions", columns: columns(level), frame: regions.frame };
        let answer = Answer {
            tables: vec![table],
            parameters: Map::from_iter([("level".to_owned(), json!(name))]),
            details: Map::new(),
            titles: Vec::new(),
            notes,
        };
        session.write(&sources, basis, answer)
    }
}

fn columns(level: Level) -> Vec<Spec> {
    let mut columns =
        vec![Spec::new(names::COUNTRY, Kind::Place, if level == Level::Country { 0 } else { 6 })];
    if level >= Level::Province {
        columns.push(Spec::new(names::PROVINCE, Kind::Place, 0));
    }
    if level >= Level::City {
        columns.push(Spec::new(names::CITY, Kind::Place, 0));
    }
    columns.extend([
        Spec::new(names::ORDER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 2),
        Spec::new(names::NET_AMOUNT, Kind::Amount, 0),
        Spec::new(names::SHARE, Kind::Bar, 1),
        Spec::new(names::AOV, Kind::Amount, 5),
        Spec::new(names::SPEND_PER_CUSTOMER, Kind::Amount, 4),
        Spec::new(names::REPEAT_RATE, Kind::Share, 3),
    ]);
    columns
}

//! `ecrm region`.

use clap::Args;
use serde_json::{Map, json};

use super::session::{Answer, Basis, Question, Session};
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::Scope;
use crate::metrics::region::{By, INTEREST_DAYS, Level, quotients, region, usual_level};
use crate::parse::customer_hint;
use crate::present::{Kind, Spec, Table};
use crate::reading::Ingested;
use crate::schema::{self, Wants, money, names};

/// Where orders go: orders, customers and amounts by province, city or country
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm region orders.csv
  ecrm region orders.csv --level city --window 365
  ecrm region orders.csv events.csv       where interest becomes orders
  ecrm region items.csv --by category     what each region buys more of
  ecrm region report.csv --format csv     without buyers too

Provinces and cities of China come to one short form (广东, 深圳), whatever they were written as; other \
countries' names stay as they are. With events there is a conversion rate for the interest of the last 30 days (or of \
--window). The result is one table, `regions`, or `quotients` with --by.")]
pub struct RegionArgs {
    #[command(flatten)]
    input: InputArgs,
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
    /// How finely places are told apart [default: province, or country where most provinces are not known]
    #[arg(long, value_enum)]
    level: Option<Level>,

    /// Compare regions by what their orders hold, or by the month of the year, with location quotients
    #[arg(long, value_enum)]
    by: Option<By>,
}

impl PlaceArgs {
    fn wants(&self) -> Wants {
        use schema::Table::{Customers, Events, OrderItems};
        let base = Wants { regions: true, details: true, ..Wants::default() };
        match self.by {
            Some(By::Category) => Wants { items: true, tables: vec![OrderItems], ..base },
            Some(By::Month) => Wants { details: false, ..base },
            None => Wants { extras: true, tables: vec![Events, Customers], ..base },
        }
    }
}

impl RegionArgs {
    /// Reads, groups, writes.
    pub fn run(self) -> Result<()> {
        let question = Question { name: "region", input: &self.input, wants: self.places.wants() };
        let mut session = Session::open(question, &self.scope, &self.output)?;
        if session.has_one_input() {
            // Times of day are for what came first, an interest or an order.
            session.spare_extras();
        }
        let mut ingested = session.read(&[schema::Table::Orders])?;
        let scope = session.settled(&mut ingested, &[])?;
        let asked = self.places.level.or(session.config.region.level);
        let level = asked.map_or_else(|| usual_level(&ingested.orders), Ok)?;
        let (table, basis, notes) = match self.places.by {
            None => regions_of(&ingested, &scope, level)?,
            Some(by) => quotients_of(&ingested, &scope, level, by)?,
        };
        let mut parameters = Map::from_iter([("level".to_owned(), json!(level))]);
        if let Some(by) = self.places.by {
            parameters.insert("by".to_owned(), json!(by));
        } else if ingested.events.is_some() {
            parameters.insert("interest_days".to_owned(), json!(scope.window.unwrap_or(INTEREST_DAYS)));
        }
        let answer = Answer { tables: vec![table], parameters, notes, ..Answer::default() };
        session.write(&ingested.sources, basis, answer)
    }
}

fn regions_of(ingested: &Ingested, scope: &Scope, level: Level) -> Result<(Table, Basis, Vec<Remark>)> {
    let shop = ingested.shop();
    let regions = region(&shop, scope, level, ingested.accounting.clone())?;
    let mut notes = Vec::new();
    notes.extend(no_places(ingested));
    if regions.customer_count == 0 && regions.order_count > 0 {
        notes.push(Remark::new("no_buyers").with("hint", customer_hint(&ingested.sources)));
    }
    notes.extend(net_without_buyers(regions.net_without_buyers));
    let table = Table::new("regions", "regions", columns(level, shop.events.is_some()), regions.frame);
    let basis = Basis {
        as_of: scope.as_of,
        window: scope.window,
        customer_count: regions.customer_count,
        order_count: regions.order_count,
        accounting: regions.accounting,
        ids_are_personal: ingested.orders.ids_are_personal,
    };
    Ok((table, basis, notes))
}

fn quotients_of(
    ingested: &Ingested,
    scope: &Scope,
    level: Level,
    by: By,
) -> Result<(Table, Basis, Vec<Remark>)> {
    let compared = quotients(&ingested.orders, scope, level, by, ingested.accounting.clone())?;
    let mut notes = Vec::new();
    notes.extend(no_places(ingested));
    let has_categories = ingested.orders.items.products.iter().any(|product| !product.category.is_empty());
    if by == By::Category && !has_categories {
        notes.push(Remark::new("no_categories"));
    }
    let table = Table::new("quotients", "quotients", quotient_columns(level, by), compared.frame);
    let basis = Basis {
        as_of: scope.as_of,
        window: scope.window,
        customer_count: compared.customer_count,
        order_count: compared.order_count,
        accounting: compared.accounting,
        ids_are_personal: ingested.orders.ids_are_personal,
    };
    Ok((table, basis, notes))
}

/// What the shop's net amount has in it beyond that of its customers.
pub fn net_without_buyers(micros: Option<i128>) -> Option<Remark> {
    let micros = micros.filter(|micros| *micros != 0)?;
    Some(Remark::new("net_without_buyers").with("amount", money::plain(micros)))
}

fn no_places(ingested: &Ingested) -> Option<Remark> {
    (!ingested.orders.has_region_column).then(|| Remark::new("no_place_column"))
}

fn place_columns(level: Level) -> Vec<Spec> {
    let mut columns =
        vec![Spec::new(names::COUNTRY, Kind::Named, if level == Level::Country { 0 } else { 9 })];
    if level >= Level::Province {
        columns.push(Spec::new(names::PROVINCE, Kind::Named, 0));
    }
    if level >= Level::City {
        columns.push(Spec::new(names::CITY, Kind::Named, 0));
    }
    columns
}

fn columns(level: Level, has_events: bool) -> Vec<Spec> {
    let mut columns = place_columns(level);
    columns.extend([
        Spec::new(names::ORDER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 2),
        Spec::new(names::NET_AMOUNT, Kind::Amount, 0),
        Spec::new(names::SHARE, Kind::Bar, 1),
        Spec::new(names::AOV, Kind::Amount, 8),
        Spec::new(names::SPEND_PER_CUSTOMER, Kind::Amount, 7),
        Spec::new(names::REPEAT_RATE, Kind::Share, 3),
    ]);
    if has_events {
        columns.extend([
            Spec::new(names::INTEREST_CUSTOMER_COUNT, Kind::Count, 4),
            Spec::new(names::CONVERTED_COUNT, Kind::Count, 6),
            Spec::new(names::CONVERSION_RATE, Kind::Share, 0),
            Spec::new(names::CONVERSION_INDEX, Kind::Number, 5),
        ]);
    }
    columns
}

fn quotient_columns(level: Level, by: By) -> Vec<Spec> {
    let mut columns = place_columns(level);
    columns.push(match by {
        By::Category => Spec::new(names::CATEGORY, Kind::Named, 0),
        By::Month => Spec::new(names::MONTH, Kind::Count, 0),
    });
    columns.extend([
        Spec::new(names::ORDER_COUNT, Kind::Count, 0),
        Spec::new(names::REGION_ORDER_COUNT, Kind::Count, 3),
        Spec::new(names::REGION_SHARE, Kind::Share, 1),
        Spec::new(names::SHOP_SHARE, Kind::Share, 2),
        Spec::new(names::LOCATION_QUOTIENT, Kind::Number, 0),
        Spec::new(names::IS_RELIABLE, Kind::Flag, 0),
    ]);
    columns
}

//! Where orders were sent.

use serde_json::{Map, json};

use super::{About, Answer, Asked, Question, net_without_buyers};
use crate::answer::{Chart, Kind, Spec, Table};
use crate::error::Result;
use crate::locale::{Remark, Words};
use crate::metrics::Scope;
use crate::metrics::region::{
    By, INTEREST_DAYS, Level, Regions, quotients, region, region_of_orders, usual_level,
};
use crate::parse::customer_hint;
use crate::reading::Ingested;
use crate::schema::Table::{Customers, Events, OrderItems};
use crate::schema::{Orders, RowParts, Wants, names, ranges};

/// Figures of regions, or what each region buys more of than others.
#[derive(Debug)]
pub struct Region {
    /// How finely places are distinguished; `None` takes the usual level for the places in the orders.
    pub level: Option<Level>,
    /// Whether the shares of regions are compared by category or by month; `None` asks for the figures of regions.
    pub by: Option<By>,
}

impl Question for Region {
    const ABOUT: About = About {
        needs_people: false,
        needs_places: true,
        ..About::of_buyers("region").writing(&["regions", "quotients"])
    };

    fn wants(&self) -> Wants {
        let base = Wants { regions: true, details: true, ..Wants::default() };
        match self.by {
            Some(By::Category) => Wants { items: true, tables: vec![OrderItems], ..base },
            Some(By::Month) => Wants { details: false, ..base },
            None => Wants { extras: true, tables: vec![Events, Customers], ..base },
        }
    }

    fn wants_of_one_table(&self) -> Option<Wants> {
        // The time of day only decides whether an interest or an order of the same day came first.
        Some(Wants { extras: false, ..self.wants() })
    }

    fn takes_orders_as_they_came(&self, read: &Ingested<RowParts>) -> bool {
        // With events, the conversion of interests is counted where each customer ordered last, for which orders have
        // to be sorted. With customer lists, where a customer lives may tell the country of an order's province.
        self.by.is_none() && read.frames.events.is_none() && read.frames.customers.is_none()
    }

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        let Asked { read, came, scope, .. } = asked;
        let usual = || came.as_ref().map_or_else(|| usual_level(&read.orders), usual_level);
        let level = self.level.map_or_else(usual, Ok)?;
        let answer = match (self.by, &came) {
            (None, Some(orders)) => {
                let regions = region_of_orders(orders, &scope, level, read.accounting.clone())?;
                regions_of(regions, level, Inputs::of(&read, orders))
            }
            (None, None) => {
                let regions = region(&read.shop(), &scope, level, read.accounting.clone())?;
                regions_of(regions, level, Inputs::of(&read, &read.orders))
            }
            (Some(by), _) => quotients_of(&read, &scope, level, by)?,
        };
        Ok(self.with_parameters(answer, level, read.frames.events.is_some(), &scope))
    }
}

/// What the charts and remarks about regions depend on.
#[derive(Debug)]
pub struct Inputs {
    /// Whether any input has events.
    pub has_events: bool,
    /// Whether there is a column with the places that orders were sent to.
    pub has_region_column: bool,
    /// Whether no input has the amounts of orders.
    pub lacks_amounts: bool,
    /// Why the inputs may have no customers, as a hint for the user.
    pub hint: Words,
}

impl Inputs {
    fn of<P>(read: &Ingested, orders: &Orders<P>) -> Self {
        Self {
            has_events: read.frames.events.is_some(),
            has_region_column: orders.has_region_column,
            lacks_amounts: orders.lacks_amounts,
            hint: customer_hint(&read.sources),
        }
    }
}

impl Region {
    /// The answer for regions from orders alone, whether ecrm or an engine computed them.
    pub fn of_orders(&self, regions: Regions, level: Level, inputs: Inputs, scope: &Scope) -> Answer {
        let has_events = inputs.has_events;
        self.with_parameters(regions_of(regions, level, inputs), level, has_events, scope)
    }

    /// Adds the parameters, and a remark if places are not distinguished by province and the user did not ask for that.
    fn with_parameters(&self, mut answer: Answer, level: Level, has_events: bool, scope: &Scope) -> Answer {
        answer.notes.extend(note_of_level(level).filter(|_| self.level.is_none()));
        let mut parameters = Map::from_iter([("level".to_owned(), json!(level))]);
        if let Some(by) = self.by {
            parameters.insert("by".to_owned(), json!(by));
        } else if has_events {
            parameters.insert("interest_days".to_owned(), json!(scope.window.unwrap_or(INTEREST_DAYS)));
        }
        Answer { parameters, as_of: scope.known_day(), window: scope.window, ..answer }
    }
}

/// The remark that places are distinguished by country or by city instead of by province.
fn note_of_level(level: Level) -> Option<Remark> {
    match level {
        Level::Country => Some(Remark::new("by_country")),
        Level::Province => None,
        Level::City => Some(Remark::new("by_city")),
    }
}

fn regions_of(regions: Regions, level: Level, inputs: Inputs) -> Answer {
    let Inputs { has_events, has_region_column, lacks_amounts, hint } = inputs;
    let mut notes = Vec::new();
    notes.extend(no_places(has_region_column));
    if regions.customer_count == 0 && regions.order_count > 0 {
        notes.push(Remark::new("no_buyers").with("hint", hint));
    }
    notes.extend(net_without_buyers(regions.net_without_buyers));
    let table = Table::new("regions", "regions", columns(level, has_events), regions.frame);
    let label = labels(level);
    // The rows are sorted by net amount, or by the number of orders if no input has amounts.
    let bars = match lacks_amounts {
        true => Chart::Bars { label, value: names::ORDER_COUNT, beside: None },
        false => Chart::Bars { label, value: names::NET_AMOUNT, beside: Some(names::SHARE) },
    };
    let mut table = table.with_chart(bars);
    if has_events {
        table = table.with_chart(Chart::Index { label, value: names::CONVERSION_INDEX });
    }
    Answer {
        tables: vec![table],
        notes,
        customer_count: regions.customer_count,
        order_count: regions.order_count,
        accounting: regions.accounting,
        ..Answer::default()
    }
}

fn quotients_of(read: &Ingested, scope: &Scope, level: Level, by: By) -> Result<Answer> {
    let compared = quotients(&read.orders, scope, level, by, read.accounting.clone())?;
    let mut notes = Vec::new();
    notes.extend(no_places(read.orders.has_region_column));
    let has_categories = read.orders.items.products.iter().any(|product| !product.category.is_empty());
    if by == By::Category && !has_categories {
        notes.push(Remark::new("no_categories"));
    }
    Ok(Answer {
        tables: vec![Table::new("quotients", "quotients", quotient_columns(level, by), compared.frame)],
        notes,
        customer_count: compared.customer_count,
        order_count: compared.order_count,
        accounting: compared.accounting,
        ..Answer::default()
    })
}

fn no_places(has_region_column: bool) -> Option<Remark> {
    (!has_region_column).then(|| Remark::new("no_place_column"))
}

/// The columns that label a region in a chart.
fn labels(level: Level) -> &'static [&'static str] {
    match level {
        Level::Country => &[names::COUNTRY],
        Level::Province => &[names::PROVINCE],
        Level::City => &[names::PROVINCE, names::CITY],
    }
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
    ]);
    columns.extend(Spec::ranged(ranges::REPEAT_RATE, Kind::Share, 3));
    columns.push(Spec::new(names::IS_RELIABLE, Kind::Flag, 9));
    if has_events {
        columns.extend([
            Spec::new(names::INTEREST_CUSTOMER_COUNT, Kind::Count, 4),
            Spec::new(names::CONVERTED_COUNT, Kind::Count, 6),
        ]);
        columns.extend(Spec::ranged(ranges::CONVERSION_RATE, Kind::Share, 0));
        columns.extend(Spec::ranged(ranges::CONVERSION_INDEX, Kind::Number, 5));
        columns.push(Spec::new(names::IS_INDEX_RELIABLE, Kind::Flag, 5));
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
    ]);
    columns.extend(Spec::ranged(ranges::LOCATION_QUOTIENT, Kind::Number, 0));
    columns.push(Spec::new(names::IS_RELIABLE, Kind::Flag, 0));
    columns
}

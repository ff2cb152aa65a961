//! Who showed interest, and what came of it.

use polars::prelude::DataFrame;
use serde_json::{Map, Value as Json, json};

use super::{About, Answer, Asked, Question, Rest, begin};
use crate::answer::{Chart, Kind, Spec, Table};
use crate::customers::listed;
use crate::error::Result;
use crate::metrics::Scope;
use crate::metrics::interest::{By, Interests, NEW_AFTER_DAYS};
use crate::metrics::purchases::Purchases;
use crate::schema::accounting::Accounting;
use crate::schema::{self, Day, Events, Recent, Shop, Wants, names, ranges};

/// The interested customers of periods that end with the as-of day.
#[derive(Debug)]
pub struct Interest {
    /// Lengths of the periods in days, ascending.
    pub periods: Vec<u32>,
    /// How the customers are grouped, if they are.
    pub by: Option<By>,
    /// Whether the customers of the longest period are listed.
    pub lists: bool,
    /// Days after which an interest is too old for a discount to help.
    pub discount_days: u32,
    /// Days since the first interest within which a purchase counts when the conversion rates of periods are compared.
    pub conversion_days: u32,
    /// The sources whose events were left out.
    pub excluded_sources: Vec<String>,
}

impl Question for Interest {
    const ABOUT: About = About {
        tables: &[schema::Table::Events],
        needs_people: false,
        ..About::of_people("interest").writing(&["interest", "customers"])
    };

    fn wants(&self) -> Wants {
        Wants {
            extras: true,
            details: true,
            tables: vec![schema::Table::Events],
            bare_events: matches!(self.by, None | Some(By::Day)),
            interests_alone: true,
            // Who is new in a period is decided by the days before it.
            recent_interests: Some(Recent {
                days: self.longest().saturating_add(NEW_AFTER_DAYS as u32),
                as_of: None,
            }),
            corrections: self.by == Some(By::Source),
            ..Wants::default()
        }
    }

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        let Asked { mut read, scope, .. } = asked;
        let events = read.frames.events.take().unwrap_or_default();
        let mut accounting = std::mem::take(&mut read.accounting);
        let interests = interests(&read.shop(), &events, &scope, &mut accounting)?;
        let longest = self.longest();
        let rest = |customer_count| Rest {
            as_of: scope.known_day(),
            window: Some(longest),
            customer_count,
            order_count: interests.purchase_count(longest),
            accounting,
        };
        if self.lists {
            let frame = interests.customers(&read.orders.customers, longest, self.discount_days)?;
            let rest = rest(frame.height() as u64);
            return Ok(self.listed(frame, rest));
        }
        let (summary, customer_count) = interests.summary(&self.periods, self.by, self.conversion_days)?;
        Ok(self.summed(summary, interests.begins_too_late(&self.periods), rest(customer_count)))
    }
}

impl Interest {
    /// The length of the longest period in days.
    pub fn longest(&self) -> u32 {
        self.periods.iter().copied().max().unwrap_or(1)
    }

    /// The answer without a list. `begins` is the first day of the events if it is too late to tell who is new in a
    /// period.
    pub fn summed(&self, summary: DataFrame, begins: Option<Day>, rests_on: Rest) -> Answer {
        let funnel = Chart::Funnel(&[
            names::INTEREST_CUSTOMER_COUNT,
            names::FAV_SHOP,
            names::FAV_ITEM,
            names::CART,
            names::CONVERTED_COUNT,
        ]);
        let table = Table::new("interest", "periods", columns(self.by), summary).with_chart(funnel);
        let notes = begin("events_begin", begins).into_iter().collect();
        Answer { notes, ..rests_on.answer(vec![table], self.parameters()) }
    }

    /// The answer as a list.
    pub fn listed(&self, list: DataFrame, rests_on: Rest) -> Answer {
        let table = Table::new("customers", "customers", customer_columns(), list);
        rests_on.answer(vec![table], self.parameters())
    }

    fn parameters(&self) -> Map<String, Json> {
        Map::from_iter([
            ("days".to_owned(), json!(self.periods)),
            ("exclude_source".to_owned(), json!(self.excluded_sources)),
            ("discount_days".to_owned(), json!(self.discount_days)),
            ("conversion_days".to_owned(), json!(self.conversion_days)),
        ])
    }
}

/// The interests, with the purchases if there are orders.
fn interests<'a>(
    shop: &Shop<'a>,
    events: &'a Events,
    scope: &Scope,
    accounting: &mut Accounting,
) -> Result<Interests<'a>> {
    let bought = match shop.has_orders {
        true => {
            let (bought, excluded) = Purchases::of_orders(shop.orders, scope)?;
            excluded.account(accounting);
            Some(bought)
        }
        false => None,
    };
    let interests = Interests::new(events, bought, scope.as_of).corrected(shop.corrections);
    interests.account(accounting);
    Ok(interests)
}

fn columns(by: Option<By>) -> Vec<Spec> {
    let mut columns = match by {
        None => Vec::new(),
        Some(By::Day) => vec![Spec::new(names::DAY, Kind::Date, 0)],
        Some(By::Province) => vec![Spec::new(names::PROVINCE, Kind::Named, 0)],
        Some(by) => vec![Spec::new(by.column(), Kind::Named, 0)],
    };
    columns.extend([
        Spec::new(names::PERIOD_DAYS, Kind::Count, if by.is_some() { 9 } else { 0 }),
        Spec::new(names::INTEREST_CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::FAV_SHOP, Kind::Count, 7),
        Spec::new(names::FAV_ITEM, Kind::Count, 5),
        Spec::new(names::CART, Kind::Count, 4),
        Spec::new(names::NOT_BOUGHT_IN_PERIOD_COUNT, Kind::Count, 8),
        Spec::new(names::NOT_YET_BOUGHT_COUNT, Kind::Count, 2),
        Spec::new(names::NEW_CUSTOMER_COUNT, Kind::Count, 3),
        Spec::new(names::CONVERTED_COUNT, Kind::Count, 1),
    ]);
    columns.extend(Spec::ranged(ranges::CONVERSION_RATE, Kind::Share, 0));
    columns.extend(Spec::ranged(ranges::CONVERSION_7D_RATE, Kind::Share, 1));
    columns
}

fn customer_columns() -> Vec<Spec> {
    vec![
        listed(names::CUSTOMER_ID, 0),
        listed(names::LAST_INTEREST_ON, 3),
        listed(names::DAYS_SINCE_INTEREST, 0),
        Spec::new(names::FAV_SHOP_COUNT, Kind::Count, 6),
        Spec::new(names::FAV_ITEM_COUNT, Kind::Count, 5),
        Spec::new(names::CART_COUNT, Kind::Count, 4),
        Spec::new(names::HAS_BOUGHT, Kind::Flag, 1),
        Spec::new(names::IS_CONVERTED, Kind::Flag, 2),
        Spec::new(names::IS_PAST_DISCOUNT_WINDOW, Kind::Flag, 0),
    ]
}

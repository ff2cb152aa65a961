//! The time from a customer's first look at a product to the order.

use std::collections::HashMap;

use super::{Ask, LOOK_DELAYS, Moment, Part, Rows};
use crate::metrics::baskets::Baskets;
use crate::metrics::histories::Document;
use crate::parse::value::id::{self, Id};
use crate::schema::items::Items;
use crate::schema::{CustomerCode, Day, EventKind, Events, Micros, day, names};

/// The kinds of events that count as a look at a product.
const KINDS: [EventKind; 3] = [EventKind::View, EventKind::FavItem, EventKind::Cart];

/// A look counts if it is within this many days up to the order, the day of the order included.
const MAX_DAYS: i32 = 30;

/// A look at a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Look {
    customer: CustomerCode,
    /// The product's number in the orders' items.
    product: u32,
    day: Day,
    /// Second of the day; `None`, which sorts first, if no time is given. The look then counts as before every order of
    /// that day.
    second: Option<i32>,
}

/// The looks of all customers, sorted by their fields, one after the other.
pub(super) struct Looks {
    looks: Vec<Look>,
    /// The first and the last day of the events.
    covered: (Day, Day),
}

impl Looks {
    /// Reads the looks from the events. `None` if no event or no order names a product.
    pub(super) fn new(events: &Events, items: &Items) -> Option<Self> {
        let table = events.table();
        let numbers = table.filled(names::PRODUCT_ID).and_then(|_| table.numbers(names::PRODUCT_ID))?;
        let products = items.products.iter().zip(0..).filter(|(product, _)| !product.id.is_empty());
        let by_id: HashMap<&[u8], u32> =
            products.map(|(product, number)| (product.id.as_bytes(), number)).collect();
        let of_word = |word: &String| match id::parse(word.as_bytes()) {
            Id::Text(text) => by_id.get(text).copied(),
            _ => None,
        };
        let product_of: Vec<Option<u32>> = table.words(names::PRODUCT_ID).iter().map(of_word).collect();
        if by_id.is_empty() {
            return None;
        }
        let look = |(event, number): (crate::schema::events::Event, Option<u32>)| {
            let product = product_of.get(number? as usize).copied().flatten()?;
            let second = Some(event.second).filter(|second| *second != day::MISSING);
            let (customer, day) = (event.customer, event.day);
            KINDS.contains(&event.kind).then_some(Look { customer, product, day, second })
        };
        let mut looks: Vec<Look> = events.iter().zip(numbers.iter()).filter_map(look).collect();
        looks.sort_unstable();
        let days = || events.days().iter().copied().map(Day::new);
        Some(Self { looks, covered: (days().min()?, days().max()?) })
    }

    /// Whether the events cover the order's day and all days before it in which a look counts.
    fn cover(&self, day: Day) -> bool {
        self.covered.0 <= day.minus_days(MAX_DAYS - 1) && day <= self.covered.1
    }

    /// The class in [`LOOK_DELAYS`] of the time between the customer's first look at the product and the order.
    fn delay(&self, customer: CustomerCode, product: u32, order: Moment) -> usize {
        let (day, second) = order;
        let start = Look { customer, product, day: day.minus_days(MAX_DAYS - 1), second: None };
        let first = self.looks.get(self.looks.partition_point(|look| *look < start));
        let is_before = |look: &&Look| {
            let is_in_time =
                look.day < day || look.second.zip(second).is_none_or(|(look, order)| look <= order);
            (look.customer, look.product) == (customer, product) && look.day <= day && is_in_time
        };
        let Some(look) = first.filter(is_before) else { return LOOK_DELAYS.len() - 1 };
        let days = i64::from(look.day.days_until(day));
        const HOUR: i64 = 60 * 60;
        let seconds = look.second.zip(second).map(|(look, order)| days * 24 * HOUR + i64::from(order - look));
        match days {
            _ if seconds.is_some_and(|seconds| seconds <= HOUR) => 0,
            0 => 1,
            1..=6 => 2,
            _ => 3,
        }
    }
}

impl Ask<'_> {
    /// Counts each product of an order by its class of delay. If the events do not cover the days before the order, the
    /// order is only counted as uncovered.
    pub(super) fn time_looks(&self, part: &mut Part, rows: &Rows, customer: CustomerCode, row: usize) {
        let (Some(looks), Ok(days), Ok(paid)) = (&self.looks, rows.amounts.day(), rows.amounts.paid()) else {
            return;
        };
        let order = self.moment(rows, 0, row).unwrap_or((Day::new(days[row]), rows.columns.second(row)));
        let paid = Micros::new(paid[row]);
        let document = Document { row, day: order.0, net: paid, paid, is_order: true };
        let lines = self.orders.items.lines(rows.columns.lines(row));
        let mut baskets = Baskets::default();
        let items = baskets.one(lines, &document);
        if !looks.cover(order.0) {
            part.untimed.uncovered += u64::from(!items.is_empty());
            return;
        }
        for item in items {
            let place = looks.delay(customer, item.product, order);
            let category = self.categories.number(item.product);
            part.looks.entry(category).or_insert([0; LOOK_DELAYS.len()])[place] += 1;
        }
    }
}

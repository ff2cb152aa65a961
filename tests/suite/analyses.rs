//! A small made-up shop as proptest draws it: its files, and what counts in them by the definitions. Oracles that work
//! the answers out the slow way are in the files beside this one; here is what must not change any answer.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use ecrm::schema::Day;
use proptest::prelude::*;

use super::analyses_answers::Read;

pub const STATUSES: [&str; 7] =
    ["pending", "closed_unpaid", "cancelled", "refunded", "paid", "shipped", "completed"];
/// From this status on an order is paid.
const PAID: usize = 4;
pub const KINDS: [&str; 5] = ["view", "fav_shop", "fav_item", "cart", "purchase"];
pub const SOURCES: [&str; 3] = ["", "a", "b"];
pub const PROVINCES: [&str; 3] = ["", "广东", "浙江"];
/// The category of each product; one has none.
pub const CATEGORIES: [&str; 6] = ["tea", "tea", "cup", "cup", "book", ""];
/// Customers are c00, c01 …
pub const CUSTOMERS: u8 = 14;
/// 2025-01-01, in days since 1970-01-01.
const FIRST_DAY: i32 = 20_089;
/// Micro-units in a cent.
const CENT: i128 = 10_000;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    pub product: usize,
    /// What was paid: perhaps nothing (a gift), or less (something given back).
    pub cents: i64,
}

#[derive(Debug, Clone)]
pub struct Order {
    pub customer: Option<u8>,
    pub status: usize,
    /// Since 1970-01-01.
    pub day: i32,
    pub items: Vec<Item>,
    pub province: usize,
}

#[derive(Debug, Clone)]
pub struct Event {
    pub customer: u8,
    pub day: i32,
    pub kind: usize,
    pub source: usize,
}

#[derive(Debug, Clone)]
pub struct Sample {
    pub orders: Vec<Order>,
    /// Whether there is a file of orders, perhaps without any.
    pub has_orders: bool,
    pub events: Vec<Event>,
}

/// Few cases of many rows each: the answers are compared whole.
pub fn cases() -> ProptestConfig {
    ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() }
}

pub fn sample() -> impl Strategy<Value = Sample> {
    let orders = prop::collection::vec(order(), 0..60);
    let events = prop::collection::vec(event(), 0..60);
    (orders, events).prop_map(|(orders, events)| Sample {
        orders: in_one_place(orders),
        has_orders: true,
        events,
    })
}

/// Many in the last weeks, which most periods are about, and some days on which a customer orders twice.
fn day() -> impl Strategy<Value = i32> {
    let day = prop_oneof![0..500_i32, 440..500_i32, (0..5_i32).prop_map(|step| 120 * step)];
    day.prop_map(|day| FIRST_DAY + day)
}

/// What is given back never makes the amount of an order, so that no refund is taken for that of a refunded order.
pub fn of_tens(tens: i64) -> i64 {
    10 * tens - i64::from(tens < 0)
}

fn order() -> impl Strategy<Value = Order> {
    let customer = prop::option::weighted(0.9, 0..CUSTOMERS);
    let status = prop_oneof![1 => 0..PAID, 4 => PAID..STATUSES.len()];
    let cents = prop_oneof![6 => 1..50_i64, 1 => Just(0_i64), 1 => -40..0_i64].prop_map(of_tens);
    let item = (0..CATEGORIES.len(), cents).prop_map(|(product, cents)| Item { product, cents });
    let items = prop::collection::vec(item, 1..4);
    let is_credit_note = prop::bool::weighted(0.1);
    (customer, status, day(), items, is_credit_note, 0..PROVINCES.len()).prop_map(
        |(customer, status, day, mut items, is_credit_note, province)| {
            if is_credit_note {
                items.iter_mut().for_each(|item| item.cents = of_tens(-item.cents.abs() / 10));
            }
            Order { customer, status, day, items, province }
        },
    )
}

/// Nothing says which of two orders of one day was the later: they go to the same place.
fn in_one_place(mut orders: Vec<Order>) -> Vec<Order> {
    let mut places: BTreeMap<(Option<u8>, i32), usize> = BTreeMap::new();
    for order in &mut orders {
        order.province = *places.entry((order.customer, order.day)).or_insert(order.province);
    }
    orders
}

fn event() -> impl Strategy<Value = Event> {
    (0..CUSTOMERS, day(), 0..KINDS.len(), 0..SOURCES.len()).prop_map(|(customer, day, kind, source)| Event {
        customer,
        day,
        kind,
        source,
    })
}

pub fn date(day: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + chrono::TimeDelta::days(i64::from(day))
}

impl Order {
    /// In micro-units.
    pub fn net(&self) -> i128 {
        self.items.iter().map(|item| i128::from(item.cents) * CENT).sum()
    }

    /// Whether it counts: as an order, or as a credit note.
    pub fn is_kept(&self) -> bool {
        // What was given back is, also where it is a record of its own that is marked so.
        let is_refund = STATUSES[self.status] == "refunded" && self.items.iter().all(|item| item.cents < 0);
        (self.status >= PAID || is_refund) && self.net() != 0
    }

    pub fn is_order(&self) -> bool {
        self.is_kept() && self.net() > 0
    }

    /// The items that were bought: neither gifts nor given back.
    pub fn bought(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.cents > 0)
    }

    /// The categories of these.
    pub fn categories(&self) -> BTreeSet<&'static str> {
        self.bought().map(|item| CATEGORIES[item.product]).filter(|category| !category.is_empty()).collect()
    }

    /// What orders of one customer come by: the day, then the amount, then what they hold.
    fn place(&self) -> (i32, i128, Vec<usize>, Vec<Item>) {
        let mut items = self.items.clone();
        items.sort();
        (self.day, self.net(), items.iter().map(|item| item.product).collect(), items)
    }
}

impl Event {
    pub fn kind(&self) -> &'static str {
        KINDS[self.kind]
    }

    pub fn is_interest(&self) -> bool {
        ["fav_shop", "fav_item", "cart"].contains(&self.kind())
    }
}

/// The orders among what counts of a customer.
pub fn orders_of<'a>(documents: &[&'a Order]) -> Vec<&'a Order> {
    documents.iter().copied().filter(|document| document.is_order()).collect()
}

impl Sample {
    /// The same shop with its log of events alone.
    pub fn without_orders(&self) -> Self {
        Self { orders: Vec::new(), has_orders: false, events: self.events.clone() }
    }

    /// The last day of any row, whatever it says.
    pub fn latest(&self) -> Option<i32> {
        let orders = self.orders.iter().map(|order| order.day);
        orders.chain(self.events.iter().map(|event| event.day)).max()
    }

    pub fn as_of(&self) -> i32 {
        self.latest().unwrap_or(0)
    }

    /// What counts of each customer who has an order: orders and credit notes, one after the other.
    pub fn buyers(&self) -> BTreeMap<u8, Vec<&Order>> {
        let mut buyers: BTreeMap<u8, Vec<&Order>> = BTreeMap::new();
        for order in self.orders.iter().filter(|order| order.is_kept()) {
            if let Some(customer) = order.customer {
                buyers.entry(customer).or_default().push(order);
            }
        }
        buyers.retain(|_, documents| !orders_of(documents).is_empty());
        buyers.values_mut().for_each(|documents| documents.sort_by_cached_key(|order| order.place()));
        buyers
    }

    /// All that counts: of the buyers, what nobody known bought, and credit notes of whoever has no order.
    pub fn documents(&self) -> Vec<&Order> {
        self.orders.iter().filter(|order| order.is_kept()).collect()
    }

    /// The days on which a customer bought, ascending: by orders, or by events where there is no file of those.
    pub fn bought_on(&self, customer: u8) -> Vec<i32> {
        let is_theirs = |order: &&Order| order.customer == Some(customer) && order.is_order();
        let mut days: Vec<i32> = match self.has_orders {
            true => self.orders.iter().filter(is_theirs).map(|order| order.day).collect(),
            false => self.purchases(customer),
        };
        days.sort_unstable();
        days
    }

    /// The days of a customer's purchase events.
    pub fn purchases(&self, customer: u8) -> Vec<i32> {
        let events = self.events.iter().filter(|event| event.customer == customer);
        events.filter(|event| event.kind() == "purchase").map(|event| event.day).collect()
    }

    /// The rows of the order file, one per item, those of an order one after the other.
    pub fn order_rows(&self) -> Vec<String> {
        let mut rows = Vec::new();
        for (id, order) in self.orders.iter().enumerate() {
            let customer = order.customer.map_or_else(String::new, |customer| format!("c{customer:02}"));
            let (status, day, province) =
                (STATUSES[order.status], date(order.day), PROVINCES[order.province]);
            for Item { product, cents } in &order.items {
                let sign = if *cents < 0 { "-" } else { "" };
                let amount = format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100);
                let category = CATEGORIES[*product];
                rows.push(format!(
                    "{id},{customer},{status},{day},p{product},{category},{amount},{province}"
                ));
            }
        }
        rows
    }

    /// The rows of the log.
    pub fn event_rows(&self) -> Vec<String> {
        let row = |event: &Event| {
            let Event { customer, day, source, .. } = event;
            format!("c{customer:02},{},{},{}", date(*day), event.kind(), SOURCES[*source])
        };
        self.events.iter().map(row).collect()
    }

    /// Reads the order file, where there is one, and the log, where it has any row.
    pub fn read(&self) -> Read {
        let (orders, events) = (self.order_rows(), self.event_rows());
        let files = if self.has_orders { vec![orders.as_slice()] } else { Vec::new() };
        let read = Read::of(&files, Some(events.as_slice()).filter(|rows| !rows.is_empty()));
        assert_eq!(read.scope.known_day().map(Day::number), self.latest());
        read
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn neither_the_order_of_rows_nor_a_cut_file_changes_an_answer(sample in sample(), cut in 0.0..1.0_f64) {
        let (orders, events) = (sample.order_rows(), sample.event_rows());
        let log = Some(events.as_slice()).filter(|rows| !rows.is_empty());
        let whole = Read::of(&[&orders], log).all();
        let [last_first, events_last_first] =
            [&orders, &events].map(|rows| rows.iter().rev().cloned().collect::<Vec<String>>());
        let log_last_first = Some(events_last_first.as_slice()).filter(|rows| !rows.is_empty());
        let reversed = Read::of(&[&last_first], log_last_first).all();
        // Cut between orders: an export ends with a whole order.
        let order = (sample.orders.len() as f64 * cut) as usize;
        let at: usize = sample.orders[..order].iter().map(|order| order.items.len()).sum();
        let halves = Read::of(&[&orders[..at], &orders[at..]], log).all();
        let others = reversed.iter().zip(&halves);
        for ((table, expected), ((_, last_first), (_, cut))) in whole.iter().zip(others) {
            for (how, found) in [("last row first", last_first), ("cut in two", cut)] {
                prop_assert!(found == expected, "{table}, {how}:\n{found:?} and not\n{expected:?}");
            }
        }
        prop_assert_eq!((whole.len(), whole.len()), (reversed.len(), halves.len()));
    }
}

//! How each customer buys: what, when and for whom.

use std::collections::HashMap;
use std::hash::Hash;

use chrono::Datelike;

use super::baskets::{Baskets, Categories};
use super::histories::{Document, History, PartColumns, fold};
use super::profile::usual_recipient;
use super::scope::Scope;
use crate::error::Result;
use crate::schema::{CustomerCode, Day, Micros, Orders};

/// The habits of one customer. A field is `None` if the orders do not tell it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Habits {
    /// Number of the category that is in the most orders.
    pub top_category: Option<u32>,
    /// Number of the product that is in the most orders.
    pub top_product: Option<u32>,
    /// Number of distinct products.
    pub product_count: u32,
    /// Pieces of all items, in millionths; `None` if no order has known items, if the quantity of an item is unknown,
    /// or if the sum is beyond 64 bits.
    pub pieces: Option<Micros>,
    /// Number of orders with known items.
    pub basket_count: u32,
    /// The hour of the day with the most orders, 0 to 23.
    pub hour: Option<u8>,
    /// The weekday with the most orders; Monday is 1.
    pub weekday: Option<u8>,
    /// Whether any order went to another recipient than the usual one.
    pub gives: Option<bool>,
}

/// The habits of every buyer, with the buyer's code.
pub fn habits(orders: &Orders, scope: &Scope) -> Result<Vec<(CustomerCode, Habits)>> {
    let categories = Categories::of(&orders.items);
    let folded = fold(orders, scope, true, |part: &mut Part, columns, history| {
        if let Some(customer) = history.customer {
            part.baskets.fill(&orders.items, columns, history);
            part.found.push((customer, part.of(&categories, columns, history)));
            part.has_times |=
                history.orders().any(|order| columns.second(order.row).is_some_and(|at| at > 0));
        }
        None
    })?;
    // Dates without a time are often written with midnight. If all times are midnight, no times are given.
    let has_times = folded.parts.iter().any(|part| part.has_times);
    let mut all: Vec<(CustomerCode, Habits)> = folded.parts.into_iter().flat_map(|part| part.found).collect();
    if !has_times {
        all.iter_mut().for_each(|(_, habits)| habits.hour = None);
    }
    Ok(all)
}

/// The codes of the buyers who bought one of the wanted products on or after a day and kept it. `wanted` tells for each
/// product, by number, whether it is wanted.
pub fn bought(orders: &Orders, scope: &Scope, wanted: &[bool], first_day: Day) -> Result<Vec<CustomerCode>> {
    let is_wanted = |product: u32| wanted.get(product as usize).copied().unwrap_or(false);
    let folded = fold(orders, scope, true, |found: &mut Vec<CustomerCode>, columns, history| {
        let has = |order: &Document| {
            let mut lines = orders.items.lines(columns.lines(order.row)).iter();
            lines.any(|line| line.is_kept() && is_wanted(line.product))
        };
        let mut recent = history.orders().filter(|order| order.day >= first_day);
        found.extend(history.customer.filter(|_| recent.any(has)));
        None
    })?;
    Ok(folded.parts.concat())
}

#[derive(Debug, Default)]
struct Part {
    found: Vec<(CustomerCode, Habits)>,
    has_times: bool,
    baskets: Baskets,
}

impl Part {
    fn of(&self, categories: &Categories, columns: &PartColumns, history: &History<'_>) -> Habits {
        let baskets = || self.baskets.iter().map(|(_, items)| items);
        let products = || baskets().flat_map(|items| items.iter().map(|item| item.product));
        let mut distinct: Vec<u32> = products().collect();
        distinct.sort_unstable();
        distinct.dedup();
        let pieces = baskets().flatten().try_fold(Micros::ZERO, |sum, item| {
            item.quantity.known().and_then(|quantity| sum.checked_add(quantity))
        });
        let basket_count = baskets().count() as u32;
        let hour = |order: &Document| Some((columns.second(order.row)? / 3600) as u8);
        let weekday = |order: &Document| Some(order.day.date()?.weekday().number_from_monday() as u8);
        Habits {
            top_category: most(baskets().flat_map(|items| categories.distinct(items))),
            top_product: most(products()),
            product_count: distinct.len() as u32,
            pieces: pieces.filter(|_| basket_count > 0),
            basket_count,
            hour: most(history.orders().filter_map(hour)),
            weekday: most(history.orders().filter_map(weekday)),
            gives: gives(columns, history),
        }
    }
}

/// Whether any order went to another recipient than the usual one; `None` if there is no usual one.
fn gives(columns: &PartColumns, history: &History<'_>) -> Option<bool> {
    let usual = usual_recipient(columns, history)?;
    let mut recipients = history.orders().filter_map(|order| columns.recipient(order.row));
    Some(recipients.any(|recipient| recipient != usual))
}

/// The most frequent value; of several that are equally frequent, the one that occurs last.
fn most<T: Copy + Eq + Hash>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: HashMap<T, (u32, usize)> = HashMap::new();
    for (place, value) in values.enumerate() {
        let seen = counts.entry(value).or_default();
        *seen = (seen.0 + 1, place);
    }
    counts.into_iter().max_by_key(|(_, seen)| *seen).map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{orders, read};

    #[test]
    fn most_is_by_count_then_the_last() {
        let of = |values: &[u8]| most(values.iter().copied());
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[3, 1, 3, 2]), Some(3));
        assert_eq!(of(&[3, 1, 1, 3]), Some(3));
        assert_eq!(of(&[3, 1, 2]), Some(2));
    }

    /// Ann bought tea on two Mondays at 9 o'clock for herself, and a cup on a Tuesday at 20 o'clock for Bob: her habits
    /// are tea, Monday and 9 o'clock, and she gives presents. Bob has one order, without a time.
    #[test]
    fn habits_are_what_most_orders_say() {
        let read = read(&[
            (
                "orders.csv",
                "order_id,customer_id,order_date,amount,recipient;1,ann,2026-06-01 09:10:00,5,Ann;2,ann,2026-06-08 09:50:00,5,Ann;
                 3,ann,2026-06-09 20:00:00,9,Bob;4,bob,2026-06-02,9,Bob",
            ),
            (
                "items.csv",
                "order_id,product_id,title,category,quantity,amount;1,T,Tea,tea,2,5;2,T,Tea,tea,1,5;3,C,Cup,pots,4,9",
            ),
        ]);
        let orders = &read.ingested.orders;
        let found = habits(orders, &read.up_to("2026-06-30")).expect("habits");
        let of =
            |id: &str| found.iter().find(|(code, _)| orders.customers.text(*code) == id).expect("a buyer").1;
        let ann = of("ann");
        let product =
            |number: Option<u32>| orders.items.products[number.expect("a product") as usize].title.clone();
        assert_eq!(product(ann.top_product), "Tea");
        assert_eq!(Categories::of(&orders.items).names[ann.top_category.expect("one") as usize], "tea");
        assert_eq!((ann.product_count, ann.pieces, ann.basket_count), (2, Some(Micros::units(7)), 3));
        assert_eq!((ann.hour, ann.weekday, ann.gives), (Some(9), Some(1), Some(true)));
        let bob = of("bob");
        assert_eq!((bob.top_product, bob.product_count, bob.pieces, bob.basket_count), (None, 0, None, 0));
        assert_eq!((bob.hour, bob.weekday, bob.gives), (None, Some(2), Some(false)));
    }

    #[test]
    fn days_without_times_have_no_usual_hour() {
        let read =
            orders("order_id,customer_id,order_date,amount;1,ann,2026-06-01,5;2,bob,2026-06-02 00:00:00,5");
        let found = habits(&read.ingested.orders, &read.up_to("2026-06-30")).expect("habits");
        assert!(found.iter().all(|(_, habits)| habits.hour.is_none() && habits.gives.is_none()));
    }
}

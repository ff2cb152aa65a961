//! The shop's first page: how many customers of each kind there are, and what they bought, against the period before.

mod rows;

use std::ops::RangeInclusive;

use polars::prelude::*;

use super::histories::{History, OrderCount, PartColumns, fold};
use super::interest::Interests;
use super::purchases::Purchases;
use super::scope::Scope;
use super::shop::Shop;
use crate::error::Result;
use crate::ingest::accounting::{Accounting, Rule};
use crate::ingest::value::date::MISSING;
use crate::schema::Events;
use rows::{card_rows, finish, interest_row, people_rows, sales_rows};

/// The figures, in the order of the page.
pub const METRICS: [&str; 11] = [
    "interest_customers",
    "converted_customers",
    "returning_old_customers",
    "dormant_customers",
    "members",
    "card_holders",
    "buyers",
    "orders",
    "net_amount",
    "aov",
    "spend_per_customer",
];

/// The periods of the figures, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverviewParams {
    /// In which an interest makes an interest customer.
    pub interest_days: u32,
    /// In which a valid order makes a converted customer.
    pub converted_days: u32,
    /// Since the last activity, up to which a buyer is no dormant one.
    pub dormant_days: u32,
    /// Of the sales.
    pub window: u32,
}

impl Default for OverviewParams {
    fn default() -> Self {
        Self { interest_days: 30, converted_days: 365, dormant_days: 180, window: 30 }
    }
}

/// The periods of new customers: a day, a week, a month.
const NEW: [i32; 3] = [1, 7, 30];

/// The first page.
#[derive(Debug)]
pub struct Overview {
    /// One row per key figure: `metric`, `unit` (customers, orders or amount), `period_days`, `value`,
    /// `previous_value`, `change`, `change_rate`, `new_count_1d`, `new_count_7d`, `new_count_30d`, `total`, `needs` (the input that a
    /// figure without a value lacks).
    pub frame: DataFrame,
    /// Where every row went.
    pub accounting: Accounting,
    /// Buyers of all time.
    pub customer_count: u64,
    /// Valid orders of all time.
    pub order_count: u64,
}

/// Makes the page. The scope's as-of is settled; its window is not looked at.
pub fn overview(
    shop: &Shop<'_>,
    scope: &Scope,
    params: &OverviewParams,
    mut accounting: Accounting,
) -> Result<Overview> {
    let as_of = scope.as_of.unwrap_or(0);
    let all_time = scope.all_time();
    let calendar = Calendar::new(as_of, params);
    let activity = Activity::new(shop.events, &calendar);
    let folded = fold(shop.orders, &all_time, false, |sums: &mut Sums, columns, history| {
        sums.add(&calendar, &activity, columns, history);
        None
    })?;
    folded.excluded.account(&mut accounting);
    let mut sums = Sums::default();
    folded.parts.into_iter().for_each(|part| sums.merge(part));
    let interests = shop.events.map(|events| Interests::new(events, None, as_of));
    // Every event up to as-of says that its customer was active.
    let later = shop.events.iter().flat_map(|events| &events.rows).filter(|event| event.day > as_of);
    accounting.exclude(Rule::AfterAsOf, later.count() as u64);
    if let (false, Some(events)) = (shop.has_orders, shop.events) {
        for purchases in Purchases::of_events(events, as_of).by_customer() {
            let days: Vec<i32> = purchases.iter().map(|(_, (day, _))| *day).collect();
            sums.people.add(&calendar, &activity, purchases[0].0, &days);
        }
    }
    let mut rows = vec![interest_row(interests.as_ref(), as_of, params.interest_days)];
    rows.extend(people_rows(shop, &sums, params));
    rows.extend(card_rows(shop.customers, as_of));
    rows.extend(sales_rows(shop, &sums, params.window));
    debug_assert!(rows.iter().map(|row| row.metric).eq(METRICS));
    Ok(Overview {
        frame: finish(&rows)?,
        accounting,
        customer_count: sums.people.total,
        order_count: sums.sales[2].orders.total(),
    })
}

/// The periods of the page.
struct Calendar {
    as_of: i32,
    converted_days: i32,
    dormant_days: i32,
    /// Sales: now, before, of all time.
    sales: [RangeInclusive<i32>; 3],
}

impl Calendar {
    fn new(as_of: i32, params: &OverviewParams) -> Self {
        let days = params.window as i32;
        let now = last(as_of, days);
        let before = last(as_of.saturating_sub(days), days);
        Self {
            as_of,
            converted_days: params.converted_days as i32,
            dormant_days: params.dormant_days as i32,
            sales: [now, before, i32::MIN..=as_of],
        }
    }
}

/// The `days` days that end with `day`.
fn last(day: i32, days: i32) -> RangeInclusive<i32> {
    day.saturating_sub(days).saturating_add(1)..=day
}

/// The last day with any event of each customer: up to as-of, and up to the day that a dormant customer's half year
/// began.
struct Activity {
    by_customer: Vec<[i32; 2]>,
}

impl Activity {
    fn new(events: Option<&Events>, calendar: &Calendar) -> Self {
        let mut by_customer = Vec::new();
        for events in events.iter().flat_map(|events| events.by_customer()) {
            let until = |day: i32| {
                let last = events.iter().rev().find(|event| event.day <= day);
                last.map_or(MISSING, |event| event.day)
            };
            let customer = events[0].customer as usize;
            by_customer.resize(by_customer.len().max(customer + 1), [MISSING; 2]);
            by_customer[customer] = [until(calendar.as_of), until(calendar.as_of - calendar.dormant_days)];
        }
        Self { by_customer }
    }

    fn of(&self, customer: u32) -> [i32; 2] {
        self.by_customer.get(customer as usize).copied().unwrap_or([MISSING; 2])
    }
}

#[derive(Default)]
struct Sums {
    people: People,
    sales: [Sales; 3],
}

/// Customers who bought.
#[derive(Default)]
struct People {
    converted: [u64; 2],
    new: [u64; 3],
    total: u64,
    /// Now and half a year ago.
    returning: [u64; 2],
    dormant: [u64; 2],
}

#[derive(Default)]
struct Sales {
    buyers: u64,
    orders: OrderCount,
    net: i128,
    /// Of `net`, what known customers paid.
    known_net: i128,
}

impl People {
    /// Adds a buyer with the days of their purchases, ascending.
    fn add(&mut self, calendar: &Calendar, activity: &Activity, customer: u32, days: &[i32]) {
        let as_of = calendar.as_of;
        let (Some(&first), Some(&latest)) = (days.first(), days.last()) else { return };
        self.total += 1;
        let within = |period: RangeInclusive<i32>| u64::from(days.iter().any(|day| period.contains(day)));
        let Calendar { converted_days, dormant_days, .. } = *calendar;
        self.converted[0] += within(last(as_of, converted_days));
        self.converted[1] += within(last(as_of - converted_days, converted_days));
        for (new, days) in self.new.iter_mut().zip(NEW) {
            *new += u64::from(last(as_of, days).contains(&first));
        }
        let [now, before] = activity.of(customer);
        let mut stand = |when: usize, day: i32, latest: i32| {
            let is_active = day - latest <= dormant_days;
            self.returning[when] += u64::from(is_active);
            self.dormant[when] += u64::from(!is_active);
        };
        stand(0, as_of, latest.max(now));
        let then = as_of - dormant_days;
        if let Some(&latest) = days.iter().rev().find(|day| **day <= then) {
            stand(1, then, latest.max(before));
        }
    }
}

impl Sums {
    fn add(
        &mut self,
        calendar: &Calendar,
        activity: &Activity,
        columns: &PartColumns,
        history: &History<'_>,
    ) {
        if let Some(customer) = history.customer {
            let days: Vec<i32> = history.orders().map(|order| order.day).collect();
            self.people.add(calendar, activity, customer, &days);
        }
        for (sales, period) in self.sales.iter_mut().zip(&calendar.sales) {
            let mut has_order = false;
            for document in history.documents.iter().filter(|document| period.contains(&document.day)) {
                sales.net += i128::from(document.net);
                sales.known_net += if history.customer.is_some() { i128::from(document.net) } else { 0 };
                if document.is_order {
                    has_order = true;
                    sales.orders.add(columns, document);
                }
            }
            sales.buyers += u64::from(has_order && history.customer.is_some());
        }
    }

    fn merge(&mut self, other: Self) {
        let add = |mine: &mut [u64], theirs: &[u64]| mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        let people = other.people;
        add(&mut self.people.converted, &people.converted);
        add(&mut self.people.new, &people.new);
        add(&mut self.people.returning, &people.returning);
        add(&mut self.people.dormant, &people.dormant);
        self.people.total += people.total;
        for (mine, theirs) in self.sales.iter_mut().zip(other.sales) {
            mine.buyers += theirs.buyers;
            mine.orders.merge(&theirs.orders);
            mine.net += theirs.net;
            mine.known_net += theirs.known_net;
        }
    }
}

//! The heavy stage: counts by period from what each customer bought and did.

use std::ops::RangeInclusive;

use super::{NEW, OverviewParams};
use crate::metrics::calendar::first_day_of;
use crate::metrics::histories::History;
use crate::schema::events::Event;
use crate::schema::{CustomerCode, Day, Events};

/// The periods of the page.
pub(super) struct Calendar {
    pub as_of: Day,
    pub converted_days: i32,
    pub dormant_days: i32,
    /// The periods of the sales: the current one, the one before, and all days up to as-of.
    pub sales: [RangeInclusive<Day>; 3],
}

impl Calendar {
    pub fn new(as_of: Day, params: &OverviewParams) -> Self {
        let days = params.window as i32;
        let now = last(as_of, days);
        let before = last(as_of.minus_days(days), days);
        Self {
            as_of,
            converted_days: params.converted_days as i32,
            dormant_days: params.dormant_days as i32,
            sales: [now, before, Day::BEFORE_ALL..=as_of],
        }
    }
}

/// The `days` days that end with `day`.
pub(super) fn last(day: Day, days: i32) -> RangeInclusive<Day> {
    first_day_of(day, days as u32)..=day
}

/// By customer code: the last day with an event up to as-of, and the last one up to the day `dormant_days` before
/// as-of. [`Day::BEFORE_ALL`] stands for none.
pub(super) struct Activity {
    by_customer: Vec<[Day; 2]>,
}

impl Activity {
    pub fn new(events: Option<&Events>, calendar: &Calendar) -> Self {
        let mut by_customer = Vec::new();
        let mut add_customer = |events: &[Event]| {
            let until = |day: Day| {
                let last = events.iter().rev().find(|event| event.day <= day);
                last.map_or(Day::BEFORE_ALL, |event| event.day)
            };
            let customer = events[0].customer.place();
            by_customer.resize(by_customer.len().max(customer + 1), [Day::BEFORE_ALL; 2]);
            by_customer[customer] =
                [until(calendar.as_of), until(calendar.as_of.minus_days(calendar.dormant_days))];
        };
        if let Some(events) = events {
            events.for_each_customer(&mut add_customer);
        }
        Self { by_customer }
    }

    fn of(&self, customer: CustomerCode) -> [Day; 2] {
        self.by_customer.get(customer.place()).copied().unwrap_or([Day::BEFORE_ALL; 2])
    }
}

/// Counts and sums over the orders.
#[derive(Debug, Default)]
pub struct Sums {
    /// Counts of the customers who bought.
    pub people: People,
    /// Sales of the current period, of the period before, and of all time.
    pub sales: [Sales; 3],
}

/// Customers who bought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct People {
    /// Customers with an order in the last `converted_days` days, and in as many days before.
    pub converted: [u64; 2],
    /// Customers whose first order was in the last 1, 7 and 30 days.
    pub new: [u64; NEW.len()],
    /// All buyers up to as-of.
    pub total: u64,
    /// Buyers who were not dormant at as-of, and those who were not dormant `dormant_days` earlier.
    pub returning: [u64; 2],
    /// Buyers who were dormant at as-of, and those who were `dormant_days` earlier.
    pub dormant: [u64; 2],
}

/// The sales of a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sales {
    /// Customers with an order in the period.
    pub buyers: u64,
    /// Orders.
    pub orders: u64,
    /// Net amount in micro-units, including credit notes and orders without a customer.
    pub net: i128,
    /// The part of `net` that comes from customers with an order in the period.
    pub known_net: i128,
}

impl People {
    /// Adds a buyer, given the days of the purchases in ascending order.
    pub(super) fn add(
        &mut self,
        calendar: &Calendar,
        activity: &Activity,
        customer: CustomerCode,
        days: &[Day],
    ) {
        let as_of = calendar.as_of;
        let (Some(&first), Some(&latest)) = (days.first(), days.last()) else { return };
        self.total += 1;
        let within = |period: RangeInclusive<Day>| u64::from(days.iter().any(|day| period.contains(day)));
        let Calendar { converted_days, dormant_days, .. } = *calendar;
        self.converted[0] += within(last(as_of, converted_days));
        self.converted[1] += within(last(as_of.minus_days(converted_days), converted_days));
        for (new, days) in self.new.iter_mut().zip(NEW) {
            *new += u64::from(last(as_of, days).contains(&first));
        }
        let [now, before] = activity.of(customer);
        let mut count_standing = |when: usize, day: Day, latest: Day| {
            let is_active = latest.days_until(day) <= dormant_days;
            self.returning[when] += u64::from(is_active);
            self.dormant[when] += u64::from(!is_active);
        };
        count_standing(0, as_of, latest.max(now));
        let then = as_of.minus_days(dormant_days);
        if let Some(&latest) = days.iter().rev().find(|day| **day <= then) {
            count_standing(1, then, latest.max(before));
        }
    }
}

impl Sums {
    pub(super) fn add(&mut self, calendar: &Calendar, activity: &Activity, history: &History<'_>) {
        if let Some(customer) = history.customer {
            let days: Vec<Day> = history.orders().map(|order| order.day).collect();
            self.people.add(calendar, activity, customer, &days);
        }
        for (sales, period) in self.sales.iter_mut().zip(&calendar.sales) {
            let (mut has_order, mut net) = (false, 0);
            for document in history.documents.iter().filter(|document| period.contains(&document.day)) {
                net += i128::from(document.net);
                if document.is_order {
                    has_order = true;
                    sales.orders += 1;
                }
            }
            sales.net += net;
            if has_order && history.customer.is_some() {
                sales.buyers += 1;
                sales.known_net += net;
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        let add = |mine: &mut [u64], theirs: &[u64]| mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        let people = other.people;
        add(&mut self.people.converted, &people.converted);
        add(&mut self.people.new, &people.new);
        add(&mut self.people.returning, &people.returning);
        add(&mut self.people.dormant, &people.dormant);
        self.people.total += people.total;
        for (mine, theirs) in self.sales.iter_mut().zip(other.sales) {
            mine.buyers += theirs.buyers;
            mine.orders += theirs.orders;
            mine.net += theirs.net;
            mine.known_net += theirs.known_net;
        }
    }
}

//! Interest customers: those who made the shop or an item a favourite, or put an item into the cart.

mod counts;
mod listed;
mod per_customer;
mod tables;

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::calendar::first_day_of;
use super::coverage::{self, Coverage};
use super::purchases::{EVENTS_AT_ONCE, Purchases};
use crate::schema::accounting::{Accounting, Rule, RuleCounts};
use crate::schema::events::{Columns, Event};
use crate::schema::{Corrections, Day, EventKind, Events, names};
pub use counts::{Counts, begins_too_late, of_periods, tells_who_is_new};
pub use listed::{Listed, list};
use per_customer::{InterestEvent, kind_place};

/// What a row of the answer stands for, besides a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// A row per day.
    Day,
    /// A row per source of the events.
    Source,
    /// A row per category of the items.
    Category,
    /// A row per province of the events.
    Province,
}

impl By {
    /// The name of the column.
    pub fn column(self) -> &'static str {
        match self {
            Self::Day => names::DAY,
            Self::Source => names::SOURCE,
            Self::Category => names::CATEGORY,
            Self::Province => names::PROVINCE,
        }
    }
}

/// Default lengths of the periods, in days.
pub const PERIODS: [u32; 3] = [1, 7, 30];

/// Default number of days since an interest up to which a discount helps.
pub const DISCOUNT_DAYS: u32 = 7;

/// Default number of days since the first interest within which conversions of periods are compared.
pub const CONVERSION_DAYS: u32 = 7;

/// An interest within so many days before a period means that the customer is not new in it.
pub const NEW_AFTER_DAYS: i32 = 30;

/// Interests up to the as-of day, and the purchases that may have followed.
pub struct Interests<'a> {
    events: &'a Events,
    columns: Columns<'a>,
    corrections: Option<&'a Corrections>,
    covered: Coverage,
    as_of: Day,
    /// Purchases that count as a conversion: valid orders, or else purchase events.
    conversions: Purchases,
    /// Purchase events, if conversions are taken from orders.
    bought: Option<Purchases>,
    /// Events that are neither interests nor purchases, or later than the as-of day.
    excluded: RuleCounts,
}

impl<'a> Interests<'a> {
    /// Builds it from all events. `orders` are the purchases in orders, if there are orders.
    pub fn new(events: &'a Events, orders: Option<Purchases>, as_of: Day) -> Self {
        let columns = events.columns();
        let left_out = events.parts(EVENTS_AT_ONCE).into_par_iter().map(|rows| {
            let (mut others, mut later) = (0, 0);
            for row in rows {
                let kind = columns.kind(row);
                let is_other = kind_place(kind).is_none() && kind != EventKind::Purchase;
                others += u64::from(is_other);
                later += u64::from(!is_other && Day::new(columns.days()[row]) > as_of);
            }
            (others, later)
        });
        let (others, later) = left_out.reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        let mut excluded = RuleCounts::default();
        excluded.add(Rule::OtherKind, others + events.passed_over_count());
        excluded.add(Rule::AfterAsOf, later);
        let bought = Purchases::of_events(events, as_of);
        let (conversions, bought) = match orders {
            Some(orders) => (orders, Some(bought)),
            None => (bought, None),
        };
        let (covered, corrections) = (coverage::of_events(events), None);
        Self { events, columns, corrections, covered, as_of, conversions, bought, excluded }
    }

    /// Uses corrected sources: a corrected source counts for all events of its customer.
    pub fn corrected(self, corrections: Option<&'a Corrections>) -> Self {
        Self { corrections, ..self }
    }

    /// Moves the events that were left out from used to excluded.
    pub fn account(&self, accounting: &mut Accounting) {
        self.excluded.iter().for_each(|(rule, rows)| accounting.exclude(rule, rows));
    }

    /// Counts the customers with an interest in the `days` days that end with `last_day`, by group of their events.
    pub fn counts(
        &self,
        last_day: Day,
        days: u32,
        group: impl Fn(&Event) -> u32 + Sync,
    ) -> BTreeMap<u32, Counts> {
        let period = first_day_of(last_day, days)..=last_day;
        let group = |event: &InterestEvent, _| group(&self.columns.get(event.row));
        self.counts_of(&[period], group).into_iter().next().unwrap_or_default()
    }

    /// Counts the customers with an interest in the `days` days that end with `last_day`.
    pub fn total(&self, last_day: Day, days: u32) -> Counts {
        self.totals(last_day, &[days]).swap_remove(0)
    }

    /// Like [`Self::total`], for several lengths at once.
    pub fn totals(&self, last_day: Day, lengths: &[u32]) -> Vec<Counts> {
        let periods: Vec<_> = lengths.iter().map(|days| first_day_of(last_day, *days)..=last_day).collect();
        self.totals_of(&periods)
    }

    /// The number of purchases in the last `days` days: valid orders, or else purchase events.
    pub fn purchase_count(&self, days: u32) -> u64 {
        self.conversions.count_within(&(first_day_of(self.as_of, days)..=self.as_of))
    }

    /// The number of customers with an interest at any time up to as-of.
    pub fn ever(&self) -> u64 {
        self.each(|count: &mut u64, _| *count += 1).into_iter().sum()
    }

    /// Like the function [`begins_too_late`], for these events.
    pub fn begins_too_late(&self, periods: &[u32]) -> Option<Day> {
        begins_too_late(self.covered, self.as_of, periods)
    }

    fn tells_who_is_new(&self, first_day: Day) -> bool {
        tells_who_is_new(self.covered, first_day)
    }
}

#[cfg(test)]
mod tests;

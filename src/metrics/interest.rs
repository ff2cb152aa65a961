//! Who is interested: customers who made the shop or an item a favourite or put one into the cart.

mod counts;
mod listed;
mod per_customer;
mod tables;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use rayon::prelude::*;

use super::calendar::first_day_of;
use super::coverage::{self, Coverage};
use super::purchases::Purchases;
use crate::schema::accounting::{Accounting, Rule, RuleCounts};
use crate::schema::events::{Columns, Event};
use crate::schema::{Corrections, Day, EventKind, Events, names};
pub use counts::{Counts, begins_too_late, of_periods, tells_who_is_new};
pub use listed::{Listed, list};
use per_customer::{InterestEvent, kind_place};

/// What the rows of the answer are, beside periods.
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

/// Lengths of the periods in days, where nobody says others.
pub const PERIODS: [u32; 3] = [1, 7, 30];

/// Days since an interest up to which a discount helps, where nobody says otherwise.
pub const DISCOUNT_DAYS: u32 = 7;

/// Days since the first interest within which conversions of periods are compared, where nobody says others.
pub const CONVERSION_DAYS: u32 = 7;

/// Days before a period in which an interest makes a customer no new one.
pub const NEW_AFTER_DAYS: i32 = 30;

/// Interests up to as-of, and the purchases they may have led to.
pub struct Interests<'a> {
    events: &'a Events,
    columns: Columns<'a>,
    corrections: Option<&'a Corrections>,
    covered: Coverage,
    as_of: Day,
    /// Purchases that count as a conversion: valid orders, or else purchase events.
    conversions: Purchases,
    /// Purchases that events say, in addition to those.
    bought: Option<Purchases>,
    /// Events that say nothing of interest or purchases, or are left out.
    excluded: RuleCounts,
}

/// Events that are looked at in one go, by one of the processors.
const EVENTS_AT_ONCE: usize = 1 << 16;

impl<'a> Interests<'a> {
    /// From all events. `orders` are the purchases that orders say, where there are orders.
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

    /// The same where a person says of some customers that they came from elsewhere: so do all that they did.
    pub fn corrected(self, corrections: Option<&'a Corrections>) -> Self {
        Self { corrections, ..self }
    }

    /// Moves the events that were left out from used to excluded.
    pub fn account(&self, accounting: &mut Accounting) {
        self.excluded.iter().for_each(|(rule, rows)| accounting.exclude(rule, rows));
    }

    /// The customers of the `days` days that end with `last_day`, by group of their events.
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

    /// The customers of the `days` days that end with `last_day`.
    pub fn total(&self, last_day: Day, days: u32) -> Counts {
        self.totals(last_day, &[days]).swap_remove(0)
    }

    /// The same of several numbers of days.
    fn totals(&self, last_day: Day, lengths: &[u32]) -> Vec<Counts> {
        let periods: Vec<_> = lengths.iter().map(|days| first_day_of(last_day, *days)..=last_day).collect();
        let counted = self.counts_of(&periods, |_, _| 0);
        let nobody = |first_day: Day| Counts {
            is_new_unknown: !self.tells_who_is_new(first_day),
            ..Counts::default()
        };
        let of_period = |(period, mut counts): (&RangeInclusive<Day>, BTreeMap<u32, Counts>)| {
            counts.remove(&0).unwrap_or_else(|| nobody(*period.start()))
        };
        periods.iter().zip(counted).map(of_period).collect()
    }

    /// Purchases of the last `days` days: valid orders, or else purchase events.
    pub fn purchase_count(&self, days: u32) -> u64 {
        self.conversions.count_within(&(first_day_of(self.as_of, days)..=self.as_of))
    }

    /// Customers with an interest at any time.
    pub fn ever(&self) -> u64 {
        self.each(|count: &mut u64, _| *count += 1).into_iter().sum()
    }

    /// As [`begins_too_late`].
    pub fn begins_too_late(&self, periods: &[u32]) -> Option<Day> {
        begins_too_late(self.covered, self.as_of, periods)
    }

    fn tells_who_is_new(&self, first_day: Day) -> bool {
        tells_who_is_new(self.covered, first_day)
    }
}

#[cfg(test)]
mod tests;

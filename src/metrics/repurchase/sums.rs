//! The gaps between customers' order days, of those who are asked about and of the others.

use std::borrow::Cow;

use crate::schema::Day;
use crate::stats::survival::Durations;

/// The customers of one group, or all: gaps between distinct order days, and the open one of each, watched until as-of.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sums {
    /// From the first order to the second order day; of segments from the day on which they were taken to the next one.
    pub first: Durations,
    /// From later order days to the next.
    pub later: Durations,
}

/// The customers of one group, or all, whoever came first when: what is usual does not depend on a window, which would
/// cut gaps short.
#[derive(Debug, Clone, Default)]
pub(super) struct GroupSums {
    /// Those who are asked about.
    pub asked: Sums,
    /// Those whom a window leaves out.
    pub others: Sums,
}

impl Sums {
    /// Adds a buyer's order days, ascending.
    pub fn add(&mut self, days: &[Day], as_of: Day) {
        let Some(last) = days.last() else { return };
        for (place, pair) in days.windows(2).enumerate() {
            self.after(place + 1).add(pair[0].days_until(pair[1]), true);
        }
        self.after(days.len()).add(last.days_until(as_of), false);
    }

    /// Adds them watched from a day on, on which the buyer had ordered before.
    pub fn add_from(&mut self, from: Day, days: &[Day], as_of: Day) {
        let after = &days[days.partition_point(|day| *day <= from)..];
        match after.first() {
            Some(next) => self.first.add(from.days_until(*next), true),
            None => self.first.add(from.days_until(as_of), false),
        }
        for pair in after.windows(2) {
            self.later.add(pair[0].days_until(pair[1]), true);
        }
        if let Some(last) = after.last() {
            self.later.add(last.days_until(as_of), false);
        }
    }

    /// The gaps after so many order days.
    fn after(&mut self, order_days: usize) -> &mut Durations {
        if order_days == 1 { &mut self.first } else { &mut self.later }
    }

    /// All gaps: with those after the first order day, or without what is none between orders.
    pub fn gaps(&self, with_first: bool) -> Durations {
        let mut gaps = self.later.clone();
        if with_first {
            gaps.merge(&self.first);
        }
        gaps
    }

    pub fn merge(&mut self, other: &Self) {
        self.first.merge(&other.first);
        self.later.merge(&other.later);
    }
}

impl GroupSums {
    pub fn sums(&mut self, is_asked: bool) -> &mut Sums {
        if is_asked { &mut self.asked } else { &mut self.others }
    }

    /// Of everybody; without a window those are who is asked about.
    pub fn ever(&self) -> Cow<'_, Sums> {
        if self.others == Sums::default() {
            return Cow::Borrowed(&self.asked);
        }
        let mut all = self.asked.clone();
        all.merge(&self.others);
        Cow::Owned(all)
    }

    pub fn merge(&mut self, other: &Self) {
        self.asked.merge(&other.asked);
        self.others.merge(&other.others);
    }
}

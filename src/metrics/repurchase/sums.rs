//! The gaps between customers' order days, those of the customers counted in the result apart from those of the others.

use std::borrow::Cow;

use crate::schema::Day;
use crate::stats::survival::Durations;

/// The gaps between distinct order days of the customers of one group, or of all. The last gap of each customer is open
/// and lasts until as-of.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sums {
    /// Gaps from the first order day to the second. For segments, the time from the day of the segment to the next
    /// order day.
    pub first: Durations,
    /// Gaps from later order days to the next.
    pub later: Durations,
}

/// The gaps of the customers of one group, or of all, with those that a window leaves out. Cycles and churn lines are
/// computed from both, as a window would cut the gaps short.
#[derive(Debug, Clone, Default)]
pub(super) struct GroupSums {
    /// Gaps of the customers who are counted in the result.
    pub asked: Sums,
    /// Gaps of the customers whom a window leaves out.
    pub others: Sums,
}

impl Sums {
    /// Adds the gaps of a buyer, given the order days in ascending order.
    pub fn add(&mut self, days: &[Day], as_of: Day) {
        let Some(last) = days.last() else { return };
        for (place, pair) in days.windows(2).enumerate() {
            self.after(place + 1).add(pair[0].days_until(pair[1]), true);
        }
        self.after(days.len()).add(last.days_until(as_of), false);
    }

    /// Adds the gaps of a buyer who is watched from the day `from`, and had ordered on it or before.
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

    /// The gaps that follow the order day of this number, counted from 1.
    fn after(&mut self, order_days: usize) -> &mut Durations {
        if order_days == 1 { &mut self.first } else { &mut self.later }
    }

    /// The later gaps, and if `with_first` also the first ones. For segments the first ones are not gaps between
    /// orders, so they are left out.
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

    /// The gaps of all customers, those that a window leaves out included.
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

//! The pass over the events, customer by customer: who showed an interest in a period, and who bought.

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

use rayon::prelude::*;

use super::counts::Counts;
use super::{Interests, NEW_AFTER_DAYS};
use crate::metrics::purchases::{EVENTS_AT_ONCE, Moment, first_from};
use crate::schema::{CustomerCode, Day, EventKind};

/// An interest up to as-of.
#[derive(Debug, Clone, Copy)]
pub(super) struct InterestEvent {
    pub(super) at: Moment,
    /// The index of its kind in [`EventKind::INTEREST`].
    pub(super) place: usize,
    /// Its row among the events.
    pub(super) row: usize,
}

/// A customer with an interest up to as-of.
pub(super) struct Interested<'a> {
    pub(super) customer: CustomerCode,
    /// Sorted by time.
    pub(super) interests: &'a [InterestEvent],
    /// Purchases that count as a conversion, sorted by time.
    pub(super) conversions: &'a [(CustomerCode, Moment)],
    pub(super) has_bought: bool,
}

/// The interests of one customer in a period, in one group of events.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) first: Moment,
    pub(super) last_day: Day,
    /// Number of events by kind: shop favourites, item favourites, carts.
    pub(super) kinds: [u64; 3],
}

/// The index of a kind in [`EventKind::INTEREST`]; `None` if the kind shows no interest.
pub(super) fn kind_place(kind: EventKind) -> Option<usize> {
    EventKind::INTEREST.iter().position(|wanted| *wanted == kind)
}

impl Interests<'_> {
    /// Calls `see` with each customer who has an interest, in the order of codes. Returns the results by part of the
    /// events, in the order of the parts.
    pub(super) fn each<T: Default + Send>(&self, see: impl Fn(&mut T, &Interested<'_>) + Sync) -> Vec<T> {
        let customers = self.columns.customers();
        let part = |rows: Range<usize>| {
            let first = CustomerCode::new(customers[rows.start]);
            let (mut conversions, mut bought) =
                (self.conversions.walk(first), self.bought.as_ref().map(|bought| bought.walk(first)));
            let (mut made, mut interests, mut start) = (T::default(), Vec::new(), rows.start);
            for run in customers[rows].chunk_by(|a, b| a == b) {
                let own = start..start + run.len();
                start = own.end;
                interests.clear();
                interests.extend(own.filter_map(|row| self.interest(row)));
                if interests.is_empty() {
                    continue;
                }
                let customer = CustomerCode::new(run[0]);
                let conversions = conversions.next(customer);
                let bought = bought.as_mut().map_or(&[][..], |bought| bought.next(customer));
                let has_bought = !conversions.is_empty() || !bought.is_empty();
                see(&mut made, &Interested { customer, interests: &interests, conversions, has_bought });
            }
            made
        };
        self.events.parts(EVENTS_AT_ONCE).into_par_iter().map(part).collect()
    }

    /// The interest in a row; `None` if the row is no interest or later than as-of.
    #[inline]
    fn interest(&self, row: usize) -> Option<InterestEvent> {
        let (place, day) = (kind_place(self.columns.kind(row))?, Day::new(self.columns.days()[row]));
        (day <= self.as_of).then(|| InterestEvent { at: (day, self.columns.second(row)), place, row })
    }

    /// Counts the customers of several periods.
    pub(super) fn totals_of(&self, periods: &[RangeInclusive<Day>]) -> Vec<Counts> {
        let nobody = |period: &RangeInclusive<Day>| Counts {
            is_new_unknown: !self.tells_who_is_new(*period.start()),
            ..Counts::default()
        };
        let nobody: Vec<Counts> = periods.iter().map(nobody).collect();
        let parts = self.each(|all: &mut Vec<Counts>, of| {
            if all.is_empty() {
                all.clone_from(&nobody);
            }
            for (period, counts) in periods.iter().zip(all) {
                if let Some(seen) = Seen::of(of.interests, period) {
                    counts.add(of, &seen, InPeriod::of(of, period), self.as_of);
                }
            }
        });
        let mut totals = nobody;
        for part in &parts {
            totals.iter_mut().zip(part).for_each(|(all, counts)| all.merge(counts));
        }
        totals
    }

    /// Counts the customers of several periods, each by group of their events.
    pub(super) fn counts_of(
        &self,
        periods: &[RangeInclusive<Day>],
        group: impl Fn(&InterestEvent, CustomerCode) -> u32 + Sync,
    ) -> Vec<BTreeMap<u32, Counts>> {
        /// The counts by period and group, and a buffer for the groups of one customer.
        type OfPart = (Vec<BTreeMap<u32, Counts>>, Vec<(u32, Seen)>);
        let parts = self.each(|(all, found): &mut OfPart, of| {
            all.resize_with(periods.len(), BTreeMap::new);
            for (period, all) in periods.iter().zip(all) {
                seen_by_group(of.interests, period, |event| group(event, of.customer), found);
                if found.is_empty() {
                    continue;
                }
                let in_period = InPeriod::of(of, period);
                for (group, seen) in &*found {
                    let counts = all.entry(*group).or_default();
                    counts.is_new_unknown = !self.tells_who_is_new(*period.start());
                    counts.add(of, seen, in_period, self.as_of);
                }
            }
        });
        let mut all = vec![BTreeMap::new(); periods.len()];
        for (of_part, _) in parts {
            for (all, of_period) in all.iter_mut().zip(of_part) {
                for (group, counts) in of_period {
                    all.entry(group).or_insert_with(Counts::default).merge(&counts);
                }
            }
        }
        all
    }
}

impl Counts {
    /// Adds a customer with these interests in the period.
    pub(super) fn add(&mut self, of: &Interested<'_>, seen: &Seen, in_period: InPeriod, as_of: Day) {
        self.interested += 1;
        for (count, events) in self.kinds.iter_mut().zip(seen.kinds) {
            *count += u64::from(events > 0);
        }
        self.not_bought_in_period += u64::from(!in_period.has_bought);
        self.not_yet_bought += u64::from(!of.has_bought);
        self.new += u64::from(in_period.is_new);
        let conversion = first_from(of.conversions, seen.first);
        self.converted += u64::from(conversion.is_some());
        let (first_day, _) = seen.first;
        let until = conversion.map_or(as_of, |(day, _)| day);
        self.to_conversion.add(first_day.days_until(until), conversion.is_some());
    }
}

/// The state of a customer in a period, which is the same for all groups of events.
#[derive(Clone, Copy)]
pub(super) struct InPeriod {
    has_bought: bool,
    /// Whether the customer had no interest in the 30 days before the period.
    is_new: bool,
}

impl InPeriod {
    pub(super) fn of(of: &Interested<'_>, period: &RangeInclusive<Day>) -> Self {
        let from = period.start().minus_days(NEW_AFTER_DAYS);
        // The last interest before the period decides, since interests are sorted by time.
        let before = of.interests.iter().take_while(|event| event.at.0 < *period.start()).last();
        Self {
            has_bought: of.conversions.iter().any(|(_, (day, _))| period.contains(day)),
            is_new: before.is_none_or(|event| event.at.0 < from),
        }
    }
}

impl Seen {
    /// The interests of a customer, sorted by time, in a period. An interest without a time of day counts as before
    /// everything else on its day.
    pub(super) fn of(events: &[InterestEvent], period: &RangeInclusive<Day>) -> Option<Self> {
        let mut found = events.iter().filter(|event| period.contains(&event.at.0));
        let mut seen = Self::of_one(found.next()?);
        found.for_each(|event| seen.add(&Self::of_one(event)));
        Some(seen)
    }

    fn of_one(event: &InterestEvent) -> Self {
        let mut kinds = [0; 3];
        kinds[event.place] = 1;
        Self { first: event.at, last_day: event.at.0, kinds }
    }

    fn add(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.last_day = self.last_day.max(other.last_day);
        self.kinds.iter_mut().zip(other.kinds).for_each(|(all, own)| *all += own);
    }
}

/// Like [`Seen::of`], by group of the events.
fn seen_by_group(
    events: &[InterestEvent],
    period: &RangeInclusive<Day>,
    group: impl Fn(&InterestEvent) -> u32,
    found: &mut Vec<(u32, Seen)>,
) {
    found.clear();
    let in_period = events.iter().filter(|event| period.contains(&event.at.0));
    found.extend(in_period.map(|event| (group(event), Seen::of_one(event))));
    found.sort_unstable_by_key(|(group, _)| *group);
    found.dedup_by(|(group, seen), (of, kept)| {
        let is_same = group == of;
        if is_same {
            kept.add(seen);
        }
        is_same
    });
}

//! The pass over the events, customer by customer: who showed an interest in a period, and who bought.

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

use rayon::prelude::*;

use super::counts::Counts;
use super::{EVENTS_AT_ONCE, Interests, NEW_AFTER_DAYS};
use crate::metrics::purchases::{Moment, first_from};
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
                seen(of.interests, period, |event| group(event, of.customer), found);
                if found.is_empty() {
                    continue;
                }
                let in_period = InPeriod::of(of, period);
                for (group, seen) in &*found {
                    self.count(all.entry(*group).or_default(), of, period, seen, in_period);
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

    /// Adds a customer to the counts of a group in a period.
    pub(super) fn count(
        &self,
        counts: &mut Counts,
        of: &Interested<'_>,
        period: &RangeInclusive<Day>,
        seen: &Seen,
        in_period: InPeriod,
    ) {
        counts.is_new_unknown = !self.tells_who_is_new(*period.start());
        counts.interested += 1;
        for (count, events) in counts.kinds.iter_mut().zip(seen.kinds) {
            *count += u64::from(events > 0);
        }
        counts.not_bought_in_period += u64::from(!in_period.has_bought);
        counts.not_yet_bought += u64::from(!of.has_bought);
        counts.new += u64::from(in_period.is_new);
        let conversion = first_from(of.conversions, seen.first);
        counts.converted += u64::from(conversion.is_some());
        let (first_day, _) = seen.first;
        let until = conversion.map_or(self.as_of, |(day, _)| day);
        counts.to_conversion.add(first_day.days_until(until), conversion.is_some());
    }
}

/// The state of a customer in a period, which is the same for all groups of events.
#[derive(Clone, Copy)]
pub(super) struct InPeriod {
    pub(super) has_bought: bool,
    /// Whether the customer had no interest in the 30 days before the period.
    pub(super) is_new: bool,
}

impl InPeriod {
    pub(super) fn of(of: &Interested<'_>, period: &RangeInclusive<Day>) -> Self {
        let before = period.start().minus_days(NEW_AFTER_DAYS)..=period.start().minus_days(1);
        Self {
            has_bought: of.conversions.iter().any(|(_, (day, _))| period.contains(day)),
            is_new: !of.interests.iter().any(|event| before.contains(&event.at.0)),
        }
    }
}

/// Finds the interests of a customer in a period, by group. An interest without a time of day counts as before
/// everything else on its day.
pub(super) fn seen(
    events: &[InterestEvent],
    period: &RangeInclusive<Day>,
    group: impl Fn(&InterestEvent) -> u32,
    found: &mut Vec<(u32, Seen)>,
) {
    found.clear();
    found.extend(events.iter().filter(|event| period.contains(&event.at.0)).map(|event| {
        let mut kinds = [0; 3];
        kinds[event.place] = 1;
        (group(event), Seen { first: event.at, last_day: event.at.0, kinds })
    }));
    found.sort_unstable_by_key(|(group, _)| *group);
    found.dedup_by(|(group, seen), (of, kept)| {
        let is_same = group == of;
        if is_same {
            kept.first = kept.first.min(seen.first);
            kept.last_day = kept.last_day.max(seen.last_day);
            kept.kinds.iter_mut().zip(seen.kinds).for_each(|(all, own)| *all += own);
        }
        is_same
    });
}

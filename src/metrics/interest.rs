//! Who is interested: customers who made the shop or an item a favourite or put one into the cart.

mod counts;
mod listed;

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

use polars::prelude::*;
use rayon::prelude::*;

use super::calendar::first_day_of;
use super::coverage::{self, Coverage};
use super::finish::{dates, frame, ids, texts};
use super::purchases::{Moment, Purchases, first_from};
use super::region::{Groups, Level};
use crate::error::Result;
use crate::schema::accounting::{Accounting, Rule, RuleCounts};
use crate::schema::events::{Columns, Event, UNKNOWN};
use crate::schema::{Corrected, Corrections, CustomerCode, CustomerIds, Day, EventKind, Events, names};
use counts::figures;
pub use counts::{Counts, begins_too_late, of_periods, tells_who_is_new};
pub use listed::{Listed, list};

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

/// An interest up to as-of.
#[derive(Debug, Clone, Copy)]
struct InterestEvent {
    at: Moment,
    /// The place of its kind among [`EventKind::INTEREST`].
    place: usize,
    /// Its row among the events.
    row: usize,
}

/// A customer with an interest up to as-of.
struct Interested<'a> {
    customer: CustomerCode,
    /// By time.
    interests: &'a [InterestEvent],
    /// Purchases that count as a conversion, by time.
    conversions: &'a [(CustomerCode, Moment)],
    has_bought: bool,
}

/// The column that names the rows, where there is one, and the rows: the length of the period and its customers.
type Rows = (Option<Column>, Vec<(u32, Counts)>);

/// What one customer did in a period, of one group of events.
#[derive(Debug, Clone, Copy)]
struct Seen {
    first: Moment,
    last_day: Day,
    /// Events by kind: shop favourites, item favourites, carts.
    kinds: [u64; 3],
}

/// The kind's place, where it says an interest.
fn kind_place(kind: EventKind) -> Option<usize> {
    EventKind::INTEREST.iter().position(|wanted| *wanted == kind)
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

    /// Shows each customer with an interest, by code; what is made of them in each part of the events comes in the
    /// order of the parts.
    fn each<T: Default + Send>(&self, see: impl Fn(&mut T, &Interested<'_>) + Sync) -> Vec<T> {
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

    /// The interest in a row, where it is one up to as-of.
    #[inline]
    fn interest(&self, row: usize) -> Option<InterestEvent> {
        let (place, day) = (kind_place(self.columns.kind(row))?, Day::new(self.columns.days()[row]));
        (day <= self.as_of).then(|| InterestEvent { at: (day, self.columns.second(row)), place, row })
    }

    /// The customers of each of some periods, by group of their events.
    fn counts_of(
        &self,
        periods: &[RangeInclusive<Day>],
        group: impl Fn(&InterestEvent, CustomerCode) -> u32 + Sync,
    ) -> Vec<BTreeMap<u32, Counts>> {
        /// By period and group, and room for those of one customer.
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

    /// Counts a customer of whom a period's events of a group say this.
    fn count(
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

    /// One row per period and group: the group's column where `by` is given, `days`, `interest_customer_count`,
    /// `fav_shop`, `fav_item`, `cart`, `not_bought_in_period_count`, `not_yet_bought_count`, `new_customer_count` (null
    /// where the events begin later than 30 days before the period), `converted_count`, `conversion_rate` and
    /// `conversion_7d_rate` (of `conversion_days` since the first interest, Kaplan–Meier) with their intervals. Groups
    /// come by their count, those not known last; days ascend.
    pub fn summary(&self, periods: &[u32], by: Option<By>, conversion_days: u32) -> Result<DataFrame> {
        let places = Groups::new(self.events.regions(), Level::Province);
        let sources = Corrected::new(self.events.sources(), self.corrections);
        let listed = |names: &[String], number: u32| names.get(number as usize).cloned();
        let (lead, rows) = match by {
            None => {
                let totals = self.totals(self.as_of, periods);
                (None, periods.iter().copied().zip(totals).collect())
            }
            Some(By::Day) => self.by_day(periods.iter().copied().max().unwrap_or(1)),
            Some(By::Source) => self.by_group(
                periods,
                names::SOURCE,
                |event, customer| sources.number(customer, self.columns.get(event.row).source),
                |n| sources.name(n).map(str::to_owned),
            ),
            Some(By::Category) => self.by_group(
                periods,
                names::CATEGORY,
                |event, _| self.columns.get(event.row).category,
                |n| listed(self.events.categories(), n),
            ),
            Some(By::Province) => self.by_group(
                periods,
                names::PROVINCE,
                |event, _| places.known(self.columns.get(event.row).region).unwrap_or(UNKNOWN),
                |group| places.province(group),
            ),
        };
        frame(lead.into_iter().chain(figures(&rows, conversion_days)).collect())
    }

    /// A row per day, as a period of one day; none for days before the first interest.
    fn by_day(&self, days: u32) -> Rows {
        // Without any interest there are no days.
        let firsts = self.each(|first: &mut Option<Day>, of| {
            let (day, _) = of.interests[0].at;
            *first = Some(first.map_or(day, |first| first.min(day)));
        });
        let earliest = firsts.into_iter().flatten().min().unwrap_or(Day::AFTER_ALL);
        let first = first_day_of(self.as_of, days).max(earliest);
        let parts = self.each(|(all, found): &mut (BTreeMap<Day, Counts>, Vec<(u32, Seen)>), of| {
            let is_of_day = |a: &InterestEvent, b: &InterestEvent| a.at.0 == b.at.0;
            for same_day in of.interests.chunk_by(is_of_day).filter(|events| events[0].at.0 >= first) {
                let (day, _) = same_day[0].at;
                seen(same_day, &(day..=day), |_| 0, found);
                for (_, seen) in &*found {
                    let in_period = InPeriod::of(of, &(day..=day));
                    self.count(all.entry(day).or_default(), of, &(day..=day), seen, in_period);
                }
            }
        });
        let nobody = |day| Counts { is_new_unknown: !self.tells_who_is_new(day), ..Counts::default() };
        let mut all: Vec<Counts> = first.up_to(self.as_of).map(nobody).collect();
        for (day, counts) in parts.into_iter().flat_map(|(part, _)| part) {
            all[first.days_until(day) as usize].merge(&counts);
        }
        let column = dates(names::DAY, first.up_to(self.as_of).map(Some));
        (Some(column), all.into_iter().map(|counts| (1, counts)).collect())
    }

    /// A row per period and group of events, named by `name`, in a column called `column`.
    fn by_group(
        &self,
        periods: &[u32],
        column: &str,
        group: impl Fn(&InterestEvent, CustomerCode) -> u32 + Sync,
        name: impl Fn(u32) -> Option<String>,
    ) -> Rows {
        let mut rows = Vec::new();
        let first_days = periods.iter().map(|days| first_day_of(self.as_of, *days));
        let counted = self.counts_of(&first_days.map(|day| day..=self.as_of).collect::<Vec<_>>(), group);
        for (&days, counted) in periods.iter().zip(counted) {
            let counted = counted.into_iter();
            let mut groups: Vec<(Option<String>, Counts)> =
                counted.map(|(group, counts)| (name(group), counts)).collect();
            groups.sort_by_cached_key(|(name, counts)| {
                (name.is_none(), std::cmp::Reverse(counts.interested), name.clone())
            });
            rows.extend(groups.into_iter().map(|(name, counts)| (name, (days, counts))));
        }
        let (names, rows): (Vec<Option<String>>, Vec<(u32, Counts)>) = rows.into_iter().unzip();
        (Some(texts(column, names.into_iter())), rows)
    }

    /// One row per customer with an interest in the last `days` days, the latest first: `customer_id`,
    /// `last_interest_on`, `days_since_interest`, `fav_shop_count`, `fav_item_count`, `cart_count`, `has_bought`,
    /// `is_converted`, `is_past_discount_window` (more than `discount_days` since).
    pub fn customers(&self, ids_of: &CustomerIds, days: u32, discount_days: u32) -> Result<DataFrame> {
        /// By customer, and room for what is seen of one.
        type OfPart = (Vec<(CustomerCode, Listed)>, Vec<(u32, Seen)>);
        let period = first_day_of(self.as_of, days)..=self.as_of;
        let parts = self.each(|(rows, found): &mut OfPart, of| {
            seen(of.interests, &period, |_| 0, found);
            rows.extend(found.iter().map(|(_, seen)| {
                let listed = Listed {
                    last_day: seen.last_day,
                    kinds: seen.kinds,
                    has_bought: of.has_bought,
                    is_converted: first_from(of.conversions, seen.first).is_some(),
                };
                (of.customer, listed)
            }));
        });
        let mut rows: Vec<(CustomerCode, Listed)> = parts.into_iter().flat_map(|(rows, _)| rows).collect();
        rows.sort_by_cached_key(|(customer, of)| (std::cmp::Reverse(of.last_day), ids_of.text(*customer)));
        let (codes, rows): (Vec<CustomerCode>, Vec<Listed>) = rows.into_iter().unzip();
        list(ids(ids_of, &codes)?, &rows, self.as_of, discount_days)
    }

    /// As [`begins_too_late`].
    pub fn begins_too_late(&self, periods: &[u32]) -> Option<Day> {
        begins_too_late(self.covered, self.as_of, periods)
    }

    fn tells_who_is_new(&self, first_day: Day) -> bool {
        tells_who_is_new(self.covered, first_day)
    }
}

/// What is true of a customer in a period, whatever the group of the events.
#[derive(Clone, Copy)]
struct InPeriod {
    has_bought: bool,
    /// Whether there was no interest in the days before that decide it.
    is_new: bool,
}

impl InPeriod {
    fn of(of: &Interested<'_>, period: &RangeInclusive<Day>) -> Self {
        let before = period.start().minus_days(NEW_AFTER_DAYS)..=period.start().minus_days(1);
        Self {
            has_bought: of.conversions.iter().any(|(_, (day, _))| period.contains(day)),
            is_new: !of.interests.iter().any(|event| before.contains(&event.at.0)),
        }
    }
}

/// Finds what a customer's events of a period say, by group. An interest whose time of day is not known may have been
/// at any: it is taken as before whatever else was that day.
fn seen(
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{on, read, rows};

    const COLUMNS: [&str; 3] = ["period_days", "interest_customer_count", "new_customer_count"];

    /// The last seven days are 24 to 30 June; who is new in them is decided by 25 May to 23 June.
    #[test]
    fn who_is_new_is_known_where_the_log_reaches_back() {
        for (first, new) in [("2026-05-25", "1"), ("2026-05-26", "")] {
            let text = format!(
                "customer_id,occurred_at,kind;z,{first},view;a,2026-05-26,cart;a,2026-06-24,cart;b,2026-06-30,cart"
            );
            let read = read(&[("events.csv", &text)]);
            let interests = Interests::new(read.shop().events().expect("events"), None, on("2026-06-30"));
            let summary = interests.summary(&[7], None, 7).expect("a summary");
            assert_eq!(rows(&summary, &COLUMNS), [format!("7,2,{new}")]);
            let begins = interests.begins_too_late(&[1, 7]);
            assert_eq!(begins, Some(on(first)).filter(|_| new.is_empty()));
            // By day each is a period of one day: on 24 June a was there within 30 days, and that is known from 25 May
            // on.
            let by_day = interests.summary(&[7], Some(By::Day), 7).expect("a summary");
            let found = rows(&by_day, &["day", "new_customer_count"]);
            assert_eq!(found[0], format!("2026-06-24,{}", if new.is_empty() { "" } else { "0" }));
            assert_eq!(found[6], "2026-06-30,1");
        }
    }

    /// Within 30 days before the period is not new, the 31st is.
    #[test]
    fn an_interest_of_thirty_days_before_makes_nobody_new() {
        for (before, new) in [("2026-05-30", "1"), ("2026-05-31", "0"), ("2026-06-29", "0")] {
            let text = format!(
                "customer_id,occurred_at,kind;z,2026-01-01,view;a,{before},cart;a,2026-06-30,fav_item"
            );
            let read = read(&[("events.csv", &text)]);
            let interests = Interests::new(read.shop().events().expect("events"), None, on("2026-06-30"));
            assert_eq!(
                rows(&interests.summary(&[1], None, 7).expect("a summary"), &COLUMNS),
                [format!("1,1,{new}")]
            );
        }
    }

    /// Seven days since are within the window of discounts, eight are past it; of one day the first by id.
    #[test]
    fn the_list_is_by_day_then_by_id() {
        let text = "customer_id,occurred_at,kind;b,2026-06-23,cart;a,2026-06-22,cart;d,2026-06-30,cart;c,2026-06-30,cart";
        let read = read(&[("events.csv", text)]);
        let interests = Interests::new(read.shop().events().expect("events"), None, on("2026-06-30"));
        let list = interests.customers(&read.ingested.orders.customers, 30, DISCOUNT_DAYS).expect("a list");
        assert_eq!(
            rows(&list, &["customer_id", "days_since_interest", "is_past_discount_window"]),
            ["c,0,false", "d,0,false", "b,7,false", "a,8,true"]
        );
    }

    /// A period holds its first day and not the one before.
    #[test]
    fn a_period_is_of_whole_days() {
        let text = "customer_id,occurred_at,kind;a,2026-06-24,cart;b,2026-06-23,cart;c,2026-06-01,cart;d,2026-05-31,cart";
        let read = read(&[("events.csv", text)]);
        let interests = Interests::new(read.shop().events().expect("events"), None, on("2026-06-30"));
        assert_eq!(PERIODS.map(|days| interests.total(on("2026-06-30"), days).interested), [0, 1, 3]);
    }

    /// Of the three of the last seven days a bought; c's interest is older.
    #[test]
    fn who_bought_and_who_did_not_are_counted_apart() {
        let read = read(&[(
            "events.csv",
            "customer_id,occurred_at,kind;a,2026-06-24,cart;a,2026-06-25,purchase;b,2026-06-26,cart;d,2026-06-27,cart;
             c,2026-05-01,cart",
        )]);
        let interests = Interests::new(read.shop().events().expect("events"), None, on("2026-06-30"));
        assert_eq!(interests.ever(), 4);
        let columns = [
            "interest_customer_count",
            "not_bought_in_period_count",
            "not_yet_bought_count",
            "converted_count",
            "conversion_rate",
        ];
        assert_eq!(
            rows(&interests.summary(&[7], None, 7).expect("a summary"), &columns),
            ["3,2,2,1,0.333333"]
        );
    }

    /// Of four interested on 1 June one bought on the same day, one on the 8th and one on the 9th; the fourth is
    /// watched for 29 days. Of the interest of 28 June nobody knows what seven days bring: it is watched for two.
    #[test]
    fn conversions_within_days_are_followed_as_far_as_they_can_be() {
        let text = "customer_id,occurred_at,kind;a,2026-06-01 09:00:00,cart;a,2026-06-01 10:00:00,purchase;
            b,2026-06-01,cart;b,2026-06-08,purchase;c,2026-06-01,cart;c,2026-06-09,purchase;d,2026-06-01,cart;
            e,2026-06-28,cart";
        let read = read(&[("events.csv", text)]);
        let interests = Interests::new(read.shop().events().expect("events"), None, on("2026-06-30"));
        let columns = ["interest_customer_count", "converted_count", "conversion_7d_rate"];
        let of = |period: u32, days: u32| {
            rows(&interests.summary(&[period], None, days).expect("a summary"), &columns).swap_remove(0)
        };
        // One of five on day 0; one of the three still watched on day 7, and one of two on day 8.
        assert_eq!(of(30, 7), "5,3,0.466667");
        assert_eq!(of(30, 6), "5,3,0.2");
        assert_eq!(of(30, 8), "5,3,0.733333");
        assert_eq!([of(7, 7), of(7, 2)], ["1,0,", "1,0,0"]);
        let ends = ["conversion_rate", "conversion_rate_low", "conversion_rate_high"];
        // Wilson's 3 of 5, which statsmodels has from 0.230724 to 0.882379.
        assert_eq!(
            rows(&interests.summary(&[30], None, 7).expect("a summary"), &ends),
            ["0.6,0.230724,0.882379"]
        );
    }
}

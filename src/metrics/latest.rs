//! Whether the latest day of the data can be trusted as the as-of day. A few rows with a mistyped year, or renewals
//! that lie in the future, would make every customer look lost.

use std::collections::BTreeMap;

use super::scope::{Amounts, ScopeRequest};
use crate::error::Result;
use crate::locale::Remark;
use crate::schema::parts::{INCOMPLETE, Look, Rows};
use crate::schema::{Day, Events, Orders, RowParts, day};

/// The last day of some rows, and how many of the rows are close to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tail {
    /// The last day of any of them.
    last: Day,
    /// The number of rows in the [`NEAR_DAYS`] days that end with it.
    near: u64,
}

/// Enough rows within so many days of the latest day confirm that it is real.
const NEAR_DAYS: i32 = 30;

/// A gap of more days than this separates a few rows from all others.
const FAR_GAP_DAYS: i32 = 2 * NEAR_DAYS;

impl Tail {
    /// The last day.
    pub fn last(&self) -> Day {
        self.last
    }

    /// The tail of rows with these days; `None` if no row has a day.
    ///
    /// Days are plain numbers, as columns hold them, so that the compiler can handle several at once.
    pub(super) fn of(days: impl Iterator<Item = i32> + Clone) -> Option<Self> {
        let last = days.clone().fold(day::MISSING, i32::max);
        let first = last.saturating_sub(NEAR_DAYS);
        (last > day::MISSING)
            .then(|| Self { last: Day::new(last), near: days.filter(|day| *day > first).count() as u64 })
    }
}

impl Tail {
    /// The tail of events, including those of which only the number per day is known.
    fn of_events(events: &Events) -> Option<Self> {
        let last = events.latest()?;
        let is_near = |day: i32| Day::new(day) > last.minus_days(NEAR_DAYS);
        let kept = events.days().iter().filter(|day| is_near(**day)).count() as u64;
        let counted = events.counted().filter(|(day, _)| is_near(*day)).map(|(_, rows)| rows);
        Some(Self { last, near: kept + counted.sum::<u64>() })
    }
}

/// A remark if an as-of day was asked for that is still to come; `today` is the day of the run.
pub fn future_as_of(request: &ScopeRequest, today: Day) -> Option<Remark> {
    let as_of = request.as_of.filter(|as_of| *as_of > today)?;
    Some(Remark::new("as_of_to_come").with("as_of", as_of).with("today", today))
}

/// A remark if the as-of day was not given and is the latest day of the data, but that day is doubtful. The usual case,
/// without a doubt, is recognised from the ends of the parts alone. `today` changes the remark, never the as-of day.
pub fn doubts(
    request: &ScopeRequest,
    orders: &Orders,
    events: Option<&Events>,
    today: Day,
) -> Result<Option<Remark>> {
    if request.as_of.is_some() {
        return Ok(None);
    }
    let ends = orders.parts.each_answer(|part| {
        let amounts = Amounts::of(part)?;
        let days = amounts.day()?;
        Ok((Tail::of(days.iter().copied()), days.len() as u64))
    })?;
    match is_borne_out(ends, events, today) {
        true => Ok(None),
        false => Ok(doubt(&days(orders, events)?, today)),
    }
}

/// The as-of day for unsorted orders, as [`ScopeRequest::day`] gives it, and the remark that [`doubts`] makes on it.
pub fn day_by_row(
    request: &ScopeRequest,
    orders: &Orders<RowParts>,
    events: Option<&Events>,
    today: Day,
) -> Result<(Option<Day>, Option<Remark>)> {
    if request.as_of.is_some() {
        return Ok((request.as_of, None));
    }
    let ends =
        orders.parts.each_rows_with(Look::Days, |rows| Ok((tail(rows), rows.ordered_on.len() as u64)))?;
    let latest = ends.iter().filter_map(|(tail, _)| *tail).map(|tail| tail.last).max();
    let latest = latest.max(events.and_then(Events::latest));
    match is_borne_out(ends, events, today) {
        true => Ok((latest, None)),
        false => Ok((latest, doubt(&days_by_row(orders, events)?, today))),
    }
}

/// Whether the ends of the orders' parts (with the number of rows of each) and of the events confirm the latest day.
fn is_borne_out(mut ends: Vec<(Option<Tail>, u64)>, events: Option<&Events>, today: Day) -> bool {
    if let Some(events) = events {
        let counted: u64 = events.counted().map(|(_, rows)| rows).sum();
        ends.push((Tail::of_events(events), events.len() as u64 + counted));
    }
    let rows = ends.iter().map(|(_, rows)| rows).sum();
    let tails: Vec<Tail> = ends.into_iter().filter_map(|(tail, _)| tail).collect();
    are_borne_out(&tails, rows, today)
}

/// The tail of rows in any order. Rows that do not belong to the table are passed over.
pub(super) fn tail(rows: &Rows<'_>) -> Option<Tail> {
    // Without a branch, so that the compiler can handle several rows at once.
    let days = rows.ordered_on.iter().zip(rows.customer);
    let days = days.map(|(day, customer)| if *customer == INCOMPLETE { day::MISSING } else { *day });
    Tail::of(days)
}

/// Whether the ends of all parts show that the latest day is not after today and that more than a few rows are near it.
pub(super) fn are_borne_out(tails: &[Tail], rows: u64, today: Day) -> bool {
    let Some(last) = tails.iter().map(|tail| tail.last).max() else { return true };
    let near = tails.iter().filter(|tail| tail.last > last.minus_days(NEAR_DAYS)).map(|tail| tail.near);
    last <= today && near.sum::<u64>() > few(rows)
}

/// The greatest number of rows that counts as few among `rows` rows.
fn few(rows: u64) -> u64 {
    const SHARE: u64 = 1_000;
    (rows / SHARE).max((rows / 3).min(3))
}

/// Rows by day.
type Days = BTreeMap<Day, u64>;

/// The number of rows by day, of sorted orders and of events.
fn days(orders: &Orders, events: Option<&Events>) -> Result<Days> {
    let mut all =
        orders.parts.each_answer(|part| Ok(count(day::known(Amounts::of(part)?.day()?.iter().copied()))))?;
    all.extend(events.map(of_events));
    Ok(sum(all))
}

/// The number of events by day.
fn of_events(events: &Events) -> Days {
    let mut days = count(events.days().iter().copied().map(Day::new));
    for (day, rows) in events.counted() {
        *days.entry(Day::new(day)).or_default() += rows;
    }
    days
}

/// The number of rows by day, of unsorted orders and of events.
pub fn days_by_row(orders: &Orders<RowParts>, events: Option<&Events>) -> Result<Days> {
    let mut all = orders.parts.each_rows_with(Look::Days, |rows| {
        let counted = rows.ordered_on.iter().zip(rows.customer);
        let counted = counted.filter(|(_, customer)| **customer != INCOMPLETE);
        Ok(count(day::known(counted.map(|(day, _)| *day))))
    })?;
    all.extend(events.map(of_events));
    Ok(sum(all))
}

fn count(days: impl Iterator<Item = Day>) -> Days {
    let mut counts = Days::new();
    days.for_each(|day| *counts.entry(day).or_default() += 1);
    counts
}

fn sum(parts: Vec<Days>) -> Days {
    let mut all = Days::new();
    for (day, rows) in parts.into_iter().flatten() {
        *all.entry(day).or_default() += rows;
    }
    all
}

/// Whether a remark is one of those that [`doubt`] makes.
pub fn is_doubt(remark: &Remark) -> bool {
    matches!(remark.code, "as_of_far" | "as_of_future" | "as_of_all_future")
}

/// A remark if the last of these days is doubtful.
pub fn doubt(days: &Days, today: Day) -> Option<Remark> {
    let last = *days.last_key_value()?.0;
    let (code, end) = match last_but_far(days) {
        Some(end) => ("as_of_far", Some(end)),
        None if last > today => ("as_of_future", days.range(..=today).next_back().map(|(day, _)| *day)),
        None => return None,
    };
    let rows: u64 =
        days.range(end.map_or(Day::BEFORE_ALL, |end| end.plus_days(1))..).map(|(_, rows)| rows).sum();
    let code = if end.is_none() { "as_of_all_future" } else { code };
    Some(
        Remark::new(code)
            .with("n", rows)
            .with("day", last)
            .with("other", end.map_or_else(String::new, |end| end.to_string())),
    )
}

/// The latest day if a few far rows are left out; `None` if no rows are far. Far rows come after a gap of more than
/// [`FAR_GAP_DAYS`] days that is also more than three times as long as any gap before it. At least two days must have
/// rows before the gap.
fn last_but_far(days: &Days) -> Option<Day> {
    let few = few(days.values().sum());
    let days: Vec<(Day, u64)> = days.iter().map(|(day, rows)| (*day, *rows)).collect();
    let mut above: u64 = days.iter().map(|(_, rows)| rows).sum();
    let mut longest = 0;
    for (place, pair) in days.windows(2).enumerate() {
        above -= pair[0].1;
        let gap = pair[0].0.days_until(pair[1].0);
        if place > 0 && above <= few && gap > FAR_GAP_DAYS.max(longest * 3) {
            return Some(pair[0].0);
        }
        longest = longest.max(gap);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(days: &[(i32, u64)]) -> Days {
        days.iter().map(|(day, rows)| (Day::new(*day), *rows)).collect()
    }

    #[test]
    fn a_few_rows_far_beyond_all_others_are_found() {
        // 1 of 3 rows, years later.
        assert_eq!(last_but_far(&of(&[(100, 1), (103, 1), (13_000, 1)])), Some(Day::new(103)));
        // 1,000 rows a day for 100 days, and 50 rows of two far days: of 100,050 rows, 100 are few.
        let mut days = of(&(0..100).map(|day| (day, 1_000)).collect::<Vec<_>>());
        days.extend(of(&[(200, 20), (900, 30)]));
        assert_eq!(last_but_far(&days), Some(Day::new(99)));
        // 200 are not.
        days.insert(Day::new(900), 180);
        assert_eq!(last_but_far(&days), None);
    }

    #[test]
    fn a_shop_of_few_orders_has_no_far_ones() {
        for days in [
            &[(0, 1), (70, 1), (140, 1), (215, 1)][..],
            &[(0, 1), (500, 1)],
            &[(0, 5), (1, 5), (2, 5), (60, 1)],
            &[(0, 1)],
            &[],
        ] {
            assert_eq!(last_but_far(&of(days)), None, "{days:?}");
        }
    }

    #[test]
    fn today_changes_what_is_said() {
        let days = of(&[(10, 4), (12, 4), (14, 4)]);
        assert_eq!(doubt(&days, Day::new(14)), None);
        let remark = doubt(&days, Day::new(13)).expect("a day to come");
        assert_eq!(
            (remark.code, remark.value("n"), remark.value("other")),
            ("as_of_future", Some("4"), Some("1970-01-13"))
        );
        assert_eq!(doubt(&days, Day::new(1)).map(|remark| remark.code), Some("as_of_all_future"));
        // The remark on far rows is the same whatever day it is today.
        let far = of(&[(10, 4), (12, 4), (900, 1)]);
        assert_eq!(doubt(&far, Day::new(5)), doubt(&far, Day::new(20_000)));
    }

    #[test]
    fn ends_of_parts_tell_the_usual_case() {
        let tail = |last, near| Tail { last: Day::new(last), near };
        assert!(are_borne_out(&[tail(100, 8), tail(99, 9)], 5_000, Day::new(100)));
        assert!(!are_borne_out(&[tail(100, 8), tail(99, 9)], 5_000, Day::new(99)));
        // Nearly all rows of a part are of other days than the one that counts.
        assert!(!are_borne_out(&[tail(9_000, 1), tail(100, 900)], 5_000, Day::new(10_000)));
        assert_eq!(Tail::of([1, 50, 60, 79, 80].into_iter()), Some(tail(80, 3)));
    }
}

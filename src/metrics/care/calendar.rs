//! The days of a list of tasks, and what is due on which of them.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};

use super::tasks::When;
use crate::schema::Day;

/// Seconds of a day.
pub const DAY: i64 = 24 * 60 * 60;
/// Seconds of a minute.
const MINUTE: i64 = 60;

/// A moment in the shop's zone: seconds since 1970-01-01 00:00.
pub type Moment = i64;

/// The days of a list, each with the moment at which its list is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// The first day, since 1970-01-01.
    pub first: Day,
    /// How many days.
    pub days: u32,
    /// The second of each day at which its list is made.
    pub second: i32,
}

/// The last second of a day.
pub const END_OF_DAY: i32 = DAY as i32 - 1;

impl Calendar {
    /// The last day.
    pub fn last(&self) -> Day {
        self.first.plus_days(self.days.saturating_sub(1))
    }

    /// Whether a day is one of them.
    pub fn has(&self, day: Day) -> bool {
        (self.first..=self.last()).contains(&day)
    }

    /// The first day of the list on which a task is due, if `when` is counted from `start`: the first day at whose
    /// moment it is neither too early nor too late.
    pub fn due_after(&self, start: Moment, when: When) -> Option<Due> {
        match when {
            When::Minutes { from, until } => {
                self.between(start + i64::from(from) * MINUTE, start + i64::from(until) * MINUTE)
            }
            When::Days(offset) => self.on(day_of(start).plus_days(offset)),
            When::AtOnce => Some(Due { on: self.first, since: self.first }),
        }
    }

    /// As [`Self::due_after`], for a task that is due from one moment to another, both included.
    pub fn between(&self, from: Moment, until: Moment) -> Option<Due> {
        let second = i64::from(self.second);
        // The first day whose moment is not before `from`.
        let earliest = (from - second).div_euclid(DAY) + i64::from((from - second).rem_euclid(DAY) > 0);
        let day = earliest.max(i64::from(self.first.number()));
        let is_in_time = day <= i64::from(self.last().number()) && day * DAY + second <= until;
        is_in_time.then(|| Due { on: Day::new(day as i32), since: day_of(from) })
    }

    /// When a task of `day` is due: on that day, or not at all if it is not in the list.
    pub fn on(&self, day: Day) -> Option<Due> {
        self.has(day).then_some(Due { on: day, since: day })
    }

    /// For something that comes every year and is due `offset` days after its day: its day in each year for which it
    /// is due in the list.
    pub fn yearly(&self, month_day: NaiveDate, offset: i32) -> impl Iterator<Item = (Day, Due)> {
        let of_list = (self.first.minus_days(offset), self.last().minus_days(offset));
        let year = |day: Day| day.date().map_or(0, |date| date.year());
        let years: RangeInclusive<i32> = year(of_list.0)..=year(of_list.1);
        let calendar = *self;
        years.filter_map(move |year| {
            let day = in_year(month_day, year)?;
            Some((day, calendar.on(day.plus_days(offset))?))
        })
    }
}

/// The day of a list on which something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// That day.
    pub on: Day,
    /// The day from which it has been due.
    pub since: Day,
}

/// The day of a moment.
pub fn day_of(moment: Moment) -> Day {
    Day::new(moment.div_euclid(DAY) as i32)
}

/// The moment at a second of a day; the midnight with which the day begins if no second is given.
pub fn moment_of(day: Day, second: Option<i32>) -> Moment {
    i64::from(day.number()) * DAY + i64::from(second.unwrap_or(0))
}

/// The same day of another year; 29 February becomes 28 February in years without it.
pub fn in_year(date: NaiveDate, year: i32) -> Option<Day> {
    let same = NaiveDate::from_ymd_opt(year, date.month(), date.day());
    same.or_else(|| NaiveDate::from_ymd_opt(year, 2, 28)).map(Day::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::on;

    const NEWS: When = When::Minutes { from: 20, until: 24 * 60 };

    fn at(date: &str, hour: i32, minute: i32) -> Moment {
        moment_of(on(date), Some((hour * 60 + minute) * 60))
    }

    fn list(first: &str, days: u32, second: i32) -> Calendar {
        Calendar { first: on(first), days, second }
    }

    /// In a list made at 10:00 on the tenth, what happened from 10:00 on the ninth to 09:40 on the tenth is due.
    #[test]
    fn moments_are_counted_from_the_moment_of_the_list() {
        let list = list("2026-06-10", 1, 10 * 3600);
        let is_due = |start| list.due_after(start, NEWS).is_some();
        assert_eq!(
            [("2026-06-09", 9, 59), ("2026-06-09", 10, 0), ("2026-06-10", 9, 40), ("2026-06-10", 9, 41)]
                .map(|(date, hour, minute)| is_due(at(date, hour, minute))),
            [false, true, true, false]
        );
    }

    /// In a list made at the end of a day, what happened on that day is news, and nothing of any other day is.
    #[test]
    fn at_its_end_a_day_is_what_happened_on_it() {
        let list = list("2026-06-10", 1, END_OF_DAY);
        let since_midnight = When::Minutes { from: 0, until: 24 * 60 };
        let is_due = |date, hour, minute| list.due_after(at(date, hour, minute), since_midnight).is_some();
        assert!(is_due("2026-06-10", 0, 0) && is_due("2026-06-10", 23, 59));
        assert!(!is_due("2026-06-09", 23, 59) && !is_due("2026-06-11", 0, 0));
    }

    /// Ordered at 15:00 on the tenth, listed at 10:00: too early on the tenth, on time on the eleventh, and on the
    /// twelfth too late.
    #[test]
    fn of_several_days_the_first_on_time_counts() {
        let start = at("2026-06-10", 15, 0);
        let due = |first, days| list(first, days, 36_000).due_after(start, NEWS).map(|due| due.on);
        assert_eq!(due("2026-06-10", 1), None);
        assert_eq!(due("2026-06-10", 3), Some(on("2026-06-11")));
        assert_eq!(due("2026-06-11", 3), Some(on("2026-06-11")));
        assert_eq!(due("2026-06-12", 3), None);
        let since = list("2026-06-11", 1, 36_000).due_after(start, NEWS).map(|due| due.since);
        assert_eq!(since, Some(on("2026-06-10")));
    }

    #[test]
    fn the_last_of_february_is_kept_on_the_28th_in_other_years() {
        let leap: NaiveDate = "2000-02-29".parse().expect("a date");
        let due = |first, days, offset| -> Vec<Day> {
            list(first, days, END_OF_DAY).yearly(leap, offset).map(|(_, due)| due.on).collect()
        };
        assert_eq!(due("2026-02-28", 1, 0), [on("2026-02-28")]);
        assert!(due("2026-03-01", 1, 0).is_empty());
        assert!(due("2028-02-28", 1, 0).is_empty());
        assert_eq!(due("2028-02-29", 1, 0), [on("2028-02-29")]);
        // Something is due three days before its day, and a list goes over the turn of the year.
        assert_eq!(due("2026-02-25", 1, -3), [on("2026-02-25")]);
        let new_year: NaiveDate = "1990-01-01".parse().expect("a date");
        let list = list("2025-12-30", 5, END_OF_DAY);
        assert_eq!(
            list.yearly(new_year, -2).collect::<Vec<_>>(),
            [(on("2026-01-01"), Due { on: on("2025-12-30"), since: on("2025-12-30") })]
        );
    }
}

//! Calendar periods: weeks from Monday, months and quarters, numbered one after the other.

use std::sync::LazyLock;

use chrono::{Datelike, Months, NaiveDate};

use crate::schema::Day;

/// The first of the `days` days that end with `last_day`. It is never before [`Day::BEFORE_ALL`], the day of rows
/// without a known day, so that these are not left out.
pub fn first_day_of(last_day: Day, days: u32) -> Day {
    last_day.minus_days(i64::from(days) - 1)
}

/// The same day of the month, `months` calendar months earlier; if that month is shorter, its last day.
pub fn months_before(day: Day, months: u32) -> Day {
    let before = day.date().and_then(|date| date.checked_sub_months(Months::new(months)));
    before.map_or(day, Day::from)
}

/// The length of a calendar period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// A quarter of a year.
    Quarter,
}

impl Period {
    /// The number of the period that a day is in.
    pub fn of(self, day: Day) -> i32 {
        match self {
            // 1970-01-01 was a Thursday.
            Self::Week => (day.number() + 3).div_euclid(7),
            Self::Month => month_of(day),
            Self::Quarter => month_of(day).div_euclid(3),
        }
    }

    /// The first day of a period.
    pub fn first_day(self, period: i32) -> Day {
        let first_of = |month: i32| {
            let date = NaiveDate::from_ymd_opt(month.div_euclid(12), month.rem_euclid(12) as u32 + 1, 1);
            date.map_or(Day::EPOCH, Day::from)
        };
        match self {
            Self::Week => Day::new(period * 7 - 3),
            Self::Month => first_of(period),
            Self::Quarter => first_of(period * 3),
        }
    }

    /// Whether a period is over at the end of a day.
    pub fn is_over(self, period: i32, day: Day) -> bool {
        day.plus_days(1) >= self.first_day(period + 1)
    }
}

/// The number of the calendar month that a day is in: months since January of the year 0.
fn month_of(day: Day) -> i32 {
    /// By the number of the day, of all days that an export can have. Working out the date of every order instead takes
    /// a sixteenth of the time of a question.
    static MONTHS: LazyLock<Vec<i32>> =
        LazyLock::new(|| (0..=Day::LAST.number()).map(|day| month_of_date(Day::new(day))).collect());
    let place = usize::try_from(day.number());
    place.ok().and_then(|place| MONTHS.get(place).copied()).unwrap_or_else(|| month_of_date(day))
}

fn month_of_date(day: Day) -> i32 {
    day.date().map_or(0, |date| date.year() * 12 + date.month0() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(date: &str) -> Day {
        Day::from(date.parse::<NaiveDate>().expect("a test date"))
    }

    #[test]
    fn a_window_counts_its_last_day_and_does_not_leave_out_what_has_no_day() {
        assert_eq!(first_day_of(on("2026-03-01"), 30), on("2026-01-31"));
        assert_eq!(first_day_of(on("2026-03-01"), 1), on("2026-03-01"));
        assert_eq!(first_day_of(Day::BEFORE_ALL, 30), Day::BEFORE_ALL);
    }

    #[test]
    fn a_month_before_is_the_same_day_or_the_last_of_the_month() {
        for (day, months, before) in [
            ("2026-06-30", 1, "2026-05-30"),
            ("2026-03-31", 1, "2026-02-28"),
            ("2024-03-31", 1, "2024-02-29"),
            ("2026-01-05", 1, "2025-12-05"),
            ("2024-02-29", 12, "2023-02-28"),
        ] {
            assert_eq!(months_before(on(day), months), on(before), "{day}");
        }
    }

    #[test]
    fn days_fall_into_their_periods() {
        for (period, day, first) in [
            (Period::Week, "2026-11-22", "2026-11-16"),
            (Period::Week, "2026-11-16", "2026-11-16"),
            (Period::Month, "2026-02-28", "2026-02-01"),
            (Period::Quarter, "2026-12-31", "2026-10-01"),
            (Period::Week, "1969-12-28", "1969-12-22"),
            (Period::Month, "1969-12-31", "1969-12-01"),
            (Period::Month, "1970-01-01", "1970-01-01"),
            (Period::Month, "2024-02-29", "2024-02-01"),
            (Period::Quarter, "2199-12-31", "2199-10-01"),
        ] {
            assert_eq!(period.first_day(period.of(on(day))), on(first), "{day}");
        }
        assert!(Period::Month.is_over(Period::Month.of(on("2026-02-01")), on("2026-02-28")));
        assert!(!Period::Month.is_over(Period::Month.of(on("2026-02-01")), on("2026-02-27")));
    }
}

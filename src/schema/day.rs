//! Calendar days.

use std::fmt;

use chrono::{Datelike, NaiveDate};

/// A calendar day in the shop's zone. Columns hold it as the number of days since 1970-01-01.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// 1970-01-01.
    pub const EPOCH: Self = Self(0);

    /// The last day that a date in a file can have.
    pub const LAST: Self = Self(LAST_DAY);

    /// Before every day: the start of a period without a start.
    pub const BEFORE_ALL: Self = Self(i32::MIN);

    /// After every day: the end of a period without an end.
    pub const AFTER_ALL: Self = Self(i32::MAX);

    /// The day `number` days after 1970-01-01.
    #[inline]
    pub const fn new(number: i32) -> Self {
        Self(number)
    }

    /// Days since 1970-01-01.
    #[inline]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The calendar date; `None` if chrono cannot represent it.
    pub fn date(self) -> Option<NaiveDate> {
        date_of(self.0)
    }

    /// The day `days` later; never beyond [`Self::AFTER_ALL`] or [`Self::BEFORE_ALL`].
    #[inline]
    pub fn plus_days(self, days: impl Into<i64>) -> Self {
        let number = i64::from(self.0).saturating_add(days.into());
        Self(number.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32)
    }

    /// The day `days` earlier, limited like [`Self::plus_days`].
    #[inline]
    pub fn minus_days(self, days: impl Into<i64>) -> Self {
        self.plus_days(days.into().saturating_neg())
    }

    /// Each day from this one to `last`, both included; empty if `last` is earlier.
    pub fn up_to(self, last: Self) -> impl DoubleEndedIterator<Item = Self> + Clone {
        (self.0..=last.0).map(Self)
    }

    /// Number of days from this day to `later`; negative if `later` is earlier.
    #[inline]
    pub const fn days_until(self, later: Self) -> i32 {
        later.0.saturating_sub(self.0)
    }
}

impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Self {
        Self(days(date))
    }
}

/// Written as `2026-05-31`; empty for a day that chrono cannot represent.
impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().map_or(Ok(()), |date| formatter.pad(&date.to_string()))
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date() {
            Some(date) => write!(formatter, "{date}"),
            None => write!(formatter, "Day({})", self.0),
        }
    }
}

/// Marks a missing day in a column of days.
pub const MISSING: i32 = i32::MIN;

/// Replaces an unknown second of the day when times are compared: without a time, something counts as after everything
/// else on its day.
pub const END_OF_DAY: i32 = i32::MAX;

/// The days of a column, without missing ones.
pub fn known(numbers: impl Iterator<Item = i32>) -> impl Iterator<Item = Day> {
    numbers.filter(|number| *number != MISSING).map(Day::new)
}

/// The last day that a date in a file can have: 2199-12-31. It is fixed, so that the same file is always read alike.
pub const LAST_DAY: i32 = 84_005;

/// 0001-01-01, the first day that a date can have.
const FIRST_DAY: i32 = -719_162;

/// Whether a day number read from a store is one that an export can have.
pub fn can_be(days: i32) -> bool {
    days == MISSING || (FIRST_DAY..=LAST_DAY).contains(&days)
}

/// Whether a number of seconds read from a store is within a day.
pub fn is_second(seconds: i32) -> bool {
    const SECONDS_OF_DAY: i32 = 86_400;
    (0..SECONDS_OF_DAY).contains(&seconds)
}

/// Days since 1970-01-01.
pub fn days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - 719_163
}

/// The date `days` days after 1970-01-01; `None` if chrono cannot represent it.
pub fn date_of(days: i32) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(days.checked_add(719_163)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024 is a leap year, so that 28 February and 1 March are two days apart.
    #[test]
    fn days_are_counted_over_the_end_of_a_month() {
        let on = |year, month, day| Day::from(NaiveDate::from_ymd_opt(year, month, day).expect("a date"));
        let (february, march) = (on(2024, 2, 28), on(2024, 3, 1));
        assert_eq!((february.days_until(march), march.days_until(february)), (2, -2));
        assert_eq!((february.plus_days(2), march.minus_days(2_u32)), (march, february));
        assert_eq!(february.up_to(march).collect::<Vec<_>>(), [february, on(2024, 2, 29), march]);
        assert_eq!(march.up_to(february).count(), 0);
        assert_eq!((Day::EPOCH, Day::new(31)), (on(1970, 1, 1), on(1970, 2, 1)));
        assert_eq!((march.to_string(), format!("{february:?}")), ("2024-03-01".into(), "2024-02-28".into()));
    }

    #[test]
    fn nothing_is_before_or_after_the_ends() {
        assert_eq!(Day::EPOCH.plus_days(i64::MAX), Day::AFTER_ALL);
        assert_eq!(Day::EPOCH.minus_days(i64::MIN), Day::AFTER_ALL);
        assert_eq!(Day::BEFORE_ALL.minus_days(1), Day::BEFORE_ALL);
        assert_eq!(Day::BEFORE_ALL.days_until(Day::AFTER_ALL), i32::MAX);
        assert_eq!(Day::AFTER_ALL.to_string(), "");
    }
}

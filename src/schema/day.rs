//! Calendar days.

use std::fmt;

use chrono::{Datelike, NaiveDate};

/// A calendar day in the shop's zone. Columns hold it as its number: the days since 1970-01-01.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// 1970-01-01.
    pub const EPOCH: Self = Self(0);

    /// The last day that anything can be dated.
    pub const LAST: Self = Self(LAST_DAY);

    /// Before every day that anything can be dated: where a stretch of days begins that has no beginning.
    pub const BEFORE_ALL: Self = Self(i32::MIN);

    /// After every day that anything can be dated: where a stretch of days ends that has no end.
    pub const AFTER_ALL: Self = Self(i32::MAX);

    /// The day so many days after 1970-01-01.
    #[inline]
    pub const fn new(number: i32) -> Self {
        Self(number)
    }

    /// Days since 1970-01-01.
    #[inline]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// As a date of the calendar, if chrono can hold it.
    pub fn date(self) -> Option<NaiveDate> {
        date_of(self.0)
    }

    /// So many days later; never beyond [`Self::AFTER_ALL`] or [`Self::BEFORE_ALL`].
    #[inline]
    pub fn plus_days(self, days: impl Into<i64>) -> Self {
        let number = i64::from(self.0).saturating_add(days.into());
        Self(number.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32)
    }

    /// So many days earlier, as [`Self::plus_days`].
    #[inline]
    pub fn minus_days(self, days: impl Into<i64>) -> Self {
        self.plus_days(days.into().saturating_neg())
    }

    /// Each day from this one up to a last one, both included; none where that is earlier.
    pub fn up_to(self, last: Self) -> impl DoubleEndedIterator<Item = Self> + Clone {
        (self.0..=last.0).map(Self)
    }

    /// How many days later `later` is; negative where it is earlier.
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

/// As `2026-05-31`; nothing of a day that is no date of the calendar.
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

/// In place of a second of the day that is not given, where times are compared: whatever has none may have been at any
/// time, and is taken as after all else of its day.
pub const END_OF_DAY: i32 = i32::MAX;

/// The days of a column, without those that are missing.
pub fn known(numbers: impl Iterator<Item = i32>) -> impl Iterator<Item = Day> {
    numbers.filter(|number| *number != MISSING).map(Day::new)
}

/// The last day that anything can be dated: 2199-12-31. Fixed, since the same file must always be read alike.
pub const LAST_DAY: i32 = 84_005;

/// 0001-01-01: nothing is dated before it.
const FIRST_DAY: i32 = -719_162;

/// Whether a number of days that a file of a store holds is a day that an export can have.
pub fn can_be(days: i32) -> bool {
    days == MISSING || (FIRST_DAY..=LAST_DAY).contains(&days)
}

/// Whether a number of seconds that a file of a store holds is one of a day.
pub fn is_second(seconds: i32) -> bool {
    const SECONDS_OF_DAY: i32 = 86_400;
    (0..SECONDS_OF_DAY).contains(&seconds)
}

/// Days since 1970-01-01.
pub fn days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - 719_163
}

/// The date so many days after 1970-01-01, if chrono can hold it.
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

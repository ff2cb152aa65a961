//! Calendar days, as numbers of days since 1970-01-01.

use chrono::{Datelike, NaiveDate};

/// No day is known.
pub const MISSING: i32 = i32::MIN;

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

//! Calendar days, as numbers of days since 1970-01-01.

use chrono::{Datelike, NaiveDate};

/// No day is known.
pub const MISSING: i32 = i32::MIN;

/// The last day that anything can be dated: 2199-12-31. Fixed, since the same file must always be read alike.
pub const LAST_DAY: i32 = 84_005;

/// Days since 1970-01-01.
pub fn days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - 719_163
}

/// The date so many days after 1970-01-01, if chrono can hold it.
pub fn date_of(days: i32) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(days.checked_add(719_163)?)
}

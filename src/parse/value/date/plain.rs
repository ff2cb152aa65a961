//! The fast path for dates: reads those written as most exports write them, and nothing else.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};

use crate::schema::day::days;
use crate::schema::packed::{are_at_most, eight_digits};

/// The common case: exactly `YYYY-MM-DD` or `YYYY-MM-DD hh:mm:ss` (also with `/` and `T`), without an offset.
#[inline(always)]
pub fn plain(cell: &[u8]) -> Option<i32> {
    let (&[y1, y2, y3, y4, mark, m1, m2, second_mark, d1, d2], clock) = cell.split_first_chunk::<10>()?;
    let is_marked = matches!(mark, b'-' | b'/') && second_mark == mark;
    let is_whole = clock.is_empty() || is_plain_clock(clock);
    let date = eight_digits(u64::from_le_bytes([y1, y2, y3, y4, m1, m2, d1, d2]))
        .filter(|_| is_marked && is_whole)?;
    let (month, day) = ((date / 100) as usize, (date % 100) as i32);
    let (first, length) = *USUAL_MONTHS.get(month.checked_sub(FIRST_MONTH)?)?;
    // A day of the table above: no sum of its numbers runs over.
    (1..=length).contains(&day).then(|| first.wrapping_add(day).wrapping_sub(1))
}

/// January 1990, as its year and month.
const FIRST_MONTH: usize = 199_001;

/// First day and length of every month in eighty years, indexed by year and month from [`FIRST_MONTH`] on. The entries
/// between December and January have no days.
static USUAL_MONTHS: LazyLock<Vec<(i32, i32)>> = LazyLock::new(|| {
    const LAST_MONTH: usize = 206_912;
    let month = |number: usize| {
        let first = NaiveDate::from_ymd_opt((number / 100) as i32, (number % 100) as u32, 1)?;
        Some((days(first), i32::from(first.num_days_in_month())))
    };
    (FIRST_MONTH..=LAST_MONTH).map(|number| month(number).unwrap_or_default()).collect()
});

/// The second of the day of a cell that [`plain`] reads; `None` if it has no time.
#[inline(always)]
pub fn plain_second(cell: &[u8]) -> Option<i32> {
    let clock: &[u8; 8] = cell.get(11..)?.first_chunk()?;
    let digit = |at: usize| i32::from(clock[at]) - i32::from(b'0');
    let two = |at: usize| digit(at) * 10 + digit(at + 1);
    Some(two(0) * 3600 + two(3) * 60 + two(6))
}

/// Whether this is exactly ` hh:mm:ss` or `Thh:mm:ss`.
#[inline(always)]
pub fn is_plain_clock(clock: &[u8]) -> bool {
    let Some((&before, time)) = clock.split_first() else { return false };
    let Ok(time) = <[u8; 8]>::try_from(time) else { return false };
    // The difference of each character from that of midnight; separators must not differ.
    let above = u64::from_le_bytes(time) ^ u64::from_le_bytes(*b"00:00:00");
    let is_hour = time[0] < b'2' || time[1] < b'4';
    matches!(before, b' ' | b'T')
        && is_hour
        && are_at_most(above, u64::from_le_bytes([2, 9, 0, 5, 9, 0, 5, 9]))
}

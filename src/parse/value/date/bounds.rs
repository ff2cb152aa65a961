//! Plausible days, and placeholders for "no day".

use chrono::Datelike;

use crate::parse::value::date::Day;
use crate::schema::day::{LAST_DAY, date_of};

/// The kind of day, which decides the earliest plausible one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bounds {
    /// The day of an order, event or registration: from 1970-01-02 on.
    Business,
    /// A birthday: from 1900-01-02 on.
    Birthday,
}

/// Days that programs write for "none": the first and last days of their calendars, the zeros of spreadsheets, and days
/// that people take for "never".
const NONE: [(i32, u32, u32); 8] = [
    (1601, 1, 1),
    (1753, 1, 1),
    (1899, 12, 30),
    (1899, 12, 31),
    (1900, 1, 1),
    (2099, 12, 31),
    (2999, 12, 31),
    (3000, 1, 1),
];

/// Such days on which somebody may have been born.
const NONE_BUT_BIRTHDAYS: [(i32, u32, u32); 3] = [(1904, 1, 1), (1969, 12, 31), (1970, 1, 1)];

impl Bounds {
    /// What to report instead of a day that is not plausible; `None` if it is plausible.
    pub(super) fn judge(self, day: i32) -> Option<Day> {
        let Some(date) = date_of(day) else { return Some(Day::Impossible) };
        let parts = (date.year(), date.month(), date.day());
        let is_usual = match self {
            Self::Business => (1..=LAST_DAY).contains(&day),
            Self::Birthday => date.year() >= 1900 && day <= LAST_DAY,
        };
        let is_none = matches!(date.year(), 1 | 9999)
            || NONE.contains(&parts)
            || (self == Self::Business && NONE_BUT_BIRTHDAYS.contains(&parts));
        match (is_none, is_usual) {
            (true, _) => Some(Day::Placeholder),
            (false, false) => Some(Day::Impossible),
            (false, true) => None,
        }
    }
}

/// Whether a trimmed cell is a date of zeros only, or a spreadsheet's day 0: `0000-00-00`, `0`, `1900-01-00`,
/// `1/0/1900`.
pub(super) fn is_zero_date(cell: &[u8]) -> bool {
    // All of these begin with 0 or 1.
    if !matches!(cell.first(), Some(b'0' | b'1')) {
        return false;
    }
    let is_mark = |byte: &u8| matches!(byte, b'-' | b'/' | b'.' | b':' | b' ' | b'T' | b'Z');
    if cell[0] == b'0' && cell.iter().all(|byte| *byte == b'0' || is_mark(byte)) {
        return true;
    }
    const SHOWN: [&[u8]; 9] = [
        b"1900-01-00",
        b"1900/01/00",
        b"1900/1/0",
        b"1/0/1900",
        b"01/00/1900",
        b"0/1/1900",
        b"00/01/1900",
        b"00.01.1900",
        b"00-jan-1900",
    ];
    let starts = |shown: &[u8]| {
        cell.get(..shown.len()).is_some_and(|head| head.eq_ignore_ascii_case(shown))
            && !cell.get(shown.len()).is_some_and(u8::is_ascii_digit)
    };
    SHOWN.iter().any(|shown| starts(shown)) || cell.eq_ignore_ascii_case(b"00-jan-00") || cell == b"1/0/00"
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::schema::day::days;

    #[test]
    fn the_last_day_is_that_of_the_century_after_next() {
        assert_eq!(NaiveDate::from_ymd_opt(2199, 12, 31).map(days), Some(LAST_DAY));
    }
}

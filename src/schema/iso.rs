//! Days written as ISO dates.

use std::sync::LazyLock;

use chrono::Datelike;

use crate::schema::day::date_of;
use crate::schema::packed::Short;

/// Appends a day as `2016-05-23`; nothing if chrono cannot represent it.
pub fn write_iso(out: &mut Vec<u8>, day: i32) {
    match usual(day) {
        Some(text) => out.extend_from_slice(text),
        None => write_any_iso(out, day),
    }
}

/// A day between 2000 and 2049 as [`write_iso`] writes it, followed by the byte `behind`.
#[inline]
pub fn short_iso(day: i32, behind: u8) -> Option<Short> {
    let mut bytes = [0; 16];
    let text = usual(day)?;
    bytes[..text.len()].copy_from_slice(text);
    Short::of(u128::from_le_bytes(bytes), text.len(), behind)
}

/// The text of a frequent day from a table: millions of rows share a few thousand days.
#[inline]
fn usual(day: i32) -> Option<&'static [u8; 10]> {
    static USUAL: LazyLock<Vec<[u8; 10]>> = LazyLock::new(|| {
        let mut texts = Vec::new();
        for day in USUAL_DAYS {
            let mut text = Vec::new();
            write_any_iso(&mut text, day);
            texts.extend(<[u8; 10]>::try_from(text));
        }
        texts
    });
    USUAL.get(usize::try_from(day.checked_sub(USUAL_DAYS.start)?).ok()?)
}

/// The days of the years 2000 to 2049.
const USUAL_DAYS: std::ops::Range<i32> = 10_957..29_220;

fn write_any_iso(out: &mut Vec<u8>, day: i32) {
    let Some(date) = date_of(day) else { return };
    let (year, month, day) = (date.year(), date.month(), date.day());
    if !(1000..=9999).contains(&year) {
        return out.extend_from_slice(date.to_string().as_bytes());
    }
    let digit = |number: u32| b'0' + (number % 10) as u8;
    let year = year as u32;
    let text = [
        digit(year / 1000),
        digit(year / 100),
        digit(year / 10),
        digit(year),
        b'-',
        digit(month / 10),
        digit(month),
        b'-',
        digit(day / 10),
        digit(day),
    ];
    out.extend_from_slice(&text);
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::schema::day::days;

    fn on(date: &str) -> i32 {
        days(NaiveDate::parse_from_str(date, "%Y-%m-%d").expect("a date"))
    }

    #[test]
    fn writes_iso_days() {
        for date in ["2016-05-23", "1999-12-31", "2000-01-01", "2049-12-31", "2050-01-01", "0999-01-01"] {
            let mut out = Vec::new();
            write_iso(&mut out, on(date));
            assert_eq!(out, date.as_bytes());
        }
        let far = NaiveDate::from_ymd_opt(12_345, 6, 7).map(days).expect("a day");
        let mut out = Vec::new();
        write_iso(&mut out, far);
        assert_eq!(out, b"+12345-06-07");
    }

    /// The first and the last day of the table: day 10957 is after 30 years with 7 leap days.
    #[test]
    fn days_of_our_time_are_at_hand() {
        for (day, expected) in [(10_957, "2000-01-01,"), (29_219, "2049-12-31,")] {
            let text = short_iso(day, b',').expect("a usual day");
            let mut out = Vec::new();
            text.write(&mut out);
            assert_eq!(out, expected.as_bytes());
        }
        assert!(short_iso(10_956, b',').is_none() && short_iso(29_220, b',').is_none());
    }
}

//! Reads times, as exports write them, as calendar days of the shop.

mod bounds;
mod plain;

use std::borrow::Cow;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeZone, Timelike};
use chrono_tz::Tz;

use crate::parse::value::clock::clock;
use crate::parse::value::clock::is_utc as is_utc_clock;
use crate::parse::value::month;
use crate::schema::day::{MISSING, date_of, days};
use crate::text;
use bounds::{Bounds, is_zero_date};
pub use plain::{is_plain_clock, plain, plain_second};

/// Whether day or month comes first in dates like `03/04/2020`: decided once per column, never per value.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// Day, month, year.
    #[default]
    Dmy,
    /// Month, day, year.
    Mdy,
}

/// How the dates of one column are read.
#[derive(Debug, Clone, Copy)]
pub struct DateReader {
    /// The order of day and month, for dates that begin with neither a year nor a month's name.
    pub order: DateOrder,
    /// Whether `order` is certain, so that a date that is impossible in this order is an error.
    pub is_certain: bool,
    /// The shop's zone, if given: times with an offset are converted to it.
    pub zone: Option<Tz>,
    /// The zone for seconds since 1970 if `zone` is not given.
    pub epoch_zone: Tz,
    /// Whether serial day numbers count from 1904, as in workbooks of old Macs.
    pub has_1904_dates: bool,
    /// Whether these are birthdays, which are earlier than any order.
    pub is_birthday: bool,
}

/// The value of a cell in a time column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// Blank.
    Null,
    /// Days since 1970-01-01.
    On(i32),
    /// Like `On`; the cell begins with day or month and can only be read in this order.
    Evident(i32, DateOrder),
    /// Like `On`; the cell can be read in both orders and was read in the column's.
    Either(i32),
    /// A placeholder for "no day": 9999-12-31, 1900-01-00, 0000-00-00.
    Placeholder,
    /// A day on which nothing in a shop can have happened ([`Bounds`]).
    Impossible,
    /// Not a date, or not one in the column's order.
    Bad,
}

impl DateReader {
    /// Whether the day of a cell depends on the shop's zone, if that is given: the cell has an offset, or is a number
    /// of seconds.
    pub fn depends_on_zone(&self, cell: &[u8]) -> bool {
        let moment = |zone| Self { zone: Some(zone), ..*self }.moment(cell);
        self.zone.is_some() && moment(Tz::UTC) != moment(Tz::Asia__Tokyo)
    }

    /// The calendar day of a cell in the shop's zone. An offset in the cell counts unless a zone is given explicitly.
    pub fn day(&self, cell: &[u8]) -> Day {
        self.moment(cell).0
    }

    /// Like [`Self::day`], with the second of the day; [`MISSING`] if the cell has no time.
    pub fn moment(&self, cell: &[u8]) -> (Day, i32) {
        let cell = text::trim(cell);
        if is_zero_date(cell) {
            return (Day::Placeholder, MISSING);
        }
        let (found, second) = match cell.is_ascii() {
            true => self.unbounded(cell),
            false => self.unbounded(&plain_spaces(cell)),
        };
        let bounds = if self.is_birthday { Bounds::Birthday } else { Bounds::Business };
        match found {
            Day::On(day) | Day::Evident(day, _) | Day::Either(day) => match bounds.judge(day) {
                Some(other) => (other, MISSING),
                None => (found, second),
            },
            other => (other, second),
        }
    }

    /// Like [`Self::moment`], for days of any year.
    fn unbounded(&self, cell: &[u8]) -> (Day, i32) {
        let settled = |at: Option<At>| at.map_or((Day::Bad, MISSING), |at| (Day::On(at.day), at.second));
        // The common case first: `YYYY-MM-DD` or `YYYY/MM/DD`, with anything behind it.
        if let Some((date, rest)) = year_first(cell) {
            return settled(self.with_clock(date, rest));
        }
        if text::is_null(cell) {
            return (Day::Null, MISSING);
        }
        if let Some((a, b, year, rest)) = year_last(cell) {
            return self.ordered(a, b, year, rest);
        }
        if let Some((date, rest)) = month::named(cell) {
            return settled(self.with_clock(date, rest));
        }
        settled(self.number(cell))
    }

    fn ordered(&self, a: u32, b: u32, year: i32, rest: &[u8]) -> (Day, i32) {
        let read = |order| match order {
            DateOrder::Dmy => NaiveDate::from_ymd_opt(year, b, a),
            DateOrder::Mdy => NaiveDate::from_ymd_opt(year, a, b),
        };
        let with_clock = |date: Option<NaiveDate>| date.and_then(|date| self.with_clock(date, rest));
        let evident = match (a > 12, b > 12) {
            (true, false) => Some(DateOrder::Dmy),
            (false, true) => Some(DateOrder::Mdy),
            (true, true) => return (Day::Bad, MISSING),
            (false, false) => None,
        };
        let settled = |at: Option<At>, day: &dyn Fn(i32) -> Day| {
            at.map_or((Day::Bad, MISSING), |at| (day(at.day), at.second))
        };
        match evident {
            Some(order) if self.is_certain && order != self.order => (Day::Bad, MISSING),
            Some(order) => settled(with_clock(read(order)), &|day| Day::Evident(day, order)),
            None => settled(with_clock(read(self.order)), &Day::Either),
        }
    }

    /// A date followed by a clock time and perhaps an offset.
    fn with_clock(&self, date: NaiveDate, rest: &[u8]) -> Option<At> {
        // JavaScript puts a comma between date and time.
        let rest = rest.strip_prefix(b",").unwrap_or(rest);
        if rest.trim_ascii().is_empty() {
            return Some(At { day: days(date), second: MISSING });
        }
        let clock = clock(rest)?;
        match (self.zone, clock.offset_seconds) {
            (Some(zone), Some(offset)) => {
                let utc = date.and_time(clock.time) - chrono::TimeDelta::seconds(i64::from(offset));
                Some(At::of(zone.from_utc_datetime(&utc).naive_local()))
            }
            _ => Some(At::of(date.and_time(clock.time))),
        }
    }

    /// Dates as plain numbers: `20140919`, `20140919083000`, Excel serials, and seconds, milli-, micro- and nanoseconds
    /// since 1970.
    fn number(&self, cell: &[u8]) -> Option<At> {
        let text = std::str::from_utf8(cell).ok()?;
        let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
        if !whole.bytes().all(|b| b.is_ascii_digit()) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        match whole.len() {
            8 if fraction.is_empty() => {
                let date = NaiveDate::parse_from_str(whole, "%Y%m%d").ok()?;
                Some(At { day: days(date), second: MISSING })
            }
            12 | 14 if fraction.is_empty() => {
                let padded = format!("{whole:0<14}");
                NaiveDateTime::parse_from_str(&padded, "%Y%m%d%H%M%S").ok().map(At::of)
            }
            10 => self.epoch(whole.parse().ok()?),
            13 => self.epoch(whole.parse::<i64>().ok()? / 1_000),
            16 => self.epoch(whole.parse::<i64>().ok()? / 1_000_000),
            19 => self.epoch(whole.parse::<i64>().ok()? / 1_000_000_000),
            // Serial day 25569 is 1970-01-01, or 24107 if counted from 1904; 5 digits cover 1927 to 2173.
            5 => whole.parse::<i32>().ok().map(|serial| At {
                day: serial - if self.has_1904_dates { 24_107 } else { 25_569 },
                second: if fraction.is_empty() { MISSING } else { second_of_fraction(fraction) },
            }),
            _ => None,
        }
    }

    fn epoch(&self, seconds: i64) -> Option<At> {
        let zone = self.zone.unwrap_or(self.epoch_zone);
        let utc = DateTime::from_timestamp(seconds, 0)?.naive_utc();
        Some(At::of(zone.from_utc_datetime(&utc).naive_local()))
    }
}

/// Whether a cell is a spreadsheet's serial day number, as [`DateReader::day`] reads it.
pub fn is_serial(cell: &[u8]) -> bool {
    const DIGITS: usize = 5;
    let cell = text::trim(cell);
    let whole = cell.iter().position(|byte| matches!(byte, b'.' | b',')).unwrap_or(cell.len());
    whole == DIGITS && cell.iter().enumerate().all(|(place, byte)| place == whole || byte.is_ascii_digit())
}

/// Whether a cell gives its time in UTC: with `Z` or a zero offset, or as seconds since 1970.
pub fn is_utc(cell: &[u8]) -> bool {
    let cell = text::trim(cell);
    let is_epoch = matches!(cell.len(), 10 | 13 | 16 | 19) && cell.iter().all(u8::is_ascii_digit);
    is_epoch || is_utc_clock(cell)
}

/// The cell with ordinary spaces: programs write narrow ones before AM and PM.
fn plain_spaces(cell: &[u8]) -> Cow<'_, [u8]> {
    let Ok(text) = std::str::from_utf8(cell) else { return Cow::Borrowed(cell) };
    let plain = |character: char| match character {
        '\u{200e}' | '\u{200f}' | '\u{200b}' | '\u{feff}' => None,
        '，' => Some(','),
        '：' => Some(':'),
        '０'..='９' => Some(char::from(b'0' + (character as u32 - '０' as u32) as u8)),
        other if other.is_whitespace() => Some(' '),
        other => Some(other),
    };
    Cow::Owned(text.chars().filter_map(plain).collect::<String>().into_bytes())
}

/// A day and the second of it; [`MISSING`] if there is no time.
struct At {
    day: i32,
    second: i32,
}

impl At {
    fn of(time: NaiveDateTime) -> Self {
        Self { day: days(time.date()), second: time.num_seconds_from_midnight() as i32 }
    }
}

/// The second of the day for the fraction of an Excel serial.
fn second_of_fraction(digits: &str) -> i32 {
    const DAY: f64 = 86_400.0;
    format!("0.{digits}0").parse::<f64>().map_or(MISSING, |part| ((part * DAY).round() as i32).min(86_399))
}

/// Swaps day and month of a day in a column that was read in the wrong order. Only dates with both at most 12 change;
/// the others could only be read in one way.
pub fn swap_day_and_month(day: i32) -> i32 {
    let Some(date) = date_of(day) else { return day };
    NaiveDate::from_ymd_opt(date.year(), date.day(), date.month()).map_or(day, days)
}

/// Reads `2016/5/23`, `2016-05-23`, `2016.5.23`, `2016. 5. 23.`, `2016年5月23日`, `2016년 5월 23일`: returns the date and the
/// rest.
fn year_first(cell: &[u8]) -> Option<(NaiveDate, &[u8])> {
    let (year, digits, rest) = number(cell)?;
    if digits != 4 {
        return None;
    }
    let rest = mark(rest, &["年", "년"])?;
    let (month, _, rest) = number(rest)?;
    let rest = mark(rest, &["月", "월"])?;
    let (day, day_digits, rest) = number(rest)?;
    if day_digits > 2 {
        return None;
    }
    let words = ["日", "일"].iter().find_map(|word| rest.strip_prefix(word.as_bytes()));
    // In Korean the day is followed by a point, too.
    let point = rest.strip_prefix(b".").filter(|rest| rest.first().is_none_or(|byte| *byte == b' '));
    let rest = words.or(point).unwrap_or(rest);
    Some((NaiveDate::from_ymd_opt(year as i32, month, day)?, rest))
}

/// Reads `23/05/2016`, `5-23-16`, `23. 5. 2016`: returns the first two numbers, the year and the rest.
fn year_last(cell: &[u8]) -> Option<(u32, u32, i32, &[u8])> {
    let (a, a_digits, rest) = number(cell)?;
    let rest = mark(rest, &[])?;
    let (b, b_digits, rest) = number(rest)?;
    let rest = mark(rest, &[])?;
    let (year, year_digits, rest) = number(rest)?;
    let year = century(year, year_digits)?;
    (a_digits <= 2 && b_digits <= 2).then_some((a, b, year, rest))
}

/// A year of four digits, or of two digits in POSIX's century: 69 to 99 are 1969 to 1999.
pub(super) fn century(year: u32, digits: usize) -> Option<i32> {
    match digits {
        4 => Some(year as i32),
        2 if year >= 69 => Some(1900 + year as i32),
        2 => Some(2000 + year as i32),
        _ => None,
    }
}

/// A leading number of at most nine digits, its number of digits, and the rest.
pub(super) fn number(cell: &[u8]) -> Option<(u32, usize, &[u8])> {
    let mut value = 0_u32;
    let mut digits = 0;
    while let Some(byte) = cell.get(digits).filter(|b| b.is_ascii_digit()) {
        if digits == 9 {
            return None;
        }
        value = value * 10 + u32::from(byte - b'0');
        digits += 1;
    }
    (digits > 0).then(|| (value, digits, &cell[digits..]))
}

/// The rest behind the separator between two numbers of a date, which may also be one of `words`. A space may follow a
/// point or a word.
fn mark<'a>(cell: &'a [u8], words: &[&str]) -> Option<&'a [u8]> {
    let after = match cell.first()? {
        b'-' | b'/' => return Some(&cell[1..]),
        b'.' => &cell[1..],
        _ => words.iter().find_map(|word| cell.strip_prefix(word.as_bytes()))?,
    };
    Some(after.strip_prefix(b" ").unwrap_or(after))
}

#[cfg(test)]
mod tests;

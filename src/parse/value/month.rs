//! Dates with the month's English name: `Apr 3, 2019 2:31:00 PM`, `3 April 2019`, `03-Apr-19`, `Wed, 03 Apr 2019`.

use chrono::NaiveDate;

use crate::parse::value::date::{century, number};

/// The date and what follows it.
pub(super) fn named(cell: &[u8]) -> Option<(NaiveDate, &[u8])> {
    let cell = after_weekday(cell);
    if let Some((month, rest)) = month(cell) {
        let (day, rest) = day(marks(rest))?;
        let (year, rest) = year(marks(rest))?;
        return Some((NaiveDate::from_ymd_opt(year, month, day)?, after(rest)));
    }
    let (day, rest) = day(cell)?;
    let (month, rest) = month(marks(rest))?;
    let (year, rest) = year(marks(rest))?;
    Some((NaiveDate::from_ymd_opt(year, month, day)?, after(rest)))
}

/// The number of a month's name, whole or its first three letters, and what follows.
fn month(cell: &[u8]) -> Option<(u32, &[u8])> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let (word, rest) = word(cell);
    let is_name = |name: &str| {
        word.len() >= 3
            && name.as_bytes().get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    let found = NAMES.iter().position(|name| is_name(name))?;
    Some((found as u32 + 1, rest))
}

fn day(cell: &[u8]) -> Option<(u32, &[u8])> {
    let (day, digits, rest) = number(cell)?;
    // 3rd of April
    let (suffix, behind) = word(rest);
    let is_ordinal = ["st", "nd", "rd", "th"].iter().any(|word| suffix.eq_ignore_ascii_case(word.as_bytes()));
    (digits <= 2).then_some((day, if is_ordinal { behind } else { rest }))
}

fn year(cell: &[u8]) -> Option<(i32, &[u8])> {
    let (year, digits, rest) = number(cell)?;
    Some((century(year, digits)?, rest))
}

fn after_weekday(cell: &[u8]) -> &[u8] {
    let (word, rest) = word(cell);
    let is_weekday = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        .iter()
        .any(|name| word.get(..3).is_some_and(|head| head.eq_ignore_ascii_case(name.as_bytes())));
    if is_weekday { marks(rest) } else { cell }
}

fn word(cell: &[u8]) -> (&[u8], &[u8]) {
    cell.split_at(cell.iter().take_while(|byte| byte.is_ascii_alphabetic()).count())
}

fn marks(cell: &[u8]) -> &[u8] {
    let count = cell.iter().take_while(|byte| matches!(byte, b' ' | b',' | b'-' | b'/' | b'.')).count();
    &cell[count..]
}

/// What follows a date, without a comma before the time.
fn after(rest: &[u8]) -> &[u8] {
    rest.strip_prefix(b",").unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_may_have_names() {
        for cell in [
            "Apr 3, 2019",
            "April 3 2019",
            "3 Apr 2019",
            "03-Apr-19",
            "3rd April, 2019",
            "Wed, 03 Apr 2019",
            "APR 03 2019",
            "Wednesday 3 April 2019",
        ] {
            let (date, rest) = named(cell.as_bytes()).expect(cell);
            assert_eq!((date.to_string().as_str(), rest), ("2019-04-03", b"".as_slice()), "{cell}");
        }
        assert_eq!(named(b"Apr 3, 2019, 2:31:00 PM").map(|(_, rest)| rest), Some(b" 2:31:00 PM".as_slice()));
        for cell in ["Ap 3 2019", "Aprilis 3 2019", "April 31, 2019", "April", "3 2019", "Mayor 3 2019"] {
            assert_eq!(named(cell.as_bytes()), None, "{cell}");
        }
    }
}

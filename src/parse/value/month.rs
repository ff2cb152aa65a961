//! Dates with the month's name: `Apr 3, 2019 2:31:00 PM`, `3 April 2019`, `03-Apr-19`, `Wed, 03 Apr 2019`,
//! `5 de enero de 2024 10:00 hs.`, `12. März 2024`.

use chrono::NaiveDate;

use crate::parse::value::date::{century, number};

/// The date and the rest of the cell.
pub(super) fn named(cell: &[u8]) -> Option<(NaiveDate, &[u8])> {
    let cell = after_weekday(cell);
    if let Some((month, rest)) = month(cell) {
        let (day, rest) = day(marks(rest))?;
        let (year, rest) = year(marks(rest))?;
        return Some((NaiveDate::from_ymd_opt(year, month, day)?, after(rest)));
    }
    let (day, rest) = day(cell)?;
    let (month, rest) = month(joint(marks(rest)))?;
    let (year, rest) = year(joint(marks(rest)))?;
    Some((NaiveDate::from_ymd_opt(year, month, day)?, after(rest)))
}

/// The number of the month that a word names, in full or by its first letters, and the rest: in English, Spanish,
/// Portuguese, German, French, Italian, Dutch and Indonesian. Letters that begin two months' names give `None`.
fn month(cell: &[u8]) -> Option<(u32, &[u8])> {
    const NAMES: [&str; 12] = [
        "january enero janeiro januar jänner janvier gennaio januari",
        "february febrero fevereiro februar feber février fevrier febbraio februari",
        "march marzo março marco märz maerz mars maart mrt maret",
        "april abril avril aprile",
        "may mayo maio mai maggio mei",
        "june junio junho juni juin giugno",
        "july julio julho juli juillet luglio",
        "august agosto août aout augustus agustus",
        "september septiembre setiembre setembro septembre settembre",
        "october octubre outubro oktober octobre ottobre",
        "november noviembre novembro novembre nopember",
        "december diciembre dezembro dezember décembre decembre dicembre desember",
    ];
    const MIN_LETTERS: usize = 3;
    let (word, rest) = word(cell);
    let word = std::str::from_utf8(word).ok()?.to_lowercase();
    let is_one = |names: &&str| names.split(' ').any(|name| name.starts_with(&word));
    let mut found = (1..).zip(NAMES).filter(|(_, names)| is_one(names));
    let (number, _) = found.next().filter(|_| word.chars().count() >= MIN_LETTERS)?;
    found.next().is_none().then_some((number, rest))
}

/// The rest behind a joining word between parts of a date: `5 de enero del 2024`, `3rd of April`.
fn joint(cell: &[u8]) -> &[u8] {
    let (word, rest) = word(cell);
    let is_joint = ["de", "del", "di", "of"].iter().any(|joint| word.eq_ignore_ascii_case(joint.as_bytes()));
    if is_joint { marks(rest) } else { cell }
}

fn day(cell: &[u8]) -> Option<(u32, &[u8])> {
    let (day, digits, rest) = number(cell)?;
    // 3rd of April
    let (suffix, behind) = word(rest);
    let is_ordinal =
        ["st", "nd", "rd", "th", "er"].iter().any(|word| suffix.eq_ignore_ascii_case(word.as_bytes()));
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
    cell.split_at(cell.iter().take_while(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii()).count())
}

fn marks(cell: &[u8]) -> &[u8] {
    let count = cell.iter().take_while(|byte| matches!(byte, b' ' | b',' | b'-' | b'/' | b'.')).count();
    &cell[count..]
}

/// The rest behind a date, without a comma before the time.
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
            "3 de abril de 2019",
            "3 de Abril del 2019",
            "3. April 2019",
            "3 avril 2019",
            "3 avr. 2019",
            "3 abr 2019",
            "3 aprile 2019",
        ] {
            let (date, rest) = named(cell.as_bytes()).expect(cell);
            assert_eq!((date.to_string().as_str(), rest), ("2019-04-03", b"".as_slice()), "{cell}");
        }
        assert_eq!(named(b"Apr 3, 2019, 2:31:00 PM").map(|(_, rest)| rest), Some(b" 2:31:00 PM".as_slice()));
        for (cell, expected) in [
            ("1er août 2024", Some("2024-08-01")),
            ("12. März 2024", Some("2024-03-12")),
            ("12 março 2024", Some("2024-03-12")),
            ("5 de enero de 2024", Some("2024-01-05")),
            ("15 févr. 2024", Some("2024-02-15")),
            ("3 juin 2024", Some("2024-06-03")),
            ("3 juil. 2024", Some("2024-07-03")),
            // Of June and of July in French.
            ("3 jui 2024", None),
            ("17 Agustus 2024", Some("2024-08-17")),
            ("9 out. 2024", Some("2024-10-09")),
            ("31 décembre 2024", Some("2024-12-31")),
        ] {
            let date = named(cell.as_bytes()).map(|(date, _)| date.to_string());
            assert_eq!(date.as_deref(), expected, "{cell}");
        }
        for cell in ["Ap 3 2019", "Aprilis 3 2019", "April 31, 2019", "April", "3 2019", "Mayor 3 2019"] {
            assert_eq!(named(cell.as_bytes()), None, "{cell}");
        }
    }
}

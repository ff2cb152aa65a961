//! Reads cells of customer lists and send logs: flags, ratings and contacts.

use crate::parse::cell_notes::Oddity;
use crate::parse::layout::Layout;
use crate::parse::tables::{PlainTexts, TableRows};
use crate::parse::value::date::{DateOrder, DateReader, Day};
use crate::parse::value::id::{self, Id};
use crate::schema::money::{Micros, parse_plain};
use crate::schema::table::Cells;
use crate::schema::words::Flag;

/// The flag that a cell says: by a word, by the time since when it holds, or by a number of times. `None` if it cannot
/// be read.
pub fn flag(flag: Flag, cell: &str) -> Option<bool> {
    let times = || {
        let is_counted = matches!(flag, Flag::Opened | Flag::Clicked) && cell.len() <= 4;
        cell.parse::<u32>().ok().filter(|_| is_counted).map(|times| times > 0)
    };
    flag.of(cell).or_else(|| time(cell)).or_else(times)
}

/// Whether the cell is a time since when the flag holds; a placeholder for "no time" means `false`.
fn time(cell: &str) -> Option<bool> {
    const ANY: DateReader = DateReader {
        order: DateOrder::Dmy,
        is_certain: false,
        zone: None,
        epoch_zone: chrono_tz::UTC,
        has_1904_dates: false,
        is_birthday: false,
    };
    match ANY.day(cell.as_bytes()) {
        Day::On(_) | Day::Either(_) | Day::Evident(..) => Some(true),
        Day::Placeholder => Some(false),
        Day::Null | Day::Bad | Day::Impossible => None,
    }
}

/// Whether a cell is a time.
pub fn is_time(cell: &str) -> bool {
    time(cell).is_some()
}

/// The stars of a review, if the cell is a plain number. `None` for words and the like: whoever writes `5/10` or `三星`
/// uses another scale.
pub fn rating(cell: &str) -> Option<Micros> {
    parse_plain(cell)
        .or_else(|| parse_plain(&cell.replacen(',', ".", 1)))
        .filter(|stars| !stars.is_negative())
}

/// A name or contact without the decoration that spreadsheets add; masked ones are kept. `None` if the cell is blank, a
/// placeholder, or rounded by a spreadsheet.
pub fn contact(cell: &str) -> Option<&str> {
    match id::parse(cell.as_bytes()) {
        Id::Text(text) => std::str::from_utf8(text).ok(),
        Id::Masked => Some(cell),
        Id::Null | Id::StandIn | Id::Rounded => None,
    }
}

/// Notes cells of flags, ratings and contacts that cannot be read and count as empty.
pub fn note_unreadable(rows: &mut TableRows, layout: &Layout) {
    let (texts, more) = (&rows.details.texts, &rows.details.more);
    for declared in layout.preset.table.declaration().columns {
        let Some(column) = layout.column(declared.field) else { continue };
        match declared.holds {
            Cells::Flag(of) | Cells::Happened(of) => {
                let words = texts.get(&declared.field).into_iter().flat_map(|texts| &texts.dictionary.list);
                for (text, count) in words.filter(|(text, _)| flag(of, text).is_none()) {
                    rows.notes.add_many(Oddity::Unreadable, column, text.as_bytes(), *count);
                }
            }
            Cells::Text => {
                let texts = more.get(declared.field.name()).into_iter().flat_map(PlainTexts::iter).flatten();
                for text in texts.filter(|text| id::parse(text.as_bytes()) == Id::Rounded) {
                    rows.notes.add(Oddity::Unreadable, column, text.as_bytes());
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_words_times_and_counts() {
        assert_eq!(flag(Flag::Opened, "2026-05-01 10:00:00"), Some(true));
        assert_eq!(flag(Flag::Opened, "0000-00-00 00:00:00"), Some(false));
        assert_eq!(flag(Flag::Clicked, "3"), Some(true));
        assert_eq!(flag(Flag::Clicked, "0"), Some(false));
        assert_eq!(flag(Flag::OptedOut, "2025/1/3"), Some(true));
        assert_eq!(flag(Flag::OptedOut, "3"), None);
        assert_eq!(flag(Flag::Delivered, "sent"), None);
    }

    #[test]
    fn ratings_are_plain_numbers() {
        assert_eq!(
            [rating("5"), rating("4.5"), rating(" 4,5 ")],
            [5_000_000, 4_500_000, 4_500_000].map(|stars| Some(Micros::new(stars)))
        );
        assert_eq!(rating("0"), Some(Micros::ZERO));
        assert_eq!([rating("五星"), rating("5星"), rating("4/5"), rating("-1"), rating("good")], [None; 5]);
    }

    #[test]
    fn contacts_lose_what_spreadsheets_wrap_around_them() {
        assert_eq!(contact("=\"13800000001\""), Some("13800000001"));
        assert_eq!(contact("'13800000001"), Some("13800000001"));
        assert_eq!(contact("13800000001.0"), Some("13800000001"));
        assert_eq!(contact("138****0001"), Some("138****0001"));
        assert_eq!(contact("1.38E+10"), None);
        assert_eq!(contact("匿名"), None);
        assert_eq!(contact("李 雷"), Some("李 雷"));
    }
}

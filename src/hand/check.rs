//! Whether the rows of a hand-kept file can be read, and where not, what would be right.

use chrono_tz::Tz;

use super::decode::Record;
use super::file::{Row, unguarded};
use super::sources::source_name;
use super::tags::{Origin, tag_name};
use super::{Cell, Column};
use crate::parse::value::date::{DateOrder, DateReader, Day};
use crate::parse::value::id::{self, Id};
use crate::schema::reject::{Reason, Reject};

/// The columns of a file: the header, and where in it each declared column is.
pub struct Columns<'a> {
    /// The file's name for messages.
    pub file: &'a str,
    /// The header.
    pub header: &'a [String],
    /// The declared columns, each with its place.
    pub declared: &'a [(&'static Column, usize)],
}

/// What is wrong with a record, and in which column.
type Fault<'a> = (Reason, Option<usize>, &'a str);

impl Columns<'_> {
    /// The rows of a file's records, and those that cannot be read.
    pub fn rows(&self, records: Vec<Record>) -> (Vec<Row>, Vec<Reject>) {
        let dates = self.dates(&records);
        let (mut rows, mut rejects) = (Vec::new(), Vec::new());
        for mut record in records {
            match self.row(&mut record, &dates) {
                Ok(row) => rows.push(row),
                Err(fault) => {
                    let reject = self.reject(&record, fault);
                    rejects.push(reject);
                }
            }
        }
        (rows, rejects)
    }

    fn row(&self, record: &mut Record, dates: &[DateReader]) -> Result<Row, (Reason, Option<usize>, String)> {
        let owned = |(reason, column, seen): Fault<'_>| (reason, column, seen.to_owned());
        if record.is_unclosed {
            return Err((Reason::UnclosedQuote, None, record.raw.clone()));
        }
        let width = self.header.len();
        let cells = match &mut record.cells {
            Ok(cells) => cells,
            Err(place) => return Err((Reason::BadEncoding, Some(*place), record.raw.clone())),
        };
        // Some programs write further empty cells.
        while cells.len() > width && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        if cells.len() != width {
            let reason = if cells.len() < width { Reason::TooFewCells } else { Reason::TooManyCells };
            return Err((reason, None, cells.len().to_string()));
        }
        let mut days = vec![None; self.declared.len()];
        for (i, (column, place)) in self.declared.iter().enumerate() {
            let cell = cells[*place].as_str();
            match column.holds {
                Cell::CustomerId => customer(cell).map_err(|reason| owned((reason, Some(*place), cell)))?,
                Cell::Day => {
                    let day = day(&dates[i], cell);
                    days[i] = Some(day.map_err(|reason| owned((reason, Some(*place), cell)))?);
                }
                Cell::OneOf(words) if !words.contains(&cell.trim()) => {
                    return Err(owned((Reason::UnknownDecision, Some(*place), cell)));
                }
                Cell::Tag if tag_name(unguarded(cell)).is_none() => {
                    return Err(owned((Reason::BadTag, Some(*place), cell)));
                }
                Cell::Origin if Origin::of(cell).is_none() => {
                    return Err(owned((Reason::BadOrigin, Some(*place), cell)));
                }
                Cell::Source if source_name(unguarded(cell)).is_none() => {
                    return Err(owned((Reason::BadSource, Some(*place), cell)));
                }
                Cell::OneOf(_) | Cell::Tag | Cell::Origin | Cell::Source | Cell::Text => {}
            }
        }
        Ok(Row { number: record.number, cells: std::mem::take(cells), days })
    }

    fn reject(&self, record: &Record, (reason, column, seen): (Reason, Option<usize>, String)) -> Reject {
        Reject {
            file: self.file.to_owned(),
            record: record.number,
            reason,
            column: column.and_then(|place| self.header.get(place)).map(|header| header.trim().to_owned()),
            seen,
            raw: record.raw.clone(),
        }
    }

    /// How the days of each declared column are read: where day or month come first, in the order that cells say which
    /// can be read in one way only.
    fn dates(&self, records: &[Record]) -> Vec<DateReader> {
        let reader = |place: usize| {
            let cells = records.iter().filter_map(|record| record.cells.as_ref().ok()?.get(place));
            let evident = |cell: &String| match reader(DateOrder::Dmy, false).day(cell.as_bytes()) {
                Day::Evident(_, order) => Some(order),
                _ => None,
            };
            let orders: Vec<DateOrder> = cells.filter_map(evident).collect();
            match orders.first() {
                Some(order) if orders.iter().all(|other| other == order) => reader(*order, true),
                _ => reader(DateOrder::Dmy, false),
            }
        };
        self.declared.iter().map(|(_, place)| reader(*place)).collect()
    }
}

const fn reader(order: DateOrder, is_certain: bool) -> DateReader {
    DateReader {
        order,
        is_certain,
        zone: None,
        epoch_zone: Tz::UTC,
        has_1904_dates: false,
        is_birthday: false,
    }
}

fn customer(cell: &str) -> Result<(), Reason> {
    match id::parse(cell.as_bytes()) {
        Id::Text(_) => Ok(()),
        Id::Rounded => Err(Reason::RoundedId),
        Id::Null | Id::Masked | Id::StandIn => Err(Reason::MissingCustomer),
    }
}

/// The day of a cell. One that could be read in two ways, of a column that does not say in which, is none.
fn day(reader: &DateReader, cell: &str) -> Result<i32, Reason> {
    match reader.day(cell.as_bytes()) {
        Day::On(day) | Day::Evident(day, _) => Ok(day),
        Day::Either(day) => {
            let other = DateReader { order: DateOrder::Mdy, ..*reader };
            let is_one = reader.is_certain || other.day(cell.as_bytes()) == Day::Either(day);
            if is_one { Ok(day) } else { Err(Reason::BadDate) }
        }
        Day::Null => Err(Reason::MissingDate),
        Day::Placeholder | Day::Impossible => Err(Reason::ImpossibleDate),
        Day::Bad => Err(Reason::BadDate),
    }
}

//! Checks the rows of a hand-kept file, and says what would be right in those that cannot be read.

use chrono_tz::Tz;

use super::decode::Body;
use super::file::{Row, unguarded};
use super::sources::source_name;
use super::tags::{Origin, tag_name};
use super::{Cell, Column};
use crate::parse::records::Record;
use crate::parse::value::date::{DateOrder, DateReader, Day as DayCell};
use crate::parse::value::id::{self, Id};
use crate::schema::Day;
use crate::schema::reject::{Reason, Reject};

/// The columns of a file: the header, and where in it each declared column is.
pub struct Columns<'a> {
    /// The file's name for messages.
    pub file: &'a str,
    /// The header.
    pub header: &'a [String],
    /// The declared columns, each with its index in the header.
    pub declared: &'a [(&'static Column, usize)],
}

/// What is wrong with a record, the index of the column if a single cell is wrong, and the wrong text.
type Fault = (Reason, Option<usize>, String);

/// The rows that can be read, the rows that cannot, and the number of all rows.
pub type Checked = (Vec<Row>, Vec<Reject>, u64);

impl Columns<'_> {
    /// Checks the rows of a file.
    pub fn rows(&self, body: &Body) -> Checked {
        let dates = self.dates(body);
        let (mut rows, mut rejects, mut count) = (Vec::new(), Vec::new(), 0);
        body.each_row(|number, place, record| {
            count += 1;
            match self.day_of(record, body, &dates) {
                Ok(day) => rows.push(Row::at(number, place, day)),
                Err((reason, column, seen)) => rejects.push(Reject {
                    file: self.file.to_owned(),
                    record: number,
                    reason,
                    column: column
                        .and_then(|place| self.header.get(place))
                        .map(|header| header.trim().to_owned()),
                    seen,
                    raw: body.raw(record),
                }),
            }
        });
        (rows, rejects, count)
    }

    /// The day of a record that can be read; `None` if no column holds days.
    fn day_of(&self, record: &Record<'_>, body: &Body, dates: &[DateReader]) -> Result<Option<Day>, Fault> {
        if record.is_unclosed {
            return Err((Reason::UnclosedQuote, None, body.raw(record)));
        }
        let width = self.header.len();
        let mut cells =
            body.cells(record).map_err(|place| (Reason::BadEncoding, Some(place), body.raw(record)))?;
        // Some programs write additional empty cells.
        while cells.len() > width && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        if cells.len() != width {
            let reason = if cells.len() < width { Reason::TooFewCells } else { Reason::TooManyCells };
            return Err((reason, None, cells.len().to_string()));
        }
        let mut found = None;
        for ((column, place), dates) in self.declared.iter().zip(dates) {
            let cell = cells[*place].as_str();
            let wrong = |reason: Reason| (reason, Some(*place), cell.to_owned());
            match column.holds {
                Cell::CustomerId => customer(cell).map_err(wrong)?,
                Cell::Day => found = Some(day(dates, cell).map_err(wrong)?),
                Cell::OneOf(words) if !words.contains(&cell.trim()) => {
                    return Err(wrong(Reason::UnknownDecision));
                }
                Cell::Tag if tag_name(unguarded(cell)).is_none() => return Err(wrong(Reason::BadTag)),
                Cell::Origin if Origin::of(cell).is_none() => return Err(wrong(Reason::BadOrigin)),
                Cell::Source if source_name(unguarded(cell)).is_none() => {
                    return Err(wrong(Reason::BadSource));
                }
                Cell::OneOf(_) | Cell::Tag | Cell::Origin | Cell::Source | Cell::Text => {}
            }
        }
        Ok(found)
    }

    /// How the days of each declared column are read. Dates that begin with day or month are read in the order shown by
    /// the cells that can be read in one way only.
    fn dates(&self, body: &Body) -> Vec<DateReader> {
        let unclear = reader(DateOrder::Dmy, false);
        // For each column, the order its cells show, and whether all of them agree.
        let mut said: Vec<Option<(DateOrder, bool)>> = vec![None; self.declared.len()];
        let of_days: Vec<(usize, usize)> = (0..)
            .zip(self.declared)
            .filter(|(_, (column, _))| column.holds == Cell::Day)
            .map(|(column, (_, place))| (column, *place))
            .collect();
        body.each_row(|_, _, record| {
            for (column, place) in &of_days {
                let cell = body.cell(record, *place).unwrap_or_default();
                if let DayCell::Evident(_, order) = unclear.day(&cell) {
                    let (first, is_one) = said[*column].unwrap_or((order, true));
                    said[*column] = Some((first, is_one && first == order));
                }
            }
        });
        let settled = |said: Option<(DateOrder, bool)>| match said {
            Some((order, true)) => reader(order, true),
            _ => reader(DateOrder::Dmy, false),
        };
        said.into_iter().map(settled).collect()
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

/// The day of a cell. A date that can be read in two ways, in a column that does not show its order, is refused.
fn day(reader: &DateReader, cell: &str) -> Result<Day, Reason> {
    match reader.day(cell.as_bytes()) {
        DayCell::On(day) | DayCell::Evident(day, _) => Ok(Day::new(day)),
        DayCell::Either(day) => {
            let other = DateReader { order: DateOrder::Mdy, ..*reader };
            let is_one = reader.is_certain || other.day(cell.as_bytes()) == DayCell::Either(day);
            if is_one { Ok(Day::new(day)) } else { Err(Reason::BadDate) }
        }
        DayCell::Null => Err(Reason::MissingDate),
        DayCell::Placeholder | DayCell::Impossible => Err(Reason::ImpossibleDate),
        DayCell::Bad => Err(Reason::BadDate),
    }
}

//! The time of day of an order.

use crate::parse::layout::Layout;
use crate::parse::orders::row::item::CellReader;
use crate::parse::records::Record;
use crate::parse::value::date::{DateReader, Day};
use crate::schema::{Field, day};

/// Reads the times of one file's records.
#[derive(Debug)]
pub struct TimeReader {
    times: Vec<(usize, DateReader)>,
    cells: CellReader,
}

impl TimeReader {
    /// Resolves a layout.
    pub fn new(layout: &Layout) -> Self {
        let time = |field| layout.column(field).zip(layout.dates.get(&field).copied());
        Self {
            times: [Field::PaidAt, Field::CreatedAt].into_iter().filter_map(time).collect(),
            cells: CellReader::new(layout),
        }
    }

    /// The second of the day, from the first date column that is filled: the one whose day counts. [`day::MISSING`] if
    /// it has no time.
    pub fn second(&self, record: &Record<'_>) -> i32 {
        let moments = self.times.iter().map(|(column, reader)| {
            let cell = self.cells.text(record, *column).unwrap_or_default();
            reader.moment(&cell)
        });
        moments
            .into_iter()
            .find(|(day, _)| !matches!(day, Day::Null | Day::Placeholder))
            .map_or(day::MISSING, |(_, second)| second)
    }
}

//! What the fast lanes of all tables share: reading columns of cells that are written as most exports write them.

use crate::parse::orders::{PlaceReader, Places};
use crate::parse::records::CellSource;
use crate::parse::value::date;
use crate::parse::value::stand_in::may_be_stand_in;
use crate::rows::dictionary::UNKNOWN;
use crate::schema::Key;
use crate::schema::packed::Packed;

/// The last date that was read: rows of an export are mostly sorted by day.
#[derive(Debug, Default)]
pub struct Memo(Option<([u8; 10], i32)>);

impl Memo {
    /// The day of a cell, if it is written as most exports write dates.
    #[inline(always)]
    pub fn day(&mut self, cell: Packed<'_>) -> Option<i32> {
        let (date, clock) = cell.text().split_first_chunk::<10>()?;
        match self.0 {
            Some((seen, day)) if seen == *date && (clock.is_empty() || date::is_plain_clock(clock)) => {
                Some(day)
            }
            _ => {
                let day = date::plain(cell.text())?;
                self.0 = Some((*date, day));
                Some(day)
            }
        }
    }
}

/// The key of a cell that is certainly an id.
#[inline(always)]
pub fn plain_id(cell: Packed<'_>) -> Option<Key> {
    // Only the first and the last character need checking.
    Key::of_plain(cell).filter(|_| !may_be_stand_in(&[cell.first(), cell.last()]))
}

/// Reads the regions of plain records.
pub fn regions(
    cells: &impl CellSource,
    reader: &PlaceReader,
    is_plain: &mut [bool],
    regions: &mut Vec<u32>,
    places: &mut Places,
) {
    // Most exports say where an order went in one column, which needs no copies of the cells.
    if let Some(only) = reader.only_column() {
        regions.extend(cells.column(only.column).zip(is_plain).map(|(cell, is_plain)| {
            *is_plain &= cell.is_some();
            cell.filter(|_| *is_plain).map_or(UNKNOWN, |cell| reader.number_of_only(only, cell, places))
        }));
        return;
    }
    let mut of_column = |column: Option<usize>| -> Vec<Packed<'_>> {
        let cells = column.into_iter().flat_map(|column| cells.column(column));
        let whole = cells.zip(is_plain.iter_mut()).map(|(cell, is_plain)| {
            *is_plain &= cell.is_some();
            cell.unwrap_or(Packed::of(b""))
        });
        whole.collect()
    };
    let columns = reader.single_columns().unwrap_or_default().map(&mut of_column);
    let mut key = Vec::new();
    regions.extend(is_plain.iter().enumerate().map(|(row, is_plain)| match is_plain {
        true => {
            let of_record =
                columns.each_ref().map(|cells| cells.get(row).copied().unwrap_or(Packed::of(b"")));
            reader.number_of_plain(of_record, &mut key, places)
        }
        false => UNKNOWN,
    }));
}

/// Reads a column with `read`. Records for which it returns `None` are marked as not plain.
#[inline(always)]
pub fn each<T: Default>(
    cells: &impl CellSource,
    column: usize,
    is_plain: &mut [bool],
    values: &mut Vec<T>,
    mut read: impl FnMut(Packed<'_>) -> Option<T>,
) {
    values.reserve(is_plain.len());
    values.extend(cells.column(column).zip(is_plain).map(|(cell, is_plain)| {
        let value = cell.and_then(&mut read);
        *is_plain &= value.is_some();
        value.unwrap_or_default()
    }));
}

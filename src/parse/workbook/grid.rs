//! The cells of a sheet as text, within bounds: a workbook of a kilobyte can claim a cell in the last row and column of
//! Excel, and all those before it.

use std::collections::HashMap;
use std::ops::Range;

use calamine::Dimensions;

use crate::limits::{MAX_COLUMNS, MAX_EMPTY_CELLS, MAX_EMPTY_PER_CELL, MAX_RECORD_BYTES, MAX_SHEET_ROWS};

/// Why the cells of a sheet make no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) enum Refused {
    /// A cell, by row and column from 0, is beyond the sheets of Excel.
    Beyond(u32, u32),
    /// So many rows and columns, almost all of them empty.
    Sparse(u64, u64),
    /// More text than a workbook of its size may hold: so many bytes.
    Long(u64),
}

/// What the sheets of a workbook may take together, and what they took so far.
#[derive(Debug)]
pub(super) struct Room {
    /// Bytes of text that there may be.
    most: u64,
    /// What an empty cell counts as.
    empty_cell: u64,
    text: u64,
    area: u64,
    filled: u64,
}

impl Room {
    /// For `most` bytes of text.
    pub(super) fn new(most: u64, empty_cell: u64) -> Self {
        Self { most, empty_cell, text: 0, area: 0, filled: 0 }
    }

    /// Takes a sheet: what it spans as rows and columns, its filled cells and their text. Gives its area.
    ///
    /// # Errors
    /// When there is no room for it; then nothing is taken.
    pub(super) fn take(&mut self, spans: &[(u64, u64)], filled: u64, text: u64) -> Result<u64, Refused> {
        let of = |(rows, columns): &(u64, u64)| rows.saturating_mul(*columns);
        let own = spans.iter().map(of).fold(0, u64::saturating_add).saturating_mul(self.empty_cell);
        let (area, all_filled) = (self.area.saturating_add(own), self.filled.saturating_add(filled));
        if area > MAX_EMPTY_CELLS.saturating_add(all_filled.saturating_mul(MAX_EMPTY_PER_CELL)) {
            let (rows, columns) = spans.iter().copied().max_by_key(of).unwrap_or_default();
            return Err(Refused::Sparse(rows, columns));
        }
        self.check_text(text)?;
        (self.area, self.filled, self.text) = (area, all_filled, self.text + text);
        Ok(own)
    }

    /// Whether there is room for so many bytes of text.
    fn check_text(&self, text: u64) -> Result<(), Refused> {
        if self.text.saturating_add(text) > self.most { Err(Refused::Long(self.most)) } else { Ok(()) }
    }
}

/// A filled cell: where it is, and where its text is.
#[derive(Debug)]
struct Filled {
    row: u32,
    column: u32,
    len: u32,
    start: usize,
}

impl Filled {
    fn place(&self) -> (u32, u32) {
        (self.row, self.column)
    }

    fn range(&self) -> Range<usize> {
        self.start..self.start + self.len as usize
    }
}

/// The filled cells of a sheet.
#[derive(Debug, Default)]
pub(super) struct Grid {
    cells: Vec<Filled>,
    text: String,
}

impl Grid {
    /// Takes a filled cell, for the text of which there must be room.
    ///
    /// # Errors
    /// When it is beyond every sheet, or is too much.
    pub(super) fn add(&mut self, row: u32, column: u32, text: &str, room: &Room) -> Result<(), Refused> {
        if row >= MAX_SHEET_ROWS || column as usize >= MAX_COLUMNS {
            return Err(Refused::Beyond(row, column));
        }
        let Some(len) = u32::try_from(text.len()).ok().filter(|len| *len as usize <= MAX_RECORD_BYTES) else {
            return Err(Refused::Long(MAX_RECORD_BYTES as u64));
        };
        room.check_text((self.text.len() + text.len()) as u64)?;
        self.cells.push(Filled { row, column, len, start: self.text.len() });
        self.text.push_str(text);
        Ok(())
    }

    /// The cells as comma-separated records, one per row from the first of the sheet on, so that record numbers are row
    /// numbers. All rows from the first filled one on have the same number of cells.
    ///
    /// # Errors
    /// When almost all of them would be empty.
    pub(super) fn into_text(mut self, merged: &Merged, room: &mut Room) -> Result<Vec<u8>, Refused> {
        // Of a cell that is there twice the last counts: those of one place stay in their order.
        if !self.cells.is_sorted_by_key(Filled::place) {
            self.cells.sort_by_key(Filled::place);
        }
        let (Some(first), Some(last)) = (self.cells.first(), self.cells.last()) else {
            return Ok(Vec::new());
        };
        let (first, last) = (first.row, last.row);
        let width = self.cells.iter().map(|cell| cell.column + 1).max().unwrap_or(0);
        let span = (u64::from(last - first) + 1, u64::from(width));
        let area = room.take(&[span], self.cells.len() as u64, self.text.len() as u64)?;
        let mut text = Vec::with_capacity(self.text.len() + area as usize);
        // Rows above the first filled one count too.
        (0..first).for_each(|_| text.extend_from_slice(b",\n"));
        let tops = merged.tops(&self.cells);
        let mut writer = csv::Writer::from_writer(&mut text);
        let mut rest = self.cells.iter().peekable();
        for row in first..=last {
            for column in 0..width {
                let mut own = None;
                while let Some(cell) = rest.next_if(|cell| cell.place() == (row, column)) {
                    own = Some(cell.range());
                }
                let range = match merged.top(row, column) {
                    Some(top) => tops.get(&(top, column)).cloned(),
                    None => own,
                };
                // A vector takes whatever is written to it.
                let _ = writer.write_field(range.map_or("", |range| &self.text[range]));
            }
            let _ = writer.write_record(None::<&[u8]>);
        }
        drop(writer);
        Ok(text)
    }
}

/// Cells that are merged with those above them: only the top one has the value, which is that of all. Cells that are
/// merged across columns too are titles.
#[derive(Debug, Default)]
pub(super) struct Merged(Vec<(u32, u32, u32)>);

impl Merged {
    /// Of a sheet's merged areas.
    pub(super) fn of(areas: impl IntoIterator<Item = Dimensions>) -> Self {
        let columns =
            areas.into_iter().filter(|area| area.start.1 == area.end.1 && area.start.0 < area.end.0);
        let mut areas: Vec<_> = columns.map(|area| (area.start.1, area.start.0, area.end.0)).collect();
        areas.sort_unstable();
        Self(areas)
    }

    /// The row of the cell whose value one below it has.
    fn top(&self, row: u32, column: u32) -> Option<u32> {
        if self.0.is_empty() {
            return None;
        }
        let before = self.0.partition_point(|(of, top, _)| (*of, *top) < (column, row));
        let (of, top, end) = *self.0.get(before.checked_sub(1)?)?;
        (of == column && row <= end).then_some(top)
    }

    /// The texts of the top cells, of cells in the order of rows and columns.
    fn tops(&self, cells: &[Filled]) -> HashMap<(u32, u32), Range<usize>> {
        let top = |(column, top, _): &(u32, u32, u32)| {
            let behind = cells.partition_point(|cell| cell.place() <= (*top, *column));
            let cell = cells.get(behind.checked_sub(1)?)?;
            (cell.place() == (*top, *column)).then(|| (cell.place(), cell.range()))
        };
        self.0.iter().filter_map(top).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Place = (u32, u32);

    fn text(cells: &[(u32, u32, &str)], merged: &[(Place, Place)]) -> Result<String, Refused> {
        let (mut grid, mut room) = (Grid::default(), Room::new(1_000, 1));
        for (row, column, text) in cells {
            grid.add(*row, *column, text, &room)?;
        }
        let areas = merged.iter().map(|(start, end)| Dimensions { start: *start, end: *end });
        grid.into_text(&Merged::of(areas), &mut room).map(|text| String::from_utf8(text).expect("text"))
    }

    #[test]
    fn cells_become_rows_of_one_width_in_whatever_order_they_come() {
        let cells = [(1, 1, "a"), (1, 2, "b,c"), (3, 2, "d")];
        assert_eq!(text(&cells, &[]).as_deref(), Ok(",\n,a,\"b,c\"\n,,\n,,d\n"));
        let turned: Vec<_> = cells.iter().rev().copied().collect();
        assert_eq!(text(&turned, &[]), text(&cells, &[]));
        assert_eq!(text(&[(0, 0, "old"), (0, 0, "new")], &[]).as_deref(), Ok("new\n"));
        assert_eq!(text(&[], &[]).as_deref(), Ok(""));
    }

    #[test]
    fn merged_cells_have_the_value_of_the_top_one() {
        let cells = [(0, 0, "x"), (0, 1, "1"), (1, 1, "2"), (2, 1, "3"), (3, 0, "y"), (3, 1, "4")];
        let merged = [((0, 0), (1, 0)), ((0, 0), (0, 1))];
        assert_eq!(text(&cells, &merged).as_deref(), Ok("x,1\nx,2\n,3\ny,4\n"));
        // One whose top is empty leaves those below it empty, and one may reach below the last row.
        assert_eq!(text(&cells, &[((1, 0), (3, 0))]).as_deref(), Ok("x,1\n,2\n,3\n,4\n"));
        assert_eq!(text(&cells, &[((3, 0), (1_000_000, 0))]).as_deref(), Ok("x,1\n,2\n,3\ny,4\n"));
    }

    #[test]
    fn what_no_sheet_holds_is_refused_before_it_takes_memory() {
        assert_eq!(text(&[(MAX_SHEET_ROWS, 0, "a")], &[]), Err(Refused::Beyond(1_048_576, 0)));
        assert_eq!(text(&[(0, 16_384, "a")], &[]), Err(Refused::Beyond(0, 16_384)));
        assert_eq!(
            text(&[(0, 0, "a"), (1_048_575, 16_383, "b")], &[]),
            Err(Refused::Sparse(1_048_576, 16_384))
        );
        assert_eq!(text(&[(0, 0, &"x".repeat(1_001))], &[]), Err(Refused::Long(1_000)));
    }

    #[test]
    fn sheets_share_the_room_of_their_workbook() {
        let take = |columns, filled| Room::new(0, 1).take(&[(1_048_576, columns)], filled, 0);
        // One value in the last row of a sheet of 64 columns is an accident, and no harm.
        assert_eq!(take(64, 2), Ok(67_108_864));
        assert_eq!(take(65, 2), Err(Refused::Sparse(1_048_576, 65)));
        assert_eq!(take(33, 65_536), Ok(34_603_008));
        // 40 columns, then 24: the second is too much only beside more. A refused sheet takes nothing.
        let mut room = Room::new(1_000, 1);
        assert_eq!(room.take(&[(1_048_576, 40)], 2, 600), Ok(41_943_040));
        assert_eq!(room.take(&[(1_048_576, 25)], 1, 0), Err(Refused::Sparse(1_048_576, 25)));
        assert_eq!(room.take(&[(1_048_576, 24)], 1, 401), Err(Refused::Long(1_000)));
        assert_eq!(room.take(&[(1_048_576, 24)], 1, 400), Ok(25_165_824));
        assert_eq!(room.take(&[(100, 10)], 1_000, 1), Err(Refused::Long(1_000)));
        // What is full brings room of its own.
        assert_eq!(room.take(&[(100, 10)], 1_000, 0), Ok(1_000));
    }
}

//! The cells of a sheet as text, within limits: a workbook of one kilobyte can claim a cell in the last row and column
//! of Excel, and with it all cells before.

use std::collections::HashMap;

use calamine::Dimensions;

use crate::limits::{MAX_COLUMNS, MAX_EMPTY_CELLS, MAX_EMPTY_PER_CELL, MAX_RECORD_BYTES, MAX_SHEET_ROWS};

/// Why a sheet is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) enum Refused {
    /// A cell, by row and column from 0, is outside of what Excel sheets can have.
    Beyond(u32, u32),
    /// So many rows and columns, almost all cells empty.
    Sparse(u64, u64),
    /// More bytes of text than a workbook of its size may hold; the limit is given.
    Long(u64),
}

/// The memory that the sheets of a workbook may take together, and what is taken so far.
#[derive(Debug)]
pub(super) struct Room {
    /// The most bytes of text.
    most: u64,
    /// The cost of an empty cell.
    empty_cell: u64,
    text: u64,
    area: u64,
    filled: u64,
}

impl Room {
    /// With room for `most` bytes of text.
    pub(super) fn new(most: u64, empty_cell: u64) -> Self {
        Self { most, empty_cell, text: 0, area: 0, filled: 0 }
    }

    /// Reserves room for a sheet: the rows and columns it spans, its filled cells and their text. Returns its area in
    /// cells.
    ///
    /// # Errors
    /// When there is not enough room; then nothing is reserved.
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

    /// Checks that there is room for so many bytes of text.
    fn check_text(&self, text: u64) -> Result<(), Refused> {
        if self.text.saturating_add(text) > self.most { Err(Refused::Long(self.most)) } else { Ok(()) }
    }
}

/// Consecutive filled cells of one row.
#[derive(Debug)]
struct Run {
    row: u32,
    /// Where its cells and their texts begin.
    cells: usize,
    text: usize,
}

/// The filled cells of a sheet, each with its column and the length of its text. There may be ten million, so that the
/// row and the place of the text are stored once per run of cells.
#[derive(Debug, Default)]
pub(super) struct Grid {
    runs: Vec<Run>,
    cells: Vec<(u32, u32)>,
    text: String,
}

impl Grid {
    /// Adds a filled cell, for whose text there must be room.
    ///
    /// # Errors
    /// When it is outside of every sheet, or there is no room.
    pub(super) fn add(&mut self, row: u32, column: u32, text: &str, room: &Room) -> Result<(), Refused> {
        if row >= MAX_SHEET_ROWS || column as usize >= MAX_COLUMNS {
            return Err(Refused::Beyond(row, column));
        }
        let Some(len) = u32::try_from(text.len()).ok().filter(|len| *len as usize <= MAX_RECORD_BYTES) else {
            return Err(Refused::Long(MAX_RECORD_BYTES as u64));
        };
        room.check_text((self.text.len() + text.len()) as u64)?;
        if self.runs.last().is_none_or(|run| run.row != row) {
            self.runs.push(Run { row, cells: self.cells.len(), text: self.text.len() });
        }
        self.cells.push((column, len));
        self.text.push_str(text);
        Ok(())
    }

    /// The cells as comma-separated records, one per row of the sheet from the first on, so that record numbers are row
    /// numbers. All rows from the first filled one on have the same number of cells.
    ///
    /// # Errors
    /// When almost all cells would be empty.
    pub(super) fn into_text(self, merged: &Merged, room: &mut Room) -> Result<Vec<u8>, Refused> {
        let rows = self.rows();
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
        let (first, last) = (first.row, last.row);
        let width = self.cells.iter().map(|(column, _)| column + 1).max().unwrap_or(0);
        let span = (u64::from(last - first) + 1, u64::from(width));
        let area = room.take(&[span], self.cells.len() as u64, self.text.len() as u64)?;
        let mut text = Vec::with_capacity(self.text.len() + area as usize);
        // Rows above the first filled one count too.
        (0..first).for_each(|_| text.extend_from_slice(b",\n"));
        let mut writer = csv::Writer::from_writer(&mut text);
        let (mut rest, mut cells) = (rows.chunk_by(|a, b| a.row == b.row).peekable(), Vec::new());
        let mut tops = HashMap::new();
        for row in first..=last {
            cells.clear();
            cells.resize(width as usize, "");
            for run in rest.next_if(|runs| runs[0].row == row).unwrap_or_default() {
                // If a cell occurs twice, the last one counts.
                self.cells_of(run).for_each(|(column, text)| cells[column as usize] = text);
            }
            merged.fill(row, &mut cells, &mut tops);
            // Writing to a vector cannot fail.
            let _ = writer.write_record(&cells);
        }
        drop(writer);
        Ok(text)
    }

    /// The runs in the order of their rows; those of one row as they came.
    fn rows(&self) -> Vec<&Run> {
        let mut runs: Vec<&Run> = self.runs.iter().collect();
        runs.sort_by_key(|run| run.row);
        runs
    }

    /// The cells of a run: their columns and texts.
    fn cells_of(&self, run: &Run) -> impl Iterator<Item = (u32, &str)> {
        let after = self.runs.partition_point(|other| other.cells <= run.cells);
        let end = self.runs.get(after).map_or(self.cells.len(), |next| next.cells);
        let mut start = run.text;
        self.cells[run.cells..end].iter().map(move |&(column, len)| {
            let text = &self.text[start..start + len as usize];
            start += len as usize;
            (column, text)
        })
    }
}

/// Cells merged with cells above them: only the top one holds the value, which counts for all. Cells merged across
/// columns too are titles and stay as they are.
#[derive(Debug, Default)]
pub(super) struct Merged(Vec<(u32, u32, u32)>);

impl Merged {
    /// Takes the merged areas of a sheet.
    pub(super) fn of(areas: impl IntoIterator<Item = Dimensions>) -> Self {
        let columns =
            areas.into_iter().filter(|area| area.start.1 == area.end.1 && area.start.0 < area.end.0);
        let mut areas: Vec<_> = columns.map(|area| (area.start.1, area.start.0, area.end.0)).collect();
        areas.sort_unstable();
        Self(areas)
    }

    /// Gives each cell of a row that is merged with one above the text of the top cell. Rows must come in order; `tops`
    /// holds the texts of the top cells so far, by row and column.
    fn fill<'a>(&self, row: u32, cells: &mut [&'a str], tops: &mut HashMap<(u32, u32), &'a str>) {
        if self.0.is_empty() {
            return;
        }
        for (column, cell) in (0..).zip(cells) {
            let place = self.0.partition_point(|(of, top, _)| (*of, *top) < (column, row));
            if self.0.get(place).is_some_and(|(of, top, _)| (*of, *top) == (column, row)) {
                tops.insert((column, row), *cell);
            }
            // Areas do not overlap. If a file claims so, the area that begins above counts.
            let above = place.checked_sub(1).and_then(|place| self.0.get(place));
            if let Some((of, top, _)) = above.filter(|(of, _, end)| *of == column && row <= *end) {
                // A top cell above the first filled row is empty.
                *cell = tops.get(&(*of, *top)).copied().unwrap_or("");
            }
        }
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
        // No program should write areas that share a cell: it has the text of the one that begins above.
        let shared = [((0, 0), (2, 0)), ((2, 0), (3, 0))];
        assert_eq!(text(&cells, &shared).as_deref(), Ok("x,1\nx,2\nx,3\n,4\n"));
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

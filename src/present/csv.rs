//! Comma- and tab-separated values: complete, stable English keys, no spreadsheet surprises.

use std::io::Write;
use std::ops::Range;

use rayon::prelude::*;

use super::cells::{Cell, Memory, View, views_within, write_ratio};
use super::report::{Report, Table};
use super::{Style, Writer, chosen, failed, words};
use crate::error::{Error, Result};
use crate::schema::packed::{Short, is_wordlike, is_wordlike_or_wide, is_wordlike_text};
use crate::schema::{iso, money};
use crate::text::neutral;

/// A writer of values with this delimiter between them. It formats short cells as integers of 16 bytes, which earns a
/// fifth to a quarter of `rfm`'s processor time over two and a half million customers; the `csv` crate's writer takes
/// two fifths more.
pub(super) struct Delimited(pub u8);

/// Rows formatted at once by one core.
const PIECE: usize = 1 << 13;
/// Rows whose cells are read at once: they stay in the nearest cache.
const AT_ONCE: usize = 64;
/// Pieces held in memory before they are written.
const BATCH: usize = 16;

impl Writer for Delimited {
    fn write(&self, report: &Report, style: &Style, out: &mut dyn Write) -> Result<()> {
        let table = chosen(report, style)?;
        let rows = table.frame.height().min(style.limit.unwrap_or(usize::MAX));
        if style.has_bom {
            out.write_all("\u{feff}".as_bytes()).map_err(failed)?;
        }
        out.write_all(&self.header(table)?).map_err(failed)?;
        let starts: Vec<usize> = (0..rows).step_by(PIECE).collect();
        let mut batches = starts.chunks(BATCH);
        let mut ready = Vec::new();
        loop {
            // One batch is written while the next is formatted.
            let batch = batches.next().unwrap_or(&[]);
            let mut formatted = Ok(Vec::new());
            let mut written = Ok(());
            rayon::in_place_scope(|scope| {
                scope.spawn(|_| formatted = self.batch(table, batch, rows, style));
                written = ready.iter().try_for_each(|piece: &Vec<u8>| out.write_all(piece).map_err(failed));
            });
            written?;
            ready = formatted?;
            if ready.is_empty() {
                return Ok(());
            }
        }
    }
}

impl Delimited {
    /// The names of the columns, of which some may be a shop's own headers.
    fn header(&self, table: &Table) -> Result<Vec<u8>> {
        let mut line = Vec::new();
        for (place, spec) in table.columns.iter().enumerate() {
            if place > 0 {
                line.push(self.0);
            }
            self.write_text(&mut line, &neutral(spec.name))?;
        }
        line.push(b'\n');
        Ok(line)
    }

    /// The pieces that begin at `starts`, formatted side by side.
    fn batch(&self, table: &Table, starts: &[usize], rows: usize, style: &Style) -> Result<Vec<Vec<u8>>> {
        let piece = |&start: &usize| self.rows(table, start..(start + PIECE).min(rows), style);
        starts.par_iter().with_max_len(1).map(piece).collect()
    }

    fn rows(&self, table: &Table, range: Range<usize>, style: &Style) -> Result<Vec<u8>> {
        const CELL: usize = 12;
        let (count, views) = (range.len(), views_within(table, range)?);
        let last = views.len().saturating_sub(1);
        let behind = |i: usize| if i == last { b'\n' } else { self.0 };
        let is_alone = last == 0;
        let columns: Vec<Column> =
            views.iter().enumerate().map(|(i, view)| Column::of(view, behind(i), is_alone)).collect();
        let mut out = Vec::with_capacity(count * views.len() * CELL);
        let mut cells = vec![None; AT_ONCE * columns.len()];
        for start in (0..count).step_by(AT_ONCE) {
            let rows = start..(start + AT_ONCE).min(count);
            for (i, column) in columns.iter().enumerate() {
                column.read(rows.clone(), cells.iter_mut().skip(i).step_by(columns.len()));
            }
            for (row, cells) in rows.zip(cells.chunks_exact(columns.len())) {
                for (column, cell) in columns.iter().zip(cells) {
                    match cell {
                        Some(short) => short.write(&mut out),
                        None => self.write(&mut out, column, row, style)?,
                    }
                }
            }
        }
        Ok(out)
    }

    /// Writes any cell and what stands behind it.
    fn write(&self, out: &mut Vec<u8>, column: &Column<'_>, row: usize, style: &Style) -> Result<()> {
        let start = out.len();
        match column.wordlike(row) {
            Some(text) => out.extend_from_slice(text),
            None => self.write_cell(out, column.view, row, style)?,
        }
        if column.is_alone && out.len() == start {
            // Readers skip blank lines.
            out.extend_from_slice(b"\"\"");
        }
        out.push(column.behind);
        Ok(())
    }

    fn write_cell(&self, out: &mut Vec<u8>, view: &View, row: usize, style: &Style) -> Result<()> {
        match view.get(row) {
            Cell::Null => {}
            Cell::Text(text) => {
                return self.write_text(out, &neutral(&words::in_machine_formats(view, text, style.locale)));
            }
            Cell::Int(value) => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
            Cell::Float(value) => write_ratio(out, value),
            Cell::Amount(micros) => money::write_plain(out, micros),
            Cell::Date(day) => iso::write_iso(out, day),
            Cell::Flag(flag) => out.extend_from_slice(if flag { b"true" } else { b"false" }),
        }
        Ok(())
    }

    /// Writes a text, in quotes where it needs them.
    fn write_text(&self, out: &mut Vec<u8>, text: &str) -> Result<()> {
        // Without a branch a byte: nearly all cells are plain.
        let is_special = |byte: u8| (byte == self.0) | (byte == b'"') | (byte == b'\n') | (byte == b'\r');
        if !text.bytes().fold(false, |found, byte| found | is_special(byte)) {
            out.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        let mut writer = csv::WriterBuilder::new().delimiter(self.0).from_writer(Vec::new());
        writer.write_record([text]).map_err(|error| Error::Internal(error.to_string()))?;
        let quoted = writer.into_inner().map_err(|error| Error::Internal(error.to_string()))?;
        out.extend_from_slice(quoted.strip_suffix(b"\n").unwrap_or(&quoted));
        Ok(())
    }
}

/// A column to be written millions of times.
struct Column<'a> {
    view: &'a View,
    /// Where all values are written as they are.
    memory: Option<Memory<'a>>,
    /// What stands behind each cell.
    behind: u8,
    /// Whether it is the only column.
    is_alone: bool,
}

impl<'a> Column<'a> {
    fn of(view: &'a View, behind: u8, is_alone: bool) -> Self {
        let is_as_it_is = !is_alone && words::is_as_it_is_in_machine_formats(view);
        Self { view, memory: view.memory().filter(|_| is_as_it_is), behind, is_alone }
    }

    /// Reads the cells of some rows, each with the delimiter behind it, as short texts. A cell is `None` if it is long,
    /// may need quotes or could be taken for a formula; hardly any is.
    fn read<'b>(&self, rows: Range<usize>, cells: impl Iterator<Item = &'b mut Option<Short>>) {
        /// Column by column, since a loop over one kind of value has many of them under way at once.
        fn each<'b, T: Copy>(
            values: &[T],
            cells: impl Iterator<Item = &'b mut Option<Short>>,
            short: impl Fn(T) -> Option<Short>,
        ) {
            cells.zip(values).for_each(|(cell, value)| *cell = short(*value));
        }
        let behind = self.behind;
        let digits = |number: u64| Short::digits(number, behind);
        // Scores have one digit.
        let byte = |number: u8| match number {
            0..10 => Short::of((b'0' + number).into(), 1, behind),
            _ => digits(number.into()),
        };
        let nothing = || Short::of(0, 0, behind);
        match self.memory {
            Some(Memory::Nothing) => cells.take(rows.len()).for_each(|cell| *cell = nothing()),
            Some(Memory::Byte(values)) => each(&values[rows], cells, byte),
            Some(Memory::Count(values)) => each(&values[rows], cells, |value| digits(value.into())),
            Some(Memory::Short(values)) => each(&values[rows], cells, |value| digits(value.try_into().ok()?)),
            Some(Memory::Int(values)) => each(&values[rows], cells, |value| digits(value.try_into().ok()?)),
            Some(Memory::Amount(values)) => each(&values[rows], cells, |value| money::short(value, behind)),
            Some(Memory::Date(values)) => each(&values[rows], cells, |value| iso::short_iso(value, behind)),
            Some(Memory::Text(values)) => each(&values.views()[rows], cells, |view| {
                // An Arrow view holds four bytes of length, then up to twelve of text.
                const HELD: usize = 12;
                let (len, text) = (view.length as usize, view.as_u128() >> u32::BITS);
                let is_plain = match is_ideograph(text as u8) {
                    true => is_wordlike_or_wide(text, len),
                    false => is_wordlike(text, len) && is_no_formula(text as u8),
                };
                Short::of(text, len, behind).filter(|_| len <= HELD && is_plain)
            }),
            None => cells.take(rows.len()).for_each(|cell| *cell = None),
        }
    }

    /// The text of a cell, if it is a longer one that neither needs quotes nor could be taken for a formula.
    fn wordlike(&self, row: usize) -> Option<&'a [u8]> {
        let Some(Memory::Text(values)) = self.memory else { return None };
        let text = values.value(row).as_bytes();
        Some(text).filter(|text| is_wordlike_text(text) && is_no_formula(text[0]))
    }
}

/// Whether a text begins with a Chinese character: no sign, no space and nothing else that a formula begins with has
/// such a first byte in UTF-8 (U+4000 to U+9FFF).
fn is_ideograph(first: u8) -> bool {
    matches!(first, 0xe4..=0xe9)
}

/// Whether no formula of wordlike characters begins so.
fn is_no_formula(first: u8) -> bool {
    !matches!(first, b'-' | b'@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_that_begins_with_an_ideograph_is_a_formula() {
        let characters = ('\u{80}'..=char::MAX).filter(|c| is_ideograph(c.to_string().as_bytes()[0]));
        let mut count = 0;
        for c in characters {
            let text = format!("{c}=1+1");
            assert_eq!(neutral(&text), text);
            count += 1;
        }
        // U+4000 to U+9FFF.
        assert_eq!(count, 0x6000);
    }
}

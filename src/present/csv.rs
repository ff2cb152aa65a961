//! Comma- and tab-separated values: complete, stable English keys, no spreadsheet surprises.

use std::io::Write;
use std::ops::Range;

use rayon::prelude::*;

use super::cells::{Cell, Memory, View, views_within};
use super::privacy::neutral;
use super::report::{Report, Table};
use super::{Style, Writer, chosen, failed, words};
use crate::error::{Error, Result};
use crate::ingest::value::date;
use crate::packed::is_wordlike;
use crate::schema::money;

/// With the delimiter.
pub(super) struct Delimited(pub u8);

/// Rows formatted at once by one core.
const PIECE: usize = 1 << 15;
/// Pieces held in memory before they are written.
const BATCH: usize = 8;

impl Writer for Delimited {
    fn write(&self, report: &Report, style: &Style, out: &mut dyn Write) -> Result<()> {
        let table = chosen(report, style)?;
        let rows = table.frame.height().min(style.limit.unwrap_or(usize::MAX));
        let header: Vec<&str> = table.columns.iter().map(|spec| spec.name).collect();
        let delimiter = char::from(self.0).to_string();
        out.write_all(format!("{}\n", header.join(&delimiter)).as_bytes()).map_err(failed)?;
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
    /// The pieces that begin at `starts`, formatted side by side.
    fn batch(&self, table: &Table, starts: &[usize], rows: usize, style: &Style) -> Result<Vec<Vec<u8>>> {
        let piece = |&start: &usize| self.rows(table, start..(start + PIECE).min(rows), style);
        starts.par_iter().map(piece).collect()
    }

    fn rows(&self, table: &Table, range: Range<usize>, style: &Style) -> Result<Vec<u8>> {
        const CELL: usize = 12;
        let (count, views) = (range.len(), views_within(table, range)?);
        let columns: Vec<Column> = views.iter().map(Column::of).collect();
        let mut out = Vec::with_capacity(count * views.len() * CELL);
        for row in 0..count {
            for (i, column) in columns.iter().enumerate() {
                if i > 0 {
                    out.push(self.0);
                }
                match column {
                    // Numbers and dates never need quotes.
                    Column::Memory(Memory::Byte(values)) => write_int(&mut out, values[row].into()),
                    Column::Memory(Memory::Count(values)) => write_int(&mut out, values[row].into()),
                    Column::Memory(Memory::Short(values)) => write_int(&mut out, values[row].into()),
                    Column::Memory(Memory::Int(values)) => write_int(&mut out, values[row]),
                    Column::Memory(Memory::Amount(values)) => money::write_plain(&mut out, values[row]),
                    Column::Memory(Memory::Date(values)) => date::write_iso(&mut out, values[row]),
                    Column::Memory(Memory::Text(values)) => {
                        if !write_wordlike(&mut out, values.views()[row].as_u128()) {
                            self.write_text(&mut out, &neutral(values.value(row)))?;
                        }
                    }
                    Column::Other(view) => self.write_cell(&mut out, view, row, style)?,
                }
            }
            out.push(b'\n');
        }
        Ok(out)
    }

    fn write_cell(&self, out: &mut Vec<u8>, view: &View, row: usize, style: &Style) -> Result<()> {
        match view.get(row) {
            Cell::Null => {}
            Cell::Text(text) => {
                return self.write_text(out, &neutral(&words::in_machine_formats(view, text, style.locale)));
            }
            Cell::Int(value) => write_int(out, value),
            Cell::Float(value) => out.extend_from_slice(value.to_string().as_bytes()),
            Cell::Amount(micros) => money::write_plain(out, micros),
            Cell::Date(day) => date::write_iso(out, day),
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
enum Column<'a> {
    /// Whose values are written as they are.
    Memory(Memory<'a>),
    /// Any other.
    Other(&'a View),
}

impl<'a> Column<'a> {
    fn of(view: &'a View) -> Self {
        let is_as_it_is = words::is_as_it_is_in_machine_formats(view);
        view.memory().filter(|_| is_as_it_is).map_or(Self::Other(view), Self::Memory)
    }
}

/// Writes a text that its Arrow view holds whole (four bytes of length, then up to twelve of text) and that can neither
/// need quotes nor be taken for a formula; says whether it is one.
#[inline]
fn write_wordlike(out: &mut Vec<u8>, view: u128) -> bool {
    const HELD: usize = 12;
    let (len, text) = (view as u32 as usize, view >> u32::BITS);
    let is_plain = len <= HELD && is_wordlike(text, len) && !matches!(text as u8, b'-' | b'@');
    if is_plain {
        // More bytes than there are, and then off with them: to copy an unforeseeable number costs more.
        let end = out.len() + len;
        out.extend_from_slice(&text.to_le_bytes());
        out.truncate(end);
    }
    is_plain
}

fn write_int(out: &mut Vec<u8>, value: i64) {
    // Scores and counts mostly have one digit.
    match value {
        0..10 => out.push(b'0' + value as u8),
        _ => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
    }
}

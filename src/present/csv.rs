//! Comma- and tab-separated values: complete, stable English keys, no spreadsheet surprises.

use std::io::Write;

use rayon::prelude::*;

use super::cells::{Cell, View, views};
use super::privacy::neutral;
use super::report::Report;
use super::{Style, Writer, chosen, failed, words};
use crate::error::{Error, Result};
use crate::ingest::value::date;
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
        let views = views(table, style.limit.unwrap_or(usize::MAX))?;
        let rows = table.frame.height().min(style.limit.unwrap_or(usize::MAX));
        let header: Vec<&str> = views.iter().map(|view| view.spec.name).collect();
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
                scope.spawn(|_| formatted = self.batch(&views, batch, rows, style));
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
    fn batch(&self, views: &[View], starts: &[usize], rows: usize, style: &Style) -> Result<Vec<Vec<u8>>> {
        let piece = |&start: &usize| self.rows(views, start..(start + PIECE).min(rows), style);
        starts.par_iter().map(piece).collect()
    }

    fn rows(&self, views: &[View], range: std::ops::Range<usize>, style: &Style) -> Result<Vec<u8>> {
        const CELL: usize = 12;
        let mut out = Vec::with_capacity(range.len() * views.len() * CELL);
        for row in range {
            for (i, view) in views.iter().enumerate() {
                if i > 0 {
                    out.push(self.0);
                }
                let start = out.len();
                write_cell(&mut out, view, row, style);
                // Numbers and dates never need quotes.
                if view.is_text() {
                    self.quote(&mut out, start)?;
                }
            }
            out.push(b'\n');
        }
        Ok(out)
    }

    /// Quotes the cell that begins at `start`, where it needs quotes.
    fn quote(&self, out: &mut Vec<u8>, start: usize) -> Result<()> {
        // Without a branch a byte: nearly all cells are plain.
        let is_special = |byte: u8| (byte == self.0) | (byte == b'"') | (byte == b'\n') | (byte == b'\r');
        if !out[start..].iter().fold(false, |found, byte| found | is_special(*byte)) {
            return Ok(());
        }
        let mut writer = csv::WriterBuilder::new().delimiter(self.0).from_writer(Vec::new());
        writer.write_record([&out[start..]]).map_err(|error| Error::Internal(error.to_string()))?;
        let quoted = writer.into_inner().map_err(|error| Error::Internal(error.to_string()))?;
        out.truncate(start);
        out.extend_from_slice(quoted.strip_suffix(b"\n").unwrap_or(&quoted));
        Ok(())
    }
}

/// A value as machine text formats write it.
fn write_cell(out: &mut Vec<u8>, view: &View, row: usize, style: &Style) {
    match view.get(row) {
        Cell::Null => {}
        Cell::Text(text) => {
            out.extend_from_slice(neutral(&words::in_machine_formats(view, text, style.locale)).as_bytes());
        }
        // Scores and counts mostly have one digit.
        Cell::Int(value @ 0..10) => out.push(b'0' + value as u8),
        Cell::Int(value) => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
        Cell::Float(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Cell::Amount(micros) => money::write_plain(out, micros),
        Cell::Date(day) => date::write_iso(out, day),
        Cell::Flag(flag) => out.extend_from_slice(if flag { b"true" } else { b"false" }),
    }
}

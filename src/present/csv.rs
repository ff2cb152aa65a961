//! Comma- and tab-separated values: complete, stable English keys, no spreadsheet surprises.

use std::io::Write;

use rayon::prelude::*;

use super::cells::{Cell, View, views};
use super::privacy::neutral;
use super::report::{Kind, Report};
use super::{Style, Writer, chosen, failed};
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
        let mut header = self.writer();
        header.write_record(views.iter().map(|view| view.spec.name)).map_err(csv_failed)?;
        out.write_all(&bytes(header)?).map_err(failed)?;
        let starts: Vec<usize> = (0..rows).step_by(PIECE).collect();
        for batch in starts.chunks(BATCH) {
            let pieces: Vec<Result<Vec<u8>>> = batch
                .par_iter()
                .map(|&start| self.rows(&views, start..(start + PIECE).min(rows), style))
                .collect();
            for piece in pieces {
                out.write_all(&piece?).map_err(failed)?;
            }
        }
        Ok(())
    }
}

impl Delimited {
    fn writer(&self) -> csv::Writer<Vec<u8>> {
        csv::WriterBuilder::new().delimiter(self.0).from_writer(Vec::new())
    }

    fn rows(&self, views: &[View], range: std::ops::Range<usize>, style: &Style) -> Result<Vec<u8>> {
        let mut csv = self.writer();
        let mut text = String::new();
        for row in range {
            for view in views {
                text.clear();
                write_cell(&mut text, view, row, style);
                csv.write_field(&text).map_err(csv_failed)?;
            }
            csv.write_record(None::<&[u8]>).map_err(csv_failed)?;
        }
        bytes(csv)
    }
}

/// A value as machine text formats write it.
fn write_cell(out: &mut String, view: &View, row: usize, style: &Style) {
    match view.get(row) {
        Cell::Null => {}
        Cell::Text(text) => out.push_str(&neutral(match view.spec.kind {
            Kind::Phrase { section, .. } => style.locale.get(section, text),
            _ => text,
        })),
        Cell::Int(value) => out.push_str(itoa::Buffer::new().format(value)),
        Cell::Float(value) => out.push_str(&value.to_string()),
        Cell::Amount(micros) => money::write_plain(out, micros),
        Cell::Date(day) => date::write_iso(out, day),
    }
}

fn bytes(csv: csv::Writer<Vec<u8>>) -> Result<Vec<u8>> {
    csv.into_inner().map_err(|error| Error::Internal(error.to_string()))
}

fn csv_failed(error: csv::Error) -> Error {
    Error::Internal(error.to_string())
}

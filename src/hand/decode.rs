//! From the bytes of a hand-kept file to cells, and back, as whoever wrote it last wrote it.

use std::borrow::Cow;

use encoding_rs::{GB18030, UTF_8};

use super::Declaration;
use crate::parse::encoding::{CellEncoding, candidates, utf16};
use crate::parse::records::{Dialect, for_each_record};

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// Between cells.
    pub delimiter: u8,
    /// Whether lines end as on Windows.
    pub has_returns: bool,
    /// Whether a mark before the first cell says that it is UTF-8: without it spreadsheets take Chinese for something
    /// else.
    pub has_mark: bool,
    /// What the file was read in; it is written as UTF-8.
    pub encoding: &'static str,
}

impl Default for Manner {
    /// A new file.
    fn default() -> Self {
        Self { delimiter: b',', has_returns: false, has_mark: true, encoding: UTF_8.name() }
    }
}

/// A record of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its number in the file, the header's being 1.
    pub number: u64,
    /// Its cells; where one is not text of the file's encoding, its place.
    pub cells: Result<Vec<String>, usize>,
    /// Whether a quote in it is never closed.
    pub is_unclosed: bool,
    /// The record as it stands in the file, as far as it is text.
    pub raw: String,
}

/// UTF-8 with a mark before it.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The records of a file, the header first; lines without a cell that says anything are none. `None` where no delimiter
/// gives the columns that it must have.
pub fn decode(bytes: &[u8], declaration: &Declaration) -> Option<(Manner, Vec<Record>)> {
    let (text, wide) = match utf16(bytes) {
        Some(encoding) => (Cow::Owned(encoding.decode(bytes).0.into_owned().into_bytes()), Some(encoding)),
        None => (Cow::Borrowed(bytes), None),
    };
    let body = text.strip_prefix(MARK).unwrap_or(&text);
    let encoding = if wide.is_some() { CellEncoding::Utf8 } else { encoding(body) };
    let is_utf8 = encoding.is_utf8() && wide.is_none();
    let terminator = if body.contains(&b'\n') { b'\n' } else { b'\r' };
    let manner = |delimiter| Manner {
        delimiter,
        has_returns: body.windows(2).any(|pair| pair == b"\r\n"),
        has_mark: body.len() < text.len() || !is_utf8,
        encoding: wide.map_or(encoding.name(), |wide| wide.name()),
    };
    // Spreadsheets write semicolons where a comma stands before decimals, and tabs in what they call Unicode text.
    [b',', b';', b'\t'].into_iter().find_map(|delimiter| {
        let records = records(body, Dialect { delimiter, terminator, ..Dialect::default() }, encoding);
        let header = records.first()?.cells.as_ref().ok()?;
        let has = |name: &str| header.iter().any(|cell| is_header(cell, name));
        declaration.columns.iter().all(|column| has(column.name)).then(|| (manner(delimiter), records))
    })
}

/// Whether a cell of the header is this column's.
pub fn is_header(cell: &str, name: &str) -> bool {
    cell.trim().eq_ignore_ascii_case(name)
}

fn records(body: &[u8], dialect: Dialect, encoding: CellEncoding) -> Vec<Record> {
    let (mut records, mut number) = (Vec::new(), 0);
    for_each_record(body, dialect, |record| {
        number += 1;
        if record.is_blank() && !record.is_unclosed {
            return;
        }
        let cell = |place: usize| {
            let bytes = encoding.decode(record.cell(place)).ok_or(place)?;
            String::from_utf8(bytes.into_owned()).map_err(|_| place)
        };
        records.push(Record {
            number,
            cells: (0..record.len()).map(cell).collect(),
            is_unclosed: record.is_unclosed,
            raw: encoding.lossy(record.raw()).into_owned(),
        });
    });
    records
}

/// What the bytes of a file are in. A spreadsheet in China writes GBK, of which a few characters in a short file look
/// like any other encoding: so it is where every byte beyond ASCII has another one behind it, which in Western texts is
/// rare.
fn encoding(body: &[u8]) -> CellEncoding {
    let first = candidates(body, true).first().copied().unwrap_or(CellEncoding::Utf8);
    let is_chinese = |body: &[u8]| {
        let mut bytes = body.iter();
        while let Some(byte) = bytes.next() {
            if *byte >= 0x80 && bytes.next().is_none_or(|next| *next < 0xA1) {
                return false;
            }
        }
        GB18030.decode_without_bom_handling_and_without_replacement(body).is_some()
    };
    if !first.is_utf8() && is_chinese(body) { CellEncoding::Other(GB18030) } else { first }
}

/// The bytes of a file.
pub fn encode(manner: Manner, records: impl Iterator<Item = impl AsRef<[String]>>) -> csv::Result<Vec<u8>> {
    let terminator = if manner.has_returns { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let start = if manner.has_mark { MARK.to_vec() } else { Vec::new() };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(manner.delimiter)
        .terminator(terminator)
        .flexible(true)
        .from_writer(start);
    for record in records {
        writer.write_record(record.as_ref())?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

//! Decodes the bytes of a hand-kept file into cells, and encodes them in the way the last writer used.

use std::borrow::Cow;
use std::ops::ControlFlow;

use encoding_rs::{GB18030, UTF_8};

use super::Declaration;
use crate::parse::encoding::{CellEncoding, candidates, utf16};
use crate::parse::records::{Dialect, Record, for_each_record, for_first_records};

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// The character between cells.
    pub delimiter: u8,
    /// Whether lines end with CR LF, as on Windows.
    pub has_returns: bool,
    /// Whether the file begins with a UTF-8 byte order mark, without which spreadsheets misread Chinese.
    pub has_mark: bool,
    /// The encoding the file was read in; it is written as UTF-8.
    pub encoding: &'static str,
}

impl Default for Manner {
    /// The manner of a new file.
    fn default() -> Self {
        Self { delimiter: b',', has_returns: false, has_mark: true, encoding: UTF_8.name() }
    }
}

/// The bytes of a file, to which its rows refer: the texts of millions of rows are not copied.
#[derive(Debug, Clone)]
pub struct Body {
    bytes: Vec<u8>,
    dialect: Dialect,
    encoding: CellEncoding,
}

impl Default for Body {
    /// The body of a new file.
    fn default() -> Self {
        Self { bytes: Vec::new(), dialect: Dialect::default(), encoding: CellEncoding::Utf8 }
    }
}

/// The start and end of a record in a [`Body`].
pub type Place = (u32, u32);

/// The UTF-8 byte order mark.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Splits a file into the way in which it is written, its header, and the bytes of its rows. `None` if no delimiter
/// yields the required columns.
pub fn decode(bytes: Vec<u8>, declaration: &Declaration) -> Option<(Manner, Vec<String>, Body)> {
    let (mut bytes, wide) = match utf16(&bytes) {
        Some(encoding) => (encoding.decode(&bytes).0.into_owned().into_bytes(), Some(encoding)),
        None => (bytes, None),
    };
    let has_mark = bytes.starts_with(MARK);
    if has_mark {
        bytes.drain(..MARK.len());
    }
    let encoding = if wide.is_some() { CellEncoding::Utf8 } else { encoding(&bytes) };
    let is_utf8 = encoding.is_utf8() && wide.is_none();
    let terminator = if bytes.contains(&b'\n') { b'\n' } else { b'\r' };
    // Spreadsheets write semicolons in countries with decimal commas, and tabs in what they call Unicode text.
    let (dialect, header) = [b',', b';', b'\t'].into_iter().find_map(|delimiter| {
        let dialect = Dialect { delimiter, terminator, ..Dialect::default() };
        let header = header(&bytes, dialect, encoding)?;
        let has = |name: &str| header.iter().any(|cell| is_header(cell, name));
        declaration.columns.iter().all(|column| has(column.name)).then_some((dialect, header))
    })?;
    let manner = Manner {
        delimiter: dialect.delimiter,
        has_returns: memchr::memmem::find(&bytes, b"\r\n").is_some(),
        has_mark: has_mark || !is_utf8,
        encoding: wide.map_or(encoding.name(), |wide| wide.name()),
    };
    Some((manner, header, Body { bytes, dialect, encoding }))
}

/// Whether a header cell names this column.
pub fn is_header(cell: &str, name: &str) -> bool {
    cell.trim().eq_ignore_ascii_case(name)
}

/// The cells of the first record that is not blank.
fn header(bytes: &[u8], dialect: Dialect, encoding: CellEncoding) -> Option<Vec<String>> {
    let mut header = None;
    for_first_records(bytes, dialect, |record| match is_nothing(record) {
        true => ControlFlow::Continue(()),
        false => {
            header = cells(record, encoding).ok();
            ControlFlow::Break(())
        }
    });
    header
}

/// Whether all cells of a record are blank.
fn is_nothing(record: &Record<'_>) -> bool {
    record.is_blank() && !record.is_unclosed
}

/// The cells of a record; the error is the index of a cell that cannot be decoded.
fn cells(record: &Record<'_>, encoding: CellEncoding) -> Result<Vec<String>, usize> {
    let cell = |place: usize| {
        let bytes = encoding.decode(record.cell(place)).ok_or(place)?;
        String::from_utf8(bytes.into_owned()).map_err(|_| place)
    };
    (0..record.len()).map(cell).collect()
}

impl Body {
    /// Calls `visit` with every record below the header that is not blank, its number in the file (the header is record
    /// 1) and its place.
    pub fn each_row(&self, mut visit: impl FnMut(u64, Place, &Record<'_>)) {
        let (mut number, mut is_behind_header) = (0, false);
        for_each_record(&self.bytes, self.dialect, |record| {
            number += 1;
            if is_nothing(record) {
                return;
            }
            if is_behind_header {
                let range = record.range();
                visit(number, (range.start as u32, range.end as u32), record);
            }
            is_behind_header = true;
        });
    }

    /// The cells of a record; the error is the index of a cell that cannot be decoded.
    pub fn cells(&self, record: &Record<'_>) -> Result<Vec<String>, usize> {
        cells(record, self.encoding)
    }

    /// One cell of a record; `None` if it cannot be decoded.
    pub fn cell<'r>(&self, record: &Record<'r>, place: usize) -> Option<Cow<'r, [u8]>> {
        self.encoding.decode(record.cell(place))
    }

    /// The cells of a record that was read before.
    pub fn cells_at(&self, (start, end): Place) -> Vec<String> {
        let mut found = Vec::new();
        for_each_record(&self.bytes[start as usize..end as usize], self.dialect, |record| {
            found = self.cells(record).unwrap_or_default();
        });
        found
    }

    /// A record as it stands in the file, with bytes that are no text replaced.
    pub fn raw(&self, record: &Record<'_>) -> String {
        self.encoding.lossy(record.raw()).into_owned()
    }
}

/// The encoding of a file. Spreadsheets in China write GBK, which the detector confuses with others if there are only a
/// few characters. So the file is GBK if every byte beyond ASCII is followed by another one, which is rare in western
/// texts.
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

//! The first records of a file, in each way they could be told apart.

use crate::ingest::ReadOptions;
use crate::ingest::encoding::CellEncoding;
use crate::ingest::records::{Dialect, for_each_record, whole_records};
use crate::ingest::value::text;

/// How many records at the top may stand before the header.
const MAX_PREAMBLE: usize = 20;

pub(super) struct FirstRecords {
    pub encoding: CellEncoding,
    pub dialect: Dialect,
    pub rows: Vec<FirstRecord>,
}

pub(super) struct FirstRecord {
    pub cells: Vec<String>,
    /// Where the next record begins.
    pub end: usize,
}

pub(super) fn dialects(head: &[u8], options: &ReadOptions) -> Vec<Dialect> {
    let terminator = if memchr::memchr(b'\n', head).is_some() { b'\n' } else { b'\r' };
    let terminator = if memchr::memchr(terminator, head).is_some() { terminator } else { b'\n' };
    // The head may end in the middle of a cell.
    let whole_lines = &head[..memchr::memrchr(terminator, head).map_or(head.len(), |end| end + 1)];
    let delimiters = match options.delimiter {
        Some(delimiter) => vec![delimiter],
        None => vec![b',', b'\t', b';', b'|'],
    };
    let dialect = |delimiter| Dialect {
        delimiter,
        terminator,
        quoting: delimiter != b'\t' || quotes_are_balanced(whole_lines, delimiter, terminator),
    };
    delimiters.into_iter().map(dialect).collect()
}

/// Tab-separated exports often do not quote at all: a cell that opens a quote and does not close it gives them
/// away.
fn quotes_are_balanced(head: &[u8], delimiter: u8, terminator: u8) -> bool {
    head.split(|&byte| byte == delimiter || byte == terminator)
        .map(<[u8]>::trim_ascii_end)
        .filter(|cell| cell.first() == Some(&b'"'))
        .all(|cell| cell.len() > 1 && cell.ends_with(b"\""))
}

pub(super) fn first_records(
    head: &[u8],
    is_whole: bool,
    dialect: Dialect,
    encoding: CellEncoding,
) -> FirstRecords {
    let mut rows = Vec::new();
    let mut at = 0;
    while rows.len() < MAX_PREAMBLE && at < head.len() {
        // One line at a time, or more where a quoted cell spans lines.
        let line = memchr::memchr(dialect.terminator, &head[at..]).map_or(head.len(), |end| at + end + 1);
        let mut end = at + whole_records(&head[at..line], dialect, false);
        if end == at {
            let window = &head[at..head.len().min(at + (64 << 10))];
            let is_last = is_whole && at + window.len() == head.len();
            end = at + whole_records(window, dialect, is_last);
        }
        if end == at {
            break;
        }
        for_each_record(&head[at..end], dialect, |record| {
            let cells = (0..record.len()).map(|i| {
                let decoded = encoding.decode(record.cell(i)).unwrap_or_default();
                String::from_utf8_lossy(text::trim(&decoded)).into_owned()
            });
            rows.push(FirstRecord { cells: cells.collect(), end });
        });
        at = end;
    }
    FirstRecords { encoding, dialect, rows }
}

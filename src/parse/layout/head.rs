//! The first records of a file, split in every plausible way.

use crate::parse::ReadOptions;
use crate::parse::encoding::CellEncoding;
use crate::parse::records::{Dialect, for_each_record, whole_records};
use crate::text;

/// How many records may stand above the header.
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
    // The head may end in the middle of a cell, so only whole lines are used.
    let whole_lines = &head[..memchr::memrchr(terminator, head).map_or(head.len(), |end| end + 1)];
    let delimiters = match options.delimiter {
        Some(delimiter) => vec![delimiter],
        None => vec![b',', b'\t', b';', b'|'],
    };
    let has_backslashes = has_backslashes(whole_lines);
    let dialect = |delimiter| {
        let quoted = Dialect { delimiter, terminator, quoting: true, has_backslashes };
        let quoting = delimiter != b'\t'
            || quotes_are_balanced(whole_lines, delimiter, terminator)
            || makes_equal_records(whole_lines, quoted);
        Dialect { quoting, ..quoted }
    };
    delimiters.into_iter().map(dialect).collect()
}

/// Whether quotes within quoted cells are escaped by a backslash, as databases write them, instead of doubled. Read the
/// other way, such a quote would end its cell in the middle of a text.
fn has_backslashes(head: &[u8]) -> bool {
    let (mut escaped, mut doubled) = (0_usize, 0_usize);
    for quote in memchr::memchr_iter(b'"', head) {
        let before = |n: usize| quote.checked_sub(n).map(|place| head[place]);
        let after = |n: usize| head.get(quote + n).copied();
        let is_mark =
            |byte: Option<u8>| matches!(byte, None | Some(b',' | b'\t' | b';' | b'|' | b'\r' | b'\n'));
        match before(1) {
            // `\"` within a text, or before the quote that ends the cell.
            Some(b'\\') => {
                escaped += usize::from(!is_mark(after(1)) && (after(1) != Some(b'"') || is_mark(after(2))))
            }
            Some(b'"') if before(2) != Some(b'\\') => {
                doubled += usize::from(!is_mark(before(2)) && !is_mark(after(1)));
            }
            _ => {}
        }
    }
    escaped > 0 && doubled == 0
}

/// Whether all records have the same width if quoted cells may contain line ends, but not if every line is a record.
fn makes_equal_records(head: &[u8], quoted: Dialect) -> bool {
    let are_equal = |dialect: Dialect| {
        let (mut width, mut are_equal) = (None, true);
        let end = whole_records(head, dialect, false);
        for_each_record(&head[..end], dialect, |record| {
            are_equal &= !record.is_unclosed && *width.get_or_insert(record.len()) == record.len();
        });
        are_equal && width.is_some_and(|width| width > 1)
    };
    are_equal(quoted) && !are_equal(Dialect { quoting: false, ..quoted })
}

/// Whether quotes can be taken as quotes. Tab-separated exports often do not quote at all, which shows in a cell that
/// opens a quote and never closes it.
fn quotes_are_balanced(head: &[u8], delimiter: u8, terminator: u8) -> bool {
    if memchr::memchr(b'"', head).is_none() {
        return true;
    }
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
                let cell = record.cell(i);
                let decoded = encoding.lossy(&cell);
                String::from_utf8_lossy(text::trim(decoded.as_bytes())).into_owned()
            });
            rows.push(FirstRecord { cells: cells.collect(), end });
        });
        at = end;
    }
    FirstRecords { encoding, dialect, rows }
}

//! Finds the ends of records and cells in text with quotes, including stray and unclosed ones.

use memchr::{memchr, memchr2, memrchr};

use crate::limits::MAX_QUOTED_BYTES;
use crate::parse::records::{Dialect, Escapes, Span};

/// A UTF-8 byte order mark; concatenated files may have one in front of the first record of each part.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The length of the longest prefix of `block` that consists of whole records. `block` begins at a record.
///
/// With `is_last` the whole block does, and an unclosed quote ends at the end of its line. Returns 0 if more bytes are
/// needed to decide.
pub fn whole_records(block: &[u8], dialect: Dialect, is_last: bool) -> usize {
    if !dialect.quoting || memchr(b'"', block).is_none() {
        return if is_last {
            block.len()
        } else {
            memrchr(dialect.terminator, block).map_or(0, |end| end + 1)
        };
    }
    let mut start = 0;
    while start < block.len() {
        match record_end(block, start, dialect) {
            Ends::At(end) => start = end,
            Ends::Unclosed(line_end) if start == 0 && (is_last || block.len() >= MAX_QUOTED_BYTES) => {
                return line_end;
            }
            Ends::Unclosed(_) => return start,
            Ends::Beyond if is_last => return block.len(),
            Ends::Beyond => return start,
        }
    }
    start
}

enum Ends {
    /// The byte before this place is the record's terminator.
    At(usize),
    /// A quoted cell does not end in this block; its first line ends at this place.
    Unclosed(usize),
    /// The block contains no terminator.
    Beyond,
}

fn record_end(block: &[u8], start: usize, dialect: Dialect) -> Ends {
    let mut at = start;
    while let Some(found) = memchr2(dialect.terminator, b'"', &block[at..]) {
        let position = at + found;
        if block[position] == dialect.terminator {
            return Ends::At(position + 1);
        }
        let opens = position == start
            || block[position - 1] == dialect.delimiter
            || &block[start..position] == BYTE_ORDER_MARK;
        at = position + 1;
        if opens {
            let line_end = || memchr(dialect.terminator, &block[at..]).map_or(block.len(), |n| at + n + 1);
            match closing_quote(block, at, dialect) {
                Some((close, _)) if is_stray(block, at, close, dialect) => return Ends::At(line_end()),
                Some((close, _)) => at = close + 1,
                None => return Ends::Unclosed(line_end()),
            }
        }
    }
    Ends::Beyond
}

/// Whether the quote before `open` does not open a cell: the next quote is on a later line and has text behind it, so
/// it belongs to another cell. Pairing the two would swallow the lines between them.
fn is_stray(block: &[u8], open: usize, close: usize, dialect: Dialect) -> bool {
    let ends_cell = match block.get(close + 1) {
        Some(&byte) => {
            byte == dialect.delimiter || byte == dialect.terminator || matches!(byte, b'\r' | b' ')
        }
        None => true,
    };
    !ends_cell && memchr(dialect.terminator, &block[open..close]).is_some()
}

/// The quote that closes a cell opened before `at`, and how quotes in the cell are escaped.
fn closing_quote(block: &[u8], mut at: usize, dialect: Dialect) -> Option<(usize, Escapes)> {
    let mut escapes = Escapes::None;
    if dialect.has_backslashes {
        loop {
            let position = at + memchr2(b'"', b'\\', &block[at..])?;
            if block[position] == b'"' {
                return Some((position, escapes));
            }
            escapes = Escapes::Backslash;
            at = (position + 2).min(block.len());
        }
    }
    loop {
        let position = at + memchr(b'"', &block[at..])?;
        if block.get(position + 1) != Some(&b'"') {
            return Some((position, escapes));
        }
        escapes = Escapes::Doubled;
        at = position + 2;
    }
}

/// Collects the cells of the record at `start`. Returns its end, the start of the next record and whether a quote was
/// left open.
pub(super) fn quoted_record(
    block: &[u8],
    start: usize,
    dialect: Dialect,
    cells: &mut Vec<Span>,
) -> (usize, usize, bool) {
    let mut cell = start;
    if block[start..].strip_prefix(BYTE_ORDER_MARK).is_some_and(|rest| rest.first() == Some(&b'"')) {
        cell += BYTE_ORDER_MARK.len();
    }
    loop {
        let mut at = cell;
        if block.get(cell) == Some(&b'"') {
            let closing = closing_quote(block, cell + 1, dialect);
            let closing = closing.filter(|(close, _)| !is_stray(block, cell + 1, *close, dialect));
            let Some((close, escapes)) = closing else {
                let line_end = memchr(dialect.terminator, &block[cell..]).map_or(block.len(), |n| cell + n);
                cells.push(Span { start: cell as u32, end: line_end as u32, escapes: Escapes::None });
                return (line_end, line_end + 1, true);
            };
            let end = cell_end(block, close + 1, dialect);
            let is_tail_empty = block[close + 1..end].trim_ascii().is_empty();
            if is_tail_empty {
                cells.push(Span { start: cell as u32 + 1, end: close as u32, escapes });
            } else {
                // `"a"b` is no quoted cell; its text is kept as it stands.
                cells.push(Span { start: cell as u32, end: end as u32, escapes: Escapes::None });
            }
            at = end;
        } else {
            at = cell_end(block, at, dialect);
            cells.push(Span { start: cell as u32, end: at as u32, escapes: Escapes::None });
        }
        match block.get(at) {
            Some(&byte) if byte == dialect.delimiter => cell = at + 1,
            _ => return (at, at + 1, false),
        }
    }
}

/// The delimiter or terminator at or after `at`, or the end of the block. A quote within an unquoted cell is text.
fn cell_end(block: &[u8], at: usize, dialect: Dialect) -> usize {
    memchr2(dialect.delimiter, dialect.terminator, &block[at..]).map_or(block.len(), |found| at + found)
}

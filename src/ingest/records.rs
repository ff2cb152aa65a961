//! From bytes to records and cells, without copying and without being misled by quoted line ends.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memrchr};

/// How the cells of a delimited file are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Dialect {
    /// Between cells: comma, tab, semicolon or bar.
    pub delimiter: u8,
    /// After a record: line feed, or carriage return in files of old Macs. A CR before it is dropped.
    pub terminator: u8,
    /// Whether a double quote at the start of a cell opens a quoted cell (RFC 4180).
    pub quoting: bool,
}

/// Where a cell stands in its block.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
    has_escapes: bool,
}

/// One record of a block.
#[derive(Debug)]
pub struct Record<'a> {
    block: &'a [u8],
    start: usize,
    end: usize,
    cells: &'a [Span],
    /// Whether a quoted cell was opened and never closed.
    pub is_unclosed: bool,
}

impl<'a> Record<'a> {
    /// The record as it stands in the file, without its line end.
    pub fn raw(&self) -> &'a [u8] {
        &self.block[self.start..self.end]
    }

    /// How many cells it has.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether it has no cells; a record always has one.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// A cell without its quotes; empty past the last one.
    pub fn cell(&self, index: usize) -> Cow<'a, [u8]> {
        let Some(span) = self.cells.get(index) else { return Cow::Borrowed(b"") };
        let cell = &self.block[span.start as usize..span.end as usize];
        if span.has_escapes { Cow::Owned(unescape(cell)) } else { Cow::Borrowed(cell) }
    }

    /// A cell as it stands in the file, where that needs no unescaping; for parsers of the common case, which
    /// turn down what is not plain.
    #[inline]
    pub fn plain(&self, index: usize) -> Option<&'a [u8]> {
        let span = self.cells.get(index)?;
        if span.has_escapes { None } else { self.block.get(span.start as usize..span.end as usize) }
    }

    /// Whether all its cells are empty or white space.
    pub fn is_blank(&self) -> bool {
        (0..self.len()).all(|i| self.cell(i).trim_ascii().is_empty())
    }
}

/// A quoted cell that has not ended after this many bytes was never meant to be one.
pub const MAX_QUOTED: usize = 4 << 20;

/// The length of the longest prefix of `block` that holds only whole records. `block` begins at a record.
///
/// With `is_last`, all of it does, and an unclosed quote ends at its line's end. Returns 0 when more bytes are
/// needed to tell.
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
            Ends::Unclosed(line_end) if start == 0 && (is_last || block.len() >= MAX_QUOTED) => {
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
    /// The record's terminator is the byte before this.
    At(usize),
    /// A quoted cell does not end in this block; its first line ends here.
    Unclosed(usize),
    /// No terminator in this block.
    Beyond,
}

fn record_end(block: &[u8], start: usize, dialect: Dialect) -> Ends {
    let mut at = start;
    while let Some(found) = memchr2(dialect.terminator, b'"', &block[at..]) {
        let position = at + found;
        if block[position] == dialect.terminator {
            return Ends::At(position + 1);
        }
        let opens = position == start || block[position - 1] == dialect.delimiter;
        at = position + 1;
        if opens {
            let line_end = || memchr(dialect.terminator, &block[at..]).map_or(block.len(), |n| at + n + 1);
            match closing_quote(block, at) {
                Some((close, _)) if is_stray(block, at, close, dialect) => return Ends::At(line_end()),
                Some((close, _)) => at = close + 1,
                None => return Ends::Unclosed(line_end()),
            }
        }
    }
    Ends::Beyond
}

/// Whether the quote before `open` was never meant to open a cell: the next quote is on a later line and has text
/// behind it, so that it opens or ends another one. Taking both for a pair would swallow the lines between.
fn is_stray(block: &[u8], open: usize, close: usize, dialect: Dialect) -> bool {
    let ends_cell = match block.get(close + 1) {
        Some(&byte) => {
            byte == dialect.delimiter || byte == dialect.terminator || matches!(byte, b'\r' | b' ')
        }
        None => true,
    };
    !ends_cell && memchr(dialect.terminator, &block[open..close]).is_some()
}

/// The quote that closes a cell opened before `at`, and whether doubled quotes stand before it.
fn closing_quote(block: &[u8], mut at: usize) -> Option<(usize, bool)> {
    let mut has_escapes = false;
    loop {
        let position = at + memchr(b'"', &block[at..])?;
        if block.get(position + 1) != Some(&b'"') {
            return Some((position, has_escapes));
        }
        has_escapes = true;
        at = position + 2;
    }
}

/// Calls `visit` with every record of a block that [`whole_records`] cut. Lines without a single character are
/// no records.
pub fn for_each_record(block: &[u8], dialect: Dialect, mut visit: impl FnMut(&Record<'_>)) {
    let mut cells = Vec::with_capacity(64);
    if dialect.quoting && memchr(b'"', block).is_some() {
        let mut start = 0;
        while start < block.len() {
            cells.clear();
            let (end, next, is_unclosed) = quoted_record(block, start, dialect, &mut cells);
            emit(block, start, end, &mut cells, is_unclosed, &mut visit);
            start = next;
        }
        return;
    }
    let (mut start, mut cell) = (0, 0);
    for_each_mark(block, dialect, |position| {
        cells.push(Span { start: cell as u32, end: position as u32, has_escapes: false });
        cell = position + 1;
        if block[position] == dialect.terminator {
            emit(block, start, position, &mut cells, false, &mut visit);
            cells.clear();
            start = cell;
        }
    });
    if start < block.len() {
        cells.push(Span { start: cell as u32, end: block.len() as u32, has_escapes: false });
        emit(block, start, block.len(), &mut cells, false, &mut visit);
    }
}

/// Calls `visit` with the position of every delimiter and terminator. Cells are short, so that looking at eight
/// bytes at once and taking the hits from a mask beats a search for each one.
#[inline]
fn for_each_mark(block: &[u8], dialect: Dialect, mut visit: impl FnMut(usize)) {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let spread = |byte: u8| u64::from(byte) * 0x0101_0101_0101_0101;
    let (delimiters, terminators) = (spread(dialect.delimiter), spread(dialect.terminator));
    // The high bit of each byte of `word` that is zero (Hacker's Delight, 6-1), exact in every byte.
    let zeros = |word: u64| !(((word & LOW) + LOW) | word | LOW);
    let (words, rest) = block.as_chunks::<8>();
    let mut base = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let mut hits = zeros(word ^ delimiters) | zeros(word ^ terminators);
        while hits != 0 {
            visit(base + hits.trailing_zeros() as usize / 8);
            hits &= hits - 1;
        }
        base += 8;
    }
    for (i, &byte) in rest.iter().enumerate() {
        if byte == dialect.delimiter || byte == dialect.terminator {
            visit(base + i);
        }
    }
}

fn emit(
    block: &[u8],
    start: usize,
    mut end: usize,
    cells: &mut [Span],
    is_unclosed: bool,
    visit: &mut impl FnMut(&Record<'_>),
) {
    if end > start && block[end - 1] == b'\r' {
        end -= 1;
        if let Some(last) = cells.last_mut() {
            last.end = last.end.min(end as u32).max(last.start);
        }
    }
    if end > start {
        visit(&Record { block, start, end, cells, is_unclosed });
    }
}

/// Collects the cells of the record at `start`; returns its end, the next record's start and whether a quote
/// was left open.
fn quoted_record(
    block: &[u8],
    start: usize,
    dialect: Dialect,
    cells: &mut Vec<Span>,
) -> (usize, usize, bool) {
    let mut cell = start;
    loop {
        let mut at = cell;
        if block.get(cell) == Some(&b'"') {
            let closing = closing_quote(block, cell + 1);
            let closing = closing.filter(|(close, _)| !is_stray(block, cell + 1, *close, dialect));
            let Some((close, has_escapes)) = closing else {
                let line_end = memchr(dialect.terminator, &block[cell..]).map_or(block.len(), |n| cell + n);
                cells.push(Span { start: cell as u32, end: line_end as u32, has_escapes: false });
                return (line_end, line_end + 1, true);
            };
            let end = cell_end(block, close + 1, dialect);
            let is_tail_empty = block[close + 1..end].trim_ascii().is_empty();
            if is_tail_empty {
                cells.push(Span { start: cell as u32 + 1, end: close as u32, has_escapes });
            } else {
                // `"a"b`: not a quoted cell after all; its text is kept as it stands.
                cells.push(Span { start: cell as u32, end: end as u32, has_escapes: false });
            }
            at = end;
        } else {
            at = cell_end(block, at, dialect);
            cells.push(Span { start: cell as u32, end: at as u32, has_escapes: false });
        }
        match block.get(at) {
            Some(&byte) if byte == dialect.delimiter => cell = at + 1,
            _ => return (at, at + 1, false),
        }
    }
}

/// The delimiter or terminator at or after `at`, or the block's end. A quote inside an unquoted cell is text.
fn cell_end(block: &[u8], at: usize, dialect: Dialect) -> usize {
    memchr2(dialect.delimiter, dialect.terminator, &block[at..]).map_or(block.len(), |found| at + found)
}

fn unescape(cell: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(cell.len());
    let mut bytes = cell.iter();
    while let Some(&byte) = bytes.next() {
        out.push(byte);
        if byte == b'"' {
            bytes.next();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: Dialect = Dialect { delimiter: b',', terminator: b'\n', quoting: true };

    fn read(text: &str, dialect: Dialect) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for_each_record(text.as_bytes(), dialect, |record| {
            rows.push(
                (0..record.len()).map(|i| String::from_utf8_lossy(&record.cell(i)).into_owned()).collect(),
            );
        });
        rows
    }

    #[test]
    fn splits_plain_quoted_and_carriage_return_lines() {
        assert_eq!(read("a,b\r\n1,\r\n\r\n2,3", CSV), [["a", "b"], ["1", ""], ["2", "3"]]);
        assert_eq!(read("\"a,\"\"x\"\"\",\"b\nc\"\r\n\"\",d", CSV), [["a,\"x\"", "b\nc"], ["", "d"]]);
        assert_eq!(read("5\" pipe,\"6\"\" pipe\"\n", CSV), [["5\" pipe", "6\" pipe"]]);
        assert_eq!(read("\"a\"b,c\n", CSV), [["\"a\"b", "c"]]);
        let mac = Dialect { terminator: b'\r', ..CSV };
        assert_eq!(read("a,b\r1,2\r", mac), [["a", "b"], ["1", "2"]]);
        let bare = Dialect { delimiter: b'\t', quoting: false, ..CSV };
        assert_eq!(read("a\t\"b\nc\td", bare), [["a", "\"b"], ["c", "d"]]);
    }

    #[test]
    fn marks_are_found_in_every_place_and_nothing_else_is() {
        for length in 0..40 {
            for shift in 0..7 {
                let bytes: Vec<u8> = (0..length)
                    .map(|i| [b',', b'a', b'\n', 0xac, b'-', 0x2b, b'\x0b'][(i + shift) % 7])
                    .collect();
                let mut found = Vec::new();
                for_each_mark(&bytes, CSV, |position| found.push(position));
                let expected: Vec<usize> =
                    (0..length).filter(|&i| matches!(bytes[i], b',' | b'\n')).collect();
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn an_unclosed_quote_costs_one_line() {
        let text = "1,\"open,2\n3,4\n";
        let end = whole_records(text.as_bytes(), CSV, true);
        assert_eq!(&text[..end], "1,\"open,2\n");
        let mut seen = Vec::new();
        for_each_record(&text.as_bytes()[..end], CSV, |record| seen.push(record.is_unclosed));
        assert_eq!(seen, [true]);
        assert_eq!(whole_records(&text.as_bytes()[end..], CSV, true), 4);
    }

    #[test]
    fn two_stray_quotes_cost_their_lines_and_not_those_between() {
        let text = "1,a,\"open\n2,b,x\n3,c,\"fine\"\n4,d,y\n";
        assert_eq!(whole_records(text.as_bytes(), CSV, false), text.len());
        let mut seen = Vec::new();
        for_each_record(text.as_bytes(), CSV, |record| {
            seen.push((record.raw().to_vec(), record.is_unclosed))
        });
        let lines: Vec<_> =
            text.lines().map(|line| (line.as_bytes().to_vec(), line.starts_with('1'))).collect();
        assert_eq!(seen, lines);
    }

    #[test]
    fn blocks_end_between_records_wherever_they_are_cut() {
        let text = "id,note\n1,\"two\nlines, \"\"q\"\"\"\n2,plain\n3,\"x\"\n";
        let whole = read(text, CSV);
        for cut in 1..text.len() {
            let end = whole_records(&text.as_bytes()[..cut], CSV, false);
            let mut rows = read(&text[..end], CSV);
            rows.extend(read(&text[end..], CSV));
            assert_eq!(rows, whole, "cut at {cut}");
        }
    }
}

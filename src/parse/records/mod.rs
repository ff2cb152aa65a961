//! Splits bytes into records and cells, without copying, and with line ends in quotes handled correctly.

mod batch;
mod marks;
mod quotes;

use std::borrow::Cow;
use std::ops::Range;

use crate::schema::packed::Packed;
pub use batch::{Batch, CellReader, CellSource, Rows, for_each_batch, for_each_record, for_first_records};
pub use quotes::whole_records;

/// How the cells of a delimited file are separated and quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Dialect {
    /// The byte between cells: comma, tab, semicolon or bar.
    pub delimiter: u8,
    /// The byte after a record: line feed, or carriage return in files of old Macs. A CR before a line feed is dropped.
    pub terminator: u8,
    /// Whether a double quote at the start of a cell opens a quoted cell (RFC 4180).
    pub quoting: bool,
    /// Whether quotes within quoted cells are escaped by a backslash, as databases write them, instead of doubled.
    #[serde(default)]
    pub has_backslashes: bool,
}

impl Default for Dialect {
    /// The dialect of RFC 4180.
    fn default() -> Self {
        Self { delimiter: b',', terminator: b'\n', quoting: true, has_backslashes: false }
    }
}

/// The place of a cell in its block.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
    escapes: Escapes,
}

/// How quotes within a quoted cell are escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escapes {
    /// The cell has no escaped quotes.
    None,
    /// Doubled.
    Doubled,
    /// By a backslash, as backslashes are too.
    Backslash,
}

/// The cells of a record.
#[derive(Debug, Clone, Copy)]
enum Cells<'a> {
    /// The end of each cell, for text without quotes; the next cell begins one byte behind.
    Ends(&'a [u32]),
    /// Start and end of each cell.
    Spans(&'a [Span]),
}

/// One record of a block.
#[derive(Debug)]
pub struct Record<'a> {
    block: &'a [u8],
    start: usize,
    end: usize,
    cells: Cells<'a>,
    /// Whether a quoted cell was opened and never closed.
    pub is_unclosed: bool,
}

impl<'a> Record<'a> {
    /// Its place in its block, without its line end.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Its raw bytes, without the line end.
    pub fn raw(&self) -> &'a [u8] {
        &self.block[self.start..self.end]
    }

    /// How many cells it has.
    pub fn len(&self) -> usize {
        match self.cells {
            Cells::Ends(ends) => ends.len(),
            Cells::Spans(spans) => spans.len(),
        }
    }

    /// Always false: a record has at least one cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A cell without its quotes; empty beyond the last one.
    pub fn cell(&self, index: usize) -> Cow<'a, [u8]> {
        let Some(span) = self.span(index) else { return Cow::Borrowed(b"") };
        let cell = &self.block[span.start as usize..span.end as usize];
        match span.escapes {
            Escapes::None => Cow::Borrowed(cell),
            Escapes::Doubled => Cow::Owned(unescape(cell, b'"')),
            Escapes::Backslash => Cow::Owned(unescape(cell, b'\\')),
        }
    }

    /// A cell as it stands in the file, if it needs no unescaping; for parsers of the common case.
    #[inline(always)]
    pub fn plain(&self, index: usize) -> Option<Packed<'a>> {
        let span = self.span(index).filter(|span| span.escapes == Escapes::None)?;
        Packed::within(self.block, span.start as usize, span.end as usize)
    }

    #[inline(always)]
    fn span(&self, index: usize) -> Option<Span> {
        match self.cells {
            Cells::Ends(ends) => {
                // The line end may have a carriage return in front, which does not belong to the last cell.
                let end = (*ends.get(index)?).min(self.end as u32);
                let before = index.checked_sub(1).map(|before| ends[before] + 1);
                Some(Span { start: before.unwrap_or(self.start as u32), end, escapes: Escapes::None })
            }
            Cells::Spans(spans) => spans.get(index).copied(),
        }
    }

    /// Whether it is the end of the file and has no line end, so that it may have been cut.
    pub fn has_no_line_end(&self) -> bool {
        self.end == self.block.len()
    }

    /// Whether all its cells are empty or white space.
    pub fn is_blank(&self) -> bool {
        (0..self.len()).all(|i| self.cell(i).trim_ascii().is_empty())
    }
}

/// A cell without the escape marks in front of its quotes.
fn unescape(cell: &[u8], mark: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(cell.len());
    let mut bytes = cell.iter().peekable();
    while let Some(&byte) = bytes.next() {
        match bytes.peek() {
            Some(&&next) if byte == mark && (next == b'"' || next == mark) => {
                out.push(next);
                bytes.next();
            }
            _ => out.push(byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: Dialect =
        Dialect { delimiter: b',', terminator: b'\n', quoting: true, has_backslashes: false };

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
    fn a_backslash_makes_a_quote_text_where_the_file_writes_so() {
        let sql = Dialect { has_backslashes: true, ..CSV };
        let rows = read("\"Mug \\\"XL\\\", blue\",1\n\"Lamp 12\\\"\",\\N\n\"C:\\\\\",2\n", sql);
        assert_eq!(rows, [["Mug \"XL\", blue", "1"], ["Lamp 12\"", "\\N"], ["C:\\", "2"]]);
        assert_eq!(read("\"a\\\",b\n", CSV), [["a\\", "b"]]);
    }

    #[test]
    fn a_byte_order_mark_between_records_is_no_text() {
        let text = "\"a\",\"x\"\n\u{feff}\"b,\"\"\nc\",\"y\"\n\u{feff}\"d\",z\n";
        let rows = read(text, CSV);
        assert_eq!(rows, [["a", "x"], ["b,\"\nc", "y"], ["d", "z"]]);
        assert_eq!(whole_records(text.as_bytes(), CSV, false), text.len());
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

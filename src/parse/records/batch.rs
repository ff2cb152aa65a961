//! Reads many records at a time: those with the usual number of cells come in batches, so that a column can be read in
//! one loop.

use std::ops::ControlFlow;

use memchr::{memchr, memchr_iter};

use crate::parse::records::marks::{Marks, STRETCH};
use crate::parse::records::quotes::{quoted_record, whole_records};
use crate::parse::records::{Cells, Dialect, Escapes, Record, Span};
use crate::schema::packed::Packed;

/// Records of quoted text per batch.
const QUOTED: usize = 256;

/// Records in the order of their block.
#[derive(Debug)]
pub enum Batch<'a> {
    /// Records with the usual number of cells.
    Rows(Rows<'a>),
    /// Any other.
    Record(Record<'a>),
}

/// Consecutive records with the same number of cells, at least two.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    block: &'a [u8],
    /// Start of the first record; for text without quotes.
    start: usize,
    /// Their cells.
    cells: Cells<'a>,
    width: usize,
    /// Start and end of each record; for quoted text.
    bounds: &'a [(usize, usize)],
}

impl<'a> Rows<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self.cells {
            Cells::Ends(ends) => ends.len() / self.width,
            Cells::Spans(spans) => spans.len() / self.width,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A record by its place in the batch.
    pub fn record(&self, row: usize) -> Record<'a> {
        let of_row = row * self.width..(row + 1) * self.width;
        let ((start, end), cells) = match self.cells {
            Cells::Ends(ends) => {
                let start = row.checked_sub(1).map_or(self.start, |_| ends[of_row.start - 1] as usize + 1);
                let end = without_return(self.block, start, ends[of_row.end - 1] as usize);
                ((start, end), Cells::Ends(&ends[of_row]))
            }
            Cells::Spans(spans) => (self.bounds[row], Cells::Spans(&spans[of_row])),
        };
        Record { block: self.block, start, end, cells, is_unclosed: false }
    }

    /// Calls `read` with the cells, in the representation that they have.
    pub fn read<T>(&self, read: impl CellReader<T>) -> T {
        match self.cells {
            Cells::Ends(ends) => read.read(&Plain { rows: self, ends }),
            Cells::Spans(spans) => read.read(&Quoted { rows: self, spans }),
        }
    }
}

/// The cells of records of equal width, whatever their representation.
pub trait CellSource {
    /// The raw cells of a column; `None` for one that needs unescaping.
    fn column(&self, column: usize) -> impl Iterator<Item = Option<Packed<'_>>>;
}

/// Reads cells, whatever their representation.
pub trait CellReader<T> {
    /// Reads the cells.
    fn read(self, cells: &impl CellSource) -> T;
}

struct Plain<'a, 'b> {
    rows: &'b Rows<'a>,
    /// The end of each cell.
    ends: &'a [u32],
}

impl CellSource for Plain<'_, '_> {
    #[inline(always)]
    fn column(&self, column: usize) -> impl Iterator<Item = Option<Packed<'_>>> {
        let Rows { block, start, width, .. } = *self.rows;
        // The delimiter in front of a record's first cell is the line end of the record before, which may have two
        // characters.
        let (is_first, is_last) = (column == 0, column + 1 == width);
        let column_before = column.saturating_sub(1);
        let mut before = start;
        self.ends.chunks_exact(width).map(move |row| {
            let start = if is_first { before } else { behind(row[column_before]) };
            let mut end = row[column] as usize;
            if is_first {
                before = row.last().map_or(before, |mark| behind(*mark));
            }
            if is_last {
                end = without_return(block, start, end);
            }
            Packed::within(block, start, end)
        })
    }
}

struct Quoted<'a, 'b> {
    rows: &'b Rows<'a>,
    spans: &'a [Span],
}

impl CellSource for Quoted<'_, '_> {
    #[inline(always)]
    fn column(&self, column: usize) -> impl Iterator<Item = Option<Packed<'_>>> {
        let Rows { block, width, .. } = *self.rows;
        self.spans.chunks_exact(width).map(move |row| {
            let span = row[column];
            Packed::within(block, span.start as usize, span.end as usize)
                .filter(|_| span.escapes == Escapes::None)
        })
    }
}

/// Calls `visit` with every record of a block cut by [`crate::parse::records::whole_records`]. Empty lines are no
/// records.
pub fn for_each_record(block: &[u8], dialect: Dialect, mut visit: impl FnMut(&Record<'_>)) {
    // No record has so many cells.
    for_each_batch(block, dialect, usize::MAX, |batch| match batch {
        Batch::Record(record) => visit(&record),
        Batch::Rows(rows) => (0..rows.len()).for_each(|row| visit(&rows.record(row))),
    });
}

/// Like [`for_each_record`], until `visit` returns that it has seen enough.
pub fn for_first_records(
    block: &[u8],
    dialect: Dialect,
    mut visit: impl FnMut(&Record<'_>) -> ControlFlow<()>,
) {
    // Works in pieces; a piece grows if a record is longer.
    const PIECE: usize = 1 << 14;
    let (mut start, mut size) = (0, PIECE);
    while start < block.len() {
        let piece = &block[start..block.len().min(start + size)];
        let is_last = start + piece.len() == block.len();
        let whole = whole_records(piece, dialect, is_last);
        if whole == 0 {
            size *= 2;
            continue;
        }
        let mut flow = ControlFlow::Continue(());
        for_each_record(&piece[..whole], dialect, |record| {
            if flow.is_continue() {
                flow = visit(record);
            }
        });
        if flow.is_break() {
            return;
        }
        (start, size) = (start + whole, PIECE);
    }
}

/// Like [`for_each_record`], but records of `width` cells (if more than one) come in batches.
pub fn for_each_batch(block: &[u8], dialect: Dialect, width: usize, mut visit: impl FnMut(Batch<'_>)) {
    let width = if width < 2 { usize::MAX } else { width };
    if dialect.quoting && memchr(b'"', block).is_some() {
        each_quoted(block, dialect, width, &mut visit);
    } else {
        each_plain(block, dialect, width, &mut visit);
    }
}

/// For a block without quotes, in which every delimiter and terminator counts.
fn each_plain(block: &[u8], dialect: Dialect, width: usize, visit: &mut impl FnMut(Batch<'_>)) {
    let is_end = |mark: &u32| block[*mark as usize] == dialect.terminator;
    let ends = |row: &&[u32]| row.last().is_some_and(is_end);
    let is_usual = |row: &&[u32]| ends(row) && !row[..row.len() - 1].iter().any(is_end);
    let emit = |start: usize, ends: &[u32], line_end: usize, visit: &mut dyn FnMut(Batch<'_>)| {
        let end = without_return(block, start, line_end);
        if end > start {
            visit(Batch::Record(Record { block, start, end, cells: Cells::Ends(ends), is_unclosed: false }));
        }
    };
    let (mut marks, mut start, mut taken) = (Marks::default(), 0, 0);
    for (base, stretch) in (0..).step_by(STRETCH).zip(block.chunks(STRETCH)) {
        marks.forget(taken);
        marks.find(stretch, base, dialect);
        let places = marks.places();
        taken = 0;
        // If the last mark of every `width` marks is a line end and no others are, each of these records has `width`
        // cells.
        let rows = places.chunks_exact(width);
        let is_all_usual = rows.clone().all(|row| ends(&row))
            && memchr_iter(dialect.terminator, stretch).count() == rows.len();
        loop {
            let rows = places[taken..].chunks_exact(width);
            let usual = width * if is_all_usual { rows.len() } else { rows.take_while(is_usual).count() };
            if usual > 0 {
                let cells = Cells::Ends(&places[taken..taken + usual]);
                visit(Batch::Rows(Rows { block, start, cells, width, bounds: &[] }));
                taken += usual;
                start = places[taken - 1] as usize + 1;
            }
            let Some(others) = places[taken..].iter().position(is_end) else { break };
            let (ends, line_end) = (&places[taken..=taken + others], places[taken + others] as usize);
            emit(start, ends, line_end, visit);
            taken += others + 1;
            start = line_end + 1;
        }
    }
    if start < block.len() {
        marks.forget(taken);
        marks.push(block.len() as u32);
        emit(start, marks.places(), block.len(), visit);
    }
}

/// For a block with quotes.
fn each_quoted(block: &[u8], dialect: Dialect, width: usize, visit: &mut impl FnMut(Batch<'_>)) {
    let (mut spans, mut bounds) = (Vec::with_capacity(64), Vec::new());
    let mut start = 0;
    while start < block.len() {
        let before = spans.len();
        let (line_end, next, is_unclosed) = quoted_record(block, start, dialect, &mut spans);
        let end = without_return(block, start, line_end);
        if let Some(last) = spans.last_mut().filter(|_| end < line_end) {
            last.end = last.end.min(end as u32).max(last.start);
        }
        let is_usual = spans.len() - before == width && !is_unclosed && end > start;
        if is_usual {
            bounds.push((start, end));
        }
        if !is_usual || bounds.len() == QUOTED || next >= block.len() {
            let (rows, others) = spans.split_at(width.saturating_mul(bounds.len()));
            if !rows.is_empty() {
                let cells = Cells::Spans(rows);
                visit(Batch::Rows(Rows { block, start: 0, cells, width, bounds: &bounds }));
            }
            if !is_usual && end > start {
                visit(Batch::Record(Record { block, start, end, cells: Cells::Spans(others), is_unclosed }));
            }
            spans.clear();
            bounds.clear();
        }
        start = next;
    }
}

/// The place behind a mark. Marks stand within a block, so the sum never overflows; with a check for overflow the compiler
/// no longer inlines the reading of a column into its loop, which costs a question about a twentieth of its time.
#[inline(always)]
fn behind(mark: u32) -> usize {
    (mark as usize).wrapping_add(1)
}

/// The end of a record, without the carriage return of its line end.
#[inline]
fn without_return(block: &[u8], start: usize, end: usize) -> usize {
    if end > start && block[end - 1] == b'\r' { end - 1 } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_records_are_the_records_as_far_as_they_are_wanted() {
        let long = "x".repeat(40_000);
        let text: String = (0..3_000).map(|i| format!("{i},\"a,\n\"\"{i}\",b\n")).collect();
        let dialect = Dialect::default();
        for text in [
            text.clone(),
            format!("1,{long}\n2,b\n{text}"),
            text.replace('"', "'"),
            format!("{text}9,\"{long}"),
        ] {
            let cells = |record: &Record<'_>| -> Vec<String> {
                (0..record.len()).map(|i| String::from_utf8_lossy(&record.cell(i)).into_owned()).collect()
            };
            let mut all = Vec::new();
            for_each_record(text.as_bytes(), dialect, |record| all.push(cells(record)));
            for wanted in [1, 2, 700, usize::MAX] {
                let mut first = Vec::new();
                for_first_records(text.as_bytes(), dialect, |record| {
                    first.push(cells(record));
                    if first.len() == wanted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                });
                assert!(first.len() == wanted.min(all.len()) && all.starts_with(&first), "{wanted}");
            }
        }
    }

    /// The records of a block as their cells, and how many of them came in batches.
    fn read(text: &str, quoting: bool, width: usize) -> (Vec<Vec<String>>, usize) {
        let dialect = Dialect { delimiter: b',', terminator: b'\n', quoting, has_backslashes: false };
        let (mut records, mut batched) = (Vec::new(), 0);
        let cells = |record: &Record<'_>| -> Vec<String> {
            (0..record.len()).map(|i| String::from_utf8_lossy(&record.cell(i)).into_owned()).collect()
        };
        for_each_batch(text.as_bytes(), dialect, width, |batch| match batch {
            Batch::Record(record) => records.push(cells(&record)),
            Batch::Rows(rows) => {
                let first = records.len();
                records.extend((0..rows.len()).map(|row| cells(&rows.record(row))));
                rows.read(Columns { width, records: &records[first..] });
                batched += rows.len();
            }
        });
        (records, batched)
    }

    /// Checks that columns have the cells that the records have.
    struct Columns<'a> {
        width: usize,
        records: &'a [Vec<String>],
    }

    impl CellReader<()> for Columns<'_> {
        fn read(self, cells: &impl CellSource) {
            for column in 0..self.width {
                let found: Vec<Option<Packed<'_>>> = cells.column(column).collect();
                assert_eq!(found.len(), self.records.len());
                for (cell, record) in found.iter().zip(self.records) {
                    match cell {
                        Some(cell) => assert_eq!(cell.text(), record[column].as_bytes()),
                        None => assert!(record[column].contains('"')),
                    }
                }
            }
        }
    }

    /// Lines of one to five cells, most of them of three, over several stretches.
    fn lines(rng: &mut fastrand::Rng, end: &str, quote: bool) -> (String, Vec<Vec<String>>) {
        let (mut text, mut records) = (String::new(), Vec::new());
        while text.len() < 5 * STRETCH {
            let count = if rng.u8(..) < 240 { 3 } else { rng.usize(1..6) };
            let cell = |rng: &mut fastrand::Rng| "0123456789abcdefghijklmnopq"[..rng.usize(0..27)].to_owned();
            let mut record: Vec<String> = (0..count).map(|_| cell(rng)).collect();
            let mut written = record.clone();
            if quote && rng.bool() {
                record[0] = format!("{},\n\"{}", record[0], written[0]);
                written[0] = format!("\"{},\n\"\"{}\"", written[0], written[0]);
            }
            text.push_str(&written.join(","));
            text.push_str(end);
            // Lines without a single character are no records.
            if record != [""] {
                records.push(record);
            }
        }
        (text, records)
    }

    #[test]
    fn batches_are_the_records_in_their_order() {
        let mut rng = fastrand::Rng::with_seed(3);
        for (end, quote) in [("\n", false), ("\r\n", false), ("\n", true), ("\r\n", true)] {
            let (text, records) = lines(&mut rng, end, quote);
            let without_end = text.strip_suffix(end).expect("a line end");
            for width in 1..6 {
                for text in [text.as_str(), without_end] {
                    let (found, batched) = read(text, true, width);
                    assert_eq!(found, records, "{end:?} {quote} {width}");
                    // All but the odd ones, and of one cell none.
                    assert!(if width == 3 {
                        batched * 10 > records.len() * 8
                    } else {
                        batched * 10 < records.len()
                    });
                }
            }
        }
    }

    #[test]
    fn a_file_of_one_width_comes_in_batches_but_for_an_open_end() {
        let text = "1,a\n".repeat(5000) + "2,b";
        let (found, batched) = read(&text, true, 2);
        assert_eq!((found.len(), batched), (5001, 5000));
        assert_eq!(found[5000], ["2", "b"]);
        // Two records of three cells have as many marks as three of two.
        assert_eq!(read("1,a,x\n2,b,y\n", false, 2).0, [["1", "a", "x"], ["2", "b", "y"]]);
        assert_eq!(read("1\n2,b,y\n3,c\n", false, 2).0, [vec!["1"], vec!["2", "b", "y"], vec!["3", "c"]]);
    }
}

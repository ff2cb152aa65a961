//! Odd cells of rows that are read all the same: counted by column, and reported by every command.

use std::collections::BTreeMap;

use crate::locale::Remark;
use crate::parse::layout::Layout;
use crate::parse::value::date::DateReader;
use crate::parse::value::money::{Cells, Decided, DecimalMark, Why};

/// The code of the note on cells that cannot be read.
pub const UNREADABLE_CELLS: &str = "unreadable_cells";

/// What is odd about a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oddity {
    /// It cannot be read, and its row does without it.
    Unreadable,
    /// A day that stands for none, such as 9999-12-31.
    Placeholder,
    /// An amount written as a power of ten, of which a spreadsheet may have rounded the digits.
    Scientific,
}

impl Oddity {
    /// The key of the sentence that reports it.
    fn code(self) -> &'static str {
        match self {
            Self::Unreadable => UNREADABLE_CELLS,
            Self::Placeholder => "placeholder_dates",
            Self::Scientific => "scientific_amounts",
        }
    }
}

/// How many cells, and the first of them.
#[derive(Debug, Default, Clone)]
struct Tally {
    count: u64,
    example: String,
}

/// Odd cells, counted by what is odd about them and by their column.
#[derive(Debug, Default)]
pub struct CellNotes {
    odd: BTreeMap<(Oddity, usize), Tally>,
    /// By column whose decimal mark is not settled yet: what its cells say of the mark.
    decimals: BTreeMap<usize, Cells>,
    /// Whether a time has its own zone offset although the user gave the shop's zone.
    pub has_zones: bool,
}

impl CellNotes {
    /// Counts an odd cell, given as UTF-8.
    pub fn add(&mut self, oddity: Oddity, column: usize, cell: &[u8]) {
        self.add_many(oddity, column, cell, 1);
    }

    /// Counts `count` odd cells that have the same text.
    pub fn add_many(&mut self, oddity: Oddity, column: usize, cell: &[u8], count: u64) {
        let tally = self.odd.entry((oddity, column)).or_default();
        if tally.count == 0 {
            tally.example = String::from_utf8_lossy(cell).trim().chars().take(40).collect();
        }
        tally.count += count;
    }

    /// Counts a cell of a column whose decimal mark is not settled yet.
    pub fn add_amount(&mut self, column: usize, cell: &[u8]) {
        self.decimals.entry(column).or_default().add(cell);
    }

    /// Counts amounts of such a column whose point can only be a decimal point.
    pub fn add_points(&mut self, column: usize, count: u64) {
        if count > 0 {
            self.decimals.entry(column).or_default().point += count;
        }
    }

    /// Notes whether a cell of a column of dates has its own zone offset.
    pub fn add_time(&mut self, reader: &DateReader, cell: &[u8]) {
        self.has_zones = self.has_zones || reader.depends_on_zone(cell);
    }

    /// Adds the notes of the next block.
    pub fn merge(&mut self, other: Self) {
        self.has_zones |= other.has_zones;
        for (key, tally) in other.odd {
            let mine = self.odd.entry(key).or_default();
            if mine.count == 0 {
                mine.example = tally.example;
            }
            mine.count += tally.count;
        }
        for (column, cells) in other.decimals {
            self.decimals.entry(column).or_default().merge(cells);
        }
    }

    /// By column, the decimal marks that all cells together show to be different from the mark that the column was read
    /// with.
    pub fn other_marks(&self, layout: &Layout) -> BTreeMap<usize, Decided> {
        let other = |(column, cells): (&usize, &Cells)| {
            let decided = layout.numbers.decide(*column, cells);
            let matters = cells.either() > 0 || cells.evident().is_some();
            (matters && decided.mark != layout.numbers.of(*column).mark).then_some((*column, decided))
        };
        self.decimals.iter().filter_map(other).collect()
    }

    /// What to tell the user about the file's odd cells.
    pub fn remarks(&self, file: &str, layout: &Layout) -> Vec<Remark> {
        let header = |column: usize| layout.headers.get(column).map_or("", String::as_str);
        let remark = |code, column: usize, n: u64, example: &str| {
            let remark = Remark::new(code).with("file", file).with("header", header(column));
            remark.with("n", n).with("example", example)
        };
        let odd = self
            .odd
            .iter()
            .map(|((oddity, column), tally)| remark(oddity.code(), *column, tally.count, &tally.example));
        let unsaid = self.decimals.iter().filter_map(|(column, cells)| {
            let decided = layout.numbers.decide(*column, cells);
            let code = match decided.mark {
                DecimalMark::Point => "decimal_point_assumed",
                DecimalMark::Comma => "decimal_comma_assumed",
            };
            let is_assumed = cells.either() > 0 && decided.why == Why::Assumed;
            is_assumed.then(|| remark(code, *column, cells.either(), &cells.example))
        });
        odd.chain(unsaid).collect()
    }
}

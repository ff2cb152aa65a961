//! Rows whose buyer column holds a guest's placeholder or a spreadsheet error; reported whenever the file is read.

use std::collections::{BTreeMap, BTreeSet};

use crate::locale::Remark;
use crate::parse::layout::Layout;
use crate::text;

/// By column, the number of such rows.
#[derive(Debug, Default)]
pub struct StandIns(BTreeMap<usize, Column>);

#[derive(Debug, Default)]
struct Column {
    /// Rows whose buyer another column names, and rows whose buyer is unknown.
    rows: [u64; 2],
    /// The placeholders found, for the same two groups.
    words: [BTreeSet<String>; 2],
}

impl StandIns {
    /// Adds a row; `is_known_otherwise` is whether another column names its buyer.
    pub fn add(&mut self, column: usize, cell: &[u8], is_known_otherwise: bool) {
        /// The most placeholders that a message names.
        const MAX_WORDS_NAMED: usize = 6;
        let column = self.0.entry(column).or_default();
        let place = usize::from(!is_known_otherwise);
        column.rows[place] += 1;
        if column.words[place].len() < MAX_WORDS_NAMED {
            column.words[place].insert(String::from_utf8_lossy(text::trim(cell)).into_owned());
        }
    }

    /// Adds the counts of further rows.
    pub fn merge(&mut self, other: Self) {
        for (number, theirs) in other.0 {
            let mine = self.0.entry(number).or_default();
            mine.rows.iter_mut().zip(theirs.rows).for_each(|(sum, rows)| *sum += rows);
            mine.words.iter_mut().zip(theirs.words).for_each(|(all, words)| all.extend(words));
        }
    }

    /// The remarks about them for the user.
    pub fn remarks(&self, file: &str, layout: &Layout) -> Vec<Remark> {
        const SHOWN: usize = 3;
        let mut remarks = Vec::new();
        for (column, found) in &self.0 {
            let header = layout.headers.get(*column).map_or("", String::as_str);
            let codes = ["guests_known", "guests_unknown"].into_iter();
            for ((code, rows), words) in codes.zip(found.rows).zip(&found.words) {
                let words: Vec<&str> = words.iter().take(SHOWN).map(String::as_str).collect();
                if rows > 0 {
                    let remark = Remark::new(code).with("file", file).with("header", header).with("n", rows);
                    remarks.push(remark.with("words", words.join(", ")));
                }
            }
        }
        remarks
    }
}

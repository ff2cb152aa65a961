//! Rows whose buyer's column holds a guests' word or a spreadsheet's error: said wherever the file is read.

use std::collections::{BTreeMap, BTreeSet};

use crate::locale::Remark;
use crate::parse::layout::Layout;
use crate::text;

/// How many rows there are of each column.
#[derive(Debug, Default)]
pub struct StandIns(BTreeMap<usize, Column>);

#[derive(Debug, Default)]
struct Column {
    /// Rows that another column names a buyer for, and rows that no column does.
    rows: [u64; 2],
    /// What stood there, in the same order.
    words: [BTreeSet<String>; 2],
}

impl StandIns {
    /// Notes a row.
    pub fn see(&mut self, column: usize, cell: &[u8], is_known_otherwise: bool) {
        /// More than a message has room for.
        const MAX_WORDS_NAMED: usize = 6;
        let column = self.0.entry(column).or_default();
        let place = usize::from(!is_known_otherwise);
        column.rows[place] += 1;
        if column.words[place].len() < MAX_WORDS_NAMED {
            column.words[place].insert(String::from_utf8_lossy(text::trim(cell)).into_owned());
        }
    }

    /// Adds those of further rows.
    pub fn merge(&mut self, other: Self) {
        for (number, theirs) in other.0 {
            let mine = self.0.entry(number).or_default();
            mine.rows.iter_mut().zip(theirs.rows).for_each(|(sum, rows)| *sum += rows);
            mine.words.iter_mut().zip(theirs.words).for_each(|(all, words)| all.extend(words));
        }
    }

    /// What the user should know of them.
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

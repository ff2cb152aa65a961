//! A frame that holds words which come again and again as numbers, so that a million rows stay small.

use std::collections::BTreeMap;

use polars::prelude::*;

/// A frame some of whose columns hold the numbers of words.
#[derive(Debug, Clone, Default)]
pub struct CodedFrame {
    frame: DataFrame,
    /// The words of a column, by number.
    words: BTreeMap<&'static str, Vec<String>>,
}

impl CodedFrame {
    /// From columns of one length, of which those named in `words` hold the numbers of their words (u32).
    ///
    /// # Errors
    /// When the columns differ in length, or two of them have one name.
    pub fn new(
        height: usize,
        columns: Vec<Column>,
        words: BTreeMap<&'static str, Vec<String>>,
    ) -> PolarsResult<Self> {
        Ok(Self { frame: DataFrame::new(height, columns)?, words })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.frame.height()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.frame.height() == 0
    }

    /// Whether there is a column of this name.
    pub fn has(&self, name: &str) -> bool {
        self.frame.get_column_index(name).is_some()
    }

    /// A column, one of words as texts. `None` where no input has it, or nobody asked for it.
    pub fn column(&self, name: &str) -> Option<Column> {
        let column = self.frame.column(name).ok()?;
        let Some(words) = self.words.get(name) else { return Some(column.clone()) };
        let word = |number: u32| words.get(number as usize).map(String::as_str);
        let texts = column.u32().ok()?.iter().map(|number| number.and_then(word));
        Some(StringChunked::from_iter_options(name.into(), texts).into_column())
    }

    /// The numbers of a column: of words, or of something that is kept beside the frame.
    pub fn numbers(&self, name: &str) -> Option<&UInt32Chunked> {
        self.frame.column(name).ok()?.as_materialized_series().u32().ok()
    }

    /// The days of a column of dates, since 1970-01-01.
    pub fn days(&self, name: &str) -> Option<&Int32Chunked> {
        Some(self.frame.column(name).ok()?.as_materialized_series().date().ok()?.physical())
    }

    /// The words of a column by number; none where it is no column of words.
    pub fn words(&self, name: &str) -> &[String] {
        self.words.get(name).map_or(&[], Vec::as_slice)
    }

    /// Keeps the rows that are marked, as many marks as rows.
    ///
    /// # Errors
    /// When there are fewer or more.
    pub fn keep(&mut self, is_kept: &[bool]) -> PolarsResult<()> {
        self.frame = self.frame.filter(&BooleanChunked::from_slice("kept".into(), is_kept))?;
        self.frame.rechunk_mut();
        Ok(())
    }
}

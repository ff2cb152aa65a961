//! A frame whose columns of repeated words hold numbers of words, so that a million rows need little memory.

use std::collections::BTreeMap;
use std::ops::Range;

use polars::prelude::*;

use super::table::CUSTOMER;
use super::{CustomerCode, Day, names};
use crate::regions::Region;

/// A frame in which some columns hold numbers of words.
#[derive(Debug, Clone, Default)]
pub struct CodedFrame {
    frame: DataFrame,
    /// The words of each such column, by number.
    words: BTreeMap<&'static str, Vec<String>>,
    regions: Vec<Region>,
    further: Vec<String>,
}

impl CodedFrame {
    /// Builds it from columns of equal length; those named in `words` hold the numbers (u32) of their words.
    ///
    /// # Errors
    /// When the columns differ in length or two have the same name.
    pub fn new(
        height: usize,
        columns: Vec<Column>,
        words: BTreeMap<&'static str, Vec<String>>,
    ) -> PolarsResult<Self> {
        let mut frame = DataFrame::new(height, columns)?;
        frame.rechunk_mut();
        Ok(Self { frame, words, ..Self::default() })
    }

    /// Adds the regions whose numbers are in the column [`REGION`](super::table::REGION).
    pub fn with_regions(self, regions: Vec<Region>) -> Self {
        Self { regions, ..self }
    }

    /// Adds the names of the columns for which no field is declared.
    pub fn with_further(self, further: Vec<String>) -> Self {
        Self { further, ..self }
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

    /// A column, with words as texts. `None` if no input has it or no question asked for it.
    pub fn column(&self, name: &str) -> Option<Column> {
        self.part(name, 0..self.len())
    }

    /// Some rows of a column, as [`Self::column`] gives it.
    pub fn part(&self, name: &str, rows: Range<usize>) -> Option<Column> {
        let column = self.frame.column(name).ok()?.slice(rows.start as i64, rows.len());
        let Some(words) = self.words.get(name) else { return Some(column) };
        let word = |number: u32| words.get(number as usize).map(String::as_str);
        let texts = column.u32().ok()?.iter().map(|number| number.and_then(word));
        Some(StringChunked::from_iter_options(name.into(), texts).into_column())
    }

    /// The numbers in a column of words, or of something else that is kept beside the frame.
    pub fn numbers(&self, name: &str) -> Option<&UInt32Chunked> {
        self.frame.column(name).ok()?.as_materialized_series().u32().ok()
    }

    /// The regions that rows refer to, by number.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// The names of the columns for which no field is declared, which only this shop has.
    pub fn further(&self) -> &[String] {
        &self.further
    }

    /// The customer codes, one per row, ascending.
    pub fn codes(&self) -> impl ExactSizeIterator<Item = CustomerCode> + Clone + '_ {
        self.code_numbers().iter().copied().map(CustomerCode::new)
    }

    /// The customer codes as the column holds them.
    pub fn code_numbers(&self) -> &[u32] {
        self.numbers(CUSTOMER).and_then(|numbers| numbers.cont_slice().ok()).unwrap_or_default()
    }

    /// A column, unless it is missing or null in every row.
    pub fn filled(&self, name: &str) -> Option<&Column> {
        self.frame.column(name).ok().filter(|column| column.null_count() < column.len())
    }

    /// The days in a column of dates, since 1970-01-01.
    pub fn days(&self, name: &str) -> Option<&Int32Chunked> {
        Some(self.frame.column(name).ok()?.as_materialized_series().date().ok()?.physical())
    }

    /// The words of a column by number; empty if it is no column of words.
    pub fn words(&self, name: &str) -> &[String] {
        self.words.get(name).map_or(&[], Vec::as_slice)
    }

    /// The latest day in these columns.
    pub fn latest(&self, columns: impl IntoIterator<Item = &'static str>) -> Option<Day> {
        columns.into_iter().filter_map(|name| self.days(name)?.max()).max().map(Day::new)
    }

    /// Removes the rows with a later day in a column, and returns from how many rows of the inputs they came.
    ///
    /// # Errors
    /// Those of polars.
    pub fn leave_out_later(&mut self, column: &str, day: Day) -> PolarsResult<u64> {
        let Some(days) = self.days(column) else { return Ok(0) };
        let is_kept: Vec<bool> = days.iter().map(|on| on.is_none_or(|on| Day::new(on) <= day)).collect();
        self.keep(&is_kept)
    }

    /// Keeps the rows of the customers for whom `is_kept` is true, and returns from how many rows of the inputs the
    /// others came.
    ///
    /// # Errors
    /// Those of polars.
    pub fn keep_customers(&mut self, is_kept: impl Fn(CustomerCode) -> bool) -> PolarsResult<u64> {
        let is_kept: Vec<bool> = self.codes().map(is_kept).collect();
        self.keep(&is_kept)
    }

    /// Keeps the marked rows (one mark per row), and returns from how many rows of the inputs the others came: the sum
    /// of [`names::ROW_COUNT`], or one each.
    ///
    /// # Errors
    /// When the number of marks is not the number of rows.
    pub fn keep(&mut self, is_kept: &[bool]) -> PolarsResult<u64> {
        let rows = self.numbers(names::ROW_COUNT);
        let weight = |row: usize| rows.map_or(1, |rows| u64::from(rows.get(row).unwrap_or(0)));
        let gone = is_kept.iter().enumerate().filter(|(_, is_kept)| !**is_kept);
        let gone: u64 = gone.map(|(row, _)| weight(row)).sum();
        if gone > 0 {
            self.frame = self.frame.filter(&BooleanChunked::from_slice("kept".into(), is_kept))?;
            self.frame.rechunk_mut();
        }
        Ok(gone)
    }
}

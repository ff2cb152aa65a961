//! The canonical sends table: which messages customers were sent.

use polars::prelude::*;

use super::coded::CodedFrame;
use super::customers::CUSTOMER;
use super::names;

/// The second of the day of a message.
pub const SECOND: &str = "second";

/// The messages of all inputs, by customer and time.
///
/// | column | type | |
/// |---|---|---|
/// | `customer` | u32 | the customer's code among the ids of all |
/// | `sent_on` | date | in the shop's zone |
/// | `second` | i32 | of the day; null where no time is given |
/// | `campaign_id` | text | |
/// | `channel`, `arm` | text | by the keys of [`super::words`] where those know the word, else as the exports write it |
/// | `is_delivered`, `is_opened`, `is_clicked` | bool | null where nothing is said |
/// | `cost` | i64 | in micro-units; null where nothing is said |
///
/// Every column is there, whichever the inputs have.
#[derive(Debug, Clone, Default)]
pub struct Sends {
    table: CodedFrame,
}

impl Sends {
    /// From columns as above, those of words holding numbers.
    pub fn new(table: CodedFrame) -> Self {
        Self { table }
    }

    /// The columns.
    pub fn table(&self) -> &CodedFrame {
        &self.table
    }

    /// A column, as texts, numbers or dates.
    pub fn column(&self, name: &str) -> Option<Column> {
        self.table.column(name)
    }

    /// The codes of the customers among the ids of all, a message each, ascending.
    pub fn codes(&self) -> &[u32] {
        self.table.numbers(CUSTOMER).and_then(|numbers| numbers.cont_slice().ok()).unwrap_or_default()
    }

    /// The days on which the messages were sent.
    pub fn days(&self) -> &[i32] {
        self.table.days(names::SENT_ON).and_then(|days| days.cont_slice().ok()).unwrap_or_default()
    }

    /// The last day with a message.
    pub fn latest(&self) -> Option<i32> {
        self.days().iter().max().copied()
    }

    /// Takes out the messages sent after a day, and says how many they were.
    ///
    /// # Errors
    /// Those of polars.
    pub fn leave_out_later(&mut self, day: i32) -> PolarsResult<u64> {
        let is_kept: Vec<bool> = self.days().iter().map(|sent| *sent <= day).collect();
        self.keep_rows(&is_kept)
    }

    /// Keeps the messages to some customers, by code, and says how many the others were.
    ///
    /// # Errors
    /// Those of polars.
    pub fn keep(&mut self, is_kept: impl Fn(u32) -> bool) -> PolarsResult<u64> {
        let is_kept: Vec<bool> = self.codes().iter().map(|code| is_kept(*code)).collect();
        self.keep_rows(&is_kept)
    }

    fn keep_rows(&mut self, is_kept: &[bool]) -> PolarsResult<u64> {
        let gone = is_kept.iter().filter(|is_kept| !**is_kept).count() as u64;
        if gone > 0 {
            self.table.keep(is_kept)?;
        }
        Ok(gone)
    }
}

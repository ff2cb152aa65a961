//! The canonical sends table: which messages customers were sent.

use polars::prelude::*;

use super::coded::CodedFrame;
use super::{CustomerCode, names};

pub use super::table::SECOND;

/// The messages of all inputs, by customer and time.
///
/// | column | type | |
/// |---|---|---|
/// | `customer` | u32 | the customer's code among the ids of all |
/// | `sent_on` | date | in the shop's zone |
/// | `second` | i32 | of the day; null where no time is given |
/// | `campaign_id` | text | |
/// | `channel`, `arm` | text | the key in [`super::words`] if the word is known, else as the exports write it |
/// | `is_delivered`, `is_opened`, `is_clicked` | bool | null where nothing is said |
/// | `cost` | i64 | in micro-units; null where nothing is said |
/// | `order_id` | text | the order that a message was about; null where nothing is said |
///
/// Every column is there, whichever the inputs have.
#[derive(Debug, Clone, Default)]
pub struct Sends {
    table: CodedFrame,
}

impl Sends {
    /// Builds it from the columns above; those of words hold numbers.
    pub fn new(table: CodedFrame) -> Self {
        Self { table }
    }

    /// The table as a frame.
    pub fn table(&self) -> &CodedFrame {
        &self.table
    }

    /// A column, as texts, numbers or dates.
    pub fn column(&self, name: &str) -> Option<Column> {
        self.table.column(name)
    }

    /// The table as a frame, to leave rows out.
    pub(super) fn table_mut(&mut self) -> &mut CodedFrame {
        &mut self.table
    }

    /// The customer code of each message, ascending.
    pub fn codes(&self) -> impl ExactSizeIterator<Item = CustomerCode> + Clone + '_ {
        self.table.codes()
    }

    /// The days on which the messages were sent.
    pub fn days(&self) -> &[i32] {
        self.table.days(names::SENT_ON).and_then(|days| days.cont_slice().ok()).unwrap_or_default()
    }
}

//! What the rows of a file show that its head could not: most files are read according to their head.

use std::collections::BTreeMap;

use crate::parse::layout::WordsSeen;
use crate::parse::sections::Header;
use crate::schema::Key;

/// What the rows of a block show; only what the head left open is collected.
#[derive(Debug, Default)]
pub struct Late {
    /// Whether any row has a status.
    pub has_status: bool,
    /// Buyer and day of the first row with the order number 0.
    zero: Option<(Key, i32)>,
    /// Whether another row with that number has another buyer or day.
    pub zero_is_shared: bool,
    /// Words of columns that look like statuses, are not read, and are empty in the head.
    pub words: BTreeMap<usize, WordsSeen>,
    /// Headers among the rows.
    pub headers: Vec<Header>,
}

impl Late {
    /// Adds a row with the order number 0.
    pub fn add_zero(&mut self, customer: Key, day: i32) {
        let first = *self.zero.get_or_insert((customer, day));
        self.zero_is_shared |= first != (customer, day);
    }

    /// Adds a cell of a column that looks like statuses and is empty in the head.
    pub fn add_word(&mut self, column: usize, cell: &[u8]) {
        self.words.entry(column).or_default().add(cell);
    }

    /// Adds the next block's, except its headers.
    pub fn merge(&mut self, other: Self) {
        self.has_status |= other.has_status;
        self.zero_is_shared |= other.zero_is_shared;
        if let Some((customer, day)) = other.zero {
            self.add_zero(customer, day);
        }
        for (column, words) in other.words {
            self.words.entry(column).or_default().merge(words);
        }
    }
}

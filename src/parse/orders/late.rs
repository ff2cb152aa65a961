//! What rows tell that the head of their file could not: most files are read from their head alone.

use std::collections::BTreeMap;

use crate::parse::layout::WordsSeen;
use crate::parse::sections::Header;
use crate::schema::Key;

/// What the rows of a block tell; all of it is looked for only where the head leaves it open.
#[derive(Debug, Default)]
pub struct Late {
    /// Whether a row says what became of its order.
    pub has_status: bool,
    /// The buyer and day of the first row of the order number 0.
    zero: Option<(Key, i32)>,
    /// Whether another row of that number has another buyer or day.
    pub zero_is_shared: bool,
    /// Words of columns that look like statuses, are not read and are empty in the head.
    pub words: BTreeMap<usize, WordsSeen>,
    /// Headers among the rows.
    pub headers: Vec<Header>,
}

impl Late {
    /// Notes a row of the order number 0.
    pub fn see_zero(&mut self, customer: Key, day: i32) {
        let first = *self.zero.get_or_insert((customer, day));
        self.zero_is_shared |= first != (customer, day);
    }

    /// Notes a cell of a column that looks like a status and was empty so far.
    pub fn see_word(&mut self, column: usize, cell: &[u8]) {
        self.words.entry(column).or_default().see(cell);
    }

    /// Adds what the next block tells, but for its headers.
    pub fn merge(&mut self, other: Self) {
        self.has_status |= other.has_status;
        self.zero_is_shared |= other.zero_is_shared;
        if let Some((customer, day)) = other.zero {
            self.see_zero(customer, day);
        }
        for (column, words) in other.words {
            self.words.entry(column).or_default().merge(words);
        }
    }
}

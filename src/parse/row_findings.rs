//! What only the rest of a file tells of how it is to be read, beyond what its head did: the file is then read a second
//! time.

use std::collections::BTreeMap;

use crate::parse::sections::Sections;
use crate::parse::value::money::Decided;

/// What is known of one file when it is read again.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// How columns of numbers are written.
    pub decimals: BTreeMap<usize, Decided>,
    /// Whether its column of statuses has words, though its head has none.
    pub has_statuses: bool,
    /// Whether orders of several buyers or days have the number 0, which is none then.
    pub zero_is_shared: bool,
    /// Headers among its rows, where one of them has its columns in another order than the first.
    pub sections: Sections,
}

impl Told {
    /// Adds what another reading told; whether that was anything new.
    pub fn add(&mut self, other: Self) -> bool {
        let before = self.clone();
        for (column, decided) in other.decimals {
            self.decimals.entry(column).or_insert(decided);
        }
        self.has_statuses |= other.has_statuses;
        self.zero_is_shared |= other.zero_is_shared;
        if self.sections.is_empty() {
            self.sections = other.sections;
        }
        *self != before
    }
}

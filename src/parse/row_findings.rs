//! What only the rest of a file shows about how it must be read; the file is then read a second time.

use std::collections::BTreeMap;

use crate::parse::sections::Sections;
use crate::parse::value::money::Decided;

/// What is known of a file when it is read again.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowFindings {
    /// By column, how numbers are written.
    pub decimals: BTreeMap<usize, Decided>,
    /// Whether its status column has words although its head has none.
    pub has_statuses: bool,
    /// Whether orders of several buyers or days have the number 0, so that 0 means "no number".
    pub zero_is_shared: bool,
    /// The headers among its rows, if one has the columns in another order than the first.
    pub sections: Sections,
}

impl RowFindings {
    /// Adds what another reading showed. Returns whether anything was new.
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

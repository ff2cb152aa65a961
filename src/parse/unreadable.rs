//! Tables of which no row could be read.

use std::collections::BTreeMap;

use crate::schema::Table;
use crate::schema::accounting::{Rule, RuleCounts};

/// By table, the number of rows and of rows that cannot be used.
#[derive(Debug, Default)]
pub struct Tally(BTreeMap<Table, Counts>);

#[derive(Debug, Default)]
struct Counts {
    read: u64,
    /// Blank rows and totals, which hold no data.
    empty: u64,
    rejected: u64,
}

impl Tally {
    /// Counts rows of a table.
    pub fn add(&mut self, table: Table, read: u64, empty: u64, rejected: u64) {
        let counts = self.0.entry(table).or_default();
        counts.read += read;
        counts.empty += empty;
        counts.rejected += rejected;
    }

    /// The tables that have rows but none that can be read, with the number of rows: answers from them would be zeros.
    pub fn unreadable(&self) -> Vec<(Table, u64)> {
        let is_lost = |counts: &Counts| counts.rejected > 0 && counts.rejected + counts.empty >= counts.read;
        self.0
            .iter()
            .filter(|(_, counts)| is_lost(counts))
            .map(|(table, counts)| (*table, counts.read))
            .collect()
    }
}

/// The number of rows left out because they hold no data.
pub fn empty_rows(excluded: &RuleCounts) -> u64 {
    excluded.of(Rule::BlankRow) + excluded.of(Rule::TotalRow)
}

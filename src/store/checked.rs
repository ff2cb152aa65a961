//! Checks that the content of a manifest is plausible. Its checksum shows that it is unchanged, but not who wrote it. A
//! store may come from somebody else, and nothing in it may lead out of its folder or make a count negative.

use std::collections::HashSet;

use super::files::is_own_path;
use super::manifest::{FileRef, Import, Manifest, Segment, Settled, Stretch, TablePart};
use crate::parse::orders::SettledCounts;
use crate::schema::day;

/// The most rows of a segment, since rows are numbered with 32 bits.
const MAX_SEGMENT_ROWS: u64 = u32::MAX as u64;
/// The most rows or bytes of anything. Sums of so many over all parts of a manifest cannot overflow.
const MAX_COUNT: u64 = 1 << 42;
/// The greatest number of an import or a state, so that there is always a next one.
const MAX_NUMBER: u64 = 1 << 52;

impl Manifest {
    /// Whether all files have names that a store gives, and all numbers fit together.
    pub(super) fn can_be(&self) -> bool {
        let numbers = || self.imports.iter().map(|import| import.number);
        let mut seen = HashSet::new();
        let are_told_apart = numbers().all(|number| (1..self.next).contains(&number) && seen.insert(number));
        self.state <= MAX_NUMBER
            && self.next <= MAX_NUMBER
            && are_told_apart
            && self.files().all(FileRef::can_be)
            && self.imports.iter().all(Import::can_be)
            && self.order_rows_held().all(|segment| segment.can_be(self.next))
            && self.tables.iter().all(|part| part.can_be(&self.imports))
    }
}

impl FileRef {
    fn can_be(&self) -> bool {
        is_own_path(&self.path) && self.bytes <= MAX_COUNT && is_hex(&self.xxh3, 16)
    }
}

impl Import {
    fn can_be(&self) -> bool {
        let replaced = self.replaced.values().all(|rows| *rows <= MAX_COUNT);
        let counts = [self.bytes, self.rows_read, self.superseded];
        counts.iter().all(|count| *count <= MAX_COUNT)
            && replaced
            && self.rows_quarantined <= self.rows_read
            && self.forgotten <= self.rows_read
            && is_hex(&self.sha256, 64)
    }
}

impl Segment {
    /// `next` is the number that the next segment gets.
    fn can_be(&self, next: u64) -> bool {
        let counts = |of: &Settled| {
            let SettledCounts { conflicting_orders, split_orders, shared_ids, repeated_amounts } = of.counts;
            [conflicting_orders, split_orders, shared_ids, repeated_amounts]
        };
        let is_settled =
            |of: &Settled| of.number < next && counts(of).iter().all(|count| *count <= self.rows);
        self.number < next
            && self.rows <= MAX_SEGMENT_ROWS
            && self.superseded_rows <= self.rows
            && self.settled.iter().all(is_settled)
    }
}

impl TablePart {
    fn can_be(&self, imports: &[Import]) -> bool {
        // A part whose import is missing is not read.
        let of = imports.iter().find(|import| import.number == self.import);
        let can_be = |stretch: &Stretch| {
            let (first, last) = (stretch.first_day, stretch.last_day);
            first != day::MISSING && first <= last && day::can_be(first) && day::can_be(last)
        };
        self.rows <= MAX_COUNT
            && of.is_none_or(|import| self.forgotten <= import.rows_read)
            && self.stretches.iter().all(can_be)
            && self.stretches.is_sorted_by(|a, b| a.last_day < b.first_day)
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

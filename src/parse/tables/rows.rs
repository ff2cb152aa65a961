//! The rows of one file that is not of orders, and how the rows of its blocks become those of the file.

use std::collections::BTreeMap;

use crate::parse::cell_notes::CellNotes;
use crate::parse::currencies::Currencies;
use crate::parse::date_order::Counts;
use crate::parse::orders::Accounts;
use crate::parse::sections::Header;
use crate::parse::value::money::DecimalMark;
use crate::rows::partition::Grouped;
use crate::schema::accounting::RuleCounts;
use crate::schema::day_counts::DayCounts;
use crate::schema::reject::BlockReject;
use crate::schema::{EventKind, Field, Key, Table};

use super::Details;

/// The rows of one file that is not of orders.
#[derive(Debug, Default)]
pub struct TableRows {
    /// The file as the user named it.
    pub file: String,
    /// The table; `None` in blocks, which are all of their file's.
    pub table: Option<Table>,
    /// Rows kept: in each of the columns below where the file has it, or in partitions; and those passed over.
    pub row_count: u64,
    /// The ids of orders.
    pub orders: Vec<Key>,
    /// The ids of customers.
    pub customers: Vec<Key>,
    /// Texts of aliases, where it is a list of those: the alias and the customer.
    pub aliases: Vec<(String, String)>,
    /// Days by field; [`day::MISSING`] where there is none.
    pub days: BTreeMap<Field, Vec<i32>>,
    /// The rows of a table of moments block by block, each block in partitions by customer, in place of the columns of
    /// rows here and in the details, which are empty then.
    pub groups: Vec<Grouped>,
    /// Events of kinds that nobody wants, by day; no more is known of them than their customers.
    pub passed_over: DayCounts,
    /// The customers of these, block by block.
    pub passed_over_customers: Vec<Vec<Key>>,
    /// Kinds of events.
    pub kinds: Vec<EventKind>,
    /// Rows by word of a kind and what it was read as; none where nobody taught it.
    pub words: BTreeMap<(String, Option<EventKind>), u64>,
    /// The decimal mark of amounts.
    pub decimal: DecimalMark,
    /// What the dates of each column say about the order of day and month.
    pub evidence: BTreeMap<Field, Counts>,
    /// Rows left out by rules.
    pub excluded: RuleCounts,
    /// Rows that cannot be read, numbered within the file.
    pub rejects: Vec<BlockReject>,
    /// Records read.
    pub record_count: u64,
    /// Which customer ids name which contacts.
    pub accounts: Accounts,
    /// The currencies of amounts, where it is a file of items.
    pub currencies: Currencies,
    /// The values of the rows, where a question wants them.
    pub details: Details,
    /// What is odd about cells.
    pub notes: CellNotes,
    /// Headers among the rows of a block.
    pub headers: Vec<Header>,
}

impl TableRows {
    /// Keeps the rows that are marked, as many marks as rows; what else is known of the file stays.
    pub fn retain(&mut self, is_kept: &[bool]) {
        fn keep<T>(values: &mut Vec<T>, is_kept: &[bool]) {
            let mut kept = is_kept.iter();
            values.retain(|_| kept.next().copied().unwrap_or(true));
        }
        keep(&mut self.customers, is_kept);
        keep(&mut self.orders, is_kept);
        keep(&mut self.kinds, is_kept);
        self.days.values_mut().for_each(|days| keep(days, is_kept));
        keep(&mut self.details.seconds, is_kept);
        self.details.texts.values_mut().for_each(|texts| keep(&mut texts.numbers, is_kept));
        self.details.more.values_mut().for_each(|texts| texts.retain(is_kept));
        keep(&mut self.details.regions, is_kept);
        self.row_count = is_kept.iter().filter(|is_kept| **is_kept).count() as u64;
    }

    /// The rows of a file's blocks, one behind the other.
    pub fn of_blocks(table: Table, blocks: Vec<Self>) -> Self {
        let rows_in_columns = |block: &Self| block.customers.len();
        let total = blocks.iter().map(rows_in_columns).sum();
        let mut all = Self { table: Some(table), ..Self::default() };
        blocks.into_iter().for_each(|block| all.append(block, total));
        all
    }

    /// Adds the rows of the next block, of blocks that have so many rows together.
    fn append(&mut self, other: Self, total: usize) {
        let before = self.record_count;
        self.row_count += other.row_count;
        self.record_count += other.record_count;
        extend(&mut self.orders, other.orders, total);
        extend(&mut self.customers, other.customers, total);
        self.aliases.extend(other.aliases);
        extend(&mut self.kinds, other.kinds, total);
        for (field, days) in other.days {
            extend(self.days.entry(field).or_default(), days, total);
        }
        for (word, rows) in other.words {
            *self.words.entry(word).or_default() += rows;
        }
        for (field, counts) in other.evidence {
            let mine = self.evidence.entry(field).or_default();
            mine.iter_mut().zip(counts).for_each(|(mine, theirs)| *mine += theirs);
        }
        self.excluded.merge(&other.excluded);
        let numbered = |reject: BlockReject| BlockReject { index: reject.index + before, ..reject };
        self.rejects.extend(other.rejects.into_iter().map(numbered));
        self.accounts.merge(other.accounts);
        self.currencies.merge(other.currencies);
        let new = self.details.append(other.details, total);
        self.append_groups(other.groups, &new);
        self.passed_over.merge(&other.passed_over);
        self.passed_over_customers.extend(other.passed_over_customers);
        self.notes.merge(other.notes);
    }
}

/// Adds the values of a block to those of the blocks before it: memory for all, `total`, is taken at once, since
/// growing would take it twice.
pub(super) fn extend<T>(all: &mut Vec<T>, values: impl IntoIterator<Item = T>, total: usize) {
    let mut values = values.into_iter().peekable();
    if all.capacity() == 0 && values.peek().is_some() {
        all.reserve_exact(total);
    }
    all.extend(values);
}

//! The rows of one file of a table beside the orders, and how its blocks are put together.

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

/// The rows of one file of a table beside the orders, column by column.
#[derive(Debug, Default)]
pub struct TableRows {
    /// The file as the user named it.
    pub file: String,
    /// The table; `None` in a block, whose file has it.
    pub table: Option<Table>,
    /// Rows kept, whether in the columns below, in partitions, or passed over.
    pub row_count: u64,
    /// Order ids.
    pub orders: Vec<Key>,
    /// Customer ids.
    pub customers: Vec<Key>,
    /// Pairs of an alias and the customer id it stands for, in a list of aliases.
    pub aliases: Vec<(String, String)>,
    /// Days by field; [`MISSING`](crate::schema::day::MISSING) if there is none.
    pub days: BTreeMap<Field, Vec<i32>>,
    /// The rows of a table of moments, block by block, partitioned by customer. The columns of rows here and in the
    /// details are then empty.
    pub groups: Vec<Grouped>,
    /// By day, the number of events of unwanted kinds, of which only the customers are kept.
    pub passed_over: DayCounts,
    /// The customers of the events passed over or too long ago, block by block. From a store they may be customers of
    /// interests that are kept, too, and those who bought are left out, since they are known from that.
    pub passed_over_customers: Vec<Vec<Key>>,
    /// By day, the number of interests that are too long ago for the question.
    pub long_ago: DayCounts,
    /// Kinds of events.
    pub kinds: Vec<EventKind>,
    /// Rows by the word for their kind and its meaning; `None` if the word is unknown.
    pub words: BTreeMap<(String, Option<EventKind>), u64>,
    /// The decimal mark of amounts.
    pub decimal: DecimalMark,
    /// What the dates of each column show about the order of day and month.
    pub evidence: BTreeMap<Field, Counts>,
    /// Rows left out, by rule.
    pub excluded: RuleCounts,
    /// Rows that cannot be read, with their record numbers in the file.
    pub rejects: Vec<BlockReject>,
    /// Number of records read.
    pub record_count: u64,
    /// Which customer ids have which contacts.
    pub accounts: Accounts,
    /// The currencies of amounts, in a file of items.
    pub currencies: Currencies,
    /// Further values of the rows, if a question wants them.
    pub details: Details,
    /// Odd cells.
    pub notes: CellNotes,
    /// Headers among the rows.
    pub headers: Vec<Header>,
}

impl TableRows {
    /// Keeps the marked rows; `is_kept` has one mark per row. Counts and notes of the file stay.
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

    /// Puts the blocks of a file together, in their order.
    pub fn of_blocks(table: Table, blocks: Vec<Self>) -> Self {
        let rows_in_columns = |block: &Self| block.customers.len();
        let total = blocks.iter().map(rows_in_columns).sum();
        let mut all = Self { table: Some(table), ..Self::default() };
        blocks.into_iter().for_each(|block| all.append(block, total));
        all
    }

    /// Appends the next block; `total` is the number of rows in columns of all blocks.
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
        self.long_ago.merge(&other.long_ago);
        self.notes.merge(other.notes);
    }
}

/// Appends a block's values to those of the blocks before. Memory for all `total` values is reserved at once, since a
/// growing vector would need twice as much.
pub(super) fn extend<T>(all: &mut Vec<T>, values: impl IntoIterator<Item = T>, total: usize) {
    let mut values = values.into_iter().peekable();
    if all.capacity() == 0 && values.peek().is_some() {
        all.reserve_exact(total);
    }
    all.extend(values);
}

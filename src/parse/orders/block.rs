//! One parsed block of order records.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::parse::cell_notes::CellNotes;
use crate::parse::date_order::Counts;
use crate::parse::orders::accounts::{Accounts, Mails, Phones};
use crate::parse::orders::late::Late;
use crate::parse::orders::refund_ids::Parent;
use crate::parse::orders::row::{ExtraReader, FurtherReader, PlaceReader, Places, RowReader, TimeReader};
use crate::parse::orders::stand_ins::StandIns;
use crate::parse::orders::survey::{Survey, SurveyReader};
use crate::parse::orders::texts::BlockTexts;
use crate::rows::partition::{Columns, Grouped, LongTexts, OrderKeys, Place};
use crate::rows::row_keys::RowKeys;
use crate::rows::{Extras, SortedRows};
use crate::schema::Key;
use crate::schema::accounting::RuleCounts;
use crate::schema::reject::BlockReject;

/// The readers for the records of one file: the values every question needs, and those that only some need.
#[derive(Debug)]
pub struct Readers {
    /// Order id, buyer, days, amount and status.
    pub row: RowReader,
    /// Where orders went; `None` if not wanted or not in the file.
    pub place: Option<PlaceReader>,
    /// The time of day; `None` if not wanted.
    pub time: Option<TimeReader>,
    /// Values for some analyses only; `None` if no question wants them.
    pub extra: Option<ExtraReader>,
    /// Additional columns that a question names.
    pub further: Option<FurtherReader>,
    /// The phone columns; `None` if not wanted.
    pub phones: Option<Phones>,
    /// The e-mail columns; `None` if not wanted.
    pub mails: Option<Mails>,
    /// Statistics on the quality of the rows; `None` if not wanted.
    pub survey: Option<SurveyReader>,
    /// Whether the texts of order ids are kept too.
    pub keeps_texts: bool,
    /// Whether consecutive rows of one order may be joined into one, since nobody needs them one by one.
    pub joins_rows: bool,
}

impl Readers {
    /// Whether records need values that the fast lane does not read.
    pub fn has_extras(&self) -> bool {
        self.place.as_ref().is_some_and(|place| place.single_columns().is_none())
            || self.extra.is_some()
            || self.further.is_some()
            || self.phones.is_some()
            || self.mails.is_some()
    }
}

/// Rows of the first and of the last order in a block of items, as hashes of the items.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Edges {
    /// The order id of the first row, and the rows that follow it in that order.
    pub first: Option<(Key, Vec<u64>)>,
    /// The order id of the last row, and the rows in front of it in that order.
    pub last: Option<(Key, Vec<u64>)>,
}

impl Edges {
    /// Adds the next row.
    pub(super) fn push(&mut self, order: Key, hash: u64) {
        // As long as all rows are of one order, the last order is also the first.
        let is_one = self.last.as_ref().is_none_or(|(last, rows)| {
            *last == order
                && self.first.as_ref().is_some_and(|(key, first)| *key == order && first.len() == rows.len())
        });
        if is_one {
            self.first.get_or_insert_with(|| (order, Vec::new())).1.push(hash);
        }
        match &mut self.last {
            Some((last, rows)) if *last == order => rows.push(hash),
            last => *last = Some((order, vec![hash])),
        }
    }

    /// Whether all rows are of one order.
    pub fn are_one(&self) -> bool {
        self.first == self.last
    }
}

/// What putting rows together into orders met.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledCounts {
    /// Orders whose rows disagree on the order's amount.
    pub conflicting_orders: u64,
    /// Order ids under which several customers ordered.
    pub split_orders: u64,
    /// Order ids under which orders of several shops stand.
    pub shared_ids: u64,
    /// Orders whose several rows each have the same amount.
    pub repeated_amounts: u64,
}

/// A parsed block.
#[derive(Debug, Default)]
pub struct Block {
    /// The number of its input.
    pub file: usize,
    /// Its place among the input's blocks.
    pub index: usize,
    /// Number of records, without blank lines.
    pub record_count: u64,
    /// Its rows, in partitions by customer.
    pub rows: Grouped,
    /// Additional rows that need no merging.
    pub sorted: Vec<SortedRows>,
    /// What merging those that are of several rows met before they were kept.
    pub settled: SettledCounts,
    /// The order ids, if the file has any; moved to `orders` if they must be compared between blocks.
    pub row_keys: RowKeys,
    /// The order ids, partitioned.
    pub orders: OrderKeys,
    /// The rows' own ids, combined with the order's, if the file has any.
    pub lines: OrderKeys,
    /// Texts of customer ids that are too long for their key.
    pub long_customers: LongTexts,
    /// Texts of order ids that are too long for their key, if wanted.
    pub long_orders: LongTexts,
    /// Its first and last order, to find orders that the end of a block of items cut in two.
    pub edges: Edges,
    /// Refused records.
    pub rejects: Vec<BlockReject>,
    /// Rows whose buyer column holds a placeholder that names nobody.
    pub stand_ins: StandIns,
    /// Records left out by a rule.
    pub excluded: RuleCounts,
    /// What the dates of creation and payment show about the order of day and month, counted by [`Evidence`].
    pub evidence: [Counts; 2],
    /// Number of rows whose day was taken from the order number.
    pub inferred_days: u64,
    /// The regions, by the number that rows refer to.
    pub places: Places,
    /// Values that the rows' extras refer to.
    pub extras: Extras,
    /// The texts of additional columns.
    pub texts: BlockTexts,
    /// Which customer ids have which contacts.
    pub accounts: Accounts,
    /// Statistics on the quality of the rows.
    pub survey: Option<Survey>,
    /// What is odd about cells.
    pub notes: CellNotes,
    /// What its rows show that the head of the file could not.
    pub late: Late,
    /// The currencies of the rows.
    pub currencies: Vec<String>,
    /// The currencies of rows that were left out because another one was asked for.
    pub other_currencies: BTreeSet<String>,
    /// Whether the currency that was asked for is written beside any amount.
    pub names_wanted_currency: bool,
    /// Currencies written beside amounts.
    pub written_currencies: BTreeSet<&'static str>,
    /// Whether any row has a negative amount.
    pub has_negatives: bool,
    /// For each negative row, its order id and the ids of orders that it may be a refund of, likeliest first.
    pub refunds: Vec<(Key, Vec<Parent>)>,
    /// Whether some customers are known only by e-mail address or phone.
    pub has_personal_ids: bool,
}

impl Block {
    /// Partitions the order ids.
    pub fn index_orders(&mut self) {
        if !self.row_keys.is_empty() {
            self.orders = std::mem::take(&mut self.row_keys).indexed();
        }
    }

    /// How many rows of the export it holds.
    pub fn row_count(&self) -> u64 {
        let of = |columns: &Columns| match columns.row_count.is_empty() {
            true => columns.customer.len() as u64,
            false => columns.row_count.iter().map(|count| u64::from(*count)).sum(),
        };
        self.rows.iter().map(|group| of(&group.columns)).sum()
    }

    /// Whether any row was joined from several rows of the export.
    pub fn has_joined_rows(&self) -> bool {
        self.sorted.iter().any(|rows| rows.are_joined)
            || self.rows.iter().any(|group| !group.columns.row_count.is_empty())
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.iter().all(|group| group.columns.customer.is_empty())
    }

    /// Calls `visit` with each order id and the place of its row.
    pub fn each_id(&self, mut visit: impl FnMut(Key, Place)) {
        self.row_keys.each(&mut visit);
        self.orders.keys.iter().zip(&self.orders.places).for_each(|(key, place)| visit(*key, *place));
    }
}

//! A block of records, parsed.

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

/// What reads the records of one file: their values, and what a question wants to know beside them.
#[derive(Debug)]
pub struct Readers {
    /// Who ordered when for how much.
    pub row: RowReader,
    /// Where orders went, where that is wanted and said.
    pub place: Option<PlaceReader>,
    /// At what time of day, where that is wanted.
    pub time: Option<TimeReader>,
    /// What only some analyses want, where one of them asks.
    pub extra: Option<ExtraReader>,
    /// Further columns, where a question names any.
    pub further: Option<FurtherReader>,
    /// The columns of phones, where these are wanted.
    pub phones: Option<Phones>,
    /// The columns of e-mail addresses, where these are wanted.
    pub mails: Option<Mails>,
    /// The quality of the data, where that is wanted.
    pub survey: Option<SurveyReader>,
    /// Whether the texts of orders' ids are wanted too.
    pub keeps_texts: bool,
    /// Whether nobody looks at the rows of an order one by one.
    pub joins_rows: bool,
}

impl Readers {
    /// Whether more is wanted of a record than the fast lane reads.
    pub fn has_extras(&self) -> bool {
        self.place.as_ref().is_some_and(|place| place.single_columns().is_none())
            || self.extra.is_some()
            || self.further.is_some()
            || self.phones.is_some()
            || self.mails.is_some()
    }
}

/// The rows of the first and of the last order of a block of items, as hashes of what their items are.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Edges {
    /// Rows from the first on that are of one order.
    pub first: Option<(Key, Vec<u64>)>,
    /// Rows up to the last that are of one order.
    pub last: Option<(Key, Vec<u64>)>,
}

impl Edges {
    /// Adds a row, behind the others.
    pub(super) fn push(&mut self, order: Key, hash: u64) {
        // Until another order comes, the last order is the first.
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

/// A parsed block.
#[derive(Debug, Default)]
pub struct Block {
    /// Which input it is of.
    pub file: usize,
    /// Its place among the input's blocks.
    pub index: usize,
    /// Records in it, blank lines left out.
    pub record_count: u64,
    /// Its rows, in partitions by customer.
    pub rows: Grouped,
    /// Further rows, that need no merging.
    pub sorted: Vec<SortedRows>,
    /// The order ids, where the file has any; moved to `orders` where they must be compared.
    pub row_keys: RowKeys,
    /// The order ids in partitions.
    pub orders: OrderKeys,
    /// The rows' own ids with those of their orders, where the file has any.
    pub lines: OrderKeys,
    /// Texts of the customers whose ids are long.
    pub long_customers: LongTexts,
    /// Texts of the order ids that are long, where those are wanted.
    pub long_orders: LongTexts,
    /// Its first and last order, for orders cut in two by the end of a file of items.
    pub edges: Edges,
    /// Refused records.
    pub rejects: Vec<BlockReject>,
    /// Rows whose buyer's column holds what names nobody.
    pub stand_ins: StandIns,
    /// Records left out by a rule.
    pub excluded: RuleCounts,
    /// What the dates of creation and payment say about the order of day and month, counted by
    /// [`Evidence`].
    pub evidence: [Counts; 2],
    /// Rows whose day comes from the order's number.
    pub inferred_days: u64,
    /// Regions met, by the number that rows have.
    pub places: Places,
    /// What the rows' extras refer to.
    pub extras: Extras,
    /// The texts of further columns.
    pub texts: BlockTexts,
    /// Which customer ids name which contacts.
    pub accounts: Accounts,
    /// The quality of the data.
    pub survey: Option<Survey>,
    /// What is odd about cells.
    pub notes: CellNotes,
    /// What its rows tell that the head could not.
    pub late: Late,
    /// Currencies met.
    pub currencies: Vec<String>,
    /// Those of records that were left out, being in another currency than the one asked for.
    pub other_currencies: BTreeSet<String>,
    /// Whether the currency that was asked for is written beside amounts.
    pub names_wanted_currency: bool,
    /// Currencies written beside amounts.
    pub written_currencies: BTreeSet<&'static str>,
    /// Whether any row is negative.
    pub has_negatives: bool,
    /// Of negative rows: the order's id, and the ids of orders that it may be a refund of, likeliest first.
    pub refunds: Vec<(Key, Vec<Parent>)>,
    /// Whether some customers are known by e-mail or phone only.
    pub has_personal_ids: bool,
}

impl Block {
    /// Puts the order ids into their partitions.
    pub fn index_orders(&mut self) {
        if !self.row_keys.is_empty() {
            self.orders = std::mem::take(&mut self.row_keys).indexed();
        }
    }

    /// How many rows of exports it has.
    pub fn row_count(&self) -> u64 {
        let of = |columns: &Columns| match columns.row_count.is_empty() {
            true => columns.customer.len() as u64,
            false => columns.row_count.iter().map(|count| u64::from(*count)).sum(),
        };
        self.rows.iter().map(|group| of(&group.columns)).sum()
    }

    /// Whether rows are of several rows of exports.
    pub fn has_joined_rows(&self) -> bool {
        self.rows.iter().any(|group| !group.columns.row_count.is_empty())
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

//! Rows as typed columns, in partitions that fit into the processor's cache.
//!
//! The rows of a block are sorted into [`PARTITIONS`] runs by the hash of their customer. Later stages take one
//! partition of all blocks at a time: its customers fit into the cache, and its rows are read in sequence. Partitions
//! are kept in [`GROUPS`] groups, each with its own memory, which is freed group by group.

use std::collections::HashSet;
use std::ops::Range;

use foldhash::fast::RandomState;
use xxhash_rust::xxh3::xxh3_64;

use crate::rows::Extra;
use crate::rows::dictionary::UNKNOWN;
use crate::schema::money::{MISSING, can_be};
use crate::schema::{Key, Micros, day};

/// The number of partitions. It is fixed, so that results cannot depend on the machine.
pub const PARTITIONS: usize = 256;

/// The number of groups of partitions.
pub const GROUPS: usize = 8;
/// The number of partitions in a group.
pub const GROUP_SIZE: usize = PARTITIONS / GROUPS;

/// The partition of a key.
pub fn partition(key: Key) -> usize {
    (key.mix() >> 56) as usize
}

/// Rows as columns. A column that the file lacks is empty.
#[derive(Debug, Default)]
pub struct Columns {
    /// The buyer; [`Key::NONE`] or [`Key::MASKED`] if there is none.
    pub customer: Vec<Key>,
    /// The day on which the order was created.
    pub created_on: Vec<i32>,
    /// The day on which the order was paid.
    pub paid_on: Vec<i32>,
    /// The amount before refunds.
    pub amount: Vec<Micros>,
    /// The refunded amount.
    pub refund: Vec<Micros>,
    /// The code of the status; [`NO_STATUS`] if the row has none.
    pub status: Vec<u8>,
    /// The number of the region. Empty if regions are not wanted.
    pub region: Vec<u32>,
    /// The second of the day of payment, or else of creation; [`crate::schema::day::MISSING`] if there is no time.
    /// Empty if times are not wanted.
    pub second: Vec<i32>,
    /// Values that only some analyses need. Empty if they are not wanted.
    pub extra: Vec<Extra>,
    /// How many rows of the export became this row. Empty means one each.
    pub row_count: Vec<u32>,
    /// How many of these are rows of files of items. Empty means none, or that this is not wanted.
    pub item_row_count: Vec<u32>,
    /// The number of the import that a row of a store came with. Empty unless the rows are to be written to the store
    /// again.
    pub import: Vec<u32>,
    /// What distinguishes orders with the same number, see [`Own`]. Empty if no column has it.
    pub own: Vec<Own>,
    /// The order id. Empty unless refunds are going to be matched with their orders.
    pub order: Vec<Key>,
    /// For a refund record that was matched with an order, the day of that order, otherwise [`day::MISSING`]. Empty if
    /// there are none.
    pub given_back_of: Vec<i32>,
    /// The numbers of the texts of further columns, by column. Empty if none is asked for; the entry of a column that
    /// the file lacks is empty, too.
    pub texts: Vec<Vec<u32>>,
}

/// Distinguishes an order from one with the same number in another shop: a hash of the platform's own id of the order,
/// or else of the shop's name. The lowest bit says which of the two it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Own(pub u64);

impl Own {
    /// Neither of the two is known.
    pub const NONE: Self = Self(0);

    /// From the platform's own id.
    pub fn of_id(text: &[u8]) -> Self {
        Self(xxh3_64(text) | 1)
    }

    /// From the name of the shop.
    pub fn of_shop(text: &[u8]) -> Self {
        Self((xxh3_64(text) & !1).max(2))
    }

    /// Whether two are the same; `None` if that is not known.
    pub fn is_same(self, other: Self) -> Option<bool> {
        let can_be_told = self != Self::NONE && other != Self::NONE && (self.0 ^ other.0) & 1 == 0;
        can_be_told.then_some(self == other)
    }
}

/// The status of a row that has no status.
pub const NO_STATUS: u8 = u8::MAX;

/// The status of a row that is replaced by a later row with the same id.
pub const REPLACED: u8 = u8::MAX - 1;

/// The status of a row that was merged into another row of its order.
pub const MERGED: u8 = u8::MAX - 2;

impl Columns {
    /// Whether the amounts of a row are within the range that exports may have.
    pub fn can_be(&self, row: usize) -> bool {
        let refund = self.refund.get(row).copied().unwrap_or_default();
        let extra = self.extra.get(row).map_or([MISSING; 3], |of| [of.gross, of.discount, of.cost]);
        [self.amount[row], refund].into_iter().chain(extra).all(can_be)
    }

    /// The rows in another order: row `i` of the result is row `order[i]`.
    pub fn gathered(&self, order: &[u32]) -> Self {
        fn gather<T: Copy>(column: &[T], order: &[u32]) -> Vec<T> {
            if column.is_empty() {
                Vec::new()
            } else {
                order.iter().map(|&row| column[row as usize]).collect()
            }
        }
        Self {
            customer: gather(&self.customer, order),
            created_on: gather(&self.created_on, order),
            paid_on: gather(&self.paid_on, order),
            amount: gather(&self.amount, order),
            refund: gather(&self.refund, order),
            status: gather(&self.status, order),
            region: gather(&self.region, order),
            second: gather(&self.second, order),
            extra: gather(&self.extra, order),
            row_count: gather(&self.row_count, order),
            item_row_count: gather(&self.item_row_count, order),
            import: gather(&self.import, order),
            own: gather(&self.own, order),
            order: gather(&self.order, order),
            given_back_of: gather(&self.given_back_of, order),
            texts: self.texts.iter().map(|texts| gather(texts, order)).collect(),
        }
    }

    /// Removes all rows and keeps the allocated memory.
    pub fn clear(&mut self) {
        let Self {
            customer,
            created_on,
            paid_on,
            amount,
            refund,
            status,
            region,
            second,
            extra,
            row_count,
            item_row_count,
            import,
            own,
            order,
            given_back_of,
            texts,
        } = self;
        [customer, order].into_iter().for_each(Vec::clear);
        own.clear();
        [created_on, paid_on, second, given_back_of].into_iter().for_each(Vec::clear);
        [amount, refund].into_iter().for_each(Vec::clear);
        status.clear();
        extra.clear();
        [region, row_count, item_row_count, import].into_iter().chain(texts).for_each(Vec::clear);
    }

    /// Appends rows of another table with the same columns.
    pub fn append(&mut self, other: &Self, rows: Range<usize>) {
        fn extend<T: Copy>(column: &mut Vec<T>, other: &[T], rows: &Range<usize>) {
            column.extend_from_slice(other.get(rows.clone()).unwrap_or_default());
        }
        self.append_sparse(other, &rows);
        extend(&mut self.customer, &other.customer, &rows);
        extend(&mut self.created_on, &other.created_on, &rows);
        extend(&mut self.paid_on, &other.paid_on, &rows);
        extend(&mut self.amount, &other.amount, &rows);
        extend(&mut self.refund, &other.refund, &rows);
        extend(&mut self.status, &other.status, &rows);
        extend(&mut self.region, &other.region, &rows);
        extend(&mut self.second, &other.second, &rows);
        extend(&mut self.extra, &other.extra, &rows);
        extend(&mut self.row_count, &other.row_count, &rows);
        extend(&mut self.item_row_count, &other.item_row_count, &rows);
        extend(&mut self.import, &other.import, &rows);
        extend(&mut self.own, &other.own, &rows);
        extend(&mut self.order, &other.order, &rows);
    }

    /// Appends columns that may be present in one of the two tables only: texts, and the days of the orders that
    /// refunds belong to. This must be done before the other columns are appended, because missing values are filled up
    /// to the current number of rows.
    fn append_sparse(&mut self, other: &Self, rows: &Range<usize>) {
        let before = self.customer.len();
        if !(self.given_back_of.is_empty() && other.given_back_of.is_empty()) {
            self.given_back_of.resize(before, day::MISSING);
            self.given_back_of.extend_from_slice(other.given_back_of.get(rows.clone()).unwrap_or_default());
            self.given_back_of.resize(before + rows.len(), day::MISSING);
        }
        if self.texts.len() < other.texts.len() {
            self.texts.resize_with(other.texts.len(), Vec::new);
        }
        for (mine, theirs) in self.texts.iter_mut().zip(&other.texts) {
            if mine.is_empty() && theirs.is_empty() {
                continue;
            }
            mine.resize(before, UNKNOWN);
            mine.extend_from_slice(theirs.get(rows.clone()).unwrap_or_default());
            mine.resize(before + rows.len(), UNKNOWN);
        }
    }

    /// The rows sorted by the partition of their customer, and the partition of each row in the original order.
    pub fn by_customer(&self) -> (Grouped, Vec<u8>) {
        let partitions = partitions(&self.customer);
        let (order, starts) = partition_order(&partitions);
        let group = |group: usize| {
            let starts = &starts[group * GROUP_SIZE..=(group + 1) * GROUP_SIZE];
            Group {
                columns: self.gathered(&order[starts[0] as usize..starts[GROUP_SIZE] as usize]),
                starts: starts.iter().map(|start| start - starts[0]).collect(),
            }
        };
        ((0..GROUPS).map(group).collect(), partitions)
    }
}

/// The place of each row after [`Columns::by_customer`], given the partition of each row.
pub fn places(partitions: &[u8]) -> Vec<Place> {
    let (order, starts) = partition_order(partitions);
    let mut places = vec![Place::default(); order.len()];
    for group in 0..GROUPS {
        let rows = starts[group * GROUP_SIZE] as usize..starts[(group + 1) * GROUP_SIZE] as usize;
        for (row, &from) in (0..).zip(&order[rows]) {
            places[from as usize] = Place { group: group as u32, row };
        }
    }
    places
}

/// The rows of all groups of partitions.
pub type Grouped = Vec<Group>;

/// The rows of a group of partitions.
#[derive(Debug, Default)]
pub struct Group {
    /// The rows, partition by partition.
    pub columns: Columns,
    /// Where each partition of the group begins, and the end of the last.
    starts: Vec<u32>,
}

impl Group {
    /// A group made of rows that are already sorted by partition.
    pub fn of_sorted(columns: Columns) -> Self {
        let mut starts = vec![0_u32; GROUP_SIZE + 1];
        for run in columns.customer.chunk_by(|a, b| a == b) {
            starts[partition(run[0]) % GROUP_SIZE + 1] += run.len() as u32;
        }
        for i in 0..GROUP_SIZE {
            starts[i + 1] += starts[i];
        }
        Self { columns, starts }
    }

    /// The rows of a partition.
    pub fn rows(&self, partition: usize) -> Range<usize> {
        if self.starts.is_empty() { 0..0 } else { bounds(&self.starts, partition) }
    }
}

/// The place of a row.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place {
    /// The group.
    pub group: u32,
    /// The row in the group's columns.
    pub row: u32,
}

/// Order ids with the places of their rows, sorted into partitions by id.
#[derive(Debug, Default)]
pub struct OrderKeys {
    /// The ids.
    pub keys: Vec<Key>,
    /// The place of each id's row.
    pub places: Vec<Place>,
    /// Where each partition begins, and the end of the last.
    pub starts: Vec<u32>,
}

impl OrderKeys {
    /// `keys[i]` is the id of the row at `places[i]`.
    pub fn new(keys: &[Key], places: &[Place]) -> Self {
        let (order, starts) = partition_order(&partitions(keys));
        Self {
            keys: order.iter().map(|&row| keys[row as usize]).collect(),
            places: order.iter().filter_map(|&row| places.get(row as usize).copied()).collect(),
            starts,
        }
    }

    /// The ids of one partition.
    pub fn partition(&self, partition: usize) -> &[Key] {
        if self.keys.is_empty() { &[] } else { &self.keys[bounds(&self.starts, partition)] }
    }
}

/// The range of a partition, given where each begins.
pub fn bounds(starts: &[u32], partition: usize) -> Range<usize> {
    starts[partition] as usize..starts[partition + 1] as usize
}

/// The partition of each key.
pub fn partitions(keys: &[Key]) -> Vec<u8> {
    keys.iter().map(|&key| partition(key) as u8).collect()
}

/// A stable counting sort by partition. Returns the rows in their new order, and `PARTITIONS + 1` bounds. Positions are
/// added without overflow checks, because none exceeds the number of rows.
pub fn partition_order(partitions: &[u8]) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; PARTITIONS + 1];
    for &partition in partitions {
        let count = &mut starts[usize::from(partition) + 1];
        *count = count.wrapping_add(1);
    }
    for i in 0..PARTITIONS {
        starts[i + 1] += starts[i];
    }
    let mut next = starts.clone();
    let mut order = vec![0_u32; partitions.len()];
    for (row, &partition) in partitions.iter().enumerate() {
        let slot = &mut next[usize::from(partition)];
        order[*slot as usize] = row as u32;
        *slot = slot.wrapping_add(1);
    }
    (order, starts)
}

/// Ids too long for their keys, each once with its text, sorted into partitions by key.
#[derive(Debug, Default)]
pub struct LongTexts {
    keys: Vec<Key>,
    /// The keys added so far; emptied by [`Self::finish`].
    known: HashSet<Key, RandomState>,
    /// Where each text begins; one more than there are keys.
    bounds: Vec<u32>,
    bytes: Vec<u8>,
    order: Vec<u32>,
    starts: Vec<u32>,
}

impl LongTexts {
    /// Adds a key and its text, unless the key was added before.
    pub fn push(&mut self, key: Key, text: &[u8]) {
        if !self.known.insert(key) {
            return;
        }
        self.keys.push(key);
        self.bounds.push(self.bytes.len() as u32);
        self.bytes.extend_from_slice(text);
    }

    /// Sorts the keys into their partitions. Called after the last key was added.
    pub fn finish(&mut self) {
        self.known = HashSet::default();
        self.bounds.push(self.bytes.len() as u32);
        (self.order, self.starts) = partition_order(&partitions(&self.keys));
    }

    /// All keys with their texts.
    pub fn iter(&self) -> impl Iterator<Item = (Key, &[u8])> {
        let text = |i: usize| &self.bytes[self.bounds[i] as usize..self.bounds[i + 1] as usize];
        self.keys.iter().enumerate().map(move |(i, key)| (*key, text(i)))
    }

    /// The keys of a partition with their texts.
    pub fn partition(&self, partition: usize) -> impl Iterator<Item = (Key, &[u8])> {
        let range = if self.keys.is_empty() { 0..0 } else { bounds(&self.starts, partition) };
        self.order[range].iter().map(|&i| {
            let i = i as usize;
            (self.keys[i], &self.bytes[self.bounds[i] as usize..self.bounds[i + 1] as usize])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_id_is_held_once_however_many_rows_have_it() {
        let (ann, bob) = ("ann@a-long-domain.example", "bob@a-long-domain.example");
        let mut texts = LongTexts::default();
        for text in [ann, bob, ann, ann] {
            texts.push(Key::of(text.as_bytes()), text.as_bytes());
        }
        texts.finish();
        let all: Vec<(Key, &[u8])> = texts.iter().collect();
        assert_eq!(all, [ann, bob].map(|text| (Key::of(text.as_bytes()), text.as_bytes())));
        let parted: usize = (0..PARTITIONS).map(|partition| texts.partition(partition).count()).sum();
        assert_eq!(parted, 2);
    }
}

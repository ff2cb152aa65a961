//! A block of records as typed columns, ordered so that everything behind it stays in cache.
//!
//! The rows of a block are rearranged by the hash of their customer into [`PARTITIONS`] runs. Later stages take
//! one partition of all blocks at a time: its customers fit into the processor's cache, and reads are runs. The
//! partitions come in [`GROUPS`] groups with memory of their own, which is given back group by group.

use xxhash_rust::xxh3::xxh3_64;

use super::IdKind;
use super::accounting::{Rule, RuleCounts};
use super::preset::squash;
use super::records::{Dialect, Record, for_each_record};
use super::reject::Reason;
use super::row::{Customer, Evidence, Memo, PlainRow, Refusal, Row, RowReader};
use super::value::text;
use crate::schema::{Key, Status};

/// How many partitions keys fall into; fixed, so that results cannot depend on the machine.
pub const PARTITIONS: usize = 256;

/// How many groups the partitions are kept in.
pub const GROUPS: usize = 8;
/// Partitions in a group.
pub const GROUP_SIZE: usize = PARTITIONS / GROUPS;

/// The partition of a key.
fn partition(key: Key) -> usize {
    (key.mix() >> 56) as usize
}

/// Rows as columns; a column the file lacks is empty.
#[derive(Debug, Default)]
pub struct Columns {
    /// Buyers, [`Key::NONE`] or [`Key::MASKED`] where there is none.
    pub customer: Vec<Key>,
    /// Days of creation.
    pub created_on: Vec<i32>,
    /// Days of payment.
    pub paid_on: Vec<i32>,
    /// Amounts before refunds, in micro-units.
    pub amount: Vec<i64>,
    /// Refunds, in micro-units.
    pub refund: Vec<i64>,
    /// Status codes; [`NO_STATUS`] where the row does not say.
    pub status: Vec<u8>,
    /// Rows of the export behind each row; empty means one.
    pub row_count: Vec<u32>,
    /// The same number on orders of several customers under one id, else 0; empty means 0.
    pub split: Vec<u32>,
}

/// Marks a row that says nothing of its order's status.
pub const NO_STATUS: u8 = u8::MAX;

impl Columns {
    fn clear(&mut self) {
        let Self { customer, created_on, paid_on, amount, refund, status, row_count, split } = self;
        customer.clear();
        [created_on, paid_on].into_iter().for_each(Vec::clear);
        [amount, refund].into_iter().for_each(Vec::clear);
        status.clear();
        [row_count, split].into_iter().for_each(Vec::clear);
    }

    /// The rows in another order: row `i` of the result is row `order[i]`.
    fn gathered(&self, order: &[u32]) -> Self {
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
            row_count: gather(&self.row_count, order),
            split: gather(&self.split, order),
        }
    }

    /// The rows rearranged by the partition of their customer, and the new place of each row.
    pub fn by_customer(&self) -> (Grouped, Vec<Place>) {
        let (order, starts) = partition_order(&self.customer);
        let mut places = vec![Place::default(); order.len()];
        let groups = (0..GROUPS).map(|group| {
            let starts = &starts[group * GROUP_SIZE..=(group + 1) * GROUP_SIZE];
            let rows = &order[starts[0] as usize..starts[GROUP_SIZE] as usize];
            for (row, &from) in rows.iter().enumerate() {
                places[from as usize] = Place { group: group as u32, row: row as u32 };
            }
            Group {
                columns: self.gathered(rows),
                starts: starts.iter().map(|start| start - starts[0]).collect(),
            }
        });
        (groups.collect(), places)
    }
}

/// The rows of all groups of partitions.
pub type Grouped = Vec<Group>;

/// The rows of a group of partitions.
#[derive(Debug, Default)]
pub struct Group {
    /// The rows, partition by partition.
    pub columns: Columns,
    /// Where each partition of the group begins, and the end.
    starts: Vec<u32>,
}

impl Group {
    /// The rows of a partition of the group.
    pub fn rows(&self, partition: usize) -> std::ops::Range<usize> {
        if self.starts.is_empty() { 0..0 } else { bounds(&self.starts, partition) }
    }
}

/// Where a row of a block stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place {
    /// The group.
    pub group: u32,
    /// The row in the group's columns.
    pub row: u32,
}

/// Order ids with the rows they stand in, in partitions by id.
#[derive(Debug, Default)]
pub struct OrderKeys {
    /// The ids.
    pub keys: Vec<Key>,
    /// Where each one's row is.
    pub places: Vec<Place>,
    /// Where each partition begins.
    pub starts: Vec<u32>,
}

impl OrderKeys {
    /// `keys[i]` is the id of the row at `places[i]`.
    fn new(keys: &[Key], places: &[Place]) -> Self {
        let (order, starts) = partition_order(keys);
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

/// The range of a partition.
pub fn bounds(starts: &[u32], partition: usize) -> std::ops::Range<usize> {
    starts[partition] as usize..starts[partition + 1] as usize
}

/// A stable counting sort of `keys` by partition: the rows in their new order, and `PARTITIONS + 1` bounds.
pub fn partition_order(keys: &[Key]) -> (Vec<u32>, Vec<u32>) {
    let partitions: Vec<u8> = keys.iter().map(|&key| partition(key) as u8).collect();
    let mut starts = vec![0_u32; PARTITIONS + 1];
    for &partition in &partitions {
        starts[usize::from(partition) + 1] += 1;
    }
    for i in 0..PARTITIONS {
        starts[i + 1] += starts[i];
    }
    let mut next = starts.clone();
    let mut order = vec![0_u32; keys.len()];
    for (row, &partition) in partitions.iter().enumerate() {
        let slot = &mut next[usize::from(partition)];
        order[*slot as usize] = row as u32;
        *slot += 1;
    }
    (order, starts)
}

/// Ids too long for their keys, with their texts, in partitions by key.
#[derive(Debug, Default)]
pub struct LongTexts {
    keys: Vec<Key>,
    /// Where each text begins; one more than there are keys.
    bounds: Vec<u32>,
    bytes: Vec<u8>,
    order: Vec<u32>,
    starts: Vec<u32>,
}

impl LongTexts {
    fn push(&mut self, key: Key, text: &[u8]) {
        self.keys.push(key);
        self.bounds.push(self.bytes.len() as u32);
        self.bytes.extend_from_slice(text);
    }

    fn finish(&mut self) {
        self.bounds.push(self.bytes.len() as u32);
        (self.order, self.starts) = partition_order(&self.keys);
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

/// A refused record, numbered within its block.
#[derive(Debug)]
pub struct BlockReject {
    /// Which record of the block, from 0.
    pub index: u64,
    /// Why.
    pub reason: Reason,
    /// The column at fault.
    pub column: Option<usize>,
    /// What stood there.
    pub seen: Vec<u8>,
    /// The record.
    pub raw: Vec<u8>,
}

/// The rows of the first and of the last order of a block of items, as hashes of their texts.
#[derive(Debug, Default)]
pub struct Edges {
    /// Rows from the first on that are of one order.
    pub first: Option<(Key, Vec<u64>)>,
    /// Rows up to the last that are of one order.
    pub last: Option<(Key, Vec<u64>)>,
}

impl Edges {
    fn push(&mut self, order: Key, record: &Record<'_>) {
        let hash = xxh3_64(record.raw());
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
    /// The order ids, where the file has any.
    pub orders: OrderKeys,
    /// Texts of the customers whose ids are long.
    pub long_customers: LongTexts,
    /// Its first and last order, for orders cut in two by the end of a file of items.
    pub edges: Edges,
    /// Refused records.
    pub rejects: Vec<BlockReject>,
    /// Records left out by a rule.
    pub excluded: RuleCounts,
    /// What the dates of creation and payment say about the order of day and month, counted by
    /// [`Evidence`].
    pub evidence: [[u64; 5]; 2],
    /// Currencies met.
    pub currencies: Vec<String>,
    /// Whether some customers are known by e-mail or phone only.
    pub has_personal_ids: bool,
}

/// Room for a block's rows as they come, used again for the next block.
#[derive(Debug, Default)]
pub struct Scratch {
    columns: Columns,
    orders: Vec<Key>,
}

/// Reads all records of a block.
pub fn read(
    bytes: &[u8],
    dialect: Dialect,
    reader: &RowReader,
    (file, index): (usize, usize),
    scratch: &mut Scratch,
) -> Block {
    let mut block = Block { file, index, ..Block::default() };
    let Scratch { columns, orders } = scratch;
    columns.clear();
    orders.clear();
    let mut memo = Memo::default();
    let has_items = reader.has_order_id() && !reader.has_order_amount();
    for_each_record(bytes, dialect, |record| {
        if let Some(row) = reader.read_plain(record, &mut memo) {
            if reader.has_order_id() {
                orders.push(row.order);
            }
            if has_items {
                block.edges.push(row.order, record);
            }
            block.push_plain(columns, reader, &row);
            block.record_count += 1;
            return;
        }
        match reader.read(record) {
            Ok(row) => {
                let order = row.order.as_deref().map(Key::of);
                orders.extend(order);
                if let Some(order) = order.filter(|_| has_items) {
                    block.edges.push(order, record);
                }
                block.push(columns, reader, &row);
                if let Some(currency) = reader.currency(record) {
                    block.see_currency(&currency);
                }
            }
            Err(refusal) => block.refuse(record, refusal),
        }
        block.record_count += 1;
    });
    let (rows, places) = columns.by_customer();
    block.rows = rows;
    block.orders = OrderKeys::new(orders, &places);
    block.long_customers.finish();
    block
}

impl Block {
    #[inline]
    fn push_plain(&mut self, columns: &mut Columns, reader: &RowReader, row: &PlainRow) {
        columns.customer.push(row.customer);
        if reader.has_created() {
            columns.created_on.push(row.created_on);
            self.evidence[0][Evidence::NotNeeded as usize] += 1;
        }
        if reader.has_paid() {
            columns.paid_on.push(row.paid_on);
            self.evidence[1][Evidence::NotNeeded as usize] += 1;
        }
        columns.amount.push(row.amount);
        if reader.has_refund() {
            columns.refund.push(row.refund);
        }
        columns.status.push(row.status);
    }

    fn push(&mut self, columns: &mut Columns, reader: &RowReader, row: &Row<'_>) {
        columns.customer.push(match &row.customer {
            Customer::Unknown => Key::NONE,
            Customer::Masked => Key::MASKED,
            Customer::Known(text, kind) => {
                let key = Key::of(text);
                if key.is_hash() {
                    self.long_customers.push(key, text);
                }
                self.has_personal_ids |= *kind != IdKind::Platform;
                key
            }
        });
        if reader.has_created() {
            columns.created_on.push(row.created_on);
        }
        if reader.has_paid() {
            columns.paid_on.push(row.paid_on);
        }
        columns.amount.push(row.amount);
        if reader.has_refund() {
            columns.refund.push(row.refund);
        }
        columns.status.push(row.status.map_or(NO_STATUS, Status::code));
        for (counts, evidence) in self.evidence.iter_mut().zip(row.evidence) {
            counts[evidence as usize] += 1;
        }
    }

    fn refuse(&mut self, record: &Record<'_>, refusal: Refusal<'_>) {
        match refusal {
            Refusal::Blank => self.excluded.add(Rule::BlankRow, 1),
            Refusal::Total => self.excluded.add(Rule::TotalRow, 1),
            Refusal::OtherCurrency => self.excluded.add(Rule::OtherCurrency, 1),
            Refusal::Broken(reason, column, seen) => self.rejects.push(BlockReject {
                index: self.record_count,
                reason,
                column,
                seen: seen.into_owned(),
                raw: record.raw().to_vec(),
            }),
        }
    }

    fn see_currency(&mut self, cell: &[u8]) {
        let cell = text::trim(cell);
        let code = String::from_utf8_lossy(cell);
        if !text::is_null(cell) && !self.currencies.iter().any(|seen| seen.eq_ignore_ascii_case(&code)) {
            self.currencies.push(squash(&code).to_uppercase());
        }
    }
}

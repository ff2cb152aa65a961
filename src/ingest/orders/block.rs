//! A block of records, parsed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::accounts::{Accounts, Phones};
use super::partition::{Columns, Grouped, LongTexts, NO_STATUS, OrderKeys, RowKeys};
use super::row::{
    Customer, ExtraReader, Extras, Memo, PlaceReader, Places, PlainRow, Refusal, Row, RowReader,
};
use super::sorted::SortedRows;
use super::survey::{Survey, SurveyReader};
use crate::ingest::IdKind;
use crate::ingest::accounting::{Rule, RuleCounts};
use crate::ingest::date_order::{Counts, Evidence};
use crate::ingest::preset::squash;
use crate::ingest::records::{Dialect, Record, for_each_record};
use crate::ingest::reject::BlockReject;
use crate::ingest::value::text;
use crate::schema::{Key, Status};

/// What reads the records of one file: their values, and what a question wants to know beside them.
#[derive(Debug)]
pub struct Readers {
    /// Who ordered when for how much.
    pub row: RowReader,
    /// Where orders went, where that is wanted and said.
    pub place: Option<PlaceReader>,
    /// What only some analyses want, where one of them asks.
    pub extra: Option<ExtraReader>,
    /// The columns of phones, where accounts are to be merged by them.
    pub phones: Option<Phones>,
    /// The quality of the data, where that is wanted.
    pub survey: Option<SurveyReader>,
    /// Whether the texts of orders' ids are wanted too.
    pub keeps_texts: bool,
}

/// The rows of the first and of the last order of a block of items, as hashes of what their items are.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct Edges {
    /// Rows from the first on that are of one order.
    pub first: Option<(Key, Vec<u64>)>,
    /// Rows up to the last that are of one order.
    pub last: Option<(Key, Vec<u64>)>,
}

impl Edges {
    fn push(&mut self, order: Key, hash: u64) {
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
    /// Which accounts have which phones.
    pub accounts: Accounts,
    /// The quality of the data.
    pub survey: Option<Survey>,
    /// Currencies met.
    pub currencies: Vec<String>,
    /// Currencies written beside amounts.
    pub written_currencies: BTreeSet<&'static str>,
    /// Whether some customers are known by e-mail or phone only.
    pub has_personal_ids: bool,
}

/// Room for a block's rows as they come, used again for the next block.
#[derive(Debug, Default)]
pub struct Scratch {
    columns: Columns,
    orders: Vec<Key>,
    lines: Vec<Key>,
}

/// Reads all records of a block.
pub fn read(bytes: &[u8], dialect: Dialect, readers: &Readers, index: usize, scratch: &mut Scratch) -> Block {
    let survey = readers.survey.as_ref().map(|_| Survey::default());
    let mut block = Block { index, survey, ..Block::default() };
    let Scratch { columns, orders, lines } = scratch;
    columns.clear();
    orders.clear();
    lines.clear();
    let mut memo = Memo::default();
    let reader = &readers.row;
    let has_items = reader.has_order_id() && !reader.has_order_amount();
    for_each_record(bytes, dialect, |record| {
        block.record_count += 1;
        let order = if let Some(row) = reader.read_plain(record, &mut memo) {
            block.push_plain(columns, reader, &row);
            row.order
        } else {
            let row = reader.read(record);
            if let (Some(survey), Some(reader)) = (&mut block.survey, &readers.survey) {
                survey.look(record, &row, reader);
            }
            match row {
                Ok(row) => {
                    block.push(columns, reader, &row);
                    if let Some(currency) = reader.currency(record) {
                        block.see_currency(&currency);
                    }
                    block.written_currencies.extend(reader.written_currency(record));
                    if reader.has_line_id() {
                        lines.push(row.line_key());
                    }
                    let order = row.order.as_deref().unwrap_or_default();
                    let key = Key::of(order);
                    if readers.keeps_texts && key.is_hash() {
                        block.long_orders.push(key, order);
                    }
                    key
                }
                Err(refusal) => return block.refuse(record, refusal),
            }
        };
        if reader.has_order_id() {
            orders.push(order);
        }
        if has_items {
            block.edges.push(order, reader.item_hash(record));
        }
        block.push_extras(columns, readers, record);
    });
    let (rows, places) = columns.by_customer();
    block.rows = rows;
    block.lines = OrderKeys::new(lines, &places);
    block.row_keys = match orders.is_empty() {
        true => RowKeys::default(),
        false => RowKeys::new(orders.clone(), places),
    };
    block.long_customers.finish();
    block.long_orders.finish();
    block.places.finish();
    block.extras.sources.finish();
    block.extras.products.finish();
    block
}

impl Block {
    /// Puts the order ids into their partitions.
    pub fn index_orders(&mut self) {
        let RowKeys { keys, places, .. } = std::mem::take(&mut self.row_keys);
        if !keys.is_empty() {
            self.orders = OrderKeys::new(&keys, &places);
        }
    }

    /// Whether its rows have extras.
    pub fn has_extras(&self) -> bool {
        self.rows.iter().any(|group| !group.columns.extra.is_empty())
    }

    /// Whether its rows have numbers of regions.
    pub fn has_regions(&self) -> bool {
        self.rows.iter().any(|group| !group.columns.region.is_empty())
    }

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

    /// What the question wants to know beside who ordered when for how much.
    #[inline]
    fn push_extras(&mut self, columns: &mut Columns, readers: &Readers, record: &Record<'_>) {
        if let Some(place) = &readers.place {
            columns.region.push(place.number(record, &mut self.places));
        }
        if let (Some(extra), Some(&status)) = (&readers.extra, columns.status.last()) {
            let has_order_amount = readers.row.has_order_amount();
            columns.extra.push(extra.read(record, status, has_order_amount, &mut self.extras));
        }
        if let (Some(phones), Some(&customer)) = (&readers.phones, columns.customer.last()) {
            self.accounts.see(customer, phones.of(record));
        }
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
        self.inferred_days += u64::from(row.is_day_inferred);
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
                index: self.record_count - 1,
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

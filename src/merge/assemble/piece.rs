//! The orders of one partition's customers, which fit into the processor's cache.

use std::collections::HashMap;
use std::ops::Range;

use polars::prelude::*;

use crate::error::Result;
use crate::rows::dictionary::UNKNOWN;
use crate::rows::key_table::KeyTable;
use crate::rows::partition::{Columns, GROUP_SIZE, Group, LongTexts, MERGED};
use crate::rows::{Extra, NO_EXTRA};
use crate::schema::money::{MISSING, Micros};
use crate::schema::parts::{Further, INCOMPLETE, Look, NOBODY, Rows, Sorted, Unsorted};
use crate::schema::{Day, Key, Status, day, orders};

/// The orders of one partition's customers, as columns of the canonical table.
#[derive(Default)]
pub(super) struct Piece {
    /// The customers by number.
    pub keys: Vec<Key>,
    /// Texts of customer ids that are too long for their key.
    pub long: HashMap<Key, Box<str>>,
    /// The number to add to those in `customer`.
    pub base: u32,
    /// The number of customers.
    customer_count: usize,
    /// Export rows of orders without a status, or without an amount.
    pub incomplete_rows: u64,
    /// The part of `incomplete_rows` that comes from files of items. It is only counted where a question wants it.
    pub incomplete_item_rows: u64,
    /// The number of orders with a refund larger than the paid amount, and the sum of the excess in micro-units.
    pub beyond: (u64, i128),
    /// Number among `keys`, [`NOBODY`] or [`INCOMPLETE`].
    customer: Vec<u32>,
    /// For each row of [`NOBODY`], in order.
    is_masked: Vec<bool>,
    ordered_on: Vec<i32>,
    status: Vec<u8>,
    /// Plain numbers, since this becomes a column of a frame.
    paid_amount: Vec<i64>,
    /// Whether any input has refunds; if not, the refund column is empty and counts as 0.
    has_refunds: bool,
    refund_amount: Vec<i64>,
    /// Whether orders of several rows were merged; if not, each order is one row and the row counts are empty.
    is_merged: bool,
    /// Whether no input has amounts of orders.
    lacks_amounts: bool,
    /// Empty if no question wants regions.
    region: Vec<u32>,
    /// Empty if no question wants times.
    second: Vec<i32>,
    /// Whether refund records were matched to orders; if not, the next column is empty.
    has_ties: bool,
    given_back_of: Vec<i32>,
    /// Whether extras are wanted and any input has them; if not, the next column is empty.
    has_extras: bool,
    extra: Vec<Extra>,
    /// The additional columns, with their names.
    texts: Vec<(String, Vec<u32>)>,
    row_count: Vec<u32>,
    /// Whether it is wanted how many rows of files of items each order has; if not, the next column is empty.
    has_item_rows: bool,
    item_row_count: Vec<u32>,
}

/// Properties that the rows of all parts share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    /// Whether orders of several rows were merged.
    pub is_merged: bool,
    /// Whether it is known and wanted how many rows of files of items each order has.
    pub has_item_rows: bool,
    /// Whether no input has amounts of orders.
    pub lacks_amounts: bool,
    /// Whether refund records were matched to orders.
    pub has_ties: bool,
    /// Whether any rows have extras.
    pub has_extras: bool,
    /// Whether any rows have refunds.
    pub has_refunds: bool,
}

/// Whether a row does not belong to the table: it has no status, it was paid but has no amount while other rows have
/// one, or it is part of another order.
fn is_incomplete(status: u8, amount: Micros, lacks_amounts: bool) -> bool {
    let is_unpaid = || Status::ALL.get(usize::from(status)).is_some_and(|status| !status.is_paid());
    status >= MERGED || (amount == MISSING && !lacks_amounts && !is_unpaid())
}

/// Whether the refund of an order is larger than its paid amount.
pub(crate) fn is_beyond(paid: Micros, refund: Micros) -> bool {
    paid.is_positive() & (refund > paid)
}

impl Unsorted for Piece {
    fn visit_rows(&self, look: Look, visit: &mut dyn FnMut(&Rows<'_>) -> Result<()>) -> Result<()> {
        // Only as long as this part, which stays in cache, and not as long as all rows.
        let is_looked_at = look == Look::Everything && !self.has_refunds;
        let nothing = vec![0; if is_looked_at { self.paid_amount.len() } else { 0 }];
        visit(&Rows {
            customer: &self.customer,
            base: self.base,
            customer_count: self.customer_count,
            is_masked: &self.is_masked,
            ordered_on: &self.ordered_on,
            status: &self.status,
            paid_amount: &self.paid_amount,
            refund_amount: if self.has_refunds { &self.refund_amount } else { &nothing },
            row_count: &self.row_count,
            region: &self.region,
            second: &self.second,
            further: (!self.extra.is_empty()).then_some(&self.extra as &dyn Further),
        })
    }

    fn sorted(self: Box<Self>) -> Result<Sorted> {
        let (rows, known) = self.order();
        // The counting sort keeps rows without a customer in their order.
        Ok(Sorted {
            known: vec![self.frame(&rows[..known], &[])?],
            unknown: vec![self.frame(&rows[known..], &self.is_masked)?],
        })
    }
}

impl Piece {
    /// Builds the piece from the rows of one partition in all groups, which hold the same group of partitions of their
    /// blocks.
    pub fn new(
        groups: &[Group],
        long: &[LongTexts],
        partition: usize,
        Form { is_merged, has_item_rows, lacks_amounts, has_ties, has_extras, has_refunds }: Form,
        texts: &[String],
    ) -> Self {
        let within = partition % GROUP_SIZE;
        let count = groups.iter().map(|group| group.rows(within).len()).sum();
        let mut piece = Self {
            customer: Vec::with_capacity(count),
            ordered_on: Vec::with_capacity(count),
            status: Vec::with_capacity(count),
            paid_amount: Vec::with_capacity(count),
            refund_amount: Vec::with_capacity(if has_refunds { count } else { 0 }),
            has_refunds,
            is_merged,
            has_item_rows,
            lacks_amounts,
            has_ties,
            has_extras,
            texts: texts.iter().map(|name| (name.clone(), Vec::with_capacity(count))).collect(),
            ..Self::default()
        };
        // In most shops a customer has a few orders; a small table stays in the nearest cache.
        const ORDERS_EACH: usize = 4;
        let mut table = KeyTable::with_capacity(count / ORDERS_EACH);
        for group in groups {
            piece.number_customers(&group.columns, group.rows(within), &mut table);
            piece.append(&group.columns, group.rows(within));
        }
        piece.keys = table.into_keys();
        piece.customer_count = piece.keys.len();
        if piece.keys.iter().any(|key| key.is_hash()) {
            for (key, text) in long.iter().flat_map(|texts| texts.partition(partition)) {
                piece.long.entry(key).or_insert_with(|| String::from_utf8_lossy(text).into());
            }
        }
        piece
    }

    /// Numbers the customers of rows.
    fn number_customers(&mut self, columns: &Columns, rows: Range<usize>, table: &mut KeyTable) {
        let (keys, status) = (&columns.customer[rows.clone()], &columns.status[rows.clone()]);
        table.prepare(keys);
        let amount = &columns.amount[rows.clone()];
        let (is_masked, incomplete_rows) = (&mut self.is_masked, &mut self.incomplete_rows);
        let incomplete_item_rows = &mut self.incomplete_item_rows;
        let lacks_amounts = self.lacks_amounts;
        // Consecutive orders often have the same customer.
        let mut last = (Key::NONE, NOBODY);
        let codes =
            (rows.start..).zip(keys).zip(status).zip(amount).map(|(((row, &key), &status), &amount)| {
                if is_incomplete(status, amount, lacks_amounts) {
                    let count = columns.row_count.get(row).copied().unwrap_or(1);
                    if status != MERGED {
                        let of_items = columns.item_row_count.get(row).copied().unwrap_or(0);
                        *incomplete_rows += u64::from(count);
                        *incomplete_item_rows += u64::from(of_items);
                    }
                    return INCOMPLETE;
                }
                if !key.is_usable() {
                    is_masked.push(key == Key::MASKED);
                    return NOBODY;
                }
                if key != last.0 {
                    last = (key, table.insert(key).unwrap_or_else(|known| known));
                }
                last.1
            });
        self.customer.extend(codes);
    }

    /// Appends the other columns of rows.
    fn append(&mut self, columns: &Columns, rows: Range<usize>) {
        match (columns.paid_on.get(rows.clone()), columns.created_on.get(rows.clone())) {
            (Some(paid), Some(created)) => {
                let day = |(&paid, &created)| if paid == day::MISSING { created } else { paid };
                self.ordered_on.extend(paid.iter().zip(created).map(day));
            }
            (Some(days), None) | (None, Some(days)) => self.ordered_on.extend_from_slice(days),
            (None, None) => self.ordered_on.resize(self.ordered_on.len() + rows.len(), day::MISSING),
        }
        self.status.extend_from_slice(&columns.status[rows.clone()]);
        let paid = |amount: &Micros| amount.known().unwrap_or_default().number();
        self.paid_amount.extend(columns.amount[rows.clone()].iter().map(paid));
        if self.has_refunds {
            match columns.refund.get(rows.clone()) {
                Some(refunds) => self.refund_amount.extend(refunds.iter().map(|refund| refund.number())),
                None => self.refund_amount.resize(self.refund_amount.len() + rows.len(), 0),
            }
        }
        if !columns.refund.is_empty() {
            self.take_beyond(rows.len());
        }
        self.region.extend_from_slice(columns.region.get(rows.clone()).unwrap_or_default());
        for (place, (_, texts)) in self.texts.iter_mut().enumerate() {
            match columns.texts.get(place).and_then(|column| column.get(rows.clone())) {
                Some(numbers) => texts.extend_from_slice(numbers),
                None => texts.resize(texts.len() + rows.len(), UNKNOWN),
            }
        }
        self.second.extend_from_slice(columns.second.get(rows.clone()).unwrap_or_default());
        if self.has_extras {
            match columns.extra.get(rows.clone()) {
                Some(extras) => self.extra.extend_from_slice(extras),
                None => self.extra.resize(self.extra.len() + rows.len(), NO_EXTRA),
            }
        }
        if self.has_ties {
            match columns.given_back_of.get(rows.clone()) {
                Some(days) => self.given_back_of.extend_from_slice(days),
                None => self.given_back_of.resize(self.given_back_of.len() + rows.len(), day::MISSING),
            }
        }
        if self.is_merged {
            match columns.row_count.get(rows.clone()) {
                Some(counts) => self.row_count.extend_from_slice(counts),
                None => self.row_count.resize(self.row_count.len() + rows.len(), 1),
            }
        }
        if self.has_item_rows {
            match columns.item_row_count.get(rows.clone()) {
                Some(counts) => self.item_row_count.extend_from_slice(counts),
                None => self.item_row_count.resize(self.item_row_count.len() + rows.len(), 0),
            }
        }
    }

    /// Splits off credit notes from the last `count` rows if their refund is larger than the paid amount: the excess is
    /// no part of the order but must not be lost.
    fn take_beyond(&mut self, count: usize) {
        let start = self.paid_amount.len() - count;
        let (paid, refund) = (&mut self.paid_amount[start..], &mut self.refund_amount[start..]);
        // Checked for all rows at once, since few files have such rows.
        let are_beyond = |paid: i64, refund: i64| is_beyond(Micros::new(paid), Micros::new(refund));
        if !paid.iter().zip(refund.iter()).any(|(paid, refund)| are_beyond(*paid, *refund)) {
            return;
        }
        for ((paid, refund), status) in paid.iter_mut().zip(refund).zip(&mut self.status[start..]) {
            let is_settled = Status::ALL
                .get(usize::from(*status))
                .is_some_and(|status| status.is_paid() || *status == Status::Refunded);
            if !is_settled || !are_beyond(*paid, *refund) {
                continue;
            }
            let beyond = refund.saturating_sub(*paid);
            self.beyond.0 += 1;
            self.beyond.1 += i128::from(beyond);
            (*paid, *refund) = (-beyond, 0);
            *status = Status::Completed.code();
        }
    }

    /// The rows sorted by customer and day, those without a customer last, and the number of rows with a customer.
    fn order(&self) -> (Vec<u32>, usize) {
        // Counting sort by customer; nobody comes last, before incomplete orders, which are dropped.
        let nobody = self.customer_count;
        let slot = |code: u32| match code {
            INCOMPLETE => nobody + 1,
            code => (code as usize).min(nobody),
        };
        let mut ends = vec![0_u32; nobody + 3];
        for &code in &self.customer {
            ends[slot(code) + 1] += 1;
        }
        for i in 1..ends.len() {
            ends[i] += ends[i - 1];
        }
        // The next free place of each customer; after the loop it is the end of the customer's rows and the start of
        // the next one's.
        let mut last_day = vec![Day::BEFORE_ALL.number(); nobody + 2];
        let mut is_by_day = vec![true; nobody + 2];
        let mut rows = vec![0_u32; self.customer.len()];
        for ((row, &code), &day) in (0..).zip(&self.customer).zip(&self.ordered_on) {
            let slot = slot(code);
            rows[ends[slot] as usize] = row;
            ends[slot] += 1;
            is_by_day[slot] &= day >= last_day[slot];
            last_day[slot] = day;
        }
        let (mut start, mut dated) = (0, Vec::new());
        for (&end, is_by_day) in ends[..nobody].iter().zip(is_by_day) {
            let run = &mut rows[start..end as usize];
            if !is_by_day {
                // The row number breaks ties, so that orders of a day keep their order.
                let dated_row = |&row: &u32| (self.ordered_on[row as usize], row);
                dated.clear();
                dated.extend(run.iter().map(dated_row));
                dated.sort_unstable();
                run.iter_mut().zip(&dated).for_each(|(place, (_, row))| *place = *row);
            }
            start = end as usize;
        }
        rows.truncate(ends[nobody] as usize);
        (rows, start)
    }

    fn frame(&self, rows: &[u32], is_masked: &[bool]) -> Result<DataFrame> {
        fn gather<T: Copy>(values: &[T], rows: &[u32]) -> Vec<T> {
            rows.iter().map(|&row| values[row as usize]).collect()
        }
        let code = |row: &u32| self.customer[*row as usize];
        let customer = match rows.first().map(code) {
            Some(NOBODY) => UInt32Chunked::full_null(orders::CUSTOMER.into(), rows.len()),
            _ => {
                let codes = rows.iter().map(|row| code(row) + self.base).collect();
                UInt32Chunked::from_vec(orders::CUSTOMER.into(), codes)
            }
        };
        let days = Int32Chunked::from_vec(orders::ORDERED_ON.into(), gather(&self.ordered_on, rows));
        let counts = |name: &str, values: &[u32], constant: u32| match self.is_merged {
            true => UInt32Chunked::from_vec(name.into(), gather(values, rows)).into_column(),
            // A constant column takes no memory.
            false => Column::new_scalar(name.into(), Scalar::from(constant), rows.len()),
        };
        let amounts = |name: &str, values: &[i64]| {
            Int64Chunked::from_vec(name.into(), gather(values, rows)).into_column()
        };
        let is_masked = match is_masked.is_empty() {
            true => Column::new_scalar(orders::IS_MASKED.into(), Scalar::from(false), rows.len()),
            false => BooleanChunked::from_slice(orders::IS_MASKED.into(), is_masked).into_column(),
        };
        let mut columns = vec![
            customer.into_column(),
            is_masked,
            days.into_date().into_column(),
            UInt8Chunked::from_vec(orders::STATUS.into(), gather(&self.status, rows)).into_column(),
            amounts(orders::PAID_AMOUNT, &self.paid_amount),
            match self.has_refunds {
                true => amounts(orders::REFUND_AMOUNT, &self.refund_amount),
                false => Int64Chunked::full(orders::REFUND_AMOUNT.into(), 0, rows.len()).into_column(),
            },
            counts(orders::ROW_COUNT, &self.row_count, 1),
        ];
        if self.has_item_rows {
            let counts = gather(&self.item_row_count, rows);
            columns.push(UInt32Chunked::from_vec(orders::ITEM_ROW_COUNT.into(), counts).into_column());
        }
        if !self.region.is_empty() {
            let regions = gather(&self.region, rows);
            columns.push(UInt32Chunked::from_vec(orders::REGION.into(), regions).into_column());
        }
        for (name, texts) in &self.texts {
            let numbers =
                rows.iter().map(|&row| Some(texts[row as usize]).filter(|number| *number != UNKNOWN));
            let name = format!("{}{name}", orders::TEXT);
            columns.push(UInt32Chunked::from_iter_options(name.into(), numbers).into_column());
        }
        let known = |value: i32| Some(value).filter(|value| *value != day::MISSING);
        if self.has_ties {
            let days = rows.iter().map(|&row| known(self.given_back_of[row as usize]));
            columns.push(Int32Chunked::from_iter_options(orders::GIVEN_BACK_OF.into(), days).into_column());
        }
        if !self.second.is_empty() {
            let seconds = rows.iter().map(|&row| known(self.second[row as usize]));
            columns.push(Int32Chunked::from_iter_options(orders::SECOND.into(), seconds).into_column());
        }
        if !self.extra.is_empty() {
            columns.extend(self.extra_columns(rows));
        }
        Ok(DataFrame::new_infer_height(columns)?)
    }

    fn extra_columns(&self, rows: &[u32]) -> Vec<Column> {
        let extras = || rows.iter().map(|&row| &self.extra[row as usize]);
        let known = |amount: Micros| amount.known().map(Micros::number);
        let paid = |row: u32| Micros::new(self.paid_amount[row as usize]);
        let prices = rows.iter().map(|&row| known(self.extra[row as usize].full_price(paid(row))));
        let sources = rows.iter().map(|&row| self.extra.source(row as usize));
        let recipients = rows.iter().map(|&row| self.extra.recipient(row as usize));
        vec![
            UInt32Chunked::from_iter_options(orders::SOURCE.into(), sources).into_column(),
            UInt64Chunked::from_iter_options(orders::RECIPIENT.into(), recipients).into_column(),
            Int64Chunked::from_iter_options(orders::FULL_PRICE.into(), prices).into_column(),
            Int64Chunked::from_iter_options(orders::COST.into(), extras().map(|extra| known(extra.cost)))
                .into_column(),
            UInt64Chunked::from_vec(orders::LINES.into(), extras().map(|extra| extra.lines).collect())
                .into_column(),
        ]
    }
}

//! From merged orders to the canonical table: customers become small numbers, columns become a polars frame.

use std::collections::HashMap;

use polars::prelude::*;
use rayon::prelude::*;

use super::accounting::{Rule, RuleCounts};
use super::block::{Block, Columns, GROUP_SIZE, GROUPS, Group, Grouped, LongTexts, NO_STATUS};
use super::merge::KeyTable;
use super::value::date;
use crate::error::Result;
use crate::schema::money::MISSING;
use crate::schema::{CustomerIds, Key, Orders, Status, orders};

/// In place of a customer's number: the row names no customer.
const NOBODY: u32 = u32::MAX;

/// Frames of fewer rows are put into one piece: many small ones cost more than the copy.
const SMALL: usize = 4_000_000;

/// Builds the orders table from parts in partitions by customer. Orders without an amount are left out and
/// counted as incomplete.
pub fn assemble(mut parts: Vec<Grouped>, blocks: Vec<Block>, excluded: &mut RuleCounts) -> Result<Orders> {
    let long: Vec<LongTexts> = blocks.into_iter().map(|block| block.long_customers).collect();
    let is_merged = parts.iter().flatten().any(|group| !group.columns.row_count.is_empty());
    let mut keys = Vec::new();
    let mut long_ids = HashMap::new();
    let mut frame: Option<DataFrame> = None;
    for group in 0..GROUPS {
        // Taken out, so that the group's memory is free for the next one's pieces.
        let rows: Vec<Group> =
            parts.iter_mut().filter_map(|part| part.get_mut(group)).map(std::mem::take).collect();
        let mut pieces: Vec<Piece> = (0..GROUP_SIZE)
            .into_par_iter()
            .map(|partition| Piece::new(&rows, &long, group * GROUP_SIZE + partition, is_merged))
            .collect();
        drop(rows);
        for piece in &mut pieces {
            piece.base = keys.len() as u32;
            keys.extend_from_slice(&piece.keys);
            long_ids.extend(std::mem::take(&mut piece.long));
            excluded.add(Rule::IncompleteOrder, piece.incomplete_rows);
        }
        let frames: Vec<DataFrame> = pieces.into_par_iter().map(Piece::into_frame).collect::<Result<_>>()?;
        for part in frames.into_iter().filter(|part| part.height() > 0) {
            match &mut frame {
                None => frame = Some(part),
                Some(frame) => {
                    frame.vstack_mut(&part)?;
                }
            }
        }
    }
    let mut frame = frame.unwrap_or_else(|| Orders::empty().frame);
    if frame.height() < SMALL {
        frame.rechunk_mut();
    }
    Ok(Orders { frame, customers: CustomerIds::new(keys, long_ids), ..Orders::empty() })
}

/// The orders of one partition's customers, as columns of the canonical table.
#[derive(Default)]
struct Piece {
    keys: Vec<Key>,
    long: HashMap<Key, Box<str>>,
    /// What to add to the numbers in `customer`.
    base: u32,
    /// Number among `keys`, or [`NOBODY`].
    customer: Vec<u32>,
    has_nobody: bool,
    is_masked: Vec<bool>,
    ordered_on: Vec<i32>,
    status: Vec<u8>,
    paid_amount: Vec<i64>,
    refund_amount: Vec<i64>,
    /// Whether orders of several rows were merged; else every order is one row and the next two are empty.
    is_merged: bool,
    row_count: Vec<u32>,
    split: Vec<u32>,
    incomplete_rows: u64,
}

impl Piece {
    fn new(groups: &[Group], long: &[LongTexts], partition: usize, is_merged: bool) -> Self {
        let within = partition % GROUP_SIZE;
        let count = groups.iter().map(|group| group.rows(within).len()).sum();
        let mut piece = Self {
            customer: Vec::with_capacity(count),
            is_masked: Vec::with_capacity(count),
            ordered_on: Vec::with_capacity(count),
            status: Vec::with_capacity(count),
            paid_amount: Vec::with_capacity(count),
            refund_amount: Vec::with_capacity(count),
            is_merged,
            ..Self::default()
        };
        let mut table = KeyTable::with_capacity(count);
        for group in groups {
            for row in group.rows(within) {
                piece.push(&group.columns, row, &mut table);
            }
        }
        piece.keys = table.into_keys();
        if piece.keys.iter().any(|key| key.is_hash()) {
            for (key, text) in long.iter().flat_map(|texts| texts.partition(partition)) {
                piece.long.entry(key).or_insert_with(|| String::from_utf8_lossy(text).into());
            }
        }
        piece
    }

    fn push(&mut self, columns: &Columns, row: usize, table: &mut KeyTable) {
        let row_count = columns.row_count.get(row).copied().unwrap_or(1);
        let amount = columns.amount[row];
        let status = columns.status[row];
        let is_unpaid = Status::ALL.get(status as usize).is_some_and(|status| !status.is_paid());
        if status == NO_STATUS || (amount == MISSING && !is_unpaid) {
            self.incomplete_rows += u64::from(row_count);
            return;
        }
        let key = columns.customer[row];
        if key.is_usable() {
            self.customer.push(table.insert(key).unwrap_or_else(|known| known));
        } else {
            self.customer.push(NOBODY);
            self.has_nobody = true;
        }
        self.is_masked.push(key == Key::MASKED);
        let created_on = columns.created_on.get(row).copied().unwrap_or(date::MISSING);
        self.ordered_on.push(match columns.paid_on.get(row) {
            Some(&paid_on) if paid_on != date::MISSING => paid_on,
            _ => created_on,
        });
        self.status.push(status);
        self.paid_amount.push(if amount == MISSING { 0 } else { amount });
        self.refund_amount.push(columns.refund.get(row).copied().unwrap_or(0));
        if self.is_merged {
            self.row_count.push(row_count);
            self.split.push(columns.split.get(row).copied().unwrap_or(0));
        }
    }

    fn into_frame(mut self) -> Result<DataFrame> {
        let days = Int32Chunked::from_vec(orders::ORDERED_ON.into(), self.ordered_on);
        for code in self.customer.iter_mut().filter(|code| **code != NOBODY) {
            *code += self.base;
        }
        let customer: UInt32Chunked = match self.has_nobody {
            true => self.customer.iter().map(|&code| (code != NOBODY).then_some(code)).collect_ca(orders::CUSTOMER.into()),
            false => UInt32Chunked::from_vec(orders::CUSTOMER.into(), self.customer),
        };
        let height = customer.len();
        let counts = |name: &str, values: Vec<u32>, constant: u32| match self.is_merged {
            true => UInt32Chunked::from_vec(name.into(), values).into_column(),
            // A constant takes no memory.
            false => Column::new_scalar(name.into(), Scalar::from(constant), height),
        };
        let columns = vec![
            customer.into_column(),
            BooleanChunked::from_slice(orders::IS_MASKED.into(), &self.is_masked).into_column(),
            days.into_date().into_column(),
            UInt8Chunked::from_vec(orders::STATUS.into(), self.status).into_column(),
            Int64Chunked::from_vec(orders::PAID_AMOUNT.into(), self.paid_amount).into_column(),
            Int64Chunked::from_vec(orders::REFUND_AMOUNT.into(), self.refund_amount).into_column(),
            counts(orders::ROW_COUNT, self.row_count, 1),
            counts(orders::SPLIT, self.split, 0),
        ];
        Ok(DataFrame::new_infer_height(columns)?)
    }
}

//! From merged orders to the canonical table: customers become small numbers, columns become a polars frame.

use std::collections::HashMap;

use polars::prelude::*;
use rayon::prelude::*;

use super::accounting::{Rule, RuleCounts};
use super::block::{Block, Columns, LongTexts, NO_STATUS, PARTITIONS, bounds};
use super::merge::KeyTable;
use super::value::date;
use crate::error::Result;
use crate::schema::money::MISSING;
use crate::schema::{CustomerIds, Key, Orders, Status, orders};

/// Frames of fewer rows are put into one piece: many small ones cost more than the copy.
const SMALL: usize = 4_000_000;

/// Builds the orders table from parts in partitions by customer. Orders without an amount are left out and
/// counted as incomplete.
pub fn assemble(parts: Vec<(Columns, Vec<u32>)>, blocks: Vec<Block>, excluded: &mut RuleCounts) -> Result<Orders> {
    let long: Vec<LongTexts> = blocks.into_iter().map(|block| block.long_customers).collect();
    let mut pieces: Vec<Piece> =
        (0..PARTITIONS).into_par_iter().map(|partition| Piece::new(&parts, &long, partition)).collect();
    drop((parts, long));
    let mut base = 0_u32;
    let bases: Vec<u32> = pieces
        .iter()
        .map(|piece| {
            let mine = base;
            base += piece.keys.len() as u32;
            mine
        })
        .collect();
    pieces.par_iter_mut().zip(bases).for_each(|(piece, base)| {
        for code in piece.customer.iter_mut().flatten() {
            *code += base;
        }
    });
    let mut keys = Vec::with_capacity(base as usize);
    let mut long = HashMap::new();
    let mut frame: Option<DataFrame> = None;
    for piece in pieces {
        keys.extend_from_slice(&piece.keys);
        excluded.add(Rule::IncompleteOrder, piece.incomplete_rows);
        let (part, texts) = piece.into_frame()?;
        long.extend(texts);
        match &mut frame {
            None => frame = Some(part),
            Some(frame) if part.height() > 0 => {
                frame.vstack_mut(&part)?;
            }
            Some(_) => {}
        }
    }
    let mut frame = frame.unwrap_or_else(|| Orders::empty().frame);
    if frame.height() < SMALL {
        frame.rechunk_mut();
    }
    Ok(Orders { frame, customers: CustomerIds::new(keys, long), ..Orders::empty() })
}

/// The orders of one partition's customers, as columns of the canonical table.
#[derive(Default)]
struct Piece {
    keys: Vec<Key>,
    long: HashMap<Key, Box<str>>,
    customer: Vec<Option<u32>>,
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
    fn new(parts: &[(Columns, Vec<u32>)], long: &[LongTexts], partition: usize) -> Self {
        let count = parts.iter().filter(|(_, starts)| !starts.is_empty());
        let count = count.map(|(_, starts)| bounds(starts, partition).len()).sum();
        let mut piece = Self {
            customer: Vec::with_capacity(count),
            is_masked: Vec::with_capacity(count),
            ordered_on: Vec::with_capacity(count),
            status: Vec::with_capacity(count),
            paid_amount: Vec::with_capacity(count),
            refund_amount: Vec::with_capacity(count),
            ..Self::default()
        };
        piece.is_merged = parts.iter().any(|(columns, _)| !columns.row_count.is_empty());
        let mut table = KeyTable::with_capacity(count);
        for (columns, starts) in parts.iter().filter(|(_, starts)| !starts.is_empty()) {
            for row in bounds(starts, partition) {
                piece.push(columns, row, &mut table);
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
        self.customer.push(key.is_usable().then(|| table.insert(key).unwrap_or_else(|known| known)));
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

    fn into_frame(self) -> Result<(DataFrame, HashMap<Key, Box<str>>)> {
        let days = Int32Chunked::from_vec(orders::ORDERED_ON.into(), self.ordered_on);
        let customer: UInt32Chunked = self.customer.into_iter().collect_ca(orders::CUSTOMER.into());
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
        Ok((DataFrame::new_infer_height(columns)?, self.long))
    }
}

//! From merged orders to the canonical table: customers become small numbers, columns become a polars frame.
//!
//! The orders of a customer stand together, by day; orders without a customer come last.

use std::collections::HashMap;

use polars::prelude::*;
use rayon::prelude::*;

use super::accounts::Aliases;
use super::block::Block;
use super::partition::{Columns, GROUP_SIZE, GROUPS, Group, Grouped, LongTexts, NO_STATUS};
use super::row::Extra;
use super::sorted::{SortedParts, SortedRows};
use crate::error::Result;
use crate::ingest::accounting::{Rule, RuleCounts};
use crate::ingest::dictionary::UNKNOWN;
use crate::ingest::key_table::KeyTable;
use crate::ingest::value::date;
use crate::schema::money::MISSING;
use crate::schema::{CustomerIds, Key, Orders, Status, orders};

/// In place of a customer's number: the row names no customer.
const NOBODY: u32 = u32::MAX;

/// Parts of fewer rows are put together: very many small ones cost more than the copy.
const SMALL: usize = 20_000;

/// Builds the orders table from parts in partitions by customer. Orders without an amount are left out and
/// counted as incomplete.
pub fn assemble(
    mut parts: Vec<Grouped>,
    mut blocks: Vec<Block>,
    aliases: &Aliases,
    excluded: &mut RuleCounts,
) -> Result<Orders> {
    let sorted: Vec<SortedRows> =
        blocks.iter_mut().flat_map(|block| std::mem::take(&mut block.sorted)).collect();
    let mut long: Vec<LongTexts> = blocks.into_iter().map(|block| block.long_customers).collect();
    long.push(aliases.long_texts());
    let is_merged = parts.iter().flatten().any(|group| !group.columns.row_count.is_empty());
    let mut keys = Vec::new();
    let mut long_ids = HashMap::new();
    let (mut known, mut unknown) = (Parts::default(), Parts::default());
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
        let frames: Vec<(DataFrame, DataFrame)> =
            pieces.into_par_iter().map(Piece::into_frames).collect::<Result<_>>()?;
        for (with_customer, without) in frames {
            known.push(with_customer)?;
            unknown.push(without)?;
        }
    }
    for rows in &sorted {
        long_ids.extend(rows.long.iter().cloned());
    }
    // Their customers are numbered behind the others.
    let mut bases = Vec::with_capacity(sorted.len());
    let mut base = keys.len() as u32;
    for rows in &sorted {
        bases.push(base);
        base += rows.runs.iter().filter(|(key, _)| key.is_usable()).count() as u32;
    }
    let sorted: Vec<SortedParts> =
        sorted.into_par_iter().zip(bases).map(|(rows, base)| rows.into_parts(base)).collect::<Result<_>>()?;
    for parts in sorted {
        keys.extend(parts.keys);
        parts.known.into_iter().try_for_each(|part| known.push(part))?;
        parts.unknown.into_iter().try_for_each(|part| unknown.push(part))?;
    }
    let mut frames = known.finish();
    frames.append(&mut unknown.finish());
    Ok(Orders {
        parts: orders::Parts::new(frames),
        customers: CustomerIds::new(keys, long_ids),
        ..Orders::default()
    })
}

/// Frames, small ones put together.
#[derive(Default)]
struct Parts {
    done: Vec<DataFrame>,
    open: Option<DataFrame>,
}

impl Parts {
    fn push(&mut self, frame: DataFrame) -> Result<()> {
        match &mut self.open {
            _ if frame.height() == 0 => return Ok(()),
            Some(open) => {
                open.vstack_mut(&frame)?;
            }
            None => self.open = Some(frame),
        }
        if self.open.as_ref().is_some_and(|open| open.height() >= SMALL) {
            self.close();
        }
        Ok(())
    }

    fn close(&mut self) {
        if let Some(mut frame) = self.open.take() {
            frame.rechunk_mut();
            self.done.push(frame);
        }
    }

    fn finish(mut self) -> Vec<DataFrame> {
        self.close();
        self.done
    }
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
    /// Of those whose customer is [`NOBODY`].
    is_masked: Vec<bool>,
    ordered_on: Vec<i32>,
    status: Vec<u8>,
    paid_amount: Vec<i64>,
    refund_amount: Vec<i64>,
    /// Whether orders of several rows were merged; else every order is one row and the next two are empty.
    is_merged: bool,
    /// Empty where regions are not wanted.
    region: Vec<u32>,
    /// Empty where extras are not wanted.
    extra: Vec<Extra>,
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
        self.customer.push(match key.is_usable() {
            true => table.insert(key).unwrap_or_else(|known| known),
            false => NOBODY,
        });
        if !key.is_usable() {
            self.is_masked.push(key == Key::MASKED);
        }
        let created_on = columns.created_on.get(row).copied().unwrap_or(date::MISSING);
        self.ordered_on.push(match columns.paid_on.get(row) {
            Some(&paid_on) if paid_on != date::MISSING => paid_on,
            _ => created_on,
        });
        self.status.push(status);
        self.paid_amount.push(if amount == MISSING { 0 } else { amount });
        self.refund_amount.push(columns.refund.get(row).copied().unwrap_or(0));
        self.region.extend(columns.region.get(row));
        self.extra.extend(columns.extra.get(row));
        if self.is_merged {
            self.row_count.push(row_count);
            self.split.push(columns.split.get(row).copied().unwrap_or(0));
        }
    }

    /// The orders with a customer, by customer and day, and those without.
    fn into_frames(self) -> Result<(DataFrame, DataFrame)> {
        let (rows, known) = self.order();
        // Counting keeps those without a customer in the order they came in.
        Ok((self.frame(&rows[..known], &[])?, self.frame(&rows[known..], &self.is_masked)?))
    }

    /// The rows by customer and day, those without a customer last, and how many have one.
    fn order(&self) -> (Vec<u32>, usize) {
        // Counting by customer, nobody being the last; then each customer's few rows by day.
        let slot = |code: u32| (code as usize).min(self.keys.len());
        let mut next = vec![0_u32; self.keys.len() + 2];
        for &code in &self.customer {
            next[slot(code) + 1] += 1;
        }
        for i in 1..next.len() {
            next[i] += next[i - 1];
        }
        let starts = next.clone();
        let mut rows = vec![0_u32; self.customer.len()];
        for (row, &code) in self.customer.iter().enumerate() {
            let place = &mut next[slot(code)];
            rows[*place as usize] = row as u32;
            *place += 1;
        }
        for bounds in starts[..=self.keys.len()].windows(2) {
            let run = &mut rows[bounds[0] as usize..bounds[1] as usize];
            if !run.is_sorted_by_key(|&row| self.ordered_on[row as usize]) {
                run.sort_by_key(|&row| self.ordered_on[row as usize]);
            }
        }
        (rows, starts[self.keys.len()] as usize)
    }

    fn frame(&self, rows: &[u32], is_masked: &[bool]) -> Result<DataFrame> {
        fn gather<T: Copy>(values: &[T], rows: &[u32]) -> Vec<T> {
            rows.iter().map(|&row| values[row as usize]).collect()
        }
        let codes = gather(&self.customer, rows);
        let customer: UInt32Chunked = match codes.first() {
            Some(&NOBODY) => UInt32Chunked::full_null(orders::CUSTOMER.into(), codes.len()),
            _ => codes.iter().map(|code| code + self.base).collect_ca(orders::CUSTOMER.into()),
        };
        let days = Int32Chunked::from_vec(orders::ORDERED_ON.into(), gather(&self.ordered_on, rows));
        let counts = |name: &str, values: &[u32], constant: u32| match self.is_merged {
            true => UInt32Chunked::from_vec(name.into(), gather(values, rows)).into_column(),
            // A constant takes no memory.
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
            amounts(orders::REFUND_AMOUNT, &self.refund_amount),
            counts(orders::ROW_COUNT, &self.row_count, 1),
            counts(orders::SPLIT, &self.split, 0),
        ];
        if !self.region.is_empty() {
            let regions = gather(&self.region, rows);
            columns.push(UInt32Chunked::from_vec(orders::REGION.into(), regions).into_column());
        }
        if !self.extra.is_empty() {
            columns.extend(self.extra_columns(rows));
        }
        Ok(DataFrame::new_infer_height(columns)?)
    }

    fn extra_columns(&self, rows: &[u32]) -> Vec<Column> {
        let extras = || rows.iter().map(|&row| &self.extra[row as usize]);
        let known = |amount: i64| Some(amount).filter(|amount| *amount != MISSING);
        let prices = rows
            .iter()
            .map(|&row| known(self.extra[row as usize].full_price(self.paid_amount[row as usize])));
        let seconds = extras().map(|extra| Some(extra.second).filter(|second| *second != date::MISSING));
        let sources = extras().map(|extra| Some(extra.source).filter(|source| *source != UNKNOWN));
        let recipients = extras().map(|extra| Some(extra.recipient).filter(|recipient| *recipient != 0));
        vec![
            Int32Chunked::from_iter_options(orders::SECOND.into(), seconds).into_column(),
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

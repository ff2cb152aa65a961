//! From rows to orders: rows of one order become one, and of overlapping exports the later wins.
//!
//! Nothing here depends on the order of the rows within a file.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::accounts::Aliases;
use super::block::Block;
use super::lines::{FileLines, Lists};
use super::partition::{Columns, Grouped, NO_STATUS, PARTITIONS, Place, REPLACED, bounds};
use super::row::{Extra, NO_EXTRA};
use super::seams::continued_orders;
use crate::ingest::key_table::KeyTable;
use crate::ingest::value::date;
use crate::schema::items::{Line, NO_LINES};
use crate::schema::money::MISSING;
use crate::schema::orders::UNKNOWN_REGION;
use crate::schema::{Items, Key, Status};

/// What merging needs to know of each input.
#[derive(Debug, Clone, Copy)]
pub struct FileGrain {
    /// Whether a row carries the whole order's amount rather than its own.
    pub has_order_amount: bool,
    /// Whether rows have ids of their own, so that each can be told from one in another export.
    pub has_line_ids: bool,
}

/// Orders, one row each, in parts; and what merging did.
#[derive(Debug, Default)]
pub struct Merged {
    /// The orders, each part in partitions by customer.
    pub parts: Vec<Grouped>,
    /// The items of the orders, by part.
    pub lines: Vec<Vec<Line>>,
    /// Rows left out because a later export has their order.
    pub superseded_rows: u64,
    /// Orders whose rows disagree on the order's amount; the largest was taken.
    pub conflicting_orders: u64,
    /// Order ids under which several customers ordered.
    pub split_orders: u32,
    /// Orders whose several rows each have the same amount, which counted once.
    pub repeated_amounts: u64,
}

/// Merges the rows of all blocks, which come in the order of files and of their place in them, under the customers
/// that aliases stand for. `items` are those of files of items.
pub fn merge(blocks: &mut [Block], grains: &[FileGrain], aliases: &Aliases, items: &FileLines) -> Merged {
    let replaced_lines = replace_lines(blocks);
    if aliases.is_empty() && replaced_lines == 0 && items.is_empty() && !has_duplicates(blocks) {
        let mut merged = Merged::default();
        for block in blocks {
            block.orders = Default::default();
            merged.push(std::mem::take(&mut block.rows), std::mem::take(&mut block.extras.lines));
        }
        return merged;
    }
    let merging = Merging { grains, continued: &continued_orders(blocks, grains), aliases, items };
    let has_extras = blocks.iter().any(Block::has_extras);
    let has_regions = blocks.iter().any(Block::has_regions);
    let partitions: Vec<Orders> = (0..PARTITIONS)
        .into_par_iter()
        .map(|partition| merge_partition(blocks, &merging, partition))
        .collect();
    let mut merged = Merged { superseded_rows: replaced_lines, ..Merged::default() };
    for mut orders in partitions {
        let mut lines = Vec::new();
        let columns = orders.finish(grains, (has_regions, has_extras), &mut merged.split_orders, &mut lines);
        merged.superseded_rows += orders.superseded_rows;
        merged.conflicting_orders += orders.list.iter().filter(|order| order.is_conflicting).count() as u64;
        merged.repeated_amounts +=
            orders.list.iter().filter(|order| order.has_repeated_amount).count() as u64;
        merged.push(columns.by_customer().0, lines);
    }
    // Rows without an order id are orders as they stand.
    for block in blocks.iter_mut().filter(|block| block.orders.keys.is_empty()) {
        let rows = std::mem::take(&mut block.rows);
        let rows = if aliases.is_empty() { rows } else { regrouped(&rows, aliases) };
        merged.push(rows, std::mem::take(&mut block.extras.lines));
    }
    merged
}

impl Merged {
    /// Adds a part whose rows refer to these lines.
    fn push(&mut self, mut rows: Grouped, lines: Vec<Line>) {
        let part = self.parts.len();
        for extra in rows.iter_mut().flat_map(|group| &mut group.columns.extra) {
            if extra.lines != NO_LINES {
                extra.lines = Items::place(part, extra.lines as u32);
            }
        }
        self.parts.push(rows);
        self.lines.push(lines);
    }
}

/// Rows in the partitions of the customers that aliases stand for.
fn regrouped(rows: &Grouped, aliases: &Aliases) -> Grouped {
    let mut columns = Columns::default();
    rows.iter().for_each(|group| columns.append(&group.columns));
    columns.customer.iter_mut().for_each(|customer| *customer = aliases.resolve(*customer));
    columns.by_customer().0
}

/// What the merging of every partition goes by.
struct Merging<'a> {
    grains: &'a [FileGrain],
    continued: &'a HashSet<(usize, Key)>,
    aliases: &'a Aliases,
    items: &'a FileLines,
}

/// Marks rows whose own id a later row has too, and says how many they are.
fn replace_lines(blocks: &mut [Block]) -> u64 {
    if blocks.iter().all(|block| block.lines.keys.is_empty()) {
        return 0;
    }
    let replaced: Vec<(usize, Place)> = (0..PARTITIONS)
        .into_par_iter()
        .flat_map_iter(|partition| {
            let mut last: HashMap<Key, (usize, Place)> = HashMap::new();
            let mut replaced = Vec::new();
            for (number, block) in blocks.iter().enumerate().filter(|(_, block)| !block.lines.keys.is_empty())
            {
                for i in bounds(&block.lines.starts, partition) {
                    let (key, place) = (block.lines.keys[i], (number, block.lines.places[i]));
                    replaced.extend(last.insert(key, place).filter(|_| key.is_usable()));
                }
            }
            replaced
        })
        .collect();
    for (number, place) in &replaced {
        blocks[*number].rows[place.group as usize].columns.status[place.row as usize] = REPLACED;
    }
    replaced.len() as u64
}

/// Whether any order id stands in two rows.
fn has_duplicates(blocks: &[Block]) -> bool {
    let found = AtomicBool::new(false);
    (0..PARTITIONS).into_par_iter().for_each(|partition| {
        if found.load(Ordering::Relaxed) {
            return;
        }
        let count = blocks.iter().map(|block| block.orders.partition(partition).len()).sum();
        let mut table = KeyTable::with_capacity(count);
        let mut keys = blocks.iter().flat_map(|block| block.orders.partition(partition));
        if keys.any(|&key| table.insert(key).is_err()) {
            found.store(true, Ordering::Relaxed);
        }
    });
    found.into_inner()
}

/// An order as far as its rows have been seen.
#[derive(Debug, Clone, Copy)]
struct Order {
    customer: Key,
    created_on: i32,
    paid_on: i32,
    amount: i64,
    /// Of `amount`, what stands in rows whose own status says that it was not kept.
    lost: i64,
    refund: i64,
    /// Of `refund`, what stands in such rows: it is not to be taken off again.
    lost_refund: i64,
    /// Whether all its rows are negative.
    is_negative: bool,
    status: u8,
    /// Number of the region; that of "not known" where that is not wanted.
    region: u32,
    row_count: u32,
    is_conflicting: bool,
    has_repeated_amount: bool,
    /// Another order under the same id, with another customer.
    next: Option<u32>,
}

/// The orders of one partition, by order id.
#[derive(Debug, Default)]
struct Orders {
    list: Vec<Order>,
    /// What only some analyses want, by place in the list; empty where it is not wanted.
    extras: Vec<Extra>,
    /// The items that the extras refer to.
    items: Lists,
    /// The first order of each id and the file its rows are from.
    heads: Vec<(u32, usize)>,
    superseded_rows: u64,
}

fn merge_partition(blocks: &[Block], merging: &Merging<'_>, partition: usize) -> Orders {
    let count = blocks.iter().map(|block| block.orders.partition(partition).len()).sum();
    let mut table = KeyTable::with_capacity(count);
    let mut orders = Orders::default();
    for block in blocks.iter().filter(|block| !block.orders.keys.is_empty()) {
        for i in bounds(&block.orders.starts, partition) {
            let key = block.orders.keys[i];
            let mut row = Order::at(block, block.orders.places[i]);
            if row.status == REPLACED {
                continue;
            }
            row.customer = merging.aliases.resolve(row.customer);
            let row = (row, orders.extra_at(block, block.orders.places[i]));
            match table.insert(key) {
                Ok(_) => {
                    let place = orders.push(row);
                    orders.heads.push((place, block.file));
                }
                Err(number) => {
                    let grain = merging.grains[block.file];
                    // Rows with ids of their own replace each other one by one, not the whole order.
                    let are_told_apart =
                        grain.has_line_ids && merging.grains[orders.heads[number as usize].1].has_line_ids;
                    let goes_on = are_told_apart || merging.continued.contains(&(block.file, key));
                    orders.add(number as usize, row, block.file, goes_on, grain);
                }
            }
        }
    }
    orders.take_items(merging.items.partition(partition), &mut table);
    orders
}

/// A row, and what only some analyses want of it.
type Row = (Order, Option<Extra>);

impl Orders {
    fn push(&mut self, (order, extra): Row) -> u32 {
        self.list.push(order);
        self.extras.extend(extra);
        self.list.len() as u32 - 1
    }

    /// The extras of a block's row, its item in a list of its own.
    fn extra_at(&mut self, block: &Block, place: Place) -> Option<Extra> {
        let columns = &block.rows[place.group as usize].columns;
        let mut extra = *columns.extra.get(place.row as usize)?;
        if let Some(line) = block.extras.lines.get(extra.lines as usize) {
            extra.lines = self.items.start(*line);
        }
        Some(extra)
    }

    /// Adds a row of the same order to what stands at `place`.
    fn combine(&mut self, place: usize, (order, extra): Row, grain: FileGrain) {
        self.list[place].combine(&order, grain);
        if let (Some(mine), Some(theirs)) = (self.extras.get_mut(place), extra) {
            mine.combine(&theirs, grain.has_order_amount);
            mine.lines = self.items.join(mine.lines, theirs.lines);
        }
    }

    /// Gives orders the items that a file of items has for them, in place of those of their own rows; of several such
    /// files the last that has the order counts.
    fn take_items(&mut self, rows: &[(Key, u32, Line)], table: &mut KeyTable) {
        let mut taken: HashMap<u32, u32> = HashMap::new();
        for (key, file, line) in rows {
            let Some(number) = table.find(*key) else { continue };
            let place = self.heads[number as usize].0 as usize;
            let Some(mut lines) = self.extras.get(place).map(|extra| extra.lines) else { continue };
            if taken.insert(number, *file).is_none_or(|before| before != *file) {
                lines = NO_LINES;
            }
            let own = self.items.start(*line);
            let lines = self.items.join(lines, own);
            self.extras[place].lines = lines;
        }
    }

    /// The places of the orders under an id.
    fn chain(&self, number: usize) -> Vec<u32> {
        std::iter::successors(Some(self.heads[number].0), |&place| self.list[place as usize].next).collect()
    }

    /// Adds a row to the orders under its id: to that of its customer, or as one more. A later file replaces
    /// what earlier ones had.
    fn add(&mut self, number: usize, row: Row, file: usize, goes_on: bool, grain: FileGrain) {
        let (head, seen_file) = self.heads[number];
        // A row without the order's own cells continues an order, wherever that began.
        let continues = row.0.status == NO_STATUS && row.0.amount == MISSING;
        if file != seen_file && !goes_on && !continues {
            let replaced: u64 =
                self.chain(number).iter().map(|&place| u64::from(self.list[place as usize].row_count)).sum();
            self.superseded_rows += replaced;
            self.heads[number] = (self.push(row), file);
            return;
        }
        if !continues {
            self.heads[number].1 = file;
        }
        let mut place = head as usize;
        loop {
            if self.list[place].customer == row.0.customer {
                return self.combine(place, row, grain);
            }
            match self.list[place].next {
                Some(next) => place = next as usize,
                None => break,
            }
        }
        self.list[place].next = Some(self.push(row));
    }

    /// One row per order. Rows without a customer belong to the order's one customer; an id under which several
    /// customers ordered is an order of each, and these share a number in
    /// the split column.
    fn finish(
        &mut self,
        grains: &[FileGrain],
        (has_regions, has_extras): (bool, bool),
        splits: &mut u32,
        lines: &mut Vec<Line>,
    ) -> Columns {
        let mut rows: Vec<(u32, u32)> = Vec::with_capacity(self.heads.len());
        for number in 0..self.heads.len() {
            let (head, file) = self.heads[number];
            if self.list[head as usize].next.is_none() {
                rows.push((head, 0));
                continue;
            }
            let chain = self.chain(number);
            let usable =
                chain.iter().filter(|&&place| self.list[place as usize].customer.is_usable()).count();
            if usable > 1 {
                *splits += 1;
                rows.extend(chain.into_iter().map(|place| (place, *splits)));
            } else {
                for &place in &chain[1..] {
                    let other = (self.list[place as usize], self.extras.get(place as usize).copied());
                    self.combine(head as usize, other, grains[file]);
                }
                rows.push((head, 0));
            }
        }
        let extra = |(place, _): &(u32, u32)| {
            let extra = self.extras.get(*place as usize).copied().unwrap_or(NO_EXTRA);
            let lines = match extra.lines {
                NO_LINES => NO_LINES,
                list => u64::from(self.items.write(list, lines)),
            };
            Extra { lines, ..extra }
        };
        let extra = if has_extras { rows.iter().map(extra).collect() } else { Vec::new() };
        let orders: Vec<(Order, u32)> =
            rows.into_iter().map(|(place, split)| (self.list[place as usize], split)).collect();
        columns(&orders, has_regions, extra)
    }
}

impl Order {
    fn at(block: &Block, place: Place) -> Self {
        let columns = &block.rows[place.group as usize].columns;
        let row = place.row as usize;
        let (amount, status) = (columns.amount[row], columns.status[row]);
        let is_lost = Status::ALL.get(usize::from(status)).is_some_and(|status| !status.is_paid());
        let refund = columns.refund.get(row).copied().unwrap_or(0);
        Self {
            // A negative row is what was given back of another, whatever its own status says.
            lost: if is_lost && amount > 0 { amount } else { 0 },
            lost_refund: if is_lost { refund } else { 0 },
            is_negative: amount < 0 && amount != MISSING,
            customer: columns.customer[row],
            created_on: columns.created_on.get(row).copied().unwrap_or(date::MISSING),
            paid_on: columns.paid_on.get(row).copied().unwrap_or(date::MISSING),
            amount,
            refund,
            status,
            region: columns.region.get(row).copied().unwrap_or(UNKNOWN_REGION),
            row_count: 1,
            is_conflicting: false,
            has_repeated_amount: false,
            next: None,
        }
    }

    /// What was paid for the order: of its items, those that were not cancelled or given back, if any was not.
    fn kept_amount(&self) -> i64 {
        match Status::ALL.get(usize::from(self.status)) {
            Some(status) if status.is_paid() && self.amount != MISSING => {
                self.amount.saturating_sub(self.lost)
            }
            _ => self.amount,
        }
    }

    /// What was given back of that.
    fn kept_refund(&self) -> i64 {
        match Status::ALL.get(usize::from(self.status)) {
            Some(status) if status.is_paid() => self.refund.saturating_sub(self.lost_refund),
            _ => self.refund,
        }
    }

    /// Adds rows of the same order. Every choice is one that any order of the rows leads to.
    fn combine(&mut self, other: &Self, grain: FileGrain) {
        self.row_count += other.row_count;
        self.is_conflicting |= other.is_conflicting;
        self.created_on = earlier(self.created_on, other.created_on);
        self.paid_on = earlier(self.paid_on, other.paid_on);
        // A customer before a masked one before none.
        let trust = |key: Key| (key.is_usable(), key);
        self.customer =
            if trust(other.customer) > trust(self.customer) { other.customer } else { self.customer };
        self.status = match (self.status, other.status) {
            (NO_STATUS, status) | (status, NO_STATUS) => status,
            // What became of an order its own rows say, not those of its refunds.
            (own, _) if other.is_negative && !self.is_negative => own,
            (_, own) if self.is_negative && !other.is_negative => own,
            (a, b) => a.max(b),
        };
        self.is_negative &= other.is_negative;
        // The unknown one has the greatest number.
        self.region = self.region.min(other.region);
        match (self.amount, other.amount) {
            (_, MISSING) => {}
            (MISSING, amount) => self.amount = amount,
            (a, b) if grain.has_order_amount => {
                self.is_conflicting |= a != b;
                self.has_repeated_amount |= a == b;
                self.amount = a.max(b);
            }
            (a, b) => self.amount = a.saturating_add(b),
        }
        let add = |a: i64, b: i64| if grain.has_order_amount { 0 } else { a.saturating_add(b) };
        self.lost = add(self.lost, other.lost);
        self.lost_refund = add(self.lost_refund, other.lost_refund);
        self.refund = if grain.has_order_amount {
            self.refund.max(other.refund)
        } else {
            self.refund.saturating_add(other.refund)
        };
    }
}

fn columns(rows: &[(Order, u32)], has_regions: bool, extra: Vec<Extra>) -> Columns {
    fn column<T>(rows: &[(Order, u32)], value: impl Fn(&Order) -> T) -> Vec<T> {
        rows.iter().map(|(order, _)| value(order)).collect()
    }
    Columns {
        customer: column(rows, |order| order.customer),
        created_on: column(rows, |order| order.created_on),
        paid_on: column(rows, |order| order.paid_on),
        amount: column(rows, Order::kept_amount),
        refund: column(rows, Order::kept_refund),
        status: column(rows, |order| order.status),
        region: if has_regions { column(rows, |order| order.region) } else { Vec::new() },
        extra,
        row_count: column(rows, |order| order.row_count),
        split: rows.iter().map(|(_, split)| *split).collect(),
    }
}

fn earlier(a: i32, b: i32) -> i32 {
    match (a, b) {
        (date::MISSING, other) | (other, date::MISSING) => other,
        (a, b) => a.min(b),
    }
}

//! The orders of one partition as their rows come in.

use std::collections::HashMap;

use super::FileGrain;
use super::order::{Order, columns};
use crate::ingest::key_table::KeyTable;
use crate::ingest::orders::block::Block;
use crate::ingest::orders::lines::Lists;
use crate::ingest::orders::partition::{Columns, NO_STATUS, Place};
use crate::ingest::orders::row::{Extra, NO_EXTRA};
use crate::schema::Key;
use crate::schema::items::{Line, NO_LINES};
use crate::schema::money::MISSING;

/// The orders of one partition, by order id.
#[derive(Debug, Default)]
pub(super) struct Orders {
    pub list: Vec<Order>,
    /// What only some analyses want, by place in the list; empty where it is not wanted.
    pub extras: Vec<Extra>,
    /// The items that the extras refer to.
    pub items: Lists,
    /// The first order of each id and the file its rows are from.
    pub heads: Vec<(u32, usize)>,
    pub superseded_rows: u64,
    /// Rows of items whose orders are in no file.
    pub dangling_rows: u64,
}

/// A row, and what only some analyses want of it.
pub(super) type Row = (Order, Option<Extra>);

impl Orders {
    pub fn push(&mut self, (order, extra): Row) -> u32 {
        self.list.push(order);
        self.extras.extend(extra);
        self.list.len() as u32 - 1
    }

    /// The extras of a block's row, its item in a list of its own.
    pub fn extra_at(&mut self, block: &Block, place: Place) -> Option<Extra> {
        let columns = &block.rows[place.group as usize].columns;
        let mut extra = *columns.extra.get(place.row as usize)?;
        let own = block.extras.lines.get(extra.lines as usize..).unwrap_or_default();
        let count = own.iter().position(|line| line.is_last).map_or(0, |last| last + 1);
        extra.lines = own[..count].iter().fold(NO_LINES, |list, line| {
            let start = self.items.start(*line);
            self.items.join(list, start)
        });
        Some(extra)
    }

    /// Adds a row of the same order to what stands at `place`.
    fn combine(&mut self, place: usize, (order, extra): Row, grain: FileGrain) {
        let earlier = self.list[place].moment().cmp(&order.moment());
        self.list[place].combine(&order, grain);
        if let (Some(mine), Some(theirs)) = (self.extras.get_mut(place), extra) {
            mine.combine(&theirs, grain.has_order_amount, earlier);
            mine.lines = self.items.join(mine.lines, theirs.lines);
        }
    }

    /// Gives orders the items that a file of items has for them, in place of those of their own rows; of several such
    /// files the last that has the order counts. Their rows go with the order's.
    pub fn take_items(&mut self, rows: &[(Key, u32, Line)], table: &mut KeyTable) {
        // Of each order: the file, and how many rows of it.
        let mut taken: HashMap<u32, (u32, u32)> = HashMap::new();
        for (key, file, line) in rows {
            let found = table.find(*key).map(|number| (number, self.owner(number as usize)));
            let Some((number, place)) = found.filter(|(_, place)| *place < self.extras.len()) else {
                self.dangling_rows += 1;
                continue;
            };
            let (last, count) = taken.entry(number).or_insert((u32::MAX, 0));
            if last != file {
                self.superseded_rows += u64::from(*count);
                self.list[place].row_count -= *count;
                (*last, *count) = (*file, 0);
                for own in self.chain(number as usize) {
                    self.extras[own as usize].lines = NO_LINES;
                }
            }
            *count += 1;
            self.list[place].row_count += 1;
            let own = self.items.start(*line);
            self.extras[place].lines = self.items.join(self.extras[place].lines, own);
        }
    }

    /// The place of the order under an id that items are of: of several the one of the customer whose key comes first,
    /// whatever the order of the rows.
    fn owner(&self, number: usize) -> usize {
        let head = self.heads[number].0 as usize;
        if self.list[head].next.is_none() {
            return head;
        }
        let rank = |place: &u32| {
            let key = self.list[*place as usize].customer;
            (!key.is_usable(), key)
        };
        self.chain(number).into_iter().min_by_key(rank).map_or(head, |place| place as usize)
    }

    /// The places of the orders under an id.
    fn chain(&self, number: usize) -> Vec<u32> {
        std::iter::successors(Some(self.heads[number].0), |&place| self.list[place as usize].next).collect()
    }

    /// Adds a row to the orders under its id: to that of its customer, or as one more. A later file replaces
    /// what earlier ones had.
    pub fn add(&mut self, number: usize, row: Row, file: usize, goes_on: bool, grain: FileGrain) {
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
    pub fn finish(
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

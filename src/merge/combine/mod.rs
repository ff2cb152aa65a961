//! Merges rows into orders: rows of one order become one, and of overlapping exports the later one counts.
//!
//! Nothing here depends on the order of the rows within a file.

mod order;
mod orders;
mod tally;
mod texts;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use order::{Has, Order};
use orders::Orders;
pub use tally::{Tally, tally};

use crate::merge::lines::{FileLines, put_in_order};
use crate::merge::refunds::{Ids, mark_done};
use crate::merge::seams::continued_orders;
use crate::parse::orders::{Aliases, Block, SettledCounts};
use crate::rows::key_table::KeyTable;
use crate::rows::partition::{Columns, Grouped, MERGED, PARTITIONS, Place, REPLACED, bounds};
use crate::schema::items::{Line, NO_LINES};
use crate::schema::{Items, Key, Wants};

/// What merging needs to know of each input.
#[derive(Debug, Clone, Copy)]
pub struct FileGrain {
    /// Whether rows repeat the order's amount instead of having their own.
    pub has_order_amount: bool,
    /// Whether rows have ids of their own, by which they are recognised in another export.
    pub has_line_ids: bool,
    /// Whether rows are parts of orders that another file lists.
    pub is_part: bool,
    /// Whether the file has refunds of orders.
    pub says_refunds: bool,
    /// Whether the file has the shop's costs of orders.
    pub says_costs: bool,
}

/// The orders in parts, one row each, and counts of what merging did.
#[derive(Debug, Default)]
pub struct Merged {
    /// The orders, each part in partitions by customer.
    pub parts: Vec<Grouped>,
    /// The items of the orders, by part.
    pub lines: Vec<Vec<Line>>,
    /// The ids of the rows that refunds may belong to, if they are not in the parts.
    pub ids: Option<Ids>,
    /// Rows left out because a later export has their order.
    pub superseded_rows: u64,
    /// Rows of items that other rows replace.
    pub superseded_items: u64,
    /// Rows of items whose orders no file lists.
    pub dangling_rows: u64,
    /// Orders whose rows have different order amounts; the largest was taken.
    pub conflicting_orders: u64,
    /// Order ids that several customers use.
    pub split_orders: u32,
    /// Order ids that several shops use.
    pub shared_ids: u64,
    /// Orders whose rows all repeat the same amount, which was counted once.
    pub repeated_amounts: u64,
    /// The first id that has an order with a sum that does not fit into 64 bits.
    pub beyond: Option<Key>,
}

/// Merges the rows of all blocks. The blocks come in the order of the files and, within a file, in the order of its
/// rows; aliases of customers are resolved. `items` are the rows of files of items; `are_alone` says that no file lists
/// their orders, and then each order number among them becomes an order. If any row is negative, the order ids needed
/// to match refunds are returned in `ids`, or else the parts hold all order ids. `wants` names the additional columns.
pub fn merge(
    blocks: &mut [Block],
    grains: &[FileGrain],
    aliases: &Aliases,
    (items, are_alone): (&FileLines, bool),
    wants: &Wants,
) -> Merged {
    let texts = wants.order_columns.as_slice();
    let replaced_lines = replace_lines(blocks);
    let has_negatives = blocks.iter().any(|block| block.has_negatives);
    let is_plain = aliases.is_empty() && replaced_lines == 0 && items.is_empty();
    let is_plain = is_plain && grains.iter().all(|grain| !grain.is_part);
    let repeated = if is_plain { few_repeated(blocks) } else { None };
    let is_repeated = repeated.iter().flatten().any(|ids| !ids.is_empty());
    // Refunds are matched to orders by the ids of all rows.
    if let Some(repeated) = repeated.filter(|_| !is_repeated || !has_negatives) {
        let mut merged = Merged::default();
        if is_repeated {
            merged = merge_repeated(blocks, grains, (items, texts), &repeated);
        }
        if has_negatives {
            merged.ids = Some(Ids::of_blocks(blocks));
            let groups = blocks.par_iter_mut().flat_map_iter(|block| &mut block.rows);
            groups.for_each(|group| mark_done(&mut group.columns));
        }
        // Either in all blocks or in none, so that the result does not depend on where blocks were cut.
        if blocks.iter().any(Block::has_joined_rows) {
            blocks.par_iter_mut().for_each(|block| put_in_order(&mut block.extras.lines));
        }
        for block in blocks {
            (block.orders, block.row_keys) = Default::default();
            block.sorted.iter_mut().for_each(|rows| rows.part = merged.parts.len());
            merged.push(std::mem::take(&mut block.rows), std::mem::take(&mut block.extras.lines));
        }
        return merged;
    }
    let continued = continued_orders(blocks, grains);
    let item_rows = wants.item_rows && !items.is_empty();
    let has = Has::of(blocks, are_alone || !items.is_empty(), has_negatives, item_rows);
    let merging = Merging { grains, continued: &continued, aliases, items, are_alone, has, texts };
    let partitions: Vec<(Orders, Vec<Key>)> = (0..PARTITIONS)
        .into_par_iter()
        .map(|partition| merge_partition(blocks, &merging, partition))
        .collect();
    let mut merged = Merged { superseded_rows: replaced_lines, ..Merged::default() };
    partitions.into_iter().for_each(|(orders, ids)| merged.take(orders, &ids, grains, has));
    // A row without an order id is an order by itself.
    for block in blocks.iter_mut().filter(|block| block.orders.keys.is_empty()) {
        let mut rows = std::mem::take(&mut block.rows);
        if has_negatives {
            rows.iter_mut().map(|group| &mut group.columns).for_each(|columns| {
                columns.order = vec![Key::NONE; columns.customer.len()];
                mark_done(columns);
            });
        }
        let rows = if aliases.is_empty() { rows } else { regrouped(&rows, aliases) };
        block.sorted.iter_mut().for_each(|rows| rows.part = merged.parts.len());
        merged.push(rows, std::mem::take(&mut block.extras.lines));
    }
    merged
}

impl Merged {
    /// Adds the counts of rows that were already merged into orders when they were imported.
    pub fn count_settled(&mut self, counts: &SettledCounts) {
        self.conflicting_orders += counts.conflicting_orders;
        self.split_orders += counts.split_orders as u32;
        self.shared_ids += counts.shared_ids;
        self.repeated_amounts += counts.repeated_amounts;
    }

    /// Adds the orders of a partition and its counts.
    fn take(&mut self, mut orders: Orders, ids: &[Key], grains: &[FileGrain], has: Has) {
        let mut lines = Vec::new();
        let columns = orders.finish(grains, has, ids, &mut self.split_orders, &mut lines);
        self.beyond = self.beyond.into_iter().chain(orders.beyond).min();
        self.shared_ids += orders.shared_ids;
        self.superseded_rows += orders.superseded_rows;
        self.superseded_items += orders.superseded_items;
        self.dangling_rows += orders.dangling_rows;
        self.conflicting_orders += orders.list.iter().filter(|order| order.is_conflicting).count() as u64;
        self.repeated_amounts += orders.list.iter().filter(|order| order.has_repeated_amount).count() as u64;
        if !columns.customer.is_empty() {
            self.push(columns.by_customer().0, lines);
        }
    }

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

/// The rows, partitioned again after resolving aliases of their customers.
fn regrouped(rows: &Grouped, aliases: &Aliases) -> Grouped {
    let mut columns = Columns::default();
    rows.iter().for_each(|group| columns.append(&group.columns, 0..group.columns.customer.len()));
    columns.customer.iter_mut().for_each(|customer| *customer = aliases.resolve(*customer));
    columns.by_customer().0
}

/// What merging a partition needs.
struct Merging<'a> {
    grains: &'a [FileGrain],
    continued: &'a HashSet<(usize, Key)>,
    aliases: &'a Aliases,
    items: &'a FileLines,
    are_alone: bool,
    has: Has,
    texts: &'a [String],
}

/// Marks rows whose own id occurs again in a later row, and returns how many were marked.
pub fn replace_lines(blocks: &mut [Block]) -> u64 {
    if blocks.iter().all(|block| block.lines.keys.is_empty()) {
        return 0;
    }
    let replaced: Vec<(usize, Place)> = (0..PARTITIONS)
        .into_par_iter()
        .flat_map_iter(|partition| {
            let mut last: HashMap<Key, (usize, Place)> = HashMap::new();
            // For other shops that use the same numbers for orders and rows.
            let mut others: Vec<(Key, (usize, Place))> = Vec::new();
            let mut replaced = Vec::new();
            let order = |(number, place): (usize, Place)| Order::at(&blocks[number], place);
            for (number, block) in blocks.iter().enumerate().filter(|(_, block)| !block.lines.keys.is_empty())
            {
                for i in bounds(&block.lines.starts, partition) {
                    let (key, place) = (block.lines.keys[i], (number, block.lines.places[i]));
                    let Some(before) = last.insert(key, place).filter(|_| key.is_usable()) else { continue };
                    if !order(before).is_of_another_shop(&order(place)) {
                        replaced.push(before);
                        continue;
                    }
                    let is_its = |(of, other): &(Key, (usize, Place))| {
                        *of == key && !order(*other).is_of_another_shop(&order(place))
                    };
                    if let Some(known) = others.iter().position(is_its) {
                        replaced.push(others.swap_remove(known).1);
                    }
                    others.push((key, before));
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

/// Whether any order id occurs in two rows.
pub fn has_duplicates(blocks: &[Block]) -> bool {
    few_repeated(blocks).is_none_or(|repeated| repeated.iter().any(|ids| !ids.is_empty()))
}

/// If at most one row in so many has an id that occurs again, repeated ids count as few.
const ROWS_TO_ONE_REPEATED: usize = 8;

/// By partition, the order ids that occur in several rows; `None` if they are more than a few.
fn few_repeated(blocks: &[Block]) -> Option<Vec<KeyTable>> {
    let all: usize = blocks.iter().map(|block| block.orders.keys.len()).sum();
    let found = AtomicUsize::new(0);
    let are_many = || found.load(Ordering::Relaxed) * ROWS_TO_ONE_REPEATED > all;
    let of_partition = |partition: usize| {
        let mut repeated = KeyTable::with_capacity(0);
        if are_many() {
            return repeated;
        }
        let count = blocks.iter().map(|block| block.orders.partition(partition).len()).sum();
        let mut table = KeyTable::with_capacity(count);
        let mut rows = 0;
        for key in blocks.iter().flat_map(|block| block.orders.partition(partition)) {
            if table.insert(*key).is_err() {
                let _ = repeated.insert(*key);
                rows += 1;
            }
        }
        found.fetch_add(rows, Ordering::Relaxed);
        repeated
    };
    let repeated: Vec<KeyTable> = (0..PARTITIONS).into_par_iter().map(of_partition).collect();
    (!are_many()).then_some(repeated)
}

/// Merges the rows with repeated ids and removes them from the blocks.
fn merge_repeated(
    blocks: &mut [Block],
    grains: &[FileGrain],
    (items, texts): (&FileLines, &[String]),
    repeated: &[KeyTable],
) -> Merged {
    let continued = continued_orders(blocks, grains);
    let (aliases, has) = (Aliases::default(), Has::of(blocks, false, false, false));
    let merging =
        Merging { grains, continued: &continued, aliases: &aliases, items, are_alone: false, has, texts };
    let of_partition = |partition: usize| match repeated[partition].is_empty() {
        true => (Orders::new(has, texts), Vec::new()),
        false => merge_some(blocks, &merging, partition, |key| repeated[partition].find(key).is_some()),
    };
    let partitions: Vec<(Orders, Vec<Key>)> = (0..PARTITIONS).into_par_iter().map(of_partition).collect();
    let mut merged = Merged::default();
    partitions.into_iter().for_each(|(orders, ids)| merged.take(orders, &ids, grains, has));
    blocks.par_iter_mut().for_each(|block| {
        for (partition, ids) in repeated.iter().enumerate().filter(|(_, ids)| !ids.is_empty()) {
            let Block { orders, rows, .. } = &mut *block;
            if orders.keys.is_empty() {
                continue;
            }
            let own = bounds(&orders.starts, partition);
            let of_ids = own.filter(|i| ids.find(orders.keys[*i]).is_some());
            of_ids.map(|i| orders.places[i]).for_each(|place| {
                rows[place.group as usize].columns.status[place.row as usize] = MERGED;
            });
        }
    });
    merged
}

/// The orders of a partition of ids, and the ids by number.
fn merge_partition(blocks: &[Block], merging: &Merging<'_>, partition: usize) -> (Orders, Vec<Key>) {
    merge_some(blocks, merging, partition, |_| true)
}

/// Like [`merge_partition`], for the ids for which `is_meant` is true.
fn merge_some(
    blocks: &[Block],
    merging: &Merging<'_>,
    partition: usize,
    is_meant: impl Fn(Key) -> bool,
) -> (Orders, Vec<Key>) {
    let count = blocks.iter().map(|block| block.orders.partition(partition).len()).sum();
    let mut table = KeyTable::with_capacity(count);
    let mut orders = Orders::new(merging.has, merging.texts);
    let mut negatives = Vec::new();
    for block in blocks.iter().filter(|block| !block.orders.keys.is_empty()) {
        for i in bounds(&block.orders.starts, partition) {
            let key = block.orders.keys[i];
            if !is_meant(key) {
                continue;
            }
            let mut row = Order::at(block, block.orders.places[i]);
            if row.status == REPLACED {
                continue;
            }
            row.customer = merging.aliases.resolve(row.customer);
            row.texts = orders.texts.push(block, block.orders.places[i]);
            let row = (row, orders.extra_at(block, block.orders.places[i]));
            if row.0.is_negative {
                negatives.push((key, row, block.file));
                continue;
            }
            match table.insert(key) {
                Ok(_) => {
                    let place = orders.push(row);
                    orders.heads.push((place, block.file));
                }
                Err(number) => {
                    let grain = merging.grains[block.file];
                    // Rows with ids of their own replace each other one by one; otherwise the whole order is replaced.
                    let are_told_apart =
                        grain.has_line_ids && merging.grains[orders.heads[number as usize].1].has_line_ids;
                    let goes_on = are_told_apart || merging.continued.contains(&(block.file, key));
                    orders.add(number as usize, row, block.file, goes_on, grain);
                }
            }
        }
    }
    orders.settle_versions();
    orders.take_back(negatives, &mut table, merging.grains);
    let (lines, replaced) = merging.items.partition(partition);
    orders.superseded_items += replaced;
    if merging.are_alone {
        orders.begin_of_items(&lines, &mut table);
    }
    orders.take_items(&lines, merging.items, &mut table, merging.grains);
    (orders, table.into_keys())
}

//! Counts orders per customer id, before ids are joined.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::order::Has;
use super::{FileGrain, Merging, merge_some, replace_lines};
use crate::merge::lines::FileLines;
use crate::merge::seams::continued_orders;
use crate::parse::orders::{Aliases, Block};
use crate::rows::partition::{Columns, PARTITIONS, bounds};
use crate::schema::{Key, day};

/// For each customer id the number of orders, whatever their status, and the day of the first order, which is
/// [`day::MISSING`] if no order has a day.
pub type Tally = HashMap<Key, (u64, i32)>;

/// Counts the orders of some customer ids, as merging with these aliases would find them.
pub fn tally(
    blocks: &mut [Block],
    grains: &[FileGrain],
    aliases: &Aliases,
    customers: &HashSet<Key>,
) -> Tally {
    replace_lines(blocks);
    let continued = continued_orders(blocks, grains);
    let items = FileLines::new(Vec::new(), false);
    let has = Has { regions: false, times: false, extras: false, ids: false, item_rows: false };
    let merging =
        Merging { grains, continued: &continued, aliases, items: &items, are_alone: false, has, texts: &[] };
    let of_partition = |partition: usize| -> Columns {
        let ids = orders_of(blocks, aliases, customers, partition);
        if ids.is_empty() {
            return Columns::default();
        }
        let (mut orders, keys) = merge_some(blocks, &merging, partition, |id| ids.contains(&id));
        orders.finish(grains, has, &keys, &mut 0, &mut Vec::new())
    };
    let merged: Vec<Columns> = (0..PARTITIONS).into_par_iter().map(of_partition).collect();
    let without_ids = blocks.iter().filter(|block| block.orders.keys.is_empty());
    let without_ids = without_ids.flat_map(|block| block.rows.iter().map(|group| &group.columns));
    let mut tally = Tally::new();
    for columns in merged.iter().chain(without_ids) {
        for (row, customer) in columns.customer.iter().enumerate() {
            let customer = aliases.resolve(*customer);
            // A refund is no order.
            if !customers.contains(&customer) || columns.amount[row].is_credit() {
                continue;
            }
            let day = |days: &[i32]| days.get(row).copied().unwrap_or(day::MISSING);
            let (paid, created) = (day(&columns.paid_on), day(&columns.created_on));
            let day = if paid == day::MISSING { created } else { paid };
            let (count, first) = tally.entry(customer).or_insert((0, day::MISSING));
            *count += 1;
            *first =
                if *first == day::MISSING || (day != day::MISSING && day < *first) { day } else { *first };
        }
    }
    tally
}

/// The ids of orders in a partition that have a row with one of these customers.
fn orders_of(
    blocks: &[Block],
    aliases: &Aliases,
    customers: &HashSet<Key>,
    partition: usize,
) -> HashSet<Key> {
    let mut ids = HashSet::new();
    for block in blocks.iter().filter(|block| !block.orders.keys.is_empty()) {
        for i in bounds(&block.orders.starts, partition) {
            let place = block.orders.places[i];
            let customer = block.rows[place.group as usize].columns.customer[place.row as usize];
            if customers.contains(&aliases.resolve(customer)) {
                ids.insert(block.orders.keys[i]);
            }
        }
    }
    ids
}

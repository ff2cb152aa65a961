//! Puts the rows of one file together into orders when they are imported, so that a store can keep the orders beside
//! the rows.

use std::sync::Arc;

use super::combine::{self, FileGrain, Merged};
use super::lines::{self, FileLines, put_in_order};
use super::{is_beyond, places};
use crate::parse::orders::{Aliases, Block, FileTraits, SettledCounts};
use crate::regions::Region;
use crate::rows::dictionary::{Dictionary, Numbering, unify};
use crate::rows::partition::{Columns, Group, MERGED, REPLACED};
use crate::schema::items::{NO_LINES, Product};
use crate::schema::money::MISSING;
use crate::schema::{Items, Status, Wants};

/// The orders that the rows of one file make up, and the counts of merging them. `replaced` is the number of rows that
/// are marked as replaced by others of the file. Regions, sources and products are numbered in the order of their
/// names; [`first_of_each`] gives these numbers for the lists of a store.
///
/// None where the orders also depend on other files or on the question: a row has no order id, gives back something of
/// another order, or has no amount or no status; or more went back of an order than it cost, or its rows add up to more
/// than an order can be.
pub(crate) fn settle(
    mut blocks: Vec<Block>,
    traits: &FileTraits,
    replaced: u64,
) -> Option<(Vec<Block>, SettledCounts)> {
    let has_ids = |block: &Block| {
        let rows: usize = block.rows.iter().map(|group| group.columns.customer.len()).sum();
        block.orders.keys.len() == rows && block.orders.keys.iter().all(|key| key.is_usable())
    };
    if !blocks.iter().all(|block| has_ids(block) && !block.has_negatives) {
        return None;
    }
    blocks.iter_mut().for_each(|block| block.file = 0);
    places::number(&mut blocks);
    places::number_sources(&mut blocks);
    lines::number_products(&mut blocks, &mut []);
    let grain = FileGrain {
        has_order_amount: traits.has_order_amount,
        has_line_ids: traits.has_line_id,
        is_part: traits.is_part,
        says_refunds: traits.says_refunds,
        says_costs: traits.has_cost,
    };
    let items = (&FileLines::default(), false);
    let merged = combine::merge(&mut blocks, &[grain], &Aliases::default(), items, &Wants::default());
    let is_all = merged.superseded_rows == replaced && merged.dangling_rows == 0 && merged.beyond.is_none();
    let groups = || merged.parts.iter().flatten();
    if !is_all || !groups().all(|group| are_settled(&group.columns)) {
        return None;
    }
    let counts = SettledCounts {
        conflicting_orders: merged.conflicting_orders,
        split_orders: u64::from(merged.split_orders),
        shared_ids: merged.shared_ids,
        repeated_amounts: merged.repeated_amounts,
    };
    let mut long =
        blocks.into_iter().map(|block| block.long_customers).filter(|long| long.iter().next().is_some());
    let mut blocks = blocks_of(merged);
    blocks.extend(long.by_ref().map(|long_customers| Block { long_customers, ..Block::default() }));
    Some((blocks, counts))
}

/// Whether each order has a status and an amount, and no refund larger than its amount.
fn are_settled(columns: &Columns) -> bool {
    (0..columns.customer.len()).all(|row| {
        let (status, amount) = (columns.status[row], columns.amount[row]);
        let refund = columns.refund.get(row).copied().unwrap_or_default();
        match Status::ALL.get(usize::from(status)) {
            Some(of) => {
                (amount != MISSING || !of.is_paid())
                    && refund.known().is_some()
                    && !amount.is_credit()
                    && !is_beyond(amount, refund)
            }
            None => [MERGED, REPLACED].contains(&status),
        }
    })
}

/// Makes each part a block, whose rows say where their items start in the block's own list.
fn blocks_of(merged: Merged) -> Vec<Block> {
    let is_joined = |group: &Group| group.columns.row_count.iter().any(|count| *count > 1);
    // Items are sorted in all blocks or in none, as it is done where rows of an order are joined while they are read.
    let are_joined = merged.parts.iter().flatten().any(is_joined);
    let parts = merged.parts.into_iter().zip(merged.lines);
    let block = |(mut rows, lines): (Vec<_>, _)| {
        let extras = rows.iter_mut().flat_map(|group: &mut Group| &mut group.columns.extra);
        extras
            .filter(|extra| extra.lines != NO_LINES)
            .for_each(|extra| extra.lines = Items::start(extra.lines));
        let mut block = Block { rows, ..Block::default() };
        block.extras.lines = lines;
        if are_joined {
            put_in_order(&mut block.extras.lines);
        }
        block
    };
    parts.map(block).collect()
}

/// For each number that [`settle`] gives, the first index in the store's list of regions, sources or products that has
/// it.
pub(crate) fn first_of_each(
    regions: &Dictionary<Region>,
    sources: &Dictionary<String>,
    products: &Dictionary<Arc<Product>>,
) -> [Vec<u32>; 3] {
    [
        first_of(&unify(&[regions], places::place, |_| 0)),
        first_of(&unify(&[sources], places::source_key, |_| 0)),
        first_of(&unify(&[products], |product| places::product_key(product), |_| 0)),
    ]
}

fn first_of<T>(Numbering { values, numbers }: &Numbering<T>) -> Vec<u32> {
    let mut first = vec![u32::MAX; values.len()];
    for (own, number) in numbers.iter().flat_map(|numbers| (0..).zip(numbers)) {
        if let Some(first) = first.get_mut(*number as usize) {
            *first = own.min(*first);
        }
    }
    first
}

//! Builds the canonical orders table from merged orders and gives customers small numbers.

mod piece;

use std::collections::HashMap;

use rayon::prelude::*;

use crate::error::Result;
use crate::merge::refunds::Settled;
use crate::parse::orders::{Aliases, Block};
use crate::rows::partition::{GROUP_SIZE, GROUPS, Group, Grouped, LongTexts};
use crate::rows::{Numbered, SortedRows};
use crate::schema::accounting::{Accounting, Rule, RuleCounts};
use crate::schema::parts::Unsorted;
use crate::schema::{CustomerIds, Orders, RowParts};
pub(crate) use piece::is_beyond;
use piece::{Form, Piece};

/// The counts that building the table adds to.
pub struct Counts<'a> {
    /// The rows that are left out, by rule.
    pub accounting: &'a mut Accounting,
    /// The part of the left-out rows that comes from files of items.
    pub items_left_out: &'a mut RuleCounts,
    /// The counts of refunds.
    pub refunds: &'a mut Settled,
}

/// Builds the orders table from parts that are partitioned by customer. Orders without an amount are left out and
/// counted as incomplete, unless no order has any (`lacks_amounts`). Orders with a refund larger than the paid amount
/// are counted among the refunds. `texts` are the names of additional columns.
pub fn assemble(
    mut parts: Vec<Grouped>,
    mut blocks: Vec<Block>,
    texts: &[String],
    lacks_amounts: bool,
    aliases: &Aliases,
    counts: Counts<'_>,
) -> Result<Orders<RowParts>> {
    let sorted: Vec<SortedRows> =
        blocks.iter_mut().flat_map(|block| std::mem::take(&mut block.sorted)).collect();
    let mut long: Vec<LongTexts> = blocks.into_iter().map(|block| block.long_customers).collect();
    long.push(aliases.long_texts());
    let is_merged = parts.iter().flatten().any(|group| !group.columns.row_count.is_empty());
    let has_ties = parts.iter().flatten().any(|group| !group.columns.given_back_of.is_empty());
    let has_item_rows = parts.iter().flatten().any(|group| !group.columns.item_row_count.is_empty());
    let has_extras = parts.iter().flatten().any(|group| !group.columns.extra.is_empty());
    let has_refunds = parts.iter().flatten().any(|group| !group.columns.refund.is_empty());
    let form = Form { is_merged, has_item_rows, lacks_amounts, has_ties, has_extras, has_refunds };
    let mut keys = Vec::new();
    let mut long_ids = HashMap::new();
    let mut unsorted: Vec<Box<dyn Unsorted>> = Vec::new();
    for group in 0..GROUPS {
        // Taken out, so that the group's memory is free for the next group's pieces.
        let rows: Vec<Group> =
            parts.iter_mut().filter_map(|part| part.get_mut(group)).map(std::mem::take).collect();
        let pieces: Vec<Piece> = (0..GROUP_SIZE)
            .into_par_iter()
            .with_max_len(1)
            .map(|partition| Piece::new(&rows, &long, group * GROUP_SIZE + partition, form, texts))
            .collect();
        drop(rows);
        for mut piece in pieces {
            piece.base = keys.len() as u32;
            keys.extend(std::mem::take(&mut piece.keys));
            long_ids.extend(std::mem::take(&mut piece.long));
            counts.accounting.excluded.add(Rule::IncompleteOrder, piece.incomplete_rows);
            counts.items_left_out.add(Rule::IncompleteOrder, piece.incomplete_item_rows);
            counts.refunds.beyond.0 += piece.beyond.0;
            counts.refunds.beyond.1 += piece.beyond.1;
            unsorted.push(Box::new(piece));
        }
    }
    for rows in &sorted {
        long_ids.extend(rows.long.iter().cloned());
    }
    // The customers of rows that come sorted from a store get the numbers behind all others.
    keys.reserve(sorted.iter().map(|rows| rows.customers.len()).sum());
    let are_all_named: Vec<bool> = sorted.par_iter().map(SortedRows::are_all_named).collect();
    for (rows, are_all_named) in sorted.into_iter().zip(are_all_named) {
        let base = keys.len() as u32;
        match are_all_named {
            true => keys.extend_from_slice(&rows.customers),
            false => keys.extend(rows.customers.iter().filter(|key| key.is_usable())),
        }
        unsorted.push(Box::new(Numbered { rows, base }));
    }
    Ok(Orders {
        parts: RowParts::new(unsorted),
        customers: CustomerIds::new(keys, long_ids),
        ..Orders::default()
    })
}

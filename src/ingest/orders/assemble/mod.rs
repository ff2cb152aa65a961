//! From merged orders to the canonical table: customers become small numbers, columns become a polars frame.
//!
//! The orders of a customer stand together, by day; orders without a customer come last.

mod piece;

use std::collections::HashMap;

use polars::prelude::*;
use rayon::prelude::*;

use super::accounts::Aliases;
use super::block::Block;
use super::partition::{GROUP_SIZE, GROUPS, Group, Grouped, LongTexts};
use super::sorted::{SortedParts, SortedRows};
use crate::error::Result;
use crate::ingest::accounting::{Rule, RuleCounts};
use crate::schema::{CustomerIds, Orders, orders};
use piece::Piece;

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
    let named: Vec<u32> = sorted.par_iter().map(SortedRows::named).collect();
    let bases = named.iter().scan(keys.len() as u32, |base, named| {
        *base += named;
        Some(*base - named)
    });
    let bases: Vec<u32> = bases.collect();
    keys.reserve(named.iter().map(|named| *named as usize).sum());
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

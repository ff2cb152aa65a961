//! Removes rows from a block, with all names that only they have.

use std::collections::HashSet;

use crate::parse::orders::Block;
use crate::rows::partition::{Group, OrderKeys, Place};
use crate::schema::Key;

/// Removes the rows of a block that are marked, by group and row.
pub(super) fn leave_out(block: &mut Block, is_gone: &[Vec<bool>]) {
    forget_names(block, is_gone);
    let mut new_places: Vec<Vec<Option<u32>>> = Vec::new();
    for (group, is_gone) in block.rows.iter_mut().zip(is_gone) {
        let kept: Vec<u32> = (0..is_gone.len() as u32).filter(|row| !is_gone[*row as usize]).collect();
        let mut places = vec![None; is_gone.len()];
        kept.iter().zip(0..).for_each(|(old, new)| places[*old as usize] = Some(new));
        if kept.len() < is_gone.len() {
            *group = Group::of_sorted(group.columns.gathered(&kept));
        }
        new_places.push(places);
    }
    for keys in [&mut block.orders, &mut block.lines] {
        let new = |place: &Place| {
            let row = new_places.get(place.group as usize)?.get(place.row as usize).copied().flatten()?;
            Some(Place { row, ..*place })
        };
        let kept = keys.keys.iter().zip(&keys.places).filter_map(|(key, place)| Some((*key, new(place)?)));
        let (of, places): (Vec<Key>, Vec<Place>) = kept.unzip();
        *keys = if of.is_empty() { OrderKeys::default() } else { OrderKeys::new(&of, &places) };
    }
}

/// Removes the names that no remaining row has, both those of the removed rows and those that no row had any more.
fn forget_names(block: &mut Block, is_gone: &[Vec<bool>]) {
    let none = |list: usize| vec![(0_u64, 0_u64); list];
    let mut regions = none(block.places.list.len());
    let mut sources = none(block.extras.sources.list.len());
    let mut products = none(block.extras.products.list.len());
    // The number of rows that are removed, and of those that stay.
    let count = |counts: &mut Vec<(u64, u64)>, number: u32, goes: bool| {
        if let Some((going, staying)) = counts.get_mut(number as usize) {
            *if goes { going } else { staying } += 1;
        }
    };
    for (group, is_gone) in block.rows.iter().zip(is_gone) {
        for (row, &goes) in is_gone.iter().enumerate() {
            group.columns.region.get(row).into_iter().for_each(|region| count(&mut regions, *region, goes));
            let Some(extra) = group.columns.extra.get(row) else { continue };
            count(&mut sources, extra.source, goes);
            let lines = block.extras.lines.get(extra.lines as usize..).unwrap_or_default();
            let end = lines.iter().position(|line| line.is_last).map_or(0, |last| last + 1);
            lines[..end].iter().for_each(|line| count(&mut products, line.product, goes));
        }
    }
    // The counts also include rows that a later import replaced, which are not in the block.
    let lost = |counts: Vec<(u64, u64)>| -> Vec<u64> {
        counts.into_iter().map(|(going, staying)| if staying == 0 { u64::MAX } else { going }).collect()
    };
    block.places.take_off(&lost(regions));
    block.extras.sources.take_off(&lost(sources));
    block.extras.products.take_off(&lost(products));
}

/// Keeps only the rows of some imports in a block that will be written again.
pub(super) fn keep_imports(block: &mut Block, is_kept: impl Fn(u64) -> bool) {
    let gone =
        |group: &Group| group.columns.import.iter().map(|import| !is_kept(u64::from(*import))).collect();
    let is_gone: Vec<Vec<bool>> = block.rows.iter().map(gone).collect();
    leave_out(block, &is_gone);
    let left: HashSet<Key> =
        block.rows.iter().flat_map(|group| group.columns.customer.iter().copied()).collect();
    block.accounts.forget(|account| !left.contains(&account), |_| false);
}

/// The order ids of the rows of an import. Rows that were just parsed all belong to one import.
pub(super) fn orders_of(blocks: &[Block], import: u64) -> Vec<Key> {
    let is_of = |block: &Block, place: &Place| {
        let imports = block.rows.get(place.group as usize).map(|group| &group.columns.import);
        imports
            .and_then(|imports| imports.get(place.row as usize))
            .is_none_or(|own| u64::from(*own) == import)
    };
    let of_block = |block: &Block| -> Vec<Key> {
        let keys = block.orders.keys.iter().zip(&block.orders.places);
        let keys = keys.filter(|(key, place)| key.is_usable() && is_of(block, place));
        keys.map(|(key, _)| *key).collect()
    };
    blocks.iter().flat_map(of_block).collect()
}

//! One numbering of the regions that all blocks met.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::block::Block;
use crate::regions::Region;
use crate::schema::orders::UNKNOWN_REGION;

/// Numbers the regions of all blocks, those with the most names first and else in the order of these, and gives every row its region's number; rows that
/// name none get [`UNKNOWN_REGION`]. Names that differ in case only are one, written as most rows have it.
pub fn number(blocks: &mut [Block]) -> Vec<Region> {
    let mut spellings: BTreeMap<(usize, Region), BTreeMap<Region, u64>> = BTreeMap::new();
    for (region, rows) in blocks.iter().flat_map(|block| &block.places.list) {
        *spellings.entry(place(region)).or_default().entry(region.clone()).or_default() += rows;
    }
    spellings.remove(&place(&Region::default()));
    let numbers: BTreeMap<&(usize, Region), u32> = spellings.keys().zip(0..).collect();
    blocks.par_iter_mut().for_each(|block| {
        let places = std::mem::take(&mut block.places).list;
        let number =
            |(region, _): &(Region, u64)| numbers.get(&place(region)).copied().unwrap_or(UNKNOWN_REGION);
        let numbers: Vec<u32> = places.iter().map(number).collect();
        for columns in block.rows.iter_mut().map(|group| &mut group.columns) {
            if numbers.is_empty() {
                // The file says nothing of places.
                columns.region = vec![UNKNOWN_REGION; columns.customer.len()];
            }
            columns.region.iter_mut().for_each(|region| {
                *region = numbers.get(*region as usize).copied().unwrap_or(UNKNOWN_REGION);
            });
        }
    });
    let most_used = |by_spelling: &BTreeMap<Region, u64>| {
        by_spelling
            .iter()
            .max_by_key(|(region, rows)| (**rows, std::cmp::Reverse((*region).clone())))
            .map_or_else(Region::default, |(region, _)| region.clone())
    };
    spellings.values().map(most_used).collect()
}

/// Where a region stands among the others: of two rows of one order the lower number is kept, which is to say more.
fn place(region: &Region) -> (usize, Region) {
    let folded = region.folded();
    let names = [&folded.city, &folded.province, &folded.country];
    (names.iter().filter(|name| name.is_empty()).count(), folded)
}

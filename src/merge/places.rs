//! One numbering of what all blocks met: the regions, sources and products of orders.

use rayon::prelude::*;

use crate::parse::orders::Block;
use crate::regions::Region;
use crate::rows::dictionary::{Dictionary, Numbering, UNKNOWN, unify};
use crate::schema::items::Product;

/// Numbers the regions of all blocks, those with the most names first and else in the order of these, and gives every
/// row its region's number; rows that name none get [`UNKNOWN`]. Names that differ in case only are one, written as
/// most rows have it.
pub fn number(blocks: &mut [Block]) -> Vec<Region> {
    let dictionaries: Vec<&Dictionary<Region>> = blocks.iter().map(|block| &block.places).collect();
    let Numbering { values, numbers } = unify(&dictionaries, place, |_| 0);
    blocks.par_iter_mut().zip(numbers).for_each(|(block, numbers)| {
        block.places = Dictionary::default();
        block.sorted.iter_mut().for_each(|rows| rows.regions.clone_from(&numbers));
        for columns in block.rows.iter_mut().map(|group| &mut group.columns) {
            if numbers.is_empty() {
                // The file says nothing of places.
                columns.region = vec![UNKNOWN; columns.customer.len()];
            }
            columns.region.iter_mut().for_each(|region| *region = renumbered(&numbers, *region));
        }
    });
    values
}

/// Numbers the sources of all blocks in the order of their names, and gives every row its source's number.
pub fn number_sources(blocks: &mut [Block]) -> Vec<String> {
    let dictionaries: Vec<&Dictionary<String>> = blocks.iter().map(|block| &block.extras.sources).collect();
    let Numbering { values, numbers } = unify(&dictionaries, source_key, |_| 0);
    blocks.par_iter_mut().zip(numbers).for_each(|(block, numbers)| {
        block.extras.sources = Dictionary::default();
        block.sorted.iter_mut().for_each(|rows| rows.sources.clone_from(&numbers));
        for columns in block.rows.iter_mut().map(|group| &mut group.columns) {
            columns.extra.iter_mut().for_each(|extra| extra.source = renumbered(&numbers, extra.source));
        }
    });
    values
}

/// What tells sources apart.
#[expect(clippy::unnecessary_wraps, reason = "as of regions and products, of which some say nothing")]
#[expect(clippy::ptr_arg, reason = "of a dictionary of texts")]
pub fn source_key(name: &String) -> Option<String> {
    Some(name.to_lowercase())
}

/// What tells products apart: the id, else the title, else the category.
pub fn product_key(product: &Product) -> Option<(u8, String)> {
    let names = [(0, &product.id), (1, &product.title), (2, &product.category)];
    names.into_iter().find(|(_, name)| !name.is_empty()).map(|(rank, name)| (rank, name.clone()))
}

/// How much of a product is said.
pub fn product_says(product: &Product) -> usize {
    [&product.id, &product.title, &product.category].into_iter().filter(|name| !name.is_empty()).count()
}

/// A block's own number as that of all blocks.
pub fn renumbered(numbers: &[u32], number: u32) -> u32 {
    numbers.get(number as usize).copied().unwrap_or(UNKNOWN)
}

/// Where a region stands among the others: of two rows of one order the lower number is kept, which is to say more.
pub fn place(region: &Region) -> Option<(usize, Region)> {
    let folded = region.folded();
    let names = [&folded.city, &folded.province, &folded.country];
    let missing = names.iter().filter(|name| name.is_empty()).count();
    (missing < names.len()).then_some((missing, folded))
}

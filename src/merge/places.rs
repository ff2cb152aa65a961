//! Gives regions and sources the same numbers in all blocks, and says which products are one.

use rayon::prelude::*;

use crate::parse::orders::Block;
use crate::regions::Region;
use crate::rows::dictionary::{Dictionary, Numbering, UNKNOWN, unify};
use crate::schema::items::Product;

/// Gives the regions of all blocks common numbers and puts them into the rows. Regions with the most known names
/// (country, province, city) come first, then they are sorted by name. Rows without a region get [`UNKNOWN`]. Names
/// that differ only in upper and lower case are one, written as most rows have it.
pub fn number(blocks: &mut [Block]) -> Vec<Region> {
    let dictionaries: Vec<&Dictionary<Region>> = blocks.iter().map(|block| &block.places).collect();
    let Numbering { values, numbers } = unify(&dictionaries, place, |_| 0);
    blocks.par_iter_mut().zip(numbers).for_each(|(block, numbers)| {
        block.places = Dictionary::default();
        block.sorted.iter_mut().for_each(|rows| rows.regions.clone_from(&numbers));
        for columns in block.rows.iter_mut().map(|group| &mut group.columns) {
            if numbers.is_empty() {
                // The file has no regions.
                columns.region = vec![UNKNOWN; columns.customer.len()];
            }
            columns.region.iter_mut().for_each(|region| *region = renumbered(&numbers, *region));
        }
    });
    values
}

/// Gives the sources of all blocks common numbers in the order of their names, and puts them into the rows.
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

/// The key of a source: two sources with the same key are one.
#[expect(clippy::unnecessary_wraps, reason = "as of regions and products, of which some say nothing")]
#[expect(clippy::ptr_arg, reason = "of a dictionary of texts")]
pub fn source_key(name: &String) -> Option<String> {
    Some(name.to_lowercase())
}

/// The key of a product: its id, or else its title, or else its category. Two products with the same key are one.
pub fn product_key(product: &Product) -> Option<(u8, String)> {
    let names = [(0, &product.id), (1, &product.title), (2, &product.category)];
    names.into_iter().find(|(_, name)| !name.is_empty()).map(|(rank, name)| (rank, name.clone()))
}

/// How many of id, title and category a product has.
pub fn product_says(product: &Product) -> usize {
    [&product.id, &product.title, &product.category].into_iter().filter(|name| !name.is_empty()).count()
}

/// The common number for a block's own number.
pub fn renumbered(numbers: &[u32], number: u32) -> u32 {
    numbers.get(number as usize).copied().unwrap_or(UNKNOWN)
}

/// The key of a region, by which regions are also sorted: those with fewer missing names come first. Of two rows of one
/// order the lower region number is kept, which is the one with more names. None for a region without names.
pub fn place(region: &Region) -> Option<(usize, Region)> {
    let folded = region.folded();
    let names = [&folded.city, &folded.province, &folded.country];
    let missing = names.iter().filter(|name| name.is_empty()).count();
    (missing < names.len()).then_some((missing, folded))
}

//! The orders that the rows of a segment make up, kept beside the rows. They serve questions that look at no single
//! row, and only as long as no other segment has rows of the same orders.
//!
//! A segment in which each row is an order does not need them. If another segment has rows of an order, it is only
//! decided when both are read which rows count, and the kept orders are given up.

use super::files::Writing;
use super::ids::Ids;
use super::importing::Importing;
use super::manifest::{Manifest, Segment};
use super::names::Names;
use super::segment;
use crate::error::Result;
use crate::merge::{first_of_each, settle};
use crate::parse::orders::{Block, FileTraits};
use crate::schema::Key;

/// Merges the rows of a segment, which are in `blocks`, and keeps the orders. `replaced` is how many of the rows are
/// marked as replaced by others of the file.
pub(super) fn keep_orders(
    writing: &Writing,
    manifest: &mut Manifest,
    segment: &mut Segment,
    blocks: Vec<Block>,
    (traits, replaced): (&FileTraits, u64),
) -> Result<()> {
    let grain = segment.grain;
    if grain.is_whole || grain.has_negatives || !grain.has_order_id || segment.imports.len() != 1 {
        return Ok(());
    }
    // The key is made before anything is written.
    let Some(key) = manifest.people_key() else { return Ok(()) };
    let mut names = Names::default();
    blocks.iter().for_each(|block| names.add(block));
    let numbers = first_of_each(&names.regions, &names.sources, &names.products);
    let Some((blocks, counts)) = settle(blocks, traits, replaced) else { return Ok(()) };
    let (number, names) = (manifest.number(), Names::of_numbers(numbers));
    segment.settled = Some(segment::save_settled(writing, number, &blocks, names, counts, &key)?);
    Ok(())
}

impl Importing<'_> {
    /// Gives up the kept orders of segments that have rows of any of the given orders. With `is_asked` the result says
    /// whether no segment has such rows. `orders` is only called if there is a segment to compare with.
    pub(super) fn stand_apart(&mut self, orders: impl FnOnce() -> Vec<Key>, is_asked: bool) -> Result<bool> {
        let matters = |segment: &Segment| segment.ids.is_some() && (is_asked || segment.settled.is_some());
        if !self.manifest.segments.iter().any(matters) {
            return Ok(true);
        }
        let (orders, mut is_apart) = (orders(), true);
        for segment in self.manifest.segments.iter_mut().filter(|segment| matters(segment)) {
            let Some(ids) = &segment.ids else { continue };
            if !Ids::open(self.writing.folder(), ids)?.rows_of(&orders)?.is_empty() {
                (is_apart, segment.settled) = (false, None);
            }
        }
        Ok(is_apart)
    }
}

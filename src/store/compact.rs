//! Merges segments: then there are fewer files to open, and no rows that later imports replaced.

use std::ops::Range;

use super::change::Removal;
use super::files::Writing;
use super::load::Wanted;
use super::lock::Wait;
use super::manifest::{Manifest, Segment};
use super::rows::load_segment;
use super::{Store, marks, segment};
use crate::error::Result;
use crate::parse::orders::Block;

impl Store {
    /// Merges all segments that can be merged, and gives up the rows that later imports replaced. Returns the number of
    /// segments before and after.
    ///
    /// # Errors
    /// When a file of the store is damaged, or the store cannot be written; it is then as it was.
    pub fn compact(&self, wait: Wait<'_>) -> Result<(usize, usize)> {
        let changed = self.change(wait, Removal::Soon, |manifest, writing| {
            let before = manifest.segments.len();
            self.compact_all(manifest, writing)?;
            Ok((before, manifest.segments.len()))
        })?;
        Ok(changed.answer)
    }

    fn compact_all(&self, manifest: &mut Manifest, writing: &Writing) -> Result<()> {
        // From the end, so that the indices before it do not change.
        let mut end = manifest.segments.len();
        while end > 0 {
            let grain = manifest.segments[end - 1].grain;
            let alike =
                manifest.segments[..end].iter().rev().take_while(|segment| segment.grain == grain).count();
            let start = end - alike;
            let is_worth_it = alike > 1 || manifest.segments[start].superseded_rows > 0;
            // Rows that must be merged with others keep the order of their files.
            if grain.is_whole && is_worth_it {
                self.merge_segments(manifest, writing, start..end)?;
            }
            end = start;
        }
        // Of the originals, only those rows still count that the segments have.
        manifest.originals.clear();
        Ok(())
    }

    /// Merges whole segments that are next to each other. The segment of a single import is kept as its original if it
    /// still has all rows of the import.
    pub(super) fn merge_segments(
        &self,
        manifest: &mut Manifest,
        writing: &Writing,
        range: Range<usize>,
    ) -> Result<()> {
        let wanted = Wanted::everything();
        let key = manifest.people_key();
        let old = &manifest.segments[range.clone()];
        let grain = old[0].grain;
        let blocks: Vec<Block> = old
            .iter()
            .map(|segment| load_segment(self.folder(), segment, &wanted, true, key.as_ref()))
            .collect::<Result<_>>()?;
        let imports: Vec<u64> = old.iter().flat_map(|segment| segment.imports.iter().copied()).collect();
        let replaced: Vec<_> =
            old.iter().map(|segment| marks::counted(self.folder(), segment)).collect::<Result<_>>()?;
        let number = manifest.number();
        let merged = segment::save(writing, number, imports, grain, &blocks, key.as_ref())?;
        let old: Vec<Segment> = manifest.segments.splice(range, [merged]).collect();
        let is_original = |segment: &Segment| match segment.imports.as_slice() {
            [import] => manifest.imports.iter().any(|of| of.number == *import && of.replaced.is_empty()),
            _ => false,
        };
        let originals: Vec<Segment> = old.into_iter().filter(is_original).map(Segment::unmarked).collect();
        replaced.iter().for_each(|rows| manifest.note_replaced(rows));
        manifest.originals.extend(originals);
        manifest.originals.sort_by_key(|original| original.imports.clone());
        Ok(())
    }
}

//! The rows of a segment in the order of its files, and the values of their columns.

use rayon::prelude::*;

use super::Rows;
use crate::parse::orders::Block;
use crate::rows::partition::{Columns, GROUP_SIZE, GROUPS, MERGED, REPLACED};
use crate::schema::{Key, day};

/// The number of rows in a row group, which are decoded at once: large enough for good compression, small enough for
/// all cores to be busy.
const ROW_GROUP: usize = 100_000;

/// The place of a row among the rows of a [`Part`].
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    pub block: u32,
    pub row: u32,
}

/// The rows of one row group of the file, in their order. All are of one group of partitions, so that for each block
/// their values stand in one slice per column.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// The index of the group of partitions.
    group: usize,
    pub rows: Vec<At>,
    /// How many rows of the segment come before these.
    pub start: usize,
}

impl Part {
    /// The columns of a block for the group of partitions; `None` if the block has no such group.
    pub fn columns<'b>(&self, block: &'b Block) -> Option<&'b Columns> {
        Some(&block.rows.get(self.group)?.columns)
    }
}

impl Rows<'_> {
    /// All rows, sorted and cut into row groups between partitions.
    pub(super) fn parts(&self) -> Vec<Part> {
        let mut parts: Vec<Part> = (0..GROUPS).flat_map(|group| self.group(group)).collect();
        let mut end = 0;
        for part in &mut parts {
            part.start = end;
            end += part.rows.len();
        }
        parts
    }

    /// The row groups of one group of partitions. Their `start` is 0 until [`Self::parts`] sets it.
    fn group(&self, group: usize) -> Vec<Part> {
        let partitions: Vec<Vec<At>> = (0..GROUP_SIZE)
            .into_par_iter()
            .map(|partition| {
                let mut rows: Vec<(bool, Key, i32, At)> = Vec::new();
                for (block, number) in self.blocks.iter().zip(0..) {
                    let Some(of) = block.rows.get(group) else { continue };
                    for row in of.rows(partition) {
                        if [REPLACED, MERGED].contains(&of.columns.status[row]) {
                            continue;
                        }
                        let (key, at) = (of.columns.customer[row], At { block: number, row: row as u32 });
                        rows.push((!key.is_usable(), key, day_of(&of.columns, row), at));
                    }
                }
                // The sort is stable, so that rows of the same day keep their order.
                rows.sort_by_key(|(is_nobody, key, day, _)| (*is_nobody, *key, *day));
                rows.into_iter().map(|(.., at)| at).collect()
            })
            .collect();
        let mut parts: Vec<Part> = Vec::new();
        for rows in partitions {
            match parts.last_mut() {
                Some(last) if last.rows.len() < ROW_GROUP => last.rows.extend(rows),
                _ => parts.push(Part { group, rows, start: 0 }),
            }
        }
        parts
    }

    /// The values of a column for the rows of a part; none where the block does not have the column.
    pub(super) fn values<'b, T: Copy + 'b>(
        &'b self,
        part: &'b Part,
        column: fn(&Columns) -> &Vec<T>,
    ) -> impl Iterator<Item = Option<T>> + 'b {
        let of_block = |block| part.columns(block).map_or(&[][..], |columns| column(columns));
        let by_block: Vec<&[T]> = self.blocks.iter().map(of_block).collect();
        part.rows.iter().map(move |at| by_block[at.block as usize].get(at.row as usize).copied())
    }

    /// The keys of the rows of a part, out of those by block, group and row.
    pub(super) fn keys<'b>(by_block: &'b [Vec<Vec<Key>>], part: &'b Part) -> impl Iterator<Item = Key> + 'b {
        let of_group = |groups: &'b Vec<Vec<Key>>| groups.get(part.group).map_or(&[][..], Vec::as_slice);
        let by_block: Vec<&[Key]> = by_block.iter().map(of_group).collect();
        part.rows.iter().map(move |at| by_block[at.block as usize][at.row as usize])
    }

    /// The days of the rows of a part.
    pub(super) fn days<'b>(&'b self, part: &'b Part) -> impl Iterator<Item = i32> + 'b {
        let by_block: Vec<Option<&Columns>> = self.blocks.iter().map(|block| part.columns(block)).collect();
        let day = move |at: &At| by_block[at.block as usize].map(|columns| day_of(columns, at.row as usize));
        part.rows.iter().map(move |at| day(at).unwrap_or(day::MISSING))
    }
}

/// The day of payment of a row, or else of creation.
fn day_of(columns: &Columns, row: usize) -> i32 {
    let day = |days: &[i32]| days.get(row).copied().unwrap_or(day::MISSING);
    match day(&columns.paid_on) {
        day::MISSING => day(&columns.created_on),
        day => day,
    }
}

//! Stores the further columns of orders as a file of texts.

use polars::prelude::*;
use rayon::prelude::*;

use super::Rows;
use super::parts::{At, Part};
use crate::error::Result;
use crate::parse::orders::Block;
use crate::parse::orders::texts::Words;
use crate::rows::dictionary::UNKNOWN;

/// A further column of the rows of blocks.
pub(super) struct FurtherColumn {
    name: String,
    /// For each block the indices of the column there; several if different headers became the same name.
    places: Vec<Vec<usize>>,
}

impl Rows<'_> {
    /// The further columns in which any row has a text, in the order in which the blocks have them.
    pub(super) fn further_columns(&self) -> Vec<FurtherColumn> {
        let mut columns: Vec<FurtherColumn> = Vec::new();
        for (number, block) in self.blocks.iter().enumerate() {
            let with_words = block.texts.names.iter().zip(&block.texts.words).enumerate();
            for (place, (name, words)) in with_words {
                if words.iter().all(str::is_empty) {
                    continue;
                }
                let known = columns.iter().position(|column| column.name == *name);
                let at = known.unwrap_or_else(|| {
                    let places = vec![Vec::new(); self.blocks.len()];
                    columns.push(FurtherColumn { name: name.clone(), places });
                    columns.len() - 1
                });
                columns[at].places[number].push(place);
            }
        }
        columns
    }

    /// The texts of these columns for the rows of a part.
    pub(super) fn further(&self, columns: &[FurtherColumn], part: &Part) -> Result<DataFrame> {
        let column_of = |column: &FurtherColumn| {
            let mut of_blocks = Vec::new();
            let mut ends = Vec::with_capacity(self.blocks.len());
            for (block, places) in self.blocks.iter().zip(&column.places) {
                of_blocks.extend(places.iter().filter_map(|place| OfBlock::new(block, *place, part)));
                ends.push(of_blocks.len());
            }
            let text = |at: &At| {
                let block = at.block as usize;
                let start = block.checked_sub(1).map_or(0, |before| ends[before]);
                of_blocks[start..ends[block]].iter().find_map(|of| of.text(at.row as usize))
            };
            let texts = part.rows.iter().map(text);
            StringChunked::from_iter_options(column.name.as_str().into(), texts).into_column()
        };
        Ok(DataFrame::new(part.rows.len(), columns.par_iter().map(column_of).collect())?)
    }
}

/// A further column of a block, for the rows of a part.
struct OfBlock<'a> {
    words: &'a Words,
    numbers: &'a [u32],
}

impl<'a> OfBlock<'a> {
    /// The column at a place of a block; `None` if the block has no rows of the part, or the file lacks the column.
    fn new(block: &'a Block, place: usize, part: &Part) -> Option<Self> {
        let columns = part.columns(block)?;
        Some(Self { words: block.texts.words.get(place)?, numbers: columns.texts.get(place)? })
    }

    fn text(&self, row: usize) -> Option<&'a str> {
        let known = Some(*self.numbers.get(row)?).filter(|number| *number != UNKNOWN)?;
        Some(self.words.text(known)).filter(|text| !text.is_empty())
    }
}

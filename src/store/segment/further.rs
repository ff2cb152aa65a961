//! Stores the further columns of orders as a file of texts.

use polars::prelude::*;
use rayon::prelude::*;

use super::{At, Rows};
use crate::error::Result;
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

    /// The texts of these columns for the given rows.
    pub(super) fn further(&self, columns: &[FurtherColumn], rows: &[At]) -> Result<DataFrame> {
        let texts = |column: &FurtherColumn| {
            let texts = rows.iter().map(|at| self.further_text(column, *at));
            StringChunked::from_iter_options(column.name.as_str().into(), texts).into_column()
        };
        Ok(DataFrame::new(rows.len(), columns.par_iter().map(texts).collect())?)
    }

    fn further_text(&self, column: &FurtherColumn, at: At) -> Option<&str> {
        let (block, numbers) = (&self.blocks[at.block as usize], &self.columns(at).texts);
        let text = |place: &usize| {
            let number = *numbers.get(*place)?.get(at.row as usize)?;
            let known = Some(number).filter(|number| *number != UNKNOWN)?;
            Some(block.texts.words.get(*place)?.text(known)).filter(|text| !text.is_empty())
        };
        column.places[at.block as usize].iter().find_map(text)
    }
}

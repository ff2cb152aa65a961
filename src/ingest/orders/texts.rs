//! Further columns of orders, as numbers of their texts: first per block, then one numbering for all blocks.

use std::collections::HashMap;

use rayon::prelude::*;

use super::block::Block;
use crate::ingest::dictionary::UNKNOWN;

/// The texts of a column of a block, one behind the other. Those that come again and again are there once; of a column
/// whose texts hardly ever come twice nobody looks for that.
#[derive(Debug, Default, Clone)]
pub struct Words {
    text: String,
    /// Where each text ends.
    ends: Vec<usize>,
    by_cell: HashMap<Vec<u8>, u32>,
}

/// The texts of the further columns of a block: the columns' names, and the texts that its rows have numbers of.
#[derive(Debug, Default)]
pub struct BlockTexts {
    /// The names, as they were asked for.
    pub names: Vec<String>,
    /// The texts, by column.
    pub words: Vec<Words>,
}

impl Words {
    /// The number of the text in this cell, which is read only where it was not met before.
    pub fn number(&mut self, cell: &[u8], read: impl FnOnce() -> String) -> u32 {
        if let Some(&number) = self.by_cell.get(cell) {
            return number;
        }
        let number = self.push(&read());
        const MANY: usize = 1 << 15;
        if self.by_cell.len() < MANY {
            self.by_cell.insert(cell.to_vec(), number);
        }
        number
    }

    /// Adds a text and gives back its number; an empty one says nothing.
    pub fn push(&mut self, text: &str) -> u32 {
        self.text.push_str(text);
        self.ends.push(self.text.len());
        self.ends.len() as u32 - 1
    }

    /// The texts by number.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(start, end)| &self.text[*start..*end])
    }

    /// Each text as `change` has it.
    pub fn changed(&self, change: impl Fn(&str) -> String) -> Self {
        let mut words = Self::default();
        self.iter().for_each(|text| {
            words.push(&change(text));
        });
        words
    }

    /// Gives back what is needed only while rows are read.
    pub fn finish(&mut self) {
        self.by_cell = HashMap::new();
    }
}

/// Numbers the texts of all blocks, each column for itself and in the order of the texts, and gives every row its text's
/// number. All blocks have these columns, or none.
pub(super) fn number(blocks: &mut [Block], names: &[String]) -> Vec<(String, Vec<String>)> {
    let columns = (0..names.len()).map(|column| number_column(blocks, column));
    let all = names.iter().cloned().zip(columns).collect();
    blocks.iter_mut().for_each(|block| block.texts = BlockTexts::default());
    all
}

fn number_column(blocks: &mut [Block], column: usize) -> Vec<String> {
    let of = |block: &Block| block.texts.words.get(column).cloned().unwrap_or_default();
    let of_blocks: Vec<Words> = blocks.iter().map(of).collect();
    let mut all: Vec<&str> = of_blocks.iter().flat_map(Words::iter).filter(|text| !text.is_empty()).collect();
    all.par_sort_unstable();
    all.dedup();
    blocks.par_iter_mut().zip(&of_blocks).for_each(|(block, words)| {
        let new = |text: &str| all.binary_search(&text).map_or(UNKNOWN, |number| number as u32);
        let new: Vec<u32> = words.iter().map(new).collect();
        let numbers = block.rows.iter_mut().filter_map(|group| group.columns.texts.get_mut(column));
        for number in numbers.flatten() {
            *number = new.get(*number as usize).copied().unwrap_or(UNKNOWN);
        }
    });
    all.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_numbered_once_for_all_blocks_and_empty_ones_say_nothing() {
        let mut words = Words::default();
        let numbers: Vec<u32> =
            ["tea", "", "cup", "tea"].map(|text| words.number(text.as_bytes(), || text.to_owned())).to_vec();
        assert_eq!(numbers, [0, 1, 2, 0]);
        assert_eq!(words.iter().collect::<Vec<_>>(), ["tea", "", "cup"]);
        assert_eq!(words.changed(|text| text.to_uppercase()).iter().last(), Some("CUP"));
        let block = |words: Words| Block {
            texts: BlockTexts { names: vec!["note".to_owned()], words: vec![words] },
            ..Block::default()
        };
        let mut other = Words::default();
        other.push("ale");
        let all = number(&mut [block(words), block(other)], &["note".to_owned()]);
        assert_eq!(all, [("note".to_owned(), ["ale", "cup", "tea"].map(str::to_owned).to_vec())]);
    }
}

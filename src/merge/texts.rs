//! Gives the texts of further columns of orders common numbers.

use rayon::prelude::*;

use crate::parse::orders::Block;
use crate::parse::orders::texts::{BlockTexts, Words};
use crate::rows::dictionary::UNKNOWN;

/// Numbers the texts of each column across all blocks, in the order of the texts, and puts the numbers into the rows.
/// Either all blocks have these columns or none does. Returns for each column its name and its texts by number.
pub fn number(blocks: &mut [Block], names: &[String]) -> Vec<(String, Vec<String>)> {
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
    fn texts_that_never_come_twice_are_not_looked_for() {
        let mut words = Words::default();
        let mut number = |text: &str| words.number(text.as_bytes(), || text.to_owned());
        let first: Vec<u32> = (0..5000).map(|text| number(&text.to_string())).collect();
        assert_eq!(first, (0..5000).collect::<Vec<u32>>());
        assert_eq!([number("7"), number("7")], [5000, 5001]);
        assert_eq!(words.text(5001), "7");
    }

    #[test]
    fn texts_are_numbered_once_for_all_blocks_and_empty_ones_say_nothing() {
        let mut words = Words::default();
        let numbers: Vec<u32> =
            ["tea", "", "cup", "tea"].map(|text| words.number(text.as_bytes(), || text.to_owned())).to_vec();
        assert_eq!(numbers, [0, 1, 2, 0]);
        assert_eq!(words.iter().collect::<Vec<_>>(), ["tea", "", "cup"]);
        assert_eq!([0, 1, 2, 3].map(|number| words.text(number)), ["tea", "", "cup", ""]);
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

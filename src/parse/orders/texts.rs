//! Further columns of orders, as numbers of their texts: first per block, then one numbering for all blocks.

use std::collections::HashMap;

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
        const MAX_CELLS: usize = 1 << 15;
        if self.by_cell.len() < MAX_CELLS {
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

//! Further columns of orders, as numbers of their texts: first per block, then one numbering for all blocks.

use polars::prelude::PlHashMap;

/// The texts of a column of a block, one behind the other. Those that come again and again are there once; of a column
/// whose texts hardly ever come twice nobody looks for that.
#[derive(Debug, Default, Clone)]
pub struct Words {
    text: String,
    /// Where each text ends.
    ends: Vec<usize>,
    by_cell: PlHashMap<Vec<u8>, u32>,
    /// How many cells were met before.
    met: usize,
    /// Whether nobody looks any more for cells that were met before.
    is_plain: bool,
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
    pub fn number<T: AsRef<str>>(&mut self, cell: &[u8], read: impl FnOnce() -> T) -> u32 {
        if self.is_plain {
            return self.push(read().as_ref());
        }
        if let Some(&number) = self.by_cell.get(cell) {
            self.met += 1;
            return number;
        }
        let number = self.push(read().as_ref());
        const MAX_CELLS: usize = 1 << 15;
        /// As many show whether looking for them is worth its room.
        const CELLS_TRIED: usize = 1 << 11;
        if self.by_cell.len() < MAX_CELLS {
            self.by_cell.insert(cell.to_vec(), number);
        }
        if self.by_cell.len() == CELLS_TRIED && self.met < CELLS_TRIED {
            self.by_cell = PlHashMap::default();
            self.is_plain = true;
        }
        number
    }

    /// Adds a text and gives back its number; an empty one says nothing.
    pub fn push(&mut self, text: &str) -> u32 {
        self.text.push_str(text);
        self.ends.push(self.text.len());
        self.ends.len() as u32 - 1
    }

    /// Adds a text that `write` writes behind those before; nothing else of it may be changed. Says whether it did, and
    /// else adds an empty one.
    pub fn write(&mut self, write: impl FnOnce(&mut String) -> bool) -> bool {
        let start = self.text.len();
        let is_written = write(&mut self.text);
        if !is_written {
            self.text.truncate(start);
        }
        self.ends.push(self.text.len());
        is_written
    }

    /// The text of a number; an empty one where there is none.
    pub fn text(&self, number: u32) -> &str {
        let end = |number: u32| self.ends.get(number as usize).copied();
        let start = number.checked_sub(1).map_or(Some(0), end);
        start.zip(end(number)).map_or("", |(start, end)| &self.text[start..end])
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
        self.by_cell = PlHashMap::default();
    }
}

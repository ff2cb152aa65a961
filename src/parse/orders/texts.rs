//! Additional columns of orders, stored as numbers of their texts: numbered per block first, then once for all blocks.

use polars::prelude::PlHashMap;

/// The texts of a column in a block, concatenated. Repeated texts are stored once, unless hardly any text of the column
/// repeats.
#[derive(Debug, Default, Clone)]
pub struct Words {
    text: String,
    /// The end of each text.
    ends: Vec<usize>,
    by_cell: PlHashMap<Vec<u8>, u32>,
    /// How many cells had a text that was there before.
    met: usize,
    /// Whether repeated texts are no longer looked up.
    is_plain: bool,
}

/// The texts of the additional columns of a block.
#[derive(Debug, Default)]
pub struct BlockTexts {
    /// The names, as they were asked for.
    pub names: Vec<String>,
    /// The texts, by column.
    pub words: Vec<Words>,
}

impl Words {
    /// The number of the text in this cell; `read` is called only for a cell that was not there before.
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
        /// So many cells show whether looking up repeated texts is worth its memory.
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

    /// Adds a text and returns its number; an empty text means "nothing".
    pub fn push(&mut self, text: &str) -> u32 {
        self.text.push_str(text);
        self.ends.push(self.text.len());
        self.ends.len() as u32 - 1
    }

    /// Adds the text that `write` appends; `write` must not change anything else. If it returns `false`, an empty text
    /// is added. Returns what `write` returned.
    pub fn write(&mut self, write: impl FnOnce(&mut String) -> bool) -> bool {
        let start = self.text.len();
        let is_written = write(&mut self.text);
        if !is_written {
            self.text.truncate(start);
        }
        self.ends.push(self.text.len());
        is_written
    }

    /// The text of a number; empty if there is none.
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

    /// A copy with each text replaced by what `change` returns.
    pub fn changed(&self, change: impl Fn(&str) -> String) -> Self {
        let mut words = Self::default();
        self.iter().for_each(|text| {
            words.push(&change(text));
        });
        words
    }

    /// Frees the memory that is needed only while rows are read.
    pub fn finish(&mut self) {
        self.by_cell = PlHashMap::default();
    }
}

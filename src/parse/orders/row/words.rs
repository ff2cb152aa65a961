//! A platform's status words, as its files have them.

use crate::parse::preset::StatusWord;
use crate::rows::key_table::KeyTable;
use crate::schema::Key;
use crate::schema::packed::Packed;

/// Status words in the file's own bytes.
#[derive(Debug)]
pub(super) struct RawWords {
    words: KeyTable,
    /// By the word's number.
    meanings: Vec<StatusWord>,
}

impl RawWords {
    /// Of equal words the first counts.
    pub(super) fn new(words: impl Iterator<Item = (Vec<u8>, StatusWord)>) -> Self {
        let mut raw = Self { words: KeyTable::with_capacity(0), meanings: Vec::new() };
        for (word, meaning) in words {
            if raw.words.insert(Key::of(&word)).is_ok() {
                raw.meanings.push(meaning);
            }
        }
        raw
    }

    #[inline(always)]
    pub(super) fn get(&self, word: Packed<'_>) -> Option<StatusWord> {
        self.meanings.get(self.words.find(Key::of_packed(word))? as usize).copied()
    }
}

//! Status words of platforms, encoded as their files have them.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::parse::layout::Layout;
use crate::parse::options::ReadOptions;
use crate::parse::preset::StatusWord;
use crate::rows::key_table::KeyTable;
use crate::schema::packed::Packed;
use crate::schema::{Key, squash};
use crate::text;

/// Status words in the file's own encoding.
#[derive(Debug)]
pub(super) struct RawWords {
    words: KeyTable,
    /// Meanings, by the number of the word.
    meanings: Vec<StatusWord>,
}

impl RawWords {
    /// If a word occurs twice, the first meaning counts.
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

/// The status words of a file: the user's own first, which override the platform's.
pub fn words_of<'a>(layout: &'a Layout, options: &'a ReadOptions) -> Vec<(&'a str, StatusWord)> {
    let own = options.status_words.iter();
    let own = own.filter_map(|(word, name)| Some((word.as_str(), StatusWord::named(name)?)));
    own.chain(layout.preset.status_words()).collect()
}

/// Status words in any spelling, for orders and items.
#[derive(Debug)]
pub struct StatusWords {
    words: HashMap<String, StatusWord, RandomState>,
    /// Beginnings of words, longest first.
    beginnings: Vec<(String, StatusWord)>,
    /// The meaning of a blank cell, if the platform gives it one.
    blank: Option<StatusWord>,
}

/// The word has no known meaning.
#[derive(Debug)]
pub struct UnknownWord;

impl StatusWords {
    /// If a word occurs twice, the first meaning counts.
    pub fn new(words: &[(&str, StatusWord)]) -> Self {
        let beginnings = words.iter().filter_map(|(word, of)| Some((squash(word.strip_suffix('*')?), *of)));
        let mut beginnings: Vec<(String, StatusWord)> = beginnings.collect();
        beginnings.sort_by_key(|(beginning, _)| std::cmp::Reverse(beginning.len()));
        Self {
            words: words.iter().rev().map(|(word, meaning)| (squash(word), *meaning)).collect(),
            beginnings,
            blank: words.iter().find(|(word, _)| word.is_empty()).map(|(_, meaning)| *meaning),
        }
    }

    /// The meaning of a cell; `None` if it is blank and blank cells mean nothing.
    pub fn read(&self, cell: &[u8]) -> Result<Option<StatusWord>, UnknownWord> {
        if text::is_null(text::trim(cell)) {
            return Ok(self.blank);
        }
        let squashed = squash(&String::from_utf8_lossy(cell));
        let beginning = || self.beginnings.iter().find(|(word, _)| squashed.starts_with(word));
        let known = self.words.get(&squashed).copied();
        known.or_else(|| beginning().map(|(_, meaning)| *meaning)).map(Some).ok_or(UnknownWord)
    }
}

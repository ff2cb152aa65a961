//! A platform's status words, as its files have them.

use crate::ingest::preset::StatusWord;

/// Status words in the file's own bytes, found by length and first byte.
#[derive(Debug)]
pub(super) struct RawWords {
    words: Vec<(Vec<u8>, StatusWord)>,
    /// The first word of each kind, by [`RawWords::slot`].
    slots: [u8; 256],
}

impl RawWords {
    pub(super) fn new(words: impl Iterator<Item = (Vec<u8>, StatusWord)>) -> Self {
        let words: Vec<_> = words.take(usize::from(u8::MAX)).collect();
        let mut slots = [u8::MAX; 256];
        for (i, (word, _)) in words.iter().enumerate().rev() {
            slots[Self::slot(word)] = i as u8;
        }
        Self { words, slots }
    }

    #[inline]
    fn slot(word: &[u8]) -> usize {
        let first = word.first().copied().unwrap_or(0);
        usize::from(first.wrapping_mul(31).wrapping_add((word.len() as u8).wrapping_mul(7)))
    }

    #[inline]
    pub(super) fn get(&self, raw: &[u8]) -> Option<StatusWord> {
        let first = usize::from(self.slots[Self::slot(raw)]);
        self.words.get(first..)?.iter().find(|(word, _)| word == raw).map(|(_, meaning)| *meaning)
    }
}

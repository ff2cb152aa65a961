//! A platform's status words, as its files have them.

use crate::ingest::preset::StatusWord;
use crate::packed::Packed;

/// Bytes of a word that its head has.
const HELD: usize = 16;

/// Status words in the file's own bytes, in a table that is twice as large as it needs to be.
#[derive(Debug)]
pub(super) struct RawWords {
    slots: Vec<Option<RawWord>>,
    /// Slots less one, which are a power of two.
    mask: usize,
}

#[derive(Debug)]
struct RawWord {
    head: u128,
    len: usize,
    meaning: StatusWord,
    /// The text, where it is longer than its head.
    long: Option<Vec<u8>>,
}

impl RawWords {
    /// Of equal words the first counts.
    pub(super) fn new(words: impl Iterator<Item = (Vec<u8>, StatusWord)>) -> Self {
        let words: Vec<_> = words.collect();
        let size = (words.len() * 2).next_power_of_two().max(1);
        let mut table = Self { slots: (0..size).map(|_| None).collect(), mask: size - 1 };
        for (text, meaning) in words {
            let packed = Packed::of(&text);
            let slot = table.slot(packed);
            if table.slots[slot].is_none() {
                let (head, len) = (packed.head(), packed.len());
                let long = (len > HELD).then(|| text.clone());
                table.slots[slot] = Some(RawWord { head, len, meaning, long });
            }
        }
        table
    }

    /// Where a word is, or would be.
    #[inline(always)]
    fn slot(&self, word: Packed<'_>) -> usize {
        // Words of a platform differ in their first or their last letters.
        let folded = (word.head() as u64) ^ ((word.head() >> 64) as u64).rotate_left(29) ^ word.len() as u64;
        let mut slot = (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & self.mask;
        while let Some(known) = &self.slots[slot]
            && !known.is(word)
        {
            slot = (slot + 1) & self.mask;
        }
        slot
    }

    #[inline(always)]
    pub(super) fn get(&self, word: Packed<'_>) -> Option<StatusWord> {
        self.slots[self.slot(word)].as_ref().map(|known| known.meaning)
    }
}

impl RawWord {
    #[inline(always)]
    fn is(&self, word: Packed<'_>) -> bool {
        self.head == word.head()
            && self.len == word.len()
            && self.long.as_ref().is_none_or(|text| text == word.text())
    }
}

//! Finds the ends of cells in text without quotes, sixteen bytes at a time.

use wide::u8x16;

use crate::parse::records::Dialect;

/// Bytes scanned before their marks are used: bytes and marks together fit the first-level cache.
pub const STRETCH: usize = 1 << 13;

/// Bytes whose marks are the bits of one number.
const WORD: usize = 64;

/// Marks that are written without checking how many there are.
const USUAL: usize = 8;

/// Places of delimiters and terminators.
#[derive(Debug, Default)]
pub struct Marks {
    /// The places, with unused room behind them.
    places: Vec<u32>,
    count: usize,
}

impl Marks {
    /// The places, ascending.
    pub fn places(&self) -> &[u32] {
        &self.places[..self.count]
    }

    /// Removes the first `first` places.
    pub fn forget(&mut self, first: usize) {
        self.places.copy_within(first..self.count, 0);
        self.count -= first;
    }

    /// Adds a place.
    pub fn push(&mut self, place: u32) {
        self.places.truncate(self.count);
        self.places.push(place);
        self.count += 1;
    }

    /// Adds the places of the delimiters and terminators in a stretch that begins at `base`.
    ///
    /// Cells are short, so a separate search for each would mostly pay for starting. Instead the hits among 64 bytes
    /// become the bits of a number, and eight at a time are written without a check: a loop with an unpredictable
    /// number of rounds costs more than a few useless rounds (Langdale and Lemire, "Parsing Gigabytes of JSON per
    /// Second", 3.1).
    ///
    /// Places and counts are at most a block's length, which is below `u32::MAX`: they are added up without a check for
    /// overflow, which takes as long as the search. Rounds to no purpose write places behind the stretch, which the next
    /// marks overwrite.
    pub fn find(&mut self, stretch: &[u8], base: u32, dialect: Dialect) {
        let room = self.count + stretch.len() + WORD;
        if self.places.len() < room {
            self.places.resize(room, 0);
        }
        let (delimiter, terminator) = (u8x16::splat(dialect.delimiter), u8x16::splat(dialect.terminator));
        let (words, rest) = stretch.as_chunks::<WORD>();
        let (mut count, mut base) = (self.count, base);
        for word in words {
            let (lanes, _) = word.as_chunks::<16>();
            let mut hits = 0;
            for (i, lane) in lanes.iter().enumerate() {
                let lane = u8x16::new(*lane);
                let is_mark = lane.simd_eq(delimiter) | lane.simd_eq(terminator);
                hits |= u64::from(is_mark.to_bitmask()).wrapping_shl(16 * i as u32);
            }
            let end = count.wrapping_add(hits.count_ones() as usize);
            while count < end {
                if let Some(room) = self.places.get_mut(count..).and_then(<[u32]>::first_chunk_mut::<USUAL>) {
                    for place in room {
                        *place = base.wrapping_add(hits.trailing_zeros());
                        hits &= hits.wrapping_sub(1);
                    }
                }
                count = count.wrapping_add(USUAL);
            }
            count = end;
            base = base.wrapping_add(WORD as u32);
        }
        for (i, &byte) in (base..).zip(rest) {
            self.places[count] = i;
            count += usize::from(byte == dialect.delimiter || byte == dialect.terminator);
        }
        self.count = count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_in_every_place_and_nothing_else_is() {
        let dialect = Dialect { delimiter: b',', terminator: b'\n', quoting: true, has_backslashes: false };
        let check = |bytes: &[u8]| {
            let mut marks = Marks::default();
            marks.push(3);
            marks.push(5);
            marks.forget(1);
            marks.find(bytes, 100, dialect);
            let is_mark = |i: &u32| matches!(bytes[*i as usize], b',' | b'\n');
            let found = (0..bytes.len() as u32).filter(is_mark).map(|i| 100 + i);
            assert_eq!(marks.places(), [5].into_iter().chain(found).collect::<Vec<u32>>());
        };
        for length in 0..200 {
            for shift in 0..7 {
                let byte = |i: usize| [b',', b'a', b'\n', 0xac, b'-', 0x2b, b'\x0b'][(i + shift) % 7];
                check(&(0..length).map(byte).collect::<Vec<u8>>());
            }
        }
        check(&[b','; STRETCH]);
        check(&[b'x'; STRETCH]);
    }
}

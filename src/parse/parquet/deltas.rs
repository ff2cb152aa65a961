//! Checks delta-encoded pages. In addition to the page header, their data states how many values they hold, and polars
//! allocates memory for as many. A text may also repeat any part of the one before.
//!
//! <https://parquet.apache.org/docs/file-format/data-pages/encodings/>

use polars_parquet_format::Encoding;

/// The encodings of such pages. (BYTE_STREAM_SPLIT holds exactly as many values as its bytes.)
pub(super) const ENCODINGS: [Encoding; 3] =
    [Encoding::DELTA_BINARY_PACKED, Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY];

/// Checks the values of a page in one of [`ENCODINGS`] with `count` values, some of which may be missing. Returns the
/// number of bytes by which its texts exceed the bytes it holds; `None` if the page contradicts itself.
pub(super) fn check(values: &[u8], encoding: Encoding, count: u64) -> Option<u64> {
    if encoding != Encoding::DELTA_BYTE_ARRAY {
        return Numbers::begin(values, count).map(|_| 0);
    }
    let mut repeated = 0_u64;
    let mut prefixes = Numbers::begin(values, count)?;
    let total = prefixes.left;
    while let Some(prefix) = prefixes.next()? {
        repeated = repeated.checked_add(u64::try_from(prefix).ok()?)?;
    }
    let suffixes = Numbers::begin(prefixes.rest, count)?;
    (suffixes.left == total).then_some(repeated)
}

/// Delta-encoded whole numbers: the first number, followed by differences in blocks.
struct Numbers<'a> {
    rest: &'a [u8],
    left: u64,
    last: i64,
    is_first: bool,
    /// Numbers per block, and per part of a block.
    block: usize,
    parts: usize,
    /// The smallest difference of the current block, and the bit width of the rest in each of its parts.
    least: i64,
    widths: &'a [u8],
    part: &'a [u8],
    /// Index of the next number within the block.
    at: usize,
}

impl<'a> Numbers<'a> {
    /// Reads the header of the numbers, of which there may be `most`.
    fn begin(mut rest: &'a [u8], most: u64) -> Option<Self> {
        /// Writers use blocks of 128 to a few thousand numbers.
        const MAX_BLOCK: u64 = 1 << 20;
        let [block, parts, left] = [whole(&mut rest)?, whole(&mut rest)?, whole(&mut rest)?];
        let last = signed(&mut rest)?;
        let is_block = (1..=MAX_BLOCK).contains(&block) && (1..=block).contains(&parts);
        let is_even = is_block && block.is_multiple_of(parts) && (block / parts).is_multiple_of(32);
        (is_even && left <= most).then_some(Self {
            rest,
            left,
            last,
            is_first: true,
            block: block as usize,
            parts: parts as usize,
            least: 0,
            widths: &[],
            part: &[],
            at: 0,
        })
    }

    /// The next number; `Some(None)` behind the last, `None` if a number is missing.
    fn next(&mut self) -> Option<Option<i64>> {
        if self.left == 0 {
            return Some(None);
        }
        self.left -= 1;
        if std::mem::take(&mut self.is_first) {
            return Some(Some(self.last));
        }
        let of_part = self.block / self.parts;
        if self.at == 0 {
            self.least = signed(&mut self.rest)?;
            (self.widths, self.rest) = self.rest.split_at_checked(self.parts)?;
        }
        let within = self.at % of_part;
        let width = usize::from(*self.widths.get(self.at / of_part)?);
        if within == 0 {
            // Parts behind the last number are left out.
            (self.part, self.rest) = self.rest.split_at_checked(width * of_part / 8)?;
        }
        let difference = bits(self.part, within * width, width)?;
        self.last = self.last.wrapping_add(self.least).wrapping_add(difference as i64);
        self.at = (self.at + 1) % self.block;
        Some(Some(self.last))
    }
}

/// A number of up to 64 bits, read from packed bits at bit `at`, lowest bit first.
fn bits(packed: &[u8], at: usize, width: usize) -> Option<u64> {
    const MAX_WIDTH: usize = 64;
    if width > MAX_WIDTH {
        return None;
    }
    let from = packed.get(at / 8..)?;
    let mut own = [0; 16];
    let len = from.len().min(own.len());
    own[..len].copy_from_slice(&from[..len]);
    Some(((u128::from_le_bytes(own) >> (at % 8)) & ((1 << width) - 1)) as u64)
}

/// A number in groups of seven bits, lowest first (ULEB128).
fn whole(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// A number whose lowest bit is its sign (zigzag).
fn signed(bytes: &mut &[u8]) -> Option<i64> {
    let value = whole(bytes)?;
    Some((value >> 1) as i64 ^ -((value & 1) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(bytes: &[u8], most: u64) -> Option<(Vec<i64>, usize)> {
        let mut numbers = Numbers::begin(bytes, most)?;
        let mut all = Vec::new();
        while let Some(number) = numbers.next()? {
            all.push(number);
        }
        Some((all, numbers.rest.len()))
    }

    /// In front of blocks of 128 in four parts: how many numbers, and the first of them.
    fn front(count: u64, first: u8) -> Vec<u8> {
        let mut bytes = vec![128, 1, 4];
        let mut count = count;
        while count > 0x7f {
            bytes.push(count as u8 | 0x80);
            count >>= 7;
        }
        bytes.extend([count as u8, 2 * first]);
        bytes
    }

    #[test]
    fn numbers_are_followed_to_their_end() {
        // The example of the format's description: 7, 5, 3, 1, 2, 3, 4, 5. The differences are -2, -2, -2, 1, 1, 1, 1,
        // so that -2 is the least (zigzag 3), and what is beyond it 0, 0, 0, 3, 3, 3, 3 in two bits each.
        let mut bytes = [front(8, 7), vec![3, 2, 0, 0, 0, 0b1100_0000, 0b0011_1111]].concat();
        bytes.extend([0; 6]);
        bytes.extend([9, 9]);
        assert_eq!(numbers(&bytes, 8), Some((vec![7, 5, 3, 1, 2, 3, 4, 5], 2)));
        assert_eq!(numbers(&bytes[..12], 8), None);
        assert_eq!(numbers(&bytes, 7), None);
        assert_eq!(numbers(&front(1, 9), 1), Some((vec![9], 0)));
        assert_eq!(numbers(&front(0, 0), 1), Some((vec![], 0)));
        // 130 numbers that go up by one are a block and one number of the next.
        let up = [front(130, 0), vec![2, 0, 0, 0, 0], vec![2, 0, 0, 0, 0]].concat();
        assert_eq!(numbers(&up, 130), Some(((0..130).collect(), 0)));
        // Differences of 64 bits: 0, then -1.
        let wide = [front(2, 0), vec![0, 64, 0, 0, 0], vec![0xff; 8], vec![0; 248]].concat();
        assert_eq!(numbers(&wide, 2), Some((vec![0, -1], 0)));
        let wider = [front(2, 0), vec![0, 65, 0, 0, 0], vec![0xff; 260]].concat();
        assert_eq!(numbers(&wider, 2), None);
    }

    #[test]
    fn pages_of_more_values_than_they_have_are_none() {
        // Two billion numbers in ten bytes: one block of as many has no bits for them.
        for encoding in ENCODINGS {
            let bytes = [front(2_000_000_000, 0), vec![0; 5], front(0, 0)].concat();
            assert_eq!(check(&bytes, encoding, 3), None, "{encoding:?}");
        }
        let huge = [vec![0x80, 0x80, 0x80, 0x80, 0x20, 1, 2, 0], vec![0; 8]].concat();
        assert_eq!(check(&huge, Encoding::DELTA_BINARY_PACKED, 3), None);
        for odd in [[0, 1, 1, 0], [128, 0, 1, 0], [127, 1, 1, 0]] {
            assert_eq!(check(&odd, Encoding::DELTA_BINARY_PACKED, 3), None, "{odd:?}");
        }
        assert_eq!(check(&[], Encoding::DELTA_LENGTH_BYTE_ARRAY, 3), None);
    }

    #[test]
    fn texts_that_repeat_the_one_before_are_counted_whole() {
        // `Hello` and `Helicopter`: 0 and 3 bytes of the one before, 5 and 7 of their own.
        let prefixes = [front(2, 0), vec![6, 0, 0, 0, 0]].concat();
        let suffixes = [front(2, 5), vec![4, 0, 0, 0, 0]].concat();
        let page = [&prefixes[..], &suffixes, b"Helloicopter"].concat();
        assert_eq!(check(&page, Encoding::DELTA_BYTE_ARRAY, 2), Some(3));
        // A thousand texts, each of which has a hundred bytes beyond the whole one before (zigzag 200): 0, 100 …
        // 99,900.
        let grown =
            [front(1_000, 0), [200, 1, 0, 0, 0, 0].repeat(8), front(1_000, 100), vec![0; 40]].concat();
        assert_eq!(check(&grown, Encoding::DELTA_BYTE_ARRAY, 1_000), Some(49_950_000));
        // Fewer suffixes than prefixes, and a prefix below zero.
        let few = [&prefixes[..], &front(1, 5), b"Hello"].concat();
        assert_eq!(check(&few, Encoding::DELTA_BYTE_ARRAY, 2), None);
        let below = [&front(2, 0)[..], &[5, 0, 0, 0, 0], &suffixes, b"Helloicopter"].concat();
        assert_eq!(check(&below, Encoding::DELTA_BYTE_ARRAY, 2), None);
    }
}

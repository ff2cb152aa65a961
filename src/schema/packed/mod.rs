//! Short texts in a register: texts that occur by the million are compared, checked and parsed as a whole, without
//! loops of unpredictable length. With loops over the bytes `rfm` takes about a tenth more processor time over ten million
//! orders.

mod short;

use wide::u8x16;

pub use short::Short;

/// How many bytes of a text are held.
const HELD: usize = 16;

/// A text, with its first bytes as a number.
#[derive(Debug, Clone, Copy)]
pub struct Packed<'a> {
    /// The bytes from the start of the text on, possibly beyond its end.
    rest: &'a [u8],
    len: usize,
    head: u128,
}

impl<'a> Packed<'a> {
    /// The packed form of any text.
    pub fn of(text: &'a [u8]) -> Self {
        Self::within(text, 0, text.len()).unwrap_or(Self { rest: b"", len: 0, head: 0 })
    }

    /// The text from `start` to `end` in a block; `None` if the block ends before.
    #[inline(always)]
    pub fn within(block: &'a [u8], start: usize, end: usize) -> Option<Self> {
        let rest = block.get(start..)?;
        // Becomes larger than any block if `end` is before `start`.
        let len = end.wrapping_sub(start);
        if len > rest.len() {
            return None;
        }
        let head = match rest.first_chunk::<HELD>() {
            // Bytes behind the text are read with it and masked out.
            Some(bytes) => u128::from_le_bytes(*bytes) & MASKS[len.min(HELD)],
            None => padded(&rest[..len]),
        };
        Some(Self { rest, len, head })
    }

    /// The whole text.
    #[inline]
    pub fn text(self) -> &'a [u8] {
        self.rest.get(..self.len).unwrap_or_default()
    }

    /// Its length in bytes.
    #[inline]
    pub fn len(self) -> usize {
        self.len
    }

    /// Whether it has no bytes.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// Its first byte; 0 if it is empty.
    #[inline]
    pub fn first(self) -> u8 {
        self.head as u8
    }

    /// Its last byte; 0 if it is empty.
    #[inline]
    pub fn last(self) -> u8 {
        self.rest.get(self.len.wrapping_sub(1)).copied().unwrap_or_default()
    }

    /// Its first sixteen bytes, the first one lowest, padded with zeros.
    #[inline]
    pub fn head(self) -> u128 {
        self.head
    }

    /// Whether all bytes of [`Self::head`] are ASCII letters, digits, `_`, `-` or `@`.
    #[inline(always)]
    pub fn is_wordlike(self) -> bool {
        is_wordlike(self.head, self.len)
    }
}

/// Whether a text of 8 to 32 bytes consists of ASCII letters, digits, `_`, `-` and `@`; `false` for texts of other
/// lengths.
#[inline]
pub fn is_wordlike_text(text: &[u8]) -> bool {
    // The first and the last bytes, which may overlap.
    match (text.first_chunk(), text.last_chunk(), text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last), ..) if text.len() <= 2 * HELD => {
            is_wordlike(u128::from_le_bytes(*first), HELD) && is_wordlike(u128::from_le_bytes(*last), HELD)
        }
        (None, _, Some(first), Some(last)) => {
            let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
            is_wordlike(u128::from(last) << u64::BITS | u128::from(first), HELD)
        }
        _ => false,
    }
}

/// Whether the first `len` of sixteen bytes (the first one lowest) are ASCII letters, digits, `_`, `-` or `@`.
#[inline(always)]
pub fn is_wordlike(head: u128, len: usize) -> bool {
    let bytes = u8x16::new(head.to_le_bytes());
    are_all(wordlike(bytes), len)
}

/// Whether the first `len` of sixteen bytes (the first one lowest) are those of [`is_wordlike`] or belong to characters
/// beyond ASCII.
#[inline(always)]
pub fn is_wordlike_or_wide(head: u128, len: usize) -> bool {
    let bytes = u8x16::new(head.to_le_bytes());
    let is_wide = bytes.max(u8x16::splat(0x80)).simd_eq(bytes);
    are_all(wordlike(bytes) | is_wide, len)
}

/// Marks the bytes that are ASCII letters, digits, `_`, `-` or `@`.
#[inline(always)]
fn wordlike(bytes: u8x16) -> u8x16 {
    let is_within = |bytes: u8x16, first: u8, last: u8| {
        bytes.max(u8x16::splat(first)).min(u8x16::splat(last)).simd_eq(bytes)
    };
    let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
    // Small and capital letters differ in one bit.
    let letters = is_within(bytes | u8x16::splat(0x20), b'a', b'z');
    letters | is_within(bytes, b'0', b'9') | is(b'_') | is(b'-') | is(b'@')
}

/// Whether the first `len` bytes are marked.
#[inline(always)]
fn are_all(marks: u8x16, len: usize) -> bool {
    let behind = u32::MAX << len.min(HELD);
    marks.to_bitmask() | behind == u32::MAX
}

/// Masks by the number of bytes that are kept.
static MASKS: [u128; HELD + 1] = {
    let mut masks = [u128::MAX; HELD + 1];
    let mut kept = 0;
    while kept < HELD {
        masks[kept] = (1 << (8 * kept)) - 1;
        kept += 1;
    }
    masks
};

#[cold]
fn padded(text: &[u8]) -> u128 {
    let mut bytes = [0; HELD];
    for (place, byte) in bytes.iter_mut().zip(text) {
        *place = *byte;
    }
    u128::from_le_bytes(bytes)
}

/// The byte repeated in all eight places.
const fn every(byte: u8) -> u64 {
    0x0101_0101_0101_0101 * byte as u64
}

/// Whether every byte is at most the byte of `limits` in the same place; all limits must be below 128.
#[inline(always)]
pub fn are_at_most(bytes: u64, limits: u64) -> bool {
    // No place borrows from the next, because each has 128 added to its limit.
    let left = (every(0x80) | limits).wrapping_sub(bytes & every(0x7f));
    (!left | bytes) & every(0x80) == 0
}

/// The number written by eight digits, the first of which is the lowest byte; `None` if a byte is no digit. Neighbours
/// are combined three times, as in Lemire's "Quickly parsing eight digits" (2018).
#[inline(always)]
pub fn eight_digits(text: u64) -> Option<u64> {
    let digits = text ^ every(b'0');
    if !are_at_most(digits, every(9)) {
        return None;
    }
    let pairs = (digits.wrapping_mul(10).wrapping_add(digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff)
}

/// The number written by a text of digits; `None` for other texts and for numbers that may exceed 128 bits.
pub fn digits(text: &[u8]) -> Option<u128> {
    const MAX_DIGITS: usize = 38;
    if text.len() > MAX_DIGITS {
        return None;
    }
    let (first, eights) = text.as_rchunks::<8>();
    let mut value = 0;
    for &byte in first {
        value = value * 10 + u128::from(byte.is_ascii_digit().then(|| byte - b'0')?);
    }
    for eight in eights {
        value = value * 100_000_000 + u128::from(eight_digits(u64::from_le_bytes(*eight))?);
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_middling_length_are_wordlike_or_not() {
        for len in 0..40 {
            let text = vec![b'x'; len];
            assert_eq!(is_wordlike_text(&text), (8..=32).contains(&len), "{len}");
            for place in 0..len {
                let mut text = text.clone();
                text[place] = b',';
                assert!(!is_wordlike_text(&text));
            }
        }
    }

    #[test]
    fn the_head_ends_with_the_text_wherever_it_stands() {
        let block = b"ab,cdefghijklmnopqrstuvwxyz,12";
        for start in 0..block.len() {
            for end in start..=block.len() {
                let packed = Packed::within(block, start, end).expect("within the block");
                let mut bytes = [0; 16];
                let held = (end - start).min(16);
                bytes[..held].copy_from_slice(&block[start..start + held]);
                assert_eq!((packed.text(), packed.head().to_le_bytes()), (&block[start..end], bytes));
                let ends = packed.text().first().zip(packed.text().last()).map_or((0, 0), |(a, b)| (*a, *b));
                assert_eq!((packed.first(), packed.last()), ends);
            }
        }
        assert!(Packed::within(block, 3, block.len() + 1).is_none());
        assert_eq!(Packed::of(b"").head(), 0);
    }

    #[test]
    fn every_byte_in_every_place_is_wordlike_or_not() {
        for byte in 0..=u8::MAX {
            let expected = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'@');
            for len in 1..20 {
                let mut text = vec![b'x'; len];
                text[(len - 1).min(15)] = byte;
                assert_eq!(Packed::of(&text).is_wordlike(), expected, "{byte} in {len}");
                let is_or_wide = is_wordlike_or_wide(Packed::of(&text).head(), len);
                assert_eq!(is_or_wide, expected || byte >= 0x80, "{byte} in {len}");
            }
        }
    }

    #[test]
    fn digits_make_their_number_and_nothing_else_does() {
        for text in [
            "0",
            "7",
            "12345678",
            "123456789",
            "00000000000000000012",
            "99999999999999999999999999999999999999",
        ] {
            assert_eq!(digits(text.as_bytes()), text.parse().ok(), "{text}");
        }
        for place in 0..20 {
            for byte in (0..=u8::MAX).filter(|byte| !byte.is_ascii_digit()) {
                let mut text = [b'9'; 20];
                text[place] = byte;
                assert_eq!(digits(&text), None);
            }
        }
        assert_eq!(digits(&[b'1'; 39]), None);
    }

    #[test]
    fn bytes_are_compared_place_by_place() {
        let limits = u64::from_le_bytes([0, 1, 9, 127, 9, 5, 2, 100]);
        assert!(are_at_most(limits, limits) && are_at_most(0, limits));
        for place in 0..8 {
            for above in [1, 100, 128, 200] {
                let mut bytes = limits.to_le_bytes();
                bytes[place] = bytes[place].saturating_add(above);
                assert!(!are_at_most(u64::from_le_bytes(bytes), limits), "{bytes:?}");
            }
        }
    }
}

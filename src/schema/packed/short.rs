//! Builds short texts for output in a register.

use std::num::NonZeroU8;

use crate::schema::packed::{HELD, every};

/// A text of up to sixteen bytes to be written, including the byte that follows it.
#[derive(Debug, Clone, Copy)]
pub struct Short {
    /// Its bytes, the first one lowest.
    text: u128,
    len: NonZeroU8,
}

impl Short {
    /// The first `len` bytes of a number, the first one lowest, followed by `behind`; `None` if that is too long.
    #[inline]
    pub fn of(text: u128, len: usize, behind: u8) -> Option<Self> {
        (len < HELD).then(|| Self {
            text: text | u128::from(behind) << (8 * len),
            len: NonZeroU8::MIN.saturating_add(len as u8),
        })
    }

    /// The digits of a number below 100 million, followed by `behind`.
    #[inline]
    pub fn digits(number: u64, behind: u8) -> Option<Self> {
        let digits = digits_of(number)?;
        // The last digit stays even if it is 0.
        let zeros = (digits | 1 << 56).trailing_zeros() / 8;
        let text = u128::from(digits | every(b'0')) | u128::from(behind) << u64::BITS;
        Some(Self { text: text >> (8 * zeros), len: NonZeroU8::MIN.saturating_add(8 - zeros as u8) })
    }

    /// A number of hundredths, below 100 million, with two decimals.
    #[inline]
    pub fn hundredths(number: u64, behind: u8) -> Option<Self> {
        const POINT_AT: u32 = 48;
        let digits = digits_of(number)?;
        // The digit in front of the point stays even if it is 0.
        let zeros = (digits | 1 << (POINT_AT - 8)).trailing_zeros() / 8;
        let text = digits | every(b'0');
        let whole = text & ((1 << POINT_AT) - 1) | u64::from(b'.') << POINT_AT;
        let rest = text >> POINT_AT | u64::from(behind) << 16;
        let text = u128::from(whole) | u128::from(rest) << (POINT_AT + 8);
        Some(Self { text: text >> (8 * zeros), len: NonZeroU8::MIN.saturating_add(9 - zeros as u8) })
    }

    /// Appends the text.
    #[inline]
    pub fn write(self, out: &mut Vec<u8>) {
        // Writes a fixed number of bytes and truncates: copying a variable number costs more.
        let end = out.len() + usize::from(self.len.get());
        out.extend_from_slice(&self.text.to_le_bytes());
        out.truncate(end);
    }
}

/// The eight digits of a number below 100 million, as numbers, the first one lowest. Halves, quarters and digits are
/// split side by side, the inverse of [`eight_digits`]; divisions are multiplications by the reciprocal.
#[inline]
fn digits_of(number: u64) -> Option<u64> {
    if number >= 100_000_000 {
        return None;
    }
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let twos = hundreds | (fours - 100 * hundreds) << 16;
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    Some(tens | (twos - 10 * tens) << 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_are_written_as_formatting_writes_them() {
        let written = |short: Option<Short>| {
            let mut out = b"before,".to_vec();
            short.expect("a short text").write(&mut out);
            String::from_utf8(out).expect("ASCII")
        };
        // Every quarter of eight digits in every place, and what is near the powers of ten.
        let quarters = (0..10_000).flat_map(|i| [i, i * 10_000, i * 10_000 + 9_999]);
        let near =
            (0..8).flat_map(|power| (0..3).map(move |less| (10_u64.pow(power) + 1).saturating_sub(less)));
        for number in quarters.chain(near).chain([99_999_999]) {
            assert_eq!(written(Short::digits(number, b';')), format!("before,{number};"));
            let (whole, rest) = (number / 100, number % 100);
            assert_eq!(written(Short::hundredths(number, b';')), format!("before,{whole}.{rest:02};"));
        }
        assert!(Short::digits(100_000_000, b';').is_none() && Short::hundredths(100_000_000, b';').is_none());
        assert_eq!(
            written(Short::of(u128::from_le_bytes(*b"fifteen-bytes-x\0"), 15, b';')),
            "before,fifteen-bytes-x;"
        );
        assert!(Short::of(0, 16, b';').is_none() && Short::of(0, 20, b';').is_none());
    }
}

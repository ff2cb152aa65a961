//! Half of a surrogate pair in UTF-16, or half of a unit where a file was cut, is no character. A decoder would replace
//! it by the replacement character, which valid text may contain too, so these halves are marked instead.

use std::io::{self, Read};

/// Replaces half of a pair or of a unit: a code unit that is never a character in text.
const NONE: u16 = 0xfdd0;
/// The same code unit in UTF-8.
const NONE_IN_UTF_8: [u8; 3] = *b"\xef\xb7\x90";
/// Replaces the last byte of it: no UTF-8 contains this byte, so the cell is refused as wrongly encoded instead of
/// silently becoming another name.
const WRONG: u8 = 0xff;

/// Reads UTF-16 and puts [`NONE`] in place of each half of a pair or of a unit.
pub struct Paired<R> {
    inner: R,
    is_big_endian: bool,
    /// Bytes that were read but not yet checked: less than one character.
    rest: Vec<u8>,
    ready: io::Cursor<Vec<u8>>,
    is_over: bool,
}

impl<R: Read> Paired<R> {
    /// `is_big_endian` is the byte order of the text.
    pub fn new(inner: R, is_big_endian: bool) -> Self {
        Self { inner, is_big_endian, rest: Vec::new(), ready: io::Cursor::default(), is_over: false }
    }

    /// Reads more bytes and checks all whole characters.
    fn fill(&mut self) -> io::Result<()> {
        const AT_ONCE: u64 = 1 << 16;
        let read = self.inner.by_ref().take(AT_ONCE).read_to_end(&mut self.rest)?;
        self.is_over = read == 0;
        let unit = |bytes: &[u8]| match self.is_big_endian {
            true => u16::from_be_bytes([bytes[0], bytes[1]]),
            false => u16::from_le_bytes([bytes[0], bytes[1]]),
        };
        let is_first = |unit: u16| (0xd800..0xdc00).contains(&unit);
        let is_second = |unit: u16| (0xdc00..0xe000).contains(&unit);
        let none = if self.is_big_endian { NONE.to_be_bytes() } else { NONE.to_le_bytes() };
        let (mut out, mut place) = (Vec::with_capacity(self.rest.len()), 0);
        while let Some(bytes) = self.rest.get(place..place + 2) {
            let next = self.rest.get(place + 2..place + 4).map(unit);
            let first = unit(bytes);
            if is_first(first) && next.is_none() && !self.is_over {
                break;
            }
            if is_first(first) && next.is_some_and(is_second) {
                out.extend_from_slice(&self.rest[place..place + 4]);
                place += 4;
                continue;
            }
            out.extend_from_slice(if is_first(first) || is_second(first) { &none } else { bytes });
            place += 2;
        }
        self.rest.drain(..place);
        if self.is_over && !self.rest.is_empty() {
            self.rest.clear();
            out.extend_from_slice(&none);
        }
        self.ready = io::Cursor::new(out);
        Ok(())
    }
}

impl<R: Read> Read for Paired<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.ready.read(buffer)?;
            if read > 0 || self.is_over || buffer.is_empty() {
                return Ok(read);
            }
            self.fill()?;
        }
    }
}

/// Reads the UTF-8 that a decoder makes of [`Paired`], with marked halves made invalid.
pub struct Unpaired<R> {
    inner: R,
    /// How many bytes of [`NONE_IN_UTF_8`] came last.
    met: usize,
}

impl<R> Unpaired<R> {
    /// Reads from a decoder.
    pub fn new(inner: R) -> Self {
        Self { inner, met: 0 }
    }
}

impl<R: Read> Read for Unpaired<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        for byte in &mut buffer[..read] {
            self.met = match *byte == NONE_IN_UTF_8[self.met] {
                true => self.met + 1,
                false => usize::from(*byte == NONE_IN_UTF_8[0]),
            };
            if self.met == NONE_IN_UTF_8.len() {
                (*byte, self.met) = (WRONG, 0);
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives so many bytes at a time.
    struct Slowly<'a>(&'a [u8], usize);

    impl Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let size = self.1.min(buffer.len());
            self.0.read(&mut buffer[..size])
        }
    }

    #[test]
    fn halves_of_pairs_are_wrong_and_replacement_characters_are_text() {
        // 小, half a pair, a whole one, the other half, a replacement character, half a pair at the end.
        let units = [0x5c0f, 0xd83d, 0x41, 0xd83d, 0xde00, 0xdc00, 0xfffd, 0xd800];
        let expected = "小\u{fdd0}A😀\u{fdd0}\u{fffd}\u{fdd0}".as_bytes();
        let wrong = b"\xe5\xb0\x8f\xef\xb7\xffA\xf0\x9f\x98\x80\xef\xb7\xff\xef\xbf\xbd\xef\xb7\xff";
        for is_big_endian in [false, true] {
            let order = |unit: u16| if is_big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
            let bytes: Vec<u8> = units.into_iter().flat_map(order).collect();
            for size in 1..=bytes.len() {
                let mut paired = Vec::new();
                Paired::new(Slowly(&bytes, size), is_big_endian).read_to_end(&mut paired).expect("read");
                let read: Vec<u16> = paired
                    .chunks_exact(2)
                    .map(|pair| match is_big_endian {
                        true => u16::from_be_bytes([pair[0], pair[1]]),
                        false => u16::from_le_bytes([pair[0], pair[1]]),
                    })
                    .collect();
                assert_eq!(String::from_utf16(&read).expect("pairs").as_bytes(), expected, "{size}");
                let mut out = Vec::new();
                Unpaired::new(Slowly(expected, size)).read_to_end(&mut out).expect("read");
                assert_eq!(out, wrong, "{size}");
            }
        }
    }

    #[test]
    fn half_a_unit_at_the_end_is_wrong() {
        let mut out = Vec::new();
        Paired::new(&b"a\0b"[..], false).read_to_end(&mut out).expect("read");
        assert_eq!(out, b"a\0\xd0\xfd");
    }
}

//! What is no character in UTF-16 stays none in the UTF-8 it is turned into.

use std::io::{self, Read};

/// The replacement character in UTF-8, which a decoder writes for half of a pair.
const REPLACEMENT: [u8; 3] = *b"\xef\xbf\xbd";
/// In place of its last byte: no UTF-8 has it, so that the cell is refused as one in the wrong encoding, and no name is
/// silently another one.
const WRONG: u8 = 0xff;

/// Text in UTF-8 in which replacement characters are made wrong.
pub struct Unpaired<R> {
    inner: R,
    /// Bytes of one that came last.
    met: usize,
}

impl<R> Unpaired<R> {
    /// Of a decoder's text.
    pub fn new(inner: R) -> Self {
        Self { inner, met: 0 }
    }
}

impl<R: Read> Read for Unpaired<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        for byte in &mut buffer[..read] {
            self.met = match *byte == REPLACEMENT[self.met] {
                true => self.met + 1,
                false => usize::from(*byte == REPLACEMENT[0]),
            };
            if self.met == REPLACEMENT.len() {
                (*byte, self.met) = (WRONG, 0);
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacement_characters_are_wrong_however_they_are_cut() {
        let text = "a\u{fffd}b\u{ff5e}\u{fffd}\u{fffd}c小".as_bytes();
        let wrong = b"a\xef\xbf\xffb\xef\xbd\x9e\xef\xbf\xff\xef\xbf\xffc\xe5\xb0\x8f";
        for size in 1..=text.len() {
            let mut unpaired = Unpaired::new(text);
            let (mut out, mut piece) = (Vec::new(), vec![0; size]);
            while let Ok(read @ 1..) = unpaired.read(&mut piece) {
                out.extend_from_slice(&piece[..read]);
            }
            assert_eq!(out, wrong, "{size}");
        }
    }
}

//! The parts of a workbook that is a zip archive (xlsx, xlsb, ods): how large they are unfolded, and whether they
//! mention merged cells.

use std::io::{Cursor, Read};

use memchr::memmem::Finder;
use zip::ZipArchive;

use crate::limits::{MAX_WORKBOOK_RATIO, MIN_WORKBOOK_BYTES, at_most};

/// The start of the list of merged cells in a sheet of an xlsx.
const MERGED_CELLS: &[u8] = b"mergeCells";

/// What is known of the parts of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    /// Whether a sheet may have merged cells. Asking calamine takes as long as reading all cells.
    pub may_merge: bool,
}

/// Unfolds every part of an archive without keeping it. Together they may be as large as the archive's size makes
/// plausible; the sizes stated in the archive are not trusted. Bytes that are no archive pass.
///
/// # Errors
/// With the most bytes allowed, if the parts unfold to more.
pub(super) fn unfold(bytes: &[u8]) -> Result<Parts, u64> {
    let most = at_most(MIN_WORKBOOK_BYTES, MAX_WORKBOOK_RATIO, bytes.len() as u64);
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return Ok(Parts { may_merge: true }) };
    let mut seen = Seen { unfolded: 0, may_merge: false };
    for part in 0..archive.len() {
        let Ok(part) = archive.by_index(part) else {
            seen.may_merge = true;
            continue;
        };
        seen.search(&mut part.take(most - seen.unfolded + 1));
        if seen.unfolded > most {
            return Err(most);
        }
    }
    Ok(Parts { may_merge: seen.may_merge })
}

/// What was found in the parts so far.
struct Seen {
    unfolded: u64,
    may_merge: bool,
}

impl Seen {
    /// Searches a part. A damaged part ends where it is damaged; calamine reports the damage if the part is needed.
    fn search(&mut self, part: &mut impl Read) {
        const BLOCK: usize = 1 << 16;
        let finder = Finder::new(MERGED_CELLS);
        // The end of a block is searched again with the next one, so that a word across the border is found.
        let overlap = MERGED_CELLS.len() - 1;
        let mut buffer = vec![0; overlap + BLOCK];
        loop {
            let len = match part.read(&mut buffer[overlap..]) {
                Ok(0) => return,
                Ok(len) => len,
                Err(_) => {
                    self.may_merge = true;
                    return;
                }
            };
            self.unfolded += len as u64;
            self.may_merge = self.may_merge || finder.find(&buffer[..overlap + len]).is_some();
            buffer.copy_within(len..len + overlap, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a byte at a time, so that the word is cut everywhere.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            (into[0], self.0) = (*first, rest);
            Ok(1)
        }
    }

    #[test]
    fn a_word_is_found_wherever_it_is_cut() {
        let seen = |text: &[u8]| {
            let mut seen = Seen { unfolded: 0, may_merge: false };
            seen.search(&mut Slow(text));
            (seen.unfolded, seen.may_merge)
        };
        assert_eq!(seen(b"<sheetData/><x:mergeCells count='1'>"), (36, true));
        assert_eq!(seen(b"<sheetData/><mergeCell/>"), (24, false));
        let long = [vec![b' '; (1 << 16) - 4], MERGED_CELLS.to_vec()].concat();
        let mut at_once = Seen { unfolded: 0, may_merge: false };
        at_once.search(&mut long.as_slice());
        assert!(at_once.may_merge);
        assert_eq!(unfold(b"no archive"), Ok(Parts { may_merge: true }));
    }
}

//! The parts of a workbook that is a zip archive (xlsx, xlsb, ods): how much they unfold to.

use std::io::{self, Cursor, Read};

use zip::ZipArchive;

use crate::limits::{MAX_WORKBOOK_RATIO, MIN_WORKBOOK_BYTES, at_most};

/// Bytes that a byte can unfold to at most in the method of zip archives (deflate).
const MAX_DEFLATE: u64 = 1_032;

/// Checks that all parts of an archive together unfold to no more than its size makes plausible. The sizes that it
/// states are nobody's word: the parts are unfolded, and what comes out is counted. What is no archive passes.
///
/// # Errors
/// With how many bytes they may unfold to, when they unfold to more.
pub(super) fn check_unfolded(bytes: &[u8]) -> Result<(), u64> {
    let most = at_most(MIN_WORKBOOK_BYTES, MAX_WORKBOOK_RATIO, bytes.len() as u64);
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return Ok(()) };
    let parts = archive.len();
    let mut folded = 0_u64;
    for part in 0..parts {
        folded += archive.by_index_raw(part).map_or(0, |part| part.compressed_size());
    }
    if folded.saturating_mul(MAX_DEFLATE) <= most {
        return Ok(());
    }
    let mut unfolded = 0;
    for part in 0..parts {
        let Ok(part) = archive.by_index(part) else { continue };
        let mut counted = Counting(0);
        // A part that is damaged is found when it is needed.
        let _ = io::copy(&mut part.take(most - unfolded + 1), &mut counted);
        unfolded += counted.0;
        if unfolded > most {
            return Err(most);
        }
    }
    Ok(())
}

/// Counts what is written to it.
struct Counting(u64);

impl io::Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

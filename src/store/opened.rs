//! Opens the files that a manifest names. A store may be in a folder that others write to, or may come from somebody
//! else. Only regular files within the store's folder that have the right size are read.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::files::{irregular, linked};
use super::manifest::{FileRef, damaged, unreadable};
use crate::disk::private;
use crate::error::Result;

/// Opens a file of the store.
///
/// # Errors
/// When it is damaged, unreadable, not a regular file, or behind a link that leads out of the store.
pub(super) fn open(folder: &Path, file: &FileRef) -> Result<File> {
    let path = folder.join(&file.path);
    let opened = regular(folder, &path)?.ok_or_else(|| damaged(&path))?;
    let length = opened.metadata().map_err(|error| unreadable(&path, error))?.len();
    if length == file.bytes { Ok(opened) } else { Err(damaged(&path)) }
}

/// The bytes of a file whose size is recorded nowhere; none if it does not exist.
///
/// # Errors
/// The errors of [`open`], and when it has more than `max` bytes.
pub(super) fn bytes_of(folder: &Path, path: &Path, max: u64) -> Result<Option<Vec<u8>>> {
    let Some(file) = regular(folder, path)? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(max + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, error))?;
    if bytes.len() as u64 > max { Err(damaged(path)) } else { Ok(Some(bytes)) }
}

/// Opens a regular file; none if nothing is there.
fn regular(folder: &Path, path: &Path) -> Result<Option<File>> {
    let file = match private::open_to_read(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if private::is_irregular(&error) => return Err(irregular(path)),
        Err(error) => return Err(unreadable(path, error)),
    };
    let real = |path: &Path| fs::canonicalize(path).map_err(|error| unreadable(path, error));
    if real(path)?.starts_with(real(folder)?) { Ok(Some(file)) } else { Err(linked(path)) }
}

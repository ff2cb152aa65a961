//! Changing a hand-kept file: one process at a time, and the whole new file or the whole old one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::decode::encode;
use super::file::MAX_BYTES;
use super::{Declaration, HandFile};
use crate::disk::lock;
use crate::disk::sink::Sink;
use crate::error::{Error, Result, said};
use crate::place;

/// Nobody holds such a file for longer than it takes to write it.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// Reads a file of a folder, lets `edit` change it, and writes it where that says so: all under a lock, so that of two
/// processes the second sees what the first has written. Through a link the file that it leads to is replaced.
///
/// # Errors
/// Those of reading and of `edit`; when a row cannot be read, since what a person wrote there would be lost; when
/// another process does not let go of the file; when it cannot be written. Then it is as it was.
pub fn change<T>(
    declaration: &'static Declaration,
    folder: &Path,
    edit: impl FnOnce(&mut HandFile) -> Result<(T, bool)>,
) -> Result<T> {
    change_at(declaration, &declaration.path(folder), edit)
}

/// The same of a file that is elsewhere or called otherwise.
///
/// # Errors
/// As [`change`].
pub fn change_at<T>(
    declaration: &'static Declaration,
    path: &Path,
    edit: impl FnOnce(&mut HandFile) -> Result<(T, bool)>,
) -> Result<T> {
    // What is no file of ours gets no lock beside it either.
    HandFile::read_at(declaration, path.to_owned())?;
    let _lock = locked(path)?;
    let mut file = whole(declaration, path)?;
    let (answer, is_changed) = edit(&mut file)?;
    if is_changed {
        write(&file)?;
    }
    Ok(answer)
}

/// What [`change`] would answer; nothing is written.
///
/// # Errors
/// As [`change`], but for those of locking and writing.
pub fn preview<T>(
    declaration: &'static Declaration,
    folder: &Path,
    edit: impl FnOnce(&mut HandFile) -> Result<(T, bool)>,
) -> Result<T> {
    preview_at(declaration, &declaration.path(folder), edit)
}

/// The same of a file that is elsewhere or called otherwise.
///
/// # Errors
/// As [`preview`].
pub fn preview_at<T>(
    declaration: &'static Declaration,
    path: &Path,
    edit: impl FnOnce(&mut HandFile) -> Result<(T, bool)>,
) -> Result<T> {
    Ok(edit(&mut whole(declaration, path)?)?.0)
}

/// A file of which every row can be read.
fn whole(declaration: &'static Declaration, path: &Path) -> Result<HandFile> {
    let file = HandFile::read_at(declaration, path.to_owned())?;
    if file.rejects.is_empty() { Ok(file) } else { Err(file.refusal("hand_broken")) }
}

/// Holds a file that one process at a time reads and writes anew. The lock stands beside the file itself, wherever the
/// name leads to.
///
/// # Errors
/// When another process does not let go of it, or the lock cannot be made.
pub fn locked(path: &Path) -> Result<lock::Lock> {
    let real = place::resolved(path);
    let name = real.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside: PathBuf = real.with_file_name(format!(".{name}.lock"));
    let said_of = |key: &str| {
        let (message, hint) = said(key, &[("file", beside.display().to_string())]);
        Error::input(path.display().to_string(), message, hint)
    };
    if std::fs::symlink_metadata(&beside).is_ok_and(|meta| !meta.is_file()) {
        return Err(said_of("hand_lock"));
    }
    lock::exclusive(&beside, Some(MAX_WAIT), &|| {})
        .map_err(|error| Error::io("write", path, error))?
        .ok_or_else(|| said_of("hand_held"))
}

fn write(file: &HandFile) -> Result<()> {
    let records = std::iter::once(&file.header).chain(file.rows.iter().map(|row| &row.cells));
    let bytes = encode(file.manner, records).map_err(|error| Error::Internal(error.to_string()))?;
    // It could not be read again.
    if bytes.len() as u64 > MAX_BYTES {
        let (message, hint) = said("hand_grown", &[]);
        return Err(Error::input(file.path.display().to_string(), message, hint));
    }
    Sink::kept_file(&file.path)?.write_with(|out| out.write_all(&bytes))
}

//! Changes a hand-kept file: one process at a time, and either completely or not at all.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::decode::encode;
use super::file::MAX_BYTES;
use super::{Declaration, HandFile};
use crate::disk::lock;
use crate::disk::sink::Sink;
use crate::error::{Error, Result};
use crate::place;

/// Called once if another process holds a file, with the lock and the names of the processes that hold it, if the system
/// tells them.
pub type Waiting = fn(&Path, &str);

/// No process holds such a file longer than writing it takes.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// A hand-kept file that is being changed; no other process changes it until this is finished or dropped.
///
/// The answer to the user is written before the new file replaces the old one, so that an answer that cannot be written
/// leaves the file as it was.
#[derive(Debug)]
pub struct Change {
    /// The file, all of whose rows can be read; changes made here are written by [`Self::finish`].
    pub file: HandFile,
    /// `None` if nothing will be written.
    lock: Option<lock::Lock>,
}

impl Change {
    /// Reads a file under a lock, so that the second of two processes sees what the first has written. A dry run takes
    /// no lock; [`Self::finish`] then only writes the answer. `waiting` is called if this has to wait.
    ///
    /// # Errors
    /// Those of reading; when a row cannot be read, since its content would be lost; when another process does not
    /// release the file.
    pub fn begin(
        declaration: &'static Declaration,
        path: &Path,
        is_dry_run: bool,
        waiting: Waiting,
    ) -> Result<Self> {
        // No lock is created beside a file that is not ours.
        HandFile::read_at(declaration, path.to_owned())?;
        let lock = if is_dry_run { None } else { Some(locked(path, waiting)?) };
        Ok(Self { file: whole(declaration, path)?, lock })
    }

    /// Writes the answer, then replaces the file if it changed. If the path is a link, the file it leads to is
    /// replaced.
    ///
    /// # Errors
    /// Those of `answer`, or when the file cannot be written. Then the file is as it was.
    pub fn finish(self, is_changed: bool, answer: impl FnOnce(&HandFile) -> Result<()>) -> Result<()> {
        let Self { file, lock } = self;
        if !is_changed || lock.is_none() {
            return answer(&file);
        }
        let header = std::iter::once(Cow::Borrowed(file.header.as_slice()));
        let records = header.chain(file.rows.iter().map(|row| file.as_written(row)));
        let bytes = encode(file.manner, records).map_err(|error| Error::Internal(error.to_string()))?;
        // It would be too large to be read again.
        if bytes.len() as u64 > MAX_BYTES {
            return Err(Error::input_of(file.path.display().to_string(), "hand_grown", &[]));
        }
        Sink::kept_file(&file.path)?.write(|out| {
            let written = out.write_all(&bytes).and_then(|()| out.flush());
            written.map_err(|error| Error::io("write", &file.path, error))?;
            answer(&file)
        })
    }
}

/// Reads a file and requires that every row can be read.
fn whole(declaration: &'static Declaration, path: &Path) -> Result<HandFile> {
    let file = HandFile::read_at(declaration, path.to_owned())?;
    if file.rejects.is_empty() { Ok(file) } else { Err(file.refusal("hand_broken")) }
}

/// Locks a file that only one process at a time may read and rewrite. The lock is beside the file itself, wherever the
/// path leads. `waiting` is called if this has to wait for more than a moment.
///
/// # Errors
/// When another process does not release it, or the lock cannot be created.
pub fn locked(path: &Path, waiting: Waiting) -> Result<lock::Lock> {
    let real = place::resolved(path);
    let name = real.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside: PathBuf = real.with_file_name(format!(".{name}.lock"));
    let said_of = |key: &str| {
        Error::input_of(path.display().to_string(), key, &[("file", beside.display().to_string())])
    };
    if std::fs::symlink_metadata(&beside).is_ok_and(|meta| !meta.is_file()) {
        return Err(said_of("hand_lock"));
    }
    lock::exclusive(&beside, Some(MAX_WAIT), &|| waiting(&beside, &lock::holders(&beside)))
        .map_err(|error| Error::io("write", path, error))?
        .ok_or_else(|| said_of("hand_held"))
}

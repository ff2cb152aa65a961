//! Changing a hand-kept file: one process at a time, and the whole new file or the whole old one.

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

/// Called once where another process holds a file, with the lock and the processes that hold it, as far as the system
/// tells.
pub type Waiting = fn(&Path, &str);

/// Nobody holds such a file for longer than it takes to write it.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// A hand-kept file that is being changed: nobody else changes it until this is finished or dropped.
///
/// The answer to whoever asked for the change is written while the new file waits to appear, so that either both are
/// there or neither: an answer that cannot be written leaves the file as it was.
#[derive(Debug)]
pub struct Change {
    /// The file, every row of which can be read; what is done to it here is written by [`Self::finish`].
    pub file: HandFile,
    /// None where nothing is going to be written.
    lock: Option<lock::Lock>,
}

impl Change {
    /// Reads a file under a lock, so that of two processes the second sees what the first has written; without one
    /// where it is a dry run, after which [`Self::finish`] only answers. `waiting` is told of a wait.
    ///
    /// # Errors
    /// Those of reading; when a row cannot be read, since what a person wrote there would be lost; when another process
    /// does not let go of the file.
    pub fn begin(
        declaration: &'static Declaration,
        path: &Path,
        is_dry_run: bool,
        waiting: Waiting,
    ) -> Result<Self> {
        // What is no file of ours gets no lock beside it either.
        HandFile::read_at(declaration, path.to_owned())?;
        let lock = if is_dry_run { None } else { Some(locked(path, waiting)?) };
        Ok(Self { file: whole(declaration, path)?, lock })
    }

    /// Answers, and then the new file appears, where it is another one. Through a link the file that it leads to is
    /// replaced.
    ///
    /// # Errors
    /// Those of `answer`, or when the file cannot be written. Then it is as it was.
    pub fn finish(self, is_changed: bool, answer: impl FnOnce(&HandFile) -> Result<()>) -> Result<()> {
        let Self { file, lock } = self;
        if !is_changed || lock.is_none() {
            return answer(&file);
        }
        let header = std::iter::once(Cow::Borrowed(file.header.as_slice()));
        let records = header.chain(file.rows.iter().map(|row| file.as_written(row)));
        let bytes = encode(file.manner, records).map_err(|error| Error::Internal(error.to_string()))?;
        // It could not be read again.
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

/// A file of which every row can be read.
fn whole(declaration: &'static Declaration, path: &Path) -> Result<HandFile> {
    let file = HandFile::read_at(declaration, path.to_owned())?;
    if file.rejects.is_empty() { Ok(file) } else { Err(file.refusal("hand_broken")) }
}

/// Holds a file that one process at a time reads and writes anew. The lock stands beside the file itself, wherever the
/// name leads to. `waiting` is told of a wait that is more than a moment.
///
/// # Errors
/// When another process does not let go of it, or the lock cannot be made.
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

//! Who may change a store, and when files may go.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::private;
use crate::error::{Error, Result};

/// Held by whoever changes the store.
pub(super) const WRITER: &str = ".writer.lock";
/// Shared by those who read, held alone while files that no longer count are removed.
pub(super) const READERS: &str = ".readers.lock";

/// A lock, given back when it is dropped, also by the system when the process dies.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Lock {
    /// The file that is locked.
    pub(super) fn file(&self) -> &File {
        &self.file
    }
}

/// Waits until nobody else changes the store; `waiting` is called when somebody does.
pub(super) fn writer(folder: &Path, waiting: impl FnOnce()) -> Result<Lock> {
    let path = folder.join(WRITER);
    let failed = |error| Error::io("lock", &path, error);
    if std::fs::symlink_metadata(&path).is_ok_and(|meta| !meta.is_file()) {
        return Err(super::files::linked(&path));
    }
    let file = private::open_or_create(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            waiting();
            file.lock().map_err(failed)?;
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    Ok(Lock { file })
}

/// Keeps files from being removed while they are read. On a medium that cannot be written to nobody removes any.
pub(super) fn reader(folder: &Path) -> Option<Lock> {
    let path = folder.join(READERS);
    let file = File::open(&path).or_else(|_| private::open_or_create(&path)).ok()?;
    file.lock_shared().ok()?;
    Some(Lock { file })
}

/// Waits until nobody reads.
pub(super) fn alone(folder: &Path) -> Result<Lock> {
    let path = folder.join(READERS);
    let failed = |error| Error::io("lock", &path, error);
    let file = private::open_or_create(&path).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(Lock { file })
}

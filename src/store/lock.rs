//! Who may change a store, and when files may go.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use super::{files, private};
use crate::error::{Error, Result};

/// Held by whoever changes the store, with notes of what is changed ([`files`]).
pub(super) const WRITER: &str = ".writer.lock";
/// Shared by those who read, held alone while files that no longer count are removed.
pub(super) const READERS: &str = ".readers.lock";

/// How long to wait for a lock that another process holds, and how to say what does not fail a change.
#[derive(Clone, Copy)]
pub struct Wait<'a> {
    /// At most; none for as long as it takes.
    pub limit: Option<Duration>,
    /// Called with each.
    pub note: &'a dyn Fn(Notice<'_>),
}

/// What does not fail a change of a store.
#[derive(Debug, Clone, Copy)]
pub enum Notice<'a> {
    /// The wait for this lock is more than a moment.
    Waiting(&'a Path),
    /// The change counts, but this file, which does not any more, is still there; the next change removes it.
    Left(&'a Path, &'a std::io::Error),
    /// The change counts, but another process is reading files that do not any more; the next change removes them.
    StillRead,
}

/// A wait that nobody needs to hear of.
const MOMENT: Duration = Duration::from_secs(2);
/// Between two tries.
const PAUSES: [Duration; 2] = [Duration::from_millis(2), Duration::from_millis(100)];

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

/// Waits until nobody else changes the store.
///
/// # Errors
/// When the wait is over its limit.
pub(super) fn writer(folder: &Path, wait: Wait<'_>) -> Result<Lock> {
    let path = folder.join(WRITER);
    if std::fs::symlink_metadata(&path).is_ok_and(|meta| !meta.is_file()) {
        return Err(files::linked(&path));
    }
    exclusive(&path, wait)?.ok_or_else(|| {
        let limit = wait.limit.unwrap_or_default();
        Error::input(
            folder.display().to_string(),
            format!(
                "another process is still changing this store after {} (it holds {})",
                spoken(limit),
                path.display()
            ),
            "try again later, or wait longer, as with --wait 1h; the lock ends with the process that holds it",
        )
    })
}

/// Keeps files from being removed while they are read. On a medium that cannot be written to nobody removes any.
pub(super) fn reader(folder: &Path) -> Option<Lock> {
    let path = folder.join(READERS);
    let file = File::open(&path).or_else(|_| private::open_or_create(&path)).ok()?;
    file.lock_shared().ok()?;
    Some(Lock { file })
}

/// Waits until nobody reads; none when the wait is over its limit.
pub(super) fn alone(folder: &Path, wait: Wait<'_>) -> Result<Option<Lock>> {
    exclusive(&folder.join(READERS), wait)
}

fn exclusive(path: &Path, wait: Wait<'_>) -> Result<Option<Lock>> {
    let failed = |error| Error::io("lock", path, error);
    let file = private::open_or_create(path).map_err(failed)?;
    let start = Instant::now();
    let [mut pause, longest] = PAUSES;
    let mut is_said = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(Lock { file })),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let waited = start.elapsed();
        let left = wait.limit.map_or(pause, |limit| limit.saturating_sub(waited));
        if left.is_zero() {
            return Ok(None);
        }
        if !is_said && waited >= MOMENT {
            (wait.note)(Notice::Waiting(path));
            is_said = true;
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(longest);
    }
}

/// A duration as `--wait` takes it.
fn spoken(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds > 0 && seconds.is_multiple_of(3_600) => format!("{}h", seconds / 3_600),
        seconds if seconds > 0 && seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

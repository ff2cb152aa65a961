//! Who may change a store, and when files may go.

use std::path::Path;
use std::time::Duration;

use super::files;
use crate::disk::lock;
pub(super) use crate::disk::lock::Lock;
use crate::error::{Error, Result};
use crate::locale::harmless;

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
        let file = harmless(&path.display().to_string()).into_owned();
        Error::input_of(
            folder.display().to_string(),
            "store_held",
            &[("waited", spoken(limit)), ("file", file)],
        )
    })
}

/// Keeps files from being removed while they are read. On a medium that cannot be written to nobody removes any.
pub(super) fn reader(folder: &Path) -> Option<Lock> {
    lock::shared(&folder.join(READERS))
}

/// Waits until nobody reads; none when the wait is over its limit.
pub(super) fn alone(folder: &Path, wait: Wait<'_>) -> Result<Option<Lock>> {
    exclusive(&folder.join(READERS), wait)
}

fn exclusive(path: &Path, wait: Wait<'_>) -> Result<Option<Lock>> {
    let waiting = || (wait.note)(Notice::Waiting(path));
    lock::exclusive(path, wait.limit, &waiting).map_err(|error| Error::io("lock", path, error))
}

/// A duration as `--wait` takes it.
fn spoken(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds > 0 && seconds.is_multiple_of(3_600) => format!("{}h", seconds / 3_600),
        seconds if seconds > 0 && seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

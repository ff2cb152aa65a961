//! Who may change a store, and when files may go.

use std::path::Path;
use std::time::Duration;

use super::files;
pub(super) use crate::disk::lock::Lock;
use crate::disk::{lock, private};
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
    /// The wait for this lock is more than a moment; with the processes that hold it, as far as the system tells.
    Waiting(&'a Path, &'a str),
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
    // What cannot be finished is not begun.
    check_regular(&folder.join(READERS))?;
    exclusive(&path, wait)?.ok_or_else(|| {
        let keys = ["store_held", "store_held_by"];
        held(folder, &path, wait.limit.unwrap_or_default(), keys)
    })
}

/// Keeps files from being removed while they are read; none on a medium that cannot be written to, where nobody removes
/// any. `note` is told when the wait for whoever removes some is more than a moment.
///
/// # Errors
/// When another process holds the lock alone for longer than removing files takes, and when something else lies in its
/// place.
pub(super) fn reader(folder: &Path, note: &dyn Fn(Notice<'_>)) -> Result<Option<Lock>> {
    /// Whoever removes files holds the lock for moments.
    const MAX_WAIT: Duration = Duration::from_secs(60);
    let path = folder.join(READERS);
    check_regular(&path)?;
    match lock::shared(&path, MAX_WAIT, &|| note(Notice::Waiting(&path, &lock::holders(&path)))) {
        Ok(lock) => Ok(lock),
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
            Err(held(folder, &path, MAX_WAIT, ["store_closed", "store_closed_by"]))
        }
        Err(error) => Err(failed(&path, error)),
    }
}

/// Waits until nobody reads; none when the wait is over its limit.
pub(super) fn alone(folder: &Path, wait: Wait<'_>) -> Result<Option<Lock>> {
    exclusive(&folder.join(READERS), wait)
}

fn exclusive(path: &Path, wait: Wait<'_>) -> Result<Option<Lock>> {
    check_regular(path)?;
    let waiting = || (wait.note)(Notice::Waiting(path, &lock::holders(path)));
    lock::exclusive(path, wait.limit, &waiting).map_err(|error| failed(path, error))
}

/// A link in the place of a lock would lead to a file of somebody else's.
fn check_regular(path: &Path) -> Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(meta) if meta.is_symlink() => Err(files::linked(path)),
        Ok(meta) if !meta.is_file() => Err(files::irregular(path)),
        _ => Ok(()),
    }
}

fn failed(path: &Path, error: std::io::Error) -> Error {
    if private::is_irregular(&error) { files::irregular(path) } else { Error::io("lock", path, error) }
}

/// That another process holds a lock: the first key where the system does not tell which, the second where it does.
fn held(folder: &Path, lock: &Path, waited: Duration, [key, key_of_whom]: [&str; 2]) -> Error {
    let file = harmless(&lock.display().to_string()).into_owned();
    let who = harmless(&lock::holders(lock)).into_owned();
    let key = if who.is_empty() { key } else { key_of_whom };
    let values = [("waited", spoken(waited)), ("file", file), ("who", who)];
    Error::input_of(folder.display().to_string(), key, &values)
}

/// A duration as `--wait` takes it.
fn spoken(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds > 0 && seconds.is_multiple_of(3_600) => format!("{}h", seconds / 3_600),
        seconds if seconds > 0 && seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

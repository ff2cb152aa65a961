//! The locks that decide who may change a store, and when files may be removed.

use std::path::Path;
use std::time::Duration;

use super::files;
pub(super) use crate::disk::lock::Lock;
use crate::disk::{lock, private};
use crate::error::{Error, Result};
use crate::locale::harmless;

/// Held by the process that changes the store; the file also has the notes about the change ([`files`]).
pub(super) const WRITER: &str = ".writer.lock";
/// Shared by all processes that read, and held exclusively while files that no longer count are removed.
pub(super) const READERS: &str = ".readers.lock";

/// How long to wait for a lock that another process holds, and how to report what does not make a change fail.
#[derive(Clone, Copy)]
pub struct Wait<'a> {
    /// The longest time to wait; none for no limit.
    pub limit: Option<Duration>,
    /// Called for each notice.
    pub note: &'a dyn Fn(Notice<'_>),
}

/// Something that does not make a change of a store fail.
#[derive(Debug, Clone, Copy)]
pub enum Notice<'a> {
    /// The wait for this lock takes more than a moment. The text names the processes that hold it, if the system knows
    /// them.
    Waiting(&'a Path, &'a str),
    /// The change counts, but this file, which no longer counts, could not be removed; the next change removes it.
    Left(&'a Path, &'a std::io::Error),
    /// The change counts, but another process reads files that no longer count; the next change removes them.
    StillRead,
}

/// Waits until no other process changes the store.
///
/// # Errors
/// When the wait exceeds its limit.
pub(super) fn writer(folder: &Path, wait: Wait<'_>) -> Result<Lock> {
    let path = folder.join(WRITER);
    // A change that could not be finished is not begun.
    check_regular(&folder.join(READERS))?;
    exclusive(&path, wait)?.ok_or_else(|| {
        let keys = ["store_held", "store_held_by"];
        held(folder, &path, wait.limit.unwrap_or_default(), keys)
    })
}

/// Keeps files from being removed while they are read. None on a medium that cannot be written to, where no process
/// removes files. `note` is called when the wait for a process that removes files takes more than a moment.
///
/// # Errors
/// When another process holds the lock exclusively for longer than removing files takes, and when something else lies
/// in the place of the lock file.
pub(super) fn reader(folder: &Path, note: &dyn Fn(Notice<'_>)) -> Result<Option<Lock>> {
    /// Processes that remove files hold the lock only for moments.
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

/// Waits until no process reads; none if the wait exceeds its limit.
pub(super) fn alone(folder: &Path, wait: Wait<'_>) -> Result<Option<Lock>> {
    exclusive(&folder.join(READERS), wait)
}

fn exclusive(path: &Path, wait: Wait<'_>) -> Result<Option<Lock>> {
    check_regular(path)?;
    let waiting = || (wait.note)(Notice::Waiting(path, &lock::holders(path)));
    lock::exclusive(path, wait.limit, &waiting).map_err(|error| failed(path, error))
}

/// Refuses a link in the place of a lock file, since it would lead to somebody else's file.
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

/// The error that another process holds a lock. The first key is for when the system does not know which process, the
/// second for when it does.
fn held(folder: &Path, lock: &Path, waited: Duration, [key, key_of_whom]: [&str; 2]) -> Error {
    let file = harmless(&lock.display().to_string()).into_owned();
    let who = harmless(&lock::holders(lock)).into_owned();
    let key = if who.is_empty() { key } else { key_of_whom };
    let values = [("waited", spoken(waited)), ("file", file), ("who", who)];
    Error::input_of(folder.display().to_string(), key, &values)
}

/// A duration in the form that `--wait` takes.
fn spoken(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds > 0 && seconds.is_multiple_of(3_600) => format!("{}h", seconds / 3_600),
        seconds if seconds > 0 && seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

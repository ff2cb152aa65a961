//! Lock files: held by one process while it changes other files.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use super::private;

/// Shorter waits are not reported.
const MOMENT: Duration = Duration::from_secs(2);
/// Pauses between two tries.
const PAUSES: [Duration; 2] = [Duration::from_millis(2), Duration::from_millis(100)];

/// A lock; released when it is dropped, and by the system when the process dies.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// The file that is locked.
    pub fn file(&self) -> &File {
        &self.file
    }
}

/// Waits until nobody else holds the lock, at most `limit`; `None` if that is over. `waiting` is called once the wait
/// is longer than a moment. The file is created if it does not exist, and stays.
///
/// # Errors
/// When the file cannot be created, opened or locked.
pub fn exclusive(path: &Path, limit: Option<Duration>, waiting: &dyn Fn()) -> io::Result<Option<Lock>> {
    let file = private::open_or_create(path)?;
    match wait_for(|| file.try_lock(), limit, waiting) {
        Ok(()) => Ok(Some(Lock { file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Shares a lock with other readers, after waiting at most `limit` for an exclusive holder, as [`exclusive`] does.
/// `None` if the lock file cannot be created, as on a read-only medium.
///
/// # Errors
/// When the wait is over ([`io::ErrorKind::WouldBlock`]), or the lock's path is no regular file.
pub fn shared(path: &Path, limit: Duration, waiting: &dyn Fn()) -> io::Result<Option<Lock>> {
    let opened = private::open_lock(path).or_else(|error| match private::is_irregular(&error) {
        true => Err(error),
        false => private::open_or_create(path),
    });
    let file = match opened {
        Ok(file) => file,
        Err(error) if private::is_irregular(&error) => return Err(error),
        Err(_) => return Ok(None),
    };
    match wait_for(|| file.try_lock_shared(), Some(limit), waiting) {
        Ok(()) => Ok(Some(Lock { file })),
        Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
        // The file system does not support locks.
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// Tries until it succeeds or the wait is over, and returns the last result.
fn wait_for(
    mut try_once: impl FnMut() -> Result<(), TryLockError>,
    limit: Option<Duration>,
    waiting: &dyn Fn(),
) -> Result<(), TryLockError> {
    let start = Instant::now();
    let [mut pause, longest] = PAUSES;
    let mut is_said = false;
    loop {
        let tried = try_once();
        let waited = start.elapsed();
        let left = limit.map_or(pause, |limit| limit.saturating_sub(waited));
        if !matches!(tried, Err(TryLockError::WouldBlock)) || left.is_zero() {
            return tried;
        }
        if !is_said && waited >= MOMENT {
            waiting();
            is_said = true;
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(longest);
    }
}

/// The first few processes that hold a lock, as `4711 (ecrm)`; empty if the system does not tell.
pub fn holders(path: &Path) -> String {
    const MAX_NAMED: usize = 3;
    let mut processes = processes(path);
    processes.sort_unstable();
    processes.dedup();
    let more = processes.len() > MAX_NAMED;
    let named = processes.iter().take(MAX_NAMED).map(|process| {
        let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
        match name.trim() {
            "" => process.to_string(),
            name => format!("{process} ({name})"),
        }
    });
    let named: Vec<String> = named.chain(more.then(|| "…".to_owned())).collect();
    named.join(", ")
}

/// The other processes that Linux lists as holding a lock on a file.
#[cfg(target_os = "linux")]
fn processes(path: &Path) -> Vec<u32> {
    use std::os::unix::fs::MetadataExt;
    let Ok(meta) = std::fs::metadata(path) else { return Vec::new() };
    let place = format!("{:02x}:{:02x}", libc::major(meta.dev()), libc::minor(meta.dev()));
    // A file system may report another device for its locks than for its files; so the process must also have the file
    // open.
    let has_open = |process: u32| {
        let files = std::fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
        files
            .filter_map(|file| std::fs::metadata(file.path()).ok())
            .any(|of| (of.dev(), of.ino()) == (meta.dev(), meta.ino()))
    };
    let holder = |line: &str| {
        // For example `1: FLOCK ADVISORY READ 4711 08:01:131099 0 EOF`; `->` before the kind marks a process that
        // waits.
        let parts: Vec<&str> = line.split_ascii_whitespace().collect();
        let [_, "FLOCK", _, _, process, of, ..] = parts.as_slice() else { return None };
        let (process, (device, inode)) = (process.parse::<u32>().ok()?, of.rsplit_once(':')?);
        let is_it = inode.parse() == Ok(meta.ino()) && (device == place || has_open(process));
        (is_it && process != 0 && process != std::process::id()).then_some(process)
    };
    std::fs::read_to_string("/proc/locks").unwrap_or_default().lines().filter_map(holder).collect()
}

#[cfg(not(target_os = "linux"))]
fn processes(_: &Path) -> Vec<u32> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_shares_a_lock_waits_no_longer_than_said_for_who_holds_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let alone = exclusive(&path, None, &|| ()).expect("made").expect("held");
        let refused = shared(&path, Duration::from_millis(20), &|| ()).expect_err("held by another");
        assert_eq!(refused.kind(), io::ErrorKind::WouldBlock);
        drop(alone);
        let one = shared(&path, Duration::ZERO, &|| ()).expect("free").expect("shared");
        let two = shared(&path, Duration::ZERO, &|| ()).expect("free").expect("shared by two");
        assert!(exclusive(&path, Some(Duration::ZERO), &|| ()).expect("made").is_none());
        drop((one, two));
        assert!(
            shared(&folder.path().join("none/lock"), Duration::ZERO, &|| ()).expect("no folder").is_none()
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_no_lock() {
        let folder = tempfile::tempdir().expect("a folder");
        let (link, file) = (folder.path().join("link"), folder.path().join("file"));
        std::fs::write(&file, "").expect("written");
        std::os::unix::fs::symlink(&file, &link).expect("linked");
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
        assert!(made.success());
        for path in [link.as_path(), &pipe, folder.path(), Path::new("/dev/null")] {
            assert!(exclusive(path, None, &|| ()).is_err(), "{}", path.display());
        }
        for path in [pipe.as_path(), folder.path(), Path::new("/dev/null")] {
            assert!(shared(path, Duration::ZERO, &|| ()).is_err(), "{}", path.display());
        }
        assert!(shared(&link, Duration::ZERO, &|| ()).expect("not followed").is_none());
    }
}

//! Files that one process holds while it changes others.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use super::private;

/// A wait that nobody needs to hear of.
const MOMENT: Duration = Duration::from_secs(2);
/// Between two tries.
const PAUSES: [Duration; 2] = [Duration::from_millis(2), Duration::from_millis(100)];

/// A lock, given back when it is dropped, also by the system when the process dies.
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

/// Waits until nobody else holds the lock, at most so long where there is a limit; `None` when that is over. `waiting`
/// is called once the wait is more than a moment. The file is made where it is not there, and stays.
///
/// # Errors
/// When the file cannot be made, opened or locked.
pub fn exclusive(path: &Path, limit: Option<Duration>, waiting: &dyn Fn()) -> io::Result<Option<Lock>> {
    let file = private::open_or_create(path)?;
    let start = Instant::now();
    let [mut pause, longest] = PAUSES;
    let mut is_said = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(Lock { file })),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let waited = start.elapsed();
        let left = limit.map_or(pause, |limit| limit.saturating_sub(waited));
        if left.is_zero() {
            return Ok(None);
        }
        if !is_said && waited >= MOMENT {
            waiting();
            is_said = true;
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(longest);
    }
}

/// Shares a lock with others who read; `None` where that cannot be, as on a medium that cannot be written to.
pub fn shared(path: &Path) -> Option<Lock> {
    let file = File::open(path).or_else(|_| private::open_or_create(path)).ok()?;
    file.lock_shared().ok()?;
    Some(Lock { file })
}

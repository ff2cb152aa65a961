//! Locks whose holder may have panicked.

use std::sync::{Mutex, MutexGuard};

/// The value behind a lock. A thread that panicked while it held the lock has left a whole value behind everywhere
/// locks are used here, and its panic is reported elsewhere.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

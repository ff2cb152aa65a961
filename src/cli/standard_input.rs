//! Whether standard input has something to read.

use std::io::{self, BufRead, IsTerminal};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::{voice, worded};
use crate::error::{Error, Result, STANDARD_INPUT};
use crate::locale::{Locale, Remark};
use crate::parse::source::stdin_is_stream;

/// How long nothing needs saying.
const PATIENCE: Duration = Duration::from_secs(2);

/// What standard input is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandardInput {
    /// Somebody sits there.
    Terminal,
    /// Nothing will come from it: `/dev/null`, or a pipe or file that has ended.
    Empty,
    /// It has begun; what was looked at is still to be read.
    Begun,
}

/// What to do when standard input keeps the run waiting: say so.
pub fn waiting_note(locale: &'static Locale) -> impl FnOnce() + Send + 'static {
    move || voice::note(&worded(&Remark::new("stdin_waiting"), locale))
}

/// Looks for the first byte of standard input, where that is a pipe or a file; `waiting` is called when none has come
/// for two seconds.
///
/// # Errors
/// When it cannot be read.
pub fn detect(waiting: impl FnOnce() + Send + 'static) -> Result<StandardInput> {
    if io::stdin().is_terminal() {
        return Ok(StandardInput::Terminal);
    }
    if !stdin_is_stream() {
        return Ok(StandardInput::Empty);
    }
    wait(waiting).map(|has_bytes| if has_bytes { StandardInput::Begun } else { StandardInput::Empty })
}

/// Waits for the first byte of standard input, whatever it is; whether there is one.
///
/// # Errors
/// When it cannot be read.
pub fn wait(waiting: impl FnOnce() + Send + 'static) -> Result<bool> {
    let (begun, watched) = mpsc::channel::<()>();
    let watcher = std::thread::spawn(move || {
        if watched.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            waiting();
        }
    });
    let mut stdin = io::stdin().lock();
    let first = loop {
        match stdin.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other.map(|bytes| !bytes.is_empty()),
        }
    };
    drop(begun);
    let _ = watcher.join();
    first.map_err(|error| Error::io("read", STANDARD_INPUT.as_ref(), error))
}

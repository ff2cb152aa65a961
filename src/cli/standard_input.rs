//! Finds out whether standard input has something to read.

use std::io::{self, BufRead, IsTerminal};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::{voice, worded};
use crate::error::{Error, Result, STANDARD_INPUT};
use crate::locale::{Locale, Remark};
use crate::parse::source::stdin_is_stream;

/// After how long without input a message is printed.
const PATIENCE: Duration = Duration::from_secs(2);

/// The state of standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandardInput {
    /// It is a terminal.
    Terminal,
    /// It is empty: `/dev/null`, or a pipe or file that has ended.
    Empty,
    /// It has data, all of which is still to be read.
    Begun,
}

/// A function that prints the remark that the run waits for standard input.
pub fn waiting_note(locale: &'static Locale) -> impl FnOnce() + Send + 'static {
    move || voice::note(&worded(&Remark::new("stdin_waiting"), locale))
}

/// Finds out the state of standard input. For a pipe or a file this waits for the first byte; `waiting` is called if
/// none has come after two seconds.
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

/// Waits for the first byte of standard input, and returns whether there is one.
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

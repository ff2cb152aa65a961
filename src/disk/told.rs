//! What the system says of a file that other libraries write: they put it into words of their own.

use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use crate::sync::locked;

/// A file that keeps what the system refuses.
#[derive(Debug)]
pub(crate) struct Told {
    file: File,
    failure: Failure,
}

/// What the system said last of a [`Told`], for who has given that away.
#[derive(Debug, Clone, Default)]
pub(crate) struct Failure(Arc<Mutex<Option<io::Error>>>);

impl Told {
    /// Of a file, with what is going to be said of it.
    pub fn new(file: File) -> (Self, Failure) {
        let failure = Failure::default();
        (Self { file, failure: failure.clone() }, failure)
    }

    /// The file itself.
    pub fn into_file(self) -> File {
        self.file
    }
}

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).inspect_err(|error| self.failure.see(error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().inspect_err(|error| self.failure.see(error))
    }
}

impl Failure {
    /// What was said, which is then forgotten.
    pub fn take(&self) -> Option<io::Error> {
        locked(&self.0).take()
    }

    fn see(&self, error: &io::Error) {
        if error.kind() != io::ErrorKind::Interrupted {
            *locked(&self.0) = error.raw_os_error().map(io::Error::from_raw_os_error);
        }
    }
}

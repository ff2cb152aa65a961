//! Where output goes: straight to a stream, or to a file that appears whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tempfile::NamedTempFile;

use crate::error::{Error, Result};
use crate::sync::locked;

/// A place to write to, checked to be writable before any work is done.
#[derive(Debug)]
pub enum Sink {
    /// Standard output.
    Stdout,
    /// A terminal, pipe or device named as a file: written straight through.
    Special(PathBuf, fs::File),
    /// A regular file: the path, and what will be renamed to it.
    File(PathBuf, NamedTempFile),
}

/// Files being written, removed when the process is told to stop.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes the files that are being written; for a signal handler.
pub fn remove_unfinished() {
    let mut paths = locked(&UNFINISHED);
    for path in paths.drain(..) {
        // Nothing can be done about a file that cannot be removed while the process ends.
        let _ = fs::remove_file(path);
    }
}

impl Sink {
    /// Opens a file to write. An existing regular file stays as it is until the new one is complete.
    pub fn file(path: &Path) -> Result<Self> {
        Self::open(path, false)
    }

    /// As [`Self::file`], for what nobody but its owner is to read: also where it replaces a file that others could.
    pub fn private_file(path: &Path) -> Result<Self> {
        Self::open(path, true)
    }

    fn open(path: &Path, is_private: bool) -> Result<Self> {
        let failed = |error| Error::io("write", path, error);
        if path == Path::new("/dev/stdout") {
            return Ok(Self::Stdout);
        }
        // Behind these names may be a file that somebody else is writing: it is added to, never replaced.
        if path.starts_with("/dev") || path.starts_with("/proc") {
            let file = fs::OpenOptions::new().append(true).open(path).map_err(failed)?;
            return Ok(Self::Special(path.to_owned(), file));
        }
        // Through a symbolic link the file it points to is replaced, not the link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        match fs::metadata(&path) {
            Ok(meta) if meta.is_dir() => {
                return Err(Error::input(
                    path.display().to_string(),
                    "this is a directory",
                    "name a file in it",
                ));
            }
            Ok(meta) if !meta.is_file() => {
                let file = fs::OpenOptions::new().write(true).open(&path).map_err(failed)?;
                return Ok(Self::Special(path, file));
            }
            _ => {}
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(Error::input(
                path.display().to_string(),
                format!("there is no folder {}", folder.display()),
                "make the folder first, or name a file in another one",
            ));
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".ecrm-").suffix(".partial");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As the file it replaces, else what the user's umask leaves of rw-rw-rw-.
            let mode = match is_private {
                true => 0o600,
                false => fs::metadata(&path).map_or(0o666, |meta| meta.permissions().mode() & 0o777),
            };
            builder.permissions(fs::Permissions::from_mode(mode));
        }
        let file = builder.tempfile_in(folder).map_err(failed)?;
        locked(&UNFINISHED).push(file.path().to_owned());
        Ok(Self::File(path, file))
    }

    /// Writes everything `fill` writes, then makes it appear. On an error nothing appears.
    pub fn write_with(self, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        self.write(|out| fill(out).map_err(|error| Error::io("write", Path::new(""), error)))
    }

    /// As [`Self::write_with`], for what can fail in other ways too.
    pub fn write(self, fill: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
        const BUFFER: usize = 1 << 18;
        match self {
            Self::Stdout => {
                let name = Path::new("standard output");
                let mut out = BufWriter::with_capacity(BUFFER, io::stdout().lock());
                fill(&mut out).map_err(|error| at(name, error))?;
                out.flush().map_err(|error| Error::io("write", name, error))
            }
            Self::Special(path, file) => {
                let mut out = BufWriter::with_capacity(BUFFER, file);
                fill(&mut out).map_err(|error| at(&path, error))?;
                out.flush().map_err(|error| Error::io("write", &path, error))
            }
            Self::File(path, mut file) => {
                let failed = |error| Error::io("write", &path, error);
                let mut out = BufWriter::with_capacity(BUFFER, file.as_file_mut());
                fill(&mut out).map_err(|error| at(&path, error))?;
                out.flush().map_err(failed)?;
                drop(out);
                let partial = file.path().to_owned();
                file.persist(&path).map_err(|error| failed(error.error))?;
                let mut unfinished = locked(&UNFINISHED);
                unfinished.retain(|path| *path != partial);
                Ok(())
            }
        }
    }
}

/// Names the place in an error that writers could not name.
fn at(path: &Path, error: Error) -> Error {
    match error {
        Error::Io { action: "write", source, .. } => Error::io("write", path, source),
        other => other,
    }
}

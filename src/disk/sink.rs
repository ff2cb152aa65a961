//! Destinations of output: a stream, or a file that appears completely or not at all.

use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tempfile::NamedTempFile;

use super::partial;
use crate::error::{Error, Result, STANDARD_OUTPUT};
use crate::locale::harmless;
use crate::place::{self, Descriptor};
use crate::sync::locked;

/// A destination, checked to be writable before any work is done.
#[derive(Debug)]
pub enum Sink {
    /// Standard output.
    Stdout,
    /// A terminal, pipe or device given as a file, or a file that the shell has opened: written directly.
    Special(PathBuf, fs::File),
    /// A regular file: its path, the temporary file that will be renamed to it, and who may read it.
    File(PathBuf, NamedTempFile, Access),
}

/// Who may read a regular file that is written, and whether it is flushed to the medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// As the file it replaces; a new one as the user's umask says.
    Usual,
    /// Only its owner, even if others could read the file it replaces.
    Private,
    /// As the file it replaces; a new one only its owner. There is no other copy of its content, so it is flushed to
    /// the medium before it replaces the old file.
    Kept,
    /// Only its owner, even if others could read the file it replaces; flushed to the medium before it replaces that.
    KeptPrivate,
}

/// Files and folders being written, which are removed when the process is told to stop.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes the files and folders being written, and blocks starting or finishing others; for a process that ends at
/// once.
pub fn remove_unfinished() {
    let mut paths = locked(&UNFINISHED);
    for path in paths.drain(..) {
        // If it cannot be removed while the process ends, nothing more can be done.
        let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path));
    }
    std::mem::forget(paths);
}

/// Creates something that is removed if the process is told to stop.
pub(super) fn begin_unfinished(path: &Path, make: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let mut unfinished = locked(&UNFINISHED);
    make()?;
    unfinished.push(path.to_owned());
    Ok(())
}

/// Finishes it; a signal is not handled in between.
pub(super) fn end_unfinished<E>(path: &Path, finish: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
    turn_unfinished(path, None, finish)
}

/// Like [`end_unfinished`], but from then on another path is to be removed.
pub(super) fn turn_unfinished<E>(
    path: &Path,
    left: Option<&Path>,
    finish: impl FnOnce() -> Result<(), E>,
) -> Result<(), E> {
    let mut unfinished = locked(&UNFINISHED);
    finish()?;
    unfinished.retain(|other| other != path);
    unfinished.extend(left.map(Path::to_owned));
    Ok(())
}

impl Sink {
    /// Opens a file for writing. An existing regular file stays as it is until the new one is complete. Anything but a
    /// regular file, and a file that the shell has opened (`/dev/stdout`, `/dev/fd/3`), is written directly.
    pub fn file(path: &Path) -> Result<Self> {
        Self::open(path, Access::Usual)
    }

    /// Like [`Self::file`], for a file that only its owner may read, even if it replaces one that others could read.
    pub fn private_file(path: &Path) -> Result<Self> {
        Self::open(path, Access::Private)
    }

    /// Like [`Self::file`], for a file that people and programs write in turn.
    pub fn kept_file(path: &Path) -> Result<Self> {
        Self::open(path, Access::Kept)
    }

    /// Like [`Self::kept_file`], for a file that only its owner may read, even if others could read the old one.
    pub fn kept_private_file(path: &Path) -> Result<Self> {
        Self::open(path, Access::KeptPrivate)
    }

    fn open(path: &Path, access: Access) -> Result<Self> {
        let failed = |error| Error::io("write", path, error);
        match place::descriptor(path) {
            Some(Descriptor::Ours(1)) => return Ok(Self::Stdout),
            Some(Descriptor::Ours(number)) => {
                let mut file = duplicate(number).map_err(failed)?;
                // Fails now if it is open for reading only.
                file.write(&[]).map_err(failed)?;
                return Ok(Self::Special(path.to_owned(), file));
            }
            Some(Descriptor::Foreign) => {
                let file = fs::OpenOptions::new().append(true).open(path).map_err(failed)?;
                return Ok(Self::Special(path.to_owned(), file));
            }
            None => {}
        }
        // A symbolic link stays, and the file it points to is replaced.
        let real = place::resolved(path);
        let name = || path.display().to_string();
        match fs::metadata(&real) {
            Ok(meta) if meta.is_dir() => {
                return Err(Error::input_of(name(), "output_is_folder", &[]));
            }
            Ok(meta) if !meta.is_file() => {
                let file = open_special(&real, &meta).map_err(failed)?;
                return Ok(Self::Special(path.to_owned(), file));
            }
            _ => {}
        }
        let folder = real.parent().unwrap_or(Path::new("."));
        if !folder.is_dir() {
            let named = path.parent().unwrap_or(folder).display().to_string();
            return Err(Error::input_of(name(), "no_folder", &[("folder", harmless(&named).into_owned())]));
        }
        #[cfg(unix)]
        let permissions = {
            use std::os::unix::fs::PermissionsExt;
            let old = fs::metadata(&real).map(|meta| meta.permissions().mode() & 0o777);
            let mode = match access {
                Access::Usual => old.unwrap_or(0o666),
                Access::Private | Access::KeptPrivate => 0o600,
                Access::Kept => old.unwrap_or(0o600),
            };
            Some(fs::Permissions::from_mode(mode))
        };
        #[cfg(not(unix))]
        let permissions = None;
        let mut unfinished = locked(&UNFINISHED);
        let file = partial::create(folder, permissions).map_err(failed)?;
        unfinished.push(file.path().to_owned());
        Ok(Self::File(real, file, access))
    }

    /// Whether it is a terminal.
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::Stdout => io::stdout().is_terminal(),
            Self::Special(_, file) => file.is_terminal(),
            Self::File(..) => false,
        }
    }

    /// Writes everything that `fill` writes, then makes the file appear. On an error nothing appears.
    pub fn write_with(self, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        self.write(|out| fill(out).map_err(|error| Error::io("write", Path::new(""), error)))
    }

    /// Like [`Self::write_with`], for a `fill` that can fail in other ways than I/O.
    pub fn write(self, fill: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
        const BUFFER: usize = 1 << 18;
        match self {
            Self::Stdout => {
                let name = Path::new(STANDARD_OUTPUT);
                let mut out = BufWriter::with_capacity(BUFFER, io::stdout().lock());
                fill(&mut out).map_err(|error| at(name, error))?;
                out.flush().map_err(|error| Error::io("write", name, error))
            }
            Self::Special(path, file) => {
                let mut out = BufWriter::with_capacity(BUFFER, file);
                fill(&mut out).map_err(|error| at(&path, error))?;
                out.flush().map_err(|error| Error::io("write", &path, error))
            }
            Self::File(path, mut file, access) => {
                let failed = |error| Error::io("write", &path, error);
                let mut out = BufWriter::with_capacity(BUFFER, file.as_file_mut());
                fill(&mut out).map_err(|error| at(&path, error))?;
                out.flush().map_err(failed)?;
                drop(out);
                if matches!(access, Access::Kept | Access::KeptPrivate) {
                    file.as_file().sync_all().map_err(failed)?;
                }
                let mut unfinished = locked(&UNFINISHED);
                let partial = file.path().to_owned();
                file.persist(&path).map_err(|error| failed(error.error))?;
                unfinished.retain(|path| *path != partial);
                Ok(())
            }
        }
    }
}

/// Duplicates an open file of this process, sharing its position.
#[cfg(unix)]
#[expect(unsafe_code, reason = "what the shell has opened for us is known by its number alone")]
fn duplicate(number: i32) -> io::Result<fs::File> {
    use std::os::fd::BorrowedFd;
    if number < 0 {
        return Err(io::Error::from(io::ErrorKind::NotFound));
    }
    // SAFETY: the number is not -1; it is borrowed for one call, which fails where nothing of this number is open.
    unsafe { BorrowedFd::borrow_raw(number) }.try_clone_to_owned().map(fs::File::from)
}

/// Other systems have no file descriptors.
#[cfg(not(unix))]
fn duplicate(_: i32) -> io::Result<fs::File> {
    Err(io::Error::from(io::ErrorKind::NotFound))
}

/// Opens a device, a FIFO or a socket.
fn open_special(path: &Path, meta: &fs::Metadata) -> io::Result<fs::File> {
    #[cfg(unix)]
    {
        use std::os::fd::OwnedFd;
        use std::os::unix::{fs::FileTypeExt, net::UnixStream};
        if meta.file_type().is_socket() {
            return UnixStream::connect(path).map(|stream| fs::File::from(OwnedFd::from(stream)));
        }
    }
    let _ = meta;
    fs::OpenOptions::new().write(true).open(path)
}

/// Adds the path to an I/O error that has none; an error that names another file stays.
fn at(path: &Path, error: Error) -> Error {
    match error {
        Error::Io { action: "write", path: named, source } if named.is_empty() => {
            Error::io("write", path, source)
        }
        other => other,
    }
}

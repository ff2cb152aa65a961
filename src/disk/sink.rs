//! Where output goes: straight to a stream, or to a file that appears whole or not at all.

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

/// A place to write to, checked to be writable before any work is done.
#[derive(Debug)]
pub enum Sink {
    /// Standard output.
    Stdout,
    /// A terminal, pipe or device named as a file, or a file that the shell has opened: written straight through.
    Special(PathBuf, fs::File),
    /// A regular file: the path, what will be renamed to it, and for whom it is.
    File(PathBuf, NamedTempFile, Access),
}

/// Who may read a regular file that is written, and what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever could read the file it replaces; of a new one what the user's umask leaves.
    Usual,
    /// Its owner alone, also where it replaces a file that others could read.
    Private,
    /// Whoever could read the file it replaces; of a new one its owner alone. There is no other copy of what it holds,
    /// so that it is on the medium before it replaces the old one.
    Kept,
    /// Its owner alone, also where it replaces a file that others could read, and on the medium before it does.
    KeptPrivate,
}

/// Files and folders being written, removed when the process is told to stop.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes the files and folders that are being written and lets no other begin or be finished; for a process that ends
/// at once.
pub fn remove_unfinished() {
    let mut paths = locked(&UNFINISHED);
    for path in paths.drain(..) {
        // Nothing can be done about what cannot be removed while the process ends.
        let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path));
    }
    std::mem::forget(paths);
}

/// Makes what is removed from now on when the process is told to stop.
pub(super) fn begin_unfinished(path: &Path, make: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let mut unfinished = locked(&UNFINISHED);
    make()?;
    unfinished.push(path.to_owned());
    Ok(())
}

/// Finishes it, which a signal does not come between.
pub(super) fn end_unfinished<E>(path: &Path, finish: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
    turn_unfinished(path, None, finish)
}

/// The same where something else is then to be removed.
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
    /// Opens a file to write. An existing regular file stays as it is until the new one is complete; what is no regular
    /// file, and what the shell has opened (`/dev/stdout`, `/dev/fd/3`), is written straight through.
    pub fn file(path: &Path) -> Result<Self> {
        Self::open(path, Access::Usual)
    }

    /// As [`Self::file`], for what nobody but its owner is to read: also where it replaces a file that others could.
    pub fn private_file(path: &Path) -> Result<Self> {
        Self::open(path, Access::Private)
    }

    /// As [`Self::file`], for what people and programs write in turn.
    pub fn kept_file(path: &Path) -> Result<Self> {
        Self::open(path, Access::Kept)
    }

    /// As [`Self::kept_file`], for what nobody but its owner is to read: also where others could read the old one.
    pub fn kept_private_file(path: &Path) -> Result<Self> {
        Self::open(path, Access::KeptPrivate)
    }

    fn open(path: &Path, access: Access) -> Result<Self> {
        let failed = |error| Error::io("write", path, error);
        match place::descriptor(path) {
            Some(Descriptor::Ours(1)) => return Ok(Self::Stdout),
            Some(Descriptor::Ours(number)) => {
                let mut file = duplicate(number).map_err(failed)?;
                // One that is open for reading alone says so now.
                file.write(&[]).map_err(failed)?;
                return Ok(Self::Special(path.to_owned(), file));
            }
            Some(Descriptor::Foreign) => {
                let file = fs::OpenOptions::new().append(true).open(path).map_err(failed)?;
                return Ok(Self::Special(path.to_owned(), file));
            }
            None => {}
        }
        // Through a symbolic link the file it points to is replaced, not the link.
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

    /// Whether it is a terminal that shows what is written.
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::Stdout => io::stdout().is_terminal(),
            Self::Special(_, file) => file.is_terminal(),
            Self::File(..) => false,
        }
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

/// An open file of this process once more, with its position.
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

/// There are none elsewhere.
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

/// Names the place in an error that writers could not name; one that names another file is of that.
fn at(path: &Path, error: Error) -> Error {
    match error {
        Error::Io { action: "write", path: named, source } if named.is_empty() => {
            Error::io("write", path, source)
        }
        other => other,
    }
}

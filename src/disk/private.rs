//! Files and folders that only their owner can read, since a store holds what people bought and their contacts.
//!
//! They are created with these permissions, not restricted afterwards, and regardless of the umask. Without such
//! permissions (Windows, FAT disks) files get the system's default.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

const FILE: u32 = 0o600;
const FOLDER: u32 = 0o700;

/// Creates a file that must not exist yet.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().create_new(true).write(true), path)
}

/// Opens a file that only has to exist, for its lock. Anything but a regular file (a link, a pipe, a device) is
/// refused.
pub(crate) fn open_or_create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NOFOLLOW | libc::O_NONBLOCK);
    open(&mut options, path)
}

/// Opens a lock file for sharing, which needs no permission to write.
pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NOFOLLOW | libc::O_NONBLOCK);
    regular(options.open(path)?)
}

/// Opens a file for reading, also through links. Anything but a regular file is refused: a pipe would block until
/// somebody writes to it, and a device has no end.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    regular(options.open(path)?)
}

/// Whether an error is the one of [`regular`] for anything but a regular file.
pub(crate) fn is_irregular(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Irregular>())
}

#[derive(Debug, thiserror::Error)]
#[error("not a regular file")]
struct Irregular;

fn regular(file: File) -> io::Result<File> {
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, Irregular)),
    }
}

fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, FILE);
    let file = regular(options.open(path)?)?;
    // An unusual umask may have left fewer permissions, an older store more.
    set(path, FILE);
    Ok(file)
}

/// Creates a private folder; missing folders above it get the usual permissions.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, FOLDER);
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
        made => made?,
    }
    set(path, FOLDER);
    Ok(())
}

/// Removes other users' permissions from the files of a store and from its folder: a store of an earlier version, or a
/// copied one, may have them.
pub(crate) fn close(folder: &Path, is_ours: impl Fn(&str) -> bool) {
    if !folder.is_dir() {
        return;
    }
    set(folder, FOLDER);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && entry.file_name().to_str().is_some_and(&is_ours) {
            set(&entry.path(), FILE);
        }
    }
}

/// Sets exactly these permissions. Files of other owners keep theirs.
fn set(path: &Path, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let is_other = fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o777 != mode);
        if is_other {
            let _ = fs::set_permissions(path, fs::Permissions::from_mode(mode));
        }
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
}

//! Temporary names of files being written, by which files left by killed runs are recognised.

use std::collections::hash_map::RandomState;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};
use xxhash_rust::xxh3::xxh3_64;

const PREFIX: &str = ".ecrm-";
const SUFFIX: &str = ".partial";

/// Creates a temporary file beside the file it will replace, and removes those that dead runs left in the folder. It is
/// locked while it is written, so that other processes know that its run is alive.
///
/// # Errors
/// When it cannot be created.
pub(super) fn create(folder: &Path, permissions: Option<fs::Permissions>) -> io::Result<NamedTempFile> {
    /// If another process removes the file between its creation and its lock, it is created again.
    const TRIES: usize = 16;
    remove_left(folder);
    let mut tried = 0;
    loop {
        let name = new_name();
        let mut builder = Builder::new();
        builder.prefix(&name).rand_bytes(0);
        permissions.iter().for_each(|permissions| _ = builder.permissions(permissions.clone()));
        let file = builder.tempfile_in(folder)?;
        tried += 1;
        // Where files cannot be locked, no file is taken for left behind either.
        let is_taken = matches!(file.as_file().try_lock(), Err(fs::TryLockError::WouldBlock));
        if tried == TRIES || !is_taken && file.path().exists() {
            return Ok(file);
        }
    }
}

/// Removes files with our names that nobody is writing. One that cannot be removed stays.
fn remove_left(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_file = || entry.file_type().is_ok_and(|kind| kind.is_file());
        if entry.file_name().to_str().is_some_and(is_ours) && is_file() {
            let path = entry.path();
            let Ok(file) = File::open(&path) else { continue };
            if file.try_lock().is_ok() {
                let _ = fs::remove_file(&path);
            }
        }
    }
}

/// A name that no other file or folder has or will get.
pub(super) fn new_name() -> String {
    name(RandomState::new().build_hasher().finish())
}

/// A unique name: its beginning determines its end, so that it can be recognised.
fn name(token: u64) -> String {
    format!("{PREFIX}{token:016x}{:016x}{SUFFIX}", xxh3_64(&token.to_be_bytes()))
}

/// Whether a name is of this form.
pub(super) fn is_ours(found: &str) -> bool {
    let token = found.strip_prefix(PREFIX).and_then(|rest| rest.get(..16));
    token.and_then(|token| u64::from_str_radix(token, 16).ok()).is_some_and(|token| name(token) == found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_died_runs_left_goes_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let names = || -> Vec<String> {
            let entries = fs::read_dir(folder.path()).expect("a folder").flatten();
            let mut names: Vec<String> =
                entries.map(|entry| entry.file_name().into_string().expect("a name")).collect();
            names.sort_unstable();
            names
        };
        let mut others: Vec<String> =
            [".ecrm-AbC123.partial", ".ecrm-0123456789abcdef.partial", ".ecrm-.partial", "orders.csv"]
                .map(str::to_owned)
                .into();
        // As ours but for a digit.
        others.push(name(7).replace("0000000000000007", "0000000000000008"));
        others.sort_unstable();
        others.iter().for_each(|name| fs::write(folder.path().join(name), "mine").expect("a file"));
        // A run that was killed keeps no lock.
        let (file, left) = create(folder.path(), None).expect("a file").keep().expect("kept");
        drop(file);
        let living = create(folder.path(), None).expect("a file");
        assert!(!left.exists() && living.path().exists());
        let next = create(folder.path(), None).expect("a file");
        assert!(living.path().exists() && next.path() != living.path());
        drop((living, next));
        assert_eq!(names(), others);
    }
}

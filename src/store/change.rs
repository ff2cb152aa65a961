//! How a store is changed: new files are written first, then the manifest that counts them, and then files that no
//! longer count are removed.

use std::collections::HashSet;
use std::path::Path;

use super::files::{self, Writing};
use super::lock::{Notice, Wait};
use super::manifest::{FOLDERS, Manifest};
use super::{Store, frames};
use crate::error::{Error, Result};

/// When files that no longer count must be gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Removal {
    /// With this change; otherwise it has failed in its purpose.
    Now,
    /// With this change if possible. If others read the files for longer than the limit, or the system refuses, with
    /// the next.
    Soon,
}

/// The result of a change.
pub(super) struct Changed<T> {
    /// The answer of the caller's function.
    pub answer: T,
    /// Files in the store's folders that do not belong to the store, after the change.
    pub foreign_files: Vec<String>,
}

impl Store {
    /// Lets `change` write files and edit the manifest, while no other process changes the store, and then puts the new
    /// manifest in place at once.
    /// # Errors
    /// The errors of `change`, and when the wait for another process exceeds its limit or the store cannot be written;
    /// the store is then as it was. Also when files that no longer count must be removed now but cannot be: then the
    /// change counts, and the next one removes them.
    pub(super) fn change<T>(
        &self,
        wait: Wait<'_>,
        removal: Removal,
        change: impl FnOnce(&mut Manifest, &Writing) -> Result<T>,
    ) -> Result<Changed<T>> {
        let writing = Writing::start(self.folder(), wait)?;
        let before = self.manifest()?;
        let mut manifest = before.clone();
        manifest.make_key()?;
        let changed = change(&mut manifest, &writing).and_then(|answer| {
            // A first import leaves a store even if none of its files was of use.
            if manifest != before || !Self::is_at(self.folder()) {
                manifest.state += 1;
                let folders = FOLDERS.iter().map(|name| self.folder().join(name));
                folders.filter(|path| path.exists()).try_for_each(|path| frames::sync_folder(&path))?;
                writing.note_removed(&left_out(&before, &manifest))?;
                writing.put_manifest(&manifest.text()?)?;
            }
            Ok(answer)
        });
        // Files may have been written that do not count, or may have stopped counting.
        let manifest = self.manifest();
        let settled = manifest
            .as_ref()
            .map_err(|_| None)
            .and_then(|manifest| writing.settle(manifest, wait).map_err(Some));
        let answer = changed?;
        let manifest = manifest?;
        match (settled, removal) {
            (Ok(true), _) => {}
            (Ok(false), Removal::Soon) => (wait.note)(Notice::StillRead),
            (Ok(false), Removal::Now) => return Err(still_read(self)),
            (Err(Some(Error::Io { path, source, .. })), Removal::Soon) => {
                (wait.note)(Notice::Left(Path::new(&path), &source));
            }
            (Err(error), _) => return Err(error.unwrap_or_else(|| still_read(self))),
        }
        Ok(Changed { answer, foreign_files: files::foreign(self.folder(), &manifest) })
    }
}

/// The files that the first manifest counts and the second does not.
fn left_out(before: &Manifest, after: &Manifest) -> Vec<String> {
    let counting: HashSet<&str> = after.files().map(|file| file.path.as_str()).collect();
    let paths = before.files().map(|file| file.path.as_str());
    paths.filter(|path| !counting.contains(path)).map(str::to_owned).collect()
}

fn still_read(store: &Store) -> Error {
    Error::input_of(store.folder().display().to_string(), "store_still_read", &[])
}

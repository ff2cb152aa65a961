//! How a store changes: new files first, then the manifest that counts them, then what no longer counts goes.

use std::collections::HashSet;
use std::path::Path;

use super::files::{self, Writing};
use super::lock::{Notice, Wait};
use super::manifest::{FOLDERS, Manifest};
use super::{Store, frames};
use crate::error::{Error, Result};

/// When files that no longer count are to be gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Removal {
    /// With this change, or it has not done what it is for.
    Now,
    /// With this change or, where others read them for longer than one waits or the system refuses, with the next.
    Soon,
}

/// What a change gave.
pub(super) struct Changed<T> {
    /// What it is to say.
    pub answer: T,
    /// Files in the store's folders that are not the store's, as it was left.
    pub foreign_files: Vec<String>,
}

impl Store {
    /// Lets `change` write files and say in the manifest which count, alone, and makes it so at once.
    ///
    /// # Errors
    /// Those of `change`, when the wait for another process is over its limit, and when the store cannot be written; it
    /// is then as it was. Also when files that no longer count cannot be removed and were to be gone now: the change
    /// counts then, and the next one removes them.
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
            // Even a first import of nothing that is of use leaves a store.
            if manifest != before || !Self::is_at(self.folder()) {
                manifest.state += 1;
                let folders = FOLDERS.iter().map(|name| self.folder().join(name));
                folders.filter(|path| path.exists()).try_for_each(|path| frames::sync_folder(&path))?;
                writing.note_removed(&left_out(&before, &manifest))?;
                writing.put_manifest(&manifest.text()?)?;
            }
            Ok(answer)
        });
        // What was written does not count, or something no longer does.
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

/// Files that one manifest counts and the next does not.
fn left_out(before: &Manifest, after: &Manifest) -> Vec<String> {
    let counting: HashSet<&str> = after.files().map(|file| file.path.as_str()).collect();
    let paths = before.files().map(|file| file.path.as_str());
    paths.filter(|path| !counting.contains(path)).map(str::to_owned).collect()
}

fn still_read(store: &Store) -> Error {
    Error::input_of(store.folder().display().to_string(), "store_still_read", &[])
}

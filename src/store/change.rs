//! How a store changes: new files first, then the manifest that counts them, then what no longer counts goes.

use std::collections::HashSet;

use super::files::Writing;
use super::manifest::{FOLDERS, Manifest};
use super::{Store, frames};
use crate::error::Result;

impl Store {
    /// Lets `change` write files and say in the manifest which count, alone, and makes it so at once. `waiting` is called
    /// when another process is changing the store.
    ///
    /// # Errors
    /// Those of `change`, and when the store cannot be written; it is then as it was.
    pub(super) fn change<T>(
        &self,
        waiting: impl FnOnce(),
        change: impl FnOnce(&mut Manifest, &Writing) -> Result<T>,
    ) -> Result<T> {
        let writing = Writing::start(self.folder(), waiting)?;
        let before = self.manifest()?;
        let mut manifest = before.clone();
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
        let settled = self.manifest().and_then(|manifest| writing.settle(&manifest));
        let answer = changed?;
        settled?;
        Ok(answer)
    }
}

/// Files that one manifest counts and the next does not.
fn left_out(before: &Manifest, after: &Manifest) -> Vec<String> {
    let counting: HashSet<&str> = after.files().map(|file| file.path.as_str()).collect();
    let paths = before.files().map(|file| file.path.as_str());
    paths.filter(|path| !counting.contains(path)).map(str::to_owned).collect()
}

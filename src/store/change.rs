//! How a store changes: new files first, then the manifest that counts them, then what no longer counts goes.

use std::collections::HashSet;
use std::io;

use super::manifest::{FOLDERS, Manifest};
use super::{Store, frames, lock};
use crate::error::{Error, Result};

impl Store {
    /// Lets `change` write files and say in the manifest which count, alone, and makes it so at once. `waiting` is called
    /// when another process is changing the store.
    ///
    /// # Errors
    /// Those of `change`, and when the store cannot be written; it is then as it was.
    pub(super) fn change<T>(
        &self,
        waiting: impl FnOnce(),
        change: impl FnOnce(&mut Manifest) -> Result<T>,
    ) -> Result<T> {
        let _writing = lock::writer(self.folder(), waiting)?;
        let before = self.manifest()?;
        self.remove_strays(&before)?;
        let mut manifest = before.clone();
        let changed = change(&mut manifest).and_then(|answer| {
            // Even a first import of nothing that is of use leaves a store.
            if manifest != before || !Self::is_at(self.folder()) {
                manifest.state += 1;
                let folders = FOLDERS.iter().map(|name| self.folder().join(name));
                folders.filter(|path| path.exists()).try_for_each(|path| frames::sync_folder(&path))?;
                manifest.save(self.folder())?;
            }
            Ok(answer)
        });
        // What was written does not count, or something no longer does.
        let settled = self.manifest()?;
        self.remove_strays(&settled)?;
        changed
    }

    /// Removes files that do not count: what a killed import left, or what no longer does.
    fn remove_strays(&self, manifest: &Manifest) -> Result<()> {
        let counting: HashSet<&str> = manifest.files().map(|file| file.path.as_str()).collect();
        let mut strays = Vec::new();
        for folder in FOLDERS {
            let Ok(entries) = std::fs::read_dir(self.folder().join(folder)) else { continue };
            for entry in entries.flatten() {
                let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
                if !counting.contains(name.as_str()) {
                    strays.push(entry.path());
                }
            }
        }
        if let Ok(entries) = std::fs::read_dir(self.folder()) {
            let is_partial = |name: &str| name.starts_with(".ecrm-") && name.ends_with(".partial");
            strays.extend(
                entries
                    .flatten()
                    .map(|entry| entry.path())
                    .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_partial)),
            );
        }
        if strays.is_empty() {
            return Ok(());
        }
        let _alone = lock::alone(self.folder())?;
        for path in strays {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("remove", &path, error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

//! Checks that the files of a store are as they were written.

use std::path::Path;

use super::ids::Ids;
use super::{Notice, Store, frames, lock};
use crate::error::{Error, Result};

/// The result of checking all files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The number of files that count.
    pub files: u64,
    /// Their total size in bytes.
    pub bytes: u64,
    /// Files that are damaged or missing, or in whose place something else lies.
    pub damaged: Vec<String>,
    /// Files that the system did not allow to be read, with its message. They may be undamaged.
    pub unreadable: Vec<(String, String)>,
}

impl Store {
    /// Reads every byte of every file that counts. `note` is called when it has to wait for a process that removes
    /// files.
    ///
    /// # Errors
    /// When the manifest itself cannot be read.
    pub fn verify(&self, note: &dyn Fn(Notice<'_>)) -> Result<Verified> {
        let _reading = lock::reader(self.folder(), note)?;
        let manifest = self.manifest()?;
        let mut verified = Verified { files: 0, bytes: 0, damaged: Vec::new(), unreadable: Vec::new() };
        for file in manifest.files() {
            verified.files += 1;
            verified.bytes += file.bytes;
            let is_index = Path::new(&file.path).extension().is_some_and(|ending| ending == "ids");
            let read = match is_index {
                true => Ids::open(self.folder(), file).and_then(|mut ids| ids.verify()),
                false => frames::bytes(self.folder(), file).map(|_| ()),
            };
            match read {
                Ok(()) => {}
                Err(Error::Io { source, .. }) => {
                    verified.unreadable.push((file.path.clone(), source.to_string()));
                }
                Err(_) => verified.damaged.push(file.path.clone()),
            }
        }
        Ok(verified)
    }
}

//! The embedded store. It keeps the content of exports in typed columns, so that a daily run only costs as much as the
//! new file.
//!
//! A store is a folder of Parquet files that never change, and a small manifest that says which of them count. An
//! import writes new files beside the old ones and then replaces the manifest. A reader, and any process that dies in
//! between, sees either the old or the new state.
//!
//! The store has the rows of the exports as [`crate::parse`] parses them, before they are merged into orders. Reading a
//! store continues from there, so that each answer is the same as that of the files, byte for byte. Rows of orders are
//! sorted by customer and day ([`segment`]); those of other tables keep their order ([`table`]).
//!
//! What questions use most is also kept in a form that needs no further computation: the orders that several rows make
//! up ([`settled`]), and the interests among events ([`interests`]).

mod again;
mod change;
mod checked;
mod compact;
mod erase;
mod files;
mod filter;
mod forget;
mod frames;
mod further;
mod ids;
mod import;
mod importing;
mod interests;
mod key;
mod load;
mod lock;
mod manifest;
mod marks;
mod mentions;
mod moments;
mod names;
mod opened;
mod person;
mod preset;
mod record;
mod returning;
mod rows;
mod search;
mod segment;
mod settled;
mod shops;
mod sorted;
mod table;
mod tombstones;
mod twins;
mod verify;
mod who;

use std::path::{Path, PathBuf};

use crate::disk::private;
use crate::error::{Error, Result};

pub use forget::Forgotten;
pub use import::{Imported, Outcome};
pub use load::{Loaded, StoreFiles, Stored, Wanted};
pub use lock::{Notice, Wait};
pub use manifest::{Import, Manifest};
pub use record::kept;
pub use verify::Verified;
pub use who::{CONTACT, CONTACTS, Held, IS_SUPERSEDED, RAW, UNREADABLE};

/// An embedded store.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// Whether a folder is a store, or may be one. If the system refuses to say, reading the store reports the reason.
    pub fn is_at(path: &Path) -> bool {
        use std::io::ErrorKind::{InvalidInput, NotADirectory, NotFound};
        match std::fs::metadata(path.join(manifest::FILE)) {
            Ok(meta) => meta.is_file(),
            Err(error) => !matches!(error.kind(), NotFound | NotADirectory | InvalidInput),
        }
    }

    /// Opens the store in a folder.
    ///
    /// # Errors
    /// When there is no store.
    pub fn open(folder: &Path) -> Result<Self> {
        if Self::is_at(folder) {
            return Ok(Self { folder: folder.to_owned() });
        }
        Err(Error::input_of(folder.display().to_string(), "not_a_store", &[]))
    }

    /// Opens the store in a folder, which the first import may create.
    ///
    /// # Errors
    /// When the folder holds something else.
    pub fn open_or_create(folder: &Path) -> Result<Self> {
        files::check_is_own(folder)?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// The folder of the store.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The manifest; it is empty if nothing has been imported yet.
    pub fn manifest(&self) -> Result<Manifest> {
        Manifest::load(&self.folder)
    }

    /// The total size in bytes of the imported files.
    pub fn imported_bytes(&self) -> Result<u64> {
        Ok(self.manifest()?.files_imported().map(|import| import.bytes).sum())
    }
}

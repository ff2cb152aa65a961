//! The embedded store: what exports held, kept in typed columns, so that a daily run costs what the new file costs.
//!
//! A store is a folder of Parquet files that never change and a small manifest that says which of them count. An import
//! writes new files beside the old ones and then puts a new manifest in the place of the old: whoever reads, and
//! whatever dies in between, sees the one state or the other.
//!
//! What stands in it are the rows of the exports as [`crate::parse`] parses them, before they are merged into orders;
//! reading the store goes on from there, so that every answer is the one that the files would give, byte for byte. Rows
//! of orders stand by customer and day ([`segment`]), those of other tables as they came ([`table`]).
//!
//! What questions ask most is kept beside the rows, in a form that they need not work out again: the orders that several
//! rows make ([`settled`]), and of events the interests ([`interests`]).

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
    /// Whether a folder is a store, or may be one: where the system does not let us look, reading it says why.
    pub fn is_at(path: &Path) -> bool {
        use std::io::ErrorKind::{InvalidInput, NotADirectory, NotFound};
        match std::fs::metadata(path.join(manifest::FILE)) {
            Ok(meta) => meta.is_file(),
            Err(error) => !matches!(error.kind(), NotFound | NotADirectory | InvalidInput),
        }
    }

    /// The store in a folder.
    ///
    /// # Errors
    /// When there is none.
    pub fn open(folder: &Path) -> Result<Self> {
        if Self::is_at(folder) {
            return Ok(Self { folder: folder.to_owned() });
        }
        Err(Error::input_of(folder.display().to_string(), "not_a_store", &[]))
    }

    /// The store in a folder, or one that its first import makes there. A folder that holds something else is refused.
    ///
    /// # Errors
    /// When the folder holds something else.
    pub fn open_or_create(folder: &Path) -> Result<Self> {
        files::check_is_own(folder)?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it holds; an empty manifest where nothing was imported yet.
    pub fn manifest(&self) -> Result<Manifest> {
        Manifest::load(&self.folder)
    }

    /// How many bytes the imported files had.
    pub fn imported_bytes(&self) -> Result<u64> {
        Ok(self.manifest()?.files_imported().map(|import| import.bytes).sum())
    }
}

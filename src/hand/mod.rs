//! Hand-kept files: CSV files beside `ecrm.toml` that this program, people and spreadsheets write in turn.
//!
//! ```text
//! bytes ──decode──▶ cells ──check──▶ rows ──notes, tags, sources──▶ what the file says about each customer
//!                                     └──change──▶ the same file with rows added or removed, completely or not at all
//! ```
//!
//! Whatever a person or a program did to the file in between is kept as far as possible: the order of the columns,
//! further columns, the delimiter, line ends, and the cells of rows that do not change. Each row is checked when it is
//! read, and a file with a row that cannot be read is never overwritten.
//!
//! To add a file: its [`Declaration`] here and in [`ALL`], and a module such as [`notes`] for what its rows mean.

mod by_customer;
mod change;
mod check;
mod decode;
mod file;
mod identities;
mod notes;
mod sources;
mod tags;

use std::path::{Path, PathBuf};

pub use by_customer::{ByCustomer, People};
pub(crate) use change::locked;
pub use change::{Change, Waiting};
pub use file::{Cells, HandFile, Row, Summary, Value};
pub use identities::{NOT_SAME, SAME, decisions};
pub use notes::{CustomerNotes, Note, Notes};
pub use sources::{Correction, Corrections, CustomerSources, source_name};
pub use tags::{Changed, CustomerTags, ORIGINS, Origin, TagBook, Tagged, Tags, tag_name};

/// A hand-kept file: its name and columns.
#[derive(Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The file's name in its folder.
    pub name: &'static str,
    /// The columns, in the order in which a new file has them.
    pub columns: &'static [Column],
    /// The key of the sentence, in the translations' `store` section, on how to remove a person from it.
    pub forget: &'static str,
}

/// A column of a hand-kept file.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// The header.
    pub name: &'static str,
    /// What the cells hold.
    pub holds: Cell,
}

/// What the cells of a column hold, and so what is checked of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// A customer's id, in every row.
    CustomerId,
    /// A day, in every row.
    Day,
    /// One of these words, in every row.
    OneOf(&'static [&'static str]),
    /// The name of a tag, in every row.
    Tag,
    /// Who has set a tag; an empty cell means a person.
    Origin,
    /// The name of a source, in every row.
    Source,
    /// Any text, or none.
    Text,
}

/// The notes of the shop's staff about customers.
pub const NOTES: Declaration = Declaration {
    name: "notes.csv",
    columns: &[
        Column { name: "customer_id", holds: Cell::CustomerId },
        Column { name: "noted_on", holds: Cell::Day },
        Column { name: "note", holds: Cell::Text },
    ],
    forget: "by_hand",
};

/// The tags of customers.
pub const TAGS: Declaration = Declaration {
    name: "tags.csv",
    columns: &[
        Column { name: "tag", holds: Cell::Tag },
        Column { name: "customer_id", holds: Cell::CustomerId },
        Column { name: "origin", holds: Cell::Origin },
        Column { name: "since", holds: Cell::Day },
        Column { name: "note", holds: Cell::Text },
    ],
    forget: "by_hand_tags",
};

/// Sources of customers, where the exports are wrong.
pub const SOURCES: Declaration = Declaration {
    name: "source_corrections.csv",
    columns: &[
        Column { name: "customer_id", holds: Cell::CustomerId },
        Column { name: "source", holds: Cell::Source },
        Column { name: "corrected_on", holds: Cell::Day },
        Column { name: "reason", holds: Cell::Text },
    ],
    forget: "by_hand_sources",
};

/// Decisions about which customer ids belong to one person.
pub const IDENTITIES: Declaration = Declaration {
    name: "identities.csv",
    columns: &[
        Column { name: "customer_id", holds: Cell::CustomerId },
        Column { name: "other_id", holds: Cell::CustomerId },
        Column { name: "decision", holds: Cell::OneOf(&[SAME, NOT_SAME]) },
        Column { name: "noted_on", holds: Cell::Day },
        Column { name: "note", holds: Cell::Text },
    ],
    forget: "identities_by_hand",
};

/// Every hand-kept file.
pub const ALL: [&Declaration; 4] = [&NOTES, &IDENTITIES, &TAGS, &SOURCES];

/// A list of customers in any file.
pub const CUSTOMER_LIST: Declaration =
    Declaration { name: "", columns: &[Column { name: "customer_id", holds: Cell::CustomerId }], forget: "" };

/// A list of customers with their sources, in any file; it may have a column `reason`.
pub const SOURCE_LIST: Declaration = Declaration {
    name: "",
    columns: &[
        Column { name: "customer_id", holds: Cell::CustomerId },
        Column { name: "source", holds: Cell::Source },
    ],
    forget: "",
};

impl Declaration {
    /// The path of the file in a folder.
    pub fn path(&self, folder: &Path) -> PathBuf {
        if folder == Path::new(".") { self.name.into() } else { folder.join(self.name) }
    }
}

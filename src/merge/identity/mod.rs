//! Whose ids are one person's: ids that name the same e-mail address or phone number, ids that look alike, and what was
//! decided by hand.
//!
//! What ids have in common is a contact: an address, a number, or the id itself but for its spelling. Ids are joined in
//! this order, so that the result depends on neither files nor rows: by decisions that two are the same, then by
//! spellings, then by addresses, then by numbers; of a kind by those that fewest ids have first, then in the order of
//! their text. A contact that would bring two together whom a decision keeps apart joins nobody, nor does one that more
//! ids have than a person may; an id that has more addresses, or numbers, than that is joined by none of them.

mod contacts;
mod decided;
mod find;
mod notes;
mod shown;
pub mod spelling;

use std::collections::HashSet;

pub use contacts::ContactKind;
pub use decided::check as check_decisions;
use shown::{Contacts, existing};

use crate::contacts::country;
use crate::error::Result;
use crate::locale::Remark;
use crate::merge::combine::{self, FileGrain};
use crate::parse::orders::{Aliases, Block};
use crate::parse::tables::TableRows;
use crate::parse::{Decision, IdentityMode, ReadOptions};
use crate::schema::Key;

/// The persons of several ids, and what was not joined.
#[derive(Debug, Clone, Default)]
pub struct Identities {
    /// By the id that each is known as, in the order of that.
    pub persons: Vec<Person>,
    /// Contacts and ids that joined nobody though they might have.
    pub refused: Vec<Refused>,
    /// Ids of decisions that no input names, as they were written.
    pub unknown_ids: Vec<String>,
}

/// A person of several ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id the person is known as.
    pub id: Key,
    /// All ids, that one first.
    pub members: Vec<Member>,
    /// What joined them: decisions, then contacts.
    pub links: Vec<Link>,
}

/// One of the ids of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// As the inputs have it.
    pub id: String,
    /// Orders under it, whatever became of them.
    pub order_count: u64,
    /// The day of the first of these; none without any.
    pub first_ordered_on: Option<i32>,
}

/// What makes ids one person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// A contact that these ids have in common.
    Contact {
        /// What it is.
        kind: ContactKind,
        /// The address, the number, or the one spelling.
        contact: String,
        /// The ids.
        ids: Vec<String>,
    },
    /// A decision.
    Decision {
        /// As it stands in the file.
        decision: Decision,
        /// The ids of it that the inputs have, as these have them.
        ids: Vec<String>,
    },
}

/// A contact, or an id, that joined nobody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refused {
    /// More ids name it than a person has.
    Shared {
        /// What it is.
        kind: ContactKind,
        /// The address, the number, or the one spelling.
        contact: String,
        /// How many ids name it.
        id_count: usize,
    },
    /// It would bring two together whom a decision keeps apart.
    KeptApart {
        /// What it is.
        kind: ContactKind,
        /// The address, the number, or the one spelling.
        contact: String,
        /// How many ids name it.
        id_count: usize,
    },
    /// An id that names more contacts than a person has: it orders for many.
    ForMany {
        /// What they are.
        kind: ContactKind,
        /// The id.
        id: String,
        /// How many it names.
        contact_count: usize,
    },
}

impl Identities {
    /// The person who is known as this id, where it has others.
    pub fn of(&self, id: Key) -> Option<&Person> {
        self.persons.iter().find(|person| person.id == id)
    }

    /// How many ids they have together.
    pub fn id_count(&self) -> usize {
        self.persons.iter().map(|person| person.members.len()).sum()
    }
}

/// Which customers ids stand for.
pub(super) struct WhoIsWho {
    pub aliases: Aliases,
    pub identities: Identities,
    /// What contacts would join, where nobody asked for it.
    pub suggestion: Option<Remark>,
}

/// Which customers ids stand for, as lists of customers tell it, and by contacts and decisions. `home` is the country
/// of the inputs' platforms.
///
/// # Errors
/// When decisions contradict each other.
pub(super) fn who_is_who(
    blocks: &mut [Block],
    tables: &mut [TableRows],
    grains: &[FileGrain],
    home: Option<&str>,
    options: &ReadOptions,
) -> Result<WhoIsWho> {
    let listed_aliases = options.aliases.as_deref().cloned().unwrap_or_default();
    let own = &options.identity;
    if own.is_idle() && !own.suggests {
        return Ok(WhoIsWho { aliases: listed_aliases, identities: Identities::default(), suggestion: None });
    }
    let home = home.and_then(country);
    let people = Contacts::of(blocks, tables, own);
    let exists = existing(blocks, tables, &listed_aliases, own);
    let suggestion = match own.suggests && own.mode == IdentityMode::Off {
        true => people.suggestion(&listed_aliases, own, home, &exists)?,
        false => None,
    };
    if own.is_idle() {
        return Ok(WhoIsWho { aliases: listed_aliases, identities: Identities::default(), suggestion });
    }
    let tally = |members: &HashSet<Key>| combine::tally(blocks, grains, &listed_aliases, members);
    let (aliases, identities) = people.identities(&listed_aliases, own, home, &exists, tally)?;
    Ok(WhoIsWho { aliases, identities, suggestion })
}

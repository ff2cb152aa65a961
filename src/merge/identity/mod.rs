//! Finds out which ids belong to one person: ids that name the same e-mail address or phone number, ids that look
//! alike, and ids that were joined by hand.
//!
//! Whatever two ids have in common is called a contact here: an address, a number, or the id itself apart from its
//! spelling. Ids are joined in a fixed order, so that the result does not depend on the order of files or rows: first
//! by decisions that two ids are the same, then by spellings, then by addresses, then by phone numbers; within a kind
//! the contacts with the fewest ids come first, then they are sorted by text. A contact joins nobody if it would join
//! two ids that a decision keeps apart, or if more ids have it than one person may have. An id with more addresses or
//! numbers than that limit is joined by none of them.

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

/// The persons with several ids, and the contacts that joined nobody.
#[derive(Debug, Clone, Default)]
pub struct Identities {
    /// Sorted by the text of the id that each is known as.
    pub persons: Vec<Person>,
    /// Contacts and ids that could have joined ids but did not.
    pub refused: Vec<Refused>,
    /// Ids in decisions that no input has, as they are written there.
    pub unknown_ids: Vec<String>,
}

/// A person with several ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id the person is known as.
    pub id: Key,
    /// All ids, the one of `id` first.
    pub members: Vec<Member>,
    /// Why they are one person: decisions first, then contacts.
    pub links: Vec<Link>,
}

/// One of the ids of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The id as the inputs write it.
    pub id: String,
    /// The number of its orders, whatever their status.
    pub order_count: u64,
    /// The day of its first order; none without an order.
    pub first_ordered_on: Option<i32>,
}

/// The reason why ids belong to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// A contact that these ids have in common.
    Contact {
        /// The kind of contact.
        kind: ContactKind,
        /// The address, the number, or the id in the form that all spellings have in common.
        contact: String,
        /// The ids that have it.
        ids: Vec<String>,
    },
    /// A decision made by hand.
    Decision {
        /// The decision as it is written in the file.
        decision: Decision,
        /// Those of its ids that the inputs have, as they are written there.
        ids: Vec<String>,
    },
}

/// A contact or an id that joined nobody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refused {
    /// More ids have it than one person may have.
    Shared {
        /// The kind of contact.
        kind: ContactKind,
        /// The address, the number, or the id in the form that all spellings have in common.
        contact: String,
        /// How many ids have it.
        id_count: usize,
    },
    /// It would join two ids that a decision keeps apart.
    KeptApart {
        /// The kind of contact.
        kind: ContactKind,
        /// The address, the number, or the id in the form that all spellings have in common.
        contact: String,
        /// How many ids have it.
        id_count: usize,
    },
    /// An id with more contacts of a kind than one person may have: it orders for many people.
    ForMany {
        /// The kind of its contacts.
        kind: ContactKind,
        /// The id.
        id: String,
        /// How many contacts of this kind it has.
        contact_count: usize,
    },
}

impl Identities {
    /// The person who is known as this id, if the person has several ids.
    pub fn of(&self, id: Key) -> Option<&Person> {
        self.persons.iter().find(|person| person.id == id)
    }

    /// How many ids all persons have together.
    pub fn id_count(&self) -> usize {
        self.persons.iter().map(|person| person.members.len()).sum()
    }
}

/// The result of finding out which ids belong to one customer.
pub(super) struct WhoIsWho {
    pub aliases: Aliases,
    pub identities: Identities,
    /// Which ids contacts would join, if joining is not asked for.
    pub suggestion: Option<Remark>,
}

/// Finds out which ids belong to one customer, by lists of customers, by contacts and by decisions. `home` is the
/// country that the platforms of the inputs share.
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

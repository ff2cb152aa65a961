//! The contacts of the people of the ground in one way, and whether they can be right.

use std::collections::{BTreeMap, HashSet};

use phonenumber::country::Id;
use polars::prelude::*;

use super::providers::{contact, is_contact};
use super::{Ground, Needs};
use crate::contacts::{Fault, country, judge_email, judge_phone, judge_qq, judge_wechat};
use crate::error::Result;
use crate::parse::value::id;
use crate::schema::customers::REGION;
use crate::schema::{CustomerCode, names};

/// A way to reach somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// A phone number, for text messages and calls.
    Phone,
    /// An e-mail address.
    Email,
    /// A WeChat id.
    Wechat,
    /// A QQ number.
    Qq,
    /// Messages of the platform, by the customer's id there.
    Platform,
}

impl Way {
    /// All ways, in the order in which tables show them.
    pub const ALL: [Self; 5] = [Self::Phone, Self::Email, Self::Wechat, Self::Qq, Self::Platform];

    /// The name in tables.
    pub fn code(self) -> &'static str {
        match self {
            Self::Phone => names::PHONE,
            Self::Email => names::EMAIL,
            Self::Wechat => names::WECHAT,
            Self::Qq => names::QQ,
            Self::Platform => "platform",
        }
    }

    /// The way in which messages of a channel (see [`crate::schema::words::channel`]) reach people; `None` for channels
    /// that use none of these ways, for example a parcel.
    pub fn of_channel(channel: &str) -> Option<Self> {
        match channel {
            "sms" | "call" => Some(Self::Phone),
            "email" => Some(Self::Email),
            "wechat" => Some(Self::Wechat),
            "qq" => Some(Self::Qq),
            "platform" => Some(Self::Platform),
            _ => None,
        }
    }

    /// The data that it needs.
    pub fn needs(self) -> Needs {
        match self {
            Self::Phone => Needs { regions: true, lists: true, people: true, ..Needs::NONE },
            Self::Platform => Needs::NONE,
            _ => Needs { lists: true, people: true, ..Needs::NONE },
        }
    }
}

/// The contacts of all people in one way.
pub struct Contacts<'a> {
    way: Way,
    /// The contact of each row.
    cells: StringChunked,
    /// Whether any person has a contact in this way.
    is_known: bool,
    /// For phones, the country of each row's number if the number names none.
    homes: Vec<Option<Id>>,
    codes: &'a [CustomerCode],
}

impl<'a> Contacts<'a> {
    /// Collects the contacts of all people.
    ///
    /// # Errors
    /// Those of polars.
    pub fn new(ground: &'a Ground<'_>, way: Way) -> Result<Self> {
        let cells = match way {
            Way::Phone => contact(ground, names::PHONE)?,
            Way::Email => contact(ground, names::EMAIL)?,
            Way::Wechat => contact(ground, names::WECHAT)?,
            Way::Qq => contact(ground, names::QQ)?,
            Way::Platform => platform_ids(ground)?,
        };
        let cells = cells.str()?.rechunk().into_owned();
        Ok(Self {
            way,
            is_known: cells.null_count() < cells.len(),
            homes: if way == Way::Phone { homes(ground) } else { Vec::new() },
            cells,
            codes: ground.codes(),
        })
    }

    /// Whether any person has a contact in this way.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// The contact of a row's person as the export writes it; of several e-mail addresses in a cell the first.
    pub fn text(&self, row: usize) -> Option<String> {
        let cell = self.cells.get(row).map(str::trim).filter(|cell| !cell.is_empty())?;
        match self.way {
            Way::Email => self.key(row),
            _ => Some(cell.to_owned()),
        }
    }

    /// The contact of a row's person in a normal form, which is equal for two people with the same contact.
    pub fn key(&self, row: usize) -> Option<String> {
        let cell = self.cells.get(row).map(str::trim).filter(|cell| !cell.is_empty())?;
        let key = match self.way {
            Way::Phone => id::phone(cell.as_bytes()),
            Way::Email => id::email(cell.as_bytes()),
            _ => cell.as_bytes().to_vec(),
        };
        Some(String::from_utf8_lossy(&key).into_owned())
    }

    /// Whether the contact of a row's person can be right, or why not; `None` without a contact. A phone number whose
    /// country is unknown is [`Judged::Unsure`].
    pub fn judge(&self, row: usize) -> Option<Judged> {
        let cell = self.cells.get(row).map(str::trim).filter(|cell| !cell.is_empty())?;
        let judged = match self.way {
            Way::Phone => judge_phone(cell, self.homes.get(row).copied().flatten()),
            Way::Email => Some(judge_email(cell)),
            Way::Wechat => Some(judge_wechat(cell)),
            Way::Qq => Some(judge_qq(cell)),
            Way::Platform => Some(Ok(())),
        };
        Some(match judged {
            Some(Ok(())) => Judged::Right,
            Some(Err(fault)) => Judged::Wrong(fault),
            None => Judged::Unsure,
        })
    }

    /// The number of people.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are no people.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }
}

/// The verdict on a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// It can be right.
    Right,
    /// It cannot be right.
    Wrong(Fault),
    /// A phone number of an unknown country, so that it cannot be decided.
    Unsure,
}

/// Marks of people that hold for everybody with the same contact. Whoever asks for no more messages means the phone
/// that rings, whichever account it belongs to.
#[derive(Debug)]
pub struct Marked {
    rows: Vec<bool>,
    contacts: HashSet<String>,
}

impl Marked {
    /// `rows` has a mark for each row of the ground, or is empty.
    pub fn new(rows: Vec<bool>, contacts: &Contacts<'_>) -> Self {
        let marked = rows.iter().zip(0..).filter(|(is_marked, _)| **is_marked);
        let contacts = marked.filter_map(|(_, row)| contacts.key(row)).collect();
        Self { rows, contacts }
    }

    /// Whether the person of a row, or anybody with the same contact, is marked.
    pub fn has(&self, row: usize, contact: Option<&str>) -> bool {
        self.rows.get(row).copied().unwrap_or(false)
            || contact.is_some_and(|contact| self.contacts.contains(contact))
    }
}

/// The ids that belong to the platform: those that are neither e-mail addresses nor phone numbers.
fn platform_ids(ground: &Ground<'_>) -> Result<Column> {
    let own = ground.texts()?.iter().map(|id| id.filter(|id| !is_contact(ground, id)));
    Ok(StringChunked::from_iter_options("platform".into(), own).into_column())
}

/// The country of each row's phone number: where the person lives, or else that of the platform or of most places.
fn homes(ground: &Ground<'_>) -> Vec<Option<Id>> {
    let everybody = home(ground);
    let countries: Vec<Option<Id>> = ground
        .customers
        .iter()
        .flat_map(|list| list.regions())
        .map(|region| country(&region.country))
        .collect();
    let listed = |code: CustomerCode| {
        let list = ground.customers?;
        let region = list.table().numbers(REGION)?.get(list.row(code)?)?;
        countries.get(region as usize).copied().flatten()
    };
    ground.codes().iter().map(|code| listed(*code).or(everybody)).collect()
}

/// The country of the customers' platform, or else the one of most known places.
fn home(ground: &Ground<'_>) -> Option<Id> {
    let platform = ground.customers.and_then(|list| country(list.home.as_deref()?));
    let mut places: BTreeMap<String, (u64, Id)> = BTreeMap::new();
    let listed = ground.customers.iter().flat_map(|list| list.regions());
    for region in listed.chain(ground.regions()) {
        if let Some(id) = country(&region.country) {
            places.entry(id.as_ref().to_owned()).or_insert((0, id)).0 += 1;
        }
    }
    let most = places.iter().max_by_key(|(code, (count, _))| (*count, std::cmp::Reverse((*code).clone())));
    platform.or(most.map(|(_, (_, id))| *id))
}

//! How each person of the ground can be reached in one way, and whether that can be right.

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
    /// The platform's own messages, by the customer's id there.
    Platform,
}

impl Way {
    /// All of them, in the order in which tables show them.
    pub const ALL: [Self; 5] = [Self::Phone, Self::Email, Self::Wechat, Self::Qq, Self::Platform];

    /// What it is called in tables.
    pub fn code(self) -> &'static str {
        match self {
            Self::Phone => names::PHONE,
            Self::Email => names::EMAIL,
            Self::Wechat => names::WECHAT,
            Self::Qq => names::QQ,
            Self::Platform => "platform",
        }
    }

    /// By the channel that messages are sent through, as [`crate::schema::words::channel`] has it; `None` of what
    /// reaches people in no way of these, such as a parcel.
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

    /// What is to be read for it.
    pub fn needs(self) -> Needs {
        match self {
            Self::Phone => Needs { regions: true, lists: true, people: true, ..Needs::NONE },
            Self::Platform => Needs::NONE,
            _ => Needs { lists: true, people: true, ..Needs::NONE },
        }
    }
}

/// The contacts of everybody in one way.
pub struct Contacts<'a> {
    way: Way,
    /// A text per row of the ground.
    cells: StringChunked,
    /// Whether any input says how anybody is reached in this way.
    is_known: bool,
    /// Of phones: where numbers are at home, of each row and of everybody else.
    homes: Vec<Option<Id>>,
    codes: &'a [CustomerCode],
}

impl<'a> Contacts<'a> {
    /// What the inputs say of everybody.
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

    /// Whether any input says how anybody is reached in this way.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// How the person of a row is reached, as the export says it: of several e-mail addresses in a cell the first.
    pub fn text(&self, row: usize) -> Option<String> {
        let cell = self.cells.get(row).map(str::trim).filter(|cell| !cell.is_empty())?;
        match self.way {
            Way::Email => self.key(row),
            _ => Some(cell.to_owned()),
        }
    }

    /// The same as one text however it is written, so that two people who share it are found.
    pub fn key(&self, row: usize) -> Option<String> {
        let cell = self.cells.get(row).map(str::trim).filter(|cell| !cell.is_empty())?;
        let key = match self.way {
            Way::Phone => id::phone(cell.as_bytes()),
            Way::Email => id::email(cell.as_bytes()),
            _ => cell.as_bytes().to_vec(),
        };
        Some(String::from_utf8_lossy(&key).into_owned())
    }

    /// Whether what is said of a row's person can be right, and else why not; `None` where nothing is said. A phone
    /// number of which nobody knows the country is [`Judged::Unsure`].
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

    /// How many people there are.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }
}

/// What is thought of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// It can be right.
    Right,
    /// It cannot.
    Wrong(Fault),
    /// A phone number, and nothing says which country's.
    Unsure,
}

/// Marks of people, which hold for everybody who is reached in the same way: whoever asks for no more messages means
/// the phone that rings.
#[derive(Debug)]
pub struct Marked {
    rows: Vec<bool>,
    contacts: HashSet<String>,
}

impl Marked {
    /// Of a mark for each row of the ground, or of none.
    pub fn new(rows: Vec<bool>, contacts: &Contacts<'_>) -> Self {
        let marked = rows.iter().zip(0..).filter(|(is_marked, _)| **is_marked);
        let contacts = marked.filter_map(|(_, row)| contacts.key(row)).collect();
        Self { rows, contacts }
    }

    /// Whether the person of a row is marked, or anybody who is reached by the same.
    pub fn has(&self, row: usize, contact: Option<&str>) -> bool {
        self.rows.get(row).copied().unwrap_or(false)
            || contact.is_some_and(|contact| self.contacts.contains(contact))
    }
}

/// The ids that are the platform's own: what is an e-mail address or a phone number is none.
fn platform_ids(ground: &Ground<'_>) -> Result<Column> {
    let own = ground.texts()?.iter().map(|id| id.filter(|id| !is_contact(ground, id)));
    Ok(StringChunked::from_iter_options("platform".into(), own).into_column())
}

/// The country of each row's phone: where the person lives, else that of the platform or of most places.
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

/// The country of the customers' platform, else of most of the places that are known.
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

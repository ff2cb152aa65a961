//! Finds everything that the store has of a person: all ids and all contacts.
//!
//! A phone number or an e-mail address stands for the ids that customer lists give it to; if no list has it, for the
//! ids in whose orders it occurs. In an order it may belong to somebody else, since a gift goes to the recipient's
//! number. A person is found with all ids, and with the contacts that nobody else has: those of customer lists, and the
//! e-mail addresses of orders. The search does not go beyond this one step.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use polars::prelude::*;

use super::frames;
use super::manifest::{FileRef, Manifest, damaged};
use super::person::{Known, Name, Person, folded_id};
use super::record::Record;
use super::rows::contact_columns;
use super::segment::ORDER_ID;
use super::table;
use crate::error::{Error, Result};
use crate::locale::Words;
use crate::masks::masked;
use crate::parse::orders::MAX_ACCOUNTS;
use crate::schema::{Key, Table, names};

/// The people who were found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Everything by which the rows of these people may be recognised.
    pub person: Person,
    /// The ids of these people as rows have them.
    pub ids: BTreeSet<String>,
    /// Contacts that these people share with others, and that stay with the others.
    pub shared: BTreeSet<String>,
    /// Ids of other people in whose orders a contact occurs that was asked for.
    pub others: BTreeSet<String>,
}

/// The accounts that have a contact, in customer lists and in orders.
#[derive(Debug, Default)]
struct Holders {
    listed: BTreeSet<String>,
    ordered: BTreeSet<String>,
}

impl Holders {
    /// The accounts that the contact belongs to.
    fn owners(&self) -> &BTreeSet<String> {
        if self.listed.is_empty() { &self.ordered } else { &self.listed }
    }
}

/// The contacts of accounts in a store, by table.
struct Contacts(Vec<(Table, DataFrame)>);

/// Finds the people who are named.
///
/// # Errors
/// When a name is unknown, when more accounts have a contact than one person may have, and when a file of the store is
/// damaged.
pub(super) fn find(folder: &Path, manifest: &Manifest, asked: &[Name]) -> Result<Found> {
    let ids = ids(folder, manifest)?;
    let contacts = Contacts::load(folder, manifest)?;
    let mut found = Found::default();
    let mut is_known = vec![false; asked.len()];
    asked.iter().for_each(|name| found.person.add(name.person()));
    for id in &ids {
        for (name, is_known) in asked.iter().zip(&mut is_known).filter(|(name, _)| name.is_id(id)) {
            debug_assert!(found.person.is_id(id), "{}", name.text);
            found.ids.insert(id.clone());
            *is_known = true;
        }
    }
    let named = contacts.holders(|_, contact| asked.iter().any(|name| name.is_contact(contact)))?;
    for (contact, holders) in &named {
        let owners = holders.owners();
        if owners.len() > MAX_ACCOUNTS {
            let values = [
                ("contact", masked(contact, true).into_owned()),
                ("n", owners.len().to_string()),
                ("most", MAX_ACCOUNTS.to_string()),
            ];
            return Err(Error::data_of("contact_of_many", &values));
        }
        found.ids.extend(owners.iter().cloned());
        let names = asked.iter().zip(&mut is_known).filter(|(name, _)| name.is_contact(contact));
        names.for_each(|(_, is_known)| *is_known = true);
    }
    found.ids.iter().for_each(|id| found.person.add_id(id));
    found.add_own_contacts(&contacts)?;
    found.ids.extend(ids.iter().filter(|id| found.person.is_id(id)).cloned());
    let is_other = |id: &&String| !found.ids.contains(*id) && !found.person.is_id(id);
    found.others = named.values().flat_map(|holders| &holders.ordered).filter(is_other).cloned().collect();
    see_rejects(folder, manifest, asked, &mut is_known)?;
    refuse_unknown(folder, manifest, asked, &is_known)?;
    found.person.orders = orders(folder, manifest, &found.person)?;
    Ok(found)
}

/// The people with these ids, as [`super::person::folded_id`] gives them, and only these ids; none if no row has any.
pub(super) fn of_ids(
    folder: &Path,
    manifest: &Manifest,
    wanted: &std::collections::HashSet<String>,
) -> Result<Option<Found>> {
    let mut found = Found::default();
    for id in ids(folder, manifest)? {
        if wanted.contains(&folded_id(&id)) {
            found.person.add_id(&id);
            found.ids.insert(id);
        }
    }
    found.person.orders = orders(folder, manifest, &found.person)?;
    Ok(Some(found).filter(|found| !found.ids.is_empty()))
}

impl Found {
    /// Adds the contacts of the found ids that nobody else has.
    fn add_own_contacts(&mut self, contacts: &Contacts) -> Result<()> {
        let mut theirs: BTreeSet<String> = BTreeSet::new();
        contacts.each(|table, account, contact| {
            let is_own = table.lists_customers() || contact.contains('@');
            if is_own && self.ids.contains(account) && !self.person.is_contact(contact) {
                theirs.insert(contact.to_owned());
            }
        })?;
        if theirs.is_empty() {
            return Ok(());
        }
        for (contact, holders) in contacts.holders(|_, contact| theirs.contains(contact))? {
            let is_theirs = |id: &String| self.ids.contains(id) || self.person.is_id(id) || *id == contact;
            match holders.owners().iter().all(is_theirs) {
                true => self.person.add_contact(&contact),
                false => drop(self.shared.insert(contact)),
            }
        }
        Ok(())
    }
}

impl Contacts {
    fn load(folder: &Path, manifest: &Manifest) -> Result<Self> {
        let of_orders = manifest.order_rows_held().flat_map(|segment| {
            segment.phones.iter().chain(&segment.mails).map(|file| (Table::Orders, file))
        });
        let of_tables = manifest
            .tables
            .iter()
            .flat_map(|part| part.phones.iter().chain(&part.mails).map(|file| (part.table, file)));
        let frames =
            of_orders.chain(of_tables).map(|(table, file)| Ok((table, frames::load(folder, file, None)?)));
        Ok(Self(frames.collect::<Result<_>>()?))
    }

    fn each(&self, mut visit: impl FnMut(Table, &str, &str)) -> Result<()> {
        for (table, frame) in &self.0 {
            let (accounts, contacts) = contact_columns(frame)?;
            let pairs = accounts.iter().zip(contacts.iter());
            pairs.for_each(|(account, contact)| {
                if let (Some(account), Some(contact)) = (account, contact) {
                    visit(*table, account, contact);
                }
            });
        }
        Ok(())
    }

    /// The accounts of the contacts for which `is_wanted` is true.
    fn holders(&self, is_wanted: impl Fn(&str, &str) -> bool) -> Result<BTreeMap<String, Holders>> {
        let mut holders: BTreeMap<String, Holders> = BTreeMap::new();
        self.each(|table, account, contact| {
            if is_wanted(account, contact) {
                let of = holders.entry(contact.to_owned()).or_default();
                let of = if table.lists_customers() { &mut of.listed } else { &mut of.ordered };
                of.insert(account.to_owned());
            }
        })?;
        Ok(holders)
    }
}

/// A column of texts in a file.
pub(super) fn texts(folder: &Path, file: &FileRef, name: &str) -> Result<StringChunked> {
    let frame = frames::load(folder, file, Some(&[name]))?;
    let texts = frame.column(name).and_then(|column| column.str().cloned());
    texts.map_err(|_| damaged(&folder.join(&file.path)))
}

/// All customer ids of any row, including rows that a later import replaced.
pub(super) fn ids(folder: &Path, manifest: &Manifest) -> Result<BTreeSet<String>> {
    let files = manifest.order_rows_held().map(|segment| &segment.customers);
    let files = files.chain(manifest.tables.iter().map(|part| &part.core));
    let mut ids = BTreeSet::new();
    for file in files {
        for id in texts(folder, file, names::CUSTOMER_ID)?.iter().flatten().filter(|id| !id.is_empty()) {
            if !ids.contains(id) {
                ids.insert(id.to_owned());
            }
        }
    }
    Ok(ids)
}

/// The orders of a person's rows.
fn orders(folder: &Path, manifest: &Manifest, person: &Person) -> Result<std::collections::HashSet<Key>> {
    let with_orders = manifest.order_rows_held().filter(|segment| segment.grain.has_order_id);
    let files = with_orders
        .map(|segment| &segment.core)
        .chain(manifest.tables.iter().filter(|part| part.table.holds_items()).map(|part| &part.core));
    let mut orders = std::collections::HashSet::new();
    for file in files {
        let frame = frames::load(folder, file, Some(&[names::CUSTOMER_ID, ORDER_ID]))?;
        let (ids, numbers) = (frame.column(names::CUSTOMER_ID)?.str()?, frame.column(ORDER_ID)?.str()?);
        let rows = ids.iter().zip(numbers.iter()).filter_map(|(id, order)| Some((id?, order?)));
        let theirs = rows.filter(|(id, order)| !order.is_empty() && person.is_id(id));
        orders.extend(theirs.map(|(_, order)| Key::of(order.as_bytes())).filter(|key| key.is_usable()));
    }
    Ok(orders)
}

/// Marks the names that occur in rows which cannot be read.
fn see_rejects(folder: &Path, manifest: &Manifest, asked: &[Name], is_known: &mut [bool]) -> Result<()> {
    if is_known.iter().all(|is_known| *is_known) {
        return Ok(());
    }
    for import in &manifest.imports {
        let Some(file) = &import.rejects else { continue };
        let layout = Record::load(folder, &import.record)?.info(import).layout;
        let rejects = table::rejects(folder, file, import)?;
        for (name, is_known) in asked.iter().zip(is_known.iter_mut()).filter(|(_, is_known)| !**is_known) {
            let person = name.person();
            *is_known = rejects.iter().any(|reject| person.is_in(&reject.raw, &layout));
        }
    }
    Ok(())
}

fn refuse_unknown(folder: &Path, manifest: &Manifest, asked: &[Name], is_known: &[bool]) -> Result<()> {
    let unknown: Vec<&Name> =
        asked.iter().zip(is_known).filter(|(_, is_known)| !**is_known).map(|(name, _)| name).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let graves = super::tombstones::Tombstones::load(folder, manifest)?;
    let is_forgotten = |name: &&Name| graves.is_named(name);
    let were_forgotten = unknown.iter().all(is_forgotten);
    let list = Words::names(unknown.iter().map(|name| masked(name.text.trim(), true)));
    let key = if were_forgotten { "forgotten_people" } else { "unknown_people" };
    Err(Error::data_of(key, &[("names", list.to_string())]))
}

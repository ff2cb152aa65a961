//! Leaves out rows of people who were forgotten and are in a later export again.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::erase::{Theirs, leave_rows, leave_table_rows, scrub_texts};
use super::files::Writing;
use super::further;
use super::manifest::Manifest;
use super::person::{Known, Person, folded_id};
use super::search::{self, Found};
use super::tombstones::Tombstones;
use crate::error::Result;
use crate::parse::orders::{Accounts, Block, MAX_ACCOUNTS, Survey};
use crate::parse::tables::TableRows;
use crate::parse::{Parsed, Rows};
use crate::schema::accounting::Rule;
use crate::schema::{Key, Table};

/// How many rows of a file were left out because they are about people who were forgotten.
pub(super) fn left_out(rows: &Rows) -> u64 {
    match rows {
        Rows::Orders { blocks, .. } => blocks.iter().map(|block| block.excluded.of(Rule::Forgotten)).sum(),
        Rows::Table(rows) => rows.excluded.of(Rule::Forgotten),
        Rows::NotNeeded => 0,
    }
}

/// The people who must not come back with an import.
pub(super) struct Returning {
    graves: Tombstones,
    known: KnownIds,
    /// Ids that were not known before and were recognised by an e-mail address or a phone number of a forgotten person.
    new_ids: HashSet<String>,
}

impl Returning {
    /// The state of a store before the import.
    pub(super) fn load(folder: &Path, manifest: &Manifest) -> Result<Self> {
        let known = KnownIds { folder: folder.to_owned(), manifest: manifest.clone(), ids: OnceCell::new() };
        Ok(Self { graves: Tombstones::load(folder, manifest)?, known, new_ids: HashSet::new() })
    }

    /// Removes the rows of people who were forgotten from a parsed file, and counts them. Whatever else these people
    /// are known by in the file is noted for the files after it.
    pub(super) fn leave_out(&mut self, parsed: &mut Parsed) -> Result<()> {
        if self.graves.is_empty() {
            return Ok(());
        }
        let before = parsed.rejects.len();
        let layout = &parsed.info.layout;
        parsed.rejects.retain(|reject| !self.graves.is_in(&reject.raw, layout));
        let rejects = (before - parsed.rejects.len()) as u64;
        let person = match &mut parsed.rows {
            Rows::Orders { blocks, survey, .. } => {
                let person = self.leave_orders(blocks, survey.as_deref_mut())?;
                blocks.iter_mut().take(1).for_each(|block| block.excluded.add(Rule::Forgotten, rejects));
                person
            }
            Rows::Table(rows) => {
                let (theirs, person) = self.of_table(rows)?;
                let erased = leave_table_rows(rows, &theirs, |contact| self.graves.is_contact(contact));
                scrub_texts(rows, |text| self.graves.scrubbed(text));
                rows.excluded.add(Rule::Forgotten, erased + rejects);
                person
            }
            Rows::NotNeeded => Person::default(),
        };
        for (_, value) in parsed.notes.iter_mut().flat_map(|note| &mut note.values) {
            person.scrubbed(value).into_iter().for_each(|clean| *value = clean);
        }
        self.graves.add(&person);
        Ok(())
    }

    /// Ends the import and stores the new names of forgotten people. Returns those people whose rows came in a file
    /// before the one that showed whose they are.
    pub(super) fn end(&mut self, writing: &Writing, manifest: &mut Manifest) -> Result<Option<Found>> {
        let found = match self.new_ids.is_empty() {
            true => None,
            false => search::of_ids(writing.folder(), manifest, &self.new_ids)?,
        };
        found.iter().for_each(|found| self.graves.add(&found.person));
        self.graves.save(writing, manifest)?;
        Ok(found)
    }

    fn leave_orders(&mut self, blocks: &mut [Block], mut survey: Option<&mut Survey>) -> Result<Person> {
        blocks.iter_mut().for_each(Block::index_orders);
        let (theirs, person) = self.of_orders(blocks)?;
        for block in blocks {
            let lost = leave_rows(block, &theirs, |contact| self.graves.is_contact(contact));
            block.excluded.add(Rule::Forgotten, lost.len() as u64);
            further::scrub(&mut block.texts, |text| self.graves.scrubbed(text));
            if let Some(survey) = survey.as_deref_mut() {
                for row in &lost {
                    survey.take_off(row);
                }
            }
            block.refunds.retain(|(refund, parents)| {
                let is_theirs = |order: &Key| theirs.orders.contains(order);
                !is_theirs(refund) && !parents.iter().any(|parent| is_theirs(&parent.order))
            });
            for edge in [&mut block.edges.first, &mut block.edges.last] {
                if edge.as_ref().is_some_and(|(order, _)| theirs.orders.contains(order)) {
                    *edge = None;
                }
            }
        }
        if let Some(survey) = survey {
            survey.clear_examples(|order| theirs.orders.contains(&Key::of(order.as_bytes())));
        }
        Ok(person)
    }

    /// Finds the rows of forgotten people in a file of orders: those with their ids, and those with ids that are
    /// unknown to the store and have one of their e-mail addresses. A phone number alone does not count, since an order
    /// may go to another person's number.
    fn of_orders(&mut self, blocks: &[Block]) -> Result<(Theirs, Person)> {
        let mut texts: HashMap<Key, String> = HashMap::new();
        for (key, text) in blocks.iter().flat_map(|block| block.long_customers.iter()) {
            texts.entry(key).or_insert_with(|| String::from_utf8_lossy(text).into_owned());
        }
        let groups = || blocks.iter().flat_map(|block| &block.rows);
        let customers = groups().flat_map(|group| group.columns.customer.iter().copied());
        let accounts = blocks.iter().map(|block| &block.accounts);
        let (mut theirs, mut person) =
            self.customers(customers, accounts, &texts, |contact| contact.contains('@'))?;
        for block in blocks {
            let rows = || block.orders.keys.iter().zip(&block.orders.places);
            let customer = |group: u32, row: u32| block.rows[group as usize].columns.customer[row as usize];
            let own = rows().filter(|(_, at)| theirs.customers.contains(&customer(at.group, at.row)));
            let own: Vec<Key> = own.map(|(order, _)| *order).filter(|order| order.is_usable()).collect();
            theirs.orders.extend(own);
            let nobodys = rows().filter(|(_, at)| !customer(at.group, at.row).is_usable());
            theirs
                .orders
                .extend(nobodys.map(|(order, _)| *order).filter(|order| self.graves.has_order(*order)));
        }
        person.orders.extend(theirs.orders.iter().copied());
        Ok((theirs, person))
    }

    /// Like [`Self::of_orders`], for another table. In a customer list a phone number belongs to the customer.
    fn of_table(&mut self, rows: &TableRows) -> Result<(Theirs, Person)> {
        let texts: HashMap<Key, String> =
            rows.details.long.iter().map(|(key, text)| (*key, text.to_string())).collect();
        let (mut theirs, mut person) =
            self.customers(rows.customers.iter().copied(), std::iter::once(&rows.accounts), &texts, |_| {
                true
            })?;
        for (row, order) in rows.orders.iter().enumerate().filter(|(_, order)| order.is_usable()) {
            let is_theirs = rows.customers.get(row).is_some_and(|key| theirs.customers.contains(key));
            let is_item = rows.table.is_some_and(Table::holds_items);
            if is_item && (is_theirs || self.graves.has_order(*order)) {
                theirs.orders.insert(*order);
            }
        }
        person.orders.extend(theirs.orders.iter().copied());
        Ok((theirs, person))
    }

    /// The customers of a file who are forgotten people. They are recognised by their id, or by a contact for which
    /// `is_own` says that it belongs to the customer.
    fn customers<'a>(
        &mut self,
        customers: impl Iterator<Item = Key>,
        accounts: impl Iterator<Item = &'a Accounts>,
        texts: &HashMap<Key, String>,
        is_own: impl Fn(&str) -> bool,
    ) -> Result<(Theirs, Person)> {
        let text = |key: Key| key.text().or_else(|| texts.get(&key).cloned()).unwrap_or_default();
        let (mut theirs, mut person, mut seen) = (Theirs::default(), Person::default(), HashSet::new());
        for key in customers.filter(|key| key.is_usable()) {
            if seen.insert(key) && self.graves.is_id(&text(key)) {
                person.add_id(&text(key));
                theirs.customers.insert(key);
            }
        }
        // A contact that many accounts have identifies nobody.
        let mut holders: HashMap<String, HashSet<Key>> = HashMap::new();
        for accounts in accounts {
            let contacts = accounts.contacts().filter(|(_, contact)| is_own(contact));
            for (account, contact) in contacts.filter(|(_, contact)| self.graves.is_contact(contact)) {
                holders.entry(contact.into_owned()).or_default().insert(account);
            }
        }
        let holders = holders.into_values().filter(|accounts| accounts.len() <= MAX_ACCOUNTS);
        for account in holders.flatten().collect::<HashSet<Key>>() {
            // An id that the store knows already belongs to somebody else; its rows stay, without the contact.
            if !theirs.customers.contains(&account) && !self.known.has(&text(account))? {
                self.new_ids.insert(folded_id(&text(account)));
                person.add_id(&text(account));
                theirs.customers.insert(account);
            }
        }
        Ok((theirs, person))
    }
}

/// The ids of a store in lower case.
struct KnownIds {
    folder: PathBuf,
    manifest: Manifest,
    ids: OnceCell<HashSet<String>>,
}

impl KnownIds {
    fn has(&self, id: &str) -> Result<bool> {
        let ids = match self.ids.get() {
            Some(ids) => ids,
            None => {
                let ids = search::ids(&self.folder, &self.manifest)?;
                self.ids.get_or_init(|| ids.iter().map(|id| folded_id(id)).collect())
            }
        };
        Ok(ids.contains(&folded_id(id)))
    }
}

//! People who were forgotten and are in a later export again: their rows are left out.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::erase::{Theirs, leave_rows, leave_table_rows};
use super::manifest::{FileRef, Manifest};
use super::person::{Known, Person};
use super::search::texts;
use super::tombstones::Tombstones;
use crate::error::Result;
use crate::ingest::accounting::Rule;
use crate::ingest::orders::{Accounts, Block, MAX_ACCOUNTS, Survey};
use crate::ingest::tables::TableRows;
use crate::ingest::{Parsed, Rows};
use crate::schema::{Key, Table, names};

/// How many rows of a file were left out since whom they are about was forgotten.
pub(super) fn left_out(rows: &Rows) -> u64 {
    match rows {
        Rows::Orders { blocks, .. } => blocks.iter().map(|block| block.excluded.of(Rule::Forgotten)).sum(),
        Rows::Table(rows) => rows.excluded.of(Rule::Forgotten),
        Rows::NotNeeded => 0,
    }
}

impl Tombstones {
    /// Leaves the rows of people who were forgotten out of what parsing a file gave, and counts them as such; gives what
    /// those people are known by in it.
    pub(super) fn leave_out(&self, parsed: &mut Parsed, known: &KnownIds<'_>) -> Result<Person> {
        let before = parsed.rejects.len();
        let layout = &parsed.info.layout;
        parsed.rejects.retain(|reject| !self.is_in(&reject.raw, layout));
        let rejects = (before - parsed.rejects.len()) as u64;
        let person = match &mut parsed.rows {
            Rows::Orders { blocks, survey, .. } => {
                let person = self.leave_orders(blocks, survey.as_deref_mut(), known)?;
                blocks.iter_mut().take(1).for_each(|block| block.excluded.add(Rule::Forgotten, rejects));
                person
            }
            Rows::Table(rows) => {
                let (theirs, person) = self.of_table(rows)?;
                let erased = leave_table_rows(rows, &theirs, |contact| self.is_contact(contact));
                rows.excluded.add(Rule::Forgotten, erased + rejects);
                person
            }
            Rows::NotNeeded => Person::default(),
        };
        for (_, value) in parsed.notes.iter_mut().flat_map(|note| &mut note.values) {
            person.scrubbed(value).into_iter().for_each(|clean| *value = clean);
        }
        Ok(person)
    }

    fn leave_orders(
        &self,
        blocks: &mut [Block],
        mut survey: Option<&mut Survey>,
        known: &KnownIds<'_>,
    ) -> Result<Person> {
        blocks.iter_mut().for_each(Block::index_orders);
        let (theirs, person) = self.of_orders(blocks, known)?;
        for block in blocks {
            let lost = leave_rows(block, &theirs, |contact| self.is_contact(contact));
            block.excluded.add(Rule::Forgotten, lost.len() as u64);
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

    /// Whose rows of a file's are theirs: rows of their ids, and those of ids that come with a number or address of
    /// theirs. Since an order may go to another's number, an id that the store knows stays where only its orders name it.
    fn of_orders(&self, blocks: &[Block], known: &KnownIds<'_>) -> Result<(Theirs, Person)> {
        let mut texts: HashMap<Key, String> = HashMap::new();
        for (key, text) in blocks.iter().flat_map(|block| block.long_customers.iter()) {
            texts.entry(key).or_insert_with(|| String::from_utf8_lossy(text).into_owned());
        }
        let groups = || blocks.iter().flat_map(|block| &block.rows);
        let customers = groups().flat_map(|group| group.columns.customer.iter().copied());
        let accounts = blocks.iter().map(|block| &block.accounts);
        let (mut theirs, mut person) = self.customers(customers, accounts, &texts, Some(known))?;
        for block in blocks {
            let rows = || block.orders.keys.iter().zip(&block.orders.places);
            let customer = |group: u32, row: u32| block.rows[group as usize].columns.customer[row as usize];
            let own = rows().filter(|(_, at)| theirs.customers.contains(&customer(at.group, at.row)));
            let own: Vec<Key> = own.map(|(order, _)| *order).filter(|order| order.is_usable()).collect();
            theirs.orders.extend(own);
            let nobodys = rows().filter(|(_, at)| !customer(at.group, at.row).is_usable());
            theirs.orders.extend(nobodys.map(|(order, _)| *order).filter(|order| self.has_order(*order)));
        }
        person.orders.extend(theirs.orders.iter().copied());
        Ok((theirs, person))
    }

    /// As [`Self::of_orders`], of another table.
    fn of_table(&self, rows: &TableRows) -> Result<(Theirs, Person)> {
        let texts: HashMap<Key, String> =
            rows.details.long.iter().map(|(key, text)| (*key, text.to_string())).collect();
        let (mut theirs, mut person) =
            self.customers(rows.customers.iter().copied(), std::iter::once(&rows.accounts), &texts, None)?;
        for (row, order) in rows.orders.iter().enumerate().filter(|(_, order)| order.is_usable()) {
            let is_theirs = rows.customers.get(row).is_some_and(|key| theirs.customers.contains(key));
            let is_item = rows.table == Some(Table::OrderItems);
            if is_item && (is_theirs || self.has_order(*order)) {
                theirs.orders.insert(*order);
            }
        }
        person.orders.extend(theirs.orders.iter().copied());
        Ok((theirs, person))
    }

    fn customers<'a>(
        &self,
        customers: impl Iterator<Item = Key>,
        accounts: impl Iterator<Item = &'a Accounts>,
        texts: &HashMap<Key, String>,
        known: Option<&KnownIds<'_>>,
    ) -> Result<(Theirs, Person)> {
        let text = |key: Key| key.text().or_else(|| texts.get(&key).cloned()).unwrap_or_default();
        let (mut theirs, mut person, mut seen) = (Theirs::default(), Person::default(), HashSet::new());
        for key in customers.filter(|key| key.is_usable()) {
            if seen.insert(key) && self.is_id(&text(key)) {
                person.add_id(&text(key));
                theirs.customers.insert(key);
            }
        }
        // By the number or address, since one of many accounts tells nobody apart.
        let mut holders: HashMap<String, HashSet<Key>> = HashMap::new();
        for accounts in accounts {
            for (account, contact) in accounts.contacts().filter(|(_, contact)| self.is_contact(contact)) {
                holders.entry(contact.into_owned()).or_default().insert(account);
            }
        }
        for (contact, accounts) in holders.into_iter().filter(|(_, accounts)| accounts.len() <= MAX_ACCOUNTS)
        {
            for account in accounts {
                if theirs.customers.contains(&account) {
                    continue;
                }
                let is_recipient = match known {
                    Some(known) if !contact.contains('@') => known.has(&text(account))?,
                    _ => false,
                };
                if !is_recipient {
                    person.add_id(&text(account));
                    theirs.customers.insert(account);
                }
            }
        }
        Ok((theirs, person))
    }
}

/// The ids that a store knows from its orders.
pub(super) struct KnownIds<'a> {
    folder: &'a Path,
    files: Vec<&'a FileRef>,
}

impl<'a> KnownIds<'a> {
    pub(super) fn of(folder: &'a Path, manifest: &'a Manifest) -> Self {
        Self { folder, files: manifest.order_rows_held().map(|segment| &segment.customers).collect() }
    }

    fn has(&self, id: &str) -> Result<bool> {
        for file in &self.files {
            if texts(self.folder, file, names::CUSTOMER_ID)?.iter().flatten().any(|own| own == id) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

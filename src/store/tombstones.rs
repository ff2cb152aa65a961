//! Recognises people who were forgotten, so that a later export does not bring them back. The store keeps keyed hashes
//! of what they were known by; without the store's key the hashes do not tell whose they are.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use super::files::Writing;
use super::frames;
use super::key::{Hash, Kind, PeopleKey};
use super::manifest::Manifest;
use super::mentions::{is_telling, phones_in, without, words_in};
use super::person::{Known, Name, Person};
use crate::error::{Error, Result};
use crate::parse::layout::Layout;
use crate::schema::Key;

/// The hashes of a store.
#[derive(Debug)]
pub(super) struct Tombstones {
    /// `None` in stores of earlier versions in which nobody was forgotten.
    key: Option<PeopleKey>,
    hashes: HashSet<Hash>,
    is_changed: bool,
}

impl Tombstones {
    /// Reads the hashes of a store.
    ///
    /// # Errors
    /// When their file is damaged, or when the key that they were made with is missing.
    pub(super) fn load(folder: &Path, manifest: &Manifest) -> Result<Self> {
        let Some(file) = &manifest.forgotten_people else {
            let key = manifest.people_key();
            return Ok(Self { key, hashes: HashSet::new(), is_changed: false });
        };
        let key = manifest
            .people_key()
            .ok_or_else(|| Error::input_of(folder.display().to_string(), "store_no_key", &[]))?;
        let hashes: Vec<Hash> = frames::load_value(folder, file)?;
        Ok(Self { key: Some(key), hashes: hashes.into_iter().collect(), is_changed: false })
    }

    /// Whether nobody was forgotten.
    pub(super) fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Adds everything that people are known by.
    pub(super) fn add(&mut self, person: &Person) {
        let Some(key) = &self.key else { return };
        let texts = [(Kind::Id, &person.ids), (Kind::Phone, &person.phones), (Kind::Mail, &person.mails)];
        let texts = texts.into_iter().flat_map(|(kind, texts)| texts.iter().map(move |text| (kind, text)));
        let texts = texts.map(|(kind, text)| key.hash(kind, text.as_bytes()));
        let orders = person.orders.iter().map(|order| key.hash(Kind::Order, &order.to_bytes()));
        let count = self.hashes.len();
        self.hashes.extend(texts.chain(orders));
        self.is_changed |= self.hashes.len() > count;
    }

    /// Writes the hashes, if there are new ones.
    pub(super) fn save(&self, writing: &Writing, manifest: &mut Manifest) -> Result<()> {
        if self.is_changed {
            let path = format!("imports/{:06}.forgotten.msgpack", manifest.number());
            // Sorted, so that the order does not show when each was added.
            let hashes: BTreeSet<&Hash> = self.hashes.iter().collect();
            let hashes: Vec<&Hash> = hashes.into_iter().collect();
            manifest.forgotten_people = Some(frames::save_value(writing, &path, &hashes)?);
        }
        Ok(())
    }

    /// Whether the name is that of somebody who was forgotten.
    pub(super) fn is_named(&self, name: &Name) -> bool {
        let person = name.person();
        person.ids.iter().any(|id| self.is_id(id))
    }

    /// Whether a phone number or an e-mail address, as reading keeps them, belongs to a forgotten person.
    pub(super) fn is_contact(&self, contact: &str) -> bool {
        let kind = if contact.contains('@') { Kind::Mail } else { Kind::Phone };
        self.has(kind, contact.as_bytes())
    }

    fn has(&self, kind: Kind, text: &[u8]) -> bool {
        self.key.as_ref().is_some_and(|key| self.hashes.contains(&key.hash(kind, text)))
    }

    /// A text without the names of forgotten people, as [`Person::scrubbed`] returns it; none if it does not name any.
    pub(super) fn scrubbed(&self, text: &str) -> Option<String> {
        let words = words_in(text).filter(|(_, word)| is_telling(word) && self.is_id(word)).map(|(at, _)| at);
        let phones = phones_in(text).filter(|(_, phone)| self.has_phone(phone)).map(|(at, _)| at);
        without(text, words.chain(phones).collect())
    }

    /// Whether a row that cannot be read is about a forgotten person, as [`Person::is_in`] decides it. Hashes can only
    /// be compared with whole cells and words of the row.
    pub(super) fn is_in(&self, raw: &str, layout: &Layout) -> bool {
        let cells =
            raw.split([',', ';', '\t', '|', '"', '\n']).map(|cell| cell.trim().trim_matches(['\'', '=']));
        let words = words_in(raw).map(|(_, word)| word);
        let texts: Vec<&str> = cells.chain(words).filter(|text| !text.is_empty()).collect();
        texts.iter().any(|text| is_telling(text) && self.is_id(text))
            || phones_in(raw).any(|(_, phone)| self.has_phone(&phone))
            || self
                .is_in_named_cells(raw, layout)
                .unwrap_or_else(|| texts.iter().any(|text| self.is_id(text)))
    }
}

impl Known for Tombstones {
    fn has_id(&self, folded: &str) -> bool {
        self.has(Kind::Id, folded.as_bytes())
    }

    fn has_mail(&self, mail: &str) -> bool {
        self.has(Kind::Mail, mail.as_bytes())
    }

    fn has_phone(&self, phone: &str) -> bool {
        self.has(Kind::Phone, phone.as_bytes())
    }

    fn has_order(&self, order: Key) -> bool {
        order.is_usable() && self.has(Kind::Order, &order.to_bytes())
    }
}

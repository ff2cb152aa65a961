//! Who was forgotten: keyed hashes of what they were known by, so that a later export does not bring them back. Who has
//! the hashes without the store's key cannot tell whose they are.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use super::files::Writing;
use super::frames;
use super::key::{Hash, Kind, PeopleKey};
use super::manifest::Manifest;
use super::person::{Known, Name, Person, goes_on, is_telling, phones_in};
use crate::error::{Error, Result};
use crate::ingest::layout::Layout;
use crate::schema::Key;

/// The hashes of a store.
#[derive(Debug)]
pub(super) struct Tombstones {
    key: PeopleKey,
    hashes: HashSet<Hash>,
}

impl Tombstones {
    /// Those of a store; `None` where nobody was forgotten.
    ///
    /// # Errors
    /// When their file is damaged, or the key is not there that would tell whose they are.
    pub(super) fn load(folder: &Path, manifest: &Manifest) -> Result<Option<Self>> {
        let Some(file) = &manifest.forgotten_people else { return Ok(None) };
        let key = manifest.people_key().ok_or_else(|| {
            Error::input(
                folder.display().to_string(),
                "the store's key is not in its manifest, so that it cannot tell who was forgotten",
                "restore ecrm-store.json from a backup",
            )
        })?;
        let hashes: Vec<Hash> = frames::load_value(folder, file)?;
        Ok(Some(Self { key, hashes: hashes.into_iter().collect() }))
    }

    /// Adds people to those of a store.
    pub(super) fn add(writing: &Writing, manifest: &mut Manifest, person: &Person) -> Result<()> {
        let Some(key) = manifest.people_key() else {
            return Err(Error::Internal("a store without a key is being written to".to_owned()));
        };
        let before = Self::load(writing.folder(), manifest)?;
        let mut hashes: BTreeSet<Hash> = before.map(|of| of.hashes).unwrap_or_default().into_iter().collect();
        let count = hashes.len();
        let texts = |kind: Kind, texts: &HashSet<String>| -> Vec<Hash> {
            texts.iter().map(|text| key.hash(kind, text.as_bytes())).collect()
        };
        hashes.extend(texts(Kind::Id, &person.ids));
        hashes.extend(texts(Kind::Phone, &person.phones));
        hashes.extend(texts(Kind::Mail, &person.mails));
        hashes.extend(person.orders.iter().map(|order| key.hash(Kind::Order, &order.to_bytes())));
        if hashes.len() > count {
            let path = format!("imports/{:06}.forgotten.msgpack", manifest.number());
            let hashes: Vec<Hash> = hashes.into_iter().collect();
            manifest.forgotten_people = Some(frames::save_value(writing, &path, &hashes)?);
        }
        Ok(())
    }

    /// Whether somebody who was forgotten is named.
    pub(super) fn is_named(&self, name: &Name) -> bool {
        let person = name.person();
        person.ids.iter().any(|id| self.is_id(id))
    }

    /// Whether a phone number or an e-mail address, as reading keeps them, is theirs.
    pub(super) fn is_contact(&self, contact: &str) -> bool {
        let kind = if contact.contains('@') { Kind::Mail } else { Kind::Phone };
        self.has(kind, contact.as_bytes())
    }

    fn has(&self, kind: Kind, text: &[u8]) -> bool {
        self.hashes.contains(&self.key.hash(kind, text))
    }

    /// Whether a row that cannot be read is about them, as [`Person::is_in`] has it: hashes can be looked up by the cells
    /// and words of the row alone.
    pub(super) fn is_in(&self, raw: &str, layout: &Layout) -> bool {
        let cells =
            raw.split([',', ';', '\t', '|', '"', '\n']).map(|cell| cell.trim().trim_matches(['\'', '=']));
        let words = raw.split(|c: char| !goes_on(c)).map(|word| word.trim_end_matches('.'));
        let mut texts = cells.chain(words).filter(|text| !text.is_empty());
        texts.clone().any(|text| is_telling(text) && self.is_id(text))
            || phones_in(raw).any(|phone| self.has_phone(&phone))
            || self.is_in_named_cells(raw, layout).unwrap_or_else(|| texts.any(|text| self.is_id(text)))
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

//! Ids that stand for other ids, as lists of customers say, and the ways in which an id may be written.

use std::collections::{HashMap, HashSet};

use crate::error::{Error, Result};
use crate::parse::orders::accounts::MIN_PHONE_DIGITS;
use crate::parse::value::id::{self, Id};
use crate::rows::partition::LongTexts;
use crate::schema::Key;

/// Other ids of customers, each with the customer id it stands for.
#[derive(Debug, Clone, Default)]
pub struct Aliases {
    targets: HashMap<Key, Key>,
    texts: HashMap<Key, Box<str>>,
}

impl Aliases {
    /// Builds them from pairs of an alias and the customer id it stands for, which may be an alias itself.
    ///
    /// # Errors
    /// When an alias stands for two customers, or leads back to itself.
    pub fn new(pairs: &[(String, String)]) -> Result<Self> {
        let mut aliases = Self::default();
        for (alias, customer) in pairs {
            let customer = spellings(customer).swap_remove(0);
            let to = Key::of(&customer);
            aliases.texts.insert(to, String::from_utf8_lossy(&customer).into());
            for spelling in spellings(alias) {
                let from = Key::of(&spelling);
                if from != to && aliases.targets.insert(from, to).is_some_and(|other| other != to) {
                    return Err(Error::data_of("alias_twice", &[("seen", format!("{alias:?}"))]));
                }
            }
        }
        aliases.shorten(pairs)?;
        Ok(aliases)
    }

    /// Whether there are no aliases.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// The customer that an id stands for; the id itself if it is no alias.
    pub fn resolve(&self, key: Key) -> Key {
        if self.targets.is_empty() { key } else { self.targets.get(&key).copied().unwrap_or(key) }
    }

    /// The customers that an id may name, likeliest first, in every way an id may be written: with a spreadsheet's
    /// decoration (`17850.0`), an e-mail address in any case, a number with separators.
    pub fn named(&self, id: &str) -> Vec<Key> {
        let Id::Text(id) = id::parse(id.as_bytes()) else { return Vec::new() };
        let spellings = spellings(&String::from_utf8_lossy(id)).into_iter().chain([id.to_vec()]);
        let keys = spellings.map(|spelling| self.resolve(Key::of(&spelling)));
        keys.filter(|key| key.is_usable()).collect()
    }

    /// Whether an id is an alias.
    pub fn has(&self, key: Key) -> bool {
        self.targets.contains_key(&key)
    }

    /// The id text of a customer that aliases stand for.
    pub fn text(&self, key: Key) -> Option<Box<str>> {
        self.texts.get(&key).filter(|_| key.is_hash()).cloned()
    }

    /// The texts of customer ids that may occur in no row.
    pub(crate) fn long_texts(&self) -> LongTexts {
        let mut texts = LongTexts::default();
        for (key, text) in self.texts.iter().filter(|(key, _)| key.is_hash()) {
            texts.push(*key, text.as_bytes());
        }
        texts.finish();
        texts
    }

    /// Makes every alias point to the end of its chain.
    fn shorten(&mut self, pairs: &[(String, String)]) -> Result<()> {
        let mut ends: HashMap<Key, Key> = HashMap::new();
        for start in self.targets.keys().copied().collect::<Vec<_>>() {
            let mut chain = Vec::new();
            let (mut key, mut met) = (start, HashSet::new());
            while let (Some(&next), None) = (self.targets.get(&key), ends.get(&key)) {
                if !met.insert(key) {
                    let is_it = |(alias, _): &&(String, String)| Key::of(alias.as_bytes()) == key;
                    let alias = pairs.iter().find(is_it).map_or("", |(alias, _)| alias.as_str());
                    return Err(Error::data_of("alias_circle", &[("seen", format!("{alias:?}"))]));
                }
                chain.push(key);
                key = next;
            }
            let end = ends.get(&key).copied().unwrap_or(key);
            ends.extend(chain.into_iter().map(|key| (key, end)));
        }
        self.targets = ends;
        Ok(())
    }

    /// Combines these aliases with those that join customers: `kept_as` gives the id that each joined customer is known
    /// by from now on. Aliases of a joined customer stand for the customer it was joined to.
    pub(crate) fn joined(
        &self,
        kept_as: &HashMap<Key, Key>,
        texts: impl Iterator<Item = (Key, Box<str>)>,
    ) -> Self {
        let mut all = self.clone();
        all.targets.values_mut().for_each(|target| *target = kept_as.get(target).copied().unwrap_or(*target));
        all.targets.extend(kept_as);
        all.texts.extend(texts);
        all
    }
}

/// The forms in which a customer's id may be a key, as written first. E-mail addresses are compared in lower case; a
/// text that looks like a phone number is also tried as one.
pub(crate) fn spellings(id: &str) -> Vec<Vec<u8>> {
    let plain = id.as_bytes().to_vec();
    if id.contains('@') {
        return vec![id::email(&plain)];
    }
    let phone = id::phone(&plain);
    let is_phone =
        phone.len() >= MIN_PHONE_DIGITS && id.chars().all(|c| c.is_ascii_digit() || " +-()".contains(c));
    match is_phone && phone != plain {
        // With a country code or separators it can only be a phone number.
        true => vec![phone, plain],
        false => vec![plain],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Key::of(text.as_bytes())
    }

    #[test]
    fn an_id_is_found_however_it_is_written() {
        let aliases = Aliases::new(&[("a".to_owned(), "17850".to_owned())]).expect("no circle");
        for id in ["17850", "17850.0", "=\"17850\"", " '17850 ", "a"] {
            assert_eq!(aliases.named(id).first(), Some(&key("17850")), "{id}");
        }
        assert_eq!(aliases.named("Ann@Example.com"), [key("ann@example.com"), key("Ann@Example.com")]);
        assert_eq!(aliases.named("+86 138-0013-8000")[0], key("13800138000"));
        assert_eq!([aliases.named("t**3"), aliases.named("")], [[], []]);
    }

    #[test]
    fn aliases_follow_chains_and_refuse_circles() {
        let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
        };
        let aliases = Aliases::new(&pairs(&[("a", "b"), ("b", "c"), ("d", "d")])).expect("no circle");
        assert_eq!(aliases.resolve(key("a")), key("c"));
        assert_eq!(aliases.resolve(key("d")), key("d"));
        assert!(Aliases::new(&pairs(&[("a", "b"), ("b", "a")])).is_err());
        assert!(Aliases::new(&pairs(&[("a", "b"), ("a", "c")])).is_err());
    }
}

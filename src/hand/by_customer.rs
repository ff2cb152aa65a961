//! What the rows of a hand-kept file say of each customer, however the file writes the ids.

use std::collections::HashMap;

use crate::parse::orders::spellings;
use crate::schema::Key;

/// What is said of each customer, in the order of the rows.
#[derive(Debug, Clone)]
pub struct ByCustomer<T> {
    said: Vec<Vec<T>>,
    /// The place of what is said of a customer, by every way the id may be written.
    places: HashMap<Key, usize>,
}

impl<T> Default for ByCustomer<T> {
    fn default() -> Self {
        Self { said: Vec::new(), places: HashMap::new() }
    }
}

impl<T> ByCustomer<T> {
    /// Of rows, each with the id that it names, of whom `person` says the key by which the inputs know them: several
    /// accounts may be one.
    pub fn new(rows: impl Iterator<Item = (String, T)>, person: impl Fn(Key) -> Key) -> Self {
        Self::of_keys(rows.map(|(id, said)| (IdKeys::of(&id), said)), person)
    }

    /// The same of rows whose ids are known by their keys.
    pub(super) fn of_keys(rows: impl Iterator<Item = (IdKeys, T)>, person: impl Fn(Key) -> Key) -> Self {
        let mut all = Self::default();
        for (ids, said) in rows {
            let next = all.said.len();
            let place = *all.places.entry(person(ids.first())).or_insert(next);
            for key in ids.each() {
                all.places.entry(person(key)).or_insert(place);
            }
            match all.said.get_mut(place) {
                Some(theirs) => theirs.push(said),
                None => all.said.push(vec![said]),
            }
        }
        all
    }

    /// What is said of the customer with this key.
    pub fn of(&self, customer: Key) -> &[T] {
        self.places.get(&customer).map_or(&[], |place| &self.said[*place])
    }

    /// The same of every customer, to be put into another order.
    pub(super) fn each_mut(&mut self) -> impl Iterator<Item = &mut Vec<T>> {
        self.said.iter_mut()
    }

    /// Of how many customers anything is said.
    pub fn len(&self) -> usize {
        self.said.len()
    }

    /// Whether nothing is said of anybody.
    pub fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// How many of them are nobody of these customers.
    pub fn count_beyond(&self, customers: impl Iterator<Item = Key>) -> usize {
        self.count_beyond_of(customers, |_| true)
    }

    /// The same of those of whom something is said that is meant.
    pub fn count_beyond_of(
        &self,
        customers: impl Iterator<Item = Key>,
        is_meant: impl Fn(&T) -> bool,
    ) -> usize {
        let mut is_known = vec![false; self.said.len()];
        customers.filter_map(|key| self.places.get(&key)).for_each(|place| is_known[*place] = true);
        let beyond = self.said.iter().zip(is_known).filter(|(_, is_known)| !is_known);
        beyond.filter(|(said, _)| said.iter().any(&is_meant)).count()
    }
}

/// Customers whom a change of a file is about.
#[derive(Debug, Clone, Default)]
pub struct People {
    ids: Vec<String>,
    places: HashMap<Key, usize>,
}

impl People {
    /// Those whom somebody names by ids, however they are written. Who is named twice is one.
    pub fn named(ids: impl IntoIterator<Item = String>) -> Self {
        let mut people = Self::default();
        ids.into_iter().for_each(|id| people.add_named(&id));
        people
    }

    /// Adds somebody whom somebody names by an id.
    pub fn add_named(&mut self, id: &str) {
        self.add(id.to_owned(), IdKeys::of(id).each());
    }

    /// Adds somebody whom the inputs know by a key.
    pub fn add(&mut self, id: String, keys: impl IntoIterator<Item = Key>) {
        let mut keys = keys.into_iter().peekable();
        if keys.peek().is_none_or(|first| self.places.contains_key(first)) {
            return;
        }
        let place = self.ids.len();
        for key in keys {
            self.places.entry(key).or_insert(place);
        }
        self.ids.push(id);
    }

    /// The ids, in the order in which they were added.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The place of the customer whom an id of a file names; `person` as in [`ByCustomer::new`].
    pub(super) fn place(&self, ids: IdKeys, person: &dyn Fn(Key) -> Key) -> Option<usize> {
        ids.each().find_map(|key| self.places.get(&person(key)).copied())
    }
}

/// The way an id is written that stands for all the ways it may be.
pub(super) fn spelling(id: &str) -> Vec<u8> {
    spellings(id).swap_remove(0)
}

/// The keys of an id in the ways in which it may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IdKeys {
    /// The likeliest, which stands for them all.
    first: Key,
    other: Option<Key>,
}

impl IdKeys {
    /// Of an id: as it is meant, and as it stands there.
    pub fn of(id: &str) -> Self {
        let written = spellings(id);
        let is_first = |spelling: &[u8]| Some(spelling) == written.first().map(Vec::as_slice);
        let other = written.get(1).map(Vec::as_slice).or(Some(id.as_bytes()));
        Self {
            first: Key::of(written.first().map_or(id.as_bytes(), Vec::as_slice)),
            other: other.filter(|other| !is_first(other)).map(Key::of),
        }
    }

    pub fn first(self) -> Key {
        self.first
    }

    /// All of them, the likeliest first.
    pub fn each(self) -> impl Iterator<Item = Key> {
        std::iter::once(self.first).chain(self.other)
    }
}

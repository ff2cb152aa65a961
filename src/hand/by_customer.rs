//! What a hand-kept file says about each customer, in whatever form its ids are written.

use std::collections::HashMap;

use crate::parse::orders::spellings;
use crate::schema::Key;

/// The entries about each customer, in the order of the rows.
#[derive(Debug, Clone)]
pub struct ByCustomer<T> {
    said: Vec<Vec<T>>,
    /// The index of a customer's entries, by every form of the id.
    places: HashMap<Key, usize>,
}

impl<T> Default for ByCustomer<T> {
    fn default() -> Self {
        Self { said: Vec::new(), places: HashMap::new() }
    }
}

impl<T> ByCustomer<T> {
    /// Builds the entries by customer from pairs of an id and an entry. `person` maps the key of an id to the key by
    /// which the inputs know the customer, since several accounts may be one person.
    pub fn new(rows: impl Iterator<Item = (String, T)>, person: impl Fn(Key) -> Key) -> Self {
        Self::of_keys(rows.map(|(id, said)| (IdKeys::of(&id), said)), person)
    }

    /// Like [`Self::new`], for ids given by their keys.
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

    /// The entries about the customer with this key.
    pub fn of(&self, customer: Key) -> &[T] {
        self.places.get(&customer).map_or(&[], |place| &self.said[*place])
    }

    /// The entries about every customer, to be reordered.
    pub(super) fn each_mut(&mut self) -> impl Iterator<Item = &mut Vec<T>> {
        self.said.iter_mut()
    }

    /// The number of customers with any entry.
    pub fn len(&self) -> usize {
        self.said.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// How many of the customers with entries are not among `customers`.
    pub fn count_beyond(&self, customers: impl Iterator<Item = Key>) -> usize {
        self.count_beyond_of(customers, |_| true)
    }

    /// Like [`Self::count_beyond`], only for customers with an entry that is meant.
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

/// The customers that a change of a file concerns.
#[derive(Debug, Clone, Default)]
pub struct People {
    ids: Vec<String>,
    places: HashMap<Key, usize>,
}

impl People {
    /// The customers with these ids, in any form. A customer who is named twice counts once.
    pub fn named(ids: impl IntoIterator<Item = String>) -> Self {
        let mut people = Self::default();
        ids.into_iter().for_each(|id| people.add_named(&id));
        people
    }

    /// Adds a customer by an id that a person wrote.
    pub fn add_named(&mut self, id: &str) {
        self.add(id.to_owned(), IdKeys::of(id).each());
    }

    /// Adds a customer by the keys that the inputs have.
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

    /// The index of the customer that an id in a file names; `person` as in [`ByCustomer::new`].
    pub(super) fn place(&self, ids: IdKeys, person: &dyn Fn(Key) -> Key) -> Option<usize> {
        ids.each().find_map(|key| self.places.get(&person(key)).copied())
    }
}

/// The form of an id that represents all its forms.
pub(super) fn spelling(id: &str) -> Vec<u8> {
    spellings(id).swap_remove(0)
}

/// The keys of an id in all its forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IdKeys {
    /// The likeliest key, which represents the others.
    first: Key,
    other: Option<Key>,
}

impl IdKeys {
    /// The keys of an id in its normal form and as written.
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

    /// All keys, the likeliest first.
    pub fn each(self) -> impl Iterator<Item = Key> {
        std::iter::once(self.first).chain(self.other)
    }
}

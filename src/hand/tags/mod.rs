//! `tags.csv`: tags of customers, one line each, set by hand or by a rule.

mod edit;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::HandFile;
use super::by_customer::{ByCustomer, IdKeys};
use super::file::Cells;
use crate::schema::{Day, Key};

pub use edit::{Changed, TagBook};

/// The columns, by index in [`super::TAGS`].
const TAG: usize = 0;
const CUSTOMER: usize = 1;
const ORIGIN: usize = 2;
const NOTE: usize = 4;

/// The longest name of a tag, in characters.
const MAX_TAG_CHARS: usize = 60;

/// Separates the tags of a customer in one cell; tag names do not contain it.
const SEPARATOR: char = ';';

/// The names of [`Origin`] in the file.
pub const ORIGINS: [&str; 2] = ["manual", "rule"];

/// Who has set a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A person.
    Manual,
    /// The tag's rule.
    Rule,
}

impl Origin {
    /// The origin in a cell; an empty cell means a person.
    pub(super) fn of(cell: &str) -> Option<Self> {
        match cell.trim() {
            rule if rule.eq_ignore_ascii_case(ORIGINS[1]) => Some(Self::Rule),
            manual if manual.is_empty() || manual.eq_ignore_ascii_case(ORIGINS[0]) => Some(Self::Manual),
            _ => None,
        }
    }

    /// Its name in the file.
    pub fn name(self) -> &'static str {
        ORIGINS[self as usize]
    }
}

/// A text as the name of a tag, trimmed; `None` if it cannot be one.
pub fn tag_name(text: &str) -> Option<&str> {
    let name = text.trim();
    let is_name = (1..=MAX_TAG_CHARS).contains(&name.chars().count())
        && !name.contains(|c: char| c == SEPARATOR || c.is_control());
    is_name.then_some(name)
}

/// The rows of a file without days and notes, so that no texts are stored for millions of rows.
#[derive(Debug, Clone, Default)]
pub struct Tags {
    /// The names of all tags that any row has or had.
    names: Vec<String>,
    numbers: HashMap<String, u32>,
    /// The rows, in the order of the file.
    rows: Vec<TagRow>,
    /// For each tag, the indices of its rows that are still in the file.
    of_tag: Vec<Vec<u32>>,
}

/// A row of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TagRow {
    /// The keys of the customer's id.
    ids: IdKeys,
    /// Who set it.
    origin: Origin,
}

impl Tags {
    /// The tags in a file.
    pub fn of(file: &HandFile) -> Self {
        let mut tags = Self::default();
        for row in &file.rows {
            let cells = file.cells(row);
            tags.push(&cells.text(TAG), IdKeys::of(&cells.id(CUSTOMER)), origin_of(&cells));
        }
        tags
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.of_tag.iter().map(Vec::len).sum()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names of tags: first those in `order`, even if no customer has them, then the others.
    pub fn names(&self, order: &[String]) -> Vec<String> {
        let used = self.names.iter().zip(&self.of_tag).filter(|(_, rows)| !rows.is_empty());
        ordered(order, used.map(|(name, _)| name))
    }

    /// The number of customers with tags, in whatever form their ids are written.
    pub fn customer_count(&self) -> usize {
        distinct(self.of_tag.iter().flatten().map(|row| self.rows[*row as usize].ids.first())).len()
    }

    /// For each tag, the number of customers who have it, of those who have it by hand, and of those by a rule.
    pub fn counts(&self) -> BTreeMap<&str, [u64; 3]> {
        let count = |rows: &[u32], is_meant: &dyn Fn(Origin) -> bool| {
            let rows = rows.iter().map(|row| self.rows[*row as usize]).filter(|row| is_meant(row.origin));
            distinct(rows.map(|row| row.ids.first())).len() as u64
        };
        let by = |origin: Origin| move |other: Origin| other == origin;
        let counts = |rows: &[u32]| {
            [count(rows, &|_| true), count(rows, &by(Origin::Manual)), count(rows, &by(Origin::Rule))]
        };
        let all = self.names.iter().zip(&self.of_tag).filter(|(_, rows)| !rows.is_empty());
        all.map(|(name, rows)| (name.as_str(), counts(rows))).collect()
    }

    /// The names of tags that rules have set.
    pub fn names_by_rule(&self) -> BTreeSet<&str> {
        let is_by_rule = |row: &u32| self.rows[*row as usize].origin == Origin::Rule;
        let all = self.names.iter().zip(&self.of_tag).filter(|(_, rows)| rows.iter().any(is_by_rule));
        all.map(|(name, _)| name.as_str()).collect()
    }

    /// Which of these tags each customer has, and who set them, without notes and days. `person` as in
    /// [`ByCustomer::new`].
    pub fn of_customers(&self, names: &[&str], person: impl Fn(Key) -> Key) -> CustomerTags {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let rows = names.iter().enumerate().flat_map(|(tag, name)| {
            let tagged = move |row: &u32| {
                let TagRow { ids, origin } = self.rows[*row as usize];
                (ids, Tagged { tag, origin, since: Day::EPOCH, note: None })
            };
            self.rows_of(name).iter().map(tagged)
        });
        let by_customer = ByCustomer::of_keys(rows, person);
        let is_used = names.iter().map(|name| !self.rows_of(name).is_empty()).collect();
        CustomerTags { names, is_used, by_customer }
    }

    fn push(&mut self, tag: &str, ids: IdKeys, origin: Origin) {
        let number = match self.numbers.get(tag) {
            Some(number) => *number as usize,
            None => {
                self.numbers.insert(tag.to_owned(), self.names.len() as u32);
                self.names.push(tag.to_owned());
                self.of_tag.push(Vec::new());
                self.names.len() - 1
            }
        };
        self.of_tag[number].push(self.rows.len() as u32);
        self.rows.push(TagRow { ids, origin });
    }

    fn number(&self, tag: &str) -> Option<usize> {
        self.numbers.get(tag).map(|number| *number as usize)
    }

    /// The rows of a tag.
    fn rows_of(&self, tag: &str) -> &[u32] {
        self.number(tag).map_or(&[], |number| &self.of_tag[number])
    }
}

/// The keys without repetitions.
fn distinct(keys: impl Iterator<Item = Key>) -> Vec<Key> {
    let mut keys: Vec<Key> = keys.collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The names in `order` first, then the others.
fn ordered<'a>(order: &[String], names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let others: BTreeSet<&String> = names.filter(|name| !order.contains(name)).collect();
    order.iter().chain(others).cloned().collect()
}

fn origin_of(cells: &Cells<'_>) -> Origin {
    Origin::of(&cells.text(ORIGIN)).unwrap_or(Origin::Manual)
}

/// One tag of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// Its index among the names.
    pub tag: usize,
    /// Who set it.
    pub origin: Origin,
    /// The day since when; 1970-01-01 if it was not asked for.
    pub since: Day,
    /// The note, if there is one.
    pub note: Option<Box<str>>,
}

/// The tags of each customer.
#[derive(Debug, Clone, Default)]
pub struct CustomerTags {
    names: Vec<String>,
    /// For each name, whether any customer has the tag.
    is_used: Vec<bool>,
    by_customer: ByCustomer<Tagged>,
}

impl CustomerTags {
    /// The tags in a file, for each customer in the order of [`Tags::names`]; `person` as in [`ByCustomer::new`].
    pub fn new(file: &HandFile, order: &[String], person: impl Fn(Key) -> Key) -> Self {
        // In order of first occurrence, until all names are known.
        let mut found: HashMap<String, usize> = HashMap::new();
        let rows = file.rows.iter().map(|row| {
            let cells = file.cells(row);
            let next = found.len();
            let tag = *found.entry(cells.text(TAG)).or_insert(next);
            let note = Some(cells.text(NOTE)).filter(|note| !note.is_empty()).map(String::into_boxed_str);
            let tagged = Tagged { tag, origin: origin_of(&cells), since: row.day(), note };
            (IdKeys::of(&cells.id(CUSTOMER)), tagged)
        });
        let mut by_customer = ByCustomer::of_keys(rows, person);
        let names = ordered(order, found.keys());
        let mut places = vec![0; found.len()];
        for (place, name) in names.iter().enumerate() {
            found.get(name).into_iter().for_each(|tag| places[*tag] = place);
        }
        let is_used = names.iter().map(|name| found.contains_key(name)).collect();
        for theirs in by_customer.each_mut() {
            theirs.iter_mut().for_each(|one| one.tag = places[one.tag]);
            theirs.sort_by_key(|one| (one.tag, one.origin));
        }
        Self { names, is_used, by_customer }
    }

    /// The names of the tags.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether any customer has a tag of this name.
    pub fn is_used(&self, name: &str) -> bool {
        self.names.iter().zip(&self.is_used).any(|(known, is_used)| *is_used && known == name)
    }

    /// How many customers with any of these tags are not among `customers`.
    pub fn count_beyond(&self, tags: &[&str], customers: impl Iterator<Item = Key>) -> usize {
        let is_meant = |one: &Tagged| tags.contains(&self.names[one.tag].as_str());
        self.by_customer.count_beyond_of(customers, is_meant)
    }

    /// The tags of each customer.
    pub fn by_customer(&self) -> &ByCustomer<Tagged> {
        &self.by_customer
    }

    /// Whether the customer with this key has a tag: set by a person, and set by a rule.
    pub fn has(&self, customer: Key, tag: &str) -> (bool, bool) {
        let theirs = || self.by_customer.of(customer).iter().filter(|one| self.names[one.tag] == tag);
        let is_by = |origin| theirs().any(|one| one.origin == origin);
        (is_by(Origin::Manual), is_by(Origin::Rule))
    }

    /// All tags of the customer with this key in one text; `None` if there are none.
    pub fn joined(&self, customer: Key) -> Option<String> {
        let mut places: Vec<usize> = self.by_customer.of(customer).iter().map(|one| one.tag).collect();
        places.dedup();
        let names: Vec<&str> = places.into_iter().map(|place| self.names[place].as_str()).collect();
        (!names.is_empty()).then(|| names.join(&SEPARATOR.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_stand_in_one_line() {
        assert_eq!(tag_name(" 老客户 "), Some("老客户"));
        let longest = "价".repeat(MAX_TAG_CHARS);
        assert_eq!(tag_name(&longest), Some(longest.as_str()));
        for text in ["", " ", "a;b", "a\nb", "a\u{1b}[m", &format!("{longest}x")] {
            assert_eq!(tag_name(text), None, "{text:?}");
        }
    }

    #[test]
    fn nothing_is_the_origin_of_what_a_person_wrote() {
        for (cell, origin) in [
            ("", Some(Origin::Manual)),
            (" Manual ", Some(Origin::Manual)),
            ("RULE", Some(Origin::Rule)),
            ("rules", None),
        ] {
            assert_eq!(Origin::of(cell), origin, "{cell:?}");
        }
    }
}

//! `tags.csv`: which customers have which tags, a line each, set by hand or by a rule.

mod edit;

use std::collections::{BTreeMap, BTreeSet};

use super::HandFile;
use super::by_customer::{ByCustomer, spelling};
use crate::schema::Key;

pub use edit::Changed;

/// The columns, by their place in [`super::TAGS`].
const TAG: usize = 0;
const CUSTOMER: usize = 1;
const ORIGIN: usize = 2;
const SINCE: usize = 3;
const NOTE: usize = 4;

/// The longest name of a tag, in characters.
const MAX_TAG_CHARS: usize = 60;

/// Between the tags of a customer where they share a cell; no name of a tag has it.
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
    /// As a cell says it; nothing is what a person wrote.
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

/// A text as the name of a tag, without padding; none where it can be no such one.
pub fn tag_name(text: &str) -> Option<&str> {
    let name = text.trim();
    let is_name = (1..=MAX_TAG_CHARS).contains(&name.chars().count())
        && !name.contains(|c: char| c == SEPARATOR || c.is_control());
    is_name.then_some(name)
}

/// A row of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRow {
    /// The tag.
    pub tag: String,
    /// Of whom, as it stands in the file.
    pub customer_id: String,
    /// Who has set it.
    pub origin: Origin,
    /// Days since 1970-01-01.
    pub since: i32,
    /// What is written beside it.
    pub note: String,
}

/// The rows of a file.
#[derive(Debug, Clone, Default)]
pub struct Tags {
    /// As they stand there.
    pub all: Vec<TagRow>,
}

impl Tags {
    /// Those of a file.
    pub fn of(file: &HandFile) -> Self {
        let row = |row| TagRow {
            tag: file.text(row, TAG),
            customer_id: file.id(row, CUSTOMER).to_owned(),
            origin: Origin::of(&file.text(row, ORIGIN)).unwrap_or(Origin::Manual),
            since: file.day(row, SINCE),
            note: file.text(row, NOTE),
        };
        Self { all: file.rows.iter().map(row).collect() }
    }

    /// The names: first those of `order`, whether any customer has them or not, then the others.
    pub fn names(&self, order: &[String]) -> Vec<String> {
        let others: BTreeSet<&String> = self.all.iter().map(|row| &row.tag).collect();
        let others = others.into_iter().filter(|name| !order.contains(name));
        order.iter().chain(others).cloned().collect()
    }

    /// How many customers have any, however their ids are written.
    pub fn customer_count(&self) -> usize {
        let ids: BTreeSet<Vec<u8>> = self.all.iter().map(|row| spelling(&row.customer_id)).collect();
        ids.len()
    }

    /// Of each tag the customers that have it, then those who have it by hand, and those by a rule.
    pub fn counts(&self) -> BTreeMap<&str, [u64; 3]> {
        let mut rows: Vec<(&str, Vec<u8>, Origin)> =
            self.all.iter().map(|row| (row.tag.as_str(), spelling(&row.customer_id), row.origin)).collect();
        rows.sort_unstable();
        rows.dedup();
        let mut counts: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
        for of_one in rows.chunk_by(|a, b| (a.0, &a.1) == (b.0, &b.1)) {
            let [all, by_hand, by_rule] = counts.entry(of_one[0].0).or_default();
            *all += 1;
            *by_hand += u64::from(of_one[0].2 == Origin::Manual);
            *by_rule += u64::from(of_one[of_one.len() - 1].2 == Origin::Rule);
        }
        counts
    }
}

/// One tag of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// Its place among the names.
    pub tag: usize,
    /// Who has set it.
    pub origin: Origin,
    /// Days since 1970-01-01.
    pub since: i32,
    /// What is written beside it.
    pub note: String,
}

/// The tags of each customer.
#[derive(Debug, Clone, Default)]
pub struct CustomerTags {
    names: Vec<String>,
    /// Whether anybody has the tag of each name.
    is_used: Vec<bool>,
    by_customer: ByCustomer<Tagged>,
}

impl CustomerTags {
    /// Those of a file, of each customer in the order of [`Tags::names`]; `person` as in [`ByCustomer::new`].
    pub fn new(tags: Tags, order: &[String], person: impl Fn(Key) -> Key) -> Self {
        let names = tags.names(order);
        let places: BTreeMap<&String, usize> = names.iter().zip(0..).collect();
        let mut is_used = vec![false; names.len()];
        let tagged = |row: TagRow| {
            let tag = places.get(&row.tag).copied().unwrap_or_default();
            is_used[tag] = true;
            (row.customer_id, Tagged { tag, origin: row.origin, since: row.since, note: row.note })
        };
        let mut by_customer = ByCustomer::new(tags.all.into_iter().map(tagged), person);
        by_customer.each_mut().for_each(|theirs| theirs.sort_by_key(|one| (one.tag, one.origin)));
        Self { names, is_used, by_customer }
    }

    /// The names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether any customer has a tag of this name.
    pub fn is_used(&self, name: &str) -> bool {
        self.names.iter().zip(&self.is_used).any(|(known, is_used)| *is_used && known == name)
    }

    /// How many have any of these tags and are nobody of these customers.
    pub fn count_beyond(&self, tags: &[&str], customers: impl Iterator<Item = Key>) -> usize {
        let is_meant = |one: &Tagged| tags.contains(&self.names[one.tag].as_str());
        self.by_customer.count_beyond_of(customers, is_meant)
    }

    /// What is said of each customer.
    pub fn by_customer(&self) -> &ByCustomer<Tagged> {
        &self.by_customer
    }

    /// Whether the customer with this key has a tag: by a person, and by a rule.
    pub fn has(&self, customer: Key, tag: &str) -> (bool, bool) {
        let theirs = || self.by_customer.of(customer).iter().filter(|one| self.names[one.tag] == tag);
        let is_by = |origin| theirs().any(|one| one.origin == origin);
        (is_by(Origin::Manual), is_by(Origin::Rule))
    }

    /// All tags of the customer with this key in one text; none of somebody without any.
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

//! Recognises people by an id, a phone number or an e-mail address, however it is written.

use std::borrow::Cow;
use std::collections::HashSet;

use super::mentions::{Lower, is_telling, mentions, phones_in, without};
use crate::error::{Error, Result};
use crate::parse::layout::Layout;
use crate::parse::records::Record as Row;
use crate::parse::records::for_each_record;
use crate::parse::value::id::{self, Id};
use crate::schema::{Field, Key};

/// The number of digits of the shortest phone number.
pub(super) const SHORTEST_PHONE: usize = 7;

/// The ids (as [`folded_id`] gives them), contacts (as reading keeps them) and orders of one or more people.
#[derive(Debug, Default)]
pub(super) struct Person {
    pub ids: HashSet<String>,
    pub phones: HashSet<String>,
    pub mails: HashSet<String>,
    pub orders: HashSet<Key>,
}

/// An id, phone number or e-mail address that names somebody.
#[derive(Debug, Clone)]
pub(super) struct Name {
    /// The text as it was given.
    pub text: String,
    id: String,
    phone: Option<String>,
    mail: Option<String>,
}

impl Name {
    /// Parses a name as it is written by hand or in an export.
    ///
    /// # Errors
    /// When it is a text by which exports mean nobody.
    pub(super) fn of(text: &str) -> Result<Self> {
        let Id::Text(cell) = id::parse(text.as_bytes()) else {
            return Err(Error::usage_of("names_nobody", &[("seen", format!("{text:?}"))]));
        };
        let cell = String::from_utf8_lossy(cell).into_owned();
        Ok(Self { text: text.to_owned(), id: folded_id(&cell), phone: phone(&cell), mail: mail(&cell) })
    }

    /// Whether it is the given customer id.
    pub(super) fn is_id(&self, id: &str) -> bool {
        self.person().is_id(id)
    }

    /// Whether it is the given phone number or e-mail address, as the store keeps them.
    pub(super) fn is_contact(&self, contact: &str) -> bool {
        [&self.phone, &self.mail].into_iter().flatten().any(|own| own == contact)
    }

    /// A person of whom only this name is known.
    pub(super) fn person(&self) -> Person {
        let mut person = Person::default();
        person.add_id(&self.id);
        self.phone.iter().chain(&self.mail).for_each(|contact| person.add_contact(contact));
        person
    }
}

/// An id in a form in which ids that differ only in case are equal.
pub(super) fn folded_id(id: &str) -> String {
    id.trim().to_lowercase()
}

/// An e-mail address in the form in which reading keeps it.
pub(super) fn mail(text: &str) -> Option<String> {
    text.contains('@').then(|| String::from_utf8_lossy(&id::email(text.as_bytes())).to_lowercase())
}

/// A phone number in the form in which reading keeps it.
pub(super) fn phone(text: &str) -> Option<String> {
    let is_written_so = text.chars().all(|c| c.is_ascii_digit() || is_between_digits(c));
    let number = String::from_utf8_lossy(&id::phone(text.as_bytes())).into_owned();
    (is_written_so && number.len() >= SHORTEST_PHONE).then_some(number)
}

pub(super) fn is_between_digits(c: char) -> bool {
    matches!(c, ' ' | '+' | '-' | '(' | ')' | '.' | '\u{a0}')
}

/// What people are known by, either as texts or as hashes.
pub(super) trait Known {
    /// Whether an id, as [`folded_id`] gives it, belongs to them.
    fn has_id(&self, folded: &str) -> bool;
    /// Whether an e-mail address, as [`mail`] gives it, belongs to them.
    fn has_mail(&self, mail: &str) -> bool;
    /// Whether a phone number, as [`phone`] gives it, belongs to them.
    fn has_phone(&self, phone: &str) -> bool;
    /// Whether an order belongs to them.
    fn has_order(&self, order: Key) -> bool;

    /// Whether an id, as a row has it, belongs to them. A number counts as a phone number if it is written like one or
    /// has as many digits as one with its area code; shorter numbers in pieces (`2023-001`) are other ids.
    fn is_id(&self, id: &str) -> bool {
        const WITH_AREA: usize = 11;
        if self.has_id(&folded(id)) {
            return true;
        }
        if let Some(mail) = mail(id) {
            return self.has_mail(&mail);
        }
        let is_whole = |number: &String| number.len() >= WITH_AREA || id.starts_with(['+', '(']);
        phone(id).filter(is_whole).is_some_and(|phone| self.has_phone(&phone))
    }

    /// Whether any cell of a raw row that names a customer or an order names one of theirs; none if the row cannot be
    /// split into cells.
    fn is_in_named_cells(&self, raw: &str, layout: &Layout) -> Option<bool> {
        let mut is_told = None;
        for_each_record(raw.as_bytes(), layout.dialect, |record| {
            if record.len() == layout.headers.len() && !record.is_unclosed && is_told.is_none() {
                is_told = Some(is_named(self, record, layout));
            }
        });
        is_told
    }
}

fn is_named<K: Known + ?Sized>(known: &K, record: &Row<'_>, layout: &Layout) -> bool {
    const NAMES: [Field; 5] = [Field::CustomerId, Field::Email, Field::Phone, Field::Alias, Field::Name];
    let cells = |field: Field| {
        let columns = layout.columns.get(&field).into_iter().flatten();
        columns.map(|column| record.cell(*column).into_owned()).collect::<Vec<_>>()
    };
    let is_theirs = |cell: &Vec<u8>| matches!(id::parse(cell), Id::Text(text) if known.is_id(&String::from_utf8_lossy(text)));
    let is_their_order =
        |cell: &Vec<u8>| matches!(id::parse(cell), Id::Text(text) if known.has_order(Key::of(text)));
    NAMES.into_iter().any(|field| cells(field).iter().any(is_theirs))
        || cells(Field::OrderId).iter().any(is_their_order)
}

impl Known for Person {
    fn has_id(&self, folded: &str) -> bool {
        self.ids.contains(folded)
    }

    fn has_mail(&self, mail: &str) -> bool {
        self.mails.contains(mail)
    }

    fn has_phone(&self, phone: &str) -> bool {
        self.phones.contains(phone)
    }

    fn has_order(&self, order: Key) -> bool {
        self.orders.contains(&order)
    }
}

impl Person {
    /// Adds an id.
    pub(super) fn add_id(&mut self, id: &str) {
        self.ids.insert(folded_id(id));
    }

    /// Adds a phone number or an e-mail address, which may also be an id.
    pub(super) fn add_contact(&mut self, contact: &str) {
        self.add_id(contact);
        match mail(contact) {
            Some(mail) => self.mails.insert(mail),
            None => self.phones.insert(contact.to_owned()),
        };
    }

    /// Adds everything that is known of another.
    pub(super) fn add(&mut self, other: Self) {
        self.ids.extend(other.ids);
        self.phones.extend(other.phones);
        self.mails.extend(other.mails);
        self.orders.extend(other.orders);
    }

    /// Whether a phone number or an e-mail address, as the store keeps them, belongs to them.
    pub(super) fn is_contact(&self, contact: &str) -> bool {
        self.phones.contains(contact) || self.mails.contains(contact)
    }

    /// Whether a row that cannot be read is about them. Their names may be anywhere in it; an id that could also mean
    /// something else (a number, a short word) only counts in cells that name customers, if the row can be split into
    /// cells.
    pub(super) fn is_in(&self, raw: &str, layout: &Layout) -> bool {
        if self.is_mentioned(raw, is_telling) {
            return true;
        }
        self.is_in_named_cells(raw, layout).unwrap_or_else(|| self.is_mentioned(raw, |_| true))
    }

    /// Whether a text has one of their phone numbers or e-mail addresses, or one of their ids for which `counts` is
    /// true, as a word of its own.
    pub(super) fn is_mentioned(&self, text: &str, counts: impl Fn(&str) -> bool) -> bool {
        let lower = text.to_lowercase();
        let is_there = |own: &str| mentions(&lower, own).next().is_some();
        self.mails.iter().any(|mail| is_there(mail))
            || self.ids.iter().any(|id| counts(id) && is_there(id))
            || (!self.phones.is_empty() && phones_in(text).any(|(_, phone)| self.phones.contains(&phone)))
    }

    /// A text without their names; everything else stays. None if it does not name them.
    pub(super) fn scrubbed(&self, text: &str) -> Option<String> {
        let lower = Lower::of(text);
        let names = self.ids.iter().filter(|id| is_telling(id)).chain(&self.mails);
        let names = names.flat_map(|own| mentions(&lower.text, own)).map(|at| lower.place(at));
        let phones = phones_in(text).filter(|(_, phone)| self.phones.contains(phone)).map(|(at, _)| at);
        let phones: Vec<_> = if self.phones.is_empty() { Vec::new() } else { phones.collect() };
        without(text, names.chain(phones).collect())
    }
}

fn folded(id: &str) -> Cow<'_, str> {
    let is_folded = |c: char| !c.is_uppercase() && !c.is_whitespace();
    if id.chars().all(is_folded) { Cow::Borrowed(id) } else { Cow::Owned(folded_id(id)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(names: &[&str]) -> Person {
        let mut person = Person::default();
        names.iter().for_each(|name| person.add(Name::of(name).expect("somebody").person()));
        person
    }

    #[test]
    fn ids_are_theirs_however_they_are_written() {
        let ann = person(&["Ann@Shop.example", "+86 138-0000-0001", "U_17"]);
        for id in [
            "ann@shop.example",
            "ANN@SHOP.EXAMPLE",
            "13800000001",
            "+86 13800000001",
            "138-0000-0001",
            "u_17",
        ] {
            assert!(ann.is_id(id), "{id}");
        }
        for id in
            ["joann@shop.example", "ann@shop.example.org", "1380000001", "138000000011", "U_170", "17", ""]
        {
            assert!(!ann.is_id(id), "{id}");
        }
        // An id in pieces is not the number that its digits make up.
        assert!(!person(&["20230001"]).is_id("2023-0001") && !person(&["2023-0001"]).is_id("20230002"));
    }

    #[test]
    fn texts_mention_them_in_any_spelling_but_not_those_whose_names_hold_theirs() {
        let ann = person(&["ann@shop.example", "13800000001"]);
        for text in [
            "1,ANN@Shop.example,x",
            "to: ann@shop.example.",
            "tel +86 138-0000-0001, please",
            "0086 138 0000 0001",
            "\"(138) 0000 0001\"",
            "13900000002 13800000001",
            "8613800000001",
        ] {
            assert!(ann.is_mentioned(text, |_| true), "{text}");
        }
        for text in ["joann@shop.example", "ann@shop.example.org", "213800000001", "1380000000", "ann"] {
            assert!(!ann.is_mentioned(text, |_| true), "{text}");
        }
    }

    #[test]
    fn names_are_taken_out_of_texts() {
        let ann = person(&["ann@shop.example"]);
        assert_eq!(ann.scrubbed("seen ANN@shop.example, twice").as_deref(), Some("seen ***, twice"));
        assert_eq!(ann.scrubbed("joann@shop.example"), None);
        let both = person(&["ann@shop.example", "13800000001"]);
        for (text, clean) in [
            ("of 138-0000-0001, please", "of ***, please"),
            ("gift, tel 0086 138 0000 0001!", "gift, tel ***!"),
            ("call +86 138-0000-0001.", "call ***."),
            ("(138) 0000 0001", "***"),
            ("(13800000001)", "(***)"),
            ("13900000002 13800000001 6 cups", "13900000002 *** 6 cups"),
            ("8613800000001 or ann@shop.example; 13800000001", "*** or ***; ***"),
            ("电话13800000001，尽快", "电话***，尽快"),
            // The lower case of İ takes more bytes.
            ("İİ ANN@shop.example İ 13800000001 ok", "İİ *** İ *** ok"),
        ] {
            assert_eq!(both.scrubbed(text).as_deref(), Some(clean), "{text}");
            assert!(!both.is_mentioned(clean, |_| true), "{clean}");
        }
        for text in ["13900000002", "213800000001", "2026-05-01 10:00, 3 cups of tea"] {
            assert_eq!(both.scrubbed(text), None, "{text}");
        }
    }
}

//! Changes of `tags.csv`, each of one tag.

use std::collections::HashSet;

use super::{CUSTOMER, ORIGIN, Origin, TAG, TagRow, Tags};
use crate::hand::HandFile;
use crate::hand::by_customer::{People, spelling};
use crate::hand::file::{Row, Value};
use crate::schema::Key;

/// What a change did to one tag, in customers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// The tag.
    pub tag: String,
    /// Who have it now and had it not.
    pub added: u64,
    /// Who had it and have it no more.
    pub removed: u64,
    /// Who had it and have it still.
    pub kept: u64,
    /// Of those who have it, those by hand.
    pub by_hand: u64,
    /// Whether the file is another one.
    pub is_changed: bool,
}

impl Changed {
    /// How many have it.
    pub fn customer_count(&self) -> u64 {
        self.added + self.kept
    }
}

impl HandFile {
    /// Brings a tag to those whom its rule says: who has it by the rule and is none of them loses it, who is one of
    /// them and has it not gets it. Rows that are set by hand stay as they are. `person` as in [`ByCustomer::new`].
    pub fn bring_tag(
        &mut self,
        tag: &str,
        wanted: &People,
        person: &dyn Fn(Key) -> Key,
        since: i32,
    ) -> Changed {
        self.change_tag(tag, |file| {
            let mut has_it = vec![false; wanted.ids().len()];
            let is_changed = file.keep_rows_of(tag, |file, row| {
                let place = wanted.place(file.id(row, CUSTOMER), person);
                place.iter().for_each(|place| has_it[*place] = true);
                file.origin(row) == Origin::Manual || place.is_some()
            });
            let new = wanted.ids().iter().zip(has_it).filter(|(_, has_it)| !has_it);
            new.fold(is_changed, |_, (id, _)| file.add_tag(tag, id, Origin::Rule, since, ""))
        })
    }

    /// Gives a tag to customers by hand, `given` says since when and with what note. Who has it by its rule has it by
    /// hand from then on.
    pub fn give_tag<'t>(
        &mut self,
        tag: &str,
        wanted: &People,
        person: &dyn Fn(Key) -> Key,
        given: impl Fn(usize) -> (i32, &'t str),
    ) -> Changed {
        self.change_tag(tag, |file| {
            let mut has_it = vec![false; wanted.ids().len()];
            let mut is_changed = false;
            for number in 0..file.rows.len() {
                let row = &file.rows[number];
                let place =
                    if file.is_of(row, tag) { wanted.place(file.id(row, CUSTOMER), person) } else { None };
                let Some(place) = place else { continue };
                has_it[place] = true;
                if file.origin(row) == Origin::Rule {
                    file.set(number, ORIGIN, Origin::Manual.name());
                    is_changed = true;
                }
            }
            let new = wanted.ids().iter().enumerate().zip(has_it).filter(|(_, has_it)| !has_it);
            new.fold(is_changed, |_, ((place, id), _)| {
                let (since, note) = given(place);
                file.add_tag(tag, id, Origin::Manual, since, note)
            })
        })
    }

    /// Gives a tag by hand to everybody who has another one, with the day and the note of that.
    pub fn copy_tag(&mut self, from: &str, to: &str) -> Changed {
        let rows: Vec<TagRow> = Tags::of(self).all.into_iter().filter(|row| row.tag == from).collect();
        // Of a customer who has it by hand and by a rule, what the person wrote.
        let by_origin = |origin| rows.iter().filter(move |row: &&TagRow| row.origin == origin);
        let mut people = People::default();
        let mut given: Vec<(i32, &str)> = Vec::new();
        for row in by_origin(Origin::Manual).chain(by_origin(Origin::Rule)) {
            people.add_named(&row.customer_id);
            if people.ids().len() > given.len() {
                given.push((row.since, &row.note));
            }
        }
        self.give_tag(to, &people, &|key| key, |place| given[place])
    }

    /// Takes a tag from customers, whoever has set it.
    pub fn take_tag(&mut self, tag: &str, wanted: &People, person: &dyn Fn(Key) -> Key) -> Changed {
        self.change_tag(tag, |file| {
            file.keep_rows_of(tag, |file, row| wanted.place(file.id(row, CUSTOMER), person).is_none())
        })
    }

    /// Takes a tag from everybody.
    pub fn delete_tag(&mut self, tag: &str) -> Changed {
        self.change_tag(tag, |file| file.keep_rows_of(tag, |_, _| false))
    }

    /// What `edit`, which says whether it changed the file, does to a tag.
    fn change_tag(&mut self, tag: &str, edit: impl FnOnce(&mut Self) -> bool) -> Changed {
        let holders = |file: &Self, is_meant: &dyn Fn(&Row) -> bool| -> HashSet<Vec<u8>> {
            let rows = file.rows.iter().filter(|row| file.is_of(row, tag) && is_meant(row));
            rows.map(|row| spelling(file.id(row, CUSTOMER))).collect()
        };
        let before = holders(self, &|_| true);
        let is_changed = edit(self);
        let after = holders(self, &|_| true);
        let kept = after.intersection(&before).count();
        Changed {
            tag: tag.to_owned(),
            added: (after.len() - kept) as u64,
            removed: (before.len() - kept) as u64,
            kept: kept as u64,
            by_hand: holders(self, &|row| self.origin(row) == Origin::Manual).len() as u64,
            is_changed,
        }
    }

    /// Keeps the rows of a tag of which it is true, and those of other tags; whether any went.
    fn keep_rows_of(&mut self, tag: &str, mut is_kept: impl FnMut(&Self, &Row) -> bool) -> bool {
        self.keep_rows(|file, row| !file.is_of(row, tag) || is_kept(file, row)) > 0
    }

    /// Adds a row, so that the file is another one.
    fn add_tag(&mut self, tag: &str, id: &str, origin: Origin, since: i32, note: &str) -> bool {
        let note = Value::Text(note);
        self.add(&[Value::Text(tag), Value::Text(id), Value::Text(origin.name()), Value::Day(since), note]);
        true
    }

    fn is_of(&self, row: &Row, tag: &str) -> bool {
        self.is_text(row, TAG, tag)
    }

    fn origin(&self, row: &Row) -> Origin {
        Origin::of(&self.text(row, ORIGIN)).unwrap_or(Origin::Manual)
    }
}

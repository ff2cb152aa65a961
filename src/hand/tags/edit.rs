//! Changes of `tags.csv`, each of one tag.

use std::collections::HashSet;

use super::{CUSTOMER, NOTE, ORIGIN, Origin, Tags};
use crate::hand::HandFile;
use crate::hand::by_customer::{IdKeys, People};
use crate::hand::file::Value;
use crate::schema::{Day, Key};

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

/// A file of tags whose rows are known by tag, so that a change of one looks at no other's. What goes is only marked,
/// until [`Self::settle`].
#[derive(Debug)]
pub struct TagBook<'f> {
    file: &'f mut HandFile,
    tags: Tags,
    is_gone: Vec<bool>,
}

impl<'f> TagBook<'f> {
    /// Of a file.
    pub fn of(file: &'f mut HandFile) -> Self {
        let tags = Tags::of(file);
        Self { is_gone: vec![false; file.rows.len()], file, tags }
    }

    /// What the file says now.
    pub fn tags(&self) -> &Tags {
        &self.tags
    }

    /// Takes the rows out of the file that are to go.
    pub fn settle(self) {
        let mut is_gone = self.is_gone.iter();
        self.file.rows.retain(|_| !is_gone.next().copied().unwrap_or(false));
    }

    /// Brings a tag to those whom its rule says: who has it by the rule and is none of them loses it, who is one of
    /// them and has it not gets it. Rows that are set by hand stay as they are. `person` as in
    /// [`crate::hand::ByCustomer::new`].
    pub fn bring_tag(
        &mut self,
        tag: &str,
        wanted: &People,
        person: &dyn Fn(Key) -> Key,
        since: Day,
    ) -> Changed {
        self.change_tag(tag, |book| {
            let mut has_it = vec![false; wanted.ids().len()];
            let is_changed = book.keep(tag, |ids, origin| {
                let place = wanted.place(ids, person);
                place.iter().for_each(|place| has_it[*place] = true);
                origin == Origin::Manual || place.is_some()
            });
            let new = wanted.ids().iter().zip(has_it).filter(|(_, has_it)| !has_it);
            new.fold(is_changed, |_, (id, _)| book.add(tag, id, Origin::Rule, (since, "")))
        })
    }

    /// Gives a tag to customers by hand, `given` says since when and with what note. Who has it by its rule has it by
    /// hand from then on.
    pub fn give_tag<'t>(
        &mut self,
        tag: &str,
        wanted: &People,
        person: &dyn Fn(Key) -> Key,
        given: impl Fn(usize) -> (Day, &'t str),
    ) -> Changed {
        self.change_tag(tag, |book| {
            let mut has_it = vec![false; wanted.ids().len()];
            let mut is_changed = false;
            for number in book.tags.rows_of(tag).to_vec() {
                let row = &mut book.tags.rows[number as usize];
                let Some(place) = wanted.place(row.ids, person) else { continue };
                has_it[place] = true;
                if row.origin == Origin::Rule {
                    row.origin = Origin::Manual;
                    book.file.set(number as usize, ORIGIN, Origin::Manual.name());
                    is_changed = true;
                }
            }
            let new = wanted.ids().iter().enumerate().zip(has_it).filter(|(_, has_it)| !has_it);
            new.fold(is_changed, |_, ((place, id), _)| book.add(tag, id, Origin::Manual, given(place)))
        })
    }

    /// Gives a tag by hand to everybody who has another one, with the day and the note of that.
    pub fn copy_tag(&mut self, from: &str, to: &str) -> Changed {
        // Of a customer who has it by hand and by a rule, what the person wrote.
        let mut rows = self.tags.rows_of(from).to_vec();
        rows.sort_by_key(|number| self.tags.rows[*number as usize].origin);
        let mut people = People::default();
        let mut given: Vec<(Day, String)> = Vec::new();
        for number in rows {
            let row = &self.file.rows[number as usize];
            let cells = self.file.cells(row);
            people.add_named(&cells.id(CUSTOMER));
            if people.ids().len() > given.len() {
                given.push((row.day(), cells.text(NOTE)));
            }
        }
        self.give_tag(to, &people, &|key| key, |place| (given[place].0, given[place].1.as_str()))
    }

    /// Takes a tag from customers, whoever has set it.
    pub fn take_tag(&mut self, tag: &str, wanted: &People, person: &dyn Fn(Key) -> Key) -> Changed {
        self.change_tag(tag, |book| book.keep(tag, |ids, _| wanted.place(ids, person).is_none()))
    }

    /// Takes a tag from everybody.
    pub fn delete_tag(&mut self, tag: &str) -> Changed {
        self.change_tag(tag, |book| book.keep(tag, |_, _| false))
    }

    /// What `edit`, which says whether it changed the file, does to a tag.
    fn change_tag(&mut self, tag: &str, edit: impl FnOnce(&mut Self) -> bool) -> Changed {
        let before = self.holders(tag, |_| true);
        let is_changed = edit(self);
        let after = self.holders(tag, |_| true);
        let kept = after.intersection(&before).count();
        Changed {
            tag: tag.to_owned(),
            added: (after.len() - kept) as u64,
            removed: (before.len() - kept) as u64,
            kept: kept as u64,
            by_hand: self.holders(tag, |origin| origin == Origin::Manual).len() as u64,
            is_changed,
        }
    }

    /// Who has a tag, however their ids are written.
    fn holders(&self, tag: &str, is_meant: impl Fn(Origin) -> bool) -> HashSet<Key> {
        let rows = self.tags.rows_of(tag).iter().map(|number| &self.tags.rows[*number as usize]);
        rows.filter(|row| is_meant(row.origin)).map(|row| row.ids.first()).collect()
    }

    /// Keeps the rows of a tag of which it is true; whether any went.
    fn keep(&mut self, tag: &str, mut is_kept: impl FnMut(IdKeys, Origin) -> bool) -> bool {
        let Self { tags, is_gone, .. } = self;
        let Some(tag) = tags.number(tag) else { return false };
        let (rows, of_tag) = (&tags.rows, &mut tags.of_tag[tag]);
        let before = of_tag.len();
        of_tag.retain(|number| {
            let row = &rows[*number as usize];
            let is_kept = is_kept(row.ids, row.origin);
            is_gone[*number as usize] = !is_kept;
            is_kept
        });
        of_tag.len() < before
    }

    /// Adds a row, so that the file is another one.
    fn add(&mut self, tag: &str, id: &str, origin: Origin, (since, note): (Day, &str)) -> bool {
        let note = Value::Text(note);
        self.tags.push(tag, IdKeys::of(id), origin);
        self.is_gone.push(false);
        self.file.add(&[
            Value::Text(tag),
            Value::Text(id),
            Value::Text(origin.name()),
            Value::Day(since),
            note,
        ]);
        true
    }
}

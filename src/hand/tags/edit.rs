//! Changes of `tags.csv`, one tag at a time.

use std::collections::HashSet;

use super::{CUSTOMER, NOTE, ORIGIN, Origin, Tags};
use crate::hand::HandFile;
use crate::hand::by_customer::{IdKeys, People};
use crate::hand::file::Value;
use crate::schema::{Day, Key};

/// What a change did to one tag, counted in customers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// The tag.
    pub tag: String,
    /// Customers who have it now and did not before.
    pub added: u64,
    /// Customers who had it and do not any more.
    pub removed: u64,
    /// Customers who had it and still do.
    pub kept: u64,
    /// Customers who have it, set by hand.
    pub by_hand: u64,
    /// Whether the file changed.
    pub is_changed: bool,
}

impl Changed {
    /// The number of customers who have the tag.
    pub fn customer_count(&self) -> u64 {
        self.added + self.kept
    }
}

/// A file of tags, with its rows indexed by tag, so that a change of one tag does not read the rows of others. Removed
/// rows are only marked until [`Self::settle`].
#[derive(Debug)]
pub struct TagBook<'f> {
    file: &'f mut HandFile,
    tags: Tags,
    is_gone: Vec<bool>,
}

impl<'f> TagBook<'f> {
    /// Indexes the tags of a file.
    pub fn of(file: &'f mut HandFile) -> Self {
        let tags = Tags::of(file);
        Self { is_gone: vec![false; file.rows.len()], file, tags }
    }

    /// The current content of the file.
    pub fn tags(&self) -> &Tags {
        &self.tags
    }

    /// Removes the marked rows from the file.
    pub fn settle(self) {
        let mut is_gone = self.is_gone.iter();
        self.file.rows.retain(|_| !is_gone.next().copied().unwrap_or(false));
    }

    /// Sets a tag for exactly the customers that its rule gives: those who have it by the rule and are not among them
    /// lose it; those among them who do not have it get it. Rows set by hand stay. `person` as in
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

    /// Gives a tag to customers by hand; `given` is the day and the note. Customers who had it by its rule have it by
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

    /// Gives the tag `to` by hand to every customer who has `from`, with the same day and note.
    pub fn copy_tag(&mut self, from: &str, to: &str) -> Changed {
        // If a customer has it both by hand and by a rule, the row set by hand is copied.
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

    /// Removes a tag from customers, whoever has set it.
    pub fn take_tag(&mut self, tag: &str, wanted: &People, person: &dyn Fn(Key) -> Key) -> Changed {
        self.change_tag(tag, |book| book.keep(tag, |ids, _| wanted.place(ids, person).is_none()))
    }

    /// Removes a tag from all customers.
    pub fn delete_tag(&mut self, tag: &str) -> Changed {
        self.change_tag(tag, |book| book.keep(tag, |_, _| false))
    }

    /// Runs `edit`, which returns whether it changed the file, and counts what it did to the tag.
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

    /// The customers who have a tag, in whatever form their ids are written.
    fn holders(&self, tag: &str, is_meant: impl Fn(Origin) -> bool) -> HashSet<Key> {
        let rows = self.tags.rows_of(tag).iter().map(|number| &self.tags.rows[*number as usize]);
        rows.filter(|row| is_meant(row.origin)).map(|row| row.ids.first()).collect()
    }

    /// Keeps the rows of a tag for which `is_kept` is true. Returns whether any was removed.
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

    /// Adds a row. Returns true, since the file changes.
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

//! `notes.csv`: notes on customers, one line each.

use std::cmp::Reverse;

use super::HandFile;
use super::by_customer::{ByCustomer, spelling};
use super::file::{Row, Value};
use crate::schema::{Day, Key};

/// The columns, by index in [`super::NOTES`].
const CUSTOMER: usize = 0;
const NOTE: usize = 2;

/// One note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The customer's id, as it stands in the file.
    pub customer_id: String,
    /// The day of the note.
    pub noted_on: Day,
    /// The text.
    pub text: String,
}

/// All notes of a file.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    /// Sorted by customer id, the newest first; of one day the last in the file first.
    pub all: Vec<Note>,
}

/// The notes on each customer, the newest first.
pub type CustomerNotes = ByCustomer<Note>;

impl Notes {
    /// The notes in a file; rows without a text are skipped.
    pub fn of(file: &HandFile) -> Self {
        let note = |row: &Row| {
            let cells = file.cells(row);
            Note { customer_id: cells.id(CUSTOMER), noted_on: row.day(), text: cells.text(NOTE) }
        };
        let mut all: Vec<Note> =
            file.rows.iter().rev().map(note).filter(|note| !note.text.is_empty()).collect();
        all.sort_by_cached_key(|note| (spelling(&note.customer_id), Reverse(note.noted_on)));
        Self { all }
    }

    /// The number of customers with notes, in whatever form their ids are written.
    pub fn customer_count(&self) -> usize {
        self.all.chunk_by(|a, b| spelling(&a.customer_id) == spelling(&b.customer_id)).count()
    }

    /// The notes on one customer.
    pub fn of_customer(self, id: &str) -> Self {
        let id = spelling(id);
        Self { all: self.all.into_iter().filter(|note| spelling(&note.customer_id) == id).collect() }
    }

    /// The notes on each customer; `person` as in [`ByCustomer::new`].
    pub fn by_customer(self, person: impl Fn(Key) -> Key) -> CustomerNotes {
        let mut newest_first = self.all;
        newest_first.sort_by_key(|note| Reverse(note.noted_on));
        ByCustomer::new(newest_first.into_iter().map(|note| (note.customer_id.clone(), note)), person)
    }
}

impl HandFile {
    /// Adds a note, unless the customer's newest note of that day has the same text. Returns whether it was added.
    pub fn add_note(&mut self, note: &Note) -> bool {
        let theirs = Notes::of(self).of_customer(&note.customer_id);
        let of_that_day = theirs.all.iter().find(|other| other.noted_on == note.noted_on);
        if of_that_day.is_some_and(|other| other.text == note.text) {
            return false;
        }
        self.add(&[Value::Text(&note.customer_id), Value::Day(note.noted_on), Value::Text(&note.text)]);
        true
    }

    /// Removes the notes on a customer. Returns how many there were.
    pub fn clear_notes(&mut self, id: &str) -> usize {
        self.clear_customer(CUSTOMER, id)
    }
}

//! `source_corrections.csv`: corrected sources of customers, one line each.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::HandFile;
use super::by_customer::{ByCustomer, spelling};
use super::file::{Row, Value};
use crate::schema::{Day, Key};

/// The columns, by index in [`super::SOURCES`].
const CUSTOMER: usize = 0;
const SOURCE: usize = 1;
const REASON: usize = 3;

/// The longest name of a source, in characters.
const MAX_SOURCE_CHARS: usize = 200;

/// A text as the name of a source, trimmed; `None` if it cannot be one.
pub fn source_name(text: &str) -> Option<&str> {
    let name = text.trim();
    let is_name = (1..=MAX_SOURCE_CHARS).contains(&name.chars().count()) && !name.contains(char::is_control);
    is_name.then_some(name)
}

/// One correction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The customer's id, as it stands in the file.
    pub customer_id: String,
    /// The corrected source.
    pub source: String,
    /// The day of the correction.
    pub corrected_on: Day,
    /// The reason.
    pub reason: String,
}

/// All corrections of a file.
#[derive(Debug, Clone, Default)]
pub struct Corrections {
    /// Sorted by customer id, the newest first; of one day the last in the file first.
    pub all: Vec<Correction>,
}

/// The corrections for each customer; the first one counts.
pub type CustomerSources = ByCustomer<Correction>;

impl Corrections {
    /// The corrections in a file.
    pub fn of(file: &HandFile) -> Self {
        let row = |row: &Row| {
            let cells = file.cells(row);
            Correction {
                customer_id: cells.id(CUSTOMER),
                source: cells.text(SOURCE),
                corrected_on: row.day(),
                reason: cells.text(REASON),
            }
        };
        let mut all: Vec<Correction> = file.rows.iter().rev().map(row).collect();
        all.sort_by_cached_key(|one| (spelling(&one.customer_id), Reverse(one.corrected_on)));
        Self { all }
    }

    /// The number of customers with corrections, in whatever form their ids are written.
    pub fn customer_count(&self) -> usize {
        self.all.chunk_by(|a, b| spelling(&a.customer_id) == spelling(&b.customer_id)).count()
    }

    /// The corrections for these customer ids.
    pub fn of_customers(self, ids: &[String]) -> Self {
        let ids: HashSet<Vec<u8>> = ids.iter().map(|id| spelling(id)).collect();
        Self { all: self.all.into_iter().filter(|one| ids.contains(&spelling(&one.customer_id))).collect() }
    }

    /// The corrections for each customer; `person` as in [`ByCustomer::new`].
    pub fn by_customer(self, person: impl Fn(Key) -> Key) -> CustomerSources {
        let mut newest_first = self.all;
        newest_first.sort_by_key(|one| Reverse(one.corrected_on));
        ByCustomer::new(newest_first.into_iter().map(|one| (one.customer_id.clone(), one)), person)
    }
}

impl HandFile {
    /// Adds corrections, except those equal to the customer's newest of that day. Returns whether any was added.
    pub fn add_corrections(&mut self, corrections: &[Correction]) -> bool {
        let before = self.rows.len();
        let place = |one: &Correction| (spelling(&one.customer_id), one.corrected_on);
        let mut newest: HashMap<(Vec<u8>, Day), (String, String)> = HashMap::new();
        for one in Corrections::of(self).all {
            newest.entry(place(&one)).or_insert((one.source, one.reason));
        }
        for one in corrections {
            let said = (one.source.clone(), one.reason.clone());
            if newest.insert(place(one), said.clone()) == Some(said) {
                continue;
            }
            let (source, reason) = (Value::Text(&one.source), Value::Text(&one.reason));
            self.add(&[Value::Text(&one.customer_id), source, Value::Day(one.corrected_on), reason]);
        }
        self.rows.len() > before
    }

    /// Removes the corrections for a customer. Returns how many there were.
    pub fn clear_corrections(&mut self, id: &str) -> usize {
        self.clear_customer(CUSTOMER, id)
    }
}

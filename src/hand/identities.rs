//! `identities.csv`: decisions on which customer ids are one person's, one line per pair.

use super::HandFile;
use super::by_customer::spelling;
use super::file::{Row, Value};
use crate::parse::Decision;

/// The columns, by index in [`super::IDENTITIES`].
const CUSTOMER: usize = 0;
const OTHER: usize = 1;
const DECISION: usize = 2;
const NOTE: usize = 4;

/// Both ids are one person's.
pub const SAME: &str = "same";
/// The ids are two people's.
pub const NOT_SAME: &str = "not_same";

/// The decisions of a file, as they stand in it.
pub fn decisions(file: &HandFile) -> Vec<Decision> {
    let decision = |(place, row): (u64, &Row)| {
        let cells = file.cells(row);
        Decision {
            ids: [cells.id(CUSTOMER), cells.id(OTHER)],
            is_same: cells.text(DECISION) == SAME,
            noted_on: row.day(),
            note: cells.text(NOTE),
            // New rows are behind the others; the header is record 1.
            record: if row.number == 0 { place + 2 } else { row.number },
        }
    };
    (0..).zip(&file.rows).map(decision).collect()
}

impl HandFile {
    /// Adds a decision, replacing an earlier one about the same two ids. Returns whether the file changed.
    pub fn decide(&mut self, decision: &Decision) -> bool {
        let pair = pair(&decision.ids);
        let is_said = |other: &Decision| {
            (other.is_same, other.noted_on, &other.note)
                == (decision.is_same, decision.noted_on, &decision.note)
        };
        let before = decisions(self);
        let mut of_pair = before.iter().filter(|other| self::pair(&other.ids) == pair);
        if of_pair.next().is_some_and(is_said) && of_pair.next().is_none() {
            return false;
        }
        let ids = |file: &Self, row: &Row| [CUSTOMER, OTHER].map(|column| file.cells(row).id(column));
        self.keep_rows(|file, row| self::pair(&ids(file, row)) != pair);
        let [customer, other] = &decision.ids;
        self.add(&[
            Value::Text(customer),
            Value::Text(other),
            Value::Text(if decision.is_same { SAME } else { NOT_SAME }),
            Value::Day(decision.noted_on),
            Value::Text(&decision.note),
        ]);
        true
    }
}

/// Two ids in a form that does not depend on their order.
fn pair(ids: &[String; 2]) -> [Vec<u8>; 2] {
    let mut pair = ids.each_ref().map(|id| spelling(id));
    pair.sort_unstable();
    pair
}

//! Quarantined rows: the file for them, the messages about them, and how many are too many.

use std::str::FromStr;

use super::statuses;
use super::usage::Refused;
use crate::error::{Error, Result};
use crate::locale::{Lang, Locale, Words};
use crate::present::sink::Sink;
use crate::schema::Table;
use crate::schema::money::{Micros, UNIT, parse_plain};
use crate::schema::reject::{Reason, Reject};
use crate::text::neutral;

/// Writes rejects as CSV: `file, record, reason, column, seen, expected, raw`.
pub fn write(rejects: &[Reject], sink: Sink) -> Result<()> {
    sink.write_with(|out| {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(["file", "record", "reason", "column", "seen", "expected", "raw"])?;
        for reject in rejects {
            let record = reject.record.to_string();
            let (file, column) = (neutral(&reject.file), neutral(reject.column.as_deref().unwrap_or("")));
            csv.write_record([
                &*file,
                &record,
                reject.reason.code(),
                &*column,
                &neutral(&reject.seen),
                reject.reason.expected(),
                &neutral(&reject.raw),
            ])?;
        }
        csv.flush()
    })
}

/// The most rows that may be unreadable: a number, or a share of the rows read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaxRejects {
    text: String,
    most: Most,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Most {
    Rows(u64),
    Percent(Micros),
}

impl FromStr for MaxRejects {
    type Err = Refused;

    fn from_str(text: &str) -> Result<Self, Refused> {
        let most = match text.strip_suffix('%') {
            Some(percent) => parse_plain(percent)
                .filter(|percent| (Micros::ZERO..=Micros::units(100)).contains(percent))
                .map(Most::Percent),
            None => text.parse().ok().map(Most::Rows),
        };
        let most = most.ok_or_else(|| Refused(Words::of("refused", "max_rejects", &[])))?;
        Ok(Self { text: text.to_owned(), most })
    }
}

impl MaxRejects {
    fn allows(&self, rejected: u64, read: u64) -> bool {
        match self.most {
            Most::Rows(most) => rejected <= most,
            Most::Percent(most) => {
                u128::from(rejected) * 100 * UNIT as u128
                    <= most.number().unsigned_abs() as u128 * u128::from(read)
            }
        }
    }
}

/// How many rows that cannot be read a run accepts.
#[derive(Debug, Clone, Default)]
pub struct Tolerance {
    /// Whether none is accepted.
    pub is_strict: bool,
    /// The most that are accepted.
    pub most: Option<MaxRejects>,
}

/// The rows that a run could not read.
#[derive(Debug, Clone, Copy)]
pub struct Unread<'a> {
    /// The rows.
    pub rejects: &'a [Reject],
    /// All rows that were read.
    pub rows_read: u64,
    /// Tables of which no row could be read, with their number of rows.
    pub tables: &'a [(Table, u64)],
    /// Whether the rows are written to a file.
    pub has_file: bool,
}

/// The number of rows that a verbose run shows.
pub const SHOWN_WHEN_VERBOSE: usize = 5;

impl Unread<'_> {
    /// Fails if there are more than the run accepts, or a table could not be read at all.
    ///
    /// # Errors
    /// With the first of the rows, and what to do.
    pub fn judge(&self, tolerance: &Tolerance) -> Result<()> {
        let Some(first) = self.rejects.first() else { return Ok(()) };
        let count = self.rejects.len() as u64;
        let mut values = vec![
            ("what", rows(count).to_string()),
            ("place", first.place().to_string()),
            ("file", self.hint()),
        ];
        if tolerance.is_strict {
            return Err(Error::data_of("strict", &values));
        }
        if let Some(most) = tolerance.most.as_ref().filter(|most| !most.allows(count, self.rows_read)) {
            values.extend([("n", self.rows_read.to_string()), ("most", most.text.clone())]);
            return Err(Error::data_of("too_many_rejects", &values));
        }
        let Some((table, count)) = self.tables.first() else { return Ok(()) };
        let reason = self.usual_reason();
        values.extend([
            ("n", count.to_string()),
            ("canonical", table.name().to_owned()),
            ("reason", reason.code().to_owned()),
        ]);
        let message = Words::of("error", "unreadable", &values);
        let hint = match (reason, statuses::snippet(self.rejects)) {
            (Reason::UnknownStatus, Some(snippet)) => {
                let teach = Words::of("error", "unreadable_status", &values);
                Words {
                    en: format!("{}\n{}", teach.en, snippet.en),
                    zh: format!("{}\n{}", teach.zh, snippet.zh),
                }
            }
            _ => Words::of("error", remedy(reason), &values),
        };
        Err(Error::data(message, hint))
    }

    /// The single line that a quiet run prints.
    pub fn line(&self, locale: &Locale) -> Option<String> {
        if self.rejects.is_empty() {
            return None;
        }
        let values = [("what", rows(self.rejects.len() as u64).to_string()), ("file", self.hint())];
        Some(Words::of("error", "left_out", &values).get(locale.lang).to_owned())
    }

    /// The messages about the rows; the first `shown` rows are quoted.
    pub fn notes(&self, shown: usize, locale: &Locale) -> Vec<String> {
        let shown =
            self.rejects.iter().take(shown).map(|reject| format!("  {}", reject.place().get(locale.lang)));
        self.line(locale).into_iter().chain(shown).chain(self.words_to_teach(locale)).collect()
    }

    /// Unknown status words, as a snippet for the configuration.
    pub fn words_to_teach(&self, locale: &Locale) -> Option<String> {
        let snippet = statuses::snippet(self.rejects)?;
        Some(format!("{}\n{}", Words::of("error", "teach", &[]).get(locale.lang), snippet.get(locale.lang)))
    }

    /// The most frequent reason; of equally frequent ones the first.
    fn usual_reason(&self) -> Reason {
        let count = |reason: &Reason| self.rejects.iter().filter(|reject| reject.reason == *reason).count();
        let most = Reason::ALL.iter().rev().max_by_key(|reason| count(reason));
        most.copied().unwrap_or(Reason::TooFewCells)
    }

    fn hint(&self) -> String {
        if self.has_file { String::new() } else { Words::of("error", "rejects_file", &[]).to_string() }
    }
}

/// The key of the translation that says what to do about rows quarantined for this reason.
fn remedy(reason: Reason) -> &'static str {
    match reason {
        Reason::TooFewCells | Reason::TooManyCells | Reason::UnclosedQuote => "unreadable_cells",
        // These occur in hand-kept files only, which say themselves what to do about a row.
        Reason::BadTag | Reason::BadOrigin | Reason::BadSource => "unreadable_cells",
        Reason::OtherColumns => "unreadable_other_columns",
        Reason::BadEncoding => "unreadable_encoding",
        Reason::MissingOrderId | Reason::RoundedId => "unreadable_ids",
        Reason::MissingDate | Reason::BadDate | Reason::ImpossibleDate => "unreadable_dates",
        Reason::MissingAmount | Reason::BadAmount => "unreadable_amounts",
        Reason::UnknownStatus => "unreadable_blank_status",
        Reason::UnknownKind => "unreadable_kinds",
        // Decisions occur in hand-kept files only, and their reader names the row.
        Reason::MissingCustomer | Reason::UnknownDecision => "unreadable_customers",
    }
}

fn rows(count: u64) -> Words {
    let text =
        |lang: Lang| lang.locale().count("row_count", count, &crate::locale::grouped(&count.to_string()));
    Words { en: text(Lang::En), zh: text(Lang::Zh) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_rows_or_so_much_of_them_may_be_unread() {
        for (text, rejected, read, is_allowed) in [
            ("0", 0, 10, true),
            ("0", 1, 10, false),
            ("3", 3, 10, true),
            ("3", 4, 1_000_000, false),
            ("10%", 1, 10, true),
            ("10%", 2, 11, false),
            ("0.5%", 5, 1000, true),
            ("0.5%", 6, 1000, false),
            ("100%", 7, 7, true),
            ("0%", 1, u64::MAX, false),
        ] {
            let most: MaxRejects = text.parse().expect(text);
            assert_eq!(most.allows(rejected, read), is_allowed, "{text}: {rejected} of {read}");
        }
        for wrong in ["", "%", "-1", "101%", "1e3", "ten", "-1%"] {
            assert!(wrong.parse::<MaxRejects>().is_err(), "{wrong}");
        }
    }
}

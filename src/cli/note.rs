//! `ecrm note`.

use clap::Args;
use polars::prelude::{Column, DataFrame};

use super::kept::{self, Kept, KeptArgs, Open};
use crate::error::{Error, Result};
use crate::hand::{HandFile, NOTES, Note, Notes};
use crate::metrics::finish::dates;
use crate::present::{Kind, Report, Spec, Table};
use crate::schema::accounting::Accounting;
use crate::schema::names;

/// Note something of a customer, show what is noted, remove it
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm note 1001 'allergic to nuts'       note it, dated today
  ecrm note 1001                          what is noted of this customer, the newest first
  ecrm note                               every note
  ecrm note 1001 --clear                  remove all notes of this customer
  ecrm customers exports/* --columns customer_id,note --where \"note is not null\"

Notes are kept in notes.csv (customer_id, noted_on, note) beside ecrm.toml, a file that you may also edit by hand or in a \
spreadsheet: a line per note, so that a new one removes none. The column `note` of `ecrm customers` and of every --where is \
the newest of a customer, by noted_on, of one day the lower line; it is there whatever --as-of says. The same text twice \
running on one day is one note. What is noted of people whom no export names is kept, and makes them no customers. A row that cannot \
be read is named, and then nothing is written over the file; whatever encoding it had, it is written in \
UTF-8. A text that begins with - goes behind --: ecrm note 1001 -- '-5 %'. The exit code is 1 when there is nothing to --clear.")]
pub struct NoteArgs {
    /// The customer's id, as the exports have it [default: everybody who has a note]
    #[arg(value_name = "CUSTOMER")]
    customer: Option<String>,

    /// What to note
    #[arg(value_name = "TEXT", conflicts_with = "clear")]
    text: Option<String>,

    /// Remove all notes of the customer
    #[arg(long, requires = "customer")]
    clear: bool,

    /// The day of the note, YYYY-MM-DD or today [default: today, in the shop's zone where ecrm.toml names it]
    #[arg(long, value_name = "DAY", requires = "text")]
    on: Option<String>,

    #[command(flatten)]
    kept: KeptArgs,
}

impl NoteArgs {
    /// Adds or removes notes if asked to, and then writes the notes of the customer, or of everybody.
    pub fn run(self) -> Result<()> {
        let kept = self.kept.find()?;
        let customer = self.customer.as_deref().map(kept::customer).transpose()?;
        let note = self.note(customer.as_deref(), &kept)?;
        let open = kept.open(&NOTES, "notes_here", None)?;
        match (&note, &customer) {
            (Some(note), _) => open.change(
                &NOTES,
                |file| Ok(file.add_note(note)),
                |open, file| show(open, file, customer.as_deref()),
            ),
            (None, Some(id)) if self.clear => {
                let clear = |file: &mut HandFile| match file.clear_notes(id) {
                    0 => Err(none_of(id)),
                    _ => Ok(true),
                };
                open.change(&NOTES, clear, |open, file| show(open, file, customer.as_deref()))
            }
            _ => {
                let file = HandFile::read(&NOTES, &open.folder)?;
                show(open, &file, customer.as_deref())
            }
        }
    }

    /// The note to add, if a text is given.
    fn note(&self, customer: Option<&str>, kept: &Kept) -> Result<Option<Note>> {
        let (Some(customer), Some(text)) = (customer, &self.text) else { return Ok(None) };
        let text = text.replace("\r\n", "\n").trim().to_owned();
        if text.is_empty() {
            return Err(Error::usage_of("note_empty", &[]));
        }
        let noted_on = kept.day(self.on.as_deref())?;
        Ok(Some(Note { customer_id: customer.to_owned(), noted_on, text }))
    }
}

/// Writes the notes on everybody, or on one customer.
fn show(open: Open, file: &HandFile, customer: Option<&str>) -> Result<()> {
    open.say_rejects(file);
    let notes = customer.iter().fold(Notes::of(file), |notes, customer| notes.of_customer(customer));
    let report = report(&notes, customer.is_some(), kept::accounting(file, notes.all.len()))?;
    open.write(&report)
}

fn none_of(customer: &str) -> Error {
    Error::data_of("note_none", &[("id", customer.to_owned())])
}

/// Notes as a table. Those on one customer are shown in full.
fn report(notes: &Notes, is_of_one: bool, accounting: Accounting) -> Result<Report> {
    let customer_count = notes.customer_count();
    let notes = &notes.all;
    let ids: Vec<&str> = notes.iter().map(|note| note.customer_id.as_str()).collect();
    let texts: Vec<&str> = notes.iter().map(|note| note.text.as_str()).collect();
    let frame = DataFrame::new(
        notes.len(),
        vec![
            Column::new(names::CUSTOMER_ID.into(), ids),
            dates(names::NOTED_ON, notes.iter().map(|note| Some(note.noted_on))),
            Column::new(names::NOTE.into(), texts),
        ],
    )?;
    let columns = vec![
        Spec::new(names::CUSTOMER_ID, Kind::CustomerId, 0),
        Spec::new(names::NOTED_ON, Kind::Date, 0),
        Spec::new(names::NOTE, if is_of_one { Kind::Text } else { Kind::Title }, 0),
    ];
    let table = Table::new("notes", "notes", columns, frame);
    Ok(kept::report("note", vec![table], customer_count, accounting))
}

//! `ecrm note`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use polars::prelude::{Column, DataFrame};
use serde_json::Map;

use super::files::Files;
use super::reply::Reply;
use super::shared::ListArgs;
use super::{configuration, output, reading, voice};
use crate::config::{Config, rules};
use crate::error::{Error, Result, said};
use crate::hand::{self, HandFile, NOTES, Note, Notes};
use crate::locale::Remark;
use crate::metrics::finish::dates;
use crate::parse::value::id::{self, Id};
use crate::present::{Kind, Report, Spec, Table};
use crate::schema::accounting::Accounting;
use crate::schema::names;
use crate::schema::reject::Reason;

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
the newest of a customer, by noted_on, of one day the lower line; it is there whatever --as-of says. The same text twice on \
one day is one note. What is noted of people whom no export names is kept, and makes them no customers. A row that cannot \
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

    /// The folder of notes.csv [default: that of ecrm.toml, else the current one]
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    folder: Option<PathBuf>,

    /// The configuration [default: ecrm.toml here or in a folder above]
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    config: Option<PathBuf>,

    #[command(flatten)]
    output: ListArgs,

    /// Show e-mail addresses and phone numbers in full
    #[arg(long, help_heading = "Output")]
    show_pii: bool,
}

impl NoteArgs {
    /// Notes, shows or removes; what there is of the customer then is the result.
    pub fn run(self) -> Result<()> {
        let output = self.output.output(None, self.show_pii);
        output::lang(output.lang, &Config::default());
        let config = configuration::find(self.config.as_deref())?;
        let reply = Reply::lines(output::lang(output.lang, &config).locale());
        let customer = self.customer.as_deref().map(customer).transpose()?;
        let note = self.note(customer.as_deref(), &config)?;
        let (folder, is_said) = self.folder(&config);
        let path = NOTES.path(&folder);
        Files::default()
            .read(config.path.as_deref())
            .read(Some(&path))
            .configured(&config)
            .write("-o", Some(output.output.as_deref().unwrap_or(Path::new("-"))))
            .check()?;
        let format = output::format(&output, &config)?;
        let (style, sink) = (output::style(&output, format, &config), output::sink(&output)?);
        if style.shows_pii {
            voice::show_pii();
        }
        configuration::note(&config).iter().for_each(|remark| reply.remark(remark));
        if !is_said {
            reply.remark(&Remark::new("notes_here").with("file", path.display()));
        }
        voice::detail(&path.display().to_string());
        let file = match (&note, &customer) {
            (Some(note), _) => hand::change(&NOTES, &folder, |file| {
                let is_new = file.add_note(note);
                Ok((file.clone(), is_new))
            })?,
            (None, Some(customer)) if self.clear => {
                hand::change(&NOTES, &folder, |file| match file.clear_notes(customer) {
                    0 => Err(none_of(customer)),
                    _ => Ok((file.clone(), true)),
                })?
            }
            _ => HandFile::read(&NOTES, &folder)?,
        };
        if let Some(first) = file.rejects.first() {
            let remark = Remark::new("hand_rejects").with("n", file.rejects.len());
            reply.remark(&remark.with("place", first.place()));
        }
        let notes = Notes::of(&file);
        let is_of_one = customer.is_some();
        let notes = customer.iter().fold(notes, |notes, customer| notes.of_customer(customer));
        let report = report(&notes, is_of_one, accounting(&file, notes.all.len()))?;
        format.write(&report, &style, sink)
    }

    /// What to note.
    fn note(&self, customer: Option<&str>, config: &Config) -> Result<Option<Note>> {
        let (Some(customer), Some(text)) = (customer, &self.text) else { return Ok(None) };
        let text = text.replace("\r\n", "\n").trim().to_owned();
        if text.is_empty() {
            let (message, hint) = said("note_empty", &[]);
            return Err(Error::usage(message, hint));
        }
        let noted_on = match self.on.as_deref() {
            Some(day) if day != "today" => rules::day(day)?,
            _ => reading::today(config.read.tz.as_deref().map(rules::zone).transpose()?),
        };
        Ok(Some(Note { customer_id: customer.to_owned(), noted_on, text }))
    }

    /// The folder of the notes, and whether anybody has named it.
    fn folder(&self, config: &Config) -> (PathBuf, bool) {
        match &self.folder {
            Some(folder) => (folder.clone(), true),
            None => (configuration::folder(config), config.path.as_deref().is_some_and(Path::is_file)),
        }
    }
}

/// An id without what spreadsheets wrap around it.
pub(super) fn customer(id: &str) -> Result<String> {
    match id::parse(id.as_bytes()) {
        Id::Text(text) => Ok(String::from_utf8_lossy(text).into_owned()),
        Id::Null | Id::Masked | Id::StandIn | Id::Rounded => {
            let (message, hint) = said("note_nobody", &[("id", format!("{id:?}"))]);
            Err(Error::usage(message, hint))
        }
    }
}

fn none_of(customer: &str) -> Error {
    let (message, hint) = said("note_none", &[("id", customer.to_owned())]);
    Error::data(message, hint)
}

/// Where the rows of the file went: the notes that are shown, and the rows that cannot be read.
pub(super) fn accounting(file: &HandFile, shown: usize) -> Accounting {
    let mut quarantined: BTreeMap<Reason, u64> = BTreeMap::new();
    file.rejects.iter().for_each(|reject| *quarantined.entry(reject.reason).or_default() += 1);
    let (shown, rejected) = (shown as u64, file.rejects.len() as u64);
    Accounting {
        rows_read: shown + rejected,
        rows_used: shown,
        quarantined: quarantined.into_iter().collect(),
        ..Accounting::default()
    }
}

/// Notes as a table. Those of one customer are shown whole.
fn report(notes: &Notes, is_of_one: bool, accounting: Accounting) -> Result<Report> {
    let customer_count = notes.customer_count() as u64;
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
    Ok(Report {
        name: "note",
        parameters: Map::new(),
        as_of: None,
        window: None,
        customer_count,
        order_count: 0,
        accounting,
        tables: vec![Table::new("notes", "notes", columns, frame)],
        ids_are_personal: true,
        titles: Vec::new(),
        truncated: Map::new(),
    })
}

//! One run of a command that reads exports: what all these commands do before and after computing their answer.

mod asking;
mod by_hand;
mod contacts;
mod joining;
mod looking;
mod narrowing;
mod recording;
mod whole;
mod writing;

pub use asking::Asking;
use contacts::Contacts;
pub use looking::Recognised;
pub use recording::Log;
pub use whole::Head;

use std::path::{Path, PathBuf};

use super::reading::OfKinds;
use super::rejects::{Tolerance, Unread};
use super::{progress, reading, rejects, voice, worded};
use crate::answer;
use crate::config::Config;
use crate::customers::{OrdersWhere, Where};
use crate::error::Result;
use crate::export::About;
use crate::hand;
use crate::locale::{Locale, Remark, harmless};
use crate::metrics::{ScopeRequest, latest};
use crate::parse::source::{Input, Place};
use crate::parse::{IdentityOptions, ReadOptions, SourceInfo};
use crate::place::FileIdentity;
use crate::present::sink::Sink;
use crate::present::{Format, Style, no_table};
use crate::reading::{Ingested, read, read_any};
use crate::schema::{self, Day, Events, Orders, RowParts, Wants};

/// A run whose arguments are valid and whose outputs are open.
pub struct Session {
    /// The configuration.
    pub config: Config,
    name: &'static str,
    inputs: Vec<Input>,
    options: ReadOptions,
    /// Which orders count, according to flags and configuration.
    request: ScopeRequest,
    /// The condition on customers, if there is one, and its text.
    chosen: Option<Where>,
    condition: Option<String>,
    /// The condition on orders, if there is one.
    orders_where: Option<OrdersWhere>,
    /// The tables that the question itself needs, without those that only conditions need.
    tables: Vec<schema::Table>,
    /// The sources whose events are left out.
    excluded_sources: Vec<String>,
    tolerance: Tolerance,
    of_kinds: OfKinds,
    has_rejects_file: bool,
    is_quiet: bool,
    is_verbose: bool,
    format: Format,
    style: Style,
    /// The translations for what is printed beside the result.
    spoken: &'static Locale,
    /// The currency of the amounts, where it is known.
    currency: Option<String>,
    sink: Sink,
    rejects: Option<Sink>,
    manifest: Option<Sink>,
    /// How contacts and names are shown.
    contacts: Contacts,
    /// The folder of the hand-kept files.
    hand_folder: PathBuf,
    /// Summaries of the hand-kept files that were read.
    hand: Vec<hand::Summary>,
    /// Remarks on what was read.
    notes: Vec<Remark>,
    /// The tables of an export that a cluster reads instead of this process.
    exported: Vec<answer::Input>,
    /// The path and the description of that export.
    export: Option<(String, About)>,
}

impl Session {
    /// Reads the inputs and prints the remarks on them. At least one input must hold one of the given tables. The
    /// orders are not sorted.
    pub fn read_rows(&mut self, tables: &[schema::Table]) -> Result<Ingested<RowParts>> {
        let mut ingested = self.ingest(|inputs, options| read_any(inputs, options, tables))?;
        self.currency.clone_from(&ingested.orders.currency);
        self.take_all_valid(&ingested);
        self.notes = [ingested.notes.clone(), self.idle_notes(&ingested)].concat();
        self.remark(&self.notes);
        if let Some(sink) = self.rejects.take() {
            rejects::write(&ingested.rejects, sink)?;
        }
        let unread = self.unread(&ingested);
        unread.judge(&self.tolerance)?;
        if self.is_quiet {
            unread.line(self.spoken).iter().for_each(|line| voice::tell_note(line));
        }
        let shown = if self.is_verbose { rejects::SHOWN_WHEN_VERBOSE } else { 1 };
        unread.notes(shown, self.spoken).iter().for_each(|note| self.note(note));
        self.read_by_hand(&mut ingested)?;
        Ok(ingested)
    }

    /// Where no order has an amount, every order counts unless its status says otherwise.
    fn take_all_valid<P>(&mut self, ingested: &Ingested<P>) {
        self.request.include_zero_orders |= ingested.orders.lacks_amounts;
    }

    fn unread<'a, P>(&self, ingested: &'a Ingested<P>) -> Unread<'a> {
        Unread {
            rejects: &ingested.rejects,
            rows_read: ingested.sources.iter().map(|source| source.rows_read).sum(),
            tables: &ingested.unreadable,
            has_file: self.has_rejects_file,
        }
    }

    /// Remarks on settings that have no effect on these inputs.
    fn idle_notes<P>(&self, ingested: &Ingested<P>) -> Vec<Remark> {
        let mut notes = Vec::new();
        let dates = &ingested.dates;
        if self.options.date_order.is_some()
            && !dates.is_empty()
            && dates.iter().all(|of| of.order == "year_first")
        {
            notes.push(Remark::new("date_order_idle"));
        }
        if self.request.excludes_occasional && !ingested.orders.has_region_column {
            notes.push(Remark::new("occasional_idle"));
        }
        notes
    }

    /// Prints a remark where the as-of day taken from the data is doubtful.
    pub fn doubt_as_of(&self, orders: &Orders, events: Option<&Events>) -> Result<()> {
        let doubt = latest::doubts(&self.request, orders, events, self.today())?;
        self.remark(doubt.as_slice());
        Ok(())
    }

    /// Reads one more customer export with the options of the inputs. A map that names none of its columns is no error.
    ///
    /// # Errors
    /// The errors of reading; also when rows cannot be read and this is not tolerated.
    pub fn read_customers(&self, path: &Path) -> Result<Ingested<RowParts>> {
        let table = Some(schema::Table::Customers);
        let input = Input { table, ..Input::file(path) };
        let wants = Wants { tables: table.into_iter().collect(), details: true, ..Wants::default() };
        let options = ReadOptions { wants, progress: Default::default(), ..self.options.clone() };
        let read = read(&[input], &options)?;
        self.remark(&read.notes);
        let unread = self.unread(&read);
        unread.judge(&self.tolerance)?;
        unread.notes(1, self.spoken).iter().for_each(|note| self.note(note));
        Ok(read)
    }

    /// Sets the as-of day to `day`, unless nothing in the data is later.
    ///
    /// # Errors
    /// Those of polars.
    pub fn knows_until(&mut self, day: Option<Day>, ingested: &Ingested) -> Result<()> {
        let Some(day) = day else { return Ok(()) };
        let known = self.request.day(&ingested.orders, ingested.frames.events.as_ref())?;
        match known.or(ingested.frames.latest()) {
            Some(latest) if latest <= day => {}
            _ => self.request.as_of = Some(day),
        }
        Ok(())
    }

    /// The time zone of the shop, if it was given.
    pub fn zone(&self) -> Option<chrono_tz::Tz> {
        self.options.zone
    }

    /// Today's date in the time zone of the shop.
    pub fn today(&self) -> Day {
        reading::today(self.options.zone)
    }

    /// Whether a table will be written; `main` is the main table of the report.
    pub fn shows(&self, main: Option<&str>, name: &str) -> bool {
        asking::is_shown(self.style.table.as_deref(), self.format, main, name)
    }

    /// Refuses a table that the report does not have, before anything is computed.
    pub fn check_table(&self, tables: &[&str]) -> Result<()> {
        match &self.style.table {
            Some(asked) if !tables.is_empty() && !tables.contains(&asked.as_str()) => {
                Err(no_table(asked, tables))
            }
            _ => Ok(()),
        }
    }

    /// Whether a file is among the inputs; also true if an input is a store, which may hold the file's rows.
    pub fn reads(&self, path: &Path) -> bool {
        let file = FileIdentity::of(path);
        self.inputs.iter().any(|input| match &input.place {
            Place::File(input) => FileIdentity::of(input).is_same(&file),
            Place::Store(_) => true,
            Place::Stdin | Place::Bytes(..) => false,
        })
    }

    /// The text of a remark in the language of what is printed beside the result.
    pub fn worded(&self, remark: &Remark) -> String {
        worded(remark, self.spoken)
    }

    /// Whether personal data are shown in full.
    pub fn shows_pii(&self) -> bool {
        self.style.shows_pii
    }

    /// How customer ids are joined to persons.
    pub fn identity(&self) -> &IdentityOptions {
        &self.options.identity
    }

    /// Which orders count, according to flags and configuration.
    pub fn request(&self) -> &ScopeRequest {
        &self.request
    }

    fn ingest(
        &self,
        read: impl FnOnce(&[Input], &ReadOptions) -> Result<Ingested<RowParts>>,
    ) -> Result<Ingested<RowParts>> {
        let bar = progress::bar(&self.inputs, &self.options.progress, self.is_quiet, self.spoken);
        let ingested = read(&self.inputs, &self.options);
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        let ingested = ingested?;
        let unused = self.of_kinds.check(&self.options, &self.inputs, ingested.sources.iter())?;
        self.remark(unused.as_slice());
        ingested.sources.iter().for_each(|source| voice::detail(&how_read(source, self.spoken)));
        Ok(ingested)
    }

    /// Prints remarks.
    pub fn remark(&self, remarks: &[Remark]) {
        remarks.iter().for_each(|remark| self.note(&worded(remark, self.spoken)));
    }

    fn note(&self, text: &str) {
        if !self.is_quiet {
            voice::tell_note(text);
        }
    }
}

/// Says how a file was read, for `--verbose`.
pub fn how_read(source: &SourceInfo, locale: &Locale) -> String {
    let (layout, mapping) = (&source.layout, source.layout.mapping());
    let (file, mapping, rows) = (harmless(&source.name), harmless(&mapping), source.rows_read.to_string());
    let places: [(&str, &str); 5] = [
        ("file", &file),
        ("preset", &layout.preset.name),
        ("encoding", layout.encoding.name()),
        ("n", &rows),
        ("columns", &mapping),
    ];
    locale.fill("read_as", &places)
}

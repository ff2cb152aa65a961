//! One run of a metric command: what all of them do before and after their metric.

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
    /// Which orders count, as far as the user said.
    request: ScopeRequest,
    /// Who is meant, where not everybody is, and as it was written.
    chosen: Option<Where>,
    condition: Option<String>,
    /// Which orders are meant, where not all are.
    orders_where: Option<OrdersWhere>,
    /// The tables that the question itself is about.
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
    /// The words of what is said beside the result.
    spoken: &'static Locale,
    /// What the amounts are in, where it is known.
    currency: Option<String>,
    sink: Sink,
    rejects: Option<Sink>,
    manifest: Option<Sink>,
    /// How contacts and names are shown.
    contacts: Contacts,
    /// Where the hand-kept files are.
    hand_folder: PathBuf,
    /// Those of them that were read.
    hand: Vec<hand::Summary>,
    /// What there is to know of what was read.
    notes: Vec<Remark>,
    /// The tables that somebody else reads, where nothing is read here.
    exported: Vec<answer::Input>,
    /// The export that somebody else reads, and where it is.
    export: Option<(String, About)>,
}

impl Session {
    /// Reads the inputs, of which one must hold one of these tables, and says what the user should know of them; the
    /// orders are as they came.
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

    /// Where nothing says what orders came to, each counts unless its status says otherwise.
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

    /// What to say of settings that change nothing of what was read.
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

    /// Says what there is to doubt of the as-of day that the data have.
    pub fn doubt_as_of(&self, orders: &Orders, events: Option<&Events>) -> Result<()> {
        let doubt = latest::doubts(&self.request, orders, events, self.today())?;
        self.remark(doubt.as_slice());
        Ok(())
    }

    /// Reads one more customer export, as the inputs are read; a column that no map names is no mistake in it.
    ///
    /// # Errors
    /// Those of reading; rows that cannot be read where these are not tolerated.
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

    /// Lets nothing count that is later than a day, where there is any that the as-of day would count.
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

    /// The shop's time zone, where it is said.
    pub fn zone(&self) -> Option<chrono_tz::Tz> {
        self.options.zone
    }

    /// The day it is in the shop's zone.
    pub fn today(&self) -> Day {
        reading::today(self.options.zone)
    }

    /// Whether a table is going to be written, of the tables of which the first is the main one.
    pub fn shows(&self, main: Option<&str>, name: &str) -> bool {
        asking::is_shown(self.style.table.as_deref(), self.format, main, name)
    }

    /// Refuses a table that the report does not have, before the work.
    pub fn check_table(&self, tables: &[&str]) -> Result<()> {
        match &self.style.table {
            Some(asked) if !tables.is_empty() && !tables.contains(&asked.as_str()) => {
                Err(no_table(asked, tables))
            }
            _ => Ok(()),
        }
    }

    /// Whether a file is among what is read, or may be in a store.
    pub fn reads(&self, path: &Path) -> bool {
        let file = FileIdentity::of(path);
        self.inputs.iter().any(|input| match &input.place {
            Place::File(input) => FileIdentity::of(input).is_same(&file),
            Place::Store(_) => true,
            Place::Stdin | Place::Bytes(..) => false,
        })
    }

    /// A remark in the words of what is said beside the result.
    pub fn worded(&self, remark: &Remark) -> String {
        worded(remark, self.spoken)
    }

    /// Whether personal data are said in full.
    pub fn shows_pii(&self) -> bool {
        self.style.shows_pii
    }

    /// What makes several customer ids one person.
    pub fn identity(&self) -> &IdentityOptions {
        &self.options.identity
    }

    /// Which orders count, as far as the user said.
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

    /// Puts remarks into words.
    pub fn remark(&self, remarks: &[Remark]) {
        remarks.iter().for_each(|remark| self.note(&worded(remark, self.spoken)));
    }

    fn note(&self, text: &str) {
        if !self.is_quiet {
            voice::tell_note(text);
        }
    }
}

/// How a file was read, for `--verbose`.
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

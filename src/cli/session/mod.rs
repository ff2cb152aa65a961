//! One run of a metric command: what all of them do before and after their metric.

mod narrowing;

use std::path::Path;

use serde_json::{Map, Value, json};

use super::files::Files;
use super::manifest::Manifest;
use super::reading::OfKinds;
use super::rejects::{Tolerance, Unread};
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use super::{
    configuration, output, progress, reading, refusal, rejects, standard_input, tell, voice, worded,
};
use crate::config::Config;
use crate::customers::{OrdersWhere, Where};
use crate::error::{Error, Result};
use crate::locale::{Lang, Locale, Remark, harmless};
use crate::metrics::customer_facts::{customer_facts, customer_facts_by_row};
use crate::metrics::{CustomerFacts, Scope, latest};
use crate::parse::source::{Input, Place};
use crate::parse::{ReadOptions, SourceInfo};
use crate::present::sink::Sink;
use crate::present::{Format, Report, Style, Table, scope_and_accounting};
use crate::reading::{Ingested, read, read_any, recognise};
use crate::schema::accounting::Accounting;
use crate::schema::{self, CustomerIds, Events, Orders, RowParts, Wants, day};

/// A run whose arguments are valid and whose outputs are open.
pub struct Session {
    /// The configuration.
    pub config: Config,
    name: &'static str,
    inputs: Vec<Input>,
    options: ReadOptions,
    scope: Scope,
    /// Who is meant, where not everybody is, and as it was written.
    chosen: Option<Where>,
    condition: Option<String>,
    /// Which orders are meant, where not all are.
    orders_where: Option<OrdersWhere>,
    /// The tables that the question itself is about.
    tables: Vec<schema::Table>,
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
}

/// What a command wants to know and of which files.
pub struct Question<'a> {
    /// The command's name.
    pub name: &'static str,
    /// The flags that name the files and say how they are read.
    pub input: &'a InputArgs,
    /// What it needs beyond who ordered when for how much.
    pub wants: Wants,
}

/// What an answer rests on.
pub struct Basis {
    /// The as-of day; `None` without orders.
    pub as_of: Option<i32>,
    /// Whole days that count, `None` for all time.
    pub window: Option<u32>,
    /// Customers.
    pub customer_count: u64,
    /// Valid orders.
    pub order_count: u64,
    /// Where every row went.
    pub accounting: Accounting,
    /// Whether customer ids are e-mail addresses or phone numbers.
    pub ids_are_personal: bool,
}

/// What a command asks its question about.
pub struct Subject<'a> {
    /// What is known of each buyer.
    pub facts: &'a CustomerFacts,
    /// The buyers' ids.
    pub customers: &'a CustomerIds,
    /// The configuration.
    pub config: &'a Config,
    /// The language of the result.
    pub lang: Lang,
}

/// What a command's own part turns into a report.
#[derive(Default)]
pub struct Answer {
    /// The tables, the main one first.
    pub tables: Vec<Table>,
    /// The command's own parameters.
    pub parameters: Map<String, Value>,
    /// What only the manifest says, such as cut points.
    pub details: Map<String, Value>,
    /// Titles of a user's own labels.
    pub titles: Vec<(&'static str, String, String)>,
    /// What the user should know.
    pub notes: Vec<Remark>,
}

impl Session {
    /// Checks everything that can be checked before reading: configuration, flags, outputs.
    pub fn open(question: Question<'_>, scope: &ScopeArgs, output: &OutputArgs) -> Result<Self> {
        Self::open_with(question, scope, output, |files| files)
    }

    /// The same for a command that reads or writes further files, which it adds to those of the common flags.
    pub fn open_with(
        question: Question<'_>,
        scope: &ScopeArgs,
        output: &OutputArgs,
        further: impl FnOnce(Files) -> Files,
    ) -> Result<Self> {
        let Question { name, input, wants } = question;
        output::lang(output.lang, &Config::default());
        let config = configuration::find(input.config.as_deref())?;
        let spoken = output::lang(output.lang, &config).locale();
        let files = Files::read_by(input, &config)
            .write("-o", Some(output.output.as_deref().unwrap_or(Path::new("-"))))
            .write("--rejects", input.rejects.as_deref())
            .write("--manifest", output.manifest.as_deref());
        further(files).check()?;
        let scope_params = reading::scope(scope, input, &config)?;
        let may_be_further = input.may_hold_customers();
        let chosen = scope.condition.as_deref().map(|text| Where::parse(text, may_be_further)).transpose()?;
        let tables = wants.tables.clone();
        let mut wants = match &chosen {
            Some(chosen) => wants.and(&chosen.wants()),
            None => wants,
        };
        let orders_where = scope.orders_where.as_deref().map(OrdersWhere::parse).transpose()?;
        orders_where.iter().for_each(|condition| condition.want(&mut wants));
        let format = output::format(output, &config)?;
        if output.show_pii || config.output.show_pii.unwrap_or(false) {
            voice::show_pii();
        }
        let waiting = standard_input::note(spoken);
        let named = reading::inputs(input, &config, &wants.tables, waiting)?;
        let file = |path: &Option<std::path::PathBuf>| path.as_deref().map(Sink::file).transpose();
        let session = Self {
            name,
            inputs: named.inputs,
            options: ReadOptions {
                wants: Wants { regions: wants.regions || scope_params.excludes_occasional, ..wants },
                has_digests: output.manifest.is_some(),
                ..reading::options(input, &config)?
            },
            scope: scope_params,
            chosen,
            condition: scope.condition.clone(),
            orders_where,
            tables,
            tolerance: input.tolerance(),
            of_kinds: OfKinds::of(input, Some(scope)),
            has_rejects_file: input.rejects.is_some(),
            is_quiet: voice::is_quiet(),
            is_verbose: voice::is_verbose(),
            style: output::style(output, format, &config),
            format,
            spoken,
            currency: None,
            sink: output::sink(output)?,
            rejects: input.rejects.as_deref().map(Sink::private_file).transpose()?,
            manifest: file(&output.manifest)?,
            config,
        };
        session.remark(configuration::note(&session.config).as_slice());
        session.remark(&named.notes);
        session.remark(latest::future_as_of(&session.scope, session.today()).as_slice());
        if session.is_verbose {
            session.remark(configuration::detail(&session.config).as_slice());
            session.remark(&named.details);
        }
        Ok(session)
    }

    /// Reads the inputs, computes the facts of each buyer, lets `answer` ask its question, and writes the result.
    pub fn run(mut self, answer: impl FnOnce(Subject<'_>) -> Result<Answer>) -> Result<()> {
        let ingested = self.read_rows(&[schema::Table::Orders])?;
        let by_row = match ingested.orders.has_buyers() && !self.is_narrowed() {
            true => customer_facts_by_row(&ingested.orders, &self.scope, &ingested.accounting)?,
            false => None,
        };
        let (facts, customers, ids_are_personal, sources) = match by_row {
            Some(facts) => {
                if self.scope.as_of.is_none() && !facts.is_latest_borne_out(self.today()) {
                    let days = latest::days_by_row(&ingested.orders, None)?;
                    self.remark(latest::doubt(&days, self.today()).as_slice());
                }
                let Ingested { orders, sources, .. } = ingested;
                (facts, orders.customers, orders.ids_are_personal, sources)
            }
            None => {
                let mut ingested = ingested.in_order()?;
                refusal::require_customers(&ingested, self.name)?;
                self.doubt_as_of(&ingested.orders, None)?;
                // Whom a condition leaves out still tells the as-of day.
                let scope = self.scope.settled(&ingested.orders, None)?;
                self.choose(scope, &mut ingested)?;
                let Ingested { orders, accounting, sources, .. } = ingested;
                let facts = customer_facts(&orders, &scope, accounting)?;
                (facts, orders.customers, orders.ids_are_personal, sources)
            }
        };
        let lang = self.style.locale.lang;
        let answer = answer(Subject { facts: &facts, customers: &customers, config: &self.config, lang })?;
        let basis = Basis {
            as_of: facts.as_of,
            window: self.scope.window,
            customer_count: facts.customer_count,
            order_count: facts.order_total,
            accounting: facts.accounting,
            ids_are_personal,
        };
        self.write(&sources, basis, answer)
    }

    /// Reads the inputs, of which one must hold one of these tables, and says what the user should know of them.
    pub fn read(&mut self, tables: &[schema::Table]) -> Result<Ingested> {
        self.read_rows(tables)?.in_order()
    }

    /// As [`Self::read`], with the orders as they came.
    pub fn read_rows(&mut self, tables: &[schema::Table]) -> Result<Ingested<RowParts>> {
        let ingested = self.ingest(|inputs, options| read_any(inputs, options, tables))?;
        self.currency.clone_from(&ingested.orders.currency);
        self.remark(&ingested.notes);
        self.idle_notes(&ingested).iter().for_each(|remark| self.remark(std::slice::from_ref(remark)));
        if let Some(sink) = self.rejects.take() {
            rejects::write(&ingested.rejects, sink)?;
        }
        let unread = self.unread(&ingested);
        unread.judge(&self.tolerance)?;
        if self.is_quiet {
            unread.line(self.spoken).iter().for_each(|line| tell(&format!("note: {line}")));
        }
        let shown = if self.is_verbose { rejects::SOME } else { 1 };
        unread.notes(shown, self.spoken).iter().for_each(|note| self.note(note));
        Ok(ingested)
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
        if self.scope.excludes_occasional && !ingested.orders.has_region_column {
            notes.push(Remark::new("occasional_idle"));
        }
        notes
    }

    /// Why what was read is not good enough, if so; status words to teach are said.
    pub fn too_little<P>(&self, ingested: &Ingested<P>) -> Option<Error> {
        let unread = self.unread(ingested);
        unread.words_to_teach(self.spoken).iter().for_each(|words| self.note(words));
        unread.judge(&self.tolerance).err()
    }

    /// Reads the inputs that can be read, and says why the others cannot; notes are left to the answer.
    pub fn read_what_can_be(&mut self) -> Result<(Ingested, Vec<Error>)> {
        // Every input is looked at twice; what can be read only once is kept.
        for input in &mut self.inputs {
            let name = input.name();
            let read = |reader: &mut dyn std::io::Read| {
                let mut bytes = Vec::new();
                reader.read_to_end(&mut bytes).map(|_| Place::Bytes(name.clone(), bytes.into()))
            };
            let failed = |error| Error::io("read", Path::new(&name), error);
            let is_stream =
                |path: &Path| std::fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir());
            input.place = match &input.place {
                Place::Stdin => read(&mut std::io::stdin()).map_err(failed)?,
                Place::File(path) if is_stream(path) => {
                    read(&mut std::fs::File::open(path).map_err(failed)?).map_err(failed)?
                }
                other => other.clone(),
            };
        }
        let mut failures = Vec::new();
        let options =
            ReadOptions { progress: Default::default(), has_digests: false, ..self.options.clone() };
        self.inputs.retain(|input| match recognise(input, &options) {
            Ok(_) => true,
            Err(error) => {
                failures.push(error);
                false
            }
        });
        let ingested = loop {
            match self.ingest(read) {
                Ok(ingested) => break ingested,
                Err(error @ Error::Usage { .. }) => return Err(error),
                // A contradiction that shows only in the rows, such as two orders of day and month.
                Err(error) => {
                    let is_culprit = |input: &Input| matches!(&error, Error::Input { input: name, .. } if *name == input.name());
                    let culprit = self.inputs.iter().position(is_culprit);
                    failures.push(error);
                    match culprit {
                        Some(place) => drop(self.inputs.remove(place)),
                        None => break Ingested::<RowParts>::default(),
                    }
                }
            }
        };
        self.currency.clone_from(&ingested.orders.currency);
        if let Some(sink) = self.rejects.take() {
            rejects::write(&ingested.rejects, sink)?;
        }
        Ok((ingested.in_order()?, failures))
    }

    /// Whether there is one input of one table, which cannot hold events beside orders.
    pub fn has_one_input(&self) -> bool {
        matches!(self.inputs.as_slice(), [input] if !matches!(input.place, Place::Store(_)))
    }

    /// Leaves times, recipients and the like of orders unread.
    pub fn spare_extras(&mut self) {
        self.options.wants.extras = false;
    }

    /// Says what there is to doubt of the as-of day that the data have.
    pub fn doubt_as_of(&self, orders: &Orders, events: Option<&Events>) -> Result<()> {
        let doubt = latest::doubts(&self.scope, orders, events, self.today())?;
        self.remark(doubt.as_slice());
        Ok(())
    }

    /// The day it is in the shop's zone.
    pub fn today(&self) -> i32 {
        reading::today(self.options.zone)
    }

    /// Whether a table of these, the first being the main one, is going to be written; so that the others need not be
    /// made.
    ///
    /// # Errors
    /// When a table was asked for that is none of these.
    pub fn shows(&self, tables: &[&str], name: &str) -> Result<bool> {
        match &self.style.table {
            Some(asked) if !tables.contains(&asked.as_str()) => Err(no_table(asked, tables)),
            Some(asked) => Ok(asked == name),
            None => Ok(self.format.holds_several() || tables.first() == Some(&name)),
        }
    }

    /// The language of the result.
    pub fn lang(&self) -> Lang {
        self.style.locale.lang
    }

    /// The words of what is said beside the result.
    pub fn spoken(&self) -> &'static Locale {
        self.spoken
    }

    /// The orders that count.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Writes an answer, with what it rests on.
    pub fn write(self, sources: &[SourceInfo], basis: Basis, answer: Answer) -> Result<()> {
        self.remark(&answer.notes);
        let mut parameters = self.parameters(&basis);
        parameters.extend(answer.parameters);
        let report = Report {
            name: self.name,
            parameters,
            as_of: basis.as_of,
            window: basis.window,
            customer_count: basis.customer_count,
            order_count: basis.order_count,
            accounting: basis.accounting,
            tables: answer.tables,
            ids_are_personal: basis.ids_are_personal,
            titles: answer.titles,
            truncated: Map::new(),
        };
        let report = Report { truncated: self.format.truncated(&report, &self.style), ..report };
        if let Some(asked) = &self.style.table {
            let names: Vec<&str> = report.tables.iter().map(|table| table.name).collect();
            if !names.contains(&asked.as_str()) {
                return Err(no_table(asked, &names));
            }
        }
        report.accounting.check_balance()?;
        if !matches!(self.format, Format::Table | Format::Markdown) && !self.is_quiet {
            scope_and_accounting(&report, self.spoken).iter().for_each(|line| tell(line));
        }
        let mut details = answer.details;
        details.insert("config".into(), json!(self.config.full_path()));
        details.insert("reading".into(), self.options.reading());
        let manifest = Manifest { report: &report, sources, details };
        self.format.write(&report, &self.style, self.sink)?;
        self.manifest.map_or(Ok(()), |sink| manifest.write(sink))
    }

    fn ingest(
        &self,
        read: impl FnOnce(&[Input], &ReadOptions) -> Result<Ingested<RowParts>>,
    ) -> Result<Ingested<RowParts>> {
        let bar = progress::bar(&self.inputs, &self.options.progress, self.is_quiet);
        let ingested = read(&self.inputs, &self.options);
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        let ingested = ingested?;
        let unused = self.of_kinds.check(&self.options, &self.inputs, ingested.sources.iter())?;
        self.remark(unused.as_slice());
        ingested.sources.iter().for_each(|source| voice::detail(&how_read(source)));
        Ok(ingested)
    }

    /// Puts remarks into words.
    pub fn remark(&self, remarks: &[Remark]) {
        remarks.iter().for_each(|remark| self.note(&worded(remark, self.spoken)));
    }

    fn note(&self, text: &str) {
        if !self.is_quiet {
            tell(&format!("note: {text}"));
        }
    }

    fn parameters(&self, basis: &Basis) -> Map<String, Value> {
        let day = basis.as_of.and_then(day::date_of).map(|date| date.to_string());
        let mut parameters = Map::new();
        parameters.insert("as_of".into(), json!(day));
        parameters.insert("window".into(), json!(basis.window));
        parameters.insert("include_zero_orders".into(), json!(self.scope.include_zero_orders));
        if self.scope.excludes_occasional {
            parameters.insert("exclude_occasional".into(), json!(true));
        }
        if let Some(condition) = &self.condition {
            parameters.insert("where".into(), json!(condition));
        }
        if let Some(condition) = &self.orders_where {
            parameters.insert("orders_where".into(), json!(condition.text()));
        }
        parameters.insert("currency".into(), json!(self.currency));
        parameters.insert("lang".into(), json!(self.style.locale.lang.code()));
        parameters
    }
}

/// How a file was read, for `--verbose`.
pub fn how_read(source: &SourceInfo) -> String {
    let (layout, rows) = (&source.layout, source.rows_read);
    let (preset, encoding) = (&layout.preset.name, layout.encoding.name());
    let (name, mapping) = (harmless(&source.name), layout.mapping());
    format!("{name}: {preset}, {encoding}, {rows} rows; {}", harmless(&mapping))
}

/// That a report has no table of this name.
fn no_table(asked: &str, names: &[&str]) -> Error {
    Error::usage(format!("this report has no table {asked:?}"), format!("it has {}", names.join(", ")))
}

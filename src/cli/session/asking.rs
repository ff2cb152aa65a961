//! From the flags that commands share to a question's answer.

mod elsewhere;

use std::path::{Path, PathBuf};

use super::{Contacts, Session};
use crate::cli::files::Files;
use crate::cli::reading::{self, OfKinds};
use crate::cli::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::cli::{configuration, output, refusal, standard_input, voice};
use crate::config::Config;
use crate::customers::{OrdersWhere, Where};
use crate::error::{Error, Result};
use crate::locale::Locale;
use crate::metrics::customer_facts::{customer_facts, customer_facts_by_row};
use crate::metrics::{CustomerFacts, Scope, ScopeRequest, latest};
use crate::parse::source::{Input, Place};
use crate::parse::{IdentityMode, ReadOptions};
use crate::present::Format;
use crate::present::sink::Sink;
use crate::questions::{About, Answer, Asked, Question};
use crate::reading::Ingested;
use crate::schema::{Orders, RowParts, Table, Wants};
use crate::store::Store;

/// The validated common flags; nothing is open yet.
pub struct Asking<'a> {
    input: &'a InputArgs,
    output: &'a OutputArgs,
    config: Config,
    spoken: &'static Locale,
    request: ScopeRequest,
    of_kinds: OfKinds,
    chosen: Option<Where>,
    condition: Option<String>,
    orders_where: Option<OrdersWhere>,
    format: Format,
    excluded_sources: Vec<String>,
    hand_folder: PathBuf,
    begun: Option<PathBuf>,
    tables: &'a [&'static str],
}

impl<'a> Asking<'a> {
    /// Checks everything that can be checked before the question is known: configuration, flags, outputs.
    pub fn open(input: &'a InputArgs, scope: &ScopeArgs, output: &'a OutputArgs) -> Result<Self> {
        Self::open_with(input, scope, output, |files| files)
    }

    /// Like [`Self::open`], for a command that reads or writes additional files, which it adds to those of the common
    /// flags.
    pub fn open_with(
        input: &'a InputArgs,
        scope: &ScopeArgs,
        output: &'a OutputArgs,
        further: impl FnOnce(Files) -> Files,
    ) -> Result<Self> {
        output::lang(output.lang, &Config::default());
        let config = configuration::find(input.config.as_deref())?;
        let spoken = output::lang(output.lang, &config).locale();
        let files = Files::read_by(input, &config)
            .write("-o", Some(output.output.as_deref().unwrap_or(Path::new("-"))))
            .write("--rejects", input.rejects.as_deref())
            .write("--manifest", output.manifest.as_deref());
        further(files).check()?;
        let may_be_further = input.may_hold_customers();
        Ok(Self {
            request: reading::request(scope, input, &config)?,
            chosen: scope.condition.as_deref().map(|text| Where::parse(text, may_be_further)).transpose()?,
            orders_where: scope.orders_where.as_deref().map(OrdersWhere::parse).transpose()?,
            format: output::format(output, &config)?,
            of_kinds: OfKinds::of(input, Some(scope)),
            condition: scope.condition.clone(),
            hand_folder: configuration::folder(&config),
            begun: None,
            input,
            output,
            config,
            spoken,
            excluded_sources: Vec::new(),
            tables: &[],
        })
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The condition on customers, if the columns of customers are known before anything is read.
    ///
    /// # Errors
    /// Wrong usage for a name that is no column, with a mark at its place.
    pub fn condition_of_export(&self) -> Result<Option<Where>> {
        self.condition.as_deref().map(|text| Where::parse(text, false)).transpose()
    }

    /// Which orders count, as far as flags and configuration say it.
    pub fn request(&self) -> &ScopeRequest {
        &self.request
    }

    /// Leaves out the events of these sources, in addition to those that the configuration names.
    pub fn without_sources(self, sources: &[String]) -> Self {
        Self { excluded_sources: sources.to_vec(), ..self }
    }

    /// Sets a condition that applies if no flag gives one.
    pub fn or_where(self, text: Option<&str>, may_be_further: bool) -> Result<Self> {
        let Some(text) = text.filter(|_| self.chosen.is_none()) else { return Ok(self) };
        let chosen = Where::parse(text, may_be_further).map_err(|error| self.config.blame(error))?;
        Ok(Self { chosen: Some(chosen), condition: Some(text.to_owned()), ..self })
    }

    /// Takes the hand-kept files from another folder than the configuration's.
    pub fn with_hand_folder(self, folder: PathBuf) -> Self {
        Self { hand_folder: folder, ..self }
    }

    /// For a run that creates this file if it does not exist: the file may still be named among the inputs.
    pub fn begins(self, path: Option<&Path>) -> Self {
        Self { begun: path.map(Path::to_owned), ..self }
    }

    /// Names all tables that the report has, the main one first. The question then makes only those that will be
    /// written.
    pub fn of_tables(self, tables: &'a [&'static str]) -> Self {
        Self { tables, ..self }
    }

    /// Whether a table will be written; `main` is the main table.
    pub fn shows(&self, main: &str, name: &str) -> bool {
        is_shown(self.output.table.as_deref(), self.format, Some(main), name)
    }

    /// Uses the configuration's window instead of the flag, which applies to one table alone.
    pub fn without_window_flag(mut self) -> Self {
        self.request.window = self.config.scope.window;
        self
    }

    /// Whether a workbook with all tables will be written.
    pub fn writes_whole_workbook(&self) -> bool {
        self.format == Format::Xlsx && self.output.table.is_none()
    }

    /// Reads the inputs, answers the question and writes the answer.
    pub fn ask<Q: Question>(self, question: &Q) -> Result<()> {
        self.ask_then(question, |asked| question.answer(asked))
    }

    /// Like [`Self::ask`], but the function `answer` computes the answer.
    pub fn ask_then<Q: Question>(
        self,
        question: &Q,
        answer: impl FnOnce(Asked<'_>) -> Result<Answer>,
    ) -> Result<()> {
        let tables = self.tables;
        let mut session = self.session(Q::ABOUT.name, question.wants())?;
        session.check_table(tables)?;
        let narrowed = question.wants_of_one_table().filter(|_| session.is_of_one_table());
        let is_narrowed = narrowed.is_some();
        narrowed.into_iter().for_each(|wants| session.want(wants));
        let mut read = session.read_rows(question.tables())?;
        if is_narrowed && read.frames.events.is_some() {
            // The input may be a workbook under another name, or a store into which events were imported just now.
            session.want(question.wants());
            read = session.read_rows(question.tables())?;
        }
        let condition = Q::ABOUT.chooses_itself.then(|| session.take_condition()).flatten();
        let (sources, ids_are_personal) = (read.sources.clone(), read.orders.ids_are_personal);
        let lacks_amounts = read.orders.lacks_amounts;
        let pass = match Q::ASKS_FACTS {
            true => Pass::Facts,
            false if question.takes_orders_as_they_came(&read) => Pass::AsTheyCame,
            false => Pass::InOrder,
        };
        let Subject { read, came, facts, scope } = session.subject(read, &Q::ABOUT, pass)?;
        let shows = |name: &str| session.shows(tables.first().copied(), name);
        let chosen = condition.map(|condition| session.chosen_by(&condition, &read, scope)).transpose()?;
        let answer = answer(Asked { read, came, facts, scope, chosen, shows: &shows })?;
        let answer = if lacks_amounts { answer.without_amounts()? } else { answer };
        session.write(&sources, ids_are_personal, answer)
    }

    /// Opens inputs and outputs for reading what `wants` says.
    pub fn session(self, name: &'static str, wants: Wants) -> Result<Session> {
        self.unmask();
        let mut options = reading::options(self.input, &self.config)?;
        let named = {
            let waiting = standard_input::waiting_note(self.spoken);
            let of_condition = self.chosen.as_ref().map(Where::wants).unwrap_or_default();
            let mut tables = wants.clone().and(&of_condition).tables;
            if options.identity.mode != IdentityMode::Off && !tables.contains(&Table::Customers) {
                tables.push(Table::Customers);
            }
            reading::inputs(self.input, &self.config, (&tables, self.begun.as_deref()), waiting)?
        };
        // The findings of a check must not depend on `--quiet`.
        options.identity.suggests = wants.survey || (!voice::is_quiet() && reading::is_small(&named.inputs));
        let mut session = self.begin(name, &wants, named.inputs, options)?;
        session.want(wants);
        session.read_identities()?;
        session.remark(configuration::note(&session.config).as_slice());
        session.remark(&named.notes);
        session.remark(latest::future_as_of(&session.request, session.today()).as_slice());
        if session.is_verbose {
            session.remark(configuration::detail(&session.config).as_slice());
            session.remark(&named.details);
        }
        Ok(session)
    }

    /// Shows personal data in full from here on, if the user asks for it.
    fn unmask(&self) {
        if self.output.show_pii || self.config.output.show_pii.unwrap_or(false) {
            voice::show_pii();
        }
    }

    /// Opens the outputs of a run with these inputs.
    fn begin(
        self,
        name: &'static str,
        wants: &Wants,
        inputs: Vec<Input>,
        options: ReadOptions,
    ) -> Result<Session> {
        let Self { input, output, config, request, format, spoken, hand_folder, .. } = self;
        let file = |path: &Option<PathBuf>| path.as_deref().map(Sink::file).transpose();
        Ok(Session {
            name,
            inputs,
            options: ReadOptions { has_digests: output.manifest.is_some(), ..options },
            request,
            chosen: self.chosen,
            condition: self.condition,
            orders_where: self.orders_where,
            tables: wants.tables.clone(),
            excluded_sources: [config.interest.exclude_source.clone(), self.excluded_sources].concat(),
            tolerance: input.tolerance(),
            of_kinds: self.of_kinds,
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
            contacts: Contacts::AsUsual,
            hand_folder,
            hand: Vec::new(),
            notes: Vec::new(),
            exported: Vec::new(),
            export: None,
            config,
        })
    }
}

/// In which form a question needs the orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// All orders, sorted by customer and day.
    InOrder,
    /// The facts of each buyer.
    Facts,
    /// The orders of each customer, unsorted.
    AsTheyCame,
}

/// The data that a question is asked about.
pub(super) struct Subject {
    /// What was read, reduced to what counts.
    pub read: Ingested,
    /// The unsorted orders, if that is enough.
    pub came: Option<Orders<RowParts>>,
    /// The facts of each buyer, if asked for.
    pub facts: Option<CustomerFacts>,
    /// Which orders count.
    pub scope: Scope,
}

/// Whether a table is written; `asked` is the table that the user named, if any.
pub(super) fn is_shown(asked: Option<&str>, format: Format, main: Option<&str>, name: &str) -> bool {
    match asked {
        Some(asked) => asked == name,
        None => format.holds_several() || main == Some(name),
    }
}

impl Session {
    /// Adds what a question wants, and what the conditions want in addition.
    fn want(&mut self, wants: Wants) {
        let mut wants = match &self.chosen {
            Some(chosen) => wants.and(&chosen.wants()),
            None => wants,
        };
        self.orders_where.iter().for_each(|condition| condition.want(&mut wants));
        wants.regions |= self.request.excludes_occasional;
        // Events that a condition or a source leaves out are counted, whatever their kind, so all must be read.
        wants.interests_alone &= self.chosen.is_none() && self.excluded_sources.is_empty();
        wants.bare_events &= self.excluded_sources.is_empty();
        if let Some(recent) = &mut wants.recent_interests {
            recent.as_of = self.request.as_of;
        }
        self.options.wants = wants;
    }

    /// Whether there is a single input that, by its name, holds one table, and that can be read again if it turns out
    /// to hold events beside orders.
    fn is_of_one_table(&self) -> bool {
        /// Workbooks hold several tables.
        const OF_ONE_TABLE: [&str; 6] = ["csv", "tsv", "txt", "gz", "zst", "parquet"];
        let [input] = self.inputs.as_slice() else { return false };
        match &input.place {
            // Problems with a store are reported when it is read.
            Place::Store(folder) => Store::open(folder)
                .and_then(|store| store.manifest())
                .is_ok_and(|of| of.imports.iter().all(|import| import.table == Table::Orders)),
            Place::File(path) if input.can_be_read_twice() => {
                let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
                OF_ONE_TABLE.iter().any(|known| ending.eq_ignore_ascii_case(known))
            }
            _ => false,
        }
    }

    /// Prepares the data for a question that needs the orders in this form.
    pub(super) fn subject(&self, read: Ingested<RowParts>, about: &About, pass: Pass) -> Result<Subject> {
        refusal::require_amounts(&read, about)?;
        let mut read = read;
        if pass == Pass::AsTheyCame
            && let Some(scope) = self.scope_by_row(&mut read, about)?
        {
            let came = Some(std::mem::take(&mut read.orders));
            return Ok(Subject { read: read.in_order()?, came, facts: None, scope });
        }
        if pass == Pass::Facts
            && let Some((facts, scope)) = self.facts_by_row(&mut read)?
        {
            return Ok(Subject { read: read.without_rows()?, came: None, facts: Some(facts), scope });
        }
        let mut read = read.in_order()?;
        refusal::require_people(&read, about)?;
        let scope = self.settled(&mut read)?;
        if pass != Pass::Facts {
            return Ok(Subject { read, came: None, facts: None, scope });
        }
        let facts = customer_facts(&read.orders, &scope, std::mem::take(&mut read.accounting))?;
        // Frees their memory for the answer.
        read.orders.parts = Default::default();
        Ok(Subject { read, came: None, facts: Some(facts), scope })
    }

    /// Which orders count, from unsorted orders; `None` if the question needs sorted ones.
    fn scope_by_row(&self, read: &mut Ingested<RowParts>, about: &About) -> Result<Option<Scope>> {
        let is_of_buyers = about.needs_people || self.chosen.is_some();
        match self.chosen {
            _ if is_of_buyers && !read.orders.has_buyers() => Ok(None),
            Some(_) => self.chosen_by_row(read),
            // Occasional purchases are recognised by a customer's other orders.
            None if self.is_narrowed() || self.request.excludes_occasional => Ok(None),
            None => self.settled_by_row(read).map(Some),
        }
    }

    /// The facts of each buyer from unsorted orders, and which orders count; `None` if the orders must be sorted.
    fn facts_by_row(&self, read: &mut Ingested<RowParts>) -> Result<Option<(CustomerFacts, Scope)>> {
        if !read.orders.has_buyers() {
            return Ok(None);
        }
        if let Some(scope) = self.chosen_by_row(read)? {
            let facts = customer_facts_by_row(&read.orders, &scope.into(), &read.accounting)?
                .ok_or_else(|| Error::Internal("orders that are judged by others are not in order".into()))?;
            return Ok(Some((facts, scope)));
        }
        if self.is_narrowed() {
            return Ok(None);
        }
        // Most sums need no sorting; occasional purchases and windows without an as-of day do.
        let Some(facts) = customer_facts_by_row(&read.orders, &self.request, &read.accounting)? else {
            return Ok(None);
        };
        if self.request.as_of.is_none() && !facts.is_latest_borne_out(self.today()) {
            let days = latest::days_by_row(&read.orders, None)?;
            self.remark(latest::doubt(&days, self.today()).as_slice());
        }
        let scope = facts.scope;
        Ok(Some((facts, scope)))
    }
}

//! `ecrm tag add` and `remove`: change a tag of the customers that a condition, ids or a list choose.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use polars::prelude::BooleanChunked;

use super::{HERE, NAME, answer, begin, change, checked_name, edited, finish, no_tag};
use crate::cli::everybody::with_people;
use crate::cli::kept::{self, Kept};
use crate::cli::session::{Asking, Session};
use crate::cli::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::cli::{output, reading};
use crate::config::Config;
use crate::customers::{Ground, Needs, Table};
use crate::error::{Error, Result};
use crate::hand::{CUSTOMER_LIST, Changed, HandFile, People, TAGS, TagBook};
use crate::locale::Remark;
use crate::questions::CUSTOMERS;
use crate::schema::{Day, Key};

/// Give a tag to customers by hand: those of a condition, of ids, or of a list
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("who").required(true).args(["condition", "customer", "from"])))]
#[command(after_help = "Examples:
  ecrm tag add vip --customer 1001 1002 --note 'wholesale'
  ecrm tag add fair --from fair.csv
  ecrm tag add quiet exports/* --where \"recency_days > 180\" --dry-run

What is given by hand no rule takes away; who has the tag by its rule has it by hand from then on. With --where exports are \
read, and since is the as-of day; ids and lists need none, and since is --as-of, else today in the shop's zone. They may name \
people whom no export names yet. A list is a CSV file with a column customer_id. The table is `changes`.")]
pub struct AddArgs {
    /// The tag; it need not be in ecrm.toml
    #[arg(value_name = "NAME")]
    name: String,

    /// What to write beside each customer that gets the tag
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,

    #[command(flatten)]
    who: WhoArgs,
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Take a tag from customers, whoever has set it: those of a condition, of ids, or of a list
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("who").required(true).args(["condition", "customer", "from"])))]
#[command(after_help = "Examples:
  ecrm tag remove vip --customer 1001
  ecrm tag remove quiet exports/* --where \"recency_days < 30\"

A tag that has rules in ecrm.toml comes back with the next ecrm tag apply for those whom they say. The table is `changes`.")]
pub struct RemoveArgs {
    /// The tag
    #[arg(value_name = "NAME")]
    name: String,

    #[command(flatten)]
    who: WhoArgs,
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Customers")]
struct WhoArgs {
    /// The customers' ids, as the exports have them
    #[arg(long, value_name = "ID", num_args = 1..)]
    customer: Vec<String>,

    /// A CSV file with a column customer_id
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,

    /// Say what would change, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// The folder of the hand-kept files [default: that of ecrm.toml, else the current one]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Edits the tags of these people. The function resolves an id to that of its customer; the day is noted as the day
/// since when they have the tag.
type Edit<'e> = Box<dyn FnOnce(&mut TagBook<'_>, &People, &dyn Fn(Key) -> Key, Day) -> Result<Changed> + 'e>;

/// A change of one tag of some customers.
struct Change<'a> {
    who: &'a WhoArgs,
    input: &'a InputArgs,
    scope: &'a ScopeArgs,
    /// The tag that is taken from customers, if any; rules may give it again.
    taken: Option<&'a str>,
}

impl AddArgs {
    /// Gives the tag and writes what that changed.
    pub fn run(self) -> Result<()> {
        output::lang(self.output.lang, &Config::default());
        let name = checked_name(&self.name)?;
        let note = self.note.as_deref().unwrap_or_default().replace("\r\n", "\n").trim().to_owned();
        let change = Change { who: &self.who, input: &self.input, scope: &self.scope, taken: None };
        change.run(
            self.output,
            Box::new(|book, people, person, since| {
                Ok(book.give_tag(&name, people, person, |_| (since, note.as_str())))
            }),
        )
    }
}

impl RemoveArgs {
    /// Takes the tag away and writes what that changed.
    pub fn run(self) -> Result<()> {
        let name = self.name.trim();
        let change = Change { who: &self.who, input: &self.input, scope: &self.scope, taken: Some(name) };
        change.run(
            self.output,
            Box::new(|book, people, person, _| {
                let known = book.tags().names(&[]);
                match known.iter().any(|known| known == name) {
                    true => Ok(book.take_tag(name, people, person)),
                    false => Err(no_tag(name, &known)),
                }
            }),
        )
    }
}

impl Change<'_> {
    fn run(self, output: OutputArgs, edit: Edit<'_>) -> Result<()> {
        match self.scope.condition {
            Some(_) => self.by_condition(&output, edit),
            None => self.by_id(output, edit),
        }
    }

    /// Changes the tag of customers named by ids or a list; no export is read.
    fn by_id(self, output: OutputArgs, edit: Edit<'_>) -> Result<()> {
        self.refuse_flags(&output)?;
        let kept = Kept::new(self.input.config.as_deref(), self.who.folder.clone(), output)?;
        let as_of = self.scope.as_of.as_deref().or(kept.config.scope.as_of.as_deref());
        let since = kept::day(as_of, reading::zone(self.input, &kept.config)?)?;
        let people = self.people()?;
        let open = kept.open(&TAGS, HERE, self.who.from.as_deref())?;
        change::change(open, self.taken, self.who.dry_run, |book| {
            Ok(vec![edit(book, &people, &|key| key, since)?])
        })
    }

    fn people(&self) -> Result<People> {
        let ids = match &self.who.from {
            Some(path) => {
                let file = HandFile::list(&CUSTOMER_LIST, path)?;
                file.rows.iter().map(|row| file.cells(row).id(0)).collect()
            }
            None => self.who.customer.iter().map(|id| kept::customer(id)).collect::<Result<Vec<_>>>()?,
        };
        Ok(People::named(ids))
    }

    /// Refuses flags about exports, since none is read.
    fn refuse_flags(&self, output: &OutputArgs) -> Result<()> {
        let is_named = !self.input.files.is_empty() || self.input.tables.iter().next().is_some();
        let files = is_named.then_some("FILES").into_iter();
        let given = files.chain(self.input.reading_flags()).chain(self.scope.order_flags());
        let Some(flag) = given.chain(output.manifest.is_some().then_some("--manifest")).next() else {
            return Ok(());
        };
        Err(Error::usage_of("tag_without_where", &[("flag", flag.to_owned())]))
    }

    /// Changes the tag of the customers for whom the condition is true.
    fn by_condition(self, output: &OutputArgs, edit: Edit<'_>) -> Result<()> {
        let (named, is_dry_run) = (self.who.folder.as_deref(), self.who.dry_run);
        let asking = Asking::open_with(self.input, self.scope, output, |files| super::reading(files, named))?;
        let folder = kept::folder(named, asking.config());
        let asking = asking.with_hand_folder(folder.clone());
        let mut session = asking.session(NAME, Needs::EVERYBODY.wants())?;
        let condition = session
            .take_condition()
            .ok_or_else(|| Error::Internal("a change by condition without one".into()))?;
        let wished = condition.wished();
        with_people(session, &CUSTOMERS, wished.needs(), |mut session, ground, read| {
            let chosen = condition.keeps(ground, &Table::build(ground, &wished)?)?;
            let people = people(ground, &chosen);
            let person = |key| read.aliases.resolve(key);
            let since = since(&session, ground)?;
            let mut change = begin(&folder, is_dry_run)?;
            session.rests_on(&change.file);
            let edit = |book: &mut TagBook<'_>| Ok(vec![edit(book, &people, &person, since)?]);
            let changed = edited(&mut change, &session.config, edit)?;
            finish(change, &changed, || {
                self.print_remarks(&session);
                let answer = answer(ground, people.ids().len() as u64, &changed, is_dry_run)?;
                session.write(read.sources, read.ids_are_personal, answer)
            })
        })
    }

    fn print_remarks(&self, session: &Session) {
        if let Some(tag) = self.taken.filter(|tag| session.config.has_rules(tag)) {
            session.remark(&[Remark::new("tag_ruled").with("tag", tag)]);
        }
        if self.who.dry_run {
            session.remark(&[Remark::new("tags_dry_run")]);
        }
    }
}

/// The as-of day, or today if the files have no day.
pub(super) fn since(session: &Session, ground: &Ground<'_>) -> Result<Day> {
    kept::written(ground.scope.known_day().unwrap_or_else(|| session.today()))
}

/// The people for whom `is_meant` is true.
pub(super) fn people(ground: &Ground<'_>, is_meant: &BooleanChunked) -> People {
    let mut people = People::default();
    for (code, is_meant) in ground.codes().iter().zip(is_meant.iter()) {
        if is_meant == Some(true) {
            people.add(ground.ids.text(*code), [ground.ids.key(*code)]);
        }
    }
    people
}

//! `ecrm tag apply`.

use std::path::PathBuf;

use clap::Args;

use super::selected::{people, since};
use super::{NAME, answer, begin, edited, finish, reading};
use crate::cli::everybody::{Read, with_people};
use crate::cli::kept;
use crate::cli::output;
use crate::cli::session::{Asking, Session};
use crate::cli::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::Config;
use crate::customers::{Ground, Judged, Needs, TagRule, TagRules};
use crate::error::{Error, Result};
use crate::hand::{Changed, Origin, TagBook, Tagged, Tags};
use crate::locale::Remark;
use crate::questions::CUSTOMERS;
use crate::schema::Day;

/// Bring every tag that has rules in ecrm.toml to what they say of the exports, in and out
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm tag apply exports/* --dry-run
  ecrm tag apply exports/*
  ecrm tag apply -q -o changes.csv        with the inputs of ecrm.toml, in cron

Who is not said by the rules any more loses the tag, who is gets it, since the as-of day; what is set by hand stays. A rule is \
judged as --where would be. Rules may ask for tags of other rules with has_tag('x'): those are judged first, and a circle is \
refused. Who is in none of the files is not said by any rule: apply tags to all exports, not to a part. The table is `changes`: \
who got the tag (added_count), lost it (removed_count), keeps it (kept_count), has it now (customer_count), of these by hand \
(manual_count).")]
pub struct ApplyArgs {
    /// Say what would change, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// The folder of the hand-kept files [default: that of ecrm.toml, else the current one]
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    folder: Option<PathBuf>,

    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl ApplyArgs {
    /// Reads the inputs, judges the rules, changes the tags, and writes what changed.
    pub fn run(self) -> Result<()> {
        output::lang(self.output.lang, &Config::default());
        if self.scope.condition.is_some() || self.scope.orders_where.is_some() {
            return Err(Error::usage_of("tag_apply_where", &[]));
        }
        let named = self.folder.as_deref();
        let asking =
            Asking::open_with(&self.input, &self.scope, &self.output, |files| reading(files, named))?;
        let rules = asking.config().tag_rules()?;
        if rules.is_empty() {
            return Err(Error::data_of("tag_no_rules", &[]));
        }
        let folder = kept::folder(named, asking.config());
        let asking = asking.with_hand_folder(folder.clone());
        let wished = rules.wished();
        let session = asking.session(NAME, wished.wants().and(&Needs::EVERYBODY.wants()))?;
        let is_dry_run = self.dry_run;
        with_people(session, &CUSTOMERS, wished.needs(), |mut session, ground, read| {
            let since = since(&session, ground)?;
            let mut change = begin(&folder, is_dry_run)?;
            session.rests_on(&change.file);
            let mut notes = Vec::new();
            let changed = edited(&mut change, &session.config, |book| {
                notes = remarks(&session, &rules, book.tags(), ground, &read);
                bring(&rules, book, (ground, &read), since).map_err(|error| session.config.blame(error))
            })?;
            finish(change, &changed, || {
                session.remark(&notes);
                if is_dry_run {
                    session.remark(&[Remark::new("tags_dry_run")]);
                }
                let customers = changed.iter().map(Changed::customer_count).max().unwrap_or(0);
                let answer = answer(ground, customers, &changed, is_dry_run)?;
                session.write(read.sources, read.ids_are_personal, answer)
            })
        })
    }
}

/// Gives and takes each tag so that exactly the customers have it whom its rules name; tags set by hand stay.
fn bring(
    rules: &TagRules,
    book: &mut TagBook<'_>,
    (ground, read): (&Ground<'_>, &Read<'_>),
    since: Day,
) -> Result<Vec<Changed>> {
    let person = |key| read.aliases.resolve(key);
    let asked: Vec<&str> = rules.asked().into_iter().collect();
    let before = book.tags().of_customers(&asked, person);
    let has_tag = |row: usize, tag: &str| before.has(ground.ids.key(ground.codes()[row]), tag);
    let judged = rules.judge(ground, &has_tag)?;
    let bring = |(tag, judged): (&TagRule, &Judged)| {
        book.bring_tag(&tag.name, &people(ground, &judged.is_held), &person, since)
    };
    Ok(rules.tags().iter().zip(&judged).map(bring).collect())
}

/// Remarks on the rules and on the file as it is before the change.
fn remarks(
    session: &Session,
    rules: &TagRules,
    tags: &Tags,
    ground: &Ground<'_>,
    read: &Read<'_>,
) -> Vec<Remark> {
    let known = tags.names(&session.config.tag_names());
    let asked: Vec<String> = rules.asked_for().into_iter().map(str::to_owned).collect();
    let mut remarks = session.unknown_tags(&asked, &known);
    let is_ruled = |name: &str| rules.tags().iter().any(|tag| tag.name == name);
    let (ruled, names): (Vec<&str>, Vec<&str>) =
        tags.names_by_rule().into_iter().partition(|name| is_ruled(name));
    if !names.is_empty() {
        remarks.push(Remark::new("tags_left").with("n", names.len()).with("tags", names.join(", ")));
    }
    let ruled = tags.of_customers(&ruled, |key| read.aliases.resolve(key));
    let is_by_rule = |one: &Tagged| one.origin == Origin::Rule;
    let customers = ground.codes().iter().map(|code| ground.ids.key(*code));
    let n = ruled.by_customer().count_beyond_of(customers, is_by_rule);
    if n > 0 {
        remarks.push(Remark::new("tags_lost").with("n", n));
    }
    remarks
}

//! `ecrm tag`.

mod apply;
mod change;
mod list;
mod selected;
mod show;

use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::{Map, json};

use super::files::Files;
use super::reply;
use crate::answer::{Kind, Spec, Table};
use crate::config::Config;
use crate::customers::Ground;
use crate::error::{Error, Result, said};
use crate::hand::{self, Change, Changed, TAGS, TagBook};
use crate::metrics::finish::{counts, frame, texts};
use crate::questions::Answer;
use crate::schema::{names, nearest};

/// The name of the table of what a change did.
pub const CHANGES: &str = "changes";

/// The name of the reports of these commands.
const NAME: &str = "tag";

/// The key of the text that is printed where nobody named the folder.
const HERE: &str = "tags_here";

/// Tags of customers: list and show them, set them by hand, by a condition or by rules of ecrm.toml
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm tag list
  ecrm tag add vip --customer 1001 1002 --note 'wholesale'
  ecrm tag add quiet exports/* --where \"recency_days > 180\" --dry-run
  ecrm tag apply exports/*                 bring every tag with rules to what they say
  ecrm tag show vip exports/* --columns customer_id,phone,net_amount
  ecrm customers exports/* --where \"has_tag('vip') and order_count >= 2\"

Tags are kept in tags.csv (tag, customer_id, origin, since, note) beside ecrm.toml, a file that you may also edit by hand or \
in a spreadsheet; an empty origin is manual. [[tag]] in ecrm.toml gives a tag a title and rules (ecrm init shows how). The \
column `tags` of ecrm customers is all of a customer with ; between them, those of ecrm.toml first, in its order; \
has_tag('x') asks for one in every --where; both are as the file says, whatever --as-of. There may be 100 tags ([tags] max). \
A row that cannot be read is named, and then nothing is written over the file.")]
pub struct TagArgs {
    #[command(subcommand)]
    command: TagCommand,
}

#[derive(Debug, Subcommand)]
enum TagCommand {
    List(list::TagsArgs),
    Show(show::ShowArgs),
    Apply(apply::ApplyArgs),
    Add(selected::AddArgs),
    Remove(selected::RemoveArgs),
    Copy(change::CopyArgs),
    Move(change::MoveArgs),
    Delete(change::DeleteArgs),
}

impl TagArgs {
    /// Runs the command.
    pub fn run(self) -> Result<()> {
        match self.command {
            TagCommand::List(args) => args.run(),
            TagCommand::Show(args) => args.run(),
            TagCommand::Apply(args) => args.run(),
            TagCommand::Add(args) => args.run(),
            TagCommand::Remove(args) => args.run(),
            TagCommand::Copy(args) => args.run(),
            TagCommand::Move(args) => args.run(),
            TagCommand::Delete(args) => args.run(),
        }
    }
}

/// Opens the tags for a change. In a dry run the file is not written.
fn begin(folder: &Path, is_dry_run: bool) -> Result<Change> {
    Change::begin(&TAGS, &TAGS.path(folder), is_dry_run, reply::waiting_for_hand)
}

/// Edits the tags. The change is refused if there would be too many tags afterwards.
fn edited(
    change: &mut Change,
    config: &Config,
    edit: impl FnOnce(&mut TagBook<'_>) -> Result<Vec<Changed>>,
) -> Result<Vec<Changed>> {
    let mut book = TagBook::of(&mut change.file);
    let changed = edit(&mut book)?;
    let names = book.tags().names(&config.tag_names());
    if changed.iter().any(|changed| changed.added > 0) && names.len() > config.max_tags() {
        let values = [("n", names.len().to_string()), ("most", config.max_tags().to_string())];
        return Err(Error::data_of("tags_full", &values));
    }
    book.settle();
    Ok(changed)
}

/// Writes the answer with `answer`, and then the file, if any tag changed.
fn finish(change: Change, changed: &[Changed], answer: impl FnOnce() -> Result<()>) -> Result<()> {
    change.finish(changed.iter().any(|changed| changed.is_changed), |_| answer())
}

/// The table of what a change did or would do, one row for each tag.
fn changes(changed: &[Changed]) -> Result<Table> {
    let count = |name: &str, of: fn(&Changed) -> u64| counts(name, changed.iter().map(|one| Some(of(one))));
    let columns = vec![
        texts(names::TAG, changed.iter().map(|one| Some(one.tag.clone()))),
        count(names::ADDED_COUNT, |one| one.added),
        count(names::REMOVED_COUNT, |one| one.removed),
        count(names::KEPT_COUNT, |one| one.kept),
        count(names::CUSTOMER_COUNT, Changed::customer_count),
        count(names::MANUAL_COUNT, |one| one.by_hand),
    ];
    let specs = vec![
        Spec::new(names::TAG, Kind::Text, 0),
        Spec::new(names::ADDED_COUNT, Kind::Count, 0),
        Spec::new(names::REMOVED_COUNT, Kind::Count, 0),
        Spec::new(names::KEPT_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::MANUAL_COUNT, Kind::Count, 1),
    ];
    Ok(Table::new(CHANGES, "tags", specs, frame(columns)?))
}

/// The answer of a run that read exports, with the table of what changed.
fn answer(ground: &Ground<'_>, customer_count: u64, changed: &[Changed], is_dry_run: bool) -> Result<Answer> {
    Ok(Answer {
        tables: vec![changes(changed)?.with_rows(usize::MAX)],
        parameters: Map::from_iter([("dry_run".to_owned(), json!(is_dry_run))]),
        as_of: ground.scope.known_day(),
        window: ground.scope.window,
        customer_count,
        order_count: ground.facts.order_total,
        accounting: ground.facts.accounting.clone(),
        ..Answer::default()
    })
}

/// Adds the hand-kept file of a folder named by a flag to the files that no output may replace.
fn reading(files: Files, folder: Option<&Path>) -> Files {
    files.read(folder.map(|folder| TAGS.path(folder)).as_deref())
}

/// The name of a tag without surrounding spaces; refuses a text that is no valid name.
fn checked_name(text: &str) -> Result<String> {
    hand::tag_name(text)
        .map(str::to_owned)
        .ok_or_else(|| Error::usage_of("tag_no_name", &[("seen", format!("{text:?}"))]))
}

/// The error that a tag does not exist, with the most similar name of those that do.
fn no_tag(name: &str, known: &[String]) -> Error {
    let near = nearest(name, known.iter().map(String::as_str));
    let key = if near.is_some() { "tag_none_near" } else { "tag_none" };
    let (message, hint) =
        said(key, &[("tag", name.to_owned()), ("near", near.unwrap_or_default().to_owned())]);
    Error::data(message, hint)
}

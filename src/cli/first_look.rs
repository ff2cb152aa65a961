//! `ecrm FILES`, without a command: what the files are, who the customers are, what to type next.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{Args, Parser};
use polars::prelude::DataFrame;

use super::check::{describe, file_columns};
use super::session::{Asking, Recognised};
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use super::standard_input::{self, StandardInput};
use super::{Voice, output};
use crate::answer::{Kind, Spec, Table};
use crate::check::{self, Check, Verdict};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::locale::sentence;
use crate::metrics::customer_facts::customer_facts;
use crate::metrics::finish::{frame, texts};
use crate::metrics::{Scope, latest};
use crate::parse::source::file_beside;
use crate::questions::{Answer, Asked, Question, Segment};
use crate::reading::Ingested;
use crate::schema::{self, Wants, meant, names};
use crate::store::Store;
use crate::text::shell_word;

/// A first look at files: what each is, the lifecycle segments, what stands out, and what to type next
#[derive(Debug, Parser)]
#[command(
    name = "ecrm",
    after_help = "Examples:
  ecrm orders.csv
  ecrm exports/*
  ecrm exports                            a folder: the files in it that are of use
  cat orders.csv | ecrm                   from a pipe

The tables are files (the main one), segments, stands_out and next. The exit code is 1 when a file that was named cannot \
be read; what lies in a folder and is no export is left out, which is said."
)]
pub struct FirstLook {
    #[command(flatten)]
    pub(crate) voice: Voice,
    #[command(flatten)]
    args: FirstLookArgs,
}

#[derive(Debug, Args)]
#[command(mut_arg("condition", |arg| arg.hide(true)), mut_arg("orders_where", |arg| arg.hide(true)))]
struct FirstLookArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Refuses a first word on the command line that is neither a command nor a file.
///
/// # Errors
/// With suggestions of what may have been meant.
pub fn require_a_file(word: &OsStr, commands: &[String]) -> Result<()> {
    let text = word.to_string_lossy();
    let is_pattern = text.contains(['*', '?', '[']);
    if is_pattern || text == "-" || Path::new(word).exists() {
        return Ok(());
    }
    let looks_like_a_file = text.contains(['.', '/', '\\']);
    let command = meant(&text, commands.iter().map(String::as_str)).filter(|_| !looks_like_a_file);
    let (key, near) = match (command, file_beside(Path::new(word))) {
        (Some(command), _) => ("no_command_near", command.to_owned()),
        (None, Some(file)) => ("no_command_file", shell_word(&file.display().to_string())),
        (None, None) => ("no_command", String::new()),
    };
    Err(Error::usage_of(key, &[("name", text.to_string()), ("near", near)]))
}

/// Whether the words are files to look at, perhaps behind flags, or only flags with a pipe as input.
///
/// # Errors
/// When standard input cannot be read.
pub fn is_meant(words: &[OsString], commands: &[String]) -> Result<bool> {
    let Ok(look) = FirstLook::try_parse_from(words) else { return Ok(false) };
    let FirstLookArgs { input, output, .. } = &look.args;
    match input.files.first() {
        // If a command's name comes first, it is the command and flags follow.
        Some(file)
            if commands.contains(file)
                && (words.get(1).is_some_and(|word| word == file.as_str()) || !Path::new(file).exists()) =>
        {
            Ok(false)
        }
        Some(file) => require_a_file(OsStr::new(file), commands).map(|()| true),
        None if input.tables.iter().any(|(_, named)| !named.is_empty()) => Ok(true),
        None => {
            let note = standard_input::waiting_note(output::lang(output.lang, &Config::default()).locale());
            Ok(standard_input::detect(note)? == StandardInput::Begun)
        }
    }
}

impl FirstLook {
    /// Reads what can be read, and writes what the files are, what stands out and what to type next.
    pub fn run(self) -> Result<()> {
        let FirstLookArgs { mut input, scope, output } = self.args;
        let of_folders = in_place_of_folders(&mut input.files)?;
        if scope.condition.is_some() || scope.orders_where.is_some() {
            return Err(Error::usage_of("first_look_where", &[]));
        }
        let all = schema::Table::ALL.to_vec();
        let wants = Wants { regions: true, tables: all, survey: true, ..Wants::default() };
        let asking = Asking::open(&input, &scope, &output)?;
        let question = Segment { params: super::segment::params_of(asking.config())?, lists: false };
        let mut session = asking.session("first_look", wants)?;
        let mut recognised = session.recognise(&of_folders)?;
        if recognised.typed.is_empty() && !of_folders.is_empty() {
            return Err(Error::data_of("no_exports", &[("n", of_folders.len().to_string())]));
        }
        let mut ingested = session.read_what_can_be(&mut recognised.failures)?;
        session.remark(recognised.remark().as_slice());
        let Recognised { typed, failures, .. } = recognised;
        let today = session.today();
        let doubt = latest::doubts(session.request(), &ingested.orders, None, today)?;
        ingested.notes.extend(doubt);
        let described: Vec<(String, String, String)> = failures.iter().map(describe).collect();
        let scope = session.request().settled(&ingested.orders, None)?;
        let checked = check::check(&ingested, &scope, today, &described)?;
        let too_little = session.too_little(&ingested);
        let (sources, is_personal) = (ingested.sources.clone(), ingested.orders.ids_are_personal);
        let names = named(&typed);
        let answer = answer(scope, ingested, &checked, &question, &names)?;
        session.write(&sources, is_personal, answer)?;
        failures.into_iter().next().or(too_little).map_or(Ok(()), Err)
    }
}

/// Replaces each folder by its files, sorted by name, and returns these. Stores and folders within folders are left
/// alone.
fn in_place_of_folders(names: &mut Vec<String>) -> Result<Vec<String>> {
    let mut within = Vec::new();
    let mut all = Vec::new();
    for name in names.drain(..) {
        let path = Path::new(&name);
        if !path.is_dir() || Store::is_at(path) {
            all.push(name);
            continue;
        }
        let files = files_in(path)?;
        if files.is_empty() {
            return Err(Error::input_of(name, "empty_folder", &[]));
        }
        within.extend(files.iter().cloned());
        all.extend(files);
    }
    *names = all;
    Ok(within)
}

/// The files in a folder that are not hidden, sorted by name.
fn files_in(folder: &Path) -> Result<Vec<String>> {
    let failed = |error| Error::io("read", folder, error);
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(here).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !is_hidden && entry.path().is_file() {
            files.push(folder.join(entry.file_name()).display().to_string());
        }
    }
    files.sort();
    Ok(files)
}

/// Whether a folder contains other folders, which a shell's `*` would match too.
fn has_folders(folder: &Path) -> bool {
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let is_named = |entry: std::fs::DirEntry| {
        entry.path().is_dir() && !entry.file_name().to_string_lossy().starts_with('.')
    };
    std::fs::read_dir(here).is_ok_and(|all| all.flatten().any(is_named))
}

/// The files as the user would type them: one by one, or as `folder/*` if they are many and are, in this order,
/// everything in the folder.
fn named(files: &[String]) -> String {
    const MAX_NAMES: usize = 6;
    // The sheets of a workbook are one file.
    let mut names: Vec<&str> = Vec::new();
    for name in files {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let folder = names.first().and_then(|name| Path::new(name).parent()).filter(|_| names.len() > MAX_NAMES);
    match folder {
        Some(folder) if files_in(folder).is_ok_and(|all| all == names) && !has_folders(folder) => {
            match folder.to_string_lossy() {
                here if here.is_empty() => "*".to_owned(),
                there => format!("{}/*", shell_word(&there)),
            }
        }
        _ => names.into_iter().map(shell_word).collect::<Vec<_>>().join(" "),
    }
}

fn answer(
    scope: Scope,
    ingested: Ingested,
    checked: &Check,
    question: &Segment,
    names: &str,
) -> Result<Answer> {
    let files = check::files(&ingested)?;
    let next = check::first_look::next(checked, &ingested.sources, names);
    let can_segment = checked.verdicts.iter().any(|(name, verdict, ..)| {
        *name == Segment::ABOUT.name && *verdict != Verdict::Blocked && checked.customer_count > 0
    });
    let facts = match can_segment {
        true => Some(customer_facts(&ingested.orders, &scope, ingested.accounting.clone())?),
        false => None,
    };
    let standing_out = check::first_look::standing_out(
        checked,
        facts.as_ref(),
        question.params.active_days,
        ingested.sources.len(),
    )?;
    let mut tables = vec![Table::new("files", "files", file_columns(), files)];
    if let Some(facts) = facts {
        let shows = |_: &str| true;
        let asked =
            Asked { read: ingested, came: None, facts: Some(facts), scope, chosen: None, shows: &shows };
        tables.extend(question.answer(asked)?.tables);
    }
    tables.push(Table::new("stands_out", "findings", outstanding_columns(), standing_out));
    tables.push(Table::new("next", "verdicts", next_columns(), next_frame(&next)?));
    Ok(Answer {
        tables,
        window: scope.window,
        as_of: checked.as_of,
        customer_count: checked.customer_count,
        order_count: checked.order_count,
        accounting: checked.total.clone(),
        ..Answer::default()
    })
}

fn next_frame(next: &[(String, &'static str)]) -> Result<DataFrame> {
    frame(vec![
        texts(names::COMMAND, next.iter().map(|(command, _)| Some(command.clone()))),
        texts(names::EXPLANATION, next.iter().map(|(_, why)| Some(sentence(why, &[])))),
    ])
}

fn next_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::COMMAND, Kind::Command { of: names::EXPLANATION }, 0),
        Spec::new(names::EXPLANATION, Kind::Clause("next"), 0),
    ]
}

fn outstanding_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::SEVERITY, Kind::Label("severity"), 1),
        Spec::new(names::FILE, Kind::Text, 2),
        Spec::new(names::EXPLANATION, Kind::Sentence("finding"), 0),
    ]
}

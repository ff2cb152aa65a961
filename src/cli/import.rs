//! `ecrm import`.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::files::Files;
use super::reading::OfKinds;
use super::rejects::Unread;
use super::reply::{Reply, ReplyArgs, WaitArgs};
use super::session::how_read;
use super::shared::InputArgs;
use super::{configuration, progress, reading, rejects, standard_input, voice};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::locale::Remark;
use crate::parse::check_mapping;
use crate::parse::source::Place;
use crate::parse::unreadable::Tally;
use crate::present::sink::Sink;
use crate::reading::expand::Named;
use crate::schema::reject::{Reason, Reject};
use crate::store::{Imported, Outcome, Store};

/// Add exports to a store, so that daily runs cost only the new file; every command reads the store as if it were them
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm import exports/*.csv --store shop && ecrm segment shop
  ecrm import yesterday.csv.gz --store shop --rejects odd.csv
  ecrm import orders.csv                  into the store that ecrm.toml names
  ecrm import --again may.csv --store shop      after [status] in ecrm.toml was taught a word

Of an order in several exports the one imported later counts; of one import's files the one named later. A file whose \
content is in the store already is left out. Either all files are added or none is, whatever happens meanwhile.")]
pub struct ImportArgs {
    /// The store, a folder; made where there is none [default: `store` in ecrm.toml]
    #[arg(long, value_name = "FOLDER")]
    store: Option<PathBuf>,

    /// Read files anew that are in the store (the same content, or else the same name): what they give now takes the
    /// place of what they gave, after a status or a column was taught
    #[arg(long)]
    again: bool,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    wait: WaitArgs,
    #[command(flatten)]
    reply: ReplyArgs,
}

impl ImportArgs {
    /// Reads the files and adds them.
    pub fn run(self) -> Result<()> {
        let mut config = configuration::find(self.input.config.as_deref())?;
        let folder = self.folder(&config)?;
        Files::read_by(&self.input, &config)
            .store(Some(&folder))
            .write("--rejects", self.input.rejects.as_deref())
            .stdout()
            .check()?;
        let reply = self.reply.reply(&config);
        let say = |remarks: &[Remark]| remarks.iter().for_each(|remark| reply.remark(remark));
        say(configuration::note(&config).as_slice());
        let store = Store::open_or_create(&folder)?;
        // The store is where files go, not an input.
        config.inputs.store = None;
        let tables = crate::schema::Table::ALL;
        let waiting = standard_input::waiting_note(reply.locale());
        let Named { inputs, notes, .. } = reading::inputs(&self.input, &config, (tables, None), waiting)?;
        say(&notes);
        if self.input.identity.is_some() {
            // A store keeps ids as they are, so identity settings have no effect at import.
            say(&[Remark::new("identity_at_import")]);
        }
        if let Some(input) = inputs.iter().find(|input| matches!(input.place, Place::Store(_))) {
            return Err(Error::input_of(input.name(), "import_store", &[]));
        }
        let options = reading::options(&self.input, &config)?;
        let sink = self.input.rejects.as_deref().map(Sink::private_file).transpose()?;
        let bar = progress::bar(&inputs, &options.progress, voice::is_quiet(), reply.locale());
        let (tolerance, of_kinds) = (self.input.tolerance(), OfKinds::of(&self.input, None));
        let accept = |imported: &[Imported], notes: &[Remark]| {
            if let Some(bar) = &bar {
                bar.finish_and_clear();
            }
            say(notes);
            let sources = imported.iter().map(|one| &one.info);
            check_mapping(sources.clone(), &options)?;
            let unused = of_kinds.check(&options, &inputs, sources)?;
            // Files that are in the store already were not read.
            let is_any_read = imported.iter().any(|one| !matches!(one.outcome, Outcome::Known { .. }));
            say(unused.filter(|_| is_any_read).as_slice());
            let rejects: Vec<Reject> = imported.iter().flat_map(|one| one.rejects.iter().cloned()).collect();
            let has_file = sink.is_some();
            if let Some(sink) = sink {
                rejects::write(&rejects, sink)?;
            }
            let (mut tally, mut rows_read) = (Tally::default(), 0);
            let is_read =
                |one: &&Imported| matches!(one.outcome, Outcome::Added { .. } | Outcome::Again { .. });
            for one in imported.iter().filter(is_read) {
                let (table, rejected) = (one.info.table(), one.rejects.len() as u64);
                tally.add(table, one.info.rows_read, one.empty_rows, rejected);
                rows_read += one.info.rows_read;
            }
            let unread = Unread { rejects: &rejects, rows_read, tables: &tally.unreadable(), has_file };
            unread.judge(&tolerance)?;
            let told = match voice::is_quiet() {
                true => unread.line(reply.locale()),
                false => unread.words_to_teach(reply.locale()),
            };
            told.iter().for_each(|note| voice::tell_note(note));
            match self.report(imported, reply) {
                // If nobody reads the output any more, the import still succeeds.
                Err(error) if error.is_broken_pipe() => Ok(()),
                told => told,
            }
        };
        let imported =
            self.wait.waiting(reply, |wait| store.import(&inputs, &options, self.again, wait, accept));
        if let Some(bar) = &bar {
            bar.finish_and_clear();
        }
        imported
    }

    fn folder(&self, config: &Config) -> Result<PathBuf> {
        self.store.clone().or_else(|| config.store()).ok_or_else(|| Error::usage_of("no_store_flag", &[]))
    }

    fn report(&self, imported: &[Imported], reply: Reply) -> Result<()> {
        for Imported { info, .. } in imported {
            voice::detail(&how_read(info, reply.locale()));
        }
        hints(imported, reply);
        let files: Vec<Value> = imported.iter().map(as_json).collect();
        let lines: Vec<String> = imported.iter().map(|one| line(one, reply)).collect();
        reply.done(&json!({ "report": "import", "files": files }), &lines)
    }
}

fn line(imported: &Imported, reply: Reply) -> String {
    let Imported { info, outcome, rejects, forgotten, .. } = imported;
    let file = ("file", info.name.clone());
    let superseded = match outcome {
        Outcome::Added { superseded } | Outcome::Again { superseded, .. } => *superseded,
        Outcome::Known { .. } => return reply.words("known", &[file]),
        Outcome::OfNoUse => {
            return reply.words("of_no_use", &[file, ("title", info.layout.preset.title.to_string())]);
        }
    };
    let (table, rows) = (info.table().name().to_owned(), info.rows_read.to_string());
    let (code, lost) = match outcome {
        Outcome::Again { lost, .. } => ("read_again", *lost),
        _ => ("imported", 0),
    };
    let mut line = reply.words(code, &[file, ("canonical", table), ("rows", rows)]);
    let counts = [
        ("replaced", superseded),
        ("lost", lost),
        ("left_out", *forgotten),
        ("unreadable", rejects.len() as u64),
    ];
    for (code, n) in counts {
        if n > 0 {
            line.push_str(&reply.words(code, &[("n", n.to_string())]));
        }
    }
    line
}

/// Suggests reading files anew: if there are unknown status words, or files in the store with rows that could not be
/// read.
fn hints(imported: &[Imported], reply: Reply) {
    // The snippet to paste names the words.
    let is_untaught =
        |reject: &&Reject| reject.reason == Reason::UnknownStatus && !reject.seen.trim().is_empty();
    let rows = imported.iter().flat_map(|one| &one.rejects).filter(is_untaught).count();
    if rows > 0 {
        reply.note("untaught", &[("n", rows.to_string())]);
    }
    for one in imported {
        if let Outcome::Known { unreadable: n @ 1.., .. } = one.outcome {
            reply.note("known_unreadable", &[("file", one.info.name.clone()), ("n", n.to_string())]);
        }
    }
}

fn as_json(imported: &Imported) -> Value {
    let (outcome, superseded, lost) = match imported.outcome {
        Outcome::Added { superseded } => ("added", superseded, 0),
        Outcome::Again { superseded, lost } => ("read_again", superseded, lost),
        Outcome::Known { .. } => ("known", 0, 0),
        Outcome::OfNoUse => ("of_no_use", 0, 0),
    };
    json!({
        "file": imported.info.name,
        "table": imported.info.table().name(),
        "outcome": outcome,
        "rows_read": imported.info.rows_read,
        "rows_quarantined": imported.rejects.len(),
        "rows_forgotten": imported.forgotten,
        "superseded_row_count": superseded,
        "lost_order_count": lost,
    })
}

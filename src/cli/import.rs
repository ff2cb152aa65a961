//! `ecrm import`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::shared::{CustomerArgs, InputArgs};
use super::{progress, reading, rejects, tell};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::ingest::source::Place;
use crate::present::sink::Sink;
use crate::store::{Imported, Outcome, Store};

/// Add exports to a store, so that daily runs cost only the new file; every command reads the store as if it were them
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm import exports/*.csv --store shop && ecrm segment shop
  ecrm import yesterday.csv.gz --store shop --rejects odd.csv
  ecrm import orders.csv                  into the store that ecrm.toml names

Of an order in several exports the one imported later counts; of one import's files the one named later. A file whose \
content is in the store already is left out. Either all files are added or none is, whatever happens meanwhile.")]
pub struct ImportArgs {
    /// The store, a folder; made where there is none [default: `store` in ecrm.toml]
    #[arg(long, value_name = "FOLDER")]
    store: Option<PathBuf>,

    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    customers: CustomerArgs,

    /// Write what became of each file as JSON
    #[arg(long, help_heading = "Output")]
    json: bool,

    /// Say nothing but errors
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,
}

impl ImportArgs {
    /// Reads the files and adds them.
    pub fn run(self) -> Result<()> {
        let folder = std::env::current_dir().map_err(|error| Error::io("read", Path::new("."), error))?;
        let mut config = Config::find(self.input.config.as_deref(), &folder)?;
        let store = Store::open_or_create(&self.folder(&config)?)?;
        // The store is where files go to, not what is read.
        config.inputs.store = None;
        let tables = crate::schema::Table::ALL;
        let inputs = reading::inputs(&self.input, &self.customers.customers, &config, &tables)?;
        if let Some(input) = inputs.iter().find(|input| matches!(input.place, Place::Store(_))) {
            return Err(Error::input(input.name(), "this is a store itself", "name the exports to import"));
        }
        let options = reading::options(&self.input, &config)?;
        let sink = self.input.rejects.as_deref().map(Sink::file).transpose()?;
        let bar = progress::bar(&inputs, &options.progress, self.quiet);
        let is_strict = self.input.strict;
        let imported = store.import(
            &inputs,
            &options,
            |found| if is_strict { rejects::refuse(found, sink.is_some()) } else { Ok(()) },
            || tell("note: waiting for another process that is changing the store"),
        );
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        let imported = imported?;
        if let Some(sink) = sink {
            let all: Vec<_> = imported.iter().flat_map(|one| one.rejects.iter().cloned()).collect();
            rejects::write(&all, sink)?;
        }
        self.report(&imported)
    }

    fn folder(&self, config: &Config) -> Result<PathBuf> {
        let of_config = config
            .inputs
            .store
            .as_ref()
            .map(|name| PathBuf::from(config.resolved(std::slice::from_ref(name)).swap_remove(0)));
        self.store.clone().or(of_config).ok_or_else(|| {
            Error::usage(
                "no store",
                "name its folder with --store FOLDER, or as store = \"FOLDER\" under [inputs] in ecrm.toml",
            )
        })
    }

    fn report(&self, imported: &[Imported]) -> Result<()> {
        if self.json {
            let files: Vec<Value> = imported.iter().map(as_json).collect();
            let text = format!("{:#}\n", json!({ "report": "import", "files": files }));
            return Sink::Stdout.write_with(|out| out.write_all(text.as_bytes()));
        }
        if self.quiet {
            return Ok(());
        }
        let lines: String = imported.iter().map(|one| format!("{}\n", line(one))).collect();
        Sink::Stdout.write_with(|out| out.write_all(lines.as_bytes()))
    }
}

fn line(imported: &Imported) -> String {
    let Imported { info, outcome, rejects } = imported;
    let name = &info.name;
    match outcome {
        Outcome::Added { superseded } => {
            let mut line = format!("{name}: {}, {} rows", info.table().name(), info.rows_read);
            if *superseded > 0 {
                line.push_str(&format!(", {superseded} orders replaced"));
            }
            if !rejects.is_empty() {
                line.push_str(&format!(", {} rows cannot be read", rejects.len()));
            }
            line
        }
        Outcome::Known { .. } => format!("{name}: in the store already"),
        Outcome::OfNoUse => format!("{name}: {}, left out", info.layout.preset.title.en),
    }
}

fn as_json(imported: &Imported) -> Value {
    let (outcome, superseded) = match imported.outcome {
        Outcome::Added { superseded } => ("added", superseded),
        Outcome::Known { .. } => ("known", 0),
        Outcome::OfNoUse => ("of_no_use", 0),
    };
    json!({
        "file": imported.info.name,
        "table": imported.info.table().name(),
        "outcome": outcome,
        "rows_read": imported.info.rows_read,
        "rows_quarantined": imported.rejects.len(),
        "orders_superseded": superseded,
    })
}

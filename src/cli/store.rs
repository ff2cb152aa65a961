//! `ecrm store`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::tell;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::present::sink::Sink;
use crate::store::{Forgotten, Manifest, Store};

/// Look after a store: what it holds, whether it is whole, fewer files, erasing a customer
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm store info shop
  ecrm store verify shop || mail -s 'the store is damaged' me < /dev/null
  ecrm store compact shop
  ecrm store forget someone@example.com shop")]
pub struct StoreArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What was imported, and how much room it takes
    #[command(after_help = "Example:\n  ecrm store info shop --json | jq .imports")]
    Info(Of),
    /// Read every byte and name the files that are damaged; the exit code is 1 when there are any
    #[command(after_help = "Example:\n  ecrm store verify shop")]
    Verify(Of),
    /// Put its files together and drop rows that later imports replaced; answers stay the same
    #[command(after_help = "Example:\n  ecrm store compact shop")]
    Compact(Of),
    /// Erase a customer from every file of the store: orders, items, events, messages, unreadable rows that hold the id
    #[command(
        after_help = "Example:\n  ecrm store forget someone@example.com shop\n\nThe exports that were imported are \
        not the store's: erase the customer there too, or a new import brings them back."
    )]
    Forget {
        /// The customer's id as the exports have it (or e-mail address, or phone, where that tells customers apart)
        customer: String,
        #[command(flatten)]
        of: Of,
    },
}

#[derive(Debug, Args)]
struct Of {
    /// The store [default: `store` in ecrm.toml]
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,

    /// Write the result as JSON
    #[arg(long)]
    json: bool,

    /// The configuration [default: ecrm.toml here or in a folder above]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl StoreArgs {
    /// Does what was asked.
    pub fn run(self) -> Result<()> {
        match self.command {
            Command::Info(of) => info(&of),
            Command::Verify(of) => verify(&of),
            Command::Compact(of) => compact(&of),
            Command::Forget { customer, of } => forget(&customer, &of),
        }
    }
}

impl Of {
    fn store(&self) -> Result<Store> {
        let here = std::env::current_dir().map_err(|error| Error::io("read", Path::new("."), error))?;
        let config = Config::find(self.config.as_deref(), &here)?;
        let of_config = config
            .inputs
            .store
            .as_ref()
            .map(|name| PathBuf::from(config.resolved(std::slice::from_ref(name)).swap_remove(0)));
        let folder = self.folder.clone().or(of_config).ok_or_else(|| {
            Error::usage("no store", "name its folder, or say store = \"FOLDER\" under [inputs] in ecrm.toml")
        })?;
        Store::open(&folder)
    }

    fn say(&self, value: &Value, text: &str) -> Result<()> {
        let text = if self.json { format!("{value:#}\n") } else { format!("{text}\n") };
        Sink::Stdout.write_with(|out| out.write_all(text.as_bytes()))
    }
}

fn waiting() {
    tell("note: waiting for another process that is changing the store");
}

fn info(of: &Of) -> Result<()> {
    let store = of.store()?;
    let manifest = store.manifest()?;
    let (files, bytes) = manifest.size();
    let imports: Vec<Value> = manifest
        .imports
        .iter()
        .map(|import| {
            json!({
                "number": import.number,
                "file": import.name,
                "table": import.table.name(),
                "preset": import.preset,
                "rows_read": import.rows_read,
                "rows_quarantined": import.rows_quarantined,
                "bytes": import.bytes,
                "sha256": import.sha256,
            })
        })
        .collect();
    let value = json!({
        "report": "store_info",
        "store": store.folder().display().to_string(),
        "state": manifest.state,
        "files": files,
        "bytes": bytes,
        "order_rows": manifest.order_rows(),
        "orders_superseded": manifest.superseded_rows(),
        "segments": manifest.segments.len(),
        "imports": imports,
    });
    of.say(&value, &described(&manifest, files, bytes))
}

fn described(manifest: &Manifest, files: u64, bytes: u64) -> String {
    let mut lines = vec![format!(
        "{} imports, {} rows of orders ({} replaced by later imports) in {} segments; {files} files, {}",
        manifest.imports.len(),
        manifest.order_rows(),
        manifest.superseded_rows(),
        manifest.segments.len(),
        indicatif::HumanBytes(bytes),
    )];
    for import in &manifest.imports {
        let odd = match import.rows_quarantined {
            0 => String::new(),
            n => format!(", {n} cannot be read"),
        };
        lines.push(format!(
            "{:>4}  {}: {} ({}), {} rows{odd}",
            import.number,
            import.name,
            import.table.name(),
            import.preset,
            import.rows_read
        ));
    }
    lines.join("\n")
}

fn verify(of: &Of) -> Result<()> {
    let store = of.store()?;
    let verified = store.verify()?;
    let value = json!({
        "report": "store_verify",
        "files": verified.files,
        "bytes": verified.bytes,
        "damaged": verified.damaged,
    });
    let mut text = format!("{} files, {}", verified.files, indicatif::HumanBytes(verified.bytes));
    match verified.damaged.is_empty() {
        true => text.push_str(": whole"),
        false => verified.damaged.iter().for_each(|file| text.push_str(&format!("\ndamaged: {file}"))),
    }
    of.say(&value, &text)?;
    match verified.damaged.as_slice() {
        [] => Ok(()),
        damaged => Err(Error::input(
            store.folder().display().to_string(),
            format!("{} of its {} files are damaged", damaged.len(), verified.files),
            "restore them from a backup, or import the exports again into a new store",
        )),
    }
}

fn compact(of: &Of) -> Result<()> {
    let (before, after) = of.store()?.compact(waiting)?;
    let value = json!({ "report": "store_compact", "segments_before": before, "segments_after": after });
    of.say(&value, &format!("{before} segments before, {after} now"))
}

fn forget(customer: &str, of: &Of) -> Result<()> {
    let erased = of.store()?.forget(customer, waiting)?;
    let value = json!({
        "report": "store_forget",
        "order_rows": erased.orders,
        "other_rows": erased.rows,
        "unreadable_rows": erased.rejects,
    });
    let is_nothing = erased == Forgotten::default();
    if is_nothing {
        tell(&format!("note: no row of the store names {customer}"));
    }
    let text = format!(
        "erased: {} rows of orders, {} of other tables, {} that cannot be read",
        erased.orders, erased.rows, erased.rejects
    );
    of.say(&value, &text)
}

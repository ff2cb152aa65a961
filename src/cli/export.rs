//! `ecrm export`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::files::Files;
use super::reply::ReplyArgs;
use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::disk::folder::Folder;
use crate::error::Result;
use crate::export::{self, Written};
use crate::schema::Table;

/// Write orders, items, customers, events and messages as a folder of Parquet files, which Spark, DuckDB and polars
/// read
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm export exports/*.csv -o tables
  ecrm export shop -o tables              what a store holds
  ecrm export may.csv --sequence 5 -o tables-may

The folder has a folder of files for each table and schema.json, which says what is in them: days as days since 1970-01-01, \
amounts in millionths of the currency unit, ids as texts; `ecrm define export` lists the columns. It appears whole or not \
at all, for its owner alone; an earlier export in its place is replaced, anything else is refused. Names, phones and \
e-mail addresses stay out of it, but for those that are customer ids.")]
pub struct ExportArgs {
    /// The folder to write
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,

    /// The number of this export, which its folders and its rows carry [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000_000), default_value_t = 1, hide_default_value = true)]
    sequence: u32,

    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    reply: ReplyArgs,
}

impl ExportArgs {
    /// Reads the inputs and writes the tables into the folder.
    pub fn run(self) -> Result<()> {
        let (scope, output) =
            (ScopeArgs::default(), OutputArgs { lang: self.reply.lang(), ..OutputArgs::default() });
        let writes = |files: Files| files.write_folder("-o", &self.output);
        let asking = Asking::open_with(&self.input, &scope, &output, writes)?;
        let reply = self.reply.reply(asking.config());
        let folder = Folder::begin(&self.output, export::stranger)?;
        for left in folder.left() {
            reply.note("folder_left", &[("folder", left.display().to_string())]);
        }
        let mut session = asking.session("export", export::wants())?;
        let read = session.read_rows(Table::ALL)?.in_order()?;
        if read.orders.ids_are_personal {
            reply.note("export_ids_are_personal", &[]);
        }
        let written = export::write(&read, self.sequence, &folder)?;
        folder.finish()?;
        let object = json!({
            "report": "export",
            "folder": self.output.display().to_string(),
            "export_sequence": self.sequence,
            "tables": written.iter().map(as_json).collect::<Vec<_>>(),
        });
        let line = |of: &Written| {
            let values = [
                ("canonical", of.table.to_owned()),
                ("rows", of.rows.to_string()),
                ("files", of.files.to_string()),
            ];
            reply.words("exported", &values)
        };
        reply.done(&object, &written.iter().map(line).collect::<Vec<_>>())
    }
}

fn as_json(written: &Written) -> serde_json::Value {
    json!({ "table": written.table, "rows": written.rows, "files": written.files })
}

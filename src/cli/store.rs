//! `ecrm store`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::files::Files;
use super::people::{ForgetArgs, WhoArgs};
use super::reply::{Reply, ReplyArgs, WaitArgs};
use super::{configuration, voice};
use crate::error::{Error, Result};
use crate::store::{Import, Manifest, Store, Verified};

/// Look after a store: what it holds, of whom, whether it is whole, fewer files, erasing people
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm store info shop
  ecrm store verify shop || mail -s 'the store is damaged' me < /dev/null
  ecrm store compact shop
  ecrm store who someone@example.com shop
  ecrm store forget someone@example.com shop --dry-run")]
pub struct StoreArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What was imported, and how much room it takes
    #[command(after_help = "Example:\n  ecrm store info shop --format json | jq .imports")]
    Info(Of),
    /// Read every byte and name the files that are damaged; the exit code is 1 when there are any
    #[command(after_help = "Example:\n  ecrm store verify shop")]
    Verify(Of),
    /// Put its files together and give up rows that later imports replaced; answers stay the same
    #[command(
        after_help = "Example:\n  ecrm store compact shop\n\nImports put files together by themselves, and keep what later \
        ones replaced for import --again. After this command a file that lacks orders which it had is read again only \
        together with the earlier files that had them too."
    )]
    Compact {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Show all that is held of a person, by customer id, phone number or e-mail address; the exit code is 1 for
    /// somebody unknown
    #[command(
        after_help = "Examples:\n  ecrm store who someone@example.com shop\n  ecrm store who '+86 138 0000 0001' shop \
        --show-pii -o held.xlsx\n  ecrm store who 1001 shop --table orders --format csv\n\nThe first table, `held`, \
        counts the rows of the others: orders, items, customers, events, sends, contacts, unreadable."
    )]
    Who(WhoArgs),
    /// Erase people, by customer id, phone number or e-mail address, from every file of the store: orders, items,
    /// events, messages, statistics, unreadable rows; later exports do not bring them back
    #[command(
        after_help = "Examples:\n  ecrm store forget someone@example.com shop --dry-run\n  ecrm store forget \
        someone@example.com 13800000001 shop\n\nA phone number or e-mail address stands for the ids that customer \
        lists have it for or, where none has it, for those in whose orders it stands; all of them go, and are named. \
        What other backups or exports hold is not the store's. The exit code is 1, and nothing is touched, when one of \
        them is unknown."
    )]
    Forget(ForgetArgs),
}

#[derive(Debug, Args)]
struct Of {
    /// The store [default: `store` in ecrm.toml]
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,

    #[command(flatten)]
    reply: ReplyArgs,

    /// The configuration [default: ecrm.toml here or in a folder above]
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    config: Option<PathBuf>,
}

impl StoreArgs {
    /// Runs the subcommand.
    pub fn run(self) -> Result<()> {
        match self.command {
            Command::Info(of) => info(&of),
            Command::Verify(of) => verify(&of),
            Command::Compact { of, wait } => compact(&of, &wait),
            Command::Who(args) => args.run(),
            Command::Forget(args) => args.run(),
        }
    }
}

impl Of {
    fn open(&self) -> Result<(Store, Reply)> {
        let config = configuration::find(self.config.as_deref())?;
        let reply = self.reply.reply(&config);
        configuration::note(&config).iter().for_each(|remark| reply.remark(remark));
        let folder =
            self.folder.clone().or_else(|| config.store()).ok_or_else(|| Error::usage_of("no_store", &[]))?;
        Files::default().read(config.path.as_deref()).store(Some(&folder)).stdout().check()?;
        voice::detail(&reply.words("opened", &[("folder", folder.display().to_string())]));
        Ok((Store::open(&folder)?, reply))
    }
}

fn info(of: &Of) -> Result<()> {
    let (store, reply) = of.open()?;
    let manifest = store.manifest()?;
    let (files, bytes) = manifest.size();
    let imports: Vec<Value> = manifest
        .files_imported()
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
    let object = json!({
        "report": "store_info",
        "store": store.folder().display().to_string(),
        "state": manifest.state,
        "file_count": files,
        "bytes": bytes,
        "order_row_count": manifest.order_rows(),
        "superseded_row_count": manifest.superseded_rows(),
        "segment_count": manifest.segments.len(),
        "imports": imports,
    });
    reply.write(&object, &described(&manifest, reply))
}

fn described(manifest: &Manifest, reply: Reply) -> Vec<String> {
    let (files, bytes) = manifest.size();
    let first = reply.words(
        "info",
        &[
            ("imports", manifest.files_imported().count().to_string()),
            ("rows", manifest.order_rows().to_string()),
            ("n", manifest.superseded_rows().to_string()),
            ("segments", manifest.segments.len().to_string()),
            ("files", files.to_string()),
            ("size", indicatif::HumanBytes(bytes).to_string()),
        ],
    );
    let line = |import: &Import| {
        let words = reply.words(
            "import",
            &[
                ("file", import.name.clone()),
                ("canonical", import.table.name().to_owned()),
                ("preset", import.preset.clone()),
                ("rows", import.rows_read.to_string()),
            ],
        );
        let odd = match import.rows_quarantined {
            0 => String::new(),
            n => reply.words("unreadable", &[("n", n.to_string())]),
        };
        format!("{:>4}  {words}{odd}", import.number)
    };
    std::iter::once(first).chain(manifest.files_imported().map(line)).collect()
}

fn verify(of: &Of) -> Result<()> {
    let (store, reply) = of.open()?;
    let verified = store.verify(&|notice| reply.notice(notice))?;
    let unreadable: Vec<&String> = verified.unreadable.iter().map(|(file, _)| file).collect();
    let object = json!({
        "report": "store_verify",
        "file_count": verified.files,
        "bytes": verified.bytes,
        "damaged_files": verified.damaged,
        "unreadable_files": unreadable,
    });
    let size = indicatif::HumanBytes(verified.bytes).to_string();
    let is_whole = verified.damaged.is_empty() && unreadable.is_empty();
    let code = match verified.damaged.is_empty() {
        true if is_whole => "whole",
        true => "not_seen",
        false => "not_whole",
    };
    let mut lines = vec![reply.words(code, &[("files", verified.files.to_string()), ("size", size)])];
    lines.extend(verified.damaged.iter().map(|file| reply.words("damaged", &[("file", file.clone())])));
    lines.extend(
        verified
            .unreadable
            .iter()
            .map(|(file, cause)| reply.words("closed", &[("file", file.clone()), ("cause", cause.clone())])),
    );
    reply.write(&object, &lines)?;
    let name = store.folder().display().to_string();
    not_whole(&verified).map_or(Ok(()), |(key, values)| Err(Error::input_of(name, key, &values)))
}

/// The message for a store that is damaged or has files that could not be read, as a key of the translations' errors
/// with its values; none for a whole store.
fn not_whole(verified: &Verified) -> Option<(&'static str, [(&'static str, String); 3])> {
    let counts = [
        ("files", verified.files as usize),
        ("damaged", verified.damaged.len()),
        ("closed", verified.unreadable.len()),
    ];
    let key = match (verified.damaged.len(), verified.unreadable.len()) {
        (0, 0) => return None,
        (0, _) => "store_unread",
        (_, 0) => "store_damaged",
        _ => "store_damaged_and_unread",
    };
    Some((key, counts.map(|(name, count)| (name, count.to_string()))))
}

fn compact(of: &Of, wait: &WaitArgs) -> Result<()> {
    let (store, reply) = of.open()?;
    let (before, after) = wait.waiting(reply, |wait| store.compact(wait))?;
    let object = json!({ "report": "store_compact", "segment_count_before": before, "segment_count": after });
    let line = reply.words("compacted", &[("before", before.to_string()), ("after", after.to_string())]);
    reply.done(&object, &[line])
}

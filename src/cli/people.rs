//! `ecrm store who` and `ecrm store forget`: what is held of a person, and erasing it.

use std::path::{Path, PathBuf};

use clap::Args;
use polars::prelude::{Column, DataFrame, DataType, PlSmallStr};
use serde_json::{Map, Value, json};

use super::configuration;
use super::files::Files;
use super::output;
use super::reply::{Reply, ReplyArgs, WaitArgs};
use super::shared::ListArgs;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::masks::Masks;
use crate::present::{Format, Kind, Report, Spec, Table};
use crate::schema::accounting::Accounting;
use crate::schema::{self, Day, Personal, names};
use crate::store::{CONTACT, CONTACTS, Forgotten, Held, IS_SUPERSEDED, RAW, Store, UNREADABLE, kept};

/// The main table: what the store holds, by table; also the key of the word for its rows.
const HELD: &str = "held";

/// Who is meant, and in which store.
#[derive(Debug, Args)]
pub struct PeopleArgs {
    /// Customer ids, phone numbers or e-mail addresses, however they are written (case, spaces, +86); then the store's
    /// folder, where ecrm.toml does not name it
    #[arg(required = true, value_name = "ID|PHONE|E-MAIL ... [FOLDER]")]
    names: Vec<String>,

    /// The store, where its folder could be taken for somebody's id [default: `store` in ecrm.toml]
    #[arg(long, value_name = "FOLDER")]
    store: Option<PathBuf>,

    /// The configuration [default: ecrm.toml here or in a folder above]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What `ecrm store forget` takes.
#[derive(Debug, Args)]
pub struct ForgetArgs {
    #[command(flatten)]
    people: PeopleArgs,

    /// Say what would be erased, and touch nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    reply: ReplyArgs,

    /// Show e-mail addresses and phone numbers among the ids in full
    #[arg(long, help_heading = "Output")]
    show_pii: bool,

    #[command(flatten)]
    wait: WaitArgs,
}

/// What `ecrm store who` takes.
#[derive(Debug, Args)]
pub struct WhoArgs {
    #[command(flatten)]
    people: PeopleArgs,

    #[command(flatten)]
    output: ListArgs,

    #[arg(long, value_name = "NAME", help_heading = "Output", help = help_of_table())]
    table: Option<String>,

    /// Show e-mail addresses, phone numbers and unreadable rows in full
    #[arg(long, help_heading = "Output")]
    show_pii: bool,
}

impl PeopleArgs {
    /// The names and the store: the last name may be its folder.
    fn open(self, output: Option<&Path>) -> Result<(Vec<String>, Store, Config)> {
        let config = configuration::find(self.config.as_deref())?;
        let mut names = self.names;
        let is_store = |name: &String| Store::is_at(Path::new(name));
        let folder = match (self.store, config.store()) {
            (Some(folder), _) => folder,
            // If the store is named elsewhere, all names are people's.
            (None, configured)
                if names.len() > 1 && (configured.is_none() || names.last().is_some_and(is_store)) =>
            {
                names.pop().map(PathBuf::from).unwrap_or_default()
            }
            (None, Some(folder)) => folder,
            (None, None) => {
                return Err(Error::usage_of("no_store_last", &[]));
            }
        };
        Files::default()
            .read(config.path.as_deref())
            .store(Some(&folder))
            .write("-o", output)
            .stdout()
            .check()?;
        Ok((names, Store::open(&folder)?, config))
    }
}

impl ForgetArgs {
    /// Erases the data, or says what would be erased.
    pub fn run(self) -> Result<()> {
        let (names, store, config) = self.people.open(None)?;
        let reply = self.reply.reply(&config);
        configuration::note(&config).iter().for_each(|remark| reply.remark(remark));
        let forgotten = match self.dry_run {
            true => store.would_forget(&names, &|notice| reply.notice(notice))?,
            false => self.wait.waiting(reply, |wait| store.forget(&names, wait))?,
        };
        let masks = Masks::default();
        notes(reply, &masks, &forgotten.shared, &forgotten.others);
        if !forgotten.foreign_files.is_empty() {
            let files = forgotten.foreign_files.join(", ");
            let n = forgotten.foreign_files.len().to_string();
            reply.note("foreign_files", &[("n", n), ("files", files)]);
        }
        for (path, key) in configuration::hand_files(&config).into_iter().filter(|(path, _)| path.is_file()) {
            reply.note(key, &[("file", path.display().to_string())]);
        }
        let count = masks.count();
        let shown = |id: &String| match self.show_pii {
            true => id.clone(),
            false => masks.id(id, true).into_owned(),
        };
        let ids: Vec<String> = forgotten.ids.iter().map(shown).collect();
        if masks.count() > count {
            reply.say(reply.locale().get("text", "masked"));
        }
        let tables: Map<String, Value> =
            forgotten.rows.iter().map(|(table, rows)| (table.name().to_owned(), (*rows).into())).collect();
        let object = json!({
            "report": "store_forget",
            "is_dry_run": self.dry_run,
            "customer_ids": ids,
            "order_row_count": forgotten.orders(),
            "other_row_count": forgotten.others(),
            "unreadable_row_count": forgotten.rejects,
            "row_counts": tables,
        });
        reply.done(&object, &lines(&forgotten, &ids, self.dry_run, reply))
    }
}

/// What was or would be erased: the ids, then the rows by table.
fn lines(forgotten: &Forgotten, ids: &[String], is_dry_run: bool, reply: Reply) -> Vec<String> {
    let counts = [
        ("rows", forgotten.orders().to_string()),
        ("n", forgotten.others().to_string()),
        ("quarantined", forgotten.rejects.to_string()),
    ];
    let mut lines = vec![reply.words(if is_dry_run { "would_forget" } else { "forgotten" }, &counts)];
    if !ids.is_empty() {
        let values = [("n", ids.len().to_string()), ("ids", ids.join(", "))];
        lines.push(reply.words("forgotten_ids", &values));
    }
    for (table, rows) in &forgotten.rows {
        let values = [("canonical", table.name().to_owned()), ("rows", rows.to_string())];
        lines.push(reply.words("forgotten_rows", &values));
    }
    lines
}

/// What remains outside the store.
fn notes(
    reply: Reply,
    masks: &Masks,
    shared: &std::collections::BTreeSet<String>,
    others: &std::collections::BTreeSet<String>,
) {
    let list = |texts: &std::collections::BTreeSet<String>| {
        let texts: Vec<String> = texts.iter().map(|text| masks.id(text, true).into_owned()).collect();
        texts.join(", ")
    };
    if !shared.is_empty() {
        reply.note("shared_contacts", &[("contacts", list(shared))]);
    }
    if !others.is_empty() {
        reply.note("others_orders", &[("ids", list(others))]);
    }
}

impl WhoArgs {
    /// Shows what is held.
    pub fn run(self) -> Result<()> {
        let (names, store, config) = self.people.open(self.output.output.as_deref())?;
        let args = self.output.output(self.table, self.show_pii);
        let format = output::format(&args, &config)?;
        let (style, sink) = (output::style(&args, format, &config), output::sink(&args)?);
        let said = Reply::lines(output::lang(args.lang, &config).locale());
        let held = store.who(&names, &|notice| said.notice(notice))?;
        configuration::note(&config).iter().for_each(|remark| said.remark(remark));
        notes(said, &style.masks, &held.shared, &held.others);
        let is_shown = style.shows_pii || !matches!(format, Format::Table | Format::Markdown | Format::Xlsx);
        let masks = (!is_shown).then_some(&style.masks);
        let report = report(held, masks, style.table.as_deref())?;
        sink.write(|out| format.writer().write(&report, &style, out))?;
        style.cut.remark().iter().for_each(|remark| said.remark(remark));
        Ok(())
    }
}

/// The help text of `--table`.
fn help_of_table() -> String {
    let names: Vec<&str> = tables().filter(|name| *name != UNREADABLE).collect();
    let names = names.join(", ");
    format!("The table to write, where the format holds one: {names} or {UNREADABLE} [default: {HELD}]")
}

/// The names of the tables that can be shown, the main one first.
pub fn tables() -> impl Iterator<Item = &'static str> {
    [HELD]
        .into_iter()
        .chain(schema::Table::ALL.iter().map(|table| table.name()))
        .chain([CONTACTS, UNREADABLE])
}

/// Masks personal data if `masks` is given. The table `asked` is written even if it has no rows.
fn report(held: Held, masks: Option<&Masks>, asked: Option<&str>) -> Result<Report> {
    let rows_of = |name: &str| -> u64 {
        let found = held.tables.iter().find(|(table, _)| *table == name);
        found.map_or(0, |(_, frame)| frame.height() as u64)
    };
    let total = held.tables.iter().map(|(_, frame)| frame.height() as u64).sum();
    let order_count = rows_of(schema::Table::Orders.name());
    let counts: Vec<u32> = held.tables.iter().map(|(_, frame)| frame.height() as u32).collect();
    let of_tables: Vec<&str> = held.tables.iter().map(|(name, _)| *name).collect();
    let frame = DataFrame::new(
        of_tables.len(),
        vec![Column::new(names::TABLE.into(), of_tables), Column::new(names::ROW_COUNT.into(), counts)],
    )?;
    let columns = vec![
        Spec::new(names::TABLE, Kind::Label("canonical"), 0),
        Spec::new(names::ROW_COUNT, Kind::Count, 0),
    ];
    let as_of = held.tables.iter().find(|(name, _)| *name == schema::Table::Orders.name());
    let as_of = as_of.and_then(|(_, frame)| latest(frame));
    let mut all = vec![Table::new(HELD, HELD, columns, frame)];
    for (name, mut frame) in held.tables {
        if let Some(masks) = masks {
            hide(&mut frame, masks)?;
        }
        let columns = frame.columns().iter().map(spec).collect();
        all.push(Table::new(name, HELD, columns, frame));
    }
    let is_missing = |name: &&str| asked == Some(*name) && !all.iter().any(|table| table.name == *name);
    if let Some(name) = tables().find(is_missing) {
        let none: Vec<&str> = Vec::new();
        let frame = DataFrame::new(0, vec![Column::new(names::CUSTOMER_ID.into(), none)])?;
        all.push(Table::new(name, HELD, vec![Spec::new(names::CUSTOMER_ID, Kind::CustomerId, 0)], frame));
    }
    Ok(Report {
        name: "who",
        as_of,
        customer_count: held.ids.len() as u64,
        order_count,
        accounting: Accounting { rows_read: total, rows_used: total, ..Accounting::default() },
        tables: all,
        ids_are_personal: true,
        ..Report::default()
    })
}

/// Hides personal data that are neither numbers nor addresses (which formats for people mask themselves): names, raw
/// rows, and columns whose header says that they are personal.
fn hide(frame: &mut DataFrame, masks: &Masks) -> Result<()> {
    const NAMES: [&str; 6] = ["name", "recipient", "address", "wechat", "qq", RAW];
    let columns: Vec<PlSmallStr> = frame.get_column_names().into_iter().cloned().collect();
    for name in columns.into_iter().filter(|name| name != CONTACT) {
        let Ok(texts) = frame.column(&name).and_then(|column| column.str().cloned()) else { continue };
        let personal = Personal::of_header(&name);
        let hidden = |text: &str| match personal {
            _ if name == RAW => "***".to_owned(),
            _ if NAMES.contains(&name.as_str()) => {
                format!("{}***", text.chars().next().map(String::from).unwrap_or_default())
            }
            Some(personal) => masks.personal(personal, text, None),
            None => text.to_owned(),
        };
        if personal.is_some() || NAMES.contains(&name.as_str()) {
            let hidden: Vec<Option<String>> = texts.iter().map(|text| text.map(hidden)).collect();
            frame.with_column(Column::new(name.clone(), hidden))?;
        }
    }
    Ok(())
}

/// The last day of any order.
fn latest(frame: &DataFrame) -> Option<Day> {
    let days = |name: &str| {
        let column = frame.column(name).ok()?.date().ok()?.physical().clone();
        column.iter().flatten().max().map(Day::new)
    };
    days("paid_on").max(days("created_on"))
}

/// How a column of exported data is shown.
fn spec(column: &Column) -> Spec {
    let name = kept(column.name());
    let kind = match (name, column.dtype()) {
        (names::CUSTOMER_ID | CONTACT, _) => Kind::CustomerId,
        ("status", _) => Kind::Text,
        ("reason", _) => Kind::Label("reason"),
        (IS_SUPERSEDED, _) => Kind::Flag,
        (_, DataType::Date) => Kind::Date,
        ("quantity", _) => Kind::Number,
        (_, DataType::Decimal(..)) => Kind::Amount,
        (_, DataType::String) => Kind::Text,
        _ => Kind::Count,
    };
    let rank = match name {
        names::CUSTOMER_ID | "order_id" | CONTACT | RAW => 0,
        IS_SUPERSEDED | "country" | "cost" | "discount" | "gross" => 3,
        _ => 1,
    };
    Spec::new(name, kind, rank)
}

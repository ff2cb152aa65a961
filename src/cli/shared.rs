//! Argument groups that commands flatten.

use std::path::PathBuf;

use clap::Args;

use super::rejects::{MaxRejects, Tolerance};
use super::tables::TableArgs;
use super::usage::Refused;
use crate::config::rules;
use crate::locale::{Lang, Words};
use crate::parse::value::date::DateOrder;
use crate::parse::value::money::DecimalMark;
use crate::parse::{IdKind, IdentityMode};
use crate::present::Format;
use crate::schema::{Field, Table};

/// What to read and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub struct InputArgs {
    /// Exports to read, recognised by their header; patterns and `-` for standard input work too. Of an order
    /// in several files the later file wins; a file with several names is read once, where it is named last.
    /// Without any, standard input is read, or where nothing comes from it the files of ecrm.toml
    #[arg(value_name = "FILES")]
    pub files: Vec<String>,

    #[command(flatten)]
    pub tables: TableArgs,

    /// Say which column is a field: order_id, customer_id, ordered_at (or created_at, paid_at), paid_amount,
    /// or per row amount, or quantity and unit_price; `ecrm define fields` lists them all
    #[arg(long, value_name = "FIELD=HEADER", value_parser = parse_mapping)]
    pub map: Vec<(Field, String)>,

    /// Take the files as this platform's (see `ecrm define presets`), or as a preset file of your own says
    #[arg(long, value_name = "NAME|FILE.toml")]
    pub preset: Option<String>,

    /// The files have no header line; --map then names columns by number, from 1
    #[arg(long)]
    pub no_header: bool,

    /// The sheet of a workbook [default: every visible one that is recognised as the first is]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,

    /// What tells customers apart [default: customer_id, else email, else phone, as the files have them]
    #[arg(long, value_enum, value_name = "FIELD")]
    pub customer_key: Option<IdKind>,

    /// Take customer ids that name the same e-mail address or phone number as one person; what identities.csv decides
    /// counts always (`ecrm identity`, `ecrm define identity`) [default: off]
    #[arg(long, value_enum, value_name = "BY", help_heading = "Input")]
    pub identity: Option<IdentityMode>,

    /// Whether 03/04/2026 has the day or the month first [default: decided from all dates of the column]
    #[arg(long, value_enum, value_name = "ORDER")]
    pub date_order: Option<DateOrder>,

    /// Whether 1.234 and 1,234 have a decimal comma or point [default: decided from all amounts of the column]
    #[arg(long, value_enum, value_name = "MARK")]
    pub decimal: Option<DecimalMark>,

    /// The shop's time zone, for times that carry an offset [default: the day as it is written]
    #[arg(long, value_name = "ZONE")]
    pub tz: Option<String>,

    /// The files' encoding, such as gb18030 [default: detected]
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,

    /// What stands between cells: a character, or `tab` [default: detected]
    #[arg(long, value_name = "CHAR")]
    pub delimiter: Option<String>,

    /// Read only amounts in this currency
    #[arg(long, value_name = "CODE")]
    pub currency: Option<String>,

    /// Fail when any row cannot be read
    #[arg(long)]
    pub strict: bool,

    /// Fail, and write nothing, when more than so many rows (or so much of them) cannot be read
    #[arg(long, value_name = "N|P%")]
    pub max_rejects: Option<MaxRejects>,

    /// Write the rows that cannot be read, with the reason, to a CSV file
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,

    /// The configuration [default: ecrm.toml here or in a folder above]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl InputArgs {
    /// Whether a customer list may be among the files. Its columns are only known once it is read.
    pub fn may_hold_customers(&self) -> bool {
        let mut named = self.tables.iter().map(|(table, _)| table).peekable();
        !self.files.is_empty() || named.peek().is_none() || named.any(Table::lists_customers)
    }

    /// Those of the given flags that say how files are read, without `--tz`.
    pub fn reading_flags(&self) -> impl Iterator<Item = &'static str> {
        let is_given = [
            ("--map", !self.map.is_empty()),
            ("--preset", self.preset.is_some()),
            ("--no-header", self.no_header),
            ("--sheet", self.sheet.is_some()),
            ("--customer-key", self.customer_key.is_some()),
            ("--identity", self.identity.is_some()),
            ("--date-order", self.date_order.is_some()),
            ("--decimal", self.decimal.is_some()),
            ("--encoding", self.encoding.is_some()),
            ("--delimiter", self.delimiter.is_some()),
            ("--currency", self.currency.is_some()),
            ("--strict", self.strict),
            ("--max-rejects", self.max_rejects.is_some()),
            ("--rejects", self.rejects.is_some()),
        ];
        is_given.into_iter().filter(|(_, is_given)| *is_given).map(|(flag, _)| flag)
    }

    /// How many rows that cannot be read are accepted.
    pub fn tolerance(&self) -> Tolerance {
        Tolerance { is_strict: self.strict, most: self.max_rejects.clone() }
    }
}

/// Which orders count.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Scope")]
pub struct ScopeArgs {
    /// The last day that counts, YYYY-MM-DD or today [default: the latest order or event in the data]
    #[arg(long, value_name = "DAY")]
    pub as_of: Option<String>,

    /// Only the N days that end with as-of [default: all time, or as the command says]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(rules::DAYS.signed()))]
    pub window: Option<u32>,

    /// Count orders at no price (gifts, draws) as orders
    #[arg(long)]
    pub include_zero_orders: bool,

    /// Leave out occasional purchases: orders to another province than the buyer's usual one
    #[arg(long)]
    pub exclude_occasional: bool,

    /// Only customers of whom this is true, a condition on the columns of `ecrm customers`:
    /// "province = '浙江' and order_count >= 2"; `ecrm define where` says what there is
    #[arg(long = "where", value_name = "CONDITION")]
    pub condition: Option<String>,

    /// Only orders of which this is true, a condition on their own columns: "payment_method <> 'cod'"
    #[arg(long, value_name = "CONDITION")]
    pub orders_where: Option<String>,
}

impl ScopeArgs {
    /// Those of the given flags that choose orders, without `--as-of` and `--where`.
    pub fn order_flags(&self) -> impl Iterator<Item = &'static str> {
        let is_given = [
            ("--window", self.window.is_some()),
            ("--include-zero-orders", self.include_zero_orders),
            ("--exclude-occasional", self.exclude_occasional),
            ("--orders-where", self.orders_where.is_some()),
        ];
        is_given.into_iter().filter(|(_, is_given)| *is_given).map(|(flag, _)| flag)
    }
}

/// How the result is written.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// The format [default: by the ending of -o, else table on a terminal and csv in a pipe]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,

    /// Write to a file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Rows of each table, 0 for all [default: 20 in tables for people, all elsewhere]
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,

    /// The table to write, where a report has several and the format holds one [default: the main one]
    #[arg(long, value_name = "NAME")]
    pub table: Option<String>,

    /// The language of tables and texts [default: the system's; in csv, tsv, json, jsonl and parquet English]
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,

    /// Show e-mail addresses, phone and id-card numbers in full in tables, workbooks and notes; csv, tsv, json, jsonl
    /// and parquet hold them in full anyway. Lists of `customers` and `audience` have names and contacts in full in a
    /// file that -o names, and elsewhere only with this
    #[arg(long)]
    pub show_pii: bool,

    /// Keep the names of csv and json (headings, sheets, labels) in a workbook
    #[arg(long)]
    pub keys: bool,

    /// Begin csv and tsv with the byte order mark by which Excel, on a double click, knows that they are UTF-8
    #[arg(long)]
    pub bom: bool,

    /// Write what the result rests on (inputs with digests, parameters, row accounting) to a JSON file
    #[arg(long, value_name = "FILE.json")]
    pub manifest: Option<PathBuf>,
}

/// How what is kept (notes, what a store holds of somebody) is written: the flags of [`OutputArgs`] that make sense
/// there.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct ListArgs {
    /// The format [default: by the ending of -o, else table on a terminal and csv in a pipe]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,

    /// Write to a file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Rows of each table, 0 for all [default: 20 in tables for people, all elsewhere]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    /// The language of tables and texts [default: the system's]
    #[arg(long, value_enum)]
    lang: Option<Lang>,

    /// Keep the names of csv and json (headings, sheets, labels) in a workbook
    #[arg(long)]
    keys: bool,

    /// Begin csv and tsv with the byte order mark by which Excel, on a double click, knows that they are UTF-8
    #[arg(long)]
    bom: bool,
}

impl ListArgs {
    /// As [`OutputArgs`], together with the flags for which each command has a help text of its own.
    pub fn output(&self, table: Option<String>, show_pii: bool) -> OutputArgs {
        let Self { format, output, limit, lang, keys, bom } = self;
        let (format, output, limit, lang) = (*format, output.clone(), *limit, *lang);
        OutputArgs { format, output, limit, table, lang, show_pii, keys: *keys, bom: *bom, manifest: None }
    }
}

fn parse_mapping(text: &str) -> Result<(Field, String), Refused> {
    let refused = |key: &str| Refused(Words::of("refused", key, &[]));
    let (field, header) = text.split_once('=').ok_or_else(|| refused("mapping"))?;
    if header.trim().is_empty() {
        return Err(refused("mapping_header"));
    }
    let field = field.trim().parse().map_err(Refused)?;
    Ok((field, header.trim().to_owned()))
}

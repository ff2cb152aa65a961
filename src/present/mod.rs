//! Writes results: one writer per format behind one trait, and the places they are written to.

mod bands;
pub(crate) mod cells;
mod chart;
mod command;
mod csv;
mod cut;
mod grid;
mod guarded;
mod json;
mod markdown;
mod parquet;
mod pivot;
mod record;
mod table;
pub(crate) mod words;
mod xlsx;

use std::io::Write;

use clap::ValueEnum;
use serde_json::{Map, Value, json};

use crate::answer as report;
pub use crate::answer::{Curve, Grid, Kind, Look, Report, Spec, Table};
pub use crate::disk::sink;
use crate::error::{Error, Result};
use crate::locale::{Locale, Words};
use crate::masks::Masks;
pub use cut::CutTexts;
pub use guarded::Guarded;
pub use json::accounting as accounting_json;
pub use words::scope_and_accounting;
pub use xlsx::{Book, Part};

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For people on a terminal: localised, fits the width.
    Table,
    /// Comma-separated, with a header.
    Csv,
    /// Tab-separated, with a header.
    Tsv,
    /// One object: report, parameters, accounting, rows.
    Json,
    /// One object per row.
    Jsonl,
    /// Apache Parquet; amounts are decimals.
    Parquet,
    /// Excel workbook, one sheet per table.
    Xlsx,
    /// Localised Markdown table.
    Markdown,
}

impl Format {
    /// The format that a file name's ending asks for.
    pub fn of_extension(path: &std::path::Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "parquet" => Some(Self::Parquet),
            "xlsx" => Some(Self::Xlsx),
            "md" | "markdown" => Some(Self::Markdown),
            "txt" => Some(Self::Table),
            _ => None,
        }
    }

    /// Whether the format holds all tables of a report instead of one.
    pub fn holds_several(self) -> bool {
        matches!(self, Self::Table | Self::Json | Self::Xlsx | Self::Markdown)
    }

    /// Whether it is for machines: complete, and independent of the language.
    pub fn is_for_machines(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv | Self::Json | Self::Jsonl | Self::Parquet)
    }

    /// Whether its bytes must not go to a terminal.
    pub fn is_binary(self) -> bool {
        matches!(self, Self::Parquet | Self::Xlsx)
    }
}

/// How results are shown.
#[derive(Debug, Clone)]
pub struct Style {
    /// The translations.
    pub locale: &'static Locale,
    /// Width of the terminal in columns; `None` means unlimited.
    pub width: Option<u16>,
    /// Whether colours are used.
    pub has_color: bool,
    /// Whether the terminal shows only ASCII.
    pub is_ascii: bool,
    /// The most rows per table; `None` is the format's default: 20 for people, all for machines.
    pub limit: Option<usize>,
    /// Whether personal data are shown in full in formats for people.
    pub shows_pii: bool,
    /// The masks of personal data that this output gives out.
    pub masks: Masks,
    /// The table to write, for formats that hold one.
    pub table: Option<String>,
    /// Whether workbooks use the machine formats' names.
    pub has_keys: bool,
    /// Counts the texts that were cut in this output.
    pub cut: CutTexts,
    /// Whether csv and tsv begin with a byte order mark, by which Excel recognises UTF-8.
    pub has_bom: bool,
}

/// Writes a report in one format.
pub trait Writer {
    /// Writes the whole report.
    fn write(&self, report: &Report, style: &Style, out: &mut dyn Write) -> Result<()>;
}

impl Format {
    /// The format's writer.
    pub fn writer(self) -> Box<dyn Writer> {
        match self {
            Self::Table => Box::new(table::TableWriter),
            Self::Csv => Box::new(csv::Delimited(b',')),
            Self::Tsv => Box::new(csv::Delimited(b'\t')),
            Self::Json => Box::new(json::Json),
            Self::Jsonl => Box::new(json::JsonLines),
            Self::Parquet => Box::new(parquet::Parquet),
            Self::Xlsx => Box::new(xlsx::Xlsx),
            Self::Markdown => Box::new(markdown::Markdown),
        }
    }
}

impl Format {
    /// Writes a report. Formats for machines hold texts unchanged; if they go to a terminal, each line is made
    /// harmless.
    pub fn write(self, report: &Report, style: &Style, sink: sink::Sink) -> Result<()> {
        let is_guarded = self.is_for_machines() && !self.is_binary() && sink.is_terminal();
        sink.write(|out| {
            if !is_guarded {
                return self.writer().write(report, style, out);
            }
            let mut guarded = Guarded::new(out);
            self.writer().write(report, style, &mut guarded)?;
            guarded.flush().map_err(failed)
        })
    }

    /// For each table that `--limit` cuts in this format, the number of rows written and the total number.
    pub fn truncated(self, report: &Report, style: &Style) -> Map<String, Value> {
        let Some(limit) = style.limit else { return Map::new() };
        let first = report.tables.first().map(|table| table.name);
        let is_written = |table: &&Table| match &style.table {
            Some(name) => table.name == name,
            None => self.holds_several() || Some(table.name) == first,
        };
        // In a heat map the limit counts lines, not rows.
        let is_rows = |table: &&Table| self != Self::Table || table.grid.is_none();
        let cut = report.tables.iter().filter(is_written).filter(is_rows);
        cut.filter(|table| table.frame.height() > limit)
            .map(|table| (table.name.to_owned(), json!({ "rows": limit, "total": table.frame.height() })))
            .collect()
    }
}

/// The table that a format of one table writes: the one asked for, or the main one.
fn chosen<'a>(report: &'a Report, style: &Style) -> Result<&'a Table> {
    let Some(name) = &style.table else { return Ok(&report.tables[0]) };
    report
        .tables
        .iter()
        .find(|table| table.name == name)
        .ok_or_else(|| no_table(name, &report.tables.iter().map(|table| table.name).collect::<Vec<_>>()))
}

/// The error for a table that a report does not have.
pub fn no_table(asked: &str, names: &[&str]) -> Error {
    let names = Words::names(names.iter().copied()).to_string();
    Error::usage_of("no_table", &[("seen", format!("{asked:?}")), ("names", names)])
}

/// The tables that a format of several tables writes: the one asked for, or all.
fn wanted<'a>(report: &'a Report, style: &Style) -> Result<Vec<&'a Table>> {
    match style.table {
        Some(_) => Ok(vec![chosen(report, style)?]),
        None => Ok(report.tables.iter().collect()),
    }
}

/// Whether a table is not shown to people: it is not the main one and has no rows.
fn is_beside_the_point(table: &Table, report: &Report) -> bool {
    report.tables.first().is_some_and(|first| first.name != table.name) && table.frame.height() == 0
}

/// A failed write as a library error.
fn failed(error: std::io::Error) -> Error {
    Error::io("write", std::path::Path::new(""), error)
}

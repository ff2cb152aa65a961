//! The canonical tables as a folder of Parquet files that clusters read: days and amounts as whole numbers, ids as texts.
//!
//! ```text
//! DIR/schema.json                                   what the tables are and what they rest on
//! DIR/about/export_sequence=1/part-00000.parquet    the same, for who reads tables alone
//! DIR/orders/export_sequence=1/part-00000.parquet   and so on, for each of the tables
//! ```
//!
//! Rows are written part by part: nothing is held beyond what reading itself holds.

mod about;
mod declared;
mod files;
mod frames;

use std::path::{Path, PathBuf};

use polars::prelude::*;

use crate::disk::folder::Folder;
use crate::disk::private;
use crate::error::{Error, Result};
use crate::reading::Ingested;
use crate::schema::{self, Field, Wants};

pub use about::{About, Counts, Says};
pub use declared::{
    CUSTOMERS, Column as Declared, EVENTS, Exported, Holds, ORDER_ITEMS, ORDER_KEY, ORDERS, SENDS, SEQUENCE,
    TABLES,
};
use files::Files;

/// The file that says what an export is.
pub const SCHEMA: &str = "schema.json";

/// The table of one row that says what [`SCHEMA`] says.
pub const ABOUT: &str = "about";

/// The column of that table.
pub const ABOUT_JSON: &str = "json";

/// Rows of a table of customers or moments that are made into columns at a time.
const ROWS_AT_ONCE: usize = 250_000;

/// What was written of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The table.
    pub table: &'static str,
    /// Its rows.
    pub rows: u64,
    /// Its files.
    pub files: u64,
}

/// What is read to be exported: all that questions ask of orders, items, customers, events and messages, but for what
/// names or reaches people.
pub fn wants() -> Wants {
    Wants {
        regions: true,
        times: true,
        extras: true,
        costs: true,
        items: true,
        details: true,
        event_products: true,
        tables: schema::Table::ALL.to_vec(),
        order_columns: [Field::OrderId, Field::CouponCode].map(|field| field.name().to_owned()).to_vec(),
        ..Wants::default()
    }
}

/// Whether a folder is an export and nothing else, so that another one may take its place.
pub fn is_export(folder: &Path) -> bool {
    let names = |folder: &Path| -> Option<Vec<PathBuf>> {
        let entries = std::fs::read_dir(folder).ok()?;
        entries.map(|entry| entry.ok().map(|entry| entry.path())).collect()
    };
    let is_named = |path: &Path, is_right: &dyn Fn(&str) -> bool| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(is_right)
    };
    let is_file = |path: &PathBuf| {
        is_named(path, &|name| name.starts_with("part-") && name.ends_with(".parquet")) && path.is_file()
    };
    let is_sequence = |path: &PathBuf| {
        is_named(path, &|name| name.starts_with("export_sequence="))
            && names(path).is_some_and(|files| files.iter().all(is_file))
    };
    let is_table = |path: &PathBuf| {
        let is_known = |name: &str| name == ABOUT || TABLES.iter().any(|table| table.name == name);
        is_named(path, &is_known) && names(path).is_some_and(|folders| folders.iter().all(is_sequence))
    };
    let is_schema = |path: &PathBuf| is_named(path, &|name| name == SCHEMA) && path.is_file();
    let is_ours = std::fs::read(folder.join(SCHEMA)).is_ok_and(|text| About::of(&text).is_ok());
    is_ours && names(folder).is_some_and(|found| found.iter().all(|path| is_schema(path) || is_table(path)))
}

/// Writes the tables into a folder that is being made.
///
/// # Errors
/// When it cannot be written.
pub fn write(read: &Ingested, sequence: u32, folder: &Folder) -> Result<Vec<Written>> {
    let begin = |table: &Exported| Files::begin(&place(folder, table.name, sequence), table);
    let mut written = Vec::new();
    let (mut orders, mut items) = (begin(&ORDERS)?, begin(&ORDER_ITEMS)?);
    read.orders.parts.visit(|part| {
        let first_key = orders.rows as i64;
        orders.add(&frames::orders(&read.orders, part, first_key)?)?;
        match frames::lines(&read.orders.items, part, first_key)? {
            Some(lines) => items.add(&lines),
            None => Ok(()),
        }
    })?;
    for (table, files) in [(&ORDERS, &mut orders), (&ORDER_ITEMS, &mut items)] {
        files.finish()?;
        written.push(Written { table: table.name, rows: files.rows, files: files.files });
    }
    for (table, of) in [
        (&CUSTOMERS, schema::Table::Customers),
        (&EVENTS, schema::Table::Events),
        (&SENDS, schema::Table::Sends),
    ] {
        let mut files = begin(table)?;
        if let Some(frame) = read.frames.get(of) {
            for start in (0..frame.len()).step_by(ROWS_AT_ONCE) {
                let rows = start..(start + ROWS_AT_ONCE).min(frame.len());
                files.add(&frames::rows(table, frame, &read.orders.customers, rows)?)?;
            }
        }
        files.finish()?;
        written.push(Written { table: table.name, rows: files.rows, files: files.files });
    }
    describe(read, sequence, folder, &written)?;
    Ok(written)
}

fn place(folder: &Folder, table: &str, sequence: u32) -> PathBuf {
    folder.path().join(table).join(format!("{SEQUENCE}={sequence}"))
}

/// Writes what the tables rest on, twice.
fn describe(read: &Ingested, sequence: u32, folder: &Folder, written: &[Written]) -> Result<()> {
    static TABLE: Exported = Exported {
        name: ABOUT,
        columns: &[Declared { name: ABOUT_JSON, holds: Holds::Text, is_optional: false }],
    };
    let text = About::new(read, sequence, written).text()?;
    let mut files = Files::begin(&place(folder, ABOUT, sequence), &TABLE)?;
    let column = StringChunked::from_slice(ABOUT_JSON.into(), &[&text]).into_column();
    files.add(&DataFrame::new(1, vec![column])?)?;
    files.finish()?;
    let path = folder.path().join(SCHEMA);
    let failed = |error| Error::io("write", &path, error);
    let mut file = private::create(&path).map_err(failed)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)
}

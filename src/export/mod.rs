//! Writes the canonical tables as a folder of Parquet files that clusters can read: days and amounts as whole numbers,
//! ids as texts.
//!
//! ```text
//! DIR/schema.json                                   what the tables contain and what they were made from
//! DIR/about/export_sequence=1/part-00000.parquet    the same text, for readers that only read tables
//! DIR/orders/export_sequence=1/part-00000.parquet   the orders; the other tables have folders like this
//! ```
//!
//! Tables are written part by part, so that this needs little memory beyond that of reading.

mod about;
mod declared;
mod files;
mod frames;

use std::fs;
use std::path::{Path, PathBuf};

use polars::prelude::*;

use crate::disk::folder::Folder;
use crate::disk::private;
use crate::error::{Error, Result};
use crate::reading::Ingested;
use crate::schema::{self, Field, Wants};

use about::Laid;
pub use about::{About, Counts, Says};
pub use declared::{
    ABOUT_TABLE, CUSTOMERS, Column as Declared, EVENTS, Exported, Holds, ORDER_ITEMS, ORDER_KEY, ORDERS,
    SENDS, SEQUENCE, TABLES,
};
use files::Files;

/// The file that describes the export.
pub const SCHEMA: &str = "schema.json";

/// The table that holds the content of [`SCHEMA`] in one row.
pub const ABOUT: &str = "about";

/// The only column of that table.
pub const ABOUT_JSON: &str = "json";

/// The tables other than orders and items, each with its canonical table.
const OTHERS: [(&Exported, schema::Table); 3] = [
    (&CUSTOMERS, schema::Table::Customers),
    (&EVENTS, schema::Table::Events),
    (&SENDS, schema::Table::Sends),
];

/// How many rows of a table of customers or moments are converted at a time.
const ROWS_AT_ONCE: usize = 250_000;

/// How many rows and files of a table were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The table.
    pub table: &'static str,
    /// The number of rows.
    pub rows: u64,
    /// The number of files.
    pub files: u64,
}

/// What is read for an export: everything that questions need of orders, items, customers, events and messages, except
/// for names and contacts.
pub fn wants() -> Wants {
    Wants {
        regions: true,
        times: true,
        extras: true,
        costs: true,
        items: true,
        item_rows: true,
        details: true,
        event_products: true,
        opt_outs: true,
        tables: schema::Table::ALL.to_vec(),
        order_columns: [Field::OrderId, Field::CouponCode].map(|field| field.name().to_owned()).to_vec(),
        ..Wants::default()
    }
}

/// The first entry of a folder that does not belong to the export there (of whatever version), so that the folder must
/// not be replaced; none if everything in it was written by that export. Without an export every entry is foreign.
/// Links never count as ours.
pub fn stranger(folder: &Path) -> Option<PathBuf> {
    let is_file = |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    let schema = folder.join(SCHEMA);
    let text = is_file(&schema).then(|| fs::read(&schema).ok()).flatten();
    let Some(laid) = text.and_then(|text| Laid::of(&text)) else {
        return Some(entries(folder).into_iter().next().unwrap_or_else(|| folder.to_owned()));
    };
    let sequence = sequence_folder(laid.export_sequence);
    let other = |table: &Path| -> Option<PathBuf> {
        let Some(files) = name_of(table).and_then(|name| laid.files_of(name)) else {
            return (*table != schema).then(|| table.to_owned());
        };
        let other_file = |path: &PathBuf| {
            let number = name_of(path).and_then(files::number);
            !is_file(path) || number.is_none_or(|number| number >= files)
        };
        let of_sequence = |path: PathBuf| match name_of(&path) == Some(&*sequence) && is_folder(&path) {
            true => entries(&path).into_iter().find(other_file),
            false => Some(path),
        };
        match is_folder(table) {
            true => entries(table).into_iter().find_map(of_sequence),
            false => Some(table.to_owned()),
        }
    };
    entries(folder).iter().find_map(|path| other(path))
}

/// The entries of a folder, sorted by name. For a folder that cannot be read it is the folder itself, which counts as
/// foreign.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
    };
    let mut found = read().unwrap_or_else(|_| vec![folder.to_owned()]);
    found.sort_unstable();
    found
}

fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

fn name_of(path: &Path) -> Option<&str> {
    path.file_name().and_then(|name| name.to_str())
}

/// Writes the tables into a folder that is not visible under its final name yet.
///
/// # Errors
/// When a file cannot be written.
pub fn write(read: &Ingested, sequence: u32, folder: &Folder) -> Result<Vec<Written>> {
    let begin = |table: &Exported| Files::begin(&place(folder, table.name, sequence), folder.name(), table);
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
    for (table, of) in OTHERS {
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

/// The tables of a small shop as they would be written, and the content of [`SCHEMA`].
///
/// # Errors
/// None that depend on the data.
pub fn in_memory(read: &Ingested) -> Result<(Vec<(&'static Exported, DataFrame)>, String)> {
    let empty = |table: &'static Exported| DataFrame::empty_with_schema(&table.schema());
    let (mut orders, mut items) = (empty(&ORDERS), empty(&ORDER_ITEMS));
    read.orders.parts.visit(|part| {
        let first_key = orders.height() as i64;
        orders.vstack_mut(&frames::orders(&read.orders, part, first_key)?)?;
        if let Some(lines) = frames::lines(&read.orders.items, part, first_key)? {
            items.vstack_mut(&lines)?;
        }
        Ok(())
    })?;
    let mut tables = vec![(&ORDERS, orders), (&ORDER_ITEMS, items)];
    for (table, of) in OTHERS {
        let rows = match read.frames.get(of) {
            Some(frame) => frames::rows(table, frame, &read.orders.customers, 0..frame.len())?,
            None => empty(table),
        };
        tables.push((table, rows));
    }
    let written = tables.iter().map(|(table, rows)| Written {
        table: table.name,
        rows: rows.height() as u64,
        files: 1,
    });
    let about = About::new(read, 1, &written.collect::<Vec<_>>()).text()?;
    Ok((tables, about))
}

fn place(folder: &Folder, table: &str, sequence: u32) -> PathBuf {
    folder.path().join(table).join(sequence_folder(sequence))
}

/// The name of the folder that holds the rows of one export.
fn sequence_folder(sequence: u32) -> String {
    format!("{SEQUENCE}={sequence}")
}

/// Writes the description of the export, both as a table and as [`SCHEMA`].
fn describe(read: &Ingested, sequence: u32, folder: &Folder, written: &[Written]) -> Result<()> {
    let text = About::new(read, sequence, written).text()?;
    let mut files = Files::begin(&place(folder, ABOUT, sequence), folder.name(), &ABOUT_TABLE)?;
    let column = StringChunked::from_slice(ABOUT_JSON.into(), &[&text]).into_column();
    files.add(&DataFrame::new(1, vec![column])?)?;
    files.finish()?;
    let failed = |error| Error::io("write", folder.name(), error);
    let mut file = private::create(&folder.path().join(SCHEMA)).map_err(failed)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)
}

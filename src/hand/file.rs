//! One hand-kept file as it was read.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::by_customer::spelling;
use super::check::Columns;
use super::decode::{Body, Manner, Place, decode, is_header};
use super::{Column, Declaration};
use crate::error::{Error, Result};
use crate::parse::source::{Digest, sha256};
use crate::parse::value::id::{self, Id};
use crate::schema::Day;
use crate::schema::reject::Reject;
use crate::text::neutral;

/// A larger file is not a person's work but a program's mistake.
pub(super) const MAX_BYTES: u64 = 1 << 30;

/// A hand-kept file; empty if the file does not exist yet.
#[derive(Debug, Clone)]
pub struct HandFile {
    /// Where it is.
    pub path: PathBuf,
    /// The rows that can be read, in the order of the file.
    pub rows: Vec<Row>,
    /// The rows that cannot be read, each with its record, the column and the text there.
    /// [`crate::schema::reject::Reason`] says what would be right.
    pub rejects: Vec<Reject>,
    /// The description of the file for the manifest; `None` if there is no file.
    pub summary: Option<Summary>,
    pub(super) manner: Manner,
    pub(super) header: Vec<String>,
    body: Body,
    declared: Vec<(&'static Column, usize)>,
}

/// Identifies the bytes of a file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The path as the user gave it.
    pub name: String,
    /// The number of bytes and their SHA-256.
    pub digest: Digest,
    /// Their encoding.
    pub encoding: &'static str,
    /// Number of rows, including those that cannot be read.
    pub rows_read: u64,
}

/// A row of a hand-kept file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Number of its record in the file, where the header is 1; 0 for a new row.
    pub number: u64,
    held: Held,
    /// The day in the declared column of days; a file has at most one such column.
    day: Option<Day>,
}

/// Where the cells of a row are. Most of millions of rows stay in the bytes of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Held {
    /// In the bytes of the file.
    At(Place),
    /// In memory, since they are new.
    Here(Box<[String]>),
}

/// The cells of a row.
#[derive(Debug, Clone)]
pub struct Cells<'a> {
    declared: &'a [(&'static Column, usize)],
    cells: Cow<'a, [String]>,
}

/// The value of a cell to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// A text or an id.
    Text(&'a str),
    /// A day.
    Day(Day),
}

impl HandFile {
    /// Reads the file in a folder; an empty one if it does not exist.
    ///
    /// # Errors
    /// When it is not a regular file, cannot be read, or lacks a column.
    pub fn read(declaration: &'static Declaration, folder: &Path) -> Result<Self> {
        Self::read_at(declaration, declaration.path(folder))
    }

    /// Like [`Self::read`], for a file with another path.
    ///
    /// # Errors
    /// The errors of [`Self::read`].
    pub fn read_at(declaration: &'static Declaration, path: PathBuf) -> Result<Self> {
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        if !(folder.as_os_str().is_empty() || folder.is_dir()) {
            return Err(Error::input_of(folder.display().to_string(), "hand_no_folder", &[]));
        }
        match Self::read_there(declaration, path.clone(), "hand_columns") {
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(Self::empty(declaration, path))
            }
            read => read,
        }
    }

    /// Reads a list that a person made for one change.
    ///
    /// # Errors
    /// The errors of [`Self::read`]; also when the file does not exist or any row cannot be read.
    pub fn list(declaration: &'static Declaration, path: &Path) -> Result<Self> {
        let file = Self::read_there(declaration, path.to_owned(), "hand_list_columns")?;
        // A hand-kept file may be empty before anything is written to it; an empty list is a mistake.
        if file.summary.as_ref().is_some_and(|summary| summary.digest.bytes == 0) {
            let columns = declared_names(declaration);
            return Err(refused(&path.display().to_string(), "hand_list_columns", &[("columns", columns)]));
        }
        if file.rejects.is_empty() { Ok(file) } else { Err(file.refusal("hand_list_broken")) }
    }

    /// Reads a file that must exist; `columns` is the key of the error if it lacks a column.
    fn read_there(declaration: &'static Declaration, path: PathBuf, columns: &str) -> Result<Self> {
        let name = path.display().to_string();
        let failed = |error| Error::io("read", &path, error);
        // Opening anything but a regular file may block.
        let meta = fs::metadata(&path).map_err(failed)?;
        if !meta.is_file() || meta.len() > MAX_BYTES {
            return Err(refused(&name, if meta.is_file() { "hand_too_long" } else { "hand_no_file" }, &[]));
        }
        let bytes = fs::read(&path).map_err(failed)?;
        let sha256 = sha256(&mut bytes.as_slice()).map_err(failed)?;
        let digest = Digest { bytes: bytes.len() as u64, sha256 };
        if bytes.trim_ascii().is_empty() {
            let encoding = Manner::default().encoding;
            let summary = Some(Summary { name, digest, encoding, rows_read: 0 });
            return Ok(Self { summary, ..Self::empty(declaration, path) });
        }
        let Some((manner, header, body)) = decode(bytes, declaration) else {
            return Err(refused(&name, columns, &[("columns", declared_names(declaration))]));
        };
        let declared = places(declaration, &header);
        let columns = Columns { file: &name, header: &header, declared: &declared };
        let (rows, rejects, rows_read) = columns.rows(&body);
        let summary = Some(Summary { name, digest, encoding: manner.encoding, rows_read });
        Ok(Self { path, rows, rejects, summary, manner, header, body, declared })
    }

    /// The error that a file is not changed because some of its rows cannot be read. `key` is the error's key among the
    /// translated errors. The error names the first of these rows and their number.
    pub fn refusal(&self, key: &str) -> Error {
        let place = self.rejects.first().map(|reject| reject.place().to_string()).unwrap_or_default();
        Error::data_of(key, &[("place", place), ("n", self.rejects.len().to_string())])
    }

    fn empty(declaration: &'static Declaration, path: PathBuf) -> Self {
        let header: Vec<String> = declaration.columns.iter().map(|column| column.name.to_owned()).collect();
        let declared = places(declaration, &header);
        Self {
            path,
            rows: Vec::new(),
            rejects: Vec::new(),
            summary: None,
            manner: Manner::default(),
            header,
            body: Body::default(),
            declared,
        }
    }

    /// Adds a row with the cells of the declared columns, in the order of the declaration. Days are written as
    /// YYYY-MM-DD, and texts so that no spreadsheet runs them as formulas.
    pub fn add(&mut self, values: &[Value<'_>]) {
        let mut cells = vec![String::new(); self.header.len()];
        let mut day = None;
        for ((_, place), value) in self.declared.iter().zip(values) {
            cells[*place] = match value {
                Value::Text(text) => guarded(text),
                Value::Day(of_row) => {
                    day = Some(*of_row);
                    of_row.to_string()
                }
            };
        }
        self.rows.push(Row { number: 0, held: Held::Here(cells.into()), day });
    }

    /// Sets the text of a declared column in a row.
    pub(super) fn set(&mut self, row: usize, column: usize, text: &str) {
        let Some(((_, place), of)) = self.declared.get(column).zip(self.rows.get(row)) else { return };
        let mut cells = self.as_written(of).into_owned();
        cells.get_mut(*place).into_iter().for_each(|cell| *cell = guarded(text));
        self.rows[row].held = Held::Here(cells.into());
    }

    /// Keeps the rows for which `is_kept` is true. Returns how many were removed.
    pub(super) fn keep_rows(&mut self, mut is_kept: impl FnMut(&Self, &Row) -> bool) -> usize {
        let is_kept: Vec<bool> = self.rows.iter().map(|row| is_kept(self, row)).collect();
        let (before, mut is_kept) = (self.rows.len(), is_kept.into_iter());
        self.rows.retain(|_| is_kept.next().unwrap_or(true));
        before - self.rows.len()
    }

    /// Removes the rows of a customer, whose id is in `column`. Returns how many were removed.
    pub(super) fn clear_customer(&mut self, column: usize, id: &str) -> usize {
        let id = spelling(id);
        self.keep_rows(|file, row| spelling(&file.cells(row).id(column)) != id)
    }

    /// The cells of a row as they are written, by index.
    pub(super) fn as_written<'a>(&self, row: &'a Row) -> Cow<'a, [String]> {
        match &row.held {
            Held::Here(cells) => Cow::Borrowed(cells),
            Held::At(place) => {
                let mut cells = self.body.cells_at(*place);
                // Cells beyond the header are empty.
                cells.truncate(self.header.len());
                Cow::Owned(cells)
            }
        }
    }

    /// The cells of a row.
    pub fn cells<'a>(&'a self, row: &'a Row) -> Cells<'a> {
        Cells { declared: &self.declared, cells: self.as_written(row) }
    }

    /// The text in an additional column, as [`Cells::text`] gives it.
    pub fn further(&self, row: &Row, name: &str) -> Option<String> {
        let place = self.header.iter().position(|cell| is_header(cell, name))?;
        self.as_written(row).get(place).map(|cell| plain(cell))
    }
}

impl Row {
    /// A checked row of the file.
    pub(super) fn at(number: u64, place: Place, day: Option<Day>) -> Self {
        Self { number, held: Held::At(place), day }
    }

    /// Its day; 1970-01-01 where the file has no column of days.
    pub fn day(&self) -> Day {
        self.day.unwrap_or(Day::EPOCH)
    }
}

impl Cells<'_> {
    /// The id in a declared column, without the decoration that spreadsheets add.
    pub fn id(&self, column: usize) -> String {
        match id::parse(self.cell(column).as_bytes()) {
            Id::Text(text) => String::from_utf8_lossy(text).into_owned(),
            _ => String::new(),
        }
    }

    /// The text in a declared column, trimmed, with line breaks as single line feeds.
    pub fn text(&self, column: usize) -> String {
        plain(self.cell(column))
    }

    fn cell(&self, column: usize) -> &str {
        self.declared.get(column).and_then(|(_, place)| self.cells.get(*place)).map_or("", String::as_str)
    }
}

/// A cell's text, trimmed, with line breaks as single line feeds.
fn plain(cell: &str) -> String {
    unguarded(cell).replace("\r\n", "\n").trim().to_owned()
}

fn refused(name: &str, key: &str, values: &[(&str, String)]) -> Error {
    Error::input_of(name, key, values)
}

fn places(declaration: &'static Declaration, header: &[String]) -> Vec<(&'static Column, usize)> {
    let place = |column: &'static Column| {
        header.iter().position(|cell| is_header(cell, column.name)).map(|place| (column, place))
    };
    declaration.columns.iter().filter_map(place).collect()
}

/// A text that no spreadsheet runs as a formula, as [`neutral`] writes it. A text that already looks like the result
/// gets one more quote, so that reading it back restores the original.
fn guarded(text: &str) -> String {
    let is_like_one = text.starts_with('\'') && is_run(text);
    if is_like_one { format!("'{text}") } else { neutral(text).into_owned() }
}

/// The names of a file's columns, for messages.
fn declared_names(declaration: &Declaration) -> String {
    let names: Vec<&str> = declaration.columns.iter().map(|column| column.name).collect();
    names.join(", ")
}

/// The inverse of [`guarded`].
pub(super) fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|_| is_run(cell)).unwrap_or(cell)
}

/// Whether a spreadsheet would run a text if the quotes in front of it were removed.
fn is_run(text: &str) -> bool {
    let bare = text.trim_start_matches('\'');
    neutral(bare).len() > bare.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_written_as_text_and_read_as_it_was() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("'=1+1", "''=1+1"),
            ("''=1+1", "'''=1+1"),
            ("@ann", "'@ann"),
            ("-x", "'-x"),
            ("-5", "-5"),
            ("'quoted'", "'quoted'"),
            ("'", "'"),
            ("", ""),
            ("会员", "会员"),
        ] {
            assert_eq!(guarded(text), cell, "{text}");
            assert_eq!(unguarded(cell), text, "{cell}");
        }
    }
}

//! The manifest: which files of a store count.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::key::PeopleKey;
use super::opened;
use crate::error::{Error, Result};
use crate::parse::orders::SettledCounts;
use crate::schema::Table;

/// The name of the manifest in the store's folder.
pub(super) const FILE: &str = "ecrm-store.json";

/// The folders of a store: one for each table, and two others.
pub(super) static FOLDERS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let tables = Table::ALL.iter().map(|table| table.name());
    tables.chain(["rejects", "imports"]).collect()
});

/// The version of the layout of a store's files. A program must not guess at a version that it does not know. It is
/// raised with every change of the layout; `fixtures/stores` has a store of each version.
pub(super) const FORMAT: u32 = 7;
/// The oldest version that can be read.
const OLDEST: u32 = 2;

/// The most bytes of a manifest, enough for some hundred thousand imports.
const MAX_BYTES: u64 = 1 << 29;

/// Stands in place of the number of an import for any import.
pub(super) const ANY: u64 = 0;

/// Stands in place of the manifest's checksum while this is computed.
const NO_SUM: &str = "0000000000000000";

fn sum(text: &str) -> String {
    format!("{:016x}", xxh3_64(text.as_bytes()))
}

/// The state of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the layout of the files.
    pub format: u32,
    /// The XXH3 checksum of the manifest's text in hexadecimal; for computing it, zeros stand in its place.
    xxh3: String,
    /// A number that is raised with every change.
    pub state: u64,
    /// The number that the next import or segment gets.
    pub next: u64,
    /// The imports, the oldest first; a later one takes precedence.
    pub imports: Vec<Import>,
    /// The segments of rows of orders, the oldest first.
    pub segments: Vec<Segment>,
    /// The rows of orders as single imports gave them, for imports whose rows were merged with others into a segment.
    /// No answer reads them. If an earlier import is read again, rows that later imports had replaced may count again,
    /// and are then found here.
    #[serde(default)]
    pub(super) originals: Vec<Segment>,
    /// The rows of other tables, the oldest first.
    pub tables: Vec<TablePart>,
    /// The store's random key in hexadecimal, which hashes of people are keyed with; empty in stores of earlier
    /// versions that have not been changed since.
    #[serde(default)]
    people_key: String,
    /// Hashes of people who were forgotten, so that later imports do not bring them back.
    #[serde(default)]
    pub forgotten_people: Option<FileRef>,
}

/// An imported file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Its number.
    pub number: u64,
    /// The name under which it was imported.
    pub name: String,
    /// The size of the file in bytes.
    pub bytes: u64,
    /// The SHA-256 of the file in hexadecimal.
    pub sha256: String,
    /// The table its rows belong to.
    pub table: Table,
    /// The preset that it was recognised as.
    pub preset: String,
    /// The number of its rows.
    pub rows_read: u64,
    /// How many of these cannot be read.
    pub rows_quarantined: u64,
    /// The settings that it was read with, as far as they were not left to recognition.
    pub reading: serde_json::Value,
    /// What was noted about the file.
    pub record: FileRef,
    /// The rows that cannot be read.
    pub rejects: Option<FileRef>,
    /// How many of its rows of orders are replaced by later rows of the same file.
    #[serde(default)]
    pub superseded: u64,
    /// The number of its rows of orders that are in no segment any more because later imports replaced them, by the
    /// number of the first import that replaced them, or by [`ANY`] where that is not known.
    #[serde(default)]
    pub(super) replaced: BTreeMap<u64, u64>,
    /// How many of its rows of orders were erased.
    #[serde(default)]
    pub forgotten: u64,
    /// Only set for the second reading of a file that may belong to two tables: the number of the import that has the
    /// first reading. An answer uses one of the two, depending on what other files there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin_of: Option<u64>,
}

impl Import {
    /// Whether it is the second reading of a file that may belong to two tables.
    pub fn is_twin(&self) -> bool {
        self.twin_of.is_some()
    }
}

/// Rows of orders from one or more imports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Its number.
    pub number: u64,
    /// The imports whose rows it has.
    pub imports: Vec<u64>,
    /// The number of its rows.
    pub rows: u64,
    /// The properties of its rows.
    pub grain: Grain,
    /// The columns of who ordered when for how much.
    pub core: FileRef,
    /// Days and amounts once more, if each row is an order of its own.
    pub amounts: Option<FileRef>,
    /// The customers in the order of their rows, with the number of rows of each.
    pub customers: FileRef,
    /// Regions, times, recipients and prices.
    pub details: FileRef,
    /// The items of the orders.
    pub lines: Option<FileRef>,
    /// The names that numbers in details and lines refer to.
    pub names: FileRef,
    /// The texts of further columns, if any row has one.
    #[serde(default)]
    pub further: Option<FileRef>,
    /// The phone numbers of accounts.
    pub phones: Option<FileRef>,
    /// The e-mail addresses of accounts.
    #[serde(default)]
    pub mails: Option<FileRef>,
    /// Whether the hashes of recipients are masked with the store's key.
    #[serde(default)]
    pub are_recipients_veiled: bool,
    /// The index of order ids.
    pub ids: Option<FileRef>,
    /// The rows that later imports replaced.
    pub superseded: Vec<Superseded>,
    /// The number of these rows.
    pub superseded_rows: u64,
    /// The orders that its rows make up, if orders have several rows and no other segment has rows of the same orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settled>,
}

/// The merged orders of a segment, sorted by customer and day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The number that its hashes of recipients are masked with.
    pub number: u64,
    /// Days and amounts.
    pub amounts: FileRef,
    /// The customers in the order of their orders, with the number of orders of each.
    pub customers: FileRef,
    /// Regions, times, recipients, prices, and the numbers of rows and items.
    pub details: FileRef,
    /// The items of the orders.
    pub lines: Option<FileRef>,
    /// Whether any order has several rows, so that the details have the number of rows of each.
    pub has_row_counts: bool,
    /// The counts of merging the rows.
    pub counts: SettledCounts,
}

/// The rows of a segment that a later import replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Superseded {
    /// The number of that import.
    pub import: u64,
    /// The row numbers.
    pub rows: FileRef,
}

/// The properties of a segment's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grain {
    /// Whether rows have the id of their order.
    pub has_order_id: bool,
    /// Whether each row has the amount of the whole order.
    pub has_order_amount: bool,
    /// Whether rows have ids of their own.
    pub has_line_id: bool,
    /// Whether each row is an order that no other row of the store belongs to, except for rows that are replaced.
    pub is_whole: bool,
    /// Whether rows have an id that distinguishes their order from one with the same number in another shop.
    #[serde(default)]
    pub has_own_id: bool,
    /// Whether any row is negative, so that refunds must be matched to their orders.
    #[serde(default)]
    pub has_negatives: bool,
    /// Which values the file has that could otherwise come from files of items; none if it was not kept by an earlier
    /// version.
    #[serde(default)]
    pub says: Option<Says>,
}

/// Which values a file has about its orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Says {
    /// Refunds.
    pub refunds: bool,
    /// The shop's costs.
    pub costs: bool,
}

/// The rows of another table from one import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TablePart {
    /// The number of the import.
    pub import: u64,
    /// The table.
    pub table: Table,
    /// The number of its rows.
    pub rows: u64,
    /// How many of its rows were erased.
    pub forgotten: u64,
    /// The file of the rows.
    pub core: FileRef,
    /// The items, if it is a table of items.
    pub lines: Option<FileRef>,
    /// The names that numbers in the items refer to.
    pub names: Option<FileRef>,
    /// The phone numbers of accounts.
    pub phones: Option<FileRef>,
    /// The texts of all further columns.
    pub more: Option<FileRef>,
    /// The e-mail addresses of accounts.
    #[serde(default)]
    pub mails: Option<FileRef>,
    /// For events, the purchases, and the number of all other events on each day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interests: Option<FileRef>,
    /// For events, the interests of some days each, the earliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stretches: Vec<Stretch>,
}

/// The interests of some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// The first of these days, since 1970-01-01.
    pub first_day: i32,
    /// The last of them.
    pub last_day: i32,
    /// The file of the interests.
    pub file: FileRef,
}

/// A file of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Its path, relative to the store's folder.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// The XXH3 checksum of its bytes in hexadecimal. For an index of ids, whose parts have checksums of their own,
    /// that of its head.
    pub xxh3: String,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            format: FORMAT,
            xxh3: NO_SUM.to_owned(),
            state: 0,
            next: 1,
            imports: Vec::new(),
            segments: Vec::new(),
            originals: Vec::new(),
            tables: Vec::new(),
            people_key: String::new(),
            forgotten_people: None,
        }
    }
}

impl Manifest {
    /// Reads the manifest of a store; it is empty if nothing has been imported yet.
    pub(super) fn load(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let Some(bytes) = opened::bytes_of(folder, &path, MAX_BYTES)? else { return Ok(Self::default()) };
        let text = String::from_utf8(bytes).map_err(|_| damaged(&path))?;
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        match serde_json::from_str::<Format>(&text) {
            Ok(Format { format }) if !(OLDEST..=FORMAT).contains(&format) => {
                let key = if format > FORMAT { "store_newer" } else { "store_older" };
                let values = [("format", format), ("oldest", OLDEST), ("newest", FORMAT)];
                let values = values.map(|(name, format)| (name, format.to_string()));
                return Err(Error::input_of(path.display().to_string(), key, &values));
            }
            _ => {}
        }
        let manifest: Self = serde_json::from_str(&text).map_err(|_| damaged(&path))?;
        if manifest.xxh3 != sum(&text.replacen(&manifest.xxh3, NO_SUM, 1)) || !manifest.can_be() {
            return Err(damaged(&path));
        }
        let mut manifest = manifest;
        if manifest.format < 3 {
            // This version did not note which import replaced a row.
            for import in manifest.imports.iter_mut().filter(|import| import.superseded > 0) {
                import.replaced.insert(ANY, std::mem::take(&mut import.superseded));
            }
        }
        // What is written from now on has the current version.
        Ok(Self { format: FORMAT, xxh3: NO_SUM.to_owned(), ..manifest })
    }

    /// The text of the manifest, with its checksum.
    pub(super) fn text(&self) -> Result<String> {
        let unsummed = Self { xxh3: NO_SUM.to_owned(), ..self.clone() };
        let text = serde_json::to_string_pretty(&unsummed)
            .map_err(|error| Error::Internal(error.to_string()))?
            + "\n";
        Ok(text.replacen(NO_SUM, &sum(&text), 1))
    }

    /// Makes a key for a store that has none.
    pub(super) fn make_key(&mut self) -> Result<()> {
        if self.people_key.is_empty() {
            self.people_key = PeopleKey::make()?;
        }
        Ok(())
    }

    /// The store's key, if it has one.
    pub(super) fn people_key(&self) -> Option<PeopleKey> {
        PeopleKey::of(&self.people_key)
    }

    /// All files that count.
    pub(super) fn files(&self) -> impl Iterator<Item = &FileRef> {
        let of_imports =
            self.imports.iter().flat_map(|import| std::iter::once(&import.record).chain(&import.rejects));
        let of_segments = self.order_rows_held().flat_map(Segment::files);
        let of_tables = self.tables.iter().flat_map(TablePart::files);
        of_imports.chain(of_segments).chain(of_tables).chain(&self.forgotten_people)
    }

    /// The number of files that count, and their total size in bytes.
    pub fn size(&self) -> (u64, u64) {
        self.files().fold((0, 0), |(files, bytes), file| (files + 1, bytes + file.bytes))
    }

    /// All segments that hold rows of orders, including those that no answer reads.
    pub(super) fn order_rows_held(&self) -> impl Iterator<Item = &Segment> {
        self.segments.iter().chain(&self.originals)
    }

    /// The imported files, each once.
    pub fn files_imported(&self) -> impl Iterator<Item = &Import> {
        self.imports.iter().filter(|import| !import.is_twin())
    }

    /// The index of the second reading of a file that may belong to two tables.
    pub(super) fn twin(&self, number: u64) -> Option<usize> {
        self.imports.iter().position(|import| import.twin_of == Some(number))
    }

    /// The number of rows of orders that count, with each file read as what it was recognised as.
    pub fn order_rows(&self) -> u64 {
        let twins = self.twins();
        let segments = self.segments.iter().filter(|segment| !segment.is_of(&twins));
        segments.map(|segment| segment.rows - segment.superseded_rows).sum()
    }

    /// The number of rows of orders that later imports replaced, with each file read as what it was recognised as.
    pub fn superseded_rows(&self) -> u64 {
        self.superseded_rows_beside(&self.twins())
    }

    /// Like [`Self::superseded_rows`], without the imports in `unread`.
    pub(super) fn superseded_rows_beside(&self, unread: &HashSet<u64>) -> u64 {
        let segments = self.segments.iter().filter(|segment| !segment.is_of(unread));
        let imports = self.imports.iter().filter(|import| !unread.contains(&import.number));
        let of_imports = imports.map(|import| import.superseded + import.replaced.values().sum::<u64>());
        segments.map(|segment| segment.superseded_rows).chain(of_imports).sum()
    }

    fn twins(&self) -> HashSet<u64> {
        let twins = self.imports.iter().filter(|import| import.twin_of.is_some());
        twins.map(|import| import.number).collect()
    }

    /// Notes rows of orders that are in no segment any more because later imports had replaced them.
    pub(super) fn note_replaced(&mut self, rows: &Replaced) {
        for import in &mut self.imports {
            for (by, rows) in rows.get(&import.number).into_iter().flatten() {
                *import.replaced.entry(*by).or_default() += rows;
            }
        }
    }

    /// Subtracts erased rows from the number of an import's rows that were replaced.
    pub(super) fn take_off_replaced(&mut self, import: u64, mut rows: u64) {
        let of = self.imports.iter_mut().find(|of| of.number == import);
        // It is not known which import had replaced each row. Entries that become 0 are kept, since they may still be
        // asked for.
        for count in of.into_iter().flat_map(|of| of.replaced.values_mut()) {
            let off = rows.min(*count);
            (*count, rows) = (*count - off, rows - off);
        }
    }

    /// Takes out the original rows of an import.
    pub(super) fn take_original(&mut self, import: u64) -> Option<Segment> {
        let place = self.originals.iter().position(|original| original.imports == [import])?;
        Some(self.originals.remove(place))
    }

    /// Whether the original rows of an import are kept.
    pub(super) fn has_original(&self, import: u64) -> bool {
        self.originals.iter().any(|original| original.imports == [import])
    }

    /// Notes rows of orders that were erased.
    pub(super) fn note_forgotten(&mut self, rows: &BTreeMap<u64, u64>) {
        for import in &mut self.imports {
            import.forgotten += rows.get(&import.number).copied().unwrap_or(0);
        }
    }

    /// A setting in `reading` that an import was not read with, with the name of the import. Settings that are left to
    /// recognition do not count.
    pub fn read_otherwise(&self, reading: &serde_json::Value) -> Option<(String, &str)> {
        // Customer ids are joined after reading, and a new status word only matters for files that are imported later.
        const LATER: [&str; 2] = ["identity", "status"];
        let is_set = |value: &serde_json::Value| match value {
            serde_json::Value::Null | serde_json::Value::Bool(false) => false,
            serde_json::Value::Object(map) => !map.is_empty(),
            _ => true,
        };
        let settings = reading
            .as_object()?
            .iter()
            .filter(|(name, value)| !LATER.contains(&name.as_str()) && is_set(value));
        settings.into_iter().find_map(|(name, value)| {
            let import = self.imports.iter().find(|import| import.reading.get(name) != Some(value))?;
            Some((name.clone(), import.name.as_str()))
        })
    }

    /// Takes the next number for an import or a segment.
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }
}

/// The number of rows of orders that were replaced, by their import and then by the import that replaced them.
pub(super) type Replaced = BTreeMap<u64, BTreeMap<u64, u64>>;

impl Segment {
    /// The segment without marks, so that rows count which later imports replaced.
    pub(super) fn unmarked(self) -> Self {
        Self { superseded: Vec::new(), superseded_rows: 0, ..self }
    }

    /// Whether it only has rows of these imports. Rows of a file that may belong to two tables are never merged with
    /// others.
    pub(super) fn is_of(&self, imports: &HashSet<u64>) -> bool {
        self.imports.iter().all(|import| imports.contains(import))
    }

    /// Its files.
    pub(super) fn files(&self) -> impl Iterator<Item = &FileRef> {
        [&self.core, &self.customers, &self.details, &self.names]
            .into_iter()
            .chain(&self.amounts)
            .chain(&self.lines)
            .chain(&self.further)
            .chain(&self.phones)
            .chain(&self.mails)
            .chain(&self.ids)
            .chain(self.superseded.iter().map(|superseded| &superseded.rows))
            .chain(self.settled.iter().flat_map(Settled::files))
    }
}

impl Settled {
    /// Its files.
    fn files(&self) -> impl Iterator<Item = &FileRef> {
        [&self.amounts, &self.customers, &self.details].into_iter().chain(&self.lines)
    }
}

impl TablePart {
    /// Its files.
    pub(super) fn files(&self) -> impl Iterator<Item = &FileRef> {
        let further = [&self.lines, &self.names, &self.phones, &self.mails, &self.more, &self.interests];
        let stretches = self.stretches.iter().map(|stretch| &stretch.file);
        std::iter::once(&self.core).chain(further.into_iter().flatten()).chain(stretches)
    }
}

/// The error that a file of the store cannot be read. It is damaged if the file is missing or something else; other
/// errors of the system say nothing about its content.
pub(super) fn unreadable(path: &Path, error: io::Error) -> Error {
    use io::ErrorKind::{InvalidData, IsADirectory, NotADirectory, NotFound, UnexpectedEof};
    match error.kind() {
        NotFound | NotADirectory | IsADirectory | UnexpectedEof | InvalidData => damaged(path),
        _ => Error::io("read", path, error),
    }
}

/// The error that a file of the store is not as it was written.
pub(super) fn damaged(path: &Path) -> Error {
    Error::input_of(path.display().to_string(), "store_file_damaged", &[])
}

//! Which files of a store count.

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

/// The manifest's name in the store's folder.
pub(super) const FILE: &str = "ecrm-store.json";

/// The folders of a store: one for each table, and two more.
pub(super) static FOLDERS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let tables = Table::ALL.iter().map(|table| table.name());
    tables.chain(["rejects", "imports"]).collect()
});

/// The layout of the store's files; a reader of another one must not guess. Goes up with every change of them; a store
/// of each is in `fixtures/stores`.
pub(super) const FORMAT: u32 = 6;
/// The oldest layout that is read.
const OLDEST: u32 = 2;

/// Bytes of a manifest: some hundred thousand imports.
const MAX_BYTES: u64 = 1 << 29;

/// In place of an import's number: any of them.
pub(super) const ANY: u64 = 0;

/// In place of the manifest's sum over itself.
const NO_SUM: &str = "0000000000000000";

fn sum(text: &str) -> String {
    format!("{:016x}", xxh3_64(text.as_bytes()))
}

/// The state of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The layout of the files.
    pub format: u32,
    /// XXH3 of the manifest's own text in hexadecimal, with zeros in place of this.
    xxh3: String,
    /// Goes up with every change.
    pub state: u64,
    /// The number that the next import or segment gets.
    pub next: u64,
    /// What was imported, the oldest first: a later one wins.
    pub imports: Vec<Import>,
    /// Rows of orders, the oldest first.
    pub segments: Vec<Segment>,
    /// Rows of orders as single imports gave them, of those whose rows stand together with others in a segment: no
    /// answer reads them, but an earlier import that is read anew may bring rows of theirs back which later ones had
    /// replaced.
    #[serde(default)]
    pub(super) originals: Vec<Segment>,
    /// Rows of other tables, the oldest first.
    pub tables: Vec<TablePart>,
    /// The store's own random key in hexadecimal, with which hashes of people are made; none in stores of earlier
    /// versions that were not written to since.
    #[serde(default)]
    people_key: String,
    /// Hashes of those who were forgotten, so that later exports do not bring them back.
    #[serde(default)]
    pub forgotten_people: Option<FileRef>,
}

/// An imported file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Its number.
    pub number: u64,
    /// The name it was imported under.
    pub name: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// Their SHA-256 in hexadecimal.
    pub sha256: String,
    /// The table its rows belong to.
    pub table: Table,
    /// The platform it was recognised as.
    pub preset: String,
    /// Its rows.
    pub rows_read: u64,
    /// Of these, those that cannot be read.
    pub rows_quarantined: u64,
    /// How it was read, where that was not left to recognition.
    pub reading: serde_json::Value,
    /// All that was noted of it.
    pub record: FileRef,
    /// Its rows that cannot be read.
    pub rejects: Option<FileRef>,
    /// Its rows of orders that later rows of its own replaced.
    #[serde(default)]
    pub superseded: u64,
    /// Its rows of orders that no segment holds any more, since later imports replaced them, by the first of these;
    /// under [`ANY`] those of which that is not known.
    #[serde(default)]
    pub(super) replaced: BTreeMap<u64, u64>,
    /// Its rows of orders that were erased.
    #[serde(default)]
    pub forgotten: u64,
    /// The import of the same file, where this is it read as the other table that it may be of: of the two an answer
    /// reads one, by what stands beside the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin_of: Option<u64>,
}

impl Import {
    /// Whether it is the other reading of a file that may be of two tables, and no file of its own.
    pub fn is_twin(&self) -> bool {
        self.twin_of.is_some()
    }
}

/// Rows of orders of one or several imports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Its number.
    pub number: u64,
    /// The imports it holds rows of.
    pub imports: Vec<u64>,
    /// Its rows.
    pub rows: u64,
    /// What its rows are.
    pub grain: Grain,
    /// Who ordered when for how much.
    pub core: FileRef,
    /// When for how much again, where every row is an order of its own.
    pub amounts: Option<FileRef>,
    /// The customers in the order of their rows, with how many each has.
    pub customers: FileRef,
    /// Where, at what time, to whom, at which price.
    pub details: FileRef,
    /// What the orders hold.
    pub lines: Option<FileRef>,
    /// The names that details and lines have numbers for.
    pub names: FileRef,
    /// The texts of the further columns, where any row has one.
    #[serde(default)]
    pub further: Option<FileRef>,
    /// Which accounts have which phones.
    pub phones: Option<FileRef>,
    /// Which accounts have which e-mail addresses.
    #[serde(default)]
    pub mails: Option<FileRef>,
    /// Whether the hashes of recipients are veiled with the store's key.
    #[serde(default)]
    pub are_recipients_veiled: bool,
    /// Where each order id is.
    pub ids: Option<FileRef>,
    /// Rows that later imports replaced.
    pub superseded: Vec<Superseded>,
    /// How many those are.
    pub superseded_rows: u64,
    /// The orders that its rows make, where each is of several rows and no other segment has rows of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settled>,
}

/// The orders of a segment as putting its rows together makes them, in the order of customers and days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The number that its recipients are veiled with.
    pub number: u64,
    /// When for how much.
    pub amounts: FileRef,
    /// The customers in the order of their orders, with how many each has.
    pub customers: FileRef,
    /// Where, at what time, to whom, at which price, of how many rows and items.
    pub details: FileRef,
    /// What the orders hold.
    pub lines: Option<FileRef>,
    /// Whether any order is of several rows, and the details say of how many each is.
    pub has_row_counts: bool,
    /// What putting the rows together met.
    pub counts: SettledCounts,
}

/// Rows of a segment that a later import replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Superseded {
    /// The later import.
    pub import: u64,
    /// Which rows.
    pub rows: FileRef,
}

/// What a row of a segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grain {
    /// Whether rows name their order.
    pub has_order_id: bool,
    /// Whether a row carries the whole order's amount.
    pub has_order_amount: bool,
    /// Whether rows have ids of their own.
    pub has_line_id: bool,
    /// Whether every row is an order that no other row of the store shares, but for those that are replaced.
    pub is_whole: bool,
    /// Whether rows say what tells their order from one of the same number in another shop.
    #[serde(default)]
    pub has_own_id: bool,
    /// Whether any row is negative: refunds must be tied to their orders.
    #[serde(default)]
    pub has_negatives: bool,
    /// What the file says of its orders, which files of items say otherwise; none where earlier versions did not keep
    /// it.
    #[serde(default)]
    pub says: Option<Says>,
}

/// What a file may say of its orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Says {
    /// What went back.
    pub refunds: bool,
    /// What they cost the shop.
    pub costs: bool,
}

/// Rows of another table of one import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TablePart {
    /// The import.
    pub import: u64,
    /// The table.
    pub table: Table,
    /// Its rows.
    pub rows: u64,
    /// Rows of it that were erased.
    pub forgotten: u64,
    /// The rows.
    pub core: FileRef,
    /// The items, where it is a table of those.
    pub lines: Option<FileRef>,
    /// The names that items have numbers for.
    pub names: Option<FileRef>,
    /// Which accounts have which phones.
    pub phones: Option<FileRef>,
    /// The texts of all further columns.
    pub more: Option<FileRef>,
    /// Which accounts have which e-mail addresses.
    #[serde(default)]
    pub mails: Option<FileRef>,
    /// Of events the interests and purchases, and how many others there are on each day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interests: Option<FileRef>,
}

/// A file of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// From the store's folder.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// XXH3 of its bytes in hexadecimal; of an index of ids, which has sums of its own, of its head.
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
    /// Reads a store's manifest; an empty one where nothing was imported yet.
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
            // Rows that were replaced by which import was not noted.
            for import in manifest.imports.iter_mut().filter(|import| import.superseded > 0) {
                import.replaced.insert(ANY, std::mem::take(&mut import.superseded));
            }
        }
        // What is written from now on is of this version.
        Ok(Self { format: FORMAT, xxh3: NO_SUM.to_owned(), ..manifest })
    }

    /// As the text that stands in the store.
    pub(super) fn text(&self) -> Result<String> {
        let unsummed = Self { xxh3: NO_SUM.to_owned(), ..self.clone() };
        let text = serde_json::to_string_pretty(&unsummed)
            .map_err(|error| Error::Internal(error.to_string()))?
            + "\n";
        Ok(text.replacen(NO_SUM, &sum(&text), 1))
    }

    /// Gives a store a key of its own, where it has none.
    pub(super) fn make_key(&mut self) -> Result<()> {
        if self.people_key.is_empty() {
            self.people_key = PeopleKey::make()?;
        }
        Ok(())
    }

    /// The store's key.
    pub(super) fn people_key(&self) -> Option<PeopleKey> {
        PeopleKey::of(&self.people_key)
    }

    /// Every file that counts.
    pub(super) fn files(&self) -> impl Iterator<Item = &FileRef> {
        let of_imports =
            self.imports.iter().flat_map(|import| std::iter::once(&import.record).chain(&import.rejects));
        let of_segments = self.order_rows_held().flat_map(Segment::files);
        let of_tables = self.tables.iter().flat_map(TablePart::files);
        of_imports.chain(of_segments).chain(of_tables).chain(&self.forgotten_people)
    }

    /// How many files count, and their bytes.
    pub fn size(&self) -> (u64, u64) {
        self.files().fold((0, 0), |(files, bytes), file| (files + 1, bytes + file.bytes))
    }

    /// Everything that holds rows of orders, also those that no answer reads.
    pub(super) fn order_rows_held(&self) -> impl Iterator<Item = &Segment> {
        self.segments.iter().chain(&self.originals)
    }

    /// The imported files, each once.
    pub fn files_imported(&self) -> impl Iterator<Item = &Import> {
        self.imports.iter().filter(|import| !import.is_twin())
    }

    /// The place among the imports of a file's other reading.
    pub(super) fn twin(&self, number: u64) -> Option<usize> {
        self.imports.iter().position(|import| import.twin_of == Some(number))
    }

    /// Rows of orders that count, of files as what they were recognised as.
    pub fn order_rows(&self) -> u64 {
        let twins = self.twins();
        let segments = self.segments.iter().filter(|segment| !segment.is_of(&twins));
        segments.map(|segment| segment.rows - segment.superseded_rows).sum()
    }

    /// Rows of orders that later imports replaced, of files as what they were recognised as.
    pub fn superseded_rows(&self) -> u64 {
        self.superseded_rows_beside(&self.twins())
    }

    /// The same without those of some imports.
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

    /// Notes rows of orders of imports that are in no segment any more, as later ones had replaced them.
    pub(super) fn note_replaced(&mut self, rows: &Replaced) {
        for import in &mut self.imports {
            for (by, rows) in rows.get(&import.number).into_iter().flatten() {
                *import.replaced.entry(*by).or_default() += rows;
            }
        }
    }

    /// Takes off as many of an import's rows that were replaced: they were erased.
    pub(super) fn take_off_replaced(&mut self, import: u64, mut rows: u64) {
        let of = self.imports.iter_mut().find(|of| of.number == import);
        // By which one each was replaced is not known; what this is 0 of may still be asked.
        for count in of.into_iter().flat_map(|of| of.replaced.values_mut()) {
            let off = rows.min(*count);
            (*count, rows) = (*count - off, rows - off);
        }
    }

    /// The original of an import, taken out.
    pub(super) fn take_original(&mut self, import: u64) -> Option<Segment> {
        let place = self.originals.iter().position(|original| original.imports == [import])?;
        Some(self.originals.remove(place))
    }

    /// Whether an import has an original.
    pub(super) fn has_original(&self, import: u64) -> bool {
        self.originals.iter().any(|original| original.imports == [import])
    }

    /// Notes rows of orders of imports that were erased.
    pub(super) fn note_forgotten(&mut self, rows: &BTreeMap<u64, u64>) {
        for import in &mut self.imports {
            import.forgotten += rows.get(&import.number).copied().unwrap_or(0);
        }
    }

    /// A setting of `reading` that is not left to recognition and that an import was read without, with the import's
    /// name.
    pub fn read_otherwise(&self, reading: &serde_json::Value) -> Option<(String, &str)> {
        // Whose ids are one person's is settled after reading, and a status word that is taught is for files
        // that are still to come.
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

    /// The next number.
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }
}

/// Rows of orders that were replaced, by their import and the one that replaced them.
pub(super) type Replaced = BTreeMap<u64, BTreeMap<u64, u64>>;

impl Segment {
    /// With the rows that later imports replaced among those that count.
    pub(super) fn unmarked(self) -> Self {
        Self { superseded: Vec::new(), superseded_rows: 0, ..self }
    }

    /// Whether it holds rows of these imports alone. Those of a file that may be of two tables are never put together
    /// with others.
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
        std::iter::once(&self.core).chain(further.into_iter().flatten())
    }
}

/// That a file of the store cannot be read: it is gone or something else, or the system refuses it, which says nothing
/// about what is in it.
pub(super) fn unreadable(path: &Path, error: io::Error) -> Error {
    use io::ErrorKind::{InvalidData, IsADirectory, NotADirectory, NotFound, UnexpectedEof};
    match error.kind() {
        NotFound | NotADirectory | IsADirectory | UnexpectedEof | InvalidData => damaged(path),
        _ => Error::io("read", path, error),
    }
}

/// That a file of the store is not what was written.
pub(super) fn damaged(path: &Path) -> Error {
    Error::input_of(path.display().to_string(), "store_file_damaged", &[])
}

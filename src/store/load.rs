//! Reads the files of a store into what parsing the exports gave.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::lock::{Lock, Notice};
use super::manifest::{Import, Manifest, Segment};
use super::record::{Record, currencies};
use super::rows::load_segment;
use super::sorted::{OrderFiles, load_sorted};
use super::{Store, lock, table};
use crate::error::{Error, Result};
use crate::locale::{Remark, harmless};
use crate::parse::cell_notes::UNREADABLE_CELLS;
use crate::parse::orders::{Block, FileTraits, Survey, has_further};
use crate::parse::tables::TableRows;
use crate::parse::{DateColumn, SourceInfo};
use crate::rows::key_table::KeyTable;
use crate::schema::accounting::Rule;
use crate::schema::orders::text_kind;
use crate::schema::reject::Reject;
use crate::schema::{Field, Table, Wants};

/// Which data of a store are wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The data that are wanted, as for files.
    pub wants: Wants,
    /// Whether the phone numbers of customers are wanted.
    pub phones: bool,
    /// Whether their e-mail addresses are wanted.
    pub mails: bool,
    /// Whether customer lists are read for the contacts in them, even if their rows are not wanted.
    pub lists: bool,
    /// Whether other inputs may have rows of the same orders.
    pub is_mixed: bool,
    /// Whether several customer ids may belong to one customer.
    pub has_aliases: bool,
}

impl Wanted {
    /// All data, in order to write them again.
    pub(super) fn everything() -> Self {
        Self {
            wants: Wants::everything(),
            phones: true,
            mails: true,
            lists: true,
            is_mixed: true,
            has_aliases: false,
        }
    }

    /// Whether the rows of a table are needed.
    fn needs(&self, table: Table) -> bool {
        table == Table::Orders
            || self.wants.tables.contains(&table)
            || (self.lists && table.lists_customers())
    }
}

/// The content of a store in the form in which parsing gave it.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The imported files.
    pub sources: Vec<SourceInfo>,
    /// Remarks on the files.
    pub notes: Vec<Remark>,
    /// How their columns of dates were read.
    pub dates: Vec<DateColumn>,
    /// The rows of orders that could not be read.
    pub order_rejects: Vec<Reject>,
    /// The rows of other tables that could not be read.
    pub table_rejects: Vec<Reject>,
    /// The traits of the files of orders; each block has the index of its file among these.
    pub files: Vec<FileTraits>,
    /// The rows of orders.
    pub blocks: Vec<Block>,
    /// The surveys of the files of orders, by file name.
    pub surveys: Vec<(String, Survey)>,
    /// The rows of the other tables.
    pub tables: Vec<TableRows>,
    /// Further columns of orders that are wanted but were not kept by the version that imported the file, and the files
    /// that have them.
    pub not_kept: NotKept,
}

/// Columns that were not kept, and the files that have them.
#[derive(Debug, Default)]
pub struct NotKept {
    /// The columns by the names that were asked for.
    pub columns: BTreeSet<String>,
    /// The names of the files.
    pub files: BTreeSet<String>,
}

impl NotKept {
    /// Notes the wanted columns of a file that an earlier version imported.
    fn note_lost_columns(&mut self, info: &SourceInfo, wants: &Wants) {
        let is_lost = |name: &&String| *name != Field::OrderId.name() && has_further(&info.layout, name);
        for name in wants.order_columns.iter().filter(is_lost) {
            self.columns.insert(name.clone());
            self.files.insert(info.name.clone());
        }
    }
}

impl Store {
    /// The file that was imported first.
    ///
    /// # Errors
    /// When nothing has been imported yet.
    pub fn first_source(&self) -> Result<SourceInfo> {
        let manifest = self.manifest()?;
        let import = manifest.imports.first().ok_or_else(|| self.empty())?;
        Ok(Record::load(self.folder(), &import.record)?.info(import))
    }

    fn empty(&self) -> Error {
        let name = self.folder().display().to_string();
        let values = [("store", harmless(&name).into_owned())];
        Error::input_of(name, "store_empty", &values)
    }

    /// Opens the store for reading; its files are not removed while the result exists. `note` is called when it has to
    /// wait for a process that removes files.
    ///
    /// # Errors
    /// When nothing has been imported yet, or when a file of the store is damaged, which the error names.
    pub fn files(&self, note: &dyn Fn(Notice<'_>)) -> Result<StoreFiles> {
        let reading = lock::reader(self.folder(), note)?;
        let manifest = self.manifest()?;
        if manifest.imports.is_empty() {
            return Err(self.empty());
        }
        let kept = |import: &Import| {
            let record = Record::load(self.folder(), &import.record)?;
            let info = record.info(import);
            Ok(KeptFile { record, info })
        };
        let files = manifest.imports.iter().map(kept).collect::<Result<_>>()?;
        Ok(StoreFiles { folder: self.folder().to_owned(), manifest, files, _reading: reading })
    }
}

/// A store that is open for reading.
#[derive(Debug)]
pub struct StoreFiles {
    folder: PathBuf,
    manifest: Manifest,
    /// One for each import.
    files: Vec<KeptFile>,
    _reading: Option<Lock>,
}

#[derive(Debug)]
struct KeptFile {
    record: Record,
    info: SourceInfo,
}

/// A file in a store.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    /// What the file was recognised as.
    pub info: &'a SourceInfo,
    /// Whether it is also kept as the other table that it may belong to.
    pub has_twin: bool,
    /// Whether it is unknown if the file is also kept as another table, because an earlier version imported it.
    pub is_old: bool,
}

impl StoreFiles {
    /// The store's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The store's manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The imported files, each once.
    pub fn stored(&self) -> impl Iterator<Item = Stored<'_>> {
        let files = self.manifest.imports.iter().zip(&self.files);
        files.filter(|(import, _)| !import.is_twin()).map(|(import, file)| Stored {
            info: &file.info,
            has_twin: self.manifest.twin(import.number).is_some(),
            is_old: !file.record.knows_other,
        })
    }

    /// The imports that are not read. For each file, `others` says whether it is read as the other table that it may
    /// belong to.
    fn unread(&self, others: &[bool]) -> HashSet<u64> {
        let files = self.manifest.files_imported().zip(others);
        let of = |(import, is_other): (&Import, &bool)| {
            let twin = self.manifest.imports[self.manifest.twin(import.number)?].number;
            Some(if *is_other { import.number } else { twin })
        };
        files.filter_map(of).collect()
    }

    /// Reads what is wanted. Each file is read as what it was recognised as, or as the other table that it may belong
    /// to if `others` says so.
    ///
    /// # Errors
    /// When a file of the store is damaged, which the error names.
    pub fn load(self, wanted: &Wanted, others: &[bool]) -> Result<Loaded> {
        let unread = self.unread(others);
        let Self { folder, manifest, files, _reading } = self;
        let mut loaded = Loaded::default();
        let mut statistics = Block::default();
        statistics.excluded.add(Rule::Superseded, manifest.superseded_rows_beside(&unread));
        let mut records = HashMap::new();
        let read = manifest.imports.iter().zip(files).filter(|(import, _)| !unread.contains(&import.number));
        for (import, KeptFile { record, info }) in read {
            if record.orders.as_ref().is_some_and(|of| !of.keeps_columns) {
                loaded.not_kept.note_lost_columns(&info, &wanted.wants);
            }
            if !wanted.needs(import.table) {
                loaded.sources.push(SourceInfo { rows_read: 0, ..info });
                continue;
            }
            loaded
                .notes
                .extend(record.notes().into_iter().filter(|note| is_asked_for(note, &info, &wanted.wants)));
            loaded.sources.push(info);
            loaded.dates.extend(record.dates(import));
            let rejects = import
                .rejects
                .as_ref()
                .map_or(Ok(Vec::new()), |file| table::rejects(&folder, file, import))?;
            if let Some(of) = &record.orders {
                statistics.record_count += import.rows_read - import.forgotten;
                statistics.excluded.merge(&record.excluded());
                statistics.inferred_days += of.inferred_days;
                statistics.has_personal_ids |= of.has_personal_ids;
                statistics.refunds.extend(of.refunds.iter().cloned());
                statistics.written_currencies.extend(currencies(of));
                let new = of.currencies.iter().filter(|code| !statistics.currencies.contains(code)).cloned();
                let new: Vec<String> = new.collect();
                statistics.currencies.extend(new);
                loaded.order_rejects.extend(rejects);
            } else {
                loaded.table_rejects.extend(rejects);
            }
            records.insert(import.number, record);
        }
        let mut manifest = manifest;
        manifest.segments.retain(|segment| !segment.is_of(&unread));
        manifest.tables.retain(|part| !unread.contains(&part.import));
        // A twin that was added later comes in the place of its file.
        let place = |import: u64| manifest.imports.iter().position(|of| of.number == import);
        manifest.tables.sort_by_cached_key(|part| place(part.import));
        statistics.has_negatives = manifest.segments.iter().any(|segment| segment.grain.has_negatives);
        load_orders(&folder, &manifest, wanted, &mut records, statistics, &mut loaded)?;
        for part in &manifest.tables {
            let Some(import) = manifest.imports.iter().find(|import| import.number == part.import) else {
                continue;
            };
            let Some(record) = records.get(&part.import) else { continue };
            loaded.tables.push(table::load(&folder, part, import, record, wanted)?);
        }
        Ok(loaded)
    }
}

/// Whether a note is about something that is read. A note about unreadable cells of a further column of orders is only
/// shown if the column is asked for, as with files.
fn is_asked_for(note: &Remark, info: &SourceInfo, wants: &Wants) -> bool {
    let header = note.values.iter().find(|(name, _)| *name == "header").map(|(_, header)| header);
    let is_of_cells = info.table() == Table::Orders && note.code == UNREADABLE_CELLS;
    let Some(header) = header.filter(|_| is_of_cells) else { return true };
    let layout = &info.layout;
    let has_header = |column: &usize| layout.headers.get(*column) == Some(header);
    let fields = layout.columns.iter().filter(|(_, columns)| columns.iter().any(has_header));
    let fields: Vec<&str> = fields.map(|(field, _)| field.name()).collect();
    let is_further = !fields.is_empty() && fields.iter().all(|field| text_kind(field).is_some());
    !is_further || wants.order_columns.iter().any(|name| fields.contains(&name.as_str()))
}

/// The wanted data without prices and costs, if no file has any.
fn narrowed(wanted: &Wanted, files: &[FileTraits]) -> Wanted {
    let says_prices = files.iter().any(|file| file.has_full_price || file.has_cost);
    let wants = Wants { prices: wanted.wants.prices && says_prices, ..wanted.wants.clone() };
    Wanted { wants, ..wanted.clone() }
}

fn load_orders(
    folder: &Path,
    manifest: &Manifest,
    wanted: &Wanted,
    records: &mut HashMap<u64, Record>,
    statistics: Block,
    loaded: &mut Loaded,
) -> Result<()> {
    // The traits of all files of orders, including those without rows.
    let mut places: HashMap<u64, usize> = HashMap::new();
    for import in manifest.imports.iter().filter(|import| import.table == Table::Orders) {
        let Some(record) = records.get_mut(&import.number) else { continue };
        let layout = record.info(import).layout;
        let Some(of) = &mut record.orders else { continue };
        places.insert(import.number, loaded.files.len());
        let traits = of.traits.clone().with_refunds(&layout);
        loaded.files.push(FileTraits { name: import.name.clone(), ..traits });
        if wanted.wants.survey {
            loaded.surveys.push((import.name.clone(), std::mem::take(&mut of.survey)));
        }
    }
    if loaded.files.is_empty() {
        return Ok(());
    }
    loaded.blocks.push(statistics);
    let holds_items = manifest.tables.iter().any(|part| part.table.holds_items());
    let wants = &wanted.wants;
    // Rows that may have to be merged with others need their order ids.
    let looks_at_rows = wanted.is_mixed
        || wants.survey
        || wants.texts
        || wants.place_of_order_ids().is_some()
        || (wants.items && holds_items);
    let is_plain = !looks_at_rows
        && !wants.phones
        && wants.order_columns.is_empty()
        && !wanted.phones
        && !wanted.mails
        && !wanted.has_aliases;
    let is_settled = |segment: &Segment| {
        let is_one = segment.grain.is_whole || (is_plain && segment.settled.is_some());
        is_one && !segment.grain.has_negatives
    };
    let needs_ids = looks_at_rows || !manifest.segments.iter().all(is_settled);
    let files = loaded.files.clone();
    let has_files = |segment: &Segment, block: Block| {
        let first = segment.imports.first();
        let record = first.and_then(|import| records.get(import)).and_then(|record| record.orders.as_ref());
        let mut of_imports = segment.imports.iter().filter_map(|import| places.get(import).copied());
        // Earlier versions merged segments of files with different columns for refunds and costs. What any of these
        // files has is then not taken from items.
        let file = match segment.grain.says {
            Some(_) => of_imports.next(),
            None => of_imports
                .rev()
                .max_by_key(|file| u8::from(files[*file].says_refunds) + u8::from(files[*file].has_cost)),
        };
        Block {
            file: file.unwrap_or(0),
            edges: record.map(|of| of.edges.clone()).unwrap_or_default(),
            ..block
        }
    };
    let wanted = &narrowed(wanted, &loaded.files);
    let orders_of = |segment| OrderFiles::of(segment).filter(|_| is_plain && !needs_ids);
    let largest = manifest.segments.iter().max_by_key(|segment| segment.rows);
    let largest = largest.and_then(|segment| Some((segment, orders_of(segment)?)));
    let key = || manifest.people_key();
    for segment in
        manifest.segments.iter().filter(|segment| largest.is_none_or(|(of, _)| of.number != segment.number))
    {
        let block = match orders_of(segment).filter(|_| segment.settled.is_some()) {
            Some(files) => load_sorted(folder, files, wanted, None, key())?,
            None => load_segment(folder, segment, wanted, needs_ids, key().as_ref())?,
        };
        loaded.blocks.push(has_files(segment, block));
    }
    if let Some((segment, files)) = largest {
        // Customers who also have rows in other segments.
        let keys = || {
            let groups = loaded.blocks.iter().flat_map(|block| &block.rows);
            groups.flat_map(|group| group.columns.customer.iter().copied()).filter(|key| key.is_usable())
        };
        let mut shared = KeyTable::with_capacity(keys().count());
        for key in keys() {
            let _ = shared.insert(key);
        }
        let block = load_sorted(folder, files, wanted, Some(&shared), key())?;
        loaded.blocks.push(has_files(segment, block));
    }
    Ok(())
}

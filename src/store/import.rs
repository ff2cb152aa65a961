//! Adding exports to a store.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use polars::prelude::*;
use rayon::prelude::*;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::ids::Ids;
use super::manifest::{FOLDERS, Grain, Import, Manifest};
use super::record::{OrderRecord, Record};
use super::rows::{REPLACED, replaced};
use super::{Store, frames, lock, segment, table};
use crate::error::{Error, Result};
use crate::ingest::accounting::RuleCounts;
use crate::ingest::orders::{Block, Edges, FileTraits, Survey, has_duplicates, replace_lines, whole_edges};
use crate::ingest::reject::Reject;
use crate::ingest::source::{Input, Place};
use crate::ingest::tables::TableRows;
use crate::ingest::{Parsed, ReadOptions, Rows, SourceInfo, Wants, open, parse};
use crate::schema::money::MISSING;
use crate::schema::{Key, Status, Table};

/// What became of an input.
#[derive(Debug)]
pub struct Imported {
    /// The file.
    pub info: SourceInfo,
    /// What became of it.
    pub outcome: Outcome,
    /// Its rows that cannot be read.
    pub rejects: Vec<Reject>,
}

/// What became of a file that was to be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its rows are in the store.
    Added {
        /// Rows of orders in the store that it replaced.
        superseded: u64,
    },
    /// A file of the same content is in the store.
    Known {
        /// The import.
        number: u64,
    },
    /// No question needs what it holds.
    OfNoUse,
}

/// Segments of fewer rows than this times those that are new are put together with them, so that there are few
/// segments and every row is written a few times only, however many days are imported.
const FACTOR: u64 = 2;

impl Store {
    /// Adds files. Of an order that several of them hold, and the store, the last counts. Either all files are added or
    /// none is.
    ///
    /// `strict` makes a row that cannot be read an error; `waiting` is called when another process is changing the store.
    ///
    /// # Errors
    /// When a file cannot be read, amounts are in several currencies, or the store cannot be written; it is then as it was.
    pub fn import(
        &self,
        inputs: &[Input],
        options: &ReadOptions,
        strict: impl Fn(&[Reject]) -> Result<()>,
        waiting: impl FnOnce(),
    ) -> Result<Vec<Imported>> {
        let _writing = lock::writer(self.folder(), waiting)?;
        let before = self.manifest()?;
        self.remove_strays(&before)?;
        let options = ReadOptions {
            wants: Wants::everything(),
            has_digests: true,
            // Whose accounts are one customer's is asked when the store is.
            aliases: None,
            merges_by_phone: false,
            ..options.clone()
        };
        let mut importing = Importing {
            folder: self.folder(),
            manifest: before.clone(),
            reading: options.reading(),
            currency: options.currency.as_ref().map(|code| code.to_uppercase()),
            done: Vec::new(),
        };
        let result = importing.all(inputs, &options, strict);
        let Importing { mut manifest, done, .. } = importing;
        let finished = result.and_then(|()| {
            if manifest == before {
                return Ok(());
            }
            manifest.state += 1;
            self.put_together(&mut manifest)?;
            FOLDERS
                .iter()
                .map(|name| self.folder().join(name))
                .filter(|path| path.exists())
                .try_for_each(|path| frames::sync_folder(&path))?;
            manifest.save(self.folder())
        });
        // What was written does not count, or something no longer does.
        let settled = self.manifest()?;
        self.remove_strays(&settled)?;
        finished.map(|()| done)
    }

    /// Puts the last segments together while they are small beside what is new.
    fn put_together(&self, manifest: &mut Manifest) -> Result<()> {
        let mut first = manifest.segments.len();
        let mut rows = 0;
        while let Some(segment) = first.checked_sub(1).and_then(|place| manifest.segments.get(place)) {
            let is_alike = manifest.segments.get(first).is_none_or(|next| next.grain == segment.grain);
            if !segment.grain.is_whole || !is_alike || (rows > 0 && segment.rows > rows * FACTOR) {
                break;
            }
            rows += segment.rows;
            first -= 1;
        }
        if manifest.segments.len() - first > 1 {
            self.merge_segments(manifest, first..manifest.segments.len())?;
        }
        Ok(())
    }

    /// Removes files that do not count: what a killed import left, or what no longer does.
    pub(super) fn remove_strays(&self, manifest: &Manifest) -> Result<()> {
        let counting: HashSet<&str> = manifest.files().map(|file| file.path.as_str()).collect();
        let mut strays = Vec::new();
        for folder in FOLDERS {
            let Ok(entries) = std::fs::read_dir(self.folder().join(folder)) else { continue };
            for entry in entries.flatten() {
                let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
                if !counting.contains(name.as_str()) {
                    strays.push(entry.path());
                }
            }
        }
        if let Ok(entries) = std::fs::read_dir(self.folder()) {
            let is_partial = |name: &str| name.starts_with(".ecrm-") && name.ends_with(".partial");
            strays.extend(
                entries
                    .flatten()
                    .map(|entry| entry.path())
                    .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_partial)),
            );
        }
        if strays.is_empty() {
            return Ok(());
        }
        let _alone = lock::alone(self.folder())?;
        for path in strays {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("remove", &path, error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// An import under way.
struct Importing<'a> {
    folder: &'a Path,
    manifest: Manifest,
    /// How the files are read, for who asks later.
    reading: Value,
    /// The only currency that is read.
    currency: Option<String>,
    done: Vec<Imported>,
}

impl Importing<'_> {
    fn all(
        &mut self,
        inputs: &[Input],
        options: &ReadOptions,
        strict: impl Fn(&[Reject]) -> Result<()>,
    ) -> Result<()> {
        for input in inputs {
            let before = self.manifest.imports.len();
            if let Some(number) = self.known(input)? {
                let info = crate::ingest::recognise(input, options)?;
                self.done.push(Imported { info, outcome: Outcome::Known { number }, rejects: Vec::new() });
                continue;
            }
            for (source, layout) in open(input, options)? {
                let parsed = parse(source, layout, options)?;
                strict(&parsed.rejects)?;
                self.add(parsed, before)?;
            }
        }
        Ok(())
    }

    /// The import of a file with the same content, where that can be told before parsing it.
    fn known(&self, input: &Input) -> Result<Option<u64>> {
        let Place::File(path) = &input.place else { return Ok(None) };
        let Ok(meta) = std::fs::metadata(path) else { return Ok(None) };
        let is_as_long = |import: &Import| import.bytes == meta.len();
        if !meta.is_file() || !self.manifest.imports.iter().any(is_as_long) {
            return Ok(None);
        }
        let failed = |error| Error::io("read", path, error);
        let mut file = File::open(path).map_err(failed)?;
        let (mut sum, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
        loop {
            match file.read(&mut buffer).map_err(failed)? {
                0 => break,
                read => sum.update(&buffer[..read]),
            }
        }
        let sha256: String = sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        self.same(&input.name(), &sha256, input.table, self.manifest.imports.len())
    }

    /// The import with the same content, among the first `count`.
    ///
    /// # Errors
    /// When it was read in another way: what it gave would stand beside what it gives now.
    fn same(&self, name: &str, sha256: &str, table: Option<Table>, count: usize) -> Result<Option<u64>> {
        let imports = || self.manifest.imports[..count].iter().filter(|import| import.sha256 == sha256);
        let is_alike = |import: &&Import| {
            let settings = self.reading.as_object().into_iter().flatten();
            // Status words are taught as they come up.
            let mut settings = settings.filter(|(name, _)| *name != "status");
            table.is_none_or(|table| table == import.table)
                && settings.all(|(name, value)| import.reading.get(name) == Some(value))
        };
        if let Some(import) = imports().find(is_alike) {
            return Ok(Some(import.number));
        }
        // Another sheet of the same workbook is another file.
        let sheet = |reading: &Value| reading.get("sheet").and_then(Value::as_str).map(str::to_owned);
        let own = sheet(&self.reading);
        if imports()
            .all(|import| own.is_some() && sheet(&import.reading).is_some_and(|other| own != Some(other)))
        {
            return Ok(None);
        }
        Err(Error::input(
            name,
            "this file is in the store already, but was read in another way",
            "import it with the same settings, or into a new store",
        ))
    }

    /// Adds a file; of those before it, the first `count` imports are of other inputs.
    fn add(&mut self, parsed: Parsed, count: usize) -> Result<()> {
        let Parsed { info, notes, dates, rejects, rows } = parsed;
        let sha256 = info.digest.as_ref().map(|digest| digest.sha256.clone()).unwrap_or_default();
        let is_of_use = !matches!(rows, Rows::NotNeeded);
        let known = if is_of_use { self.same(&info.name, &sha256, Some(info.table()), count)? } else { None };
        if let Some(number) = known {
            self.done.push(Imported { info, outcome: Outcome::Known { number }, rejects: Vec::new() });
            return Ok(());
        }
        let number = self.manifest.number();
        let (record, outcome) = match rows {
            Rows::Orders { traits, blocks, survey } => {
                let (record, superseded) =
                    self.orders(number, traits, blocks, survey.map(|survey| *survey).unwrap_or_default())?;
                let (excluded, record) = record;
                (
                    Record::new(&info, &notes, &dates, &excluded, Some(record), BTreeMap::new()),
                    Outcome::Added { superseded },
                )
            }
            Rows::Table(rows) => {
                (self.table(number, &info, &notes, &dates, *rows)?, Outcome::Added { superseded: 0 })
            }
            Rows::NotNeeded => {
                self.done.push(Imported { info, outcome: Outcome::OfNoUse, rejects });
                return Ok(());
            }
        };
        let import = Import {
            number,
            name: info.name.clone(),
            bytes: info.digest.as_ref().map_or(0, |digest| digest.bytes),
            sha256,
            table: info.table(),
            preset: info.layout.preset.name.clone(),
            rows_read: info.rows_read,
            rows_quarantined: rejects.len() as u64,
            reading: self.reading.clone(),
            record: frames::save_value(self.folder, &format!("imports/{number:06}.msgpack"), &record)?,
            rejects: table::save_rejects(self.folder, number, &rejects)?,
        };
        self.manifest.imports.push(import);
        self.done.push(Imported { info, outcome, rejects });
        Ok(())
    }

    fn table(
        &mut self,
        number: u64,
        info: &SourceInfo,
        notes: &[crate::ingest::Remark],
        dates: &[crate::ingest::DateColumn],
        rows: TableRows,
    ) -> Result<Record> {
        let record = Record::new(info, notes, dates, &rows.excluded, None, rows.words.clone());
        // Without a row it still says that there is such a table.
        self.manifest.tables.push(table::save(self.folder, number, number, &rows)?);
        Ok(record)
    }

    fn orders(
        &mut self,
        number: u64,
        traits: FileTraits,
        mut blocks: Vec<Block>,
        survey: Survey,
    ) -> Result<((RuleCounts, OrderRecord), u64)> {
        blocks.par_iter_mut().for_each(Block::index_orders);
        // Of rows of one id in one file the last counts, which cannot be told any more once they stand by customer.
        self.manifest.superseded += replace_lines(&mut blocks);
        let mut excluded = RuleCounts::default();
        blocks.iter().for_each(|block| excluded.merge(&block.excluded));
        let mut currencies: Vec<String> =
            blocks.iter().flat_map(|block| block.currencies.iter().cloned()).collect();
        currencies.extend(self.currency.clone());
        currencies.sort_unstable();
        currencies.dedup();
        self.check_currencies(&currencies)?;
        let edges = if traits.has_order_id && !traits.has_order_amount {
            whole_edges(&blocks)
        } else {
            Edges::default()
        };
        let record = OrderRecord {
            inferred_days: blocks.iter().map(|block| block.inferred_days).sum(),
            currencies,
            written_currencies: blocks
                .iter()
                .flat_map(|block| block.written_currencies.iter().map(|code| (*code).to_owned()))
                .collect(),
            has_personal_ids: blocks.iter().any(|block| block.has_personal_ids),
            edges,
            survey,
            traits,
        };
        let row_count: usize =
            blocks.iter().flat_map(|block| &block.rows).map(|group| group.columns.customer.len()).sum();
        if row_count == 0 {
            return Ok(((excluded, record), 0));
        }
        let traits = &record.traits;
        let grain = Grain {
            has_order_id: traits.has_order_id,
            has_order_amount: traits.has_order_amount,
            has_line_id: traits.has_line_id,
            is_whole: is_whole(traits, &blocks),
        };
        let superseded =
            if grain.is_whole && grain.has_order_id { self.replace(number, &blocks)? } else { 0 };
        let segment_number = self.manifest.number();
        let segment = segment::save(self.folder, segment_number, vec![number], grain, &blocks)?;
        self.manifest.segments.push(segment);
        Ok(((excluded, record), superseded))
    }

    /// Amounts of a store must add up.
    fn check_currencies(&self, new: &[String]) -> Result<()> {
        let mut seen = new.to_vec();
        for import in
            self.manifest.imports.iter().filter(|import| import.table == Table::Orders && !new.is_empty())
        {
            if let Some(of) = Record::load(self.folder, &import.record)?.orders {
                seen.extend(of.currencies);
            }
        }
        seen.sort_unstable();
        seen.dedup();
        if seen.len() < 2 {
            return Ok(());
        }
        Err(Error::data(
            format!("the amounts are in several currencies ({}), which cannot be added up", seen.join(", ")),
            format!("choose one with --currency {}, and keep each currency in a store of its own", seen[0]),
        ))
    }

    /// Marks the rows of whole segments whose orders the blocks have too, and says how many they are.
    fn replace(&mut self, import: u64, blocks: &[Block]) -> Result<u64> {
        let keys: Vec<Key> = blocks
            .iter()
            .flat_map(|block| block.orders.keys.iter().copied())
            .filter(|key| key.is_usable())
            .collect();
        let mut total = 0;
        for segment in self.manifest.segments.iter_mut().filter(|segment| segment.grain.is_whole) {
            let Some(of) = &segment.ids else { continue };
            let mut rows = Ids::open(self.folder, of)?.rows_of(&keys)?;
            if rows.is_empty() {
                continue;
            }
            let known: HashSet<u32> = replaced(self.folder, &segment.superseded)?.into_iter().collect();
            rows.retain(|row| !known.contains(row));
            if rows.is_empty() {
                continue;
            }
            total += rows.len() as u64;
            let frame = DataFrame::new(
                rows.len(),
                vec![UInt32Chunked::from_vec(REPLACED.into(), rows.clone()).into_column()],
            )?;
            let path = format!("orders/{:06}.superseded.{import:06}.parquet", segment.number);
            segment.superseded.push(frames::save_one(self.folder, &path, frame)?);
            segment.superseded_rows += rows.len() as u64;
        }
        Ok(total)
    }
}

/// Whether every row of a file is an order of its own, which no other row adds to.
fn is_whole(traits: &FileTraits, blocks: &[Block]) -> bool {
    if !traits.has_order_id {
        return true;
    }
    let is_complete = |block: &Block| {
        let rows = block.rows.iter().flat_map(|group| group.columns.status.iter().zip(&group.columns.amount));
        rows.into_iter().all(|(status, amount)| match Status::ALL.get(usize::from(*status)) {
            Some(status) => *amount != MISSING || !status.is_paid(),
            None => false,
        })
    };
    traits.has_order_amount
        && !traits.has_line_id
        && blocks.iter().all(is_complete)
        && !has_duplicates(blocks)
}

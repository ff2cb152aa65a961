//! An import under way: files parsed, told from those that are there, and written.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;

use polars::prelude::*;
use rayon::prelude::*;
use serde_json::Value;

use super::files::Writing;
use super::ids::Ids;
use super::import::{Imported, Outcome};
use super::manifest::{Grain, Import, Manifest};
use super::record::{OrderRecord, Record};
use super::rows::{REPLACED, replaced};
use super::{frames, segment, table};
use crate::error::{Error, Result};
use crate::ingest::accounting::RuleCounts;
use crate::ingest::orders::{Block, Edges, FileTraits, Survey, has_duplicates, replace_lines, whole_edges};
use crate::ingest::source::{Input, Place, sha256};
use crate::ingest::tables::TableRows;
use crate::ingest::value::currency;
use crate::ingest::{Parsed, ReadOptions, Rows, SourceInfo, other_currencies_only, parse_input};
use crate::schema::money::MISSING;
use crate::schema::{Key, Status, Table};

/// An import under way.
pub(super) struct Importing<'a> {
    pub writing: &'a Writing<'a>,
    /// What the store will hold.
    pub manifest: &'a mut Manifest,
    /// How the files are read, for who asks later.
    pub reading: Value,
    /// The only currency that is read.
    pub currency: Option<String>,
    /// Whether any row of orders is in it, and the currencies that others are in.
    pub currencies: (bool, BTreeSet<String>),
    /// What became of the files.
    pub done: Vec<Imported>,
}

impl Importing<'_> {
    /// Adds all files; what is written does not count before the manifest does.
    pub fn all(&mut self, inputs: &[Input], options: &ReadOptions) -> Result<()> {
        for input in inputs {
            let before = self.manifest.imports.len();
            if let Some(number) = self.known(input)? {
                let info = crate::ingest::recognise(input, options)?;
                self.done.push(Imported {
                    info,
                    outcome: Outcome::Known { number },
                    rejects: Vec::new(),
                    empty_rows: 0,
                });
                continue;
            }
            for parsed in parse_input(input, options)? {
                self.add(parsed, before)?;
            }
        }
        match (&self.currency, &self.currencies) {
            (Some(wanted), (false, seen)) if !seen.is_empty() => {
                Err(other_currencies_only(wanted, &seen.iter().map(String::as_str).collect()))
            }
            _ => Ok(()),
        }
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
        let sha256 = sha256(&mut file).map_err(failed)?;
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
                && settings.all(|(name, value)| import.reading.get(name).unwrap_or(&Value::Null) == value)
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
        let Parsed { info, notes, dates, rejects, rows, .. } = parsed;
        let sha256 = info.digest.as_ref().map(|digest| digest.sha256.clone()).unwrap_or_default();
        if matches!(rows, Rows::NotNeeded) {
            self.done.push(Imported { info, outcome: Outcome::OfNoUse, rejects, empty_rows: 0 });
            return Ok(());
        }
        let known = self.same(&info.name, &sha256, Some(info.table()), count)?;
        if let Some(number) = known {
            self.done.push(Imported {
                info,
                outcome: Outcome::Known { number },
                rejects: Vec::new(),
                empty_rows: 0,
            });
            return Ok(());
        }
        let empty_rows = rows.empty_rows();
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
            // Said above.
            Rows::NotNeeded => return Ok(()),
        };
        // Yesterday's file may have had the same name.
        let is_taken = self.manifest.imports.iter().any(|import| import.name == info.name);
        let import = Import {
            number,
            name: if is_taken { format!("{} [{number}]", info.name) } else { info.name.clone() },
            bytes: info.digest.as_ref().map_or(0, |digest| digest.bytes),
            sha256,
            table: info.table(),
            preset: info.layout.preset.name.clone(),
            rows_read: info.rows_read,
            rows_quarantined: rejects.len() as u64,
            reading: self.reading.clone(),
            record: frames::save_value(self.writing, &format!("imports/{number:06}.msgpack"), &record)?,
            rejects: table::save_rejects(self.writing, number, &rejects)?,
        };
        self.manifest.imports.push(import);
        self.done.push(Imported { info, outcome, rejects, empty_rows });
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
        self.manifest.tables.push(table::save(self.writing, number, number, &rows)?);
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
        let written =
            blocks.iter().flat_map(|block| block.written_currencies.iter().map(|code| (*code).to_owned()));
        let written_currencies: BTreeSet<String> = written.collect();
        let named: Vec<String> = currencies.iter().chain(&written_currencies).cloned().collect();
        self.check_currencies(&named)?;
        let edges = if traits.has_order_id && !traits.has_order_amount {
            whole_edges(&blocks)
        } else {
            Edges::default()
        };
        let record = OrderRecord {
            inferred_days: blocks.iter().map(|block| block.inferred_days).sum(),
            currencies,
            written_currencies,
            has_personal_ids: blocks.iter().any(|block| block.has_personal_ids),
            edges,
            survey,
            traits,
        };
        self.currencies.0 |= !blocks.iter().all(Block::is_empty);
        self.currencies.1.extend(blocks.iter().flat_map(|block| block.other_currencies.iter().cloned()));
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
        let segment = segment::save(self.writing, segment_number, vec![number], grain, &blocks)?;
        self.manifest.segments.push(segment);
        Ok(((excluded, record), superseded))
    }

    /// Amounts of a store must add up.
    fn check_currencies(&self, new: &[String]) -> Result<()> {
        let mut seen = new.to_vec();
        for import in
            self.manifest.imports.iter().filter(|import| import.table == Table::Orders && !new.is_empty())
        {
            if let Some(of) = Record::load(self.writing.folder(), &import.record)?.orders {
                seen.extend(of.currencies);
                seen.extend(of.written_currencies);
            }
        }
        seen.sort_unstable();
        seen.dedup();
        if currency::can_be_one(seen.iter().map(String::as_str)) {
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
            let mut rows = Ids::open(self.writing.folder(), of)?.rows_of(&keys)?;
            if rows.is_empty() {
                continue;
            }
            let known: HashSet<u32> =
                replaced(self.writing.folder(), &segment.superseded)?.into_iter().collect();
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
            segment.superseded.push(frames::save_one(self.writing, &path, frame)?);
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

//! An import in progress: it parses files, compares them with those in the store, and writes them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;

use rayon::prelude::*;
use serde_json::Value;

use super::files::Writing;
use super::ids::Ids;
use super::import::{Imported, Outcome};
use super::manifest::{Grain, Import, Manifest, Says};
use super::marks::{self, replaced};
use super::record::{OrderRecord, Record};
use super::returning::{Returning, left_out};
use super::shops::stands_beside;
use super::{filter, frames, segment, settled, table};
use crate::error::{Error, Result};
use crate::locale::{Remark, Words};
use crate::merge::{has_duplicates, is_beyond, other_currencies_only, replace_lines, whole_edges};
use crate::parse::orders::{Block, Edges, FileTraits, Survey};
use crate::parse::source::{Input, Place, sha256};
use crate::parse::tables::TableRows;
use crate::parse::value::currency;
use crate::parse::{DateColumn, Parsed, ParsedInput, ReadOptions, Rows, SourceInfo, parse_input};
use crate::schema::accounting::RuleCounts;
use crate::schema::money::MISSING;
use crate::schema::reject::Reject;
use crate::schema::{Key, Status, Table};

/// An import in progress.
pub(super) struct Importing<'a> {
    pub writing: &'a Writing<'a>,
    /// The manifest that the store will have.
    pub manifest: &'a mut Manifest,
    /// The settings that files are read with, which are stored for later.
    pub reading: Value,
    /// The only currency whose rows are read, if one was asked for.
    pub currency: Option<String>,
    /// Whether any row of orders is in this currency, and the other currencies that were found.
    pub currencies: (bool, BTreeSet<String>),
    /// Whether files that are already in the store are read again.
    pub is_again: bool,
    /// The numbers of the imports that were read again or added in this run.
    pub again: HashSet<u64>,
    /// The orders of the file that is being read again.
    pub orders_read: HashSet<Key>,
    /// The people who were forgotten.
    pub returning: Returning,
    /// What was done with each file.
    pub done: Vec<Imported>,
    /// Further remarks on the files.
    pub notes: Vec<Remark>,
}

/// The result of writing the rows of a file of orders.
struct Written {
    excluded: RuleCounts,
    record: OrderRecord,
    replaced: u64,
    superseded: u64,
}

/// The result of writing the rows of a file.
pub(super) struct Made {
    record: Record,
    /// How many rows of orders of other imports they replace.
    pub replaced: u64,
    /// How many of the file's rows are replaced by later rows of the same file.
    superseded: u64,
}

impl Importing<'_> {
    /// Adds all files. What is written only counts once the manifest does.
    pub fn all(&mut self, inputs: &[Input], options: &ReadOptions) -> Result<()> {
        for input in inputs {
            let before = self.manifest.imports.len();
            if let Some(number) = self.known(input)? {
                let info = crate::parse::recognise(input, options)?;
                self.push_known(info, number);
                continue;
            }
            let ParsedInput { files, again } = parse_input(input, false, options)?;
            for mut parsed in files {
                let preset = &parsed.info.layout.preset;
                if !preset.needs.is_empty() || preset.is_part {
                    return Err(Error::input_of(input.name(), "not_for_a_store", &[]));
                }
                parsed.accounting().check_balance()?;
                let mut twin = self.twin(&mut parsed, again.as_ref(), options)?;
                // Only the orders name the buyer, and with that also whose the items are; so orders come first.
                let mut both: Vec<&mut Parsed> = twin.iter_mut().chain([&mut parsed]).collect();
                both.sort_by_key(|parsed| parsed.info.table() != Table::Orders);
                both.into_iter().try_for_each(|parsed| self.returning.leave_out(parsed))?;
                self.add(parsed, twin, before)?;
            }
        }
        match (&self.currency, &self.currencies) {
            (Some(wanted), (false, seen)) if !seen.is_empty() => {
                Err(other_currencies_only(wanted, &seen.iter().map(String::as_str).collect()))
            }
            _ => Ok(()),
        }
    }

    /// The number of the import with the same content, if that is found before the file is parsed.
    fn known(&self, input: &Input) -> Result<Option<u64>> {
        let Place::File(path) = &input.place else { return Ok(None) };
        if self.is_again {
            return Ok(None);
        }
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

    fn push_known(&mut self, info: SourceInfo, number: u64) {
        let import = self.manifest.imports.iter().find(|import| import.number == number);
        let unreadable = import.map_or(0, |import| import.rows_quarantined);
        let outcome = Outcome::Known { number, unreadable };
        self.done.push(Imported { info, outcome, rejects: Vec::new(), empty_rows: 0, forgotten: 0 });
    }

    /// The number of the import with the same content, among the first `count` imports.
    ///
    /// # Errors
    /// When that import was read with other settings, since both results would then be in the store.
    fn same(&self, name: &str, sha256: &str, table: Option<Table>, count: usize) -> Result<Option<u64>> {
        let imports = || {
            let imports = self.manifest.imports[..count].iter();
            imports.filter(|import| import.sha256 == sha256 && !import.is_twin())
        };
        let is_alike = |import: &&Import| {
            let settings = self.reading.as_object().into_iter().flatten();
            // Status words do not count, since they are added as they are met.
            let mut settings = settings.filter(|(name, _)| *name != "status");
            table.is_none_or(|table| table == import.table)
                && settings.all(|(name, value)| import.reading.get(name).unwrap_or(&Value::Null) == value)
        };
        if let Some(import) = imports().find(is_alike) {
            return Ok(Some(import.number));
        }
        // Another sheet of the same workbook counts as another file.
        let sheet = |reading: &Value| reading.get("sheet").and_then(Value::as_str).map(str::to_owned);
        let own = sheet(&self.reading);
        if imports()
            .all(|import| own.is_some() && sheet(&import.reading).is_some_and(|other| own != Some(other)))
        {
            return Ok(None);
        }
        Err(Error::input_of(name, "in_store_otherwise", &[]))
    }

    /// Adds a file. The first `count` imports are of other inputs.
    fn add(&mut self, parsed: Parsed, twin: Option<Parsed>, count: usize) -> Result<()> {
        let info = &parsed.info;
        let sha256 = info.digest.as_ref().map(|digest| digest.sha256.clone()).unwrap_or_default();
        if matches!(parsed.rows, Rows::NotNeeded) {
            self.done.push(Imported {
                info: parsed.info,
                outcome: Outcome::OfNoUse,
                rejects: parsed.rejects,
                empty_rows: 0,
                forgotten: 0,
            });
            return Ok(());
        }
        if self.is_again {
            if let Some(place) = self.former(&info.name, &sha256)? {
                return self.add_again(place, parsed, twin, sha256);
            }
        } else if let Some(number) = self.same(&info.name, &sha256, Some(info.table()), count)? {
            self.push_known(parsed.info, number);
            return Ok(());
        }
        let Parsed { info, notes, dates, rejects, rows, .. } = parsed;
        let (empty_rows, forgotten) = (rows.empty_rows(), left_out(&rows));
        let number = self.manifest.number();
        let made = self.rows(number, (&info, twin.is_some()), &notes, &dates, rows)?;
        let import = self.import(number, &info, sha256, &rejects, &made)?;
        self.manifest.imports.push(import);
        self.again.insert(number);
        if let Some(twin) = twin {
            self.add_twin(self.manifest.imports.len() - 1, twin)?;
        }
        let outcome = Outcome::Added { superseded: made.replaced };
        self.done.push(Imported { info, outcome, rejects, empty_rows, forgotten });
        Ok(())
    }

    /// Writes the rows of an import behind all others; `has_twin` says that the file may belong to two tables.
    pub(super) fn rows(
        &mut self,
        number: u64,
        (info, has_twin): (&SourceInfo, bool),
        notes: &[Remark],
        dates: &[DateColumn],
        rows: Rows,
    ) -> Result<Made> {
        match rows {
            Rows::Orders { traits, blocks, survey } => {
                let survey = survey.map(|survey| *survey).unwrap_or_default();
                let Written { excluded, record, replaced, superseded } =
                    self.orders(number, (traits, has_twin), blocks, survey)?;
                let record = Record::new(info, notes, dates, &excluded, Some(record), BTreeMap::new());
                Ok(Made { record, replaced, superseded })
            }
            Rows::Table(rows) => {
                let words = rows.words.clone();
                let mut record = Record::new(info, notes, dates, &rows.excluded, None, words);
                record.item_currencies = self.currencies_of(&rows);
                // A part without rows still says that the table exists.
                let file = self.file_number(number);
                self.manifest.tables.push(table::save(self.writing, file, number, &rows)?);
                Ok(Made { record, replaced: 0, superseded: 0 })
            }
            Rows::NotNeeded => Err(Error::Internal("rows of no use were to be imported".to_owned())),
        }
    }

    /// The currencies of the amounts of items.
    fn currencies_of(&self, rows: &TableRows) -> BTreeSet<String> {
        let wanted = self.currency.iter().filter(|_| rows.table.is_some_and(Table::holds_items));
        rows.currencies.of_rows.iter().chain(wanted).cloned().collect()
    }

    /// The number in the names of an import's files. It is the number of the import, or a new one if the import is read
    /// again and already has files.
    fn file_number(&mut self, import: u64) -> u64 {
        if self.is_again { self.manifest.number() } else { import }
    }

    /// Makes the manifest's entry of an import, and writes its record and its rejected rows.
    pub(super) fn import(
        &mut self,
        number: u64,
        info: &SourceInfo,
        sha256: String,
        rejects: &[Reject],
        made: &Made,
    ) -> Result<Import> {
        // A file of an earlier day may have the same name.
        let is_taken =
            self.manifest.files_imported().any(|import| import.number != number && import.name == info.name);
        let file = self.file_number(number);
        Ok(Import {
            number,
            name: if is_taken { format!("{} [{number}]", info.name) } else { info.name.clone() },
            bytes: info.digest.as_ref().map_or(0, |digest| digest.bytes),
            sha256,
            table: info.table(),
            preset: info.layout.preset.name.clone(),
            rows_read: info.rows_read,
            rows_quarantined: rejects.len() as u64,
            reading: self.reading.clone(),
            record: frames::save_value(self.writing, &format!("imports/{file:06}.msgpack"), &made.record)?,
            rejects: table::save_rejects(self.writing, file, rejects)?,
            superseded: made.superseded,
            replaced: BTreeMap::new(),
            forgotten: 0,
            twin_of: None,
        })
    }

    fn orders(
        &mut self,
        number: u64,
        (traits, has_twin): (FileTraits, bool),
        mut blocks: Vec<Block>,
        survey: Survey,
    ) -> Result<Written> {
        blocks.par_iter_mut().for_each(Block::index_orders);
        // Of rows with the same id in one file the last counts. This must be decided before rows are sorted by
        // customer.
        let superseded = replace_lines(&mut blocks);
        if self.is_again {
            self.orders_read.extend(filter::orders_of(&blocks, number));
        }
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
        self.check_currencies(&named, number)?;
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
            refunds: blocks.iter_mut().flat_map(|block| std::mem::take(&mut block.refunds)).collect(),
            keeps_columns: true,
        };
        self.currencies.0 |= !blocks.iter().all(Block::is_empty);
        self.currencies.1.extend(blocks.iter().flat_map(|block| block.other_currencies.iter().cloned()));
        let row_count: usize =
            blocks.iter().flat_map(|block| &block.rows).map(|group| group.columns.customer.len()).sum();
        if row_count == 0 {
            return Ok(Written { excluded, record, replaced: 0, superseded });
        }
        let traits = &record.traits;
        let grain = Grain {
            has_order_id: traits.has_order_id,
            has_order_amount: traits.has_order_amount,
            has_line_id: traits.has_line_id,
            // A file that may not be of orders replaces no rows, and is stored apart.
            is_whole: !has_twin && is_whole(traits, &blocks),
            has_own_id: traits.has_own_id,
            has_negatives: blocks.iter().any(|block| block.has_negatives),
            says: Some(Says { refunds: traits.says_refunds, costs: traits.has_cost }),
        };
        let replaced =
            if grain.is_whole && grain.has_order_id { self.replace(number, &blocks)? } else { Some(0) };
        // Orders of another shop with the same numbers, and refunds of orders, are merged when they are read.
        let grain = Grain { is_whole: grain.is_whole && replaced.is_some(), ..grain };
        let replaced = replaced.unwrap_or(0);
        let segment_number = self.manifest.number();
        let key = self.manifest.people_key();
        let mut segment =
            segment::save(self.writing, segment_number, vec![number], grain, &blocks, key.as_ref())?;
        // A file that may belong to another table is only read as orders by some answers.
        let may_settle = !grain.is_whole && !has_twin;
        if self.stand_apart(|| filter::orders_of(&blocks, number), may_settle)? && may_settle {
            let of = (&record.traits, superseded);
            settled::keep_orders(self.writing, self.manifest, &mut segment, blocks, of)?;
        }
        self.manifest.segments.push(segment);
        Ok(Written { excluded, record, replaced, superseded })
    }

    /// Refuses amounts in several currencies, since the amounts of a store must add up.
    fn check_currencies(&self, new: &[String], number: u64) -> Result<()> {
        let mut seen = new.to_vec();
        let is_other = |import: &&Import| import.table == Table::Orders && import.number != number;
        for import in self.manifest.imports.iter().filter(is_other).filter(|_| !new.is_empty()) {
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
        let list = Words::names(seen.iter().map(String::as_str));
        let values = [("currencies", list.to_string()), ("first", seen[0].clone())];
        let message = Words::of("error", "several_currencies", &values);
        Err(Error::data(message, Words::of("error", "store_currencies_hint", &values)))
    }

    /// Marks the rows of whole segments whose orders are also in the blocks, and returns the number of these rows. If
    /// one of them is not replaced but must stay beside the new ones, no row is marked and the result is none.
    pub(super) fn replace(&mut self, import: u64, blocks: &[Block]) -> Result<Option<u64>> {
        let keys = filter::orders_of(blocks, import);
        let mut found: Vec<(usize, Vec<u32>)> = Vec::new();
        for (place, segment) in self.manifest.segments.iter().enumerate() {
            let Some(of) = segment.ids.as_ref().filter(|_| segment.grain.is_whole) else { continue };
            let mut rows = Ids::open(self.writing.folder(), of)?.places_of(&keys)?;
            if rows.is_empty() {
                continue;
            }
            let known: HashSet<u32> =
                replaced(self.writing.folder(), &segment.superseded)?.into_iter().collect();
            rows.retain(|(row, _)| !known.contains(row));
            if stands_beside(self.writing.folder(), segment, &rows, blocks)? {
                return Ok(None);
            }
            found.push((place, rows.into_iter().map(|(row, _)| row).collect()));
        }
        let mut total = 0;
        for (place, rows) in found.into_iter().filter(|(_, rows)| !rows.is_empty()) {
            total += rows.len() as u64;
            let file = self.file_number(import);
            marks::mark(self.writing, &mut self.manifest.segments[place], import, file, rows)?;
        }
        Ok(Some(total))
    }
}

/// Whether each row of a file is an order of its own that no other row adds to.
fn is_whole(traits: &FileTraits, blocks: &[Block]) -> bool {
    // Orders whose refunds are larger than the paid amount are only handled when rows are merged.
    let groups = || blocks.iter().flat_map(|block| &block.rows).map(|group| &group.columns);
    let mut amounts = groups().flat_map(|columns| columns.amount.iter().zip(&columns.refund));
    if amounts.any(|(paid, refund)| is_beyond(*paid, *refund)) {
        return false;
    }
    // A paid row without an amount may get one from another file, which only merging can decide.
    let is_complete = |block: &Block| {
        let rows = block.rows.iter().flat_map(|group| group.columns.status.iter().zip(&group.columns.amount));
        rows.into_iter().all(|(status, amount)| match Status::ALL.get(usize::from(*status)) {
            Some(status) => *amount != MISSING || !status.is_paid(),
            None => false,
        })
    };
    let is_alone = || traits.has_order_amount && !traits.has_line_id && !has_duplicates(blocks);
    blocks.iter().all(is_complete) && (!traits.has_order_id || is_alone())
}

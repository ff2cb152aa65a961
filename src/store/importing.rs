//! An import under way: files parsed, told from those that are there, and written.

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
    /// Whether files that are there already are read anew.
    pub is_again: bool,
    /// The numbers of the imports that were.
    pub again: HashSet<u64>,
    /// The orders of the file that is being read anew.
    pub orders_read: HashSet<Key>,
    /// Who was forgotten.
    pub returning: Returning,
    /// What became of the files.
    pub done: Vec<Imported>,
    /// What else to say of them.
    pub notes: Vec<Remark>,
}

/// What was made of the rows of a file of orders.
struct Written {
    excluded: RuleCounts,
    record: OrderRecord,
    replaced: u64,
    superseded: u64,
}

/// What was made of the rows of a file.
pub(super) struct Made {
    record: Record,
    /// Rows of orders of other imports that they replace.
    pub replaced: u64,
    /// Rows of its own that later ones of it replace.
    superseded: u64,
}

impl Importing<'_> {
    /// Adds all files; what is written does not count before the manifest does.
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
                // Who bought stands in the orders alone, and says whose the items are.
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

    /// The import of a file with the same content, where that can be told before parsing it.
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

    /// The import with the same content, among the first `count`.
    ///
    /// # Errors
    /// When it was read in another way: what it gave would stand beside what it gives now.
    fn same(&self, name: &str, sha256: &str, table: Option<Table>, count: usize) -> Result<Option<u64>> {
        let imports = || {
            let imports = self.manifest.imports[..count].iter();
            imports.filter(|import| import.sha256 == sha256 && !import.is_twin())
        };
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
        Err(Error::input_of(name, "in_store_otherwise", &[]))
    }

    /// Adds a file; of those before it, the first `count` imports are of other inputs.
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

    /// Writes the rows of an import behind all others; the mark says whether the file may be of two tables.
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
                // Without a row it still says that there is such a table.
                let file = self.file_number(number);
                self.manifest.tables.push(table::save(self.writing, file, number, &rows)?);
                Ok(Made { record, replaced: 0, superseded: 0 })
            }
            Rows::NotNeeded => Err(Error::Internal("rows of no use were to be imported".to_owned())),
        }
    }

    /// The currencies that the amounts of items are in.
    fn currencies_of(&self, rows: &TableRows) -> BTreeSet<String> {
        let wanted = self.currency.iter().filter(|_| rows.table.is_some_and(Table::holds_items));
        rows.currencies.of_rows.iter().chain(wanted).cloned().collect()
    }

    /// The number in the names of an import's files: its own, but one more where it is read anew and has files already.
    fn file_number(&mut self, import: u64) -> u64 {
        if self.is_again { self.manifest.number() } else { import }
    }

    /// An import as the manifest has it, with its record and rejects written.
    pub(super) fn import(
        &mut self,
        number: u64,
        info: &SourceInfo,
        sha256: String,
        rejects: &[Reject],
        made: &Made,
    ) -> Result<Import> {
        // Yesterday's file may have had the same name.
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
        // Of rows of one id in one file the last counts, which cannot be told any more once they stand by customer.
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
            // What may be no orders replaces none, and stands by itself.
            is_whole: !has_twin && is_whole(traits, &blocks),
            has_own_id: traits.has_own_id,
            has_negatives: blocks.iter().any(|block| block.has_negatives),
            says: Some(Says { refunds: traits.says_refunds, costs: traits.has_cost }),
        };
        let replaced =
            if grain.is_whole && grain.has_order_id { self.replace(number, &blocks)? } else { Some(0) };
        // Orders of another shop that numbers alike and refunds of orders are put in their place when they are read.
        let grain = Grain { is_whole: grain.is_whole && replaced.is_some(), ..grain };
        let replaced = replaced.unwrap_or(0);
        let segment_number = self.manifest.number();
        let key = self.manifest.people_key();
        let mut segment =
            segment::save(self.writing, segment_number, vec![number], grain, &blocks, key.as_ref())?;
        // What may be no orders is read as such by some answers alone.
        let may_settle = !grain.is_whole && !has_twin;
        if self.stand_apart(|| filter::orders_of(&blocks, number), may_settle)? && may_settle {
            let of = (&record.traits, superseded);
            settled::keep_orders(self.writing, self.manifest, &mut segment, blocks, of)?;
        }
        self.manifest.segments.push(segment);
        Ok(Written { excluded, record, replaced, superseded })
    }

    /// Amounts of a store must add up.
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

    /// Marks the rows of whole segments whose orders the blocks have too, and says how many they are; none, with
    /// nothing marked, where some of them stand beside these.
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

/// Whether every row of a file is an order of its own, which no other row adds to.
fn is_whole(traits: &FileTraits, blocks: &[Block]) -> bool {
    // Of which more went back than they cost is settled when they are put together.
    let groups = || blocks.iter().flat_map(|block| &block.rows).map(|group| &group.columns);
    let mut amounts = groups().flat_map(|columns| columns.amount.iter().zip(&columns.refund));
    if amounts.any(|(paid, refund)| is_beyond(*paid, *refund)) {
        return false;
    }
    // A paid row without an amount is none where another file says amounts, which only putting together can tell.
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

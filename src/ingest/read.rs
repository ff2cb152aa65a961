//! From named inputs to canonical tables.

use std::sync::Mutex;

use rayon::prelude::*;

use super::accounting::Accounting;
use super::date_order::{self, DateColumn, Decision};
use super::layout::Layout;
use super::options::ReadOptions;
use super::orders::{self, Accounts, Aliases, Block, OrderFile, Scratch, Survey};
use super::recognise::open;
use super::reject::{BlockReject, Reject};
use super::remark::Remark;
use super::source::{self, Digest, Input, Source};
use super::tables::{People, TableReader, TableRows};
use super::value::date;
use crate::error::{Error, Result};
use crate::schema::{Customers, Events, Key, Orders, Table};
use crate::sync::locked;

/// What was recognised of one input, for messages and the manifest.
#[derive(Debug, Clone)]
pub struct SourceInfo {
    /// The name the user gave.
    pub name: String,
    /// What was recognised.
    pub layout: Layout,
    /// Rows read from it.
    pub rows_read: u64,
    /// Its digest, where asked for.
    pub digest: Option<Digest>,
}

impl SourceInfo {
    /// The table its rows belong to.
    pub fn table(&self) -> Table {
        self.layout.preset.table
    }
}

/// Everything that reading gives.
#[derive(Debug, Default)]
pub struct Ingested {
    /// The orders of all inputs.
    pub orders: Orders,
    /// The other tables that were asked for, a file each.
    pub tables: Vec<TableRows>,
    /// The accounting so far: `rows_used` are the rows behind [`Self::orders`], and of the other tables whose values were
    /// asked for, for the metrics to sort out.
    pub accounting: Accounting,
    /// Quarantined rows.
    pub rejects: Vec<Reject>,
    /// The inputs.
    pub sources: Vec<SourceInfo>,
    /// What the user should know.
    pub notes: Vec<Remark>,
    /// The customers that other ids stand for.
    pub aliases: Aliases,
    /// What was noted of each file of orders, where asked for, in the order of those.
    pub surveys: Vec<(String, Survey)>,
    /// How the columns of dates were read, where a survey was asked for.
    pub dates: Vec<DateColumn>,
    /// What customers did, where its values were asked for and a file says it.
    pub events: Option<Events>,
    /// What is known of customers beside their orders, where that was asked for and a file says it.
    pub customers: Option<Customers>,
    /// The ids of all orders, where a survey was asked for.
    pub order_ids: std::collections::HashSet<Key>,
}

/// Reads the orders of all inputs; on the same order in several of them, the later in the list wins.
///
/// # Errors
/// As [`read`], and when no input holds orders.
pub fn read_orders(inputs: &[Input], options: &ReadOptions) -> Result<Ingested> {
    read_any(inputs, options, &[Table::Orders])
}

/// As [`read`], for a question about at least one of these tables.
///
/// # Errors
/// As [`read`], and when no input holds any of them.
pub fn read_any(inputs: &[Input], options: &ReadOptions, tables: &[Table]) -> Result<Ingested> {
    let ingested = read(inputs, options)?;
    if ingested.sources.iter().any(|source| tables.contains(&source.table())) {
        return Ok(ingested);
    }
    let found: Vec<String> = ingested
        .sources
        .iter()
        .map(|source| format!("{} ({})", source.name, source.table().name()))
        .collect();
    let wanted: Vec<&str> = tables.iter().map(|table| table.name()).collect();
    let advice = ingested.sources.iter().find_map(|source| source.layout.preset.advice.clone());
    let exports: Vec<&str> = tables.iter().map(|table| table.export()).collect();
    Err(Error::data(
        format!("no {} among the inputs: {}", wanted.join(" or "), found.join(", ")),
        advice.map_or_else(|| format!("name {}", exports.join(" or ")), |advice| advice.en),
    ))
}

/// Reads the orders of all inputs and the tables beside them that `options` wants.
///
/// # Errors
/// When an input cannot be opened or recognised, dates of a column contradict each other, or amounts are in several
/// currencies.
pub fn read(inputs: &[Input], options: &ReadOptions) -> Result<Ingested> {
    let mut reading = Reading::new(options);
    for input in inputs {
        reading.input(input)?;
    }
    reading.finish()
}

/// The inputs as far as they have been read.
struct Reading<'a> {
    options: &'a ReadOptions,
    files: Vec<OrderFile>,
    blocks: Vec<Block>,
    done: Ingested,
}

impl<'a> Reading<'a> {
    fn new(options: &'a ReadOptions) -> Self {
        Self { options, files: Vec::new(), blocks: Vec::new(), done: Ingested::default() }
    }

    fn input(&mut self, input: &Input) -> Result<()> {
        open(input, self.options)?.into_iter().try_for_each(|(source, layout)| self.source(source, layout))
    }

    fn source(&mut self, mut source: Source, layout: Layout) -> Result<()> {
        let (name, hashing) = (source.name.clone(), source.hashing.clone());
        self.done.notes.extend(source.remarks.drain(..).map(|remark| remark.with("file", &name)));
        let table = layout.preset.table;
        let rows_read = if table == Table::Orders {
            self.orders(source, &layout)?
        } else if self.wants(table) {
            self.table(source, &layout)?
        } else {
            if self.options.has_digests {
                source.drain()?;
            }
            let remark = match &layout.preset.advice {
                Some(advice) => {
                    Remark::new("of_no_use").with("title", &layout.preset.title).with("advice", advice)
                }
                None => Remark::new("not_needed").with("canonical", table.name()),
            };
            self.done.notes.push(remark.with("file", &name));
            0
        };
        self.done.sources.push(SourceInfo { name, layout, rows_read, digest: source::digest(&hashing) });
        Ok(())
    }

    /// Whether a table beside the orders is wanted. Customers tell which accounts have the same phone.
    fn wants(&self, table: Table) -> bool {
        self.options.wants.tables.contains(&table)
            || (table == Table::Customers && self.options.merges_by_phone)
    }

    fn orders(&mut self, source: Source, layout: &Layout) -> Result<u64> {
        let file = OrderFile::new(source.name.clone(), layout.clone(), self.options);
        let (start, number) = (self.blocks.len(), self.files.len());
        let mut blocks = each_block(source, layout, |scratch: &mut Scratch, bytes, index| {
            orders::read_block(bytes, layout.dialect, &file.readers, (number, index), scratch)
        })?;
        self.blocks.append(&mut blocks);
        for decision in file.decide_dates(&mut self.blocks[start..])? {
            self.decided(decision);
        }
        let blocks = &mut self.blocks[start..];
        if self.options.wants.survey {
            let mut survey = Survey::default();
            blocks.iter_mut().filter_map(|block| block.survey.take()).for_each(|part| survey.merge(part));
            blocks.iter().for_each(|block| survey.see_days(block));
            self.done.surveys.push((file.name.clone(), survey));
        }
        self.files.push(file);
        Ok(self.blocks[start..].iter().map(|block| block.record_count).sum())
    }

    fn table(&mut self, source: Source, layout: &Layout) -> Result<u64> {
        let reader = TableReader::new(layout, self.options);
        let name = source.name.clone();
        let blocks = each_block(source, layout, |(): &mut (), bytes, _| reader.read(bytes, layout.dialect))?;
        let mut rows =
            TableRows { file: name.clone(), table: Some(layout.preset.table), ..TableRows::default() };
        blocks.into_iter().for_each(|block| rows.append(block));
        for (field, counts) in &rows.evidence {
            let Some(reader) = layout.dates.get(field) else { continue };
            let header = layout.column(*field).map_or("", |column| layout.headers[column].as_str());
            let decided = date_order::decide(&name, header, reader, counts)?;
            if decided.is_swapped {
                let days = rows.days.get_mut(field).into_iter().flatten();
                days.filter(|day| **day != date::MISSING)
                    .for_each(|day| *day = date::swap_day_and_month(*day));
            }
            self.decided(decided);
        }
        for reject in rows.rejects.drain(..) {
            let record = layout.header_record + reject.index + 1;
            self.done.rejects.push(readable(&name, layout, reject, record));
        }
        let rows_read = rows.record_count;
        self.done.tables.push(rows);
        Ok(rows_read)
    }

    /// Remembers how a column of dates is read.
    fn decided(&mut self, Decision { column, note, .. }: Decision) {
        self.done.notes.extend(note);
        self.done.dates.push(column);
    }

    /// Counts the rows of the other tables with those of the orders: the answer rests on them too.
    fn account_for_tables(&self, accounting: &mut Accounting) {
        for table in &self.done.tables {
            accounting.rows_read += table.record_count;
            accounting.excluded.merge(&table.excluded);
        }
        for reject in &self.done.rejects {
            accounting.quarantine(reject.reason, 1);
        }
    }

    fn finish(mut self) -> Result<Ingested> {
        let mut accounting = Accounting::default();
        let mut rejects = collect_rejects(&self.files, &mut self.blocks, &mut accounting);
        let mut others = Accounts::default();
        for table in &mut self.done.tables {
            others.merge(std::mem::take(&mut table.accounts));
        }
        let has_details = self.options.wants.details;
        if has_details {
            self.account_for_tables(&mut accounting);
        }
        let items =
            self.done.tables.iter_mut().map(|table| std::mem::take(&mut table.details.items)).collect();
        let mut merged =
            orders::merge(&self.files, self.blocks, others, items, self.options, &mut accounting)?;
        let (mut events, mut customers) = (None, None);
        if has_details {
            let rows = self.done.tables.iter().map(|table| table.row_count as usize).sum();
            let mut people = People::new(&mut merged.orders.customers, &merged.aliases, rows);
            events = people.events(&self.done.tables);
            customers = people.customers(&self.done.tables);
            self.done.tables.clear();
            self.done.notes.extend(strangers(&merged.orders, events.as_ref(), customers.as_ref()));
        }
        accounting.rows_used =
            accounting.rows_read - accounting.excluded.total() - accounting.quarantined_total();
        let mut notes = merged.notes;
        notes.append(&mut self.done.notes);
        rejects.append(&mut self.done.rejects);
        Ok(Ingested {
            orders: merged.orders,
            accounting,
            rejects,
            notes,
            aliases: merged.aliases,
            order_ids: merged.order_ids,
            events,
            customers,
            ..self.done
        })
    }
}

/// Remarks on tables none of whose customers is among the buyers: they may be named in another way there.
fn strangers(orders: &Orders, events: Option<&Events>, customers: Option<&Customers>) -> Vec<Remark> {
    let is_buyer = |customer: u32| customer < orders.buyer_count;
    let mut remarks = Vec::new();
    let mut see = |table: Table, known: Vec<u32>| {
        if orders.has_buyers() && !known.is_empty() && !known.iter().any(|customer| is_buyer(*customer)) {
            remarks.push(Remark::new("strangers").with("canonical", table.name()));
        }
    };
    see(Table::Events, events.iter().flat_map(|events| events.rows.iter().map(|row| row.customer)).collect());
    see(
        Table::Customers,
        customers.iter().flat_map(|list| list.rows.iter().map(|row| row.customer)).collect(),
    );
    remarks
}

/// Parses an input's blocks on all cores; the results come in the order of the blocks.
fn each_block<S: Default, T: Send>(
    source: Source,
    layout: &Layout,
    parse: impl Fn(&mut S, &[u8], usize) -> T + Sync,
) -> Result<Vec<T>> {
    let failure = Mutex::new(None);
    let unparsed = source.blocks(layout.dialect, layout.body_start);
    let used = unparsed.used();
    let mut parsed: Vec<(usize, T)> = unparsed
        .enumerate()
        .map_while(|(index, bytes)| match bytes {
            Ok(bytes) => Some((index, bytes)),
            Err(error) => {
                *locked(&failure) = Some(error);
                None
            }
        })
        .par_bridge()
        .map_init(S::default, |scratch, (index, bytes)| {
            let block = parse(scratch, &bytes, index);
            used.put(bytes);
            (index, block)
        })
        .collect();
    if let Some(error) = locked(&failure).take() {
        return Err(error);
    }
    parsed.sort_unstable_by_key(|(index, _)| *index);
    Ok(parsed.into_iter().map(|(_, block)| block).collect())
}

/// Numbers the refused records within their files and counts them by reason.
fn collect_rejects(files: &[OrderFile], blocks: &mut [Block], accounting: &mut Accounting) -> Vec<Reject> {
    let mut rejects = Vec::new();
    let mut before = vec![0_u64; files.len()];
    for block in blocks {
        let file = &files[block.file];
        for reject in block.rejects.drain(..) {
            accounting.quarantine(reject.reason, 1);
            let record = file.layout.header_record + before[block.file] + reject.index + 1;
            rejects.push(readable(&file.name, &file.layout, reject, record));
        }
        before[block.file] += block.record_count;
    }
    rejects
}

/// A refused record as the user sees it.
fn readable(file: &str, layout: &Layout, reject: BlockReject, record: u64) -> Reject {
    let text = |bytes: Vec<u8>| {
        let raw = String::from_utf8_lossy(&bytes).into_owned();
        let decoded = layout.encoding.decode(bytes.into());
        decoded.map_or(raw, |text| String::from_utf8_lossy(&text).into_owned())
    };
    Reject {
        file: file.to_owned(),
        record,
        reason: reject.reason,
        column: reject.column.and_then(|column| layout.headers.get(column)).cloned(),
        seen: text(reject.seen),
        raw: text(reject.raw),
    }
}

//! Export files in, canonical tables out.
//!
//! Bytes are cut into blocks of whole records ([`source`], [`records`]), each block is parsed straight into
//! typed columns by whichever core is free ([`row`], [`block`], [`partition`]), rows become orders ([`merge`]) and orders the
//! canonical table ([`assemble`]). What a file is and which column is which comes from its head ([`layout`]) and
//! the platform presets ([`preset`]).

use std::collections::BTreeMap;
use std::sync::Mutex;

use chrono_tz::Tz;
use rayon::prelude::*;

pub mod accounting;
mod assemble;
mod block;
mod date_order;
pub mod encoding;
pub mod layout;
mod merge;
mod partition;
pub mod preset;
pub mod records;
pub mod reject;
mod row;
pub mod source;
pub mod value;

use accounting::{Accounting, Rule};
use block::Block;
use encoding::CellEncoding;
use layout::Layout;
use merge::FileGrain;
use preset::{Preset, Table};
use reject::{Reason, Reject};
use row::RowReader;
use source::{BytesRead, Digest, Input, Source};
use value::date::DateOrder;

use crate::error::{Error, Result};
use crate::schema::{Field, Orders};

/// How inputs are to be read; the default recognises everything by itself.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Columns named by hand.
    pub mapping: Vec<(Field, String)>,
    /// The preset to use, instead of recognising one.
    pub preset: Option<String>,
    /// Which of day and month comes first, instead of deciding from the values.
    pub date_order: Option<DateOrder>,
    /// The shop's zone; times with an offset are converted to it.
    pub zone: Option<Tz>,
    /// The encoding, instead of detecting it.
    pub encoding: Option<CellEncoding>,
    /// The delimiter, instead of detecting it.
    pub delimiter: Option<u8>,
    /// Further status words and the status names they mean.
    pub status_words: BTreeMap<String, String>,
    /// Read only amounts in this currency.
    pub currency: Option<String>,
    /// Whether to compute the inputs' digests.
    pub has_digests: bool,
    /// Counts bytes as they are read, for a progress bar.
    pub progress: BytesRead,
}

/// Where the customer key of a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdKind {
    /// The platform's id.
    Platform,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
}

impl IdKind {
    /// The one way this kind of id is written.
    fn normalised(self, text: std::borrow::Cow<'_, [u8]>) -> std::borrow::Cow<'_, [u8]> {
        match self {
            Self::Platform => text,
            Self::Email => text.to_ascii_lowercase().into(),
            Self::Phone => value::id::phone(&text).into(),
        }
    }
}

/// What was recognised of one input, for messages and the manifest.
#[derive(Debug, Clone)]
pub struct SourceInfo {
    /// The name the user gave.
    pub name: String,
    /// The preset's name.
    pub preset: String,
    /// The table its rows belong to.
    pub table: Table,
    /// The encoding's name.
    pub encoding: &'static str,
    /// Rows read from it.
    pub rows_read: u64,
    /// Which column became which field, for people.
    pub mapping: String,
    /// Its digest, where asked for.
    pub digest: Option<Digest>,
}

/// Everything that reading gives.
#[derive(Debug)]
pub struct Ingested {
    /// The orders of all inputs.
    pub orders: Orders,
    /// The accounting so far: `rows_used` are the rows behind [`Self::orders`], for the metrics to sort out.
    pub accounting: Accounting,
    /// Quarantined rows.
    pub rejects: Vec<Reject>,
    /// The inputs.
    pub sources: Vec<SourceInfo>,
    /// What the user should know, in English.
    pub notes: Vec<String>,
}

/// Reads the orders of all inputs; on the same order in several of them, the later in the list wins.
///
/// # Errors
/// When an input cannot be opened or recognised, none holds orders, dates of a column contradict each other, or
/// amounts are in several currencies.
pub fn read_orders(inputs: &[Input], options: &ReadOptions) -> Result<Ingested> {
    let mut files = Vec::new();
    let mut blocks = Vec::new();
    let mut sources = Vec::new();
    let mut notes = Vec::new();
    for input in inputs {
        let (source, layout) = open(input, options)?;
        let (name, hashing) = (source.name.clone(), source.hashing.clone());
        let mut rows_read = 0;
        if layout.preset.table == Table::Orders {
            let reader = RowReader::new(&layout, options);
            let start = blocks.len();
            read_blocks(source, &layout, &reader, files.len(), &mut blocks)?;
            notes.append(&mut date_order::decide(&name, &layout, &mut blocks[start..])?);
            rows_read = blocks[start..].iter().map(|block| block.record_count).sum();
            files.push(File { name: name.clone(), layout: layout.clone(), reader });
        } else if options.has_digests {
            source.drain()?;
        }
        sources.push(SourceInfo {
            name,
            preset: layout.preset.name.clone(),
            table: layout.preset.table,
            encoding: layout.encoding.name(),
            rows_read,
            mapping: layout.mapping(),
            digest: source::digest(&hashing),
        });
    }
    if files.is_empty() {
        let tables: Vec<String> = sources
            .iter()
            .map(|source| format!("{} ({})", source.name, layout::table_name(source.table)))
            .collect();
        return Err(Error::data(
            format!("no orders among the inputs: {}", tables.join(", ")),
            "name an order export",
        ));
    }
    let mut ingested = finish(&files, blocks, sources, options)?;
    ingested.notes.append(&mut notes);
    Ok(ingested)
}

/// Recognises an input from its head, without reading it.
pub fn recognise(input: &Input, options: &ReadOptions) -> Result<SourceInfo> {
    let (source, layout) = open(input, options)?;
    Ok(SourceInfo {
        name: source.name,
        preset: layout.preset.name.clone(),
        table: layout.preset.table,
        encoding: layout.encoding.name(),
        rows_read: 0,
        mapping: layout.mapping(),
        digest: None,
    })
}

/// The name closest to `wanted`, if any is close.
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = preset::squash(wanted);
    names
        .map(|name| (strsim::jaro_winkler(&wanted, &preset::squash(name)), name))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

struct File {
    name: String,
    layout: Layout,
    reader: RowReader,
}

fn open(input: &Input, options: &ReadOptions) -> Result<(Source, Layout)> {
    let mut source = Source::open(input, &options.progress, options.has_digests)?;
    let mut encoding = options.encoding;
    if let Some(utf16) = encoding.and_then(CellEncoding::utf16).or_else(|| encoding::utf16(source.head())) {
        source = source.transcoded(utf16)?;
        encoding = Some(CellEncoding::Utf8);
    }
    let layout = layout::recognise(&source.name, source.head(), source.is_whole(), encoding, options)?;
    Ok((source, layout))
}

/// Parses an input's blocks on all cores and appends them in their order.
fn read_blocks(
    source: Source,
    layout: &Layout,
    reader: &RowReader,
    file: usize,
    blocks: &mut Vec<Block>,
) -> Result<()> {
    let failure = Mutex::new(None);
    let unparsed = source.blocks(layout.dialect, layout.body_start);
    let used = unparsed.used();
    let mut parsed: Vec<Block> = unparsed
        .enumerate()
        .map_while(|(index, bytes)| match bytes {
            Ok(bytes) => Some((index, bytes)),
            Err(error) => {
                *failure.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(error);
                None
            }
        })
        .par_bridge()
        .map_init(block::Scratch::default, |scratch, (index, bytes)| {
            let block = block::read(&bytes, layout.dialect, reader, (file, index), scratch);
            used.put(bytes);
            block
        })
        .collect();
    if let Some(error) = failure.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
        return Err(error);
    }
    parsed.sort_unstable_by_key(|block| block.index);
    blocks.append(&mut parsed);
    Ok(())
}

fn finish(
    files: &[File],
    mut blocks: Vec<Block>,
    sources: Vec<SourceInfo>,
    options: &ReadOptions,
) -> Result<Ingested> {
    check_currencies(&blocks, options)?;
    let mut accounting = Accounting::default();
    let rejects = collect_rejects(files, &mut blocks, &mut accounting);
    for block in &blocks {
        accounting.rows_read += block.record_count;
        accounting.excluded.merge(&block.excluded);
    }
    let ids_are_personal = blocks.iter().any(|block| block.has_personal_ids);
    let grains: Vec<FileGrain> =
        files.iter().map(|file| FileGrain { has_order_amount: file.reader.has_order_amount() }).collect();
    let merged = merge::merge(&mut blocks, &grains);
    accounting.excluded.add(Rule::Superseded, merged.superseded_rows);
    let mut orders = assemble::assemble(merged.parts, blocks, &mut accounting.excluded)?;
    orders.ids_are_personal = ids_are_personal;
    orders.has_splits = merged.split_orders > 0;
    orders.has_customer_column = files.iter().any(|file| file.reader.has_customer());
    accounting.rows_used =
        accounting.rows_read - accounting.excluded.total() - accounting.quarantined_total();
    let mut notes = notes(files, &sources);
    if merged.conflicting_orders > 0 {
        notes.push(format!(
            "orders whose rows disagree on the order's amount, of which the largest was taken: {}",
            merged.conflicting_orders
        ));
    }
    let is_guess =
        |file: &File| file.reader.has_order_amount() && file.layout.preset.name.starts_with("generic");
    if merged.repeated_amounts > 0 && options.mapping.is_empty() && files.iter().any(is_guess) {
        notes.push(format!(
            "orders of several rows with one amount, which counted once as the order's: {} (--map amount=HEADER adds rows up)",
            merged.repeated_amounts
        ));
    }
    if merged.split_orders > 0 {
        notes.push(format!(
            "order ids shared by several customers, taken as an order of each: {}",
            merged.split_orders
        ));
    }
    Ok(Ingested { orders, accounting, rejects, sources, notes })
}

fn check_currencies(blocks: &[Block], options: &ReadOptions) -> Result<()> {
    let mut seen: Vec<&str> = blocks.iter().flat_map(|block| &block.currencies).map(String::as_str).collect();
    seen.sort_unstable();
    seen.dedup();
    if seen.len() > 1 && options.currency.is_none() {
        return Err(Error::data(
            format!("the amounts are in several currencies ({}), which cannot be added up", seen.join(", ")),
            format!("choose one with --currency {}", seen[0]),
        ));
    }
    Ok(())
}

/// Numbers the refused records within their files and counts them by reason.
fn collect_rejects(files: &[File], blocks: &mut [Block], accounting: &mut Accounting) -> Vec<Reject> {
    let mut counts: BTreeMap<Reason, u64> = BTreeMap::new();
    let mut rejects = Vec::new();
    let mut before = vec![0_u64; files.len()];
    for block in blocks {
        let File { name, layout, .. } = &files[block.file];
        for reject in block.rejects.drain(..) {
            *counts.entry(reject.reason).or_default() += 1;
            let text = |bytes: Vec<u8>| {
                let raw = String::from_utf8_lossy(&bytes).into_owned();
                layout
                    .encoding
                    .decode(bytes.into())
                    .map_or(raw, |text| String::from_utf8_lossy(&text).into_owned())
            };
            rejects.push(Reject {
                file: name.clone(),
                record: layout.header_record + before[block.file] + reject.index + 1,
                reason: reject.reason,
                column: reject.column.and_then(|column| layout.headers.get(column)).cloned(),
                seen: text(reject.seen),
                raw: text(reject.raw),
            });
        }
        before[block.file] += block.record_count;
    }
    accounting.quarantined = counts.into_iter().collect();
    rejects
}

fn notes(files: &[File], sources: &[SourceInfo]) -> Vec<String> {
    let mut notes: Vec<String> = sources
        .iter()
        .filter(|source| source.table != Table::Orders)
        .map(|source| {
            format!("{}: {}, not needed here and not read", source.name, layout::table_name(source.table))
        })
        .collect();
    for file in files.iter().filter(|file| !file.reader.has_order_id()) {
        notes.push(format!("{}: no order id, so each row is taken as one order", file.name));
    }
    notes
}

/// What to tell a user whose inputs name no buyers, from the presets of the inputs.
pub fn customer_hint(sources: &[SourceInfo]) -> String {
    let hint = |source: &SourceInfo| Preset::named(&source.preset).ok()?.customer_hint.clone();
    sources
        .iter()
        .find_map(hint)
        .unwrap_or_else(|| "say which column names the buyer with --map customer_id=HEADER".to_owned())
}

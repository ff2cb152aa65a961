//! Parses one recognised file into typed rows.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::limits::MAX_REJECTS;
use crate::locale::Remark;
use crate::parse::cell_notes::CellNotes;
use crate::parse::date_order::{self, DateColumn, Decision};
use crate::parse::either::Other;
use crate::parse::identity::IdentityMode;
use crate::parse::layout::{Layout, is_total};
use crate::parse::options::ReadOptions;
use crate::parse::orders::{self, Block, FileTraits, Late, OrderFile, Scratch, StandIns, Survey};
use crate::parse::row_findings::RowFindings;
use crate::parse::sections::Sections;
use crate::parse::source::{self, Digest, Source};
use crate::parse::tables::{Lane, TableReader, TableRows, note_unreadable};
use crate::parse::unreadable::empty_rows;
use crate::parse::value::date;
use crate::parse::value::money::DecimalMark;
use crate::schema::accounting::{Accounting, Rule};
use crate::schema::reject::{BlockReject, Reject};
use crate::schema::table::Cells;
use crate::schema::{Field, Table, day};
use crate::sync::locked;

/// What was recognised of one input, for messages and for the store's manifest.
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

/// What parsing one file gave.
#[derive(Debug)]
pub struct Parsed {
    /// What was recognised of it.
    pub info: SourceInfo,
    /// Remarks for the user.
    pub notes: Vec<Remark>,
    /// How its columns of dates were read, and why.
    pub dates: Vec<DateColumn>,
    /// Its quarantined rows.
    pub rejects: Vec<Reject>,
    /// The rows that were read.
    pub rows: Rows,
    /// The second table that it can be read as.
    pub other: Option<Other>,
    /// What its rows show that differs from what it was read with, so that it must be read again.
    pub(super) row_findings: RowFindings,
}

/// The rows of one file.
#[derive(Debug)]
pub enum Rows {
    /// Rows of orders.
    Orders {
        /// Properties of the file that merging and answers need.
        traits: FileTraits,
        /// The rows.
        blocks: Vec<Block>,
        /// Statistics on the quality of the rows, where they were asked for.
        survey: Option<Box<Survey>>,
    },
    /// Rows of another table.
    Table(Box<TableRows>),
    /// No question needs this table, so its rows were not read.
    NotNeeded,
}

impl Parsed {
    /// How many of the file's rows were read, left out and quarantined. The rows read are counted from its columns, so
    /// that a row that gets lost shows up as a difference.
    pub fn accounting(&self) -> Accounting {
        let mut accounting = Accounting { rows_read: self.info.rows_read, ..Accounting::default() };
        match &self.rows {
            Rows::Orders { blocks, .. } => {
                for block in blocks {
                    accounting.rows_used += block.row_count();
                    accounting.excluded.merge(&block.excluded);
                }
            }
            Rows::Table(rows) => {
                accounting.rows_used = rows.row_count;
                accounting.excluded.merge(&rows.excluded);
            }
            Rows::NotNeeded => {}
        }
        self.rejects.iter().for_each(|reject| accounting.quarantine(reject.reason, 1));
        accounting
    }
}

impl Rows {
    /// How many rows were left out because they hold no data.
    pub fn empty_rows(&self) -> u64 {
        match self {
            Self::Orders { blocks, .. } => blocks.iter().map(|block| empty_rows(&block.excluded)).sum(),
            Self::Table(rows) => empty_rows(&rows.excluded),
            Self::NotNeeded => 0,
        }
    }
}

/// Parses a recognised file, if `options` wants its table.
///
/// # Errors
/// When reading fails, or dates of a column contradict each other.
pub(super) fn parse(mut source: Source, mut layout: Layout, options: &ReadOptions) -> Result<Parsed> {
    let (name, hashing) = (source.name.clone(), source.hashing.clone());
    let mut notes: Vec<Remark> = source.remarks.drain(..).map(|remark| remark.with("file", &name)).collect();
    let table = layout.preset.table;
    let (mut dates, mut rejects, mut remarks) = (Vec::new(), Vec::new(), Vec::new());
    let mut decided = |Decision { column, note, .. }: Decision| {
        notes.extend(note);
        dates.push(column);
    };
    let mut odd = CellNotes::default();
    let mut row_findings = RowFindings::default();
    let (rows, rows_read) = if table == Table::Orders {
        let (rows, rows_read, notes) = orders_of(
            source,
            &mut layout,
            options,
            &mut decided,
            &mut rejects,
            &mut remarks,
            &mut row_findings,
        )?;
        odd = notes;
        (rows, rows_read)
    } else if is_wanted(table, options) || (table == Table::Customers && layout.has(Field::Alias)) {
        let (mut rows, rows_read) =
            table_of(source, &layout, options, &mut decided, &mut rejects, &mut row_findings)?;
        odd = std::mem::take(&mut rows.notes);
        (Rows::Table(rows), rows_read)
    } else {
        if options.has_digests {
            source.drain()?;
        }
        let remark = match &layout.preset.advice {
            Some(advice) => {
                Remark::new("of_no_use").with("title", &layout.preset.title).with("advice", advice)
            }
            None => Remark::new("not_needed").with("canonical", table.name()),
        };
        notes.push(remark.with("file", &name));
        (Rows::NotNeeded, 0)
    };
    notes.append(&mut remarks);
    if !matches!(rows, Rows::NotNeeded) {
        notes.extend(odd.remarks(&name, &layout));
        let repeated = match &rows {
            Rows::Orders { blocks, .. } => {
                blocks.iter().map(|block| block.excluded.of(Rule::RepeatedHeader)).sum()
            }
            Rows::Table(rows) => rows.excluded.of(Rule::RepeatedHeader),
            Rows::NotNeeded => 0,
        };
        if repeated > 0 {
            notes.push(Remark::new("repeated_headers").with("file", &name).with("n", repeated));
        }
        notes.extend(layout.sections.remarks(&name));
        notes.extend(layout.serials.iter().map(|serials| serials.remark(&name, &layout)));
        notes.extend(layout.utc_columns.iter().map(|column| {
            Remark::new("utc_times").with("file", &name).with("header", &layout.headers[*column])
        }));
    }
    row_findings.decimals = odd.other_marks(&layout);
    if odd.has_zones {
        options.kinds.note_zone();
    }
    let info = SourceInfo { name, layout, rows_read, digest: source::digest(&hashing) };
    Ok(Parsed { info, notes, dates, rejects, rows, other: None, row_findings })
}

/// Whether a table beside the orders is wanted. Lists of customers are also read because they say which ids share a
/// contact.
fn is_wanted(table: Table, options: &ReadOptions) -> bool {
    options.wants.tables.contains(&table)
        || (table.lists_customers() && options.identity.mode != IdentityMode::Off)
}

fn orders_of(
    source: Source,
    layout: &mut Layout,
    options: &ReadOptions,
    decided: &mut impl FnMut(Decision),
    rejects: &mut Vec<Reject>,
    remarks: &mut Vec<Remark>,
    row_findings: &mut RowFindings,
) -> Result<(Rows, u64, CellNotes)> {
    let file = OrderFile::new(source.name.clone(), layout.clone(), options);
    let mut blocks = each_block(source, layout, |scratch: &mut Scratch, bytes, index| {
        let pieces = layout.sections.pieces(bytes, layout.dialect, index);
        let block = orders::read_block(&pieces, layout.dialect, &file.readers, index, scratch);
        options.progress.add_rows(block.record_count);
        (block.rejects.len(), block)
    })?;
    let mut notes = CellNotes::default();
    let decisions = file.decide_dates(&mut blocks)?;
    file.settle_further(&mut blocks, &decisions, &mut notes);
    decisions.into_iter().for_each(decided);
    let mut stand_ins = StandIns::default();
    blocks.iter_mut().for_each(|block| stand_ins.merge(std::mem::take(&mut block.stand_ins)));
    collect_late_rows(&mut blocks, layout, row_findings);
    remarks.extend(layout.statuses.remarks(&file.name, layout));
    remarks.extend(stand_ins.remarks(&file.name, layout));
    remarks.extend(layout.found.remarks(&file.name, layout));
    let is_total_of_order = file.readers.row.has_order_amount()
        || layout.column(Field::Amount).is_some_and(|column| is_total(&layout.headers[column]));
    if !file.readers.row.has_order_id() && is_total_of_order {
        remarks.extend(orders::repeated_purchases(&file.name, &blocks));
    }
    let mut survey = options.wants.survey.then(Box::<Survey>::default);
    if let Some(survey) = &mut survey {
        blocks.iter_mut().filter_map(|block| block.survey.take()).for_each(|part| survey.merge(part));
        blocks.iter().for_each(|block| survey.add_days(block));
        survey.finish();
    }
    *rejects = collect_rejects(&file, &mut blocks);
    let rows_read = blocks.iter().map(|block| block.record_count).sum();
    blocks.iter_mut().for_each(|block| notes.merge(std::mem::take(&mut block.notes)));
    Ok((Rows::Orders { traits: FileTraits::of(&file), blocks, survey }, rows_read, notes))
}

/// Collects what the rows show that the head of the file does not.
fn collect_late_rows(blocks: &mut [Block], layout: &mut Layout, row_findings: &mut RowFindings) {
    let headers = blocks.iter().map(|block| (block.late.headers.as_slice(), block.record_count));
    row_findings.sections = Sections::of(headers, layout);
    let mut late = Late::default();
    blocks.iter_mut().for_each(|block| late.merge(std::mem::take(&mut block.late)));
    let rows = blocks.iter().map(|block| block.record_count).sum();
    let mut statuses = std::mem::take(&mut layout.statuses);
    statuses.add_rest(late.has_status, late.words, rows, layout);
    layout.statuses = statuses;
    row_findings.has_statuses = layout.statuses.is_blank_so_far && late.has_status;
    row_findings.zero_is_shared = late.zero_is_shared;
}

fn table_of(
    source: Source,
    layout: &Layout,
    options: &ReadOptions,
    decided: &mut impl FnMut(Decision),
    rejects: &mut Vec<Reject>,
    row_findings: &mut RowFindings,
) -> Result<(Box<TableRows>, u64)> {
    let reader = TableReader::new(layout, options);
    let name = source.name.clone();
    let blocks = each_block(source, layout, |lane: &mut Lane, bytes, index| {
        let rows = reader.read(&layout.sections.pieces(bytes, layout.dialect, index), layout.dialect, lane);
        options.progress.add_rows(rows.record_count);
        (rows.rejects.len(), rows)
    })?;
    let headers = blocks.iter().map(|block| (block.headers.as_slice(), block.record_count));
    row_findings.sections = Sections::of(headers, layout);
    let mut rows = TableRows { file: name.clone(), ..TableRows::of_blocks(layout.preset.table, blocks) };
    let mut swapped = Vec::new();
    for (field, counts) in &rows.evidence {
        let Some(reader) = layout.dates.get(field) else { continue };
        let header = layout.column(*field).map_or("", |column| layout.headers[column].as_str());
        let decision = date_order::decide(&name, header, reader, counts, &mut rows.days_of(*field))?;
        if decision.is_swapped {
            swapped.push(*field);
        }
        decided(decision);
    }
    for field in swapped {
        rows.days_of_mut(field)
            .filter(|day| **day != day::MISSING)
            .for_each(|day| *day = date::swap_day_and_month(*day));
    }
    note_unreadable(&mut rows, layout);
    rows.decimal = decimal_mark(layout);
    for reject in rows.rejects.drain(..) {
        let record = layout.header_record + reject.index + 1;
        rejects.push(readable(&name, layout, reject, record));
    }
    let rows_read = rows.record_count;
    Ok((Box::new(rows), rows_read))
}

/// The decimal mark of the table's amount columns.
fn decimal_mark(layout: &Layout) -> DecimalMark {
    let columns = layout.preset.table.declaration().columns.iter();
    let mut amounts = columns.filter(|column| column.holds == Cells::Amount);
    let column = amounts.find_map(|column| layout.column(column.field));
    column.map_or(DecimalMark::Point, |column| layout.numbers.of(column).mark)
}

/// Parses an input's blocks on all cores; the results come in the order of the blocks. `parse` also returns how many
/// rows of its block are quarantined.
///
/// # Errors
/// When reading fails, or more rows are quarantined than kept.
fn each_block<S: Default, T: Send>(
    source: Source,
    layout: &Layout,
    parse: impl Fn(&mut S, &[u8], usize) -> (usize, T) + Sync,
) -> Result<Vec<T>> {
    let name = source.name.clone();
    let (failure, rejected) = (Mutex::new(None), AtomicUsize::new(0));
    let unparsed = source.blocks(layout.dialect, layout.body_start);
    let used = unparsed.used();
    let mut parsed: Vec<(usize, T)> = unparsed
        .enumerate()
        .map_while(|(index, bytes)| match bytes {
            Ok(bytes) => locked(&failure).is_none().then_some((index, bytes)),
            Err(error) => {
                *locked(&failure) = Some(error);
                None
            }
        })
        .par_bridge()
        .map_init(S::default, |scratch, (index, bytes)| {
            let (own, block) = parse(scratch, &bytes, index);
            used.put(bytes);
            if rejected.fetch_add(own, Ordering::Relaxed) + own > MAX_REJECTS {
                let most = [("most", MAX_REJECTS.to_string())];
                locked(&failure).get_or_insert_with(|| Error::input_of(&name, "too_many_unreadable", &most));
            }
            (index, block)
        })
        .collect();
    if let Some(error) = locked(&failure).take() {
        return Err(error);
    }
    parsed.sort_unstable_by_key(|(index, _)| *index);
    Ok(parsed.into_iter().map(|(_, block)| block).collect())
}

/// Numbers the refused records of a file's blocks within the file.
fn collect_rejects(file: &OrderFile, blocks: &mut [Block]) -> Vec<Reject> {
    let mut rejects = Vec::new();
    let mut before = file.layout.header_record;
    for block in blocks {
        for reject in block.rejects.drain(..) {
            let record = before + reject.index + 1;
            rejects.push(readable(&file.name, &file.layout, reject, record));
        }
        before += block.record_count;
    }
    rejects
}

/// A quarantined record with the texts that the user sees.
fn readable(file: &str, layout: &Layout, reject: BlockReject, record: u64) -> Reject {
    Reject {
        file: file.to_owned(),
        record,
        reason: reject.reason,
        column: reject.column.and_then(|column| layout.headers.get(column)).cloned(),
        seen: reject.seen,
        raw: reject.raw,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse_input;
    use crate::parse::source::Input;
    use crate::schema::Wants;

    #[test]
    fn a_row_that_gets_lost_shows() {
        let text =
            "order_id,customer_id,paid_at,paid_amount\n1,ann,2026-05-01,5\n2,bob,2026-05-02,x\n\n,,,\n";
        let input = Input::bytes("orders.csv", text.as_bytes().to_vec());
        let options = ReadOptions { wants: Wants::default(), ..ReadOptions::default() };
        let mut parsed = parse_input(&input, false, &options).expect("rows").files.remove(0);
        let accounting = parsed.accounting();
        // One is kept, one has no amount, and one has nothing; a line without anything is no row.
        assert_eq!((accounting.rows_read, accounting.rows_used, accounting.quarantined_total()), (3, 1, 1));
        assert!(accounting.check_balance().is_ok());
        if let Rows::Orders { blocks, .. } = &mut parsed.rows {
            blocks.iter_mut().for_each(|block| block.rows.clear());
        }
        assert!(parsed.accounting().check_balance().is_err());
    }
}

//! Recognising a file: encoding, dialect, header, platform, and which column is which field.

use std::collections::BTreeMap;

use super::encoding::{self, CellEncoding};
use super::preset::{Preset, Table, squash};
use super::records::{Dialect, for_each_record, whole_records};
use super::value::date::{DateOrder, DateReader, Day};
use super::value::{money, text};
use super::{ReadOptions, nearest};
use crate::error::{Error, Result};
use crate::schema::Field;

/// What was recognised of one file.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The platform's preset.
    pub preset: &'static Preset,
    /// How cells are decoded.
    pub encoding: CellEncoding,
    /// How cells are told apart.
    pub dialect: Dialect,
    /// The header cells, trimmed.
    pub headers: Vec<String>,
    /// The columns of each field that has any, best first.
    pub columns: BTreeMap<Field, Vec<usize>>,
    /// Bytes up to the first record below the header.
    pub body_start: usize,
    /// Records up to and with the header.
    pub header_record: u64,
    /// How `created_at` and `paid_at` are read.
    pub dates: BTreeMap<Field, DateReader>,
    /// Whether amounts have a decimal comma.
    pub decimal_comma: bool,
}

impl Layout {
    /// The first column of a field.
    pub fn column(&self, field: Field) -> Option<usize> {
        self.columns.get(&field).and_then(|columns| columns.first().copied())
    }

    /// Which header became which field, as `field=Header` pairs.
    pub fn mapping(&self) -> String {
        let pairs = self.columns.iter().map(|(field, columns)| {
            let headers: Vec<&str> = columns.iter().map(|&column| self.headers[column].as_str()).collect();
            format!("{field}={}", headers.join("|"))
        });
        pairs.collect::<Vec<_>>().join(" ")
    }
}

/// How many records at the top may stand before the header.
const MAX_PREAMBLE: usize = 20;
/// How many records of the head are looked at to decide how dates and amounts are written.
const SAMPLE: usize = 20_000;

/// Recognises a file from its head (UTF-8 or an encoding that keeps ASCII), in the given encoding or the likeliest.
///
/// # Errors
/// [`Error::Input`] when the file is empty or no preset fits its header: names the headers seen and what is
/// missing.
pub fn recognise(
    name: &str,
    head: &[u8],
    is_whole: bool,
    encoding: Option<CellEncoding>,
    options: &ReadOptions,
) -> Result<Layout> {
    let head_start = if head.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let head = &head[head_start..];
    if text::trim(head).is_empty() {
        return Err(Error::input(name, "the file is empty", "export it again, with its header line"));
    }
    let encodings = match encoding {
        Some(encoding) => vec![encoding],
        None => encoding::candidates(head, is_whole),
    };
    let mut tries = Vec::new();
    for &encoding in &encodings {
        for dialect in dialects(head, options) {
            tries.push(first_records(head, is_whole, dialect, encoding));
        }
    }
    let mut best: Option<(usize, &FirstRecords, usize, Match)> = None;
    for records in &tries {
        for (index, row) in records.rows.iter().enumerate().filter(|(_, row)| row.cells.len() > 1) {
            let Some(found) = best_preset(&row.cells, options)? else { continue };
            if best.as_ref().is_none_or(|(rank, ..)| found.rank < *rank) {
                best = Some((found.rank, records, index, found));
            }
        }
    }
    let Some((_, records, index, found)) = best else { return Err(unrecognised(name, &tries, options)) };
    let mut layout = Layout {
        preset: found.preset,
        encoding: records.encoding,
        dialect: records.dialect,
        headers: records.rows[index].cells.clone(),
        columns: found.columns,
        body_start: head_start + records.rows[index].end,
        header_record: index as u64 + 1,
        dates: BTreeMap::new(),
        decimal_comma: false,
    };
    study_values(&mut layout, &head[records.rows[index].end..], is_whole, options);
    Ok(layout)
}

struct FirstRecords {
    encoding: CellEncoding,
    dialect: Dialect,
    rows: Vec<FirstRecord>,
}

struct FirstRecord {
    cells: Vec<String>,
    /// Where the next record begins.
    end: usize,
}

struct Match {
    rank: usize,
    preset: &'static Preset,
    columns: BTreeMap<Field, Vec<usize>>,
}

fn dialects(head: &[u8], options: &ReadOptions) -> Vec<Dialect> {
    let terminator = if memchr::memchr(b'\n', head).is_some() { b'\n' } else { b'\r' };
    let terminator = if memchr::memchr(terminator, head).is_some() { terminator } else { b'\n' };
    // The head may end in the middle of a cell.
    let whole_lines = &head[..memchr::memrchr(terminator, head).map_or(head.len(), |end| end + 1)];
    let delimiters = match options.delimiter {
        Some(delimiter) => vec![delimiter],
        None => vec![b',', b'\t', b';', b'|'],
    };
    let dialect = |delimiter| Dialect {
        delimiter,
        terminator,
        quoting: delimiter != b'\t' || quotes_are_balanced(whole_lines, delimiter, terminator),
    };
    delimiters.into_iter().map(dialect).collect()
}

/// Tab-separated exports often do not quote at all: a cell that opens a quote and does not close it gives them
/// away.
fn quotes_are_balanced(head: &[u8], delimiter: u8, terminator: u8) -> bool {
    head.split(|&byte| byte == delimiter || byte == terminator)
        .map(<[u8]>::trim_ascii_end)
        .filter(|cell| cell.first() == Some(&b'"'))
        .all(|cell| cell.len() > 1 && cell.ends_with(b"\""))
}

fn first_records(head: &[u8], is_whole: bool, dialect: Dialect, encoding: CellEncoding) -> FirstRecords {
    let mut rows = Vec::new();
    let mut at = 0;
    while rows.len() < MAX_PREAMBLE && at < head.len() {
        // One line at a time, or more where a quoted cell spans lines.
        let line = memchr::memchr(dialect.terminator, &head[at..]).map_or(head.len(), |end| at + end + 1);
        let mut end = at + whole_records(&head[at..line], dialect, false);
        if end == at {
            let window = &head[at..head.len().min(at + (64 << 10))];
            let is_last = is_whole && at + window.len() == head.len();
            end = at + whole_records(window, dialect, is_last);
        }
        if end == at {
            break;
        }
        for_each_record(&head[at..end], dialect, |record| {
            let cells = (0..record.len()).map(|i| {
                let decoded = encoding.decode(record.cell(i)).unwrap_or_default();
                String::from_utf8_lossy(text::trim(&decoded)).into_owned()
            });
            rows.push(FirstRecord { cells: cells.collect(), end });
        });
        at = end;
    }
    FirstRecords { encoding, dialect, rows }
}

fn best_preset(headers: &[String], options: &ReadOptions) -> Result<Option<Match>> {
    let squashed: Vec<String> = headers.iter().map(|header| squash(header)).collect();
    for (rank, preset) in Preset::all()?.iter().enumerate() {
        let is_wanted = options.preset.as_ref().is_none_or(|name| name == &preset.name);
        let is_signed = preset.signature.iter().all(|header| squashed.contains(&squash(header)));
        // A preset asked for by name needs no signature.
        if !is_wanted || (!is_signed && options.preset.is_none()) {
            continue;
        }
        let columns = map_columns(preset, &squashed, options);
        let has = |name: &String| columns.keys().any(|field| field.name() == name);
        if columns_fit(&columns, &squashed, options)
            && preset.requires.iter().all(|group| group.iter().any(has))
        {
            return Ok(Some(Match { rank, preset, columns }));
        }
    }
    Ok(None)
}

/// Every header that `--map` names must be there.
fn columns_fit(columns: &BTreeMap<Field, Vec<usize>>, squashed: &[String], options: &ReadOptions) -> bool {
    options
        .mapping
        .iter()
        .all(|(field, header)| squashed.contains(&squash(header)) && columns.contains_key(field))
}

fn map_columns(preset: &Preset, squashed: &[String], options: &ReadOptions) -> BTreeMap<Field, Vec<usize>> {
    let position = |header: &str| squashed.iter().position(|seen| *seen == squash(header));
    let maps = |fields: &[Field]| options.mapping.iter().any(|(field, _)| fields.contains(field));
    // An amount mapped by hand is the amount: what the preset would take instead must not come before it.
    let replaced: &[Field] = if maps(&[Field::PaidAmount, Field::Amount]) {
        &[Field::PaidAmount, Field::Amount, Field::UnitPrice, Field::Quantity]
    } else if maps(&[Field::UnitPrice, Field::Quantity]) {
        &[Field::PaidAmount, Field::Amount]
    } else {
        &[]
    };
    let mut columns = BTreeMap::new();
    for &field in Field::ALL {
        if replaced.contains(&field) {
            continue;
        }
        let mut found: Vec<usize> =
            preset.headers(field).iter().filter_map(|header| position(header)).collect();
        found.dedup();
        if !found.is_empty() {
            columns.insert(field, found);
        }
    }
    for (field, header) in &options.mapping {
        if let Some(index) = position(header) {
            columns.insert(*field, vec![index]);
        }
    }
    columns
}

/// Decides from the values of the head which date order and decimal mark the columns use.
fn study_values(layout: &mut Layout, body: &[u8], is_whole: bool, options: &ReadOptions) {
    const AMOUNTS: [Field; 4] = [Field::PaidAmount, Field::Amount, Field::UnitPrice, Field::RefundAmount];
    let fixed = options.date_order.or(layout.preset.date_order);
    let probe = DateReader {
        order: fixed.unwrap_or_default(),
        is_certain: false,
        zone: options.zone,
        epoch_zone: layout.preset.zone.unwrap_or(chrono_tz::UTC),
    };
    let amounts: Vec<usize> = AMOUNTS.iter().filter_map(|&field| layout.column(field)).collect();
    let dates: Vec<(Field, usize)> = [Field::CreatedAt, Field::PaidAt]
        .iter()
        .filter_map(|&field| layout.column(field).map(|column| (field, column)))
        .collect();
    let mut evidence = vec![(0_u64, 0_u64); dates.len()];
    let (mut commas, mut points, mut rows) = (0_usize, 0_usize, 0_usize);
    let end = whole_records(body, layout.dialect, is_whole);
    for_each_record(&body[..end], layout.dialect, |record| {
        rows += 1;
        if rows > SAMPLE || record.len() < layout.headers.len() {
            return;
        }
        for ((_, column), (dmy, mdy)) in dates.iter().zip(&mut evidence) {
            match probe.day(&record.cell(*column)) {
                Day::Evident(_, DateOrder::Dmy) => *dmy += 1,
                Day::Evident(_, DateOrder::Mdy) => *mdy += 1,
                _ => {}
            }
        }
        let amounts = || amounts.iter().map(|&column| record.cell(column));
        commas += amounts().filter(|cell| money::needs_decimal_comma(cell)).count();
        points += amounts().filter(|cell| money::needs_decimal_point(cell)).count();
    });
    layout.decimal_comma = commas > points;
    layout.dates = dates
        .into_iter()
        .zip(evidence)
        .map(|((field, _), (dmy, mdy))| {
            let seen = if mdy > dmy { DateOrder::Mdy } else { DateOrder::Dmy };
            let order = fixed.unwrap_or(seen);
            (field, DateReader { order, is_certain: fixed.is_some() || dmy != mdy, ..probe })
        })
        .collect();
}

/// The error for a file that no preset fits.
fn unrecognised(name: &str, tries: &[FirstRecords], options: &ReadOptions) -> Error {
    let widest = tries.iter().filter_map(|records| records.rows.first()).max_by_key(|row| row.cells.len());
    let headers = widest.map(|row| row.cells.clone()).unwrap_or_default();
    let seen = headers.join(", ");
    for (field, header) in &options.mapping {
        if !headers.iter().any(|seen| squash(seen) == squash(header)) {
            let nearest = nearest(header, headers.iter().map(String::as_str));
            let hint = match nearest {
                Some(nearest) => format!("did you mean --map {field}='{nearest}'?"),
                None => format!("--map {field}=HEADER takes one of the headers seen"),
            };
            return Error::input(name, format!("no column is called {header:?}; headers seen: {seen}"), hint);
        }
    }
    let squashed: Vec<String> = headers.iter().map(|header| squash(header)).collect();
    let Ok(generic) = Preset::named("generic_orders") else {
        return Error::Internal("no generic preset".into());
    };
    let columns = map_columns(generic, &squashed, options);
    let missing: Vec<&Vec<String>> = generic
        .requires
        .iter()
        .filter(|group| !group.iter().any(|name| columns.keys().any(|field| field.name() == name)))
        .collect();
    let what: Vec<String> = missing.iter().map(|group| group.join(" or ")).collect();
    let hint = missing.first().map_or_else(String::new, |group| suggestion(&group[0], generic, &headers));
    let table = options.preset.as_deref().unwrap_or("an order export");
    Error::input(
        name,
        format!("not recognised as {table}: no column for {}; headers seen: {seen}", what.join(", nor for ")),
        format!("say which column it is, for example {hint}"),
    )
}

fn suggestion(field: &str, generic: &Preset, headers: &[String]) -> String {
    let aliases = field.parse().map(|field| generic.headers(field).to_vec()).unwrap_or_default();
    let near = aliases.iter().find_map(|alias| nearest(alias, headers.iter().map(String::as_str)));
    format!("--map {field}='{}'", near.or(headers.first().map(String::as_str)).unwrap_or("HEADER"))
}

/// What a file of another table is called in the note that it was not read.
pub fn table_name(table: Table) -> &'static str {
    match table {
        Table::Orders => "orders",
        Table::OrderItems => "items",
        Table::Customers => "customers",
        Table::Events => "events",
        Table::Sends => "sends",
    }
}

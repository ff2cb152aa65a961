//! Recognising a file: encoding, dialect, header, platform, and which column is which field.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::encoding::{self, CellEncoding};
use super::preset::{Preset, squash};
use super::records::{Dialect, for_each_record, whole_records};
use super::value::date::{DateOrder, DateReader, Day};
use super::value::{money, text};
use super::{ReadOptions, nearest};
use crate::error::{Error, Result};
use crate::schema::{Field, Table};

/// What was recognised of one file.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The platform's preset.
    pub preset: Arc<Preset>,
    /// Whether the preset was asked for, not recognised.
    pub is_asked: bool,
    /// How cells are decoded.
    pub encoding: CellEncoding,
    /// How cells are told apart.
    pub dialect: Dialect,
    /// The header cells, trimmed.
    pub headers: Vec<String>,
    /// The columns of each field that has any, best first.
    pub columns: BTreeMap<Field, Vec<usize>>,
    /// The columns of amounts that are sums: those added and those taken off.
    pub sums: BTreeMap<Field, (Vec<usize>, Vec<usize>)>,
    /// Bytes up to the first record below the header.
    pub body_start: usize,
    /// Records up to and with the header.
    pub header_record: u64,
    /// How each column of dates is read.
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
        let names = |columns: &[usize], mark: &str| {
            let headers: Vec<&str> = columns.iter().map(|&column| self.headers[column].as_str()).collect();
            headers.join(mark)
        };
        let fields = self.columns.iter().map(|(field, columns)| format!("{field}={}", names(columns, "|")));
        let sums = self.sums.iter().map(|(field, (plus, minus))| {
            let minus = if minus.is_empty() { String::new() } else { format!("-{}", names(minus, "-")) };
            format!("{field}={}{minus}", names(plus, "+"))
        });
        fields.chain(sums).collect::<Vec<_>>().join(" ")
    }

    /// Whether any column says this.
    pub fn has(&self, field: Field) -> bool {
        self.columns.contains_key(&field) || self.sums.contains_key(&field)
    }

    /// The places of columns that no field is read from.
    pub fn ignored(&self) -> impl Iterator<Item = usize> + '_ {
        let used = |column: &usize| {
            self.columns.values().flatten().any(|used| used == column)
                || self.sums.values().any(|(plus, minus)| plus.contains(column) || minus.contains(column))
        };
        (0..self.headers.len()).filter(move |column| !used(column))
    }
}

/// How many records at the top may stand before the header.
const MAX_PREAMBLE: usize = 20;
/// How many records of the head are looked at to decide how dates and amounts are written.
const SAMPLE: usize = 20_000;

/// The columns that hold dates.
pub const DATES: [Field; 7] = [
    Field::CreatedAt,
    Field::PaidAt,
    Field::OccurredAt,
    Field::RegisteredAt,
    Field::CardClaimedAt,
    Field::Birthday,
    Field::SentAt,
];

/// Recognises a file from its head (UTF-8 or an encoding that keeps ASCII), in the given encoding or the likeliest,
/// as one of `table` where that is known.
///
/// # Errors
/// [`Error::Input`] when the file is empty or no preset fits its header: names the headers seen and what is
/// missing.
pub fn recognise(
    name: &str,
    head: &[u8],
    is_whole: bool,
    table: Option<Table>,
    options: &ReadOptions,
) -> Result<Layout> {
    let head_start = if head.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let head = &head[head_start..];
    if text::trim(head).is_empty() {
        return Err(Error::input(name, "the file is empty", "export it again, with its header line"));
    }
    let encodings = match options.encoding {
        Some(encoding) => vec![encoding],
        None => encoding::candidates(head, is_whole),
    };
    let mut tries = Vec::new();
    for &encoding in &encodings {
        for dialect in dialects(head, options) {
            tries.push(first_records(head, is_whole, dialect, encoding));
        }
    }
    let wanted = Wanted { table, has_header: !has_no_header(options), options };
    let mut best: Option<(usize, &FirstRecords, usize, Match)> = None;
    for records in &tries {
        let rows = if wanted.has_header { records.rows.len() } else { 1 };
        for (index, row) in records.rows.iter().enumerate().take(rows).filter(|(_, row)| row.cells.len() > 1)
        {
            let Some(found) = wanted.best_preset(&row.cells)? else { continue };
            if best.as_ref().is_none_or(|(rank, ..)| found.rank < *rank) {
                best = Some((found.rank, records, index, found));
            }
        }
    }
    let Some((_, records, index, found)) = best else { return Err(unrecognised(name, &tries, &wanted)) };
    let header = &records.rows[index];
    let header_end = if wanted.has_header { header.end } else { 0 };
    let mut layout = Layout {
        is_asked: options.preset.is_some(),
        encoding: records.encoding,
        dialect: records.dialect,
        headers: if wanted.has_header { header.cells.clone() } else { numbered(header.cells.len()) },
        sums: sums(&found),
        preset: found.preset,
        columns: found.columns,
        body_start: head_start + header_end,
        header_record: if wanted.has_header { index as u64 + 1 } else { 0 },
        dates: BTreeMap::new(),
        decimal_comma: false,
    };
    study_values(&mut layout, &head[header_end..], is_whole, options);
    Ok(layout)
}

/// Whether files have no header line: asked for, or so by their preset.
fn has_no_header(options: &ReadOptions) -> bool {
    options.has_no_header || options.preset.as_ref().is_some_and(|preset| !preset.columns.is_empty())
}

/// The names of columns without a header.
fn numbered(count: usize) -> Vec<String> {
    (1..=count).map(|number| number.to_string()).collect()
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
    preset: Arc<Preset>,
    columns: BTreeMap<Field, Vec<usize>>,
    squashed: Vec<String>,
    has_own_amount: bool,
}

/// What a file is wanted as.
struct Wanted<'a> {
    table: Option<Table>,
    has_header: bool,
    options: &'a ReadOptions,
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

impl Wanted<'_> {
    /// The most specific preset that fits a header.
    fn best_preset(&self, cells: &[String]) -> Result<Option<Match>> {
        let squashed: Vec<String> = if self.has_header {
            cells.iter().map(|header| squash(header)).collect()
        } else {
            numbered(cells.len())
        };
        let asked = self.options.preset.as_slice();
        let presets = if asked.is_empty() { Preset::all()? } else { asked };
        for (rank, preset) in presets.iter().enumerate() {
            let is_signed = preset.squashed_signature().iter().all(|header| squashed.contains(header));
            // A preset asked for by name needs no signature; one without headers must be asked for.
            let is_possible = !asked.is_empty() || (is_signed && preset.columns.is_empty());
            if !is_possible || self.table.is_some_and(|table| table != preset.table) {
                continue;
            }
            if let Some(found) = self.fit(rank, preset, &squashed) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn fit(&self, rank: usize, preset: &Arc<Preset>, squashed: &[String]) -> Option<Match> {
        let columns = self.map_columns(preset, squashed);
        let has_own_amount = self.maps(&[Field::PaidAmount, Field::Amount, Field::UnitPrice]);
        let sums = preset.sums.iter().filter(|(_, sum)| {
            !has_own_amount && sum.plus.iter().any(|header| squashed.contains(&squash(header)))
        });
        let summed: Vec<&String> = sums.map(|(name, _)| name).collect();
        let has = |name: &String| columns.keys().any(|field| field.name() == name) || summed.contains(&name);
        // Every header that `--map` names must be there.
        let mapping = &self.options.mapping;
        let is_mapped = mapping
            .iter()
            .all(|(field, header)| squashed.contains(&squash(header)) && columns.contains_key(field));
        let fits = is_mapped && preset.requires.iter().all(|group| group.iter().any(has));
        fits.then(|| Match {
            rank,
            preset: Arc::clone(preset),
            columns,
            squashed: squashed.to_vec(),
            has_own_amount,
        })
    }

    fn maps(&self, fields: &[Field]) -> bool {
        self.options.mapping.iter().any(|(field, _)| fields.contains(field))
    }

    fn map_columns(&self, preset: &Preset, squashed: &[String]) -> BTreeMap<Field, Vec<usize>> {
        let position = |header: &String| squashed.iter().position(|seen| seen == header);
        // An amount mapped by hand is the amount: what the preset would take instead must not come before it.
        let replaced: &[Field] = if self.maps(&[Field::PaidAmount, Field::Amount]) {
            &[Field::PaidAmount, Field::Amount, Field::UnitPrice, Field::Quantity]
        } else if self.maps(&[Field::UnitPrice, Field::Quantity]) {
            &[Field::PaidAmount, Field::Amount]
        } else {
            &[]
        };
        let mut columns = BTreeMap::new();
        for &field in Field::ALL.iter().filter(|field| !replaced.contains(field)) {
            let mut found = Vec::new();
            for column in preset.squashed_headers(field).iter().filter_map(position) {
                if !found.contains(&column) {
                    found.push(column);
                }
            }
            if let Some(column) = preset.columns.iter().position(|name| name == field.name()) {
                found.push(column);
            }
            if !found.is_empty() {
                columns.insert(field, found);
            }
        }
        for (field, header) in &self.options.mapping {
            if let Some(index) = position(&squash(header)) {
                columns.insert(*field, vec![index]);
            }
        }
        columns
    }
}

/// The columns of a preset's sums that the header has.
fn sums(found: &Match) -> BTreeMap<Field, (Vec<usize>, Vec<usize>)> {
    let positions = |headers: &[String]| -> Vec<usize> {
        let position = |header: &String| found.squashed.iter().position(|seen| *seen == squash(header));
        headers.iter().filter_map(position).collect()
    };
    let sums = found.preset.sums.iter().filter(|_| !found.has_own_amount);
    sums.filter_map(|(name, sum)| Some((name.parse().ok()?, (positions(&sum.plus), positions(&sum.minus)))))
        .filter(|(_, (plus, _))| !plus.is_empty())
        .collect()
}

/// Decides from the values of the head which date order and decimal mark the columns use.
fn study_values(layout: &mut Layout, body: &[u8], is_whole: bool, options: &ReadOptions) {
    const AMOUNTS: [Field; 5] =
        [Field::PaidAmount, Field::Amount, Field::UnitPrice, Field::RefundAmount, Field::Cost];
    let fixed = options.date_order.or(layout.preset.date_order);
    let probe = DateReader {
        order: fixed.unwrap_or_default(),
        is_certain: false,
        zone: options.zone,
        epoch_zone: layout.preset.zone.unwrap_or(chrono_tz::UTC),
    };
    let summed = layout.sums.values().flat_map(|(plus, minus)| plus.iter().chain(minus)).copied();
    let amounts: Vec<usize> =
        AMOUNTS.iter().filter_map(|&field| layout.column(field)).chain(summed).collect();
    let dates: Vec<(Field, usize)> =
        DATES.iter().filter_map(|&field| layout.column(field).map(|column| (field, column))).collect();
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
fn unrecognised(name: &str, tries: &[FirstRecords], wanted: &Wanted<'_>) -> Error {
    let options = wanted.options;
    let widest = tries.iter().filter_map(|records| records.rows.first()).max_by_key(|row| row.cells.len());
    let headers = widest.map_or_else(Vec::new, |row| match wanted.has_header {
        true => row.cells.clone(),
        false => numbered(row.cells.len()),
    });
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
    let (generic, what) = match (&options.preset, wanted.table) {
        (Some(preset), _) => (Ok(Arc::clone(preset)), preset.name.as_str()),
        (None, Some(Table::OrderItems)) => (Preset::named("generic_order_items"), "items"),
        (None, Some(Table::Customers)) => (Preset::named("generic_customers"), "customers"),
        (None, Some(Table::Events)) => (Preset::named("generic_events"), "events"),
        (None, Some(Table::Sends)) => (Preset::named("generic_sends"), "sends"),
        (None, _) => (Preset::named("generic_orders"), "an order export"),
    };
    let Ok(generic) = generic else { return Error::Internal("a generic preset is missing".into()) };
    let columns = wanted.map_columns(&generic, &squashed);
    let missing: Vec<&Vec<String>> = generic
        .requires
        .iter()
        .filter(|group| !group.iter().any(|name| columns.keys().any(|field| field.name() == name)))
        .collect();
    let names: Vec<String> = missing.iter().map(|group| group.join(" or ")).collect();
    let hint = missing.first().map_or_else(
        || "look at its first lines; --delimiter and --encoding say how to read them".to_owned(),
        |group| format!("say which column it is, for example {}", suggestion(&group[0], &generic, &headers)),
    );
    let missing = if names.is_empty() {
        String::new()
    } else {
        format!("no column for {}; ", names.join(", nor for "))
    };
    Error::input(name, format!("not recognised as {what}: {missing}headers seen: {seen}"), hint)
}

fn suggestion(field: &str, generic: &Preset, headers: &[String]) -> String {
    let aliases = field.parse().map(|field| generic.headers(field).to_vec()).unwrap_or_default();
    let near = aliases.iter().find_map(|alias| nearest(alias, headers.iter().map(String::as_str)));
    format!("--map {field}='{}'", near.or(headers.first().map(String::as_str)).unwrap_or("HEADER"))
}

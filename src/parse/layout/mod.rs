//! Recognising a file: encoding, dialect, header, platform, and which column is which field.

mod amounts;
mod closed;
mod format;
mod found;
mod guess;
mod head;
mod matching;
mod order_ids;
mod sample;
mod status_words;
mod statuses;
mod study;
mod unrecognised;

use crate::schema::day;
use crate::schema::table::day_fields;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::amounts::is_total;
use self::format::other_format;
pub use self::found::Found;
use self::guess::Guess;
use self::head::{FirstRecord, FirstRecords, dialects, first_records};
use self::matching::{Match, Wanted, numbered, sums};
pub use self::status_words::WordsSeen;
pub use self::statuses::Statuses;
use self::study::study_values;
pub use self::unrecognised::no_such_header;
use self::unrecognised::unrecognised;
use crate::error::{Error, Result};
use crate::locale::Remark;
use crate::parse::ReadOptions;
use crate::parse::encoding::{self, CellEncoding};
use crate::parse::preset::Preset;
use crate::parse::records::Dialect;
use crate::parse::sections::Sections;
use crate::parse::value::currency::Mark;
use crate::parse::value::date::DateReader;
use crate::parse::value::money::Numbers;
use crate::schema::{Field, Table, squash};
use crate::text;

/// What was recognised of one file.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The platform's preset.
    pub preset: Arc<Preset>,
    /// Whether the user chose the preset, so that it was not recognised.
    pub is_asked: bool,
    /// How cells are decoded.
    pub encoding: CellEncoding,
    /// How cells are told apart.
    pub dialect: Dialect,
    /// The header cells, trimmed.
    pub headers: Vec<String>,
    /// The columns of each field, best first.
    pub columns: BTreeMap<Field, Vec<usize>>,
    /// Amounts that are sums: the columns that are added and those that are subtracted.
    pub sums: BTreeMap<Field, (Vec<usize>, Vec<usize>)>,
    /// Bytes up to the first record below the header.
    pub body_start: usize,
    /// Number of the header's record; the first record is 1.
    pub header_record: u64,
    /// How each column of dates is read.
    pub dates: BTreeMap<Field, DateReader>,
    /// How the numbers of each column are written.
    pub numbers: Numbers,
    /// Columns whose times are all in UTC, if the user gave no zone for the shop.
    pub utc_columns: Vec<usize>,
    /// Columns of serial day numbers in a file that does not say from which year they count.
    pub serials: Vec<Serials>,
    /// What the head of the file shows about columns of statuses.
    pub statuses: Statuses,
    /// Columns whose field was chosen by their cells.
    pub found: Found,
    /// Headers among the rows that change how the rows below them are read, if a first reading found any.
    pub sections: Sections,
}

/// A column of serial day numbers.
#[derive(Debug, Clone, Copy)]
pub struct Serials {
    column: usize,
    /// Among the rows of the head: how many have such a number, and the day that the first is read as.
    count: u64,
    rows: u64,
    first: i32,
}

impl Serials {
    /// The remark about it for the user.
    pub fn remark(&self, file: &str, layout: &Layout) -> Remark {
        let day = day::date_of(self.first).map_or_else(String::new, |day| day.to_string());
        Remark::new("serial_days")
            .with("file", file)
            .with("header", &layout.headers[self.column])
            .with("n", self.count)
            .with("rows", self.rows)
            .with("day", day)
    }
}

impl Layout {
    /// The best column of a field.
    pub fn column(&self, field: Field) -> Option<usize> {
        self.columns.get(&field).and_then(|columns| columns.first().copied())
    }

    /// The currency in brackets in a header that is known without the brackets: `Total (COP)`.
    pub fn header_currency(&self, column: usize) -> Option<Mark> {
        let header = self.headers.get(column)?;
        let whole = squash(header);
        let is_named = |headers: &Vec<String>| headers.iter().any(|other| squash(other) == whole);
        let sums = self.preset.sums.values().map(|sum| &sum.plus);
        let is_named = self.preset.fields.values().chain(sums).any(is_named);
        matching::bracketed(header).filter(|_| !is_named).map(|(_, mark)| mark)
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

    /// Whether any column holds this field.
    pub fn has(&self, field: Field) -> bool {
        self.columns.contains_key(&field) || self.sums.contains_key(&field)
    }

    /// Whether the file says refunds: in a column, or because its amounts have refunds taken off.
    pub fn says_refunds(&self) -> bool {
        self.has(Field::RefundAmount) || self.preset.paid_is_net_of_refund
    }

    /// Whether any column holds amounts.
    pub fn says_amounts(&self) -> bool {
        [Field::PaidAmount, Field::Amount, Field::UnitPrice].into_iter().any(|field| self.has(field))
    }

    /// The columns that no field is read from.
    pub fn ignored(&self) -> impl Iterator<Item = usize> + '_ {
        let used = |column: &usize| {
            self.columns.values().flatten().any(|used| used == column)
                || self.sums.values().any(|(plus, minus)| plus.contains(column) || minus.contains(column))
        };
        (0..self.headers.len()).filter(move |column| !used(column))
    }
}

/// Recognises a file from its head (UTF-8 or an encoding that contains ASCII), in the given encoding or the likeliest
/// one; as a file of `table` if the table is known.
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
    match recognised(name, head, is_whole, table, options)? {
        Recognised::As(layout) => Ok(*layout),
        Recognised::Nothing(error) => Err(error),
    }
}

/// The result of recognising a file.
pub enum Recognised {
    /// It has this layout.
    As(Box<Layout>),
    /// No preset fits its header. The error says what is missing.
    Nothing(Error),
}

/// Like [`recognise`], for a file that may well be something else.
///
/// # Errors
/// Only those that the user must resolve: the file is empty or no table, or several columns fit equally well.
pub fn recognised(
    name: &str,
    head: &[u8],
    is_whole: bool,
    table: Option<Table>,
    options: &ReadOptions,
) -> Result<Recognised> {
    let head_start = if head.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let head = &head[head_start..];
    if text::trim(head).is_empty() {
        return Err(Error::input_of(name, "input_empty", &[]));
    }
    if let Some(kind) = other_format(head) {
        return Err(Error::input_of(name, kind, &[]));
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
    let wanted = Wanted { head, table, has_header: !has_no_header(options), options };
    let own = wanted.mapping_of(&tries);
    let without = Wanted { options: &ReadOptions { mapping: own, ..options.clone() }, ..wanted };
    let (records, index, found) = match best_match(&tries, &wanted)? {
        Some(found) => found,
        // `--map` applies to the files that have its headers.
        None if without.options.mapping.len() < options.mapping.len() => {
            match best_match(&tries, &without)? {
                Some(found) => found,
                None => return guessed(name, &tries, &wanted, is_whole, head_start),
            }
        }
        None => return guessed(name, &tries, &wanted, is_whole, head_start),
    };
    let file = FileHead { name, body: head, is_whole };
    Ok(match guess::completed((records, index, found), &tries, &wanted, &file)? {
        Guess::Match { records, index, found, chosen } => {
            layout_of((records, index, found), &file, &wanted, head_start, chosen).into()
        }
        Guess::Nothing { fitting, actions } => {
            Recognised::Nothing(unrecognised(name, &tries, &wanted, &fitting, actions.as_deref()))
        }
    })
}

impl From<Layout> for Recognised {
    fn from(layout: Layout) -> Self {
        Self::As(Box::new(layout))
    }
}

/// The layout of a file whose columns are chosen by headers and cells.
///
/// # Errors
/// If several columns fit equally well.
fn guessed(
    name: &str,
    tries: &[FirstRecords],
    wanted: &Wanted<'_>,
    is_whole: bool,
    head_start: usize,
) -> Result<Recognised> {
    let file = FileHead { name, body: wanted.head, is_whole };
    Ok(match guess::of(tries, wanted, &file)? {
        Guess::Match { records, index, found, chosen } => {
            layout_of((records, index, found), &file, wanted, head_start, chosen).into()
        }
        Guess::Nothing { fitting, actions } => {
            Recognised::Nothing(unrecognised(name, tries, wanted, &fitting, actions.as_deref()))
        }
    })
}

/// The layout that follows from a match. `head` begins at the start of the file.
fn layout_of(
    (records, index, found): (&FirstRecords, usize, Match),
    file: &FileHead<'_>,
    wanted: &Wanted<'_>,
    head_start: usize,
    chosen: Vec<(Field, usize)>,
) -> Layout {
    let mut layout = bare((records, index, found), wanted, head_start);
    layout.found.chosen = chosen;
    let body = &file.body[layout.body_start - head_start..];
    study_values(&mut layout, FileHead { body, ..*file }, wanted.options);
    layout
}

/// The layout before the values are examined.
fn bare(
    (records, index, found): (&FirstRecords, usize, Match),
    wanted: &Wanted<'_>,
    head_start: usize,
) -> Layout {
    let header = &records.rows[index];
    let explanation = records.rows.get(index + 1).filter(|row| wanted.has_header && explains(row, &found));
    let header_end = if wanted.has_header { explanation.unwrap_or(header).end } else { 0 };
    Layout {
        is_asked: wanted.options.preset.is_some(),
        encoding: records.encoding,
        dialect: records.dialect,
        headers: if wanted.has_header { header.cells.clone() } else { numbered(header.cells.len()) },
        sums: sums(&found),
        preset: found.preset,
        columns: found.columns,
        body_start: head_start + header_end,
        header_record: match wanted.has_header {
            true => index as u64 + 1 + u64::from(explanation.is_some()),
            false => 0,
        },
        dates: BTreeMap::new(),
        numbers: Numbers::default(),
        utc_columns: Vec::new(),
        serials: Vec::new(),
        statuses: Statuses::default(),
        found: Found {
            buyer_name: found.buyer_name,
            is_explained: explanation.is_some(),
            ..Found::default()
        },
        sections: Sections::default(),
    }
}

/// The way to split the records, the place of the header among them, and the preset that fit best.
fn best_match<'a>(
    tries: &'a [FirstRecords],
    wanted: &Wanted<'_>,
) -> Result<Option<(&'a FirstRecords, usize, Match)>> {
    let mut best: Option<(&FirstRecords, usize, Match)> = None;
    for records in tries {
        let rows = if wanted.has_header { records.rows.len() } else { 1 };
        for (index, row) in records.rows.iter().enumerate().take(rows).filter(|(_, row)| row.cells.len() > 1)
        {
            // Of two encodings, the one in which more of the header is known wins. Of two possible headers in one file,
            // the first wins: a later row must fit a more specific preset, so that most rows are compared with few
            // presets only.
            let ranks = best.as_ref().map_or(usize::MAX, |(other, _, best)| {
                best.rank + usize::from(records.encoding != other.encoding)
            });
            let Some(found) = wanted.best_preset(&row.cells, ranks)? else { continue };
            let is_better = |(other, _, best): &(&FirstRecords, usize, Match)| {
                let is_fuller =
                    records.encoding != other.encoding && found.columns.len() > best.columns.len();
                found.rank < best.rank || (found.rank == best.rank && is_fuller)
            };
            if best.as_ref().is_none_or(is_better) {
                best = Some((records, index, found));
            }
        }
    }
    Ok(best)
}

/// Whether the record below a header explains the columns: it has words where dates and amounts would stand.
fn explains(record: &FirstRecord, found: &Match) -> bool {
    let cells = |fields: &[Field]| -> Vec<&str> {
        let columns = fields.iter().filter_map(|field| found.columns.get(field)).flatten();
        columns.filter_map(|column| record.cells.get(*column)).map(String::as_str).collect()
    };
    let is_text = |cell: &&str| cell.chars().any(char::is_alphabetic) && !cell.chars().any(char::is_numeric);
    let is_filled = |cell: &&&str| !text::is_null(cell.as_bytes());
    let says = |fields: &[Field]| {
        let cells = cells(fields);
        let mut filled = cells.iter().filter(is_filled).peekable();
        filled.peek().is_some() && filled.all(is_text)
    };
    says(&day_fields().collect::<Vec<_>>()) && says(&[Field::PaidAmount, Field::Amount, Field::UnitPrice])
}

/// The first records of a file below its header.
struct FileHead<'a> {
    name: &'a str,
    body: &'a [u8],
    /// Whether the file has no further records.
    is_whole: bool,
}

/// Whether the file has no header line: the user says so, or its preset does.
fn has_no_header(options: &ReadOptions) -> bool {
    options.has_no_header || options.preset.as_ref().is_some_and(|preset| !preset.columns.is_empty())
}

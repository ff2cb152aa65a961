//! Files concatenated from several whose columns are in different orders: a header among the rows says how the rows
//! below it are read.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use crate::locale::Remark;
use crate::parse::encoding::CellEncoding;
use crate::parse::layout::Layout;
use crate::parse::preset::Preset;
use crate::parse::records::{Dialect, Record, for_each_record};
use crate::schema::{Field, squash};
use crate::text;

/// The headers among the rows of a file, by block and record within the block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sections(BTreeMap<(usize, u64), Section>);

/// A header further down in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Section {
    /// Number of its record in the file.
    record: u64,
    /// Its cells, trimmed.
    cells: Vec<String>,
    order: Order,
}

/// The order of the columns below a header.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Order {
    /// The same as below the first header.
    Same,
    /// For each column of the first header, its place below this one; `None` for a missing column that is not read.
    Other(Vec<Option<usize>>),
    /// Other columns, so that no row below is read.
    Foreign,
}

/// A header found among the rows of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Its record within the block, from 0.
    pub index: u64,
    /// Its cells, trimmed.
    pub cells: Vec<String>,
}

/// A part of a block.
pub struct Piece<'a> {
    /// Whole records, with their columns in the order of the first header.
    pub bytes: Cow<'a, [u8]>,
    /// Whether its rows are below a header with other columns, so that none is read.
    pub is_foreign: bool,
}

impl<'a> From<&'a [u8]> for Piece<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self { bytes: Cow::Borrowed(bytes), is_foreign: false }
    }
}

impl Sections {
    /// Builds it from the headers found in each block and the block's number of records. Empty if all headers have the
    /// order of the first.
    pub fn of<'b>(blocks: impl Iterator<Item = (&'b [Header], u64)>, layout: &Layout) -> Self {
        let (mut sections, mut before) = (BTreeMap::new(), layout.header_record);
        for (number, (headers, records)) in blocks.enumerate() {
            for Header { index, cells } in headers {
                let order = order(cells, layout);
                let section = Section { record: before + index + 1, cells: cells.clone(), order };
                sections.insert((number, *index), section);
            }
            before += records;
        }
        if sections.values().all(|section| section.order == Order::Same) {
            sections.clear();
        }
        Self(sections)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Cuts a block into pieces, with the columns of all rows in the order of the first header.
    pub fn pieces<'a>(&self, bytes: &'a [u8], dialect: Dialect, block: usize) -> Vec<Piece<'a>> {
        let mut current = self.0.range(..(block, 0)).next_back().map(|(_, section)| section);
        let is_plain = current.is_none_or(|section| section.order == Order::Same)
            && self.0.range((block, 0)..=(block, u64::MAX)).next().is_none();
        if is_plain {
            return vec![bytes.into()];
        }
        let mut pieces: Vec<Piece<'a>> = Vec::new();
        let mut index = 0;
        for_each_record(bytes, dialect, |record| {
            current = self.0.get(&(block, index)).or(current);
            index += 1;
            let order = current.map_or(&Order::Same, |section| &section.order);
            let is_foreign = *order == Order::Foreign;
            if pieces.last().is_none_or(|piece| piece.is_foreign != is_foreign) {
                pieces.push(Piece { bytes: Cow::Owned(Vec::new()), is_foreign });
            }
            let Some(piece) = pieces.last_mut() else { return };
            let out = piece.bytes.to_mut();
            // A last line that was cut off stays as it is, so that it is refused.
            let is_cut = |places: &[_]| record.has_no_line_end() && record.len() < places.len();
            match order {
                Order::Other(places) if !record.is_unclosed && !is_cut(places) => {
                    reorder(record, places, dialect, out);
                }
                _ => out.extend_from_slice(record.raw()),
            }
            if !record.has_no_line_end() {
                out.push(dialect.terminator);
            }
        });
        pieces
    }

    /// The remarks about them for the user.
    pub fn remarks(&self, file: &str) -> Vec<Remark> {
        let numbers = |is_wanted: fn(&Order) -> bool| -> Vec<String> {
            let wanted = self.0.values().filter(|section| is_wanted(&section.order));
            wanted.map(|section| section.record.to_string()).collect()
        };
        let kinds = [
            ("headers_in_another_order", numbers(|order| matches!(order, Order::Other(_)))),
            ("headers_of_other_columns", numbers(|order| *order == Order::Foreign)),
        ];
        let said = kinds.into_iter().filter(|(_, records)| !records.is_empty());
        let remark = |(code, records): (&'static str, Vec<String>)| {
            Remark::new(code).with("file", file).with("n", records.len()).with("records", records.join(", "))
        };
        said.map(remark).collect()
    }
}

/// Whether a record looks like a header with other columns than these, or with the same in another order.
pub fn is_other_header(record: &Record<'_>, headers: &[String], encoding: CellEncoding) -> bool {
    /// The header names known to any layout.
    static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let presets = Preset::all().unwrap_or_default();
        let names = presets.iter().flat_map(|preset| {
            Field::ALL
                .iter()
                .flat_map(|field| preset.squashed_headers(*field))
                .chain(preset.squashed_signature())
        });
        names.cloned().collect()
    });
    const MIN_KNOWN_HEADERS: usize = 3;
    let (mut known, mut others) = (0, 0);
    for column in 0..record.len() {
        let cell = cell(record, column, encoding);
        if cell.is_empty() {
            continue;
        }
        match headers.contains(&cell) || KNOWN.contains(&squash(&cell)) {
            true => known += 1,
            // No header begins with a digit, as numbers and dates do.
            false if cell.starts_with(|c: char| c.is_ascii_digit()) => return false,
            false => others += 1,
        }
    }
    !record.is_unclosed && known >= MIN_KNOWN_HEADERS && known >= 2 * others
}

/// The cells of a record, decoded and trimmed.
pub fn cells(record: &Record<'_>, encoding: CellEncoding) -> Vec<String> {
    (0..record.len()).map(|column| cell(record, column, encoding)).collect()
}

fn cell(record: &Record<'_>, column: usize, encoding: CellEncoding) -> String {
    let cell = record.cell(column);
    let decoded = encoding.lossy(&cell);
    String::from_utf8_lossy(text::trim(decoded.as_bytes())).into_owned()
}

/// The order of the columns below a header.
fn order(cells: &[String], layout: &Layout) -> Order {
    let (ours, theirs): (Vec<String>, Vec<String>) = (
        layout.headers.iter().map(|header| squash(header)).collect(),
        cells.iter().map(|cell| squash(cell)).collect(),
    );
    if ours == theirs {
        return Order::Same;
    }
    // If several headers have the same name, they correspond in their order.
    let place = |column: usize| {
        let nth = ours[..column].iter().filter(|name| **name == ours[column]).count();
        let mut alike = theirs.iter().enumerate().filter(|(_, name)| **name == ours[column]);
        alike.nth(nth).map(|(place, _)| place)
    };
    let places: Vec<Option<usize>> = (0..ours.len()).map(place).collect();
    let is_ignored = |column: usize| layout.ignored().any(|ignored| ignored == column);
    let has_all = places.iter().enumerate().all(|(column, place)| place.is_some() || is_ignored(column));
    let has_more = theirs.iter().any(|name| !name.is_empty() && !ours.contains(name));
    if has_all && !has_more { Order::Other(places) } else { Order::Foreign }
}

/// Writes a record with its cells in the order of the first header; additional cells follow.
fn reorder(record: &Record<'_>, places: &[Option<usize>], dialect: Dialect, out: &mut Vec<u8>) {
    let cells = places.iter().copied().chain((places.len()..record.len()).map(Some));
    for (column, place) in cells.enumerate() {
        if column > 0 {
            out.push(dialect.delimiter);
        }
        let Some(place) = place else { continue };
        let cell = record.cell(place);
        let is_special = |byte: &u8| matches!(*byte, b'"' | b'\n' | b'\r') || *byte == dialect.delimiter;
        if !dialect.quoting || !cell.iter().any(is_special) {
            out.extend_from_slice(&cell);
            continue;
        }
        out.push(b'"');
        for &byte in cell.iter() {
            if byte == b'"' || (byte == b'\\' && dialect.has_backslashes) {
                out.push(if dialect.has_backslashes { b'\\' } else { b'"' });
            }
            out.push(byte);
        }
        out.push(b'"');
    }
}

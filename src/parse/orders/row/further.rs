//! Additional columns of orders as texts: fields that only some questions want, and columns that no field is read from.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::parse::encoding::CellEncoding;
use crate::parse::layout::Layout;
use crate::parse::orders::texts::{BlockTexts, Words};
use crate::parse::records::Record;
use crate::parse::value::id::{self, Id, unwrap};
use crate::rows::dictionary::UNKNOWN;
use crate::rows::partition::Columns;
use crate::schema::orders::{TEXT_FIELDS, TextKind, text_kind};
use crate::schema::{Field, Wants, squash};
use crate::text;

/// Reads the additional columns of one file's records.
#[derive(Debug)]
pub struct FurtherReader {
    columns: Vec<FurtherColumn>,
    encoding: CellEncoding,
}

/// One additional column.
#[derive(Debug)]
pub struct FurtherColumn {
    /// The name it was asked for by.
    pub name: String,
    /// The kind of its values.
    pub kind: TextKind,
    /// Its field, if it is one.
    pub field: Option<Field>,
    /// The columns of the file that hold it, best first; empty if the file lacks it.
    pub places: Vec<usize>,
}

impl FurtherReader {
    /// Finds the columns that are asked for; `None` if none is asked for.
    pub fn new(layout: &Layout, wants: &Wants) -> Option<Self> {
        let all = if wants.every_order_column { every_name(layout) } else { Vec::new() };
        let names = if wants.every_order_column { &all } else { &wants.order_columns };
        let columns: Vec<FurtherColumn> = names.iter().map(|name| FurtherColumn::of(layout, name)).collect();
        (!columns.is_empty()).then_some(Self { columns, encoding: layout.encoding })
    }

    /// The columns, in the order in which they were asked for.
    pub fn columns(&self) -> &[FurtherColumn] {
        &self.columns
    }

    /// An empty text column for each of them.
    pub fn texts(&self) -> BlockTexts {
        BlockTexts {
            names: self.columns.iter().map(|column| column.name.clone()).collect(),
            words: self.columns.iter().map(|_| Words::default()).collect(),
        }
    }

    /// Appends a record's texts.
    pub fn read(&self, record: &Record<'_>, columns: &mut Columns, texts: &mut BlockTexts) {
        columns.texts.resize_with(self.columns.len(), Vec::new);
        let all = self.columns.iter().zip(&mut columns.texts).zip(&mut texts.words);
        for ((column, numbers), words) in all.filter(|((column, _), _)| !column.places.is_empty()) {
            numbers.push(self.number(column, record, words));
        }
    }

    fn number(&self, column: &FurtherColumn, record: &Record<'_>, words: &mut Words) -> u32 {
        let mut filled = column.places.iter().map(|place| record.cell(*place)).filter(|cell| is_filled(cell));
        let Some(first) = filled.next() else { return UNKNOWN };
        let rest: Vec<Cow<'_, [u8]>> = match column.kind {
            TextKind::Joined => filled.filter(|cell| *cell != first).collect(),
            _ => Vec::new(),
        };
        if rest.is_empty() {
            return words.number(&first, || match column.kind {
                TextKind::Id => Cow::Owned(self.id(&first)),
                _ => self.text(&first),
            });
        }
        let texts: Vec<Cow<'_, str>> =
            std::iter::once(&first).chain(&rest).map(|cell| self.text(cell)).collect();
        let joined = texts.join(" | ");
        words.number(joined.as_bytes(), || &joined)
    }

    /// An id in its normal form; empty if the cell holds none.
    fn id(&self, cell: &[u8]) -> String {
        let decoded = self.encoding.lossy(cell);
        match id::parse(decoded.as_bytes()) {
            Id::Text(id) => String::from_utf8_lossy(id).into_owned(),
            Id::Null | Id::Masked | Id::StandIn | Id::Rounded => String::new(),
        }
    }

    fn text<'a>(&self, cell: &'a [u8]) -> Cow<'a, str> {
        let bare = |decoded: &[u8]| {
            let cell = unwrap(text::trim(decoded));
            if text::is_null(cell) { String::new() } else { String::from_utf8_lossy(cell).into_owned() }
        };
        match self.encoding.lossy(cell) {
            Cow::Borrowed(decoded) => {
                let cell = unwrap(text::trim(decoded.as_bytes()));
                if text::is_null(cell) { Cow::Borrowed("") } else { String::from_utf8_lossy(cell) }
            }
            Cow::Owned(decoded) => Cow::Owned(bare(decoded.as_bytes())),
        }
    }
}

/// The names of all additional columns of a file that can be asked for, one per column.
fn every_name(layout: &Layout) -> Vec<String> {
    // Order ids are kept elsewhere.
    let further = TEXT_FIELDS.iter().filter(|(_, kind)| *kind != TextKind::Id);
    let fields = further.filter(|(field, _)| layout.columns.contains_key(field));
    let mut names: Vec<String> = fields.map(|(field, _)| field.name().to_owned()).collect();
    let mut seen: HashSet<String> = HashSet::new();
    for header in layout.ignored().map(|place| &layout.headers[place]) {
        // A name that is also a field's name means the field.
        if !header.is_empty() && text_kind(header).is_none() && seen.insert(squash(header)) {
            names.push(header.clone());
        }
    }
    names
}

/// Whether a file has an additional column of this name.
pub fn has_further(layout: &Layout, name: &str) -> bool {
    !FurtherColumn::of(layout, name).places.is_empty()
}

/// Whether two names mean the same additional column: the same field, or headers that differ only in case, spaces and
/// the like.
pub fn is_further_column(kept: &str, asked: &str) -> bool {
    match text_kind(asked) {
        Some(_) => kept == asked,
        None => text_kind(kept).is_none() && squash(kept) == squash(asked),
    }
}

impl FurtherColumn {
    fn of(layout: &Layout, name: &str) -> Self {
        let column = |kind, field, places| Self { name: name.to_owned(), kind, field, places };
        // A field's name means the field, even if a column of that name is not read as the field.
        if let Some((kind, field)) = text_kind(name) {
            return column(kind, Some(field), layout.columns.get(&field).cloned().unwrap_or_default());
        }
        let wanted = squash(name);
        let places = layout.ignored().filter(|place| squash(&layout.headers[*place]) == wanted).collect();
        column(TextKind::Text, None, places)
    }
}

fn is_filled(cell: &[u8]) -> bool {
    !text::is_null(text::trim(cell))
}

//! The values of the rows of tables beside the orders, for questions that need more than keys and days.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::parse::cell_notes::{CellNotes, Oddity};
use crate::parse::encoding::CellEncoding;
use crate::parse::layout::Layout;
use crate::parse::options::ReadOptions;
use crate::parse::orders::PlaceReader;
use crate::parse::records::{Record, Rows};
use crate::parse::tables::items::ItemsReader;
use crate::parse::tables::lane::{Lane, Words};
use crate::parse::tables::rows::extend;
use crate::parse::tables::texts::{PlainTexts, Texts};
use crate::parse::value::date::DateReader;
use crate::parse::value::money::{self, Decided, Numbers, Why};
use crate::regions::Region;
use crate::rows::ItemRows;
use crate::rows::dictionary::{Dictionary, UNKNOWN};
use crate::schema::table::Cells;
use crate::schema::{Field, Key};
use crate::text;

/// Prefix of the names of customer attributes that only this shop has; the header follows.
pub const ATTRIBUTE: &str = "attribute ";

/// The values of the rows of one file, one per row for every column that the file has.
#[derive(Debug, Default)]
pub struct Details {
    /// Second of the day.
    pub seconds: Vec<i32>,
    /// Columns of repeated texts.
    pub texts: BTreeMap<Field, Texts>,
    /// The texts of all other columns, if wanted: by the name of the field, or by [`ATTRIBUTE`] and the header for the
    /// shop's own attributes.
    pub more: BTreeMap<String, PlainTexts>,
    /// The regions of the rows.
    pub places: Dictionary<Region>,
    /// The number of each row's region.
    pub regions: Vec<u32>,
    /// The items, if the file holds items.
    pub items: ItemRows,
    /// The texts of customer ids that are too long for their key.
    pub long: HashMap<Key, Box<str>>,
}

/// The new numbers of a block's texts and regions, indexed by the old number.
#[derive(Debug, Default)]
pub struct Renumbered {
    /// Of texts, by field.
    pub texts: BTreeMap<Field, Vec<u32>>,
    /// Of regions.
    pub regions: Vec<u32>,
}

/// Reads the details of the records of one file.
#[derive(Debug)]
pub struct DetailReader {
    time: Option<(usize, DateReader)>,
    texts: Vec<(Field, usize)>,
    /// The fields among the texts that are amounts.
    amounts: Vec<Field>,
    more: Vec<(String, Vec<usize>)>,
    place: Option<PlaceReader>,
    items: Option<ItemsReader>,
    numbers: Numbers,
    encoding: CellEncoding,
}

impl DetailReader {
    /// Resolves a layout.
    pub fn new(layout: &Layout, options: &ReadOptions) -> Self {
        let wants = &options.wants;
        let declaration = layout.preset.table.declaration();
        let wanted = declaration.words(wants);
        let is_amount = |field: Field| declaration.column(field).is_some_and(|of| of.holds == Cells::Amount);
        let amounts = wanted.iter().copied().filter(|field| is_amount(*field));
        Self {
            time: declaration
                .moment()
                .and_then(|field| layout.column(field).zip(layout.dates.get(&field).copied())),
            texts: wanted.iter().filter_map(|&field| Some((field, layout.column(field)?))).collect(),
            amounts: amounts.collect(),
            more: if declaration.wants_texts(wants) { more_columns(layout, &wanted) } else { Vec::new() },
            place: PlaceReader::new(layout).filter(|_| declaration.wants_places(wants)),
            items: ItemsReader::new(layout).filter(|_| layout.preset.table.holds_items()),
            numbers: layout.numbers.clone(),
            encoding: layout.encoding,
        }
    }

    /// Adds the values of a record whose row is kept; `is_lost` is whether an item's status says that it was not kept.
    pub fn read(
        &self,
        record: &Record<'_>,
        customer: &[u8],
        (order, is_lost): (Option<Key>, bool),
        details: &mut Details,
        notes: &mut CellNotes,
    ) {
        let key = Key::of(customer);
        if key.is_hash() {
            details.long.entry(key).or_insert_with(|| String::from_utf8_lossy(customer).into());
        }
        if let Some((column, reader)) = &self.time {
            let cell = self.encoding.decode(record.cell(*column)).unwrap_or_default();
            details.seconds.push(reader.moment(&cell).1);
        }
        self.read_beside(record, details, notes);
        if let (Some(reader), Some(order)) = (&self.items, order) {
            reader.read(record, order, is_lost, &mut details.items, notes);
        }
    }

    /// Adds the texts of a record whose row is kept, and its region.
    pub fn read_beside(&self, record: &Record<'_>, details: &mut Details, notes: &mut CellNotes) {
        for (field, column) in &self.texts {
            self.add(record, *column, details.texts.entry(*field).or_default());
            if self.amounts.contains(field) {
                self.note_amount(record, *column, notes);
            }
        }
        for (name, columns) in &self.more {
            let is_filled = |column: &&usize| !text::is_null(text::trim(&record.cell(**column)));
            let text = columns.iter().find(is_filled).map(|column| self.text(record, *column));
            if !details.more.contains_key(name) {
                details.more.insert(name.clone(), PlainTexts::default());
            }
            details.more.get_mut(name).into_iter().for_each(|texts| texts.push(text.as_deref()));
        }
        if let Some(place) = &self.place {
            details.regions.push(place.number(record, &mut details.places));
        }
    }

    /// Whether texts or regions are read.
    pub fn has_beside(&self) -> bool {
        !self.texts.is_empty() || self.place.is_some()
    }

    /// Whether only the time, repeated texts and regions are read.
    pub fn is_of_words(&self) -> bool {
        self.more.is_empty() && self.items.is_none() && self.amounts.is_empty()
    }

    /// Like [`Self::read_beside`], for all records of a batch at once. Returns `false` if it was not possible; then
    /// nothing was read.
    pub fn read_columns(&self, batch: &Rows<'_>, lane: &mut Lane, details: &mut Details) -> bool {
        let (texts, place) = (&self.texts, self.place.as_ref());
        batch.read(Words { texts, place, encoding: self.encoding, lane, details })
    }

    /// Adds the values of some of the records that [`Self::read_columns`] read.
    pub fn add_columns(&self, lane: &Lane, records: Range<usize>, details: &mut Details) {
        for ((field, _), numbers) in self.texts.iter().zip(&lane.texts) {
            let own = &mut details.texts.entry(*field).or_default().numbers;
            own.extend_from_slice(&numbers[records.clone()]);
        }
        details.regions.extend_from_slice(lane.region.get(records).unwrap_or_default());
    }

    fn add(&self, record: &Record<'_>, column: usize, texts: &mut Texts) {
        let cell = record.cell(column);
        texts.numbers.push(match text::is_null(text::trim(&cell)) {
            true => UNKNOWN,
            false => texts.dictionary.number(&cell, || self.text(record, column)),
        });
    }

    /// Notes how an amount is written, which is kept as text.
    fn note_amount(&self, record: &Record<'_>, column: usize, notes: &mut CellNotes) {
        let Decided { mark, why } = self.numbers.of(column);
        let cell = self.encoding.decode(record.cell(column)).unwrap_or_default();
        if why != Why::Known {
            notes.add_amount(column, &cell);
        }
        match money::parse(&cell, mark) {
            money::Amount::Bad => notes.add(Oddity::Unreadable, column, &cell),
            money::Amount::Micros(_) if money::is_scientific(&cell) => {
                notes.add(Oddity::Scientific, column, &cell);
            }
            _ => {}
        }
    }

    fn text(&self, record: &Record<'_>, column: usize) -> String {
        let cell = self.encoding.decode(record.cell(column)).unwrap_or_default();
        String::from_utf8_lossy(text::trim(&cell)).into_owned()
    }
}

/// The columns whose texts are kept nowhere else, by name: all mapped ones, and the shop's own attributes of customers.
fn more_columns(layout: &Layout, wanted: &[Field]) -> Vec<(String, Vec<usize>)> {
    const OF_ITEMS: [Field; 6] =
        [Field::ProductId, Field::Title, Field::Category, Field::Quantity, Field::Amount, Field::Status];
    let table = layout.preset.table;
    let declaration = table.declaration();
    let is_kept = |field: Field| {
        let place = [Field::Country, Field::Province, Field::City, Field::Address];
        matches!(field, Field::CustomerId | Field::OrderId)
            || layout.dates.contains_key(&field)
            || wanted.contains(&field)
            || (table.holds_items() && OF_ITEMS.contains(&field))
            || (declaration.has_places() && place.contains(&field))
    };
    let mapped = layout.columns.iter().filter(|(field, _)| !is_kept(**field));
    let mut columns: Vec<(String, Vec<usize>)> =
        mapped.map(|(field, columns)| (field.name().to_owned(), columns.clone())).collect();
    if !declaration.keeps_further {
        return columns;
    }
    let is_mapped = |column: usize| {
        let sums = layout.sums.values().flat_map(|(plus, minus)| plus.iter().chain(minus));
        layout.columns.values().flatten().chain(sums).any(|mapped| *mapped == column)
    };
    for (column, header) in layout.headers.iter().enumerate().filter(|(column, _)| !is_mapped(*column)) {
        let name = format!("{ATTRIBUTE}{header}");
        let is_new = columns.iter().all(|(other, _)| *other != name);
        columns.push((if is_new { name } else { format!("{name} [{}]", column + 1) }, vec![column]));
    }
    columns
}

impl Details {
    /// Appends the values of the next block; `total` is the number of rows of all blocks. Returns the new numbers of
    /// its texts and regions.
    pub fn append(&mut self, mut other: Self, total: usize) -> Renumbered {
        extend(&mut self.seconds, other.seconds, total);
        let append = |(field, texts)| (field, self.texts.entry(field).or_default().append(texts, total));
        let texts = other.texts.into_iter().map(append).collect();
        for (name, texts) in other.more {
            self.more.entry(name).or_default().append(&texts);
        }
        let regions = self.places.append(other.places);
        let number = |number: u32| regions.get(number as usize).copied().unwrap_or(UNKNOWN);
        extend(&mut self.regions, other.regions.into_iter().map(number), total);
        let new = self.items.products.append(std::mem::take(&mut other.items.products));
        self.items.append(other.items, |number| new.get(number as usize).copied().unwrap_or(UNKNOWN));
        self.long.extend(other.long);
        Renumbered { texts, regions }
    }
}

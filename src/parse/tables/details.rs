//! The values of the rows of the tables beside the orders, where a question wants more than what they refer to.

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

/// Before the header of an attribute that only this shop has of its customers.
pub const ATTRIBUTE: &str = "attribute ";

/// The values of the rows of one file, by row where the file has them.
#[derive(Debug, Default)]
pub struct Details {
    /// Seconds of the day of events.
    pub seconds: Vec<i32>,
    /// Columns of texts that come again and again.
    pub texts: BTreeMap<Field, Texts>,
    /// The texts of all further columns, where somebody wants them: by the name of the field, and of a customer's own
    /// attributes by [`ATTRIBUTE`] and the header.
    pub more: BTreeMap<String, PlainTexts>,
    /// The regions met.
    pub places: Dictionary<Region>,
    /// Their numbers.
    pub regions: Vec<u32>,
    /// The items, where it is a file of those.
    pub items: ItemRows,
    /// The texts of customers whose ids are long.
    pub long: HashMap<Key, Box<str>>,
}

/// The numbers that those of a block became, by number.
#[derive(Debug, Default)]
pub struct Renumbered {
    /// Of texts, by field.
    pub texts: BTreeMap<Field, Vec<u32>>,
    /// Of regions.
    pub regions: Vec<u32>,
}

/// Reads them from one file's records.
#[derive(Debug)]
pub struct DetailReader {
    time: Option<(usize, DateReader)>,
    texts: Vec<(Field, usize)>,
    /// Those of the texts that are amounts.
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

    /// Adds the values of a record whose row is kept; `is_lost` is whether the status of an item says that it was not.
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

    /// Adds the texts of a record whose row is kept, and where it was.
    pub fn read_beside(&self, record: &Record<'_>, details: &mut Details, notes: &mut CellNotes) {
        for (field, column) in &self.texts {
            self.add(record, *column, details.texts.entry(*field).or_default());
            if self.amounts.contains(field) {
                self.see_amount(record, *column, notes);
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

    /// Whether texts or places are read.
    pub fn has_beside(&self) -> bool {
        !self.texts.is_empty() || self.place.is_some()
    }

    /// Whether nothing is read but the time, texts that come again and again, and places.
    pub fn is_of_words(&self) -> bool {
        self.more.is_empty() && self.items.is_none() && self.amounts.is_empty()
    }

    /// As [`Self::read_beside`], of all records of a batch, by the column. Says whether it could; nothing was read
    /// where it could not.
    pub fn read_columns(&self, batch: &Rows<'_>, lane: &mut Lane, details: &mut Details) -> bool {
        let (texts, place) = (&self.texts, self.place.as_ref());
        batch.read(Words { texts, place, encoding: self.encoding, lane, details })
    }

    /// Adds what [`Self::read_columns`] read of some of the records.
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

    /// Notes what is to be said of an amount, which is read from its text.
    fn see_amount(&self, record: &Record<'_>, column: usize, notes: &mut CellNotes) {
        let Decided { mark, why } = self.numbers.of(column);
        let cell = self.encoding.decode(record.cell(column)).unwrap_or_default();
        if why != Why::Known {
            notes.see_amount(column, &cell);
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

/// The columns whose texts nothing else of a table's rows keeps, by name: all that are mapped, and the attributes that
/// only this shop has of its customers.
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
    /// Adds those of the next block, of blocks that have so many rows together, and says which numbers its texts and
    /// regions have now.
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

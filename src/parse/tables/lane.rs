//! The fast lane of tables of moments: records whose cells are all as most exports write them, read a column at a time.
//!
//! A record that it takes gives the row that [`super::TableReader`] makes of it cell by cell.

use crate::parse::IdKind;
use crate::parse::encoding::CellEncoding;
use crate::parse::lane::{Memo, each, plain_id, regions};
use crate::parse::layout::Layout;
use crate::parse::options::ReadOptions;
use crate::parse::orders::PlaceReader;
use crate::parse::records::{CellReader, CellSource, Rows};
use crate::parse::shape::customer_columns;
use crate::parse::tables::cells::rating;
use crate::parse::tables::details::Details;
use crate::parse::tables::{DetailReader, TableRows};
use crate::parse::value::date;
use crate::rows::dictionary::UNKNOWN;
use crate::rows::key_table::KeyTable;
use crate::schema::packed::Packed;
use crate::schema::{EventKind, Field, Key, day};
use crate::text;

/// The columns of a file whose records may take the fast lane.
#[derive(Debug)]
pub struct PlainColumns {
    customer: usize,
    /// The day without which a row is refused.
    pub moment: (Field, usize),
    kind: Option<usize>,
    rating: Option<usize>,
}

/// What the fast lane made of a batch of records; used again for the next batch.
#[derive(Debug, Default)]
pub struct Lane {
    /// Which records it read; the values of the others mean nothing.
    pub is_plain: Vec<bool>,
    /// The customers' ids.
    pub customer: Vec<Key>,
    /// Days since 1970-01-01.
    pub day: Vec<i32>,
    /// Seconds of these days; [`day::MISSING`] where no time is given.
    pub second: Vec<i32>,
    /// Numbers of the words for kinds; empty where the table has none.
    pub kind: Vec<u32>,
    /// The words.
    pub words: KindWords,
    /// Empty where nobody wants places.
    pub region: Vec<u32>,
    /// The numbers of texts, one column for each field that is read.
    pub texts: Vec<Vec<u32>>,
    memo: Memo,
    rating: Vec<()>,
}

/// The words for kinds that were met in a file, in its own bytes.
#[derive(Debug)]
pub struct KindWords {
    table: KeyTable,
    /// By number: the word and what it means, where it means anything, and the rows of the block that is being read.
    words: Vec<(Option<(String, EventKind)>, u64)>,
}

impl Default for KindWords {
    fn default() -> Self {
        Self { table: KeyTable::with_capacity(0), words: Vec::new() }
    }
}

impl KindWords {
    /// The number of the word in a cell; none of a word that nobody taught.
    #[inline(always)]
    fn number(
        &mut self,
        cell: Packed<'_>,
        read: impl FnOnce() -> Option<(String, EventKind)>,
    ) -> Option<u32> {
        let key = Key::of_packed(cell);
        let number = match self.table.find(key) {
            Some(number) => number,
            None => self.add(key, read)?,
        };
        self.words[number as usize].0.is_some().then_some(number)
    }

    #[cold]
    fn add(&mut self, key: Key, read: impl FnOnce() -> Option<(String, EventKind)>) -> Option<u32> {
        // A column of anything but words for kinds would fill the memory.
        const MAX_WORDS: usize = 1 << 12;
        if self.words.len() >= MAX_WORDS {
            return None;
        }
        let number = self.table.insert(key).unwrap_or_else(|known| known);
        self.words.push((read(), 0));
        Some(number)
    }

    /// Counts a row with a word, and says what it means.
    #[inline(always)]
    pub fn see(&mut self, number: u32) -> EventKind {
        let (word, rows) = &mut self.words[number as usize];
        *rows += 1;
        word.as_ref().map_or(EventKind::Ignore, |(_, kind)| *kind)
    }

    /// Moves the counts of a block to its rows.
    pub fn finish(&mut self, rows: &mut TableRows) {
        for (word, count) in self.words.iter_mut().filter(|(_, count)| *count > 0) {
            if let Some((word, kind)) = word {
                *rows.words.entry((word.clone(), Some(*kind))).or_default() += std::mem::take(count);
            }
        }
    }
}

impl PlainColumns {
    /// Resolves a layout whose rows are moments; none where something must be read of each record that the fast lane does
    /// not read.
    pub fn new(layout: &Layout, options: &ReadOptions, details: &DetailReader) -> Option<Self> {
        let declaration = layout.preset.table.declaration();
        let field = declaration.moment()?;
        let needs_kind = declaration.needed().any(|field| field == Field::Kind);
        let kind = layout.column(Field::Kind);
        let (customer, IdKind::Platform) = customer_columns(layout, options.customer_key).first().copied()?
        else {
            return None;
        };
        let is_read_otherwise = options.wants_phones()
            || options.wants_mails()
            || layout.has(Field::Alias)
            || !details.is_of_words()
            || (needs_kind && kind.is_none());
        let moment = (field, layout.column(field).filter(|_| layout.dates.contains_key(&field))?);
        let rating = layout.column(Field::Rating).filter(|_| declaration.column(Field::Rating).is_some());
        (!is_read_otherwise).then_some(Self { customer, moment, kind, rating })
    }

    /// Reads who did what when of the records whose cells are all as most exports write them.
    pub fn read(
        &self,
        rows: &Rows<'_>,
        lane: &mut Lane,
        encoding: CellEncoding,
        meaning: impl Fn(&str) -> Option<EventKind>,
    ) {
        let Lane { is_plain, customer, day, second, kind, region, texts, rating, .. } = &mut *lane;
        is_plain.clear();
        is_plain.resize(rows.len(), true);
        customer.clear();
        [day, second].into_iter().for_each(Vec::clear);
        [kind, region].into_iter().chain(texts).for_each(Vec::clear);
        rating.clear();
        rows.read(WhoDidWhat { columns: self, lane, encoding, meaning });
    }
}

/// What reads the cells of who did what when.
struct WhoDidWhat<'a, F> {
    columns: &'a PlainColumns,
    lane: &'a mut Lane,
    encoding: CellEncoding,
    meaning: F,
}

impl<F: Fn(&str) -> Option<EventKind>> CellReader<()> for WhoDidWhat<'_, F> {
    fn read(self, cells: &impl CellSource) {
        let Self { columns, lane, encoding, meaning } = self;
        let Lane { is_plain, customer, day, second, kind, words, memo, rating: stars, .. } = lane;
        each(cells, columns.customer, is_plain, customer, plain_id);
        let (_, moment) = columns.moment;
        each(cells, moment, is_plain, day, |cell| memo.day(cell));
        let clock = |cell: Packed<'_>| Some(date::plain_second(cell.text()).unwrap_or(day::MISSING));
        each(cells, moment, is_plain, second, clock);
        if let Some(column) = columns.kind {
            each(cells, column, is_plain, kind, |cell| {
                words.number(cell, || {
                    let decoded = encoding.decode(cell.text().into())?;
                    let word = String::from_utf8_lossy(text::trim(&decoded)).into_owned();
                    let kind = meaning(&word)?;
                    Some((word, kind))
                })
            });
        }
        if let Some(column) = columns.rating {
            let is_read = |cell: Packed<'_>| {
                let text = std::str::from_utf8(cell.text()).ok()?;
                (text::is_null(text::trim(cell.text())) || rating(text).is_some()).then_some(())
            };
            each(cells, column, is_plain, stars, is_read);
        }
    }
}

/// What reads the texts and places of records that are all plain, by the column.
pub(super) struct Words<'a> {
    pub texts: &'a [(Field, usize)],
    pub place: Option<&'a PlaceReader>,
    pub encoding: CellEncoding,
    pub lane: &'a mut Lane,
    pub details: &'a mut Details,
}

impl CellReader<bool> for Words<'_> {
    /// Whether all could be read: a cell that needs unescaping cannot, and then none was.
    fn read(self, cells: &impl CellSource) -> bool {
        let Self { texts, place, encoding, lane, details } = self;
        let is_quoted = |column: usize| cells.column(column).any(|cell| cell.is_none());
        let places = place.and_then(PlaceReader::single_columns).unwrap_or_default();
        let columns = texts.iter().map(|(_, column)| *column).chain(places.into_iter().flatten());
        if (place.is_some() && place.and_then(PlaceReader::single_columns).is_none())
            || columns.clone().any(is_quoted)
        {
            return false;
        }
        lane.texts.resize_with(texts.len(), Vec::new);
        for ((field, column), numbers) in texts.iter().zip(&mut lane.texts) {
            let dictionary = &mut details.texts.entry(*field).or_default().dictionary;
            numbers.extend(cells.column(*column).map(|cell| {
                let text = cell.map(Packed::text).unwrap_or_default();
                match text::is_null(text::trim(text)) {
                    true => UNKNOWN,
                    false => dictionary.number(text, || {
                        let decoded = encoding.decode(text.into()).unwrap_or_default();
                        String::from_utf8_lossy(text::trim(&decoded)).into_owned()
                    }),
                }
            }));
        }
        if let Some(place) = place {
            regions(cells, place, &mut lane.is_plain, &mut lane.region, &mut details.places);
        }
        true
    }
}

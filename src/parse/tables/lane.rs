//! The fast lane of tables of moments: reads records whose cells are all written as most exports write them, one column
//! at a time.
//!
//! A record that it can read gives the same row as [`super::TableReader`] gives cell by cell.

use std::sync::Arc;

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
use crate::parse::value::date::{self, DateReader, Day};
use crate::regions::Region;
use crate::rows::dictionary::{Met, UNKNOWN};
use crate::rows::key_table::KeyTable;
use crate::schema::items::Product;
use crate::schema::packed::{Packed, digits};
use crate::schema::{EventKind, Field, Key, day};
use crate::text;

/// The columns that the fast lane reads.
#[derive(Debug)]
pub struct PlainColumns {
    customer: usize,
    /// The field and column of the day without which a row is refused.
    pub moment: (Field, usize),
    dates: DateReader,
    kind: Option<usize>,
    rating: Option<usize>,
}

/// The values that the fast lane read from a batch of records; the buffers are reused for the next batch.
#[derive(Debug, Default)]
pub struct Lane {
    /// By record, whether the lane could read it; the other vectors hold no meaningful values for those it could not.
    pub is_plain: Vec<bool>,
    /// The customers' ids.
    pub customer: Vec<Key>,
    /// Days since 1970-01-01, and the seconds of these; [`day::MISSING`] where no time is given.
    pub moment: Vec<(i32, i32)>,
    /// Numbers of the words for kinds; empty if the table has no kinds.
    pub kind: Vec<u32>,
    /// The words.
    pub words: KindWords,
    /// Numbers of regions; empty if regions are not wanted.
    pub region: Vec<u32>,
    /// Numbers of texts, one vector for each field that is read.
    pub texts: Vec<Vec<u32>>,
    /// Regions that occurred in earlier blocks.
    pub met_places: Met<Region>,
    /// Products that occurred in earlier blocks.
    pub met_products: Met<Arc<Product>>,
    memo: Memo,
    epochs: Epochs,
    rating: Vec<()>,
}

/// The words for kinds of a file, in its own encoding.
#[derive(Debug)]
pub struct KindWords {
    table: KeyTable,
    /// By number: the word and its kind (`None` for an unknown word), and its number of rows in the current block.
    words: Vec<(Option<(String, EventKind)>, u64)>,
}

impl Default for KindWords {
    fn default() -> Self {
        Self { table: KeyTable::with_capacity(0), words: Vec::new() }
    }
}

impl KindWords {
    /// The number of the word in a cell; `None` for an unknown word.
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
        // Limits the memory for a column that holds anything but words for kinds.
        const MAX_WORDS: usize = 1 << 12;
        if self.words.len() >= MAX_WORDS {
            return None;
        }
        let number = self.table.insert(key).unwrap_or_else(|known| known);
        self.words.push((read(), 0));
        Some(number)
    }

    /// Counts a row with this word and returns the word's kind.
    #[inline(always)]
    pub fn count_row(&mut self, number: u32) -> EventKind {
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

/// Converts seconds since 1970. A log has many of them on few days, so the offset of local time is looked up once per
/// quarter of an hour, within which no zone changes its offset.
#[derive(Debug, Default)]
struct Epochs {
    /// A quarter and its offset in seconds, indexed by the last bits of the quarter's number.
    offsets: Vec<(i64, i64)>,
}

impl Epochs {
    /// Number of quarters that are kept: those of about twenty days.
    const KEPT: usize = 1 << 11;
    const QUARTER: i64 = 15 * 60;

    /// The day and second of a cell that holds ten digits, as seconds since 1970.
    fn moment(&mut self, cell: &[u8], dates: &DateReader) -> Option<(i32, i32)> {
        const DIGITS: usize = 10;
        const DAY: i64 = 24 * 60 * 60;
        let seconds = i64::try_from(digits(cell).filter(|_| cell.len() == DIGITS)?).ok()?;
        if self.offsets.is_empty() {
            self.offsets.resize(Self::KEPT, (-1, 0));
        }
        let quarter = seconds / Self::QUARTER;
        let kept = &mut self.offsets[quarter as usize % Self::KEPT];
        if kept.0 != quarter {
            *kept = (quarter, Self::offset(quarter, dates)?);
        }
        let local = seconds + kept.1;
        Some((local.div_euclid(DAY) as i32, local.rem_euclid(DAY) as i32))
    }

    /// The offset of local time in a quarter; `None` if the offsets of its first and last second differ or its days are
    /// out of range.
    #[cold]
    fn offset(quarter: i64, dates: &DateReader) -> Option<i64> {
        const DAY: i64 = 24 * 60 * 60;
        let at = |seconds: i64| match dates.moment(format!("{seconds:010}").as_bytes()) {
            (Day::On(day), second) if second != day::MISSING => {
                Some(i64::from(day) * DAY + i64::from(second) - seconds)
            }
            _ => None,
        };
        let first = quarter * Self::QUARTER;
        at(first).filter(|offset| at(first + Self::QUARTER - 1) == Some(*offset))
    }
}

impl PlainColumns {
    /// Resolves a layout whose rows are moments; `None` if records need values that the fast lane does not read.
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
        let (moment, dates) = ((field, layout.column(field)?), layout.dates.get(&field).copied()?);
        let rating = layout.column(Field::Rating).filter(|_| declaration.column(Field::Rating).is_some());
        (!is_read_otherwise).then_some(Self { customer, moment, dates, kind, rating })
    }

    /// Reads customer, moment, kind and rating of the records whose cells are all written as most exports write them.
    pub fn read(
        &self,
        rows: &Rows<'_>,
        lane: &mut Lane,
        encoding: CellEncoding,
        meaning: impl Fn(&str) -> Option<EventKind>,
    ) {
        let Lane { is_plain, customer, moment, kind, region, texts, rating, .. } = &mut *lane;
        is_plain.clear();
        is_plain.resize(rows.len(), true);
        customer.clear();
        moment.clear();
        [kind, region].into_iter().chain(texts).for_each(Vec::clear);
        rating.clear();
        rows.read(WhoDidWhat { columns: self, lane, encoding, meaning });
    }
}

/// Reads the cells of customer, moment, kind and rating.
struct WhoDidWhat<'a, F> {
    columns: &'a PlainColumns,
    lane: &'a mut Lane,
    encoding: CellEncoding,
    meaning: F,
}

impl<F: Fn(&str) -> Option<EventKind>> CellReader<()> for WhoDidWhat<'_, F> {
    fn read(self, cells: &impl CellSource) {
        let Self { columns, lane, encoding, meaning } = self;
        let Lane { is_plain, customer, moment, kind, words, memo, epochs, rating: stars, .. } = lane;
        each(cells, columns.customer, is_plain, customer, plain_id);
        let (_, column) = columns.moment;
        each(cells, column, is_plain, moment, |cell| {
            let text = cell.text();
            if let Some(day) = memo.day(cell) {
                return Some((day, date::plain_second(text).unwrap_or(day::MISSING)));
            }
            // A time with an offset stays as written, unless the shop's zone is given.
            if columns.dates.zone.is_some() {
                return None;
            }
            let in_utc = text.strip_suffix(b" UTC").or_else(|| text.strip_suffix(b"Z"));
            match in_utc.filter(|_| text.contains(&b':')) {
                Some(time) => Some((date::plain(time)?, date::plain_second(time)?)),
                None => epochs.moment(text, &columns.dates),
            }
        });
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

/// Reads the texts and regions of records that are all plain, by column.
pub(super) struct Words<'a> {
    pub texts: &'a [(Field, usize)],
    pub place: Option<&'a PlaceReader>,
    pub encoding: CellEncoding,
    pub lane: &'a mut Lane,
    pub details: &'a mut Details,
}

impl CellReader<bool> for Words<'_> {
    /// Returns `false` if a cell needs unescaping; then nothing was read.
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

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    #[test]
    fn numbers_of_seconds_are_the_moments_that_the_other_lane_reads() {
        let mut rng = fastrand::Rng::with_seed(5);
        for zone in
            [Tz::UTC, Tz::Asia__Shanghai, Tz::Asia__Kathmandu, Tz::America__New_York, Tz::Africa__Monrovia]
        {
            let dates = DateReader {
                order: date::DateOrder::Dmy,
                is_certain: false,
                zone: None,
                epoch_zone: zone,
                has_1904_dates: false,
                is_birthday: false,
            };
            let (mut epochs, mut read) = (Epochs::default(), 0);
            for i in 0..20_000_i64 {
                let seconds = match i % 3 {
                    // Through the changes of summer time of 2025, one after the other.
                    0 => 1_741_000_000 + i * 900,
                    1 => rng.i64(1_511_000_000..1_513_000_000),
                    _ => rng.i64(0..9_999_999_999),
                };
                let cell = format!("{seconds:010}");
                if let Some((day, second)) = epochs.moment(cell.as_bytes(), &dates) {
                    assert_eq!(dates.moment(cell.as_bytes()), (Day::On(day), second), "{cell} {zone}");
                    read += 1;
                }
            }
            assert!(read > 13_000, "{read} {zone}");
        }
        let dates = DateReader {
            order: date::DateOrder::Dmy,
            is_certain: false,
            zone: None,
            epoch_zone: Tz::UTC,
            has_1904_dates: false,
            is_birthday: false,
        };
        for cell in ["", "151154407", "15115440700", "1511544O70", "20251218", "-511544070"] {
            assert_eq!(Epochs::default().moment(cell.as_bytes(), &dates), None, "{cell}");
        }
    }
}

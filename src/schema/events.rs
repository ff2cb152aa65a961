//! The canonical events table: what customers did in the shop.

use std::ops::Range;

use polars::prelude::*;
use polars_arrow::array::PrimitiveArray;
use polars_arrow::types::NativeType;

use super::coded::CodedFrame;
use super::day_counts::DayCounts;
use super::table::{REGION, SECOND};
use super::{CustomerCode, Day, EventKind, Micros, day, money, names};
use crate::regions::Region;

/// Number for "the export does not say".
pub const UNKNOWN: u32 = u32::MAX;

/// The column of the day of an event (date).
pub const OCCURRED_ON: &str = "occurred_on";
/// The column of the stars of a review.
pub const RATING: &str = "rating";

/// One event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// Code of the customer.
    pub customer: CustomerCode,
    /// The day.
    pub day: Day,
    /// Second of the day; [`day::MISSING`] where no time is given.
    pub second: i32,
    /// What happened.
    pub kind: EventKind,
    /// Number among [`Events::sources`].
    pub source: u32,
    /// Number among [`Events::categories`].
    pub category: u32,
    /// Number among [`Events::regions`].
    pub region: u32,
    /// The stars of a review; [`money::MISSING`] if there are none.
    pub rating: Micros,
}

/// The events of all inputs, by customer, and each customer's by time.
///
/// | column | type | |
/// |---|---|---|
/// | `customer` | u32 | the customer's code among the ids of all |
/// | `occurred_on` | date | in the shop's zone |
/// | `second` | i32 | of the day; null where no time is given |
/// | `kind` | u8 | the code of the [`EventKind`] |
/// | `source`, `category` | text | spellings that differ in case being one |
/// | `region` | u32 | number among [`Events::regions`] |
/// | `rating` | i64 | in micro-units; null but for reviews that give stars |
/// | `product_id` | text | what it was about; only where the products of events were asked for |
///
/// All columns exist, whatever the inputs have; one that no input has takes no memory.
#[derive(Debug, Clone, Default)]
pub struct Events {
    table: CodedFrame,
    /// By day, the number of events that are neither interests nor purchases, if that is all that was asked of them.
    passed_over: DayCounts,
    /// By day, the number of interests that are too long ago for the question.
    long_ago: DayCounts,
}

impl Events {
    /// Builds it from the columns above; those of words hold numbers.
    pub fn new(table: CodedFrame) -> Self {
        Self { table, ..Self::default() }
    }

    /// Adds events of which only the number per day is known: they are neither interests nor purchases, and no question
    /// needs more of them.
    pub fn with_passed_over(self, passed_over: DayCounts) -> Self {
        Self { passed_over, ..self }
    }

    /// Adds interests of which only the number per day is known, since they are too long ago for the question.
    pub fn with_long_ago(self, long_ago: DayCounts) -> Self {
        Self { long_ago, ..self }
    }

    /// The number of these interests by day.
    pub fn long_ago(&self) -> &DayCounts {
        &self.long_ago
    }

    /// The number of events that are neither interests nor purchases and of which only the number per day is known.
    pub fn passed_over_count(&self) -> u64 {
        self.passed_over.total()
    }

    /// The table as a frame.
    pub fn table(&self) -> &CodedFrame {
        &self.table
    }

    /// The table as a frame, to leave rows out.
    pub(super) fn table_mut(&mut self) -> &mut CodedFrame {
        &mut self.table
    }

    /// The number of rows of the table.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there are no events, whether in the table or only counted.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty() && self.passed_over_count() == 0 && self.long_ago.total() == 0
    }

    /// Where events came from, by number.
    pub fn sources(&self) -> &[String] {
        self.table.words(names::SOURCE)
    }

    /// The categories of their items, by number.
    pub fn categories(&self) -> &[String] {
        self.table.words(names::CATEGORY)
    }

    /// The customers' regions at the time, by number.
    pub fn regions(&self) -> &[Region] {
        self.table.regions()
    }

    /// The number per day of all events of which no more is known.
    pub fn counted(&self) -> impl Iterator<Item = (i32, u64)> {
        self.passed_over.iter().chain(self.long_ago.iter())
    }

    /// The days of the table's rows.
    pub fn days(&self) -> &[i32] {
        self.table.days(OCCURRED_ON).and_then(|days| days.cont_slice().ok()).unwrap_or_default()
    }

    /// The last day with an event.
    pub fn latest(&self) -> Option<Day> {
        let counted = self.passed_over.last_day().max(self.long_ago.last_day());
        self.days().iter().copied().max().max(counted).map(Day::new)
    }

    /// The first day with an event.
    pub fn first_day(&self) -> Option<Day> {
        let first = self.days().iter().copied().min();
        let counted = [self.passed_over.first_day(), self.long_ago.first_day()];
        first.into_iter().chain(counted.into_iter().flatten()).min().map(Day::new)
    }

    /// Removes the events of these sources, except purchases, and returns how many were removed.
    ///
    /// # Errors
    /// Those of polars.
    pub fn leave_out(&mut self, sources: &[String]) -> PolarsResult<u64> {
        let is_named =
            |source: &String| sources.iter().any(|name| name.to_lowercase() == source.to_lowercase());
        let named: Vec<bool> = self.sources().iter().map(is_named).collect();
        if !named.contains(&true) {
            return Ok(0);
        }
        let is_kept = |event: Event| {
            event.kind == EventKind::Purchase || !named.get(event.source as usize).copied().unwrap_or(false)
        };
        let is_kept: Vec<bool> = self.iter().map(is_kept).collect();
        self.table.keep(&is_kept)
    }

    /// Every event.
    pub fn iter(&self) -> impl Iterator<Item = Event> {
        let columns = Columns::of(self);
        (0..self.len()).map(move |row| columns.get(row))
    }

    /// The columns as slices.
    pub fn columns(&self) -> Columns<'_> {
        Columns::of(self)
    }

    /// Splits the rows into parts of about `rows` rows, none of which ends within a customer's events.
    pub fn parts(&self, rows: usize) -> Vec<Range<usize>> {
        let codes = self.table.code_numbers();
        let (mut parts, mut start) = (Vec::new(), 0);
        while start < codes.len() {
            let last = codes[(start + rows.max(1)).min(codes.len()) - 1];
            let end = start + codes[start..].partition_point(|code| *code <= last);
            parts.push(start..end);
            start = end;
        }
        parts
    }

    /// The events of one customer, by code.
    pub fn of_customer(&self, customer: CustomerCode) -> Vec<Event> {
        let codes = self.table.code_numbers();
        let start = codes.partition_point(|code| *code < customer.number());
        let end = codes.partition_point(|code| *code <= customer.number());
        Columns::of(self).rows(start..end).collect()
    }

    /// Calls `visit` with the events of each customer who has any.
    pub fn for_each_customer(&self, mut visit: impl FnMut(&[Event])) {
        let columns = Columns::of(self);
        let (mut own, mut start) = (Vec::new(), 0);
        for codes in self.table.code_numbers().chunk_by(|a, b| a == b) {
            let rows = start..start + codes.len();
            start = rows.end;
            own.clear();
            own.extend(columns.rows(rows));
            visit(&own);
        }
    }
}

/// The columns of the table as slices.
#[derive(Clone, Copy)]
pub struct Columns<'a> {
    customers: &'a [u32],
    days: &'a [i32],
    seconds: Option<&'a PrimitiveArray<i32>>,
    kinds: Option<&'a PrimitiveArray<u8>>,
    sources: Option<&'a PrimitiveArray<u32>>,
    categories: Option<&'a PrimitiveArray<u32>>,
    regions: Option<&'a PrimitiveArray<u32>>,
    ratings: Option<&'a PrimitiveArray<i64>>,
}

impl<'a> Columns<'a> {
    fn of(events: &'a Events) -> Self {
        let series = |name| events.table.filled(name).map(Column::as_materialized_series);
        let numbers = |name| array(series(name)?.u32().ok()?);
        Self {
            customers: events.table.code_numbers(),
            days: events.days(),
            seconds: series(SECOND).and_then(|seconds| array(seconds.i32().ok()?)),
            kinds: series(names::KIND).and_then(|kinds| array(kinds.u8().ok()?)),
            sources: numbers(names::SOURCE),
            categories: numbers(names::CATEGORY),
            regions: numbers(REGION),
            ratings: series(RATING).and_then(|ratings| array(ratings.i64().ok()?)),
        }
    }

    /// The customer of each row.
    pub fn customers(&self) -> &'a [u32] {
        self.customers
    }

    /// The day of each row.
    pub fn days(&self) -> &'a [i32] {
        self.days
    }

    /// The kind of a row's event.
    #[inline]
    pub fn kind(&self, row: usize) -> EventKind {
        let kind = value(self.kinds, row).and_then(|kind| EventKind::ALL.get(usize::from(kind)).copied());
        kind.unwrap_or(EventKind::Ignore)
    }

    /// The second of the day of a row; [`day::MISSING`] if no time is given.
    #[inline]
    pub fn second(&self, row: usize) -> i32 {
        value(self.seconds, row).unwrap_or(day::MISSING)
    }

    /// All values of a row.
    pub fn get(&self, row: usize) -> Event {
        let number = |column| value(column, row).unwrap_or(UNKNOWN);
        Event {
            customer: CustomerCode::new(self.customers[row]),
            day: Day::new(self.days[row]),
            second: self.second(row),
            kind: self.kind(row),
            source: number(self.sources),
            category: number(self.categories),
            region: number(self.regions),
            rating: value(self.ratings, row).map_or(money::MISSING, Micros::new),
        }
    }

    fn rows(&self, rows: Range<usize>) -> impl Iterator<Item = Event> {
        rows.map(|row| self.get(row))
    }
}

/// The single chunk of a column, so that reading a row does not have to search for its chunk.
fn array<T: PolarsNumericType>(column: &ChunkedArray<T>) -> Option<&PrimitiveArray<T::Native>> {
    column.downcast_iter().next().filter(|array| array.len() == column.len())
}

fn value<T: NativeType>(column: Option<&PrimitiveArray<T>>, row: usize) -> Option<T> {
    column.and_then(|column| column.get(row))
}

//! Columns of values that take few bytes each, and how those of moments are read from the rows of files.

use std::cmp::Ordering;
use std::ops::Range;

use polars::prelude::*;

use crate::rows::dictionary::UNKNOWN;
use crate::rows::partition::Columns;
use crate::schema::day;
use crate::schema::money::{MISSING, Micros};

/// Stands for a missing kind: the file does not say one.
pub const NO_KIND: u8 = u8::MAX;

/// One value per row; each variant has a value that stands for a missing one.
#[derive(Debug)]
pub enum Narrow {
    /// Days or seconds; [`day::MISSING`] stands for a missing one.
    Days(Vec<i32>, DataType),
    /// Numbers of words or regions; [`UNKNOWN`] stands for a missing one.
    Numbers(Vec<u32>),
    /// Amounts or stars; [`MISSING`] stands for a missing one.
    Micros(Vec<Micros>),
    /// Codes of kinds; [`NO_KIND`] stands for a missing one.
    Kinds(Vec<u8>),
    /// Yes or no.
    Flags(Vec<Option<bool>>),
}

/// For each file what its words mean, by their number, and what a row without a word means; none for a file without the
/// column.
pub type ByWord<T> = Vec<Option<(Vec<T>, T)>>;

/// Where the values of a column of moments are found in the rows of files.
#[derive(Debug)]
pub enum Source {
    /// The day of the row.
    Days,
    /// The second of that day.
    Seconds,
    /// What was done.
    Kinds,
    /// The region of the row: by file, the common number of each of the file's regions.
    Regions(ByWord<u32>),
    /// A column of words, by its place among the columns of words: by file, the common number of each of its words.
    Words(usize, ByWord<u32>),
    /// A column of amounts or stars, by its place among the columns of words: by file, the amount that each word says.
    Micros(usize, ByWord<Micros>),
    /// A column of flags, by its place among the columns of words: by file, what each word says.
    Flags(usize, ByWord<Option<bool>>),
}

impl Source {
    /// An empty column of the right type, with room for `count` rows.
    pub fn empty(&self, count: usize) -> Narrow {
        match self {
            Self::Days => Narrow::Days(Vec::with_capacity(count), DataType::Date),
            Self::Seconds => Narrow::Days(Vec::with_capacity(count), DataType::Int32),
            Self::Kinds => Narrow::Kinds(Vec::with_capacity(count)),
            Self::Regions(_) | Self::Words(..) => Narrow::Numbers(Vec::with_capacity(count)),
            Self::Micros(..) => Narrow::Micros(Vec::with_capacity(count)),
            Self::Flags(..) => Narrow::Flags(Vec::with_capacity(count)),
        }
    }

    /// Adds the values of rows of a file to a column that [`Self::empty`] began.
    pub fn read(&self, file: usize, columns: &Columns, rows: Range<usize>, into: &mut Narrow) {
        let words = |place: &usize| columns.texts.get(*place).map_or(&[][..], Vec::as_slice);
        match (self, into) {
            (Self::Days, Narrow::Days(days, _)) => extend(days, &columns.created_on, rows, day::MISSING),
            (Self::Seconds, Narrow::Days(seconds, _)) => extend(seconds, &columns.second, rows, day::MISSING),
            (Self::Kinds, Narrow::Kinds(kinds)) => extend(kinds, &columns.status, rows, NO_KIND),
            (Self::Regions(new), Narrow::Numbers(all)) => {
                extend_by_word(all, &columns.region, rows, &new[file], UNKNOWN);
            }
            (Self::Words(place, new), Narrow::Numbers(all)) => {
                extend_by_word(all, words(place), rows, &new[file], UNKNOWN);
            }
            (Self::Micros(place, of), Narrow::Micros(all)) => {
                extend_by_word(all, words(place), rows, &of[file], MISSING);
            }
            (Self::Flags(place, of), Narrow::Flags(all)) => {
                extend_by_word(all, words(place), rows, &of[file], None);
            }
            _ => debug_assert!(false, "a column of another source"),
        }
    }
}

/// Adds the values of a range of rows; where the file does not have the column, `missing` for each row.
fn extend<T: Copy>(all: &mut Vec<T>, column: &[T], rows: Range<usize>, missing: T) {
    match column.get(rows.clone()) {
        Some(values) => all.extend_from_slice(values),
        None => all.resize(all.len() + rows.len(), missing),
    }
}

fn extend_by_word<T: Copy>(
    all: &mut Vec<T>,
    column: &[u32],
    rows: Range<usize>,
    meanings: &Option<(Vec<T>, T)>,
    missing: T,
) {
    match (column.get(rows.clone()), meanings) {
        (Some(numbers), Some((meanings, empty))) => {
            let meaning = |number: &u32| meanings.get(*number as usize).copied().unwrap_or(*empty);
            all.extend(numbers.iter().map(meaning));
        }
        _ => all.resize(all.len() + rows.len(), missing),
    }
}

impl Narrow {
    /// Compares the values of two rows.
    pub fn compare(&self, a: usize, b: usize) -> Ordering {
        match self {
            Self::Days(days, _) => days[a].cmp(&days[b]),
            Self::Numbers(numbers) => numbers[a].cmp(&numbers[b]),
            Self::Micros(micros) => micros[a].cmp(&micros[b]),
            Self::Kinds(kinds) => kinds[a].cmp(&kinds[b]),
            Self::Flags(flags) => flags[a].cmp(&flags[b]),
        }
    }

    /// The rows in another order: row `i` of the result is row `order[i]`.
    pub fn gathered(&self, order: &[u32]) -> Self {
        fn gather<T: Copy>(values: &[T], order: &[u32]) -> Vec<T> {
            order.iter().map(|row| values[*row as usize]).collect()
        }
        match self {
            Self::Days(days, data_type) => Self::Days(gather(days, order), data_type.clone()),
            Self::Numbers(numbers) => Self::Numbers(gather(numbers, order)),
            Self::Micros(micros) => Self::Micros(gather(micros, order)),
            Self::Kinds(kinds) => Self::Kinds(gather(kinds, order)),
            Self::Flags(flags) => Self::Flags(gather(flags, order)),
        }
    }

    /// Appends a part of the column. `total` is the number of rows that the whole column will have.
    pub fn append(&mut self, part: Self, total: usize) {
        fn add<T: Copy>(all: &mut Vec<T>, part: &[T], total: usize) {
            // Memory for all rows is taken at once, since a growing vector would briefly need it twice.
            if all.capacity() < total {
                all.reserve_exact(total - all.len());
            }
            all.extend_from_slice(part);
        }
        match (self, part) {
            (Self::Days(all, _), Self::Days(part, _)) => add(all, &part, total),
            (Self::Numbers(all), Self::Numbers(part)) => add(all, &part, total),
            (Self::Micros(all), Self::Micros(part)) => add(all, &part, total),
            (Self::Kinds(all), Self::Kinds(part)) => add(all, &part, total),
            (Self::Flags(all), Self::Flags(part)) => add(all, &part, total),
            _ => debug_assert!(false, "parts of other columns"),
        }
    }

    /// Makes a column of a frame, in which missing values are null.
    pub fn column(self, name: &str) -> Column {
        fn numbers<T: PolarsNumericType>(
            name: &str,
            values: Vec<T::Native>,
            missing: T::Native,
        ) -> ChunkedArray<T>
        where
            T::Native: PartialEq,
        {
            match values.contains(&missing) {
                true => ChunkedArray::from_iter_options(
                    name.into(),
                    values.into_iter().map(|value| Some(value).filter(|value| *value != missing)),
                ),
                false => ChunkedArray::from_vec(name.into(), values),
            }
        }
        match self {
            Self::Days(days, data_type) => {
                let days = numbers::<Int32Type>(name, days, day::MISSING);
                if data_type == DataType::Date { days.into_date().into_column() } else { days.into_column() }
            }
            Self::Numbers(values) => numbers::<UInt32Type>(name, values, UNKNOWN).into_column(),
            Self::Micros(micros) => {
                let micros = micros.into_iter().map(Micros::number).collect();
                numbers::<Int64Type>(name, micros, MISSING.number()).into_column()
            }
            Self::Kinds(kinds) => numbers::<UInt8Type>(name, kinds, NO_KIND).into_column(),
            Self::Flags(flags) => {
                BooleanChunked::from_iter_options(name.into(), flags.into_iter()).into_column()
            }
        }
    }
}

//! In which order the rows of files come in a frame, and which of them make one row of it.

use std::cmp::Ordering;

use polars::prelude::*;
use rayon::prelude::*;

use super::attributes;
use super::values::Read;
use crate::rows::dictionary::UNKNOWN;

/// The rows of all files, numbered from 0 through all of them, as a frame has them.
#[derive(Debug)]
pub struct Order {
    rows: Vec<u32>,
    /// Where those end that are one row of the frame; none where each is one.
    ends: Option<Vec<usize>>,
}

impl Order {
    /// One row a customer, by code, from the rows' codes: of one customer the later rows come later.
    pub fn of_customers(codes: &[u32]) -> Self {
        let mut rows: Vec<u32> = (0..codes.len() as u32).collect();
        rows.par_sort_unstable_by_key(|row| (codes[*row as usize], *row));
        let mut ends = Vec::new();
        for group in rows.chunk_by(|a, b| codes[*a as usize] == codes[*b as usize]) {
            ends.push(ends.last().copied().unwrap_or(0) + group.len());
        }
        Self { rows, ends: Some(ends) }
    }

    /// All rows whose customer is known, by customer and then by what the columns say, the first first: that is the
    /// day. Rows that say the same come in the order of the files.
    pub fn of_moments(codes: &[u32], columns: &[Read]) -> Self {
        let columns: Vec<_> = columns.iter().filter_map(|column| column.values.as_ref()).collect();
        // Customer and day in one number decide nearly always, without a look at other memory.
        let key = |row: u32| {
            let day = columns.first().and_then(|values| values.day(row as usize)).unwrap_or(i32::MIN);
            u64::from(codes[row as usize]) << 32 | u64::from((day as u32) ^ (1 << 31))
        };
        let known = (0..codes.len() as u32).filter(|row| codes[*row as usize] != UNKNOWN);
        let mut keyed: Vec<(u64, u32)> = known.map(|row| (key(row), row)).collect();
        let by_columns = |a: u32, b: u32| {
            let mut order = columns.iter().map(|values| values.compare(a as usize, b as usize));
            order.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        };
        keyed.par_sort_unstable_by(|(key, row), (other_key, other)| {
            key.cmp(other_key).then_with(|| by_columns(*row, *other)).then(row.cmp(other))
        });
        Self { rows: keyed.into_iter().map(|(_, row)| row).collect(), ends: None }
    }

    /// How many rows the frame has.
    pub fn len(&self) -> usize {
        self.ends.as_ref().map_or(self.rows.len(), Vec::len)
    }

    /// Hands on the value of each row of the frame: of several rows that are one, that of the last which has any.
    pub fn each<T>(&self, value: impl Fn(usize) -> Option<T>, mut push: impl FnMut(Option<T>)) {
        let Some(ends) = &self.ends else {
            return self.rows.iter().for_each(|row| push(value(*row as usize)));
        };
        let mut start = 0;
        for &end in ends {
            push(self.rows[start..end].iter().rev().find_map(|row| value(*row as usize)));
            start = end;
        }
    }

    /// A column of numbers.
    pub fn primitive<T: PolarsNumericType>(
        &self,
        name: &str,
        value: impl Fn(usize) -> Option<T::Native>,
    ) -> ChunkedArray<T> {
        let mut column = PrimitiveChunkedBuilder::<T>::new(name.into(), self.len());
        self.each(value, |value| column.append_option(value));
        column.finish()
    }

    /// A column of codes.
    pub fn numbers(&self, name: &str, value: impl Fn(usize) -> Option<u32>) -> Column {
        self.primitive::<UInt32Type>(name, value).into_column()
    }

    /// How many rows make each row of the frame; none where each is one.
    pub fn counts(&self) -> Option<Column> {
        let starts = [0].into_iter().chain(self.ends.as_ref()?.iter().copied());
        let counts = starts.zip(self.ends.as_ref()?).map(|(start, end)| (end - start) as u32);
        Some(UInt32Chunked::from_iter_values("".into(), counts).into_column())
    }

    /// A further column, of numbers where every value is one, else of texts.
    pub fn typed<'a>(&self, name: &str, value: impl Fn(usize) -> Option<&'a str>) -> Column {
        let mut values = Vec::with_capacity(self.len());
        self.each(value, |value| values.push(value));
        attributes::typed(name, &values)
    }
}

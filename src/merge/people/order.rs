//! In which order the rows of lists of customers come in a frame, and which of them make one row of it.

use polars::prelude::*;
use rayon::prelude::*;

use super::attributes;

/// The rows of all files, numbered from 0 through all of them, as a frame has them.
#[derive(Debug)]
pub struct Order {
    rows: Vec<u32>,
    /// Where those end that are one row of the frame.
    ends: Vec<usize>,
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
        Self { rows, ends }
    }

    /// How many rows the frame has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Hands on the value of each row of the frame: of several rows that are one, that of the last which has any.
    pub fn each<T>(&self, value: impl Fn(usize) -> Option<T>, mut push: impl FnMut(Option<T>)) {
        let mut start = 0;
        for &end in &self.ends {
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

    /// How many rows make each row of the frame.
    pub fn counts(&self, name: &str) -> Column {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        let counts = starts.zip(&self.ends).map(|(start, end)| (end - start) as u32);
        UInt32Chunked::from_iter_values(name.into(), counts).into_column()
    }

    /// A further column, of numbers where every value is one, else of texts.
    pub fn typed<'a>(&self, name: &str, value: impl Fn(usize) -> Option<&'a str>) -> Column {
        let mut values = Vec::with_capacity(self.len());
        self.each(value, |value| values.push(value));
        attributes::typed(name, &values)
    }
}

//! The order of the rows of lists of customers in a frame, and which of them become one row of it.

use polars::prelude::*;
use rayon::prelude::*;

use super::attributes;

/// The rows of all files, numbered from 0 across all files, in the order of the frame.
#[derive(Debug)]
pub struct Order {
    rows: Vec<u32>,
    /// For each row of the frame, the end in `rows` of the file rows that make it up.
    ends: Vec<usize>,
}

impl Order {
    /// One row per customer, sorted by code. `codes` are the codes of the customers by row; the rows of one customer
    /// keep their order.
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

    /// Passes the value of each row of the frame to `push`. Where several file rows make up one row of the frame, the
    /// last one that has a value counts.
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

    /// A column that says for each row of the frame how many file rows make it up.
    pub fn counts(&self, name: &str) -> Column {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        let counts = starts.zip(&self.ends).map(|(start, end)| (end - start) as u32);
        UInt32Chunked::from_iter_values(name.into(), counts).into_column()
    }

    /// A further column: of numbers where every value is a number, else of texts.
    pub fn typed<'a>(&self, name: &str, value: impl Fn(usize) -> Option<&'a str>) -> Column {
        let mut values = Vec::with_capacity(self.len());
        self.each(value, |value| values.push(value));
        attributes::typed(name, &values)
    }
}

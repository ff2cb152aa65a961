//! The customers to whom the orders of a row group belong.

use std::collections::HashMap;

use polars::prelude::*;

use crate::error::Result;
use crate::rows::key_table::KeyTable;
use crate::rows::{ReadRows, SortedRows};
use crate::schema::{Key, names, orders};
use crate::store::segment::{CREATED_ON, PAID_ON, ROWS};

/// The customers of a row group.
pub(super) struct Customers {
    keys: Vec<Key>,
    /// The number of rows of each customer.
    row_counts: Vec<u32>,
    /// The texts of long ids.
    long: Vec<(Key, Box<str>)>,
}

impl Customers {
    pub(super) fn of(frame: &DataFrame) -> PolarsResult<Self> {
        let (ids, masked) =
            (frame.column(names::CUSTOMER_ID)?.str()?, frame.column(orders::IS_MASKED)?.bool()?);
        let rows = frame.column(ROWS)?.u32()?.rechunk();
        let (mut keys, mut long) = (Vec::with_capacity(frame.height()), Vec::new());
        for chunk in ids.downcast_iter() {
            for (view, text) in chunk.views().iter().zip(chunk.iter()) {
                let key = match text {
                    Some(text) => Key::of_view(view.as_u128()).unwrap_or_else(|| Key::of(text.as_bytes())),
                    None => Key::NONE,
                };
                if let Some(text) = text.filter(|_| key.is_hash()) {
                    long.push((key, text.into()));
                }
                keys.push(key);
            }
        }
        if masked.any() {
            let keys = keys.iter_mut().zip(masked.iter());
            keys.filter(|(_, is_masked)| *is_masked == Some(true)).for_each(|(key, _)| *key = Key::MASKED);
        }
        Ok(Self { keys, row_counts: rows.cont_slice()?.to_vec(), long })
    }

    /// The number of rows of all customers.
    pub(super) fn row_count(&self) -> usize {
        self.row_counts.iter().map(|rows| *rows as usize).sum()
    }

    pub(super) fn rows(self, read: ReadRows) -> SortedRows {
        let Self { keys: customers, row_counts, long } = self;
        let (regions, sources) = (Vec::new(), Vec::new());
        SortedRows { customers, row_counts, long, regions, sources, part: 0, are_joined: false, read }
    }

    /// The customers who have rows left.
    pub(super) fn left(self, is_kept: &[bool]) -> Self {
        let mut start = 0;
        let left = self.keys.into_iter().zip(self.row_counts).map(|(key, rows)| {
            let own = &is_kept[start..start + rows as usize];
            start += own.len();
            (key, own.iter().filter(|is_kept| **is_kept).count() as u32)
        });
        let (keys, row_counts) = left.filter(|(_, rows)| *rows > 0).unzip();
        Self { keys, row_counts, long: self.long }
    }

    /// Some of the rows, with their customer ids.
    pub(super) fn named(&self, frame: &DataFrame, rows: &[u32]) -> Result<DataFrame> {
        let mut frame = frame.take(&IdxCa::from_slice("row".into(), rows))?;
        let ends: Vec<u32> = self
            .row_counts
            .iter()
            .scan(0, |end, rows| {
                *end += rows;
                Some(*end)
            })
            .collect();
        let long: HashMap<Key, &str> = self.long.iter().map(|(key, text)| (*key, &**text)).collect();
        let mut ids = StringChunkedBuilder::new(names::CUSTOMER_ID.into(), rows.len());
        let mut masked = Vec::with_capacity(rows.len());
        for row in rows {
            let key = self.keys.get(ends.partition_point(|end| end <= row)).copied().unwrap_or(Key::NONE);
            masked.push(key == Key::MASKED);
            let text = || key.text().or_else(|| long.get(&key).map(|text| (*text).to_owned()));
            ids.append_option(if key.is_usable() { text() } else { None });
        }
        frame.with_column(ids.finish().into_column())?;
        frame.with_column(BooleanChunked::from_slice(orders::IS_MASKED.into(), &masked).into_column())?;
        // Whether an order's day was that of payment or of creation makes no difference any more.
        frame.rename(orders::ORDERED_ON, PAID_ON.into())?;
        frame.with_column(Column::full_null(CREATED_ON.into(), rows.len(), &DataType::Date))?;
        Ok(frame)
    }

    /// Decides which rows stay; none if all do. Also returns the rows of customers in `shared` (or of all customers if
    /// that is none) that no later import has replaced.
    pub(super) fn sort_out(
        &self,
        left_out: &[u32],
        shared: Option<&KeyTable>,
    ) -> (Option<Vec<bool>>, Vec<u32>) {
        let mut apart = Vec::new();
        if shared.is_none_or(|shared| !shared.is_empty()) {
            let mut start = 0;
            for (key, rows) in self.keys.iter().zip(&self.row_counts) {
                if shared.is_none_or(|shared| shared.find(*key).is_some()) {
                    apart.extend(start..start + rows);
                }
                start += rows;
            }
        }
        if apart.is_empty() && left_out.is_empty() {
            return (None, apart);
        }
        let mut is_kept = vec![true; self.row_count()];
        apart.iter().chain(left_out).for_each(|row| is_kept[*row as usize] = false);
        apart.retain(|row| left_out.binary_search(row).is_err());
        (Some(is_kept), apart)
    }
}

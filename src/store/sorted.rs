//! The rows of a segment as parts of the canonical table, for questions that need no more of them.

use std::path::Path;
use std::sync::Arc;

use polars::prelude::*;
use rayon::prelude::*;

use super::Wanted;
use super::frames::Groups;
use super::manifest::{FileRef, Segment};
use super::marks::replaced;
use super::rows::{Parsed, Piece, put};
use super::segment::{CREATED_ON, PAID_ON, ROWS};
use crate::error::Result;
use crate::parse::orders::Block;
use crate::rows::key_table::KeyTable;
use crate::rows::{ReadRows, SortedRows};
use crate::schema::{Key, day, money, names, orders};

const COLUMNS: [&str; 4] = [orders::ORDERED_ON, orders::STATUS, orders::PAID_AMOUNT, orders::REFUND_AMOUNT];

/// The rows of a whole segment, whose amounts are in a file of their own, that no later import has replaced; those of
/// customers in `shared` apart, since they have rows elsewhere too.
pub(super) fn load_sorted(
    folder: &Path,
    segment: &Segment,
    amounts: &FileRef,
    wanted: &Wanted,
    shared: &KeyTable,
) -> Result<Block> {
    let columns = [names::CUSTOMER_ID, orders::IS_MASKED, ROWS];
    let (customers, amounts) =
        rayon::join(|| Groups::open(folder, &segment.customers), || Groups::open(folder, amounts));
    let customers = customers?.load(&columns, Customers::of)?;
    let left_out = replaced(folder, &segment.superseded)?;
    let amounts = Arc::new(amounts?);
    if !amounts.sizes().eq(customers.iter().map(Customers::row_count)) {
        return Err(amounts.damaged());
    }
    let starts = amounts.sizes().scan(0, |end, rows| {
        *end += rows as u32;
        Some(*end - rows as u32)
    });
    let starts: Vec<u32> = starts.collect();
    let groups = customers.into_par_iter().zip(starts).enumerate().map(|(number, (customers, start))| {
        let end = start + customers.row_count() as u32;
        let within = left_out.partition_point(|row| *row < start)..left_out.partition_point(|row| *row < end);
        let left_out: Vec<u32> = left_out[within].iter().map(|row| row - start).collect();
        let (is_kept, apart) = customers.sort_out(&left_out, shared);
        let Some(is_kept) = is_kept else {
            // Read when they are asked for, so that not all are in memory at once.
            let amounts = Arc::clone(&amounts);
            return Ok((customers.rows(Box::new(move || rows_of(&amounts, number))), None));
        };
        let frame = rows_of(&amounts, number)?;
        let frame_of_them = customers.named(&frame, &apart)?;
        let piece = Piece { frame: frame_of_them, replaced: Vec::new(), first_line: 0, texts: Vec::new() };
        let apart = Parsed::of(piece, segment.grain, wanted, false)?;
        let frame = frame.filter(&BooleanChunked::from_slice("kept".into(), &is_kept))?;
        Ok((customers.left(&is_kept).rows(Box::new(move || Ok(frame.clone()))), Some(apart)))
    });
    let groups: Vec<(SortedRows, Option<Parsed>)> = groups.collect::<Result<_>>()?;
    let mut block = Block::default();
    let mut apart = Vec::new();
    for (rows, others) in groups {
        block.sorted.push(rows);
        apart.extend(others);
    }
    put(&mut block, apart, false, None);
    Ok(block)
}

/// The rows of a row group, whose days and amounts must be such as an export can have.
fn rows_of(amounts: &Groups, number: usize) -> Result<DataFrame> {
    let frame = amounts.group(number, &COLUMNS)?;
    let can_be = || -> PolarsResult<bool> {
        let days = frame.column(orders::ORDERED_ON)?.to_physical_repr();
        let are_amounts =
            |name: &str| Ok::<_, PolarsError>(frame.column(name)?.i64()?.iter().flatten().all(money::can_be));
        let are_days = days.i32()?.iter().flatten().all(day::can_be);
        Ok(are_days && are_amounts(orders::PAID_AMOUNT)? && are_amounts(orders::REFUND_AMOUNT)?)
    };
    if can_be().unwrap_or(false) { Ok(frame) } else { Err(amounts.damaged()) }
}

/// The customers of a row group.
struct Customers {
    keys: Vec<Key>,
    /// How many rows each has.
    row_counts: Vec<u32>,
    /// Texts of long ids.
    long: Vec<(Key, Box<str>)>,
}

impl Customers {
    fn of(frame: &DataFrame) -> PolarsResult<Self> {
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

    /// How many rows they have.
    fn row_count(&self) -> usize {
        self.row_counts.iter().map(|rows| *rows as usize).sum()
    }

    fn rows(self, read: ReadRows) -> SortedRows {
        SortedRows { customers: self.keys, row_counts: self.row_counts, long: self.long, read }
    }

    /// Those who have rows left.
    fn left(self, is_kept: &[bool]) -> Self {
        let mut start = 0;
        let left = self.keys.into_iter().zip(self.row_counts).map(|(key, rows)| {
            let own = &is_kept[start..start + rows as usize];
            start += own.len();
            (key, own.iter().filter(|is_kept| **is_kept).count() as u32)
        });
        let (keys, row_counts) = left.filter(|(_, rows)| *rows > 0).unzip();
        Self { keys, row_counts, long: self.long }
    }

    /// Some of their rows with their ids; rows of somebody.
    fn named(&self, frame: &DataFrame, rows: &[u32]) -> Result<DataFrame> {
        let mut frame = frame.take(&IdxCa::from_slice("row".into(), rows))?;
        let ends: Vec<u32> = self
            .row_counts
            .iter()
            .scan(0, |end, rows| {
                *end += rows;
                Some(*end)
            })
            .collect();
        let mut ids = StringChunkedBuilder::new(names::CUSTOMER_ID.into(), rows.len());
        for row in rows {
            let key = self.keys.get(ends.partition_point(|end| end <= row)).copied().unwrap_or(Key::NONE);
            let long = || self.long.iter().find(|(of, _)| *of == key).map(|(_, text)| text.to_string());
            ids.append_option(key.text().or_else(long));
        }
        frame.with_column(ids.finish().into_column())?;
        // Which of its two days an order's day was makes no difference any more.
        frame.rename(orders::ORDERED_ON, PAID_ON.into())?;
        frame.with_column(Column::full_null(CREATED_ON.into(), rows.len(), &DataType::Date))?;
        frame.with_column(Column::new_scalar(orders::IS_MASKED.into(), Scalar::from(false), rows.len()))?;
        Ok(frame)
    }

    /// Which rows stay, none said where all do; and those of shared customers that no later import has replaced.
    fn sort_out(&self, left_out: &[u32], shared: &KeyTable) -> (Option<Vec<bool>>, Vec<u32>) {
        let mut apart = Vec::new();
        if !shared.is_empty() {
            let mut start = 0;
            for (key, rows) in self.keys.iter().zip(&self.row_counts) {
                if shared.find(*key).is_some() {
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

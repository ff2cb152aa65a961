//! The rows of a segment as parts of the canonical table, for questions that need no more of them: nothing is copied.

use std::path::Path;

use polars::prelude::*;

use super::manifest::{FileRef, Segment};
use super::rows::{Parsed, Piece, put, replaced};
use super::segment::{CREATED_ON, PAID_ON, ROWS};
use super::{Wanted, frames};
use crate::error::Result;
use crate::ingest::key_table::KeyTable;
use crate::ingest::orders::{Block, SortedRows};
use crate::schema::{Key, names, orders};

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
    let customers =
        frames::load_groups(folder, &segment.customers, &columns, |_, _, frame| Customers::of(&frame))?;
    let left_out = replaced(folder, &segment.superseded)?;
    let groups = frames::load_groups(folder, amounts, &COLUMNS, |number, start, frame| {
        let (start, end) = (start as u32, (start + frame.height()) as u32);
        let within = left_out.partition_point(|row| *row < start)..left_out.partition_point(|row| *row < end);
        let left_out: Vec<u32> = left_out[within].iter().map(|row| row - start).collect();
        let group = RowGroup::new(frame, customers.get(number))?;
        let (is_kept, apart) = group.sort_out(&left_out, shared);
        let apart = match apart.is_empty() {
            true => None,
            false => {
                let piece = Piece { frame: group.rows(&apart)?, replaced: Vec::new(), first_line: 0 };
                Some(Parsed::of(piece, segment.grain, wanted, false)?)
            }
        };
        Ok((group.kept(is_kept)?, apart))
    })?;
    let mut block = Block::default();
    let mut apart = Vec::new();
    for (((frame, runs), others), customers) in groups.into_iter().zip(customers) {
        block.sorted.push(SortedRows { runs: runs.unwrap_or(customers.runs), long: customers.long, frame });
        apart.extend(others);
    }
    put(&mut block, apart, false);
    Ok(block)
}

/// Customers in order of their keys, each with the number of the rows that follow one another.
type Runs = Vec<(Key, u32)>;

/// The customers of a row group.
struct Customers {
    runs: Runs,
    /// Texts of long ids.
    long: Vec<(Key, Box<str>)>,
}

impl Customers {
    fn of(frame: &DataFrame) -> PolarsResult<Self> {
        let (ids, masked) =
            (frame.column(names::CUSTOMER_ID)?.str()?, frame.column(orders::IS_MASKED)?.bool()?);
        let rows = frame.column(ROWS)?.u32()?.rechunk();
        let mut customers = Self { runs: Vec::with_capacity(frame.height()), long: Vec::new() };
        let mut counts = rows.cont_slice()?.iter();
        for chunk in ids.downcast_iter() {
            for ((view, text), rows) in chunk.views().iter().zip(chunk.iter()).zip(&mut counts) {
                let key = match text {
                    Some(text) => Key::of_view(view.as_u128()).unwrap_or_else(|| Key::of(text.as_bytes())),
                    None => Key::NONE,
                };
                if let Some(text) = text.filter(|_| key.is_hash()) {
                    customers.long.push((key, text.into()));
                }
                customers.runs.push((key, *rows));
            }
        }
        if masked.any() {
            let runs = customers.runs.iter_mut().zip(masked.iter());
            runs.filter(|(_, is_masked)| *is_masked == Some(true)).for_each(|(run, _)| run.0 = Key::MASKED);
        }
        Ok(customers)
    }
}

/// A row group with its customers.
struct RowGroup<'a> {
    frame: DataFrame,
    customers: &'a Customers,
}

impl<'a> RowGroup<'a> {
    fn new(frame: DataFrame, customers: Option<&'a Customers>) -> PolarsResult<Self> {
        let match_rows = |of: &&Customers| {
            of.runs.iter().map(|(_, rows)| u64::from(*rows)).sum::<u64>() == frame.height() as u64
        };
        match customers.filter(match_rows) {
            Some(customers) => Ok(Self { frame, customers }),
            None => Err(PolarsError::ComputeError("customers and rows do not match".into())),
        }
    }

    /// Some rows with their customers, who are somebody.
    fn rows(&self, rows: &[u32]) -> PolarsResult<DataFrame> {
        let mut frame = self.frame.take(&IdxCa::from_slice("row".into(), rows))?;
        let runs = &self.customers.runs;
        let ends: Vec<u32> = runs
            .iter()
            .scan(0, |end, (_, rows)| {
                *end += rows;
                Some(*end)
            })
            .collect();
        let mut ids = StringChunkedBuilder::new(names::CUSTOMER_ID.into(), rows.len());
        for row in rows {
            let key = runs.get(ends.partition_point(|end| end <= row)).map_or(Key::NONE, |(key, _)| *key);
            let long =
                || self.customers.long.iter().find(|(of, _)| *of == key).map(|(_, text)| text.to_string());
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
            for (key, rows) in &self.customers.runs {
                if shared.find(*key).is_some() {
                    apart.extend(start..start + rows);
                }
                start += rows;
            }
        }
        if apart.is_empty() && left_out.is_empty() {
            return (None, apart);
        }
        let mut is_kept = vec![true; self.frame.height()];
        apart.iter().chain(left_out).for_each(|row| is_kept[*row as usize] = false);
        apart.retain(|row| left_out.binary_search(row).is_err());
        (Some(is_kept), apart)
    }

    /// The rows that stay, and their runs where these are not all that there were.
    fn kept(self, is_kept: Option<Vec<bool>>) -> PolarsResult<(DataFrame, Option<Runs>)> {
        let Some(is_kept) = is_kept else { return Ok((self.frame, None)) };
        let mut start = 0;
        let mut runs = Vec::new();
        for (key, rows) in &self.customers.runs {
            let own = &is_kept[start..start + *rows as usize];
            start += own.len();
            let rows = own.iter().filter(|is_kept| **is_kept).count() as u32;
            runs.extend((rows > 0).then_some((*key, rows)));
        }
        Ok((self.frame.filter(&BooleanChunked::from_slice("kept".into(), &is_kept))?, Some(runs)))
    }
}

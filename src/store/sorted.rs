//! The rows of a segment as parts of the canonical table, for questions that need no more of them.

use std::path::Path;
use std::sync::Arc;

use polars::prelude::*;
use rayon::prelude::*;

use super::Wanted;
use super::frames::Groups;
use super::manifest::{FileRef, Segment};
use super::marks::replaced;
use super::names::Names;
use super::rows::{Parsed, Piece, all_can_be, details, prices, put};
use super::segment::{CREATED_ON, DISCOUNT, GROSS, PAID_ON, ROWS};
use crate::error::Result;
use crate::parse::orders::Block;
use crate::rows::key_table::KeyTable;
use crate::rows::{ReadRows, SortedRows};
use crate::schema::items::NO_LINES;
use crate::schema::{Key, Micros, day, money, names, orders};

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
    let (customers, values) = rayon::join(
        || Groups::open(folder, &segment.customers),
        || Values::open(folder, segment, amounts, wanted),
    );
    let customers = customers?.load(&columns, Customers::of)?;
    let left_out = replaced(folder, &segment.superseded)?;
    let values = Arc::new(values?);
    if !values.amounts.sizes().eq(customers.iter().map(Customers::row_count)) {
        return Err(values.amounts.damaged());
    }
    let starts = values.amounts.sizes().scan(0, |end, rows| {
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
            let values = Arc::clone(&values);
            return Ok((customers.rows(Box::new(move || canonical(values.group(number)?))), None));
        };
        let frame = values.group(number)?;
        let frame_of_them = customers.named(&frame, &apart)?;
        let piece = Piece { frame: frame_of_them, replaced: Vec::new(), first_line: 0, texts: Vec::new() };
        let apart = Parsed::of(piece, segment.grain, wanted, false)?;
        let frame = canonical(frame.filter(&BooleanChunked::from_slice("kept".into(), &is_kept))?)?;
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
    if wanted.wants.regions {
        block.places = Names::load(folder, &segment.names)?.regions;
    }
    Ok(block)
}

/// What is wanted of the rows beside whose they are.
struct Values {
    amounts: Groups,
    /// The details and those of their columns that are wanted, where any are.
    details: Option<(Groups, Vec<&'static str>)>,
}

impl Values {
    fn open(folder: &Path, segment: &Segment, amounts: &FileRef, wanted: &Wanted) -> Result<Self> {
        let columns = details(&wanted.wants);
        let open = || (!columns.is_empty()).then(|| Groups::open(folder, &segment.details)).transpose();
        let (amounts, of_details) = rayon::join(|| Groups::open(folder, amounts), open);
        let (amounts, of_details) = (amounts?, of_details?);
        if let Some(of) = of_details.as_ref().filter(|of| !of.sizes().eq(amounts.sizes())) {
            return Err(of.damaged());
        }
        Ok(Self { amounts, details: of_details.map(|of| (of, columns)) })
    }

    /// Those of a row group, as the files have them.
    fn group(&self, number: usize) -> Result<DataFrame> {
        let frame = self.amounts.group(number, &COLUMNS)?;
        if !can_be(&frame).unwrap_or(false) {
            return Err(self.amounts.damaged());
        }
        let Some((groups, columns)) = &self.details else { return Ok(frame) };
        let details = groups.group(number, columns)?;
        let can_be = details.columns().iter().all(|column| is_detail(column).unwrap_or(false));
        let frame = if can_be { frame.hstack(details.columns()).ok() } else { None };
        frame.ok_or_else(|| groups.damaged())
    }
}

/// Whether the days and amounts of rows are such as an export can have.
fn can_be(frame: &DataFrame) -> PolarsResult<bool> {
    let days = frame.column(orders::ORDERED_ON)?.to_physical_repr();
    let are_days = all_can_be(days.i32()?, day::can_be);
    let are_amounts = |name: &str| are_amounts(frame.column(name)?);
    let have_status = frame.column(orders::STATUS)?.dtype() == &DataType::UInt8;
    Ok(are_days && have_status && are_amounts(orders::PAID_AMOUNT)? && are_amounts(orders::REFUND_AMOUNT)?)
}

/// Whether a column of details is of its type, and amounts such as an export can have.
fn is_detail(column: &Column) -> PolarsResult<bool> {
    match column.name().as_str() {
        orders::REGION => column.u32().map(|_| true),
        _ => are_amounts(column),
    }
}

fn are_amounts(column: &Column) -> PolarsResult<bool> {
    Ok(all_can_be(column.i64()?, |amount| money::can_be(Micros::new(amount))))
}

/// Rows with what they would have cost without discounts, in place of what says it, and all columns that go with it.
fn canonical(mut frame: DataFrame) -> Result<DataFrame> {
    if frame.column(GROSS).is_err() {
        return Ok(frame);
    }
    let paid = frame.column(orders::PAID_AMOUNT)?.i64()?;
    let prices = prices(&frame)?;
    let full = prices
        .iter()
        .zip(paid.iter())
        .map(|(of, paid)| of.full_price(Micros::new(paid.unwrap_or(0))).known().map(Micros::number));
    let full = Int64Chunked::from_iter_options(orders::FULL_PRICE.into(), full).into_column();
    let height = frame.height();
    frame.with_column(full)?;
    frame.with_column(Column::full_null(orders::SOURCE.into(), height, &DataType::UInt32))?;
    frame.with_column(Column::full_null(orders::RECIPIENT.into(), height, &DataType::UInt64))?;
    frame.with_column(Column::new_scalar(orders::LINES.into(), Scalar::from(NO_LINES), height))?;
    Ok(frame.drop_many([GROSS, DISCOUNT]))
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
        let regions = Vec::new();
        SortedRows { customers: self.keys, row_counts: self.row_counts, long: self.long, regions, read }
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

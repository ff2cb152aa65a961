//! Reads the orders of a segment as parts of the canonical table, for questions that look at no single row.

mod customers;

use std::path::Path;
use std::sync::Arc;

use polars::prelude::*;
use rayon::prelude::*;

use customers::Customers;

use crate::error::Result;
use crate::parse::orders::Block;
use crate::rows::key_table::KeyTable;
use crate::rows::{Extras, SortedRows};
use crate::schema::items::{Line, NO_LINES};
use crate::schema::parts::Look;
use crate::schema::{Micros, day, money, names, orders};
use crate::store::Wanted;
use crate::store::frames::Groups;
use crate::store::key::PeopleKey;
use crate::store::manifest::{FileRef, Grain, Segment};
use crate::store::marks::replaced;
use crate::store::names::Names;
use crate::store::rows::{
    Parsed, Piece, all_can_be, details, lines_column, load_lines, mark_last, prices, put, veil,
};
use crate::store::segment::{AMOUNT, DISCOUNT, GROSS, IS_LOST, LINE_COUNT, PRODUCT, QUANTITY, ROWS};

const COLUMNS: [&str; 4] = [orders::ORDERED_ON, orders::STATUS, orders::PAID_AMOUNT, orders::REFUND_AMOUNT];

/// The files with the orders of a segment, one row each.
#[derive(Clone, Copy)]
pub(in crate::store) struct OrderFiles<'a> {
    segment: &'a Segment,
    /// The number that hashes of recipients are masked with, if they are.
    number: u64,
    is_veiled: bool,
    amounts: &'a FileRef,
    customers: &'a FileRef,
    details: &'a FileRef,
    lines: Option<&'a FileRef>,
    /// Whether orders may have several rows, with their numbers among the details.
    has_row_counts: bool,
}

impl<'a> OrderFiles<'a> {
    /// The files of a segment, if each of its rows is an order or its merged orders are kept.
    pub(in crate::store) fn of(segment: &'a Segment) -> Option<Self> {
        let Segment { number, customers, details, lines, .. } = segment;
        if let Some(settled) = &segment.settled {
            return Some(Self {
                segment,
                number: settled.number,
                amounts: &settled.amounts,
                customers: &settled.customers,
                details: &settled.details,
                lines: settled.lines.as_ref(),
                is_veiled: true,
                has_row_counts: settled.has_row_counts,
            });
        }
        let amounts = segment.amounts.as_ref().filter(|_| segment.grain.is_whole)?;
        Some(Self {
            segment,
            number: *number,
            is_veiled: segment.are_recipients_veiled,
            amounts,
            customers,
            details,
            lines: lines.as_ref(),
            has_row_counts: false,
        })
    }
}

/// The orders of a segment that no later import has replaced. The orders of customers in `shared`, or of all customers
/// if that is none, are returned as single rows, since these customers have orders elsewhere too.
pub(in crate::store) fn load_sorted(
    folder: &Path,
    files: OrderFiles<'_>,
    wanted: &Wanted,
    shared: Option<&KeyTable>,
    key: Option<PeopleKey>,
) -> Result<Block> {
    let (segment, columns) = (files.segment, [names::CUSTOMER_ID, orders::IS_MASKED, ROWS]);
    let (customers, values) = rayon::join(
        || Groups::open(folder, files.customers)?.load(&columns, Customers::of),
        || Values::open(folder, files, wanted, key),
    );
    let (customers, (values, lines)) = (customers?, values?);
    let left_out = replaced(folder, &segment.superseded)?;
    if !values.amounts.sizes().eq(customers.iter().map(Customers::row_count)) {
        return Err(values.amounts.damaged());
    }
    let values = Arc::new(values);
    let groups = customers.into_par_iter().enumerate().map(|(number, customers)| {
        let start = values.starts[number] as u32;
        let end = start + customers.row_count() as u32;
        let within = left_out.partition_point(|row| *row < start)..left_out.partition_point(|row| *row < end);
        let left_out: Vec<u32> = left_out[within].iter().map(|row| row - start).collect();
        let (is_kept, apart) = customers.sort_out(&left_out, shared);
        let Some(is_kept) = is_kept else {
            // Row groups are only read when they are needed, so that not all are in memory at once.
            let values = Arc::clone(&values);
            let read = move |look| canonical(values.group(number, look)?);
            return Ok((Some(customers.rows(Box::new(read))), None));
        };
        let frame = values.group(number, Look::Everything)?;
        let frame_of_them = customers.named(&frame, &apart)?;
        let piece = Piece { frame: frame_of_them, replaced: Vec::new(), first_line: 0, texts: Vec::new() };
        let apart = Parsed::of(piece, ROWS_APART, wanted, false)?;
        if shared.is_none() {
            return Ok((None, Some(apart)));
        }
        let frame = canonical(frame.filter(&BooleanChunked::from_slice("kept".into(), &is_kept))?)?;
        Ok((Some(customers.left(&is_kept).rows(Box::new(move |_| Ok(frame.clone())))), Some(apart)))
    });
    let groups: Vec<(Option<SortedRows>, Option<Parsed>)> = groups.collect::<Result<_>>()?;
    let mut block = Block::default();
    let mut apart = Vec::new();
    for (rows, others) in groups {
        block.sorted.extend(rows.map(|rows| SortedRows { are_joined: files.has_row_counts, ..rows }));
        apart.extend(others);
    }
    put(&mut block, apart, false, None);
    block.settled = segment.settled.as_ref().map(|settled| settled.counts).unwrap_or_default();
    if wanted.wants.regions || wanted.wants.has_extras() {
        let names = Names::load(folder, &segment.names)?;
        block.places = names.regions;
        block.extras = Extras { sources: names.sources, products: names.products, lines };
    }
    Ok(block)
}

/// The grain of rows that have no ids to distinguish them.
const ROWS_APART: Grain = Grain {
    has_order_id: false,
    has_order_amount: true,
    has_line_id: false,
    is_whole: true,
    has_own_id: false,
    has_negatives: false,
    says: None,
};

/// The wanted columns of the orders, except for their customers.
struct Values {
    amounts: Groups,
    /// The details and their wanted columns, if there are any.
    details: Option<(Groups, Vec<&'static str>)>,
    /// The number of the first row of each row group.
    starts: Vec<usize>,
    /// For each row group the number of items before it; empty if items are not wanted.
    line_starts: Vec<u64>,
    /// The key to unmask recipients, with the number that they are masked with.
    unveil: Option<(u64, PeopleKey)>,
}

impl Values {
    /// Opens the files. Also returns the items of all orders, in their order.
    fn open(
        folder: &Path,
        files: OrderFiles<'_>,
        wanted: &Wanted,
        key: Option<PeopleKey>,
    ) -> Result<(Self, Vec<Line>)> {
        let mut columns = details(&wanted.wants);
        columns.extend(files.has_row_counts.then_some(orders::ROW_COUNT));
        let open = || (!columns.is_empty()).then(|| Groups::open(folder, files.details)).transpose();
        let (amounts, of_details) = rayon::join(|| Groups::open(folder, files.amounts), open);
        let (amounts, of_details) = (amounts?, of_details?);
        if let Some(of) = of_details.as_ref().filter(|of| !of.sizes().eq(amounts.sizes())) {
            return Err(of.damaged());
        }
        let starts = amounts.sizes().scan(0, |end, rows| {
            *end += rows;
            Some(*end - rows)
        });
        let starts = starts.collect();
        let is_veiled = wanted.wants.has_extras() && files.is_veiled;
        let unveil = match (is_veiled, key, &of_details) {
            (false, ..) => None,
            (true, Some(key), _) => Some((files.number, key)),
            (true, None, Some(of)) => return Err(of.damaged()),
            (true, None, None) => return Err(amounts.damaged()),
        };
        let (mut line_starts, mut lines) = (Vec::new(), Vec::new());
        if let (true, Some(details), Some(file)) = (wanted.wants.items, &of_details, files.lines) {
            (line_starts, lines) = open_lines(folder, file, details)?;
        }
        let details = of_details.map(|of| (of, columns));
        Ok((Self { amounts, details, starts, line_starts, unveil }, lines))
    }

    /// The columns of a row group that are looked at, as the files have them, but with the index of a row's items in
    /// place of their number.
    fn group(&self, number: usize, look: Look) -> Result<DataFrame> {
        let columns: &[&str] = match look {
            Look::Days => &[orders::ORDERED_ON],
            Look::Regions => return self.regions(number),
            Look::Everything => &COLUMNS,
        };
        let frame = self.amounts.group(number, columns)?;
        if !can_be(&frame).unwrap_or(false) {
            return Err(self.amounts.damaged());
        }
        if look == Look::Days {
            return Ok(frame);
        }
        let Some((groups, columns)) = &self.details else { return Ok(frame) };
        let mut details = groups.group(number, columns)?;
        let can_be = details.columns().iter().all(|column| is_detail(column).unwrap_or(false));
        if !can_be {
            return Err(groups.damaged());
        }
        let first_line = self.line_starts.get(number).copied();
        let settled = (|| -> PolarsResult<()> {
            if let Some((of, key)) = &self.unveil {
                veil(&mut details, *of, self.starts[number], key)?;
            }
            if let Ok(counts) = details.column(LINE_COUNT) {
                let lines = lines_column(counts.u32()?, first_line);
                details.with_column(lines)?;
            }
            Ok(())
        })();
        let frame =
            settled.and_then(|()| frame.hstack(details.drop(LINE_COUNT).unwrap_or(details).columns()));
        frame.map_err(|_| groups.damaged())
    }

    /// The regions of a row group; no column if they are not wanted.
    fn regions(&self, number: usize) -> Result<DataFrame> {
        let wanted = self.details.as_ref().filter(|(_, columns)| columns.contains(&orders::REGION));
        let Some((groups, _)) = wanted else { return Ok(DataFrame::empty()) };
        let frame = groups.group(number, &[orders::REGION])?;
        let can_be = frame.columns().iter().all(|column| is_detail(column).unwrap_or(false));
        if can_be { Ok(frame) } else { Err(groups.damaged()) }
    }
}

/// For each row group the number of items before it, according to the details; and the items.
fn open_lines(folder: &Path, file: &FileRef, details: &Groups) -> Result<(Vec<u64>, Vec<Line>)> {
    let groups = Groups::open(folder, file)?;
    let (counts, lines) = rayon::join(
        || details.load(&[LINE_COUNT], |frame| Ok(frame.column(LINE_COUNT)?.u32()?.rechunk().into_owned())),
        || groups.load(&[PRODUCT, QUANTITY, AMOUNT, IS_LOST], load_lines),
    );
    let (counts, mut lines) = (counts?, lines?.concat());
    let starts = counts.iter().scan(0, |end, counts| {
        let own: u64 = counts.iter().flatten().map(u64::from).sum();
        *end += own;
        Some(*end - own)
    });
    let starts = starts.collect();
    if mark_last(&mut lines, counts.iter().flat_map(|counts| counts.iter())) != lines.len() {
        return Err(groups.damaged());
    }
    Ok((starts, lines))
}

/// Whether days and amounts are in the range that an export can have.
fn can_be(frame: &DataFrame) -> PolarsResult<bool> {
    let is_one = |column: &Column| match column.name().as_str() {
        orders::ORDERED_ON => Ok(all_can_be(column.to_physical_repr().i32()?, day::can_be)),
        orders::STATUS => Ok(column.dtype() == &DataType::UInt8),
        _ => are_amounts(column),
    };
    frame.columns().iter().try_fold(true, |all, column| Ok(all && is_one(column)?))
}

/// Whether a column of the details has the right type, and its values are in the range that an export can have.
fn is_detail(column: &Column) -> PolarsResult<bool> {
    match column.name().as_str() {
        orders::REGION | orders::SOURCE | LINE_COUNT | orders::ROW_COUNT => column.u32().map(|_| true),
        orders::RECIPIENT => column.u64().map(|_| true),
        orders::SECOND => Ok(all_can_be(column.i32()?, day::is_second)),
        _ => are_amounts(column),
    }
}

fn are_amounts(column: &Column) -> PolarsResult<bool> {
    let amounts = column.i64()?;
    // Numbers that are not negative are at most what all their bits together make: one comparison in place of one for
    // each, where no amount is negative or missing.
    let bits = |values: &[i64]| values.iter().fold(0, |bits, value| bits | value);
    let are_small = amounts.null_count() == 0
        && amounts.downcast_iter().all(|chunk| (0..=money::MAX_KEPT).contains(&bits(chunk.values())));
    Ok(are_small || all_can_be(amounts, |amount| money::can_be(Micros::new(amount))))
}

/// Replaces gross amounts and discounts by the full price, and adds all columns that belong to the extras.
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
    if frame.column(orders::LINES).is_err() {
        // Only prices were wanted.
        frame.with_column(Column::full_null(orders::SOURCE.into(), height, &DataType::UInt32))?;
        frame.with_column(Column::full_null(orders::RECIPIENT.into(), height, &DataType::UInt64))?;
        frame.with_column(Column::new_scalar(orders::LINES.into(), Scalar::from(NO_LINES), height))?;
    }
    Ok(frame.drop_many([GROSS, DISCOUNT]))
}

//! The orders table in parts: unsorted as it was read, or sorted if a question needs that.

use std::fmt;

use polars::prelude::*;
use rayon::prelude::*;

use super::{CustomerCode, Micros, day, orders};
use crate::error::Result;

/// Customer code of a row without a customer.
pub const NOBODY: u32 = u32::MAX;

/// Customer code of a row that does not belong to the table: no input has the order's status or amount, all rows of the
/// order are elsewhere, or its customer was filtered out.
pub const INCOMPLETE: u32 = u32::MAX - 1;

/// The rows of a table as they were read: unsorted, but with all rows of a customer in one part.
///
/// That is enough for questions that look at one customer after the other ([`Self::each_rows`]). Other questions need
/// the sorted table: [`Self::in_order`] consumes the rows and returns [`Parts`], so that both never exist at once and
/// no lock is needed.
#[derive(Default)]
pub struct RowParts {
    parts: Vec<Box<dyn Unsorted>>,
    /// By customer code, whether the customer's orders were kept; `None` if all were.
    kept: Option<Vec<bool>>,
}

/// The sorted orders table, in parts. All orders of a customer are in one part, sorted by day; the parts are in the
/// order of customer codes; orders without a customer have parts of their own. Questions about customers are answered
/// part by part, which stays in cache and uses all cores.
#[derive(Debug, Clone, Default)]
pub struct Parts(Vec<DataFrame>);

/// The columns that a visit of rows looks at besides their customers. Others may be empty, since reading them from a
/// store takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// [`Rows::ordered_on`].
    Days,
    /// [`Rows::region`].
    Regions,
    /// All that the question asked for.
    Everything,
}

/// Rows that are not sorted yet.
pub trait Unsorted: Send + Sync {
    /// Calls `visit` with the rows; all rows of a customer come in one call.
    fn visit_rows(&self, look: Look, visit: &mut dyn FnMut(&Rows<'_>) -> Result<()>) -> Result<()>;

    /// Sorts the rows.
    fn sorted(self: Box<Self>) -> Result<Sorted>;
}

/// Sorted parts of the table.
#[derive(Default)]
pub struct Sorted {
    /// Parts of orders with a customer.
    pub known: Vec<DataFrame>,
    /// Parts of orders without a customer.
    pub unknown: Vec<DataFrame>,
}

/// Rows of some customers as columns of equal length, in any order. Columns that a visit does not look at ([`Look`]) may
/// be empty.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Customer numbers, counted from 0 within these rows, or [`NOBODY`] or [`INCOMPLETE`].
    pub customer: &'a [u32],
    /// The code of customer number 0.
    pub base: u32,
    /// The number of customers.
    pub customer_count: usize,
    /// For each row of [`NOBODY`], in order: whether the buyer is given but masked by the platform.
    pub is_masked: &'a [bool],
    /// As [`orders::ORDERED_ON`], in days since 1970-01-01.
    pub ordered_on: &'a [i32],
    /// As [`orders::STATUS`].
    pub status: &'a [u8],
    /// As [`orders::PAID_AMOUNT`].
    pub paid_amount: &'a [i64],
    /// As [`orders::REFUND_AMOUNT`].
    pub refund_amount: &'a [i64],
    /// As [`orders::ROW_COUNT`]; empty means one each.
    pub row_count: &'a [u32],
    /// As [`orders::REGION`]; empty where nobody asked for it.
    pub region: &'a [u32],
    /// Second of the day; [`day::MISSING`] if no time is given; empty if no question asked for it.
    pub second: &'a [i32],
    /// Source, recipient and prices; `None` if no question asked for them or no file has any.
    pub further: Option<&'a dyn Further>,
}

/// Values that are only read if a question wants them.
pub trait Further: Sync {
    /// The source's number.
    fn source(&self, row: usize) -> Option<u32>;

    /// A hash of the recipient.
    fn recipient(&self, row: usize) -> Option<u64>;

    /// The price before discounts of an order for which `paid` was paid.
    fn full_price(&self, row: usize, paid: Micros) -> Option<Micros>;

    /// The shop's cost of the goods.
    fn cost(&self, row: usize) -> Option<Micros>;

    /// The index of the order's lines, [`super::items::NO_LINES`] if there are none.
    fn lines(&self, row: usize) -> u64;
}

impl fmt::Debug for dyn Further + '_ {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Further")
    }
}

impl fmt::Debug for RowParts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("RowParts").field(&self.parts.len()).finish()
    }
}

impl Rows<'_> {
    /// The second of a row's day; `None` if it is unknown or no question asked for it.
    pub fn second(&self, row: usize) -> Option<i32> {
        self.second.get(row).copied().filter(|second| *second != day::MISSING)
    }

    /// The customer numbers, with [`INCOMPLETE`] for customers who are not kept and for rows without a customer.
    fn customers_among(&self, kept: &[bool]) -> Vec<u32> {
        let is_kept = |number: u32| {
            let code = self.base as usize + number as usize;
            (number as usize) < self.customer_count && kept.get(code).copied().unwrap_or(false)
        };
        let customer = |number: &u32| if is_kept(*number) { *number } else { INCOMPLETE };
        self.customer.iter().map(customer).collect()
    }
}

impl RowParts {
    /// Takes unsorted rows.
    pub fn new(unsorted: Vec<Box<dyn Unsorted>>) -> Self {
        Self { parts: unsorted, kept: None }
    }

    /// Calls `ask` with all rows, customer by customer within each call. The results are in the order of customer
    /// codes.
    pub fn each_rows<T: Send>(&self, ask: impl Fn(&Rows<'_>) -> Result<T> + Sync) -> Result<Vec<T>> {
        self.each_rows_with(Look::Everything, ask)
    }

    /// Like [`Self::each_rows`], for a question that looks only at some columns.
    pub fn each_rows_with<T: Send>(
        &self,
        look: Look,
        ask: impl Fn(&Rows<'_>) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let answers = self.parts.par_iter().with_max_len(1).map(|part| {
            let mut answers = Vec::new();
            part.visit_rows(look, &mut |rows| {
                answers.push(match &self.kept {
                    Some(kept) => {
                        ask(&Rows { customer: &rows.customers_among(kept), is_masked: &[], ..*rows })?
                    }
                    None => ask(rows)?,
                });
                Ok(())
            })?;
            Ok(answers)
        });
        let answers = answers.collect::<Result<Vec<Vec<T>>>>()?;
        Ok(answers.into_iter().flatten().collect())
    }

    /// Keeps the orders of customers for whom `is_kept` (by code) is true, and returns from how many rows of exports
    /// the others came. Orders without a customer are dropped.
    pub fn keep(&mut self, is_kept: Vec<bool>) -> Result<u64> {
        let gone = self.each_rows(|rows| {
            let customers = rows.customer.iter().zip(rows.customers_among(&is_kept));
            let rows_of = |row: usize| u64::from(rows.row_count.get(row).copied().unwrap_or(1));
            let gone = customers.enumerate().filter(|(_, (before, after))| *before != after);
            Ok(gone.map(|(row, _)| rows_of(row)).sum::<u64>())
        })?;
        self.kept = Some(is_kept);
        Ok(gone.into_iter().sum())
    }

    /// Sorts the rows. The memory of each part's rows is freed as soon as the part is sorted.
    pub fn in_order(self) -> Result<Parts> {
        let sorted: Vec<Sorted> =
            self.parts.into_par_iter().map(|part| part.sorted()).collect::<Result<_>>()?;
        let (mut known, mut unknown) = (Together::default(), Together::default());
        for parts in sorted {
            parts.known.into_iter().try_for_each(|part| known.push(part))?;
            parts.unknown.into_iter().try_for_each(|part| unknown.push(part))?;
        }
        let mut frames = known.finish();
        frames.append(&mut unknown.finish());
        if frames.is_empty() {
            frames.push(empty());
        }
        let mut parts = Parts(frames);
        if let Some(kept) = self.kept {
            parts.keep(|code| kept.get(code.place()).copied().unwrap_or(false))?;
        }
        Ok(parts)
    }
}

impl Parts {
    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|part| part.height() == 0)
    }

    /// Keeps the orders of customers for whom `is_kept` is true, and returns from how many rows of exports the others
    /// came. Orders without a customer are dropped.
    pub fn keep(&mut self, is_kept: impl Fn(CustomerCode) -> bool + Sync) -> Result<u64> {
        self.keep_marked(|part| {
            let customers = part.column(orders::CUSTOMER)?.u32()?;
            Ok(customers.iter().map(|code| Some(code.map(CustomerCode::new).is_some_and(&is_kept))).collect())
        })
    }

    /// Keeps the orders that `mark` marks, part by part, and returns from how many rows of exports the others came.
    pub fn keep_marked(&mut self, mark: impl Fn(&DataFrame) -> Result<BooleanChunked> + Sync) -> Result<u64> {
        let keep = |part: &mut DataFrame| -> Result<u64> {
            let marks = mark(part)?;
            let rows = part.column(orders::ROW_COUNT)?.u32()?.iter().zip(marks.iter());
            let gone =
                rows.filter(|(_, kept)| *kept != Some(true)).map(|(rows, _)| u64::from(rows.unwrap_or(1)));
            let gone = gone.sum();
            *part = part.filter(&marks)?;
            Ok(gone)
        };
        self.0.par_iter_mut().with_max_len(1).map(keep).sum()
    }

    /// Calls `ask` with every part. The results are in the order of the parts.
    pub fn each_answer<T: Send>(
        &self,
        ask: impl Fn(&DataFrame) -> Result<T> + Sync + Send,
    ) -> Result<Vec<T>> {
        self.0.par_iter().with_max_len(1).map(ask).collect()
    }

    /// Calls `visit` with every part in turn.
    pub fn visit(&self, visit: impl FnMut(&DataFrame) -> Result<()>) -> Result<()> {
        self.0.iter().try_for_each(visit)
    }

    /// Runs a query on every part and concatenates the results, in the order of the parts.
    pub fn ask(&self, ask: impl Fn(LazyFrame) -> LazyFrame + Sync + Send) -> Result<DataFrame> {
        self.ask_frames(|part| Ok(ask(part.clone().lazy()).collect()?))
    }

    /// Like [`Self::ask`], for code that looks at a customer's orders one after the other.
    pub fn ask_frames(
        &self,
        ask: impl Fn(&DataFrame) -> Result<DataFrame> + Sync + Send,
    ) -> Result<DataFrame> {
        let mut answers = self.each_answer(ask)?.into_iter();
        let mut all = answers.next().unwrap_or_default();
        for answer in answers {
            all.vstack_mut_owned(answer)?;
        }
        all.rechunk_mut();
        Ok(all)
    }
}

/// Parts with fewer rows are joined: very many small parts cost more than copying them.
const SMALL: usize = 20_000;

/// Joins small frames.
#[derive(Default)]
struct Together {
    done: Vec<DataFrame>,
    open: Option<DataFrame>,
}

impl Together {
    fn push(&mut self, frame: DataFrame) -> Result<()> {
        match &mut self.open {
            _ if frame.height() == 0 => return Ok(()),
            Some(open) => {
                open.vstack_mut(&frame)?;
            }
            None => self.open = Some(frame),
        }
        if self.open.as_ref().is_some_and(|open| open.height() >= SMALL) {
            self.close();
        }
        Ok(())
    }

    fn close(&mut self) {
        if let Some(mut frame) = self.open.take() {
            frame.rechunk_mut();
            self.done.push(frame);
        }
    }

    fn finish(mut self) -> Vec<DataFrame> {
        self.close();
        self.done
    }
}

/// A part without rows, which gives results their columns.
fn empty() -> DataFrame {
    let columns = [
        (orders::CUSTOMER, DataType::UInt32),
        (orders::IS_MASKED, DataType::Boolean),
        (orders::ORDERED_ON, DataType::Date),
        (orders::STATUS, DataType::UInt8),
        (orders::PAID_AMOUNT, DataType::Int64),
        (orders::REFUND_AMOUNT, DataType::Int64),
        (orders::ROW_COUNT, DataType::UInt32),
        (orders::REGION, DataType::UInt32),
    ];
    let columns = columns.iter().map(|(name, dtype)| Column::new_empty((*name).into(), dtype));
    DataFrame::new_infer_height(columns.collect()).unwrap_or_default()
}

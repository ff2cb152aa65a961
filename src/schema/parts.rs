//! The orders table in parts: as rows came, or in order where a question needs that.

use std::fmt;

use polars::prelude::*;
use rayon::prelude::*;

use super::{CustomerCode, Micros, day, orders};
use crate::error::Result;

/// In place of a customer's code: the row names no customer.
pub const NOBODY: u32 = u32::MAX;

/// In place of a customer's code: the row is none of the table. No input says the order's status or amount, or the
/// order stands elsewhere with all its rows, or its customer is not one of those who are asked about.
pub const INCOMPLETE: u32 = u32::MAX - 1;

/// The rows of a table as reading gave them, in no order, but all of a customer's in one part.
///
/// That is enough for whatever looks at one customer after the other ([`Self::each_rows`]). Other questions need the
/// table in order: [`Self::in_order`] consumes the rows and returns [`Parts`], so that there is never both and nothing
/// is locked.
#[derive(Default)]
pub struct RowParts {
    parts: Vec<Box<dyn Unsorted>>,
    /// Whether each customer, by code, is one of those whose orders were kept; `None` where all were.
    kept: Option<Vec<bool>>,
}

/// The orders table in parts, in order. The orders of a customer are together in one part, sorted by day; the parts are
/// in the order of the customers' codes; orders without a customer have parts of their own. Questions per customer go
/// part by part, which stays in cache and runs on all cores.
#[derive(Debug, Clone, Default)]
pub struct Parts(Vec<DataFrame>);

/// Rows that have not been put into order yet.
pub trait Unsorted: Send + Sync {
    /// Calls `visit` with the rows, all of a customer's at once.
    fn visit_rows(&self, visit: &mut dyn FnMut(&Rows<'_>) -> Result<()>) -> Result<()>;

    /// Puts the rows into order.
    fn sorted(self: Box<Self>) -> Result<Sorted>;
}

/// Parts of the table.
#[derive(Default)]
pub struct Sorted {
    /// Of orders that name somebody.
    pub known: Vec<DataFrame>,
    /// Of orders that name nobody.
    pub unknown: Vec<DataFrame>,
}

/// Rows of some customers as columns of one length, in any order.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// The customers, numbered from 0 among these; [`NOBODY`] or [`INCOMPLETE`] where there is none.
    pub customer: &'a [u32],
    /// The code of number 0.
    pub base: u32,
    /// How many customers there are.
    pub customer_count: usize,
    /// For each row of [`NOBODY`]: whether the buyer is given, but masked by the platform.
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
    /// Seconds of the day of `ordered_on`, [`day::MISSING`] where no time is given; empty where nobody asked for them.
    pub second: &'a [i32],
    /// Source, recipient and prices; `None` where nobody asked for them or no file says any.
    pub further: Option<&'a dyn Further>,
}

/// Further columns of rows, which are only read if a question wants them.
pub trait Further: Sync {
    /// The source's number.
    fn source(&self, row: usize) -> Option<u32>;

    /// A hash of the recipient.
    fn recipient(&self, row: usize) -> Option<u64>;

    /// What an order of which so much was paid would have cost without discounts.
    fn full_price(&self, row: usize, paid: Micros) -> Option<Micros>;

    /// What the goods cost the shop.
    fn cost(&self, row: usize) -> Option<Micros>;

    /// The place of the lines, [`super::items::NO_LINES`] where there are none.
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
    /// The second of a row's day; `None` where no time is given or nobody asked for it.
    pub fn second(&self, row: usize) -> Option<i32> {
        self.second.get(row).copied().filter(|second| *second != day::MISSING)
    }

    /// The customers of the rows, with [`INCOMPLETE`] in place of those who are not kept by code, and of nobody.
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
    /// Of rows as they came.
    pub fn new(unsorted: Vec<Box<dyn Unsorted>>) -> Self {
        Self { parts: unsorted, kept: None }
    }

    /// Asks about all rows, those of a customer at once. The answers are in the order of the customers' codes.
    pub fn each_rows<T: Send>(&self, ask: impl Fn(&Rows<'_>) -> Result<T> + Sync) -> Result<Vec<T>> {
        let answers = self.parts.par_iter().with_max_len(1).map(|part| {
            let mut answers = Vec::new();
            part.visit_rows(&mut |rows| {
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

    /// Keeps the orders of some customers, by code, and says how many rows of exports the others were. Orders of nobody
    /// known are nobody's.
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

    /// Puts the rows into order. The memory of each part's rows is freed as soon as the part is made.
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

    /// Keeps the orders of some customers, by code, and says how many rows of exports the others were. Orders of nobody
    /// known are nobody's.
    pub fn keep(&mut self, is_kept: impl Fn(CustomerCode) -> bool + Sync) -> Result<u64> {
        self.keep_marked(|part| {
            let customers = part.column(orders::CUSTOMER)?.u32()?;
            Ok(customers.iter().map(|code| Some(code.map(CustomerCode::new).is_some_and(&is_kept))).collect())
        })
    }

    /// Keeps the orders that are marked, part by part, and says how many rows of exports the others were.
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

    /// Asks about every part. The answers are in the order of the parts.
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

    /// Asks about every part and puts the answers into one frame, in the order of the parts.
    pub fn ask(&self, ask: impl Fn(LazyFrame) -> LazyFrame + Sync + Send) -> Result<DataFrame> {
        self.ask_frames(|part| Ok(ask(part.clone().lazy()).collect()?))
    }

    /// As [`Self::ask`], for questions that look at a customer's orders one after the other.
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

/// Parts of fewer rows are put together: very many small parts cost more than copying them.
const SMALL: usize = 20_000;

/// Frames, small ones put together.
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

/// A part without orders, which gives results their columns.
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

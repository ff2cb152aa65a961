//! Rows of a store that need no merging and are already sorted by customer and day. They become parts of the canonical
//! table without further work.

use std::fmt;
use std::ops::Range;

use polars::prelude::*;

use crate::error::Result;
use crate::rows::dictionary::UNKNOWN;
use crate::schema::items::NO_LINES;
use crate::schema::parts::{Further, Look, NOBODY, Rows, Sorted, Unsorted};
use crate::schema::{Items, Key, Micros, day, orders};

/// The usual number of rows in a part: enough to be worth scheduling, few enough to stay in cache and to use all cores.
const PART: usize = 40_000;

/// Rows that are whole orders, of customers who have no other orders.
pub struct SortedRows {
    /// The customers in the order of their rows, including the keys that stand for nobody.
    pub customers: Vec<Key>,
    /// The number of rows of each of these customers.
    pub row_counts: Vec<u32>,
    /// The texts of customer ids that are too long for their keys.
    pub long: Vec<(Key, Box<str>)>,
    /// For each of their own region numbers the number among the regions of all inputs.
    pub regions: Vec<u32>,
    /// For each of their own source numbers the number among the sources of all inputs.
    pub sources: Vec<u32>,
    /// Which part of the items of all orders has the items of these rows.
    pub part: usize,
    /// Whether any row was made from several rows of an export.
    pub are_joined: bool,
    /// Reads the rows.
    pub read: ReadRows,
}

/// Reads the rows with the columns of the canonical table `ordered_on`, `status`, `paid_amount` and `refund_amount`,
/// which have no missing values, or only those that a [`Look`] needs. `row_count` is there if rows were made from
/// several rows of an export. If they are wanted, there are also `region` and `source` in their own numbering, `second`,
/// `recipient`, prices, costs, and
/// `lines`, which are counted within their own part.
pub type ReadRows = Box<dyn Fn(Look) -> Result<DataFrame> + Send + Sync>;

impl fmt::Debug for SortedRows {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SortedRows").field("customers", &self.customers).finish_non_exhaustive()
    }
}

/// Rows whose customers have consecutive numbers from `base`.
pub struct Numbered {
    /// The rows.
    pub rows: SortedRows,
    /// The number of the first customer.
    pub base: u32,
}

impl Unsorted for Numbered {
    fn visit_rows(&self, look: Look, visit: &mut dyn FnMut(&Rows<'_>) -> Result<()>) -> Result<()> {
        let frame = (self.rows.read)(look)?;
        let column = |name: &str| match frame.column(name) {
            Ok(column) => Ok(Some(column.to_physical_repr())),
            Err(_) if look != Look::Everything => Ok(None),
            Err(missing) => Err(missing),
        };
        let ordered_on = in_one_piece(column(orders::ORDERED_ON)?, |days| days.i32())?;
        let status = in_one_piece(column(orders::STATUS)?, |status| status.u8())?;
        let amounts = |name: &str| in_one_piece(column(name)?, |amounts| amounts.i64());
        let (paid_amount, refund_amount) = (amounts(orders::PAID_AMOUNT)?, amounts(orders::REFUND_AMOUNT)?);
        let row_count = row_counts(&frame)?;
        let region = self.rows.numbers_of(&frame, orders::REGION)?.unwrap_or_default();
        let second = seconds(&frame)?;
        let beside = Beside::of(&frame, &self.rows)?;
        for part in self.rows.parts(self.base) {
            let customer = self.rows.numbers(&part);
            let is_masked = match part.whose {
                Whose::Somebodys => Vec::new(),
                whose => vec![whose == Whose::Masked; part.rows.len()],
            };
            let rows = part.rows.clone();
            visit(&Rows {
                customer: &customer,
                base: part.base,
                // Rows without a customer are stored under a special key that is no customer.
                customer_count: if part.whose == Whose::Somebodys { part.customers.len() } else { 0 },
                is_masked: &is_masked,
                ordered_on: of_part(ordered_on.cont_slice()?, &rows),
                status: of_part(status.cont_slice()?, &rows),
                paid_amount: of_part(paid_amount.cont_slice()?, &rows),
                refund_amount: of_part(refund_amount.cont_slice()?, &rows),
                row_count: of_part(&row_count, &rows),
                region: of_part(&region, &rows),
                second: of_part(&second, &rows),
                further: beside
                    .as_ref()
                    .map(|beside| beside.of_rows(rows))
                    .as_ref()
                    .map(|of| of as &dyn Further),
            })?;
        }
        Ok(())
    }

    fn sorted(self: Box<Self>) -> Result<Sorted> {
        let mut frame = (self.rows.read)(Look::Everything)?;
        if let Some(region) = self.rows.numbers_of(&frame, orders::REGION)? {
            frame.with_column(UInt32Chunked::from_vec(orders::REGION.into(), region).into_column())?;
        }
        if let Some(source) = self.rows.numbers_of(&frame, orders::SOURCE)? {
            let known = source.into_iter().map(|number| Some(number).filter(|number| *number != UNKNOWN));
            frame
                .with_column(UInt32Chunked::from_iter_options(orders::SOURCE.into(), known).into_column())?;
        }
        if let Ok(lines) = frame.column(orders::LINES) {
            let places = lines.u64()?.iter().map(|start| self.rows.place(start)).collect();
            frame.with_column(UInt64Chunked::from_vec(orders::LINES.into(), places).into_column())?;
        }
        let mut sorted = Sorted::default();
        for part in self.rows.parts(self.base) {
            let customer = match part.whose {
                Whose::Somebodys => {
                    let codes =
                        self.rows.numbers(&part).into_iter().map(|number| part.base + number).collect();
                    UInt32Chunked::from_vec(orders::CUSTOMER.into(), codes)
                }
                _ => UInt32Chunked::full_null(orders::CUSTOMER.into(), part.rows.len()),
            };
            let slice = frame.slice(part.rows.start as i64, part.rows.len());
            let list = if part.whose == Whose::Somebodys { &mut sorted.known } else { &mut sorted.unknown };
            list.push(with_constants(&slice, customer, part.whose)?);
        }
        Ok(sorted)
    }
}

/// Rows that are handled together.
struct Part {
    whose: Whose,
    /// Indices of their customers.
    customers: Range<usize>,
    rows: Range<usize>,
    /// The number of the first customer.
    base: u32,
}

impl SortedRows {
    /// The number of each row's region or source among those of all inputs, if the column was read.
    fn numbers_of(&self, frame: &DataFrame, name: &str) -> Result<Option<Vec<u32>>> {
        let Ok(column) = frame.column(name) else { return Ok(None) };
        let numbers = if name == orders::REGION { &self.regions } else { &self.sources };
        let number =
            |own: Option<u32>| own.and_then(|own| numbers.get(own as usize)).copied().unwrap_or(UNKNOWN);
        Ok(Some(column.u32()?.iter().map(number).collect()))
    }

    /// Converts the start of items within their own part to their place among the items of all orders.
    fn place(&self, start: Option<u64>) -> u64 {
        match start {
            None | Some(NO_LINES) => NO_LINES,
            Some(start) => Items::place(self.part, start as u32),
        }
    }

    /// Whether every key is a customer.
    pub fn are_all_named(&self) -> bool {
        self.customers.iter().all(|key| key.is_usable())
    }

    /// Divides the rows into parts, with all rows of a customer in one part, and numbers the customers from `base`.
    fn parts(&self, base: u32) -> Vec<Part> {
        let (mut parts, mut start, mut code): (Vec<Part>, _, _) = (Vec::new(), 0, base);
        for (place, (key, rows)) in self.customers.iter().zip(&self.row_counts).enumerate() {
            let (whose, end) = (Whose::of(*key), start + *rows as usize);
            match parts.last_mut().filter(|part| part.whose == whose && part.rows.len() < PART) {
                Some(part) => (part.customers.end, part.rows.end) = (place + 1, end),
                None => parts.push(Part { whose, customers: place..place + 1, rows: start..end, base: code }),
            }
            start = end;
            code += u32::from(whose == Whose::Somebodys);
        }
        parts
    }

    /// The number of each row's customer within a part.
    fn numbers(&self, part: &Part) -> Vec<u32> {
        /// This many entries are filled without checking how many rows a customer has, because few have more.
        const USUAL: usize = 8;
        if part.whose != Whose::Somebodys {
            return vec![NOBODY; part.rows.len()];
        }
        let (mut numbers, mut start) = (vec![0; part.rows.len() + USUAL], 0);
        for (number, rows) in (0..).zip(&self.row_counts[part.customers.clone()]) {
            let end = start + *rows as usize;
            numbers[start..start + USUAL].fill(number);
            if end - start > USUAL {
                numbers[start + USUAL..end].fill(number);
            }
            start = end;
        }
        numbers.truncate(start);
        numbers
    }
}

/// A column in one piece; empty if it was not read.
fn in_one_piece<T: PolarsNumericType>(
    column: Option<Column>,
    numbers: impl Fn(&Column) -> PolarsResult<&ChunkedArray<T>>,
) -> Result<ChunkedArray<T>> {
    let whole = column.as_ref().map(|column| Ok::<_, PolarsError>(numbers(column)?.rechunk().into_owned()));
    Ok(whole.transpose()?.unwrap_or_else(|| ChunkedArray::from_vec(PlSmallStr::EMPTY, Vec::new())))
}

/// Some rows of a column; none if it was not read.
fn of_part<'a, T>(column: &'a [T], rows: &Range<usize>) -> &'a [T] {
    column.get(rows.clone()).unwrap_or_default()
}

/// From how many rows of an export each row was made; empty if from one each.
fn row_counts(frame: &DataFrame) -> Result<Vec<u32>> {
    let Ok(column) = frame.column(orders::ROW_COUNT) else { return Ok(Vec::new()) };
    Ok(column.u32()?.iter().map(|count| count.unwrap_or(1)).collect())
}

/// The second of the day of each row; empty if times were not read.
fn seconds(frame: &DataFrame) -> Result<Vec<i32>> {
    let Ok(column) = frame.column(orders::SECOND) else { return Ok(Vec::new()) };
    Ok(column.i32()?.iter().map(|second| second.unwrap_or(day::MISSING)).collect())
}

/// Columns that only some questions need.
struct Beside {
    full_price: Int64Chunked,
    cost: Int64Chunked,
    /// [`UNKNOWN`] if a row has no source.
    source: Vec<u32>,
    recipient: UInt64Chunked,
    /// Where each row's items begin among the items of all orders.
    lines: Vec<u64>,
}

/// These columns for a range of rows.
struct BesideRows<'a> {
    all: &'a Beside,
    start: usize,
}

impl Beside {
    /// The columns, if they were read.
    fn of(frame: &DataFrame, rows: &SortedRows) -> Result<Option<Self>> {
        let Ok(full_price) = frame.column(orders::FULL_PRICE) else { return Ok(None) };
        let rechunked = |column: &Column| Ok::<_, PolarsError>(column.i64()?.rechunk().into_owned());
        Ok(Some(Self {
            full_price: rechunked(full_price)?,
            cost: rechunked(frame.column(orders::COST)?)?,
            source: rows.numbers_of(frame, orders::SOURCE)?.unwrap_or_default(),
            recipient: frame.column(orders::RECIPIENT)?.u64()?.rechunk().into_owned(),
            lines: frame.column(orders::LINES)?.u64()?.iter().map(|start| rows.place(start)).collect(),
        }))
    }

    fn of_rows(&self, rows: Range<usize>) -> BesideRows<'_> {
        BesideRows { all: self, start: rows.start }
    }
}

impl Further for BesideRows<'_> {
    fn source(&self, row: usize) -> Option<u32> {
        self.all.source.get(self.start + row).copied().filter(|source| *source != UNKNOWN)
    }

    fn recipient(&self, row: usize) -> Option<u64> {
        self.all.recipient.get(self.start + row).filter(|recipient| *recipient != 0)
    }

    fn full_price(&self, row: usize, _: Micros) -> Option<Micros> {
        self.all.full_price.get(self.start + row).map(Micros::new)
    }

    fn cost(&self, row: usize) -> Option<Micros> {
        self.all.cost.get(self.start + row).map(Micros::new)
    }

    fn lines(&self, row: usize) -> u64 {
        self.all.lines.get(self.start + row).copied().unwrap_or(NO_LINES)
    }
}

/// Whose the rows of a part are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Somebodys,
    Nobodys,
    Masked,
}

impl Whose {
    fn of(key: Key) -> Self {
        match key {
            Key::MASKED => Self::Masked,
            Key::NONE => Self::Nobodys,
            _ => Self::Somebodys,
        }
    }
}

/// Adds the columns that stored rows leave out because they have the same value in every row.
fn with_constants(rows: &DataFrame, customer: UInt32Chunked, whose: Whose) -> Result<DataFrame> {
    let height = rows.height();
    let constant = |name: &str, value: Scalar| Column::new_scalar(name.into(), value, height);
    let mut columns = vec![
        customer.into_column(),
        constant(orders::IS_MASKED, Scalar::from(whose == Whose::Masked)),
        rows.column(orders::ORDERED_ON)?.clone(),
        rows.column(orders::STATUS)?.clone(),
        rows.column(orders::PAID_AMOUNT)?.clone(),
        rows.column(orders::REFUND_AMOUNT)?.clone(),
        match rows.column(orders::ROW_COUNT) {
            Ok(counts) => counts.clone(),
            Err(_) => constant(orders::ROW_COUNT, Scalar::from(1_u32)),
        },
    ];
    // The columns stand in the same order as in merged rows.
    let further = [
        orders::REGION,
        orders::SECOND,
        orders::SOURCE,
        orders::RECIPIENT,
        orders::FULL_PRICE,
        orders::COST,
        orders::LINES,
    ];
    columns.extend(further.into_iter().filter_map(|name| rows.column(name).ok().cloned()));
    Ok(DataFrame::new(height, columns)?)
}

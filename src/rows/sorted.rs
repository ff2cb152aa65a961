//! Rows that need no merging and stand by customer and day already, as a store keeps them: they become parts of the
//! canonical table as they are.

use std::fmt;
use std::ops::Range;

use polars::prelude::*;

use crate::error::Result;
use crate::schema::items::NO_LINES;
use crate::schema::parts::{Further, NOBODY, Rows, Sorted, Unsorted};
use crate::schema::{Key, Micros, orders};

/// Parts have about so many rows: enough to be worth a turn, few enough to stay in cache and to occupy every core.
const PART: usize = 40_000;

/// Rows of orders, each an order of its own, whose customers have no other rows.
pub struct SortedRows {
    /// The customers in the order of their rows; keys that name nobody too.
    pub customers: Vec<Key>,
    /// How many rows each of them has.
    pub row_counts: Vec<u32>,
    /// Texts of the customers whose ids are long.
    pub long: Vec<(Key, Box<str>)>,
    /// The number that each of their own regions has among those of all inputs.
    pub regions: Vec<u32>,
    /// Reads the rows.
    pub read: ReadRows,
}

/// Reads `ordered_on`, `status`, `paid_amount` and `refund_amount` of rows as the canonical table has them, none of
/// them missing; and where they are wanted `region`, by their own numbers, and what goes with prices before discounts.
pub type ReadRows = Box<dyn Fn() -> Result<DataFrame> + Send + Sync>;

impl fmt::Debug for SortedRows {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SortedRows").field("customers", &self.customers).finish_non_exhaustive()
    }
}

/// Rows whose customers are numbered from `base` on.
pub struct Numbered {
    /// The rows.
    pub rows: SortedRows,
    /// The number of their first customer.
    pub base: u32,
}

impl Unsorted for Numbered {
    fn visit_rows(&self, visit: &mut dyn FnMut(&Rows<'_>) -> Result<()>) -> Result<()> {
        let frame = (self.rows.read)()?;
        let ordered_on = frame.column(orders::ORDERED_ON)?.to_physical_repr().i32()?.rechunk().into_owned();
        let status = frame.column(orders::STATUS)?.u8()?.rechunk();
        let paid_amount = frame.column(orders::PAID_AMOUNT)?.i64()?.rechunk();
        let refund_amount = frame.column(orders::REFUND_AMOUNT)?.i64()?.rechunk();
        let (ordered_on, status) = (ordered_on.cont_slice()?, status.cont_slice()?);
        let (paid_amount, refund_amount) = (paid_amount.cont_slice()?, refund_amount.cont_slice()?);
        let region = self.rows.regions_of(&frame)?.unwrap_or_default();
        let prices = Prices::of(&frame)?;
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
                customer_count: part.customers.len(),
                is_masked: &is_masked,
                ordered_on: &ordered_on[rows.clone()],
                status: &status[rows.clone()],
                paid_amount: &paid_amount[rows.clone()],
                refund_amount: &refund_amount[rows.clone()],
                row_count: &[],
                region: region.get(rows.clone()).unwrap_or_default(),
                second: &[],
                further: prices
                    .as_ref()
                    .map(|prices| prices.of_rows(rows))
                    .as_ref()
                    .map(|of| of as &dyn Further),
            })?;
        }
        Ok(())
    }

    fn sorted(self: Box<Self>) -> Result<Sorted> {
        let mut frame = (self.rows.read)()?;
        if let Some(region) = self.rows.regions_of(&frame)? {
            frame.with_column(UInt32Chunked::from_vec(orders::REGION.into(), region).into_column())?;
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

/// Rows that stand together.
struct Part {
    whose: Whose,
    /// Places of their customers.
    customers: Range<usize>,
    rows: Range<usize>,
    /// The code of the first customer.
    base: u32,
}

impl SortedRows {
    /// The regions of rows, by number among those of all inputs, where they were read.
    fn regions_of(&self, frame: &DataFrame) -> Result<Option<Vec<u32>>> {
        let Ok(column) = frame.column(orders::REGION) else { return Ok(None) };
        let number = |own: Option<u32>| {
            let known = own.and_then(|own| self.regions.get(own as usize));
            known.copied().unwrap_or(orders::UNKNOWN_REGION)
        };
        Ok(Some(column.u32()?.iter().map(number).collect()))
    }

    /// Whether all customers are somebody.
    pub fn are_all_named(&self) -> bool {
        self.customers.iter().all(|key| key.is_usable())
    }

    /// The rows in parts, all of a customer's in one, the customers numbered from `base` on.
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

    /// The number of each row's customer in a part.
    fn numbers(&self, part: &Part) -> Vec<u32> {
        /// Written without asking whether a customer has so many rows: few have more.
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

/// The prices and costs of rows.
struct Prices {
    full_price: Int64Chunked,
    cost: Int64Chunked,
}

/// Those of some of them.
struct PricesOf<'a> {
    all: &'a Prices,
    start: usize,
}

impl Prices {
    /// Where they were read.
    fn of(frame: &DataFrame) -> Result<Option<Self>> {
        let Ok(full_price) = frame.column(orders::FULL_PRICE) else { return Ok(None) };
        let rechunked = |column: &Column| Ok::<_, PolarsError>(column.i64()?.rechunk().into_owned());
        Ok(Some(Self { full_price: rechunked(full_price)?, cost: rechunked(frame.column(orders::COST)?)? }))
    }

    fn of_rows(&self, rows: Range<usize>) -> PricesOf<'_> {
        PricesOf { all: self, start: rows.start }
    }
}

impl Further for PricesOf<'_> {
    fn source(&self, _: usize) -> Option<u32> {
        None
    }

    fn recipient(&self, _: usize) -> Option<u64> {
        None
    }

    fn full_price(&self, row: usize, _: Micros) -> Option<Micros> {
        self.all.full_price.get(self.start + row).map(Micros::new)
    }

    fn cost(&self, row: usize) -> Option<Micros> {
        self.all.cost.get(self.start + row).map(Micros::new)
    }

    fn lines(&self, _: usize) -> u64 {
        NO_LINES
    }
}

/// Whose rows those of a part are.
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

/// Rows with the columns that they leave out.
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
        constant(orders::ROW_COUNT, Scalar::from(1_u32)),
    ];
    // In the order in which rows that were merged have them.
    let further =
        [orders::REGION, orders::SOURCE, orders::RECIPIENT, orders::FULL_PRICE, orders::COST, orders::LINES];
    columns.extend(further.into_iter().filter_map(|name| rows.column(name).ok().cloned()));
    Ok(DataFrame::new(height, columns)?)
}

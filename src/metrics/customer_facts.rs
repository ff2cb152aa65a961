//! What is known of each buyer from valid orders; most metrics start here.

use polars::prelude::*;

use super::scope::{Amounts, KEPT, Scope};
use crate::error::{Error, Result};
use crate::ingest::accounting::{Accounting, Rule};
use crate::schema::{CustomerIds, Orders, money, names, orders};

/// One row per buyer (a customer with at least one valid order), in no particular order.
///
/// Columns: `customer` (u32 code), `last_ordered_on` (date), `recency_days` (i32), `order_count` (u32),
/// `net_amount` (i64, micro-units).
#[derive(Debug, Clone)]
pub struct CustomerFacts {
    /// The rows.
    pub frame: DataFrame,
    /// The as-of day; `None` when there are no orders at all and none was given.
    pub as_of: Option<i32>,
    /// Where every row of the inputs went.
    pub accounting: Accounting,
    /// Net amount of all buyers, in micro-units.
    pub net_total: i128,
    /// Distinct valid orders of all buyers; an order id under which several customers ordered counts once.
    pub order_total: u64,
}

/// Computes the facts. `accounting` is what ingest left; it comes back with the rows sorted by rule.
pub fn customer_facts(orders: &Orders, scope: &Scope, mut accounting: Accounting) -> Result<CustomerFacts> {
    let ruling = scope.ruling(orders, true)?;
    let day = ruling.as_of.unwrap_or(0);
    let ruled = orders.parts.each(|part| {
        let rules = UInt8Chunked::from_vec(RULE.into(), ruling.rules(part)?);
        let mut ruled = part.clone();
        ruled.with_column(rules.into_column())?;
        Ok(ruled)
    })?;
    let frame = ruled.ask_frames(|part| heavy(part, scope, day))?;
    count_rules(&ruled, &frame, &mut accounting)?;
    let frame = finish(frame)?;
    let net_total = sum(frame.column(names::NET_AMOUNT)?)?;
    let repeated = if orders.has_splits { repeated_ids(&ruled, scope)? } else { 0 };
    let order_total = sum(frame.column(names::ORDER_COUNT)?)? as u64 - repeated;
    Ok(CustomerFacts { frame, as_of: ruling.as_of, accounting, net_total, order_total })
}

impl CustomerFacts {
    /// How many buyers.
    pub fn customer_count(&self) -> u64 {
        self.frame.height() as u64
    }

    /// Rows of the frame by net amount, greatest first, then by customer id: the order of customer lists.
    pub fn listing_order(&self, customers: &CustomerIds) -> Result<Vec<u32>> {
        let net = self.frame.column(names::NET_AMOUNT)?.i64()?.rechunk();
        let code = self.frame.column(orders::CUSTOMER)?.u32()?.rechunk();
        let rows: Vec<(i64, u32)> =
            net.cont_slice()?.iter().copied().zip(code.cont_slice()?.iter().copied()).collect();
        Ok(by_amount(&rows, customers))
    }
}

/// The places of rows of an amount and a customer's code: the greatest amount first, and of equal ones the customer
/// whose id comes first.
pub(super) fn by_amount(rows: &[(i64, u32)], customers: &CustomerIds) -> Vec<u32> {
    use rayon::prelude::*;
    let code = |row: u32| rows[row as usize].1;
    let mut order: Vec<(i64, u32)> = rows.iter().zip(0..).map(|((amount, _), row)| (*amount, row)).collect();
    order.par_sort_unstable_by(|a, b| b.0.cmp(&a.0));
    let mut runs: Vec<&mut [(i64, u32)]> =
        order.chunk_by_mut(|a, b| a.0 == b.0).filter(|run| run.len() > 1).collect();
    runs.par_iter_mut().for_each(|run| {
        let mut keyed: Vec<(u128, u32)> =
            run.iter().map(|(_, row)| (customers.prefix(code(*row)), *row)).collect();
        keyed.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| customers.text(code(a.1)).cmp(&customers.text(code(b.1))))
        });
        for (place, (_, row)) in run.iter_mut().zip(keyed) {
            place.1 = row;
        }
    });
    order.into_iter().map(|(_, row)| row).collect()
}

/// That a customer's amounts are beyond 64 bits of micro-units.
pub(super) fn beyond() -> Error {
    Error::data(
        format!(
            "one customer's amounts add up to more than {}, which ecrm cannot hold",
            money::plain(i128::from(i64::MAX))
        ),
        "check the amount column; --map paid_amount=HEADER names another",
    )
}

/// Adds up an integer column without overflow.
pub(super) fn sum(column: &Column) -> Result<i128> {
    let wide = column.cast(&DataType::Int64)?;
    Ok(wide.i64()?.iter().flatten().map(i128::from).sum())
}

/// Per customer: last day, distinct orders, exact sum, and the rows behind them. Orders of the table are distinct,
/// so counting rows counts orders; credit notes lower the sum and are not counted.
///
/// In other engines this is a group-by; here the orders of a customer stand together, and a pass over the runs
/// takes a third of the time of a hash table over millions of customers.
fn heavy(part: &DataFrame, scope: &Scope, as_of: i32) -> Result<DataFrame> {
    let customer = part.column(orders::CUSTOMER)?.u32()?.rechunk();
    let rule = part.column(RULE)?.u8()?.rechunk();
    let amounts = Amounts::of(part)?;
    let rows = part.column(orders::ROW_COUNT)?.u32()?.rechunk();
    let mut facts = Facts::default();
    if customer.null_count() == 0 {
        let (customer, rule, rows) = (customer.cont_slice()?, rule.cont_slice()?, rows.cont_slice()?);
        let (day, paid, refund) = (amounts.day()?, amounts.paid()?, amounts.refund()?);
        let mut row = 0;
        for run in customer.chunk_by(|a, b| a == b) {
            let mut fact = Fact { customer: run[0], ..Fact::default() };
            for row in row..row + run.len() {
                if rule[row] != KEPT {
                    continue;
                }
                fact.net += i128::from(paid[row]) - i128::from(refund[row]);
                fact.rows += rows[row];
                if scope.is_order(paid[row]) {
                    fact.orders += 1;
                    // Orders stand by day.
                    fact.last_day = day[row];
                }
            }
            row += run.len();
            facts.push(&fact, as_of)?;
        }
    }
    facts.into_frame()
}

#[derive(Default)]
struct Fact {
    customer: u32,
    last_day: i32,
    orders: u32,
    net: i128,
    rows: u32,
}

#[derive(Default)]
struct Facts {
    customer: Vec<u32>,
    last_day: Vec<i32>,
    recency: Vec<i32>,
    orders: Vec<u32>,
    net: Vec<i64>,
    rows: Vec<u32>,
}

impl Facts {
    /// Adds a customer; those without any kept row are left out.
    fn push(&mut self, fact: &Fact, as_of: i32) -> Result<()> {
        if fact.rows > 0 {
            let net = i64::try_from(fact.net).map_err(|_| beyond())?;
            self.customer.push(fact.customer);
            self.last_day.push(fact.last_day);
            self.recency.push(as_of - fact.last_day);
            self.orders.push(fact.orders);
            self.net.push(net);
            self.rows.push(fact.rows);
        }
        Ok(())
    }

    fn into_frame(self) -> Result<DataFrame> {
        Ok(DataFrame::new_infer_height(vec![
            UInt32Chunked::from_vec(orders::CUSTOMER.into(), self.customer).into_column(),
            Int32Chunked::from_vec(names::LAST_ORDERED_ON.into(), self.last_day).into_date().into_column(),
            Int32Chunked::from_vec(names::RECENCY_DAYS.into(), self.recency).into_column(),
            UInt32Chunked::from_vec(names::ORDER_COUNT.into(), self.orders).into_column(),
            Int64Chunked::from_vec(names::NET_AMOUNT.into(), self.net).into_column(),
            UInt32Chunked::from_vec(orders::ROW_COUNT.into(), self.rows).into_column(),
        ])?)
    }
}

/// Whether a kept document is an order and no credit note.
fn is_order(scope: &Scope) -> Expr {
    let paid = col(orders::PAID_AMOUNT);
    if scope.include_zero_orders { paid.gt_eq(lit(0_i64)) } else { paid.gt(lit(0_i64)) }
}

/// How many orders share their id with another one that counts.
fn repeated_ids(ruled: &orders::Parts, scope: &Scope) -> Result<u64> {
    // Orders under one id can be in several parts.
    let split = ruled.ask(|part| {
        let is_split = col(orders::SPLIT).gt(lit(0_u32));
        part.filter(is_split.and(col(RULE).eq(lit(KEPT))).and(is_order(scope))).select([col(orders::SPLIT)])
    })?;
    let distinct = split.column(orders::SPLIT)?.n_unique()?;
    Ok((split.height() - distinct) as u64)
}

/// Buyers: customers with an order, not with credit notes only.
fn finish(all: DataFrame) -> Result<DataFrame> {
    let buyers = all.lazy().filter(col(names::ORDER_COUNT).gt(lit(0_u32)));
    Ok(buyers.drop(cols([orders::ROW_COUNT])).collect()?)
}

/// The rule that leaves an order out, or [`KEPT`], beside the columns of the orders table.
const RULE: &str = "rule";

/// Moves the rows that rules leave out, and those of customers with credit notes only, from used to excluded.
fn count_rules(ruled: &orders::Parts, customers: &DataFrame, accounting: &mut Accounting) -> Result<()> {
    let mut counts = [0_u64; 256];
    ruled.visit(|part| {
        let rules = part.column(RULE)?.u8()?.iter();
        for (rule, rows) in rules.zip(part.column(orders::ROW_COUNT)?.u32()?.iter()) {
            counts[usize::from(rule.unwrap_or(KEPT))] += u64::from(rows.unwrap_or(0));
        }
        Ok(())
    })?;
    for (rule, rows) in Rule::ALL.iter().zip(counts) {
        accounting.exclude(*rule, rows);
    }
    let rows = col(orders::ROW_COUNT).cast(DataType::Int64).sum();
    let without =
        customers.clone().lazy().filter(col(names::ORDER_COUNT).eq(lit(0_u32))).select([rows]).collect()?;
    accounting.exclude(Rule::NoValidOrder, sum(without.column(orders::ROW_COUNT)?)? as u64);
    Ok(())
}

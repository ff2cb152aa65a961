//! What is known of each buyer from valid orders; most metrics start here.

use polars::prelude::*;

use super::scope::{KEPT, Scope};
use crate::error::Result;
use crate::ingest::accounting::{Accounting, Rule};
use crate::schema::{CustomerIds, Orders, names, orders};

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
    let as_of = scope.as_of(orders)?;
    let day = as_of.unwrap_or(0);
    let ruled = with_rules(orders, scope, day)?;
    count_rules(&ruled, &mut accounting)?;
    let all = heavy(ruled.clone().lazy(), scope).collect_with_engine(Engine::Streaming)?.unwrap_single();
    let (frame, without_order) = finish(all, day)?;
    accounting.rows_used -= without_order;
    accounting.excluded.add(Rule::NoValidOrder, without_order);
    let net_total = sum(frame.column(names::NET_AMOUNT)?)?;
    let order_total = sum(frame.column(names::ORDER_COUNT)?)? as u64 - repeated_ids(&ruled, scope)?;
    Ok(CustomerFacts { frame, as_of, accounting, net_total, order_total })
}

impl CustomerFacts {
    /// How many buyers.
    pub fn customer_count(&self) -> u64 {
        self.frame.height() as u64
    }

    /// Rows of the frame by net amount, greatest first, then by customer id: the order of customer lists.
    pub fn listing_order(&self, customers: &CustomerIds) -> Result<Vec<u32>> {
        use rayon::prelude::*;
        let net = self.frame.column(names::NET_AMOUNT)?.i64()?.rechunk();
        let code = self.frame.column(orders::CUSTOMER)?.u32()?.rechunk();
        let (net, code) = (net.cont_slice()?, code.cont_slice()?);
        let mut order: Vec<(i64, u32)> = net.iter().enumerate().map(|(row, &net)| (net, row as u32)).collect();
        order.par_sort_unstable_by(|a, b| b.0.cmp(&a.0));
        let mut runs: Vec<&mut [(i64, u32)]> =
            order.chunk_by_mut(|a, b| a.0 == b.0).filter(|run| run.len() > 1).collect();
        runs.par_iter_mut().for_each(|run| {
            let mut keyed: Vec<(u128, u32)> =
                run.iter().map(|(_, row)| (customers.prefix(code[*row as usize]), *row)).collect();
            keyed.sort_unstable_by(|a, b| {
                a.0.cmp(&b.0).then_with(|| customers.text(code[a.1 as usize]).cmp(&customers.text(code[b.1 as usize])))
            });
            for (place, (_, row)) in run.iter_mut().zip(keyed) {
                place.1 = row;
            }
        });
        Ok(order.into_iter().map(|(_, row)| row).collect())
    }
}

/// Adds up an integer column without overflow.
pub(super) fn sum(column: &Column) -> Result<i128> {
    let wide = column.cast(&DataType::Int64)?;
    Ok(wide.i64()?.iter().flatten().map(i128::from).sum())
}

/// Per customer: last day, distinct orders, exact sum. Orders of the table are distinct, so counting rows counts
/// orders; credit notes lower the sum and are not counted.
fn heavy(ruled: LazyFrame, scope: &Scope) -> LazyFrame {
    let is_order = || is_order(scope);
    ruled.filter(col(RULE).eq(lit(KEPT))).group_by([col(orders::CUSTOMER)]).agg([
        when(is_order())
            .then(col(orders::ORDERED_ON).to_physical())
            .otherwise(lit(NULL))
            .max()
            .alias(names::LAST_ORDERED_ON),
        is_order().cast(DataType::UInt32).sum().alias(names::ORDER_COUNT),
        (col(orders::PAID_AMOUNT) - col(orders::REFUND_AMOUNT)).sum().alias(names::NET_AMOUNT),
        col(orders::ROW_COUNT).sum().alias(orders::ROW_COUNT),
    ])
}

/// Whether a kept document is an order and no credit note.
fn is_order(scope: &Scope) -> Expr {
    let paid = col(orders::PAID_AMOUNT);
    if scope.include_zero_orders { paid.gt_eq(lit(0_i64)) } else { paid.gt(lit(0_i64)) }
}

/// How many orders share their id with another one that counts.
fn repeated_ids(ruled: &DataFrame, scope: &Scope) -> Result<u64> {
    if ruled.column(orders::SPLIT)?.as_materialized_series().u32()?.max().unwrap_or(0) == 0 {
        return Ok(0);
    }
    let split = ruled
        .clone()
        .lazy()
        .filter(col(orders::SPLIT).gt(lit(0_u32)).and(col(RULE).eq(lit(KEPT))).and(is_order(scope)))
        .group_by([col(orders::SPLIT)])
        .agg([(len() - lit(1_u32)).cast(DataType::Int64).alias("repeated")])
        .collect()?;
    Ok(sum(split.column("repeated")?)? as u64)
}

/// Buyers with their recency, and the rows of customers who have credit notes only.
fn finish(all: DataFrame, as_of: i32) -> Result<(DataFrame, u64)> {
    let has_order = || col(names::ORDER_COUNT).gt(lit(0_u32));
    let without = all
        .clone()
        .lazy()
        .filter(has_order().not())
        .select([col(orders::ROW_COUNT).cast(DataType::Int64).sum()])
        .collect()?;
    let rows = sum(without.column(orders::ROW_COUNT)?)?;
    let frame = all
        .lazy()
        .filter(has_order())
        .select([
            col(orders::CUSTOMER),
            col(names::LAST_ORDERED_ON).cast(DataType::Date),
            (lit(as_of) - col(names::LAST_ORDERED_ON)).cast(DataType::Int32).alias(names::RECENCY_DAYS),
            col(names::ORDER_COUNT),
            col(names::NET_AMOUNT),
        ])
        .collect()?;
    Ok((frame, rows as u64))
}

/// The orders with the rule that leaves each one out, or [`KEPT`].
fn with_rules(orders: &Orders, scope: &Scope, as_of: i32) -> Result<DataFrame> {
    let rule = orders.frame.clone().lazy().select([scope.rule(as_of).alias(RULE)]);
    let rule = rule.collect_with_engine(Engine::Streaming)?.unwrap_single();
    let mut ruled = orders.frame.clone();
    ruled.with_column(rule.column(RULE)?.clone())?;
    Ok(ruled)
}

/// The column of [`with_rules`].
const RULE: &str = "rule";

/// Moves the rows that rules leave out from used to excluded.
fn count_rules(ruled: &DataFrame, accounting: &mut Accounting) -> Result<()> {
    let counts = ruled
        .clone()
        .lazy()
        .filter(col(RULE).neq(lit(KEPT)))
        .group_by([col(RULE)])
        .agg([col(orders::ROW_COUNT).cast(DataType::Int64).sum()])
        .collect_with_engine(Engine::Streaming)?
        .unwrap_single();
    let (rules, rows) = (counts.column(RULE)?.u8()?, counts.column(orders::ROW_COUNT)?.i64()?);
    for (code, rows) in rules.iter().zip(rows.iter()) {
        let (Some(code), Some(rows)) = (code, rows) else { continue };
        if let Some(&rule) = Rule::ALL.get(code as usize) {
            accounting.excluded.add(rule, rows as u64);
            accounting.rows_used -= rows as u64;
        }
    }
    Ok(())
}

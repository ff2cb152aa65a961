//! Customers by group and by days since the last order. This is the result of the heavy stages of segments and of RFM
//! scores, whichever engine computes it. It has at most one row per group and day.

use polars::prelude::*;

use crate::error::Result;
use crate::schema::names;

/// The customers of a group whose last order was a certain number of days ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GroupDay {
    /// The group, by number.
    pub group: u8,
    /// Days since the last order.
    pub recency_days: i32,
    /// How many customers.
    pub customers: u64,
    /// Their orders.
    pub orders: u64,
    /// Their net amount, in micro-units.
    pub net: i128,
}

/// The heavy stage: sums over the rows of customer facts by the u8 column `group` and by recency, sorted by group and
/// days.
pub(super) fn group_days(customers: LazyFrame, group: &str) -> Result<Vec<GroupDay>> {
    let cells = customers
        .group_by([col(group), col(names::RECENCY_DAYS)])
        .agg([
            len().cast(DataType::Int64).alias(names::CUSTOMER_COUNT),
            col(names::ORDER_COUNT).cast(DataType::Int64).sum(),
            col(names::NET_AMOUNT).cast(DataType::Int128).sum(),
        ])
        .sort([group, names::RECENCY_DAYS], SortMultipleOptions::default())
        .collect()?;
    let groups = cells.column(group)?.u8()?;
    let recency = cells.column(names::RECENCY_DAYS)?.i32()?;
    let customers = cells.column(names::CUSTOMER_COUNT)?.i64()?;
    let orders = cells.column(names::ORDER_COUNT)?.i64()?;
    let net = cells.column(names::NET_AMOUNT)?.i128()?;
    let cell = |row: usize| GroupDay {
        group: groups.get(row).unwrap_or(u8::MAX),
        recency_days: recency.get(row).unwrap_or(0),
        customers: customers.get(row).unwrap_or(0) as u64,
        orders: orders.get(row).unwrap_or(0) as u64,
        net: net.get(row).unwrap_or(0),
    };
    Ok((0..cells.height()).map(cell).collect())
}

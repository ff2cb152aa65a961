//! Buyers as another engine lists them, in the order of customer lists: by net amount, greatest first, then by id.

use polars::prelude::*;

use super::finish::amounts;
use crate::schema::names;

/// The facts of each buyer, as columns of equal length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedBuyers {
    /// The ids.
    pub customer_ids: Vec<String>,
    /// Days of the last orders, since 1970-01-01.
    pub last_days: Vec<i32>,
    /// Days from the last orders to the as-of day.
    pub recency_days: Vec<i32>,
    /// Numbers of orders.
    pub orders: Vec<u32>,
    /// Net amounts in micro-units, as the columns hold them.
    pub net: Vec<i64>,
}

impl ListedBuyers {
    /// The same columns as those of [`super::finish::listing`].
    pub(super) fn columns(&self) -> Vec<Column> {
        vec![
            Column::new(names::CUSTOMER_ID.into(), &self.customer_ids),
            Int32Chunked::from_slice(names::LAST_ORDERED_ON.into(), &self.last_days)
                .into_date()
                .into_column(),
            Int32Chunked::from_slice(names::RECENCY_DAYS.into(), &self.recency_days).into_column(),
            UInt32Chunked::from_slice(names::ORDER_COUNT.into(), &self.orders).into_column(),
            amounts(names::NET_AMOUNT, self.net.iter().map(|net| Some(*net))),
        ]
    }
}

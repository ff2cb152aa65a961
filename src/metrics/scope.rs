//! Which orders count: the valid-order rule, the as-of day and the window.

use polars::prelude::*;

use crate::error::Result;
use crate::ingest::accounting::Rule;
use crate::schema::{Orders, Status, orders};

/// The time a question is about and which orders it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scope {
    /// The last day that counts, as days since 1970-01-01; `None` is the latest order of the data.
    pub as_of: Option<i32>,
    /// Only the so many whole days that end with as-of; `None` is all time.
    pub window: Option<u32>,
    /// Whether orders at no price (gifts, draws) are orders.
    pub include_zero_orders: bool,
}

impl Scope {
    /// The as-of day for these orders; `None` when there are no orders and none was given.
    pub fn as_of(&self, orders: &Orders) -> Result<Option<i32>> {
        if self.as_of.is_some() {
            return Ok(self.as_of);
        }
        let days = orders.frame.column(orders::ORDERED_ON)?.as_materialized_series().to_physical_repr().into_owned();
        Ok(days.i32()?.max())
    }

    /// The [`Rule`] that leaves an order out, as its code, or [`KEPT`]; the first that applies.
    pub(super) fn rule(&self, as_of: i32) -> Expr {
        let status_is = |status: Status| col(orders::STATUS).eq(lit(status.code()));
        let day = || col(orders::ORDERED_ON).to_physical();
        let code = |rule: Rule| lit(rule as u8);
        let paid = || col(orders::PAID_AMOUNT);
        let chain = when(col(orders::CUSTOMER).is_null().and(col(orders::IS_MASKED)))
            .then(code(Rule::MaskedCustomer))
            .when(col(orders::CUSTOMER).is_null())
            .then(code(Rule::NoCustomer))
            .when(status_is(Status::Pending))
            .then(code(Rule::Unpaid))
            .when(status_is(Status::ClosedUnpaid))
            .then(code(Rule::ClosedUnpaid))
            .when(status_is(Status::Cancelled))
            .then(code(Rule::Cancelled))
            .when(status_is(Status::Refunded))
            .then(code(Rule::Refunded))
            .when(paid().gt(lit(0_i64)).and(paid().lt_eq(col(orders::REFUND_AMOUNT))))
            .then(code(Rule::Refunded))
            .when(paid().eq(lit(0_i64)).and(lit(!self.include_zero_orders)))
            .then(code(Rule::ZeroAmount))
            .when(day().gt(lit(as_of)))
            .then(code(Rule::AfterAsOf));
        let rule = match self.window {
            Some(window) => {
                let first = i64::from(as_of) - i64::from(window);
                chain.when(day().lt_eq(lit(first))).then(code(Rule::OutsideWindow)).otherwise(lit(KEPT))
            }
            None => chain.otherwise(lit(KEPT)),
        };
        // Literals of a byte may come back wider.
        rule.cast(DataType::UInt8)
    }
}

/// In place of a rule's code: the order counts.
pub(super) const KEPT: u8 = u8::MAX;

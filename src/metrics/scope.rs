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
        let latest = orders.parts.ask(|part| part.select([col(orders::ORDERED_ON).to_physical().max()]))?;
        Ok(latest.column(orders::ORDERED_ON)?.as_materialized_series().i32()?.max())
    }

    /// The rule that leaves an order out, as its code, or [`KEPT`]: the first that applies, for every order of a
    /// part.
    pub(super) fn rules(&self, part: &DataFrame, as_of: i32) -> Result<Vec<u8>> {
        let is_unpaid = |status: u8| match Status::ALL.get(usize::from(status)) {
            Some(Status::Pending) => Some(Rule::Unpaid),
            Some(Status::ClosedUnpaid) => Some(Rule::ClosedUnpaid),
            Some(Status::Cancelled) => Some(Rule::Cancelled),
            Some(Status::Refunded) => Some(Rule::Refunded),
            _ => None,
        };
        let unpaid: Vec<Option<Rule>> = (0..=u8::MAX).map(is_unpaid).collect();
        let first = self.window.map_or(i64::MIN, |window| i64::from(as_of) - i64::from(window) + 1);
        let customer = part.column(orders::CUSTOMER)?.u32()?;
        if customer.null_count() > 0 {
            let masked = part.column(orders::IS_MASKED)?.bool()?;
            let rule = |masked: Option<bool>| {
                if masked == Some(true) { Rule::MaskedCustomer } else { Rule::NoCustomer }
            };
            return Ok(masked.iter().map(|masked| rule(masked) as u8).collect());
        }
        let rule = |status: u8, paid: i64, refund: i64, day: i32| match unpaid[usize::from(status)] {
            Some(rule) => rule as u8,
            None if paid > 0 && paid <= refund => Rule::Refunded as u8,
            None if paid == 0 && !self.include_zero_orders => Rule::ZeroAmount as u8,
            None if day > as_of => Rule::AfterAsOf as u8,
            None if i64::from(day) < first => Rule::OutsideWindow as u8,
            None => KEPT,
        };
        let columns = Amounts::of(part)?;
        let status = part.column(orders::STATUS)?.u8()?.rechunk();
        let rows =
            status.cont_slice()?.iter().zip(columns.paid()?).zip(columns.refund()?).zip(columns.day()?);
        Ok(rows.map(|(((status, paid), refund), day)| rule(*status, *paid, *refund, *day)).collect())
    }
}

/// The days and amounts of a part, for passes over its orders one after the other.
pub(super) struct Amounts {
    day: Int32Chunked,
    paid: Int64Chunked,
    refund: Int64Chunked,
}

impl Amounts {
    pub(super) fn of(part: &DataFrame) -> Result<Self> {
        Ok(Self {
            day: part.column(orders::ORDERED_ON)?.to_physical_repr().i32()?.rechunk().into_owned(),
            paid: part.column(orders::PAID_AMOUNT)?.i64()?.rechunk().into_owned(),
            refund: part.column(orders::REFUND_AMOUNT)?.i64()?.rechunk().into_owned(),
        })
    }

    /// Days since 1970-01-01.
    pub(super) fn day(&self) -> Result<&[i32]> {
        Ok(self.day.cont_slice()?)
    }

    /// Micro-units before refunds.
    pub(super) fn paid(&self) -> Result<&[i64]> {
        Ok(self.paid.cont_slice()?)
    }

    /// Micro-units given back.
    pub(super) fn refund(&self) -> Result<&[i64]> {
        Ok(self.refund.cont_slice()?)
    }
}

/// In place of a rule's code: the order counts.
pub(super) const KEPT: u8 = u8::MAX;

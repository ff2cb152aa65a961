//! The list of customers by contribution.

use polars::prelude::*;

use super::{Basis, CLASSES, Contribution, Value, ValueParams};
use crate::error::Result;
use crate::metrics::finish::{amounts, counts, dates, flags, frame, ids, integers, ratios, share, texts};
use crate::schema::accounting::Accounting;
use crate::schema::{CustomerCode, CustomerIds, Day, Micros, names};

/// A buyer as an engine lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Day of the last order.
    pub last_day: Day,
    /// Orders.
    pub orders: u32,
    /// Net amount.
    pub net: Micros,
    /// The contribution: the margin, or the net amount if costs are not given.
    pub contribution: Micros,
    /// Orders at a deep discount.
    pub deep: u32,
    /// Orders whose full price is known.
    pub priced: u32,
}

/// The value of all customers, from an engine's list in descending order of contributions, equal ones by id.
pub fn of_listed(
    buyers: &[Listed],
    basis: Basis,
    params: &ValueParams,
    as_of: Day,
    accounting: Accounting,
) -> Value {
    let row = |(buyer, place): (&Listed, u32)| Contribution {
        customer: CustomerCode::new(place),
        last_day: buyer.last_day,
        orders: buyer.orders,
        net: buyer.net,
        margin: buyer.contribution,
        deep: buyer.deep,
        priced: buyer.priced,
    };
    let orders = buyers.iter().map(|buyer| u64::from(buyer.orders)).sum();
    Value::new(buyers.iter().zip(0..).map(row).collect(), basis, params, as_of, orders, accounting)
}

impl Value {
    /// One row per customer, the best first: `customer_id`, `last_ordered_on`, `recency_days`, `order_count`,
    /// `net_amount` (and `margin`), `class`, `cumulative_share`, `deep_discount_order_count`, `is_promotion_only` (the
    /// last two null if no order of the customer has a full price).
    pub fn customers(&self, customers: &CustomerIds) -> Result<DataFrame> {
        let codes: Vec<CustomerCode> = self.rows.iter().map(|row| row.customer).collect();
        self.listing(ids(customers, &codes)?)
    }

    /// As [`Self::customers`], with the customers' ids given in the order of the ranking.
    pub fn listing(&self, ids: StringChunked) -> Result<DataFrame> {
        let rows = || self.rows.iter();
        let whole: i128 = rows().map(|row| i128::from(self.amount(row))).sum();
        let mut sum = 0;
        let cumulated = rows().map(|row| {
            sum += i128::from(self.amount(row));
            share(sum, whole)
        });
        let cumulated: Vec<Option<f64>> = cumulated.collect();
        let mut columns = vec![
            ids.with_name(names::CUSTOMER_ID.into()).into_column(),
            dates(names::LAST_ORDERED_ON, rows().map(|row| Some(row.last_day))),
            integers(
                names::RECENCY_DAYS,
                rows().map(|row| Some(i64::from(row.last_day.days_until(self.as_of)))),
            ),
            counts(names::ORDER_COUNT, rows().map(|row| Some(u64::from(row.orders)))),
            amounts(names::NET_AMOUNT, rows().map(|row| Some(row.net))),
        ];
        if self.basis.by_margin {
            columns.push(amounts(names::MARGIN, rows().map(|row| Some(self.amount(row)))));
        }
        let priced = |row: &Contribution| row.priced > 0;
        columns.extend([
            texts(
                names::CLASS,
                self.classes.iter().map(|class| Some(CLASSES[usize::from(*class)].to_owned())),
            ),
            ratios(names::CUMULATIVE_SHARE, cumulated.into_iter()),
            counts(
                names::DEEP_DISCOUNT_ORDER_COUNT,
                rows().map(|row| Some(u64::from(row.deep)).filter(|_| priced(row))),
            ),
            flags(
                names::IS_PROMOTION_ONLY,
                rows().map(|row| Some(row.is_promotion_only()).filter(|_| priced(row))),
            ),
        ]);
        frame(columns)
    }
}

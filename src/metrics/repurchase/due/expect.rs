//! The expected next orders of customers, with the parameters that follow from the shop's own orders.

use super::{Due, DueParams, USUAL_CYCLE_DAYS};
use crate::error::Result;
use crate::metrics::products::products;
use crate::metrics::repurchase::{ChurnRule, Grouping, repurchase};
use crate::metrics::scope::Scope;
use crate::schema::Orders;
use crate::schema::accounting::Accounting;

/// The settings of the user; the other fields of [`DueParams`] follow from the orders.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DueRule {
    /// The silence past which customers are lost.
    pub churn: ChurnRule,
    /// Days before and after the expected day that are still `due`.
    pub due_days: u32,
    /// The weight of the shop's or the product's gap, as a number of the customer's own gaps.
    pub weight: u32,
}

/// The expected next orders, and the parameters from which they follow.
#[derive(Debug)]
pub struct Expecting {
    /// The expected next order of each buyer.
    pub due: Due,
    /// The parameters.
    pub params: DueParams,
    /// Whether nobody has ordered on two days yet, so that [`USUAL_CYCLE_DAYS`] is used as the shop's cycle.
    pub assumes_cycle: bool,
    /// Buyers whose first order is in the scope's window.
    pub customer_count: u64,
    /// Number of orders of these buyers.
    pub order_count: u64,
    /// Where every row went.
    pub accounting: Accounting,
}

/// Computes the expected next order of every buyer whose first order is in the scope's window. Cycles and churn lines
/// are those of all buyers.
///
/// # Errors
/// Those of polars.
pub fn expect(orders: &Orders, scope: &Scope, rule: DueRule, accounting: Accounting) -> Result<Expecting> {
    let bought = match orders.items.is_empty() {
        true => None,
        false => Some(products(orders, &scope.all_time(), true, accounting.clone())?),
    };
    let usual = repurchase(orders, scope, rule.churn, &Grouping::All, accounting)?;
    let cycle_days = usual.cycle_days();
    let params = DueParams {
        due_days: rule.due_days,
        weight: rule.weight,
        cycle_days: cycle_days.unwrap_or(USUAL_CYCLE_DAYS),
        churn_lines: usual.churn_lines(),
    };
    Ok(Expecting {
        due: Due::new(orders, scope, bought.as_ref(), &params)?,
        params,
        assumes_cycle: cycle_days.is_none(),
        customer_count: usual.customer_count,
        order_count: usual.order_count,
        accounting: usual.accounting,
    })
}

//! Tables of one row per customer, which look like orders and are none.

use super::{Choice, Guesser, has};
use crate::error::{Error, Result, said};
use crate::schema::Field;

/// What headers of such tables say.
const OF_CUSTOMERS: [&str; 14] = [
    "last order",
    "last purchase",
    "latest order",
    "first order",
    "first purchase",
    "orders count",
    "order count",
    "number of orders",
    "total orders",
    "lifetime",
    "total spent",
    "最近",
    "累计",
    "首次",
];

impl Guesser<'_> {
    /// Refuses totals of customers, which look like orders: each customer once, the last day, how many orders.
    pub(super) fn refuse_totals(&self, file: &str, chosen: &[Choice]) -> Result<()> {
        let telling = self.headers.iter().find(|header| {
            let header = header.to_lowercase().replace(['_', '-'], " ");
            OF_CUSTOMERS.iter().any(|words| header.contains(words))
        });
        let is_order = has(chosen, Field::OrderId);
        let customer = self.best(Field::CustomerId, chosen)?;
        let is_each_once = customer.iter().all(|column| !self.columns[*column].repeats());
        match telling.filter(|_| !is_order && is_each_once) {
            Some(header) => {
                let (message, hint) = said("totals_of_customers", &[("header", header.clone())]);
                Err(Error::input(file, message, hint))
            }
            None => Ok(()),
        }
    }
}

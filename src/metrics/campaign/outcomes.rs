//! What a customer in a campaign did, and what the customers of an arm bought.

use super::rows::{Row, What};
use super::subjects::Subject;
use crate::error::Result;
use crate::metrics::customer_facts::beyond;
use crate::schema::orders::UNKNOWN_REGION;
use crate::schema::{Day, Micros};

/// Number of days before the first message whose net amount indicates what a customer would have spent anyway.
pub const DAYS_BEFORE: i32 = 365;

/// What a customer did. The days are those from the first message to the last day on which orders count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Orders within the days.
    pub orders: u32,
    /// Paid minus refunded within the days, after credit notes.
    pub net: Micros,
    /// The same for the [`DAYS_BEFORE`] days before the first message.
    pub before: Micros,
    /// Orders within the days that were not paid.
    pub unpaid_orders: u32,
    /// Amount of the unpaid orders.
    pub unpaid: Micros,
    /// Orders within the days of which something was refunded.
    pub refunded_orders: u32,
    /// The amount refunded within the days.
    pub refund: Micros,
    /// Orders that count for another campaign, too.
    pub shared_orders: u32,
    /// Of these, orders for which this campaign is the first one shown that counts them.
    pub first_shared_orders: u32,
    /// Day of the first order within the days.
    pub first_day: Option<Day>,
    /// Orders before the first message.
    pub orders_before: u32,
    /// Day of the last order before the first message.
    pub last_day_before: Option<Day>,
    /// Number of the region of the last order before the first message that names one; [`UNKNOWN_REGION`] if none does.
    pub region_before: u32,
    /// Whether the customer has ordered since the first message, within the days or later.
    pub has_ordered_since: bool,
}

impl Default for Outcome {
    fn default() -> Self {
        Self {
            orders: 0,
            net: Micros::ZERO,
            before: Micros::ZERO,
            unpaid_orders: 0,
            unpaid: Micros::ZERO,
            refunded_orders: 0,
            refund: Micros::ZERO,
            shared_orders: 0,
            first_shared_orders: 0,
            first_day: None,
            orders_before: 0,
            last_day_before: None,
            region_before: UNKNOWN_REGION,
            has_ordered_since: false,
        }
    }
}

/// What the customers of an arm bought of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bought {
    /// Number of the arm.
    pub arm: usize,
    /// Number of the product.
    pub product: u32,
    /// Orders with it.
    pub orders: u64,
    /// Customers who bought it.
    pub customers: u64,
    /// Number of pieces, in millionths; `None` if any order does not say it.
    pub quantity: Option<i128>,
    /// What was paid for it, in micro-units; `None` if any order does not say it.
    pub amount: Option<i128>,
}

impl Bought {
    /// Adds what other customers of the arm bought of the product.
    pub fn merge(&mut self, other: &Self) {
        self.orders += other.orders;
        self.customers += other.customers;
        self.quantity = self.quantity.zip(other.quantity).map(|(a, b)| a + b);
        self.amount = self.amount.zip(other.amount).map(|(a, b)| a + b);
    }
}

impl Outcome {
    /// Adds a row of the customer.
    pub fn add(&mut self, row: &Row, subject: &Subject) -> Result<()> {
        let added = |sum: Micros, part: Micros| sum.checked_add(part).ok_or_else(beyond);
        let is_within = row.is_within(subject);
        let document = &row.document;
        self.has_ordered_since |= row.is_order() && !row.is_before(subject);
        match row.what {
            What::Counted if is_within => {
                self.orders += u32::from(document.is_order);
                self.net = added(self.net, document.net)?;
                self.refunded_orders += u32::from(document.is_order && row.amount.is_positive());
                self.refund = added(self.refund, row.amount)?;
                if document.is_order {
                    self.first_day = Some(self.first_day.map_or(document.day, |day| day.min(document.day)));
                }
            }
            What::Counted if row.is_before(subject) => {
                if document.day >= subject.from.0.minus_days(DAYS_BEFORE) {
                    self.before = added(self.before, document.net)?;
                }
                if document.is_order {
                    self.orders_before += 1;
                    self.last_day_before = self.last_day_before.max(Some(document.day));
                }
            }
            What::GivenBack if is_within => {
                self.refunded_orders += 1;
                self.refund = added(self.refund, row.amount)?;
            }
            What::Unpaid if is_within => {
                self.unpaid_orders += 1;
                self.unpaid = added(self.unpaid, row.amount)?;
            }
            _ => {}
        }
        Ok(())
    }
}

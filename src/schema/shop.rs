//! The canonical tables of a shop, as questions see them.

use crate::schema::{Customers, Events, Orders, Sends};

/// The tables that were read.
#[derive(Debug, Clone, Copy)]
pub struct Shop<'a> {
    /// The orders; without any where no file holds them.
    pub orders: &'a Orders,
    /// Whether a file of orders was read.
    pub has_orders: bool,
    /// What customers did.
    pub events: Option<&'a Events>,
    /// What is known of customers beside their orders.
    pub customers: Option<&'a Customers>,
    /// Which messages they were sent.
    pub sends: Option<&'a Sends>,
}

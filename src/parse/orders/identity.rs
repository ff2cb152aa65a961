//! What tells two orders with the same id apart: shops of one brand often use the same numbers.

use crate::parse::orders::block::Block;
use crate::rows::partition::{Columns, Own, Place};
use crate::schema::{Key, day};

/// Buyer, days and the platform's own id of an order.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    /// The buyer.
    pub customer: Key,
    /// Day of creation, or [`day::MISSING`].
    pub created_on: i32,
    /// Day of payment, or [`day::MISSING`].
    pub paid_on: i32,
    /// The platform's own id of the order, or its shop.
    pub own: Own,
}

impl Default for Identity {
    fn default() -> Self {
        Self { customer: Key::NONE, created_on: day::MISSING, paid_on: day::MISSING, own: Own::NONE }
    }
}

impl Identity {
    /// Of a row of a block.
    pub fn at(block: &Block, place: Place) -> Self {
        let (columns, row) = (&block.rows[place.group as usize].columns, place.row as usize);
        let day_in = |days: &[i32]| days.get(row).copied().unwrap_or(day::MISSING);
        Self {
            customer: columns.customer[row],
            created_on: day_in(&columns.created_on),
            paid_on: day_in(&columns.paid_on),
            own: columns.own.get(row).copied().unwrap_or_default(),
        }
    }

    /// Whether both orders have the same day: the day of creation if both have one, since it never changes; else the
    /// day of payment.
    pub fn is_of_the_day_of(&self, other: &Self) -> bool {
        let day = |identity: &Self| match identity.paid_on {
            day::MISSING => identity.created_on,
            paid_on => paid_on,
        };
        match (self.created_on, other.created_on) {
            (day::MISSING, _) | (_, day::MISSING) => day(self) == day(other),
            (own, other) => own == other,
        }
    }

    /// Whether the two, from different exports, are orders of two shops with the same number: the platform's own ids
    /// differ or, if these are missing, both buyer and day differ.
    pub fn is_of_another_shop(&self, other: &Self) -> bool {
        let are_known = self.customer.is_usable() && other.customer.is_usable();
        let differ = are_known && self.customer != other.customer && !self.is_of_the_day_of(other);
        !self.own.is_same(other.own).unwrap_or(!differ)
    }

    /// Whether they can be orders of two shops, if the other's buyer is not known.
    pub fn may_be_of_another_shop(&self, other: &Self) -> bool {
        !self.own.is_same(other.own).unwrap_or_else(|| self.is_of_the_day_of(other))
    }
}

/// The day of payment of a row, or else of creation; [`day::MISSING`] if it has neither.
pub fn day(columns: &Columns, row: usize) -> i32 {
    let day_in = |days: &[i32]| days.get(row).copied().unwrap_or(day::MISSING);
    match day_in(&columns.paid_on) {
        day::MISSING => day_in(&columns.created_on),
        day => day,
    }
}

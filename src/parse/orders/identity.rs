//! What tells two orders of one id apart: shops of one brand often number alike.

use crate::parse::orders::block::Block;
use crate::rows::partition::{Columns, Own, Place};
use crate::schema::{Key, day};

/// Who ordered on which day, and what the platform itself calls it.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    /// The buyer.
    pub customer: Key,
    /// Day of creation, or [`day::MISSING`].
    pub created_on: i32,
    /// Day of payment, or [`day::MISSING`].
    pub paid_on: i32,
    /// The platform's own id of it, or its shop.
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

    /// Whether both are of one day: that of their creation, which stays, where both say it; else of payment.
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

    /// Whether the two, of different exports, are orders of two shops that number alike: the platform's own ids differ,
    /// or, where that cannot be told, both buyer and day.
    pub fn is_of_another_shop(&self, other: &Self) -> bool {
        let are_known = self.customer.is_usable() && other.customer.is_usable();
        let differ = are_known && self.customer != other.customer && !self.is_of_the_day_of(other);
        !self.own.is_same(other.own).unwrap_or(!differ)
    }

    /// Whether they could be, for all that is known beside the other's buyer.
    pub fn may_be_of_another_shop(&self, other: &Self) -> bool {
        !self.own.is_same(other.own).unwrap_or_else(|| self.is_of_the_day_of(other))
    }
}

/// The day of payment of a row, else of creation; [`day::MISSING`] where it has neither.
pub fn day(columns: &Columns, row: usize) -> i32 {
    let day_in = |days: &[i32]| days.get(row).copied().unwrap_or(day::MISSING);
    match day_in(&columns.paid_on) {
        day::MISSING => day_in(&columns.created_on),
        day => day,
    }
}

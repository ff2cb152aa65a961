//! Which orders count: the valid-order rule, the as-of day and the window.

mod ruling;
pub mod valid_order;

use polars::prelude::ChunkAgg;

use super::calendar::first_day_of;
use crate::error::Result;
use crate::schema::{Day, Events, Micros, Orders, day, orders};
pub(super) use ruling::{Amounts, NO_ROW, Ruling};
pub(super) use valid_order::KEPT;
pub use valid_order::ValidOrder;

/// The time settings that the user asked for, before anything is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScopeRequest {
    /// The last day that counts; `None` is the latest day of the data.
    pub as_of: Option<Day>,
    /// As [`Scope::window`].
    pub window: Option<u32>,
    /// As [`Scope::include_zero_orders`].
    pub include_zero_orders: bool,
    /// As [`Scope::excludes_occasional`].
    pub excludes_occasional: bool,
}

/// The time that a question is about, and which orders count in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The last day that counts.
    pub as_of: Day,
    /// Whether the as-of day was asked for or comes from the data. If not, nothing that was read has a day.
    pub is_dated: bool,
    /// Only the last `window` whole days up to as-of count; `None` is all time.
    pub window: Option<u32>,
    /// Whether orders with an amount of 0 (gifts, draws) count as orders.
    pub include_zero_orders: bool,
    /// Whether orders to another province than the buyer's usual one are left out.
    pub excludes_occasional: bool,
}

impl ScopeRequest {
    /// The as-of day for these tables: the one that was asked for, else the latest day of orders and events; `None`
    /// where neither has a day.
    pub fn day(&self, orders: &Orders, events: Option<&Events>) -> Result<Option<Day>> {
        if self.as_of.is_some() {
            return Ok(self.as_of);
        }
        let latest = orders
            .parts
            .each_answer(|part| Ok(part.column(orders::ORDERED_ON)?.to_physical_repr().i32()?.max()))?;
        let latest = day::known(latest.into_iter().flatten()).max();
        Ok(latest.max(events.and_then(Events::latest)))
    }

    /// The scope for these tables.
    pub fn settled(&self, orders: &Orders, events: Option<&Events>) -> Result<Scope> {
        Ok(self.on(self.day(orders, events)?))
    }

    /// The scope on a day; `None` means that nothing that was read has a day.
    ///
    /// Without a day the as-of day is 1970-01-01. There is no order that this day could leave out, so it only affects
    /// figures that are counted from the as-of day alone, such as ages; and answers name no day ([`Scope::known_day`]).
    pub fn on(&self, day: Option<Day>) -> Scope {
        Scope {
            as_of: day.unwrap_or(Day::EPOCH),
            is_dated: day.is_some(),
            window: self.window,
            include_zero_orders: self.include_zero_orders,
            excludes_occasional: self.excludes_occasional,
        }
    }

    /// Whether each order is judged by itself alone: not by its customer's other orders (occasional purchases), and not
    /// by the latest order of all (a window without an as-of day).
    pub(super) fn judges_each_order_alone(&self) -> bool {
        !self.excludes_occasional && (self.window.is_none() || self.as_of.is_some())
    }

    /// The rules for judging each row by itself, with rows without a known customer left out. Without an as-of day and
    /// a window no row is too late or too early.
    pub(super) fn ruling_by_row(&self) -> Ruling {
        let mut ruling = self.on(self.as_of).ruling_by_row();
        ruling.valid.last_day = self.as_of.unwrap_or(Day::AFTER_ALL);
        ruling
    }
}

impl From<Scope> for ScopeRequest {
    fn from(scope: Scope) -> Self {
        Self {
            as_of: scope.known_day(),
            window: scope.window,
            include_zero_orders: scope.include_zero_orders,
            excludes_occasional: scope.excludes_occasional,
        }
    }
}

impl Scope {
    /// All time up to a day.
    pub fn up_to(as_of: Day) -> Self {
        ScopeRequest::default().on(Some(as_of))
    }

    /// The as-of day, if the user or the data gave it: the day that an answer names.
    pub fn known_day(&self) -> Option<Day> {
        self.is_dated.then_some(self.as_of)
    }

    /// The same scope on another day.
    pub fn at(&self, as_of: Day) -> Self {
        Self { as_of, ..*self }
    }

    /// The same scope without a window.
    pub fn all_time(&self) -> Self {
        Self { window: None, ..*self }
    }

    /// The first day of the window; [`Day::BEFORE_ALL`] without a window, or if nothing that was read has a day.
    pub(super) fn first_day(&self) -> Day {
        self.window
            .filter(|_| self.is_dated)
            .map_or(Day::BEFORE_ALL, |window| first_day_of(self.as_of, window))
    }

    /// Whether a kept document is an order and no credit note, by what was paid.
    #[inline]
    pub(super) fn is_order(&self, paid: Micros) -> bool {
        paid >= ValidOrder::least_paid(self.include_zero_orders)
    }

    /// The rules of this scope for these orders. Whether orders without a known customer are left out depends on the
    /// question.
    pub(super) fn ruling(&self, orders: &Orders, needs_customer: bool) -> Ruling {
        let usual = self.excludes_occasional.then(|| ruling::provinces(&orders.regions));
        Ruling { province_of: usual.unwrap_or_default(), ..self.ruling_of_rows(needs_customer) }
    }

    /// As [`Self::ruling`], but each row is judged by itself, and rows without a known customer are left out.
    pub(super) fn ruling_by_row(&self) -> Ruling {
        self.ruling_of_rows(true)
    }

    /// As [`Self::ruling_by_row`], but whether orders without a known customer are left out depends on the question.
    pub(super) fn ruling_of_rows(&self, needs_customer: bool) -> Ruling {
        Ruling { valid: self.valid_order(), needs_customer, province_of: Vec::new() }
    }

    /// The rule that says which orders count, judging each by its own values alone.
    pub fn valid_order(&self) -> ValidOrder {
        ValidOrder {
            first_day: self.first_day(),
            last_day: self.as_of,
            include_zero_orders: self.include_zero_orders,
        }
    }
}

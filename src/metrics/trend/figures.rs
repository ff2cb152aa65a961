//! The sums of calendar periods.

use std::collections::HashMap;

use polars::prelude::*;

use super::Calendar;
use crate::error::Result;
use crate::metrics::histories::Document;
use crate::metrics::scope::{Amounts, KEPT, Scope};
use crate::schema::accounting::Rule;
use crate::schema::{Day, Orders};

/// The figures of a period; amounts in micro-units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Figures {
    /// Of everybody, buyers who are not known included; `customers` is not counted here.
    pub all: Bought,
    /// Of known buyers.
    pub known: Bought,
    /// Of known buyers' orders on the day of their first order, net of the refunds of these orders, whenever they were
    /// made.
    pub new: Bought,
    /// Of known buyers' orders on later days, net of the refunds of these orders.
    pub returning: Bought,
    /// Amount paid, including that of orders that were refunded completely.
    pub paid: i128,
    /// Amount refunded, of these orders and of others.
    pub back: i128,
}

/// Customers, orders and net amount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Bought {
    pub customers: u64,
    pub orders: u64,
    pub net: i128,
}

impl Bought {
    pub fn add(&mut self, document: &Document) {
        self.orders += u64::from(document.is_order);
        self.net += i128::from(document.net);
    }

    fn merge(&mut self, other: Self) {
        self.customers += other.customers;
        self.orders += other.orders;
        self.net += other.net;
    }
}

impl Figures {
    fn merge(&mut self, other: Self) {
        self.all.merge(other.all);
        self.known.merge(other.known);
        self.new.merge(other.new);
        self.returning.merge(other.returning);
        self.paid += other.paid;
        self.back += other.back;
    }
}

/// The figures by period.
#[derive(Debug, Default)]
pub(super) struct Sums {
    periods: HashMap<i32, Figures>,
    /// The figures of the days a year ago with which the unfinished period is compared.
    to_date: Figures,
}

impl Sums {
    pub fn of(&self, period: i32) -> Figures {
        self.periods.get(&period).copied().unwrap_or_default()
    }

    pub fn to_date(&self) -> Figures {
        self.to_date
    }

    pub fn of_mut(&mut self, period: i32) -> &mut Figures {
        self.periods.entry(period).or_default()
    }

    pub fn to_date_mut(&mut self) -> &mut Figures {
        &mut self.to_date
    }

    pub fn merge(&mut self, other: Self) {
        other.periods.into_iter().for_each(|(period, figures)| self.of_mut(period).merge(figures));
        self.to_date.merge(other.to_date);
    }

    /// Adds the amounts paid and refunded on a day.
    fn add_money(&mut self, calendar: &Calendar, day: Day, paid: i128, back: i128) {
        let add = |figures: &mut Figures| {
            figures.paid += paid;
            figures.back += back;
        };
        add(self.of_mut(calendar.by.of(day)));
        if calendar.is_to_date(day) {
            add(&mut self.to_date);
        }
    }
}

/// The amounts paid and refunded in each period. They include orders that were refunded completely, which are in no
/// other figure.
pub(super) fn money_back(orders: &Orders, scope: &Scope, calendar: &Calendar) -> Result<Sums> {
    let ruling = scope.ruling(orders, false);
    let parts = orders.parts.each_answer(|part: &DataFrame| {
        let (rules, amounts) = (ruling.rules(part)?, Amounts::of(part)?);
        let (days, paid, refund) = (amounts.day()?, amounts.paid()?, amounts.refund()?);
        let mut sums = Sums::default();
        for (row, rule) in rules.iter().enumerate() {
            let (day, paid, refund) = (Day::new(days[row]), i128::from(paid[row]), i128::from(refund[row]));
            match *rule {
                KEPT if paid < 0 => sums.add_money(calendar, day, 0, refund - paid),
                KEPT => sums.add_money(calendar, day, paid, refund),
                // The rules exclude a refunded order before they look at its day, so the day is checked here.
                rule if rule == Rule::Refunded as u8 && day <= scope.as_of => {
                    let whole = paid.max(refund);
                    sums.add_money(calendar, day, whole, whole);
                }
                _ => {}
            }
        }
        Ok(sums)
    })?;
    let mut all = Sums::default();
    parts.into_iter().for_each(|part| all.merge(part));
    Ok(all)
}

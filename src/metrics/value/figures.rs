//! The finish stage of classes and concentration, from the sums by class and the number of customers with each
//! contribution.

use polars::prelude::*;

use super::{Basis, CLASSES, MEASURES};
use crate::error::Result;
use crate::metrics::finish::{amounts, counts, frame, ranged, ratios, share, texts};
use crate::schema::{Micros, money, names, ranges};
use crate::stats::concentration::{gini, gini_interval, lorenz, top_share};

/// The number of steps of the Lorenz curve.
const STEPS: u32 = 10;

/// The result of the heavy stage, whether computed here or by an engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// The sums of each class, in the order of [`CLASSES`].
    pub classes: [ClassSum; CLASSES.len()],
    /// The contributions in micro-units, as plain numbers for the statistics, ascending, each with the number of
    /// customers.
    contributions: Vec<(i64, u64)>,
    /// How contributions are measured.
    pub basis: Basis,
}

/// The sums of some customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassSum {
    /// Number of customers.
    pub customers: u64,
    /// Number of their orders.
    pub orders: u64,
    /// Their net amount, in micro-units.
    pub net: i128,
    /// Their contributions in micro-units: margins, or net amounts if costs are not given.
    pub contribution: i128,
    /// Number of customers who buy only at a deep discount.
    pub promotion_only: u64,
}

impl ClassSum {
    /// Adds the sums of other customers.
    pub fn add(&mut self, other: &Self) {
        self.customers += other.customers;
        self.orders += other.orders;
        self.net += other.net;
        self.contribution += other.contribution;
        self.promotion_only += other.promotion_only;
    }
}

impl Figures {
    /// The figures without any customers.
    pub(super) fn new(basis: Basis) -> Self {
        Self { basis, ..Self::default() }
    }

    /// Adds a number of customers with the same contribution. Amounts must come in ascending order.
    pub(super) fn add(&mut self, amount: Micros, customers: u64) {
        let amount = amount.number();
        match self.contributions.last_mut() {
            Some((last, count)) if *last == amount => *count += customers,
            _ => self.contributions.push((amount, customers)),
        }
    }

    /// The sums of all customers.
    pub fn whole(&self) -> ClassSum {
        self.classes.iter().fold(ClassSum::default(), |mut whole, sum| {
            whole.add(sum);
            whole
        })
    }

    /// One row per class: `class`, `customer_count`, `customer_share`, `order_count`, `net_amount`, `net_share`, and
    /// `margin`, `margin_share` if costs are given; `aov`, `spend_per_customer`, and `promotion_only_count`, null if no
    /// full prices are given.
    pub fn summary(&self) -> Result<DataFrame> {
        let (sums, whole) = (&self.classes, self.whole());
        let customers = i128::from(whole.customers);
        let of = |value: fn(&ClassSum) -> u64| sums.iter().map(move |sum| Some(value(sum)));
        let mut columns = vec![
            texts(names::CLASS, CLASSES.iter().map(|class| Some((*class).to_owned()))),
            counts(names::CUSTOMER_COUNT, of(|sum| sum.customers)),
            ratios(names::CUSTOMER_SHARE, sums.iter().map(|sum| share(i128::from(sum.customers), customers))),
            counts(names::ORDER_COUNT, of(|sum| sum.orders)),
            amounts(names::NET_AMOUNT, sums.iter().map(|sum| Some(sum.net))),
            ratios(names::NET_SHARE, sums.iter().map(|sum| share(sum.net, whole.net))),
        ];
        if self.basis.by_margin {
            columns.push(amounts(names::MARGIN, sums.iter().map(|sum| Some(sum.contribution))));
            let shares = sums.iter().map(|sum| share(sum.contribution, whole.contribution));
            columns.push(ratios(names::MARGIN_SHARE, shares));
        }
        let promotion = |sum: &ClassSum| Some(sum.promotion_only).filter(|_| self.basis.has_full_price);
        columns.extend([
            amounts(names::AOV, sums.iter().map(|sum| money::mean(sum.net, sum.orders))),
            amounts(names::SPEND_PER_CUSTOMER, sums.iter().map(|sum| money::mean(sum.net, sum.customers))),
            counts(names::PROMOTION_ONLY_COUNT, sums.iter().map(promotion)),
        ]);
        frame(columns)
    }

    /// One row per measure: `measure`, `value`, and for the Gini coefficient the ends of its interval by the jackknife,
    /// `value_low` and `value_high`. Top shares are those of the best so many per cent of customers, rounded up; a
    /// customer with a negative contribution counts as 0.
    pub fn concentration(&self) -> Result<DataFrame> {
        let top = |percent| top_share(&self.contributions, percent);
        let gini = (gini(&self.contributions), gini_interval(&self.contributions));
        let values = [gini].into_iter().chain([1, 5, 10, 20].map(|percent| (top(percent), None)));
        let mut columns =
            vec![texts(names::MEASURE, MEASURES.iter().map(|measure| Some((*measure).to_owned())))];
        columns.extend(ranged(ranges::VALUE, values));
        frame(columns)
    }

    /// The Lorenz curve, one row per tenth of the customers, the lowest contributions first: `customer_share`, and
    /// `net_share` (or `margin_share`) of all customers up to there.
    pub fn lorenz(&self) -> Result<DataFrame> {
        let curve = lorenz(&self.contributions, STEPS);
        let name = if self.basis.by_margin { names::MARGIN_SHARE } else { names::NET_SHARE };
        frame(vec![
            ratios(names::CUSTOMER_SHARE, (1..=curve.len()).map(|step| Some(step as f64 / f64::from(STEPS)))),
            ratios(name, curve.iter().map(|part| Some(*part))),
        ])
    }
}

//! Counts of the customers in a period, and the columns made from them, whether counted here or by an engine.

use polars::prelude::*;

use super::NEW_AFTER_DAYS;
use crate::error::Result;
use crate::metrics::calendar::first_day_of;
use crate::metrics::coverage::Coverage;
use crate::metrics::finish::{counts, frame, ranged, rates};
use crate::schema::{Day, names, ranges};
use crate::stats::proportion::Proportion;
use crate::stats::survival::Durations;

/// Counts of the customers in a period. All but the first are among those with an interest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Distinct customers with any interest.
    pub interested: u64,
    /// Customers with each kind of interest: shop favourites, item favourites, carts.
    pub kinds: [u64; 3],
    /// Customers without a conversion within the period.
    pub not_bought_in_period: u64,
    /// Customers without any purchase up to as-of.
    pub not_yet_bought: u64,
    /// Customers without an interest in the 30 days before the period.
    pub new: u64,
    /// Whether the events do not cover these 30 days, so that `new` is unknown.
    pub is_new_unknown: bool,
    /// Customers with a conversion at or after their first interest in the period.
    pub converted: u64,
    /// Days from that interest to the conversion, or to as-of if there is none yet.
    pub to_conversion: Durations,
}

impl Counts {
    /// Adds other customers of the same period and group.
    pub(super) fn merge(&mut self, other: &Self) {
        self.interested += other.interested;
        self.kinds.iter_mut().zip(other.kinds).for_each(|(mine, theirs)| *mine += theirs);
        self.not_bought_in_period += other.not_bought_in_period;
        self.not_yet_bought += other.not_yet_bought;
        self.new += other.new;
        self.is_new_unknown |= other.is_new_unknown;
        self.converted += other.converted;
        self.to_conversion.merge(&other.to_conversion);
    }

    /// The number of new customers; `None` if the events do not cover the 30 days before.
    pub fn known_new(&self) -> Option<u64> {
        (!self.is_new_unknown).then_some(self.new)
    }

    /// The share of interested customers who converted.
    pub fn conversions(&self) -> Proportion {
        Proportion::new(self.converted, self.interested)
    }
}

/// One row per period, from its length and its counts: the columns of [`super::Interests::summary`].
///
/// # Errors
/// Those of polars.
pub fn of_periods(rows: &[(u32, Counts)], conversion_days: u32) -> Result<DataFrame> {
    frame(figures(rows, conversion_days))
}

/// The columns of [`of_periods`].
pub(super) fn figures(rows: &[(u32, Counts)], conversion_days: u32) -> Vec<Column> {
    let count = |value: fn(&Counts) -> u64| rows.iter().map(move |(.., counts)| Some(value(counts)));
    let mut columns = vec![
        counts(names::PERIOD_DAYS, rows.iter().map(|(days, ..)| Some(u64::from(*days)))),
        counts(names::INTEREST_CUSTOMER_COUNT, count(|counts| counts.interested)),
        counts(names::FAV_SHOP, count(|counts| counts.kinds[0])),
        counts(names::FAV_ITEM, count(|counts| counts.kinds[1])),
        counts(names::CART, count(|counts| counts.kinds[2])),
        counts(names::NOT_BOUGHT_IN_PERIOD_COUNT, count(|counts| counts.not_bought_in_period)),
        counts(names::NOT_YET_BOUGHT_COUNT, count(|counts| counts.not_yet_bought)),
        counts(names::NEW_CUSTOMER_COUNT, rows.iter().map(|(_, counts)| counts.known_new())),
        counts(names::CONVERTED_COUNT, count(|counts| counts.converted)),
    ];
    let conversions = rows.iter().map(|(.., counts)| Some(counts.conversions()));
    columns.extend(rates(ranges::CONVERSION_RATE, conversions));
    let within = rows.iter().map(|(.., counts)| {
        let point = counts.to_conversion.curve(&[conversion_days as i32])[0];
        (point.rate, point.interval)
    });
    columns.extend(ranged(ranges::CONVERSION_7D_RATE, within));
    columns
}

/// The first day of the events, if it is too late to say who is new in one of these periods, which end with as-of.
pub fn begins_too_late(covered: Coverage, as_of: Day, periods: &[u32]) -> Option<Day> {
    let is_late = |days: &u32| !tells_who_is_new(covered, first_day_of(as_of, *days));
    covered.first_day.filter(|_| periods.iter().any(is_late))
}

/// Whether the events cover the days before a period that decide who is new in it; `first_day` is the period's first
/// day.
pub fn tells_who_is_new(covered: Coverage, first_day: Day) -> bool {
    covered.reaches(first_day.minus_days(NEW_AFTER_DAYS))
}

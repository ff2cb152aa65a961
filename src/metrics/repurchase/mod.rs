//! Whether and when customers order again.

mod due;
mod groups;

use std::collections::BTreeMap;

use polars::prelude::*;

pub use due::{DUE_STATUSES, Due, DueParams, NO_GAPS};
pub use groups::By;
use groups::{Group, Grouping};

use super::baskets::Baskets;
use super::finish::{counts, frame, ratios, share, texts};
use super::histories::{History, OrderCount, fold};
use super::scope::Scope;
use super::segment::SegmentParams;
use crate::error::Result;
use crate::ingest::accounting::{Accounting, Rule};
use crate::schema::{Orders, names};
use crate::stats::histogram::Histogram;
use crate::stats::survival::Durations;

/// Days after the first order at which the curve is given.
pub const HORIZONS: [i32; 5] = [30, 60, 90, 180, 365];

/// The definitions of the repeat rate.
pub const RATES: [&str; 4] = ["repeat_customer_rate", "repeat_day_rate", "repeat_order_rate", "buyback_rate"];

/// Days of each of the two periods of the buyback rate.
pub const BUYBACK_DAYS: i32 = 365;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct RepurchaseParams {
    /// Customers in groups.
    pub by: Option<By>,
    /// The percentile of the gaps that is the churn line.
    pub churn_percentile: u64,
    /// The churn line in days, instead.
    pub churn_days: Option<u32>,
    /// Where lifecycle segments end.
    pub segments: SegmentParams,
}

impl Default for RepurchaseParams {
    fn default() -> Self {
        Self { by: None, churn_percentile: 80, churn_days: None, segments: SegmentParams::default() }
    }
}

/// The customers of one group, or all.
#[derive(Debug, Clone, Default)]
struct Sums {
    /// From the first order to the second order day, or to as-of.
    durations: Durations,
    /// Gaps between distinct order days, in days.
    gaps: Histogram,
}

/// What is known of repurchases.
#[derive(Debug)]
pub struct Repurchase {
    grouping: Grouping,
    all: Sums,
    groups: Vec<(Group, Sums)>,
    rates: [(u64, u64); RATES.len()],
    params: RepurchaseParams,
    /// Buyers.
    pub customer_count: u64,
    /// Their orders.
    pub order_count: u64,
    /// Where every row went.
    pub accounting: Accounting,
}

#[derive(Debug, Default)]
struct Part {
    all: Sums,
    groups: BTreeMap<Group, Sums>,
    customers: u64,
    repeaters: u64,
    /// Customers with orders on at least two days.
    day_repeaters: u64,
    orders: OrderCount,
    document_orders: u64,
    /// Buyers of the period before, and those of them who bought in this one.
    buyback: (u64, u64),
    days: Vec<i32>,
    baskets: Baskets,
}

/// Follows every buyer from the first order on. The scope's as-of is settled; with a window, only those whose first order
/// is within it.
pub fn repurchase(
    orders: &Orders,
    scope: &Scope,
    params: &RepurchaseParams,
    mut accounting: Accounting,
) -> Result<Repurchase> {
    let as_of = scope.as_of.unwrap_or(0);
    let all_time = scope.all_time();
    let first_day = scope.first_day();
    let grouping = Grouping::new(orders, params, as_of);
    let folded = fold(orders, &all_time, true, |part: &mut Part, columns, history| {
        if history.first_day() < first_day {
            return Some(Rule::OutsideWindow);
        }
        history.order_days(&mut part.days);
        history.orders().for_each(|order| part.orders.add(columns, order));
        let groups = grouping.of(orders, columns, history, &mut part.baskets);
        part.add(history, &groups, as_of);
        None
    })?;
    folded.excluded.account(&mut accounting);
    let mut sums = Part::default();
    for part in folded.parts {
        sums.merge(part);
    }
    let mut groups: Vec<(Group, Sums)> = std::mem::take(&mut sums.groups).into_iter().collect();
    groups.sort_by_key(|(group, sums)| {
        (grouping.is_unknown(*group), std::cmp::Reverse(sums.durations.len()), *group)
    });
    let repeat_orders = sums.document_orders - sums.customers;
    Ok(Repurchase {
        grouping,
        all: sums.all,
        groups,
        rates: [
            (sums.repeaters, sums.customers),
            (sums.day_repeaters, sums.customers),
            (repeat_orders, sums.document_orders),
            (sums.buyback.1, sums.buyback.0),
        ],
        params: *params,
        customer_count: sums.customers,
        order_count: sums.orders.total(),
        accounting,
    })
}

impl Sums {
    fn add(&mut self, days: &[i32], as_of: i32) {
        let Some(&first) = days.first() else { return };
        match days.get(1) {
            Some(second) => self.durations.add(second - first, true),
            None => self.durations.add(as_of - first, false),
        }
        for pair in days.windows(2) {
            self.gaps.add(pair[1] - pair[0]);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.durations.merge(&other.durations);
        self.gaps.merge(&other.gaps);
    }
}

impl Part {
    /// Adds a buyer whose order days were noted.
    fn add(&mut self, history: &History<'_>, groups: &[Group], as_of: i32) {
        self.all.add(&self.days, as_of);
        for group in groups {
            self.groups.entry(*group).or_default().add(&self.days, as_of);
        }
        let count = history.orders().count() as u64;
        self.customers += 1;
        self.repeaters += u64::from(count > 1);
        self.day_repeaters += u64::from(self.days.len() > 1);
        self.document_orders += count;
        let (now, before) = (as_of - BUYBACK_DAYS, as_of - 2 * BUYBACK_DAYS);
        if self.days.iter().any(|day| (before + 1..=now).contains(day)) {
            self.buyback.0 += 1;
            self.buyback.1 += u64::from(self.days.iter().any(|day| *day > now));
        }
    }

    fn merge(&mut self, other: Self) {
        self.all.merge(&other.all);
        for (group, sums) in &other.groups {
            self.groups.entry(*group).or_default().merge(sums);
        }
        self.customers += other.customers;
        self.repeaters += other.repeaters;
        self.day_repeaters += other.day_repeaters;
        self.document_orders += other.document_orders;
        self.orders.merge(&other.orders);
        self.buyback.0 += other.buyback.0;
        self.buyback.1 += other.buyback.1;
    }
}

impl Repurchase {
    /// The normal cycle: the median of all gaps in days; none without gaps.
    pub fn cycle_days(&self) -> Option<f64> {
        self.all.gaps.percentile(50)
    }

    /// Days without an order after which a customer is taken as lost.
    pub fn churn_line_days(&self) -> Option<f64> {
        self.churn_line(&self.all)
    }

    fn churn_line(&self, sums: &Sums) -> Option<f64> {
        let given = self.params.churn_days.map(f64::from);
        given.or_else(|| sums.gaps.percentile(self.params.churn_percentile))
    }

    /// The curve at [`HORIZONS`], for all or each group: the group's columns, `horizon_days`, `at_risk_count`,
    /// `repurchased_count`, `repurchase_rate`, `rate_low`, `rate_high` (see [`Durations::curve`]).
    pub fn curve(&self) -> Result<DataFrame> {
        let rows: Vec<_> = self
            .rows()
            .flat_map(|(group, sums)| {
                let points = sums.durations.curve(&HORIZONS);
                points.into_iter().zip(HORIZONS).map(move |(point, days)| (group, days, point))
            })
            .collect();
        let mut columns = self.grouping.columns(rows.iter().map(|(group, ..)| *group));
        columns.extend([
            counts(names::HORIZON_DAYS, rows.iter().map(|(_, days, _)| Some(*days as u64))),
            counts(names::AT_RISK_COUNT, rows.iter().map(|(.., point)| Some(point.at_risk))),
            counts(names::REPURCHASED_COUNT, rows.iter().map(|(.., point)| Some(point.events))),
            ratios(names::REPURCHASE_RATE, rows.iter().map(|(.., point)| point.rate)),
            ratios(names::RATE_LOW, rows.iter().map(|(.., point)| point.interval.map(|(low, _)| low))),
            ratios(names::RATE_HIGH, rows.iter().map(|(.., point)| point.interval.map(|(_, high)| high))),
        ]);
        frame(columns)
    }

    /// The whole curve of all customers up to a year, as days and the part that has ordered again.
    pub fn steps(&self) -> Vec<(f64, f64)> {
        let days: Vec<i32> = (0..=HORIZONS[HORIZONS.len() - 1]).collect();
        let points = self.all.durations.curve(&days);
        days.iter().zip(points).filter_map(|(day, point)| Some((f64::from(*day), point.rate?))).collect()
    }

    /// The gaps between distinct order days, for all or each group: the group's columns, `gap_count`, `p25`, `p50`, `p75`, `p80`,
    /// `p90`, `cycle_days`, `churn_line_days`.
    pub fn gaps(&self) -> Result<DataFrame> {
        let rows: Vec<(Option<Group>, &Sums)> = self.rows().collect();
        let quantile = |percent: u64| {
            rows.iter().map(move |(_, sums)| sums.gaps.percentile(percent)).collect::<Vec<_>>()
        };
        let mut columns = self.grouping.columns(rows.iter().map(|(group, _)| *group));
        columns.push(counts(names::GAP_COUNT, rows.iter().map(|(_, sums)| Some(sums.gaps.len()))));
        for (name, percent) in
            [(names::P25, 25), (names::P50, 50), (names::P75, 75), (names::P80, 80), (names::P90, 90)]
        {
            columns.push(ratios(name, quantile(percent).into_iter()));
        }
        columns.push(ratios(names::CYCLE_DAYS, quantile(50).into_iter()));
        columns.push(ratios(names::CHURN_LINE_DAYS, rows.iter().map(|(_, sums)| self.churn_line(sums))));
        frame(columns)
    }

    /// The repeat rate in its three definitions, one row each: `definition`, `rate`, `numerator`, `denominator`,
    /// `explanation` (the definition's key, which writers put into words).
    pub fn rates(&self) -> Result<DataFrame> {
        let rate = |(part, whole): &(u64, u64)| share(i128::from(*part), i128::from(*whole));
        let keys = || RATES.iter().map(|key| Some((*key).to_owned()));
        frame(vec![
            texts(names::DEFINITION, keys()),
            ratios(names::RATE, self.rates.iter().map(rate)),
            counts(names::NUMERATOR, self.rates.iter().map(|(part, _)| Some(*part))),
            counts(names::DENOMINATOR, self.rates.iter().map(|(_, whole)| Some(*whole))),
            texts(names::EXPLANATION, keys()),
        ])
    }

    /// All customers, or each group.
    fn rows(&self) -> Box<dyn Iterator<Item = (Option<Group>, &Sums)> + '_> {
        match self.params.by {
            None => Box::new(std::iter::once((None, &self.all))),
            Some(_) => Box::new(self.groups.iter().map(|(group, sums)| (Some(*group), sums))),
        }
    }
}

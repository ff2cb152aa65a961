//! Whether and when customers order again.

mod due;
mod groups;

use std::collections::BTreeMap;

use polars::prelude::*;

pub use due::{DUE_STATUSES, Due, DueParams, DueReason, Expected, NO_GAPS};
pub use groups::By;
use groups::{Group, Grouping};

use super::baskets::Baskets;
use super::coverage;
use super::finish::{counts, frame, ratios, share, texts};
use super::histories::{History, OrderCount, fold};
use super::scope::Scope;
use super::segment::SegmentParams;
use crate::error::Result;
use crate::schema::accounting::{Accounting, Rule};
use crate::schema::{Orders, names};
use crate::stats::histogram::Histogram;
use crate::stats::survival::Durations;

/// Days after the first order at which the curve is given.
pub const HORIZONS: [i32; 5] = [30, 60, 90, 180, 365];

/// The definitions of the repeat rate.
pub const RATES: [&str; 4] = ["repeat_customer_rate", "repeat_day_rate", "repeat_order_rate", "buyback_rate"];

/// Days of each of the two periods of the buyback rate.
pub const BUYBACK_DAYS: i32 = 365;

/// Days after the first order, ascending, and the part that has ordered again by then, 0 to 1.
pub type Steps = Vec<(f64, f64)>;

/// Days after the first order, ascending, and what that part lies between.
pub type Band = Vec<(f64, f64, f64)>;

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
    rates: [Rate; RATES.len()],
    params: RepurchaseParams,
    /// Buyers.
    pub customer_count: u64,
    /// Their orders.
    pub order_count: u64,
    /// Where every row went.
    pub accounting: Accounting,
}

/// A part of a whole.
#[derive(Debug, Clone, Copy)]
struct Rate {
    part: u64,
    whole: u64,
    /// Whether the data cover the days it is about.
    is_known: bool,
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

/// Follows every buyer from the first order on. The scope's as-of is settled; with a window, only those whose first
/// order is within it.
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
        history.orders().for_each(|_| part.orders.add());
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
    let has_both_years = coverage::of_orders(orders)?.reaches(as_of - 2 * BUYBACK_DAYS + 1);
    let rate = |part, whole| Rate { part, whole, is_known: true };
    Ok(Repurchase {
        grouping,
        all: sums.all,
        groups,
        rates: [
            rate(sums.repeaters, sums.customers),
            rate(sums.day_repeaters, sums.customers),
            rate(repeat_orders, sums.document_orders),
            Rate { is_known: has_both_years, ..rate(sums.buyback.1, sums.buyback.0) },
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

    /// The whole curve of all customers up to a year, as days and the part that has ordered again, and the same with
    /// the 95 % interval of that part.
    pub fn steps(&self) -> (Steps, Band) {
        let days: Vec<i32> = (0..=HORIZONS[HORIZONS.len() - 1]).collect();
        let points = self.all.durations.curve(&days);
        let points: Vec<_> = days.iter().map(|day| f64::from(*day)).zip(points).collect();
        let rates = points.iter().filter_map(|(day, point)| Some((*day, point.rate?)));
        let band = points.iter().filter_map(|(day, point)| {
            let (low, high) = point.interval?;
            Some((*day, low, high))
        });
        (rates.collect(), band.collect())
    }

    /// The gaps between distinct order days, for all or each group: the group's columns, `gap_count`, `p25`, `p50`,
    /// `p75`, `p80`,
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

    /// The repeat rate in its definitions, one row each: `definition`, `rate` (null where the data do not cover the
    /// days it is about), `numerator`, `denominator`, `explanation` (the definition's key, which writers put into
    /// words).
    pub fn rates(&self) -> Result<DataFrame> {
        let rate =
            |rate: &Rate| share(i128::from(rate.part), i128::from(rate.whole)).filter(|_| rate.is_known);
        let keys = || RATES.iter().map(|key| Some((*key).to_owned()));
        frame(vec![
            texts(names::DEFINITION, keys()),
            ratios(names::RATE, self.rates.iter().map(rate)),
            counts(names::NUMERATOR, self.rates.iter().map(|rate| Some(rate.part))),
            counts(names::DENOMINATOR, self.rates.iter().map(|rate| Some(rate.whole))),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{Read, orders, rows};

    fn ask(read: &Read, scope: &Scope, params: RepurchaseParams) -> Repurchase {
        repurchase(&read.ingested.orders, scope, &params, read.ingested.accounting.clone())
            .expect("an answer")
    }

    const CURVE: [&str; 6] =
        ["horizon_days", "at_risk_count", "repurchased_count", "repurchase_rate", "rate_low", "rate_high"];

    /// Both after ten days: binom.test(2, 2) of R has 0.1581139 to 1.
    #[test]
    fn a_curve_stays_known_where_everybody_has_returned() {
        let read = orders(
            "order_id,customer_id,order_date,amount;1,a,2026-01-01,5;2,a,2026-01-11,5;3,b,2026-01-01,5;4,b,2026-01-11,5",
        );
        let answer = ask(&read, &read.up_to("2026-01-11"), RepurchaseParams::default());
        let all = |days: i32| format!("{days},0,2,1,0.158114,1");
        assert_eq!(rows(&answer.curve().expect("a curve"), &CURVE), HORIZONS.map(all));
        // The picture of it goes on, too.
        assert_eq!(answer.steps().0.len(), 366);
        assert_eq!(answer.steps().0[365], (365.0, 1.0));
        // The first step is taken on the day on which one of two returned, the last interval is that of the table.
        let (_, low, high) = answer.steps().1[365];
        assert!((low - 0.158_114).abs() < 1e-6 && high == 1.0, "{low} {high}");
    }

    /// Of one: 0 to 1 − 0.025.
    #[test]
    fn a_curve_of_nobody_who_returned_has_the_exact_interval() {
        let read = orders("order_id,customer_id,order_date,amount;1,a,2026-01-01,5;2,b,2026-02-10,5");
        let answer = ask(&read, &read.up_to("2026-02-10"), RepurchaseParams::default());
        assert_eq!(rows(&answer.curve().expect("a curve"), &CURVE)[..2], ["30,1,0,0,0,0.975", "60,0,0,,,"]);
    }

    /// Who began with the cup all came back; who began with the tea, none of two.
    #[test]
    fn each_group_has_its_own_curve() {
        let read = orders(
            "order_id,customer_id,order_date,amount,product_id;1,a,2026-01-01,5,cup;2,a,2026-01-02,5,tea;
             3,b,2026-01-01,5,tea;4,c,2026-01-01,5,tea;5,d,2026-03-01,5,pot;6,e,2026-03-01,5,bowl",
        );
        let params = RepurchaseParams { by: Some(By::Product), ..RepurchaseParams::default() };
        let answer = ask(&read, &read.up_to("2026-03-01"), params);
        let found = rows(&answer.curve().expect("a curve"), &[&["product_id"], &CURVE[..]].concat());
        let of_30: Vec<&String> = found.iter().filter(|row| row.contains(",30,")).collect();
        // The group of the most customers first; of equals the first by id.
        assert_eq!(
            of_30,
            ["tea,30,2,0,0,0,0.841886", "bowl,30,0,0,,,", "cup,30,0,1,1,0.025,1", "pot,30,0,0,,,"]
        );
    }

    /// Gaps of 10, 20, 30, 40 and 50 days: of type 7 the 80 % quantile is 40 + 0.2 · 10, the 50 % one 30.
    #[test]
    fn the_churn_line_is_a_quantile_of_the_gaps_or_given() {
        let read = orders(
            "order_id,customer_id,order_date,amount;1,a,2026-01-01,5;2,a,2026-01-11,5;3,a,2026-01-31,5;
             4,a,2026-03-02,5;5,a,2026-04-11,5;6,a,2026-05-31,5",
        );
        let scope = read.up_to("2026-06-01");
        let with = |params| {
            let answer = ask(&read, &scope, params);
            (answer.cycle_days(), answer.churn_line_days())
        };
        let default = RepurchaseParams::default();
        assert_eq!(with(default), (Some(30.0), Some(42.0)));
        assert_eq!(with(RepurchaseParams { churn_percentile: 50, ..default }), (Some(30.0), Some(30.0)));
        assert_eq!(with(RepurchaseParams { churn_percentile: 90, ..default }), (Some(30.0), Some(46.0)));
        assert_eq!(with(RepurchaseParams { churn_days: Some(60), ..default }), (Some(30.0), Some(60.0)));
        let gaps = ask(&read, &scope, default).gaps().expect("gaps");
        assert_eq!(
            rows(&gaps, &["gap_count", "p25", "p50", "p75", "p80", "p90", "cycle_days", "churn_line_days"]),
            ["5,20,30,40,42,46,30,42"]
        );
        // Nobody has a gap yet.
        let one = orders("order_id,customer_id,order_date,amount;1,a,2026-01-01,5");
        let answer = ask(&one, &one.up_to("2026-01-01"), default);
        assert_eq!((answer.cycle_days(), answer.churn_line_days()), (None, None));
        assert_eq!(NO_GAPS, (90.0, 365.0));
    }

    /// Ann orders twice on one day, Bob on two days, Cat once, Dan in both years.
    #[test]
    fn repeat_rates_by_customer_day_and_order() {
        let text =
            "order_id,customer_id,order_date,amount;1,ann,2026-05-01,5;2,ann,2026-05-01,6;3,bob,2026-05-01,5;
             4,bob,2026-05-02,5;5,cat,2026-05-01,5;6,dan,2025-06-30,5;7,dan,2025-07-01,5;8,eve,2024-07-01,5";
        let read = orders(text);
        let rates = |scope: &Scope| {
            let answer = ask(&read, scope, RepurchaseParams::default());
            rows(
                &answer.rates().expect("rates"),
                &["definition", "rate", "numerator", "denominator", "explanation"],
            )
        };
        // The 365 days that end on 30 June 2026 begin on 1 July, those before on 1 July 2024: Eve's is the first of
        // them.
        assert_eq!(
            rates(&read.up_to("2026-06-30")),
            [
                "repeat_customer_rate,0.6,3,5,repeat_customer_rate",
                "repeat_day_rate,0.4,2,5,repeat_day_rate",
                "repeat_order_rate,0.375,3,8,repeat_order_rate",
                "buyback_rate,0.5,1,2,buyback_rate",
            ]
        );
        // A day earlier nobody knows who ordered on 30 June 2024; Dan's orders are both of the last year.
        assert_eq!(rates(&read.up_to("2026-06-29"))[3], "buyback_rate,,0,1,buyback_rate");
    }
}

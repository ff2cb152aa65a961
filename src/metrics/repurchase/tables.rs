//! The tables of repurchases.

use polars::prelude::*;

use super::sums::{GroupSums, Sums};
use super::{Band, HORIZONS, RATES, Rate, Repurchase, Steps};
use crate::error::Result;
use crate::metrics::finish::{counts, frame, ranged, rates, ratios, texts};
use crate::metrics::firsts::Group;
use crate::metrics::repurchase::Grouping;
use crate::metrics::segment::SEGMENTS;
use crate::schema::{names, ranges};
use crate::stats::survival::{Durations, Silence};

/// The buyers of a churn line: those with one order day, and those with several.
pub const BUYERS: [&str; 2] = ["one", "several"];

/// The percentiles of gaps that are listed, each with its column for the gaps that have ended and its column for all
/// gaps.
const QUANTILES: [(u64, &str, &str); 5] = [
    (25, names::P25, names::WATCHED_P25),
    (50, names::P50, names::WATCHED_P50),
    (75, names::P75, names::WATCHED_P75),
    (80, names::P80, names::WATCHED_P80),
    (90, names::P90, names::WATCHED_P90),
];

impl Grouping<'_> {
    /// The columns that name the groups; there are none for all customers together.
    fn columns(&self, groups: impl Iterator<Item = Option<Group>> + Clone) -> Vec<Column> {
        let groups = groups.map(|group| group.unwrap_or(Group::MAX));
        match self {
            Self::All => Vec::new(),
            Self::First(firsts) => firsts.columns(groups),
            Self::Segment(_) => {
                let name = |group: Group| SEGMENTS.get(group as usize).map(|name| (*name).to_owned());
                vec![texts(names::SEGMENT, groups.map(name))]
            }
        }
    }
}

impl Repurchase<'_> {
    /// The repurchase curve at [`HORIZONS`], for all customers or each group: the group's columns, `horizon_days`,
    /// `at_risk_count`, `repurchased_count`, `repurchase_rate`, `rate_low`, `rate_high` (see [`Durations::curve`]).
    pub fn curve(&self) -> Result<DataFrame> {
        let rows: Vec<_> = self
            .rows()
            .flat_map(|(group, sums_of_group)| {
                let points = sums_of_group.asked.first.curve(&HORIZONS);
                points.into_iter().zip(HORIZONS).map(move |(point, days)| (group, days, point))
            })
            .collect();
        let mut columns = self.grouping.columns(rows.iter().map(|(group, ..)| *group));
        columns.extend([
            counts(names::HORIZON_DAYS, rows.iter().map(|(_, days, _)| Some(*days as u64))),
            counts(names::AT_RISK_COUNT, rows.iter().map(|(.., point)| Some(point.at_risk))),
            counts(names::REPURCHASED_COUNT, rows.iter().map(|(.., point)| Some(point.events))),
        ]);
        let rates = rows.iter().map(|(.., point)| (point.rate, point.interval));
        columns.extend(ranged(ranges::REPURCHASE_RATE, rates));
        frame(columns)
    }

    /// The curve of all customers for each day up to a year, and its band of 95 % intervals.
    pub fn steps(&self) -> (Steps, Band) {
        let days: Vec<i32> = (0..=HORIZONS[HORIZONS.len() - 1]).collect();
        let points = self.all.asked.first.curve(&days);
        let points: Vec<_> = days.iter().map(|day| f64::from(*day)).zip(points).collect();
        let rates = points.iter().filter_map(|(day, point)| Some((*day, point.rate?)));
        let band = points.iter().filter_map(|(day, point)| {
            let (low, high) = point.interval?;
            Some((*day, low, high))
        });
        (rates.collect(), band.collect())
    }

    /// The quantiles of gaps between distinct order days, for all customers or each group: the group's columns,
    /// `gap_count` (gaps that have ended) and their percentiles `p25`, `p50`, `p75`, `p80`, `p90`; `open_gap_count`,
    /// and `watched_p25` and so on for all gaps, the open ones counted as watched until as-of ([`Durations::reached`]);
    /// `cycle_days` (the median of the gaps of all time).
    pub fn gaps(&self) -> Result<DataFrame> {
        let gaps = |sums: &Sums| sums.gaps(!self.is_by_segment());
        let rows: Vec<(Option<Group>, Durations)> =
            self.rows().map(|(group, sums_of_group)| (group, gaps(&sums_of_group.asked))).collect();
        let mut columns = self.grouping.columns(rows.iter().map(|(group, _)| *group));
        columns.push(counts(names::GAP_COUNT, rows.iter().map(|(_, gaps)| Some(gaps.event_count()))));
        for (percent, name, _) in QUANTILES {
            columns.push(ratios(name, rows.iter().map(|(_, gaps)| gaps.completed(percent))));
        }
        columns.push(counts(names::OPEN_GAP_COUNT, rows.iter().map(|(_, gaps)| Some(gaps.censored_count()))));
        for (percent, _, name) in QUANTILES {
            columns.push(ratios(name, rows.iter().map(|(_, gaps)| gaps.reached(percent).map(f64::from))));
        }
        let cycles: Vec<Option<f64>> =
            self.rows().map(|(_, sums_of_group)| gaps(&sums_of_group.ever()).completed(50)).collect();
        columns.push(ratios(names::CYCLE_DAYS, cycles.into_iter()));
        frame(columns)
    }

    /// The churn lines for all customers or each group, from the gaps of all time: the group's columns, `buyers` (those
    /// with one order day, then those with several), `customer_count`, `churn_line_days`, `return_chance` (of customers
    /// silent for that long) and `watched_count` (both null if fewer than [`super::churn::MIN_WATCHED`] are watched),
    /// `lost_customer_count`. There is no table by segment, as segments are not watched from an order on.
    pub fn churn(&self) -> Result<Option<DataFrame>> {
        if self.is_by_segment() {
            return Ok(None);
        }
        struct Row {
            group: Option<Group>,
            line: Option<f64>,
            meaning: Option<Silence>,
            customers: u64,
            lost: u64,
        }
        let of_both = |(group, sums_of_group): (Option<Group>, &GroupSums)| {
            let ever = sums_of_group.ever();
            let lines = self.churn.lines(&ever.first, &ever.later);
            let row = |line: Option<f64>, ever: &Durations, asked: &Durations| Row {
                group,
                line,
                meaning: line.and_then(|line| self.churn.meaning(line, ever)),
                customers: asked.censored_count(),
                lost: line.map_or(0, |line| asked.censored_beyond(line)),
            };
            [
                row(lines.one, &ever.first, &sums_of_group.asked.first),
                row(lines.several, &ever.later, &sums_of_group.asked.later),
            ]
        };
        let rows: Vec<Row> = self.rows().flat_map(of_both).collect();
        let mut columns = self.grouping.columns(rows.iter().map(|row| row.group));
        columns.extend([
            texts(names::BUYERS, BUYERS.iter().cycle().take(rows.len()).map(|key| Some((*key).to_owned()))),
            counts(names::CUSTOMER_COUNT, rows.iter().map(|row| Some(row.customers))),
            ratios(names::CHURN_LINE_DAYS, rows.iter().map(|row| row.line)),
            ratios(names::RETURN_CHANCE, rows.iter().map(|row| Some(row.meaning?.chance))),
            counts(names::WATCHED_COUNT, rows.iter().map(|row| Some(row.meaning?.at_risk))),
            counts(names::LOST_CUSTOMER_COUNT, rows.iter().map(|row| Some(row.lost))),
        ]);
        Ok(Some(frame(columns)?))
    }

    /// The repeat rate, one row for each definition: `definition`, `rate` with `rate_low` and `rate_high` (null if the
    /// data do not cover the days that it needs), `numerator`, `denominator`, `explanation` (the definition's key, for
    /// which writers look up the sentence).
    pub fn rates(&self) -> Result<DataFrame> {
        let keys = || RATES.iter().map(|key| Some((*key).to_owned()));
        let count = |value: fn(&Rate) -> u64| self.rates.iter().map(move |rate| Some(value(rate)));
        let mut columns = vec![texts(names::DEFINITION, keys())];
        columns.extend(rates(
            ranges::RATE,
            self.rates.iter().map(|rate| Some(rate.counts).filter(|_| rate.is_known)),
        ));
        columns.extend([
            counts(names::NUMERATOR, count(|rate| rate.counts.hits)),
            counts(names::DENOMINATOR, count(|rate| rate.counts.of)),
            texts(names::EXPLANATION, keys()),
        ]);
        frame(columns)
    }
}

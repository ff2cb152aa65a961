//! RFM: recency, frequency and monetary scores of every buyer, and their groups.

mod reasons;
mod summed;

use std::ops::RangeInclusive;

use polars::prelude::*;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::CustomerFacts;
use super::finish::{self, totals};
use super::group_days::{GroupDay, group_days};
use super::group_map::GroupMap;
use super::listed_buyers::ListedBuyers;
use crate::error::{Error, Result};
use crate::schema::money::{self, UNIT};
use crate::schema::{CustomerIds, names, orders};
use crate::stats::quantile::cut_numerators;
pub use reasons::{GroupReason, MEASURES, ScoreReason};
pub use summed::{Histograms, ScoreDay, Summed};

/// The eight types Chinese operators know, by (R, F, M) at or above their mean: keys, R high first.
pub const EIGHT: [&str; 8] = [
    "important_value",
    "important_develop",
    "important_keep",
    "important_retain",
    "general_value",
    "general_develop",
    "general_keep",
    "general_retain",
];

/// How many bins make scores.
pub const BINS: RangeInclusive<u8> = 3..=10;

/// How scores are given.
#[derive(Debug, Clone, PartialEq)]
pub enum Scoring {
    /// By the quantiles of this shop's buyers.
    Quantile,
    /// By rank: parts of equal size, ties split by customer id.
    Ntile,
    /// By given cut points.
    Cuts(Cuts),
}

/// How scores become groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grouping {
    /// By a map of the R×F grid.
    Map(GroupMap),
    /// By whether each score is at or above its mean: that of this shop's buyers, or one given.
    Eight(Option<Means>),
}

/// Validated parameters of [`rfm`].
#[derive(Debug, Clone, PartialEq)]
pub struct RfmParams {
    /// How scores are given.
    pub scoring: Scoring,
    /// The highest score, one of [`BINS`].
    pub bins: u8,
    /// How scores become groups.
    pub grouping: Grouping,
}

/// Cut points of the three measures, ascending, each `bins - 1` long, in millionths of a day, an order and a
/// currency unit. Values are whole in these units, so that a cut rounded down to them scores alike.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cuts {
    /// Of the recency in days.
    pub r: Vec<i64>,
    /// Of the order count.
    pub f: Vec<i64>,
    /// Of the net amount.
    pub m: Vec<i64>,
}

impl Cuts {
    /// Checks that there are `bins - 1` of each, ascending.
    pub fn check(&self, bins: u8) -> Result<()> {
        for (name, cuts) in [("r", &self.r), ("f", &self.f), ("m", &self.m)] {
            let wanted = usize::from(bins) - 1;
            if cuts.len() != wanted || !cuts.is_sorted() {
                let values = [
                    ("count", cuts.len().to_string()),
                    ("measure", name.to_owned()),
                    ("bins", bins.to_string()),
                    ("needed", wanted.to_string()),
                ];
                return Err(Error::usage_of("cut_points", &values));
            }
        }
        Ok(())
    }
}

/// The means of the three scores in millionths, rounded up: scores are whole numbers, so that one is at or above a mean
/// when it is at or above the mean rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Means {
    /// Of the recency's.
    pub r: i64,
    /// Of the order count's.
    pub f: i64,
    /// Of the net amount's.
    pub m: i64,
}

/// Scores and groups of all buyers.
#[derive(Debug, Clone)]
pub struct Rfm {
    /// The scores: r, f, m and the group's number, as u8 columns beside the facts' columns.
    scored: DataFrame,
    /// The keys of the groups, in the order they are reported.
    pub groups: Vec<String>,
    /// The cut points that gave the scores; none when they were given by rank or there are no buyers.
    pub cuts: Option<Cuts>,
    /// Scores that no buyer has: measure (`r`, `f`, `m`) and score.
    pub empty_scores: Vec<(&'static str, u8)>,
}

const GROUP: &str = "group";

/// Values that one core works on at a time.
const AT_ONCE: usize = 1 << 14;

/// Scores and groups every buyer.
pub fn rfm(facts: &CustomerFacts, customers: &CustomerIds, params: &RfmParams) -> Result<Rfm> {
    if !BINS.contains(&params.bins) {
        let values = [("bins", params.bins), ("least", *BINS.start()), ("most", *BINS.end())];
        return Err(Error::usage_of("rfm_bins", &values.map(|(name, bins)| (name, bins.to_string()))));
    }
    let frame = &facts.frame()?;
    let (mut scored, cuts) = match &params.scoring {
        Scoring::Ntile => (ntile_scores(frame, customers, params.bins)?, None),
        Scoring::Cuts(cuts) => {
            cuts.check(params.bins)?;
            (cut_scores(frame, cuts, params.bins)?, Some(cuts.clone()))
        }
        Scoring::Quantile if frame.height() == 0 => (cut_scores(frame, &Cuts::default(), params.bins)?, None),
        Scoring::Quantile => {
            let cuts = quantile_cuts(frame, params.bins)?;
            (cut_scores(frame, &cuts, params.bins)?, Some(cuts))
        }
    };
    let empty_scores = empty_scores(&scored, params.bins)?;
    let (code, groups) = match &params.grouping {
        Grouping::Map(map) => (map_group(&scored, map)?, map.keys.clone()),
        Grouping::Eight(given) => {
            let means = given.map_or_else(|| means(&scored), Ok)?;
            (eight_group(&scored, &means)?, EIGHT.map(str::to_owned).to_vec())
        }
    };
    scored.with_column(UInt8Chunked::from_vec(GROUP.into(), code).into_column())?;
    Ok(Rfm { scored, groups, cuts, empty_scores })
}

impl Rfm {
    /// The means of the scores; none without buyers.
    pub fn means(&self) -> Result<Option<Means>> {
        (self.scored.height() > 0).then(|| means(&self.scored)).transpose()
    }

    /// The place of each buyer's group in [`Self::groups`], and the sum of the three scores, in the order of the facts.
    pub(super) fn each(&self) -> Result<Vec<(u8, u8)>> {
        let scores = [names::R_SCORE, names::F_SCORE, names::M_SCORE].map(|name| scores(&self.scored, name));
        let [r, f, m] = scores;
        let (r, f, m, groups) = (r?, f?, m?, self::scores(&self.scored, GROUP)?);
        let scores = r.cont_slice()?.iter().zip(f.cont_slice()?).zip(m.cont_slice()?);
        let sums = scores.map(|((r, f), m)| r + f + m);
        Ok(groups.cont_slice()?.iter().copied().zip(sums).collect())
    }

    /// One row per buyer: customer_id, last_ordered_on, recency_days, order_count, net_amount, r_score, f_score,
    /// m_score, rfm_group; in the order of `facts`, which are the scored ones and [`CustomerFacts::listed`].
    pub fn customers(&self, facts: &CustomerFacts) -> Result<DataFrame> {
        let mut columns = finish::listing(facts)?;
        for name in [names::R_SCORE, names::F_SCORE, names::M_SCORE] {
            columns.push(self.scored.column(name)?.clone());
        }
        let groups = scores(&self.scored, GROUP)?;
        columns.push(finish::labels(names::RFM_GROUP, groups.cont_slice()?, &self.groups)?);
        Ok(DataFrame::new_infer_height(columns)?)
    }

    /// The table of [`summary`] for these facts, which are the scored ones.
    pub fn summary(&self, facts: &CustomerFacts) -> Result<DataFrame> {
        let days = group_days(self.scored.clone().lazy(), GROUP)?;
        finish::debug_check_partition(&totals(&days, self.groups.len()), facts);
        summary(&self.groups, &days)
    }
}

/// The list of [`Rfm::customers`], of buyers and their scores as somebody else lists them, and the place of each one's
/// group.
///
/// # Errors
/// Those of polars.
pub fn list(buyers: &ListedBuyers, days: &[ScoreDay], of: &Summed) -> Result<DataFrame> {
    let mut columns = buyers.columns();
    for (name, place) in [(names::R_SCORE, 0), (names::F_SCORE, 1), (names::M_SCORE, 2)] {
        let scores: Vec<u8> = days.iter().map(|day| day.scores[place]).collect();
        columns.push(UInt8Chunked::from_vec(name.into(), scores).into_column());
    }
    let groups: Vec<u8> = of.days.iter().map(|day| day.group).collect();
    columns.push(finish::labels(names::RFM_GROUP, &groups, &of.groups)?);
    Ok(DataFrame::new_infer_height(columns)?)
}

/// Finish stage: one row per group, groups without buyers included: rfm_group, customer_count, customer_share,
/// order_count, net_amount, net_share, aov, spend_per_customer, median_recency_days. Days are those of the groups by
/// place.
pub fn summary(groups: &[String], days: &[GroupDay]) -> Result<DataFrame> {
    let mut columns = vec![Column::new(names::RFM_GROUP.into(), groups)];
    columns.extend(finish::columns(&totals(days, groups.len())));
    Ok(DataFrame::new_infer_height(columns)?)
}

/// Cut points as people and files write them, so that no program rounds them.
pub fn plain(cuts: &[i64]) -> Vec<String> {
    cuts.iter().map(|cut| money::plain(i128::from(*cut))).collect()
}

/// Finish stage: the type-7 quantiles of each measure.
fn quantile_cuts(frame: &DataFrame, bins: u8) -> Result<Cuts> {
    let recency = frame.column(names::RECENCY_DAYS)?.i32()?.rechunk();
    let orders = frame.column(names::ORDER_COUNT)?.u32()?.rechunk();
    let net = frame.column(names::NET_AMOUNT)?.i64()?.rechunk();
    let (recency, orders, net) = (recency.cont_slice()?, orders.cont_slice()?, net.cont_slice()?);
    let (m, (r, f)) = rayon::join(
        || cuts(net, bins, 1),
        || rayon::join(|| cuts(recency, bins, UNIT), || cuts(orders, bins, UNIT)),
    );
    Ok(Cuts { r, f, m })
}

/// The cut points of one measure, rounded down to millionths.
fn cuts<T: Copy + Ord + Into<i64>>(values: &[T], bins: u8, unit: i64) -> Vec<i64> {
    floor_cuts(cut_numerators(values, bins), bins, unit)
}

fn floor_cuts(numerators: Vec<i128>, bins: u8, unit: i64) -> Vec<i64> {
    let floor = |numerator: i128| (numerator * i128::from(unit)).div_euclid(i128::from(bins));
    numerators.into_iter().map(|numerator| floor(numerator) as i64).collect()
}

/// Score = 1 + the number of cut points strictly below the value; mirrored for recency, where fewer days are
/// better.
fn cut_scores(frame: &DataFrame, cuts: &Cuts, bins: u8) -> Result<DataFrame> {
    let recency = frame.column(names::RECENCY_DAYS)?.i32()?.rechunk();
    let orders = frame.column(names::ORDER_COUNT)?.u32()?.rechunk();
    let net = frame.column(names::NET_AMOUNT)?.i64()?.rechunk();
    let (recency, orders, net) = (recency.cont_slice()?, orders.cont_slice()?, net.cont_slice()?);
    let mut scored = frame.clone();
    for (name, scores) in [
        (names::R_SCORE, scores_of(recency, &cuts.r, UNIT, i32::MAX, |above| bins - above)),
        (names::F_SCORE, scores_of(orders, &cuts.f, UNIT, u32::MAX, |above| above + 1)),
        (names::M_SCORE, scores_of(net, &cuts.m, 1, i64::MAX, |above| above + 1)),
    ] {
        scored.with_column(UInt8Chunked::from_vec(name.into(), scores).into_column())?;
    }
    Ok(scored)
}

/// The scores of values by how many cut points each is above. Values are whole units: above a cut means above its
/// floor, and nothing is above `greatest`.
fn scores_of<T: Copy + Ord + TryFrom<i64> + Send + Sync>(
    values: &[T],
    cuts: &[i64],
    unit: i64,
    greatest: T,
    score: impl Fn(u8) -> u8 + Sync,
) -> Vec<u8> {
    /// As many as the most bins have: to look at all of them takes less time than to count those there are.
    const MAX_CUTS: usize = *BINS.end() as usize - 1;
    let mut floors = [greatest; MAX_CUTS];
    let (mut filled, mut below_all) = (0, 0);
    for floor in cuts.iter().map(|cut| cut.div_euclid(unit)) {
        match T::try_from(floor) {
            Ok(floor) => {
                floors[filled] = floor;
                filled += 1;
            }
            // Below all values there can be, or above.
            Err(_) => below_all += u8::from(floor < 0),
        }
    }
    let above = |value: T| floors.iter().fold(below_all, |count, floor| count + u8::from(value > *floor));
    values.par_iter().with_min_len(AT_ONCE).map(|value| score(above(*value))).collect()
}

/// SQL's NTILE: parts whose sizes differ by one at most, the first ones the larger; equal values are split in
/// the order of customer ids.
fn ntile_scores(frame: &DataFrame, customers: &CustomerIds, bins: u8) -> Result<DataFrame> {
    let mut scored = frame.clone();
    let orders = order_of_ranks(frame, customers)?;
    for (name, order) in [names::R_SCORE, names::F_SCORE, names::M_SCORE].into_iter().zip(orders) {
        let mut scores = vec![0_u8; order.len()];
        let (size, larger) = (order.len() / usize::from(bins), order.len() % usize::from(bins));
        let mut rank = 0;
        for bin in 0..usize::from(bins) {
            for _ in 0..size + usize::from(bin < larger) {
                scores[order[rank] as usize] = bin as u8 + 1;
                rank += 1;
            }
        }
        scored.with_column(UInt8Chunked::from_vec(name.into(), scores).into_column())?;
    }
    Ok(scored)
}

/// The rows of buyers by each measure, the worst first; of equal ones by customer id.
fn order_of_ranks(frame: &DataFrame, customers: &CustomerIds) -> Result<[Vec<u32>; 3]> {
    let codes = frame.column(orders::CUSTOMER)?.u32()?.rechunk();
    let codes = codes.cont_slice()?;
    let ids: Vec<String> = codes.par_iter().map(|&code| customers.text(code)).collect();
    let order = |name: &str, sign: i64| -> Result<Vec<u32>> {
        let values = frame.column(name)?.cast(&DataType::Int64)?;
        let values: Vec<i64> = values.i64()?.iter().flatten().map(|value| sign * value).collect();
        let mut order: Vec<u32> = (0..values.len() as u32).collect();
        order.par_sort_unstable_by(|&a, &b| {
            let (a, b) = (a as usize, b as usize);
            values[a].cmp(&values[b]).then_with(|| ids[a].cmp(&ids[b]))
        });
        Ok(order)
    };
    Ok([order(names::RECENCY_DAYS, -1)?, order(names::ORDER_COUNT, 1)?, order(names::NET_AMOUNT, 1)?])
}

/// The group of each pair of scores.
fn map_group(scored: &DataFrame, map: &GroupMap) -> Result<Vec<u8>> {
    let cells: Vec<u8> =
        (1..=map.bins()).flat_map(|r| (1..=map.bins()).map(move |f| map.group(r, f))).collect();
    let [r, f] = [names::R_SCORE, names::F_SCORE].map(|name| scores(scored, name));
    let (r, f) = (r?, f?);
    let cell = |r: u8, f: u8| usize::from(r - 1) * usize::from(map.bins()) + usize::from(f - 1);
    let scores = r.cont_slice()?.par_iter().zip(f.cont_slice()?);
    Ok(scores.with_min_len(AT_ONCE).map(|(r, f)| cells[cell(*r, *f)]).collect())
}

/// The eight types: a score is high when it is at or above the mean of that score.
fn eight_group(scored: &DataFrame, means: &Means) -> Result<Vec<u8>> {
    let is_low = |name: &str, mean: i64| -> Result<Vec<u8>> {
        let scores = scores(scored, name)?;
        Ok(scores.cont_slice()?.iter().map(|score| u8::from(i64::from(*score) * UNIT < mean)).collect())
    };
    let (r, f, m) = (
        is_low(names::R_SCORE, means.r)?,
        is_low(names::F_SCORE, means.f)?,
        is_low(names::M_SCORE, means.m)?,
    );
    Ok(r.into_iter().zip(f).zip(m).map(|((r, f), m)| m * 4 + r * 2 + f).collect())
}

fn means(scored: &DataFrame) -> Result<Means> {
    let mean = |name: &str| -> Result<i64> {
        let scores = scores(scored, name)?;
        let scores = scores.cont_slice()?;
        let total: i128 = scores.iter().map(|score| i128::from(*score)).sum();
        Ok(mean_rounded_up(total, scores.len() as u64))
    };
    Ok(Means { r: mean(names::R_SCORE)?, f: mean(names::F_SCORE)?, m: mean(names::M_SCORE)? })
}

/// In millionths; 0 of nothing.
fn mean_rounded_up(total: i128, count: u64) -> i64 {
    -(-total * i128::from(UNIT)).div_euclid(i128::from(count.max(1))) as i64
}

fn scores(scored: &DataFrame, name: &str) -> Result<UInt8Chunked> {
    Ok(scored.column(name)?.u8()?.rechunk().into_owned())
}

fn empty_scores(scored: &DataFrame, bins: u8) -> Result<Vec<(&'static str, u8)>> {
    let mut empty = Vec::new();
    if scored.height() == 0 {
        return Ok(empty);
    }
    for (measure, name) in [("r", names::R_SCORE), ("f", names::F_SCORE), ("m", names::M_SCORE)] {
        let mut seen = [false; 256];
        scores(scored, name)?.cont_slice()?.iter().for_each(|score| seen[usize::from(*score)] = true);
        empty.extend((1..=bins).filter(|score| !seen[usize::from(*score)]).map(|score| (measure, score)));
    }
    Ok(empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_rounded_up_has_the_same_scores_below_it() {
        assert_eq!(mean_rounded_up(3, 2), 1_500_000);
        assert_eq!(mean_rounded_up(9, 3), 3_000_000);
        // 7/3 = 2.333… is below 2.333334, and so is 2; 3 is not.
        assert_eq!(mean_rounded_up(7, 3), 2_333_334);
        assert_eq!(mean_rounded_up(0, 0), 0);
        // A hair above 3 stays above 3.
        assert_eq!(mean_rounded_up(9_000_001, 3_000_000), 3_000_001);
    }

    fn scored(r: &[u8], f: &[u8], m: &[u8]) -> DataFrame {
        let column =
            |name: &str, scores: &[u8]| UInt8Chunked::from_vec(name.into(), scores.to_vec()).into_column();
        DataFrame::new_infer_height(vec![
            column(names::R_SCORE, r),
            column(names::F_SCORE, f),
            column(names::M_SCORE, m),
        ])
        .expect("columns of one length")
    }

    #[test]
    fn the_eight_types_are_by_the_means() {
        // Every combination of 1 and 3; the mean is 2.
        let (high, low) = (3, 1);
        let scored = scored(
            &[high, high, low, low, high, high, low, low],
            &[high, low, high, low, high, low, high, low],
            &[high, high, high, high, low, low, low, low],
        );
        let own = means(&scored).expect("scores");
        assert_eq!(own, Means { r: 2_000_000, f: 2_000_000, m: 2_000_000 });
        assert_eq!(eight_group(&scored, &own).expect("scores"), [0, 1, 2, 3, 4, 5, 6, 7]);
        // At the mean is high; a millionth above it is not.
        let at = Means { r: 3_000_000, f: 1_000_000, m: 3_000_001 };
        assert_eq!(eight_group(&scored, &at).expect("scores"), [4, 4, 6, 6, 4, 4, 6, 6]);
    }

    #[test]
    fn a_score_is_one_more_than_the_cut_points_below() {
        let cuts = [1_000_000, 2_500_000, 4_000_000];
        let score = |values: &[i32]| scores_of(values, &cuts, UNIT, i32::MAX, |above| above + 1);
        // At a cut point is not above it.
        assert_eq!(score(&[0, 1, 2, 3, 4, 5]), [1, 1, 2, 3, 3, 4]);
        assert_eq!(
            scores_of(&[0, 1, 2, 3, 4, 5], &cuts, UNIT, i32::MAX, |above| 4 - above),
            [4, 4, 3, 2, 2, 1]
        );
        // Cut points that no value can reach, or that all are above.
        let far = [-1_000_000, 1, i64::MAX];
        assert_eq!(scores_of(&[0_u32, 1, u32::MAX], &far, UNIT, u32::MAX, |above| above + 1), [2, 3, 3]);
    }

    #[test]
    fn cut_points_must_be_as_many_as_bins_less_one_and_ascend() {
        let cuts = |r: &[i64]| Cuts { r: r.to_vec(), f: vec![1, 2], m: vec![1, 1] };
        assert!(cuts(&[1, 2]).check(3).is_ok());
        assert!(cuts(&[1, 2]).check(4).is_err());
        assert!(cuts(&[1]).check(3).is_err());
        assert!(cuts(&[2, 1]).check(3).is_err());
    }

    #[test]
    fn empty_scores_are_named() {
        let scored = scored(&[1, 3], &[2, 2], &[1, 2]);
        assert_eq!(empty_scores(&scored, 3).expect("scores"), [("r", 2), ("f", 1), ("f", 3), ("m", 3)]);
    }

    use crate::metrics::customer_facts::customer_facts;
    use crate::metrics::testing::{orders, rows};

    /// Seven of equal amounts in three parts: three, two and two, by id; of orders alike.
    #[test]
    fn ranks_are_cut_into_parts_of_which_the_first_are_the_larger() {
        let text: String =
            ["g", "b", "e", "a", "c", "f", "d"].iter().map(|id| format!(";{id},{id},2026-06-10,5")).collect();
        let read = orders(&format!("order_id,customer_id,order_date,amount{text}"));
        let scope = read.up_to("2026-06-30");
        let facts =
            customer_facts(&read.ingested.orders, &scope, read.ingested.accounting.clone()).expect("facts");
        let facts = facts.listed(&read.ingested.orders.customers).expect("a list");
        let params =
            RfmParams { scoring: Scoring::Ntile, bins: 3, grouping: Grouping::Map(GroupMap::standard(3)) };
        let scored = rfm(&facts, &read.ingested.orders.customers, &params).expect("scores");
        let list = scored.customers(&facts).expect("a list");
        assert_eq!(
            rows(&list, &["customer_id", "r_score", "f_score", "m_score"]),
            ["a,1,1,1", "b,1,1,1", "c,1,1,1", "d,2,2,2", "e,2,2,2", "f,3,3,3", "g,3,3,3"]
        );
    }

    /// May's buyers have means of 3 each; in June all are poorer, but at May's cut points and means each type stays
    /// what it is.
    #[test]
    fn frozen_means_keep_a_type_what_it_was() {
        let ask = |text: &str, params: &RfmParams| {
            let read = orders(text);
            let scope = read.up_to("2026-06-30");
            let facts = customer_facts(&read.ingested.orders, &scope, read.ingested.accounting.clone())
                .expect("facts");
            let facts = facts.listed(&read.ingested.orders.customers).expect("a list");
            let scored = rfm(&facts, &read.ingested.orders.customers, params).expect("scores");
            (rows(&scored.customers(&facts).expect("a list"), &["customer_id", "rfm_group"]), scored)
        };
        let own = RfmParams { scoring: Scoring::Quantile, bins: 3, grouping: Grouping::Eight(None) };
        let may =
            "order_id,customer_id,order_date,amount;1,a,2026-06-29,90;2,b,2026-06-15,50;3,c,2026-06-01,10";
        let (types, scored) = ask(may, &own);
        // Scores are 3, 2 and 1 of amounts and days; all have one order, which scores 1, the mean.
        assert_eq!(types, ["a,important_value", "b,important_value", "c,general_keep"]);
        let means = scored.means().expect("means").expect("buyers");
        assert_eq!(means, Means { r: 2_000_000, f: 1_000_000, m: 2_000_000 });
        let frozen = RfmParams {
            scoring: Scoring::Cuts(scored.cuts.expect("cut points")),
            grouping: Grouping::Eight(Some(means)),
            ..own
        };
        // Only b and c are left: by their own means (1.5) b would be high whatever it is.
        let june = "order_id,customer_id,order_date,amount;1,b,2026-06-15,20;2,c,2026-06-01,10";
        assert_eq!(
            ask(june, &RfmParams { grouping: Grouping::Eight(None), ..frozen.clone() }).0,
            ["b,important_value", "c,important_keep"]
        );
        assert_eq!(ask(june, &frozen).0, ["b,general_value", "c,general_keep"]);
    }
}

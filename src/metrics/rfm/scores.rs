//! Scores by cut points (quantiles or given ones) and scores by rank.

use polars::prelude::*;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::scores;
use crate::error::{Error, Result};
use crate::schema::money::{self, UNIT};
use crate::schema::{CustomerCode, CustomerIds, names, orders};
use crate::stats::quantile::cut_numerators;

/// Cut points of the three measures, ascending, `bins - 1` for each, in millionths of a day, an order and a currency
/// unit. Values are whole numbers of these units, so rounding a cut point down does not change any score.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cuts {
    /// Cut points of the recency in days.
    pub r: Vec<i64>,
    /// Cut points of the order count.
    pub f: Vec<i64>,
    /// Cut points of the net amount.
    pub m: Vec<i64>,
}

impl Cuts {
    /// Checks that each measure has `bins - 1` cut points, ascending.
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

/// Cut points as decimal texts, so that no program that reads them rounds them.
pub fn plain(cuts: &[i64]) -> Vec<String> {
    cuts.iter().map(|cut| money::plain(*cut)).collect()
}

/// The cut points of each measure at its quantiles (R's type 7).
pub(super) fn quantile_cuts(frame: &DataFrame, bins: u8) -> Result<Cuts> {
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

/// Converts the numerators of quantiles, which are to be divided by `bins`, to cut points in units of `1 / unit`,
/// rounded down.
pub(super) fn floor_cuts(numerators: Vec<i128>, bins: u8, unit: i64) -> Vec<i64> {
    let floor = |numerator: i128| (numerator * i128::from(unit)).div_euclid(i128::from(bins));
    numerators.into_iter().map(|numerator| floor(numerator) as i64).collect()
}

/// Scores by cut points: 1 + the number of cut points that the value is strictly above. For recency, where fewer days
/// are better, the scores are reversed. Loops over the columns instead of expressions would earn less than 2 % of the
/// time of `rfm`.
pub(super) fn cut_scores(frame: &DataFrame, cuts: &Cuts, bins: u8) -> Result<DataFrame> {
    // Values are whole numbers and cut points are in units of `1 / unit`, so a value is above a cut point exactly if it
    // is above the cut point's floor.
    let above = |name: &str, cuts: &[i64], unit: i64| {
        let is_above =
            |cut: &i64| col(name).cast(DataType::Int64).gt(lit(cut.div_euclid(unit))).cast(DataType::UInt8);
        cuts.iter().map(is_above).reduce(|a, b| a + b).unwrap_or(lit(0_u8))
    };
    let scores = [
        (names::R_SCORE, lit(bins) - above(names::RECENCY_DAYS, &cuts.r, UNIT)),
        (names::F_SCORE, above(names::ORDER_COUNT, &cuts.f, UNIT) + lit(1_u8)),
        (names::M_SCORE, above(names::NET_AMOUNT, &cuts.m, 1) + lit(1_u8)),
    ];
    // Without cut points a score is made of literals alone, which have a type of their own.
    let scores = scores.map(|(name, score)| score.cast(DataType::UInt8).alias(name));
    Ok(frame.clone().lazy().with_columns(scores).collect()?)
}

/// Scores by rank as SQL's NTILE: the sizes of the bins differ by at most one, the larger bins come first, and equal
/// values are split in the order of customer ids.
pub(super) fn ntile_scores(frame: &DataFrame, customers: &CustomerIds, bins: u8) -> Result<DataFrame> {
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

/// The rows of the buyers sorted by each measure, the worst first, equal values by customer id.
pub(super) fn order_of_ranks(frame: &DataFrame, customers: &CustomerIds) -> Result<[Vec<u32>; 3]> {
    let codes = frame.column(orders::CUSTOMER)?.u32()?.rechunk();
    let codes = codes.cont_slice()?;
    let ids: Vec<String> = codes.par_iter().map(|&code| customers.text(CustomerCode::new(code))).collect();
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

/// The scores that no buyer has.
pub(super) fn empty_scores(scored: &DataFrame, bins: u8) -> Result<Vec<(&'static str, u8)>> {
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
    use super::super::{Grouping, RfmParams, Scoring, rfm, scored};
    use super::*;
    use crate::metrics::customer_facts::customer_facts;
    use crate::metrics::group_map::GroupMap;
    use crate::metrics::testing::{orders, rows};

    #[test]
    fn a_score_is_one_more_than_the_cut_points_below() {
        let scored = |recency: &[i32], orders: &[u32], net: &[i64], cuts: [&[i64]; 3]| {
            let frame =
                df!(names::RECENCY_DAYS => recency, names::ORDER_COUNT => orders, names::NET_AMOUNT => net)
                    .expect("facts");
            let cuts = Cuts { r: cuts[0].to_vec(), f: cuts[1].to_vec(), m: cuts[2].to_vec() };
            let scored = cut_scores(&frame, &cuts, 4).expect("scores");
            [names::R_SCORE, names::F_SCORE, names::M_SCORE].map(|name| {
                scored.column(name).and_then(Column::u8).expect(name).iter().flatten().collect::<Vec<u8>>()
            })
        };
        // 1, 2.5 and 4 days or orders; amounts in millionths. A value at a cut point is not above it.
        let cuts: &[i64] = &[1_000_000, 2_500_000, 4_000_000];
        let net = [0, 1_000_000, 2_500_000, 2_500_001, 4_000_000, 4_000_001];
        let [r, f, m] = scored(&[0, 1, 2, 3, 4, 5], &[0, 1, 2, 3, 4, 5], &net, [cuts; 3]);
        assert_eq!(r, [4, 4, 3, 2, 2, 1]);
        assert_eq!(f, [1, 1, 2, 3, 3, 4]);
        assert_eq!(m, [1, 1, 2, 3, 3, 4]);
        // Cut points that no value reaches, and one that all values are above.
        let far: &[i64] = &[-1_000_000, 1, i64::MAX];
        let [r, f, m] = scored(&[0, 1, i32::MAX], &[0, 1, u32::MAX], &[0, 2, i64::MAX], [far; 3]);
        assert_eq!((r, f, m), (vec![3, 2, 2], vec![2, 3, 3], vec![2, 3, 3]));
        // Without buyers there are no cut points.
        assert_eq!(scored(&[], &[], &[], [&[]; 3]), [const { Vec::<u8>::new() }; 3]);
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

    /// Seven buyers with equal amounts go into three bins of three, two and two, by id; so do their equal order counts
    /// and recencies.
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
}

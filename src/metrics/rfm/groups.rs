//! The groups of scores: by cell of the grid of R and F, or eight types by whether each score is high or low.

use polars::prelude::*;
use rayon::prelude::*;

use super::{AT_ONCE, scores};
use crate::error::Result;
use crate::metrics::group_map::GroupMap;
use crate::schema::money::UNIT;
use crate::schema::names;

/// The keys of the eight customer types that are usual in Chinese e-commerce: by whether R, F and M are each at or
/// above their mean, high M first, then high R, then high F.
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

/// The means of the three scores in millionths, rounded up. Scores are whole numbers, so a score is at or above a mean
/// exactly if it is at or above the mean rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Means {
    /// Mean score of the recency.
    pub r: i64,
    /// Mean score of the order count.
    pub f: i64,
    /// Mean score of the net amount.
    pub m: i64,
}

/// The group of each buyer, by the map's cell for the buyer's R and F scores.
pub(super) fn map_group(scored: &DataFrame, map: &GroupMap) -> Result<Vec<u8>> {
    let cells: Vec<u8> =
        (1..=map.bins()).flat_map(|r| (1..=map.bins()).map(move |f| map.group(r, f))).collect();
    let [r, f] = [names::R_SCORE, names::F_SCORE].map(|name| scores(scored, name));
    let (r, f) = (r?, f?);
    let cell = |r: u8, f: u8| usize::from(r - 1) * usize::from(map.bins()) + usize::from(f - 1);
    let scores = r.cont_slice()?.par_iter().zip(f.cont_slice()?);
    Ok(scores.with_min_len(AT_ONCE).map(|(r, f)| cells[cell(*r, *f)]).collect())
}

/// The type of each buyer, by place in [`EIGHT`]. A score is high if it is at or above the mean of that score.
pub(super) fn eight_group(scored: &DataFrame, means: &Means) -> Result<Vec<u8>> {
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

pub(super) fn means(scored: &DataFrame) -> Result<Means> {
    let mean = |name: &str| -> Result<i64> {
        let scores = scores(scored, name)?;
        let scores = scores.cont_slice()?;
        let total = scores.iter().map(|score| i128::from(*score)).sum();
        Ok(mean_rounded_up(total, scores.len() as u64))
    };
    Ok(Means { r: mean(names::R_SCORE)?, f: mean(names::F_SCORE)?, m: mean(names::M_SCORE)? })
}

/// The mean in millionths, rounded up; 0 if `count` is 0.
pub(super) fn mean_rounded_up(total: i128, count: u64) -> i64 {
    -(-total * i128::from(UNIT)).div_euclid(i128::from(count.max(1))) as i64
}

#[cfg(test)]
mod tests {
    use super::super::{Grouping, RfmParams, Scoring, rfm, scored};
    use super::*;
    use crate::metrics::customer_facts::customer_facts;
    use crate::metrics::testing::{orders, rows};

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
        // A score at the mean is high; if the mean is a millionth above the score, it is low.
        let at = Means { r: 3_000_000, f: 1_000_000, m: 3_000_001 };
        assert_eq!(eight_group(&scored, &at).expect("scores"), [4, 4, 6, 6, 4, 4, 6, 6]);
    }

    /// In May the means of the scores are 2, 1 and 2. In June the remaining buyers have lower amounts, but with May's
    /// cut points and means each type keeps its meaning.
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
        // The scores of amounts and days are 3, 2 and 1. All have one order, whose score of 1 is also the mean.
        assert_eq!(types, ["a,important_value", "b,important_value", "c,general_keep"]);
        let means = scored.means().expect("means").expect("buyers");
        assert_eq!(means, Means { r: 2_000_000, f: 1_000_000, m: 2_000_000 });
        let frozen = RfmParams {
            scoring: Scoring::Cuts(scored.cuts.expect("cut points")),
            grouping: Grouping::Eight(Some(means)),
            ..own
        };
        // Only b and c are left. By their own means (1.5 for recency) b would be high in any case.
        let june = "order_id,customer_id,order_date,amount;1,b,2026-06-15,20;2,c,2026-06-01,10";
        assert_eq!(
            ask(june, &RfmParams { grouping: Grouping::Eight(None), ..frozen.clone() }).0,
            ["b,important_value", "c,important_keep"]
        );
        assert_eq!(ask(june, &frozen).0, ["b,general_value", "c,general_keep"]);
    }
}

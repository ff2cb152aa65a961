//! The figures that explain a buyer's scores and group.

use super::groups::means;
use super::scores::order_of_ranks;
use super::{Cuts, GROUP, Grouping, Means, Rfm, RfmParams, Scoring};
use crate::error::Result;
use crate::metrics::CustomerFacts;
use crate::schema::money::{self, UNIT};
use crate::schema::{CustomerIds, names};

/// The measures, in the order of the scores.
pub const MEASURES: [&str; 3] = [names::RECENCY_DAYS, names::ORDER_COUNT, names::NET_AMOUNT];

/// The figures that explain one score. Values and cut points are in millionths of a day, an order and a currency unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScoreReason {
    /// One of [`MEASURES`].
    pub measure: &'static str,
    /// The value.
    pub value: i64,
    /// Its score.
    pub score: u8,
    /// The greatest cut point that the value is above; `None` if there is none, or if scores are ranks.
    pub above: Option<i64>,
    /// The smallest cut point that the value is not above; `None` if there is none, or if scores are ranks.
    pub up_to: Option<i64>,
    /// The value's rank among all buyers, from 1 for the worst; only if scores are ranks.
    pub rank: Option<u64>,
    /// The mean of all buyers' scores, in millionths, rounded up; only if groups are types by means.
    pub mean_score: Option<i64>,
}

/// The figures that explain a buyer's group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupReason {
    /// The group's key.
    pub group: String,
    /// The scores of the group, written without words of any language: `R 3-4, F 4-5`, or `R >= 3.20, F < 2.50, M >=
    /// 3.00`.
    pub rule: String,
}

impl Rfm {
    /// The reasons for the three scores of the buyer in this row of `facts`, which must be the facts that were scored.
    ///
    /// # Errors
    /// Those of polars.
    pub fn score_reasons(
        &self,
        facts: &CustomerFacts,
        customers: &CustomerIds,
        params: &RfmParams,
        row: usize,
    ) -> Result<[ScoreReason; 3]> {
        let frame = facts.frame()?;
        let value = |name: &str| -> Result<i64> {
            let column = frame.column(name)?.cast(&polars::prelude::DataType::Int64)?;
            Ok(column.i64()?.get(row).unwrap_or(0))
        };
        let ranks = (params.scoring == Scoring::Ntile)
            .then(|| order_of_ranks(&frame, customers))
            .transpose()?
            .map(|orders| orders.map(|order| order.iter().position(|of| *of as usize == row)));
        let means = self.means_of(params)?;
        let none = Cuts::default();
        let cuts = self.cuts.as_ref().unwrap_or(&none);
        let all = [
            (names::R_SCORE, UNIT, &cuts.r, means.map(|means| means.r)),
            (names::F_SCORE, UNIT, &cuts.f, means.map(|means| means.f)),
            (names::M_SCORE, 1, &cuts.m, means.map(|means| means.m)),
        ];
        let reason = |place: usize| -> Result<ScoreReason> {
            let (score, unit, cuts, mean_score) = all[place];
            let value = value(MEASURES[place])?.saturating_mul(unit);
            Ok(ScoreReason {
                measure: MEASURES[place],
                value,
                score: self.scored.column(score)?.u8()?.get(row).unwrap_or(0),
                above: cuts.iter().copied().filter(|cut| *cut < value).max(),
                up_to: cuts.iter().copied().find(|cut| *cut >= value),
                rank: ranks.as_ref().and_then(|ranks| ranks[place]).map(|place| place as u64 + 1),
                mean_score,
            })
        };
        Ok([reason(0)?, reason(1)?, reason(2)?])
    }

    /// The reason for the group of the buyer in this row of the scored facts.
    ///
    /// # Errors
    /// Those of polars.
    pub fn group_reason(&self, params: &RfmParams, row: usize) -> Result<GroupReason> {
        let number = self.scored.column(GROUP)?.u8()?.get(row).unwrap_or(0);
        let rule = match (&params.grouping, self.means_of(params)?) {
            (Grouping::Map(map), _) => map.rule(number),
            (Grouping::Eight(_), means) => {
                let means = means.unwrap_or_default();
                let side = |name: &str, letter: &str, mean: i64| -> Result<String> {
                    let score = self.scored.column(name)?.u8()?.get(row).unwrap_or(0);
                    let sign = if i64::from(score) * UNIT < mean { "<" } else { ">=" };
                    Ok(format!("{letter} {sign} {}", money::plain(mean)))
                };
                let sides = [
                    side(names::R_SCORE, "R", means.r)?,
                    side(names::F_SCORE, "F", means.f)?,
                    side(names::M_SCORE, "M", means.m)?,
                ];
                sides.join(", ")
            }
        };
        Ok(GroupReason { group: self.groups.get(usize::from(number)).cloned().unwrap_or_default(), rule })
    }

    /// The means by which types are assigned; `None` if groups are cells of a map.
    fn means_of(&self, params: &RfmParams) -> Result<Option<Means>> {
        match params.grouping {
            Grouping::Eight(given) => Ok(Some(given.map_or_else(|| means(&self.scored), Ok)?)),
            Grouping::Map(_) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::customer_facts::customer_facts;
    use crate::metrics::group_map::GroupMap;
    use crate::metrics::rfm::rfm;
    use crate::metrics::testing::{Read, orders};

    fn reasons(read: &Read, params: &RfmParams) -> Vec<([ScoreReason; 3], GroupReason)> {
        let (ids, accounting) = (&read.ingested.orders.customers, read.ingested.accounting.clone());
        let facts = customer_facts(&read.ingested.orders, &read.up_to("2026-06-30"), accounting);
        let facts = facts.expect("facts").listed(ids).expect("a list");
        let scored = rfm(&facts, ids, params).expect("scores");
        let of = |row| {
            let scores = scored.score_reasons(&facts, ids, params, row).expect("reasons");
            (scores, scored.group_reason(params, row).expect("a reason"))
        };
        (0..3).map(of).collect()
    }

    fn three() -> Read {
        orders("order_id,customer_id,order_date,amount;1,a,2026-06-29,90;2,b,2026-06-15,50;3,c,2026-06-01,10")
    }

    /// Days 1, 15 and 29 have cut points at 10 1/3 and 19 2/3, amounts 90, 50 and 10 at 36 2/3 and 63 1/3. All have one
    /// order.
    #[test]
    fn a_score_lies_between_its_cut_points() {
        let map = Grouping::Map(GroupMap::standard(3));
        let params = RfmParams { scoring: Scoring::Quantile, bins: 3, grouping: map };
        let all = reasons(&three(), &params);
        let ([r, f, m], group) = &all[1];
        assert_eq!((r.value, r.score, r.above, r.up_to), (15 * UNIT, 2, Some(10_333_333), Some(19_666_666)));
        assert_eq!((f.value, f.score, f.above, f.up_to), (UNIT, 1, None, Some(UNIT)));
        assert_eq!((m.value, m.score, m.above, m.up_to), (50 * UNIT, 2, Some(36_666_666), Some(63_333_333)));
        assert_eq!((m.rank, m.mean_score), (None, None));
        // With three scores, an R of 2 counts as the middle one of the standard map's five; with few orders that is
        // `about_to_sleep`.
        assert_eq!((group.group.as_str(), group.rule.as_str()), ("about_to_sleep", "R 2, F 1"));
        // The best buyer's amount is above the last cut point, and the days are below the first.
        let [r, _, m] = &all[0].0;
        assert_eq!((r.score, r.above, r.up_to), (3, None, Some(10_333_333)));
        assert_eq!((m.score, m.above, m.up_to), (3, Some(63_333_333), None));
    }

    /// Ranks count from the worst. The scores 3, 2 and 1 have a mean of 2. All have one order, so their ranks by orders
    /// follow the ids.
    #[test]
    fn ranks_and_means_are_reasons_too() {
        let params = RfmParams { scoring: Scoring::Ntile, bins: 3, grouping: Grouping::Eight(None) };
        let all = reasons(&three(), &params);
        let of = |row: usize| all[row].0.map(|of| (of.score, of.rank, of.above, of.mean_score));
        let mean = Some(2 * UNIT);
        assert_eq!(of(0), [(3, Some(3), None, mean), (1, Some(1), None, mean), (3, Some(3), None, mean)]);
        assert_eq!(of(2), [(1, Some(1), None, mean), (3, Some(3), None, mean), (1, Some(1), None, mean)]);
        assert_eq!(all[0].1.rule, "R >= 2.00, F < 2.00, M >= 2.00");
        assert_eq!(all[0].1.group, "important_develop");
    }
}

//! Groups from sums by score. An engine computes these sums as its heavy stage; here they become groups and their
//! means.

use polars::prelude::*;

use super::{
    Cuts, EIGHT, Grouping, Means, RfmParams, eight_group, empty_scores, floor_cuts, map_group,
    mean_rounded_up,
};
use crate::error::Result;
use crate::metrics::group_days::GroupDay;
use crate::schema::money::UNIT;
use crate::schema::names;
use crate::stats::quantile::histogram_cuts;

/// The number of buyers with each value of the three measures, values ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histograms {
    /// By days since the last order.
    pub recency: Vec<(i64, u64)>,
    /// By number of orders.
    pub orders: Vec<(i64, u64)>,
    /// By net amount in micro-units.
    pub net: Vec<(i64, u64)>,
}

impl Histograms {
    /// The cut points at the quantiles, equal to those computed from the buyers' values; `None` without buyers.
    pub fn cuts(&self, bins: u8) -> Option<Cuts> {
        let cuts =
            |histogram: &[(i64, u64)], unit: i64| floor_cuts(histogram_cuts(histogram, bins), bins, unit);
        let (r, f, m) = (cuts(&self.recency, UNIT), cuts(&self.orders, UNIT), cuts(&self.net, 1));
        (!self.net.is_empty()).then_some(Cuts { r, f, m })
    }
}

/// The buyers with the same three scores and the same day of the last order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScoreDay {
    /// The scores of recency, orders and amount.
    pub scores: [u8; 3],
    /// The day, the number of customers and their sums. The group in it is not yet set.
    pub day: GroupDay,
}

/// The groups of all buyers.
#[derive(Debug, Clone)]
pub struct Summed {
    /// The keys of the groups.
    pub groups: Vec<String>,
    /// The sums by group, which is numbered by its place in `groups`.
    pub days: Vec<GroupDay>,
    /// The means of the scores; `None` without buyers.
    pub means: Option<Means>,
    /// Scores that no buyer has.
    pub empty_scores: Vec<(&'static str, u8)>,
}

impl Summed {
    /// Puts buyers into groups by their scores.
    ///
    /// # Errors
    /// Those of polars.
    pub fn new(days: &[ScoreDay], params: &RfmParams) -> Result<Self> {
        let column = |name: &str, place: usize| {
            let scores = days.iter().map(|day| day.scores[place]).collect();
            UInt8Chunked::from_vec(name.into(), scores).into_column()
        };
        let scored = DataFrame::new(
            days.len(),
            vec![column(names::R_SCORE, 0), column(names::F_SCORE, 1), column(names::M_SCORE, 2)],
        )?;
        let means = means(days);
        let (codes, groups) = match &params.grouping {
            Grouping::Map(map) => (map_group(&scored, map)?, map.keys.clone()),
            Grouping::Eight(given) => {
                let means = given.unwrap_or(means.unwrap_or_default());
                (eight_group(&scored, &means)?, EIGHT.map(str::to_owned).to_vec())
            }
        };
        let of_group = |(day, group): (&ScoreDay, u8)| GroupDay { group, ..day.day };
        Ok(Self {
            groups,
            days: days.iter().zip(codes).map(of_group).collect(),
            means,
            empty_scores: empty_scores(&scored, params.bins)?,
        })
    }
}

fn means(days: &[ScoreDay]) -> Option<Means> {
    let count: u64 = days.iter().map(|day| day.day.customers).sum();
    let mean = |place: usize| {
        let weighed = days.iter().map(|day| i128::from(day.scores[place]) * i128::from(day.day.customers));
        mean_rounded_up(weighed.sum(), count)
    };
    (count > 0).then(|| Means { r: mean(0), f: mean(1), m: mean(2) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::group_map::GroupMap;
    use crate::metrics::rfm::Scoring;

    fn day(scores: [u8; 3], customers: u64, net: i128) -> ScoreDay {
        let day = GroupDay { customers, net, orders: customers, ..GroupDay::default() };
        ScoreDay { scores, day }
    }

    /// One buyer has scores of 3 and three have scores of 1, so the means are 6/4.
    #[test]
    fn sums_are_weighed_by_their_buyers() {
        let params = RfmParams { scoring: Scoring::Quantile, bins: 3, grouping: Grouping::Eight(None) };
        let summed = Summed::new(&[day([3, 3, 3], 1, 90), day([1, 1, 1], 3, 30)], &params).expect("sums");
        assert_eq!(summed.means, Some(Means { r: 1_500_000, f: 1_500_000, m: 1_500_000 }));
        let groups: Vec<(u8, u64)> = summed.days.iter().map(|day| (day.group, day.customers)).collect();
        assert_eq!(groups, [(0, 1), (7, 3)]);
        assert_eq!(summed.empty_scores, [("r", 2), ("f", 2), ("m", 2)]);
        let none = Summed::new(&[], &RfmParams { grouping: Grouping::Map(GroupMap::standard(3)), ..params });
        assert_eq!(none.expect("sums").means, None);
    }

    /// The values 0, 10, 10 and 30 have quartiles at 7.5, 10 and 15.
    #[test]
    fn cut_points_come_from_histograms() {
        let of = vec![(0, 1), (10, 2), (30, 1)];
        let histograms = Histograms { recency: of.clone(), orders: of.clone(), net: of };
        let cuts = histograms.cuts(4).expect("buyers");
        assert_eq!(cuts.r, [7_500_000, 10_000_000, 15_000_000]);
        // Amounts are already in micro-units, so 7.5 of them are rounded down to 7.
        assert_eq!(cuts.m, [7, 10, 15]);
        assert_eq!(Histograms::default().cuts(4), None);
    }
}

//! RFM: recency, frequency and monetary scores of every buyer, and their groups.

mod groups;
mod reasons;
mod scores;
mod summed;

use std::ops::RangeInclusive;

use polars::prelude::*;

use super::CustomerFacts;
use super::finish::{self, totals};
use super::group_days::{GroupDay, group_days};
use super::group_map::GroupMap;
use super::listed_buyers::ListedBuyers;
use crate::error::{Error, Result};
use crate::schema::{CustomerIds, names};
pub use groups::{EIGHT, Means};
use groups::{eight_group, map_group, mean_rounded_up, means};
pub use reasons::{GroupReason, MEASURES, ScoreReason};
pub use scores::{Cuts, plain};
use scores::{cut_scores, empty_scores, floor_cuts, ntile_scores, quantile_cuts};
pub use summed::{Histograms, ScoreDay, Summed};

/// The numbers of bins that may be chosen; the scores are 1 up to that number.
pub const BINS: RangeInclusive<u8> = 3..=10;

/// How values become scores.
#[derive(Debug, Clone, PartialEq)]
pub enum Scoring {
    /// By the quantiles of this shop's buyers.
    Quantile,
    /// By rank: bins of equal size, equal values split by customer id.
    Ntile,
    /// By given cut points.
    Cuts(Cuts),
}

/// How scores become groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grouping {
    /// By a map of the R×F grid.
    Map(GroupMap),
    /// By whether each score is at or above its mean: that of this shop's buyers, or a given one.
    Eight(Option<Means>),
}

/// Validated parameters of [`rfm`].
#[derive(Debug, Clone, PartialEq)]
pub struct RfmParams {
    /// How values become scores.
    pub scoring: Scoring,
    /// The highest score, one of [`BINS`].
    pub bins: u8,
    /// How scores become groups.
    pub grouping: Grouping,
}

/// The scores and groups of all buyers.
#[derive(Debug, Clone)]
pub struct Rfm {
    /// The columns of the facts, with the three scores and the group's number as u8 columns.
    scored: DataFrame,
    /// The keys of the groups, in the order in which they are reported.
    pub groups: Vec<String>,
    /// The cut points of the scores; `None` if the scores are ranks or there are no buyers.
    pub cuts: Option<Cuts>,
    /// Scores that no buyer has: measure (`r`, `f`, `m`) and score.
    pub empty_scores: Vec<(&'static str, u8)>,
}

const GROUP: &str = "group";

/// The smallest number of values that one parallel task works on.
const AT_ONCE: usize = 1 << 14;

/// Gives every buyer scores and a group.
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
    /// The means of the scores; `None` without buyers.
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
    /// m_score, rfm_group. `facts` must be those that were scored and be sorted by [`CustomerFacts::listed`]; the rows
    /// are in their order.
    pub fn customers(&self, facts: &CustomerFacts) -> Result<DataFrame> {
        let mut columns = finish::listing(facts)?;
        for name in [names::R_SCORE, names::F_SCORE, names::M_SCORE, names::RFM_GROUP] {
            columns.push(self.column(name)?);
        }
        Ok(DataFrame::new_infer_height(columns)?)
    }

    /// One of the columns r_score, f_score, m_score and rfm_group, in the order of the scored facts.
    ///
    /// # Errors
    /// Those of polars.
    pub fn column(&self, name: &str) -> Result<Column> {
        if name != names::RFM_GROUP {
            return Ok(self.scored.column(name)?.clone());
        }
        finish::labels(name, scores(&self.scored, GROUP)?.cont_slice()?, &self.groups)
    }

    /// The table of [`summary`]. `facts` must be those that were scored.
    pub fn summary(&self, facts: &CustomerFacts) -> Result<DataFrame> {
        let days = group_days(&self.scored, GROUP)?;
        finish::debug_check_partition(&totals(&days, self.groups.len()), facts);
        summary(&self.groups, &days)
    }
}

/// The list of [`Rfm::customers`] for buyers and scores that an engine has computed. `days` has the scores of each
/// buyer and `of` the groups, both in the order of `buyers`.
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

/// The finish stage: one row per group, groups without buyers included: rfm_group, customer_count, customer_share,
/// order_count, net_amount, net_share, aov, spend_per_customer, median_recency_days. In `days`, groups are numbered by
/// their place in `groups`.
pub fn summary(groups: &[String], days: &[GroupDay]) -> Result<DataFrame> {
    let mut columns = vec![Column::new(names::RFM_GROUP.into(), groups)];
    columns.extend(finish::columns(&totals(days, groups.len())));
    Ok(DataFrame::new_infer_height(columns)?)
}

fn scores(scored: &DataFrame, name: &str) -> Result<UInt8Chunked> {
    Ok(scored.column(name)?.u8()?.rechunk().into_owned())
}

/// Scored buyers, for tests.
#[cfg(test)]
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

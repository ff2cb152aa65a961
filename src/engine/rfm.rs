//! RFM on an engine.

use super::render::Values;
use super::segment::{buyers, days, totals, totals_of};
use super::{Ground, OnEngine, Rows, ShopOn, Statement, not_there};
use crate::error::Result;
use crate::metrics::group_days::GroupDay;
use crate::metrics::listed_buyers::ListedBuyers;
use crate::metrics::rfm::{BINS, Cuts, Histograms, ScoreDay, Scoring};
use crate::questions::{Answer, Question, Rfm};
use crate::schema::money::UNIT;
use crate::schema::names;

/// The three measures by their names in statements, each with the divisor that turns a cut point in millionths into the
/// whole number that statements compare with.
const MEASURES: [(&str, i64); 3] = [("r", UNIT), ("f", UNIT), ("m", 1)];

impl OnEngine for Rfm {
    fn check(&self) -> Result<()> {
        match self.params.scoring {
            Scoring::Ntile => Err(not_there(Self::ABOUT.name, "--method ntile")),
            Scoring::Quantile | Scoring::Cuts(_) => Ok(()),
        }
    }

    fn statements(&self, ground: &Ground) -> Result<Vec<Statement>> {
        let (bins, name) = (self.params.bins, self.statement());
        Ok(match &self.params.scoring {
            Scoring::Cuts(cuts) => vec![ground.left_out()?, scores(ground, name, bins, &literals(cuts))?],
            _ => {
                let histograms = ground.statement("rfm_histograms")?;
                vec![ground.left_out()?, histograms, scores(ground, name, bins, &self.printed_cuts(ground))?]
            }
        })
    }

    fn answer_on(&self, shop: &ShopOn<'_>) -> Result<Answer> {
        let (ground, bins) = (&shop.ground, self.params.bins);
        debug_assert!(BINS.contains(&bins));
        let accounting = shop.accounting(&ground.left_out()?)?;
        let cuts = self.cuts_on(shop)?;
        // Without buyers there are no cut points.
        let Some(cuts) = &cuts else {
            let rest = shop.rest(0, 0, accounting);
            return match self.sums_up {
                true => self.summed(&[], None, rest),
                false => self.listed(&ListedBuyers::default(), &[], None, rest),
            };
        };
        let rows = shop.rows(&scores(ground, self.statement(), bins, &literals(cuts))?)?;
        if self.sums_up {
            let days = score_days(&rows, days(&rows)?)?;
            let (customers, orders) = totals(days.iter().map(|day| &day.day));
            return self.summed(&days, Some(cuts), shop.rest(customers, orders, accounting));
        }
        let buyers = buyers(&rows)?;
        let one = GroupDay { customers: 1, ..GroupDay::default() };
        let days = score_days(&rows, vec![one; rows.len()])?;
        let (customers, orders) = totals_of(&buyers);
        self.listed(&buyers, &days, Some(cuts), shop.rest(customers, orders, accounting))
    }
}

impl Rfm {
    /// The given cut points, or those of the engine's buyers; none without buyers.
    pub(super) fn cuts_on(&self, shop: &ShopOn<'_>) -> Result<Option<Cuts>> {
        let bins = self.params.bins;
        match &self.params.scoring {
            Scoring::Cuts(cuts) => {
                cuts.check(bins)?;
                Ok(Some(cuts.clone()))
            }
            _ => Ok(histograms(&shop.rows(&shop.ground.statement("rfm_histograms")?)?)?.cuts(bins)),
        }
    }

    /// Like [`Self::cuts_on`]; without buyers any cut points do, since nobody is scored.
    pub(super) fn some_cuts_on(&self, shop: &ShopOn<'_>) -> Result<Cuts> {
        let none = || vec![0; usize::from(self.params.bins) - 1];
        Ok(self.cuts_on(shop)?.unwrap_or_else(|| Cuts { r: none(), f: none(), m: none() }))
    }

    /// The given cut points, or parameters for them, since only the engine's buyers decide their values.
    pub(super) fn printed_cuts(&self, ground: &Ground) -> [Vec<String>; 3] {
        let bins = self.params.bins;
        match &self.params.scoring {
            Scoring::Cuts(cuts) => literals(cuts),
            _ => MEASURES.map(|(measure, _)| {
                (1..bins).map(|k| ground.dialect.parameter(&format!("{measure}_cut_{k}"))).collect()
            }),
        }
    }

    fn statement(&self) -> &'static str {
        if self.sums_up { "rfm" } else { "rfm_list" }
    }
}

fn histograms(rows: &Rows) -> Result<Histograms> {
    let mut found = Histograms::default();
    let values =
        rows.numbers::<i64>("measured")?.into_iter().zip(rows.numbers::<u64>(names::CUSTOMER_COUNT)?);
    for (measure, value) in rows.texts("measure")?.iter().zip(values) {
        match measure.as_deref() {
            Some("r") => found.recency.push(value),
            Some("f") => found.orders.push(value),
            _ => found.net.push(value),
        }
    }
    // An engine may return rows in any order.
    [&mut found.recency, &mut found.orders, &mut found.net].into_iter().for_each(|of| of.sort_unstable());
    Ok(found)
}

/// The cut points as whole numbers. Measures are whole too, so that a measure is above a cut point exactly if it is
/// above the cut point rounded down.
pub(super) fn literals(cuts: &Cuts) -> [Vec<String>; 3] {
    let of = |cuts: &[i64], unit: i64| cuts.iter().map(|cut| cut.div_euclid(unit).to_string()).collect();
    let [(_, r), (_, f), (_, m)] = MEASURES;
    [of(&cuts.r, r), of(&cuts.f, f), of(&cuts.m, m)]
}

pub(super) fn scores(
    ground: &Ground,
    name: &'static str,
    bins: u8,
    cuts: &[Vec<String>; 3],
) -> Result<Statement> {
    ground.statement_with(name, score_values(bins, cuts))
}

/// The values from which a statement computes scores.
pub(super) fn score_values(bins: u8, cuts: &[Vec<String>; 3]) -> Values {
    let above = |column: &str, cuts: &[String]| {
        let each = cuts.iter().map(|cut| format!("CASE WHEN {column} > {cut} THEN 1 ELSE 0 END"));
        each.collect::<Vec<_>>().join("\n      + ")
    };
    let [r, f, m] = cuts;
    Values::from([
        ("bins", bins.to_string()),
        ("r_above", above(names::RECENCY_DAYS, r)),
        ("f_above", above(names::ORDER_COUNT, f)),
        ("m_above", above(names::NET_AMOUNT, m)),
    ])
}

pub(super) fn score_days(rows: &Rows, days: Vec<GroupDay>) -> Result<Vec<ScoreDay>> {
    let score = |name: &str| rows.numbers::<u8>(name);
    let (r, f, m) = (score(names::R_SCORE)?, score(names::F_SCORE)?, score(names::M_SCORE)?);
    let of_row = |(row, day)| ScoreDay { scores: [r[row], f[row], m[row]], day };
    Ok(days.into_iter().enumerate().map(of_row).collect())
}

//! What buyers will do: how sure it is that they still buy, how many orders to expect of them, and what these come to.
//!
//! The heavy stage is one pass over what each buyer ordered ([`watched`]). Buyers who are alike in the three numbers
//! that the models look at are one cell, so that a million of them are fitted and foretold in little more than the time
//! it takes to read them.

mod holdout;
mod list;
mod outlook;
mod totals;
mod watched;

use polars::prelude::DataFrame;

pub use holdout::Holdout;
pub use outlook::Outlook;
pub use totals::NEW_CUSTOMER_DAYS;

use outlook::Outlooks;
use watched::Watched;

use super::coverage;
use super::scope::Scope;
use crate::error::{Error, Result};
use crate::schema::accounting::Accounting;
use crate::schema::{CustomerCode, CustomerIds, Day, Orders, money};
use crate::stats::btyd::gamma_gamma::{Spend, Spender};
use crate::stats::btyd::{Cell, Failure, Fit, Model};

/// Models want weeks: their parameters are then those of the literature.
const DAYS_OF_WEEK: f64 = 7.0;

/// So many customers must have ordered on a second day for a model of them all, and spent something then for one of
/// amounts.
pub const MIN_REPEATERS: u64 = 30;

/// The models that may be asked for.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum ModelName {
    /// Customers may stop after any order, the first one too
    #[default]
    MbgNbd,
    /// Customers may stop after any order but the first
    BgNbd,
    /// Customers may stop at any time
    ParetoNbd,
}

impl ModelName {
    /// As flags and the configuration write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MbgNbd => "mbg-nbd",
            Self::BgNbd => "bg-nbd",
            Self::ParetoNbd => "pareto-nbd",
        }
    }

    const fn model(self) -> Model {
        match self {
            Self::MbgNbd => Model::MbgNbd,
            Self::BgNbd => Model::BgNbd,
            Self::ParetoNbd => Model::ParetoNbd,
        }
    }
}

/// The place of the parameter, in every model, with which customers stop less the smaller it is.
const STOPPING: usize = 2;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PredictParams {
    /// Days ahead.
    pub horizon: u32,
    /// How customers are taken to buy and to stop.
    pub model: ModelName,
}

impl Default for PredictParams {
    fn default() -> Self {
        Self { horizon: 90, model: ModelName::default() }
    }
}

/// What is foretold of every buyer.
#[derive(Debug)]
pub struct Predicted {
    /// What was asked.
    pub params: PredictParams,
    /// Where every row went.
    pub accounting: Accounting,
    watched: Watched,
    outlooks: Outlooks,
    fit: Fit,
    spend: Spent,
    /// Whether these are not all buyers, but who is chosen of them.
    is_of_chosen: bool,
}

/// What orders come to.
#[derive(Debug)]
pub enum Spent {
    /// By a model.
    Known(Spend),
    /// No input says any amount.
    NoAmounts,
    /// Too few customers spent something on a second day: so many.
    Few(u64),
    /// No parameters fit.
    NoFit,
}

/// Foretells every buyer.
///
/// # Errors
/// Data that no model fits, with what to do.
pub fn predict(
    orders: &Orders,
    scope: &Scope,
    params: &PredictParams,
    mut accounting: Accounting,
) -> Result<Predicted> {
    // A window decides who is listed: what they will do follows from all that they did.
    let scope = scope.all_time();
    let as_of = scope.as_of;
    let mut watched = Watched::new(orders, &scope, as_of)?;
    watched.excluded.account(&mut accounting);
    let cells = watched.cells();
    let when = When { begin: coverage::of_orders(orders)?.first_day, holdout: None };
    let fit = fit(&watched, &cells.cells, params.model, when)?;
    let outlooks = Outlooks::new(&fit, cells, params.horizon);
    let spend = if orders.lacks_amounts { Spent::NoAmounts } else { spend(&watched) };
    Ok(Predicted { params: *params, accounting, watched, outlooks, fit, spend, is_of_chosen: false })
}

/// Forecasts as they were so many days ago, beside what came. As [`predict`].
///
/// # Errors
/// Data that no model fits, with what to do.
pub fn hold_out(orders: &Orders, scope: &Scope, params: &PredictParams, days: u32) -> Result<Holdout> {
    let scope = scope.all_time();
    let end = scope.as_of.minus_days(days);
    let mut watched = Watched::new(orders, &scope, end)?;
    let cells = watched.cells();
    let when = When { begin: coverage::of_orders(orders)?.first_day, holdout: Some(days) };
    let fit = fit(&watched, &cells.cells, params.model, when)?;
    Ok(Holdout::new(&fit, &watched, cells, days))
}

/// How many customers have ordered on a second day, of all that is known up to the scope's as-of.
///
/// # Errors
/// Those of polars.
pub fn repeaters(orders: &Orders, scope: &Scope) -> Result<u64> {
    let watched = Watched::new(orders, &scope.all_time(), scope.as_of)?;
    Ok(watched.repeaters())
}

impl Predicted {
    /// Leaves out buyers, by code, of whom nothing more is asked; the models stay those of all.
    pub fn keep(&mut self, is_kept: impl Fn(CustomerCode) -> bool) {
        self.is_of_chosen = true;
        let (buyers, cells) =
            (std::mem::take(&mut self.watched.buyers), std::mem::take(&mut self.outlooks.cell_of));
        let kept = buyers.into_iter().zip(cells).filter(|(of, _)| is_kept(of.customer));
        (self.watched.buyers, self.outlooks.cell_of) = kept.unzip();
        // A cell is as many as are left of it.
        self.outlooks.cells.iter_mut().for_each(|cell| cell.count = 0);
        for cell in &self.outlooks.cell_of {
            self.outlooks.cells[*cell as usize].count += 1;
        }
    }

    /// What is foretold of each buyer, by code; the amount in micro-units.
    pub fn each(&self) -> impl Iterator<Item = (CustomerCode, Outlook, Option<i128>)> {
        self.watched.buyers.iter().zip(&self.outlooks.cell_of).map(|(of, cell)| {
            let outlook = self.outlooks.each[*cell as usize];
            (of.customer, outlook, self.expected_spend(of.spender(), &outlook))
        })
    }

    /// One row per buyer with an order in the window, most valuable first.
    ///
    /// # Errors
    /// Those of polars.
    pub fn customers(&self, ids: &CustomerIds, scope: &Scope) -> Result<DataFrame> {
        list::customers(self, ids, scope.first_day())
    }

    /// How many these are, and their orders up to as-of.
    pub fn counts(&self, scope: &Scope) -> (u64, u64) {
        let listed = self.watched.buyers.iter().filter(|of| of.last >= scope.first_day());
        listed.fold((0, 0), |(buyers, orders), of| (buyers + 1, orders + u64::from(of.orders)))
    }

    /// The parameters of the models, and how well they fit.
    ///
    /// # Errors
    /// Those of polars.
    pub fn model(&self) -> Result<DataFrame> {
        list::model(self)
    }

    /// What all buyers and a new one will do.
    ///
    /// # Errors
    /// Those of polars.
    pub fn summary(&self) -> Result<DataFrame> {
        totals::summary(self)
    }

    /// What orders come to.
    pub fn spent(&self) -> &Spent {
        &self.spend
    }

    fn spend(&self) -> Option<&Spend> {
        match &self.spend {
            Spent::Known(spend) => Some(spend),
            _ => None,
        }
    }

    fn expected_spend(&self, spender: Option<Spender>, outlook: &Outlook) -> Option<i128> {
        micros(outlook.expected * self.spend()?.expected(spender))
    }
}

/// An amount in micro-units; none of what is no number.
fn micros(amount: f64) -> Option<i128> {
    let micros = (amount * money::UNIT as f64).round();
    micros.is_finite().then_some(micros as i128)
}

/// When buyers were watched.
#[derive(Debug, Clone, Copy)]
struct When {
    /// The first day that the orders tell of; none without any.
    begin: Option<Day>,
    /// Days between the last day on which buyers were watched and as-of, of a hold-out.
    holdout: Option<u32>,
}

/// The model's parameters for these buyers.
fn fit(watched: &Watched, cells: &[Cell], model: ModelName, when: When) -> Result<Fit> {
    let day = || watched.end.to_string();
    let repeaters = watched.repeaters();
    if watched.buyers.is_empty() {
        let days = when.holdout.unwrap_or(0).to_string();
        return Err(match (when.begin, when.holdout) {
            (None, _) => refusal("predict_no_orders", &[]),
            (Some(first), None) => refusal("predict_nobody", &[("day", day()), ("first", first.to_string())]),
            (Some(first), Some(_)) => refusal(
                "predict_nobody_then",
                &[("day", day()), ("first", first.to_string()), ("days", days)],
            ),
        });
    }
    if watched.is_of_one_day() {
        return Err(refusal("predict_one_day", &[("day", day())]));
    }
    if repeaters < MIN_REPEATERS {
        let values = [("n", repeaters.to_string()), ("least", MIN_REPEATERS.to_string()), ("day", day())];
        let key = if when.holdout.is_some() { "predict_few_then" } else { "predict_few" };
        return Err(refusal(key, &values));
    }
    model.model().fit(cells).map_err(|failure| {
        let values = |parameter: &str| {
            [("model", model.name().to_owned()), ("parameter", parameter.to_owned()), ("day", day())]
        };
        match failure {
            Failure::Unbounded { parameter: STOPPING, rises: false } => {
                refusal("predict_nobody_stops", &values(""))
            }
            Failure::Unbounded { parameter, .. } => {
                refusal("predict_unbounded", &values(model.model().parameters()[parameter]))
            }
            Failure::NoRepeats | Failure::NoMean | Failure::NotConverged => {
                refusal("predict_not_converged", &values(""))
            }
        }
    })
}

fn refusal(key: &str, values: &[(&str, String)]) -> Error {
    Error::data_of(key, values)
}

fn spend(watched: &Watched) -> Spent {
    let spenders: Vec<Spender> = watched.buyers.iter().filter_map(|of| of.spender()).collect();
    if (spenders.len() as u64) < MIN_REPEATERS {
        return Spent::Few(spenders.len() as u64);
    }
    Spend::fit(&spenders).map_or(Spent::NoFit, Spent::Known)
}

#[cfg(test)]
mod coverage_tests;
#[cfg(test)]
mod tests;

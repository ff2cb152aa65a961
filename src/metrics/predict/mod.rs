//! What buyers will do: the chance that they still buy, the number of orders to expect, and the amount of these.
//!
//! The heavy stage is one pass over the orders of each buyer ([`watched`]). Buyers with the same values of the three
//! numbers that the models use form one cell, and the models are fitted and evaluated once per cell. A million buyers
//! thus take little more time than reading their orders.

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

/// The models count time in weeks, so that their parameters are comparable with those in the literature.
const DAYS_OF_WEEK: f64 = 7.0;

/// A model of the orders needs at least this many customers who ordered on a second day. A model of the amounts needs
/// as many who spent something after their first day.
pub const MIN_REPEATERS: u64 = 30;

/// The models of how customers buy and stop.
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
    /// The name in flags and in the configuration.
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

/// The place, in every model, of the parameter that falls towards 0 if nobody in the data seems to stop: the smaller it
/// is, the less customers stop.
const STOPPING: usize = 2;

/// The settings of a forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PredictParams {
    /// Days after as-of that are forecast.
    pub horizon: u32,
    /// The model of how customers buy and stop.
    pub model: ModelName,
}

impl Default for PredictParams {
    fn default() -> Self {
        Self { horizon: 90, model: ModelName::default() }
    }
}

/// The forecast for every buyer.
#[derive(Debug)]
pub struct Predicted {
    /// The settings.
    pub params: PredictParams,
    /// Where every row went.
    pub accounting: Accounting,
    watched: Watched,
    outlooks: Outlooks,
    fit: Fit,
    spend: Spent,
    /// Whether [`Self::keep`] has left only some of the buyers.
    is_of_chosen: bool,
}

/// The model of the amounts of orders, or why there is none.
#[derive(Debug)]
pub enum Spent {
    /// The fitted model.
    Known(Spend),
    /// No input has amounts.
    NoAmounts,
    /// Fewer than [`MIN_REPEATERS`] customers spent something after their first day: this many.
    Few(u64),
    /// The model could not be fitted.
    NoFit,
}

/// Forecasts every buyer.
///
/// # Errors
/// An error with a hint if the data are too few, or the model cannot be fitted to them.
pub fn predict(
    orders: &Orders,
    scope: &Scope,
    params: &PredictParams,
    mut accounting: Accounting,
) -> Result<Predicted> {
    // The scope's window decides only who is listed. What buyers will do is estimated from all their orders.
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

/// Makes the forecasts as [`predict`] would have made them `days` days before as-of, and compares them with the actual
/// orders since then.
///
/// # Errors
/// As [`predict`].
pub fn hold_out(orders: &Orders, scope: &Scope, params: &PredictParams, days: u32) -> Result<Holdout> {
    let scope = scope.all_time();
    let end = scope.as_of.minus_days(days);
    let mut watched = Watched::new(orders, &scope, end)?;
    let cells = watched.cells();
    let when = When { begin: coverage::of_orders(orders)?.first_day, holdout: Some(days) };
    let fit = fit(&watched, &cells.cells, params.model, when)?;
    Ok(Holdout::new(&fit, &watched, cells, days))
}

/// The number of customers who ordered on a second day, on any day up to the scope's as-of.
///
/// # Errors
/// Those of polars.
pub fn repeaters(orders: &Orders, scope: &Scope) -> Result<u64> {
    let watched = Watched::new(orders, &scope.all_time(), scope.as_of)?;
    Ok(watched.repeaters())
}

impl Predicted {
    /// Leaves out the buyers for whose code `is_kept` is false. The models stay those fitted to all buyers.
    pub fn keep(&mut self, is_kept: impl Fn(CustomerCode) -> bool) {
        self.is_of_chosen = true;
        let (buyers, cells) =
            (std::mem::take(&mut self.watched.buyers), std::mem::take(&mut self.outlooks.cell_of));
        let kept = buyers.into_iter().zip(cells).filter(|(of, _)| is_kept(of.customer));
        (self.watched.buyers, self.outlooks.cell_of) = kept.unzip();
        // A cell counts only the buyers who are left in it.
        self.outlooks.cells.iter_mut().for_each(|cell| cell.count = 0);
        for cell in &self.outlooks.cell_of {
            self.outlooks.cells[*cell as usize].count += 1;
        }
    }

    /// The forecast for each buyer, with the buyer's code and the expected spending in micro-units, if there is a model
    /// of it.
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

    /// The number of buyers whom [`Self::customers`] lists, and the number of their orders up to as-of.
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

    /// The totals for all buyers, and the forecast for a new customer.
    ///
    /// # Errors
    /// Those of polars.
    pub fn summary(&self) -> Result<DataFrame> {
        totals::summary(self)
    }

    /// The model of the amounts of orders, or why there is none.
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

/// Converts an amount to micro-units; `None` if it is not finite.
fn micros(amount: f64) -> Option<i128> {
    let micros = (amount * money::UNIT as f64).round();
    micros.is_finite().then_some(micros as i128)
}

/// The days that an error message names.
#[derive(Debug, Clone, Copy)]
struct When {
    /// The first day of the orders; `None` if there are no orders.
    begin: Option<Day>,
    /// In a hold-out, the number of days from the last watched day to as-of.
    holdout: Option<u32>,
}

/// Fits the model to these buyers.
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

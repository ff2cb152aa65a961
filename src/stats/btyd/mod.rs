//! Models of customers who buy until they stop, which is not observed ("buy till you die"): how many orders to expect
//! from each customer.
//!
//! A customer is described by three numbers ([`Cell`]): the number of repeat order days, the time of the last one, and
//! how long the customer was watched; both times are measured from the first order. Each model says how often customers
//! buy (at a rate that is gamma distributed among them) and when they stop. [`Model::fit`] finds the parameters with
//! the greatest likelihood, and [`Fit`] computes from them, for each customer, the chance of still buying and the
//! distribution of the number of orders ahead.
//!
//! The published formulas contain Gauss's hypergeometric function. Its closed forms are differences of nearly equal
//! numbers if a parameter or the argument is near 1. Nothing here calls it: each of these terms is a sum or an integral
//! of positive terms, and that is computed instead ([`ahead`], [`pareto_nbd`]). The tests compare with the closed forms
//! in 40 digits (mpmath): the relative error is below 1e-10, also for arguments of 0.9999.

pub mod ahead;
mod bg_nbd;
#[cfg(test)]
pub mod draws;
pub mod gamma_gamma;
mod geometric;
mod maximum;
mod mbg_nbd;
mod pareto_nbd;

use rayon::prelude::*;

use maximum::{Likelihood, Maximum, maximise};

pub use ahead::Ahead;
pub use maximum::Failure;

/// Customers with equal values of all the numbers that a model uses. Times are in one unit, such as weeks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Number of repeat order days: those after the first.
    pub x: u32,
    /// Time from the first order to the last; 0 if there is only one.
    pub t_x: f64,
    /// Time from the first order to the day up to which the customer was watched.
    pub t: f64,
    /// Number of customers.
    pub count: u64,
}

/// The models, by their assumption of how customers stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// A customer may stop after any order, the first one included, with a probability of the customer's own.
    MbgNbd,
    /// A customer may stop after any repeat order, with a probability of the customer's own.
    BgNbd,
    /// A customer may stop at any time, at a rate of the customer's own.
    ParetoNbd,
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The model.
    pub model: Model,
    /// The parameters, in the order of [`Model::parameters`].
    pub parameters: [f64; 4],
    /// Covariances of the logarithms of the parameters.
    pub covariance: [[f64; 4]; 4],
    /// The logarithm of the likelihood of all customers.
    pub log_likelihood: f64,
}

/// The place, in every model, of alpha, the scale of the rate of buying.
const ALPHA: usize = 1;

/// Number of cells that one task sums up. Since it is fixed, sums do not depend on the number of cores.
const CELLS_AT_ONCE: usize = 4_096;

/// The starts are tried on a sample of at most this many cells; the search then goes on with all.
const MAX_CELLS_OF_STARTS: usize = 2_000;

impl Model {
    /// The names of the parameters: those of the rate of buying (shape `r`, scale `alpha`), then those of stopping.
    pub const fn parameters(self) -> [&'static str; 4] {
        match self {
            Self::MbgNbd | Self::BgNbd => ["r", "alpha", "a", "b"],
            Self::ParetoNbd => ["r", "alpha", "s", "beta"],
        }
    }

    /// The parameters with the greatest likelihood.
    ///
    /// # Errors
    /// [`Failure`] if no maximum is found within the range of parameters.
    pub fn fit(self, cells: &[Cell]) -> Result<Fit, Failure> {
        let mut sorted: Vec<Cell> = cells.iter().filter(|cell| cell.count > 0).copied().collect();
        let key = |cell: &Cell| (cell.x, cell.t_x.to_bits(), cell.t.to_bits());
        sorted.sort_unstable_by_key(key);
        let customers: u64 = sorted.iter().map(|cell| cell.count).sum();
        let sum = |value: fn(&Cell) -> f64| -> f64 {
            sorted.iter().map(|cell| cell.count as f64 * value(cell)).sum()
        };
        let (repeats, time) = (sum(|cell| f64::from(cell.x)), sum(|cell| cell.t));
        if repeats <= 0.0 || time <= 0.0 {
            return Err(Failure::NoRepeats);
        }
        let starts = self.starts(repeats / time, time / customers as f64);
        let thinned: Vec<Cell> = {
            let step = sorted.len().div_ceil(MAX_CELLS_OF_STARTS);
            sorted.iter().step_by(step.max(1)).copied().collect()
        };
        let (first, all) = (Counted::new(self, &thinned), Counted::new(self, &sorted));
        let centre = [1.0, time / customers as f64, 1.0, self.scale_of_stopping(time / customers as f64)];
        let Maximum { logs, value, covariance } =
            maximise(&first, &all, &starts, &centre.map(f64::ln), customers)?;
        Ok(Fit {
            model: self,
            parameters: logs.map(f64::exp),
            covariance,
            log_likelihood: value * customers as f64,
        })
    }

    /// The starting points, as logarithms, from the repeats per unit of time and the mean time watched.
    fn starts(self, rate: f64, time: f64) -> Vec<[f64; 4]> {
        let stops = match self {
            Self::MbgNbd | Self::BgNbd => [[0.8, 2.5], [0.3, 3.0], [2.0, 4.0], [1.0, 1.0]],
            Self::ParetoNbd => [[0.6, time / 3.0], [0.3, time], [1.5, 2.0 * time], [1.0, time / 10.0]],
        };
        // The time watched includes that after customers have stopped, so the rate of those who still buy is higher
        // than the mean rate.
        let rates = [(0.3, 1.5), (1.0, 1.0), (2.0, 2.0), (0.6, 3.0)];
        rates
            .iter()
            .zip(stops)
            .map(|((r, factor), [of, with])| [*r, r / (rate * factor), of, with].map(f64::ln))
            .collect()
    }

    fn scale_of_stopping(self, time: f64) -> f64 {
        if self == Self::ParetoNbd { time } else { 1.0 }
    }

    /// The log-likelihood summed over the customers of all cells; then its derivatives by the parameters. `ln_at_end`
    /// has the logarithm of alpha + T of each cell.
    fn sum(self, parameters: &[f64; 4], cells: &[Cell], ln_at_end: impl Iterator<Item = f64>) -> [f64; 5] {
        let cells = cells.iter().zip(ln_at_end);
        match self {
            Self::MbgNbd => mbg_nbd::MODEL.sum(parameters, cells),
            Self::BgNbd => bg_nbd::MODEL.sum(parameters, cells),
            Self::ParetoNbd => pareto_nbd::sum(parameters, cells),
        }
    }
}

impl Fit {
    /// Standard errors of the parameters, by the delta method from those of their logarithms.
    pub fn standard_errors(&self) -> [f64; 4] {
        std::array::from_fn(|i| self.parameters[i] * self.covariance[i][i].sqrt())
    }

    /// The chance that a customer of the cell still buys at the end of the time watched.
    pub fn p_alive(&self, cell: &Cell) -> f64 {
        match self.model {
            Model::MbgNbd => mbg_nbd::MODEL.p_alive(&self.parameters, cell),
            Model::BgNbd => bg_nbd::MODEL.p_alive(&self.parameters, cell),
            Model::ParetoNbd => pareto_nbd::p_alive(&self.parameters, cell),
        }
    }

    /// The distribution of the number of orders, within the time `further`, of a customer who still buys and had `x`
    /// repeats in the time `t`.
    pub fn ahead(&self, x: u32, t: f64, further: f64) -> Ahead {
        match self.model {
            Model::MbgNbd => mbg_nbd::MODEL.ahead(&self.parameters, x, t, further),
            Model::BgNbd => bg_nbd::MODEL.ahead(&self.parameters, x, t, further),
            Model::ParetoNbd => pareto_nbd::ahead(&self.parameters, x, t, further),
        }
    }

    /// A copy with the logarithm of one parameter moved by `by`, to compute how far a result depends on that parameter.
    pub fn moved(&self, parameter: usize, by: f64) -> Self {
        let mut moved = self.clone();
        moved.parameters[parameter] *= by.exp();
        moved
    }
}

/// The likelihood of a model for its cells.
struct Counted<'a> {
    model: Model,
    cells: &'a [Cell],
    customers: f64,
    /// The distinct times watched. These are whole numbers of days, so there are few of them, and one logarithm of each
    /// serves all cells.
    times: Vec<f64>,
    /// For each cell, the place of its time in `times`.
    time_of: Vec<u32>,
}

impl<'a> Counted<'a> {
    fn new(model: Model, cells: &'a [Cell]) -> Self {
        let mut times: Vec<f64> = cells.iter().map(|cell| cell.t).collect();
        times.par_sort_unstable_by(f64::total_cmp);
        times.dedup();
        let place = |cell: &Cell| times.partition_point(|time| *time < cell.t) as u32;
        let time_of = cells.par_iter().map(place).collect();
        let customers = cells.iter().map(|cell| cell.count).sum::<u64>() as f64;
        Self { model, cells, customers, times, time_of }
    }
}

impl Likelihood<4> for Counted<'_> {
    fn mean(&self, logs: &[f64; 4]) -> (f64, [f64; 4]) {
        let parameters = logs.map(f64::exp);
        let ln_at_end: Vec<f64> = self.times.iter().map(|time| (parameters[ALPHA] + time).ln()).collect();
        let piece = |(cells, times): (&[Cell], &[u32])| {
            self.model.sum(&parameters, cells, times.iter().map(|place| ln_at_end[*place as usize]))
        };
        let chunks = self.cells.par_chunks(CELLS_AT_ONCE).zip(self.time_of.par_chunks(CELLS_AT_ONCE));
        let pieces: Vec<[f64; 5]> = chunks.map(piece).collect();
        let all: [f64; 5] = std::array::from_fn(|i| pieces.iter().map(|piece| piece[i]).sum());
        let slope = |i: usize| all[i + 1] * parameters[i] / self.customers;
        (all[0] / self.customers, std::array::from_fn(slope))
    }
}

/// ln(1 + e^x), and its derivative, the logistic function.
fn softplus(x: f64) -> (f64, f64) {
    let small = (-x.abs()).exp();
    let logistic = if x >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
    (x.max(0.0) + small.ln_1p(), logistic)
}

#[cfg(test)]
mod tests;

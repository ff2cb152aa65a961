//! Finds the parameters with the greatest likelihood from several starting points, and their covariances.

use std::cell::RefCell;

use argmin::core::{CostFunction, Error, Executor, Gradient};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

/// A likelihood as a function of the logarithms of its parameters, which are positive.
pub(super) trait Likelihood<const N: usize> {
    /// The mean log-likelihood of a customer, and its derivatives by the logarithms of the parameters.
    fn mean(&self, logs: &[f64; N]) -> (f64, [f64; N]);
}

/// The maximum of a likelihood.
#[derive(Debug)]
pub(super) struct Maximum<const N: usize> {
    /// The logarithms of the parameters.
    pub logs: [f64; N],
    /// The mean log-likelihood of a customer.
    pub value: f64,
    /// Covariances of `logs`: the inverse of the negative second derivatives of the total log-likelihood.
    pub covariance: [[f64; N]; N],
}

/// Why a model could not be fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// There are no repeats to fit the model to.
    NoRepeats,
    /// The search found no maximum from any starting point.
    NotConverged,
    /// The likelihood grows as far as this parameter rises, or falls, so that it has no maximum.
    Unbounded {
        /// Place of the parameter.
        parameter: usize,
        /// Whether the parameter rises; otherwise it falls.
        rises: bool,
    },
    /// The amounts of orders spread so widely that the fitted distribution has no mean.
    NoMean,
}

/// A parameter may be at most this many times its usual size, and no less than that size divided by this.
const MAX_FACTOR: f64 = 1e4;

/// The search ends when one more step would add less than about this to the total log-likelihood.
const MAX_LEFT: f64 = 1e-10;

/// The last step is taken without evaluating the likelihood at its end, so it may move no logarithm by more than this:
/// only so near is the likelihood a parabola.
const MAX_LAST_STEP: f64 = 1e-3;

/// The total log-likelihood of an accepted maximum may be below the highest value seen by no more than this.
const MAX_BELOW: f64 = 1e-6;

const MAX_ITERATIONS: u64 = 300;
const MAX_NEWTON_STEPS: usize = 50;

/// Searches from each start on `first`, then goes on from the ends, the best first, on `all`, the likelihood of all
/// `customers`. `centre` has the logarithms of the parameters' usual sizes.
pub(super) fn maximise<const N: usize>(
    first: &impl Likelihood<N>,
    all: &impl Likelihood<N>,
    starts: &[[f64; N]],
    centre: &[f64; N],
    customers: u64,
) -> Result<Maximum<N>, Failure> {
    let mut ends: Vec<(f64, [f64; N])> =
        starts.iter().filter_map(|start| climb(&Boxed { inner: first, centre }, start)).collect();
    ends.sort_by(|a, b| b.0.total_cmp(&a.0));
    let boxed = Boxed { inner: all, centre };
    // A top does not count if the search from another start has come higher.
    let (mut highest, tolerance) = (f64::NEG_INFINITY, MAX_BELOW / customers as f64);
    for (_, end) in ends {
        let near = approach(&Boxed { inner: first, centre }, &boxed, end, customers);
        let Some((value, from)) = near.or_else(|| climb(&boxed, &end)) else { continue };
        highest = highest.max(value);
        match finish(&boxed, from, customers) {
            Ok(maximum) if maximum.value >= highest - tolerance => return Ok(maximum),
            Ok(_) | Err(Failure::NotConverged) => {}
            Err(other) => return Err(other),
        }
    }
    Err(Failure::NotConverged)
}

/// A likelihood that falls steeply if a parameter leaves the range of [`MAX_FACTOR`], so that the search comes back.
struct Boxed<'a, L, const N: usize> {
    inner: &'a L,
    centre: &'a [f64; N],
}

impl<L: Likelihood<N>, const N: usize> Boxed<'_, L, N> {
    fn excess(&self, logs: &[f64; N]) -> [f64; N] {
        let reach = MAX_FACTOR.ln();
        std::array::from_fn(|i| {
            let at = logs[i] - self.centre[i];
            at - at.clamp(-reach, reach)
        })
    }
}

impl<L: Likelihood<N>, const N: usize> Likelihood<N> for Boxed<'_, L, N> {
    fn mean(&self, logs: &[f64; N]) -> (f64, [f64; N]) {
        let excess = self.excess(logs);
        let (value, slope) = self.inner.mean(&std::array::from_fn(|i| logs[i] - excess[i]));
        let fall: f64 = excess.iter().map(|by| by * by).sum();
        let slope = |i: usize| if excess[i] == 0.0 { slope[i] } else { -2.0 * excess[i] };
        (value - fall, std::array::from_fn(slope))
    }
}

/// A point with its value and slope.
type Point<const N: usize> = ([f64; N], f64, [f64; N]);

/// The likelihood as the optimiser evaluates it. It asks for the value and the slope of the same point separately, so
/// the last point is kept. The best point is kept as well, however the search ends.
struct Asked<'a, L, const N: usize> {
    likelihood: &'a L,
    last: &'a RefCell<Option<Point<N>>>,
    best: &'a RefCell<Option<(f64, [f64; N])>>,
}

impl<L: Likelihood<N>, const N: usize> Asked<'_, L, N> {
    fn at(&self, logs: &[f64]) -> Result<(f64, [f64; N]), Error> {
        let logs: [f64; N] = logs.try_into()?;
        if let Some((at, value, slope)) = *self.last.borrow()
            && at == logs
        {
            return Ok((value, slope));
        }
        let (value, slope) = self.likelihood.mean(&logs);
        if !value.is_finite() || slope.iter().any(|slope| !slope.is_finite()) {
            return Err(Error::msg("no number"));
        }
        *self.last.borrow_mut() = Some((logs, value, slope));
        let mut best = self.best.borrow_mut();
        if best.is_none_or(|(most, _)| value > most) {
            *best = Some((value, logs));
        }
        Ok((value, slope))
    }
}

impl<L: Likelihood<N>, const N: usize> CostFunction for Asked<'_, L, N> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, logs: &Vec<f64>) -> Result<f64, Error> {
        Ok(-self.at(logs)?.0)
    }
}

impl<L: Likelihood<N>, const N: usize> Gradient for Asked<'_, L, N> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, logs: &Vec<f64>) -> Result<Vec<f64>, Error> {
        Ok(self.at(logs)?.1.iter().map(|slope| -slope).collect())
    }
}

/// The best point that a search from `start` reaches. It is no failure yet if the line search gives up: [`finish`]
/// judges the point at which it ended.
fn climb<const N: usize>(likelihood: &impl Likelihood<N>, start: &[f64; N]) -> Option<(f64, [f64; N])> {
    let (last, best) = (RefCell::new(None), RefCell::new(None));
    let asked = Asked { likelihood, last: &last, best: &best };
    let line = MoreThuenteLineSearch::new().with_c(1e-4, 0.9).ok()?;
    let solver = LBFGS::new(line, 2 * N).with_tolerance_grad(1e-8).ok()?.with_tolerance_cost(1e-15).ok()?;
    let run = Executor::new(asked, solver)
        .configure(|state| state.param(start.to_vec()).max_iters(MAX_ITERATIONS))
        .timer(false)
        .run();
    drop(run);
    best.into_inner()
}

/// Goes from the top of `first` to that of `all` in steps by the curvature of `first`. If `first` is a sample of all
/// customers, the two likelihoods are nearly alike, and each step evaluates that of all only once. `None` if a step
/// does not go up.
fn approach<const N: usize>(
    first: &impl Likelihood<N>,
    all: &impl Likelihood<N>,
    from: [f64; N],
    customers: u64,
) -> Option<(f64, [f64; N])> {
    const MAX_STEPS: usize = 12;
    /// If a step is longer than this, the two tops are not nearly alike.
    const MAX_STEP: f64 = 0.5;
    let (curved, _) = curved_down(curvature(first, &from)).filter(|(_, is_exact)| *is_exact)?;
    let (mut logs, mut highest) = (from, f64::NEG_INFINITY);
    for _ in 0..MAX_STEPS {
        let (value, slope) = all.mean(&logs);
        let slope = DVector::from_row_slice(&slope);
        let step = curved.solve(&slope);
        let left = slope.dot(&step) * customers as f64;
        if !(value >= highest && step.amax() < MAX_STEP && left.is_finite()) {
            return None;
        }
        highest = value;
        if left < MAX_LEFT {
            break;
        }
        logs = std::array::from_fn(|i| logs[i] + step[i]);
    }
    Some((highest, logs))
}

/// Takes Newton's steps to the top, until the next one would add less than [`MAX_LEFT`] to the total log-likelihood,
/// and computes the covariances from the curvature there.
fn finish<L: Likelihood<N>, const N: usize>(
    likelihood: &Boxed<'_, L, N>,
    from: [f64; N],
    customers: u64,
) -> Result<Maximum<N>, Failure> {
    let mut logs = from;
    for _ in 0..MAX_NEWTON_STEPS {
        let (value, slope) = likelihood.mean(&logs);
        // The search ends 0.1 before the bound, as the likelihood has a kink at the bound itself.
        let out = |i: &usize| logs[*i] - likelihood.centre[*i];
        if let Some(parameter) = (0..N).find(|i| out(i).abs() > MAX_FACTOR.ln() - 0.1) {
            return Err(Failure::Unbounded { parameter, rises: out(&parameter) > 0.0 });
        }
        let Some((curved, is_exact)) = curved_down(curvature(likelihood, &logs)) else {
            return Err(Failure::NotConverged);
        };
        let slope = DVector::from_row_slice(&slope);
        let step = curved.solve(&slope);
        // If the likelihood is a parabola, the step adds half of this.
        let left = slope.dot(&step) * customers as f64;
        if !left.is_finite() {
            return Err(Failure::NotConverged);
        }
        if left < MAX_LEFT && !is_exact {
            return Err(Failure::NotConverged);
        }
        if left < MAX_LEFT {
            let inverse = curved.inverse() / customers as f64;
            let covariance = std::array::from_fn(|i| std::array::from_fn(|j| inverse[(i, j)]));
            // This last step is already computed, and taking it squares the remaining error. The digits of the result
            // then do not depend on the path of the search.
            if step.amax() < MAX_LAST_STEP {
                logs = std::array::from_fn(|i| logs[i] + step[i]);
            }
            return Ok(Maximum { logs, value, covariance });
        }
        // A step changes no parameter by more than a factor of e², and is halved until the likelihood rises.
        let mut part = (2.0 / step.amax()).min(1.0);
        loop {
            let next = std::array::from_fn(|i| logs[i] + part * step[i]);
            if likelihood.mean(&next).0 > value {
                logs = next;
                break;
            }
            part /= 2.0;
            if part < 1e-6 {
                return Err(Failure::NotConverged);
            }
        }
    }
    Err(Failure::NotConverged)
}

/// The Cholesky factor of a curvature, and whether it is exact. If the curvature is not that of a top, as on a ridge
/// that rises for ever, just enough is added to its diagonal for a step to lead up along the ridge. The factor is then
/// not exact and does not say how sharp a top is.
fn curved_down(curvature: DMatrix<f64>) -> Option<(Cholesky<f64, Dyn>, bool)> {
    let size = curvature.amax();
    let side = curvature.nrows();
    let added = std::iter::once(0.0).chain((-10..=1).map(|power| size * 10_f64.powi(power)));
    let mut factors = added.map(|by| (&curvature + DMatrix::identity(side, side) * by, by == 0.0));
    factors.find_map(|(matrix, is_exact)| Some((matrix.cholesky()?, is_exact)))
}

/// The negative second derivatives of the mean log-likelihood, as differences of slopes.
fn curvature<const N: usize>(likelihood: &impl Likelihood<N>, logs: &[f64; N]) -> DMatrix<f64> {
    const STEP: f64 = 1e-4;
    let slope_at = |i: usize, by: f64| {
        let mut at = *logs;
        at[i] += by;
        likelihood.mean(&at).1
    };
    let rows: Vec<([f64; N], [f64; N])> = (0..N).map(|i| (slope_at(i, STEP), slope_at(i, -STEP))).collect();
    let one = |i: usize, j: usize| (rows[i].1[j] - rows[i].0[j]) / (2.0 * STEP);
    DMatrix::from_fn(N, N, |i, j| (one(i, j) + one(j, i)) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The function −(x − 1)² − 2 (y + 3)² − (x − 1)(y + 3) has its maximum of 0 at (1, −3). For ten customers the
    /// covariance is the inverse of 10 · [[2, 1], [1, 4]], which is [[4, −1], [−1, 2]] / 70.
    struct Parabola;

    impl Likelihood<2> for Parabola {
        fn mean(&self, logs: &[f64; 2]) -> (f64, [f64; 2]) {
            let (x, y) = (logs[0] - 1.0, logs[1] + 3.0);
            (-x * x - 2.0 * y * y - x * y, [-2.0 * x - y, -4.0 * y - x])
        }
    }

    /// Grows for ever with its first parameter.
    struct Slope;

    impl Likelihood<2> for Slope {
        fn mean(&self, logs: &[f64; 2]) -> (f64, [f64; 2]) {
            (0.01 * logs[0] - logs[1] * logs[1], [0.01, -2.0 * logs[1]])
        }
    }

    #[test]
    fn the_greatest_value_is_found_and_how_sharp_it_is() {
        let found =
            maximise(&Parabola, &Parabola, &[[5.0, 5.0], [-4.0, 0.0]], &[0.0, 0.0], 10).expect("a top");
        assert!((found.logs[0] - 1.0).abs() < 1e-6 && (found.logs[1] + 3.0).abs() < 1e-6, "{:?}", found.logs);
        assert!(found.value.abs() < 1e-10);
        let right = [[4.0 / 70.0, -1.0 / 70.0], [-1.0 / 70.0, 2.0 / 70.0]];
        for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            assert!((found.covariance[i][j] - right[i][j]).abs() < 1e-9, "{:?}", found.covariance);
        }
    }

    #[test]
    fn what_grows_without_end_has_no_maximum() {
        let failure = maximise(&Slope, &Slope, &[[0.0, 1.0]], &[0.0, 0.0], 1_000).expect_err("none");
        assert_eq!(failure, Failure::Unbounded { parameter: 0, rises: true });
    }
}

//! The distribution of the number of orders that a customer will still place.
//!
//! It is built from the chances of at least n orders, n = 1, 2, …, which are all positive. Their sum is the expected
//! number, for which the papers give a closed form with Gauss's hypergeometric function.

/// The distribution of a number of orders.
#[derive(Debug, Clone, PartialEq)]
pub struct Ahead {
    /// The expected number.
    pub mean: f64,
    /// The expected square of the number.
    pub square: f64,
    /// The chances of at least 1, 2, … orders, down to [`MIN_CHANCE`].
    pub at_least: Vec<f64>,
}

/// Chances below this are not kept, as an interval of 90 % does not need them. The first one is always kept.
pub const MIN_CHANCE: f64 = 0.05;

/// The most that the terms left out of a sum may come to.
const MAX_REST: f64 = 1e-13;

/// Larger numbers of orders are left out.
const MAX_ORDERS: usize = 1_000_000;

impl Ahead {
    /// The distribution with these chances of at least 1, 2, … orders, which must go down to where they are negligible.
    pub(super) fn new(at_least: &[f64]) -> Self {
        let mut ahead = Self { mean: 0.0, square: 0.0, at_least: Vec::new() };
        // The smallest terms are added first.
        for (n, chance) in at_least.iter().enumerate().rev() {
            ahead.mean += chance;
            ahead.square += (2 * n + 1) as f64 * chance;
        }
        let kept = at_least.iter().enumerate().take_while(|(n, chance)| *n == 0 || **chance >= MIN_CHANCE);
        ahead.at_least = kept.map(|(_, chance)| *chance).collect();
        ahead
    }

    /// The chance of at least one order.
    pub fn any(&self) -> f64 {
        self.at_least.first().copied().unwrap_or(0.0)
    }

    /// The 5 % and the 95 % quantile of the number of orders of a customer who still buys with the chance `p_alive`:
    /// the smallest numbers that are not exceeded with a chance of at least 5 % and 95 %.
    pub fn interval(&self, p_alive: f64) -> (u32, u32) {
        // A number n is exceeded if there are at least n + 1 orders.
        let quantile = |exceeded: f64| {
            self.at_least.iter().take_while(|chance| p_alive * **chance > exceeded).count() as u32
        };
        (quantile(1.0 - MIN_CHANCE), quantile(MIN_CHANCE))
    }
}

/// Adds to `at_least` `weight` times the chances of at least 1, 2, … arrivals within `time`, lengthening it as needed.
/// The rate of arrivals is gamma distributed, so that their number is negative binomial.
pub(super) fn arrivals(shape: f64, scale: f64, time: f64, weight: f64, at_least: &mut Vec<f64>) {
    let part = time / (scale + time);
    if part <= 0.0 {
        return;
    }
    let ln_none = -shape * (time / scale).ln_1p();
    let mut left = -ln_none.exp_m1();
    let mut exactly = Tiny::exp(ln_none);
    for n in 1..=MAX_ORDERS {
        if at_least.len() < n {
            at_least.push(0.0);
        }
        at_least[n - 1] += weight * left;
        let exactly = exactly.times((shape + (n - 1) as f64) / n as f64 * part);
        left = (left - exactly).max(0.0);
        // From here on, each term is less than `ratio` times the one before.
        let ratio = part * (shape + n as f64) / (n + 1) as f64;
        if ratio < 1.0 && exactly * ratio < MAX_REST * (1.0 - ratio).powi(2) {
            return;
        }
    }
}

/// A positive number that may be smaller than the smallest floating point number; it is kept as its logarithm as long
/// as it is.
enum Tiny {
    Value(f64),
    Logarithm(f64),
}

impl Tiny {
    /// The exponentials of logarithms from here on have all their digits.
    const LN_LEAST: f64 = -690.0;

    fn exp(logarithm: f64) -> Self {
        if logarithm < Self::LN_LEAST { Self::Logarithm(logarithm) } else { Self::Value(logarithm.exp()) }
    }

    /// Multiplies the number by `factor` and returns the product.
    #[inline]
    fn times(&mut self, factor: f64) -> f64 {
        *self = match *self {
            Self::Value(value) => Self::Value(value * factor),
            Self::Logarithm(logarithm) => Self::exp(logarithm + factor.ln()),
        };
        match self {
            Self::Value(value) => *value,
            Self::Logarithm(logarithm) => logarithm.exp(),
        }
    }
}

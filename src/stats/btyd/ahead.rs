//! The orders ahead of a customer: how many, with which chance.
//!
//! What is added up are the chances of at least n orders, n = 1, 2, …, all positive. Their sum is the expected number,
//! for which the papers give a closed form with Gauss's hypergeometric function.

/// The distribution of a number of orders.
#[derive(Debug, Clone, PartialEq)]
pub struct Ahead {
    /// The expected number.
    pub mean: f64,
    /// The expected square of the number.
    pub square: f64,
    /// The chances of at least 1, 2, … orders, as long as they are [`MIN_CHANCE`].
    pub at_least: Vec<f64>,
}

/// Chances that are kept: enough for an interval of 90 %. The first one always is.
pub const MIN_CHANCE: f64 = 0.05;

/// What is left out of a sum, at most.
const MAX_REST: f64 = 1e-13;

/// More orders than that are not looked at.
const MAX_ORDERS: usize = 1_000_000;

impl Ahead {
    /// From the chances of at least 1, 2, … orders, down to where they are nothing.
    pub(super) fn new(at_least: &[f64]) -> Self {
        let mut ahead = Self { mean: 0.0, square: 0.0, at_least: Vec::new() };
        // The small ones first.
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

    /// The 5 % and the 95 % quantile of the number for a customer who still buys with this chance: the least numbers
    /// that are not exceeded with a chance of at least 5 % and 95 %.
    pub fn interval(&self, p_alive: f64) -> (u32, u32) {
        // A number n is exceeded where there are at least n + 1.
        let quantile = |exceeded: f64| {
            self.at_least.iter().take_while(|chance| p_alive * **chance > exceeded).count() as u32
        };
        (quantile(1.0 - MIN_CHANCE), quantile(MIN_CHANCE))
    }
}

/// Adds `weight` times the chances of at least 1, 2, … arrivals within `time` to `at_least`, which grows as needed,
/// where the rate of arrivals is gamma distributed (so that their number is negative binomial).
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
        // From here on each is less than `ratio` of the one before.
        let ratio = part * (shape + n as f64) / (n + 1) as f64;
        if ratio < 1.0 && exactly * ratio < MAX_REST * (1.0 - ratio).powi(2) {
            return;
        }
    }
}

/// A positive number that may begin smaller than any that is not 0: then it is kept as its logarithm.
enum Tiny {
    Value(f64),
    Logarithm(f64),
}

impl Tiny {
    /// Numbers from here on keep all their digits.
    const LN_LEAST: f64 = -690.0;

    fn exp(logarithm: f64) -> Self {
        if logarithm < Self::LN_LEAST { Self::Logarithm(logarithm) } else { Self::Value(logarithm.exp()) }
    }

    /// Becomes so many times as much, and says what that is.
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

//! Gamma–Gamma: what an order comes to is gamma distributed (shape p) around a mean of the customer's own, which is
//! p times the inverse of a gamma distributed number (shape q, scale v) and does not depend on how often the customer
//! buys: Fader and Hardie, "The Gamma-Gamma model of monetary value", 2013; Colombo and Jiang, "A stochastic RFM
//! model", Journal of Interactive Marketing 13(3), 1999.

use rayon::prelude::*;
use statrs::function::gamma::{digamma, ln_gamma};

use super::maximum::{Failure, Likelihood, Maximum, maximise};
use crate::stats::proportion::two_sided;

/// A customer who spent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spender {
    /// Orders, at least one.
    pub x: u32,
    /// Their mean amount, above 0.
    pub mean: f64,
}

/// The parameters that fit best.
#[derive(Debug, Clone, PartialEq)]
pub struct Spend {
    /// p, q and v; v is an amount.
    pub parameters: [f64; 3],
    /// Covariances of their logarithms.
    pub covariance: [[f64; 3]; 3],
    /// The logarithm of the likelihood of all customers.
    pub log_likelihood: f64,
    /// Of the number of orders and their mean amount, which the model takes to be independent.
    pub dependence: Dependence,
}

/// How two numbers of each customer go together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dependence {
    /// Pearson's correlation; 0 where one of the two does not vary.
    pub correlation: f64,
    /// The chance of one at least so far from 0 where they are independent (Fisher's transformation).
    pub p_value: f64,
}

/// The names of the parameters.
pub const PARAMETERS: [&str; 3] = ["p", "q", "v"];

/// Customers that one core adds up at a time.
const CUSTOMERS_AT_ONCE: usize = 16_384;

/// On so many customers the starts are tried out.
const MAX_CUSTOMERS_OF_STARTS: usize = 2_000;

/// A correlation up to this is no matter, however sure it is: among many customers any is.
pub const MAX_CORRELATION: f64 = 0.2;

/// A correlation is taken for chance from this probability on.
const MIN_CHANCE: f64 = 0.05;

impl Dependence {
    /// Of the orders and the mean amounts of customers.
    pub fn new(spenders: &[Spender]) -> Self {
        let n = spenders.len() as f64;
        let mean = |value: fn(&Spender) -> f64| spenders.iter().map(value).sum::<f64>() / n;
        let (x, z) = (mean(|of| f64::from(of.x)), mean(|of| of.mean));
        let sum = |value: &dyn Fn(&Spender) -> f64| spenders.iter().map(value).sum::<f64>();
        let both = sum(&|of| (f64::from(of.x) - x) * (of.mean - z));
        let (of_x, of_z) = (sum(&|of| (f64::from(of.x) - x).powi(2)), sum(&|of| (of.mean - z).powi(2)));
        let correlation = if of_x > 0.0 && of_z > 0.0 { both / (of_x * of_z).sqrt() } else { 0.0 };
        let far = correlation.clamp(-1.0, 1.0).atanh().abs() * (n - 3.0).max(0.0).sqrt();
        Self { correlation, p_value: two_sided(far) }
    }

    /// Whether it stands against the model.
    pub fn is_strong(&self) -> bool {
        self.correlation.abs() > MAX_CORRELATION && self.p_value < MIN_CHANCE
    }
}

impl Spend {
    /// The parameters with the greatest likelihood.
    ///
    /// # Errors
    /// Where there are none within reason: see [`Failure`].
    pub fn fit(spenders: &[Spender]) -> Result<Self, Failure> {
        let mut sorted: Vec<Spender> = spenders.to_vec();
        sorted.sort_unstable_by(|a, b| a.x.cmp(&b.x).then(a.mean.total_cmp(&b.mean)));
        let count = sorted.len();
        let unit = sorted.iter().map(|of| of.mean).sum::<f64>() / count as f64;
        if count == 0 || !unit.is_finite() || unit <= 0.0 {
            return Err(Failure::NoRepeats);
        }
        // In units of the mean, so that one range of parameters does for every currency.
        sorted.iter_mut().for_each(|of| of.mean /= unit);
        let step = count.div_ceil(MAX_CUSTOMERS_OF_STARTS);
        let thinned: Vec<Spender> = sorted.iter().step_by(step).copied().collect();
        let starts = [[6.0, 4.0], [2.0, 3.0], [1.0, 2.0], [20.0, 10.0]];
        let starts = starts.map(|[p, q]| [p, q, (q - 1.0) / p].map(f64::ln));
        let Maximum { logs, value, covariance } =
            maximise(&Spenders(&thinned), &Spenders(&sorted), &starts, &[0.0; 3], count as u64)?;
        let [p, q, v] = logs.map(f64::exp);
        if q <= 1.0 {
            return Err(Failure::NoMean);
        }
        Ok(Self {
            parameters: [p, q, v * unit],
            covariance,
            log_likelihood: count as f64 * (value - unit.ln()),
            dependence: Dependence::new(spenders),
        })
    }

    /// Standard errors of the parameters, by the delta method from those of their logarithms.
    pub fn standard_errors(&self) -> [f64; 3] {
        std::array::from_fn(|i| self.parameters[i] * self.covariance[i][i].sqrt())
    }

    /// What an order of a customer without any is expected to come to: the prior mean.
    pub fn prior(&self) -> f64 {
        let [p, q, v] = self.parameters;
        p * v / (q - 1.0)
    }

    /// What an order of the customer is expected to come to: between the prior mean and the customer's own.
    pub fn expected(&self, of: Option<Spender>) -> f64 {
        let [p, q, v] = self.parameters;
        match of {
            None => self.prior(),
            Some(Spender { x, mean }) => p * (v + f64::from(x) * mean) / (p * f64::from(x) + q - 1.0),
        }
    }

    /// The expected square of the customer's own mean, and that of one order; none where they are not finite.
    pub fn squares(&self, of: Option<Spender>) -> Option<(f64, f64)> {
        let [p, q, v] = self.parameters;
        let (x, sum) = of.map_or((0.0, 0.0), |of| (f64::from(of.x), f64::from(of.x) * of.mean));
        let (shape, scale) = (p * x + q, v + sum);
        let square = (p * scale).powi(2) / ((shape - 1.0) * (shape - 2.0));
        (shape > 2.0).then_some((square, square * (1.0 + 1.0 / p)))
    }

    /// The same with the logarithm of one parameter moved, to see how an answer depends on it.
    pub fn moved(&self, parameter: usize, by: f64) -> Self {
        let mut moved = self.clone();
        moved.parameters[parameter] *= by.exp();
        moved
    }
}

pub(super) struct Spenders<'a>(pub(super) &'a [Spender]);

impl Likelihood<3> for Spenders<'_> {
    fn mean(&self, logs: &[f64; 3]) -> (f64, [f64; 3]) {
        let parameters = logs.map(f64::exp);
        let pieces: Vec<[f64; 4]> =
            self.0.par_chunks(CUSTOMERS_AT_ONCE).map(|spenders| sum(&parameters, spenders)).collect();
        let n = self.0.len() as f64;
        let all: [f64; 4] = std::array::from_fn(|i| pieces.iter().map(|piece| piece[i]).sum());
        (all[0] / n, std::array::from_fn(|i| all[i + 1] * parameters[i] / n))
    }
}

/// The logarithm of the likelihood of all, then its derivatives by p, q, v. A customer with x orders of the mean z has
/// Γ(px+q)/(Γ(px)Γ(q)) · v^q z^(px−1) x^(px) / (v+xz)^(px+q).
fn sum([p, q, v]: &[f64; 3], spenders: &[Spender]) -> [f64; 4] {
    let (ln_gamma_q, digamma_q) = (ln_gamma(*q), digamma(*q));
    let mut sum = [0.0; 4];
    // What depends on the number of orders alone; spenders come sorted by it.
    let mut of: Option<(u32, f64, f64, f64)> = None;
    for Spender { x: orders, mean } in spenders {
        let x = f64::from(*orders);
        let (px, px_q) = (p * x, p * x + q);
        let (_, ln_gammas, digamma_px, digamma_px_q) = match of {
            Some(known) if known.0 == *orders => known,
            _ => *of.insert((*orders, ln_gamma(px_q) - ln_gamma(px), digamma(px), digamma(px_q))),
        };
        let (ln_sum, all) = ((x * mean).ln(), v + x * mean);
        let ln_all = all.ln();
        sum[0] += ln_gammas - ln_gamma_q + q * v.ln() + px * ln_sum - mean.ln() - px_q * ln_all;
        sum[1] += x * (digamma_px_q - digamma_px + ln_sum - ln_all);
        sum[2] += digamma_px_q - digamma_q + v.ln() - ln_all;
        sum[3] += q / v - px_q / all;
    }
    sum
}

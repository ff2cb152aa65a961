//! Gamma–Gamma: the amount of an order is gamma distributed (shape p) around a mean of the customer's own. That mean is
//! p times the inverse of a gamma distributed number (shape q, scale v), and is independent of how often the customer
//! buys: Fader and Hardie, "The Gamma-Gamma model of monetary value", 2013; Colombo and Jiang, "A stochastic RFM
//! model", Journal of Interactive Marketing 13(3), 1999.

use rayon::prelude::*;
use statrs::function::gamma::{digamma, ln_gamma};

use super::maximum::{Failure, Likelihood, Maximum, maximise};
use crate::stats::proportion::two_sided;

/// The orders of a customer who spent something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spender {
    /// Number of orders, at least one.
    pub x: u32,
    /// Their mean amount, above 0.
    pub mean: f64,
}

/// The fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Spend {
    /// p, q and v; v is an amount.
    pub parameters: [f64; 3],
    /// Covariances of the logarithms of the parameters.
    pub covariance: [[f64; 3]; 3],
    /// The logarithm of the likelihood of all customers.
    pub log_likelihood: f64,
    /// How far the number of orders and their mean amount depend on each other. The model assumes that they do not.
    pub dependence: Dependence,
}

/// The correlation of the number of orders and their mean amount over customers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dependence {
    /// Pearson's correlation; 0 if one of the two does not vary.
    pub correlation: f64,
    /// The probability of a correlation at least so far from 0 if the two are independent (Fisher's transformation).
    pub p_value: f64,
}

/// The names of the parameters.
pub const PARAMETERS: [&str; 3] = ["p", "q", "v"];

/// Number of customers that one task sums up.
const CUSTOMERS_AT_ONCE: usize = 16_384;

/// The starts are tried on a sample of at most this many customers.
const MAX_CUSTOMERS_OF_STARTS: usize = 2_000;

/// Correlations up to this size are ignored, however significant: among many customers any correlation is.
pub const MAX_CORRELATION: f64 = 0.2;

/// A correlation with this p-value or a greater one is taken as chance.
const MIN_CHANCE: f64 = 0.05;

impl Dependence {
    /// The correlation over these customers.
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

    /// Whether the correlation contradicts the model's assumption.
    pub fn is_strong(&self) -> bool {
        self.correlation.abs() > MAX_CORRELATION && self.p_value < MIN_CHANCE
    }
}

impl Spend {
    /// Finds the parameters with the greatest likelihood.
    ///
    /// # Errors
    /// [`Failure`] if no maximum is found within the range of parameters.
    pub fn fit(spenders: &[Spender]) -> Result<Self, Failure> {
        let mut sorted: Vec<Spender> = spenders.to_vec();
        sorted.sort_unstable_by(|a, b| a.x.cmp(&b.x).then(a.mean.total_cmp(&b.mean)));
        let count = sorted.len();
        let unit = sorted.iter().map(|of| of.mean).sum::<f64>() / count as f64;
        if count == 0 || !unit.is_finite() || unit <= 0.0 {
            return Err(Failure::NoRepeats);
        }
        // Amounts in units of their mean, so that one range of parameters suits every currency.
        sorted.iter_mut().for_each(|of| of.mean /= unit);
        let step = count.div_ceil(MAX_CUSTOMERS_OF_STARTS);
        let thinned: Vec<Spender> = sorted.iter().step_by(step).copied().collect();
        let starts = [[6.0, 4.0], [2.0, 3.0], [1.0, 2.0], [20.0, 10.0]];
        let starts = starts.map(|[p, q]| [p, q, (q - 1.0) / q].map(f64::ln));
        let (thinned, all) = (Spenders::new(&thinned), Spenders::new(&sorted));
        let found = maximise(&thinned, &all, &starts, &[0.0; 3], count as u64)?;
        let (value, covariance) = (found.value, Spenders::covariance_of_p_q_v(&found));
        let [p, q, v] = Spenders::p_q_v(&found.logs);
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

    /// The expected amount of an order of a customer without repeats: the prior mean.
    pub fn prior(&self) -> f64 {
        let [p, q, v] = self.parameters;
        p * v / (q - 1.0)
    }

    /// The expected amount of an order of this customer: between the prior mean and the customer's own.
    pub fn expected(&self, of: Option<Spender>) -> f64 {
        let [p, q, v] = self.parameters;
        match of {
            None => self.prior(),
            Some(Spender { x, mean }) => p * (v + f64::from(x) * mean) / (p * f64::from(x) + q - 1.0),
        }
    }

    /// The expected square of the customer's own mean, and that of the amount of one order; `None` if they are
    /// infinite.
    pub fn squares(&self, of: Option<Spender>) -> Option<(f64, f64)> {
        let [p, q, v] = self.parameters;
        let (x, sum) = of.map_or((0.0, 0.0), |of| (f64::from(of.x), f64::from(of.x) * of.mean));
        let (shape, scale) = (p * x + q, v + sum);
        let square = (p * scale).powi(2) / ((shape - 1.0) * (shape - 2.0));
        (shape > 2.0).then_some((square, square * (1.0 + 1.0 / p)))
    }

    /// A copy with the logarithm of one parameter moved by `by`, to compute how far a result depends on that parameter.
    pub fn moved(&self, parameter: usize, by: f64) -> Self {
        let mut moved = self.clone();
        moved.parameters[parameter] *= by.exp();
        moved
    }
}

/// The likelihood as a function of the logarithms of p, q and m = p·v/q, which is close to the mean of all amounts. If
/// customers hardly differ from each other, q and v can grow together almost without end, while m stays. In these
/// coordinates the search goes straight up that ridge; in p, q and v it would take hundreds of steps.
pub(super) struct Spenders<'a> {
    list: &'a [Spender],
    /// Sum of x·ln(x·z) over the customers, with x orders of the mean z.
    of_sums: f64,
    /// Sum of ln z over the customers.
    of_means: f64,
}

impl<'a> Spenders<'a> {
    /// `list` must be sorted by number of orders.
    pub(super) fn new(list: &'a [Spender]) -> Self {
        let (mut of_sums, mut of_means) = (0.0, 0.0);
        for Spender { x, mean } in list {
            let x = f64::from(*x);
            of_sums += x * (x * mean).ln();
            of_means += mean.ln();
        }
        Self { list, of_sums, of_means }
    }

    fn p_q_v(logs: &[f64; 3]) -> [f64; 3] {
        let [p, q, m] = logs.map(f64::exp);
        [p, q, m * q / p]
    }

    /// Covariances of the logarithms of p, q and v, where ln v = ln m + ln q − ln p.
    fn covariance_of_p_q_v(of: &Maximum<3>) -> [[f64; 3]; 3] {
        const BY: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-1.0, 1.0, 1.0]];
        let one = |i: usize, j: usize| {
            let pairs = (0..3).flat_map(|k| (0..3).map(move |l| (k, l)));
            pairs.map(|(k, l)| BY[i][k] * of.covariance[k][l] * BY[j][l]).sum()
        };
        std::array::from_fn(|i| std::array::from_fn(|j| one(i, j)))
    }
}

impl Likelihood<3> for Spenders<'_> {
    fn mean(&self, logs: &[f64; 3]) -> (f64, [f64; 3]) {
        let parameters = Self::p_q_v(logs);
        let pieces: Vec<[f64; 4]> =
            self.list.par_chunks(CUSTOMERS_AT_ONCE).map(|spenders| sum(&parameters, spenders)).collect();
        let n = self.list.len() as f64;
        let [value, by_p, by_q, by_v]: [f64; 4] =
            std::array::from_fn(|i| pieces.iter().map(|piece| piece[i]).sum());
        let [p, q, v] = parameters;
        let value = value + p * self.of_sums - self.of_means;
        let slopes = [p * (by_p + self.of_sums) - v * by_v, q * by_q + v * by_v, v * by_v];
        (value / n, slopes.map(|slope| slope / n))
    }
}

/// The log-likelihood of all customers, then its derivatives by p, q and v; without the terms x·ln(x·z) and ln z, which
/// are summed once for all parameters. A customer with x orders of the mean z has the likelihood Γ(px+q)/(Γ(px)Γ(q)) ·
/// v^q z^(px−1) x^(px) / (v+xz)^(px+q).
fn sum([p, q, v]: &[f64; 3], spenders: &[Spender]) -> [f64; 4] {
    let (ln_gamma_q, digamma_q, ln_v) = (ln_gamma(*q), digamma(*q), v.ln());
    let mut sum = [0.0; 4];
    // The terms that depend on the number of orders alone. Customers are sorted by it, so these are computed once for
    // each number.
    let mut of: Option<(u32, [f64; 3])> = None;
    for Spender { x: orders, mean } in spenders {
        let x = f64::from(*orders);
        let (px, px_q) = (p * x, p * x + q);
        let (_, [ln_gammas, digamma_px, digamma_px_q]) = match of {
            Some(known) if known.0 == *orders => known,
            _ => *of.insert((*orders, [ln_gamma(px_q) - ln_gamma(px), digamma(px), digamma(px_q)])),
        };
        let all = v + x * mean;
        let ln_all = all.ln();
        sum[0] += ln_gammas - ln_gamma_q + q * ln_v - px_q * ln_all;
        sum[1] += x * (digamma_px_q - digamma_px - ln_all);
        sum[2] += digamma_px_q - digamma_q + ln_v - ln_all;
        sum[3] += q / v - px_q / all;
    }
    sum
}

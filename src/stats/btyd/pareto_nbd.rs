//! Pareto/NBD: customers buy as a Poisson process, at a rate that is gamma distributed among them (shape r, scale
//! alpha), and may stop at any time, at a rate that is gamma distributed, too (shape s, scale beta): Schmittlein,
//! Morrison and Colombo, "Counting your customers: who are they and what will they do next?", Management Science 33,
//! 1987; Fader and Hardie, "A note on deriving the Pareto/NBD model and related expressions", 2005.
//!
//! The likelihood of having stopped is an integral over the time of stopping, from the last order to the end. The
//! papers write it as the difference of two hypergeometric functions. Here it is computed by Gauss–Legendre quadrature:
//! the integrand is smooth and positive, so no digits cancel out.

use std::num::NonZeroUsize;
use std::sync::LazyLock;

use gauss_quad::GaussLegendre;
use statrs::function::gamma::{digamma, ln_gamma};

use super::ahead::{self, Ahead};
use super::{ALPHA, Cell, softplus};

/// The quadrature nodes, from −1 to 1, of one piece of the integral, with their weights.
static NODES: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| nodes(16));

/// The nodes and weights for the time of stopping in the future.
static NODES_AHEAD: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| nodes(48));

fn nodes(count: usize) -> Vec<(f64, f64)> {
    let rule = GaussLegendre::new(NonZeroUsize::new(count).unwrap_or(NonZeroUsize::MIN));
    rule.iter().map(|(node, weight)| (*node, *weight)).collect()
}

/// The integral is cut off where its integrand has fallen by this many powers of e.
const MAX_FALL: f64 = 45.0;

/// A piece of the integral is no longer than `MAX_PIECE` on the logarithmic scale, and the integrand changes on it by
/// no more than `MAX_CHANGE` powers of e. With 16 nodes the relative error is then below 1e-12.
const MAX_PIECE: f64 = 3.0;
const MAX_CHANGE: f64 = 20.0;

/// The likelihood that the customers of a cell have stopped, with means over the time y of stopping.
struct Stopped {
    /// Logarithm of ∫ s (α+y)^−(r+x) (β+y)^−(s+1) dy from the last order to the end; −∞ if there is no time between
    /// them.
    ln_chance: f64,
    /// The means of ln(α+y), 1/(α+y), ln(β+y) and 1/(β+y), weighted by the integrand.
    means: [f64; 4],
}

impl Stopped {
    fn new([r, alpha, s, beta]: &[f64; 4], cell: &Cell) -> Self {
        let rx = r + f64::from(cell.x);
        // The integral is taken over the logarithm of `pole` + y, where `pole` is the smaller of α and β: the integrand
        // has its nearest pole at y = −`pole`.
        let pole = alpha.min(*beta);
        let (from, to) = (pole + cell.t_x, pole + cell.t);
        let mut length = (to / from).ln();
        let none = Self { ln_chance: f64::NEG_INFINITY, means: [0.0; 4] };
        if length.is_nan() || length <= 0.0 {
            return none;
        }
        let fall = rx * from / (alpha + cell.t_x) + (s + 1.0) * from / (beta + cell.t_x) - 1.0;
        if fall > 0.0 {
            length = length.min(MAX_FALL / fall);
        }
        let pieces = (length / MAX_PIECE).max(length * (rx + s + 1.0) / MAX_CHANGE).ceil().max(1.0);
        let half = length / pieces / 2.0;
        let ln_at = |from: f64, ln_alpha: f64, ln_beta: f64| from.ln() - rx * ln_alpha - (s + 1.0) * ln_beta;
        let reference = ln_at(from, (alpha + cell.t_x).ln(), (beta + cell.t_x).ln());
        let (mut sum, mut means) = (0.0, [0.0; 4]);
        for piece in 0..pieces as usize {
            let middle = from.ln() + half * (2 * piece + 1) as f64;
            for (node, weight) in NODES.iter() {
                let at = (middle + half * node).exp();
                let (to_alpha, to_beta) = (alpha - pole + at, beta - pole + at);
                let (ln_alpha, ln_beta) = (to_alpha.ln(), to_beta.ln());
                let here = half * weight * (ln_at(at, ln_alpha, ln_beta) - reference).exp();
                sum += here;
                means[0] += here * ln_alpha;
                means[1] += here / to_alpha;
                means[2] += here * ln_beta;
                means[3] += here / to_beta;
            }
        }
        Self { ln_chance: s.ln() + reference + sum.ln(), means: means.map(|mean| mean / sum) }
    }
}

/// Logarithm of (α+T)^−(r+x) (β+T)^−s, the likelihood of still buying. [`Stopped`] has that of having stopped.
fn ln_alive([r, _, s, beta]: &[f64; 4], cell: &Cell, ln_at_end: f64) -> f64 {
    -(r + f64::from(cell.x)) * ln_at_end - s * (beta + cell.t).ln()
}

/// The log-likelihood summed over the customers of all cells, then its derivatives by r, alpha, s and beta. Each cell
/// comes with ln(α+T).
pub(super) fn sum<'a>(parameters: &[f64; 4], cells: impl Iterator<Item = (&'a Cell, f64)>) -> [f64; 5] {
    let [r, alpha, s, beta] = *parameters;
    let (ln_gamma_r, digamma_r) = (ln_gamma(r), digamma(r));
    let mut sum = [0.0; 5];
    // The terms that depend on the number of repeats alone. Cells are sorted by it, so these are computed once for each
    // number.
    let mut of: Option<(u32, f64, f64)> = None;
    for (cell, ln_at_end) in cells {
        let rx = r + f64::from(cell.x);
        let (_, ln_gamma_rx, digamma_rx) = match of {
            Some(known) if known.0 == cell.x => known,
            _ => *of.insert((cell.x, ln_gamma(rx), digamma(rx))),
        };
        let stopped = Stopped::new(parameters, cell);
        let ln_alive = ln_alive(parameters, cell, ln_at_end);
        let (more, part) = softplus(stopped.ln_chance - ln_alive);
        let value = ln_gamma_rx - ln_gamma_r + r * alpha.ln() + s * beta.ln() + ln_alive + more;
        let (at_alpha, at_beta) = (alpha + cell.t, beta + cell.t);
        let [ln_alpha, per_alpha, ln_beta, per_beta] = stopped.means;
        let mix = |alive: f64, stopped: f64| (1.0 - part) * alive + part * stopped;
        let by = [
            digamma_rx - digamma_r + alpha.ln() - mix(ln_at_end, ln_alpha),
            r / alpha - rx * mix(1.0 / at_alpha, per_alpha),
            beta.ln() - mix(at_beta.ln(), ln_beta - 1.0 / s),
            s / beta - mix(s / at_beta, (s + 1.0) * per_beta),
        ];
        let count = cell.count as f64;
        sum[0] += count * value;
        (0..4).for_each(|i| sum[i + 1] += count * by[i]);
    }
    sum
}

pub(super) fn p_alive(parameters: &[f64; 4], cell: &Cell) -> f64 {
    let ln_at_end = (parameters[ALPHA] + cell.t).ln();
    softplus(ln_alive(parameters, cell, ln_at_end) - Stopped::new(parameters, cell).ln_chance).1
}

/// The distribution of the number of orders ahead. Orders are placed until the customer stops or the time is over.
/// Their number is that of an unbroken buying process up to the time of stopping, integrated over that time. The mean
/// has a closed form.
pub(super) fn ahead([r, alpha, s, beta]: &[f64; 4], x: u32, t: f64, further: f64) -> Ahead {
    let (shape, scale, beta) = (r + f64::from(x), alpha + t, beta + t);
    let mut reached = Vec::new();
    if further > 0.0 {
        let length = (further / beta).ln_1p();
        ahead::arrivals(shape, scale, further, (-s * length).exp(), &mut reached);
        for (node, weight) in NODES_AHEAD.iter() {
            let ln_beta = length * (node + 1.0) / 2.0;
            let chance = s * (-s * ln_beta).exp() * length / 2.0 * weight;
            ahead::arrivals(shape, scale, beta * ln_beta.exp_m1(), chance, &mut reached);
        }
    }
    Ahead { mean: mean(shape, scale, *s, beta, further), ..Ahead::new(&reached) }
}

/// The expected orders of a customer who still buys: r/α · β/(s−1) · (1 − (β/(β+t))^(s−1)), or its limit near s = 1.
fn mean(shape: f64, scale: f64, s: f64, beta: f64, further: f64) -> f64 {
    let length = (further / beta).ln_1p();
    let at = (s - 1.0) * length;
    let bought_time = if at.abs() < 1e-12 { length } else { length * (-(-at).exp_m1() / at) };
    shape / scale * beta * bought_time
}

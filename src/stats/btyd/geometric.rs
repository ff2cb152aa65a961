//! The parts that BG/NBD and MBG/NBD share: customers buy as a Poisson process, at a rate that is gamma distributed
//! among them (shape r, scale alpha), and stop right after an order with a probability that is beta distributed (a, b).

use statrs::function::gamma::{digamma, ln_gamma};

use super::ahead::{self, Ahead};
use super::{Cell, softplus};

/// The model, by the orders after which a customer may stop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Geometric {
    /// Number of occasions to stop before the first repeat: 1 if a customer may stop after the first order, else 0.
    pub occasions_before: u32,
}

/// The terms of the likelihood that depend on the number of repeats alone. Cells are sorted by it, so these are
/// computed once for each number.
struct OfCount {
    x: u32,
    /// Number of occasions to stop at which a customer who still buys has not stopped.
    k: f64,
    value: f64,
    by: [f64; 4],
    /// The logarithm of a/(b+k−1).
    ln_stopped: f64,
}

impl Geometric {
    fn survived(self, x: u32) -> f64 {
        f64::from(x) + f64::from(self.occasions_before)
    }

    fn of_count(self, [r, alpha, a, b]: &[f64; 4], x: u32) -> OfCount {
        let (k, rx) = (self.survived(x), r + f64::from(x));
        let beta = |b: f64| ln_gamma(b) - ln_gamma(a + b);
        let both = digamma(a + b) - digamma(a + b + k);
        OfCount {
            x,
            k,
            ln_stopped: (a / (b + k - 1.0)).ln(),
            value: ln_gamma(rx) - ln_gamma(*r) + r * alpha.ln() + beta(b + k) - beta(*b),
            by: [
                digamma(rx) - digamma(*r) + alpha.ln(),
                r / alpha,
                both,
                digamma(b + k) - digamma(*b) + both,
            ],
        }
    }

    /// The log-likelihood summed over the customers of all cells, then its derivatives by r, alpha, a and b.
    ///
    /// A customer who still buys has the likelihood Γ(r+x)/Γ(r) · B(a,b+k)/B(a,b) · αʳ/(α+T)^(r+x). For one who stopped
    /// after the last order it is this times a/(b+k−1) · ((α+T)/(α+t_x))^(r+x). Each cell comes with ln(α+T).
    pub(super) fn sum<'a>(
        self,
        parameters: &[f64; 4],
        cells: impl Iterator<Item = (&'a Cell, f64)>,
    ) -> [f64; 5] {
        let [r, alpha, a, b] = *parameters;
        let mut sum = [0.0; 5];
        let mut of: Option<OfCount> = None;
        // Cells with the same x are sorted by their last time, which many of them share.
        let (mut last, mut ln_at_last) = (f64::NAN, 0.0);
        for (cell, ln_end) in cells {
            let of = match &mut of {
                Some(of) if of.x == cell.x => of,
                of => of.insert(self.of_count(parameters, cell.x)),
            };
            let (rx, at_end, at_last) = (r + f64::from(cell.x), alpha + cell.t, alpha + cell.t_x);
            let mut value = of.value - rx * ln_end;
            let mut by = of.by;
            by[0] -= ln_end;
            by[1] -= rx / at_end;
            if of.k > 0.0 {
                if at_last != last {
                    (last, ln_at_last) = (at_last, at_last.ln());
                }
                let gap = ln_end - ln_at_last;
                let (more, stopped) = softplus(of.ln_stopped + rx * gap);
                value += more;
                by[0] += stopped * gap;
                by[1] += stopped * rx * (1.0 / at_end - 1.0 / at_last);
                by[2] += stopped / a;
                by[3] -= stopped / (b + of.k - 1.0);
            }
            let count = cell.count as f64;
            sum[0] += count * value;
            (0..4).for_each(|i| sum[i + 1] += count * by[i]);
        }
        sum
    }

    pub(super) fn p_alive(self, [r, alpha, a, b]: &[f64; 4], cell: &Cell) -> f64 {
        let k = self.survived(cell.x);
        if k == 0.0 {
            return 1.0;
        }
        let gap = ((alpha + cell.t) / (alpha + cell.t_x)).ln();
        let odds = (a / (b + k - 1.0)).ln() + (r + f64::from(cell.x)) * gap;
        softplus(-odds).1
    }

    /// The n-th further order is placed if the buying process brings that many and the customer has not stopped after
    /// any order before. The two are independent, given that the customer still buys.
    pub(super) fn ahead(self, [r, alpha, a, b]: &[f64; 4], x: u32, t: f64, further: f64) -> Ahead {
        let mut reached = Vec::new();
        ahead::arrivals(r + f64::from(x), alpha + t, further, 1.0, &mut reached);
        let mut survives = 1.0;
        for (n, reached) in (0_u32..).zip(&mut reached) {
            *reached *= survives;
            let b = b + self.survived(x) + f64::from(n);
            survives *= b / (a + b);
        }
        Ahead::new(&reached)
    }
}

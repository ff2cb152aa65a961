//! The forecast for all buyers together, and for a new customer.

use polars::prelude::DataFrame;
use rayon::prelude::*;

use super::outlook::Outlook;
use super::watched::Bought;
use super::{DAYS_OF_WEEK, Predicted, micros};
use crate::error::Result;
use crate::metrics::finish::{amounts, counts, frame, ratios, texts};
use crate::schema::names;
use crate::stats::btyd::gamma_gamma::{PARAMETERS, Spend};
use crate::stats::btyd::{Cell, Fit};

/// The numbers of days for which the value of a new customer is forecast.
pub const NEW_CUSTOMER_DAYS: [u32; 2] = [90, 365];

/// The 95 % quantile of the standard normal distribution; 90 % of the distribution lie between −Z and Z.
const Z: f64 = 1.644_853_626_951_472_7;

/// The step in a parameter's logarithm from which slopes are computed as central differences.
const STEP: f64 = 1e-4;

/// At most about this many cells are used to compute how the totals depend on the parameters.
const MAX_CELLS_MOVED: usize = 2_000;

/// The expected value of a sum, with its variance.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    mean: f64,
    variance: f64,
}

impl Sum {
    /// The 90 % interval of the normal distribution, cut off at 0.
    fn interval(self) -> (f64, f64) {
        let half = Z * self.variance.sqrt();
        ((self.mean - half).max(0.0), self.mean + half)
    }
}

/// A row of the table.
struct Row {
    group: &'static str,
    days: u32,
    customers: u64,
    orders: (f64, f64, f64),
    /// The expected spending, and the ends of its 90 % interval.
    spend: (Option<f64>, Option<(f64, f64)>),
    p_order: Option<f64>,
}

/// One row for all buyers together (or for those that were chosen), then one per horizon for a new customer, each with
/// the expected values and their 90 % intervals. The interval of a total accounts for chance and for the uncertainty of
/// the parameters. That of a single customer accounts for chance only, as in the list of customers.
pub(super) fn summary(of: &Predicted) -> Result<DataFrame> {
    let (orders, spend) = (orders(of), spend(of));
    let shop = Row {
        group: if of.is_of_chosen { "chosen" } else { "shop" },
        days: of.params.horizon,
        customers: of.watched.buyers.len() as u64,
        orders: (orders.mean, orders.interval().0, orders.interval().1),
        spend: (spend.map(|(mean, _)| mean), spend.and_then(|(_, sum)| Some(sum?.interval()))),
        p_order: None,
    };
    let new = NEW_CUSTOMER_DAYS.map(|days| {
        let outlook = Outlook::of_new(&of.fit, days);
        Row {
            group: "new_customer",
            days,
            customers: 1,
            orders: (outlook.expected, outlook.interval.0.into(), outlook.interval.1.into()),
            spend: (of.spend().map(|spend| outlook.expected * spend.prior()), None),
            p_order: Some(outlook.p_order),
        }
    });
    let rows: Vec<Row> = std::iter::once(shop).chain(new).collect();
    let rows = || rows.iter();
    let amount = |name, value: fn(&Row) -> Option<f64>| amounts(name, rows().map(|row| micros(value(row)?)));
    frame(vec![
        texts(names::GROUP, rows().map(|row| Some(row.group.to_owned()))),
        counts(names::HORIZON_DAYS, rows().map(|row| Some(u64::from(row.days)))),
        counts(names::CUSTOMER_COUNT, rows().map(|row| Some(row.customers))),
        ratios(names::EXPECTED_ORDERS, rows().map(|row| Some(row.orders.0))),
        ratios(names::EXPECTED_ORDERS_LOW, rows().map(|row| Some(row.orders.1))),
        ratios(names::EXPECTED_ORDERS_HIGH, rows().map(|row| Some(row.orders.2))),
        ratios(names::P_ORDER, rows().map(|row| row.p_order)),
        amount(names::EXPECTED_SPEND, |row| row.spend.0),
        amount(names::EXPECTED_SPEND_LOW, |row| Some(row.spend.1?.0)),
        amount(names::EXPECTED_SPEND_HIGH, |row| Some(row.spend.1?.1)),
    ])
}

/// The expected orders of all buyers, with their variance.
fn orders(of: &Predicted) -> Sum {
    let outlooks = &of.outlooks;
    let counts: Vec<f64> = outlooks.cells.iter().map(|cell| cell.count as f64).collect();
    Sum {
        mean: outlooks.sum(|outlook| outlook.expected),
        variance: outlooks.sum(|outlook| outlook.square - outlook.expected.powi(2)) + unsure(of, &counts),
    }
}

/// The expected spending of all buyers, in units of the currency, and with its variance. The second value is `None` if
/// the amounts spread so widely that the fitted distribution has no variance.
fn spend(of: &Predicted) -> Option<(f64, Option<Sum>)> {
    let spend = of.spend()?;
    let buyers = || of.watched.buyers.iter().zip(&of.outlooks.cell_of);
    let mean =
        |spend: &Spend| -> f64 { buyers().map(|(buyer, cell)| expected(of, buyer, *cell, spend)).sum() };
    // The sum of the expected amounts per order of the buyers in each cell: the weight of the cell's number of orders
    // in the total.
    let mut weights = vec![0.0; of.outlooks.cells.len()];
    buyers().for_each(|(buyer, cell)| weights[*cell as usize] += spend.expected(buyer.spender()));
    let chance: Option<f64> = buyers()
        .map(|(buyer, cell)| {
            let outlook = &of.outlooks.each[*cell as usize];
            let (own, one) = spend.squares(buyer.spender())?;
            // For N orders whose amounts Z are independent given the buyer's own mean M, E[S²] = E[N] E[Z²] + E[N
            // (N−1)] E[M²].
            let square = outlook.expected * one + (outlook.square - outlook.expected) * own;
            Some(square - expected(of, buyer, *cell, spend).powi(2))
        })
        .sum();
    let slopes: Vec<f64> = (0..PARAMETERS.len())
        .map(|i| (mean(&spend.moved(i, STEP)) - mean(&spend.moved(i, -STEP))) / (2.0 * STEP))
        .collect();
    let variance = chance.map(|chance| chance + unsure(of, &weights) + form(&slopes, &spend.covariance));
    let mean = mean(spend);
    Some((mean, variance.map(|variance| Sum { mean, variance })))
}

fn expected(of: &Predicted, buyer: &Bought, cell: u32, spend: &Spend) -> f64 {
    of.outlooks.each[cell as usize].expected * spend.expected(buyer.spender())
}

/// The part of the variance of a weighted sum of the cells' expected orders that is due to the uncertainty of the
/// parameters.
fn unsure(of: &Predicted, weights: &[f64]) -> f64 {
    let weeks = f64::from(of.params.horizon) / DAYS_OF_WEEK;
    // Cells without any weight (nobody in them was kept) would make the sample smaller.
    let meant: Vec<(&Cell, f64)> =
        of.outlooks.cells.iter().zip(weights.iter().copied()).filter(|(_, weight)| *weight > 0.0).collect();
    let step = meant.len().div_ceil(MAX_CELLS_MOVED).max(1);
    let some: Vec<(&Cell, f64)> = meant.into_iter().step_by(step).collect();
    let sum = |fit: &Fit| -> f64 {
        let one = |(cell, weight): &(&Cell, f64)| {
            weight * fit.p_alive(cell) * fit.ahead(cell.x, cell.t, weeks).mean
        };
        some.par_iter().map(one).collect::<Vec<f64>>().iter().sum()
    };
    let all: f64 =
        weights.iter().zip(&of.outlooks.each).map(|(weight, outlook)| weight * outlook.expected).sum();
    let part = sum(&of.fit);
    // The slopes of the sampled cells are scaled up by the ratio of the full sum to the sum over the sample.
    let whole = if part > 0.0 { all / part } else { 0.0 };
    let slopes: [f64; 4] = std::array::from_fn(|i| {
        whole * (sum(&of.fit.moved(i, STEP)) - sum(&of.fit.moved(i, -STEP))) / (2.0 * STEP)
    });
    form(&slopes, &of.fit.covariance)
}

/// The quadratic form slopes · covariance · slopes: the variance by the delta method.
fn form<const N: usize>(slopes: &[f64], covariance: &[[f64; N]; N]) -> f64 {
    let row = |(slope, row): (&f64, &[f64; N])| {
        slope * row.iter().zip(slopes).map(|(of, other)| of * other).sum::<f64>()
    };
    slopes.iter().zip(covariance).map(row).sum()
}

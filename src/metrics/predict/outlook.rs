//! The forecast that a fitted model makes for each cell of like buyers.

use rayon::prelude::*;

use super::DAYS_OF_WEEK;
use super::watched::Cells;
use crate::stats::btyd::{Ahead, Cell, Fit};

/// The forecast for a buyer within the horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlook {
    /// Chance that the buyer has not stopped.
    pub p_alive: f64,
    /// The expected number of order days.
    pub expected: f64,
    /// The expected square of the number of order days, from which its variance follows.
    pub square: f64,
    /// The number of order days lies between these two numbers, both included, with a chance of at least 90 %.
    pub interval: (u32, u32),
    /// Chance of at least one order.
    pub p_order: f64,
}

impl Outlook {
    fn new(p_alive: f64, ahead: &Ahead) -> Self {
        Self {
            p_alive,
            expected: p_alive * ahead.mean,
            square: p_alive * ahead.square,
            interval: ahead.interval(p_alive),
            p_order: p_alive * ahead.any(),
        }
    }

    /// The forecast for a new buyer on the day of the first order, for the `days` days after it.
    pub fn of_new(fit: &Fit, days: u32) -> Self {
        let cell = Cell { x: 0, t_x: 0.0, t: 0.0, count: 1 };
        Self::new(fit.p_alive(&cell), &fit.ahead(0, 0.0, f64::from(days) / DAYS_OF_WEEK))
    }
}

/// The forecasts for all buyers.
#[derive(Debug)]
pub(super) struct Outlooks {
    pub cells: Vec<Cell>,
    /// The forecast for each cell.
    pub each: Vec<Outlook>,
    /// The cell of each buyer.
    pub cell_of: Vec<u32>,
}

impl Outlooks {
    /// The forecasts for the `days` days after the last watched day.
    pub fn new(fit: &Fit, cells: Cells, days: u32) -> Self {
        let Cells { cells, keys, cell_of } = cells;
        let weeks = f64::from(days) / DAYS_OF_WEEK;
        let spans = spans(&keys);
        let ahead: Vec<Ahead> =
            spans.par_iter().map(|(x, days)| fit.ahead(*x, f64::from(*days) / DAYS_OF_WEEK, weeks)).collect();
        let outlook = |(cell, (x, _, days)): (&Cell, &(u32, i32, i32))| {
            Outlook::new(fit.p_alive(cell), &ahead[place(&spans, *x, *days)])
        };
        let each = cells.par_iter().zip(&keys).map(outlook).collect();
        Self { cells, each, cell_of }
    }

    /// The sum over all buyers of a number of their forecasts.
    pub fn sum(&self, of: impl Fn(&Outlook) -> f64) -> f64 {
        self.cells.iter().zip(&self.each).map(|(cell, outlook)| cell.count as f64 * of(outlook)).sum()
    }
}

/// The expected orders of all buyers together, for any number of days ahead.
pub(super) struct Together {
    spans: Vec<(u32, i32)>,
    /// The expected number of customers who still buy, for each span.
    alive: Vec<f64>,
}

impl Together {
    pub fn new(fit: &Fit, cells: &Cells) -> Self {
        let spans = spans(&cells.keys);
        let mut alive = vec![0.0; spans.len()];
        for (cell, (x, _, days)) in cells.cells.iter().zip(&cells.keys) {
            alive[place(&spans, *x, *days)] += cell.count as f64 * fit.p_alive(cell);
        }
        Self { spans, alive }
    }

    /// The expected orders in the `days` days after the last watched day.
    pub fn expected(&self, fit: &Fit, days: u32) -> f64 {
        let weeks = f64::from(days) / DAYS_OF_WEEK;
        let one = |((x, days), alive): (&(u32, i32), &f64)| {
            alive * fit.ahead(*x, f64::from(*days) / DAYS_OF_WEEK, weeks).mean
        };
        self.spans.par_iter().zip(&self.alive).map(one).collect::<Vec<f64>>().iter().sum()
    }
}

/// The distinct pairs of repeats and days watched among the cells, ascending. For a buyer who still buys, the orders
/// ahead depend on these two numbers only, and not on the day of the last order.
fn spans(keys: &[(u32, i32, i32)]) -> Vec<(u32, i32)> {
    let mut spans: Vec<(u32, i32)> = keys.iter().map(|(x, _, days)| (*x, *days)).collect();
    spans.par_sort_unstable();
    spans.dedup();
    spans
}

fn place(spans: &[(u32, i32)], x: u32, days: i32) -> usize {
    spans.partition_point(|span| *span < (x, days))
}

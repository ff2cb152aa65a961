//! Checks the forecasts: those made as of a past day are compared with the orders after it.

use polars::prelude::DataFrame;

use super::DAYS_OF_WEEK;
use super::outlook::{Outlooks, Together};
use super::watched::{Bought, Cells, Watched};
use crate::error::Result;
use crate::locale::sentence;
use crate::metrics::finish::{counts, frame, rates, ratios, texts};
use crate::schema::{Day, names, ranges};
use crate::stats::btyd::Fit;
use crate::stats::proportion::Proportion;

/// Customers with this many repeats or more form one group.
const MOST_REPEATS: u32 = 7;

const DECILES: usize = 10;

/// The forecasts of a past day, the actual orders after it, and a naive forecast that continues each customer's own
/// rate so far.
#[derive(Debug)]
pub struct Holdout {
    rows: Vec<Row>,
    deciles: [Decile; DECILES],
}

#[derive(Debug, Clone, Copy)]
struct Row {
    /// The kind of the row: `total` (all customers), `repeats` (the customers with `number` repeats), `week` (the week
    /// `number` after the past day), or an error per customer: `mae`, `rmse`, `bias`.
    group: &'static str,
    /// The number of repeats or of the week.
    number: Option<u64>,
    customers: Option<u64>,
    sums: Sums,
}

/// Numbers of order days, or errors per customer. An error has no actual value.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    actual: Option<f64>,
    predicted: f64,
    naive: f64,
}

/// A decile of the customers by their chance of still buying. `p_alive` and `p_order` are sums over its customers.
#[derive(Debug, Clone, Copy, Default)]
struct Decile {
    customers: u64,
    ordered: u64,
    p_alive: f64,
    p_order: f64,
}

impl Sums {
    fn add(&mut self, actual: f64, predicted: f64, naive: f64) {
        self.actual = Some(self.actual.unwrap_or(0.0) + actual);
        self.predicted += predicted;
        self.naive += naive;
    }
}

impl Holdout {
    /// Compares the forecasts for the buyers who were watched up to `days` days before as-of with their orders in these
    /// days.
    pub(super) fn new(fit: &Fit, watched: &Watched, cells: Cells, days: u32) -> Self {
        let together = Together::new(fit, &cells);
        let outlooks = Outlooks::new(fit, cells, days);
        let mut total = Row {
            group: "total",
            number: None,
            customers: Some(0),
            sums: Sums { actual: Some(0.0), ..Sums::default() },
        };
        let mut by_repeats = [total; MOST_REPEATS as usize + 1];
        let (mut absolute, mut square, mut bias) = (Sums::default(), Sums::default(), Sums::default());
        for (of, cell) in watched.buyers.iter().zip(&outlooks.cell_of) {
            let predicted = outlooks.each[*cell as usize].expected;
            let (actual, naive) = (f64::from(of.later), rate(of, watched.end) * f64::from(days));
            for row in [&mut total, &mut by_repeats[of.x.min(MOST_REPEATS) as usize]] {
                row.customers = row.customers.map(|count| count + 1);
                row.sums.add(actual, predicted, naive);
            }
            let (model, own) = (predicted - actual, naive - actual);
            absolute.add(0.0, model.abs(), own.abs());
            square.add(0.0, model * model, own * own);
            bias.add(0.0, model, own);
        }
        let customers = watched.buyers.len() as f64;
        let error = |group: &'static str, sums: Sums, of: fn(f64) -> f64| Row {
            group,
            sums: Sums {
                actual: None,
                predicted: of(sums.predicted / customers),
                naive: of(sums.naive / customers),
            },
            number: None,
            customers: None,
        };
        let repeats =
            by_repeats.iter().zip(0..).map(|(row, x)| Row { group: "repeats", number: Some(x), ..*row });
        let rows = std::iter::once(total)
            .chain(repeats)
            .chain(weeks(fit, &together, watched, days))
            .chain([
                error("mae", absolute, |x| x),
                error("rmse", square, f64::sqrt),
                error("bias", bias, |x| x),
            ])
            .collect();
        Self { rows, deciles: deciles(watched, &outlooks) }
    }

    /// The root of the mean squared error per customer, of the model and of the naive forecast.
    pub fn rmse(&self) -> (f64, f64) {
        let row = self.rows.iter().find(|row| row.group == "rmse");
        row.map_or((0.0, 0.0), |row| (row.sums.predicted, row.sums.naive))
    }

    /// `group` (a sentence of the translations' `holdout_group`: total, customers by their repeats so far, weeks, then
    /// mae, rmse and bias), `customer_count`, `actual`, `predicted`, `naive`.
    ///
    /// # Errors
    /// Those of polars.
    pub fn frame(&self) -> Result<DataFrame> {
        let rows = || self.rows.iter();
        frame(vec![
            texts(names::GROUP, rows().map(|row| Some(row.name()))),
            counts(names::CUSTOMER_COUNT, rows().map(|row| row.customers)),
            ratios(names::ACTUAL, rows().map(|row| row.sums.actual)),
            ratios(names::PREDICTED, rows().map(|row| Some(row.sums.predicted))),
            ratios(names::NAIVE, rows().map(|row| Some(row.sums.naive))),
        ])
    }

    /// Customers in deciles of their chance of still buying: `decile`, `customer_count`, `p_alive`, `p_order`,
    /// `ordered_count`, `rate`, `rate_low`, `rate_high`. Customers with an equal chance are in one decile, so that
    /// there may be fewer than ten rows.
    ///
    /// # Errors
    /// Those of polars.
    pub fn calibration(&self) -> Result<DataFrame> {
        let rows: Vec<(u64, Decile)> =
            (1..).zip(self.deciles).filter(|(_, decile)| decile.customers > 0).collect();
        let rows = || rows.iter();
        let part = |of: &Decile| Proportion::new(of.ordered, of.customers);
        let mut columns = vec![
            counts(names::DECILE, rows().map(|(decile, _)| Some(*decile))),
            counts(names::CUSTOMER_COUNT, rows().map(|(_, of)| Some(of.customers))),
            ratios(names::P_ALIVE, rows().map(|(_, of)| Some(of.p_alive / of.customers as f64))),
            ratios(names::P_ORDER, rows().map(|(_, of)| Some(of.p_order / of.customers as f64))),
            counts(names::ORDERED_COUNT, rows().map(|(_, of)| Some(of.ordered))),
        ];
        columns.extend(rates(ranges::RATE, rows().map(|(_, of)| Some(part(of)))));
        frame(columns)
    }
}

impl Row {
    /// The row's group as a sentence of the translations, with its number.
    fn name(&self) -> String {
        let number = self.number.map(|number| match self.group {
            "repeats" if number == u64::from(MOST_REPEATS) => format!("{number}+"),
            _ => number.to_string(),
        });
        sentence(self.group, &number.map(|number| ("number", number)).into_iter().collect::<Vec<_>>())
    }
}

/// A customer's repeats per day so far; 0 if the first order was on the last day watched.
fn rate(of: &Bought, end: Day) -> f64 {
    let days = of.first.days_until(end);
    if days > 0 { f64::from(of.x) / f64::from(days) } else { 0.0 }
}

/// One row per week of the days held out; the last week may be shorter than seven days.
fn weeks(fit: &Fit, together: &Together, watched: &Watched, days: u32) -> impl Iterator<Item = Row> {
    let naive: f64 = watched.buyers.iter().map(|of| rate(of, watched.end)).sum();
    let mut before = 0.0;
    (0..days.div_ceil(DAYS_OF_WEEK as u32)).map(move |week| {
        let (first, last) = (week * 7, days.min(week * 7 + 7));
        let so_far = together.expected(fit, last);
        let actual = watched.later_by_week.get(week as usize).copied().unwrap_or(0);
        let sums = Sums {
            actual: Some(actual as f64),
            predicted: so_far - before,
            naive: naive * f64::from(last - first),
        };
        before = so_far;
        let customers = Some(watched.buyers.len() as u64);
        Row { group: "week", number: Some(u64::from(week) + 1), customers, sums }
    })
}

fn deciles(watched: &Watched, outlooks: &Outlooks) -> [Decile; DECILES] {
    let mut ordered = vec![0_u64; outlooks.cells.len()];
    for (of, cell) in watched.buyers.iter().zip(&outlooks.cell_of) {
        ordered[*cell as usize] += u64::from(of.later > 0);
    }
    let mut cells: Vec<usize> = (0..outlooks.cells.len()).collect();
    let p_alive = |cell: usize| outlooks.each[cell].p_alive;
    cells.sort_by(|a, b| p_alive(*a).total_cmp(&p_alive(*b)));
    let all = watched.buyers.len() as u64;
    let mut deciles = [Decile::default(); DECILES];
    let mut before = 0;
    for alike in cells.chunk_by(|a, b| p_alive(*a) == p_alive(*b)) {
        let count: u64 = alike.iter().map(|cell| outlooks.cells[*cell].count).sum();
        // Customers with an equal chance go into the decile of the middle one among them. The place of that customer is
        // computed doubled, to stay whole.
        let place = (2 * before + count) * DECILES as u64 / (2 * all);
        let decile = &mut deciles[(place as usize).min(DECILES - 1)];
        before += count;
        for cell in alike {
            let (customers, outlook) = (outlooks.cells[*cell].count, &outlooks.each[*cell]);
            decile.customers += customers;
            decile.ordered += ordered[*cell];
            decile.p_alive += customers as f64 * outlook.p_alive;
            decile.p_order += customers as f64 * outlook.p_order;
        }
    }
    deciles
}

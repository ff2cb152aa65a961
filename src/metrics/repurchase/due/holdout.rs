//! Checks the expectations of an earlier day against the orders after it.

use polars::prelude::*;

use super::{DUE_STATUSES, Due};
use crate::error::Result;
use crate::metrics::finish::{counts, frame, rates, ratios, texts};
use crate::metrics::histories::fold;
use crate::metrics::scope::Scope;
use crate::schema::{CustomerCode, Day, Orders, names, ranges};
use crate::stats::histogram::Histogram;
use crate::stats::proportion::Proportion;

/// How far the expectations of an earlier day came true.
#[derive(Debug)]
pub struct Kept {
    /// One row per status on that day, the most urgent first: `due_status`, `customer_count`, `returned_count`
    /// (customers who have ordered since), `return_rate` with its interval, `median_error_days` and
    /// `median_absolute_error_days` (from the expected to the actual next order day; null if nobody came back).
    pub frame: DataFrame,
    /// Number of customers with an expectation.
    pub customer_count: u64,
}

#[derive(Debug, Clone, Default)]
struct Tally {
    customers: u64,
    /// Days from the expected to the actual next order day, of the customers who came back.
    errors: Histogram,
    distances: Histogram,
}

impl Due {
    /// Compares the expectations, which were made as of `since`, with the orders after that day and up to the scope's
    /// as-of.
    pub fn kept(&self, orders: &Orders, scope: &Scope, since: Day) -> Result<Kept> {
        type Next = (CustomerCode, Day);
        let folded = fold(orders, &scope.all_time(), true, |found: &mut Vec<Next>, _, history| {
            let next = history.orders().map(|order| order.day).find(|day| *day > since);
            found.extend(history.customer.zip(next));
            None
        })?;
        let mut next_of: Vec<Option<Day>> = vec![None; orders.customers.len()];
        folded.parts.into_iter().flatten().for_each(|(code, day)| next_of[code.place()] = Some(day));
        let mut tallies = vec![Tally::default(); DUE_STATUSES.len()];
        for row in &self.0 {
            let tally = &mut tallies[usize::from(row.status)];
            tally.customers += 1;
            if let Some(next) = next_of[row.customer.place()] {
                let error = row.expected_on().days_until(next);
                tally.errors.add(error);
                tally.distances.add(error.saturating_abs());
            }
        }
        Ok(Kept {
            frame: finish(&tallies)?,
            customer_count: tallies.iter().map(|tally| tally.customers).sum(),
        })
    }
}

fn finish(tallies: &[Tally]) -> Result<DataFrame> {
    let counted = |tally: &Tally| Proportion::new(tally.errors.len(), tally.customers);
    let mut columns = vec![
        texts(names::DUE_STATUS, DUE_STATUSES.iter().map(|status| Some((*status).to_owned()))),
        counts(names::CUSTOMER_COUNT, tallies.iter().map(|tally| Some(tally.customers))),
        counts(names::RETURNED_COUNT, tallies.iter().map(|tally| Some(tally.errors.len()))),
    ];
    columns.extend(rates(ranges::RETURN_RATE, tallies.iter().map(|tally| Some(counted(tally)))));
    columns.push(ratios(names::MEDIAN_ERROR_DAYS, tallies.iter().map(|tally| tally.errors.percentile(50))));
    columns.push(ratios(
        names::MEDIAN_ABSOLUTE_ERROR_DAYS,
        tallies.iter().map(|tally| tally.distances.percentile(50)),
    ));
    frame(columns)
}

//! The list of buyers with the forecast for each, and the table of the fitted models.

use polars::prelude::{Column, DataFrame, IntoColumn};
use rayon::prelude::*;

use super::outlook::Outlook;
use super::watched::Bought;
use super::{Predicted, micros};
use crate::error::Result;
use crate::metrics::finish::{amounts, counts, dates, flags, frame, ids, integers, ratios, texts};
use crate::metrics::listing_order::in_order;
use crate::schema::{CustomerCode, CustomerIds, Day, names};
use crate::stats::btyd::gamma_gamma;

/// A row of the list.
#[derive(Clone, Copy)]
struct Row {
    of: Bought,
    outlook: Outlook,
    /// The expected spending in micro-units.
    spend: Option<i128>,
}

impl Row {
    /// The row of the buyer at this place in `watched.buyers`.
    fn new(of: &Predicted, place: usize) -> Self {
        let buyer = of.watched.buyers[place];
        let outlook = of.outlooks.each[of.outlooks.cell_of[place] as usize];
        Self { of: buyer, outlook, spend: of.expected_spend(buyer.spender(), &outlook) }
    }

    /// The sort key: the expected spending, or the expected orders if there is none, negated so that the greatest comes
    /// first.
    fn rank(&self) -> i64 {
        let value = self.spend.or_else(|| micros(self.outlook.expected)).unwrap_or(0);
        i64::try_from(-value).unwrap_or(i64::MIN)
    }
}

/// What the rows are sorted by, and the place of the buyer. Sorting these instead of whole rows moves less memory, as a
/// list may have millions of rows.
#[derive(Clone, Copy)]
struct Ranked {
    rank: i64,
    customer: CustomerCode,
    place: u32,
}

/// Lists the buyers whose last order was on `first_day` or later.
pub(super) fn customers(of: &Predicted, customers: &CustomerIds, first_day: Day) -> Result<DataFrame> {
    let is_prior = of.spend().map(|_| |of: &Bought| of.spender().is_none());
    let as_of = of.watched.end;
    let ranked: Vec<Ranked> = (0..of.watched.buyers.len())
        .into_par_iter()
        .filter(|place| of.watched.buyers[*place].last >= first_day)
        .map(|place| {
            let row = Row::new(of, place);
            Ranked { rank: row.rank(), customer: row.of.customer, place: place as u32 }
        })
        .collect();
    let by = |row: &Ranked| (row.rank, row.customer);
    let ranked = in_order(&[&ranked], by, customers, |rows, _| rows).concat();
    let rows: Vec<Row> = ranked.par_iter().map(|row| Row::new(of, row.place as usize)).collect();
    drop(ranked);
    let rows = || rows.iter();
    let days = |name, day: fn(&Bought) -> Day| {
        integers(name, rows().map(|row| Some(i64::from(day(&row.of).days_until(as_of)))))
    };
    let number = |name, value: fn(&Outlook) -> f64| ratios(name, rows().map(|row| Some(value(&row.outlook))));
    let whole = |name, value: fn(&Row) -> u64| counts(name, rows().map(|row| Some(value(row))));
    let id = || ids(customers, &rows().map(|row| row.of.customer).collect::<Vec<CustomerCode>>());
    type Build<'a> = Box<dyn Fn() -> Result<Column> + Send + Sync + 'a>;
    // A list may have millions of rows, so the columns are filled in parallel.
    let columns: [Build<'_>; 12] = [
        Box::new(|| Ok(id()?.into_column())),
        Box::new(|| Ok(dates(names::LAST_ORDERED_ON, rows().map(|row| Some(row.of.last))))),
        Box::new(|| Ok(days(names::RECENCY_DAYS, |of| of.last))),
        Box::new(|| Ok(days(names::TENURE_DAYS, |of| of.first))),
        Box::new(|| Ok(whole(names::REPEAT_DAY_COUNT, |row| row.of.x.into()))),
        Box::new(|| Ok(number(names::P_ALIVE, |of| of.p_alive))),
        Box::new(|| Ok(number(names::EXPECTED_ORDERS, |of| of.expected))),
        Box::new(|| Ok(whole(names::EXPECTED_ORDERS_LOW, |row| row.outlook.interval.0.into()))),
        Box::new(|| Ok(whole(names::EXPECTED_ORDERS_HIGH, |row| row.outlook.interval.1.into()))),
        Box::new(|| Ok(number(names::P_ORDER, |of| of.p_order))),
        Box::new(|| Ok(amounts(names::EXPECTED_SPEND, rows().map(|row| row.spend)))),
        Box::new(|| Ok(flags(names::IS_PRIOR, rows().map(|row| Some(is_prior?(&row.of)))))),
    ];
    frame(columns.par_iter().with_max_len(1).map(|build| build()).collect::<Result<_>>()?)
}

/// One row per parameter with its standard error, then the log-likelihoods and the correlation of spending with
/// frequency.
pub(super) fn model(of: &Predicted) -> Result<DataFrame> {
    let fit = &of.fit;
    let mut rows: Vec<(&str, f64, Option<f64>)> = Vec::new();
    let names_of = fit.model.parameters();
    for ((name, value), error) in names_of.iter().zip(fit.parameters).zip(fit.standard_errors()) {
        rows.push((*name, value, Some(error)));
    }
    if let Some(spend) = of.spend() {
        for ((name, value), error) in
            gamma_gamma::PARAMETERS.iter().zip(spend.parameters).zip(spend.standard_errors())
        {
            rows.push((*name, value, Some(error)));
        }
    }
    rows.push(("log_likelihood", fit.log_likelihood, None));
    if let Some(spend) = of.spend() {
        rows.push(("spend_log_likelihood", spend.log_likelihood, None));
        rows.push(("spend_correlation", spend.dependence.correlation, None));
    }
    frame(vec![
        texts(names::PARAMETER, rows.iter().map(|(name, ..)| Some((*name).to_owned()))),
        ratios(names::VALUE, rows.iter().map(|(_, value, _)| Some(*value))),
        ratios(names::STANDARD_ERROR, rows.iter().map(|(.., error)| *error)),
    ])
}

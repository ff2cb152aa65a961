//! The buyers with what is foretold of each, and the models it comes from.

use polars::prelude::{DataFrame, IntoColumn};

use super::outlook::Outlook;
use super::watched::Bought;
use super::{Predicted, micros};
use crate::error::Result;
use crate::metrics::finish::{amounts, counts, dates, flags, frame, ids, integers, ratios, texts};
use crate::metrics::listing_order::in_order;
use crate::schema::{CustomerIds, names};
use crate::stats::btyd::gamma_gamma;

/// A row of the list.
#[derive(Clone, Copy)]
struct Row {
    of: Bought,
    outlook: Outlook,
    /// In micro-units.
    spend: Option<i128>,
}

impl Row {
    /// By expected amount, or else by expected orders, greatest first.
    fn rank(&self) -> i64 {
        let value = self.spend.or_else(|| micros(self.outlook.expected)).unwrap_or(0);
        i64::try_from(-value).unwrap_or(i64::MIN)
    }
}

/// The buyers whose last order is no earlier than `first_day`.
pub(super) fn customers(of: &Predicted, customers: &CustomerIds, first_day: i32) -> Result<DataFrame> {
    let is_prior = of.spend().map(|_| |of: &Bought| of.spender().is_none());
    let as_of = of.watched.end;
    let rows: Vec<Row> = of
        .watched
        .buyers
        .iter()
        .zip(&of.outlooks.cell_of)
        .filter(|(buyer, _)| buyer.last >= first_day)
        .map(|(buyer, cell)| {
            let outlook = of.outlooks.each[*cell as usize];
            Row { of: *buyer, outlook, spend: of.expected_spend(buyer.spender(), &outlook) }
        })
        .collect();
    let rows =
        in_order(&[&rows], |row: &Row| (row.rank(), row.of.customer), customers, |rows, _| rows).concat();
    let codes: Vec<u32> = rows.iter().map(|row| row.of.customer).collect();
    let rows = || rows.iter();
    let days = |name, day: fn(&Bought) -> i32| {
        integers(name, rows().map(|row| Some(i64::from(as_of) - i64::from(day(&row.of)))))
    };
    let number = |name, value: fn(&Outlook) -> f64| ratios(name, rows().map(|row| Some(value(&row.outlook))));
    frame(vec![
        ids(customers, &codes)?.into_column(),
        dates(names::LAST_ORDERED_ON, rows().map(|row| Some(row.of.last))),
        days(names::RECENCY_DAYS, |of| of.last),
        days(names::TENURE_DAYS, |of| of.first),
        counts(names::REPEAT_DAY_COUNT, rows().map(|row| Some(u64::from(row.of.x)))),
        number(names::P_ALIVE, |of| of.p_alive),
        number(names::EXPECTED_ORDERS, |of| of.expected),
        counts(names::EXPECTED_ORDERS_LOW, rows().map(|row| Some(row.outlook.interval.0))),
        counts(names::EXPECTED_ORDERS_HIGH, rows().map(|row| Some(row.outlook.interval.1))),
        number(names::P_ORDER, |of| of.p_order),
        amounts(names::EXPECTED_SPEND, rows().map(|row| row.spend)),
        flags(names::IS_PRIOR, rows().map(|row| Some(is_prior?(&row.of)))),
    ])
}

/// Each parameter with its standard error, then how likely the orders are with them.
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

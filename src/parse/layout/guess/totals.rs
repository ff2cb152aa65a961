//! Tables with one row per customer, which look like orders but are totals.

use super::{Choice, Guesser, says};
use crate::error::{Error, Result};
use crate::schema::Field;

impl Guesser<'_> {
    /// Refuses totals per customer: each customer occurs once, with a last day and a number of orders.
    pub(super) fn refuse_totals(&self, file: &str, known: &[Choice]) -> Result<()> {
        if super::has(known, Field::OrderId) {
            return Ok(());
        }
        let mut telling = None;
        for header in self.headers {
            let is_telling = says(header, |words| &words.sums)?
                || (says(header, |words| &words.which)? && says(header, |words| &words.deals)?);
            telling = telling.or(is_telling.then_some(header));
        }
        let Some(header) = telling else { return Ok(()) };
        let is_buyer =
            |(field, _): &&Choice| matches!(field, Field::CustomerId | Field::Email | Field::Phone);
        let mut buyers: Vec<usize> = known.iter().filter(is_buyer).map(|(_, column)| *column).collect();
        if buyers.is_empty() {
            buyers = self.best(Field::CustomerId, known)?;
        }
        if buyers.iter().any(|column| self.columns[*column].repeats()) {
            return Ok(());
        }
        Err(Error::input_of(file, "totals_of_customers", &[("header", header.clone())]))
    }
}

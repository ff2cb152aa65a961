//! Columns whose cells fit a field that the file lacks, to be named in error messages.

use crate::error::Result;
use crate::parse::layout::Layout;
use crate::parse::layout::guess::column::Column;
use crate::parse::layout::guess::{Guesser, names};
use crate::parse::layout::sample::Sample;
use crate::parse::value::date::DateReader;
use crate::schema::Field;

/// A column whose cells could name buyers, in a file without a known buyer column.
pub(in crate::parse::layout) fn may_be_buyer(
    layout: &Layout,
    sample: &Sample,
    probe: &DateReader,
) -> Option<usize> {
    let buyers = [Field::CustomerId, Field::Email, Field::Phone];
    if buyers.iter().any(|field| layout.has(*field)) {
        return None;
    }
    let guesser = Guesser::new(layout, sample, probe);
    let fitting = guesser.fitting(Field::CustomerId).unwrap_or_default();
    let free: Vec<usize> = layout.ignored().collect();
    let place = |header: &str| free.iter().copied().find(|column| layout.headers[*column] == header);
    fitting.into_iter().find_map(place)
}

impl Guesser<'_> {
    /// The header of the column that says what people did on pages.
    pub fn actions(&self) -> Option<&str> {
        let column = self.columns.iter().position(Column::is_actions)?;
        Some(self.headers[column].as_str())
    }

    /// Headers of the columns whose cells fit a field, likeliest first.
    pub fn fitting(&self, field: Field) -> Result<Vec<&str>> {
        let mut fitting = Vec::new();
        for column in 0..self.headers.len() {
            let cells = &self.columns[column];
            let score = match field {
                // Days of any kind, whether of orders or not.
                Field::PaidAt | Field::OccurredAt | Field::SentAt => {
                    let score = self.score(Field::CreatedAt, column)?;
                    score.or(cells.is_days(false).then_some(0))
                }
                Field::Amount => self.score(Field::PaidAmount, column)?,
                Field::CustomerId => self.score(field, column)?.or(self.may_be_buyers(column)?.then_some(0)),
                _ => self.score(field, column)?,
            };
            if let Some(score) = score {
                // Among equals, columns whose values repeat come first, as buyers do.
                fitting.push((-score, !cells.repeats(), column));
            }
        }
        fitting.sort_unstable();
        Ok(fitting.into_iter().map(|(.., column)| self.headers[column].as_str()).collect())
    }

    /// Whether cells may name buyers although the header does not say so: names that are no days, no amounts and no few
    /// fixed words.
    fn may_be_buyers(&self, column: usize) -> Result<bool> {
        let (cells, header) = (&self.columns[column], &self.headers[column]);
        let is_other = cells.is_days(true) || cells.is_amounts() || cells.is_statuses() || cells.is_actions();
        Ok(cells.is_names() && !is_other && names::score(header, Field::CustomerId)? >= 0)
    }
}

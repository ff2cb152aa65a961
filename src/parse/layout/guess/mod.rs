//! Guesses which columns are which fields if no preset knows the headers, from what the headers hint at and what the
//! cells hold.
//!
//! ```text
//! header ──names──▶ score ┐
//!                         ├──▶ a field's best column, or two that are as good (which is asked about)
//! cells ──column──▶ may be ┘
//! ```
//!
//! A table is one of orders when it has a day and an amount, whatever else stands beside these.

mod column;
mod dated;
mod fitting;
mod names;
mod table;
mod totals;
mod words;

use crate::error::{Error, Result};
use crate::parse::layout::Layout;
use crate::parse::layout::sample::Sample;
use crate::parse::value::date::DateReader;
use crate::schema::Field;
use column::Column;

pub(super) use fitting::may_be_buyer;
pub(super) use table::{Fitting, Guess, completed, of};
use words::says;

/// What a table of orders must have.
const NEEDED: [Field; 2] = [Field::CreatedAt, Field::PaidAmount];

/// Optional fields, the surest first; each column is given to one field only.
const FURTHER: [Field; 7] = [
    Field::Email,
    Field::CustomerId,
    Field::OrderId,
    Field::Status,
    Field::Quantity,
    Field::UnitPrice,
    Field::RefundAmount,
];

/// Weight of a header's hint against the look of the cells: one word outweighs any look.
const NAMED: i32 = 10;

/// The columns of a file, as far as its head shows them.
pub(super) struct Guesser<'a> {
    headers: &'a [String],
    columns: Vec<Column>,
    rows: usize,
}

/// A column chosen for a field.
pub(super) type Choice = (Field, usize);

impl<'a> Guesser<'a> {
    /// Examines the first records of a file.
    pub fn new(layout: &'a Layout, sample: &Sample, probe: &DateReader) -> Self {
        let headers = &layout.headers;
        let columns = (0..headers.len()).map(|column| Column::of(sample, headers, column, probe)).collect();
        let rows = (0..sample.len()).filter(|row| column::is_data(sample, headers, *row)).count();
        Self { headers, columns, rows }
    }

    /// Whether the cells of a column rule out the field that its header alone suggests: days that are not days, amounts
    /// that are days.
    pub fn contradicts(&self, field: Field, column: usize) -> bool {
        let cells = &self.columns[column];
        let is_other = match field {
            Field::CreatedAt | Field::PaidAt => !cells.may_be_days(),
            Field::PaidAmount | Field::Amount => cells.is_days(false),
            _ => false,
        };
        cells.filled > 0 && is_other
    }

    /// Whether another column that holds amounts has a header that fits the amount of an order better than this
    /// column's.
    pub fn has_better_amount(&self, column: usize) -> Result<bool> {
        if !self.columns[column].is_amounts() {
            return Ok(false);
        }
        let named = |column: usize| names::score(&self.headers[column], Field::PaidAmount);
        Ok(match self.best(Field::PaidAmount, &[])?.as_slice() {
            [best] => *best != column && named(*best)? > named(column)?,
            _ => false,
        })
    }

    /// Whether any header beside the known ones names the amount of an order.
    pub fn names_amount(&self, known: &[Choice]) -> Result<bool> {
        const MIN_NAME: i32 = 2;
        let is_named = |column: &usize| names::score(&self.headers[*column], Field::PaidAmount);
        Ok(match self.best(Field::PaidAmount, known)?.first() {
            Some(column) => is_named(column)? >= MIN_NAME,
            None => false,
        })
    }

    /// The best columns for the fields of an order that `known` does not have; `None` where there is no day or no
    /// amount.
    ///
    /// # Errors
    /// [`Error::Input`] if two columns fit a required field equally well, or if the rows are totals per customer.
    pub fn orders(&self, file: &str, known: &[Choice]) -> Result<Option<Vec<Choice>>> {
        self.refuse_totals(file, known)?;
        if self.columns.iter().any(Column::is_actions) {
            return Ok(None);
        }
        let mut chosen = known.to_vec();
        for field in NEEDED {
            if has(&chosen, field) || (field == Field::CreatedAt && has(&chosen, Field::PaidAt)) {
                continue;
            }
            if field == Field::PaidAmount
                && [Field::Amount, Field::UnitPrice].iter().any(|other| has(&chosen, *other))
            {
                continue;
            }
            match self.best(field, &chosen)?.as_slice() {
                [] if field == Field::PaidAmount => match self.priced(&chosen)? {
                    Some(choices) => chosen.extend(choices),
                    None => return Ok(None),
                },
                // The day of completion is used if there is no other day.
                [] => match known.iter().find(|(known, _)| *known == Field::CompletedAt) {
                    Some((_, column)) => chosen.push((field, *column)),
                    None => return Ok(None),
                },
                [column] => chosen.push((field, *column)),
                [one, two, ..] => return Err(self.tie(file, field, *one, *two)),
            }
        }
        self.further(&mut chosen)?;
        Ok(Some(chosen.split_off(known.len())))
    }

    /// Adds the best columns for the optional fields of orders.
    pub fn further(&self, chosen: &mut Vec<Choice>) -> Result<()> {
        for field in FURTHER {
            let is_known = match field {
                // An e-mail address is the customer key only if there is nothing better.
                Field::Email | Field::CustomerId => has(chosen, Field::CustomerId) || has(chosen, field),
                Field::UnitPrice => has(chosen, field) || has(chosen, Field::PaidAmount),
                _ => has(chosen, field),
            };
            if is_known {
                continue;
            }
            let &[column] = self.best(field, chosen)?.as_slice() else { continue };
            if field == Field::CustomerId && self.is_mere_name(column, chosen)? {
                continue;
            }
            chosen.push((field, column));
        }
        // If nothing else says who bought, the company of the buyer counts as the buyer.
        let has_buyer =
            [Field::CustomerId, Field::Email, Field::Phone].iter().any(|buyer| has(chosen, *buyer));
        let company = chosen.iter().find(|(field, _)| *field == Field::Company).map(|(_, column)| *column);
        if let Some(column) = company.filter(|column| !has_buyer && self.columns[*column].is_names()) {
            chosen.push((Field::CustomerId, column));
        }
        Ok(())
    }

    /// Whether a column holds people's names and another one their addresses or phones, which tell people apart better.
    fn is_mere_name(&self, column: usize, chosen: &[Choice]) -> Result<bool> {
        const MIN_ID: i32 = 4;
        let is_id = names::score(&self.headers[column], Field::CustomerId)? >= MIN_ID;
        let has_contact = has(chosen, Field::Email) || has(chosen, Field::Phone);
        Ok(has_contact && !is_id && !self.columns[column].is_ids())
    }

    /// A unit price and a quantity, if no column is an amount.
    fn priced(&self, chosen: &[Choice]) -> Result<Option<[Choice; 2]>> {
        let (price, quantity) = (self.best(Field::UnitPrice, chosen)?, self.best(Field::Quantity, chosen)?);
        Ok(match (price.as_slice(), quantity.as_slice()) {
            ([price], [quantity]) => Some([(Field::UnitPrice, *price), (Field::Quantity, *quantity)]),
            _ => None,
        })
    }

    /// The columns that fit a field best: one, several that fit equally well, or none.
    fn best(&self, field: Field, chosen: &[Choice]) -> Result<Vec<usize>> {
        let (mut best, mut columns) = (0, Vec::new());
        for column in (0..self.headers.len()).filter(|column| chosen.iter().all(|(_, taken)| taken != column))
        {
            let Some(score) = self.score(field, column)? else { continue };
            if field == Field::PaidAmount && self.is_price_of_one(column, chosen)? {
                continue;
            }
            if score > best {
                (best, columns) = (score, Vec::new());
            }
            if score == best {
                columns.push(column);
            }
        }
        Ok(columns)
    }

    /// Whether a column says the price of one piece, next to a column that says how many were bought.
    fn is_price_of_one(&self, column: usize, chosen: &[Choice]) -> Result<bool> {
        let header = &self.headers[column];
        let price = names::score(header, Field::UnitPrice)?;
        let is_price = price > 0 && price >= names::score(header, Field::PaidAmount)?;
        Ok(is_price && (has(chosen, Field::Quantity) || !self.best(Field::Quantity, chosen)?.is_empty()))
    }

    /// Adds what can be guessed for orders whose day and amount are known: who bought, if nothing says it yet, and, if
    /// `wants_further` is set, status and refunds.
    pub fn completing(
        &self,
        known: &[Choice],
        lacks_buyer: bool,
        wants_further: bool,
    ) -> Result<Vec<Choice>> {
        const MIN_NAME: i32 = 2;
        let mut chosen = known.to_vec();
        let mut fields = Vec::new();
        if lacks_buyer {
            fields.extend([Field::Email, Field::CustomerId]);
        }
        if wants_further && !has(known, Field::Status) && !has(known, Field::PaymentStatus) {
            fields.push(Field::Status);
        }
        if wants_further && !has(known, Field::RefundAmount) {
            fields.push(Field::RefundAmount);
        }
        for field in fields {
            let has_buyer = field == Field::CustomerId && has(&chosen, Field::Email);
            if let ([column], false) = (self.best(field, &chosen)?.as_slice(), has_buyer) {
                let is_sure = match field {
                    Field::CustomerId | Field::RefundAmount => {
                        names::score(&self.headers[*column], field)? >= MIN_NAME
                    }
                    // If some of its words are unknown, a note names the column and says what to do.
                    Field::Status => {
                        let is_named = names::score(&self.headers[*column], field)? > 0;
                        is_named && self.columns[*column].are_all_statuses()
                    }
                    _ => true,
                };
                chosen.extend(is_sure.then_some((field, *column)));
            }
        }
        Ok(chosen.split_off(known.len()))
    }

    /// Whether many values of a column repeat. A few repeats may be customers listed twice.
    pub fn repeats(&self, column: usize) -> bool {
        let Column { filled, values, .. } = &self.columns[column];
        10 * values.len() < 9 * filled
    }

    /// How well a column fits a field; `None` if its cells or its header rule it out.
    fn score(&self, field: Field, column: usize) -> Result<Option<i32>> {
        let (cells, name) = (&self.columns[column], names::score(&self.headers[column], field)?);
        let is_usual = 2 * cells.filled >= self.rows;
        // Whether the cells allow the field, and the score of their look if the header says nothing.
        let (may_be, look) = match field {
            Field::CreatedAt => (cells.is_days(name > 0) && is_usual, 2),
            Field::PaidAmount => (cells.is_amounts() && is_usual, i32::from(cells.has_prices()) * 2),
            Field::UnitPrice => (cells.is_amounts() && is_usual, 0),
            Field::Quantity => (cells.is_quantities(), 0),
            Field::Email => (cells.is_emails_of_people(), 2),
            Field::CustomerId => (cells.is_names() && !cells.is_emails() && is_usual, 0),
            Field::OrderId => (cells.is_ids() && cells.filled == self.rows, 0),
            Field::Status => (cells.is_statuses(), 2),
            Field::RefundAmount => (cells.is_amounts(), 0),
            _ => (false, 0),
        };
        let score = name * NAMED + look;
        Ok((may_be && name >= 0 && score > 0).then_some(score))
    }

    fn tie(&self, file: &str, field: Field, one: usize, two: usize) -> Error {
        let [one, two] = [one, two].map(|column| &self.headers[column]);
        let values = [("one", one.clone()), ("two", two.clone()), ("field", field.name().to_owned())];
        Error::input_of(file, "two_columns", &values)
    }
}

fn has(chosen: &[Choice], field: Field) -> bool {
    chosen.iter().any(|(other, _)| *other == field)
}

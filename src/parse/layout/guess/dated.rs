//! Recognises orders that say who bought when but no amounts. They must be told from lists of customers and logs of
//! events, which also have days and people.

use super::{Choice, Guesser, has, names, says};
use crate::error::Result;
use crate::schema::Field;

impl Guesser<'_> {
    /// The columns of orders without amounts, added to the `known` ones; `None` if the file is not clearly one of
    /// orders. Without an order number and either items or buyers, a column must be named as a day of purchase and some
    /// buyers must occur more than once. `is_asked` is whether the user says that the file holds orders.
    ///
    /// # Errors
    /// If two columns fit the day equally well.
    pub(super) fn dated_orders(
        &self,
        file: &str,
        known: &[Choice],
        is_asked: bool,
    ) -> Result<Option<Vec<Choice>>> {
        if self.columns.iter().any(super::Column::is_actions) || self.hides_amounts(known)? {
            return Ok(None);
        }
        let mut chosen = known.to_vec();
        self.add_named(&mut chosen, Field::OrderId)?;
        let days = match has(&chosen, Field::CreatedAt) || has(&chosen, Field::PaidAt) {
            true => Vec::new(),
            false => self.best(Field::CreatedAt, &chosen)?,
        };
        match days.as_slice() {
            [] if days.is_empty() && !has(&chosen, Field::CreatedAt) && !has(&chosen, Field::PaidAt) => {
                return Ok(None);
            }
            [] => {}
            [day] => chosen.push((Field::CreatedAt, *day)),
            [one, two, ..] if has(&chosen, Field::OrderId) || is_asked => {
                return Err(self.tie(file, Field::CreatedAt, *one, *two));
            }
            _ => return Ok(None),
        }
        let buyers = [Field::CustomerId, Field::Email, Field::Phone];
        if !buyers.iter().any(|field| has(&chosen, *field)) {
            self.add_named(&mut chosen, Field::Email)?;
            self.add_named(&mut chosen, Field::CustomerId)?;
        }
        self.add_named(&mut chosen, Field::Status)?;
        let has_items = has(&chosen, Field::ProductId) || has(&chosen, Field::Title);
        let buyer = chosen.iter().find(|(field, _)| buyers.contains(field)).map(|(_, column)| *column);
        let is_order = match has(&chosen, Field::OrderId) {
            true => buyer.is_some() || has_items,
            false => buyer.is_some_and(|buyer| self.columns[buyer].repeats()) && self.are_deals(&chosen)?,
        };
        Ok((is_order || (is_asked && buyer.is_some())).then(|| chosen.split_off(known.len())))
    }

    /// Adds the best column for a field, if its header names the field.
    fn add_named(&self, chosen: &mut Vec<Choice>, field: Field) -> Result<()> {
        const MIN_NAME: i32 = 2;
        if has(chosen, field) {
            return Ok(());
        }
        if let [column] = self.best(field, chosen)?.as_slice()
            && (field == Field::Email || names::score(&self.headers[*column], field)? >= MIN_NAME)
        {
            chosen.push((field, *column));
        }
        Ok(())
    }

    /// Whether a column looks like money but its name says it is no amount (hundredths, say): then these orders have
    /// amounts, though none that can be read.
    fn hides_amounts(&self, known: &[Choice]) -> Result<bool> {
        for (column, header) in self.headers.iter().enumerate() {
            let is_taken = known.iter().any(|(_, taken)| *taken == column);
            if !is_taken && self.columns[column].is_amounts() && names::hints(header, Field::PaidAmount)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the day is one of a purchase: its header says so, or the file holds nothing but a buyer and a day. A
    /// header that belongs to a log rules it out.
    fn are_deals(&self, chosen: &[Choice]) -> Result<bool> {
        for header in self.headers {
            if says(header, |words| &words.logs)? {
                return Ok(false);
            }
        }
        let mut is_bare = self.headers.len() == chosen.len();
        let mut are_deals = false;
        for (field, column) in chosen {
            let header = &self.headers[*column];
            match field {
                Field::CreatedAt | Field::PaidAt => are_deals |= says(header, |words| &words.deals)?,
                Field::CustomerId => is_bare &= !says(header, |words| &words.users)?,
                _ => {}
            }
        }
        Ok(are_deals || is_bare)
    }
}

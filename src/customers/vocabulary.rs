//! Conditions on people and on orders, and the names that they may use.

use polars::prelude::*;

use super::filter::{Call, Condition, Named, Sorting, Vocabulary};
use super::{Ground, Table, Wished, calls, columns};
use crate::customers::order_columns::{self, OrderColumns};
use crate::error::Result;
use crate::schema::{Day, Holds, Orders, Wants};

/// Before any file is read: the columns that there are, and perhaps further ones that customer exports bring.
fn vocabulary(may_be_further: bool) -> Vocabulary {
    let own = of(std::iter::empty(), &[]);
    if may_be_further { own.open() } else { own }
}

/// With what the files brought.
fn closed(ground: &Ground<'_>) -> Vocabulary {
    of(ground.further().into_iter(), &ground.order_headers)
}

fn of(further: impl Iterator<Item = (String, Holds)>, order_headers: &[String]) -> Vocabulary {
    let own = columns().map(|spec| (spec.name.to_owned(), Holds::from(spec.kind)));
    Vocabulary::of(own.chain(further)).with_functions(of_orders(order_headers))
}

/// The columns of orders, and what each holds.
fn of_orders(further: &[String]) -> impl Iterator<Item = (String, Holds)> {
    let known = order_columns::known().into_iter().map(|(name, holds)| (name.to_owned(), holds));
    known.chain(further.iter().map(|header| (header.clone(), Holds::Text)))
}

/// Which orders are meant: a condition on their own columns.
#[derive(Debug, Clone)]
pub struct OrdersWhere(Condition);

impl OrdersWhere {
    /// Reads a condition before any file is read: a name that nobody knows may be a header of theirs.
    ///
    /// # Errors
    /// Wrong usage, with a mark at the place.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(Self(Condition::parse(text, &Vocabulary::of(of_orders(&[])).open())?))
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        self.0.asked().text()
    }

    /// Adds to what is read of orders all that it needs.
    pub fn want(&self, wants: &mut Wants) {
        order_columns::want(self.0.asked().columns(), wants);
    }

    /// Keeps the orders of which it is true, and says how many rows the others were. `headers` are those that the files
    /// brought.
    ///
    /// # Errors
    /// Wrong usage where a name is no column of the files either.
    pub fn keep(&self, orders: &mut Orders, headers: &[String], as_of: Day) -> Result<u64> {
        let condition = self.closed(headers)?;
        let mut parts = std::mem::take(&mut orders.parts);
        let columns = condition.columns(orders)?;
        let gone = parts.keep_marked(|part| condition.0.keeps(&columns.of(part)?, as_of))?;
        orders.parts = parts;
        Ok(gone)
    }

    /// Of which of some rows of the orders table it is true.
    ///
    /// # Errors
    /// As [`Self::keep`].
    pub fn marks(
        &self,
        rows: &DataFrame,
        orders: &Orders,
        headers: &[String],
        as_of: Day,
    ) -> Result<BooleanChunked> {
        let condition = self.closed(headers)?;
        condition.0.keeps(&condition.columns(orders)?.of(rows)?, as_of)
    }

    /// The same with the names that the files brought.
    fn closed(&self, headers: &[String]) -> Result<Self> {
        let asked = self.0.asked();
        match asked.is_open() {
            true => Ok(Self(Condition::parse(asked.text(), &Vocabulary::of(of_orders(headers)))?)),
            false => Ok(self.clone()),
        }
    }

    fn columns<'a>(&self, orders: &'a Orders) -> Result<OrderColumns<'a>> {
        OrderColumns::new(orders, &self.0.asked().columns().collect::<Vec<_>>())
    }
}

/// Who is meant: a condition on the columns of the customer table.
#[derive(Debug, Clone)]
pub struct Where(Condition);

/// In which order people come.
#[derive(Debug, Clone)]
pub struct OrderBy(Sorting);

impl Where {
    /// Reads a condition before any file is read; `may_be_further` where files may bring columns that nobody knows of
    /// yet.
    ///
    /// # Errors
    /// Wrong usage, with a mark at the place.
    pub fn parse(text: &str, may_be_further: bool) -> Result<Self> {
        Ok(Self(Condition::parse(text, &vocabulary(may_be_further))?))
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        self.0.asked().text()
    }

    /// The columns it asks for.
    pub fn wished(&self) -> Wished {
        Wished::by(self.0.asked())
    }

    /// What is to be read for it.
    pub fn wants(&self) -> Wants {
        self.wished().wants()
    }

    /// The columns that it names.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.asked().columns()
    }

    /// The calls that ask the data.
    pub fn calls(&self) -> &[Call] {
        self.0.asked().calls()
    }

    /// As SQL of an engine, which keeps the same people.
    ///
    /// # Errors
    /// Wrong usage: what no engine is asked, by name.
    pub fn sql(&self, named: &dyn Named) -> Result<String> {
        self.0.sql(named)
    }

    /// Whether it names a column.
    pub fn names_column(&self, name: &str) -> bool {
        self.0.asked().columns().any(|column| column == name)
    }

    /// The tags it asks for.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.0.asked().calls().iter().filter_map(calls::tag)
    }

    /// The same with the columns that answer.
    pub fn tag_columns(&self) -> impl Iterator<Item = (String, &str)> {
        self.0.asked().calls().iter().filter_map(|call| Some((call.to_string(), calls::tag(call)?)))
    }

    /// Finds what only the files can tell: whether it names columns that they have.
    ///
    /// # Errors
    /// Wrong usage where a name is no column of the files either.
    pub fn check(&self, ground: &Ground<'_>) -> Result<()> {
        let asked = self.0.asked();
        match asked.is_open() {
            true => Condition::parse(asked.text(), &closed(ground)).map(drop),
            false => Ok(()),
        }
    }

    /// Whether each row of a table of these people, which holds the columns it asks for, is kept.
    ///
    /// # Errors
    /// Wrong usage where a name is no column of the files either; those of [`Ground::require`].
    pub fn keeps(&self, ground: &Ground<'_>, table: &Table) -> Result<BooleanChunked> {
        let asked = self.0.asked();
        ground.require(asked.columns())?;
        let again = asked.is_open().then(|| Condition::parse(asked.text(), &closed(ground))).transpose()?;
        again.as_ref().unwrap_or(&self.0).keeps(&table.frame, ground.as_of())
    }

    /// Whether each person, by code, is meant.
    ///
    /// # Errors
    /// As [`Self::keeps`].
    pub fn chosen(&self, ground: &Ground<'_>) -> Result<Vec<bool>> {
        let table = Table::build(ground, &self.wished())?;
        let mut chosen = vec![false; ground.ids.len()];
        for (code, is_kept) in ground.codes().iter().zip(self.keeps(ground, &table)?.iter()) {
            chosen[code.place()] = is_kept == Some(true);
        }
        Ok(chosen)
    }
}

impl OrderBy {
    /// As [`Where::parse`].
    ///
    /// # Errors
    /// Wrong usage, with a mark at the place.
    pub fn parse(text: &str, may_be_further: bool) -> Result<Self> {
        Ok(Self(Sorting::parse(text, &vocabulary(may_be_further))?))
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        self.0.asked().text()
    }

    /// The columns it asks for.
    pub fn wished(&self) -> Wished {
        Wished::by(self.0.asked())
    }

    /// The columns that it names.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.asked().columns()
    }

    /// The calls that ask the data.
    pub fn calls(&self) -> &[Call] {
        self.0.asked().calls()
    }

    /// The rows of a table, which holds all that there is, in this order; those of one place stay as they are.
    ///
    /// # Errors
    /// Wrong usage where a calculation becomes too large; a defect while there are names that only the files will tell
    /// of.
    pub fn order_closed(&self, table: &Table, as_of: Day) -> Result<IdxCa> {
        self.0.order(&table.frame, as_of)
    }

    /// The rows of a table of these people in this order; those of one place stay as they are.
    ///
    /// # Errors
    /// As [`Where::keeps`].
    pub fn order(&self, ground: &Ground<'_>, table: &Table) -> Result<IdxCa> {
        let asked = self.0.asked();
        ground.require(asked.columns())?;
        let again = asked.is_open().then(|| Sorting::parse(asked.text(), &closed(ground))).transpose()?;
        again.as_ref().unwrap_or(&self.0).order(&table.frame, ground.as_of())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::scope::valid_order::{OrderRow, ValidOrder};
    use crate::schema::orders;

    /// Statuses 0 to 7; amounts and days on both sides of each limit of the rule.
    #[test]
    fn the_valid_order_rule_as_sql_is_a_condition_on_orders() {
        let mut rows = Vec::new();
        for status in 0..=orders::REFUND_OF_REFUNDED {
            for (paid, refund) in [(-5_000_000, 0), (0, 0), (0, 2), (5_000_000, 4_999_999), (5, 5), (5, 6)] {
                rows.extend([-1, 90, 91, 100, 101].map(|day| OrderRow { status, paid, refund, day }));
            }
        }
        let columns = vec![
            UInt8Chunked::from_iter_values(orders::STATUS.into(), rows.iter().map(|row| row.status))
                .into_column(),
            Int64Chunked::from_iter_values(orders::PAID_AMOUNT.into(), rows.iter().map(|row| row.paid))
                .into_column(),
            Int64Chunked::from_iter_values(orders::REFUND_AMOUNT.into(), rows.iter().map(|row| row.refund))
                .into_column(),
            Int32Chunked::from_iter_values(orders::ORDERED_ON.into(), rows.iter().map(|row| row.day))
                .into_date()
                .into_column(),
        ];
        let frame = DataFrame::new(rows.len(), columns).expect("a frame");
        let as_of = Day::new(100);
        for first_day in [Day::BEFORE_ALL, Day::new(91)] {
            for (last_day, include_zero_orders) in [(as_of, false), (as_of, true), (Day::AFTER_ALL, false)] {
                let valid = ValidOrder { first_day, last_day, include_zero_orders };
                let condition = OrdersWhere::parse(&valid.sql()).expect("a condition");
                let marks = condition.marks(&frame, &Orders::default(), &[], as_of).expect("marks");
                let found: Vec<bool> = marks.iter().map(|mark| mark == Some(true)).collect();
                let wanted: Vec<bool> = rows.iter().map(|row| valid.matches(row)).collect();
                assert!(wanted.contains(&true));
                assert_eq!(found, wanted, "{}", valid.sql());
            }
        }
    }
}

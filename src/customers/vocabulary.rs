//! Conditions on people and on orders, and the names that can be used in them.

use polars::prelude::*;

use super::filter::{Call, Condition, Named, Sorting, Vocabulary};
use super::{Ground, Table, Wished, calls, columns};
use crate::customers::order_columns::{self, OrderColumns};
use crate::error::Result;
use crate::schema::{Day, Holds, Orders, Wants};

/// The names before any file is read: the declared columns, and possibly further ones of customer lists.
fn vocabulary(may_be_further: bool) -> Vocabulary {
    let own = of(std::iter::empty(), &[]);
    if may_be_further { own.open() } else { own }
}

/// The names after reading, with the columns of the files.
fn closed(ground: &Ground<'_>) -> Vocabulary {
    of(ground.further().into_iter(), &ground.order_headers)
}

fn of(further: impl Iterator<Item = (String, Holds)>, order_headers: &[String]) -> Vocabulary {
    let own = columns().map(|spec| (spec.name.to_owned(), Holds::from(spec.kind)));
    Vocabulary::of(own.chain(further)).with_functions(of_orders(order_headers))
}

/// The columns of orders with the types of their values.
fn of_orders(further: &[String]) -> impl Iterator<Item = (String, Holds)> {
    let known = order_columns::known().into_iter().map(|(name, holds)| (name.to_owned(), holds));
    known.chain(further.iter().map(|header| (header.clone(), Holds::Text)))
}

/// A condition on the columns of orders, which chooses orders.
#[derive(Debug, Clone)]
pub struct OrdersWhere(Condition);

impl OrdersWhere {
    /// Parses a condition before any file is read. An unknown name may be a header of a file.
    ///
    /// # Errors
    /// Wrong usage, with a mark at the place.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(Self(Condition::parse(text, &Vocabulary::of(of_orders(&[])).open())?))
    }

    /// The condition as it was written.
    pub fn text(&self) -> &str {
        self.0.asked().text()
    }

    /// Adds what the condition needs to what is read of orders.
    pub fn want(&self, wants: &mut Wants) {
        order_columns::want(self.0.asked().columns(), wants);
    }

    /// Keeps the orders for which the condition is true, and returns the number of rows of the others. `headers` are
    /// those of the files of orders.
    ///
    /// # Errors
    /// Wrong usage if a name is no column of the files either.
    pub fn keep(&self, orders: &mut Orders, headers: &[String], as_of: Day) -> Result<u64> {
        let condition = self.closed(headers)?;
        let mut parts = std::mem::take(&mut orders.parts);
        let columns = condition.columns(orders)?;
        let gone = parts.keep_marked(|part| condition.0.keeps(&columns.of(part)?, as_of))?;
        orders.parts = parts;
        Ok(gone)
    }

    /// For each of the given rows of the orders table whether the condition is true.
    ///
    /// # Errors
    /// The errors of [`Self::keep`].
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

    /// The condition with all names resolved, including those of the files.
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

/// A condition on the columns of the customer table, which chooses people.
#[derive(Debug, Clone)]
pub struct Where(Condition);

/// A sort order of people.
#[derive(Debug, Clone)]
pub struct OrderBy(Sorting);

impl Where {
    /// Parses a condition before any file is read. With `may_be_further`, an unknown name may be a column of a customer
    /// list.
    ///
    /// # Errors
    /// Wrong usage, with a mark at the place.
    pub fn parse(text: &str, may_be_further: bool) -> Result<Self> {
        Ok(Self(Condition::parse(text, &vocabulary(may_be_further))?))
    }

    /// The condition as it was written.
    pub fn text(&self) -> &str {
        self.0.asked().text()
    }

    /// The columns and calls that it asks for.
    pub fn wished(&self) -> Wished {
        Wished::by(self.0.asked())
    }

    /// What must be read for it.
    pub fn wants(&self) -> Wants {
        self.wished().wants()
    }

    /// The names of its columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.asked().columns()
    }

    /// Its calls of functions about the data.
    pub fn calls(&self) -> &[Call] {
        self.0.asked().calls()
    }

    /// The condition as SQL for an engine, which chooses the same people.
    ///
    /// # Errors
    /// Wrong usage, naming what is not supported on engines.
    pub fn sql(&self, named: &dyn Named) -> Result<String> {
        self.0.sql(named)
    }

    /// Whether it uses a column.
    pub fn names_column(&self, name: &str) -> bool {
        self.0.asked().columns().any(|column| column == name)
    }

    /// The tags that it asks for.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.0.asked().calls().iter().filter_map(calls::tag)
    }

    /// The tags that it asks for, each behind the name of the column that answers the call.
    pub fn tag_columns(&self) -> impl Iterator<Item = (String, &str)> {
        self.0.asked().calls().iter().filter_map(|call| Some((call.to_string(), calls::tag(call)?)))
    }

    /// Checks the names that only the files can resolve.
    ///
    /// # Errors
    /// Wrong usage if a name is no column of the files either.
    pub fn check(&self, ground: &Ground<'_>) -> Result<()> {
        let asked = self.0.asked();
        match asked.is_open() {
            true => Condition::parse(asked.text(), &closed(ground)).map(drop),
            false => Ok(()),
        }
    }

    /// For each row of the table, which has all columns that the condition asks for, whether it is true.
    ///
    /// # Errors
    /// Wrong usage if a name is no column of the files either; the errors of [`Ground::require`].
    pub fn keeps(&self, ground: &Ground<'_>, table: &Table) -> Result<BooleanChunked> {
        let asked = self.0.asked();
        ground.require(asked.columns())?;
        let again = asked.is_open().then(|| Condition::parse(asked.text(), &closed(ground))).transpose()?;
        again.as_ref().unwrap_or(&self.0).keeps(&table.frame, ground.as_of())
    }

    /// For each person, by code, whether the condition is true.
    ///
    /// # Errors
    /// The errors of [`Self::keeps`].
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
    /// Parses a sort order, as [`Where::parse`] does a condition.
    ///
    /// # Errors
    /// Wrong usage, with a mark at the place.
    pub fn parse(text: &str, may_be_further: bool) -> Result<Self> {
        Ok(Self(Sorting::parse(text, &vocabulary(may_be_further))?))
    }

    /// The order as it was written.
    pub fn text(&self) -> &str {
        self.0.asked().text()
    }

    /// The columns and calls that it asks for.
    pub fn wished(&self) -> Wished {
        Wished::by(self.0.asked())
    }

    /// The names of its columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.asked().columns()
    }

    /// Its calls of functions about the data.
    pub fn calls(&self) -> &[Call] {
        self.0.asked().calls()
    }

    /// The rows of a table in this order, where the order has no unresolved names. Equal rows keep their order.
    ///
    /// # Errors
    /// Wrong usage if a calculation overflows; an internal error if a name can only be resolved by the files.
    pub fn order_closed(&self, table: &Table, as_of: Day) -> Result<IdxCa> {
        self.0.order(&table.frame, as_of)
    }

    /// The rows of the table of the ground's people, sorted in this order. Equal rows keep their order.
    ///
    /// # Errors
    /// The errors of [`Where::keeps`].
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

    /// The frame has statuses 0 to 7, and amounts and days on both sides of each limit of the rule.
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

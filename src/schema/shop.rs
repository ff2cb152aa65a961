//! The canonical tables of a shop, as questions see them.

use std::collections::BTreeMap;

use polars::prelude::PolarsResult;

use super::coded::CodedFrame;
use super::table::{Cells, DayKind};
use crate::schema::{Corrections, CustomerCode, Customers, Day, Events, Orders, Sends, Table};

/// The tables that were read.
#[derive(Debug, Clone, Copy)]
pub struct Shop<'a> {
    /// The orders; empty if no file holds any.
    pub orders: &'a Orders,
    /// Whether a file of orders was read.
    pub has_orders: bool,
    /// Whether any file has a column of coupons, so that an order with a blank coupon used none.
    pub names_coupons: bool,
    /// The other tables.
    pub frames: &'a Frames,
    /// Sources of customers that a person corrected by hand.
    pub corrections: Option<&'a Corrections>,
}

impl<'a> Shop<'a> {
    /// What customers did.
    pub fn events(&self) -> Option<&'a Events> {
        self.frames.events.as_ref()
    }

    /// What the exports say about customers beside their orders.
    pub fn customers(&self) -> Option<&'a Customers> {
        self.frames.customers.as_ref()
    }

    /// The messages sent to customers.
    pub fn sends(&self) -> Option<&'a Sends> {
        self.frames.sends.as_ref()
    }

    /// A table other than the orders.
    pub fn table(&self, table: Table) -> Option<&'a CodedFrame> {
        self.frames.get(table)
    }
}

/// The tables of customers and moments that were asked for and that any file holds.
#[derive(Debug, Clone, Default)]
pub struct Frames {
    /// What customers did.
    pub events: Option<Events>,
    /// What is known of customers beside their orders.
    pub customers: Option<Customers>,
    /// Which messages they were sent.
    pub sends: Option<Sends>,
    /// Tables without a type of their own: questions use their columns.
    others: BTreeMap<Table, CodedFrame>,
}

impl Frames {
    /// Adds a table.
    pub fn insert(&mut self, table: Table, frame: CodedFrame) {
        match table {
            Table::Customers => self.customers = Some(Customers::new(frame)),
            Table::Events => self.events = Some(Events::new(frame)),
            Table::Sends => self.sends = Some(Sends::new(frame)),
            _ => drop(self.others.insert(table, frame)),
        }
    }

    /// The frame of a table.
    pub fn get(&self, table: Table) -> Option<&CodedFrame> {
        match table {
            Table::Customers => self.customers.as_ref().map(Customers::table),
            Table::Events => self.events.as_ref().map(Events::table),
            Table::Sends => self.sends.as_ref().map(Sends::table),
            _ => self.others.get(&table),
        }
    }

    fn get_mut(&mut self, table: Table) -> Option<&mut CodedFrame> {
        match table {
            Table::Customers => self.customers.as_mut().map(Customers::table_mut),
            Table::Events => self.events.as_mut().map(Events::table_mut),
            Table::Sends => self.sends.as_mut().map(Sends::table_mut),
            _ => self.others.get_mut(&table),
        }
    }

    /// Each table that exists.
    pub fn iter(&self) -> impl Iterator<Item = (Table, &CodedFrame)> {
        Table::ALL.iter().filter_map(|table| Some((*table, self.get(*table)?)))
    }

    /// The latest day of the first table that ends at the as-of day and has any day.
    pub fn latest(&self) -> Option<Day> {
        self.iter().find_map(|(table, frame)| {
            let is_told = |day: DayKind| day != DayKind::Private;
            frame.latest(columns(table, is_told).into_iter().filter(|_| table.declaration().ends_at_as_of))
        })
    }

    /// Removes rows later than `day` from the tables that end at the as-of day: customers who registered later, and
    /// later moments. Returns from how many rows of the inputs they came.
    ///
    /// # Errors
    /// Those of polars.
    pub fn leave_out_later(&mut self, day: Day) -> PolarsResult<u64> {
        let mut gone = 0;
        for table in Table::ALL.iter().filter(|table| table.declaration().ends_at_as_of) {
            let Some(frame) = self.get_mut(*table) else { continue };
            for column in columns(*table, |day| matches!(day, DayKind::OfRow | DayKind::Since)) {
                gone += frame.leave_out_later(column, day)?;
            }
        }
        Ok(gone)
    }

    /// Keeps the rows of customers for whom `is_kept` is true, and returns from how many rows of the inputs the others
    /// came.
    ///
    /// # Errors
    /// Those of polars.
    pub fn keep_customers(&mut self, is_kept: impl Fn(CustomerCode) -> bool) -> PolarsResult<u64> {
        let mut gone = 0;
        for table in Table::ALL {
            gone += self.get_mut(*table).map_or(Ok(0), |frame| frame.keep_customers(&is_kept))?;
        }
        Ok(gone)
    }

    /// Drops all tables for which `is_kept` is false.
    pub fn keep_tables(&mut self, is_kept: impl Fn(Table) -> bool) {
        self.events = self.events.take().filter(|_| is_kept(Table::Events));
        self.customers = self.customers.take().filter(|_| is_kept(Table::Customers));
        self.sends = self.sends.take().filter(|_| is_kept(Table::Sends));
        self.others.retain(|table, _| is_kept(*table));
    }
}

/// The names of a table's day columns of the wanted kinds.
fn columns(table: Table, is_wanted: impl Fn(DayKind) -> bool) -> Vec<&'static str> {
    let columns = table.declaration().columns.iter();
    let wanted = columns.filter(|column| matches!(column.holds, Cells::Day(day) if is_wanted(day)));
    wanted.map(|column| column.name).collect()
}

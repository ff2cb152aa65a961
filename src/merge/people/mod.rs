//! Turns the rows of files into the frames of the canonical tables. Their customers have the same numbers as those of
//! the orders.
//! What a table's columns hold, and whether its rows are customers or moments, is declared
//! ([`crate::schema::declared`]); nothing here knows a table by its name.

mod attributes;
mod further;
mod moments;
mod narrow;
mod order;
mod values;

use std::collections::{BTreeMap, HashMap};

use crate::error::Result;
use crate::locale::Remark;
use crate::parse::orders::Aliases;
use crate::parse::tables::TableRows;
use crate::rows::key_table::KeyTable;
use crate::schema::coded::CodedFrame;
use crate::schema::table::{CUSTOMER, Declaration, Rows};
use crate::schema::{CustomerIds, Key, Table, names};
use order::Order;
use values::Read;

/// Numbers the customers of all tables, continuing the numbers of the orders' customers.
pub struct People<'a> {
    ids: &'a mut CustomerIds,
    aliases: &'a Aliases,
}

impl<'a> People<'a> {
    /// Starts with the customers of the orders.
    pub fn new(ids: &'a mut CustomerIds, aliases: &'a Aliases) -> Self {
        Self { ids, aliases }
    }

    /// The frame of a table from the rows of all its files, which are used up, and remarks on its columns; none where
    /// no file is of this table. Beside the declared columns the frame has `customer` and, in a table of customers,
    /// `row_count` (u32: how many rows say something of the customer). A value is null where no row says it. A table of
    /// customers has only the columns that some input has, a table of moments all declared ones.
    ///
    /// # Errors
    /// Those of polars.
    pub fn frame(
        &mut self,
        table: Table,
        tables: &mut [TableRows],
    ) -> Result<Option<(CodedFrame, Vec<Remark>)>> {
        let declaration = table.declaration();
        let mut files: Vec<&mut TableRows> =
            tables.iter_mut().filter(|rows| rows.table == Some(table)).collect();
        if files.is_empty() {
            return Ok(None);
        }
        match declaration.rows {
            Rows::OfCustomers => self.of_customers(declaration, &mut files),
            _ => Ok((moments::frame(self.ids, self.aliases, declaration, &mut files)?, Vec::new())),
        }
        .map(Some)
    }

    fn of_customers(
        &mut self,
        declaration: &Declaration,
        files: &mut [&mut TableRows],
    ) -> Result<(CodedFrame, Vec<Remark>)> {
        let (read, regions) = values::read(declaration, files);
        let (further, notes) = match declaration.keeps_further {
            true => further::read(declaration, files),
            false => Default::default(),
        };
        let customers = self.codes(files);
        let order = Order::of_customers(&customers);
        let mut columns = vec![order.numbers(CUSTOMER, |row| Some(customers[row]))];
        drop(customers);
        columns.push(order.counts(names::ROW_COUNT));
        let mut words = BTreeMap::new();
        for Read { name, values, words: own, .. } in read {
            words.extend(own.map(|own| (name, own)));
            columns.extend(values.map(|values| values.column(name, &order)));
        }
        let headers: Vec<String> = further.iter().map(|(name, _)| name.clone()).collect();
        columns.extend(further.into_iter().map(|(name, texts)| order.typed(&name, |row| texts.get(row))));
        let frame = CodedFrame::new(order.len(), columns, words)?;
        Ok((frame.with_regions(regions).with_further(headers), notes))
    }

    /// The code of the customer of each row; new customers get the next codes.
    fn codes(&mut self, files: &mut [&mut TableRows]) -> Vec<u32> {
        let rows = files.iter().map(|file| file.row_count as usize).sum::<usize>();
        // A list has about as many customers as rows.
        let mut table = KeyTable::with_capacity(self.ids.len() + rows);
        for key in self.ids.keys() {
            // Every key is there once, so that its number is its code.
            let _ = table.insert(*key);
        }
        let mut codes = Vec::with_capacity(rows);
        for file in files {
            for key in std::mem::take(&mut file.customers) {
                codes.push(self.number(key, &mut table, &file.details.long));
            }
        }
        codes
    }

    fn number(&mut self, key: Key, table: &mut KeyTable, long: &HashMap<Key, Box<str>>) -> u32 {
        let key = self.aliases.resolve(key);
        match table.insert(key) {
            Err(known) => known,
            Ok(new) => {
                let text = long.get(&key).cloned();
                self.ids.push(key, text.or_else(|| self.aliases.text(key)));
                new
            }
        }
    }
}

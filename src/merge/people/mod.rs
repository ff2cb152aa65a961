//! From the rows of files to the frames of the canonical tables, whose customers are numbered with those of the orders.
//!
//! What a table's columns hold, and whether its rows are customers or moments, is declared
//! ([`crate::schema::declared`]); nothing here knows a table by its name.

mod attributes;
mod further;
mod order;
mod values;

use std::collections::{BTreeMap, HashMap};

use polars::prelude::*;

use crate::error::Result;
use crate::locale::Remark;
use crate::parse::orders::Aliases;
use crate::parse::tables::TableRows;
use crate::rows::dictionary::UNKNOWN;
use crate::rows::key_table::KeyTable;
use crate::schema::coded::CodedFrame;
use crate::schema::table::{CUSTOMER, Declaration, Rows};
use crate::schema::{CustomerIds, Key, Table, names};
use order::Order;
use values::Read;

/// Gives the customers of all tables numbers beside those that the orders' customers have.
pub struct People<'a> {
    ids: &'a mut CustomerIds,
    table: KeyTable,
    aliases: &'a Aliases,
}

impl<'a> People<'a> {
    /// Begins with the orders' customers, with room for about so many others before it must grow.
    pub fn new(ids: &'a mut CustomerIds, aliases: &'a Aliases, others: usize) -> Self {
        let mut table = KeyTable::with_capacity(ids.len() + others);
        for key in ids.keys() {
            // Every key is there once, so that its number is its code.
            let _ = table.insert(*key);
        }
        Self { ids, table, aliases }
    }

    /// The rows of all files of a table, which are used up, and what the user should know of their columns; none
    /// without such a file. Beside the declared columns there are `customer` and, in a table of customers, `row_count`
    /// (u32: the rows that say something of the customer). A value is null where nothing is said. A table of customers
    /// has the columns that any input has, a table of moments all of them.
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
        let (read, regions) = values::read(declaration, &mut files);
        let (further, notes) = match declaration.keeps_further {
            true => further::read(declaration, &mut files),
            false => Default::default(),
        };
        let customers = self.codes(&mut files, |row| is_whole(declaration, &read, row));
        let of_customers = declaration.rows == Rows::OfCustomers;
        let order = match of_customers {
            true => Order::of_customers(&customers),
            false => Order::of_moments(&customers, &read),
        };
        let mut columns = vec![order.numbers(CUSTOMER, |row| Some(customers[row]))];
        drop(customers);
        columns.extend(order.counts().map(|counts| counts.with_name(names::ROW_COUNT.into())));
        let mut words = BTreeMap::new();
        for Read { name, values, words: own, data_type, .. } in read {
            words.extend(own.map(|own| (name, own)));
            match values {
                Some(values) => columns.push(values.column(name, &order)),
                None if of_customers => {}
                None => columns.push(Column::full_null(name.into(), order.len(), &data_type)),
            }
        }
        let headers: Vec<String> = further.iter().map(|(name, _)| name.clone()).collect();
        columns.extend(further.into_iter().map(|(name, texts)| order.typed(&name, |row| texts.get(row))));
        let frame = CodedFrame::new(order.len(), columns, words)?;
        Ok(Some((frame.with_regions(regions).with_further(headers), notes)))
    }

    /// The code of each row's customer; [`UNKNOWN`] for rows that are not whole.
    fn codes(&mut self, files: &mut [&mut TableRows], is_whole: impl Fn(usize) -> bool) -> Vec<u32> {
        let mut codes = Vec::with_capacity(files.iter().map(|file| file.row_count as usize).sum());
        for file in files {
            for key in std::mem::take(&mut file.customers) {
                let is_whole = is_whole(codes.len());
                codes.push(if is_whole { self.number(key, &file.details.long) } else { UNKNOWN });
            }
        }
        codes
    }

    fn number(&mut self, key: Key, long: &HashMap<Key, Box<str>>) -> u32 {
        let key = self.aliases.resolve(key);
        match self.table.insert(key) {
            Err(known) => known,
            Ok(new) => {
                let text = long.get(&key).cloned();
                self.ids.push(key, text.or_else(|| self.aliases.text(key)));
                new
            }
        }
    }
}

/// Whether a row says what it must, as rows of stores that earlier versions filled need not.
fn is_whole(declaration: &Declaration, read: &[Read], row: usize) -> bool {
    let is_needed = |read: &&Read| read.field.is_some_and(|field| declaration.needed().any(|of| of == field));
    read.iter().filter(is_needed).all(|read| read.values.as_ref().is_some_and(|values| values.has(row)))
}

//! Partitions rows of moments by customer, so that the work on each customer stays in cache.

use std::mem::take;

use rayon::prelude::*;

use crate::parse::tables::TableRows;
use crate::parse::tables::details::Renumbered;
use crate::rows::dictionary::UNKNOWN;
use crate::rows::partition::{Columns, Grouped};
use crate::schema::table::Declaration;
use crate::schema::{Field, Key, day};

impl TableRows {
    /// Partitions the rows of a block by customer. The columns are those of orders: `created_on` is the day of the
    /// moment, `status` the kind, and `texts` has, for each field that the table declares as words, the numbers of
    /// these words.
    pub(super) fn group(&mut self, declaration: &Declaration) {
        let columns = self.take_columns(declaration);
        if !columns.customer.is_empty() {
            self.groups.push(columns.by_customer().0);
        }
    }

    /// Takes the rows out in partitions, block by block, whether they come from a file or a store. Rows without a
    /// required value are left out; a store filled by an earlier version may have some.
    pub fn take_groups(&mut self, declaration: &Declaration) -> Vec<Grouped> {
        const ROWS_AT_ONCE: usize = 1 << 16;
        let mut groups = take(&mut self.groups);
        let columns = self.take_columns(declaration);
        let rows = columns.customer.len();
        let starts: Vec<usize> = (0..rows).step_by(ROWS_AT_ONCE).collect();
        let of_part = |start: &usize| {
            let mut part = Columns::default();
            part.append(&columns, *start..(start + ROWS_AT_ONCE).min(rows));
            part.by_customer().0
        };
        groups.par_extend(starts.par_iter().map(of_part));
        groups
    }

    /// Takes the columns out, without rows that lack a required value.
    fn take_columns(&mut self, declaration: &Declaration) -> Columns {
        let rows = self.customers.len();
        let moment = declaration.moment();
        let mut numbers =
            |field: Field| self.details.texts.get_mut(&field).map(|texts| take(&mut texts.numbers));
        let columns = Columns {
            texts: declaration.word_fields().map(|field| numbers(field).unwrap_or_default()).collect(),
            customer: take(&mut self.customers),
            created_on: moment.and_then(|field| self.days.remove(&field)).unwrap_or_default(),
            second: take(&mut self.details.seconds),
            status: take(&mut self.kinds).into_iter().map(|kind| kind as u8).collect(),
            region: take(&mut self.details.regions),
            ..Columns::default()
        };
        let lacks_any = (moment.is_some() && columns.created_on.len() < rows)
            || (declaration.needed().any(|field| field == Field::Kind) && columns.status.len() < rows);
        if lacks_any {
            return Columns::default();
        }
        match columns.created_on.contains(&day::MISSING) {
            true => {
                let is_dated = |row: &u32| columns.created_on[*row as usize] != day::MISSING;
                columns.gathered(&(0..rows as u32).filter(is_dated).collect::<Vec<_>>())
            }
            false => columns,
        }
    }

    /// Appends the partitions of the next block, after giving its words and regions their new numbers.
    pub(super) fn append_groups(&mut self, mut groups: Vec<Grouped>, new: &Renumbered) {
        fn renumber(numbers: &mut [u32], new: Option<&Vec<u32>>) {
            let Some(new) = new.filter(|new| (0..).zip(*new).any(|(old, new)| old != *new)) else { return };
            let known = numbers.iter_mut().filter(|number| **number != UNKNOWN);
            known.for_each(|number| *number = new.get(*number as usize).copied().unwrap_or(UNKNOWN));
        }
        let declaration = self.table.unwrap_or_default().declaration();
        for columns in groups.iter_mut().flatten().map(|group| &mut group.columns) {
            for (field, numbers) in declaration.word_fields().zip(&mut columns.texts) {
                renumber(numbers, new.texts.get(&field));
            }
            renumber(&mut columns.region, Some(&new.regions));
        }
        self.groups.append(&mut groups);
    }

    /// The days of a field, for rows in columns, rows in partitions, and events that were passed over.
    pub fn days_of(&self, field: Field) -> impl Iterator<Item = i32> {
        let is_moment = self.table.is_some_and(|table| table.declaration().moment() == Some(field));
        let in_columns = self.days.get(&field).into_iter().flatten();
        let groups = self.groups.iter().flatten().filter(move |_| is_moment);
        let passed_over = Some(&self.passed_over).filter(|_| is_moment).into_iter();
        let in_groups = groups.flat_map(|group| &group.columns.created_on);
        in_columns.chain(in_groups).copied().chain(passed_over.flat_map(|counts| counts.days()))
    }

    /// The days of a field, to be changed. Events that were passed over are not included: rows are passed over only in
    /// a file whose dates begin with the year, whose days never need changing, and the days of a store are final.
    pub fn days_of_mut(&mut self, field: Field) -> impl Iterator<Item = &mut i32> {
        let is_moment = self.table.is_some_and(|table| table.declaration().moment() == Some(field));
        let in_columns = self.days.get_mut(&field).into_iter().flatten();
        let groups = self.groups.iter_mut().flatten().filter(move |_| is_moment);
        in_columns.chain(groups.flat_map(|group| &mut group.columns.created_on))
    }

    /// The customers of all rows, part by part.
    pub fn customer_parts(&self) -> impl Iterator<Item = &[Key]> {
        let in_groups = self.groups.iter().flatten().map(|group| group.columns.customer.as_slice());
        let passed_over = self.passed_over_customers.iter().map(Vec::as_slice);
        std::iter::once(self.customers.as_slice()).chain(in_groups).chain(passed_over)
    }
}

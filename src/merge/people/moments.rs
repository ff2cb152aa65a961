//! Builds tables of moments partition by partition: the customers of a partition are numbered and their moments sorted
//! while both stay in cache.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::mem::take;

use polars::prelude::*;
use rayon::prelude::*;

use super::narrow::{Narrow, Source};
use super::values::{self, Read};
use crate::error::Result;
use crate::parse::orders::Aliases;
use crate::parse::tables::TableRows;
use crate::rows::key_table::KeyTable;
use crate::rows::partition::{
    Columns, GROUP_SIZE, GROUPS, Group, Grouped, PARTITIONS, bounds, partition, partition_order, partitions,
};
use crate::schema::coded::CodedFrame;
use crate::schema::table::{CUSTOMER, Declaration};
use crate::schema::{CustomerCode, CustomerIds, Key};

/// The rows of all files of a table of moments, which are used up, sorted by customer and then by the values of the
/// columns from the first to the last; the first column is the day. New customers get the numbers behind those that
/// `ids` already has.
///
/// # Errors
/// Those of polars.
pub fn frame(
    ids: &mut CustomerIds,
    aliases: &Aliases,
    declaration: &Declaration,
    files: &mut [&mut TableRows],
) -> Result<CodedFrame> {
    let (read, regions) = values::sources(declaration, files);
    let mut blocks: Vec<(usize, Grouped)> = Vec::new();
    for (file, rows) in files.iter_mut().enumerate() {
        let groups = rows.take_groups(declaration);
        blocks.par_extend(groups.into_par_iter().map(|groups| (file, resolved(groups, aliases))));
    }
    let known = Known::new(ids);
    let mut pieces: Vec<Piece> = Vec::with_capacity(PARTITIONS);
    for group in 0..GROUPS {
        // The rows are moved out of the blocks, so that their memory is free again when the next group is built.
        let rows = blocks.iter_mut().filter_map(|(file, groups)| Some((*file, take(groups.get_mut(group)?))));
        let rows: Vec<(usize, Group)> = rows.collect();
        let of_group = (0..GROUP_SIZE).into_par_iter().with_max_len(1);
        pieces
            .par_extend(of_group.map(|within| Piece::new(&rows, group * GROUP_SIZE + within, &known, &read)));
    }
    let text = |key: Key| files.iter().find_map(|file| file.details.long.get(&key).cloned());
    for piece in &mut pieces {
        piece.base = ids.len() as u32;
        for key in take(&mut piece.new) {
            let text = if key.is_hash() { text(key).or_else(|| aliases.text(key)) } else { None };
            ids.push(key, text);
        }
    }
    Whole::of(pieces).in_order().frame(read).map(|frame| frame.with_regions(regions))
}

/// The rows of a block with the aliases of their customers resolved, partitioned again where that changes any key.
fn resolved(groups: Grouped, aliases: &Aliases) -> Grouped {
    let mut keys = groups.iter().flat_map(|group| &group.columns.customer);
    if aliases.is_empty() || keys.all(|key| aliases.resolve(*key) == *key) {
        return groups;
    }
    let mut all = Columns::default();
    groups.iter().for_each(|group| all.append(&group.columns, 0..group.columns.customer.len()));
    all.customer.iter_mut().for_each(|key| *key = aliases.resolve(*key));
    all.by_customer().0
}

/// The customers that already have a number, by partition.
struct Known {
    keys: Vec<Key>,
    codes: Vec<u32>,
    starts: Vec<u32>,
}

impl Known {
    fn new(ids: &CustomerIds) -> Self {
        let (codes, starts) = partition_order(&partitions(ids.keys()));
        Self { keys: codes.iter().map(|code| ids.key(CustomerCode::new(*code))).collect(), codes, starts }
    }

    /// The keys of a partition and their codes.
    fn of(&self, partition: usize) -> (&[Key], &[u32]) {
        let place = bounds(&self.starts, partition);
        (&self.keys[place.clone()], &self.codes[place])
    }
}

/// The rows of one partition from all blocks, sorted.
struct Piece {
    /// The codes of those of the piece's customers that already have one. In the piece they have the numbers from 0;
    /// the new ones follow.
    codes: Vec<u32>,
    /// The keys of the new customers.
    new: Vec<Key>,
    /// The code of the first new customer.
    base: u32,
    /// The customer of each row, as its number in the piece.
    customers: Vec<u32>,
    /// One entry for each column that is read; none for a column that no file has.
    columns: Vec<Option<Narrow>>,
}

impl Piece {
    fn new(rows: &[(usize, Group)], number: usize, known: &Known, read: &[Read<Source>]) -> Self {
        let within = number % GROUP_SIZE;
        let count = rows.iter().map(|(_, group)| group.rows(within).len()).sum();
        let (keys, codes) = known.of(number);
        // Most people do more than a few things; a small table stays in the nearest cache.
        const MOMENTS_EACH: usize = 4;
        let mut table =
            KeyTable::with_capacity(if count == 0 { 0 } else { keys.len() + count / MOMENTS_EACH });
        if count > 0 {
            for key in keys {
                // Every key is there once, so that its number is its place.
                let _ = table.insert(*key);
            }
        }
        let mut customers = Vec::with_capacity(count);
        for (_, group) in rows {
            let keys = &group.columns.customer[group.rows(within)];
            debug_assert!(keys.iter().all(|key| partition(*key) == number));
            customers.extend(keys.iter().map(|key| table.insert(*key).unwrap_or_else(|known| known)));
        }
        let columns: Vec<Option<Narrow>> = read
            .iter()
            .map(|read| {
                let mut values = read.values.as_ref()?.empty(count);
                for (file, group) in rows {
                    read.values.as_ref()?.read(*file, &group.columns, group.rows(within), &mut values);
                }
                Some(values)
            })
            .collect();
        let mut new = table.into_keys();
        new.drain(..keys.len().min(new.len()));
        let codes = if count == 0 { Vec::new() } else { codes.to_vec() };
        let order = order(&customers, codes.len() + new.len(), &columns);
        Self {
            codes,
            new,
            base: 0,
            customers: order.iter().map(|row| customers[*row as usize]).collect(),
            columns: columns.into_iter().map(|values| Some(values?.gathered(&order))).collect(),
        }
    }
}

/// The row numbers, sorted by customer and then by the columns. There are `count` customers.
fn order(customers: &[u32], count: usize, columns: &[Option<Narrow>]) -> Vec<u32> {
    let columns: Vec<&Narrow> = columns.iter().flatten().collect();
    // The day and the second, packed into one number, nearly always decide; then no other memory is read.
    let (leading, others) = match columns.as_slice() {
        [Narrow::Days(days, _), Narrow::Days(seconds, _), others @ ..] => {
            ((Some(days), Some(seconds)), others)
        }
        [Narrow::Days(days, _), others @ ..] => ((Some(days), None), others),
        others => ((None, None), others),
    };
    let biased = |values: Option<&Vec<i32>>, row: usize| {
        u64::from(values.map_or(0, |values| values[row] as u32 ^ 1 << (u32::BITS - 1)))
    };
    let mut next = vec![0_u32; count + 1];
    customers.iter().for_each(|customer| next[*customer as usize + 1] += 1);
    for customer in 0..count {
        next[customer + 1] += next[customer];
    }
    // After the loop each entry is the end of its customer's rows.
    let mut keyed = vec![(0_u64, 0_u32); customers.len()];
    for (row, customer) in customers.iter().enumerate() {
        let place = &mut next[*customer as usize];
        let key = biased(leading.0, row) << u32::BITS | biased(leading.1, row);
        keyed[*place as usize] = (key, row as u32);
        *place += 1;
    }
    let by_columns = |a: u32, b: u32| {
        let mut order = others.iter().map(|values| values.compare(a as usize, b as usize));
        order.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    };
    let mut start = 0;
    for end in &next[..count] {
        let own = &mut keyed[start..*end as usize];
        own.sort_unstable_by(|(key, row), (other_key, other)| {
            key.cmp(other_key).then_with(|| by_columns(*row, *other)).then(row.cmp(other))
        });
        start = *end as usize;
    }
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// The rows of all pieces behind each other.
struct Whole {
    /// The code of each row's customer; the rows of one customer stand together.
    customers: Vec<u32>,
    columns: Vec<Option<Narrow>>,
}

impl Whole {
    fn of(mut pieces: Vec<Piece>) -> Self {
        let total = pieces.iter().map(|piece| piece.customers.len()).sum();
        let column_count = pieces.first().map_or(0, |piece| piece.columns.len());
        let mut parts: Vec<Vec<Option<Narrow>>> = (0..column_count)
            .map(|column| pieces.iter_mut().map(|piece| piece.columns[column].take()).collect())
            .collect();
        let codes = || {
            let mut codes = Vec::with_capacity(total);
            for piece in pieces {
                let known = piece.codes.len() as u32;
                codes.extend(piece.customers.iter().map(
                    |customer| match piece.codes.get(*customer as usize) {
                        Some(code) => *code,
                        None => piece.base + customer - known,
                    },
                ));
            }
            codes
        };
        let (customers, columns) = rayon::join(codes, || {
            let join = |parts: &mut Vec<Option<Narrow>>| {
                let append = |mut all: Narrow, part| {
                    all.append(part, total);
                    all
                };
                take(parts).into_iter().flatten().reduce(append)
            };
            parts.par_iter_mut().map(join).collect()
        });
        Self { customers, columns }
    }

    /// Sorts the rows by the code of their customer. They are not sorted yet where some customers had a code before.
    fn in_order(self) -> Self {
        if self.customers.is_sorted() {
            return self;
        }
        let mut runs: Vec<(u32, u32, u32)> = Vec::new();
        let mut start = 0;
        for run in self.customers.chunk_by(|a, b| a == b) {
            runs.push((run[0], start, start + run.len() as u32));
            start += run.len() as u32;
        }
        runs.par_sort_unstable();
        let rows: Vec<u32> = runs.iter().flat_map(|(_, start, end)| *start..*end).collect();
        let columns = self.columns.into_par_iter().map(|values| Some(values?.gathered(&rows))).collect();
        Self { customers: rows.iter().map(|row| self.customers[*row as usize]).collect(), columns }
    }

    fn frame(self, read: Vec<Read<Source>>) -> Result<CodedFrame> {
        let height = self.customers.len();
        let mut columns = vec![UInt32Chunked::from_vec(CUSTOMER.into(), self.customers).into_column()];
        let mut words = BTreeMap::new();
        for (Read { name, words: own, data_type, .. }, values) in read.into_iter().zip(self.columns) {
            words.extend(own.map(|own| (name, own)));
            columns.push(match values {
                Some(values) => values.column(name),
                None => Column::full_null(name.into(), height, &data_type),
            });
        }
        Ok(CodedFrame::new(height, columns, words)?)
    }
}

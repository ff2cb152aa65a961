//! The items that orders hold: those in the orders' own rows, and those of files of items.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::merge::places::{product_key, product_says, renumbered};
use crate::parse::orders::Block;
use crate::rows::ItemRows;
use crate::rows::dictionary::{Dictionary, Numbering, shared, unify};
use crate::rows::partition::{bounds, partition_order, partitions};
use crate::schema::Key;
use crate::schema::items::{Line, NO_LINES, Product};
use crate::schema::money::{MISSING, Micros};

/// Numbers the products of all blocks and files together, puts the numbers into their items, and returns the products
/// by number.
pub fn number_products(blocks: &mut [Block], files: &mut [ItemRows]) -> Vec<Product> {
    let of_blocks = blocks.iter().map(|block| &block.extras.products);
    let dictionaries: Vec<&Dictionary<Arc<Product>>> =
        of_blocks.chain(files.iter().map(|file| &file.products)).collect();
    let (all, mut of_blocks) = shared(&dictionaries);
    let key = |product: &Arc<Product>| product_key(product);
    let Numbering { values, numbers } = unify(&[&all], key, |product| product_says(product));
    let numbers = numbers.first().map(Vec::as_slice).unwrap_or_default();
    let of_files = of_blocks.split_off(blocks.len());
    let renumber = |lines: &mut Vec<Line>, own: &[u32]| {
        lines.iter_mut().for_each(|line| line.product = renumbered(numbers, renumbered(own, line.product)));
    };
    blocks.par_iter_mut().zip(of_blocks).for_each(|(block, numbers)| {
        block.extras.products = Dictionary::default();
        renumber(&mut block.extras.lines, &numbers);
    });
    files.iter_mut().zip(of_files).for_each(|(file, numbers)| {
        file.products = Dictionary::default();
        renumber(&mut file.lines, &numbers);
    });
    values.iter().map(|product| Product::clone(product)).collect()
}

/// The items of all files of items, in partitions by order id.
#[derive(Debug, Default)]
pub struct FileLines {
    rows: Vec<(Key, u32, Line)>,
    /// The refund and the cost of each row; empty where no file has either.
    amounts: Vec<(Micros, Micros)>,
    /// The own id of each row; empty where no file has any.
    ids: Vec<Key>,
    starts: Vec<u32>,
    /// For each file whether its items have ids of their own.
    have_ids: Vec<bool>,
    /// Whether any file has costs of items.
    have_costs: bool,
    /// Whether their amounts are those of orders that have none of their own.
    give_amounts: bool,
}

/// An item of a file of items.
#[derive(Debug, Clone, Copy)]
pub struct FileLine {
    /// The id of the order.
    pub order: Key,
    /// The number of the file.
    pub file: u32,
    /// The item.
    pub line: Line,
    /// The part of its amount that was given back.
    pub refund: Micros,
    /// What it cost the shop; [`MISSING`] where the file does not say it.
    pub cost: Micros,
}

impl FileLines {
    /// `files` come in the order in which they were named. `give_amounts` says whether the amounts of items become those
    /// of orders that have none of their own.
    pub fn new(files: Vec<ItemRows>, give_amounts: bool) -> Self {
        let keys: Vec<Key> = files.iter().flat_map(|file| file.orders.iter().copied()).collect();
        let (order, starts) = partition_order(&partitions(&keys));
        let numbered = files.iter().zip(0..).flat_map(|(file, number)| {
            file.orders.iter().zip(&file.lines).map(move |(key, line)| (*key, number, *line))
        });
        let rows: Vec<(Key, u32, Line)> = numbered.collect();
        let have_ids: Vec<bool> = files.iter().map(|file| !file.ids.is_empty()).collect();
        let have_costs = files.iter().any(|file| !file.costs.is_empty());
        let have_refunds = files.iter().any(|file| !file.refunds.is_empty());
        let amounts = match have_costs || have_refunds {
            true => files.iter().flat_map(amounts_of).collect(),
            false => Vec::new(),
        };
        let ids = match have_ids.contains(&true) {
            true => files.iter().flat_map(ids_of).collect(),
            false => Vec::new(),
        };
        Self {
            rows: gathered(&rows, &order),
            amounts: gathered(&amounts, &order),
            ids: gathered(&ids, &order),
            starts,
            have_ids,
            have_costs,
            give_amounts,
        }
    }

    /// Whether no file has an item.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether the amounts of items become those of orders that have none of their own.
    pub fn give_amounts(&self) -> bool {
        self.give_amounts
    }

    /// Whether any file has costs of items.
    pub fn say_costs(&self) -> bool {
        self.have_costs
    }

    /// Whether the items of both files have ids of their own. An item then replaces the one with the same id in an
    /// earlier file; without ids a later file replaces all items that an order has.
    pub fn are_told_apart(&self, one: u32, other: u32) -> bool {
        [one, other].iter().all(|file| self.have_ids.get(*file as usize) == Some(&true))
    }

    /// The items of one partition of order ids, and how many were dropped because a later item has the same own id.
    pub fn partition(&self, partition: usize) -> (Vec<FileLine>, u64) {
        if self.rows.is_empty() {
            return (Vec::new(), 0);
        }
        let places = bounds(&self.starts, partition);
        let mut last: HashMap<Key, usize> = HashMap::new();
        let ids = || places.clone().filter_map(|place| Some((*self.ids.get(place)?, place)));
        last.extend(ids().filter(|(id, _)| id.is_usable()));
        let is_last = |place: &usize| match self.ids.get(*place).filter(|id| id.is_usable()) {
            Some(id) => last.get(id) == Some(place),
            None => true,
        };
        let line = |place: usize| {
            let (order, file, line) = self.rows[place];
            let (refund, cost) = self.amounts.get(place).copied().unwrap_or((Micros::ZERO, MISSING));
            FileLine { order, file, line, refund, cost }
        };
        let lines: Vec<FileLine> = places.clone().filter(is_last).map(line).collect();
        let replaced = (places.len() - lines.len()) as u64;
        (lines, replaced)
    }
}

/// The refund and the cost of each item of a file.
fn amounts_of(file: &ItemRows) -> impl Iterator<Item = (Micros, Micros)> {
    let of = |values: &[Micros], row: usize, missing: Micros| values.get(row).copied().unwrap_or(missing);
    (0..file.lines.len())
        .map(move |row| (of(&file.refunds, row, Micros::ZERO), of(&file.costs, row, MISSING)))
}

/// The own id of each item of a file.
fn ids_of(file: &ItemRows) -> impl Iterator<Item = Key> {
    (0..file.lines.len()).map(|row| file.ids.get(row).copied().unwrap_or(Key::NONE))
}

/// The values in the given order of rows; an empty column stays empty.
fn gathered<T: Copy>(values: &[T], order: &[u32]) -> Vec<T> {
    match values.is_empty() {
        true => Vec::new(),
        false => order.iter().map(|&row| values[row as usize]).collect(),
    }
}

/// Items as linked lists, one list for each order: an item and the index of the next one.
#[derive(Debug, Default)]
pub struct Lists(Vec<(Line, u32)>);

const END: u32 = u32::MAX;

impl Lists {
    /// A new list of one item.
    pub fn start(&mut self, line: Line) -> u64 {
        self.0.push((line, END));
        self.0.len() as u64 - 1
    }

    /// Joins two lists and returns the index at which the joined list starts.
    pub fn join(&mut self, a: u64, b: u64) -> u64 {
        if a == NO_LINES || b == NO_LINES {
            return a.min(b);
        }
        let mut tail = b as usize;
        while self.0[tail].1 != END {
            tail = self.0[tail].1 as usize;
        }
        self.0[tail].1 = a as u32;
        b
    }

    /// Appends the items of a list to `lines` and returns where they start there.
    pub fn write(&self, list: u64, lines: &mut Vec<Line>) -> u32 {
        let start = lines.len() as u32;
        let mut place = list as u32;
        while place != END {
            let (line, next) = self.0[place as usize];
            lines.push(Line { is_last: next == END, ..line });
            place = next;
        }
        put_in_order(&mut lines[start as usize..]);
        start
    }
}

/// Sorts the items of each order, so that they do not depend on the row order of the file.
pub fn put_in_order(lines: &mut [Line]) {
    for own in lines.chunk_by_mut(|line, _| !line.is_last).filter(|own| own.len() > 1) {
        own.sort_unstable_by_key(|line| (line.product, line.amount, line.quantity, line.is_lost));
        let count = own.len();
        own.iter_mut().enumerate().for_each(|(i, line)| line.is_last = i + 1 == count);
    }
}

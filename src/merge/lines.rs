//! What orders hold: the items of their own rows, and those of files of items.

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

/// Numbers the products of all blocks and files, and gives every item its product's number.
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
    /// What was given back of them and what they cost; empty where no file says it.
    amounts: Vec<(Micros, Micros)>,
    /// Their own ids; empty where no file has any.
    ids: Vec<Key>,
    starts: Vec<u32>,
    /// Of each file: whether its items have ids of their own.
    have_ids: Vec<bool>,
    /// Whether any file says what items cost.
    have_costs: bool,
}

/// An item of a file of items.
#[derive(Debug, Clone, Copy)]
pub struct FileLine {
    /// The order's id.
    pub order: Key,
    /// Number of the file.
    pub file: u32,
    /// The item.
    pub line: Line,
    /// What was given back of it.
    pub refund: Micros,
    /// What it cost the shop; [`MISSING`] where nothing says it.
    pub cost: Micros,
}

impl FileLines {
    /// From the files in the order they were named.
    pub fn new(files: Vec<ItemRows>) -> Self {
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
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether any file says what items cost.
    pub fn say_costs(&self) -> bool {
        self.have_costs
    }

    /// Whether items of two files have ids of their own, so that each can be told from those of the other: these
    /// replace each other one by one, and not all that the order holds.
    pub fn are_told_apart(&self, one: u32, other: u32) -> bool {
        [one, other].iter().all(|file| self.have_ids.get(*file as usize) == Some(&true))
    }

    /// The items of a partition, and how many there are beside these whose own id a later one has too.
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

/// What was given back of the items of a file, and what they cost.
fn amounts_of(file: &ItemRows) -> impl Iterator<Item = (Micros, Micros)> {
    let of = |values: &[Micros], row: usize, missing: Micros| values.get(row).copied().unwrap_or(missing);
    (0..file.lines.len())
        .map(move |row| (of(&file.refunds, row, Micros::ZERO), of(&file.costs, row, MISSING)))
}

/// The own ids of the items of a file.
fn ids_of(file: &ItemRows) -> impl Iterator<Item = Key> {
    (0..file.lines.len()).map(|row| file.ids.get(row).copied().unwrap_or(Key::NONE))
}

/// Values in another order; none where there are none.
fn gathered<T: Copy>(values: &[T], order: &[u32]) -> Vec<T> {
    match values.is_empty() {
        true => Vec::new(),
        false => order.iter().map(|&row| values[row as usize]).collect(),
    }
}

/// Items in lists, each list an order's.
#[derive(Debug, Default)]
pub struct Lists(Vec<(Line, u32)>);

const END: u32 = u32::MAX;

impl Lists {
    /// A new list of one item.
    pub fn start(&mut self, line: Line) -> u64 {
        self.0.push((line, END));
        self.0.len() as u64 - 1
    }

    /// The two lists as one.
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

    /// Writes a list behind other lines and says where it begins.
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

/// Puts the items of each order among some into order, whatever order the rows of the file were in.
pub fn put_in_order(lines: &mut [Line]) {
    for own in lines.chunk_by_mut(|line, _| !line.is_last).filter(|own| own.len() > 1) {
        own.sort_unstable_by_key(|line| (line.product, line.amount, line.quantity, line.is_lost));
        let count = own.len();
        own.iter_mut().enumerate().for_each(|(i, line)| line.is_last = i + 1 == count);
    }
}

//! What orders hold: the items of their own rows, and those of files of items.

use rayon::prelude::*;

use crate::merge::places::{product_key, product_says, renumbered};
use crate::parse::orders::Block;
use crate::rows::ItemRows;
use crate::rows::dictionary::{Dictionary, Numbering, unify};
use crate::rows::partition::{bounds, partition_order, partitions};
use crate::schema::Key;
use crate::schema::items::{Line, NO_LINES, Product};

/// Numbers the products of all blocks and files, and gives every item its product's number.
pub fn number_products(blocks: &mut [Block], files: &mut [ItemRows]) -> Vec<Product> {
    let of_blocks = blocks.iter().map(|block| &block.extras.products);
    let dictionaries: Vec<&Dictionary<Product>> =
        of_blocks.chain(files.iter().map(|file| &file.products)).collect();
    let Numbering { values, mut numbers } = unify(&dictionaries, product_key, product_says);
    let of_files = numbers.split_off(blocks.len());
    let renumber = |lines: &mut Vec<Line>, numbers: &[u32]| {
        lines.iter_mut().for_each(|line| line.product = renumbered(numbers, line.product));
    };
    blocks.par_iter_mut().zip(numbers).for_each(|(block, numbers)| {
        block.extras.products = Dictionary::default();
        renumber(&mut block.extras.lines, &numbers);
    });
    files.iter_mut().zip(of_files).for_each(|(file, numbers)| {
        file.products = Dictionary::default();
        renumber(&mut file.lines, &numbers);
    });
    values
}

/// The items of all files of items, in partitions by order id.
#[derive(Debug, Default)]
pub struct FileLines {
    rows: Vec<(Key, u32, Line)>,
    starts: Vec<u32>,
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
        Self { rows: order.iter().map(|&row| rows[row as usize]).collect(), starts }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Order id, number of the file and item of all rows of a partition.
    pub fn partition(&self, partition: usize) -> &[(Key, u32, Line)] {
        if self.rows.is_empty() { &[] } else { &self.rows[bounds(&self.starts, partition)] }
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
        // Whatever order the rows of the file were in.
        let own = &mut lines[start as usize..];
        own.sort_unstable_by_key(|line| (line.product, line.amount, line.quantity, line.is_lost));
        let count = own.len();
        own.iter_mut().enumerate().for_each(|(i, line)| line.is_last = i + 1 == count);
        start
    }
}

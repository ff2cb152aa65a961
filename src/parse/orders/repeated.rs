//! Warns of rows without order numbers that may be items of one order, each with the order's total.

use rayon::prelude::*;

use crate::locale::Remark;
use crate::parse::orders::block::Block;
use crate::parse::orders::identity::day;
use crate::rows::partition::GROUP_SIZE;
use crate::schema::money::{MISSING, Micros};
use crate::schema::{Key, day};

/// The remark about rows that repeat day, buyer and amount of another row in the file.
pub fn repeated_purchases(file: &str, blocks: &[Block]) -> Option<Remark> {
    let groups = blocks.iter().map(|block| block.rows.len()).max().unwrap_or(0);
    let partitions: Vec<(usize, usize)> =
        (0..groups).flat_map(|group| (0..GROUP_SIZE).map(move |partition| (group, partition))).collect();
    let of_partition = |(group, partition): (usize, usize)| {
        let mut purchases: Vec<(Key, i32, Micros)> = Vec::new();
        for of in blocks.iter().filter_map(|block| block.rows.get(group)) {
            for row in of.rows(partition) {
                let (customer, amount) = (of.columns.customer[row], of.columns.amount[row]);
                if customer.is_usable() && amount != Micros::ZERO && amount != MISSING {
                    purchases.push((customer, day(&of.columns, row), amount));
                }
            }
        }
        purchases.sort_unstable();
        let repeated = purchases.chunk_by(|a, b| a == b).filter(|run| run.len() > 1);
        repeated.fold((0_u64, None::<i32>), |(rows, first), run| {
            let day = run[0].1;
            (rows + run.len() as u64 - 1, Some(first.map_or(day, |first| first.min(day))))
        })
    };
    let found: Vec<(u64, Option<i32>)> = partitions.into_par_iter().map(of_partition).collect();
    let rows: u64 = found.iter().map(|(rows, _)| rows).sum();
    let first = found.iter().filter_map(|(_, day)| *day).min().and_then(day::date_of)?;
    Some(Remark::new("order_id_unknown").with("file", file).with("n", rows).with("day", first))
}

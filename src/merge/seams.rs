//! Orders at the seam of two files: the end of the first file cuts them in two, or the exports overlap there and both
//! have them.

use std::collections::{HashMap, HashSet};

use crate::merge::combine::FileGrain;
use crate::parse::orders::{Block, Edges};
use crate::schema::Key;

/// The orders that the end of a file cuts in two, as the number of the second file and the order id: the last order of
/// one file of items is the first one of the next, and the two share less than half of the rows of the shorter one. An
/// overlapping export would repeat most rows; single equal rows occur, since a customer may buy an item twice.
pub fn continued_orders(blocks: &[Block], grains: &[FileGrain]) -> HashSet<(usize, Key)> {
    let mut continued = HashSet::new();
    for file in 1..grains.len() {
        let of = |file: usize| blocks.iter().filter(move |block| block.file == file);
        let last = edge(of(file - 1).rev(), |edges| edges.last.as_ref());
        let first = edge(of(file), |edges| edges.first.as_ref());
        let (Some((key, before)), Some((other, after))) = (last, first) else { continue };
        if key == other && 2 * shared(&before, &after) < before.len().min(after.len()) {
            continued.insert((file, key));
        }
    }
    continued
}

/// The first and the last order of a file, put together from its blocks.
pub fn whole_edges(blocks: &[Block]) -> Edges {
    Edges {
        first: edge(blocks.iter(), |edges| edges.first.as_ref()),
        last: edge(blocks.iter().rev(), |edges| edges.last.as_ref()),
    }
}

/// The rows of the order at one end of a file. The blocks come in the order from that end.
fn edge<'a>(
    blocks: impl Iterator<Item = &'a Block>,
    end: impl Fn(&'a Edges) -> Option<&'a (Key, Vec<u64>)>,
) -> Option<(Key, Vec<u64>)> {
    let mut found: Option<(Key, Vec<u64>)> = None;
    for edges in blocks.map(|block| &block.edges) {
        let Some((key, rows)) = end(edges) else { continue };
        match &mut found {
            None => found = Some((*key, rows.clone())),
            Some((order, all)) if order == key => all.extend(rows),
            Some(_) => break,
        }
        // The order may go on in the next block.
        if !edges.are_one() {
            break;
        }
    }
    found
}

/// How many rows two lists have in common. A row that occurs several times in both counts as often.
fn shared(a: &[u64], b: &[u64]) -> usize {
    let mut counts: HashMap<u64, usize> = HashMap::new();
    for row in a {
        *counts.entry(*row).or_default() += 1;
    }
    b.iter()
        .filter(|row| counts.get_mut(*row).filter(|count| **count > 0).map(|count| *count -= 1).is_some())
        .count()
}

//! Stores the merged orders of a segment, in files like those of a segment in which each row is an order.

use std::collections::HashMap;

use polars::prelude::*;

use super::{AT_ONCE, At, FrameOf, Rows, save_groups, with_starts};
use crate::error::Result;
use crate::parse::orders::{Block, SettledCounts};
use crate::rows::partition::GROUPS;
use crate::schema::{Key, orders};
use crate::store::files::Writing;
use crate::store::frames::Size;
use crate::store::key::PeopleKey;
use crate::store::manifest::Settled;
use crate::store::names::Names;
use crate::store::rows::veil;

/// Writes the orders of blocks, each of which is a row, under a new number. `names` has the names that the rows'
/// numbers refer to. All these files are read by every run that needs nothing else.
pub(in crate::store) fn save(
    writing: &Writing,
    number: u64,
    blocks: &[Block],
    names: Names,
    counts: SettledCounts,
    key: &PeopleKey,
) -> Result<Settled> {
    let texts: HashMap<Key, &[u8]> = blocks.iter().flat_map(|block| block.long_customers.iter()).collect();
    let rows = Rows { blocks, names, orders: Vec::new(), lines: Vec::new(), texts };
    let sorted: Vec<Vec<At>> = (0..GROUPS).flat_map(|group| rows.group(group)).collect();
    let groups = with_starts(&sorted);
    let save = |what: &str, frame: &FrameOf<'_>| {
        let path = format!("orders/{number:06}.settled.{what}.parquet");
        save_groups(writing, &path, Size::Quick, (&groups, AT_ONCE), frame)
    };
    let groups_of_blocks = blocks.iter().flat_map(|block| &block.rows);
    let mut row_counts = groups_of_blocks.flat_map(|group| &group.columns.row_count);
    let has_row_counts = row_counts.any(|count| *count > 1);
    let details = |at: &[At], start| {
        let mut details = rows.details(at)?;
        if has_row_counts {
            details.with_column(rows.row_counts(at))?;
        }
        veil(&mut details, number, start, key)?;
        Ok(details)
    };
    let has_lines = blocks.iter().any(|block| !block.extras.lines.is_empty());
    Ok(Settled {
        number,
        amounts: save("amounts", &|at, _| rows.amounts(at))?,
        customers: save("customers", &|at, _| rows.customers(at))?,
        details: save("details", &details)?,
        lines: has_lines.then(|| save("lines", &|at, _| rows.line_frame(at))).transpose()?,
        has_row_counts,
        counts,
    })
}

impl Rows<'_> {
    fn row_counts(&self, rows: &[At]) -> Column {
        let count = |at: &At| self.columns(*at).row_count.get(at.row as usize).copied().unwrap_or(1);
        let counts = rows.iter().map(count).collect();
        UInt32Chunked::from_vec(orders::ROW_COUNT.into(), counts).into_column()
    }
}

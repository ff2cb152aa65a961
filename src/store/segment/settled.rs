//! Stores the merged orders of a segment, in files like those of a segment in which each row is an order.

use std::collections::HashMap;

use polars::prelude::*;

use super::parts::Part;
use super::{AT_ONCE, FrameOf, Rows, save_parts};
use crate::error::Result;
use crate::parse::orders::{Block, SettledCounts};
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
    let parts = rows.parts();
    let save = |what: &str, frame: &FrameOf<'_>| {
        let path = format!("orders/{number:06}.settled.{what}.parquet");
        save_parts(writing, &path, Size::Quick, (&parts, AT_ONCE), frame)
    };
    let groups_of_blocks = blocks.iter().flat_map(|block| &block.rows);
    let mut row_counts = groups_of_blocks.flat_map(|group| &group.columns.row_count);
    let has_row_counts = row_counts.any(|count| *count > 1);
    let details = |part: &Part| {
        let mut details = rows.details(part)?;
        if has_row_counts {
            details.with_column(rows.row_counts(part))?;
        }
        veil(&mut details, number, part.start, key)?;
        Ok(details)
    };
    let has_lines = blocks.iter().any(|block| !block.extras.lines.is_empty());
    Ok(Settled {
        number,
        amounts: save("amounts", &|part| rows.amounts(part))?,
        customers: save("customers", &|part| rows.customers(part))?,
        details: save("details", &details)?,
        lines: has_lines.then(|| save("lines", &|part| rows.line_frame(part))).transpose()?,
        has_row_counts,
        counts,
    })
}

impl Rows<'_> {
    fn row_counts(&self, part: &Part) -> Column {
        let counts =
            self.values(part, |columns| &columns.row_count).map(|count| count.unwrap_or(1)).collect();
        UInt32Chunked::from_vec(orders::ROW_COUNT.into(), counts).into_column()
    }
}

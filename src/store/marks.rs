//! Marks rows of orders that later imports replaced. The rows stay in their files but no longer count.

use std::collections::BTreeSet;
use std::path::Path;

use polars::prelude::*;

use super::files::Writing;
use super::frames;
use super::ids::Ids;
use super::manifest::{Manifest, Replaced, Segment, Superseded, damaged};
use super::segment::{IMPORT, ORDER_ID};
use crate::error::Result;
use crate::schema::Key;

/// The name of the column in a file of replaced rows.
const ROW: &str = "row";

/// The rows that later imports replaced, in ascending order.
pub(super) fn replaced(folder: &Path, superseded: &[Superseded]) -> Result<Vec<u32>> {
    let mut rows = BTreeSet::new();
    for of in superseded {
        rows.extend(rows_of(folder, of)?.iter().flatten());
    }
    Ok(rows.into_iter().collect())
}

fn rows_of(folder: &Path, superseded: &Superseded) -> Result<UInt32Chunked> {
    let frame = frames::load(folder, &superseded.rows, None)?;
    let rows = frame.column(ROW).and_then(|column| column.u32().cloned());
    rows.map_err(|_| damaged(&folder.join(&superseded.rows.path)))
}

/// The number of a segment's rows that later imports replaced, by import.
pub(super) fn counted(folder: &Path, segment: &Segment) -> Result<Replaced> {
    let mut counts = Replaced::new();
    if segment.superseded.is_empty() {
        return Ok(counts);
    }
    let imports = match segment.imports.as_slice() {
        [_] => None,
        _ => {
            let frame = frames::load(folder, &segment.core, Some(&[IMPORT]))?;
            let imports = frame.column(IMPORT).and_then(|column| column.u32().cloned());
            Some(imports.map_err(|_| damaged(&folder.join(&segment.core.path)))?)
        }
    };
    let first = segment.imports.first().copied().unwrap_or(0);
    for superseded in &segment.superseded {
        for row in rows_of(folder, superseded)?.iter().flatten() {
            let import = |imports: &UInt32Chunked| imports.get(row as usize).map_or(first, u64::from);
            let import = imports.as_ref().map_or(first, import);
            *counts.entry(import).or_default().entry(superseded.import).or_default() += 1;
        }
    }
    Ok(counts)
}

/// Marks rows of a segment as replaced by an import. `file` is the number in the name of the file that is written.
pub(super) fn mark(
    writing: &Writing,
    segment: &mut Segment,
    import: u64,
    file: u64,
    rows: Vec<u32>,
) -> Result<()> {
    let count = rows.len();
    let frame = DataFrame::new(count, vec![UInt32Chunked::from_vec(ROW.into(), rows).into_column()])?;
    let path = format!("orders/{:06}.superseded.{file:06}.parquet", segment.number);
    let rows = frames::save_one(writing, &path, frame)?;
    segment.superseded.push(Superseded { import, rows });
    segment.superseded_rows += count as u64;
    Ok(())
}

/// Copies the marks of a segment to the new segment that was written from its rows, for the rows that are still there.
pub(super) fn carry_over(
    writing: &Writing,
    manifest: &mut Manifest,
    old: &Segment,
    new: &mut Segment,
) -> Result<()> {
    let folder = writing.folder();
    let (Some(index), false) = (new.ids.clone(), old.superseded.is_empty()) else { return Ok(()) };
    let frame = frames::load(folder, &old.core, Some(&[ORDER_ID]))?;
    let ids = frame.column(ORDER_ID).and_then(|column| column.str());
    let ids = ids.map_err(|_| damaged(&folder.join(&old.core.path)))?;
    for superseded in &old.superseded {
        let rows = rows_of(folder, superseded)?;
        let orders = rows.iter().flatten().filter_map(|row| ids.get(row as usize));
        let orders: Vec<Key> = orders.map(|order| Key::of(order.as_bytes())).collect();
        // In a segment with marks each row is an order of its own.
        let rows = Ids::open(folder, &index)?.rows_of(&orders)?;
        if !rows.is_empty() {
            let file = manifest.number();
            mark(writing, new, superseded.import, file, rows)?;
        }
    }
    Ok(())
}

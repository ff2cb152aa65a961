//! Orders of an import whose ids are already in the store but which replace no order there: orders of another shop with
//! the same numbers, and refunds with the number of their order.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use polars::prelude::*;

use super::frames;
use super::manifest::{Segment, damaged};
use super::segment::{CREATED_ON, OWN_ID, PAID_ON};
use crate::error::Result;
use crate::parse::orders::{Block, Identity};
use crate::rows::partition::Own;
use crate::schema::{Key, day, names, orders};

/// Whether any of a segment's rows (given with their order ids) is not replaced by the row of the blocks with the same
/// id.
pub(super) fn stands_beside(
    folder: &Path,
    segment: &Segment,
    rows: &[(u32, Key)],
    blocks: &[Block],
) -> Result<bool> {
    if rows.is_empty() {
        return Ok(false);
    }
    let mut new: HashMap<Key, Identity> = rows.iter().map(|(_, key)| (*key, Identity::default())).collect();
    let mut negative: HashSet<Key> = HashSet::new();
    for block in blocks {
        for (key, place) in block.orders.keys.iter().zip(&block.orders.places) {
            if let Some(identity) = new.get_mut(key) {
                *identity = Identity::at(block, *place);
                let amount = block.rows[place.group as usize].columns.amount[place.row as usize];
                negative.extend(amount.is_credit().then_some(*key));
            }
        }
    }
    if segment.grain.has_negatives || !negative.is_empty() {
        let frame = frames::load(folder, &segment.core, Some(&[orders::PAID_AMOUNT]))?;
        let amounts = frame.column(orders::PAID_AMOUNT).and_then(|column| column.i64());
        let amounts = amounts.map_err(|_| damaged(&folder.join(&segment.core.path)))?;
        let is_negative = |row: u32| amounts.get(row as usize).is_some_and(|amount| amount < 0);
        if rows.iter().any(|(row, key)| is_negative(*row) != negative.contains(key)) {
            return Ok(true);
        }
    }
    let mut columns = vec![CREATED_ON, PAID_ON];
    if segment.grain.has_own_id {
        columns.push(OWN_ID);
    }
    let frame = frames::load(folder, &segment.core, Some(&columns))?;
    let broken = |_: PolarsError| damaged(&folder.join(&segment.core.path));
    let days = old_identities(&frame, rows).map_err(broken)?;
    // Few rows are of another day, and only for those the buyers matter.
    let open: Vec<(usize, &Identity)> = days
        .iter()
        .enumerate()
        .filter(|(i, old)| new.get(&rows[*i].1).is_some_and(|new| new.may_be_of_another_shop(old)))
        .collect();
    if open.is_empty() {
        return Ok(false);
    }
    let frame = frames::load(folder, &segment.core, Some(&[names::CUSTOMER_ID]))?;
    let customers = frame.column(names::CUSTOMER_ID).and_then(|column| column.str()).map_err(broken)?;
    Ok(open.into_iter().any(|(i, old)| {
        let (row, key) = rows[i];
        let text = customers.get(row as usize).unwrap_or_default();
        let old = Identity { customer: Key::of(text.as_bytes()), ..*old };
        new.get(&key).is_some_and(|new| new.is_of_another_shop(&old))
    }))
}

/// What distinguishes the orders of rows, except for their buyers.
fn old_identities(frame: &DataFrame, rows: &[(u32, Key)]) -> PolarsResult<Vec<Identity>> {
    let created = frame.column(CREATED_ON)?.to_physical_repr();
    let paid = frame.column(PAID_ON)?.to_physical_repr();
    let (created, paid) = (created.i32()?, paid.i32()?);
    let own = match frame.column(OWN_ID) {
        Ok(column) => Some(column.u64()?),
        Err(_) => None,
    };
    let identity = |(row, _): &(u32, Key)| {
        let row = *row as usize;
        Identity {
            customer: Key::NONE,
            created_on: created.get(row).unwrap_or(day::MISSING),
            paid_on: paid.get(row).unwrap_or(day::MISSING),
            own: Own(own.and_then(|own| own.get(row)).unwrap_or(0)),
        }
    };
    Ok(rows.iter().map(identity).collect())
}

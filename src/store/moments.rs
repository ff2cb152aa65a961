//! Events of a store as far as a question needs no more of them than who did what when: row group by row group, side by
//! side, straight into partitions by customer.

use std::collections::HashMap;
use std::path::Path;

use polars::prelude::*;

use super::Wanted;
use super::frames::Groups;
use super::manifest::TablePart;
use super::rows::whole;
use super::table::{KIND, SECOND, keys};
use crate::error::Result;
use crate::parse::tables::TableRows;
use crate::rows::partition::{Columns, Grouped};
use crate::schema::day_counts::DayCounts;
use crate::schema::{EventKind, Field, Key, Table, day, names};

/// What a row group came to.
struct Part {
    rows: u64,
    grouped: Grouped,
    passed_over: DayCounts,
    passed_over_customers: Vec<Key>,
    long: HashMap<Key, Box<str>>,
}

/// Reads them, where no more is wanted and the file says all of it; says whether it did.
///
/// # Errors
/// When the file is damaged.
pub(super) fn load(folder: &Path, of: &TablePart, wanted: &Wanted, rows: &mut TableRows) -> Result<bool> {
    let wants = &wanted.wants;
    let groups = Groups::open(folder, &of.core)?;
    let has = |name: &str| groups.columns().any(|column| column == name);
    let needed = [names::CUSTOMER_ID, KIND, Field::OccurredAt.name()];
    if of.table != Table::Events || !needed.into_iter().all(has) || of.rows == 0 {
        return Ok(false);
    }
    let columns: Vec<&str> = needed.into_iter().chain(has(SECOND).then_some(SECOND)).collect();
    let passes_over = wants.interests_alone && !wanted.has_aliases;
    let parts = groups.load(&columns, |frame| part(frame, passes_over))?;
    if parts.iter().map(|part| part.rows).sum::<u64>() != of.rows {
        return Err(groups.damaged());
    }
    for part in parts {
        rows.groups.push(part.grouped);
        rows.passed_over.merge(&part.passed_over);
        rows.passed_over_customers.push(part.passed_over_customers);
        rows.details.long.extend(part.long);
    }
    Ok(true)
}

/// The rows of a row group; those without a day are none. Where others than interests and purchases are passed over,
/// no more than their days and customers is kept.
fn part(frame: &DataFrame, passes_over: bool) -> PolarsResult<Part> {
    let mut long = HashMap::new();
    let customers = keys(frame, names::CUSTOMER_ID, &mut long)?;
    let kinds = frame.column(KIND)?.str()?.clone();
    let kinds = kinds.iter().map(|kind| kind.and_then(EventKind::named).unwrap_or(EventKind::Ignore));
    let days = whole(frame, Field::OccurredAt.name(), day::can_be)?;
    let seconds = match frame.get_column_index(SECOND) {
        Some(_) => whole(frame, SECOND, day::is_second)?,
        None => Vec::new(),
    };
    let (mut columns, mut passed_over, mut passed_over_customers) =
        (Columns::default(), DayCounts::default(), Vec::new());
    for (row, kind) in kinds.enumerate() {
        if days[row] == day::MISSING {
            continue;
        }
        if passes_over && kind != EventKind::Purchase && !EventKind::INTEREST.contains(&kind) {
            passed_over.add(days[row], 1);
            passed_over_customers.push(customers[row]);
            continue;
        }
        columns.customer.push(customers[row]);
        columns.created_on.push(days[row]);
        columns.status.push(kind as u8);
        columns.second.extend(seconds.get(row));
    }
    passed_over_customers.shrink_to_fit();
    let grouped = columns.by_customer().0;
    Ok(Part { rows: frame.height() as u64, grouped, passed_over, passed_over_customers, long })
}

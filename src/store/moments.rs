//! Reads the events of a store for questions that only need who did what when: row group by row group, in parallel,
//! directly into partitions by customer.

use std::collections::HashMap;
use std::path::Path;

use polars::prelude::*;

use super::Wanted;
use super::frames::Groups;
use super::interests::is_looked_at;
use super::manifest::TablePart;
use super::rows::whole;
use super::table::{KIND, ROWS_IN_GROUP, SECOND, keys};
use crate::error::Result;
use crate::parse::tables::TableRows;
use crate::rows::partition::{Columns, Grouped};
use crate::schema::day_counts::DayCounts;
use crate::schema::{EventKind, Field, Key, Table, day, names};

/// The events of a row group, in partitions by customer.
#[derive(Default)]
pub(super) struct Part {
    /// The number of rows in the group.
    pub rows: u64,
    pub grouped: Grouped,
    /// The number of events by day that are not kept one by one, and (below) their customers.
    pub passed_over: DayCounts,
    pub passed_over_customers: Vec<Key>,
    /// The number of interests by day that are not kept one by one.
    pub interests: DayCounts,
    pub long: HashMap<Key, Box<str>>,
}

impl Part {
    /// Adds the events to the rows of a table.
    pub fn add_to(self, rows: &mut TableRows) {
        rows.groups.push(self.grouped);
        rows.passed_over.merge(&self.passed_over);
        rows.passed_over_customers.push(self.passed_over_customers);
        rows.long_ago.merge(&self.interests);
        rows.details.long.extend(self.long);
    }
}

/// Reads the events if nothing more is wanted and the file has all needed columns, and returns whether it did.
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
    // Earlier versions wrote a single row group, which one processor would read alone.
    if groups.sizes().any(|rows| rows > ROWS_IN_GROUP) {
        return Ok(false);
    }
    let columns: Vec<&str> = needed.into_iter().chain(has(SECOND).then_some(SECOND)).collect();
    let passes_over = wants.interests_alone && !wanted.has_aliases;
    let parts = groups.load(&columns, |frame| part(frame, passes_over))?;
    if parts.iter().map(|part| part.rows).sum::<u64>() != of.rows {
        return Err(groups.damaged());
    }
    parts.into_iter().for_each(|part| part.add_to(rows));
    Ok(true)
}

/// The events of a row group, without those that have no day. With `passes_over`, only the days and customers are kept
/// of events other than interests and purchases.
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
        if passes_over && !is_looked_at(kind) {
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
    let rows = frame.height() as u64;
    Ok(Part { rows, grouped, passed_over, passed_over_customers, long, ..Part::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Wants;
    use crate::store::Wait;
    use crate::store::files::Writing;
    use crate::store::table::save_core;

    const LONG: &str = "somebody.with.a.long.address@shop.example";

    /// The customer, day, second and kind of a row.
    type Row = (&'static str, Option<i32>, i32, EventKind);

    fn rows() -> Vec<Row> {
        let [favourite, cart] = [EventKind::INTEREST[1], EventKind::INTEREST[2]];
        let mut rows = vec![
            ("ann", Some(20_000), 10, favourite),
            ("bob", Some(20_001), 20, EventKind::Ignore),
            (LONG, Some(20_002), 30, cart),
            ("ann", None, 40, cart),
            ("bob", Some(20_003), 50, EventKind::Purchase),
            (LONG, Some(20_004), 60, EventKind::Ignore),
        ];
        rows.extend((0..5).map(|i| ("cid", Some(20_010 + i), i, favourite)));
        rows
    }

    fn read(rows_in_group: usize, interests_alone: bool) -> TableRows {
        let folder = tempfile::tempdir().expect("a folder");
        let rows = rows();
        let days = Int32Chunked::from_iter_options(
            Field::OccurredAt.name().into(),
            rows.iter().map(|(_, day, ..)| *day),
        );
        let columns = vec![
            Column::new(names::CUSTOMER_ID.into(), rows.iter().map(|row| row.0).collect::<Vec<_>>()),
            Column::new(KIND.into(), rows.iter().map(|row| row.3.name()).collect::<Vec<_>>()),
            days.into_date().into_column(),
            Column::new(SECOND.into(), rows.iter().map(|row| row.2).collect::<Vec<_>>()),
        ];
        let core = DataFrame::new(rows.len(), columns).expect("a frame");
        let writing =
            Writing::start(folder.path(), Wait { limit: None, note: &|_| () }).expect("a new store");
        let core = save_core(&writing, "events/000001.core.parquet", &core, rows_in_group).expect("written");
        let part = TablePart {
            import: 1,
            table: Table::Events,
            rows: rows.len() as u64,
            forgotten: 0,
            core,
            lines: None,
            names: None,
            phones: None,
            mails: None,
            more: None,
            interests: None,
            stretches: Vec::new(),
        };
        let wants = Wants { bare_events: true, interests_alone, ..Wants::default() };
        let wanted = Wanted { wants, ..Wanted::everything() };
        let mut read = TableRows { table: Some(Table::Events), ..TableRows::default() };
        assert!(load(folder.path(), &part, &wanted, &mut read).expect("read"));
        read
    }

    /// The rows that were read, sorted.
    fn came(read: &TableRows) -> Vec<(Key, i32, i32, u8)> {
        let mut rows = Vec::new();
        for columns in read.groups.iter().flatten().map(|group| &group.columns) {
            let of = |row: usize| {
                (columns.customer[row], columns.created_on[row], columns.second[row], columns.status[row])
            };
            rows.extend((0..columns.customer.len()).map(of));
        }
        rows.sort_unstable();
        rows
    }

    fn wanted(is_kept: impl Fn(EventKind) -> bool) -> Vec<(Key, i32, i32, u8)> {
        let kept = rows().into_iter().filter(|row| is_kept(row.3));
        let of = |(customer, day, second, kind): Row| {
            Some((Key::of(customer.as_bytes()), day?, second, kind as u8))
        };
        let mut rows: Vec<_> = kept.filter_map(of).collect();
        rows.sort_unstable();
        rows
    }

    /// The rows are written in row groups of two, of four, and in a single one; one row has no day and is left out.
    #[test]
    fn rows_are_the_same_however_they_are_cut() {
        for rows_in_group in [2, 4, 100] {
            let all = read(rows_in_group, false);
            assert_eq!(came(&all), wanted(|_| true), "{rows_in_group}");
            assert_eq!(all.passed_over.total(), 0);
            assert_eq!(all.details.long[&Key::of(LONG.as_bytes())].as_ref(), LONG);
            let alone = read(rows_in_group, true);
            assert_eq!(came(&alone), wanted(|kind| kind != EventKind::Ignore), "{rows_in_group}");
            assert_eq!(alone.passed_over.days().collect::<Vec<_>>(), [20_001, 20_004]);
            let mut others: Vec<Key> = alone.passed_over_customers.concat();
            others.sort_unstable();
            let mut both = [Key::of(b"bob"), Key::of(LONG.as_bytes())];
            both.sort_unstable();
            assert_eq!(others, both);
        }
    }
}

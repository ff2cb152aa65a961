//! The interests and purchases among events, sorted by customer, in a file of their own. It serves questions that need
//! only these, and of all other events only the days. In a log of behaviour they are about a tenth of the events.
//!
//! | rows | columns |
//! |---|---|
//! | of an interest or a purchase | `kind` (the code of an [`EventKind`]), `occurred_on`, and `second` if the file has any; the first row of a customer in a row group has `customer_id` and in `rows` the number of the customer's rows there, all others have 0 |
//! | of a day with other events | `kind` = [`OTHERS`], `occurred_on`, and in `rows` the number of other events on that day |
//! | of a customer with other events | `customer_id`, `kind` = [`OTHERS`], `rows` = 0 |
//!
//! The rows are in the order of this table. The first kind is sorted by the partition of the customer, then by customer
//! and time. Events without a day are left out.

use std::path::Path;

use polars::prelude::*;
use rayon::prelude::*;

use super::files::Writing;
use super::frames::{self, Groups, Size};
use super::manifest::{FileRef, TablePart};
use super::moments::Part;
use super::rows::whole;
use super::segment::ROWS;
use super::table::{KIND, ROWS_IN_GROUP, SECOND, id_column, keys};
use crate::error::Result;
use crate::parse::tables::TableRows;
use crate::rows::partition::{Columns, GROUP_SIZE, GROUPS, Group, partition};
use crate::schema::day_counts::DayCounts;
use crate::schema::{EventKind, Field, Key, Table, day, names};

/// Stands in place of a kind for events that are neither an interest nor a purchase.
const OTHERS: u8 = u8::MAX;

/// Whether questions about interests look at each event of a kind.
pub(super) fn is_looked_at(kind: EventKind) -> bool {
    kind == EventKind::Purchase || EventKind::INTEREST.contains(&kind)
}

/// Writes the file for the events of an import; none for another table, or if events have no days.
pub(super) fn save(writing: &Writing, path: &str, rows: &TableRows) -> Result<Option<FileRef>> {
    let days = rows.days.get(&Field::OccurredAt).map(Vec::as_slice).unwrap_or_default();
    let are_all = |length: usize| length as u64 == rows.row_count;
    let is_said = are_all(days.len()) && are_all(rows.kinds.len()) && are_all(rows.customers.len());
    if rows.table != Some(Table::Events) || rows.row_count == 0 || !is_said {
        return Ok(None);
    }
    let dated = || (0..days.len()).filter(|row| days[*row] != day::MISSING);
    let (own, others): (Vec<usize>, Vec<usize>) = dated().partition(|row| is_looked_at(rows.kinds[*row]));
    let mut of_days = DayCounts::default();
    others.iter().for_each(|row| of_days.add(days[*row], 1));
    let mut of_others: Vec<Key> = others.into_iter().map(|row| rows.customers[row]).collect();
    of_others.par_sort_unstable();
    of_others.dedup();
    let seconds = &rows.details.seconds;
    let mut own: Vec<(usize, Key, i32, i32, u8)> = own
        .into_iter()
        .map(|row| {
            let (key, second) = (rows.customers[row], seconds.get(row).copied().unwrap_or(day::MISSING));
            (partition(key), key, days[row], second, rows.kinds[row] as u8)
        })
        .collect();
    own.par_sort_unstable();
    let long = &rows.details.long;
    let frame = |customers: &[Key],
                 kinds: Vec<u8>,
                 days: Vec<Option<i32>>,
                 seconds: Option<Vec<i32>>,
                 rows: Vec<u32>| {
        let mut columns = vec![
            id_column(names::CUSTOMER_ID, customers, long),
            UInt8Chunked::from_vec(KIND.into(), kinds).into_column(),
            Int32Chunked::from_iter_options(Field::OccurredAt.name().into(), days.into_iter())
                .into_date()
                .into_column(),
            UInt32Chunked::from_vec(ROWS.into(), rows).into_column(),
        ];
        if let Some(seconds) = seconds {
            let known =
                seconds.into_iter().map(|second| Some(second).filter(|second| *second != day::MISSING));
            columns.push(Int32Chunked::from_iter_options(SECOND.into(), known).into_column());
        }
        Ok(DataFrame::new(customers.len(), columns)?)
    };
    let missing = |count: usize| (!seconds.is_empty()).then(|| vec![day::MISSING; count]);
    let of_rows = |rows: &[(usize, Key, i32, i32, u8)]| {
        let (mut customers, mut counts) = (vec![Key::NONE; rows.len()], vec![0; rows.len()]);
        let mut start = 0;
        for run in rows.chunk_by(|a, b| a.1 == b.1) {
            (customers[start], counts[start]) = (run[0].1, run.len() as u32);
            start += run.len();
        }
        let own_seconds = (!seconds.is_empty()).then(|| rows.iter().map(|row| row.3).collect());
        let kinds = rows.iter().map(|row| row.4).collect();
        frame(&customers, kinds, rows.iter().map(|row| Some(row.2)).collect(), own_seconds, counts)
    };
    let counts: Vec<(i32, u64)> = of_days.iter().collect();
    let of_days = |days: &[(i32, u64)]| {
        let count = days.len();
        let rows = days.iter().map(|(_, rows)| *rows as u32).collect();
        let days = days.iter().map(|(day, _)| Some(*day)).collect();
        frame(&vec![Key::NONE; count], vec![OTHERS; count], days, missing(count), rows)
    };
    let of_customers = |customers: &[Key]| {
        let count = customers.len();
        frame(customers, vec![OTHERS; count], vec![None; count], missing(count), vec![0; count])
    };
    let schema = of_customers(&[])?.schema().as_ref().clone();
    // Each part has rows of only one group of partitions, so that it can be used as it is when it is read.
    let parts = own.chunk_by(|a, b| a.0 / GROUP_SIZE == b.0 / GROUP_SIZE);
    let parts = parts.flat_map(|rows| rows.chunks(ROWS_IN_GROUP)).map(of_rows);
    let others = counts.chunks(ROWS_IN_GROUP).map(of_days);
    let others = others.chain(of_others.chunks(ROWS_IN_GROUP).map(of_customers));
    frames::save(writing, path, Size::Quick, &schema, parts.chain(others)).map(Some)
}

/// Reads the file, and returns whether the store has it.
///
/// # Errors
/// When the file is damaged.
pub(super) fn load(folder: &Path, of: &TablePart, rows: &mut TableRows) -> Result<bool> {
    let Some(file) = of.interests.as_ref().filter(|_| of.table == Table::Events) else { return Ok(false) };
    let groups = Groups::open(folder, file)?;
    let has_seconds = groups.columns().any(|column| column == SECOND);
    let columns = [names::CUSTOMER_ID, KIND, Field::OccurredAt.name(), ROWS];
    let columns: Vec<&str> = columns.into_iter().chain(has_seconds.then_some(SECOND)).collect();
    let parts = groups.load(&columns, part)?;
    let kept = parts.iter().flat_map(|part| &part.grouped).map(|group| group.columns.customer.len() as u64);
    let known = kept.sum::<u64>() + parts.iter().map(|part| part.passed_over.total()).sum::<u64>();
    if known > of.rows {
        return Err(groups.damaged());
    }
    parts.into_iter().for_each(|part| part.add_to(rows));
    Ok(true)
}

fn part(frame: &DataFrame) -> PolarsResult<Part> {
    let mut part = Part { rows: frame.height() as u64, ..Part::default() };
    let mut customers = keys(frame, names::CUSTOMER_ID, &mut part.long)?;
    let days = whole(frame, Field::OccurredAt.name(), day::can_be)?;
    let kinds = frame.column(KIND)?.u8()?.rechunk();
    let counts = frame.column(ROWS)?.u32()?.rechunk();
    let (kinds, counts) = (kinds.cont_slice()?, counts.cont_slice()?);
    if kinds.iter().all(|kind| *kind == OTHERS) {
        for ((key, day), count) in customers.into_iter().zip(days).zip(counts) {
            match day {
                day::MISSING => part.passed_over_customers.push(key),
                day => part.passed_over.add(day, u64::from(*count)),
            }
        }
        return Ok(part);
    }
    let wrong = || polars_err!(ComputeError: "an event that is no interest, on no day, or out of its place");
    let mut start = 0;
    while start < customers.len() {
        let (key, end) = (customers[start], start + counts[start] as usize);
        customers.get_mut(start..end).filter(|own| !own.is_empty()).ok_or_else(wrong)?.fill(key);
        start = end;
    }
    let is_known = |kind: &u8| EventKind::ALL.get(usize::from(*kind)).is_some_and(|kind| is_looked_at(*kind));
    let group = customers.first().map_or(0, |key| partition(*key) / GROUP_SIZE);
    let are_in_order = customers.is_sorted_by_key(|key| partition(*key))
        && customers.last().is_none_or(|key| partition(*key) / GROUP_SIZE == group);
    if !kinds.iter().all(is_known) || days.contains(&day::MISSING) || !are_in_order {
        return Err(wrong());
    }
    let second = match frame.get_column_index(SECOND) {
        Some(_) => whole(frame, SECOND, day::is_second)?,
        None => Vec::new(),
    };
    let columns = Columns {
        customer: customers,
        created_on: days,
        second,
        status: kinds.to_vec(),
        ..Columns::default()
    };
    part.grouped = (0..GROUPS).map(|_| Group::default()).collect();
    part.grouped[group] = Group::of_sorted(columns);
    Ok(part)
}

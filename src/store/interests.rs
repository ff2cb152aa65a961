//! The interests and purchases among events, sorted by customer, in a file of their own. It serves questions that need
//! only these, and of all other events only the days. In a log of behaviour they are about a tenth of the events.
//!
//! | rows | columns |
//! |---|---|
//! | of an interest or a purchase | `kind` (the code of an [`EventKind`]), `occurred_on`, `second` if the file has any |
//! | of a day with other events | `kind` = [`OTHERS`], `occurred_on`, in `rows` their number, the customer 0 |
//! | of a customer with other events only | `kind` = [`OTHERS`], the customer |
//!
//! The rows are in the order of this table. The first kind is sorted by the partition of the customer, then by customer
//! and time. The customers of a row group of the first kind stand in its first rows, one in each, with the number of
//! their events there in `rows`. A customer is the two halves of a key (`customer`, `customer_high`); if any key in the
//! file is a hash, the texts of those that are hashes stand in `customer_id`. Events without a day are left out.

use std::collections::HashMap;
use std::path::Path;

use polars::prelude::*;
use rayon::prelude::*;

use super::files::Writing;
use super::frames::{self, Groups, Size};
use super::ids;
use super::manifest::{FileRef, TablePart};
use super::moments::Part;
use super::rows::whole;
use super::segment::ROWS;
use super::table::{KIND, ROWS_IN_GROUP, SECOND};
use crate::error::Result;
use crate::parse::tables::TableRows;
use crate::rows::partition::{Columns, GROUP_SIZE, GROUPS, Group, partition};
use crate::schema::day_counts::DayCounts;
use crate::schema::{EventKind, Field, Key, Table, day, names};

/// The two halves of a customer's key.
const CUSTOMER: [&str; 2] = ["customer", "customer_high"];

/// Stands in place of a kind for events that are neither an interest nor a purchase.
const OTHERS: u8 = u8::MAX;

/// Whether questions about interests look at each event of a kind.
pub(super) fn is_looked_at(kind: EventKind) -> bool {
    kind == EventKind::Purchase || EventKind::INTEREST.contains(&kind)
}

/// An interest or a purchase: partition and key of the customer, day, second and kind.
type Moment = (usize, Key, i32, i32, u8);

/// Writes the file for the events of an import; none for another table, or if events have no days or no customers.
pub(super) fn save(writing: &Writing, path: &str, rows: &TableRows) -> Result<Option<FileRef>> {
    let days = rows.days.get(&Field::OccurredAt).map(Vec::as_slice).unwrap_or_default();
    let are_all = |length: usize| length as u64 == rows.row_count;
    let is_said = are_all(days.len()) && are_all(rows.kinds.len()) && are_all(rows.customers.len());
    let is_said = is_said && rows.customers.iter().all(|key| key.is_usable());
    if rows.table != Some(Table::Events) || rows.row_count == 0 || !is_said {
        return Ok(None);
    }
    let seconds = &rows.details.seconds;
    let (mut own, mut of_days, mut others): (Vec<Moment>, _, Vec<Key>) =
        (Vec::new(), DayCounts::default(), Vec::new());
    for row in (0..days.len()).filter(|row| days[*row] != day::MISSING) {
        let key = rows.customers[row];
        if is_looked_at(rows.kinds[row]) {
            let second = seconds.get(row).copied().unwrap_or(day::MISSING);
            own.push((partition(key), key, days[row], second, rows.kinds[row] as u8));
        } else {
            of_days.add(days[row], 1);
            others.push(key);
        }
    }
    own.par_sort_unstable();
    others.par_sort_unstable();
    others.dedup();
    others.retain(|key| own.binary_search_by_key(&(partition(*key), *key), |row| (row.0, row.1)).is_err());
    let of_days: Vec<(i32, u64)> = of_days.iter().collect();
    let mut keys = own.iter().map(|row| &row.1).chain(&others);
    let long = keys.any(|key| key.is_hash()).then_some(&rows.details.long);
    let shape = Shape { has_seconds: !seconds.is_empty(), long };
    let schema = shape.of_customers(&[])?.schema().as_ref().clone();
    // Each part has rows of only one group of partitions, so that it can be used as it is when it is read.
    let parts = own.chunk_by(|a, b| a.0 / GROUP_SIZE == b.0 / GROUP_SIZE);
    let parts = parts.flat_map(|rows| rows.chunks(ROWS_IN_GROUP)).map(|rows| shape.of_moments(rows));
    let days = of_days.chunks(ROWS_IN_GROUP).map(|days| shape.of_days(days));
    let others = others.chunks(ROWS_IN_GROUP).map(|keys| shape.of_customers(keys));
    frames::save(writing, path, Size::Quick, &schema, parts.chain(days).chain(others)).map(Some)
}

/// Which columns the file has.
struct Shape<'a> {
    has_seconds: bool,
    /// The texts of keys that are hashes, if there are any.
    long: Option<&'a HashMap<Key, Box<str>>>,
}

impl Shape<'_> {
    /// The row group of interests and purchases of one group of partitions.
    fn of_moments(&self, rows: &[Moment]) -> Result<DataFrame> {
        let customers = rows.chunk_by(|a, b| a.1 == b.1).map(|run| (run[0].1, run.len() as u32)).collect();
        let kinds = rows.iter().map(|row| row.4).collect();
        let days = rows.iter().map(|row| Some(row.2)).collect();
        self.frame(customers, kinds, days, rows.iter().map(|row| row.3))
    }

    /// The row group of days with other events.
    fn of_days(&self, days: &[(i32, u64)]) -> Result<DataFrame> {
        let counts = days.iter().map(|(_, rows)| (Key::NONE, *rows as u32)).collect();
        let own = days.iter().map(|(day, _)| Some(*day)).collect();
        self.frame(counts, vec![OTHERS; days.len()], own, std::iter::repeat(day::MISSING))
    }

    /// The row group of customers with other events only.
    fn of_customers(&self, keys: &[Key]) -> Result<DataFrame> {
        let customers = keys.iter().map(|key| (*key, 0)).collect();
        let (kinds, days) = (vec![OTHERS; keys.len()], vec![None; keys.len()]);
        self.frame(customers, kinds, days, std::iter::repeat(day::MISSING))
    }

    /// A row group. The customers stand in the first rows, each with what is to be in `rows`.
    fn frame(
        &self,
        customers: Vec<(Key, u32)>,
        kinds: Vec<u8>,
        days: Vec<Option<i32>>,
        seconds: impl Iterator<Item = i32>,
    ) -> Result<DataFrame> {
        let height = kinds.len();
        let padded = || customers.iter().map(Some).chain(std::iter::repeat(None)).take(height);
        let halves = || padded().map(|customer| customer.map(|(key, _)| ids::halves(key.to_bytes())));
        let (low, high) = (halves().map(|of| Some(of?.0)), halves().map(|of| Some(of?.1)));
        let mut columns = vec![
            UInt64Chunked::from_iter_options(CUSTOMER[0].into(), low).into_column(),
            UInt64Chunked::from_iter_options(CUSTOMER[1].into(), high).into_column(),
            UInt32Chunked::from_iter_values(ROWS.into(), padded().map(|of| of.map_or(0, |(_, rows)| *rows)))
                .into_column(),
            UInt8Chunked::from_vec(KIND.into(), kinds).into_column(),
            Int32Chunked::from_iter_options(Field::OccurredAt.name().into(), days.into_iter())
                .into_date()
                .into_column(),
        ];
        if self.has_seconds {
            let known =
                seconds.take(height).map(|second| Some(second).filter(|second| *second != day::MISSING));
            columns.push(Int32Chunked::from_iter_options(SECOND.into(), known).into_column());
        }
        if let Some(long) = self.long {
            let texts = padded().map(|customer| long.get(&customer?.0).map(AsRef::as_ref));
            columns.push(StringChunked::from_iter_options(names::CUSTOMER_ID.into(), texts).into_column());
        }
        Ok(DataFrame::new(height, columns)?)
    }
}

/// Reads the file, and returns whether the store has it. Files of format 6, in which customers stood as texts, are not
/// read.
///
/// # Errors
/// When the file is damaged.
pub(super) fn load(folder: &Path, of: &TablePart, rows: &mut TableRows) -> Result<bool> {
    let Some(file) = of.interests.as_ref().filter(|_| of.table == Table::Events) else { return Ok(false) };
    let groups = Groups::open(folder, file)?;
    let has = |name: &str| groups.columns().any(|column| column == name);
    if !has(CUSTOMER[0]) {
        return Ok(false);
    }
    let further = [SECOND, names::CUSTOMER_ID].into_iter().filter(|name| has(name));
    let columns = [CUSTOMER[0], CUSTOMER[1], ROWS, KIND, Field::OccurredAt.name()];
    let columns: Vec<&str> = columns.into_iter().chain(further).collect();
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
    let customers = customers(frame, &mut part.long)?;
    let days = whole(frame, Field::OccurredAt.name(), day::can_be)?;
    let kinds = frame.column(KIND)?.u8()?.rechunk();
    let counts = frame.column(ROWS)?.u32()?.rechunk();
    let (kinds, counts) = (kinds.cont_slice()?, counts.cont_slice()?);
    if kinds.iter().all(|kind| *kind == OTHERS) {
        for (day, count) in days.into_iter().zip(counts).filter(|(day, _)| *day != day::MISSING) {
            part.passed_over.add(day, u64::from(*count));
        }
        part.passed_over_customers = customers.into_iter().filter(|key| key.is_usable()).collect();
        return Ok(part);
    }
    let is_known = |kind: &u8| EventKind::ALL.get(usize::from(*kind)).is_some_and(|kind| is_looked_at(*kind));
    let group = customers.first().map_or(0, |key| partition(*key) / GROUP_SIZE);
    let are_named = customers.iter().all(|key| key.is_usable());
    let are_in_order = customers.is_sorted_by_key(|key| partition(*key))
        && customers.last().is_none_or(|key| partition(*key) / GROUP_SIZE == group);
    let (own, rest) = counts.split_at(customers.len());
    let are_counted = own.iter().map(|count| u64::from(*count)).sum::<u64>() == part.rows
        && rest.iter().all(|count| *count == 0);
    let are_interests = kinds.iter().all(is_known) && !days.contains(&day::MISSING);
    if !are_interests || !are_named || !are_in_order || !are_counted {
        return Err(wrong());
    }
    let second = match frame.get_column_index(SECOND) {
        Some(_) => whole(frame, SECOND, day::is_second)?,
        None => Vec::new(),
    };
    let mut customer = Vec::with_capacity(frame.height());
    for (key, count) in customers.iter().zip(own) {
        customer.resize(customer.len() + *count as usize, *key);
    }
    let columns =
        Columns { customer, created_on: days, second, status: kinds.to_vec(), ..Columns::default() };
    part.grouped = (0..GROUPS).map(|_| Group::default()).collect();
    part.grouped[group] = Group::of_sorted(columns);
    Ok(part)
}

/// The customers in the first rows of a row group. The texts of long ids are added to `long`.
fn customers(frame: &DataFrame, long: &mut HashMap<Key, Box<str>>) -> PolarsResult<Vec<Key>> {
    let halves = [frame.column(CUSTOMER[0])?.u64()?, frame.column(CUSTOMER[1])?.u64()?];
    let [low, high] = halves.map(|half| half.iter().map_while(|half| half));
    let keys: Vec<Key> = low.zip(high).map(|(low, high)| ids::joined(low, high)).collect();
    let is_all = halves.iter().all(|half| half.len() - half.null_count() == keys.len());
    if !is_all || !keys.iter().all(|key| key.is_sound()) {
        return Err(wrong());
    }
    let texts = frame.column(names::CUSTOMER_ID).ok().map(|texts| texts.str()).transpose()?;
    for (row, key) in keys.iter().enumerate().filter(|(_, key)| key.is_hash()) {
        let text = texts.and_then(|texts| texts.get(row)).filter(|text| Key::of(text.as_bytes()) == *key);
        long.insert(*key, text.ok_or_else(wrong)?.into());
    }
    Ok(keys)
}

fn wrong() -> PolarsError {
    polars_err!(ComputeError: "an event that is no interest, on no day, of nobody, or out of its place")
}

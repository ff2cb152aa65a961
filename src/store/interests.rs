//! The interests and purchases among events, sorted by customer, in files of their own. They serve questions that need
//! only these, and of all other events only the days. In a log of behaviour they are about a tenth of the events.
//!
//! One file has the purchases and how many other events there were; it has all rows of this table. The interests stand
//! in further files, one for each stretch of days, so that a question of the last thirty days reads no others; these
//! have only the first kind of row.
//!
//! | rows | columns |
//! |---|---|
//! | of an interest or a purchase | `kind` (code of an [`EventKind`]), `occurred_on`, `second` if the file has any |
//! | of a day with other events | `kind` = [`OTHERS`], `occurred_on`, in `rows` their number, the customer 0 |
//! | of a day with interests | `kind` = [`INTERESTS`], the same |
//! | of a customer without a purchase | `kind` = [`OTHERS`], the customer |
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
use super::manifest::{FileRef, Stretch, TablePart, damaged};
use super::moments::Part;
use super::rows::whole;
use super::segment::ROWS;
use super::table::{KIND, ROWS_IN_GROUP, SECOND};
use crate::error::Result;
use crate::parse::tables::TableRows;
use crate::rows::partition::{Columns, GROUP_SIZE, GROUPS, Group, partition};
use crate::schema::day_counts::DayCounts;
use crate::schema::{Day, EventKind, Field, Key, Recent, Table, day, names};

/// The two halves of a customer's key.
const CUSTOMER: [&str; 2] = ["customer", "customer_high"];

/// Stands in place of a kind for events that are neither an interest nor a purchase.
const OTHERS: u8 = u8::MAX;

/// Stands in place of a kind for the number of interests on a day, where the interests are in other files.
const INTERESTS: u8 = u8::MAX - 1;

/// The days from one multiple of this number to the next, counted from 1970-01-01, are never divided between files.
const UNIT: i32 = 30;

/// The greatest number of files of interests, about.
const MOST_STRETCHES: u64 = 64;

/// Fewer interests than this are not worth a file of their own.
const LEAST_ROWS: u64 = 64;

/// Whether questions about interests look at each event of a kind.
pub(super) fn is_looked_at(kind: EventKind) -> bool {
    kind == EventKind::Purchase || is_interest(kind)
}

fn is_interest(kind: EventKind) -> bool {
    EventKind::INTEREST.contains(&kind)
}

/// An interest or a purchase: the number of its stretch of days, partition and key of the customer, day, second, kind.
type Moment = (u32, u32, Key, i32, i32, u8);

/// Writes the files for the events of an import: that of the purchases, and those of the interests. None for another
/// table, or if events have no days or no customers.
pub(super) fn save(
    writing: &Writing,
    path: &str,
    rows: &TableRows,
) -> Result<Option<(FileRef, Vec<Stretch>)>> {
    let days = rows.days.get(&Field::OccurredAt).map(Vec::as_slice).unwrap_or_default();
    let are_all = |length: usize| length as u64 == rows.row_count;
    let is_said = are_all(days.len()) && are_all(rows.kinds.len()) && are_all(rows.customers.len());
    let is_said = is_said && rows.customers.iter().all(|key| key.is_usable());
    if rows.table != Some(Table::Events) || rows.row_count == 0 || !is_said {
        return Ok(None);
    }
    let dated = || (0..days.len()).filter(|row| days[*row] != day::MISSING);
    let (mut of_others, mut of_interests) = (DayCounts::default(), DayCounts::default());
    for row in dated().filter(|row| rows.kinds[*row] != EventKind::Purchase) {
        let counts = if is_interest(rows.kinds[row]) { &mut of_interests } else { &mut of_others };
        counts.add(days[row], 1);
    }
    let stretches = stretches(&of_interests);
    let (mut own, mut others): (Vec<Moment>, Vec<Key>) = (Vec::new(), Vec::new());
    for row in dated() {
        let (key, kind) = (rows.customers[row], rows.kinds[row]);
        if kind != EventKind::Purchase {
            others.push(key);
        }
        if is_looked_at(kind) {
            let second = rows.details.seconds.get(row).copied().unwrap_or(day::MISSING);
            // Purchases come before the first stretch.
            let stretch = match kind {
                EventKind::Purchase => 0,
                _ => 1 + stretches.partition_point(|(_, last)| *last < days[row]) as u32,
            };
            own.push((stretch, partition(key) as u32, key, days[row], second, kind as u8));
        }
    }
    own.par_sort_unstable();
    others.par_sort_unstable();
    others.dedup();
    let of_stretch = |number: u32| {
        let first = own.partition_point(|row| row.0 < number);
        &own[first..first + own[first..].partition_point(|row| row.0 == number)]
    };
    let bought = of_stretch(0);
    let place = |key: &Key| (0, partition(*key) as u32, *key);
    others.retain(|key| bought.binary_search_by_key(&place(key), |row| (row.0, row.1, row.2)).is_err());
    let file = |path: &str, moments: &[Moment], rest: Rest<'_>| {
        let mut keys = moments.iter().map(|row| &row.2).chain(rest.customers);
        let long = keys.any(|key| key.is_hash()).then_some(&rows.details.long);
        Shape { has_seconds: !rows.details.seconds.is_empty(), long }.save(writing, path, moments, rest)
    };
    let rest = Rest { days: &[(OTHERS, &of_others), (INTERESTS, &of_interests)], customers: &others };
    let base = file(path, bought, rest)?;
    let stem = path.strip_suffix(".parquet").unwrap_or(path);
    let stretch = |(number, (first_day, last_day)): (u32, &(i32, i32))| -> Result<Stretch> {
        let path = format!("{stem}.{number:06}.parquet");
        let file = file(&path, of_stretch(number), Rest { days: &[], customers: &[] })?;
        Ok(Stretch { first_day: *first_day, last_day: *last_day, file })
    };
    Ok(Some((base, (1..).zip(&stretches).map(stretch).collect::<Result<_>>()?)))
}

/// The first and the last day of each stretch.
fn stretches(of_interests: &DayCounts) -> Vec<(i32, i32)> {
    let least = (of_interests.total() / MOST_STRETCHES).max(LEAST_ROWS);
    let mut all: Vec<(i32, i32, u64)> = Vec::new();
    for (day, count) in of_interests.iter() {
        let is_with = |(_, last, rows): &(i32, i32, u64)| {
            last.div_euclid(UNIT) == day.div_euclid(UNIT) || *rows < least
        };
        match all.last_mut().filter(|stretch| is_with(stretch)) {
            Some(stretch) => (stretch.1, stretch.2) = (day, stretch.2 + count),
            None => all.push((day, day, count)),
        }
    }
    all.into_iter().map(|(first, last, _)| (first, last)).collect()
}

/// What the file of the purchases has beside them.
#[derive(Clone, Copy)]
struct Rest<'a> {
    /// The number of events by day, by what stands in place of their kind.
    days: &'a [(u8, &'a DayCounts)],
    /// The customers without a purchase.
    customers: &'a [Key],
}

/// Which columns the file has.
struct Shape<'a> {
    has_seconds: bool,
    /// The texts of keys that are hashes, if there are any.
    long: Option<&'a HashMap<Key, Box<str>>>,
}

impl Shape<'_> {
    /// Writes a file.
    fn save(&self, writing: &Writing, path: &str, moments: &[Moment], rest: Rest<'_>) -> Result<FileRef> {
        let schema = self.of_customers(&[])?.schema().as_ref().clone();
        // Each part has rows of only one group of partitions, so that it can be used as it is when it is read.
        let group = |row: &Moment| row.1 as usize / GROUP_SIZE;
        let parts = moments.chunk_by(|a, b| group(a) == group(b));
        let parts = parts.flat_map(|rows| rows.chunks(ROWS_IN_GROUP)).map(|rows| self.of_moments(rows));
        let days = rest.days.iter().map(|(kind, counts)| self.of_days(*kind, counts));
        let customers = rest.customers.chunks(ROWS_IN_GROUP).map(|keys| self.of_customers(keys));
        frames::save(writing, path, Size::Quick, &schema, parts.chain(days).chain(customers))
    }

    /// The row group of interests and purchases of one group of partitions.
    fn of_moments(&self, rows: &[Moment]) -> Result<DataFrame> {
        let customers = rows.chunk_by(|a, b| a.2 == b.2).map(|run| (run[0].2, run.len() as u32)).collect();
        let kinds = rows.iter().map(|row| row.5).collect();
        let days = rows.iter().map(|row| Some(row.3)).collect();
        self.frame(customers, kinds, days, rows.iter().map(|row| row.4))
    }

    /// The row group of days with events of a kind.
    fn of_days(&self, kind: u8, days: &DayCounts) -> Result<DataFrame> {
        let counts: Vec<(Key, u32)> = days.iter().map(|(_, rows)| (Key::NONE, rows as u32)).collect();
        let (kinds, days) = (vec![kind; counts.len()], days.iter().map(|(day, _)| Some(day)).collect());
        self.frame(counts, kinds, days, std::iter::repeat(day::MISSING))
    }

    /// The row group of customers without a purchase.
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

/// Reads the files, and returns whether the store has them. If `recent` is given, of interests before these days only
/// their number per day is read. Files of format 6, in which customers stood as texts, are not read.
///
/// # Errors
/// When a file is damaged.
pub(super) fn load(
    folder: &Path,
    of: &TablePart,
    recent: Option<Recent>,
    rows: &mut TableRows,
) -> Result<bool> {
    let Some(file) = of.interests.as_ref().filter(|_| of.table == Table::Events) else { return Ok(false) };
    let Some((groups, mut parts)) = parts_of(folder, file)? else { return Ok(false) };
    let last = of.stretches.last().map(|stretch| Day::new(stretch.last_day));
    let first = recent.zip(last).map_or(Day::BEFORE_ALL, |(recent, last)| recent.first_day(last));
    let is_long_ago = |stretch: &&Stretch| Day::new(stretch.last_day) < first;
    let (long_ago, read): (Vec<&Stretch>, Vec<&Stretch>) = of.stretches.iter().partition(is_long_ago);
    let mut interests: u64 = parts.iter().map(|part| part.interests.total()).sum();
    for Stretch { first_day, last_day, file } in read {
        let broken = || damaged(&folder.join(&file.path));
        let (_, of_stretch) = parts_of(folder, file)?.ok_or_else(broken)?;
        let mut columns = of_stretch.iter().flat_map(|part| &part.grouped).map(|group| &group.columns);
        let is_of = |day: &i32| (first_day..=last_day).contains(&day);
        let are_of = columns
            .all(|of| of.created_on.iter().all(is_of) && !of.status.contains(&(EventKind::Purchase as u8)));
        if !are_of || of_stretch.iter().any(|part| part.grouped.is_empty()) {
            return Err(broken());
        }
        interests = interests.wrapping_sub(kept(&of_stretch));
        parts.extend(of_stretch);
    }
    let is_of = |day: i32, stretch: &Stretch| (stretch.first_day..=stretch.last_day).contains(&day);
    parts
        .iter_mut()
        .for_each(|part| part.interests.retain(|day| long_ago.iter().any(|stretch| is_of(day, stretch))));
    let long_ago: u64 = parts.iter().map(|part| part.interests.total()).sum();
    let passed_over: u64 = parts.iter().map(|part| part.passed_over.total()).sum();
    // What was not read is what was counted.
    if interests != long_ago || kept(&parts) + passed_over + long_ago > of.rows {
        return Err(groups.damaged());
    }
    parts.into_iter().for_each(|part| part.add_to(rows));
    Ok(true)
}

/// The number of events that are there one by one.
fn kept(parts: &[Part]) -> u64 {
    parts.iter().flat_map(|part| &part.grouped).map(|group| group.columns.customer.len() as u64).sum()
}

/// The row groups of a file; none if it is of format 6.
fn parts_of(folder: &Path, file: &FileRef) -> Result<Option<(Groups, Vec<Part>)>> {
    let groups = Groups::open(folder, file)?;
    let has = |name: &str| groups.columns().any(|column| column == name);
    if !has(CUSTOMER[0]) {
        return Ok(None);
    }
    let further = [SECOND, names::CUSTOMER_ID].into_iter().filter(|name| has(name));
    let columns = [CUSTOMER[0], CUSTOMER[1], ROWS, KIND, Field::OccurredAt.name()];
    let columns: Vec<&str> = columns.into_iter().chain(further).collect();
    let parts = groups.load(&columns, part)?;
    Ok(Some((groups, parts)))
}

fn part(frame: &DataFrame) -> PolarsResult<Part> {
    let mut part = Part { rows: frame.height() as u64, ..Part::default() };
    let customers = customers(frame, &mut part.long)?;
    let days = whole(frame, Field::OccurredAt.name(), day::can_be)?;
    let kinds = frame.column(KIND)?.u8()?.rechunk();
    let counts = frame.column(ROWS)?.u32()?.rechunk();
    let (kinds, counts) = (kinds.cont_slice()?, counts.cont_slice()?);
    if kinds.iter().all(|kind| [OTHERS, INTERESTS].contains(kind)) {
        for ((day, count), kind) in days.into_iter().zip(counts).zip(kinds) {
            if day != day::MISSING {
                let counts = if *kind == OTHERS { &mut part.passed_over } else { &mut part.interests };
                counts.add(day, u64::from(*count));
            }
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

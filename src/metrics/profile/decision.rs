//! How long customers take to decide: from placing an order to paying it, and from a first look at a product to
//! ordering it.

mod looks;
mod payments;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use polars::prelude::*;

use super::finish::band_name;
use super::subjects::Subjects;
use super::{Of, Profile};
use crate::error::Result;
use crate::metrics::baskets::Categories;
use crate::metrics::finish::{counts, frame, rates, texts};
use crate::metrics::histories::PartColumns;
use crate::metrics::moment::moment;
use crate::metrics::scope::{Amounts, KEPT, Scope};
use crate::schema::orders::{self, TEXT};
use crate::schema::{CustomerCode, Day, Field, Micros, Orders, Shop, names, ranges};
use crate::stats::proportion::Proportion;
use looks::Looks;

/// Further columns of orders that must be asked for before reading the files.
pub const COLUMNS: [Field; 2] = [Field::CreatedAt, Field::PaidAt];

/// The phases: from placing an order to paying it, and from a first look to the order.
const PHASES: [&str; 2] = ["payment", "order"];

/// Classes of the time between placing and paying an order: up to a minute, 10 minutes, an hour, a day, longer; and
/// orders that were never paid.
pub const PAYMENT_DELAYS: [&str; 6] =
    ["up_to_1_minute", "1_to_10_minutes", "10_to_60_minutes", "1_to_24_hours", "later", "never"];

/// Classes of the time between the first look at a product and the order: within an hour, earlier on the same day, on
/// the six days before, on the 23 days before these; and no look seen in these 30 days.
pub const LOOK_DELAYS: [&str; 5] = ["same_hour", "same_day", "2_to_7_days", "8_to_30_days", "none_seen"];

/// The manner of deciding that each class of [`LOOK_DELAYS`] stands for.
const MANNERS: [Option<&str>; LOOK_DELAYS.len()] =
    [Some("impulsive"), Some("impulsive"), Some("considered"), Some("considered"), None];

/// Stands in place of a dimension in the rows of all groups together.
const ALL: &str = "all";

/// A day, and the second of the day if a time is given.
type Moment = (Day, Option<i32>);

/// Numbers of decisions by class of delay.
type Counts<const N: usize> = [u64; N];

/// The counts of one part of the orders.
#[derive(Default)]
struct Part {
    /// By number of the price band; `None` if the order's amount is not known.
    payments: BTreeMap<Option<usize>, Counts<{ PAYMENT_DELAYS.len() }>>,
    /// By number of the product's category; `None` if it is not known.
    looks: BTreeMap<Option<u32>, Counts<{ LOOK_DELAYS.len() }>>,
    /// Whether some payment has a time other than midnight, which may stand for a date without a time.
    has_times: bool,
    untimed: Untimed,
}

/// How long decisions took.
#[derive(Debug)]
pub struct Decision {
    /// One row per phase, group and delay: `phase`, `dimension` (all, price_band or category), `key` of the group (null
    /// for all, and if it is not known), `delay`, `manner` (impulsive or considered; null if it cannot be said),
    /// `decision_count` (for payments, orders; for looks, products of orders), and `delay_share`, the share of the
    /// delay in its group, with its interval `delay_share_low` and `delay_share_high`.
    ///
    /// A phase without data has no rows: payments if no times of day are given, looks if not both events and orders
    /// name products.
    pub frame: DataFrame,
    /// The orders that are in none of the rows; those of payments are counted only if that phase has rows.
    pub untimed: Untimed,
}

/// Orders whose decisions could not be timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Untimed {
    /// Paid or cancelled orders without the times of day of both placing and paying.
    pub without_times: u64,
    /// Orders whose payment is earlier than their placing.
    pub paid_before: u64,
    /// Valid orders with products for which the events do not cover the 30 days up to the order.
    pub uncovered: u64,
}

impl Profile {
    /// How long the customers of the portrait took to decide. The tables and the scope must be those of the portrait.
    /// `price_bands` are the ascending limits of order amounts in micro-units.
    ///
    /// # Errors
    /// Those of polars.
    pub fn decision(&self, shop: &Shop<'_>, scope: &Scope, price_bands: &[Micros]) -> Result<Decision> {
        decision(&self.subjects, shop, scope, price_bands)
    }
}

fn decision(subjects: &Subjects, shop: &Shop<'_>, scope: &Scope, price_bands: &[Micros]) -> Result<Decision> {
    // Orders without a known customer count as well, as the delay of a payment does not depend on who paid.
    let ruling = scope.ruling(shop.orders, false);
    let ask = Ask {
        orders: shop.orders,
        scope,
        price_bands,
        subjects,
        looks: shop.events().and_then(|events| Looks::new(events, &shop.orders.items)),
        categories: Categories::of(&shop.orders.items),
        moments: COLUMNS.map(|field| moments(shop.orders, field)),
    };
    let parts = shop.orders.parts.each_answer(|part| {
        let rows = Rows::of(part)?;
        Ok(ask.part(&rows, &ruling.rules(part)?))
    })?;
    let mut all = Part::default();
    parts.into_iter().for_each(|part| all.merge(part));
    let mut found = Vec::new();
    let mut untimed = all.untimed;
    if !all.has_times {
        (untimed.without_times, untimed.paid_before) = (0, 0);
    }
    if all.has_times {
        let name = |band: Option<usize>| band.map(|band| band_name(band, price_bands));
        // Orders whose amount is not known come last.
        let mut groups: Vec<_> = all.payments.into_iter().collect();
        groups.sort_by_key(|(band, _)| (band.is_none(), *band));
        let groups = groups.into_iter().map(|(band, counts)| (name(band), counts)).collect();
        found.extend(rows_of(PHASES[0], "price_band", groups, &PAYMENT_DELAYS, &[None; 6]));
    }
    let name =
        |number: Option<u32>| number.and_then(|number| ask.categories.names.get(number as usize).cloned());
    let mut groups: Vec<_> =
        all.looks.into_iter().map(|(category, counts)| (name(category), counts)).collect();
    groups.sort_by_key(|(name, counts)| (name.is_none(), Reverse(counts.iter().sum::<u64>()), name.clone()));
    found.extend(rows_of(PHASES[1], "category", groups, &LOOK_DELAYS, &MANNERS));
    // The rows of all groups together come first, for both phases.
    found.sort_by_key(|row| row.dimension != ALL);
    Ok(Decision { frame: finish(&found)?, untimed })
}

/// What is needed to read each part.
struct Ask<'a> {
    orders: &'a Orders,
    scope: &'a Scope,
    price_bands: &'a [Micros],
    subjects: &'a Subjects,
    looks: Option<Looks>,
    categories: Categories,
    /// The parsed moments of the texts in the columns of [`COLUMNS`], by number of the text.
    moments: [Vec<Option<Moment>>; 2],
}

/// The columns of a part.
struct Rows {
    customers: UInt32Chunked,
    columns: PartColumns,
    amounts: Amounts,
    status: UInt8Chunked,
    /// The columns of [`COLUMNS`], as numbers of their texts.
    numbers: [Option<UInt32Chunked>; 2],
}

impl Rows {
    fn of(part: &DataFrame) -> Result<Self> {
        let numbers = |field: Field| -> Result<Option<UInt32Chunked>> {
            let column = part.column(&format!("{TEXT}{}", field.name())).ok();
            Ok(column.map(|column| Ok::<_, PolarsError>(column.u32()?.rechunk().into_owned())).transpose()?)
        };
        Ok(Self {
            customers: part.column(orders::CUSTOMER)?.u32()?.rechunk().into_owned(),
            columns: PartColumns::of(part)?,
            amounts: Amounts::of(part)?,
            status: part.column(orders::STATUS)?.u8()?.rechunk().into_owned(),
            numbers: [numbers(COLUMNS[0])?, numbers(COLUMNS[1])?],
        })
    }
}

impl Ask<'_> {
    fn part(&self, rows: &Rows, rules: &[u8]) -> Part {
        let mut part = Part::default();
        let Ok(paid) = rows.amounts.paid() else { return part };
        let Ok(customers) = rows.customers.cont_slice() else {
            // None of the rows of this part has a known customer.
            if self.subjects.of == Of::All {
                (0..rules.len()).for_each(|row| self.time_payment(&mut part, rows, rules, row));
            }
            return part;
        };
        let mut start = 0;
        for run in customers.chunk_by(|a, b| a == b) {
            let all = start..start + run.len();
            start = all.end;
            let buys = |row: usize| rules[row] == KEPT && self.scope.is_order(Micros::new(paid[row]));
            let is_meant = self.subjects.of != Of::Converted || all.clone().any(buys);
            let customer = CustomerCode::new(run[0]);
            if !is_meant || !self.subjects.takes_buyer(customer) {
                continue;
            }
            for row in all {
                self.time_payment(&mut part, rows, rules, row);
                if buys(row) {
                    self.time_looks(&mut part, rows, customer, row);
                }
            }
        }
        part
    }

    /// When the order was placed (column 0 of [`COLUMNS`]) or paid (column 1).
    fn moment(&self, rows: &Rows, column: usize, row: usize) -> Option<Moment> {
        let number = rows.numbers[column].as_ref()?.get(row)?;
        self.moments[column].get(number as usize).copied().flatten()
    }
}

impl Part {
    fn merge(&mut self, other: Self) {
        fn add<K: Ord, const N: usize>(mine: &mut BTreeMap<K, Counts<N>>, theirs: BTreeMap<K, Counts<N>>) {
            for (key, counts) in theirs {
                let own = mine.entry(key).or_insert([0; N]);
                own.iter_mut().zip(counts).for_each(|(own, count)| *own += count);
            }
        }
        add(&mut self.payments, other.payments);
        add(&mut self.looks, other.looks);
        self.has_times |= other.has_times;
        self.untimed.add(other.untimed);
    }
}

impl Untimed {
    fn add(&mut self, other: Self) {
        self.without_times += other.without_times;
        self.paid_before += other.paid_before;
        self.uncovered += other.uncovered;
    }
}

/// The parsed moments of the texts of a further column, by number of the text.
fn moments(orders: &Orders, field: Field) -> Vec<Option<Moment>> {
    let texts = orders.texts.iter().find(|(name, _)| name == field.name());
    texts.map_or_else(Vec::new, |(_, texts)| texts.iter().map(|text| moment(text)).collect())
}

/// A row of the table.
struct Row {
    phase: &'static str,
    dimension: &'static str,
    key: Option<String>,
    delay: &'static str,
    manner: Option<&'static str>,
    part: Proportion,
}

/// The rows of all groups together, then those of each group. Groups without a decision have no rows.
fn rows_of<const N: usize>(
    phase: &'static str,
    dimension: &'static str,
    groups: Vec<(Option<String>, Counts<N>)>,
    delays: &[&'static str; N],
    manners: &[Option<&'static str>; N],
) -> Vec<Row> {
    let mut all = [0; N];
    for (_, counts) in &groups {
        all.iter_mut().zip(counts).for_each(|(all, count)| *all += count);
    }
    let groups = groups.into_iter().map(|(key, counts)| (dimension, key, counts));
    let with_all = std::iter::once((ALL, None, all)).chain(groups);
    let of_group = |(dimension, key, counts): (&'static str, Option<String>, Counts<N>)| {
        let of: u64 = counts.iter().sum();
        let row = move |place: usize| Row {
            phase,
            dimension,
            key: key.clone(),
            delay: delays[place],
            manner: manners[place],
            part: Proportion::new(counts[place], of),
        };
        (0..N).map(row).filter(move |_| of > 0).collect::<Vec<_>>()
    };
    with_all.flat_map(of_group).collect()
}

fn finish(rows: &[Row]) -> Result<DataFrame> {
    let text = |name: &str, of: fn(&Row) -> &'static str| {
        texts(name, rows.iter().map(|row| Some(of(row).to_owned())))
    };
    let mut columns = vec![
        text(names::PHASE, |row| row.phase),
        text(names::DIMENSION, |row| row.dimension),
        texts(names::KEY, rows.iter().map(|row| row.key.clone())),
        text(names::DELAY, |row| row.delay),
        texts(names::MANNER, rows.iter().map(|row| row.manner.map(str::to_owned))),
        counts(names::DECISION_COUNT, rows.iter().map(|row| Some(row.part.hits))),
    ];
    columns.extend(rates(ranges::DELAY_SHARE, rows.iter().map(|row| Some(row.part))));
    frame(columns)
}

#[cfg(test)]
mod tests;

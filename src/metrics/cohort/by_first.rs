//! What became of customers, grouped by what their first order was. After each number of days, only those customers are
//! counted whose first order is at least so long ago, whenever that was.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use polars::prelude::*;

use crate::error::Result;
use crate::metrics::baskets::Baskets;
use crate::metrics::finish::{amounts, counts, frame, rates};
use crate::metrics::firsts::{Firsts, Group};
use crate::metrics::histories::{History, OrderCount, fold};
use crate::metrics::scope::Scope;
use crate::schema::accounting::{Accounting, Rule};
use crate::schema::{Day, Orders, money, names, ranges};
use crate::stats::proportion::Proportion;

/// Days after the first order at which customers are looked at.
pub const HORIZONS: [i32; 4] = [30, 90, 180, 365];

/// Cohorts of customers by their first orders.
#[derive(Debug)]
pub struct FirstCohorts {
    /// One row per group and number of days ([`HORIZONS`]), the largest group first: the columns of the group,
    /// `horizon_days`, `cohort_customer_count` (of the group) and `customer_count` (the customers whose first order is
    /// at least so many days before the as-of day). The other columns are about these customers alone, from the first
    /// order up to so many days after it: `repurchased_count` (customers with a second order day), `retention` with its
    /// interval, `order_count`, `net_amount` and `cumulative_per_customer`. All columns from `customer_count` on are
    /// null if no customer's first order is old enough.
    pub frame: DataFrame,
    /// Where every row went.
    pub accounting: Accounting,
    /// Customers of all groups.
    pub customer_count: u64,
    /// Orders of these customers.
    pub order_count: u64,
}

/// Sums over the customers of a group whose first order is old enough for a horizon.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    customers: u64,
    repeaters: u64,
    orders: u64,
    net: i128,
}

#[derive(Debug, Clone, Default)]
struct Cohort {
    customers: u64,
    cells: [Cell; HORIZONS.len()],
}

#[derive(Debug, Default)]
struct Sums {
    cohorts: BTreeMap<Group, Cohort>,
    customers: u64,
    orders: OrderCount,
    baskets: Baskets,
}

/// Groups buyers by their first valid order. With a window, only buyers whose first order is within it are followed.
pub fn cohort_by_first(
    orders: &Orders,
    scope: &Scope,
    firsts: &Firsts<'_>,
    mut accounting: Accounting,
) -> Result<FirstCohorts> {
    let as_of = scope.as_of;
    let first_day = scope.first_day();
    let folded = fold(orders, &scope.all_time(), true, |sums: &mut Sums, columns, history| {
        if history.first_day() < first_day {
            return Some(Rule::OutsideWindow);
        }
        let own = Cohort { customers: 1, cells: HORIZONS.map(|days| Cell::of(history, days, as_of)) };
        for group in firsts.of(orders, columns, history, &mut sums.baskets) {
            sums.cohorts.entry(group).or_default().merge(&own);
        }
        sums.customers += 1;
        history.orders().for_each(|_| sums.orders.add());
        None
    })?;
    folded.excluded.account(&mut accounting);
    let mut sums = Sums::default();
    for part in folded.parts {
        part.cohorts.iter().for_each(|(group, theirs)| sums.cohorts.entry(*group).or_default().merge(theirs));
        sums.customers += part.customers;
        sums.orders.merge(&part.orders);
    }
    Ok(FirstCohorts {
        frame: finish(&sums, firsts)?,
        accounting,
        customer_count: sums.customers,
        order_count: sums.orders.total(),
    })
}

impl Cell {
    /// The sums of one customer alone, who counts if at least `days` days have passed since the first order.
    fn of(history: &History<'_>, days: i32, as_of: Day) -> Self {
        let first = history.first_day();
        let last = first.plus_days(days);
        if last > as_of {
            return Self::default();
        }
        // A credit note from before the first order refunds an order that the export does not have.
        let within = || history.documents.iter().filter(|document| document.day <= last);
        let orders = || within().filter(|document| document.is_order);
        Self {
            customers: 1,
            repeaters: u64::from(orders().any(|order| order.day > first)),
            orders: orders().count() as u64,
            net: within().map(|document| i128::from(document.net)).sum(),
        }
    }
}

impl Cohort {
    fn merge(&mut self, other: &Self) {
        self.customers += other.customers;
        for (mine, theirs) in self.cells.iter_mut().zip(&other.cells) {
            mine.customers += theirs.customers;
            mine.repeaters += theirs.repeaters;
            mine.orders += theirs.orders;
            mine.net += theirs.net;
        }
    }
}

fn finish(sums: &Sums, firsts: &Firsts<'_>) -> Result<DataFrame> {
    let mut cohorts: Vec<(Group, &Cohort)> =
        sums.cohorts.iter().map(|(group, cohort)| (*group, cohort)).collect();
    cohorts.sort_by_key(|(group, cohort)| (Firsts::rank(*group), Reverse(cohort.customers), *group));
    let rows: Vec<(Group, i32, u64, Option<Cell>)> = cohorts
        .into_iter()
        .flat_map(|(group, cohort)| {
            let known = |cell: Cell| Some(cell).filter(|cell| cell.customers > 0);
            let cells = HORIZONS.into_iter().zip(cohort.cells);
            cells.map(move |(days, cell)| (group, days, cohort.customers, known(cell)))
        })
        .collect();
    let count = |of: fn(&Cell) -> u64| rows.iter().map(move |(.., cell)| cell.as_ref().map(of));
    let mut columns = firsts.columns(rows.iter().map(|(group, ..)| *group));
    columns.extend([
        counts(names::HORIZON_DAYS, rows.iter().map(|(_, days, ..)| Some(*days as u64))),
        counts(names::COHORT_CUSTOMER_COUNT, rows.iter().map(|(_, _, size, _)| Some(*size))),
        counts(names::CUSTOMER_COUNT, count(|cell| cell.customers)),
        counts(names::REPURCHASED_COUNT, count(|cell| cell.repeaters)),
    ]);
    let repeats = |cell: &Cell| Proportion::new(cell.repeaters, cell.customers);
    columns.extend(rates(ranges::RETENTION, rows.iter().map(|(.., cell)| cell.as_ref().map(repeats))));
    let value = |cell: &Cell| money::mean(cell.net, cell.customers);
    columns.extend([
        counts(names::ORDER_COUNT, count(|cell| cell.orders)),
        amounts(names::NET_AMOUNT, rows.iter().map(|(.., cell)| cell.map(|cell| cell.net))),
        amounts(names::CUMULATIVE_PER_CUSTOMER, rows.iter().map(|(.., cell)| cell.as_ref().and_then(value))),
    ]);
    frame(columns)
}

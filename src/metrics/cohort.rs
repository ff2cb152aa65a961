//! Whether customers come back: the customers who first ordered in one calendar period are followed through the next
//! ones.

mod by_first;

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::RandomState;
use polars::prelude::*;

use super::calendar::Period;
use super::finish::{amounts, counts, dates, flags, frame, rates};
use super::firsts::First;
use super::histories::Histories;
use super::scope::Scope;
use crate::error::{Error, Result};
use crate::schema::accounting::{Accounting, Rule};
use crate::schema::{Day, Orders, money, names, ranges};
use crate::stats::proportion::Proportion;
pub use by_first::{FirstCohorts, HORIZONS, cohort_by_first};

/// What the customers of a cohort have in common: the calendar period of their first order, or a property of that
/// order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum By {
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// A quarter of a year.
    Quarter,
    /// The products of the first order; a customer can be in several cohorts.
    FirstProduct,
    /// The categories of these.
    FirstCategory,
    /// Where the customer came from.
    FirstSource,
    /// The coupon that the first order used.
    FirstCoupon,
    /// Whether the first order was at a deep discount.
    FirstDiscount,
    /// The province that the first order went to.
    Province,
    /// The sale, of [[sale]] in ecrm.toml, on whose days the first order was.
    Sale,
}

/// The two kinds of cohorts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Cohorts by the calendar period of the first order.
    Period(Period),
    /// Cohorts by a property of the first order.
    First(First),
}

impl By {
    /// Whether these are cohorts by calendar period or by a property of the first order, and by which one.
    pub fn kind(self) -> Kind {
        match self {
            Self::Week => Kind::Period(Period::Week),
            Self::Month => Kind::Period(Period::Month),
            Self::Quarter => Kind::Period(Period::Quarter),
            Self::FirstProduct => Kind::First(First::Product),
            Self::FirstCategory => Kind::First(First::Category),
            Self::FirstSource => Kind::First(First::Source),
            Self::FirstCoupon => Kind::First(First::Coupon),
            Self::FirstDiscount => Kind::First(First::Discount),
            Self::Province => Kind::First(First::Province),
            Self::Sale => Kind::First(First::Sale),
        }
    }
}

/// The cohorts of a shop.
#[derive(Debug)]
pub struct Cohorts {
    /// One row per cohort and calendar period, from the cohort's own period to that of the as-of day: `cohort` (the
    /// first day of the cohort's period), `period` (0, 1, 2 …), `cohort_customer_count`, `customer_count`, `retention`
    /// with its interval, `net_amount`, `cumulative_per_customer` and `is_first_of_history`. In a period that is not
    /// over, the columns from `customer_count` to `cumulative_per_customer` are null.
    pub frame: DataFrame,
    /// The first day of the cohort in whose period the orders begin, so that its customers may have ordered before;
    /// `None` if no customer is in that cohort.
    pub begins_history: Option<Day>,
    /// Where every row went.
    pub accounting: Accounting,
    /// Customers of all cohorts.
    pub customer_count: u64,
    /// Orders of these customers.
    pub order_count: u64,
}

/// Customers and net amount of a cohort in a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    /// Customers with an order in the period.
    pub customers: u64,
    /// Net amount in micro-units, after credit notes.
    pub net: i128,
}

/// The result of the heavy stage for calendar periods, whichever engine computes it.
#[derive(Debug, Default)]
pub struct Sums {
    /// The cells by the period of the first order and the number of periods since then. Credit notes from before the
    /// first order count in period 0.
    pub cells: HashMap<(i32, i32), Cell, RandomState>,
    /// Customers.
    pub customers: u64,
    /// Their orders.
    pub orders: u64,
}

/// Groups buyers by the period of their first valid order. With a window, only buyers whose first order is within it
/// are followed.
pub fn cohort<P>(orders: &Orders<P>, scope: &Scope, by: Period, mut accounting: Accounting) -> Result<Cohorts>
where
    Orders<P>: Histories,
{
    let as_of = scope.as_of;
    let all_time = scope.all_time();
    let first_day = scope.first_day();
    let folded = orders.fold(&all_time, true, |sums: &mut Sums, _, history| {
        if history.first_day() < first_day {
            return Some(Rule::OutsideWindow);
        }
        let cohort = by.of(history.first_day());
        let mut last_period = None;
        for document in history.documents {
            // A credit note from before the first order refunds an order that the export does not have.
            let period = (by.of(document.day) - cohort).max(0);
            let cell = sums.cells.entry((cohort, period)).or_default();
            cell.net += i128::from(document.net);
            if document.is_order {
                sums.orders += 1;
                cell.customers += u64::from(last_period != Some(period));
                last_period = Some(period);
            }
        }
        sums.customers += 1;
        None
    })?;
    folded.excluded.account(&mut accounting);
    let mut sums = Sums::default();
    for part in folded.parts {
        for (key, cell) in part.cells {
            let mine = sums.cells.entry(key).or_default();
            mine.customers += cell.customers;
            mine.net += cell.net;
        }
        sums.customers += part.customers;
        sums.orders += part.orders;
    }
    of_sums(&sums, by, as_of, orders.coverage()?.first_day, accounting)
}

/// The finish stage. `first_day` is the first day of any order, whether it counts or not.
///
/// # Errors
/// If the table would be so long that only wrong dates can be the reason.
pub fn of_sums(
    sums: &Sums,
    by: Period,
    as_of: Day,
    first_day: Option<Day>,
    accounting: Accounting,
) -> Result<Cohorts> {
    check_size(sums, by, as_of)?;
    let begins = first_day.map(|day| by.of(day));
    let is_there = |period: &i32| sums.cells.keys().any(|(cohort, _)| cohort == period);
    Ok(Cohorts {
        frame: finish(sums, by, as_of, begins)?,
        begins_history: begins.filter(is_there).map(|period| by.first_day(period)),
        accounting,
        customer_count: sums.customers,
        order_count: sums.orders,
    })
}

/// The greatest number of rows of a table of cohorts. Thirty-eight years of weekly cohorts have fewer.
const MOST_ROWS: i64 = 2_000_000;

/// Refuses a table that is so long that only wrong dates can be the reason.
fn check_size(sums: &Sums, by: Period, as_of: Day) -> Result<()> {
    let cohorts: BTreeSet<i32> = sums.cells.keys().map(|(cohort, _)| *cohort).collect();
    let last = by.of(as_of);
    let rows: i64 = cohorts.iter().map(|cohort| i64::from((last - cohort + 1).max(0))).sum();
    if rows <= MOST_ROWS {
        return Ok(());
    }
    let values = [("count", cohorts.len().to_string()), ("size", rows.to_string())];
    Err(Error::data_of("cohort_rows", &values))
}

/// A cohort in a period.
struct Row {
    cohort: i32,
    period: i32,
    size: u64,
    /// The figures of the period and the net amount up to its end; `None` if the period is not over.
    cell: Option<(Cell, i128)>,
}

fn rows(sums: &Sums, by: Period, as_of: Day) -> Vec<Row> {
    let mut cohorts: Vec<i32> = sums.cells.keys().map(|(cohort, _)| *cohort).collect();
    cohorts.sort_unstable();
    cohorts.dedup();
    let last = by.of(as_of);
    let mut rows = Vec::new();
    for cohort in cohorts {
        let at = |period| sums.cells.get(&(cohort, period)).copied().unwrap_or_default();
        let size = at(0).customers;
        let mut cumulated = 0;
        for period in 0..=last - cohort {
            cumulated += at(period).net;
            let is_over = by.is_over(cohort + period, as_of);
            rows.push(Row { cohort, period, size, cell: is_over.then_some((at(period), cumulated)) });
        }
    }
    rows
}

/// `begins` is the period in which the orders begin.
fn finish(sums: &Sums, by: Period, as_of: Day, begins: Option<i32>) -> Result<DataFrame> {
    let rows = rows(sums, by, as_of);
    let customers = |row: &Row| Some(row.cell?.0.customers);
    let retained = |row: &Row| Some(Proportion::new(customers(row)?, row.size));
    let mut columns = vec![
        dates(names::COHORT, rows.iter().map(|row| Some(by.first_day(row.cohort)))),
        counts(names::PERIOD, rows.iter().map(|row| Some(row.period as u64))),
        counts(names::COHORT_CUSTOMER_COUNT, rows.iter().map(|row| Some(row.size))),
        counts(names::CUSTOMER_COUNT, rows.iter().map(customers)),
    ];
    columns.extend(rates(ranges::RETENTION, rows.iter().map(retained)));
    columns.extend([
        amounts(names::NET_AMOUNT, rows.iter().map(|row| row.cell.map(|(cell, _)| cell.net))),
        amounts(
            names::CUMULATIVE_PER_CUSTOMER,
            rows.iter().map(|row| row.cell.and_then(|(_, sum)| money::mean(sum, row.size))),
        ),
        flags(names::IS_FIRST_OF_HISTORY, rows.iter().map(|row| Some(Some(row.cohort) == begins))),
    ]);
    frame(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{orders, rows};

    const COLUMNS: [&str; 5] =
        ["cohort", "period", "customer_count", "net_amount", "cumulative_per_customer"];

    #[test]
    fn a_table_that_only_wrong_dates_could_make_is_refused() {
        let sums = |by: Period, count: i32| Sums {
            cells: (0..count).map(|i| ((by.of(Day::EPOCH) + i, 0), Cell::default())).collect(),
            ..Sums::default()
        };
        // Weeks from 1970 to 2199 are about 12,000: 100 cohorts have 1.2 million rows, 3,000 have about thirty million.
        let last = Day::LAST;
        assert!(check_size(&sums(Period::Week, 100), Period::Week, last).is_ok());
        assert!(check_size(&sums(Period::Week, 3_000), Period::Week, last).is_err());
        // Fifty years by month are 600 cohorts of at most 600 periods.
        assert!(check_size(&sums(Period::Month, 600), Period::Month, Day::new(18_250)).is_ok());
    }

    /// A month is over at the end of its last day. A credit note from before the first order counts in period 0. A
    /// customer with two orders in a month counts once.
    #[test]
    fn a_period_is_shown_once_it_is_over() {
        let read = orders(
            "order_id,customer_id,order_date,amount;0,a,2025-12-30,-1;1,a,2026-01-10,10;2,a,2026-01-11,5;
             3,b,2026-01-31,6;4,a,2026-02-28,8",
        );
        let of = |as_of: &str| {
            let (orders, scope) = (&read.ingested.orders, read.up_to(as_of));
            let cohorts = cohort(orders, &scope, Period::Month, read.ingested.accounting.clone());
            rows(&cohorts.expect("cohorts").frame, &COLUMNS)
        };
        assert_eq!(of("2026-02-28"), ["2026-01-01,0,2,20.00,10.00", "2026-01-01,1,1,8.00,14.00"]);
        assert_eq!(of("2026-02-27"), ["2026-01-01,0,2,20.00,10.00", "2026-01-01,1,,,"]);
    }

    /// With a window, only customers whose first order of all is in it are followed.
    #[test]
    fn a_window_follows_whoever_is_new_in_it() {
        let read = orders(
            "order_id,customer_id,order_date,amount;1,a,2026-01-31,10;2,a,2026-02-10,5;3,b,2026-02-01,6;4,c,2026-02-28,1",
        );
        // The 28 days that end on 28 February begin on the first.
        let scope = read.window(28, "2026-02-28");
        let answer = cohort(&read.ingested.orders, &scope, Period::Month, read.ingested.accounting.clone())
            .expect("cohorts");
        assert_eq!(rows(&answer.frame, &COLUMNS), ["2026-02-01,0,2,7.00,3.50"]);
        assert_eq!((answer.customer_count, answer.order_count), (2, 2));
        assert_eq!(answer.accounting.excluded.of(Rule::OutsideWindow), 2);
    }

    /// The data begins in January with an order that does not count: the customers of February are new, those of
    /// January may have ordered before. One of two customers came back: Wilson's interval is 0.094531 to 0.905469.
    #[test]
    fn the_cohort_with_which_history_begins_is_marked() {
        let read = orders(
            "order_id,customer_id,status,order_date,amount;0,z,pending,2026-01-02,9;1,a,paid,2026-01-10,10;
             2,b,paid,2026-01-11,5;3,a,paid,2026-02-10,6;4,c,paid,2026-02-11,1",
        );
        let of = |window: Option<u32>| {
            let scope = match window {
                None => read.up_to("2026-02-28"),
                Some(days) => read.window(days, "2026-02-28"),
            };
            cohort(&read.ingested.orders, &scope, Period::Month, read.ingested.accounting.clone())
                .expect("cohorts")
        };
        let found = of(None);
        let columns = ["cohort", "period", "retention_low", "retention_high", "is_first_of_history"];
        assert_eq!(
            rows(&found.frame, &columns)[..2],
            ["2026-01-01,0,0.34238,1,true", "2026-01-01,1,0.094531,0.905469,true"]
        );
        assert!(rows(&found.frame, &columns)[2].ends_with(",false"));
        assert_eq!(found.begins_history, Some(crate::metrics::testing::on("2026-01-01")));
        assert_eq!(of(Some(28)).begins_history, None);
    }
}

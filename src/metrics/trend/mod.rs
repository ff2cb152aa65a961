//! Sales to new and returning customers by calendar period, each compared with the same period a year before.

mod figures;
mod rows;

use polars::prelude::DataFrame;

use super::calendar::{Period, months_before};
use super::coverage;
use super::histories::{Document, History, OrderCount, PartColumns, fold};
use super::scope::Scope;
use crate::error::Result;
use crate::schema::accounting::Accounting;
use crate::schema::{Day, Orders};
use figures::{Figures, Sums, money_back};
use rows::{Row, finish};

/// The calendar periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Days.
    Day,
    /// Monday to Sunday.
    Week,
    /// Calendar months.
    #[default]
    Month,
    /// Quarters of a year.
    Quarter,
}

/// The same week a year before is the one that began 52 weeks earlier: this many days.
const DAYS_OF_52_WEEKS: i32 = 364;

impl By {
    /// The number of the period in which a day lies.
    pub fn of(self, day: Day) -> i32 {
        self.period().map_or(day.number(), |period| period.of(day))
    }

    /// The first day of a period.
    pub fn first_day(self, period: i32) -> Day {
        self.period().map_or(Day::new(period), |of| of.first_day(period))
    }

    /// The last day of a period.
    pub fn last_day(self, period: i32) -> Day {
        self.first_day(period + 1).minus_days(1)
    }

    /// The first day, from `day` on, on which a period begins.
    fn first_begin(self, day: Day) -> Day {
        // Without a window, `day` is the beginning of time.
        if day == Day::BEFORE_ALL {
            return day;
        }
        let first = self.first_day(self.of(day));
        if first == day { day } else { self.first_day(self.of(day) + 1) }
    }

    /// The same day a year before. For weeks it is 364 days earlier, so that it is the same weekday; otherwise it is
    /// the same date, or 28 February for 29 February.
    pub fn year_before(self, day: Day) -> Day {
        match self {
            Self::Week => day.minus_days(DAYS_OF_52_WEEKS),
            Self::Day | Self::Month | Self::Quarter => months_before(day, 12),
        }
    }

    fn period(self) -> Option<Period> {
        match self {
            Self::Day => None,
            Self::Week => Some(Period::Week),
            Self::Month => Some(Period::Month),
            Self::Quarter => Some(Period::Quarter),
        }
    }
}

/// The sales of a shop by calendar period.
#[derive(Debug)]
pub struct Trend {
    /// One row per calendar period, from that of the first day of the data to that of as-of, periods without sales
    /// included: `period_on` (its first day), `is_unfinished`, `order_count`, `net_amount`, `aov`, `refund_rate`,
    /// `customer_count`, and `customer_count`, `order_count` and `net_amount` each for new and for returning customers;
    /// `previous_on` and all these figures a year before, with `previous_` before their names, null if the data begin
    /// later; `year_change` and `year_change_rate` of the net amount, and the change as a sum of `customers_effect`,
    /// `frequency_effect`, `aov_effect` and `unnamed_effect`; `is_covered`.
    pub frame: DataFrame,
    /// The first day of the orders, if they begin so late that some row has no figures of the year before.
    pub orders_begin: Option<Day>,
    /// Net amount, in micro-units, of rows without a known buyer in the periods shown; `None` if no buyer is known.
    pub net_without_buyers: Option<i128>,
    /// If no period begins in the window, the days of the shortest window in which one does.
    pub least_window: Option<i32>,
    /// Customers with a valid order in the periods shown.
    pub customer_count: u64,
    /// Valid orders in the periods shown.
    pub order_count: u64,
    /// Where every row went.
    pub accounting: Accounting,
}

#[derive(Debug, Default)]
struct Part {
    sums: Sums,
    customers: u64,
    orders: OrderCount,
}

/// Sums up each period. With a window, the periods that begin in it are shown; a customer who bought before it is not
/// new in it.
///
/// # Errors
/// Those of polars.
pub fn trend(orders: &Orders, scope: &Scope, by: By, mut accounting: Accounting) -> Result<Trend> {
    let as_of = scope.as_of;
    let all_time = scope.all_time();
    let calendar = Calendar::new(by, as_of);
    let shown_from = by.first_begin(scope.first_day());
    let folded = fold(orders, &all_time, false, |part: &mut Part, columns, history| {
        part.add(&calendar, shown_from, columns, history);
        None
    })?;
    folded.excluded.account(&mut accounting);
    let mut all = Part::default();
    for part in folded.parts {
        all.sums.merge(part.sums);
        all.customers += part.customers;
        all.orders.merge(&part.orders);
    }
    all.sums.merge(money_back(orders, &all_time, &calendar)?);
    let covered = coverage::of_orders(orders)?;
    let first = covered.first_day.filter(|_| scope.is_dated);
    let periods: Vec<i32> = first.map_or_else(Vec::new, |first| (by.of(first)..=by.of(as_of)).collect());
    let is_shown = |period: &i32| by.first_day(*period) >= shown_from;
    let row = |period: i32| {
        let before = by.of(by.year_before(by.first_day(period)));
        let is_over = as_of >= by.last_day(period);
        let first_before = by.first_day(before);
        let previous = covered.reaches(first_before).then(|| match is_over {
            true => all.sums.of(before),
            false => all.sums.to_date(),
        });
        Row {
            first_day: by.first_day(period),
            is_unfinished: !is_over,
            is_covered: covered.reaches(by.first_day(period)),
            figures: all.sums.of(period),
            first_day_before: first_before,
            previous,
        }
    };
    let rows: Vec<Row> = periods.into_iter().filter(is_shown).map(row).collect();
    let is_cut = rows.iter().any(|row| row.previous.is_none());
    let has_buyers = orders.has_buyers();
    Ok(Trend {
        frame: finish(&rows, has_buyers)?,
        least_window: (rows.is_empty() && first.is_some_and(|first| first <= as_of))
            .then(|| by.first_day(by.of(as_of)).days_until(as_of) + 1),
        orders_begin: covered.first_day.filter(|_| is_cut),
        net_without_buyers: (has_buyers && !orders.lacks_amounts)
            .then(|| rows.iter().map(Row::net_without_buyers).sum()),
        customer_count: all.customers,
        order_count: all.orders.total(),
        accounting,
    })
}

/// The calendar of the periods, and the days a year ago with which the unfinished period is compared.
#[derive(Debug, Clone, Copy)]
struct Calendar {
    by: By,
    /// The first and the last of these days.
    to_date: (Day, Day),
}

impl Calendar {
    fn new(by: By, as_of: Day) -> Self {
        let first = by.first_day(by.of(as_of));
        Self { by, to_date: (by.year_before(first), by.year_before(as_of)) }
    }

    /// Whether a day is one of those with which the unfinished period is compared.
    fn is_to_date(&self, day: Day) -> bool {
        self.to_date.0 <= day && day <= self.to_date.1
    }
}

impl Part {
    fn add(&mut self, calendar: &Calendar, shown_from: Day, columns: &PartColumns, history: &History<'_>) {
        let is_known = history.customer.is_some();
        self.customers += u64::from(is_known && history.last_day() >= shown_from);
        let first_day = history.first_day();
        // A refund of an order that the exports do not have counts as one of a new customer: that order must be older
        // than the customer's first exported one.
        let is_new = |document: &Document| {
            let day = is_known.then(|| columns.order_day(history, document).unwrap_or(Day::BEFORE_ALL));
            day.map(|day| day <= first_day)
        };
        // A customer's documents are sorted by day, so remembering the last period in which the customer was counted is
        // enough to count nobody twice in a period.
        let mut seen = [Seen::default(); 2];
        for document in history.documents {
            if document.is_order && document.day >= shown_from {
                self.orders.add();
            }
            let period = calendar.by.of(document.day);
            let is_new = is_new(document);
            seen[0].add(self.sums.of_mut(period), period, document, is_new);
            if calendar.is_to_date(document.day) {
                seen[1].add(self.sums.to_date_mut(), 0, document, is_new);
            }
        }
    }
}

/// The last period in which a customer was counted: at all, as a new one, and as a returning one.
#[derive(Debug, Clone, Copy, Default)]
struct Seen([Option<i32>; 3]);

impl Seen {
    /// Adds a document. `is_new` says whether it belongs to the day of the customer's first order; it is `None` if the
    /// customer is not known.
    fn add(&mut self, figures: &mut Figures, period: i32, document: &Document, is_new: Option<bool>) {
        figures.all.add(document);
        let Some(is_new) = is_new else { return };
        figures.known.add(document);
        let kind = if is_new { &mut figures.new } else { &mut figures.returning };
        kind.add(document);
        if document.is_order {
            let mut count = |place: usize, customers: &mut u64| {
                *customers += u64::from(self.0[place] != Some(period));
                self.0[place] = Some(period);
            };
            count(0, &mut figures.known.customers);
            match is_new {
                true => count(1, &mut figures.new.customers),
                false => count(2, &mut figures.returning.customers),
            }
        }
    }
}

#[cfg(test)]
mod tests;

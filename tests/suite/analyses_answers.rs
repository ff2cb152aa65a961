//! The answers of all analyses to the files of a small shop, as cells that can be compared. Every answer accounts for
//! all rows.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use ecrm::metrics::calendar::Period;
use ecrm::metrics::cohort::{cohort, cohort_by_first};
use ecrm::metrics::firsts::{First, Firsts};
use ecrm::metrics::interest::By as InterestBy;
use ecrm::metrics::interest::Interests;
use ecrm::metrics::migration::By as MigrationBy;
use ecrm::metrics::overview::{OverviewParams, overview};
use ecrm::metrics::products::products;
use ecrm::metrics::profile::{Of, profile};
use ecrm::metrics::purchases::Purchases;
use ecrm::metrics::region::By as RegionBy;
use ecrm::metrics::region::{Level, quotients, region};
use ecrm::metrics::repurchase::{By, ChurnLines, ChurnRule, Due, DueParams, Grouping, ladder, repurchase};
use ecrm::metrics::segment::SegmentParams;
use ecrm::metrics::trend::{By as TrendBy, trend};
use ecrm::metrics::value::{ValueParams, value};
use ecrm::metrics::{Scope, ScopeRequest};
use ecrm::parse::ReadOptions;
use ecrm::parse::source::Input;
use ecrm::reading::{Ingested, read_any};
use ecrm::schema::accounting::Accounting;
use ecrm::schema::{Day, Micros, Shop, Table, Wants};
use polars::prelude::{Column, DataFrame, DataType};
use proptest::prelude::*;

use super::analyses_moves::moved;

const ORDERS: &str = "order_id,customer_id,status,order_date,product_id,category,amount,province";
const EVENTS: &str = "customer_id,occurred_at,kind,source";

/// A value of a frame.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    Text(String),
    Whole(i64),
    Number(f64),
    /// Micro-units.
    Micros(i128),
    /// Since 1970-01-01.
    Day(i32),
    Flag(bool),
}

/// A text; none where it is empty.
pub fn text(text: &str) -> Cell {
    if text.is_empty() { Cell::Null } else { Cell::Text(text.to_owned()) }
}

pub fn count(count: usize) -> Cell {
    Cell::Whole(count as i64)
}

pub fn number(number: Option<f64>) -> Cell {
    number.map_or(Cell::Null, Cell::Number)
}

pub fn micros(micros: Option<i128>) -> Cell {
    micros.map_or(Cell::Null, Cell::Micros)
}

/// A part of a whole; none of nothing.
pub fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The ends of Wilson's interval of a part of a whole: where `(p − π)² = z² π (1 − π) / n`, which is `a π² − b π + p²`.
pub fn wilson(part: usize, whole: usize) -> [Cell; 2] {
    let Some(p) = share(part, whole) else { return [Cell::Null, Cell::Null] };
    let z2 = 1.959_963_984_540_054_f64.powi(2) / whole as f64;
    let (a, b) = (1.0 + z2, 2.0 * p + z2);
    let root = (b * b - 4.0 * a * p * p).max(0.0).sqrt();
    [(b - root) / (2.0 * a), (b + root) / (2.0 * a)].map(Cell::Number)
}

/// The ends of the interval of a part's rate over that of the whole around it, on the scale of logarithms: the part's
/// hits and the others' vary by themselves, and each moves both rates. A half more of each where nothing varies.
pub fn ratio_ends([part, of]: [usize; 2], [whole, of_whole]: [usize; 2]) -> [Cell; 2] {
    if part == 0 {
        return [Cell::Null, Cell::Null];
    }
    if of == of_whole {
        return [Cell::Number(1.0), Cell::Number(1.0)];
    }
    let of_counts = |more: f64| {
        let (hits, other_hits) = (part as f64 + more, (whole - part) as f64 + more);
        let (n, m, all) = (of as f64 + 2.0 * more, (of_whole - of) as f64 + 2.0 * more, hits + other_hits);
        let by_own = (other_hits / (hits * all)).powi(2) * hits * (n - hits) / n;
        let by_others = (other_hits * (m - other_hits) / m).max(0.0) / (all * all);
        ((hits / n * (n + m) / all).ln(), by_own + by_others)
    };
    let (log, variance) = match of_counts(0.0) {
        (_, 0.0) => of_counts(0.5),
        found => found,
    };
    let spread = 1.959_963_984_540_054 * variance.sqrt();
    let most = of_whole as f64 / of as f64;
    [Cell::Number((log - spread).exp()), Cell::Number((log + spread).exp().min(most))]
}

/// As [`share`], of amounts.
pub fn amount_share(part: i128, whole: i128) -> Option<f64> {
    // Of nothing, or of less, there are no parts.
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Rounded half away from zero.
pub fn mean(total: i128, count: usize) -> Option<i128> {
    let count = count as i128;
    (count > 0).then(|| total.signum() * ((2 * total.abs() + count) / (2 * count)))
}

/// By linear interpolation between the two nearest of ascending values (type 7).
pub fn percentile(ascending: &[i32], percent: usize) -> Option<f64> {
    let last = ascending.len().checked_sub(1)?;
    let at = (last * percent) as f64 / 100.0;
    let (below, above) = (ascending[at.floor() as usize], ascending[at.ceil() as usize]);
    Some(f64::from(below) + (at - at.floor()) * f64::from(above - below))
}

/// The rows of a frame.
pub fn cells(frame: &DataFrame) -> Vec<Vec<Cell>> {
    let columns: Vec<Vec<Cell>> = frame.columns().iter().map(column).collect();
    (0..frame.height()).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect()
}

fn column(column: &Column) -> Vec<Cell> {
    let series = column.as_materialized_series();
    match series.dtype() {
        DataType::String => each(series.str().unwrap().iter(), |text| Cell::Text(text.to_owned())),
        DataType::Float64 => each(series.f64().unwrap().iter(), Cell::Number),
        DataType::Boolean => each(series.bool().unwrap().iter(), Cell::Flag),
        DataType::Date => each(series.date().unwrap().physical().iter(), Cell::Day),
        DataType::Decimal(_, _) => each(series.decimal().unwrap().physical().iter(), Cell::Micros),
        _ => each(series.i64().unwrap().iter(), Cell::Whole),
    }
}

fn each<T>(values: impl Iterator<Item = Option<T>>, cell: impl Fn(T) -> Cell) -> Vec<Cell> {
    values.map(|value| value.map_or(Cell::Null, &cell)).collect()
}

/// Whether two cells are the same, numbers that are no whole ones nearly.
fn are_same(a: &Cell, b: &Cell) -> bool {
    match (a, b) {
        (Cell::Number(a), Cell::Number(b)) => (a - b).abs() <= 1e-9,
        (a, b) => a == b,
    }
}

/// Fails with the first row of a frame that is not as expected.
pub fn same(
    table: &str,
    frame: &DataFrame,
    header: &[&str],
    expected: &[Vec<Cell>],
) -> Result<(), TestCaseError> {
    let names: Vec<&str> = frame.columns().iter().map(|column| column.name().as_str()).collect();
    prop_assert_eq!(names.as_slice(), header);
    let found = cells(frame);
    for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
        let is_same =
            found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| are_same(a, b));
        prop_assert!(is_same, "{table}, row {row}:\n{found:?}, where the oracle has\n{expected:?}");
    }
    prop_assert_eq!(found.len(), expected.len(), "rows of {}", table);
    Ok(())
}

/// The header and the rows, as texts.
fn rendered(frame: &DataFrame) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> =
        vec![frame.columns().iter().map(|column| column.name().to_string()).collect()];
    for row in cells(frame) {
        rows.push(row.iter().map(|cell| format!("{cell:?}")).collect());
    }
    rows
}

/// What was read, and the day up to which it counts.
pub struct Read {
    pub ingested: Ingested,
    pub scope: Scope,
}

fn write(folder: &Path, name: &str, header: &str, rows: &[String]) -> PathBuf {
    let mut content = format!("{header}\n");
    for row in rows {
        writeln!(content, "{row}").unwrap();
    }
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path
}

fn balanced(accounting: &Accounting) {
    assert!(accounting.is_balanced(), "{accounting:?}");
}

impl Read {
    /// Reads files of orders with these rows, and a log with those.
    pub fn of(orders: &[&[String]], events: Option<&[String]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Vec::new();
        for (number, rows) in orders.iter().enumerate() {
            files.push(write(folder.path(), &format!("orders_{number}.csv"), ORDERS, rows));
        }
        files.extend(events.map(|rows| write(folder.path(), "events.csv", EVENTS, rows)));
        let inputs: Vec<Input> = files.into_iter().map(Input::file).collect();
        let wants = Wants {
            regions: true,
            extras: true,
            items: true,
            details: true,
            tables: vec![Table::Events, Table::OrderItems, Table::Customers],
            ..Wants::default()
        };
        let options = ReadOptions { wants, ..ReadOptions::default() };
        let ingested =
            read_any(&inputs, &options, &[Table::Orders, Table::Events]).unwrap().in_order().unwrap();
        balanced(&ingested.accounting);
        let scope =
            ScopeRequest::default().settled(&ingested.orders, ingested.frames.events.as_ref()).unwrap();
        Self { ingested, scope }
    }

    fn as_of(&self) -> Day {
        self.scope.as_of
    }

    fn accounting(&self) -> Accounting {
        self.ingested.accounting.clone()
    }

    fn shop(&self) -> Shop<'_> {
        self.ingested.shop()
    }

    /// The curve, the gaps and the rates.
    pub fn repurchase(&self, by: Option<By>) -> [DataFrame; 3] {
        let shop = self.shop();
        let grouping = match by.map(By::first) {
            None => Grouping::All,
            Some(None) => Grouping::Segment(SegmentParams::default()),
            Some(Some(first)) => Grouping::First(Box::new(Firsts::new(
                &shop,
                first,
                &ValueParams::default(),
                &[],
                self.as_of(),
            ))),
        };
        let rule = ChurnRule::default();
        let answer =
            repurchase(&self.ingested.orders, &self.scope, rule, &grouping, self.accounting()).unwrap();
        balanced(&answer.accounting);
        assert_eq!(answer.churn().unwrap().is_none(), by == Some(By::Segment));
        [answer.curve(), answer.gaps(), answer.rates()].map(Result::unwrap)
    }

    /// From each order to the next.
    pub fn ladder(&self) -> DataFrame {
        let answer = ladder(&self.ingested.orders, &self.scope, self.accounting()).unwrap();
        balanced(&answer.accounting);
        answer.frame
    }

    /// Cohorts by what first orders were.
    pub fn cohort_by_first(&self, first: First) -> DataFrame {
        let shop = self.shop();
        let firsts = Firsts::new(&shop, first, &ValueParams::default(), &[], self.as_of());
        let answer = cohort_by_first(&self.ingested.orders, &self.scope, &firsts, self.accounting()).unwrap();
        balanced(&answer.accounting);
        answer.frame
    }

    fn due(&self) -> DataFrame {
        let orders = &self.ingested.orders;
        let bought = products(orders, &self.scope, true, self.accounting()).unwrap();
        let params =
            DueParams { due_days: 7, weight: 2, cycle_days: 40.0, churn_lines: ChurnLines::both(90.0) };
        let due = Due::new(orders, &self.scope, Some(&bought), &params).unwrap();
        due.frame(orders, self.as_of()).unwrap()
    }

    pub fn cohort(&self) -> DataFrame {
        let answer = cohort(&self.ingested.orders, &self.scope, Period::Month, self.accounting()).unwrap();
        balanced(&answer.accounting);
        answer.frame
    }

    fn trend(&self, by: TrendBy) -> DataFrame {
        let answer = trend(&self.ingested.orders, &self.scope, by, self.accounting()).unwrap();
        balanced(&answer.accounting);
        answer.frame
    }

    /// The classes, the concentration, the Lorenz curve and the list of customers.
    pub fn value(&self) -> [DataFrame; 4] {
        let orders = &self.ingested.orders;
        let answer = value(orders, &self.scope, &ValueParams::default(), self.accounting()).unwrap();
        balanced(&answer.accounting);
        let figures = answer.figures();
        [figures.summary(), figures.concentration(), figures.lorenz(), answer.customers(&orders.customers)]
            .map(Result::unwrap)
    }

    pub fn interest(&self, periods: &[u32], by: Option<InterestBy>) -> DataFrame {
        self.interested(|interests| interests.summary(periods, by, 7).map(|(summary, _)| summary))
    }

    /// Asks about interests, with the purchases that the command takes.
    fn interested(&self, ask: impl FnOnce(&Interests<'_>) -> ecrm::Result<DataFrame>) -> DataFrame {
        let (shop, mut accounting) = (self.shop(), self.accounting());
        let bought = shop.has_orders.then(|| {
            let (bought, excluded) = Purchases::of_orders(shop.orders, &self.scope).unwrap();
            excluded.account(&mut accounting);
            bought
        });
        let interests = Interests::new(shop.events().unwrap(), bought, self.as_of());
        interests.account(&mut accounting);
        balanced(&accounting);
        ask(&interests).unwrap()
    }

    pub fn overview(&self) -> DataFrame {
        let answer =
            overview(&self.shop(), &self.scope, &OverviewParams::default(), self.accounting()).unwrap();
        balanced(&answer.accounting);
        answer.frame
    }

    /// The products, those bought together and those bought next, from one order on.
    pub fn products(&self) -> [DataFrame; 3] {
        let orders = &self.ingested.orders;
        let answer = products(orders, &self.scope, true, self.accounting()).unwrap();
        balanced(&answer.accounting);
        let items = &orders.items;
        [answer.summary(items), answer.together_frame(items, 1), answer.next_frame(items, 1)]
            .map(Result::unwrap)
    }

    pub fn region(&self) -> DataFrame {
        let answer = region(&self.shop(), &self.scope, Level::Province, self.accounting()).unwrap();
        balanced(&answer.accounting);
        answer.frame
    }

    pub fn quotients(&self, by: RegionBy) -> DataFrame {
        let orders = &self.ingested.orders;
        let answer = quotients(orders, &self.scope, Level::Province, by, self.accounting()).unwrap();
        balanced(&answer.accounting);
        answer.frame
    }

    fn profile(&self) -> [DataFrame; 2] {
        let bands = [1, 4].map(Micros::units);
        let answer = profile(&self.shop(), &self.scope, Of::All, &bands, self.accounting()).unwrap();
        balanced(&answer.accounting);
        [answer.frame, answer.hours]
    }

    /// Every table of every analysis, as texts.
    pub fn all(&self) -> Vec<(String, Vec<Vec<String>>)> {
        let mut frames: Vec<(String, DataFrame)> = Vec::new();
        let mut add = |analysis: &str, tables: Vec<DataFrame>| {
            let named = tables.into_iter().zip(1..).map(|(frame, i)| (format!("{analysis} {i}"), frame));
            frames.extend(named);
        };
        let groups =
            [By::Product, By::Category, By::Province, By::Source, By::Discount, By::Refunded, By::Segment];
        for by in [None].into_iter().chain(groups.map(Some)) {
            add(&format!("repurchase by {by:?}"), self.repurchase(by).into());
        }
        add("due", vec![self.due()]);
        add("ladder", vec![self.ladder()]);
        add("cohort", vec![self.cohort()]);
        add(
            "cohort by first",
            [First::Product, First::Source].map(|first| self.cohort_by_first(first)).into(),
        );
        add("value", self.value().into());
        for by in [MigrationBy::Segment, MigrationBy::RfmGroup, MigrationBy::Value, MigrationBy::Class] {
            let (moved, ids) =
                (moved(self, self.as_of().minus_days(60), by), &self.ingested.orders.customers);
            let tables = [moved.matrix(), moved.flows(), moved.customers(ids)].map(Result::unwrap);
            add(&format!("migration by {by:?}"), tables.into());
        }
        for by in [TrendBy::Day, TrendBy::Week, TrendBy::Month, TrendBy::Quarter] {
            add(&format!("trend by {by:?}"), vec![self.trend(by)]);
        }
        add("overview", vec![self.overview()]);
        add("products", self.products().into());
        add("region", vec![self.region()]);
        add("quotients", [RegionBy::Category, RegionBy::Month].map(|by| self.quotients(by)).into());
        add("profile", self.profile().into());
        if self.ingested.frames.events.is_some() {
            let ids = &self.ingested.orders.customers;
            add("interest", vec![self.interest(&[1, 7, 30], None)]);
            add("interest by source", vec![self.interest(&[30], Some(InterestBy::Source))]);
            add("interest by day", vec![self.interest(&[30], Some(InterestBy::Day))]);
            add("interested", vec![self.interested(|interests| interests.customers(ids, 30, 7))]);
        }
        frames.iter().map(|(name, frame)| (name.clone(), rendered(frame))).collect()
    }
}

//! Movements between two days and the trend of a small shop against naive oracles.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Months, NaiveDate};
use ecrm::metrics::group_map::GroupMap;
use ecrm::metrics::migration::{By, Migration, MigrationParams, migration};
use ecrm::metrics::rfm::{Grouping, RfmParams, Scoring};
use ecrm::metrics::segment::SegmentParams;
use ecrm::metrics::trend::{By as Periods, trend};
use ecrm::metrics::value::ValueParams;
use ecrm::schema::Day;
use polars::prelude::DataFrame;
use proptest::prelude::*;

use super::analyses::{Order, Sample, cases, date, sample};
use super::analyses_answers::{Cell, Read, cells, mean};

/// How customers moved from a day up to as-of.
pub fn moved(read: &Read, since: Day, by: By) -> Migration {
    let rfm =
        RfmParams { scoring: Scoring::Quantile, bins: 5, grouping: Grouping::Map(GroupMap::standard(5)) };
    let params = MigrationParams {
        by,
        since: Some(since),
        segment: SegmentParams::default(),
        rfm,
        value: ValueParams::default(),
    };
    let accounting = read.ingested.accounting.clone();
    let moved = migration(&read.ingested.orders, &read.scope, &params, accounting).unwrap();
    assert!(moved.accounting.is_balanced());
    moved
}

/// Columns of a frame.
fn of(frame: &DataFrame, columns: &[&str]) -> Vec<Vec<Cell>> {
    cells(&frame.select(columns.iter().copied()).unwrap())
}

/// What is known of a customer on a day: days since the last order, orders, net amount.
fn known(documents: &[&Order], day: i32) -> Option<(i32, usize, i128)> {
    let until: Vec<&&Order> = documents.iter().filter(|order| order.day <= day).collect();
    let orders: Vec<i32> = until.iter().filter(|order| order.is_order()).map(|order| order.day).collect();
    let last = orders.iter().max()?;
    Some((day - last, orders.len(), until.iter().map(|order| order.net()).sum()))
}

fn segment(recency: i32, orders: usize) -> &'static str {
    match (recency, orders) {
        (..=7, _) => "just_bought",
        (..=90, 1) => "active_new",
        (..=90, _) => "active_loyal",
        (..=365, 1) => "lapsing_new",
        (..=365, _) => "lapsing_loyal",
        _ => "lost",
    }
}

/// Customers, net amount and net amount since by where they were and where they are.
fn movements(sample: &Sample, since: i32) -> BTreeMap<(&'static str, &'static str), (i64, i128, i128)> {
    let mut all: BTreeMap<_, (i64, i128, i128)> = BTreeMap::new();
    for documents in sample.buyers().values() {
        let Some((recency, orders, net)) = known(documents, sample.as_of()) else { continue };
        let to = segment(recency, orders);
        let from = match known(documents, since) {
            None => "new_customer",
            Some((recency, ..)) if recency > 365 && to != "lost" => "returned_from_lost",
            Some((recency, orders, _)) => segment(recency, orders),
        };
        let later = documents.iter().filter(|order| order.day > since).map(|order| order.net());
        let sum = all.entry((from, to)).or_default();
        *sum = (sum.0 + 1, sum.1 + net, sum.2 + later.sum::<i128>());
    }
    all
}

fn whole(cell: &Cell) -> i64 {
    if let Cell::Whole(whole) = cell { *whole } else { 0 }
}

fn micros(cell: &Cell) -> i128 {
    if let Cell::Micros(micros) = cell { *micros } else { 0 }
}

fn name(cell: &Cell) -> &str {
    if let Cell::Text(text) = cell { text } else { "" }
}

/// The first day of a month, and of the one after.
fn month(day: i32) -> (NaiveDate, NaiveDate) {
    let first = date(day).with_day(1).unwrap();
    (first, first + Months::new(1))
}

/// Orders, net amount, customers, and customers, orders and net amount of new and of returning ones.
type Sold = (i64, i128, i64, [(i64, i64, i128); 2]);

/// What was sold from a day on and before another.
fn sold(sample: &Sample, days: std::ops::Range<NaiveDate>) -> Sold {
    let first_of: BTreeMap<u8, i32> = sample
        .buyers()
        .iter()
        .map(|(customer, of)| {
            (*customer, of.iter().filter(|order| order.is_order()).map(|order| order.day).min().unwrap())
        })
        .collect();
    let (mut orders, mut net) = (0, 0);
    let mut customers = BTreeSet::new();
    let mut kinds: [(BTreeSet<u8>, i64, i128); 2] = Default::default();
    for document in sample.documents().into_iter().filter(|order| days.contains(&date(order.day))) {
        net += document.net();
        orders += i64::from(document.is_order());
        let Some((customer, first)) =
            document.customer.and_then(|customer| Some((customer, first_of.get(&customer)?)))
        else {
            continue;
        };
        // A credit note is of the last order up to its day.
        let of_day = sample.buyers()[&customer]
            .iter()
            .filter(|order| order.is_order() && order.day <= document.day)
            .map(|order| order.day)
            .max();
        let kind = &mut kinds[usize::from(of_day.is_some_and(|day| day > *first))];
        kind.2 += document.net();
        if document.is_order() {
            customers.insert(customer);
            kind.0.insert(customer);
            kind.1 += 1;
        }
    }
    (
        orders,
        net,
        customers.len() as i64,
        kinds.map(|(customers, orders, net)| (customers.len() as i64, orders, net)),
    )
}

const SOLD: [&str; 10] = [
    "order_count",
    "net_amount",
    "aov",
    "customer_count",
    "new_customer_count",
    "new_order_count",
    "new_net_amount",
    "returning_customer_count",
    "returning_order_count",
    "returning_net_amount",
];

fn cells_of(sold: Sold, has_buyers: bool) -> Vec<Cell> {
    let (orders, net, customers, kinds) = sold;
    let aov = mean(net, orders as usize).map_or(Cell::Null, Cell::Micros);
    let mut row = vec![Cell::Whole(orders), Cell::Micros(net), aov, Cell::Whole(customers)];
    for (customers, orders, net) in kinds {
        row.extend([Cell::Whole(customers), Cell::Whole(orders), Cell::Micros(net)]);
    }
    if !has_buyers {
        row[3..].iter_mut().for_each(|cell| *cell = Cell::Null);
    }
    row
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn movements_are_what_the_oracle_says(sample in sample(), days in prop_oneof![1..40_i32, 1..500_i32]) {
        let since = sample.as_of() - days;
        let read = sample.read();
        let moved_by_segment = moved(&read, Day::new(since), By::Segment);
        let expected = movements(&sample, since);
        let columns = ["from", "to", "customer_count", "net_amount", "from_customer_count", "share"];
        let mut found = BTreeMap::new();
        for row in of(&moved_by_segment.matrix().unwrap(), &columns).into_iter().filter(|row| whole(&row[2]) > 0) {
            // Who is back from lost was lost, too: one row beside the other, of the same people.
            let lost = ["lost", "returned_from_lost"];
            let is_of = |from: &str| from == name(&row[0]) || lost.contains(&from) && lost.contains(&name(&row[0]));
            let stood: i64 = expected.iter().filter(|((from, _), _)| is_of(from)).map(|(_, sum)| sum.0).sum();
            prop_assert_eq!(whole(&row[4]), stood);
            prop_assert_eq!(&row[5], &Cell::Number(whole(&row[2]) as f64 / stood as f64));
            found.insert((name(&row[0]).to_owned(), name(&row[1]).to_owned()), (whole(&row[2]), micros(&row[3])));
        }
        let of_matrix: BTreeMap<_, _> = expected
            .iter()
            .map(|((from, to), (count, net, _))| (((*from).to_owned(), (*to).to_owned()), (*count, *net)))
            .collect();
        prop_assert_eq!(&found, &of_matrix);
        // Those lost and those won back are all whom these cells hold, with what they brought since.
        let columns = ["flow", "from", "to", "customer_count", "net_amount", "net_amount_since"];
        for row in of(&moved_by_segment.flows().unwrap(), &columns) {
            let cell = (name(&row[1]), name(&row[2]));
            let sum = expected.iter().find(|((from, to), _)| (*from, *to) == cell).map(|(_, sum)| *sum).unwrap();
            match name(&row[0]) {
                "lost" => prop_assert_eq!(cell.1, "lost"),
                "won_back" => prop_assert_eq!(cell.0, "returned_from_lost"),
                // Of those who just bought some may have been loyal before.
                _ => {
                    prop_assert!(whole(&row[3]) <= sum.0);
                    continue;
                }
            }
            prop_assert_eq!((whole(&row[3]), micros(&row[4]), micros(&row[5])), sum);
        }
        // Whatever they move between, everybody is somewhere once.
        let buyers = sample.buyers();
        let all: i128 = buyers.values().flatten().map(|order| order.net()).sum();
        for by in [By::Segment, By::RfmGroup, By::Value, By::Class] {
            let matrix = moved(&read, Day::new(since), by).matrix().unwrap();
            let sums = of(&matrix, &["customer_count", "net_amount"]);
            prop_assert_eq!(sums.iter().map(|row| whole(&row[0])).sum::<i64>(), buyers.len() as i64);
            prop_assert_eq!(sums.iter().map(|row| micros(&row[1])).sum::<i128>(), all);
        }
    }

    #[test]
    fn the_trend_is_what_the_oracle_says(sample in sample()) {
        let read = sample.read();
        let accounting = read.ingested.accounting.clone();
        let found = trend(&read.ingested.orders, &read.scope, Periods::Month, accounting).unwrap();
        prop_assert!(found.accounting.is_balanced());
        let as_of = sample.as_of();
        let Some(first_day) = sample.orders.iter().map(|order| order.day).min() else {
            prop_assert_eq!(found.frame.height(), 0);
            return Ok(());
        };
        let has_buyers = sample.orders.iter().any(|order| order.customer.is_some());
        let after = date(as_of + 1);
        let (mut first, _) = month(first_day);
        let mut rows = Vec::new();
        while first < after {
            let next = first + Months::new(1);
            let is_over = next <= after;
            let before = first - Months::new(12);
            // A month that goes on is set beside the same days.
            let end = if is_over { next - Months::new(12) } else { (date(as_of) - Months::new(12)) + chrono::Days::new(1) };
            let previous = (before >= date(first_day)).then(|| sold(&sample, before..end));
            rows.push((first, (!is_over, first >= date(first_day)), sold(&sample, first..next), previous));
            first = next;
        }
        let marks: Vec<Cell> = of(&found.frame, &["is_unfinished", "is_covered"]).concat();
        let expected = rows.iter().flat_map(|row| [Cell::Flag(row.1.0), Cell::Flag(row.1.1)]);
        prop_assert_eq!(marks, expected.collect::<Vec<_>>());
        let now: Vec<Vec<Cell>> = rows.iter().map(|row| cells_of(row.2, has_buyers)).collect();
        prop_assert_eq!(of(&found.frame, &SOLD), now);
        let names = SOLD.map(|name| format!("previous_{name}"));
        let before: Vec<Vec<Cell>> = rows
            .iter()
            .map(|row| row.3.map_or_else(|| vec![Cell::Null; SOLD.len()], |sold| cells_of(sold, has_buyers)))
            .collect();
        prop_assert_eq!(of(&found.frame, &names.each_ref().map(String::as_str)), before);
        let effects = ["year_change", "customers_effect", "frequency_effect", "aov_effect", "unnamed_effect"];
        for (row, (_, _, now, before)) in of(&found.frame, &effects).iter().zip(&rows) {
            let change = before.map(|before| now.1 - before.1);
            prop_assert_eq!(&row[0], &change.map_or(Cell::Null, Cell::Micros));
            if row[1] != Cell::Null {
                prop_assert_eq!(row[1..].iter().map(micros).sum::<i128>(), change.unwrap());
            }
        }
        // Days make up their month.
        let accounting = read.ingested.accounting.clone();
        let by_day = trend(&read.ingested.orders, &read.scope, Periods::Day, accounting).unwrap();
        for column in ["order_count", "new_order_count", "returning_order_count"] {
            let sum = |frame: &DataFrame| of(frame, &[column]).iter().map(|row| whole(&row[0])).sum::<i64>();
            prop_assert_eq!(sum(&by_day.frame), sum(&found.frame));
        }
    }
}

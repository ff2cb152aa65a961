//! When each customer's next order is expected, and what it may hold.

use std::cmp::Reverse;
use std::collections::HashMap;

use polars::prelude::*;

use crate::error::Result;
use crate::metrics::baskets::{Baskets, Item};
use crate::metrics::finish::{counts, dates, frame, ids, integers, ratios, texts};
use crate::metrics::histories::fold;
use crate::metrics::listing_order::in_order;
use crate::metrics::products::{Products, product_columns};
use crate::metrics::scope::Scope;
use crate::schema::{Orders, names};
use crate::stats::quantile::median_doubled;

/// Where a customer stands against the expected day, those to act on first: `due` around the day, `overdue` after, `in_cycle` before,
/// `lost` past the churn line.
pub const DUE_STATUSES: [&str; 4] = ["due", "overdue", "in_cycle", "lost"];

/// The cycle and the churn line in days that are assumed for a shop where nobody has ordered on two days yet.
pub const NO_GAPS: (f64, f64) = (90.0, 365.0);

/// How the next order is expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DueParams {
    /// Days before and after the expected day that are still `due`.
    pub due_days: u32,
    /// How many own gaps the shop's or the product's gap weighs as much as.
    pub weight: u32,
    /// The shop's cycle in days.
    pub cycle_days: f64,
    /// The shop's churn line in days.
    pub churn_line_days: f64,
}

/// A product's own cycle is used from so many gaps on.
const LEAST_GAPS: u64 = 10;

/// A product is taken as the next after another from so many orders on.
const LEAST_FOLLOWERS: u64 = 5;

/// What is expected of one customer.
#[derive(Debug, Clone, Copy)]
struct Row {
    customer: u32,
    last_day: i32,
    orders: u32,
    /// Twice the median own gap; none without a second order day.
    own_gap_doubled: Option<i64>,
    expected_gap: i32,
    status: u8,
    /// Number of the product; none where nothing says it.
    product: Option<u32>,
}

impl Row {
    fn expected_on(&self) -> i32 {
        self.last_day.saturating_add(self.expected_gap)
    }
}

/// The customers with what is expected of each.
#[derive(Debug)]
pub struct Due(Vec<Row>);

impl Due {
    /// Expects every buyer's next order. The scope's as-of is settled; `products` are those of the same orders, where
    /// any says what it holds.
    pub fn new(
        orders: &Orders,
        scope: &Scope,
        products: Option<&Products>,
        params: &DueParams,
    ) -> Result<Self> {
        let as_of = scope.as_of.unwrap_or(0);
        let first_day = scope.first_day();
        let all_time = scope.all_time();
        let advice = products.map(Advice::new).unwrap_or_default();
        let folded = fold(orders, &all_time, true, |part: &mut Part, columns, history| {
            let customer = history.customer.filter(|_| history.first_day() >= first_day)?;
            history.order_days(&mut part.days);
            part.gaps.clear();
            part.gaps.extend(part.days.windows(2).map(|pair| (pair[1] - pair[0], 1)));
            part.gaps.sort_unstable();
            if products.is_some() {
                part.baskets.fill(orders, columns, history);
            }
            let product = advice.product(&part.baskets);
            let own = median_doubled(&part.gaps);
            let prior = product.and_then(|product| advice.cycle(product)).unwrap_or(params.cycle_days);
            let expected_gap = shrunk(own, part.gaps.len(), prior, params.weight);
            let last_day = history.last_day();
            part.rows.push(Row {
                customer,
                last_day,
                orders: history.orders().count() as u32,
                own_gap_doubled: own,
                expected_gap,
                status: status(as_of - last_day, expected_gap, params),
                product,
            });
            None
        })?;
        Ok(Self(folded.parts.into_iter().flat_map(|part| part.rows).collect()))
    }

    /// One row per buyer, those to act on first: `customer_id`, `last_ordered_on`, `recency_days`, `order_count`,
    /// `own_gap_days`, `expected_gap_days`, `next_expected_on`, `status`, `product_id`, `title`.
    pub fn frame(self, orders: &Orders, as_of: i32) -> Result<DataFrame> {
        // By status, then by the day on which the next order is expected.
        let rank = |row: &Row| {
            i64::from(row.status) << u32::BITS | (i64::from(row.expected_on()) - i64::from(i32::MIN))
        };
        let by = |row: &Row| (rank(row), row.customer);
        let sorted = in_order(&[&self.0], by, &orders.customers, |rows, _| rows).concat();
        let rows = || sorted.iter();
        let codes: Vec<u32> = rows().map(|row| row.customer).collect();
        let mut columns = vec![
            ids(&orders.customers, &codes)?.into_column(),
            dates(names::LAST_ORDERED_ON, rows().map(|row| Some(row.last_day))),
            integers(names::RECENCY_DAYS, rows().map(|row| Some(i64::from(as_of) - i64::from(row.last_day)))),
            counts(names::ORDER_COUNT, rows().map(|row| Some(u64::from(row.orders)))),
            ratios(names::OWN_GAP_DAYS, rows().map(|row| row.own_gap_doubled.map(|gap| gap as f64 / 2.0))),
            integers(names::EXPECTED_GAP_DAYS, rows().map(|row| Some(i64::from(row.expected_gap)))),
            dates(names::NEXT_EXPECTED_ON, rows().map(|row| Some(row.expected_on()))),
            texts(
                names::DUE_STATUS,
                rows().map(|row| Some(DUE_STATUSES[usize::from(row.status)].to_owned())),
            ),
        ];
        let products = rows().map(|row| row.product.map_or(usize::MAX, |product| product as usize));
        columns.extend(product_columns(&orders.items, products, [names::PRODUCT_ID, names::TITLE]));
        frame(columns)
    }
}

#[derive(Debug, Default)]
struct Part {
    rows: Vec<Row>,
    days: Vec<i32>,
    gaps: Vec<(i32, u64)>,
    baskets: Baskets,
}

/// `(n · own + k · prior) / (n + k)` in whole days, at least 1: the median of n own gaps, weighed against a prior that
/// counts as k of them.
fn shrunk(own_doubled: Option<i64>, gaps: usize, prior: f64, weight: u32) -> i32 {
    let own = own_doubled.map_or(0.0, |gap| gap as f64 / 2.0);
    let (n, k) = (gaps as f64, f64::from(weight));
    let expected = if n + k > 0.0 { (n * own + k * prior) / (n + k) } else { prior };
    (expected + 0.5).floor().clamp(1.0, f64::from(i32::MAX)) as i32
}

/// The status's place in [`DUE_STATUSES`]. A customer whose own cycle is longer than the shop's is lost as much later.
fn status(recency: i32, expected_gap: i32, params: &DueParams) -> u8 {
    let slack = i64::from(params.due_days);
    let late = i64::from(recency) - i64::from(expected_gap);
    let stretch = if params.cycle_days > 0.0 { f64::from(expected_gap) / params.cycle_days } else { 1.0 };
    if late < -slack {
        2
    } else if late <= slack {
        0
    } else if f64::from(recency) <= params.churn_line_days * stretch.max(1.0) {
        1
    } else {
        3
    }
}

/// What to recommend, and how long products last.
#[derive(Debug, Default)]
struct Advice {
    cycles: HashMap<u32, f64>,
    next: HashMap<u32, u32>,
}

impl Advice {
    fn new(products: &Products) -> Self {
        let cycle = |(product, facts): (usize, &crate::metrics::products::ProductFacts)| {
            let cycle = facts.gaps.percentile(50)?;
            (facts.gaps.len() >= LEAST_GAPS).then_some((product as u32, cycle))
        };
        let mut next = HashMap::new();
        // The most frequent come first.
        for pair in products.next(LEAST_FOLLOWERS).0.iter().filter(|pair| pair.product != pair.other) {
            next.entry(pair.product).or_insert(pair.other);
        }
        Self { cycles: products.facts.iter().enumerate().filter_map(cycle).collect(), next }
    }

    /// The product a customer buys again and again (the one of the most days, then the one bought last); else what others
    /// bought next after the dearest item of the last order; else that item.
    fn product(&self, baskets: &Baskets) -> Option<u32> {
        let mut days: HashMap<u32, (u32, i32)> = HashMap::new();
        for (day, items) in baskets.iter() {
            for item in items {
                let (count, last) = days.entry(item.product).or_insert((0, i32::MIN));
                *count += u32::from(*last != day);
                *last = day;
            }
        }
        let usual = days.iter().max_by_key(|(product, seen)| (**seen, Reverse(**product)));
        if let Some((product, _)) = usual.filter(|(_, (count, _))| *count > 1) {
            return Some(*product);
        }
        let (_, items) = baskets.iter().last()?;
        let dearest = items.iter().max_by_key(|item: &&Item| (item.amount, Reverse(item.product)))?;
        Some(self.next.get(&dearest.product).copied().unwrap_or(dearest.product))
    }

    fn cycle(&self, product: u32) -> Option<f64> {
        self.cycles.get(&product).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_gaps_are_shrunk_toward_the_prior() {
        // Two own gaps of 10 against a prior of 40 that weighs as two: 25.
        assert_eq!(shrunk(Some(20), 2, 40.0, 2), 25);
        assert_eq!(shrunk(None, 0, 27.5, 2), 28);
        assert_eq!(shrunk(Some(2), 1, 1.0, 0), 1);
        assert_eq!(shrunk(Some(15), 6, 40.0, 2), 16);
    }

    #[test]
    fn the_status_follows_from_the_expected_day() {
        let params = DueParams { due_days: 7, weight: 2, cycle_days: 30.0, churn_line_days: 75.0 };
        let at = |recency, expected| DUE_STATUSES[usize::from(status(recency, expected, &params))];
        assert_eq!(at(22, 30), "in_cycle");
        assert_eq!(at(23, 30), "due");
        assert_eq!(at(37, 30), "due");
        assert_eq!(at(38, 30), "overdue");
        assert_eq!(at(75, 30), "overdue");
        assert_eq!(at(76, 30), "lost");
        // Twice the shop's cycle: lost after twice its churn line.
        assert_eq!(at(150, 60), "overdue");
        assert_eq!(at(151, 60), "lost");
        // A shorter cycle makes nobody lost sooner.
        assert_eq!(at(75, 10), "overdue");
    }
}

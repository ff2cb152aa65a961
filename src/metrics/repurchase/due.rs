//! When each customer's next order is expected, and what it may hold.

mod expect;
mod gaps;
mod holdout;
mod reasons;
#[cfg(test)]
mod tests;

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
use crate::schema::{CustomerCode, Day, Orders, names};
use crate::stats::quantile::median_doubled;
pub use expect::{DueRule, Expecting, expect};
use gaps::{ExpectedGap, first_lost_day, hundredths, status};
pub use holdout::Kept;
pub use reasons::DueReason;

use super::ChurnLines;

/// The statuses of customers on the as-of day, the most urgent first: `due` around the expected day, `overdue` after
/// it, `in_cycle` before it, `lost` past the churn line.
pub const DUE_STATUSES: [&str; 4] = ["due", "overdue", "in_cycle", "lost"];

/// The cycle, in days, assumed for a shop in which nobody has ordered on two days yet.
pub const USUAL_CYCLE_DAYS: f64 = 90.0;

/// The parameters of the expected next order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DueParams {
    /// Days before and after the expected day that are still `due`.
    pub due_days: u32,
    /// The weight of the shop's or the product's gap, as a number of the customer's own gaps.
    pub weight: u32,
    /// The shop's cycle in days.
    pub cycle_days: f64,
    /// The shop's churn lines.
    pub churn_lines: ChurnLines,
}

/// A product's own cycle is used if it has at least this many gaps.
const MIN_GAPS_FOR_CYCLE: u64 = 10;

/// A product is recommended after another only if it followed it in at least this many orders.
const MIN_FOLLOWERS: u64 = 5;

/// The expected next order of one customer.
#[derive(Debug, Clone, Copy)]
struct Row {
    customer: CustomerCode,
    last_day: Day,
    orders: u32,
    /// Twice the median of the customer's own gaps, in days, to stay whole; `None` without a second order day.
    own_gap_doubled: Option<i64>,
    /// Number of the customer's own gaps.
    gap_count: u32,
    /// The usual gap in days: that of the product if it has one, else the shop's.
    usual_gap: f64,
    is_of_product: bool,
    /// Expected days from the last order to the next, rounded.
    expected_gap: i32,
    status: u8,
    /// The first day past the churn line; `None` if there is no line.
    lost_on: Option<Day>,
    /// Number of the product to recommend, if there is one.
    product: Option<u32>,
}

impl Row {
    fn expected_on(&self) -> Day {
        self.last_day.plus_days(self.expected_gap)
    }

    fn expected(&self) -> Expected {
        Expected {
            status: DUE_STATUSES[usize::from(self.status)],
            gap_days: self.expected_gap,
            next_on: self.expected_on(),
            lost_on: self.lost_on,
            product: self.product,
        }
    }
}

/// The expected next order of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// One of [`DUE_STATUSES`].
    pub status: &'static str,
    /// Expected days from the last order to the next.
    pub gap_days: i32,
    /// Expected day of the next order.
    pub next_on: Day,
    /// First day on which the customer is lost, if no order comes before; `None` if there is no churn line.
    pub lost_on: Option<Day>,
    /// Number of the product to recommend, if there is one.
    pub product: Option<u32>,
}

/// The customers with the expected next order of each.
#[derive(Debug)]
pub struct Due(Vec<Row>);

impl Due {
    /// Computes the expected next order of every buyer whose first order is in the scope's window. `products` must be
    /// those of the same orders, of all time; without it, no products are used.
    pub fn new(
        orders: &Orders,
        scope: &Scope,
        products: Option<&Products>,
        params: &DueParams,
    ) -> Result<Self> {
        let as_of = scope.as_of;
        let first_day = scope.first_day();
        let all_time = scope.all_time();
        let advice = products.map(Advice::new).unwrap_or_default();
        let folded = fold(orders, &all_time, true, |part: &mut Part, columns, history| {
            let customer = history.customer.filter(|_| history.first_day() >= first_day)?;
            history.order_days(&mut part.days);
            part.gaps.clear();
            part.gaps.extend(part.days.windows(2).map(|pair| (pair[0].days_until(pair[1]), 1)));
            part.gaps.sort_unstable();
            if products.is_some() {
                part.baskets.fill(&orders.items, columns, history);
            }
            let product = advice.product(&part.baskets);
            let own = median_doubled(&part.gaps);
            let of_product = product.and_then(|product| advice.cycle(product));
            let prior = of_product.unwrap_or(params.cycle_days);
            let gap = ExpectedGap::new(own, part.gaps.len(), prior, params.weight);
            let last_day = history.last_day();
            let line = params.churn_lines.after(part.gaps.len() as u32);
            part.rows.push(Row {
                customer,
                last_day,
                orders: history.orders().count() as u32,
                own_gap_doubled: own,
                gap_count: part.gaps.len() as u32,
                usual_gap: prior,
                is_of_product: of_product.is_some(),
                expected_gap: gap.days(),
                status: status(last_day.days_until(as_of), gap, line, params),
                lost_on: line.map(|line| last_day.plus_days(first_lost_day(gap, line, params))),
                product,
            });
            None
        })?;
        Ok(Self(folded.parts.into_iter().flat_map(|part| part.rows).collect()))
    }

    /// The expected next order of each buyer, with the buyer's code.
    pub fn each(&self) -> impl Iterator<Item = (CustomerCode, Expected)> {
        self.0.iter().map(|row| (row.customer, row.expected()))
    }

    /// One row per buyer, the most urgent first: `customer_id`, `last_ordered_on`, `recency_days`, `order_count`,
    /// `own_gap_days`, `expected_gap_days`, `next_expected_on`, `status`, `product_id`, `title`.
    pub fn frame(self, orders: &Orders, as_of: Day) -> Result<DataFrame> {
        // Sorted by status, then by the expected day, then by customer.
        let rank = |row: &Row| {
            i64::from(row.status) << u32::BITS | (i64::from(row.expected_on().number()) - i64::from(i32::MIN))
        };
        let by = |row: &Row| (rank(row), row.customer);
        let sorted = in_order(&[&self.0], by, &orders.customers, |rows, _| rows).concat();
        let rows = || sorted.iter();
        let codes: Vec<CustomerCode> = rows().map(|row| row.customer).collect();
        let mut columns = vec![
            ids(&orders.customers, &codes)?.into_column(),
            dates(names::LAST_ORDERED_ON, rows().map(|row| Some(row.last_day))),
            integers(names::RECENCY_DAYS, rows().map(|row| Some(i64::from(row.last_day.days_until(as_of))))),
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
    days: Vec<Day>,
    gaps: Vec<(i32, u64)>,
    baskets: Baskets,
}

/// By product: how long it lasts (the median gap in days), and what is most often bought next.
#[derive(Debug, Default)]
struct Advice {
    cycles: HashMap<u32, f64>,
    next: HashMap<u32, u32>,
}

impl Advice {
    fn new(products: &Products) -> Self {
        let cycle = |(product, facts): (usize, &crate::metrics::products::ProductFacts)| {
            let cycle = facts.gaps.percentile(50)?;
            (facts.gaps.len() >= MIN_GAPS_FOR_CYCLE).then_some((product as u32, cycle))
        };
        let mut next = HashMap::new();
        // The most frequent pairs come first, so the first one of a product is kept.
        for pair in products.next(MIN_FOLLOWERS).0.iter().filter(|pair| pair.product != pair.other) {
            next.entry(pair.product).or_insert(pair.other);
        }
        Self { cycles: products.facts.iter().enumerate().filter_map(cycle).collect(), next }
    }

    /// The product to recommend: the one that the customer bought on the most days (the one bought last, if several),
    /// if these are at least two; else what others bought next most often after the dearest item of the last order;
    /// else that item.
    fn product(&self, baskets: &Baskets) -> Option<u32> {
        let mut days: HashMap<u32, (u32, Option<Day>)> = HashMap::new();
        for (day, items) in baskets.iter() {
            for item in items {
                let (count, last) = days.entry(item.product).or_insert((0, None));
                *count += u32::from(*last != Some(day));
                *last = Some(day);
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

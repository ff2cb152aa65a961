//! When each customer's next order is expected, and what it may hold.

mod reasons;

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
pub use reasons::DueReason;

/// Where a customer stands against the expected day, those to act on first: `due` around the day, `overdue` after,
/// `in_cycle` before,
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
    /// How many own gaps.
    gap_count: u32,
    /// The usual gap in days: that of the product, or the shop's.
    usual_gap: f64,
    is_of_product: bool,
    /// In whole days.
    expected_gap: i32,
    status: u8,
    /// The first day past the churn line.
    lost_on: i32,
    /// Number of the product; none where nothing says it.
    product: Option<u32>,
}

impl Row {
    fn expected_on(&self) -> i32 {
        self.last_day.saturating_add(self.expected_gap)
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

/// What is expected of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// One of [`DUE_STATUSES`].
    pub status: &'static str,
    /// Whole days to the next order.
    pub gap_days: i32,
    /// Day of the next order.
    pub next_on: i32,
    /// First day on which the customer is lost, if no order comes before.
    pub lost_on: i32,
    /// Number of the product to recommend; none where nothing says it.
    pub product: Option<u32>,
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
            let of_product = product.and_then(|product| advice.cycle(product));
            let prior = of_product.unwrap_or(params.cycle_days);
            let gap = ExpectedGap::new(own, part.gaps.len(), prior, params.weight);
            let last_day = history.last_day();
            part.rows.push(Row {
                customer,
                last_day,
                orders: history.orders().count() as u32,
                own_gap_doubled: own,
                gap_count: part.gaps.len() as u32,
                usual_gap: prior,
                is_of_product: of_product.is_some(),
                expected_gap: gap.days(),
                status: status(as_of - last_day, gap, params),
                lost_on: last_day.saturating_add(first_lost_day(gap, params)),
                product,
            });
            None
        })?;
        Ok(Self(folded.parts.into_iter().flat_map(|part| part.rows).collect()))
    }

    /// What is expected of each buyer, by code.
    pub fn each(&self) -> impl Iterator<Item = (u32, Expected)> {
        self.0.iter().map(|row| (row.customer, row.expected()))
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

/// The days to the next order, `(n · own + k · prior) / (n + k)`: the median of n own gaps, weighed against a prior
/// that counts as k of them. A fraction, so that nothing is compared that was rounded.
#[derive(Debug, Clone, Copy)]
struct ExpectedGap {
    /// Over `weights` and [`HUNDREDTHS`].
    numerator: i128,
    weights: i128,
}

/// Quantiles of whole days by linear interpolation at whole percents are whole hundredths of a day.
const HUNDREDTHS: i128 = 100;

fn hundredths(days: f64) -> i128 {
    (days * HUNDREDTHS as f64).round() as i128
}

impl ExpectedGap {
    fn new(own_doubled: Option<i64>, gaps: usize, prior: f64, weight: u32) -> Self {
        let (n, k) = (gaps as i128, i128::from(weight));
        let own = i128::from(own_doubled.unwrap_or(0)) * HUNDREDTHS / 2;
        match n + k {
            0 => Self { numerator: hundredths(prior), weights: 1 },
            weights => Self { numerator: n * own + k * hundredths(prior), weights },
        }
    }

    /// In whole days, half a day up, at least 1.
    fn days(self) -> i32 {
        let whole = self.weights * HUNDREDTHS;
        let rounded = (2 * self.numerator + whole).div_euclid(2 * whole);
        rounded.clamp(1, i128::from(i32::MAX)) as i32
    }
}

/// The status's place in [`DUE_STATUSES`]: by the days to or since the expected one, a whole day; and past the churn
/// line, which a customer whose expected gap is longer than the shop's cycle crosses as much later, not rounded.
fn status(recency: i32, gap: ExpectedGap, params: &DueParams) -> u8 {
    let slack = i64::from(params.due_days);
    let late = i64::from(recency) - i64::from(gap.days());
    let (cycle, churn_line) = (hundredths(params.cycle_days), hundredths(params.churn_line_days));
    // recency > churn_line · max(1, gap / cycle), without the divisions.
    let recency = i128::from(recency) * HUNDREDTHS;
    let is_past =
        recency > churn_line && (cycle <= 0 || recency * cycle * gap.weights > churn_line * gap.numerator);
    match late {
        _ if late < -slack => 2,
        _ if late <= slack => 0,
        _ if is_past => 3,
        _ => 1,
    }
}

/// The fewest days of silence with which [`status`] is that of the lost.
fn first_lost_day(gap: ExpectedGap, params: &DueParams) -> i32 {
    let (cycle, churn_line) = (hundredths(params.cycle_days), hundredths(params.churn_line_days));
    let after_expected = i128::from(gap.days()) + i128::from(params.due_days) + 1;
    let past_line = churn_line.div_euclid(HUNDREDTHS) + 1;
    let stretched = match cycle * gap.weights {
        0 => 0,
        scale => (churn_line * gap.numerator).div_euclid(scale * HUNDREDTHS) + 1,
    };
    after_expected.max(past_line).max(stretched).min(i128::from(i32::MAX)) as i32
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

    /// The product a customer buys again and again (the one of the most days, then the one bought last); else what
    /// others bought next after the dearest item of the last order; else that item.
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
        let days = |own, gaps, prior, weight| ExpectedGap::new(own, gaps, prior, weight).days();
        // Two own gaps of 10 against a prior of 40 that weighs as two: 25.
        assert_eq!(days(Some(20), 2, 40.0, 2), 25);
        // Half a day is rounded up.
        assert_eq!(days(None, 0, 27.5, 2), 28);
        assert_eq!(days(None, 0, 27.49, 2), 27);
        assert_eq!(days(Some(2), 1, 1.0, 0), 1);
        // (6 · 7.5 + 2 · 40) / 8 = 15.625.
        assert_eq!(days(Some(15), 6, 40.0, 2), 16);
        // Without own gaps and without a weight there is the prior alone.
        assert_eq!(days(None, 0, 33.0, 0), 33);
        assert_eq!(days(None, 0, 0.2, 2), 1);
    }

    const PARAMS: DueParams = DueParams { due_days: 7, weight: 2, cycle_days: 30.0, churn_line_days: 75.0 };

    /// The status of a customer whose expected gap is that of the prior alone.
    fn at(recency: i32, expected: f64, params: &DueParams) -> &'static str {
        DUE_STATUSES[usize::from(status(recency, ExpectedGap::new(None, 0, expected, 2), params))]
    }

    #[test]
    fn the_status_follows_from_the_expected_day() {
        let at = |recency, expected| at(recency, expected, &PARAMS);
        assert_eq!(at(22, 30.0), "in_cycle");
        assert_eq!(at(23, 30.0), "due");
        assert_eq!(at(37, 30.0), "due");
        assert_eq!(at(38, 30.0), "overdue");
        assert_eq!(at(75, 30.0), "overdue");
        assert_eq!(at(76, 30.0), "lost");
        // Twice the shop's cycle: lost after twice its churn line.
        assert_eq!(at(150, 60.0), "overdue");
        assert_eq!(at(151, 60.0), "lost");
        // A shorter cycle makes nobody lost sooner.
        assert_eq!(at(75, 10.0), "overdue");
        assert_eq!(at(76, 10.0), "lost");
    }

    /// 29.5 days are expected on the 30th; the churn line is stretched by what they are, 29.5 over the shop's 29.5, not
    /// by 30.
    #[test]
    fn only_the_expected_day_is_rounded() {
        let params = DueParams { cycle_days: 29.5, churn_line_days: 100.0, ..PARAMS };
        assert_eq!(
            [22, 23, 37, 38].map(|recency| at(recency, 29.5, &params)),
            ["in_cycle", "due", "due", "overdue"]
        );
        assert_eq!([100, 101].map(|recency| at(recency, 29.5, &params)), ["overdue", "lost"]);
        // 31.2 of 30 stretch 75 to exactly 78.
        assert_eq!([78, 79].map(|recency| at(recency, 31.2, &PARAMS)), ["overdue", "lost"]);
    }

    /// The churn line decides who is lost: with none all of the late are.
    #[test]
    fn the_churn_line_is_what_makes_a_customer_lost() {
        let with = |churn_line_days| DueParams { churn_line_days, ..PARAMS };
        assert_eq!(at(60, 30.0, &with(59.0)), "lost");
        assert_eq!(at(60, 30.0, &with(60.0)), "overdue");
        assert_eq!(at(60, 30.0, &with(60.01)), "overdue");
        assert_eq!(at(38, 30.0, &with(0.0)), "lost");
        assert_eq!(at(37, 30.0, &with(0.0)), "due");
        // A shop where everybody orders within a day has no cycle to stretch by.
        assert_eq!(at(10, 1.0, &DueParams { cycle_days: 0.0, churn_line_days: 9.0, ..PARAMS }), "lost");
    }

    /// The day that is worked out is the one on which the status turns.
    #[test]
    fn the_first_lost_day_is_the_one_on_which_the_status_turns() {
        for (cycle_days, churn_line_days, expected, due_days) in [
            (30.0, 75.0, 30.0, 7),
            (30.0, 75.0, 60.0, 7),
            (30.0, 75.0, 31.2, 7),
            (29.5, 100.0, 29.5, 7),
            (30.0, 60.01, 30.0, 0),
            (30.0, 0.0, 30.0, 7),
            (0.0, 9.0, 1.0, 7),
            (30.0, 31.0, 90.0, 30),
        ] {
            let params = DueParams { due_days, weight: 2, cycle_days, churn_line_days };
            let first = first_lost_day(ExpectedGap::new(None, 0, expected, 2), &params);
            assert_ne!(at(first - 1, expected, &params), "lost", "{params:?} {expected}");
            assert_eq!(at(first, expected, &params), "lost", "{params:?} {expected}");
        }
    }

    use crate::metrics::products::products;
    use crate::metrics::testing::{Read, on, orders, rows};
    use crate::schema::names::{DUE_STATUS, EXPECTED_GAP_DAYS, NEXT_EXPECTED_ON};

    fn due(read: &Read, as_of: &str, params: &DueParams) -> DataFrame {
        let (orders, scope) = (&read.ingested.orders, read.up_to(as_of));
        let bought = products(orders, &scope, read.ingested.accounting.clone()).expect("products");
        let due = Due::new(orders, &scope, Some(&bought), params).expect("customers");
        due.frame(orders, on(as_of)).expect("a frame")
    }

    /// Expected 30 days after: by status, then by day, then by id.
    #[test]
    fn those_to_act_on_come_first() {
        let read = orders(
            "order_id,customer_id,order_date,amount;1,lost,2025-12-01,5;2,late_b,2026-01-15,5;3,late_a,2026-01-15,5;
             4,later,2026-01-20,5;5,due,2026-02-01,5;6,new,2026-03-01,5;7,also,2026-02-03,5",
        );
        // Silent for 45 and more; the churn line is 75.
        let found = due(&read, "2026-03-03", &PARAMS);
        assert_eq!(
            rows(&found, &["customer_id", DUE_STATUS, EXPECTED_GAP_DAYS, NEXT_EXPECTED_ON]),
            [
                "due,due,30,2026-03-03",
                "also,due,30,2026-03-05",
                "late_a,overdue,30,2026-02-14",
                "late_b,overdue,30,2026-02-14",
                "later,overdue,30,2026-02-19",
                "new,in_cycle,30,2026-03-31",
                "lost,lost,30,2025-12-31",
            ]
        );
    }

    /// Ten gaps of two days make the tea's own cycle, nine do not. Own gaps and two that weigh as the usual one.
    #[test]
    fn a_product_has_a_cycle_of_its_own_from_ten_gaps_on() {
        let of = |count: i32| {
            let mut text = "order_id,customer_id,order_date,amount,product_id".to_owned();
            for i in 0..count {
                text.push_str(&format!(";{i},a,2026-01-{:02},5,tea", 1 + 2 * i));
            }
            let last = format!("2026-01-{:02}", 2 * count - 1);
            rows(&due(&orders(&text), &last, &PARAMS), &[EXPECTED_GAP_DAYS, "product_id"])
        };
        // (9 · 2 + 2 · 30) / 11 = 7.1 and (10 · 2 + 2 · 2) / 12.
        assert_eq!(of(10), ["7,tea"]);
        assert_eq!(of(11), ["2,tea"]);
    }

    /// After the tea came the cup, in five orders or four.
    #[test]
    fn what_others_bought_next_is_recommended_from_five_orders_on() {
        let of = |others: i32| {
            let mut text =
                "order_id,customer_id,order_date,amount,product_id;z,z,2026-01-05,5,tea".to_owned();
            for i in 0..others {
                text.push_str(&format!(";a{i},c{i},2026-01-01,5,tea;b{i},c{i},2026-01-02,9,cup"));
            }
            let found = rows(&due(&orders(&text), "2026-01-05", &PARAMS), &["customer_id", "product_id"]);
            found.into_iter().find(|row| row.starts_with("z,")).expect("the one who bought once")
        };
        assert_eq!(of(4), "z,tea");
        assert_eq!(of(5), "z,cup");
    }
}

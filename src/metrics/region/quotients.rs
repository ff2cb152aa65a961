//! Location quotients: which categories and months have a larger share of a region's orders than of the shop's.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::Datelike;
use polars::prelude::*;

use super::groups::{Groups, Level, UNKNOWN};
use crate::error::Result;
use crate::metrics::baskets::{Baskets, Categories};
use crate::metrics::finish::{Estimate, counts, flags, frame, ranged, ratios, share, texts};
use crate::metrics::histories::{OrderCount, fold};
use crate::metrics::scope::Scope;
use crate::schema::accounting::Accounting;
use crate::schema::{Orders, names, ranges};
use crate::stats::proportion::{MIN_EXPECTED, Proportion, ratio_to_whole_interval};

/// What the orders of regions are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The categories of their items.
    Category,
    /// The month of the year.
    Month,
}

/// The location quotients of all regions.
#[derive(Debug)]
pub struct Quotients {
    /// One row per region and category or month: `country`, and `province` and `city` if the level includes them,
    /// `category` or `month` (1 to 12), `order_count`, `region_order_count`, `region_share` (of the region's orders),
    /// `shop_share` (of all orders), `location_quotient` (`region_share` divided by `shop_share`) with its interval,
    /// `is_reliable`.
    ///
    /// An order with several categories counts once for each of them. An order without a category counts only in the
    /// totals.
    pub frame: DataFrame,
    /// Where every row went.
    pub accounting: Accounting,
    /// Distinct customers.
    pub customer_count: u64,
    /// Valid orders.
    pub order_count: u64,
}

#[derive(Debug, Default)]
struct Sums {
    cells: BTreeMap<(u32, u32), OrderCount>,
    regions: BTreeMap<u32, OrderCount>,
    orders: OrderCount,
    customers: u64,
    baskets: Baskets,
}

/// Computes the location quotients of all regions.
pub fn quotients(
    orders: &Orders,
    scope: &Scope,
    level: Level,
    by: By,
    mut accounting: Accounting,
) -> Result<Quotients> {
    let groups = Groups::new(&orders.regions, level);
    let categories = Categories::of(&orders.items);
    let folded = fold(orders, scope, false, |sums: &mut Sums, columns, history| {
        sums.customers += u64::from(history.customer.is_some());
        for order in history.orders() {
            sums.orders.add();
            let group = groups.of(columns.region(order.row));
            sums.regions.entry(group).or_default().add();
            let keys = match by {
                By::Month => order.day.date().map(|date| date.month()).into_iter().collect(),
                By::Category => {
                    let lines = orders.items.lines(columns.lines(order.row));
                    categories.distinct(sums.baskets.one(lines, order))
                }
            };
            for key in keys {
                sums.cells.entry((group, key)).or_default().add();
            }
        }
        None
    })?;
    folded.excluded.account(&mut accounting);
    let mut sums = Sums::default();
    for part in folded.parts {
        part.cells.iter().for_each(|(key, n)| sums.cells.entry(*key).or_default().merge(n));
        part.regions.iter().for_each(|(group, n)| sums.regions.entry(*group).or_default().merge(n));
        sums.orders.merge(&part.orders);
        sums.customers += part.customers;
    }
    Ok(Quotients {
        frame: finish(&sums, &groups, &categories, by)?,
        accounting,
        customer_count: sums.customers,
        order_count: sums.orders.total(),
    })
}

/// A row: the group, the key (category or month), and the orders with both, of the group, of the key in the whole shop,
/// and of the shop.
struct Row {
    group: u32,
    key: u32,
    orders: u64,
    of_region: u64,
    of_key: u64,
    of_shop: u64,
}

impl Row {
    fn region_share(&self) -> Option<f64> {
        share(i128::from(self.orders), i128::from(self.of_region))
    }

    fn shop_share(&self) -> Option<f64> {
        share(i128::from(self.of_key), i128::from(self.of_shop))
    }

    fn quotient(&self) -> Option<f64> {
        // The shop's share is never 0: there are no rows for a key without any order.
        Some(self.region_share()? / self.shop_share()?)
    }

    /// The quotient with its interval.
    fn estimate(&self) -> Estimate {
        let part = Proportion::new(self.orders, self.of_region);
        let whole = Proportion::new(self.of_key, self.of_shop);
        (self.quotient(), ratio_to_whole_interval(part, whole))
    }

    /// Compares the quotients of two rows of the same region. Since the region's and the shop's orders are equal in
    /// both, it compares `orders / of_key`, as exact fractions, so that equal quotients compare as equal.
    fn cmp_in_region(&self, other: &Self) -> std::cmp::Ordering {
        let crossed = |orders: u64, of_key: u64| u128::from(orders) * u128::from(of_key);
        crossed(self.orders, other.of_key).cmp(&crossed(other.orders, self.of_key))
    }

    /// Whether at least [`MIN_EXPECTED`] orders are expected in the cell, and at least as many are there.
    fn is_reliable(&self) -> bool {
        // The expected orders are `of_region · of_key / of_shop`.
        let is_expected = u128::from(self.of_key) * u128::from(self.of_region)
            >= u128::from(MIN_EXPECTED) * u128::from(self.of_shop);
        is_expected && self.orders >= MIN_EXPECTED
    }
}

fn finish(sums: &Sums, groups: &Groups, categories: &Categories, by: By) -> Result<DataFrame> {
    let of_shop = sums.orders.total();
    let mut of_keys: BTreeMap<u32, OrderCount> = BTreeMap::new();
    sums.cells.iter().for_each(|((_, key), n)| of_keys.entry(*key).or_default().merge(n));
    let of_keys: BTreeMap<u32, u64> = of_keys.into_iter().map(|(key, n)| (key, n.total())).collect();
    let mut regions: Vec<(u32, u64)> = sums.regions.iter().map(|(group, n)| (*group, n.total())).collect();
    regions.sort_by_key(|(group, n)| (*group == UNKNOWN, Reverse(*n), groups.names[*group as usize].clone()));
    let mut rows = Vec::new();
    for (group, of_region) in regions {
        let row = |(&key, &of_key): (&u32, &u64)| {
            let orders = sums.cells.get(&(group, key)).map_or(0, OrderCount::total);
            Row { group, key, orders, of_region, of_key, of_shop }
        };
        let mut own: Vec<Row> = of_keys.iter().map(row).collect();
        // Months stay in the order of the year; categories are sorted by quotient, the greatest first.
        if by == By::Category {
            own.sort_by(|a, b| b.cmp_in_region(a));
        }
        rows.extend(own);
    }
    let of_rows: Vec<u32> = rows.iter().map(|row| row.group).collect();
    let mut columns = groups.columns(&of_rows);
    columns.push(match by {
        By::Month => counts(names::MONTH, rows.iter().map(|row| Some(u64::from(row.key)))),
        By::Category => {
            texts(names::CATEGORY, rows.iter().map(|row| categories.names.get(row.key as usize).cloned()))
        }
    });
    columns.extend([
        counts(names::ORDER_COUNT, rows.iter().map(|row| Some(row.orders))),
        counts(names::REGION_ORDER_COUNT, rows.iter().map(|row| Some(row.of_region))),
        ratios(names::REGION_SHARE, rows.iter().map(Row::region_share)),
        ratios(names::SHOP_SHARE, rows.iter().map(Row::shop_share)),
    ]);
    columns.extend(ranged(ranges::LOCATION_QUOTIENT, rows.iter().map(Row::estimate)));
    columns.push(flags(names::IS_RELIABLE, rows.iter().map(|row| Some(row.is_reliable()))));
    frame(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: u32, orders: u64, of_region: u64, of_key: u64, of_shop: u64) -> Row {
        Row { group: 1, key, orders, of_region, of_key, of_shop }
    }

    #[test]
    fn five_seen_and_five_expected_are_reliable() {
        // 50 of the shop's 100 orders go to the region; of a key with 10 orders, 5 are expected there.
        assert!(row(0, 5, 50, 10, 100).is_reliable());
        assert!(!row(0, 4, 50, 10, 100).is_reliable());
        // 4.5 are expected.
        assert!(!row(0, 5, 50, 9, 100).is_reliable());
    }

    #[test]
    fn equal_quotients_stay_in_the_order_of_their_names() {
        // Three keys have the same quotient: 1 of 3, 2 of 6 and 3 of 9 orders are the region's. 1 of 2 is more, 0 of 5
        // is less.
        let mut rows: Vec<Row> = [(0, 0, 5), (1, 3, 9), (2, 1, 3), (3, 1, 2), (4, 2, 6)]
            .map(|(key, orders, of_key)| row(key, orders, 7, of_key, 25))
            .into();
        rows.sort_by(|a, b| b.cmp_in_region(a));
        assert_eq!(rows.iter().map(|row| row.key).collect::<Vec<_>>(), [3, 1, 2, 4, 0]);
        assert_eq!(row(0, 3, 6, 5, 20).quotient(), Some(0.5 / 0.25));
    }

    /// Two of the three orders by two customers went to 广东. Its only order in June is one of the shop's two in that
    /// month.
    #[test]
    fn customers_and_orders_are_counted_once() {
        let read = crate::metrics::testing::orders(
            "order_id,customer_id,order_date,amount,province;1,a,2026-05-01,1,广东;2,a,2026-06-02,1,广东;3,b,2026-06-03,1,浙江",
        );
        let scope = read.up_to("2026-06-30");
        let accounting = read.ingested.accounting.clone();
        let found = quotients(&read.ingested.orders, &scope, Level::Province, By::Month, accounting)
            .expect("quotients");
        assert_eq!((found.customer_count, found.order_count), (2, 3));
        let columns = ["month", "order_count", "region_order_count", "region_share", "shop_share"];
        assert_eq!(
            crate::metrics::testing::rows(&found.frame, &columns),
            ["5,1,2,0.5,0.333333", "6,1,2,0.5,0.666667", "5,0,1,0,0.333333", "6,1,1,1,0.666667"]
        );
    }
}

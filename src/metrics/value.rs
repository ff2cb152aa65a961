//! Who carries the shop: customers by what they contribute, how concentrated that is, and who buys only on promotion.

mod reasons;

use polars::prelude::*;

use super::finish::{amounts, counts, dates, flags, frame, ids, integers, ranged, ratios, share, texts};
use super::histories::{Histories, History, OrderCount, Values};
use super::listing_order::in_order;
use super::scope::Scope;
use crate::error::{Error, Result};
use crate::schema::accounting::Accounting;
use crate::schema::{CustomerIds, Day, Orders, money, names, ranges};
use crate::stats::concentration::{gini, gini_interval, lorenz, top_share};
pub use reasons::ClassReason;

/// The classes, the best first.
pub const CLASSES: [&str; 3] = ["core", "potential", "mass"];

/// The measures of concentration: the Gini coefficient, and what part of all the best 1, 5, 10 and 20 % make.
pub const MEASURES: [&str; 5] = ["gini", "top_1_share", "top_5_share", "top_10_share", "top_20_share"];

/// Steps of the Lorenz curve.
const STEPS: usize = 10;

/// Where classes end and what a deep discount is. Shares are in hundredths of a per cent, which are whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueParams {
    /// Core customers make the first so much of the whole.
    pub core: u32,
    /// Potential customers make it up to so much; mass customers the rest.
    pub potential: u32,
    /// A discount of at least so much is deep.
    pub deep_discount: u32,
}

/// All of something, in the unit of [`ValueParams`].
pub const WHOLE: u32 = 10_000;

impl Default for ValueParams {
    fn default() -> Self {
        Self { core: 8_000, potential: 9_500, deep_discount: 3_000 }
    }
}

impl ValueParams {
    /// Checks that the shares ascend.
    pub fn check(&self) -> Result<()> {
        if 0 < self.core && self.core < self.potential && self.potential <= WHOLE {
            return Ok(());
        }
        Err(Error::usage_of("value_shares", &[]))
    }
}

/// What one customer contributes.
#[derive(Debug, Clone, Copy)]
struct Contribution {
    customer: u32,
    last_day: Day,
    orders: u32,
    net: i64,
    /// What the goods cost; only where costs are given.
    cost: i64,
    /// Orders at a deep discount.
    deep: u32,
    /// Orders whose full price is known.
    priced: u32,
}

impl Contribution {
    /// The margin, or the net amount where costs are not given.
    fn amount(&self, by_margin: bool) -> i64 {
        if by_margin { self.net.saturating_sub(self.cost) } else { self.net }
    }

    /// Whether every order is known to have been at a deep discount.
    fn is_promotion_only(&self) -> bool {
        self.priced > 0 && self.deep == self.orders
    }
}

/// All customers by what they contribute.
#[derive(Debug)]
pub struct Value {
    /// The best first; of equals the one whose id comes first.
    rows: Vec<Contribution>,
    /// The class of each, by place in [`CLASSES`].
    classes: Vec<u8>,
    /// Whether contributions are margins, since costs are given.
    pub by_margin: bool,
    /// Whether full prices are given anywhere.
    pub has_full_price: bool,
    as_of: Day,
    /// Orders without a cost, where others have one: they count with their whole net amount.
    pub costless_count: u64,
    /// Distinct orders.
    pub order_count: u64,
    /// Where every row went.
    pub accounting: Accounting,
}

#[derive(Debug, Default)]
struct Part {
    rows: Vec<Contribution>,
    orders: OrderCount,
    costless: u64,
    /// Whether some customer's amounts are beyond what can be held.
    is_beyond: bool,
}

/// Ranks customers.
pub fn value<P>(
    orders: &Orders<P>,
    scope: &Scope,
    params: &ValueParams,
    mut accounting: Accounting,
) -> Result<Value>
where
    Orders<P>: Histories,
{
    let folded = orders.fold(scope, true, |part: &mut Part, columns, history| {
        part.add(columns, history, params);
        None
    })?;
    folded.excluded.account(&mut accounting);
    let mut order_count = OrderCount::default();
    let (mut rows, mut costless) = (Vec::new(), 0);
    for part in folded.parts {
        if part.is_beyond {
            return Err(super::customer_facts::beyond());
        }
        order_count.merge(&part.orders);
        costless += part.costless;
        rows.extend(part.rows);
    }
    let by_margin = orders.has_cost;
    let amount = |row: &Contribution| row.amount(by_margin);
    // The greatest amount first.
    let by = |row: &Contribution| (!amount(row), row.customer);
    let rows = in_order(&[&rows], by, &orders.customers, |rows, _| rows).concat();
    let ranked: Vec<i64> = rows.iter().map(amount).collect();
    Ok(Value {
        classes: classes(&ranked, params),
        rows,
        by_margin,
        has_full_price: orders.has_full_price,
        as_of: scope.as_of,
        costless_count: if by_margin { costless } else { 0 },
        order_count: order_count.total(),
        accounting,
    })
}

impl Part {
    fn add(&mut self, columns: &dyn Values, history: &History<'_>, params: &ValueParams) {
        let Ok(net) = i64::try_from(history.net()) else {
            self.is_beyond = true;
            return;
        };
        let mut row = Contribution {
            customer: history.customer.unwrap_or(u32::MAX),
            last_day: history.last_day(),
            orders: 0,
            net,
            cost: 0,
            deep: 0,
            priced: 0,
        };
        for order in history.orders() {
            self.orders.add();
            row.orders += 1;
            let cost = columns.cost(order);
            self.costless += u64::from(cost.is_none());
            row.cost = row.cost.saturating_add(cost.unwrap_or(0));
            if let Some(is_deep) = is_deep(columns.full_price(order), order.paid, params) {
                row.priced += 1;
                row.deep += u32::from(is_deep);
            }
        }
        self.rows.push(row);
    }
}

/// Whether an order was at a deep discount, by its price without discounts and what was paid, in micro-units; none where
/// the price is not known.
pub(super) fn is_deep(full_price: Option<i64>, paid: i64, params: &ValueParams) -> Option<bool> {
    let full = full_price.filter(|full| *full > 0)?;
    let off = i128::from(full) - i128::from(paid);
    Some(off * i128::from(WHOLE) >= i128::from(full) * i128::from(params.deep_discount))
}

/// The class of each amount, the greatest first: core until their sum reaches its part of the whole, the one that
/// reaches it included, and so on. Where the whole is nothing or less, nobody carries it.
fn classes(ranked: &[i64], params: &ValueParams) -> Vec<u8> {
    let whole: i128 = ranked.iter().map(|amount| i128::from(*amount)).sum();
    let mut before = 0_i128;
    let class = |before: i128| {
        let reached = before * i128::from(WHOLE);
        match reached {
            _ if whole <= 0 => 2,
            _ if reached < whole * i128::from(params.core) => 0,
            _ if reached < whole * i128::from(params.potential) => 1,
            _ => 2,
        }
    };
    let mut assign = |amount: &i64| {
        let class = class(before);
        before += i128::from(*amount);
        class
    };
    ranked.iter().map(&mut assign).collect()
}

impl Value {
    /// How many customers.
    pub fn customer_count(&self) -> u64 {
        self.rows.len() as u64
    }

    /// The class of each customer by code, and of the orders whose full price is known the part at a deep discount.
    pub fn each(&self) -> impl Iterator<Item = (u32, &'static str, Option<f64>)> {
        let deep = |row: &Contribution| share(i128::from(row.deep), i128::from(row.priced));
        let class = self.classes.iter().map(|class| CLASSES[usize::from(*class)]);
        self.rows.iter().zip(class).map(move |(row, class)| (row.customer, class, deep(row)))
    }

    fn amount(&self, row: &Contribution) -> i64 {
        row.amount(self.by_margin)
    }

    /// One row per class: `class`, `customer_count`, `customer_share`, `order_count`, `net_amount`, `net_share`,
    /// and `margin`, `margin_share` where costs are given; `aov`, `spend_per_customer`, and `promotion_only_count`,
    /// null where nothing says what orders would have cost without discounts.
    pub fn summary(&self) -> Result<DataFrame> {
        #[derive(Default, Clone, Copy)]
        struct Sum {
            customers: u64,
            orders: u64,
            net: i128,
            margin: i128,
            promotion_only: u64,
        }
        let mut sums = [Sum::default(); CLASSES.len()];
        for (row, class) in self.rows.iter().zip(&self.classes) {
            let sum = &mut sums[usize::from(*class)];
            sum.customers += 1;
            sum.orders += u64::from(row.orders);
            sum.net += i128::from(row.net);
            sum.margin += i128::from(self.amount(row));
            sum.promotion_only += u64::from(row.is_promotion_only());
        }
        let net: i128 = sums.iter().map(|sum| sum.net).sum();
        let margin: i128 = sums.iter().map(|sum| sum.margin).sum();
        let customers = self.customer_count() as i128;
        let of = |value: fn(&Sum) -> u64| sums.iter().map(move |sum| Some(value(sum)));
        let mut columns = vec![
            texts(names::CLASS, CLASSES.iter().map(|class| Some((*class).to_owned()))),
            counts(names::CUSTOMER_COUNT, of(|sum| sum.customers)),
            ratios(names::CUSTOMER_SHARE, sums.iter().map(|sum| share(i128::from(sum.customers), customers))),
            counts(names::ORDER_COUNT, of(|sum| sum.orders)),
            amounts(names::NET_AMOUNT, sums.iter().map(|sum| Some(sum.net))),
            ratios(names::NET_SHARE, sums.iter().map(|sum| share(sum.net, net))),
        ];
        if self.by_margin {
            columns.push(amounts(names::MARGIN, sums.iter().map(|sum| Some(sum.margin))));
            columns.push(ratios(names::MARGIN_SHARE, sums.iter().map(|sum| share(sum.margin, margin))));
        }
        let promotion = |sum: &Sum| Some(sum.promotion_only).filter(|_| self.has_full_price);
        columns.extend([
            amounts(names::AOV, sums.iter().map(|sum| money::mean(sum.net, sum.orders))),
            amounts(names::SPEND_PER_CUSTOMER, sums.iter().map(|sum| money::mean(sum.net, sum.customers))),
            counts(names::PROMOTION_ONLY_COUNT, sums.iter().map(promotion)),
        ]);
        frame(columns)
    }

    /// One row per measure: `measure`, `value`, and of the Gini coefficient the ends of its interval by the jackknife,
    /// `value_low` and `value_high`. Of the best so many per cent of customers, rounded up; a customer who
    /// contributes less than nothing counts as 0.
    pub fn concentration(&self) -> Result<DataFrame> {
        let ascending: Vec<i64> = self.rows.iter().rev().map(|row| self.amount(row)).collect();
        let top = |percent| top_share(&ascending, percent);
        let gini = (gini(&ascending), gini_interval(&ascending));
        let values = [gini].into_iter().chain([1, 5, 10, 20].map(|percent| (top(percent), None)));
        let mut columns =
            vec![texts(names::MEASURE, MEASURES.iter().map(|measure| Some((*measure).to_owned())))];
        columns.extend(ranged(ranges::VALUE, values));
        frame(columns)
    }

    /// The Lorenz curve, one row per tenth of the customers, the poorest first: `customer_share`, `net_share` (or
    /// `margin_share`) of all up to there.
    pub fn lorenz(&self) -> Result<DataFrame> {
        let ascending: Vec<i64> = self.rows.iter().rev().map(|row| self.amount(row)).collect();
        let curve = lorenz(&ascending, STEPS);
        let name = if self.by_margin { names::MARGIN_SHARE } else { names::NET_SHARE };
        frame(vec![
            ratios(names::CUSTOMER_SHARE, (1..=curve.len()).map(|step| Some(step as f64 / STEPS as f64))),
            ratios(name, curve.iter().map(|part| Some(*part))),
        ])
    }

    /// One row per customer, the best first: `customer_id`, `last_ordered_on`, `recency_days`, `order_count`,
    /// `net_amount` (and `margin`), `class`, `cumulative_share`, `deep_discount_order_count`, `is_promotion_only` (the
    /// last two null where nothing says what orders would have cost without discounts).
    pub fn customers(&self, customers: &CustomerIds) -> Result<DataFrame> {
        let codes: Vec<u32> = self.rows.iter().map(|row| row.customer).collect();
        let rows = || self.rows.iter();
        let whole: i128 = rows().map(|row| i128::from(self.amount(row))).sum();
        let mut sum = 0;
        let cumulated = rows().map(|row| {
            sum += i128::from(self.amount(row));
            share(sum, whole)
        });
        let cumulated: Vec<Option<f64>> = cumulated.collect();
        let mut columns = vec![
            ids(customers, &codes)?.into_column(),
            dates(names::LAST_ORDERED_ON, rows().map(|row| Some(row.last_day))),
            integers(
                names::RECENCY_DAYS,
                rows().map(|row| Some(i64::from(row.last_day.days_until(self.as_of)))),
            ),
            counts(names::ORDER_COUNT, rows().map(|row| Some(u64::from(row.orders)))),
            amounts(names::NET_AMOUNT, rows().map(|row| Some(i128::from(row.net)))),
        ];
        if self.by_margin {
            columns.push(amounts(names::MARGIN, rows().map(|row| Some(i128::from(self.amount(row))))));
        }
        let priced = |row: &Contribution| row.priced > 0;
        columns.extend([
            texts(
                names::CLASS,
                self.classes.iter().map(|class| Some(CLASSES[usize::from(*class)].to_owned())),
            ),
            ratios(names::CUMULATIVE_SHARE, cumulated.into_iter()),
            counts(
                names::DEEP_DISCOUNT_ORDER_COUNT,
                rows().map(|row| Some(u64::from(row.deep)).filter(|_| priced(row))),
            ),
            flags(
                names::IS_PROMOTION_ONLY,
                rows().map(|row| Some(row.is_promotion_only()).filter(|_| priced(row))),
            ),
        ]);
        frame(columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::{Read, orders, rows};

    fn valued(read: &Read) -> Value {
        let accounting = read.ingested.accounting.clone();
        value(&read.ingested.orders, &read.up_to("2026-06-30"), &ValueParams::default(), accounting)
            .expect("an answer")
    }

    #[test]
    fn the_customer_who_reaches_a_share_is_within_it() {
        // 50, 30, 15, 5 of 100: the second reaches 80, the third 95.
        assert_eq!(classes(&[50, 30, 15, 5], &ValueParams::default()), [0, 0, 1, 2]);
        assert_eq!(classes(&[81, 14, 5], &ValueParams::default()), [0, 1, 2]);
        assert_eq!(classes(&[100], &ValueParams::default()), [0]);
        assert!(classes(&[], &ValueParams::default()).is_empty());
        assert_eq!(classes(&[5, -10, -20], &ValueParams::default()), [2, 2, 2]);
    }

    /// 60, 30 and 10, and one who got 20 more back than was paid: the best quarter has 60 of 100, as the curve says.
    #[test]
    fn concentration_rests_on_one_basis() {
        let read = orders(
            "order_id,customer_id,order_date,amount;1,a,2026-06-10,60;2,b,2026-06-10,30;3,c,2026-06-10,10;4,d,2026-06-10,5;5,d,2026-06-11,-25",
        );
        let answer = valued(&read);
        // Gini: 2 (2 · 10 + 3 · 30 + 4 · 60) / (4 · 100) − 5/4.
        assert_eq!(
            rows(&answer.concentration().expect("measures"), &["measure", "value"]),
            ["gini,0.5", "top_1_share,0.6", "top_5_share,0.6", "top_10_share,0.6", "top_20_share,0.6"]
        );
        let curve = rows(&answer.lorenz().expect("a curve"), &["customer_share", "net_share"]);
        // Half of them, d and c, have 10; nine tenths are d, c, b and 0.6 of a: 10 + 30 + 36.
        assert_eq!((curve[4].as_str(), curve[8].as_str(), curve[9].as_str()), ("0.5,0.1", "0.9,0.76", "1,1"));
        // Classes go by the amounts themselves: 80 % of 80 is 64.
        let classes = rows(&answer.summary().expect("classes"), &["class", "customer_count", "net_amount"]);
        assert_eq!(classes, ["core,2,90.00", "potential,0,0.00", "mass,2,-10.00"]);
    }

    #[test]
    fn of_equal_amounts_the_first_id_is_the_better() {
        let read = orders(
            "order_id,customer_id,order_date,amount;1,b,2026-06-10,5;2,c,2026-06-10,9;3,a,2026-06-10,5",
        );
        let answer = valued(&read);
        let list = answer.customers(&read.ingested.orders.customers).expect("a list");
        assert_eq!(rows(&list, &["customer_id"]), ["c", "a", "b"]);
    }

    #[test]
    fn shares_ascend_from_above_nothing_to_all() {
        let with =
            |core, potential| ValueParams { core, potential, ..ValueParams::default() }.check().is_ok();
        assert!(with(1, 2) && with(8_000, 10_000));
        assert!(!with(0, 2) && !with(8_000, 8_000) && !with(8_000, 10_001));
    }

    /// A discount of exactly 30 % is deep.
    #[test]
    fn a_deep_discount_begins_at_its_share() {
        let read = orders(
            "order_id,customer_id,order_date,amount,gross;1,a,2026-06-10,70,100;2,b,2026-06-10,70.01,100;3,c,2026-06-10,1,100;4,c,2026-06-11,99,100",
        );
        let answer = valued(&read);
        let list = answer.customers(&read.ingested.orders.customers).expect("a list");
        assert_eq!(
            rows(&list, &["customer_id", "deep_discount_order_count", "is_promotion_only"]),
            ["c,1,false", "b,0,false", "a,1,true"]
        );
    }
}

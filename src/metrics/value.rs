//! Customers by contribution, the concentration of contributions, and customers who buy only on promotion.

mod classes;
mod figures;
mod listed;
mod reasons;

use super::finish::share;
use super::histories::{Histories, History, OrderCount, Values};
use super::listing_order::in_order;
use super::scope::Scope;
use crate::error::{Error, Result};
use crate::schema::accounting::Accounting;
use crate::schema::{CustomerCode, Day, Micros, Orders};
use classes::classes;
pub use classes::{End, Ends, Level, sum_up};
pub use figures::{ClassSum, Figures};
pub use listed::{Listed, of_listed};
pub use reasons::ClassReason;

/// The classes, the best first.
pub const CLASSES: [&str; 3] = ["core", "potential", "mass"];

/// The measures of concentration: the Gini coefficient, and the share of the top 1, 5, 10 and 20 % of customers.
pub const MEASURES: [&str; 5] = ["gini", "top_1_share", "top_5_share", "top_10_share", "top_20_share"];

/// Limits of classes and of a deep discount, in hundredths of a per cent, so that they are whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueParams {
    /// Core customers make the first part of the total up to this share.
    pub core: u32,
    /// Potential customers make the next part up to this share; mass customers make the rest.
    pub potential: u32,
    /// A discount of at least this share is deep.
    pub deep_discount: u32,
}

/// 100 %, in the unit of [`ValueParams`].
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

/// The contribution of one customer.
#[derive(Debug, Clone, Copy)]
struct Contribution {
    customer: CustomerCode,
    last_day: Day,
    orders: u32,
    net: Micros,
    /// The net amount minus the cost of the goods, for orders whose cost is given.
    margin: Micros,
    /// Number of orders with a deep discount.
    deep: u32,
    /// Number of orders whose full price is known.
    priced: u32,
}

impl Contribution {
    /// The margin, or the net amount if costs are not given.
    fn amount(&self, by_margin: bool) -> Micros {
        if by_margin { self.margin } else { self.net }
    }

    /// Whether the discount of every order is known and deep.
    fn is_promotion_only(&self) -> bool {
        self.priced > 0 && self.deep == self.orders
    }
}

/// How contributions are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Basis {
    /// Whether contributions are margins, since costs are given.
    pub by_margin: bool,
    /// Whether full prices are given anywhere.
    pub has_full_price: bool,
    /// Orders without a cost, if other orders have one. They count with their whole net amount.
    pub costless_count: u64,
}

/// All customers, ranked by contribution.
#[derive(Debug)]
pub struct Value {
    /// The greatest contribution first; equal ones by customer id.
    rows: Vec<Contribution>,
    /// The class of each, by place in [`CLASSES`].
    classes: Vec<u8>,
    /// How contributions are measured.
    pub basis: Basis,
    as_of: Day,
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
    /// Whether some customer's amounts do not fit into 64 bits of micro-units.
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
    let by = |row: &Contribution| (!amount(row).number(), row.customer);
    let rows = in_order(&[&rows], by, &orders.customers, |rows, _| rows).concat();
    let basis = Basis {
        by_margin,
        has_full_price: orders.has_full_price,
        costless_count: if by_margin { costless } else { 0 },
    };
    Ok(Value::new(rows, basis, params, scope.as_of, order_count.total(), accounting))
}

impl Part {
    fn add(&mut self, columns: &dyn Values, history: &History<'_>, params: &ValueParams) {
        let Some(customer) = history.customer else { return };
        let Ok(net) = Micros::try_from(history.net()) else {
            self.is_beyond = true;
            return;
        };
        let mut row = Contribution {
            customer,
            last_day: history.last_day(),
            orders: 0,
            net,
            margin: net,
            deep: 0,
            priced: 0,
        };
        let mut cost_of_all = 0;
        for order in history.orders() {
            self.orders.add();
            row.orders += 1;
            let cost = columns.cost(order);
            self.costless += u64::from(cost.is_none());
            cost_of_all += i128::from(cost.unwrap_or_default());
            if let Some(is_deep) = is_deep(columns.full_price(order), order.paid, params) {
                row.priced += 1;
                row.deep += u32::from(is_deep);
            }
        }
        match Micros::try_from(i128::from(net) - cost_of_all) {
            Ok(margin) => self.rows.push(Contribution { margin, ..row }),
            Err(_) => self.is_beyond = true,
        }
    }
}

/// Whether an order had a deep discount, from its full price (that without discounts) and the amount paid; `None` if
/// the full price is not known.
pub(super) fn is_deep(full_price: Option<Micros>, paid: Micros, params: &ValueParams) -> Option<bool> {
    let full = full_price.filter(|full| full.is_positive())?;
    let off = i128::from(full) - i128::from(paid);
    Some(off * i128::from(WHOLE) >= i128::from(full) * i128::from(params.deep_discount))
}

impl Value {
    /// Assigns the classes. `rows` must be ranked.
    fn new(
        rows: Vec<Contribution>,
        basis: Basis,
        params: &ValueParams,
        as_of: Day,
        order_count: u64,
        accounting: Accounting,
    ) -> Self {
        let ranked: Vec<Micros> = rows.iter().map(|row| row.amount(basis.by_margin)).collect();
        Self { classes: classes(&ranked, params), rows, basis, as_of, order_count, accounting }
    }

    /// Number of customers.
    pub fn customer_count(&self) -> u64 {
        self.rows.len() as u64
    }

    /// The class of each customer, with the customer's code and the share of orders at a deep discount among those
    /// whose full price is known.
    pub fn each(&self) -> impl Iterator<Item = (CustomerCode, &'static str, Option<f64>)> {
        let deep = |row: &Contribution| share(i128::from(row.deep), i128::from(row.priced));
        let class = self.classes.iter().map(|class| CLASSES[usize::from(*class)]);
        self.rows.iter().zip(class).map(move |(row, class)| (row.customer, class, deep(row)))
    }

    fn amount(&self, row: &Contribution) -> Micros {
        row.amount(self.basis.by_margin)
    }

    /// The result of the heavy stage, from which the tables of classes and of concentration are made.
    pub fn figures(&self) -> Figures {
        let mut figures = Figures::new(self.basis);
        // `Figures` takes contributions in ascending order.
        for (row, class) in self.rows.iter().zip(&self.classes).rev() {
            let amount = self.amount(row);
            figures.add(amount, 1);
            figures.classes[usize::from(*class)].add(&ClassSum {
                customers: 1,
                orders: u64::from(row.orders),
                net: i128::from(row.net),
                contribution: i128::from(amount),
                promotion_only: u64::from(row.is_promotion_only()),
            });
        }
        figures
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

    /// Contributions are 60, 30, 10 and −20. The latter counts as 0 in concentration: the best of four customers has 60
    /// of 100, in the measures as in the curve.
    #[test]
    fn concentration_rests_on_one_basis() {
        let read = orders(
            "order_id,customer_id,order_date,amount;1,a,2026-06-10,60;2,b,2026-06-10,30;3,c,2026-06-10,10;4,d,2026-06-10,5;5,d,2026-06-11,-25",
        );
        let answer = valued(&read).figures();
        // The Gini coefficient is 2 (2 · 10 + 3 · 30 + 4 · 60) / (4 · 100) − 5/4.
        assert_eq!(
            rows(&answer.concentration().expect("measures"), &["measure", "value"]),
            ["gini,0.5", "top_1_share,0.6", "top_5_share,0.6", "top_10_share,0.6", "top_20_share,0.6"]
        );
        let curve = rows(&answer.lorenz().expect("a curve"), &["customer_share", "net_share"]);
        // Half of the customers, d and c, have 10. Nine tenths are d, c, b and 0.6 of a: 10 + 30 + 36.
        assert_eq!((curve[4].as_str(), curve[8].as_str(), curve[9].as_str()), ("0.5,0.1", "0.9,0.76", "1,1"));
        // Classes use the amounts themselves: 80 % of 80 is 64.
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

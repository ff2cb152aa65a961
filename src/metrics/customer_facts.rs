//! What is known of each buyer from valid orders; most metrics start here.

use std::collections::HashSet;

use polars::prelude::*;
use rayon::prelude::*;

use super::scope::{Amounts, KEPT, Ruling, Scope};
use crate::error::{Error, Result};
use crate::ingest::accounting::{Accounting, Rule};
use crate::schema::{CustomerIds, Orders, money, names, orders};

/// One row per buyer (a customer with at least one valid order), in no particular order.
///
/// Columns: `customer` (u32 code), `last_ordered_on` (date), `recency_days` (i32), `order_count` (u32),
/// `net_amount` (i64, micro-units).
#[derive(Debug, Clone)]
pub struct CustomerFacts {
    /// The rows.
    pub frame: DataFrame,
    /// The as-of day; `None` when there are no orders at all and none was given.
    pub as_of: Option<i32>,
    /// Where every row of the inputs went.
    pub accounting: Accounting,
    /// Net amount of all buyers, in micro-units.
    pub net_total: i128,
    /// Distinct valid orders of all buyers; an order id under which several customers ordered counts once.
    pub order_total: u64,
}

/// Computes the facts. `accounting` is what ingest left; it comes back with the rows sorted by rule.
pub fn customer_facts(orders: &Orders, scope: &Scope, mut accounting: Accounting) -> Result<CustomerFacts> {
    let ruling = scope.ruling(orders, true)?;
    let day = ruling.as_of.unwrap_or(0);
    let parts = orders.parts.each_answer(|part| heavy(part, &ruling, scope, day))?;
    for part in &parts {
        for (rule, rows) in Rule::ALL.iter().zip(part.rows_by_rule) {
            accounting.exclude(*rule, rows);
        }
    }
    let repeated = repeated_ids(&parts);
    let frame = Facts::into_frame(parts)?;
    let net_total = sum(frame.column(names::NET_AMOUNT)?)?;
    let order_total = sum(frame.column(names::ORDER_COUNT)?)? as u64 - repeated;
    Ok(CustomerFacts { frame, as_of: ruling.as_of, accounting, net_total, order_total })
}

impl CustomerFacts {
    /// How many buyers.
    pub fn customer_count(&self) -> u64 {
        self.frame.height() as u64
    }

    /// Rows of the frame by net amount, greatest first, then by customer id: the order of customer lists.
    pub fn listing_order(&self, customers: &CustomerIds) -> Result<Vec<u32>> {
        let net = self.frame.column(names::NET_AMOUNT)?.i64()?.rechunk();
        let code = self.frame.column(orders::CUSTOMER)?.u32()?.rechunk();
        let rows: Vec<(i64, u32)> =
            net.cont_slice()?.iter().copied().zip(code.cont_slice()?.iter().copied()).collect();
        Ok(by_amount(&rows, customers))
    }
}

/// The places of rows of an amount and a customer's code: the greatest amount first, and of equal ones the customer
/// whose id comes first.
pub(super) fn by_amount(rows: &[(i64, u32)], customers: &CustomerIds) -> Vec<u32> {
    let amounts = || rows.iter().map(|row| row.0);
    let (Some(least), Some(greatest)) = (amounts().min(), amounts().max()) else { return Vec::new() };
    // Amounts are whole cents nearly always; how far one is below the greatest and its place then fit one number, and
    // sorting those is twice as fast.
    const CENT: i64 = 10_000;
    let range = (i128::from(greatest) - i128::from(least)) / i128::from(CENT);
    let places = rows.iter().zip(0_u32..);
    if range <= i128::from(u32::MAX) && amounts().all(|amount| amount % CENT == 0) {
        let pack = |(row, place): (&(i64, u32), u32)| {
            ((greatest / CENT - row.0 / CENT) as u64) << 32 | u64::from(place)
        };
        let mut packed: Vec<u64> = places.map(pack).collect();
        radsort::sort_by_key(&mut packed, |packed| (packed >> 32) as u32);
        return settle_ties(packed, rows, customers);
    }
    let pack = |(row, place): (&(i64, u32), u32)| {
        ((i128::from(greatest) - i128::from(row.0)) as u128) << 32 | u128::from(place)
    };
    let mut packed: Vec<u128> = places.map(pack).collect();
    packed.par_sort_unstable();
    settle_ties(packed, rows, customers)
}

/// The places of rows that are packed into numbers and sorted: their place in the low 32 bits, and above it how far their
/// amount is below the greatest. Rows of equal amounts are put into the order of the ids.
fn settle_ties<T: Copy + Into<u128>>(
    packed: Vec<T>,
    rows: &[(i64, u32)],
    customers: &CustomerIds,
) -> Vec<u32> {
    let below = |packed: T| packed.into() >> 32;
    let mut order: Vec<u32> = packed.iter().map(|packed| (*packed).into() as u32).collect();
    let (mut runs, mut rest) = (Vec::new(), order.as_mut_slice());
    for equal in packed.chunk_by(|a, b| below(*a) == below(*b)) {
        let (run, further) = rest.split_at_mut(equal.len());
        rest = further;
        if run.len() > 1 {
            runs.push(run);
        }
    }
    let code = |row: u32| rows[row as usize].1;
    runs.par_iter_mut().for_each(|run| {
        let mut keyed: Vec<(u128, u32)> =
            run.iter().map(|row| (customers.prefix(code(*row)), *row)).collect();
        keyed.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| customers.text(code(a.1)).cmp(&customers.text(code(b.1))))
        });
        for (place, (_, row)) in run.iter_mut().zip(keyed) {
            *place = row;
        }
    });
    order
}

/// That a customer's amounts are beyond 64 bits of micro-units.
pub(super) fn beyond() -> Error {
    Error::data(
        format!(
            "one customer's amounts add up to more than {}, which ecrm cannot hold",
            money::plain(i128::from(i64::MAX))
        ),
        "check the amount column; --map paid_amount=HEADER names another",
    )
}

/// Adds up an integer column without overflow.
pub(super) fn sum(column: &Column) -> Result<i128> {
    let wide = column.cast(&DataType::Int64)?;
    Ok(wide.i64()?.iter().flatten().map(i128::from).sum())
}

/// Per customer: last day, distinct orders, exact sum; and the rows that rules leave out. Orders of the table are
/// distinct, so counting rows counts orders; credit notes lower the sum and are not counted.
///
/// In other engines this is a group-by; here the orders of a customer stand together, and a pass over the runs
/// takes a third of the time of a hash table over millions of customers.
fn heavy(part: &DataFrame, ruling: &Ruling, scope: &Scope, as_of: i32) -> Result<Facts> {
    let customer = part.column(orders::CUSTOMER)?.u32()?.rechunk();
    let rows = Counts::of(part, orders::ROW_COUNT)?;
    let mut facts = Facts::default();
    if customer.null_count() > 0 {
        for (row, rule) in ruling.rules(part)?.into_iter().enumerate().filter(|(_, rule)| *rule != KEPT) {
            facts.rows_by_rule[usize::from(rule)] += u64::from(rows.at(row));
        }
        return Ok(facts);
    }
    let rules = if ruling.is_simple() { None } else { Some(ruling.rules(part)?) };
    let split = Counts::of(part, orders::SPLIT)?;
    let status = part.column(orders::STATUS)?.u8()?.rechunk();
    let amounts = Amounts::of(part)?;
    let (customer, status) = (customer.cont_slice()?, status.cont_slice()?);
    let (day, paid, refund) = (amounts.day()?, amounts.paid()?, amounts.refund()?);
    facts.reserve(customer.len());
    let mut fact = Fact { customer: customer.first().copied().unwrap_or(0), ..Fact::default() };
    for row in 0..customer.len() {
        if customer[row] != fact.customer {
            facts.push(&fact, as_of)?;
            fact = Fact { customer: customer[row], ..Fact::default() };
        }
        let rule = match &rules {
            Some(rules) => rules[row],
            None => ruling.rule(status[row], paid[row], refund[row], day[row]),
        };
        if rule != KEPT {
            facts.rows_by_rule[usize::from(rule)] += u64::from(rows.at(row));
            continue;
        }
        fact.net += i128::from(paid[row]) - i128::from(refund[row]);
        fact.rows += u64::from(rows.at(row));
        if scope.is_order(paid[row]) {
            fact.orders += 1;
            // Orders stand by day.
            fact.last_day = day[row];
            facts.splits.extend(Some(split.at(row)).filter(|split| *split > 0));
        }
    }
    facts.push(&fact, as_of)?;
    Ok(facts)
}

/// A column of small numbers, which in most shops are all the same.
enum Counts {
    All(u32),
    Each(UInt32Chunked),
}

impl Counts {
    fn of(part: &DataFrame, name: &str) -> Result<Self> {
        let column = part.column(name)?;
        let constant = column.as_scalar_column().and_then(|column| column.scalar().value().extract::<u32>());
        Ok(match constant {
            Some(constant) => Self::All(constant),
            None => Self::Each(column.u32()?.rechunk().into_owned()),
        })
    }

    #[inline]
    fn at(&self, row: usize) -> u32 {
        match self {
            Self::All(constant) => *constant,
            Self::Each(counts) => counts.get(row).unwrap_or(0),
        }
    }
}

#[derive(Default)]
struct Fact {
    customer: u32,
    last_day: i32,
    orders: u32,
    net: i128,
    rows: u64,
}

/// The facts of the customers of one part.
struct Facts {
    customer: Vec<u32>,
    last_day: Vec<i32>,
    recency: Vec<i32>,
    orders: Vec<u32>,
    net: Vec<i64>,
    /// Rows that rules leave out, by the rule's code.
    rows_by_rule: [u64; 256],
    /// The split numbers of orders that count.
    splits: Vec<u32>,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            customer: Vec::new(),
            last_day: Vec::new(),
            recency: Vec::new(),
            orders: Vec::new(),
            net: Vec::new(),
            rows_by_rule: [0; 256],
            splits: Vec::new(),
        }
    }
}

impl Facts {
    /// Makes room for the customers of so many orders, as shops have them.
    fn reserve(&mut self, orders: usize) {
        const ORDERS_EACH: usize = 3;
        self.customer.reserve(orders / ORDERS_EACH);
        self.last_day.reserve(orders / ORDERS_EACH);
        self.recency.reserve(orders / ORDERS_EACH);
        self.orders.reserve(orders / ORDERS_EACH);
        self.net.reserve(orders / ORDERS_EACH);
    }

    /// Adds a customer, if they are a buyer; the rows of those with credit notes only are left out.
    fn push(&mut self, fact: &Fact, as_of: i32) -> Result<()> {
        if fact.orders == 0 {
            self.rows_by_rule[Rule::NoValidOrder as usize] += fact.rows;
            return Ok(());
        }
        self.customer.push(fact.customer);
        self.last_day.push(fact.last_day);
        self.recency.push(as_of - fact.last_day);
        self.orders.push(fact.orders);
        self.net.push(i64::try_from(fact.net).map_err(|_| beyond())?);
        Ok(())
    }

    /// The rows of all parts.
    fn into_frame(parts: Vec<Self>) -> Result<DataFrame> {
        fn together<T: Copy>(parts: &[Facts], column: impl Fn(&Facts) -> &Vec<T>) -> Vec<T> {
            let mut all = Vec::with_capacity(parts.iter().map(|part| column(part).len()).sum());
            parts.iter().for_each(|part| all.extend_from_slice(column(part)));
            all
        }
        let customer = together(&parts, |part| &part.customer);
        let last_day = together(&parts, |part| &part.last_day);
        let recency = together(&parts, |part| &part.recency);
        let orders = together(&parts, |part| &part.orders);
        let net = together(&parts, |part| &part.net);
        Ok(DataFrame::new_infer_height(vec![
            UInt32Chunked::from_vec(orders::CUSTOMER.into(), customer).into_column(),
            Int32Chunked::from_vec(names::LAST_ORDERED_ON.into(), last_day).into_date().into_column(),
            Int32Chunked::from_vec(names::RECENCY_DAYS.into(), recency).into_column(),
            UInt32Chunked::from_vec(names::ORDER_COUNT.into(), orders).into_column(),
            Int64Chunked::from_vec(names::NET_AMOUNT.into(), net).into_column(),
        ])?)
    }
}

/// How many orders share their id with another one that counts; they can be in several parts.
fn repeated_ids(parts: &[Facts]) -> u64 {
    let all: usize = parts.iter().map(|part| part.splits.len()).sum();
    let distinct: HashSet<u32> = parts.iter().flat_map(|part| part.splits.iter().copied()).collect();
    (all - distinct.len()) as u64
}

//! What is known of each buyer from valid orders; most metrics start here.

use std::collections::HashSet;
use std::ops::Range;

use polars::prelude::*;

use super::listing_order::by_amount;
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
    let net_total = parts.iter().flat_map(|part| &part.net).map(|net| i128::from(*net)).sum();
    let orders: u64 = parts.iter().flat_map(|part| &part.orders).map(|orders| u64::from(*orders)).sum();
    let order_total = orders - repeated;
    let frame = Facts::into_frame(parts)?;
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

/// Per customer: last day, distinct orders, exact sum; and the rows that rules leave out. Orders of the table are
/// distinct, so counting rows counts orders; credit notes lower the sum and are not counted.
///
/// In other engines this is a group-by; here the orders of a customer stand together, and a pass over the runs
/// takes a third of the time of a hash table over millions of customers.
fn heavy(part: &DataFrame, ruling: &Ruling, scope: &Scope, as_of: i32) -> Result<Facts> {
    let customer = part.column(orders::CUSTOMER)?.u32()?.rechunk();
    let export_rows = Counts::of(part, orders::ROW_COUNT)?;
    let rules = ruling.rules(part)?;
    let mut facts = Facts { rows_by_rule: export_rows.by_rule(&rules), ..Facts::default() };
    if customer.null_count() > 0 {
        return Ok(facts);
    }
    let split = Counts::of(part, orders::SPLIT)?;
    let (customer, amounts) = (customer.cont_slice()?, Amounts::of(part)?);
    let (day, paid, refund) = (amounts.day()?, amounts.paid()?, amounts.refund()?);
    let is_narrow = fits(paid, refund);
    facts.reserve(customer.len());
    let mut start = 0;
    for run in customer.chunk_by(|a, b| a == b) {
        let rows = start..start + run.len();
        start = rows.end;
        let orders = Run {
            rules: &rules[rows.clone()],
            day: &day[rows.clone()],
            paid: &paid[rows.clone()],
            refund: &refund[rows.clone()],
        };
        let mut fact = orders.fact(run[0], scope, is_narrow);
        fact.rows = export_rows.of_kept(rows.clone(), &rules, fact.documents);
        if !matches!(split, Counts::All(0)) {
            let is_order = |row: &usize| rules[*row] == KEPT && scope.is_order(paid[*row]);
            let splits = rows.filter(is_order).map(|row| split.at(row) as u32);
            facts.splits.extend(splits.filter(|split| *split > 0));
        }
        facts.push(&fact, as_of)?;
    }
    Ok(facts)
}

/// Whether sums of so many amounts fit into 64 bits.
fn fits(paid: &[i64], refund: &[i64]) -> bool {
    // Without a branch an amount: bits that no small number has.
    let greatest = |amounts: &[i64]| amounts.iter().fold(0, |all, amount| all | amount.unsigned_abs());
    let each = u128::from(greatest(paid)) + u128::from(greatest(refund));
    each * (paid.len() as u128) < i64::MAX as u128
}

/// The orders of one customer, by day.
struct Run<'a> {
    rules: &'a [u8],
    day: &'a [i32],
    paid: &'a [i64],
    refund: &'a [i64],
}

impl Run<'_> {
    /// The facts, but for the rows; `is_narrow` where sums are known to fit into 64 bits.
    #[inline]
    fn fact(&self, customer: u32, scope: &Scope, is_narrow: bool) -> Fact {
        let mut fact = Fact { customer, ..Fact::default() };
        let mut net = 0_i64;
        let rows = self.rules.iter().zip(self.day).zip(self.paid).zip(self.refund);
        for (((&rule, &day), &paid), &refund) in rows {
            // Without branches, which nothing foretells.
            let is_kept = rule == KEPT;
            let is_order = is_kept & scope.is_order(paid);
            fact.documents += u32::from(is_kept);
            fact.orders += u32::from(is_order);
            fact.last_day = if is_order { day } else { fact.last_day };
            net = net.wrapping_add(paid.wrapping_sub(refund) & -i64::from(is_kept));
        }
        fact.net = if is_narrow { i128::from(net) } else { self.wide_net() };
        fact
    }

    #[cold]
    fn wide_net(&self) -> i128 {
        let rows = self.rules.iter().zip(self.paid).zip(self.refund).filter(|((rule, _), _)| **rule == KEPT);
        rows.map(|((_, paid), refund)| i128::from(*paid) - i128::from(*refund)).sum()
    }
}

/// A column of small numbers, which in most shops are all the same.
enum Counts {
    All(u64),
    Each(Vec<u32>),
}

impl Counts {
    fn of(part: &DataFrame, name: &str) -> Result<Self> {
        let column = part.column(name)?;
        let constant = column.as_scalar_column().and_then(|column| column.scalar().value().extract::<u32>());
        Ok(match constant {
            Some(constant) => Self::All(u64::from(constant)),
            None => Self::Each(column.u32()?.rechunk().cont_slice()?.to_vec()),
        })
    }

    fn at(&self, row: usize) -> u64 {
        match self {
            Self::All(constant) => *constant,
            Self::Each(counts) => u64::from(counts[row]),
        }
    }

    /// The counts of all rows by the rule that leaves them out; those of rows that stay are not asked for.
    fn by_rule(&self, rules: &[u8]) -> [u64; 256] {
        let mut sums = [0; 256];
        match self {
            Self::All(constant) => {
                rules.iter().for_each(|rule| sums[usize::from(*rule)] += 1);
                sums.map(|rows: u64| rows * constant)
            }
            Self::Each(counts) => {
                rules
                    .iter()
                    .zip(counts)
                    .for_each(|(rule, rows)| sums[usize::from(*rule)] += u64::from(*rows));
                sums
            }
        }
    }

    /// The counts of those of a run's rows that stay, of which there are so many.
    #[inline]
    fn of_kept(&self, rows: Range<usize>, rules: &[u8], kept: u32) -> u64 {
        match self {
            Self::All(constant) => constant * u64::from(kept),
            Self::Each(counts) => {
                rows.filter(|row| rules[*row] == KEPT).map(|row| u64::from(counts[row])).sum()
            }
        }
    }
}

#[derive(Default)]
struct Fact {
    customer: u32,
    last_day: i32,
    /// Orders and credit notes that count.
    documents: u32,
    orders: u32,
    net: i128,
    /// Rows of exports behind the documents.
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

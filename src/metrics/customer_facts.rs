//! What is known of each buyer from valid orders; most metrics start here.

use std::collections::HashSet;

use polars::prelude::*;

use super::finish::ids_of;
use super::listing_order::in_order;
use super::scope::{Amounts, KEPT, Ruling, Scope};
use crate::error::{Error, Result};
use crate::ingest::accounting::{Accounting, Rule};
use crate::schema::{CustomerIds, Key, Orders, money, names, orders};

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
    let parts = orders.parts.each_answer(|part| heavy(part, &ruling, scope))?;
    for part in &parts {
        for (rule, rows) in Rule::ALL.iter().zip(part.rows_by_rule) {
            accounting.exclude(*rule, rows);
        }
    }
    let repeated = repeated_ids(&parts);
    let net_total = parts.iter().flat_map(|part| &part.net).map(|net| i128::from(*net)).sum();
    let orders: u64 = parts.iter().flat_map(|part| &part.orders).map(|orders| u64::from(*orders)).sum();
    let order_total = orders - repeated;
    let frame = Facts::into_frame(&parts, ruling.as_of.unwrap_or(0))?;
    Ok(CustomerFacts { frame, as_of: ruling.as_of, accounting, net_total, order_total })
}

impl CustomerFacts {
    /// How many buyers.
    pub fn customer_count(&self) -> u64 {
        self.frame.height() as u64
    }

    /// The same customers in the order of customer lists, by net amount, greatest first, then by customer id, with
    /// their ids: the column `customer_id` (text).
    pub fn listed(&self, customers: &CustomerIds) -> Result<Self> {
        #[derive(Clone, Copy)]
        struct Row {
            net: i64,
            customer: u32,
            last_day: i32,
            recency: i32,
            orders: u32,
        }
        let column = |name: &str| self.frame.column(name);
        let code = column(orders::CUSTOMER)?.u32()?.rechunk();
        let last_day = column(names::LAST_ORDERED_ON)?.to_physical_repr().i32()?.rechunk().into_owned();
        let recency = column(names::RECENCY_DAYS)?.i32()?.rechunk();
        let orders = column(names::ORDER_COUNT)?.u32()?.rechunk();
        let net = column(names::NET_AMOUNT)?.i64()?.rechunk();
        let (code, last_day, recency) = (code.cont_slice()?, last_day.cont_slice()?, recency.cont_slice()?);
        let (orders, net) = (orders.cont_slice()?, net.cont_slice()?);
        let row = |i: usize| Row {
            net: net[i],
            customer: code[i],
            last_day: last_day[i],
            recency: recency[i],
            orders: orders[i],
        };
        let stretch = |rows: Vec<Row>, keys: Vec<Key>| -> Result<(DataFrame, StringChunked)> {
            let rows = rows.iter();
            let frame = columns(
                rows.clone().map(|row| row.customer).collect(),
                rows.clone().map(|row| row.last_day).collect(),
                rows.clone().map(|row| row.recency).collect(),
                rows.clone().map(|row| row.orders).collect(),
                rows.map(|row| row.net).collect(),
            )?;
            Ok((frame, ids_of(customers, &keys)?))
        };
        // The greatest amount first.
        let by = |row: &Row| (!row.net, row.customer);
        let mut frame = columns(Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new())?;
        let mut ids = ids_of(customers, &[])?;
        for stretch in in_order(net.len(), row, by, customers, stretch) {
            let (rows, of_rows) = stretch?;
            frame.vstack_mut_owned(rows)?;
            ids.append_owned(of_rows)?;
        }
        frame.rechunk_mut_par();
        frame.with_column(ids.into_column())?;
        Ok(Self { frame, accounting: self.accounting.clone(), ..*self })
    }
}

/// The columns of [`CustomerFacts`].
fn columns(
    customer: Vec<u32>,
    last_day: Vec<i32>,
    recency: Vec<i32>,
    orders: Vec<u32>,
    net: Vec<i64>,
) -> Result<DataFrame> {
    Ok(DataFrame::new_infer_height(vec![
        UInt32Chunked::from_vec(orders::CUSTOMER.into(), customer).into_column(),
        Int32Chunked::from_vec(names::LAST_ORDERED_ON.into(), last_day).into_date().into_column(),
        Int32Chunked::from_vec(names::RECENCY_DAYS.into(), recency).into_column(),
        UInt32Chunked::from_vec(names::ORDER_COUNT.into(), orders).into_column(),
        Int64Chunked::from_vec(names::NET_AMOUNT.into(), net).into_column(),
    ])?)
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
fn heavy(part: &DataFrame, ruling: &Ruling, scope: &Scope) -> Result<Facts> {
    let customer = part.column(orders::CUSTOMER)?.u32()?.rechunk();
    let export_rows = Counts::of(part, orders::ROW_COUNT)?;
    let rules = ruling.rules(part)?;
    let mut facts = Facts::new(export_rows.by_rule(&rules));
    if customer.null_count() > 0 {
        return Ok(facts);
    }
    let amounts = Amounts::of(part)?;
    let of_part = Rows {
        customer: customer.cont_slice()?,
        rules: &rules,
        day: amounts.day()?,
        paid: amounts.paid()?,
        refund: amounts.refund()?,
    };
    let kept = rules.iter().filter(|rule| **rule == KEPT).count();
    let orders = facts.collect(&of_part, scope);
    // Few parts have credit notes or amounts of billions.
    if orders != kept || !of_part.are_small() {
        facts.collect_documents(&of_part, scope, |row| export_rows.at(row))?;
    }
    if let Counts::Each(split) = Counts::of(part, orders::SPLIT)? {
        let is_order = |row: &usize| rules[*row] == KEPT && scope.is_order(of_part.paid[*row]);
        let splits = (0..rules.len()).filter(is_order).map(|row| split[row]);
        facts.splits.extend(splits.filter(|split| *split > 0));
    }
    Ok(facts)
}

/// The orders of one part, each customer's by day; columns of one length.
struct Rows<'a> {
    customer: &'a [u32],
    rules: &'a [u8],
    day: &'a [i32],
    paid: &'a [i64],
    refund: &'a [i64],
}

impl Rows<'_> {
    /// Whether no sum of the amounts is beyond 64 bits.
    fn are_small(&self) -> bool {
        // Without a branch an amount: bits that no small number has.
        let greatest = |amounts: &[i64]| amounts.iter().fold(0, |all, amount| all | amount.unsigned_abs());
        let each = u128::from(greatest(self.paid)) + u128::from(greatest(self.refund));
        each * (self.paid.len() as u128) < i64::MAX as u128
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
}

/// Customers on their way into [`Facts`]; columns, since each value comes from a register of its own.
struct Done {
    customer: [u32; Self::ROOM],
    last_day: [i32; Self::ROOM],
    orders: [u32; Self::ROOM],
    net: [i64; Self::ROOM],
}

impl Done {
    const ROOM: usize = 256;

    fn new() -> Self {
        let zeros = [0; Self::ROOM];
        Self { customer: zeros, last_day: [0; Self::ROOM], orders: zeros, net: [0; Self::ROOM] }
    }
}

/// The facts of the customers of one part.
struct Facts {
    customer: Vec<u32>,
    last_day: Vec<i32>,
    orders: Vec<u32>,
    net: Vec<i64>,
    /// Rows that rules leave out, by the rule's code.
    rows_by_rule: [u64; 256],
    /// The split numbers of orders that count.
    splits: Vec<u32>,
}

impl Facts {
    fn new(rows_by_rule: [u64; 256]) -> Self {
        Self {
            customer: Vec::new(),
            last_day: Vec::new(),
            orders: Vec::new(),
            net: Vec::new(),
            rows_by_rule,
            splits: Vec::new(),
        }
    }

    /// Adds the customers of orders who are buyers, and says how many rows are orders that count.
    ///
    /// Customers have few orders each, so that a branch where one ends would go wrong at nearly every one. Every row
    /// writes down the customer so far instead, and the next one writes over what should not stay.
    fn collect(&mut self, rows: &Rows<'_>, scope: &Scope) -> usize {
        let Some(&first) = rows.customer.first() else { return 0 };
        self.reserve(rows.customer.len());
        let (mut done, mut orders) = (Done::new(), 0);
        // Of the customer so far.
        let (mut customer, mut last_day, mut count, mut net) = (first, 0, 0, 0);
        for start in (0..rows.customer.len()).step_by(Done::ROOM) {
            let stretch = start..(start + Done::ROOM).min(rows.customer.len());
            let columns = (rows.customer[stretch.clone()].iter())
                .zip(&rows.rules[stretch.clone()])
                .zip(&rows.day[stretch.clone()])
                .zip(&rows.paid[stretch.clone()])
                .zip(&rows.refund[stretch]);
            let mut buyers = 0;
            for ((((&code, &rule), &day), &paid), &refund) in columns {
                let place = buyers % Done::ROOM;
                done.customer[place] = customer;
                done.last_day[place] = last_day;
                done.orders[place] = count;
                done.net[place] = net;
                let is_same = code == customer;
                buyers += usize::from(!is_same & (count > 0));
                let is_kept = rule == KEPT;
                let is_order = is_kept & scope.is_order(paid);
                orders += usize::from(is_order);
                customer = code;
                // A mask, since a choice would become a branch.
                last_day ^= (last_day ^ day) & -i32::from(is_order);
                count = count * u32::from(is_same) + u32::from(is_order);
                net =
                    (net & -i64::from(is_same)).wrapping_add(paid.wrapping_sub(refund) & -i64::from(is_kept));
            }
            self.extend(&done, buyers);
        }
        if count > 0 {
            (done.customer[0], done.last_day[0], done.orders[0], done.net[0]) =
                (customer, last_day, count, net);
            self.extend(&done, 1);
        }
        orders
    }

    /// What [`Self::collect`] leaves out: sums that may be beyond 64 bits, and the rows of customers who have credit notes
    /// only, which are no buyers.
    fn collect_documents(
        &mut self,
        rows: &Rows<'_>,
        scope: &Scope,
        export_rows: impl Fn(usize) -> u64,
    ) -> Result<()> {
        self.net.clear();
        let mut start = 0;
        for run in rows.customer.chunk_by(|a, b| a == b) {
            let of_customer = start..start + run.len();
            start = of_customer.end;
            let documents = || of_customer.clone().filter(|row| rows.rules[*row] == KEPT);
            if documents().any(|row| scope.is_order(rows.paid[row])) {
                let net = documents().map(|row| i128::from(rows.paid[row]) - i128::from(rows.refund[row]));
                self.net.push(i64::try_from(net.sum::<i128>()).map_err(|_| beyond())?);
            } else {
                self.rows_by_rule[Rule::NoValidOrder as usize] += documents().map(&export_rows).sum::<u64>();
            }
        }
        Ok(())
    }

    /// Makes room for the customers of so many orders, as shops have them.
    fn reserve(&mut self, orders: usize) {
        const ORDERS_EACH: usize = 3;
        self.customer.reserve(orders / ORDERS_EACH);
        self.last_day.reserve(orders / ORDERS_EACH);
        self.orders.reserve(orders / ORDERS_EACH);
        self.net.reserve(orders / ORDERS_EACH);
    }

    fn extend(&mut self, done: &Done, buyers: usize) {
        self.customer.extend_from_slice(&done.customer[..buyers]);
        self.last_day.extend_from_slice(&done.last_day[..buyers]);
        self.orders.extend_from_slice(&done.orders[..buyers]);
        self.net.extend_from_slice(&done.net[..buyers]);
    }

    /// The rows of all parts, seen on the as-of day.
    fn into_frame(parts: &[Self], as_of: i32) -> Result<DataFrame> {
        fn together<T: Copy>(parts: &[Facts], column: impl Fn(&Facts) -> &Vec<T>) -> Vec<T> {
            let mut all = Vec::with_capacity(parts.iter().map(|part| column(part).len()).sum());
            parts.iter().for_each(|part| all.extend_from_slice(column(part)));
            all
        }
        let days = || {
            let last_day = together(parts, |part| &part.last_day);
            let recency = last_day.iter().map(|day| as_of - day).collect();
            (last_day, recency)
        };
        let counts = || (together(parts, |part| &part.customer), together(parts, |part| &part.orders));
        let net = || together(parts, |part| &part.net);
        let ((last_day, recency), ((customer, orders), net)) = rayon::join(days, || rayon::join(counts, net));
        columns(customer, last_day, recency, orders, net)
    }
}

/// How many orders share their id with another one that counts; they can be in several parts.
fn repeated_ids(parts: &[Facts]) -> u64 {
    let all: usize = parts.iter().map(|part| part.splits.len()).sum();
    let distinct: HashSet<u32> = parts.iter().flat_map(|part| part.splits.iter().copied()).collect();
    (all - distinct.len()) as u64
}

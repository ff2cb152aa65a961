//! What is known of each buyer from valid orders; most metrics start here.

use std::collections::HashSet;

use polars::prelude::*;

use super::finish::ids_of;
use super::listing_order::in_order;
use super::scope::{Amounts, KEPT, NO_ROW, Scope};
use crate::error::{Error, Result};
use crate::ingest::accounting::{Accounting, Rule};
use crate::schema::parts::{NOBODY, Rows};
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
    let parts = match heavy_by_row(orders, scope) {
        Some(parts) => parts?,
        None => heavy(orders, scope)?,
    };
    for part in &parts {
        for (rule, rows) in Rule::ALL.iter().zip(part.rows_by_rule) {
            accounting.exclude(*rule, rows);
        }
    }
    let as_of = scope.as_of.or(parts.iter().filter_map(|part| part.latest).max());
    let repeated = repeated_ids(&parts);
    let net_total = parts.iter().flat_map(|part| &part.net).map(|net| i128::from(*net)).sum();
    let orders: u64 = parts.iter().flat_map(|part| &part.orders).map(|orders| u64::from(*orders)).sum();
    let order_total = orders - repeated;
    let frame = Facts::into_frame(&parts, as_of.unwrap_or(0))?;
    Ok(CustomerFacts { frame, as_of, accounting, net_total, order_total })
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
/// In other engines this is a group-by; here the customers of a part have numbers, which are places in a small table.
fn heavy(orders: &Orders, scope: &Scope) -> Result<Vec<Facts>> {
    let ruling = scope.ruling(orders, true)?;
    orders.parts.each_answer(|part| {
        let rules = ruling.rules(part)?;
        PartRows::of(part)?.look(|rows| Facts::of(rows, &rules, scope))
    })
}

/// As [`heavy`] on rows that were never put into order; none where that will not do, since an order is judged by others.
fn heavy_by_row(orders: &Orders, scope: &Scope) -> Option<Result<Vec<Facts>>> {
    if scope.excludes_occasional || (scope.window.is_some() && scope.as_of.is_none()) {
        return None;
    }
    let ruling = scope.ruling_by_row();
    orders.parts.each_rows(|rows| Facts::of(rows, &ruling.rules_by_row(rows), scope))
}

/// The rows of a part that is in order.
struct PartRows {
    customer: Vec<u32>,
    base: u32,
    customer_count: usize,
    status: UInt8Chunked,
    amounts: Amounts,
    row_count: Vec<u32>,
    split: Vec<u32>,
}

impl PartRows {
    fn of(part: &DataFrame) -> Result<Self> {
        let codes = part.column(orders::CUSTOMER)?.u32()?.rechunk();
        let base = codes.min().unwrap_or(0);
        // A constant is what most shops have.
        let counts = |name: &str, usual: u32| -> Result<Vec<u32>> {
            let column = part.column(name)?;
            let constant =
                column.as_scalar_column().and_then(|column| column.scalar().value().extract::<u32>());
            match constant == Some(usual) {
                true => Ok(Vec::new()),
                false => Ok(column.u32()?.rechunk().cont_slice()?.to_vec()),
            }
        };
        Ok(Self {
            customer: codes.iter().map(|code| code.map_or(NOBODY, |code| code - base)).collect(),
            base,
            customer_count: codes.max().map_or(0, |last| (last - base) as usize + 1),
            status: part.column(orders::STATUS)?.u8()?.rechunk().into_owned(),
            amounts: Amounts::of(part)?,
            row_count: counts(orders::ROW_COUNT, 1)?,
            split: counts(orders::SPLIT, 0)?,
        })
    }

    fn look<T>(&self, look: impl FnOnce(&Rows<'_>) -> Result<T>) -> Result<T> {
        look(&Rows {
            customer: &self.customer,
            base: self.base,
            customer_count: self.customer_count,
            // What this says is in the rules.
            is_masked: &[],
            ordered_on: self.amounts.day()?,
            status: self.status.cont_slice()?,
            paid_amount: self.amounts.paid()?,
            refund_amount: self.amounts.refund()?,
            row_count: &self.row_count,
            split: &self.split,
        })
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
    /// The last day of any order.
    latest: Option<i32>,
}

/// What is known of one customer.
#[derive(Debug, Clone, Copy)]
struct Sums {
    net: i64,
    last_day: i32,
    orders: u32,
}

impl Facts {
    fn of(rows: &Rows<'_>, rules: &[u8], scope: &Scope) -> Result<Self> {
        let mut sums = vec![Sums { net: 0, last_day: i32::MIN, orders: 0 }; rows.customer_count];
        let (mut documents, mut orders, mut bits) = (0, 0, 0);
        let columns = rows
            .customer
            .iter()
            .zip(rules)
            .zip(rows.ordered_on)
            .zip(rows.paid_amount)
            .zip(rows.refund_amount);
        for ((((&customer, &rule), &day), &paid), &refund) in columns {
            // Without a branch on what nothing foretells.
            let Some(sums) = sums.get_mut(customer as usize) else { continue };
            let is_kept = rule == KEPT;
            let is_order = is_kept & scope.is_order(paid);
            documents += usize::from(is_kept);
            orders += usize::from(is_order);
            bits |= paid.unsigned_abs() | refund.unsigned_abs();
            sums.net = sums.net.wrapping_add(paid.wrapping_sub(refund) & -i64::from(is_kept));
            sums.last_day = sums.last_day.max(if is_order { day } else { i32::MIN });
            sums.orders += u32::from(is_order);
        }
        let mut facts = Self::of_buyers(&sums, rows.base);
        facts.count_rows(rows, rules);
        // Few parts have credit notes or amounts of billions.
        let greatest = 2 * u128::from(bits) * rows.customer.len() as u128;
        if documents != orders || greatest > i64::MAX as u128 {
            facts.add_documents(rows, rules, &sums)?;
        }
        let splits = rows
            .split
            .iter()
            .zip(rules)
            .zip(rows.paid_amount)
            .filter(|((split, rule), paid)| **split > 0 && **rule == KEPT && scope.is_order(**paid));
        facts.splits = splits.map(|((split, _), _)| *split).collect();
        Ok(facts)
    }

    /// Of those with an order.
    fn of_buyers(sums: &[Sums], base: u32) -> Self {
        let count = sums.len();
        let (mut customer, mut last_day) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let (mut orders, mut net) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for (code, of) in (base..).zip(sums).filter(|(_, of)| of.orders > 0) {
            customer.push(code);
            last_day.push(of.last_day);
            orders.push(of.orders);
            net.push(of.net);
        }
        Self { customer, last_day, orders, net, rows_by_rule: [0; 256], splits: Vec::new(), latest: None }
    }

    /// Counts the rows of exports by the rule that leaves them out, and finds the last day.
    fn count_rows(&mut self, rows: &Rows<'_>, rules: &[u8]) {
        match rows.row_count {
            [] => rules.iter().for_each(|rule| self.rows_by_rule[usize::from(*rule)] += 1),
            counts => rules
                .iter()
                .zip(counts)
                .for_each(|(rule, count)| self.rows_by_rule[usize::from(*rule)] += u64::from(*count)),
        }
        self.latest = match self.rows_by_rule[usize::from(NO_ROW)] {
            0 => rows.ordered_on.iter().max().copied(),
            _ => rows
                .ordered_on
                .iter()
                .zip(rules)
                .filter(|(_, rule)| **rule != NO_ROW)
                .map(|(day, _)| *day)
                .max(),
        };
    }

    /// What few parts have: sums that may be beyond 64 bits, and the rows of customers who have credit notes only, which
    /// are no buyers.
    fn add_documents(&mut self, rows: &Rows<'_>, rules: &[u8], sums: &[Sums]) -> Result<()> {
        let mut net = vec![0_i128; sums.len()];
        let kept = rows.customer.iter().zip(rules).enumerate().filter(|(_, (_, rule))| **rule == KEPT);
        for (row, (&customer, _)) in kept {
            let (paid, refund) = (rows.paid_amount[row], rows.refund_amount[row]);
            net[customer as usize] += i128::from(paid) - i128::from(refund);
            if sums[customer as usize].orders == 0 {
                let count = rows.row_count.get(row).map_or(1, |count| u64::from(*count));
                self.rows_by_rule[Rule::NoValidOrder as usize] += count;
            }
        }
        let of_buyers = net.iter().zip(sums).filter(|(_, sums)| sums.orders > 0);
        let net = of_buyers.map(|(net, _)| i64::try_from(*net).map_err(|_| beyond()));
        self.net = net.collect::<Result<_>>()?;
        Ok(())
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

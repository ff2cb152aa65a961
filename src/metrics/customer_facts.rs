//! What is known of each buyer from valid orders; most metrics start here.

use std::collections::HashSet;

use polars::prelude::*;

use super::finish::ids_of;
use super::listing_order::in_order;
use super::scope::{Amounts, KEPT, NO_ROW, Scope};
use crate::error::{Error, Result};
use crate::ingest::accounting::{Accounting, Rule};
use crate::schema::parts::{NOBODY, Rows};
use crate::schema::{CustomerIds, Orders, money, names, orders};

/// The buyers (customers with at least one valid order) and what is known of each.
#[derive(Debug)]
pub struct CustomerFacts {
    buyers: Buyers,
    /// How many buyers.
    pub customer_count: u64,
    /// The as-of day; `None` when there are no orders at all and none was given.
    pub as_of: Option<i32>,
    /// Where every row of the inputs went.
    pub accounting: Accounting,
    /// Net amount of all buyers, in micro-units.
    pub net_total: i128,
    /// Distinct valid orders of all buyers; an order id under which several customers ordered counts once.
    pub order_total: u64,
}

/// The buyers, as they came or as a list.
#[derive(Debug)]
enum Buyers {
    Parts(Vec<Vec<Buyer>>),
    Listed(DataFrame),
}

/// What is known of one buyer.
#[derive(Debug, Clone, Copy)]
struct Buyer {
    net: i64,
    customer: u32,
    last_day: i32,
    orders: u32,
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
    let repeated = repeated_ids(&parts);
    Ok(CustomerFacts {
        as_of: scope.as_of.or(parts.iter().filter_map(|part| part.latest).max()),
        customer_count: parts.iter().map(|part| part.buyers.len() as u64).sum(),
        net_total: parts.iter().map(|part| part.net).sum(),
        order_total: parts.iter().map(|part| part.orders).sum::<u64>() - repeated,
        buyers: Buyers::Parts(parts.into_iter().map(|part| part.buyers).collect()),
        accounting,
    })
}

impl CustomerFacts {
    /// One row per buyer, in no particular order but for facts that are [`Self::listed`].
    ///
    /// Columns: `customer` (u32 code), `last_ordered_on` (date), `recency_days` (i32), `order_count` (u32),
    /// `net_amount` (i64, micro-units).
    pub fn frame(&self) -> Result<DataFrame> {
        match &self.buyers {
            Buyers::Parts(parts) => columns(parts, self.as_of.unwrap_or(0)),
            Buyers::Listed(frame) => Ok(frame.clone()),
        }
    }

    /// The same buyers in the order of customer lists, by net amount, greatest first, then by customer id, with their
    /// ids: the column `customer_id` (text).
    pub fn listed(&self, customers: &CustomerIds) -> Result<Self> {
        let frame = match &self.buyers {
            Buyers::Parts(parts) => {
                // The greatest amount first.
                let by = |buyer: &Buyer| (!buyer.net, buyer.customer);
                let parts: Vec<&[Buyer]> = parts.iter().map(Vec::as_slice).collect();
                let listed =
                    in_order(&parts, by, customers, |buyers, keys| (buyers, ids_of(customers, &keys)));
                let (parts, ids): (Vec<Vec<Buyer>>, Vec<_>) = listed.into_iter().unzip();
                let mut frame = columns(&parts, self.as_of.unwrap_or(0))?;
                let mut all = ids_of(customers, &[])?;
                ids.into_iter().try_for_each(|ids| all.append_owned(ids?).map_err(Error::from))?;
                frame.with_column(all.into_column())?;
                frame
            }
            Buyers::Listed(frame) => frame.clone(),
        };
        Ok(Self { buyers: Buyers::Listed(frame), accounting: self.accounting.clone(), ..*self })
    }
}

/// The columns of [`CustomerFacts::frame`].
fn columns(parts: &[Vec<Buyer>], as_of: i32) -> Result<DataFrame> {
    fn column<T>(parts: &[Vec<Buyer>], of: impl Fn(&Buyer) -> T) -> Vec<T> {
        let mut all = Vec::with_capacity(parts.iter().map(Vec::len).sum());
        parts.iter().for_each(|part| all.extend(part.iter().map(&of)));
        all
    }
    let days = || (column(parts, |buyer| buyer.last_day), column(parts, |buyer| as_of - buyer.last_day));
    let counts = || (column(parts, |buyer| buyer.customer), column(parts, |buyer| buyer.orders));
    let net = || column(parts, |buyer| buyer.net);
    let ((last_day, recency), ((customer, orders), net)) = rayon::join(days, || rayon::join(counts, net));
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
    buyers: Vec<Buyer>,
    /// Orders of all of them.
    orders: u64,
    /// Net amount of all of them.
    net: i128,
    /// Rows that rules leave out, by the rule's code.
    rows_by_rule: [u64; 256],
    /// The split numbers of orders that count.
    splits: Vec<u32>,
    /// The last day of any order.
    latest: Option<i32>,
}

impl Facts {
    fn of(rows: &Rows<'_>, rules: &[u8], scope: &Scope) -> Result<Self> {
        let mut buyers: Vec<Buyer> = (rows.base..)
            .take(rows.customer_count)
            .map(|customer| Buyer { net: 0, customer, last_day: i32::MIN, orders: 0 })
            .collect();
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
            let Some(buyer) = buyers.get_mut(customer as usize) else { continue };
            let is_kept = rule == KEPT;
            let is_order = is_kept & scope.is_order(paid);
            documents += u64::from(is_kept);
            orders += u64::from(is_order);
            bits |= paid.unsigned_abs() | refund.unsigned_abs();
            buyer.net = buyer.net.wrapping_add(paid.wrapping_sub(refund) & -i64::from(is_kept));
            buyer.last_day = buyer.last_day.max(if is_order { day } else { i32::MIN });
            buyer.orders += u32::from(is_order);
        }
        let (rows_by_rule, latest) = count_rows(rows, rules);
        let mut facts = Self { buyers, orders, net: 0, rows_by_rule, splits: Vec::new(), latest };
        // Few parts have credit notes or amounts of billions.
        let greatest = 2 * u128::from(bits) * rows.customer.len() as u128;
        if documents != orders || greatest > i64::MAX as u128 {
            facts.add_documents(rows, rules)?;
        }
        facts.buyers.retain(|buyer| buyer.orders > 0);
        facts.net = facts.buyers.iter().map(|buyer| i128::from(buyer.net)).sum();
        let splits = rows
            .split
            .iter()
            .zip(rules)
            .zip(rows.paid_amount)
            .filter(|((split, rule), paid)| **split > 0 && **rule == KEPT && scope.is_order(**paid));
        facts.splits = splits.map(|((split, _), _)| *split).collect();
        Ok(facts)
    }

    /// What few parts have: sums that may be beyond 64 bits, and the rows of customers who have credit notes only, which
    /// are no buyers.
    fn add_documents(&mut self, rows: &Rows<'_>, rules: &[u8]) -> Result<()> {
        let mut net = vec![0_i128; self.buyers.len()];
        let kept = rows.customer.iter().zip(rules).enumerate().filter(|(_, (_, rule))| **rule == KEPT);
        for (row, (&customer, _)) in kept {
            let (paid, refund) = (rows.paid_amount[row], rows.refund_amount[row]);
            net[customer as usize] += i128::from(paid) - i128::from(refund);
            if self.buyers[customer as usize].orders == 0 {
                let count = rows.row_count.get(row).map_or(1, |count| u64::from(*count));
                self.rows_by_rule[Rule::NoValidOrder as usize] += count;
            }
        }
        for (buyer, net) in self.buyers.iter_mut().zip(net).filter(|(buyer, _)| buyer.orders > 0) {
            buyer.net = i64::try_from(net).map_err(|_| beyond())?;
        }
        Ok(())
    }
}

/// The rows of exports by the rule that leaves them out, and the last day of any row.
fn count_rows(rows: &Rows<'_>, rules: &[u8]) -> ([u64; 256], Option<i32>) {
    /// Counts side by side, since most rows have the same rule, and a count waits for the one before.
    const SIDES: usize = 4;
    let mut counts = [[0_u64; 256]; SIDES];
    match rows.row_count {
        [] => {
            for rules in rules.chunks(SIDES) {
                rules.iter().zip(&mut counts).for_each(|(rule, counts)| counts[usize::from(*rule)] += 1);
            }
        }
        each => {
            let rows = rules.iter().zip(each);
            rows.for_each(|(rule, count)| counts[0][usize::from(*rule)] += u64::from(*count));
        }
    }
    let counts = std::array::from_fn(|rule| counts.iter().map(|counts| counts[rule]).sum());
    let latest = match counts[usize::from(NO_ROW)] {
        0 => rows.ordered_on.iter().max().copied(),
        _ => {
            let days = rows.ordered_on.iter().zip(rules).filter(|(_, rule)| **rule != NO_ROW);
            days.map(|(day, _)| *day).max()
        }
    };
    (counts, latest)
}

/// How many orders share their id with another one that counts; they can be in several parts.
fn repeated_ids(parts: &[Facts]) -> u64 {
    let all: usize = parts.iter().map(|part| part.splits.len()).sum();
    let distinct: HashSet<u32> = parts.iter().flat_map(|part| part.splits.iter().copied()).collect();
    (all - distinct.len()) as u64
}

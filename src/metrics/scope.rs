//! Which orders count: the valid-order rule, the as-of day and the window.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::error::Result;
use crate::ingest::accounting::Rule;
use crate::regions::Region;
use crate::schema::parts::{INCOMPLETE, Rows};
use crate::schema::{Events, Orders, Status, orders};

/// The time a question is about and which orders it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scope {
    /// The last day that counts, as days since 1970-01-01; `None` is the latest order of the data.
    pub as_of: Option<i32>,
    /// Only the so many whole days that end with as-of; `None` is all time.
    pub window: Option<u32>,
    /// Whether orders at no price (gifts, draws) are orders.
    pub include_zero_orders: bool,
    /// Whether orders to another province than the buyer's usual one are left out.
    pub excludes_occasional: bool,
}

impl Scope {
    /// The as-of day for these orders; `None` when there are no orders and none was given.
    pub fn as_of(&self, orders: &Orders) -> Result<Option<i32>> {
        if self.as_of.is_some() {
            return Ok(self.as_of);
        }
        let latest = orders
            .parts
            .each_answer(|part| Ok(part.column(orders::ORDERED_ON)?.to_physical_repr().i32()?.max()))?;
        Ok(latest.into_iter().flatten().max())
    }

    /// The scope for these tables: its as-of day is settled.
    pub fn settled(&self, orders: &Orders, events: Option<&Events>) -> Result<Self> {
        let latest = self.as_of(orders)?.max(events.and_then(Events::latest));
        Ok(Self { as_of: self.as_of.or(latest), ..*self })
    }

    /// Whether an order is judged by nothing but itself: neither by its customer's other orders (occasional purchases) nor
    /// by the latest of all (a window that ends with it).
    pub(super) fn judges_each_order_alone(&self) -> bool {
        !self.excludes_occasional && (self.window.is_none() || self.as_of.is_some())
    }

    /// The same scope without a window.
    pub fn all_time(&self) -> Self {
        Self { window: None, ..*self }
    }

    /// The first day of the window; the beginning of time without one. The as-of day is settled.
    pub(super) fn first_day(&self) -> i32 {
        let first = |window: u32| i64::from(self.as_of.unwrap_or(0)) - i64::from(window) + 1;
        self.window.map_or(i32::MIN, |window| first(window).max(i64::from(i32::MIN)) as i32)
    }

    /// Whether a kept document is an order and no credit note, by what was paid.
    #[inline]
    pub(super) fn is_order(&self, paid: i64) -> bool {
        paid >= i64::from(!self.include_zero_orders)
    }

    /// The rules of this scope for these orders. Whether orders without a known customer are left out depends on the
    /// question.
    pub(super) fn ruling(&self, orders: &Orders, needs_customer: bool) -> Result<Ruling> {
        let as_of = self.as_of(orders)?;
        let usual = self.excludes_occasional.then(|| provinces(&orders.regions));
        let settled = Self { as_of: as_of.or(Some(0)), ..*self };
        let province_of = usual.unwrap_or_default();
        Ok(Ruling { needs_customer, province_of, ..settled.ruling_by_row() })
    }

    /// As [`Self::ruling`] where each row is judged by itself and a known customer is needed; without an as-of day and a
    /// window none is too late or too early.
    pub(super) fn ruling_by_row(&self) -> Ruling {
        Ruling {
            scope: *self,
            first: self.first_day(),
            last: self.as_of.unwrap_or(i32::MAX),
            of_status: rules_of_status(),
            needs_customer: true,
            province_of: Vec::new(),
        }
    }
}

/// A scope's rules for a table of orders.
pub(super) struct Ruling {
    scope: Scope,
    /// The first and the last day that count.
    first: i32,
    last: i32,
    /// The rule that a status alone is left out by, by its code.
    of_status: [u8; 256],
    needs_customer: bool,
    /// The province of each region's number; empty where occasional purchases stay.
    province_of: Vec<Option<u32>>,
}

impl Ruling {
    /// The rule that leaves an order of a known customer out, as its code, or [`KEPT`]: the first that applies, of those
    /// that judge an order by itself.
    #[inline]
    fn rule(&self, status: u8, paid: i64, refund: i64, day: i32) -> u8 {
        // The last rule first, each over those behind it: which one applies cannot be foreseen, so that branches would
        // cost more than looking at all.
        let mut rule = KEPT;
        let mut rule_out = |applies: bool, code: u8| rule = if applies { code } else { rule };
        rule_out(day < self.first, Rule::OutsideWindow as u8);
        rule_out(day > self.last, Rule::AfterAsOf as u8);
        rule_out((paid == 0) & !self.scope.include_zero_orders, Rule::ZeroAmount as u8);
        rule_out((paid > 0) & (paid <= refund), Rule::Refunded as u8);
        let of_status = self.of_status[usize::from(status)];
        rule_out(of_status != KEPT, of_status);
        rule
    }

    /// [`Self::rule`] of each order.
    fn each(&self, status: &[u8], paid: &[i64], refund: &[i64], day: &[i32]) -> Vec<u8> {
        let orders = status.iter().zip(paid).zip(refund).zip(day);
        orders.map(|(((status, paid), refund), day)| self.rule(*status, *paid, *refund, *day)).collect()
    }

    /// The rule that leaves an order out, as its code, or [`KEPT`]: the first that applies, for every order of a
    /// part.
    pub(super) fn rules(&self, part: &DataFrame) -> Result<Vec<u8>> {
        let customer = part.column(orders::CUSTOMER)?.u32()?;
        let is_known = customer.null_count() == 0;
        if !is_known && self.needs_customer {
            let masked = part.column(orders::IS_MASKED)?.bool()?;
            let rule = |masked: Option<bool>| {
                if masked == Some(true) { Rule::MaskedCustomer } else { Rule::NoCustomer }
            };
            return Ok(masked.iter().map(|masked| rule(masked) as u8).collect());
        }
        let columns = Amounts::of(part)?;
        let status = part.column(orders::STATUS)?.u8()?.rechunk();
        let mut rules = self.each(status.cont_slice()?, columns.paid()?, columns.refund()?, columns.day()?);
        if is_known && !self.province_of.is_empty() {
            self.leave_out_occasional(part, &mut rules)?;
        }
        Ok(rules)
    }

    /// As [`Self::rules`] for rows in any order; [`NO_ROW`] for those that are none of the table.
    pub(super) fn rules_by_row(&self, rows: &Rows<'_>) -> Vec<u8> {
        let mut rules = self.each(rows.status, rows.paid_amount, rows.refund_amount, rows.ordered_on);
        let mut is_masked = rows.is_masked.iter();
        let others = rules.iter_mut().zip(rows.customer).filter(|(_, customer)| **customer >= INCOMPLETE);
        for (rule, customer) in others {
            *rule = match *customer {
                INCOMPLETE => NO_ROW,
                _ if is_masked.next() == Some(&true) => Rule::MaskedCustomer as u8,
                _ => Rule::NoCustomer as u8,
            };
        }
        rules
    }

    /// Marks orders to another province than the buyer's usual one: that of at least two thirds of at least three
    /// kept orders whose province is known.
    fn leave_out_occasional(&self, part: &DataFrame, rules: &mut [u8]) -> Result<()> {
        const LEAST: usize = 3;
        let region = part.column(orders::REGION)?.u32()?.rechunk();
        let customer = part.column(orders::CUSTOMER)?.u32()?.rechunk();
        let (region, customer) = (region.cont_slice()?, customer.cont_slice()?);
        let province = |row: usize| self.province_of.get(region[row] as usize).copied().flatten();
        let mut start = 0;
        for run in customer.chunk_by(|a, b| a == b) {
            let rows = start..start + run.len();
            start = rows.end;
            let told: Vec<(usize, u32)> = rows
                .filter(|row| rules[*row] == KEPT)
                .filter_map(|row| Some((row, province(row)?)))
                .collect();
            if told.len() < LEAST {
                continue;
            }
            let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
            told.iter().for_each(|(_, province)| *counts.entry(*province).or_default() += 1);
            let usual =
                counts.iter().find(|(_, count)| 3 * **count >= 2 * told.len()).map(|(usual, _)| *usual);
            for (row, _) in
                told.into_iter().filter(|(_, province)| usual.is_some_and(|usual| *province != usual))
            {
                rules[row] = Rule::Occasional as u8;
            }
        }
        Ok(())
    }
}

/// The rule that each status alone is left out by, by the codes of both.
fn rules_of_status() -> [u8; 256] {
    let mut rules = [KEPT; 256];
    for status in Status::ALL {
        rules[usize::from(status.code())] = match status {
            Status::Pending => Rule::Unpaid as u8,
            Status::ClosedUnpaid => Rule::ClosedUnpaid as u8,
            Status::Cancelled => Rule::Cancelled as u8,
            Status::Refunded => Rule::Refunded as u8,
            Status::Paid | Status::Shipped | Status::Completed => KEPT,
        };
    }
    rules
}

/// The province of each region, as the number of the first region in it; none where it is not known.
fn provinces(regions: &[Region]) -> Vec<Option<u32>> {
    let mut first: BTreeMap<(String, String), u32> = BTreeMap::new();
    let number = |(region, number): (&Region, u32)| {
        let folded = region.folded();
        (!region.province.is_empty())
            .then(|| *first.entry((folded.country, folded.province)).or_insert(number))
    };
    regions.iter().zip(0..).map(number).collect()
}

/// The days and amounts of a part, for passes over its orders one after the other.
pub(super) struct Amounts {
    day: Int32Chunked,
    paid: Int64Chunked,
    refund: Int64Chunked,
}

impl Amounts {
    pub(super) fn of(part: &DataFrame) -> Result<Self> {
        Ok(Self {
            day: part.column(orders::ORDERED_ON)?.to_physical_repr().i32()?.rechunk().into_owned(),
            paid: part.column(orders::PAID_AMOUNT)?.i64()?.rechunk().into_owned(),
            refund: part.column(orders::REFUND_AMOUNT)?.i64()?.rechunk().into_owned(),
        })
    }

    /// Days since 1970-01-01.
    pub(super) fn day(&self) -> Result<&[i32]> {
        Ok(self.day.cont_slice()?)
    }

    /// Micro-units before refunds.
    pub(super) fn paid(&self) -> Result<&[i64]> {
        Ok(self.paid.cont_slice()?)
    }

    /// Micro-units given back.
    pub(super) fn refund(&self) -> Result<&[i64]> {
        Ok(self.refund.cont_slice()?)
    }
}

/// In place of a rule's code: the order counts.
pub(super) const KEPT: u8 = u8::MAX;

/// In place of a rule's code: the row is none of the table.
pub(super) const NO_ROW: u8 = u8::MAX - 1;

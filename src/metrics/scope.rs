//! Which orders count: the valid-order rule, the as-of day and the window.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::error::Result;
use crate::regions::Region;
use crate::schema::accounting::Rule;
use crate::schema::parts::{INCOMPLETE, Rows};
use crate::schema::{Events, Orders, RowParts, Status, orders};

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

    /// As [`Self::settled`], for orders as they came.
    pub fn settled_by_row(&self, orders: &Orders<RowParts>, events: Option<&Events>) -> Result<Self> {
        if self.as_of.is_some() {
            return Ok(*self);
        }
        let last = |rows: &Rows<'_>| {
            let days = rows.ordered_on.iter().zip(rows.customer);
            Ok(days.filter(|(_, customer)| **customer != INCOMPLETE).map(|(day, _)| *day).max())
        };
        let latest = orders.parts.each_rows(last)?.into_iter().flatten().max();
        Ok(Self { as_of: latest.max(events.and_then(Events::latest)), ..*self })
    }

    /// Whether an order is judged by nothing but itself: neither by its customer's other orders (occasional purchases)
    /// nor by the latest of all (a window that ends with it).
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
        Ok(Ruling { province_of, ..settled.ruling_of_rows(needs_customer) })
    }

    /// As [`Self::ruling`] where each row is judged by itself and a known customer is needed; without an as-of day and
    /// a window none is too late or too early.
    pub(super) fn ruling_by_row(&self) -> Ruling {
        self.ruling_of_rows(true)
    }

    /// As [`Self::ruling_by_row`]; whether orders without a known customer are left out depends on the question.
    pub(super) fn ruling_of_rows(&self, needs_customer: bool) -> Ruling {
        Ruling {
            scope: *self,
            first: self.first_day(),
            last: self.as_of.unwrap_or(i32::MAX),
            of_status: rules_of_status(),
            needs_customer,
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
    /// The rule that leaves an order of a known customer out, as its code, or [`KEPT`]: the first that applies, of
    /// those that judge an order by itself.
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
                _ if !self.needs_customer => *rule,
                _ if is_masked.next() == Some(&true) => Rule::MaskedCustomer as u8,
                _ => Rule::NoCustomer as u8,
            };
        }
        rules
    }

    /// Marks orders to another province than the buyer's usual one ([`usual_province`]), by all orders up to as-of.
    fn leave_out_occasional(&self, part: &DataFrame, rules: &mut [u8]) -> Result<()> {
        let amounts = Amounts::of(part)?;
        let paid = amounts.paid()?;
        let region = part.column(orders::REGION)?.u32()?.rechunk();
        let customer = part.column(orders::CUSTOMER)?.u32()?.rechunk();
        let (region, customer) = (region.cont_slice()?, customer.cont_slice()?);
        let province = |row: usize| self.province_of.get(region[row] as usize).copied().flatten();
        let mut start = 0;
        for run in customer.chunk_by(|a, b| a == b) {
            let rows = start..start + run.len();
            start = rows.end;
            // Orders before the window tell of a buyer as much as those in it.
            let tells = |row: &usize| {
                (rules[*row] == KEPT || rules[*row] == Rule::OutsideWindow as u8)
                    && self.scope.is_order(paid[*row])
            };
            let Some(usual) = usual_province(rows.clone().filter(tells).filter_map(province)) else {
                continue;
            };
            for row in rows {
                if rules[row] == KEPT && province(row).is_some_and(|province| province != usual) {
                    rules[row] = Rule::Occasional as u8;
                }
            }
        }
        Ok(())
    }
}

/// The province of at least two thirds of a buyer's orders, where at least three of them name one.
fn usual_province(provinces: impl Iterator<Item = u32>) -> Option<u32> {
    const FEWEST_ORDERS: usize = 3;
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    provinces.for_each(|province| *counts.entry(province).or_default() += 1);
    let all: usize = counts.values().sum();
    let is_usual = |count: usize| all >= FEWEST_ORDERS && 3 * count >= 2 * all;
    counts.into_iter().find(|(_, count)| is_usual(*count)).map(|(province, _)| province)
}

/// The rule that each status alone is left out by, by the codes of both.
fn rules_of_status() -> [u8; 256] {
    let mut rules = [KEPT; 256];
    rules[usize::from(orders::REFUND_OF_REFUNDED)] = Rule::RefundOfRefunded as u8;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_province_has_two_thirds_of_at_least_three_orders() {
        let usual = |provinces: &[u32]| usual_province(provinces.iter().copied());
        assert_eq!(usual(&[7, 7]), None);
        assert_eq!(usual(&[7, 7, 7]), Some(7));
        assert_eq!(usual(&[7, 8, 7]), Some(7));
        // Three of five are less than two thirds; four of six are not.
        assert_eq!(usual(&[7, 7, 7, 8, 9]), None);
        assert_eq!(usual(&[7, 7, 7, 7, 8, 9]), Some(7));
        assert_eq!(usual(&[]), None);
    }

    #[test]
    fn the_first_rule_that_applies_leaves_an_order_out() {
        let rule = |scope: Scope, status: Status, paid: i64, refund: i64, day: i32| {
            scope.ruling_by_row().rule(status.code(), paid, refund, day)
        };
        let scope = Scope { as_of: Some(100), window: Some(10), ..Scope::default() };
        let paid = |day| rule(scope, Status::Paid, 1, 0, day);
        // as_of − N < day <= as_of.
        assert_eq!(
            [90, 91, 100, 101].map(paid),
            [Rule::OutsideWindow as u8, KEPT, KEPT, Rule::AfterAsOf as u8]
        );
        for (status, code) in [
            (Status::Pending, Rule::Unpaid),
            (Status::ClosedUnpaid, Rule::ClosedUnpaid),
            (Status::Cancelled, Rule::Cancelled),
            (Status::Refunded, Rule::Refunded),
        ] {
            assert_eq!(rule(scope, status, 0, 0, 500), code as u8);
        }
        for status in [Status::Paid, Status::Shipped, Status::Completed] {
            assert_eq!(rule(scope, status, 5, 4, 95), KEPT);
            assert_eq!(rule(scope, status, 5, 5, 95), Rule::Refunded as u8);
            assert_eq!(rule(scope, status, 0, 0, 95), Rule::ZeroAmount as u8);
            // A credit note is kept, and is no order.
            assert_eq!(rule(scope, status, -5, 0, 95), KEPT);
        }
        let with_zero = Scope { include_zero_orders: true, ..scope };
        assert_eq!(rule(with_zero, Status::Paid, 0, 0, 95), KEPT);
        assert_eq!([-1, 0, 1].map(|paid| scope.is_order(paid)), [false, false, true]);
        assert_eq!([-1, 0, 1].map(|paid| with_zero.is_order(paid)), [false, true, true]);
    }

    use crate::metrics::customer_facts::customer_facts;
    use crate::metrics::testing::orders;

    /// Three orders of January went to 广东; of June's two, one to 浙江 is occasional. Bob has none but June's two. An
    /// order after as-of says nothing.
    #[test]
    fn a_usual_province_is_that_of_all_orders_up_to_as_of() {
        let read = orders(
            "order_id,customer_id,order_date,amount,province;1,a,2026-01-01,1,广东;2,a,2026-01-02,1,广东;3,a,2026-01-03,1,广东;
             4,a,2026-06-10,1,广东;5,a,2026-06-11,1,浙江;6,b,2026-06-10,1,广东;7,b,2026-06-11,1,浙江;8,b,2026-07-01,1,广东;
             9,b,2026-07-02,1,广东",
        );
        let left_out = |scope: Scope| {
            let scope = Scope { excludes_occasional: true, ..scope };
            let facts = customer_facts(&read.ingested.orders, &scope, read.ingested.accounting.clone())
                .expect("facts");
            assert!(facts.accounting.is_balanced());
            (
                facts.accounting.excluded.of(Rule::Occasional),
                facts.accounting.excluded.of(Rule::OutsideWindow),
            )
        };
        assert_eq!(left_out(read.window(30, "2026-06-30")), (1, 3));
        assert_eq!(left_out(read.up_to("2026-06-30")), (1, 0));
        // By July Bob's usual province is 广东.
        assert_eq!(left_out(read.window(30, "2026-07-02")), (2, 3));
    }

    /// Two credit notes from 浙江 are no orders: the province of two of three orders stays the usual one.
    #[test]
    fn credit_notes_say_nothing_of_where_a_buyer_usually_orders() {
        let read = orders(
            "order_id,customer_id,order_date,amount,province;1,a,2026-01-01,9,广东;2,a,2026-01-02,9,广东;3,a,2026-01-03,9,浙江;
             4,a,2026-01-04,-1,浙江;5,a,2026-01-05,-1,浙江",
        );
        let scope = Scope { excludes_occasional: true, ..read.up_to("2026-06-30") };
        let facts =
            customer_facts(&read.ingested.orders, &scope, read.ingested.accounting.clone()).expect("facts");
        // The order to 浙江 goes, and with it what came back from there.
        assert_eq!(facts.accounting.excluded.of(Rule::Occasional), 3);
        assert_eq!(facts.net_total, 18_000_000);
    }
}

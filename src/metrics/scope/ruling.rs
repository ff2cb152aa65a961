//! The rules of a scope for rows of the orders table: whether each order has a customer, is valid, and went to the
//! usual place.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::valid_order::{KEPT, OrderRow, ValidOrder};
use crate::error::Result;
use crate::regions::Region;
use crate::schema::accounting::Rule;
use crate::schema::parts::{INCOMPLETE, Rows};
use crate::schema::{Micros, orders};

/// A scope's rules for a table of orders.
pub struct Ruling {
    /// The rule that judges each order by itself.
    pub valid: ValidOrder,
    /// Whether orders without a known customer are left out.
    pub needs_customer: bool,
    /// The province of each region, by number; empty if occasional purchases are not left out.
    pub province_of: Vec<Option<u32>>,
}

impl Ruling {
    /// The rule for each order of a known customer, judged by itself.
    fn each(&self, status: &[u8], paid: &[i64], refund: &[i64], day: &[i32]) -> Vec<u8> {
        let orders = status.iter().zip(paid).zip(refund).zip(day);
        let order = |(((status, paid), refund), day): (((&u8, &i64), &i64), &i32)| OrderRow {
            status: *status,
            paid: *paid,
            refund: *refund,
            day: *day,
        };
        orders.map(|columns| self.valid.rule(&order(columns))).collect()
    }

    /// For every order of a part, the code of the first rule that leaves it out, or [`KEPT`].
    pub fn rules(&self, part: &DataFrame) -> Result<Vec<u8>> {
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

    /// Like [`Self::rules`], for unsorted rows; [`NO_ROW`] for rows that do not belong to the table.
    pub fn rules_by_row(&self, rows: &Rows<'_>) -> Vec<u8> {
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

    /// Marks orders to another province than the buyer's usual one ([`usual_province`]), judged by all orders up to
    /// as-of.
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
            // Orders before the window count for a buyer's usual province, too.
            let tells = |row: &usize| {
                (rules[*row] == KEPT || rules[*row] == Rule::OutsideWindow as u8)
                    && self.valid.is_order(Micros::new(paid[*row]))
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

/// The province of at least two thirds of a buyer's orders, if at least three of them name a province.
fn usual_province(provinces: impl Iterator<Item = u32>) -> Option<u32> {
    const MIN_ORDERS: usize = 3;
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    provinces.for_each(|province| *counts.entry(province).or_default() += 1);
    let all: usize = counts.values().sum();
    let is_usual = |count: usize| all >= MIN_ORDERS && 3 * count >= 2 * all;
    counts.into_iter().find(|(_, count)| is_usual(*count)).map(|(province, _)| province)
}

/// The province of each region, as the number of the first region in it; `None` if it is unknown.
pub(super) fn provinces(regions: &[Region]) -> Vec<Option<u32>> {
    let mut first: BTreeMap<(String, String), u32> = BTreeMap::new();
    let number = |(region, number): (&Region, u32)| {
        let folded = region.folded();
        (!region.province.is_empty())
            .then(|| *first.entry((folded.country, folded.province)).or_insert(number))
    };
    regions.iter().zip(0..).map(number).collect()
}

/// The days and amounts of a part, for passes over its orders one after the other.
pub struct Amounts {
    day: Int32Chunked,
    paid: Int64Chunked,
    refund: Int64Chunked,
}

impl Amounts {
    pub fn of(part: &DataFrame) -> Result<Self> {
        Ok(Self {
            day: part.column(orders::ORDERED_ON)?.to_physical_repr().i32()?.rechunk().into_owned(),
            paid: part.column(orders::PAID_AMOUNT)?.i64()?.rechunk().into_owned(),
            refund: part.column(orders::REFUND_AMOUNT)?.i64()?.rechunk().into_owned(),
        })
    }

    /// Days since 1970-01-01.
    pub fn day(&self) -> Result<&[i32]> {
        Ok(self.day.cont_slice()?)
    }

    /// Micro-units before refunds.
    pub fn paid(&self) -> Result<&[i64]> {
        Ok(self.paid.cont_slice()?)
    }

    /// Refunds in micro-units.
    pub fn refund(&self) -> Result<&[i64]> {
        Ok(self.refund.cont_slice()?)
    }
}

/// Stands for a rule's code: the row does not belong to the table.
pub const NO_ROW: u8 = u8::MAX - 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_province_has_two_thirds_of_at_least_three_orders() {
        let usual = |provinces: &[u32]| usual_province(provinces.iter().copied());
        assert_eq!(usual(&[7, 7]), None);
        assert_eq!(usual(&[7, 7, 7]), Some(7));
        assert_eq!(usual(&[7, 8, 7]), Some(7));
        // Three of five are less than two thirds; four of six are exactly two thirds.
        assert_eq!(usual(&[7, 7, 7, 8, 9]), None);
        assert_eq!(usual(&[7, 7, 7, 7, 8, 9]), Some(7));
        assert_eq!(usual(&[]), None);
    }

    use crate::metrics::Scope;
    use crate::metrics::customer_facts::customer_facts;
    use crate::metrics::testing::orders;

    /// Three of a's orders went to 广东 in January; of the two in June, the one to 浙江 is occasional. Bob has only two
    /// orders up to June, too few for a usual province. Orders after as-of do not count.
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

    /// Two credit notes from 浙江 are not orders, so 广东, with two of three orders, stays the usual province.
    #[test]
    fn credit_notes_say_nothing_of_where_a_buyer_usually_orders() {
        let read = orders(
            "order_id,customer_id,order_date,amount,province;1,a,2026-01-01,9,广东;2,a,2026-01-02,9,广东;3,a,2026-01-03,9,浙江;
             4,a,2026-01-04,-1,浙江;5,a,2026-01-05,-1,浙江",
        );
        let scope = Scope { excludes_occasional: true, ..read.up_to("2026-06-30") };
        let facts =
            customer_facts(&read.ingested.orders, &scope, read.ingested.accounting.clone()).expect("facts");
        // The order to 浙江 is left out, and so are the credit notes from there.
        assert_eq!(facts.accounting.excluded.of(Rule::Occasional), 3);
        assert_eq!(facts.net_total, 18_000_000);
    }
}

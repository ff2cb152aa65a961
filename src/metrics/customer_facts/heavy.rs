//! The heavy stage: from all orders to sums per customer.

use polars::prelude::*;

use super::{Buyer, beyond};
use crate::error::Result;
use crate::metrics::latest::{Tail, tail};
use crate::metrics::scope::{Amounts, KEPT, Ruling, Scope, ScopeRequest};
use crate::schema::accounting::Rule;
use crate::schema::parts::{NOBODY, Rows};
use crate::schema::{CustomerCode, Day, Micros, Orders, RowParts, orders};

/// For sorted orders: the last day, the number of distinct orders and the exact net amount of each customer, and the
/// number of rows that each rule leaves out. The orders in the table are distinct, so counting rows counts orders.
/// Credit notes lower the amount and are not counted.
///
/// In other engines this is a group-by. Here the customers of a part are numbered, and the numbers are places in a
/// small table.
///
/// `also` is called in the same pass, with the rows of each part and the rule of each row.
pub(super) fn in_order<T: Send>(
    orders: &Orders,
    scope: &Scope,
    also: impl Fn(&Rows<'_>, &[u8]) -> T + Sync + Send,
) -> Result<Vec<(Facts, T)>> {
    let judge = Judge::new(orders, scope);
    orders.parts.each_answer(|part| {
        let judged = judge.judged(part)?;
        PartRows::of(part)?.with_rows(|rows| Ok((judge.facts(rows, &judged)?, also(rows, &judged.rules))))
    })
}

/// Judges sorted orders by the rules of a scope.
pub(super) struct Judge<'a> {
    scope: &'a Scope,
    ruling: Ruling,
    /// The rules without the scope's window. Only needed if the rules with the window do not tell which orders before
    /// it count.
    ever: Option<Ruling>,
}

/// The rule that leaves each row of a part out, or [`KEPT`].
pub(super) struct Judged {
    pub rules: Vec<u8>,
    ever: Option<Vec<u8>>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(orders: &Orders, scope: &'a Scope) -> Self {
        // The rules with the window do not tell which purchases before it were occasional.
        let judges_others = scope.window.is_some() && scope.excludes_occasional;
        let ever = judges_others.then(|| scope.all_time().ruling(orders, true));
        Self { scope, ruling: scope.ruling(orders, true), ever }
    }

    pub(super) fn judged(&self, part: &DataFrame) -> Result<Judged> {
        let ever = self.ever.as_ref().map(|ruling| ruling.rules(part)).transpose()?;
        Ok(Judged { rules: self.ruling.rules(part)?, ever })
    }

    pub(super) fn facts(&self, rows: &Rows<'_>, judged: &Judged) -> Result<Facts> {
        Facts::of(rows, &judged.rules, judged.ever.as_deref(), self.scope)
    }
}

impl Judged {
    /// Whether a row counts if the window is ignored. The window is the last rule that looks at a row by itself, so no
    /// other such rule leaves the row out.
    pub(super) fn counts_ever(&self, row: usize) -> bool {
        let rule = self.ever.as_ref().unwrap_or(&self.rules)[row];
        rule == KEPT || rule == Rule::OutsideWindow as u8
    }
}

/// As [`in_order`], for unsorted rows, each of which is judged by itself.
pub(super) fn by_row<T: Send>(
    orders: &Orders<RowParts>,
    request: &ScopeRequest,
    also: impl Fn(&Rows<'_>, &[u8]) -> T + Sync,
) -> Result<Vec<(Facts, T)>> {
    let (ruling, scope) = (request.ruling_by_row(), request.on(request.as_of));
    orders.parts.each_rows(|rows| {
        let rules = ruling.rules_by_row(rows);
        Ok((Facts::of(rows, &rules, None, &scope)?, also(rows, &rules)))
    })
}

/// The facts of the customers of one part.
pub(super) struct Facts {
    pub buyers: Vec<Buyer>,
    /// Valid orders of these buyers.
    pub orders: u64,
    /// Net amount of these buyers, in micro-units.
    pub net: i128,
    /// Rows that rules leave out, by the rule's code.
    pub rows_by_rule: [u64; 256],
    /// The last day of any order, and how many orders are close to it.
    pub latest: Option<Tail>,
    /// Number of orders, whether they count or not.
    pub rows: u64,
}

impl Facts {
    /// `ever` are the rules without the scope's window, if the rules with it do not tell which orders before it count.
    fn of(rows: &Rows<'_>, rules: &[u8], ever: Option<&[u8]>, scope: &Scope) -> Result<Self> {
        let mut buyers: Vec<Buyer> = (rows.base..)
            .take(rows.customer_count)
            .map(|customer| Buyer {
                net: Micros::ZERO,
                customer: CustomerCode::new(customer),
                last_day: Day::BEFORE_ALL,
                orders: 0,
                ever: 0,
            })
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
            // The loop has no branch on whether a row counts, since that cannot be predicted.
            let Some(buyer) = buyers.get_mut(customer as usize) else { continue };
            let is_kept = rule == KEPT;
            let is_order = is_kept & scope.is_order(Micros::new(paid));
            documents += u64::from(is_kept);
            orders += u64::from(is_order);
            bits |= paid.unsigned_abs() | refund.unsigned_abs();
            let net = paid.wrapping_sub(refund) & -i64::from(is_kept);
            buyer.net = Micros::new(buyer.net.number().wrapping_add(net));
            buyer.last_day = buyer.last_day.max(if is_order { Day::new(day) } else { Day::BEFORE_ALL });
            buyer.orders += u32::from(is_order);
        }
        if scope.window.is_some() {
            let ever = ever.unwrap_or(rules);
            for ((&customer, &rule), &paid) in rows.customer.iter().zip(ever).zip(rows.paid_amount) {
                if let Some(buyer) = buyers.get_mut(customer as usize) {
                    // The window is the last rule that looks at a row by itself, so no other such rule leaves these
                    // rows out.
                    let is_kept = (rule == KEPT) | (rule == Rule::OutsideWindow as u8);
                    buyer.ever += u32::from(is_kept & scope.is_order(Micros::new(paid)));
                }
            }
        }
        let rows_by_rule = count_rows(rows, rules);
        let (latest, count) = (tail(rows), rows.ordered_on.len() as u64);
        let mut facts = Self { buyers, orders, net: 0, rows_by_rule, latest, rows: count };
        // Few parts have credit notes, or amounts so large that a sum could leave 64 bits.
        let greatest = 2 * u128::from(bits) * rows.customer.len() as u128;
        if documents != orders || greatest > i64::MAX as u128 {
            facts.add_documents(rows, rules)?;
        }
        facts.buyers.retain(|buyer| buyer.orders > 0);
        facts.net = facts.buyers.iter().map(|buyer| i128::from(buyer.net)).sum();
        Ok(facts)
    }

    /// Does what few parts need: adds the amounts up in 128 bits, since sums of 64 bits may have overflowed, and counts
    /// the rows of customers who have credit notes only, who are no buyers.
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
            buyer.net = Micros::try_from(net).map_err(|_| beyond())?;
        }
        Ok(())
    }
}

/// The number of rows of exports that each rule leaves out, by the rule's code.
pub(super) fn count_rows(rows: &Rows<'_>, rules: &[u8]) -> [u64; 256] {
    /// Rows are counted in several tables in turn: most rows have the same rule, and adding to a count has to wait for
    /// the addition before it.
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
    std::array::from_fn(|rule| counts.iter().map(|counts| counts[rule]).sum())
}

/// The rows of a sorted part.
pub(super) struct PartRows {
    customer: Vec<u32>,
    base: u32,
    customer_count: usize,
    status: UInt8Chunked,
    amounts: Amounts,
    row_count: Vec<u32>,
}

impl PartRows {
    pub(super) fn of(part: &DataFrame) -> Result<Self> {
        let codes = part.column(orders::CUSTOMER)?.u32()?.rechunk();
        let base = codes.min().unwrap_or(0);
        // Most shops have the usual value in all rows, as a constant column.
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
        })
    }

    pub(super) fn with_rows<T>(&self, ask: impl FnOnce(&Rows<'_>) -> Result<T>) -> Result<T> {
        ask(&Rows {
            customer: &self.customer,
            base: self.base,
            customer_count: self.customer_count,
            // The rules say already which buyers are masked.
            is_masked: &[],
            ordered_on: self.amounts.day()?,
            status: self.status.cont_slice()?,
            paid_amount: self.amounts.paid()?,
            refund_amount: self.amounts.refund()?,
            row_count: &self.row_count,
            region: &[],
            second: &[],
            further: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::customer_facts;
    use crate::metrics::ScopeRequest;
    use crate::metrics::testing::{on, orders};

    /// 64 bits hold up to 9,223,372,036,854.775807 units. That is enough for 92 amounts of a hundred thousand million,
    /// and not for 93.
    #[test]
    fn amounts_of_one_customer_that_cannot_be_held_are_refused() {
        for (count, net) in [(92, Some(9_200_000_000_000_000_000)), (93, None)] {
            let lines: String = (0..count).map(|i| format!(";{i},a,2026-06-01,100000000000")).collect();
            let read = orders(&format!("order_id,customer_id,order_date,amount{lines}"));
            let scope = read.up_to("2026-06-30");
            let facts = customer_facts(&read.ingested.orders, &scope, read.ingested.accounting.clone());
            assert_eq!(facts.ok().map(|facts| facts.net_total), net, "{count} orders");
        }
    }

    /// If no as-of day is given, the window ends with the last day of the data.
    #[test]
    fn without_an_as_of_day_the_last_day_of_the_orders_is_it() {
        let read = orders(
            "order_id,customer_id,order_date,amount;1,a,2026-06-01,5;2,a,2026-06-24,6;3,b,2026-06-30,7",
        );
        let request = ScopeRequest { window: Some(7), ..ScopeRequest::default() };
        let scope = request.settled(&read.ingested.orders, None).expect("a scope");
        let facts =
            customer_facts(&read.ingested.orders, &scope, read.ingested.accounting.clone()).expect("facts");
        assert_eq!(
            (facts.scope.known_day(), facts.order_total, facts.net_total),
            (Some(on("2026-06-30")), 2, 13_000_000)
        );
    }
}

//! Further figures of each customer's orders, added up from rows in any order.

use super::beyond;
use super::heavy::PartRows;
use crate::error::Result;
use crate::metrics::scope::{KEPT, NO_ROW, Scope};
use crate::schema::accounting::Rule;
use crate::schema::parts::Rows;
use crate::schema::{Day, Micros, Orders, RowParts};

/// Orders as reading gave them, or in order.
#[derive(Debug, Clone, Copy)]
pub enum AnyOrders<'a> {
    /// Of which nobody has asked yet that they be in order.
    AsTheyCame(&'a Orders<RowParts>),
    /// By customer and day.
    InOrder(&'a Orders),
}

/// The first and the last of some days.
pub type Days = (Day, Day);

/// A figure of each customer's orders. Days and counts are of whole days and orders, amounts in micro-units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Day of the first valid order.
    FirstDay,
    /// Valid orders of these days.
    OrderCount(Days),
    /// Paid minus refunded of the valid orders and credit notes of these days.
    NetAmount(Days),
    /// What the dearest valid order cost, refunds taken off.
    MaxOrderAmount,
    /// What went back in all: of valid orders, of wholly refunded ones, and by credit notes.
    RefundAmount,
    /// Orders of which something went back.
    RefundedOrderCount,
    /// Orders that nobody has paid, whether payment is awaited or the order was closed.
    UnpaidOrderCount,
    /// Day of the last of them.
    LastUnpaidDay,
}

/// In place of a day or an amount: the customer has none.
pub const NOTHING: i64 = i64::MIN;

/// In place of an amount: its sum has left 64 bits, and stays so whatever else is added.
const BEYOND: i64 = i64::MAX;

/// A sum with one more amount.
#[inline]
fn added(sum: i64, amount: Micros) -> i64 {
    let held = sum.checked_add(amount.number()).filter(|held| sum != BEYOND && *held != NOTHING);
    held.unwrap_or(BEYOND)
}

impl Measure {
    /// What it is of a customer without any row.
    pub fn of_nothing(self) -> i64 {
        match self {
            Self::FirstDay | Self::MaxOrderAmount | Self::LastUnpaidDay => NOTHING,
            _ => 0,
        }
    }

    /// What it is with one more row.
    #[inline]
    fn with(self, value: i64, row: &Row, scope: &Scope) -> i64 {
        let is_order = row.rule == KEPT && scope.is_order(row.paid);
        let net = row.paid - row.refund;
        let is_within = |days: Days| days.0 <= row.day && row.day <= days.1;
        let is_unpaid = || row.is_recent && row.is_unpaid();
        match self {
            Self::FirstDay if is_order && value == NOTHING => i64::from(row.day.number()),
            Self::FirstDay if is_order => value.min(i64::from(row.day.number())),
            Self::OrderCount(days) if is_order && is_within(days) => value + 1,
            Self::NetAmount(days) if row.rule == KEPT && is_within(days) => added(value, net),
            Self::MaxOrderAmount if is_order => value.max(net.number()),
            Self::RefundAmount => added(value, row.given_back()),
            Self::RefundedOrderCount => {
                value + i64::from(row.given_back().is_positive() && row.paid.is_positive())
            }
            Self::UnpaidOrderCount if is_unpaid() => value + 1,
            Self::LastUnpaidDay if is_unpaid() => value.max(i64::from(row.day.number())),
            _ => value,
        }
    }
}

/// One row, judged.
struct Row {
    rule: u8,
    day: Day,
    paid: Micros,
    refund: Micros,
    /// Whether it is dated up to as-of and within the window.
    is_recent: bool,
}

impl Row {
    fn is_unpaid(&self) -> bool {
        self.rule == Rule::Unpaid as u8 || self.rule == Rule::ClosedUnpaid as u8
    }

    /// What went back with this row. A refund that is a record of its own beside a wholly refunded order is that
    /// order's.
    fn given_back(&self) -> Micros {
        match self.rule {
            KEPT if self.paid.is_negative() => self.refund - self.paid,
            KEPT => self.refund,
            _ if self.rule == Rule::Refunded as u8 && self.is_recent => self.paid.max(self.refund),
            _ => Micros::ZERO,
        }
    }
}

/// Each measure of every customer by code, of whom there are `customer_count`.
///
/// # Errors
/// When one customer's amounts are beyond 64 bits of micro-units.
pub fn measures(
    all: AnyOrders<'_>,
    scope: &Scope,
    customer_count: usize,
    wanted: &[Measure],
) -> Result<Vec<Vec<i64>>> {
    let parts = each_part(all, scope, |rows, rules| of_part(rows, rules, scope, wanted))?;
    let mut columns: Vec<Vec<i64>> =
        wanted.iter().map(|measure| vec![measure.of_nothing(); customer_count]).collect();
    for part in parts {
        for (column, values) in columns.iter_mut().zip(part.columns) {
            let places = part.base..part.base + values.len();
            if let Some(places) = column.get_mut(places) {
                places.copy_from_slice(&values);
            }
        }
    }
    if columns.iter().flatten().any(|value| *value == BEYOND) {
        return Err(beyond());
    }
    Ok(columns)
}

/// What the rows of a customer say of whether it is one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Any row up to as-of says something of the customer, whether it counts or not.
    pub is_named: bool,
    /// There is a valid order up to as-of, also before the window.
    pub has_bought: bool,
}

impl Standing {
    /// Of each customer of some rows, of which `rules` has the rule of each.
    pub fn of_rows(rows: &Rows<'_>, rules: &[u8], scope: &Scope) -> Vec<Self> {
        let mut of_part = vec![Self::default(); rows.customer_count];
        let judged = rules.iter().zip(rows.ordered_on).zip(rows.paid_amount);
        for (customer, ((rule, day), paid)) in rows.customer.iter().zip(judged) {
            let Some(standing) = of_part.get_mut(*customer as usize) else { continue };
            standing.is_named |= *rule != NO_ROW && Day::new(*day) <= scope.as_of;
            // The window is the last of the rules: nothing else left these out.
            standing.has_bought |=
                (*rule == KEPT || *rule == Rule::OutsideWindow as u8) && scope.is_order(Micros::new(*paid));
        }
        of_part
    }
}

/// What each part of the orders answers, from its rows and the rule of each.
fn each_part<T: Send>(
    all: AnyOrders<'_>,
    scope: &Scope,
    ask: impl Fn(&Rows<'_>, &[u8]) -> T + Sync + Send,
) -> Result<Vec<T>> {
    match all {
        AnyOrders::AsTheyCame(orders) => {
            let ruling = scope.ruling_by_row();
            orders.parts.each_rows(|rows| Ok(ask(rows, &ruling.rules_by_row(rows))))
        }
        AnyOrders::InOrder(orders) => {
            let ruling = scope.ruling(orders, true);
            orders.parts.each_answer(|part| {
                let rules = ruling.rules(part)?;
                PartRows::of(part)?.with_rows(|rows| Ok(ask(rows, &rules)))
            })
        }
    }
}

/// The measures of the customers of one part.
struct PartMeasures {
    /// The code of the first customer.
    base: usize,
    columns: Vec<Vec<i64>>,
}

fn of_part(rows: &Rows<'_>, rules: &[u8], scope: &Scope, wanted: &[Measure]) -> PartMeasures {
    let first_day = scope.first_day();
    let column = |measure: &Measure| {
        let mut values = vec![measure.of_nothing(); rows.customer_count];
        let amounts = rows.paid_amount.iter().zip(rows.refund_amount);
        let judged = rules.iter().zip(rows.ordered_on).zip(amounts);
        for (customer, ((rule, day), (paid, refund))) in rows.customer.iter().zip(judged) {
            let Some(value) = values.get_mut(*customer as usize) else { continue };
            let day = Day::new(*day);
            let is_known = *rule != NO_ROW && day <= scope.as_of;
            // What was refunded or never paid is left out by its status before its day is looked at.
            let is_recent = is_known && day >= first_day;
            let row =
                Row { rule: *rule, day, paid: Micros::new(*paid), refund: Micros::new(*refund), is_recent };
            *value = measure.with(*value, &row, scope);
        }
        values
    };
    PartMeasures { base: rows.base as usize, columns: wanted.iter().map(column).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::customer_facts::customer_facts_and;
    use crate::metrics::testing::{on, orders};
    use crate::schema::accounting::Accounting;

    /// Of every customer by code.
    fn standing(all: AnyOrders<'_>, scope: &Scope) -> Vec<Standing> {
        let of_rows = |rows: &Rows<'_>, rules: &[u8]| Standing::of_rows(rows, rules, scope);
        customer_facts_and(all, scope, &Accounting::default(), of_rows).expect("standing").1.concat()
    }

    /// As of 20 June, in the ten days from 11 June on: two orders of 100 and 50, of which 30 went back; 40 wholly
    /// refunded; 70 never paid; and a credit note of 5. What was refunded on 8 and 25 June is outside.
    #[test]
    fn measures_are_of_what_the_scope_counts() {
        let read = orders(
            "order_id,customer_id,order_date,amount,refund_amount,status;1,a,2026-06-20,100,30,paid;2,a,2026-06-12,50,0,paid;
             3,a,2026-06-14,40,40,refunded;4,a,2026-06-15,70,0,pending;5,a,2026-06-08,60,60,refunded;
             6,a,2026-06-25,80,80,refunded;7,a,2026-06-16,-5,0,paid",
        );
        let days = (on("2026-06-12"), on("2026-06-19"));
        let figures = [
            (Measure::FirstDay, i64::from(on("2026-06-12").number())),
            // Those of the 12th up to the 19th: an order of 50 and the credit note.
            (Measure::OrderCount(days), 1),
            (Measure::NetAmount(days), 45_000_000),
            (Measure::MaxOrderAmount, 70_000_000),
            // 30 + 40 + 5.
            (Measure::RefundAmount, 75_000_000),
            (Measure::RefundedOrderCount, 2),
            (Measure::UnpaidOrderCount, 1),
            (Measure::LastUnpaidDay, i64::from(on("2026-06-15").number())),
        ];
        let all = AnyOrders::InOrder(&read.ingested.orders);
        let found = measures(all, &read.window(10, "2026-06-20"), 1, &figures.map(|(measure, _)| measure));
        assert_eq!(found.expect("measures").concat(), figures.map(|(_, figure)| figure));
        let known = Standing { is_named: true, has_bought: true };
        assert_eq!(standing(all, &read.window(10, "2026-06-20")), [known]);
    }

    /// A cell holds up to 10^11 units, and 64 bits 92 of them: of 93 nothing is told, however much goes back later.
    #[test]
    fn what_has_left_64_bits_is_refused_whatever_comes_later() {
        for (count, is_held) in [(92, true), (93, false)] {
            let order = |i| format!(";{i},a,2026-06-12,100000000000");
            let rows: String = (0..count).map(order).collect();
            let read =
                orders(&format!("order_id,customer_id,order_date,amount{rows};n,a,2026-06-13,-50000000000"));
            let all = AnyOrders::InOrder(&read.ingested.orders);
            let wanted = [Measure::NetAmount((on("2026-06-01"), on("2026-06-20")))];
            let found = measures(all, &read.up_to("2026-06-20"), 1, &wanted);
            assert_eq!(found.ok(), is_held.then(|| vec![vec![9_150_000_000_000_000_000]]), "{count}");
        }
    }

    /// a's order is before the window; b has not paid; c's order is after as-of.
    #[test]
    fn who_bought_before_the_window_has_bought() {
        let read = orders(
            "order_id,customer_id,order_date,amount,status;1,a,2026-05-01,100,paid;2,b,2026-06-12,50,pending;
             3,c,2026-06-21,40,paid",
        );
        let scope = read.window(10, "2026-06-20");
        let found = standing(AnyOrders::InOrder(&read.ingested.orders), &scope);
        let ids = &read.ingested.orders.customers;
        let of =
            |id: &str| found[ids.codes().find(|code| ids.text(*code) == id).expect("a customer").place()];
        let standing = |is_named, has_bought| Standing { is_named, has_bought };
        assert_eq!(of("a"), standing(true, true));
        assert_eq!(of("b"), standing(true, false));
        assert_eq!(of("c"), standing(false, false));
    }
}

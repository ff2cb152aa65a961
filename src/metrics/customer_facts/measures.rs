//! Further figures of each customer's orders, added up from rows in any order.

use super::beyond;
use super::heavy::PartRows;
use crate::error::Result;
use crate::metrics::scope::{KEPT, NO_ROW, Scope};
use crate::schema::accounting::Rule;
use crate::schema::parts::Rows;
use crate::schema::{Day, Micros, Orders, RowParts};

/// Orders, unsorted as they were read, or sorted.
#[derive(Debug, Clone, Copy)]
pub enum AnyOrders<'a> {
    /// Unsorted, since no question has needed the sorted table so far.
    AsTheyCame(&'a Orders<RowParts>),
    /// Sorted by customer and day.
    InOrder(&'a Orders),
}

/// A span of days: the first and the last one.
pub type Days = (Day, Day);

/// A figure of each customer's orders: a day as the number of days since 1970-01-01, a number of orders, or an amount
/// in micro-units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Day of the first valid order.
    FirstDay,
    /// Number of valid orders on these days.
    OrderCount(Days),
    /// Paid minus refunded of the valid orders and credit notes on these days.
    NetAmount(Days),
    /// The greatest amount paid minus refunded of any valid order.
    MaxOrderAmount,
    /// Everything that was refunded: of valid orders, of wholly refunded orders, and by credit notes.
    RefundAmount,
    /// Number of orders of which something was refunded.
    RefundedOrderCount,
    /// Number of orders that were not paid, whether payment is awaited or the order was closed.
    UnpaidOrderCount,
    /// Day of the last order that was not paid.
    LastUnpaidDay,
}

/// Takes the place of a day or an amount if the customer has none.
pub const NOTHING: i64 = i64::MIN;

/// Takes the place of an amount whose sum has left 64 bits. It stays so, whatever else is added.
const BEYOND: i64 = i64::MAX;

/// A sum with one more amount added; [`BEYOND`] if the result does not fit.
#[inline]
fn added(sum: i64, amount: Micros) -> i64 {
    let held = sum.checked_add(amount.number()).filter(|held| sum != BEYOND && *held != NOTHING);
    held.unwrap_or(BEYOND)
}

impl Measure {
    /// The value for a customer without any row.
    pub fn of_nothing(self) -> i64 {
        match self {
            Self::FirstDay | Self::MaxOrderAmount | Self::LastUnpaidDay => NOTHING,
            _ => 0,
        }
    }

    /// The value with one more row added.
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

/// One row, with the rule that leaves it out.
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

    /// The amount that was refunded with this row. A credit note for a wholly refunded order adds nothing, since the
    /// row of that order has the whole amount.
    fn given_back(&self) -> Micros {
        match self.rule {
            KEPT if self.paid.is_negative() => self.refund - self.paid,
            KEPT => self.refund,
            _ if self.rule == Rule::Refunded as u8 && self.is_recent => self.paid.max(self.refund),
            _ => Micros::ZERO,
        }
    }
}

/// The wanted measures, each as a column with one value per customer, by code. There are `customer_count` customers.
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

/// Whether any row names a customer, and whether the customer has bought anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether any row up to the as-of day names the customer, whether the row counts or not.
    pub is_named: bool,
    /// Whether there is a valid order up to the as-of day, even before the window.
    pub has_bought: bool,
}

impl Standing {
    /// The standing of each customer of some rows. `rules` has the rule of each row.
    pub fn of_rows(rows: &Rows<'_>, rules: &[u8], scope: &Scope) -> Vec<Self> {
        let mut of_part = vec![Self::default(); rows.customer_count];
        let judged = rules.iter().zip(rows.ordered_on).zip(rows.paid_amount);
        for (customer, ((rule, day), paid)) in rows.customer.iter().zip(judged) {
            let Some(standing) = of_part.get_mut(*customer as usize) else { continue };
            standing.is_named |= *rule != NO_ROW && Day::new(*day) <= scope.as_of;
            // The window is the last rule that looks at a row by itself, so no other such rule leaves these rows out.
            standing.has_bought |=
                (*rule == KEPT || *rule == Rule::OutsideWindow as u8) && scope.is_order(Micros::new(*paid));
        }
        of_part
    }
}

/// The answers of `ask` for each part of the orders, which gets the part's rows and the rule of each row.
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
            // The rules on status come before those on days. So an order that was refunded or not paid is left out by
            // its status, and its day has to be looked at here.
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

    /// The standing of every customer, by code.
    fn standing(all: AnyOrders<'_>, scope: &Scope) -> Vec<Standing> {
        let of_rows = |rows: &Rows<'_>, rules: &[u8]| Standing::of_rows(rows, rules, scope);
        customer_facts_and(all, scope, &Accounting::default(), of_rows).expect("standing").1.concat()
    }

    /// The ten days up to 20 June begin on 11 June. They have two orders of 100 and 50, the first with a refund of 30;
    /// a wholly refunded order of 40; an order of 70 that was not paid; and a credit note of 5. The refunded orders of
    /// 8 and 25 June are outside.
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
            // From the 12th to the 19th there are an order of 50 and the credit note.
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

    /// A cell holds up to 10^11 units, and 64 bits hold 92 such amounts. With 93 of them there is no answer, even if a
    /// later refund would bring the sum back.
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

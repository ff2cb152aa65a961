//! The facts at two as-of days, from one pass over the orders.

use super::heavy::{Facts, Judge, Judged, PartRows, count_rows};
use super::{CustomerFacts, finish};
use crate::error::Result;
use crate::metrics::scope::{KEPT, Scope};
use crate::schema::accounting::{Accounting, Rule};
use crate::schema::parts::Rows;
use crate::schema::{Day, Micros, Orders};

/// The facts at two days.
#[derive(Debug)]
pub struct FactsAtTwoDays {
    /// The facts at the earlier day.
    pub then: CustomerFacts,
    /// The facts at the later day. Their accounting is for both days: a row is used if it counts on either.
    pub now: CustomerFacts,
    /// For every customer, by code, what the facts do not tell.
    pub between: Vec<Between>,
}

/// What is known of a customer if the window is ignored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Between {
    /// The day of the last valid order up to each of the two days, the earlier first; `None` if there is none.
    pub last_days: [Option<Day>; 2],
    /// Paid minus refunded of the orders and credit notes after the earlier day and up to the later one, in
    /// micro-units.
    pub net: i128,
}

/// Computes the facts at the as-of days of two scopes, the earlier first, which differ in nothing else. `accounting` is
/// what reading counted.
///
/// # Errors
/// When one customer's amounts are beyond 64 bits of micro-units.
pub fn facts_at_two_days(
    orders: &Orders,
    scopes: [&Scope; 2],
    accounting: Accounting,
) -> Result<FactsAtTwoDays> {
    let judges = [Judge::new(orders, scopes[0]), Judge::new(orders, scopes[1])];
    let parts = orders.parts.each_answer(|part| {
        let judged = [judges[0].judged(part)?, judges[1].judged(part)?];
        PartRows::of(part)?.with_rows(|rows| {
            let then = judges[0].facts(rows, &judged[0])?;
            let mut now = judges[1].facts(rows, &judged[1])?;
            let rules = rules_of_both(rows, &judged, [&then, &now]);
            now.rows_by_rule = count_rows(rows, &rules);
            Ok(Part { then, now, base: rows.base as usize, between: between(rows, &judged, scopes) })
        })
    })?;
    let mut by_code = vec![Between::default(); orders.customers.len()];
    let (mut then, mut now) = (Vec::with_capacity(parts.len()), Vec::with_capacity(parts.len()));
    for part in parts {
        if let Some(places) = by_code.get_mut(part.base..part.base + part.between.len()) {
            places.copy_from_slice(&part.between);
        }
        then.push(part.then);
        now.push(part.now);
    }
    Ok(FactsAtTwoDays {
        then: finish(then, scopes[0], accounting.clone()),
        now: finish(now, scopes[1], accounting),
        between: by_code,
    })
}

struct Part {
    then: Facts,
    now: Facts,
    /// The code of the first customer.
    base: usize,
    between: Vec<Between>,
}

/// The rule that leaves each row out on both days, or [`KEPT`] if the row counts on either.
fn rules_of_both(rows: &Rows<'_>, judged: &[Judged; 2], facts: [&Facts; 2]) -> Vec<u8> {
    let is_buyer = facts.map(|facts| {
        let mut is_buyer = vec![false; rows.customer_count];
        facts.buyers.iter().for_each(|buyer| is_buyer[buyer.customer.place() - rows.base as usize] = true);
        is_buyer
    });
    let rule = |(row, customer): (usize, &u32)| {
        let kept = [0, 1].map(|day| judged[day].rules[row] == KEPT);
        let buys = |day: usize| is_buyer[day].get(*customer as usize) == Some(&true);
        match kept {
            [false, false] => judged[1].rules[row],
            _ if (0..2).any(|day| kept[day] && buys(day)) => KEPT,
            // These are credit notes of a customer without an order.
            _ => Rule::NoValidOrder as u8,
        }
    };
    rows.customer.iter().enumerate().map(rule).collect()
}

fn between(rows: &Rows<'_>, judged: &[Judged; 2], scopes: [&Scope; 2]) -> Vec<Between> {
    let since = scopes[0].as_of;
    let mut all = vec![Between::default(); rows.customer_count];
    let amounts = rows.paid_amount.iter().zip(rows.refund_amount);
    for (row, ((customer, day), (paid, refund))) in
        rows.customer.iter().zip(rows.ordered_on).zip(amounts).enumerate()
    {
        let Some(of) = all.get_mut(*customer as usize) else { continue };
        let day = Day::new(*day);
        let counts = [0, 1].map(|day| judged[day].counts_ever(row));
        for place in (0..2).filter(|place| counts[*place] && scopes[*place].is_order(Micros::new(*paid))) {
            of.last_days[place] = of.last_days[place].max(Some(day));
        }
        if counts[1] && day > since {
            of.net += i128::from(*paid) - i128::from(*refund);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::customer_facts::customer_facts;
    use crate::metrics::testing::{Read, on, orders, rows};

    fn at(read: &Read, scopes: [Scope; 2]) -> FactsAtTwoDays {
        let [then, now] = &scopes;
        facts_at_two_days(&read.ingested.orders, [then, now], read.ingested.accounting.clone())
            .expect("facts")
    }

    const COLUMNS: [&str; 4] = ["customer", "last_ordered_on", "order_count", "net_amount"];

    /// a has 10 up to May, and 5 minus a credit note of 1 in June; b first orders in June; c has only a credit note.
    #[test]
    fn each_day_has_the_facts_that_were_known_of_it() {
        let read = orders(
            "order_id,customer_id,order_date,amount;1,a,2026-05-10,10;2,a,2026-06-10,5;3,a,2026-06-11,-1;
             4,b,2026-06-01,7;5,c,2026-06-02,-3;6,b,2026-07-09,8",
        );
        for window in [None, Some(20), Some(45)] {
            let scopes = ["2026-05-31", "2026-06-30"].map(|day| Scope { window, ..read.up_to(day) });
            let both = at(&read, scopes);
            for (found, scope) in [&both.then, &both.now].into_iter().zip(scopes) {
                let own = customer_facts(&read.ingested.orders, &scope, read.ingested.accounting.clone());
                let own = own.expect("facts");
                assert_eq!(
                    rows(&found.frame().expect("a frame"), &COLUMNS),
                    rows(&own.frame().expect("a frame"), &COLUMNS)
                );
                assert_eq!((found.order_total, found.net_total), (own.order_total, own.net_total));
            }
            let of = |id: &str| {
                let ids = &read.ingested.orders.customers;
                both.between[ids.codes().find(|code| ids.text(*code) == id).expect("a customer").place()]
            };
            assert_eq!(
                of("a"),
                Between { last_days: [Some(on("2026-05-10")), Some(on("2026-06-10"))], net: 4_000_000 }
            );
            assert_eq!(of("b"), Between { last_days: [None, Some(on("2026-06-01"))], net: 7_000_000 });
            assert!(both.now.accounting.is_balanced());
            // The credit note of 2 June is before a window of twenty days.
            let rule = if window == Some(20) { Rule::OutsideWindow } else { Rule::NoValidOrder };
            assert!(both.now.accounting.excluded.of(rule) > 0, "{window:?}");
            assert_eq!(both.now.accounting.excluded.of(Rule::AfterAsOf), 1);
        }
    }

    /// The twenty days up to 31 May begin on 12 May, those up to 30 June on 11 June. The orders of 10 May and 1 June
    /// are in neither.
    #[test]
    fn a_row_is_used_where_either_day_rests_on_it() {
        let read = orders(
            "order_id,customer_id,order_date,amount;1,a,2026-05-10,10;2,a,2026-05-12,5;3,a,2026-06-01,1;4,a,2026-06-11,2",
        );
        let both = at(&read, ["2026-05-31", "2026-06-30"].map(|day| read.window(20, day)));
        assert_eq!((both.then.net_total, both.now.net_total), (5_000_000, 2_000_000));
        assert_eq!(both.now.accounting.excluded.of(Rule::OutsideWindow), 2);
        assert_eq!(both.now.accounting.rows_used, 2);
    }
}

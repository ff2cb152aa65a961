//! Joins consecutive rows of one order: exports of items list the items of an order together, and rows joined here do
//! not have to be looked up among all rows later.

use crate::rows::partition::{Columns, NO_STATUS};
use crate::schema::Key;
use crate::schema::items::{Line, NO_LINES};
use crate::schema::money::{MISSING, Micros};

/// At most so many rows become one, none of which has an amount of more: what they come to is less than any amount may
/// be ([`money::can_be`](crate::schema::money::can_be)). The rest is left to merging, which looks at sums.
const MAX_JOINED: u32 = 1_000;
const MAX_AMOUNT: Micros = Micros::units(1_000_000_000);

/// Joins consecutive rows that agree on everything but amounts and items. `orders` are the ids of the rows, `lines`
/// their items, both in the rows' order. Merging gives the same order for the joined row as for the separate rows.
pub fn join(columns: &mut Columns, orders: &mut Vec<Key>, lines: &mut [Line]) {
    let rows = columns.customer.len();
    let mut starts = Vec::with_capacity(rows);
    let mut start = 0;
    starts.extend((0..rows as u32).filter(|row| {
        let is_start = row - start == MAX_JOINED || *row == 0 || !are_joined(columns, orders, *row as usize);
        start = if is_start { *row } else { start };
        is_start
    }));
    if starts.len() == rows {
        return;
    }
    let mut joined = columns.gathered(&starts);
    joined.row_count = Vec::with_capacity(starts.len());
    let ends = starts.iter().skip(1).copied().chain([rows as u32]);
    for (place, (start, end)) in starts.iter().zip(ends).enumerate() {
        joined.row_count.push(end - start);
        for row in *start as usize + 1..end as usize {
            joined.amount[place] += columns.amount[row];
            if let Some(refund) = joined.refund.get_mut(place) {
                *refund += columns.refund[row];
            }
            let Some(extra) = joined.extra.get_mut(place) else { continue };
            let own = columns.extra[row];
            extra.combine(&own, false);
            match (extra.lines, own.lines) {
                (NO_LINES, of_row) => extra.lines = of_row,
                (_, NO_LINES) => {}
                // The two items are adjacent.
                (_, of_row) => lines[of_row as usize - 1].is_last = false,
            }
        }
    }
    *orders = starts.iter().map(|row| orders[*row as usize]).collect();
    *columns = joined;
}

/// Whether a row belongs to the order of the row before it, agrees with it, and both have amounts that can be added.
fn are_joined(columns: &Columns, orders: &[Key], row: usize) -> bool {
    fn is_same<T: PartialEq>(column: &[T], row: usize) -> bool {
        column.is_empty() || column[row] == column[row - 1]
    }
    let is_amount = |row: usize| (Micros::ZERO..=MAX_AMOUNT).contains(&columns.amount[row]);
    let is_small = |amount: Micros| amount == MISSING || (-MAX_AMOUNT..=MAX_AMOUNT).contains(&amount);
    let is_refund =
        |row: usize| columns.refund.get(row).is_none_or(|refund| *refund != MISSING && is_small(*refund));
    let is_extra = |row: usize| {
        let amounts = columns.extra.get(row).map(|of| [of.gross, of.discount, of.cost]);
        amounts.is_none_or(|amounts| amounts.into_iter().all(is_small))
    };
    // Which of two sources an order has is settled by their names, and here they are numbers of a block.
    let source = |row: usize| columns.extra.get(row).map(|of| of.source);
    orders[row] == orders[row - 1]
        && orders[row].is_usable()
        && columns.status[row] != NO_STATUS
        && is_same(&columns.customer, row)
        && is_same(&columns.status, row)
        && is_same(&columns.created_on, row)
        && is_same(&columns.paid_on, row)
        && is_same(&columns.second, row)
        && is_same(&columns.region, row)
        && is_same(&columns.own, row)
        && source(row) == source(row - 1)
        && is_amount(row)
        && is_amount(row - 1)
        && is_refund(row)
        && is_refund(row - 1)
        && is_extra(row)
        && is_extra(row - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{Extra, NO_EXTRA};
    use crate::schema::Status;
    use crate::schema::money::can_be;

    const PAID: u8 = Status::Paid as u8;

    /// Rows by order, customer, status and amount, each with an item of its own.
    fn rows(of: &[(&str, &str, u8, i64)]) -> (Columns, Vec<Key>, Vec<Line>) {
        let key = |text: &str| Key::of(text.as_bytes());
        let line = |product| Line {
            product,
            quantity: Micros::new(1),
            amount: Micros::new(1),
            is_lost: false,
            is_last: true,
        };
        let columns = Columns {
            customer: of.iter().map(|(_, customer, ..)| key(customer)).collect(),
            status: of.iter().map(|(.., status, _)| *status).collect(),
            amount: of.iter().map(|(.., amount)| Micros::new(*amount)).collect(),
            refund: of.iter().map(|_| Micros::new(2)).collect(),
            paid_on: vec![7; of.len()],
            extra: (0..of.len() as u64)
                .map(|lines| Extra { lines, cost: Micros::new(3), ..NO_EXTRA })
                .collect(),
            ..Columns::default()
        };
        let orders = of.iter().map(|(order, ..)| key(order)).collect();
        (columns, orders, (0..of.len() as u32).map(line).collect())
    }

    /// 1 is of three rows, of which the second and third are one order of it; 2 has two customers, 3 is cut by another.
    #[test]
    fn what_says_the_same_of_an_order_is_one_row() {
        let (mut columns, mut orders, mut lines) = rows(&[
            ("1", "a", PAID, 5),
            ("1", "a", PAID, 6),
            ("1", "a", PAID, 0),
            ("2", "a", PAID, 1),
            ("2", "b", PAID, 1),
            ("3", "b", PAID, 4),
            ("4", "b", PAID, 4),
            ("3", "b", PAID, 4),
        ]);
        join(&mut columns, &mut orders, &mut lines);
        assert_eq!(columns.row_count, [3, 1, 1, 1, 1, 1]);
        assert_eq!(columns.amount, [11, 1, 1, 4, 4, 4].map(Micros::new));
        assert_eq!(columns.refund, [6, 2, 2, 2, 2, 2].map(Micros::new));
        assert_eq!(columns.extra[0].cost, Micros::new(9));
        assert_eq!(columns.extra.iter().map(|extra| extra.lines).collect::<Vec<_>>(), [0, 3, 4, 5, 6, 7]);
        let lasts: Vec<bool> = lines.iter().map(|line| line.is_last).collect();
        assert_eq!(lasts, [false, false, true, true, true, true, true, true]);
        assert_eq!(orders.len(), 6);
    }

    /// 2,500 rows of 1 are three of at most 1,000; what is large stays by itself, and so what it comes to is looked at.
    #[test]
    fn what_is_joined_is_an_amount_that_can_be() {
        let (mut columns, mut orders, mut lines) = rows(&vec![("1", "a", PAID, 1); 2_500]);
        join(&mut columns, &mut orders, &mut lines);
        assert_eq!(
            (columns.row_count, columns.amount),
            (vec![1_000, 1_000, 500], [1_000, 1_000, 500].map(Micros::new).to_vec())
        );
        let (most, more) = (MAX_AMOUNT.number(), MAX_AMOUNT.number() + 1);
        let (mut columns, mut orders, mut lines) = rows(&[
            ("1", "a", PAID, most),
            ("1", "a", PAID, most),
            ("1", "a", PAID, more),
            ("1", "a", PAID, 1),
        ]);
        columns.extra[3].cost = -MAX_AMOUNT - Micros::new(1);
        join(&mut columns, &mut orders, &mut lines);
        assert_eq!(columns.row_count, [2, 1, 1]);
        assert!(can_be(Micros::new(most * i64::from(MAX_JOINED))));
    }

    /// What gives back, what says no amount, and a row of another status stand by themselves.
    #[test]
    fn rows_that_merging_looks_at_one_by_one_stay_apart() {
        let refunded = Status::Refunded as u8;
        for (status, amount) in [(PAID, -5), (PAID, MISSING.number()), (refunded, 5), (NO_STATUS, 5)] {
            let (mut columns, mut orders, mut lines) =
                rows(&[("1", "a", PAID, 5), ("1", "a", status, amount)]);
            join(&mut columns, &mut orders, &mut lines);
            assert_eq!((columns.amount.len(), columns.row_count.len(), orders.len()), (2, 0, 2));
        }
        let (mut columns, mut orders, mut lines) = rows(&[("", "a", PAID, 5), ("", "a", PAID, 5)]);
        join(&mut columns, &mut orders, &mut lines);
        assert_eq!(orders.len(), 2);
    }
}

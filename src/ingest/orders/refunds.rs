//! What goes back is taken off once, however often it is recorded: a refund that is a record of its own is tied to its order,
//! by the ids, or else by customer, amount and day.
//!
//! Nothing here depends on the order of the rows, and nothing is looked at where no row is negative.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::identity::day;
use super::partition::{Columns, Group, Grouped};
use super::refund_ids::Parent;
use crate::schema::money::MISSING;
use crate::schema::orders::REFUND_OF_REFUNDED;
use crate::schema::{Key, Status};

/// What tying refunds to orders did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Records of refunds left out with their orders, which were given back whole.
    pub left_out: u64,
    /// Records of refunds that lower an order that stays, and were in its own figures or named nobody.
    pub tied: u64,
    /// Records of refunds that name nobody and lead to no order, and what they gave back, in micro-units.
    pub nobodys: (u64, i128),
}

/// A row of the parts: part, group, row.
type At = (usize, usize, usize);

/// A refund that is a record of its own.
#[derive(Debug, Clone, Copy)]
struct Refund {
    at: At,
    id: Key,
    customer: Key,
    amount: i64,
    day: i32,
}

/// An order as far as it matters to its refunds.
#[derive(Debug, Clone, Copy)]
struct Order {
    at: At,
    customer: Key,
    paid: i64,
    refund: i64,
    status: u8,
    day: i32,
}

impl Order {
    fn is_kept(&self) -> bool {
        Status::ALL.get(usize::from(self.status)).is_some_and(|status| status.is_paid())
    }
}

/// Ties refunds to their orders in parts that say their ids. `parents` are the orders that a refund may be of, by its id.
pub fn settle(parts: &mut Vec<Grouped>, parents: &HashMap<Key, Vec<Parent>>) -> Settled {
    let mut refunds = refunds(parts);
    let mark = |refund: &Refund| (refund.day, refund.customer, refund.amount, refund.id);
    refunds.sort_by_key(mark);
    let mut ties = by_id(parts, &refunds, parents);
    by_amount(parts, &refunds, &mut ties);
    let mut settled = Settled::default();
    let mut of_order: BTreeMap<At, (Order, Vec<Refund>)> = BTreeMap::new();
    for (refund, order) in refunds.iter().zip(&ties) {
        match order {
            Some(order) => of_order.entry(order.at).or_insert((*order, Vec::new())).1.push(*refund),
            None if !refund.customer.is_usable() => {
                settled.nobodys.0 += 1;
                settled.nobodys.1 += i128::from(refund.amount);
            }
            None => {}
        }
    }
    let mut moved: Vec<(At, Key)> = Vec::new();
    for (order, refunds) in of_order.into_values() {
        take_off(parts, &order, &refunds, &mut moved, &mut settled);
    }
    move_rows(parts, moved);
    parts.iter_mut().flatten().for_each(|group| group.columns.order = Vec::new());
    settled
}

fn each_row(parts: &[Grouped]) -> impl Iterator<Item = (At, &Columns, usize)> {
    parts.iter().enumerate().flat_map(|(part, groups)| {
        groups.iter().enumerate().flat_map(move |(group, of)| {
            let rows = 0..of.columns.customer.len();
            rows.map(move |row| ((part, group, row), &of.columns, row))
        })
    })
}

/// Of rows as they stand in an export, marks refunds of their own that are marked as refunded as done.
pub fn mark_done(columns: &mut Columns) {
    for (status, amount) in columns.status.iter_mut().zip(&columns.amount) {
        if *status == Status::Refunded.code() && *amount < 0 && *amount != MISSING {
            *status = Status::Completed.code();
        }
    }
}

/// The refunds that are records of their own.
fn refunds(parts: &[Grouped]) -> Vec<Refund> {
    let is_done = |status: u8| Status::ALL.get(usize::from(status)).is_some_and(|status| status.is_paid());
    let rows = each_row(parts).filter(|(_, columns, row)| {
        let amount = columns.amount[*row];
        amount < 0 && amount != MISSING && is_done(columns.status[*row])
    });
    let refund = |(at, columns, row): (At, &Columns, usize)| Refund {
        at,
        id: columns.order.get(row).copied().unwrap_or(Key::NONE),
        customer: columns.customer[row],
        amount: columns.amount[row].saturating_abs(),
        day: day(columns, row),
    };
    rows.map(refund).collect()
}

fn order_at(at: At, columns: &Columns, row: usize) -> Order {
    Order {
        at,
        customer: columns.customer[row],
        paid: columns.amount[row],
        refund: columns.refund.get(row).copied().unwrap_or(0),
        status: columns.status[row],
        day: day(columns, row),
    }
}

/// The orders that refunds are of by their ids.
fn by_id(parts: &[Grouped], refunds: &[Refund], parents: &HashMap<Key, Vec<Parent>>) -> Vec<Option<Order>> {
    let of = |refund: &Refund| parents.get(&refund.id).map_or(&[][..], Vec::as_slice);
    let wanted: HashSet<Key> = refunds.iter().flat_map(of).map(|parent| parent.order).collect();
    if wanted.is_empty() {
        return vec![None; refunds.len()];
    }
    let mut orders: HashMap<Key, Vec<Order>> = HashMap::new();
    for (at, columns, row) in each_row(parts) {
        let key = columns.order[row];
        if key.is_usable() && wanted.contains(&key) && columns.amount[row] >= 0 {
            orders.entry(key).or_default().push(order_at(at, columns, row));
        }
    }
    let tie = |refund: &Refund| {
        of(refund).iter().find_map(|parent| {
            let known = orders.get(&parent.order)?;
            let is_its = |order: &&Order| order.customer == refund.customer && refund.customer.is_usable();
            let fits = |order: &&Order| is_its(order) && refund.amount <= order.paid;
            match (parent.is_weak, known.as_slice()) {
                (true, known) => known.iter().find(fits).copied(),
                (false, [order]) => Some(*order),
                (false, known) => known.iter().find(is_its).copied(),
            }
        })
    };
    refunds.iter().map(tie).collect()
}

/// The orders that the other refunds are of: such as are marked as refunded, or say that this amount went back, of the same
/// customer and amount, on or before the refund's day. Each is of one refund at most; the latest that fits.
fn by_amount(parts: &[Grouped], refunds: &[Refund], ties: &mut [Option<Order>]) {
    let is_open = |(refund, tie): &(&Refund, &Option<Order>)| tie.is_none() && refund.customer.is_usable();
    let customers: HashSet<Key> =
        refunds.iter().zip(ties.iter()).filter(is_open).map(|(refund, _)| refund.customer).collect();
    if customers.is_empty() {
        return;
    }
    let tied: HashSet<At> = ties.iter().flatten().map(|order| order.at).collect();
    let mut orders: HashMap<(Key, i64), Vec<Order>> = HashMap::new();
    for (at, columns, row) in each_row(parts) {
        let customer = columns.customer[row];
        if columns.amount[row] < 0 || !customers.contains(&customer) || tied.contains(&at) {
            continue;
        }
        let order = order_at(at, columns, row);
        let is_marked = order.status == Status::Refunded.code();
        let amounts = [order.paid, order.refund];
        let given_back =
            amounts.into_iter().filter(|amount| *amount > 0 && (is_marked || *amount == order.refund));
        for amount in given_back.collect::<HashSet<i64>>() {
            orders.entry((customer, amount)).or_default().push(order);
        }
    }
    let mut taken: HashSet<At> = HashSet::new();
    for (refund, tie) in refunds.iter().zip(ties).filter(|(_, tie)| tie.is_none()) {
        let Some(known) = orders.get(&(refund.customer, refund.amount)) else { continue };
        let fitting = known.iter().filter(|order| order.day <= refund.day && !taken.contains(&order.at));
        if let Some(order) = fitting.max_by_key(|order| (order.day, order.status, order.paid, order.at)) {
            taken.insert(order.at);
            *tie = Some(*order);
        }
    }
}

/// Takes what refunds gave back off their order, once. Rows to be moved are noted with the customer they go to.
fn take_off(
    parts: &mut [Grouped],
    order: &Order,
    refunds: &[Refund],
    moved: &mut Vec<(At, Key)>,
    settled: &mut Settled,
) {
    let given_back = refunds.iter().fold(0_i64, |sum, refund| sum.saturating_add(refund.amount));
    let (part, group, row) = order.at;
    let columns = &mut parts[part][group].columns;
    if !order.is_kept() || order.refund.max(given_back) >= order.paid {
        if order.is_kept() {
            columns.status[row] = Status::Refunded.code();
        }
        for (part, group, row) in refunds.iter().map(|refund| refund.at) {
            parts[part][group].columns.status[row] = REFUND_OF_REFUNDED;
        }
        settled.left_out += refunds.len() as u64;
        return;
    }
    let mut is_changed = false;
    if let Some(refund) = columns.refund.get_mut(row).filter(|refund| **refund > 0) {
        *refund = refund.saturating_sub(given_back).max(0);
        is_changed = true;
    }
    for refund in refunds {
        let is_others = order.customer.is_usable() && refund.customer != order.customer;
        if is_others {
            moved.push((refund.at, order.customer));
        }
        settled.tied += u64::from(is_changed || is_others);
    }
}

/// Puts rows under other customers: they come out of their parts, into others with the columns of theirs, since the rows
/// of two files may have different ones.
fn move_rows(parts: &mut Vec<Grouped>, mut moved: Vec<(At, Key)>) {
    moved.sort_unstable_by_key(|(at, _)| *at);
    for of_part in moved.chunk_by(|((a, ..), _), ((b, ..), _)| a == b) {
        let others = take_rows(&mut parts[of_part[0].0.0], of_part);
        parts.push(others.by_customer().0);
    }
}

/// Takes rows out of a part and puts them under the customers beside them.
fn take_rows(part: &mut Grouped, moved: &[(At, Key)]) -> Columns {
    let mut others = Columns::default();
    for of_group in moved.chunk_by(|((_, a, _), _), ((_, b, _), _)| a == b) {
        let group = of_group[0].0.1;
        let columns = std::mem::take(&mut part[group].columns);
        let mut left = of_group.iter().map(|((.., row), _)| *row as u32).peekable();
        let kept = (0..columns.customer.len() as u32).filter(|row| left.next_if_eq(row).is_none());
        let kept: Vec<u32> = kept.collect();
        for ((.., row), customer) in of_group {
            let mut one = columns.gathered(&[*row as u32]);
            one.customer[0] = *customer;
            others.append(&one, 0..1);
        }
        part[group] = Group::of_sorted(columns.gathered(&kept));
    }
    others
}

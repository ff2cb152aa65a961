//! Counts each refund once, however often it is recorded. A refund that is a row of its own is matched to its order by
//! ids, or else by customer, amount and day.
//!
//! Nothing here depends on the order of the rows, and nothing is done where no row is negative.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use crate::parse::orders::refund_ids::Parent;
use crate::parse::orders::{Block, day};
use crate::rows::key_table::KeyTable;
use crate::rows::partition::{Columns, Group, Grouped};
use crate::schema::money::MISSING;
use crate::schema::orders::REFUND_OF_REFUNDED;
use crate::schema::{Key, Micros, Status, day as days};

/// What matching refunds to orders did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Refund rows left out together with their orders, which were given back whole.
    pub left_out: u64,
    /// Refund rows matched to an order that stays, where the refund was also part of the order's own figures or had
    /// another customer or none.
    pub tied: u64,
    /// Refund rows without a customer that match no order, and the sum that they gave back, in micro-units.
    pub nobodys: (u64, i128),
    /// The number of orders whose refunds are larger than the paid amount, and the sum of the excess in micro-units.
    /// The excess lowers the sum of the customer and of the shop, as a credit note does.
    pub beyond: (u64, i128),
}

/// The place of a row: part, group, row.
type At = (usize, usize, usize);

/// For each refund id its rows, and for each row the orders that it may be a refund of, the most likely one first.
pub type Parents = HashMap<Key, Vec<Vec<Parent>>>;

/// A refund row, or the share of it that belongs to one of several orders.
#[derive(Debug, Clone, Copy)]
struct Refund {
    at: At,
    id: Key,
    customer: Key,
    amount: Micros,
    day: i32,
}

/// The values of an order that decide about its refunds.
#[derive(Debug, Clone, Copy)]
struct Order {
    at: At,
    customer: Key,
    paid: Micros,
    refund: Micros,
    status: u8,
    day: i32,
}

impl Order {
    fn is_kept(&self) -> bool {
        Status::ALL.get(usize::from(self.status)).is_some_and(|status| status.is_paid())
    }

    /// Whether it can be decided what a refund leaves of the order. For an order that counts but has no amount it
    /// cannot: nobody knows whether all of it went back.
    fn may_be_given_back(&self) -> bool {
        self.paid != MISSING || !self.is_kept()
    }
}

/// The ids of the rows that matter to refunds. These are few, so that they are kept here and not in a column of all
/// rows.
#[derive(Debug, Default)]
pub struct Ids {
    /// The ids of negative rows.
    refunds: HashMap<At, Key>,
    /// By order id, the rows of orders that a refund may belong to, in the order of the parts.
    orders: HashMap<Key, Vec<At>>,
}

impl Ids {
    /// From blocks whose rows become parts unchanged.
    pub fn of_blocks(blocks: &[Block]) -> Self {
        let wanted = wanted(blocks.iter().flat_map(|block| &block.refunds).flat_map(|(_, parents)| parents));
        let found = blocks.par_iter().enumerate().flat_map_iter(|(part, block)| {
            let mut found = Vec::new();
            block.each_id(|key, place| {
                let amount = block.rows[place.group as usize].columns.amount[place.row as usize];
                if amount.is_credit() || wanted.find(key).is_some() {
                    found.push((key, (part, place.group as usize, place.row as usize), amount.is_credit()));
                }
            });
            found
        });
        Self::new(found.collect())
    }

    /// From parts whose rows all have their order ids.
    pub fn of_parts(parts: &[Grouped], parents: &Parents) -> Self {
        let wanted = wanted(parents.values().flatten().flatten());
        Self::new(each_group(parts, |at, columns| {
            let ids = columns.order.iter().zip(&columns.amount).enumerate();
            ids.filter(|(_, (key, amount))| amount.is_credit() || wanted.find(**key).is_some())
                .map(|(row, (key, amount))| (*key, at(row), amount.is_credit()))
                .collect()
        }))
    }

    fn new(found: Vec<(Key, At, bool)>) -> Self {
        let mut ids = Self::default();
        for (key, at, is_negative) in found.into_iter().filter(|(key, ..)| key.is_usable()) {
            match is_negative {
                true => drop(ids.refunds.insert(at, key)),
                false => ids.orders.entry(key).or_default().push(at),
            }
        }
        ids.orders.values_mut().for_each(|rows| rows.sort_unstable());
        ids
    }
}

fn wanted<'a>(parents: impl Iterator<Item = &'a Parent>) -> KeyTable {
    let mut wanted = KeyTable::with_capacity(0);
    parents.for_each(|parent| {
        let _ = wanted.insert(parent.order);
    });
    wanted
}

/// Matches refunds to their orders, lowers the orders accordingly, and empties the column of order ids.
pub fn settle(parts: &mut Vec<Grouped>, parents: &Parents, ids: &Ids) -> Settled {
    let mut refunds = refunds(parts, ids);
    let mark = |refund: &Refund| (refund.day, refund.customer, refund.amount, refund.id);
    refunds.sort_by_key(mark);
    let (refunds, of_pieces) = pieces(&refunds, parents);
    let mut ties = by_id(parts, &refunds, &of_pieces, ids);
    by_amount(parts, &refunds, &mut ties);
    note_orders(parts, &refunds, &ties);
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

/// Applies `find` to the rows of each group; the results come in the order of the parts.
fn each_group<T: Send>(
    parts: &[Grouped],
    find: impl Fn(&dyn Fn(usize) -> At, &Columns) -> Vec<T> + Sync,
) -> Vec<T> {
    let groups: Vec<(usize, usize, &Columns)> = parts
        .iter()
        .enumerate()
        .flat_map(|(part, groups)| {
            groups.iter().enumerate().map(move |(group, of)| (part, group, &of.columns))
        })
        .collect();
    let found = groups
        .into_par_iter()
        .flat_map_iter(|(part, group, columns)| find(&|row| (part, group, row), columns));
    found.collect()
}

/// Marks refund rows with the status `Refunded` as completed, in rows as an export has them: the status says that the
/// refund was paid.
pub fn mark_done(columns: &mut Columns) {
    for (status, amount) in columns.status.iter_mut().zip(&columns.amount) {
        if *status == Status::Refunded.code() && amount.is_credit() {
            *status = Status::Completed.code();
        }
    }
}

/// The refunds that are rows of their own and were paid.
fn refunds(parts: &[Grouped], ids: &Ids) -> Vec<Refund> {
    let is_done = |status: u8| Status::ALL.get(usize::from(status)).is_some_and(|status| status.is_paid());
    each_group(parts, |at, columns| {
        let is_refund = |row: &usize| columns.amount[*row].is_credit() && is_done(columns.status[*row]);
        let refund = |row: usize| Refund {
            at: at(row),
            id: ids.refunds.get(&at(row)).copied().unwrap_or(Key::NONE),
            customer: columns.customer[row],
            amount: columns.amount[row].abs(),
            day: day(columns, row),
        };
        (0..columns.amount.len()).filter(is_refund).map(refund).collect()
    })
}

fn order_at(at: At, columns: &Columns, row: usize) -> Order {
    Order {
        at,
        customer: columns.customer[row],
        paid: columns.amount[row],
        refund: columns.refund.get(row).copied().unwrap_or_default(),
        status: columns.status[row],
        day: day(columns, row),
    }
}

/// Each refund with the orders that it may belong to. A refund whose rows name several orders is split into one share
/// for each order, if the shares add up to the refund's amount.
fn pieces<'a>(refunds: &[Refund], parents: &'a Parents) -> (Vec<Refund>, Vec<&'a [Parent]>) {
    let (mut pieces, mut of_pieces) = (Vec::new(), Vec::new());
    for refund in refunds {
        let rows = parents.get(&refund.id).map_or(&[][..], Vec::as_slice);
        let mut each: BTreeMap<Key, (i128, &'a [Parent])> = BTreeMap::new();
        for row in rows {
            let Some(first) = row.first() else { continue };
            let (back, _) = each.entry(first.order).or_insert((0, row));
            *back += i128::from(first.back);
        }
        let are_all = each.values().map(|(back, _)| back).sum::<i128>() == i128::from(refund.amount);
        if each.len() > 1 && are_all {
            // No share is larger than the sum, so that it fits.
            let piece =
                |back: i128| Refund { amount: Micros::try_from(back).unwrap_or(refund.amount), ..*refund };
            pieces.extend(each.values().map(|(back, _)| piece(*back)));
            of_pieces.extend(each.values().map(|(_, parents)| *parents));
        } else {
            pieces.push(*refund);
            of_pieces.push(rows.first().map_or(&[][..], Vec::as_slice));
        }
    }
    (pieces, of_pieces)
}

/// Finds the orders that refunds belong to by their ids.
fn by_id(parts: &[Grouped], refunds: &[Refund], parents: &[&[Parent]], ids: &Ids) -> Vec<Option<Order>> {
    let order = |at: &At| order_at(*at, &parts[at.0][at.1].columns, at.2);
    let tie = |(refund, parents): (&Refund, &&[Parent])| {
        parents.iter().find_map(|parent| {
            let known = ids.orders.get(&parent.order)?.iter().map(order);
            let known: Vec<Order> = known.filter(Order::may_be_given_back).collect();
            let is_its = |order: &&Order| order.customer == refund.customer && refund.customer.is_usable();
            let fits = |order: &&Order| is_its(order) && refund.amount <= order.paid;
            let is_others =
                |order: &Order| order.customer.is_usable() && refund.customer.is_usable() && !is_its(&order);
            match (parent.is_weak, known.as_slice()) {
                (true, known) => known.iter().find(fits).copied(),
                // A column names the order, so it counts whoever the customer is. Where the order was only found
                // because its id is the start of the refund's id, it must not belong to another customer.
                (false, [order]) => Some(*order).filter(|order| !parent.is_suffix || !is_others(order)),
                (false, known) => known.iter().find(is_its).copied(),
            }
        })
    };
    refunds.iter().zip(parents).map(tie).collect()
}

/// Finds orders for the refunds without one: the order has the same customer and amount, is marked as refunded or has a
/// refund of this amount, and is not later than the refund. Each order is matched once; of several, the latest one.
fn by_amount(parts: &[Grouped], refunds: &[Refund], ties: &mut [Option<Order>]) {
    let is_open = |(refund, tie): &(&Refund, &Option<Order>)| tie.is_none() && refund.customer.is_usable();
    let mut customers = KeyTable::with_capacity(0);
    for (refund, _) in refunds.iter().zip(ties.iter()).filter(is_open) {
        let _ = customers.insert(refund.customer);
    }
    if customers.is_empty() {
        return;
    }
    let tied: HashSet<At> = ties.iter().flatten().map(|order| order.at).collect();
    let of_customers = each_group(parts, |at, columns| {
        let may_be = |row: &usize| {
            let is_given_back = columns.status[*row] == Status::Refunded.code()
                || columns.refund.get(*row).is_some_and(|refund| refund.is_positive());
            is_given_back
                && !columns.amount[*row].is_negative()
                && customers.find(columns.customer[*row]).is_some()
        };
        let rows = (0..columns.amount.len()).filter(may_be);
        rows.map(|row| order_at(at(row), columns, row)).collect::<Vec<Order>>()
    });
    let mut orders: HashMap<(Key, Micros), Vec<Order>> = HashMap::new();
    for order in of_customers.into_iter().filter(|order| !tied.contains(&order.at)) {
        let is_marked = order.status == Status::Refunded.code();
        let amounts = [order.paid, order.refund];
        let given_back = amounts
            .into_iter()
            .filter(|amount| amount.is_positive() && (is_marked || *amount == order.refund));
        for amount in given_back.collect::<HashSet<Micros>>() {
            orders.entry((order.customer, amount)).or_default().push(order);
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

/// Notes in each refund row the day of its order. Where its shares belong to orders of different days, none is noted.
fn note_orders(parts: &mut [Grouped], refunds: &[Refund], ties: &[Option<Order>]) {
    let mut day_of: BTreeMap<At, i32> = BTreeMap::new();
    for (refund, order) in refunds.iter().zip(ties) {
        let day = order.as_ref().map_or(days::MISSING, |order| order.day);
        let noted = day_of.entry(refund.at).or_insert(day);
        if *noted != day {
            *noted = days::MISSING;
        }
    }
    for ((part, group, row), day) in day_of.into_iter().filter(|(_, day)| *day != days::MISSING) {
        let columns = &mut parts[part][group].columns;
        columns.given_back_of.resize(columns.amount.len(), days::MISSING);
        columns.given_back_of[row] = day;
    }
}

/// Subtracts the refunds of an order from it, once. Rows that go to another customer are added to `moved` with that
/// customer.
fn take_off(
    parts: &mut [Grouped],
    order: &Order,
    refunds: &[Refund],
    moved: &mut Vec<(At, Key)>,
    settled: &mut Settled,
) {
    let given_back: i128 = refunds.iter().map(|refund| i128::from(refund.amount)).sum();
    let gone = i128::from(order.refund).max(given_back);
    let (part, group, row) = order.at;
    let columns = &mut parts[part][group].columns;
    if !order.is_kept() || gone >= i128::from(order.paid) {
        if order.is_kept() {
            columns.status[row] = Status::Refunded.code();
        }
        if let (Some(refund), Some(paid)) = (columns.refund.get_mut(row), order.paid.known()) {
            *refund = (*refund).min(paid);
        }
        // The paid amount is left out of both rows; the excess of the refund stays in the refund's row.
        let mut beyond = order.paid.known().map_or(0, |paid| (gone - i128::from(paid)).max(0));
        settled.beyond.0 += u64::from(beyond > 0);
        settled.beyond.1 += beyond;
        for refund in refunds.iter().rev() {
            let kept = Micros::try_from(beyond).map_or(refund.amount, |beyond| beyond.min(refund.amount));
            beyond -= i128::from(kept);
            leave_out(parts, refund.at, refund.amount - kept);
            if kept.is_positive() && order.customer.is_usable() && refund.customer != order.customer {
                moved.push((refund.at, order.customer));
            }
            settled.left_out += u64::from(kept < refund.amount);
        }
        return;
    }
    let mut is_changed = false;
    if let Some(refund) = columns.refund.get_mut(row).filter(|refund| refund.is_positive()) {
        // Less than the whole amount went back, so the refund rows count, and the order's own refund is reduced by
        // them.
        let left = (i128::from(*refund) - given_back).max(0);
        *refund = Micros::try_from(left).unwrap_or_default();
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

/// Removes the part of a refund row that belongs to an order which is left out itself.
fn leave_out(parts: &mut [Grouped], (part, group, row): At, amount: Micros) {
    let columns = &mut parts[part][group].columns;
    let left = columns.amount[row] + amount;
    match left.is_negative() {
        true => columns.amount[row] = left,
        false => columns.status[row] = REFUND_OF_REFUNDED,
    }
}

/// Gives rows to other customers. They are taken out of their parts and put into new ones, with the columns of their
/// old part, since the rows of two files may have different columns.
fn move_rows(parts: &mut Vec<Grouped>, mut moved: Vec<(At, Key)>) {
    moved.sort_unstable();
    // A refund of orders of several customers stays where it is.
    let mut goes_to: BTreeMap<At, HashSet<Key>> = BTreeMap::new();
    for (at, customer) in &moved {
        goes_to.entry(*at).or_default().insert(*customer);
    }
    moved.dedup();
    moved.retain(|(at, _)| goes_to[at].len() == 1);
    for of_part in moved.chunk_by(|((a, ..), _), ((b, ..), _)| a == b) {
        let others = take_rows(&mut parts[of_part[0].0.0], of_part);
        parts.push(others.by_customer().0);
    }
}

/// Takes rows out of a part and returns them with the customers they go to.
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

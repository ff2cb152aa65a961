//! What goes back is taken off once, however often it is recorded: a refund that is a record of its own is tied to its
//! order, by the ids, or else by customer, amount and day.
//!
//! Nothing here depends on the order of the rows, and nothing is looked at where no row is negative.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use crate::parse::orders::refund_ids::Parent;
use crate::parse::orders::{Block, day};
use crate::rows::key_table::KeyTable;
use crate::rows::partition::{Columns, Group, Grouped};
use crate::schema::money::MISSING;
use crate::schema::orders::REFUND_OF_REFUNDED;
use crate::schema::{Key, Micros, Status, day as days};

/// What tying refunds to orders did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Records of refunds left out with their orders, which were given back whole.
    pub left_out: u64,
    /// Records of refunds that lower an order that stays, and were in its own figures or named nobody.
    pub tied: u64,
    /// Records of refunds that name nobody and lead to no order, and what they gave back, in micro-units.
    pub nobodys: (u64, i128),
    /// Orders of which more was given back than they cost, and how much more, in micro-units: it lowers its customer's
    /// sum and the shop's as a credit note does.
    pub beyond: (u64, i128),
}

/// A row of the parts: part, group, row.
type At = (usize, usize, usize);

/// The rows of each refund, by its id: the orders that each of them may be the refund of, likeliest first.
pub type Parents = HashMap<Key, Vec<Vec<Parent>>>;

/// A refund that is a record of its own, or what such a record gave back of one of several orders.
#[derive(Debug, Clone, Copy)]
struct Refund {
    at: At,
    id: Key,
    customer: Key,
    amount: Micros,
    day: i32,
}

/// An order as far as it matters to its refunds.
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

    /// Whether it can be told what a refund leaves of it: of an order that counts and does not say its amount nobody
    /// knows whether all of it went back.
    fn may_be_given_back(&self) -> bool {
        self.paid != MISSING || !self.is_kept()
    }
}

/// The ids of the rows that matter to refunds: few of many, so that they are not written beside all rows.
#[derive(Debug, Default)]
pub struct Ids {
    /// Of negative rows.
    refunds: HashMap<At, Key>,
    /// The rows of orders that a refund may be of, in the order of the parts.
    orders: HashMap<Key, Vec<At>>,
}

impl Ids {
    /// Of blocks whose rows become parts as they stand.
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

    /// Of parts that say all ids.
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

/// Ties refunds to their orders.
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

/// What `find` gives of the rows of each group, in the order of the parts.
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

/// Of rows as they stand in an export, marks refunds of their own that are marked as refunded as done.
pub fn mark_done(columns: &mut Columns) {
    for (status, amount) in columns.status.iter_mut().zip(&columns.amount) {
        if *status == Status::Refunded.code() && amount.is_credit() {
            *status = Status::Completed.code();
        }
    }
}

/// The refunds that are records of their own.
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

/// Each refund beside the orders that it may be of. One whose rows name several is one of each, where the rows add up
/// to it.
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
            // None is more than all of them together.
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

/// The orders that refunds are of by their ids.
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
                // A column says it, whoever is named; an id that another's id begins may be of somebody else.
                (false, [order]) => Some(*order).filter(|order| !parent.is_suffix || !is_others(order)),
                (false, known) => known.iter().find(is_its).copied(),
            }
        })
    };
    refunds.iter().zip(parents).map(tie).collect()
}

/// The orders that the other refunds are of: such as are marked as refunded, or say that this amount went back, of the
/// same customer and amount, on or before the refund's day. Each is of one refund at most; the latest that fits.
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

/// Notes at each refund the day of the order that it is of; at none that is of orders of several days.
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

/// Takes what refunds gave back off their order, once. Rows to be moved are noted with the customer they go to.
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
        // What the order cost is left out on both sides; what went back beyond it stays.
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
        // Less than the order cost went back.
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

/// Leaves out of a refund's row what it gave back of an order that is left out itself.
fn leave_out(parts: &mut [Grouped], (part, group, row): At, amount: Micros) {
    let columns = &mut parts[part][group].columns;
    let left = columns.amount[row] + amount;
    match left.is_negative() {
        true => columns.amount[row] = left,
        false => columns.status[row] = REFUND_OF_REFUNDED,
    }
}

/// Puts rows under other customers: they come out of their parts, into others with the columns of theirs, since the
/// rows of two files may have different ones.
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

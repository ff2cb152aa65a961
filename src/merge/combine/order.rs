//! One order, and how its rows are combined.

use std::cmp::Ordering;

use crate::merge::combine::FileGrain;
use crate::merge::combine::texts::TextRows;
use crate::merge::lines::FileLine;
use crate::parse::orders::{Block, Identity};
use crate::rows::Extra;
use crate::rows::partition::{Columns, NO_STATUS, Own, Place};
use crate::schema::money::{MISSING, Micros};
use crate::schema::orders::UNKNOWN_REGION;
use crate::schema::{Key, Status, day};

/// An order, as far as its rows have been read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    pub customer: Key,
    pub created_on: i32,
    pub paid_on: i32,
    pub amount: Micros,
    /// The part of `amount` in rows whose own status says that they were not kept.
    pub lost: Micros,
    pub refund: Micros,
    /// The part of `refund` in those rows. It must not be subtracted again, since the whole amount of those rows is.
    pub lost_refund: Micros,
    /// Refunds from later rows of the order, in addition to `refund`.
    pub given_back: Micros,
    /// Whether all its rows are negative.
    pub is_negative: bool,
    pub status: u8,
    /// Number of the region; the number for "unknown" if regions are not wanted.
    pub region: u32,
    /// Second of [`Self::day`]; [`day::MISSING`] if no time is given or wanted.
    pub second: i32,
    pub row_count: u32,
    /// The part of `row_count` that comes from files of items.
    pub item_row_count: u32,
    pub is_conflicting: bool,
    /// Whether a sum of its rows' amounts does not fit into 64 bits.
    pub is_beyond: bool,
    pub has_repeated_amount: bool,
    /// Whether its amount is the sum of items in another file because its own rows have none.
    pub has_amount_of_items: bool,
    /// The sum of the refunds in files of items, without items that were not kept according to their own status, unless
    /// the order's own amount includes them.
    pub refund_of_items: Micros,
    /// The platform's own id or the shop, which tells orders with equal ids apart.
    pub own: Own,
    /// The next order with the same id and another customer.
    pub next: Option<u32>,
    /// Index of its texts in the partition; [`NO_TEXTS`] if none are wanted.
    pub texts: u32,
}

/// Stands for an index of texts that does not exist.
pub(super) const NO_TEXTS: u32 = u32::MAX;

impl Order {
    /// An order of which only the items are known. The items' rows are counted as the order's rows.
    pub const OF_ITEMS: Self = Self {
        customer: Key::NONE,
        created_on: day::MISSING,
        paid_on: day::MISSING,
        amount: MISSING,
        lost: Micros::ZERO,
        refund: Micros::ZERO,
        lost_refund: Micros::ZERO,
        given_back: Micros::ZERO,
        is_negative: false,
        status: Status::Paid as u8,
        region: UNKNOWN_REGION,
        second: day::MISSING,
        row_count: 0,
        item_row_count: 0,
        is_conflicting: false,
        is_beyond: false,
        has_repeated_amount: false,
        has_amount_of_items: false,
        refund_of_items: Micros::ZERO,
        own: Own::NONE,
        next: None,
        texts: NO_TEXTS,
    };

    pub fn at(block: &Block, place: Place) -> Self {
        let columns = &block.rows[place.group as usize].columns;
        let row = place.row as usize;
        let (amount, status) = (columns.amount[row], columns.status[row]);
        let is_lost = Status::ALL.get(usize::from(status)).is_some_and(|status| !status.is_paid());
        let refund = columns.refund.get(row).copied().unwrap_or_default();
        Self {
            // A negative row is a refund of another row, whatever its own status says.
            lost: if is_lost && amount.is_positive() { amount } else { Micros::ZERO },
            lost_refund: if is_lost { refund } else { Micros::ZERO },
            given_back: Micros::ZERO,
            is_negative: amount.is_credit(),
            customer: columns.customer[row],
            created_on: columns.created_on.get(row).copied().unwrap_or(day::MISSING),
            paid_on: columns.paid_on.get(row).copied().unwrap_or(day::MISSING),
            amount,
            refund,
            status,
            region: columns.region.get(row).copied().unwrap_or(UNKNOWN_REGION),
            second: columns.second.get(row).copied().unwrap_or(day::MISSING),
            row_count: columns.row_count.get(row).copied().unwrap_or(1),
            item_row_count: 0,
            is_conflicting: false,
            is_beyond: false,
            has_repeated_amount: false,
            has_amount_of_items: false,
            refund_of_items: Micros::ZERO,
            own: columns.own.get(row).copied().unwrap_or_default(),
            next: None,
            texts: NO_TEXTS,
        }
    }

    /// Decides whose time becomes the order's: rows with a payment first, then the earlier day.
    pub fn moment(&self) -> (bool, i32) {
        match self.paid_on {
            day::MISSING => (true, self.created_on),
            paid_on => (false, paid_on),
        }
    }

    /// Day of payment, or else of creation.
    pub fn day(&self) -> i32 {
        self.moment().1
    }

    /// The values that distinguish the order from other orders with its id.
    pub fn identity(&self) -> Identity {
        Identity {
            customer: self.customer,
            created_on: self.created_on,
            paid_on: self.paid_on,
            own: self.own,
        }
    }

    /// Whether both have the same day.
    pub fn is_of_the_day_of(&self, other: &Self) -> bool {
        self.identity().is_of_the_day_of(&other.identity())
    }

    /// Whether another order with the same id, from another export, belongs to another shop.
    pub fn is_of_another_shop(&self, other: &Self) -> bool {
        self.identity().is_of_another_shop(&other.identity())
    }

    /// Whether both have a total and the totals differ.
    pub fn has_another_total(&self, other: &Self) -> bool {
        let (mine, others) = (self.amount, other.amount);
        // A refund has an amount of its own.
        mine.is_positive() && others.is_positive() && mine != others
    }

    /// Paid amount, refund and status of the order, over its items that were not cancelled or refunded unless all were.
    /// A refund is subtracted once, although a refund column, a row's own status and a separate row may all report it.
    fn settled(&self) -> (Micros, Micros, u8) {
        let is_kept = Status::ALL.get(usize::from(self.status)).is_some_and(|status| status.is_paid());
        let is_refund = self.is_negative && self.status == Status::Refunded.code();
        if !is_kept || self.amount == MISSING {
            // A separate refund row that is marked as refunded is complete.
            return (
                self.amount,
                self.refund,
                if is_refund { Status::Completed.code() } else { self.status },
            );
        }
        // A sum that saturates here is larger than an order's amount may be, which is checked afterwards.
        let amount = self.amount.saturating_sub(self.lost);
        let in_column = self.refund.saturating_sub(self.lost_refund).max(self.refund_of_items);
        let back = self.given_back.saturating_sub(self.lost).max(Micros::ZERO);
        match back {
            Micros::ZERO => (amount, in_column, self.status),
            _ if amount <= back.max(in_column) => (amount, back.max(in_column), Status::Refunded.code()),
            _ => (amount - back, in_column.saturating_sub(back).max(Micros::ZERO), self.status),
        }
    }

    /// Removes the amount and the refund that came from the items in another file.
    pub fn leave_amount_of_items(&mut self) {
        self.refund_of_items = Micros::ZERO;
        if self.has_amount_of_items {
            (self.amount, self.lost) = (MISSING, Micros::ZERO);
            self.has_amount_of_items = false;
        }
    }

    /// Adds amount and refund of an item in another file, for an order whose own rows have no amount.
    pub fn add_amount_of(&mut self, item: &FileLine) {
        let (amount, is_lost) = (item.line.amount, item.line.is_lost);
        let is_wanted = self.amount == MISSING || self.has_amount_of_items;
        if !is_wanted || amount == MISSING {
            return;
        }
        let (before, lost) =
            if self.has_amount_of_items { (self.amount, self.lost) } else { Default::default() };
        self.amount = self.sum(before, amount);
        self.lost = if is_lost { self.sum(lost, amount) } else { lost };
        let back = if is_lost { Micros::ZERO } else { item.refund };
        self.refund_of_items = self.sum(self.refund_of_items, back);
        self.has_amount_of_items = true;
    }

    /// Adds the refund of an item in another file, for an order whose own rows have an amount but no refunds. The
    /// amount includes the item, whatever its status.
    pub fn add_refund_of(&mut self, item: &FileLine) {
        self.refund_of_items = self.sum(self.refund_of_items, item.refund);
    }

    /// Adds a refund that has a row of its own, as an amount above zero.
    pub fn add_given_back(&mut self, amount: Micros) {
        self.given_back = self.sum(self.given_back, amount);
    }

    /// The sum of two amounts. If it does not fit into 64 bits, the order is marked with `is_beyond`, and `a` is
    /// returned.
    fn sum(&mut self, a: Micros, b: Micros) -> Micros {
        let sum = a.checked_add(b).and_then(Micros::known);
        self.is_beyond |= sum.is_none();
        sum.unwrap_or(a)
    }

    /// Adds rows of the same order. The result does not depend on the order of the rows.
    pub fn combine(&mut self, other: &Self, grain: FileGrain) {
        self.second = match self.moment().cmp(&other.moment()) {
            Ordering::Less => self.second,
            Ordering::Greater => other.second,
            Ordering::Equal => earlier(self.second, other.second),
        };
        self.row_count += other.row_count;
        self.item_row_count += other.item_row_count;
        self.refund_of_items = self.sum(self.refund_of_items, other.refund_of_items);
        self.is_conflicting |= other.is_conflicting;
        self.is_beyond |= other.is_beyond;
        self.created_on = earlier(self.created_on, other.created_on);
        self.paid_on = earlier(self.paid_on, other.paid_on);
        // A known customer is preferred to a masked one, and that to none.
        let trust = |key: Key| (key.is_usable(), key);
        self.customer =
            if trust(other.customer) > trust(self.customer) { other.customer } else { self.customer };
        self.status = match (self.status, other.status) {
            (NO_STATUS, status) | (status, NO_STATUS) => status,
            // The status comes from the order's own rows, not from its refunds.
            (own, _) if other.is_negative && !self.is_negative => own,
            (_, own) if self.is_negative && !other.is_negative => own,
            (a, b) => a.max(b),
        };
        self.is_negative &= other.is_negative;
        self.add_given_back(other.given_back);
        self.own = match (self.own, other.own) {
            (Own::NONE, own) | (own, Own::NONE) => own,
            (a, b) => a.min(b),
        };
        // "Unknown" has the greatest number.
        self.region = self.region.min(other.region);
        match (self.amount, other.amount) {
            (_, MISSING) => {}
            (MISSING, amount) => self.amount = amount,
            (a, b) if grain.has_order_amount => {
                self.is_conflicting |= a != b;
                self.has_repeated_amount |= a == b;
                self.amount = a.max(b);
            }
            (a, b) => self.amount = self.sum(a, b),
        }
        if grain.has_order_amount {
            (self.lost, self.lost_refund) = (Micros::ZERO, Micros::ZERO);
            self.refund = self.refund.max(other.refund);
        } else {
            self.lost = self.sum(self.lost, other.lost);
            self.lost_refund = self.sum(self.lost_refund, other.lost_refund);
            self.refund = self.sum(self.refund, other.refund);
        }
    }
}

/// The values of orders, beyond the usual ones, that are wanted and exist.
#[derive(Debug, Clone, Copy)]
pub(super) struct Has {
    pub regions: bool,
    pub times: bool,
    pub extras: bool,
    pub ids: bool,
    pub item_rows: bool,
}

impl Has {
    /// Finds which values the rows of the blocks have. `extras` says that extras come from elsewhere too. `ids` says
    /// whether all order ids are wanted, `item_rows` whether the number of rows from files of items is wanted.
    pub fn of(blocks: &[Block], extras: bool, ids: bool, item_rows: bool) -> Self {
        let any = |has: fn(&Columns) -> bool| {
            blocks.iter().flat_map(|block| &block.rows).any(|group| has(&group.columns))
        };
        Self {
            regions: any(|columns| !columns.region.is_empty()),
            times: any(|columns| !columns.second.is_empty()),
            extras: extras || any(|columns| !columns.extra.is_empty()),
            ids,
            item_rows,
        }
    }
}

/// The orders as columns; `extra` is empty if extras are not wanted.
pub(super) fn columns(rows: &[(Order, Key)], has: Has, extra: Vec<Extra>, texts: &TextRows) -> Columns {
    fn column<T>(rows: &[(Order, Key)], value: impl Fn(&Order) -> T) -> Vec<T> {
        rows.iter().map(|(order, _)| value(order)).collect()
    }
    let settled: Vec<(Micros, Micros, u8)> = rows.iter().map(|(order, _)| order.settled()).collect();
    Columns {
        customer: column(rows, |order| order.customer),
        created_on: column(rows, |order| order.created_on),
        paid_on: column(rows, |order| order.paid_on),
        amount: settled.iter().map(|(amount, ..)| *amount).collect(),
        refund: settled.iter().map(|(_, refund, _)| *refund).collect(),
        status: settled.iter().map(|(.., status)| *status).collect(),
        region: if has.regions { column(rows, |order| order.region) } else { Vec::new() },
        second: if has.times { column(rows, |order| order.second) } else { Vec::new() },
        extra,
        row_count: column(rows, |order| order.row_count),
        item_row_count: if has.item_rows { column(rows, |order| order.item_row_count) } else { Vec::new() },
        own: Vec::new(),
        order: if has.ids { rows.iter().map(|(_, key)| *key).collect() } else { Vec::new() },
        import: Vec::new(),
        given_back_of: Vec::new(),
        texts: (0..texts.width())
            .map(|place| rows.iter().map(|(order, _)| texts.number(order.texts, place)).collect())
            .collect(),
    }
}

fn earlier(a: i32, b: i32) -> i32 {
    match (a, b) {
        (day::MISSING, other) | (other, day::MISSING) => other,
        (a, b) => a.min(b),
    }
}

//! One order, and what becomes of it as its rows come together.

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

/// An order as far as its rows have been seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    pub customer: Key,
    pub created_on: i32,
    pub paid_on: i32,
    pub amount: Micros,
    /// Of `amount`, what stands in rows whose own status says that it was not kept.
    pub lost: Micros,
    pub refund: Micros,
    /// Of `refund`, what stands in such rows: it is not to be taken off again.
    pub lost_refund: Micros,
    /// What later rows of its own gave back, beside `refund`.
    pub given_back: Micros,
    /// Whether all its rows are negative.
    pub is_negative: bool,
    pub status: u8,
    /// Number of the region; that of "not known" where that is not wanted.
    pub region: u32,
    /// Second of the day of [`Self::day`], [`day::MISSING`] where no time is given or wanted.
    pub second: i32,
    pub row_count: u32,
    pub is_conflicting: bool,
    /// Whether some sum of its rows' amounts has left 64 bits.
    pub is_beyond: bool,
    pub has_repeated_amount: bool,
    /// Whether its amount is that of items of another file, since its own rows say none.
    pub has_amount_of_items: bool,
    /// What was given back of those items that their rows' own status leaves.
    pub refund_of_items: Micros,
    /// What tells it from an order of the same id in another shop.
    pub own: Own,
    /// Another order under the same id, with another customer.
    pub next: Option<u32>,
    /// Place of its texts among those of the partition, [`NO_TEXTS`] where none are wanted.
    pub texts: u32,
}

/// In place of a place of texts.
pub(super) const NO_TEXTS: u32 = u32::MAX;

impl Order {
    /// One of which nothing is known but its items, which count as its rows.
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
            // A negative row is what was given back of another, whatever its own status says.
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

    /// What decides whose time is the order's: a row with a payment before one without, then the earlier day.
    pub fn moment(&self) -> (bool, i32) {
        match self.paid_on {
            day::MISSING => (true, self.created_on),
            paid_on => (false, paid_on),
        }
    }

    /// Day of payment, else of creation.
    pub fn day(&self) -> i32 {
        self.moment().1
    }

    /// What tells it from other orders of its id.
    pub fn identity(&self) -> Identity {
        Identity {
            customer: self.customer,
            created_on: self.created_on,
            paid_on: self.paid_on,
            own: self.own,
        }
    }

    /// Whether both are of one day.
    pub fn is_of_the_day_of(&self, other: &Self) -> bool {
        self.identity().is_of_the_day_of(&other.identity())
    }

    /// Whether another of the same id, of another export, is an order of another shop.
    pub fn is_of_another_shop(&self, other: &Self) -> bool {
        self.identity().is_of_another_shop(&other.identity())
    }

    /// Whether both say a total, and another one.
    pub fn has_another_total(&self, other: &Self) -> bool {
        let (mine, others) = (self.amount, other.amount);
        // What goes back has an amount of its own.
        mine.is_positive() && others.is_positive() && mine != others
    }

    /// What was paid and given back of the order's items that were not cancelled or given back, if any was not, and
    /// what became of it. What goes back is taken off once, though a column, a row's own status and a row of its own
    /// may all say it.
    fn settled(&self) -> (Micros, Micros, u8) {
        let is_kept = Status::ALL.get(usize::from(self.status)).is_some_and(|status| status.is_paid());
        let is_refund = self.is_negative && self.status == Status::Refunded.code();
        if !is_kept || self.amount == MISSING {
            // A refund of its own that is marked as refunded is done.
            return (
                self.amount,
                self.refund,
                if is_refund { Status::Completed.code() } else { self.status },
            );
        }
        // What comes to the end of the range here is more than an order can be, which is looked at afterwards.
        let amount = self.amount.saturating_sub(self.lost);
        let in_column = self.refund.saturating_sub(self.lost_refund).max(self.refund_of_items);
        let back = self.given_back.saturating_sub(self.lost).max(Micros::ZERO);
        match back {
            Micros::ZERO => (amount, in_column, self.status),
            _ if amount <= back.max(in_column) => (amount, back.max(in_column), Status::Refunded.code()),
            _ => (amount - back, in_column.saturating_sub(back).max(Micros::ZERO), self.status),
        }
    }

    /// Forgets the amount that items of another file gave it.
    pub fn leave_amount_of_items(&mut self) {
        self.refund_of_items = Micros::ZERO;
        if self.has_amount_of_items {
            (self.amount, self.lost) = (MISSING, Micros::ZERO);
            self.has_amount_of_items = false;
        }
    }

    /// Adds what was paid for an item of another file and what went back of it, where its own rows do not say what it
    /// came to.
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

    /// Adds what went back of an item of another file, where its own rows say what it came to and nothing of refunds.
    /// What they came to holds the item, whatever became of that.
    pub fn add_refund_of(&mut self, item: &FileLine) {
        self.refund_of_items = self.sum(self.refund_of_items, item.refund);
    }

    /// Adds what a row of its own gave back, as an amount above zero.
    pub fn add_given_back(&mut self, amount: Micros) {
        self.given_back = self.sum(self.given_back, amount);
    }

    /// The sum of two amounts; it is noted where that cannot be held.
    fn sum(&mut self, a: Micros, b: Micros) -> Micros {
        let sum = a.checked_add(b).and_then(Micros::known);
        self.is_beyond |= sum.is_none();
        sum.unwrap_or(a)
    }

    /// Adds rows of the same order. Every choice is one that any order of the rows leads to.
    pub fn combine(&mut self, other: &Self, grain: FileGrain) {
        self.second = match self.moment().cmp(&other.moment()) {
            Ordering::Less => self.second,
            Ordering::Greater => other.second,
            Ordering::Equal => earlier(self.second, other.second),
        };
        self.row_count += other.row_count;
        self.refund_of_items = self.sum(self.refund_of_items, other.refund_of_items);
        self.is_conflicting |= other.is_conflicting;
        self.is_beyond |= other.is_beyond;
        self.created_on = earlier(self.created_on, other.created_on);
        self.paid_on = earlier(self.paid_on, other.paid_on);
        // A customer before a masked one before none.
        let trust = |key: Key| (key.is_usable(), key);
        self.customer =
            if trust(other.customer) > trust(self.customer) { other.customer } else { self.customer };
        self.status = match (self.status, other.status) {
            (NO_STATUS, status) | (status, NO_STATUS) => status,
            // What became of an order its own rows say, not those of its refunds.
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
        // The unknown one has the greatest number.
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

/// What is wanted of orders beyond who, when and how much.
#[derive(Debug, Clone, Copy)]
pub(super) struct Has {
    pub regions: bool,
    pub times: bool,
    pub extras: bool,
    pub ids: bool,
}

impl Has {
    /// What any of these blocks say, and extras where something else says them; `ids` is whether all ids are wanted.
    pub fn of(blocks: &[Block], extras: bool, ids: bool) -> Self {
        let any = |has: fn(&Columns) -> bool| {
            blocks.iter().flat_map(|block| &block.rows).any(|group| has(&group.columns))
        };
        Self {
            regions: any(|columns| !columns.region.is_empty()),
            times: any(|columns| !columns.second.is_empty()),
            extras: extras || any(|columns| !columns.extra.is_empty()),
            ids,
        }
    }
}

/// Orders as columns; `extra` is empty where extras are not wanted.
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

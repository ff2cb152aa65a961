//! The heavy stage: from what each customer bought to sums by region.

use super::groups::Groups;
use crate::error::Result;
use crate::metrics::histories::{Histories, History, Values};
use crate::metrics::scope::Scope;
use crate::schema::accounting::Accounting;
use crate::schema::orders::UNKNOWN_REGION;
use crate::schema::{CustomerCode, Orders};

/// What is of one group of regions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum {
    /// Whether any order or credit note is of the region.
    pub is_there: bool,
    /// Orders.
    pub orders: u64,
    /// In micro-units, credit notes and orders of nobody known included.
    pub net: i128,
    /// Of `net`, that of customers with an order in the region.
    pub known_net: i128,
    /// Customers with an order in the region.
    pub customers: u64,
    /// Those of them with at least two there.
    pub repeaters: u64,
}

/// What the heavy stage ends in, whoever computes it.
#[derive(Debug, Default)]
pub struct Found {
    /// By the number of the group.
    pub groups: Vec<Sum>,
    /// Net amount of all buyers.
    pub known_net: i128,
    /// Buyers.
    pub customers: u64,
    /// Orders.
    pub orders: u64,
}

/// What is found while the customers of a part are looked at.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// The groups that any order or credit note of the part is of, in the order in which they came.
    groups: Vec<(u32, Sum)>,
    /// The place of each group among them, by number; [`NOWHERE`] of one that is none of them.
    place_of: Vec<u32>,
    known_net: i128,
    customers: u64,
    orders: u64,
    /// Customers with the group of their last order, where these are wanted.
    lasts: Vec<(CustomerCode, u32)>,
    /// Orders and net amount of the customer that is being looked at, by place, and the places that have any.
    own: Vec<(u64, i128)>,
    touched: Vec<u32>,
}

/// In place of a place: there is none.
const NOWHERE: u32 = u32::MAX;

impl Sums {
    /// Of all orders; `lasts` gets the group of each customer's last one.
    pub fn of<P>(
        orders: &Orders<P>,
        scope: &Scope,
        groups: &Groups,
        lasts: Option<&mut Vec<(CustomerCode, u32)>>,
        accounting: &mut Accounting,
    ) -> Result<Found>
    where
        Orders<P>: Histories,
    {
        let wants_lasts = lasts.is_some();
        let mut folded = orders.fold(scope, false, |sums: &mut Self, columns, history| {
            sums.add(groups, columns, history);
            if let Some(customer) = history.customer.filter(|_| wants_lasts) {
                let last = history.orders().next_back().map(|order| columns.region(order));
                sums.lasts.push((customer, groups.of(last.unwrap_or(UNKNOWN_REGION))));
            }
            None
        })?;
        folded.excluded.account(accounting);
        if let Some(lasts) = lasts {
            folded.parts.iter_mut().for_each(|part| lasts.append(&mut part.lasts));
        }
        let mut found = Found { groups: vec![Sum::default(); groups.count()], ..Found::default() };
        folded.parts.into_iter().for_each(|part| found.take(part));
        Ok(found)
    }

    fn add(&mut self, groups: &Groups, columns: &dyn Values, history: &History<'_>) {
        for document in history.documents {
            let place = self.place(groups.of(columns.region(document)));
            let (sum, own) = (&mut self.groups[place].1, &mut self.own[place]);
            let net = i128::from(document.net);
            sum.net += net;
            if *own == (0, 0) {
                self.touched.push(place as u32);
            }
            own.1 += net;
            if document.is_order {
                sum.orders += 1;
                self.orders += 1;
                own.0 += 1;
            }
        }
        if history.customer.is_some() {
            self.customers += 1;
            self.known_net += history.net();
        }
        // A group whose amounts cancelled out may have been touched twice: then nothing is left of it the second time.
        for place in self.touched.drain(..) {
            let (orders, net) = std::mem::take(&mut self.own[place as usize]);
            if history.customer.is_some() && orders > 0 {
                let sum = &mut self.groups[place as usize].1;
                sum.customers += 1;
                sum.repeaters += u64::from(orders > 1);
                sum.known_net += net;
            }
        }
    }

    /// The place of a group, which is there from now on.
    fn place(&mut self, group: u32) -> usize {
        if self.place_of.len() <= group as usize {
            self.place_of.resize(group as usize + 1, NOWHERE);
        }
        let place = &mut self.place_of[group as usize];
        if *place == NOWHERE {
            *place = self.groups.len() as u32;
            self.groups.push((group, Sum { is_there: true, ..Sum::default() }));
            self.own.push((0, 0));
        }
        *place as usize
    }
}

impl Found {
    fn take(&mut self, part: Sums) {
        for (group, theirs) in part.groups {
            let mine = &mut self.groups[group as usize];
            mine.is_there = true;
            mine.orders += theirs.orders;
            mine.net += theirs.net;
            mine.known_net += theirs.known_net;
            mine.customers += theirs.customers;
            mine.repeaters += theirs.repeaters;
        }
        self.customers += part.customers;
        self.known_net += part.known_net;
        self.orders += part.orders;
    }
}

//! The heavy stage: sums by region from the history of each customer.

use super::groups::Groups;
use crate::error::Result;
use crate::metrics::histories::{Histories, History, Values};
use crate::metrics::scope::Scope;
use crate::schema::accounting::Accounting;
use crate::schema::orders::UNKNOWN_REGION;
use crate::schema::{CustomerCode, Orders};

/// The sums of one group of regions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum {
    /// Whether the group has any order or credit note.
    pub is_there: bool,
    /// Number of orders.
    pub orders: u64,
    /// Net amount in micro-units, including credit notes and orders without a known customer.
    pub net: i128,
    /// The part of `net` that comes from customers with an order in the region.
    pub known_net: i128,
    /// Customers with an order in the region.
    pub customers: u64,
    /// Customers with at least two orders in the region.
    pub repeaters: u64,
}

/// The result of the heavy stage, whether computed here or by an engine.
#[derive(Debug, Default)]
pub struct Found {
    /// The sums of each group, by its number.
    pub groups: Vec<Sum>,
    /// Net amount of all buyers, in micro-units.
    pub known_net: i128,
    /// Number of buyers.
    pub customers: u64,
    /// Number of orders.
    pub orders: u64,
}

/// The sums of one part of the orders, while its customers are added.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// The groups that occur in the part, in the order in which they were met, with their sums.
    groups: Vec<(u32, Sum)>,
    /// By number of the group: its place in `groups`, or [`NOWHERE`] if it has not occurred.
    place_of: Vec<u32>,
    known_net: i128,
    customers: u64,
    orders: u64,
    /// Each customer with the group of the last order, if this is asked for.
    lasts: Vec<(CustomerCode, u32)>,
    /// Orders and net amount of the customer being added, by place in `groups`; and the places that the customer has.
    own: Vec<(u64, i128)>,
    touched: Vec<u32>,
}

/// Stands for "no place".
const NOWHERE: u32 = u32::MAX;

impl Sums {
    /// Sums up all valid orders. If `lasts` is given, each customer is appended to it with the group of the last order.
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
        // A group may be in `touched` twice, if its amounts cancelled out in between. The second time nothing is left
        // of it.
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

    /// The place of a group in `groups`, to which it is added if it is new.
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

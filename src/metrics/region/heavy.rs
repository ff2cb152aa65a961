//! The heavy stage: from what each customer bought to sums by region.

use super::groups::Groups;
use crate::error::Result;
use crate::metrics::histories::{Histories, History, Values};
use crate::metrics::scope::Scope;
use crate::schema::Orders;
use crate::schema::accounting::Accounting;
use crate::schema::orders::UNKNOWN_REGION;

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
    /// By the number of the group; as many as are needed.
    pub groups: Vec<Sum>,
    /// Net amount of all buyers.
    pub known_net: i128,
    /// Buyers.
    pub customers: u64,
    /// Orders.
    pub orders: u64,
}

/// What is found while customers are looked at.
#[derive(Debug, Default)]
pub(super) struct Sums {
    found: Found,
    /// Customers with the group of their last order, where these are wanted.
    lasts: Vec<(u32, u32)>,
    /// Orders and net amount of the customer that is being looked at, by group, and the groups that have any.
    own: Vec<(u64, i128)>,
    touched: Vec<u32>,
}

impl Sums {
    /// Of all orders; `lasts` gets the group of each customer's last one.
    pub fn of<P>(
        orders: &Orders<P>,
        scope: &Scope,
        groups: &Groups,
        lasts: Option<&mut Vec<(u32, u32)>>,
        accounting: &mut Accounting,
    ) -> Result<Found>
    where
        Orders<P>: Histories,
    {
        let wants_lasts = lasts.is_some();
        let folded = orders.fold(scope, false, |sums: &mut Self, columns, history| {
            sums.add(groups, columns, history);
            if let Some(customer) = history.customer.filter(|_| wants_lasts) {
                let last = history.orders().next_back().map(|order| columns.region(order));
                sums.lasts.push((customer, groups.of(last.unwrap_or(UNKNOWN_REGION))));
            }
            None
        })?;
        folded.excluded.account(accounting);
        let mut sums = Self::default();
        folded.parts.into_iter().for_each(|part| sums.merge(part));
        if let Some(lasts) = lasts {
            *lasts = sums.lasts;
        }
        Ok(sums.found)
    }

    fn add(&mut self, groups: &Groups, columns: &dyn Values, history: &History<'_>) {
        self.found.groups.resize(groups.count(), Sum::default());
        self.own.resize(groups.count(), (0, 0));
        for document in history.documents {
            let group = groups.of(columns.region(document));
            let (sum, own) = (&mut self.found.groups[group as usize], &mut self.own[group as usize]);
            let net = i128::from(document.net);
            sum.is_there = true;
            sum.net += net;
            if *own == (0, 0) {
                self.touched.push(group);
            }
            own.1 += net;
            if document.is_order {
                sum.orders += 1;
                self.found.orders += 1;
                own.0 += 1;
            }
        }
        if history.customer.is_some() {
            self.found.customers += 1;
            self.found.known_net += history.net();
        }
        // A group whose amounts cancelled out may have been touched twice: then nothing is left of it the second time.
        for group in self.touched.drain(..) {
            let (orders, net) = std::mem::take(&mut self.own[group as usize]);
            if history.customer.is_some() && orders > 0 {
                let sum = &mut self.found.groups[group as usize];
                sum.customers += 1;
                sum.repeaters += u64::from(orders > 1);
                sum.known_net += net;
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.found.groups.resize(self.found.groups.len().max(other.found.groups.len()), Sum::default());
        for (mine, theirs) in self.found.groups.iter_mut().zip(other.found.groups) {
            mine.is_there |= theirs.is_there;
            mine.orders += theirs.orders;
            mine.net += theirs.net;
            mine.known_net += theirs.known_net;
            mine.customers += theirs.customers;
            mine.repeaters += theirs.repeaters;
        }
        self.found.customers += other.found.customers;
        self.found.known_net += other.found.known_net;
        self.found.orders += other.found.orders;
        self.lasts.extend(other.lasts);
    }
}

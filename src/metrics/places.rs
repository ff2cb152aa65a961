//! Places of orders, events and customers under one numbering of their groups.

use super::region::{Groups, Level};
use crate::regions::Region;
use crate::schema::Shop;

/// Groups of regions whose numbers each table counts for itself.
#[derive(Debug)]
pub(super) struct Places {
    /// The groups.
    pub groups: Groups,
    /// How many regions the orders have.
    orders: u32,
    /// And the events.
    events: u32,
}

impl Places {
    /// The groups of the regions of all tables.
    pub fn new(shop: &Shop<'_>, level: Level) -> Self {
        let of_events: &[Region] = shop.events.map_or(&[], |events| &events.regions);
        let of_customers: &[Region] = shop.customers.map_or(&[], |customers| &customers.regions);
        let of_orders = &shop.orders.regions;
        Self {
            groups: Groups::of_all(&[of_orders, of_events, of_customers], level),
            orders: of_orders.len() as u32,
            events: of_events.len() as u32,
        }
    }

    /// The group of a region of the orders, where it is known.
    pub fn of_order(&self, region: u32) -> Option<u32> {
        self.groups.known(region)
    }

    /// The group of a region of the events.
    pub fn of_event(&self, region: u32) -> Option<u32> {
        self.groups.known(region.checked_add(self.orders)?)
    }

    /// The group of a region of the customers.
    pub fn of_customer(&self, region: u32) -> Option<u32> {
        self.groups.known(region.checked_add(self.orders + self.events)?)
    }
}

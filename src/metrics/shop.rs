//! The canonical tables of a shop, as questions about more than orders see them.

use super::region::{Groups, Level};
use crate::ingest::Ingested;
use crate::regions::Region;
use crate::schema::{Customers, Events, Orders, Sends, Table};

/// The tables that were read.
#[derive(Debug, Clone, Copy)]
pub struct Shop<'a> {
    /// The orders; without any where no file holds them.
    pub orders: &'a Orders,
    /// Whether a file of orders was read.
    pub has_orders: bool,
    /// What customers did.
    pub events: Option<&'a Events>,
    /// What is known of customers beside their orders.
    pub customers: Option<&'a Customers>,
    /// Which messages they were sent.
    pub sends: Option<&'a Sends>,
}

impl<'a> Shop<'a> {
    /// What was read.
    pub fn of(ingested: &'a Ingested) -> Self {
        Self {
            orders: &ingested.orders,
            has_orders: ingested.sources.iter().any(|source| source.table() == Table::Orders),
            events: ingested.events.as_ref(),
            customers: ingested.customers.as_ref(),
            sends: ingested.sends.as_ref(),
        }
    }

    /// The groups of the regions of all tables.
    pub(super) fn places(&self, level: Level) -> Places {
        let of_events: &[Region] = self.events.map_or(&[], |events| &events.regions);
        let of_customers: &[Region] = self.customers.map_or(&[], |customers| &customers.regions);
        let of_orders = &self.orders.regions;
        Places {
            groups: Groups::of_all(&[of_orders, of_events, of_customers], level),
            orders: of_orders.len() as u32,
            events: of_events.len() as u32,
        }
    }
}

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

#[cfg(test)]
mod tests {
    use crate::metrics::region::Level;
    use crate::metrics::testing::read;

    /// Each table counts its regions for itself; the groups are those of all.
    #[test]
    fn the_group_of_a_region_is_that_of_its_own_table() {
        let read = read(&[
            (
                "orders.csv",
                "order_id,customer_id,order_date,amount,province;1,a,2026-06-10,5,广东;2,b,2026-06-11,5,浙江",
            ),
            ("customers.csv", "customer_id,registered_at,province;a,2026-01-01,四川;b,2026-01-01,浙江"),
        ]);
        let shop = read.shop();
        let places = shop.places(Level::Province);
        let customers = shop.customers.expect("customers");
        let of_orders: Vec<Option<u32>> =
            (0..shop.orders.regions.len() as u32).map(|region| places.of_order(region)).collect();
        let of_customers: Vec<Option<u32>> =
            (0..customers.regions.len() as u32).map(|region| places.of_customer(region)).collect();
        let name =
            |group: &Option<u32>| group.and_then(|group| places.groups.province(group)).unwrap_or_default();
        for (groups, regions) in [(of_orders, &shop.orders.regions), (of_customers, &customers.regions)] {
            let found: Vec<String> = groups.iter().map(name).collect();
            assert_eq!(found, regions.iter().map(|region| region.province.clone()).collect::<Vec<_>>());
            assert!(found.len() > 1);
        }
    }
}

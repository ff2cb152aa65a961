//! One numbering of the groups of regions for orders, events and customer lists.

use super::origins::Said;
use super::region::{Groups, Level};
use crate::regions::Region;

/// The groups of the regions of all tables. Each table numbers its regions on its own from 0; the methods translate
/// such a number into that of a group.
#[derive(Debug)]
pub(super) struct Places {
    /// The groups of the regions of the orders, then of the events, then of the customer lists.
    pub groups: Groups,
    /// The number of regions of the orders.
    orders: u32,
    /// The number of regions of the events.
    events: u32,
}

impl Places {
    /// The groups of the regions of all tables.
    pub fn new(said: &Said<'_>, level: Level) -> Self {
        let of_events: &[Region] = said.events.map_or(&[], |events| events.regions());
        let of_customers: &[Region] = said.customers.map_or(&[], |customers| customers.regions());
        let of_orders = said.regions;
        Self {
            groups: Groups::of_all(&[of_orders, of_events, of_customers], level),
            orders: of_orders.len() as u32,
            events: of_events.len() as u32,
        }
    }

    /// The group of a region of the orders; `None` if the region is not known.
    pub fn of_order(&self, region: u32) -> Option<u32> {
        self.groups.known(region)
    }

    /// The group of a region of the events; `None` if the region is not known.
    pub fn of_event(&self, region: u32) -> Option<u32> {
        self.groups.known(region.checked_add(self.orders)?)
    }

    /// The group of a region of the customer lists; `None` if the region is not known.
    pub fn of_customer(&self, region: u32) -> Option<u32> {
        self.groups.known(region.checked_add(self.orders + self.events)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::region::Level;
    use crate::metrics::testing::read;

    /// The number of a region of one table is not taken for the number of a region of another table.
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
        let places = Places::new(&(&shop).into(), Level::Province);
        let customers = shop.customers().expect("customers");
        let of_orders: Vec<Option<u32>> =
            (0..shop.orders.regions.len() as u32).map(|region| places.of_order(region)).collect();
        let of_customers: Vec<Option<u32>> =
            (0..customers.regions().len() as u32).map(|region| places.of_customer(region)).collect();
        let name =
            |group: &Option<u32>| group.and_then(|group| places.groups.province(group)).unwrap_or_default();
        for (groups, regions) in
            [(of_orders, shop.orders.regions.as_slice()), (of_customers, customers.regions())]
        {
            let found: Vec<String> = groups.iter().map(name).collect();
            assert_eq!(found, regions.iter().map(|region| region.province.clone()).collect::<Vec<_>>());
            assert!(found.len() > 1);
        }
    }
}

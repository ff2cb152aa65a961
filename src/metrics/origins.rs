//! Where people are and where they came from, as orders, events and customer lists say.

use std::collections::HashMap;

use super::Scope;
use super::histories::{History, PartColumns, fold};
use super::places::Places;
use super::region::Level;
use crate::error::Result;
use crate::regions::Region;
use crate::schema::customers::REGION;
use crate::schema::events::{Event, UNKNOWN};
use crate::schema::orders::UNKNOWN_REGION;
use crate::schema::{Orders, Shop, names};

/// What the valid orders of a customer say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ordered {
    /// Number of the region of the last order; [`UNKNOWN_REGION`] where it is not known.
    pub region: u32,
    /// Number of the source of the first order that says one.
    pub source: Option<u32>,
}

impl Ordered {
    /// Of somebody without an order.
    pub const NOTHING: Self = Self { region: UNKNOWN_REGION, source: None };

    /// Of a history.
    pub fn of(columns: &PartColumns, history: &History<'_>) -> Self {
        let region = history.orders().next_back().map_or(UNKNOWN_REGION, |order| columns.region(order.row));
        Self { region, source: history.orders().find_map(|order| columns.source(order.row)) }
    }

    /// Of every customer with a valid order, with the customer's code. The scope's as-of is settled.
    ///
    /// # Errors
    /// Those of polars.
    pub fn of_all(orders: &Orders, scope: &Scope) -> Result<Vec<(u32, Self)>> {
        let folded = fold(orders, scope, true, |found: &mut Vec<(u32, Self)>, columns, history| {
            found.extend(history.customer.map(|customer| (customer, Self::of(columns, history))));
            None
        })?;
        Ok(folded.parts.into_iter().flatten().collect())
    }
}

/// The number of a source, and the table that it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// Of the customer lists.
    Listed(u32),
    /// Of the orders.
    Ordered(u32),
    /// Of the events.
    Seen(u32),
}

/// What all tables say of where people are and came from.
pub struct Origins<'a> {
    shop: Shop<'a>,
    places: Places,
    /// Source and region of the first event up to as-of that says one, by customer.
    seen: HashMap<u32, (u32, u32)>,
}

impl<'a> Origins<'a> {
    /// Of a shop's tables up to a day.
    pub fn new(shop: &Shop<'a>, as_of: i32) -> Self {
        let mut seen = HashMap::new();
        for events in shop.events.iter().flat_map(|events| events.by_customer()) {
            let first = |value: fn(&Event) -> u32| {
                let mut known = events.iter().filter(|event| event.day <= as_of).map(value);
                known.find(|number| *number != UNKNOWN).unwrap_or(UNKNOWN)
            };
            seen.insert(events[0].customer, (first(|event| event.source), first(|event| event.region)));
        }
        Self { shop: *shop, places: Places::new(shop, Level::Province), seen }
    }

    /// What a column of numbers of the customer list says of somebody.
    fn listed(&self, customer: u32, name: &str) -> Option<u32> {
        let list = self.shop.customers?;
        list.table().numbers(name)?.get(list.row(customer)?)
    }

    fn seen(&self, customer: u32, value: fn(&(u32, u32)) -> u32) -> Option<u32> {
        self.seen.get(&customer).map(value).filter(|number| *number != UNKNOWN)
    }

    /// Where a customer came from: as the first order says, else the first event, else the customer list.
    pub fn source(&self, customer: u32, ordered: &Ordered) -> Option<Source> {
        let seen = || self.seen(customer, |(source, _)| *source).map(Source::Seen);
        let listed = || self.listed(customer, names::SOURCE).map(Source::Listed);
        ordered.source.map(Source::Ordered).or_else(seen).or_else(listed)
    }

    /// The name of a source.
    pub fn source_name(&self, source: Source) -> Option<String> {
        let (names, number) = match source {
            Source::Listed(number) => (self.shop.customers?.table().words(names::SOURCE), number),
            Source::Ordered(number) => (self.shop.orders.sources.as_slice(), number),
            Source::Seen(number) => (self.shop.events?.sources.as_slice(), number),
        };
        names.get(number as usize).cloned()
    }

    /// The group of a customer's province: where the last order went, else as the customer list says, else the first event.
    pub fn province(&self, customer: u32, ordered: &Ordered) -> Option<u32> {
        let listed = || self.places.of_customer(self.listed(customer, REGION)?);
        let seen = || self.places.of_event(self.seen(customer, |(_, region)| *region)?);
        self.places.of_order(ordered.region).or_else(listed).or_else(seen)
    }

    /// The name of a province's group.
    pub fn province_name(&self, group: u32) -> Option<String> {
        self.places.groups.province(group)
    }

    /// A customer's city: in the order of [`Self::province`], and in no other province than that.
    pub fn city(&self, customer: u32, ordered: &Ordered) -> Option<&str> {
        let all = [
            self.shop.orders.regions.get(ordered.region as usize),
            self.listed(customer, REGION)
                .and_then(|number| self.shop.customers?.regions.get(number as usize)),
            self.seen(customer, |(_, region)| *region)
                .and_then(|number| self.shop.events?.regions.get(number as usize)),
        ];
        let known = || all.into_iter().flatten();
        let province = known().find(|region| !region.province.is_empty()).map(Region::folded);
        let is_there = |region: &&Region| {
            province.as_ref().is_none_or(|province| region.folded().province == province.province)
        };
        known().filter(is_there).map(|region| region.city.as_str()).find(|city| !city.is_empty())
    }
}

//! The canonical events table: what customers did in the shop.

use super::EventKind;
use crate::regions::Region;

/// In place of a number: the export does not say.
pub const UNKNOWN: u32 = u32::MAX;

/// One event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// Number of the customer among those of the orders table and the events.
    pub customer: u32,
    /// Day in the shop's zone, since 1970-01-01.
    pub day: i32,
    /// Second of the day; `i32::MIN` where no time is given.
    pub second: i32,
    /// What happened.
    pub kind: EventKind,
    /// Number among [`Events::sources`].
    pub source: u32,
    /// Number among [`Events::categories`].
    pub category: u32,
    /// Number among [`Events::regions`].
    pub region: u32,
    /// Number among [`Events::ratings`].
    pub rating: u32,
}

/// The events of all inputs.
#[derive(Debug, Clone, Default)]
pub struct Events {
    /// By customer, and each customer's by time.
    pub rows: Vec<Event>,
    /// Where events came from, by number.
    pub sources: Vec<String>,
    /// The categories of their items, by number.
    pub categories: Vec<String>,
    /// The customers' regions at the time, by number.
    pub regions: Vec<Region>,
    /// The stars that reviews give, in micro-units, by number and ascending.
    pub ratings: Vec<i64>,
}

impl Events {
    /// The last day with an event.
    pub fn latest(&self) -> Option<i32> {
        self.rows.iter().map(|event| event.day).max()
    }

    /// Takes out the events of sources by name, but for purchases, and says how many they were.
    pub fn leave_out(&mut self, sources: &[String]) -> u64 {
        let is_named =
            |source: &String| sources.iter().any(|name| name.to_lowercase() == source.to_lowercase());
        let named: Vec<bool> = self.sources.iter().map(is_named).collect();
        let before = self.rows.len();
        self.rows.retain(|event| {
            event.kind == EventKind::Purchase || !named.get(event.source as usize).copied().unwrap_or(false)
        });
        (before - self.rows.len()) as u64
    }

    /// Keeps the events of some customers, by code, and says how many the others were.
    pub fn keep(&mut self, is_kept: impl Fn(u32) -> bool) -> u64 {
        let before = self.rows.len();
        self.rows.retain(|event| is_kept(event.customer));
        (before - self.rows.len()) as u64
    }

    /// The events of each customer.
    pub fn by_customer(&self) -> impl Iterator<Item = &[Event]> {
        self.rows.chunk_by(|a, b| a.customer == b.customer)
    }
}

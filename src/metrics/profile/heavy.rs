//! The heavy stage: sums by role, price band and hour, and one row per customer, from the histories of a part.

use std::collections::{BTreeMap, HashMap};

use chrono::Datelike;

use super::{NO_ROLE, Of, ROLES};
use crate::error::Result;
use crate::metrics::histories::{Document, History, OrderCount, PartColumns, fold};
use crate::metrics::origins::Ordered;
use crate::metrics::scope::Scope;
use crate::schema::{CustomerCode, Day, Micros, Shop};

/// Orders and net amount.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bought {
    pub orders: u64,
    pub net: i128,
}

/// One customer with the orders of the period, and the region and source that they name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    pub customer: CustomerCode,
    pub bought: Bought,
    pub ordered: Ordered,
}

/// The sums of one part of the orders.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub people: Vec<Person>,
    pub orders: OrderCount,
    /// Number of customers and their orders, by place of the role in [`ROLES`] and by number of the price band.
    pub roles: [(u64, Bought); ROLES.len() + 1],
    pub bands: BTreeMap<usize, (u64, Bought)>,
    pub hours: BTreeMap<(u32, u32), u64>,
    /// Whether some order has a time other than midnight, which may stand for a date without a time.
    pub has_times: bool,
}

impl Bought {
    pub fn add(&mut self, order: &Document) {
        self.orders += 1;
        self.net += i128::from(order.net);
    }

    pub fn merge(&mut self, other: Self) {
        self.orders += other.orders;
        self.net += other.net;
    }
}

impl Part {
    pub fn add(
        &mut self,
        customer: CustomerCode,
        columns: &PartColumns,
        history: &History<'_>,
        usual: Option<u64>,
        bands: &[Micros],
        of: Of,
    ) {
        let ordered = Ordered::of(columns, history);
        let mut person = Person { customer, bought: Bought::default(), ordered };
        let mut roles = [Bought::default(); ROLES.len() + 1];
        let mut own_bands: BTreeMap<usize, Bought> = BTreeMap::new();
        person.bought.net = history.net();
        for order in history.orders() {
            self.orders.add();
            person.bought.orders += 1;
            let role = usual.zip(columns.recipient(order.row));
            roles[role.map_or(NO_ROLE, |(usual, recipient)| usize::from(recipient != usual))].add(order);
            own_bands.entry(bands.partition_point(|limit| order.net >= *limit)).or_default().add(order);
            if matches!(of, Of::All | Of::Converted) {
                self.count_time(columns, order);
            }
        }
        for (sum, own) in self.roles.iter_mut().zip(roles).filter(|(_, own)| own.orders > 0) {
            sum.0 += 1;
            sum.1.merge(own);
        }
        for (band, own) in own_bands {
            let sum = self.bands.entry(band).or_default();
            sum.0 += 1;
            sum.1.merge(own);
        }
        self.people.push(person);
    }

    fn count_time(&mut self, columns: &PartColumns, order: &Document) {
        let Some(second) = columns.second(order.row) else { return };
        self.has_times |= second > 0;
        if let Some(at) = weekday_and_hour(order.day, second) {
            *self.hours.entry(at).or_default() += 1;
        }
    }

    pub fn merge(&mut self, other: Self) {
        self.people.extend(other.people);
        self.orders.merge(&other.orders);
        for (mine, theirs) in self.roles.iter_mut().zip(other.roles) {
            mine.0 += theirs.0;
            mine.1.merge(theirs.1);
        }
        for (band, theirs) in other.bands {
            let mine = self.bands.entry(band).or_default();
            mine.0 += theirs.0;
            mine.1.merge(theirs.1);
        }
        for (at, count) in other.hours {
            *self.hours.entry(at).or_default() += count;
        }
        self.has_times |= other.has_times;
    }
}

/// The weekday, from 1 for Monday, and the hour, from 0 to 23.
pub(super) fn weekday_and_hour(day: Day, second: i32) -> Option<(u32, u32)> {
    Some((day.date()?.weekday().number_from_monday(), second as u32 / 3600))
}

/// The usual recipient of each buyer who has one, from all orders up to as-of. `None` if the scope has no window, as
/// each history then holds all orders and [`usual_recipient`] can be asked, or if no order names a recipient.
pub(super) fn usual_recipients(shop: &Shop<'_>, scope: &Scope) -> Result<Option<HashMap<CustomerCode, u64>>> {
    if scope.window.is_none() || !shop.orders.has_recipient {
        return Ok(None);
    }
    let all_time = scope.all_time();
    let folded =
        fold(shop.orders, &all_time, true, |found: &mut Vec<(CustomerCode, u64)>, columns, history| {
            found.extend(history.customer.zip(usual_recipient(columns, history)));
            None
        })?;
    Ok(Some(folded.parts.into_iter().flatten().collect()))
}

/// The recipient of more than half of the orders; `None` if there is none.
pub(in crate::metrics) fn usual_recipient(columns: &PartColumns, history: &History<'_>) -> Option<u64> {
    majority(history.orders().map(|order| columns.recipient(order.row)))
}

/// The value that more than half of all `values` have; missing values count among all.
pub(in crate::metrics) fn majority(values: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    let mut counts: Vec<(u64, u64)> = Vec::new();
    let mut all = 0;
    for value in values {
        all += 1;
        let Some(value) = value else { continue };
        match counts.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
    }
    counts.into_iter().find(|(_, count)| 2 * count > all).map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_is_what_more_than_half_have() {
        let of = |values: &[Option<u64>]| majority(values.iter().copied());
        assert_eq!(of(&[Some(1)]), Some(1));
        assert_eq!(of(&[Some(1), Some(2)]), None);
        assert_eq!(of(&[Some(1), Some(2), Some(1)]), Some(1));
        // Two of four are not more than half.
        assert_eq!(of(&[Some(2), Some(1), Some(2), Some(3)]), None);
        // Orders whose recipient is masked count among all orders.
        assert_eq!(of(&[Some(1), None]), None);
        assert_eq!(of(&[Some(1), None, Some(1)]), Some(1));
        assert_eq!(of(&[None, None]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn hours_are_of_the_week() {
        let at = |day, second| weekday_and_hour(Day::new(day), second);
        // 1970-01-01 was a Thursday.
        assert_eq!(at(0, 0), Some((4, 0)));
        assert_eq!(at(3, 3_599), Some((7, 0)));
        assert_eq!(at(4, 3_600), Some((1, 1)));
        assert_eq!(at(4, 86_399), Some((1, 23)));
    }
}

//! The customers of a portrait.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::{Bought, Of, Person, weekday_and_hour};
use crate::error::Result;
use crate::metrics::origins::Ordered;
use crate::metrics::scope::Scope;
use crate::schema::accounting::{Accounting, Rule};
use crate::schema::day::MISSING;
use crate::schema::{CustomerCode, Day, EventKind, Orders, Shop, orders};

/// The customers who are in the portrait because of an event, of any order, or of the customer list; and the times of
/// the events.
#[derive(Debug)]
pub(super) struct Subjects {
    pub of: Of,
    /// By customer code: whether the customer is in the portrait for one of these reasons.
    is_in: Vec<bool>,
    pub hours: BTreeMap<(u32, u32), u64>,
    pub has_times: bool,
}

impl Subjects {
    pub fn new(shop: &Shop<'_>, scope: &Scope, of: Of, accounting: &mut Accounting) -> Result<Self> {
        let (as_of, first) = (scope.as_of, scope.first_day());
        let mut subjects = Self { of, is_in: Vec::new(), hours: BTreeMap::new(), has_times: false };
        let counts = |kind: EventKind| match of {
            Of::All => true,
            Of::Interest => EventKind::INTEREST.contains(&kind),
            Of::Scan => kind == EventKind::Scan,
            Of::Converted => false,
        };
        for event in shop.events().iter().flat_map(|events| events.iter()) {
            if !counts(event.kind) {
                accounting.exclude(Rule::OtherKind, 1);
            } else if event.day > as_of {
                accounting.exclude(Rule::AfterAsOf, 1);
            } else if event.day < first {
                accounting.exclude(Rule::OutsideWindow, 1);
            } else {
                subjects.take(event.customer);
                let hour = Some(event.second).filter(|second| *second != MISSING);
                subjects.has_times |= hour.is_some_and(|second| second > 0);
                if let Some(at) = hour.and_then(|second| weekday_and_hour(event.day, second)) {
                    *subjects.hours.entry(at).or_default() += 1;
                }
            }
        }
        if of == Of::All {
            subjects.take_whom_orders_name(shop.orders, first..=as_of)?;
        }
        if of == Of::All && scope.window.is_none() {
            shop.customers()
                .iter()
                .flat_map(|list| list.codes())
                .for_each(|customer| subjects.take(customer));
        }
        Ok(subjects)
    }

    /// Adds every customer with an order on these days, whether or not it is valid.
    fn take_whom_orders_name(&mut self, orders: &Orders, days: RangeInclusive<Day>) -> Result<()> {
        let named = orders.parts.each_answer(|part| {
            let customers = part.column(orders::CUSTOMER)?.u32()?;
            let days_of = part.column(orders::ORDERED_ON)?.to_physical_repr().i32()?.clone();
            let rows = customers.iter().zip(days_of.iter());
            let mut named: Vec<CustomerCode> = rows
                .filter_map(|(customer, day)| {
                    customer
                        .map(CustomerCode::new)
                        .filter(|_| day.is_some_and(|day| days.contains(&Day::new(day))))
                })
                .collect();
            named.dedup();
            Ok(named)
        })?;
        named.into_iter().flatten().for_each(|customer| self.take(customer));
        Ok(())
    }

    fn take(&mut self, customer: CustomerCode) {
        let place = customer.place();
        if self.is_in.len() <= place {
            self.is_in.resize(place + 1, false);
        }
        self.is_in[place] = true;
    }

    /// Whether a customer with a valid order in the period belongs to the portrait.
    pub fn takes_buyer(&self, customer: CustomerCode) -> bool {
        let is_in = || self.is_in.get(customer.place()).copied().unwrap_or(false);
        matches!(self.of, Of::All | Of::Converted) || is_in()
    }

    /// The customers of the portrait who have no valid order in the period.
    pub fn others(&self, buyers: &[Person]) -> Vec<Person> {
        let mut left = self.is_in.clone();
        for person in buyers {
            if let Some(is_in) = left.get_mut(person.customer.place()) {
                *is_in = false;
            }
        }
        let others = left.iter().zip((0..).map(CustomerCode::new)).filter(|(is_in, _)| **is_in);
        others
            .map(|(_, customer)| Person { customer, bought: Bought::default(), ordered: Ordered::NOTHING })
            .collect()
    }
}

//! The moments at which customers bought, for metrics of what they did before and after.

use std::ops::Range;

use rayon::prelude::*;

use super::histories::{Excluded, Folded, fold};
use super::scope::Scope;
use crate::error::Result;
use crate::schema::day::{END_OF_DAY, MISSING};
use crate::schema::{CustomerCode, Day, EventKind, Events, Orders};

/// Number of events that one core processes at a time.
pub(super) const EVENTS_AT_ONCE: usize = 1 << 16;

/// A day, and the second of that day.
pub type Moment = (Day, i32);

/// The moments of purchases, sorted by customer and time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purchases(Vec<(CustomerCode, Moment)>);

impl Purchases {
    /// The moments of all valid orders up to as-of, and the rows of orders that were left out.
    pub fn of_orders(orders: &Orders, scope: &Scope) -> Result<(Self, Excluded)> {
        let scope = scope.all_time();
        let folded: Folded<Vec<(CustomerCode, Moment)>> =
            fold(orders, &scope, true, |found: &mut Vec<(CustomerCode, Moment)>, columns, history| {
                if let Some(customer) = history.customer {
                    let second = |row| columns.second(row).unwrap_or(END_OF_DAY);
                    found.extend(history.orders().map(|order| (customer, (order.day, second(order.row)))));
                }
                None
            })?;
        Ok((Self::new(folded.parts.concat()), folded.excluded))
    }

    /// The moments of all purchase events up to as-of.
    pub fn of_events(events: &Events, as_of: Day) -> Self {
        let columns = events.columns();
        let second =
            |row| Some(columns.second(row)).filter(|second| *second != MISSING).unwrap_or(END_OF_DAY);
        let of_rows = |rows: Range<usize>| -> Vec<(CustomerCode, Moment)> {
            let bought = rows.filter(|row| columns.kind(*row) == EventKind::Purchase);
            let at = bought.map(|row| (row, Day::new(columns.days()[row]))).filter(|(_, day)| *day <= as_of);
            at.map(|(row, day)| (CustomerCode::new(columns.customers()[row]), (day, second(row)))).collect()
        };
        let parts: Vec<_> = events.parts(EVENTS_AT_ONCE).into_par_iter().map(of_rows).collect();
        Self::new(parts.concat())
    }

    fn new(mut moments: Vec<(CustomerCode, Moment)>) -> Self {
        moments.sort_unstable();
        Self(moments)
    }

    /// The number of purchases on these days.
    pub fn count_within(&self, days: &std::ops::RangeInclusive<Day>) -> u64 {
        self.0.iter().filter(|(_, (day, _))| days.contains(day)).count() as u64
    }

    /// The purchases of a customer, in order of time.
    pub fn of(&self, customer: CustomerCode) -> &[(CustomerCode, Moment)] {
        let start = self.0.partition_point(|(other, _)| *other < customer);
        let count = self.0[start..].partition_point(|(other, _)| *other == customer);
        &self.0[start..start + count]
    }

    /// The purchases of each customer who bought.
    pub fn by_customer(&self) -> impl Iterator<Item = &[(CustomerCode, Moment)]> {
        self.0.chunk_by(|a, b| a.0 == b.0)
    }

    /// For looking up the purchases of customers in ascending order of their codes, of which none may be below `first`.
    pub fn walk(&self, first: CustomerCode) -> Walk<'_> {
        Walk(&self.0[self.0.partition_point(|(customer, _)| *customer < first)..])
    }
}

/// The first of one customer's purchases (`own`, in order of time) at `moment` or later.
pub fn first_from(own: &[(CustomerCode, Moment)], moment: Moment) -> Option<Moment> {
    own.get(own.partition_point(|(_, at)| *at < moment)).map(|(_, at)| *at)
}

/// The purchases of the customers who were not yet looked up.
pub struct Walk<'a>(&'a [(CustomerCode, Moment)]);

impl<'a> Walk<'a> {
    /// The purchases of a customer, in order of time. The code must be above that of the customer looked up before.
    pub fn next(&mut self, customer: CustomerCode) -> &'a [(CustomerCode, Moment)] {
        let before = self.0.iter().take_while(|(other, _)| *other < customer).count();
        let rest = &self.0[before..];
        let (own, rest) = rest.split_at(rest.iter().take_while(|(other, _)| *other == customer).count());
        self.0 = rest;
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Customer 1 bought on day 10 at noon, and on day 12 at an unknown time; customer 3 bought on day 11.
    #[test]
    fn purchases_are_looked_up_by_customer_and_moment() {
        let at = |day, second| (Day::new(day), second);
        let days = |first, last| Day::new(first)..=Day::new(last);
        let [one, two, three] = [1, 2, 3].map(CustomerCode::new);
        let bought =
            Purchases::new(vec![(three, at(11, 0)), (one, at(12, END_OF_DAY)), (one, at(10, 43_200))]);
        assert_eq!(bought.of(one), [(one, at(10, 43_200)), (one, at(12, END_OF_DAY))]);
        // A purchase at the moment itself is found. A purchase without a time counts as made at the end of its day.
        assert_eq!(first_from(bought.of(one), at(10, 43_200)), Some(at(10, 43_200)));
        assert_eq!(first_from(bought.of(one), at(10, 43_201)), Some(at(12, END_OF_DAY)));
        assert_eq!(
            (first_from(bought.of(one), at(13, 0)), first_from(bought.of(two), at(0, 0))),
            (None, None)
        );
        assert_eq!(
            [days(10, 12), days(10, 11), days(13, 20)].map(|days| bought.count_within(&days)),
            [3, 2, 0]
        );
        assert_eq!(bought.by_customer().map(<[_]>::len).collect::<Vec<_>>(), [2, 1]);
    }
}

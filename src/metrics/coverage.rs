//! The days that the inputs tell of: a period before them was not empty, it is not known.

use super::scope::Amounts;
use crate::error::Result;
use crate::schema::{Day, Events, Orders, day};

/// The first day that a table tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// None for a table without rows.
    pub first_day: Option<Day>,
}

impl Coverage {
    /// Whether the table tells of a day and all after it.
    pub fn reaches(&self, day: Day) -> bool {
        self.first_day.is_some_and(|first| first <= day)
    }
}

/// What the orders cover: from the day of the first row on, whether it counts or not.
pub fn of_orders(orders: &Orders) -> Result<Coverage> {
    let firsts =
        orders.parts.each_answer(|part| Ok(day::known(Amounts::of(part)?.day()?.iter().copied()).min()))?;
    Ok(Coverage { first_day: firsts.into_iter().flatten().min() })
}

/// What the events cover: from the day of the first one on, of whatever kind.
pub fn of_events(events: &Events) -> Coverage {
    Coverage { first_day: events.first_day() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_covered_from_the_first_one_on() {
        let from = Coverage { first_day: Some(Day::new(100)) };
        assert_eq!([99, 100, 101].map(|day| from.reaches(Day::new(day))), [false, true, true]);
        assert!(!Coverage { first_day: None }.reaches(Day::AFTER_ALL));
    }
}

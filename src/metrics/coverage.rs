//! From which day on the inputs have data. An earlier period was not empty: nothing is known about it.

use super::scope::Amounts;
use crate::error::Result;
use crate::schema::{Day, Events, Orders, day};

/// From which day on a table has data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// The first day of any row; `None` if no row has a day.
    pub first_day: Option<Day>,
}

impl Coverage {
    /// Whether the table has data for `day` and all days after it.
    pub fn reaches(&self, day: Day) -> bool {
        self.first_day.is_some_and(|first| first <= day)
    }
}

/// The coverage of the orders. It begins on the day of the first row, whether that row counts or not.
pub fn of_orders(orders: &Orders) -> Result<Coverage> {
    let firsts =
        orders.parts.each_answer(|part| Ok(day::known(Amounts::of(part)?.day()?.iter().copied()).min()))?;
    Ok(Coverage { first_day: firsts.into_iter().flatten().min() })
}

/// The coverage of the events. It begins on the day of the first event, of whatever kind.
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

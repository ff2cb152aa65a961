//! Reads days and times from the texts of additional columns of orders.

use crate::parse::value::date::{self, DateReader, Day as Cell};
use crate::schema::{Day, day};

/// The day in a text of a column of dates, and the second of the day if a time is given; `None` if the text is not a
/// date.
pub fn moment(text: &str) -> Option<(Day, Option<i32>)> {
    // The texts begin with the year, so the order of day and month is certain.
    const ISO: DateReader = DateReader {
        order: date::DateOrder::Dmy,
        is_certain: true,
        zone: None,
        epoch_zone: chrono_tz::UTC,
        has_1904_dates: false,
        is_birthday: false,
    };
    match ISO.moment(text.as_bytes()) {
        (Cell::On(day), second) => {
            Some((Day::new(day), Some(second).filter(|second| *second != day::MISSING)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::on;

    #[test]
    fn a_moment_is_a_day_and_the_second_that_is_said() {
        let day = on("2026-06-10");
        assert_eq!(moment("2026-06-10"), Some((day, None)));
        assert_eq!(moment("2026-06-10 00:00:00"), Some((day, Some(0))));
        // 10 · 3600 + 61.
        assert_eq!(moment("2026-06-10 10:01:01"), Some((day, Some(36_061))));
        assert_eq!([moment(""), moment("soon")], [None; 2]);
    }
}

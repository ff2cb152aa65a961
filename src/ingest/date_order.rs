//! Day first or month first, decided per column from all its dates where the head could not tell.

use super::value::date::{DateOrder, DateReader, Day};
use crate::error::{Error, Result};

/// What one date says about the order of day and month in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Evidence {
    /// There is no date.
    #[default]
    None,
    /// The date begins with its year, or is a number.
    NotNeeded,
    /// It could be read either way.
    Either,
    /// It can only have the day first.
    DayFirst,
    /// It can only have the month first.
    MonthFirst,
}

impl Evidence {
    /// What a date that was read says.
    pub fn of(day: Day) -> Self {
        match day {
            Day::Null | Day::Bad => Self::None,
            Day::On(_) => Self::NotNeeded,
            Day::Either(_) => Self::Either,
            Day::Evident(_, DateOrder::Dmy) => Self::DayFirst,
            Day::Evident(_, DateOrder::Mdy) => Self::MonthFirst,
        }
    }
}

/// Dates of a column, counted by [`Evidence`].
pub type Counts = [u64; 5];

/// How a column of dates is to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// As it was read.
    Keep,
    /// With day and month swapped, which were read the other way round.
    Swap,
    /// As it was read, though no date tells: the note says so.
    Unsaid(String),
}

/// Decides which of day and month comes first in a column.
///
/// # Errors
/// When its dates contradict each other.
pub fn decide(name: &str, header: &str, reader: &DateReader, counts: &Counts) -> Result<Decision> {
    let count = |kind: Evidence| counts[kind as usize];
    let (day_first, month_first) = (count(Evidence::DayFirst), count(Evidence::MonthFirst));
    let either = count(Evidence::Either);
    if reader.is_certain {
        return Ok(Decision::Keep);
    }
    let is_wrong = match reader.order {
        DateOrder::Dmy => month_first > 0,
        DateOrder::Mdy => day_first > 0,
    };
    if (day_first > 0 && month_first > 0) || (is_wrong && either > 0 && count(Evidence::NotNeeded) > 0) {
        return Err(Error::input(
            name,
            format!(
                "column {header:?} mixes {day_first} dates that have the day first with {month_first} that have the month first"
            ),
            "say which is right with --date-order dmy or --date-order mdy; the others are then quarantined",
        ));
    }
    if is_wrong && either > 0 {
        return Ok(Decision::Swap);
    }
    if either > 0 && day_first == 0 && month_first == 0 {
        return Ok(Decision::Unsaid(format!(
            "{name}: no date of column {header:?} tells whether the day or the month comes first; read with the day first (--date-order mdy for the other)"
        )));
    }
    Ok(Decision::Keep)
}

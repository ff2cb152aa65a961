//! Whether dates have the day or the month first: decided per column from all its dates where the head of the file does
//! not decide it.

use chrono::Datelike;

use crate::error::{Error, Result};
use crate::locale::Remark;
use crate::parse::value::date::{DateOrder, DateReader, Day};
use crate::schema::day;

/// What one date says about the order of day and month in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Evidence {
    /// There is no date.
    #[default]
    None,
    /// The date begins with its year, or is a number: the order does not matter.
    NotNeeded,
    /// Both day and month are at most 12: it could be read either way.
    Either,
    /// It can only have the day first.
    DayFirst,
    /// It can only have the month first.
    MonthFirst,
}

impl Evidence {
    /// What a date says about the order, from how it was read.
    pub fn of(day: Day) -> Self {
        match day {
            Day::Null | Day::Placeholder | Day::Impossible | Day::Bad => Self::None,
            Day::On(_) => Self::NotNeeded,
            Day::Either(_) => Self::Either,
            Day::Evident(_, DateOrder::Dmy) => Self::DayFirst,
            Day::Evident(_, DateOrder::Mdy) => Self::MonthFirst,
        }
    }
}

/// Dates of a column, counted by [`Evidence`].
pub type Counts = [u64; 5];

/// How a column of dates was read, and on what evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateColumn {
    /// The file.
    pub file: String,
    /// The column's header.
    pub header: String,
    /// `dmy`, `mdy`, or `year_first` where that never mattered.
    pub order: &'static str,
    /// Its dates, counted by [`Evidence`].
    pub counts: Counts,
}

/// How a column of dates is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The order, and the evidence for it.
    pub column: DateColumn,
    /// Whether day and month were read the wrong way round and must be swapped.
    pub is_swapped: bool,
    /// A warning for a column none of whose dates decides the order.
    pub note: Option<Remark>,
}

/// Decides whether day or month comes first in a column with these days, which may include
/// [`MISSING`](crate::schema::day::MISSING).
///
/// # Errors
/// When its dates contradict each other.
pub fn decide(
    name: &str,
    header: &str,
    reader: &DateReader,
    counts: &Counts,
    days: &mut dyn Iterator<Item = i32>,
) -> Result<Decision> {
    let count = |kind: Evidence| counts[kind as usize];
    let (day_first, month_first) = (count(Evidence::DayFirst), count(Evidence::MonthFirst));
    let either = count(Evidence::Either);
    let is_wrong = !reader.is_certain
        && match reader.order {
            DateOrder::Dmy => month_first > 0,
            DateOrder::Mdy => day_first > 0,
        };
    let is_mixed = day_first > 0 && month_first > 0;
    if !reader.is_certain && (is_mixed || (is_wrong && either > 0 && count(Evidence::NotNeeded) > 0)) {
        let values = [
            ("header", format!("{header:?}")),
            ("day_first", day_first.to_string()),
            ("month_first", month_first.to_string()),
            ("count", (either + day_first + month_first).to_string()),
        ];
        let key = if is_mixed { "day_orders_mixed" } else { "day_orders_and_years" };
        return Err(Error::input_of(name, key, &values));
    }
    let mixed = mixed(counts, days).map(|remark| remark.with("file", name).with("header", header));
    let is_unsaid = !reader.is_certain && either > 0 && day_first == 0 && month_first == 0;
    let note = is_unsaid.then(|| Remark::new("dates_unsaid").with("file", name).with("header", header));
    let order = match (either + day_first + month_first, reader.order, is_wrong) {
        (0, ..) => "year_first",
        (_, DateOrder::Dmy, false) | (_, DateOrder::Mdy, true) => "dmy",
        (_, DateOrder::Mdy, false) | (_, DateOrder::Dmy, true) => "mdy",
    };
    let column = DateColumn { file: name.to_owned(), header: header.to_owned(), order, counts: *counts };
    Ok(Decision { column, is_swapped: is_wrong && either > 0, note: note.or(mixed) })
}

/// Warns of a column in which dates that begin with the year, or that a spreadsheet keeps as dates, stand beside
/// others. A spreadsheet set to a country that writes the month first takes 03/02/2026 for 2 March and leaves
/// 25/02/2026 as text. So the days it converted are never past the 12th, and those it left as text always are.
fn mixed(counts: &Counts, days: &mut dyn Iterator<Item = i32>) -> Option<Remark> {
    let count = |kind: Evidence| counts[kind as usize];
    let (year_first, either) = (count(Evidence::NotNeeded), count(Evidence::Either));
    let evident = count(Evidence::DayFirst) + count(Evidence::MonthFirst);
    if year_first == 0 || evident + either == 0 {
        return None;
    }
    let is_past_12th = |day: &i32| day::date_of(*day).is_some_and(|date| date.day() > 12);
    // All dates that can be read in one way only have a day past the 12th.
    let year_first_past_12th = (days.filter(is_past_12th).count() as u64).saturating_sub(evident);
    let is_turned = either == 0 && year_first_past_12th == 0;
    let code = if is_turned { "half_turned_dates" } else { "mixed_dates" };
    Some(Remark::new(code).with("n", year_first).with("others", evident + either))
}

//! Day first or month first, decided per column from all its dates where the head could not tell.

use rayon::prelude::*;

use super::block::Block;
use super::layout::Layout;
use super::row::Evidence;
use super::value::date::{self, DateOrder};
use crate::error::{Error, Result};
use crate::schema::Field;

/// Decides for each date column of a file which of day and month comes first. Returns a note for
/// a column whose dates never tell.
pub fn decide(name: &str, layout: &Layout, blocks: &mut [Block]) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    for (i, field) in [Field::CreatedAt, Field::PaidAt].into_iter().enumerate() {
        let Some(reader) = layout.dates.get(&field).filter(|reader| !reader.is_certain) else { continue };
        let header = layout.column(field).map_or("", |column| layout.headers[column].as_str());
        let count =
            |kind: Evidence| -> u64 { blocks.iter().map(|block| block.evidence[i][kind as usize]).sum() };
        let (day_first, month_first) = (count(Evidence::DayFirst), count(Evidence::MonthFirst));
        let either = count(Evidence::Either);
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
            blocks.par_iter_mut().for_each(|block| {
                for group in &mut block.rows {
                    let column =
                        if i == 0 { &mut group.columns.created_on } else { &mut group.columns.paid_on };
                    for day in column.iter_mut().filter(|day| **day != date::MISSING) {
                        *day = date::swap_day_and_month(*day);
                    }
                }
            });
        } else if either > 0 && day_first == 0 && month_first == 0 {
            notes.push(format!(
                "{name}: no date of column {header:?} tells whether the day or the month comes first; read with the day first (--date-order mdy for the other)"
            ));
        }
    }
    Ok(notes)
}

//! Order exports: records parsed straight into typed columns.

mod accounts;
mod aliases;
mod block;
mod further_values;
mod identity;
mod late;
mod read_block;
pub(crate) mod refund_ids;
mod repeated;
pub(crate) mod row;
mod same_order;
mod stand_ins;
pub mod survey;
pub(crate) mod texts;
mod traits;

use rayon::prelude::*;

pub use accounts::{Accounts, MAX_ACCOUNTS, Mails, Phones};
pub use aliases::Aliases;
pub(crate) use aliases::spellings;
pub use block::Readers;
pub use block::{Block, Edges, SettledCounts};
pub use identity::{Identity, day};
pub use late::Late;
pub use read_block::{Scratch, read as read_block};
pub use repeated::repeated_purchases;
pub use row::{
    CellReader, ItemReader, PlaceReader, Places, StatusWords, UnknownWord, has_further, is_further_column,
    product_of, words_of,
};
pub use stand_ins::StandIns;
pub use survey::{LostRow, Survey};
pub use traits::FileTraits;

use crate::error::Result;
use crate::parse::date_order::{self, Decision};
use crate::parse::layout::Layout;
use crate::parse::options::ReadOptions;
use crate::parse::value::date::{self, DateReader};
use crate::parse::value::money::DecimalMark;
use crate::rows::partition;
use crate::schema::{Field, day};
use row::{ExtraReader, FurtherReader, RowReader, TimeReader};
use survey::SurveyReader;

/// A file of orders.
#[derive(Debug)]
pub struct OrderFile {
    /// The name the user gave.
    pub name: String,
    /// What was recognised of it.
    pub layout: Layout,
    /// Reads its records.
    pub readers: Readers,
    /// Reads dates of columns for which the layout has no reader.
    dates: DateReader,
    /// The decimal mark, if the user gave it.
    decimal: Option<DecimalMark>,
}

impl OrderFile {
    /// Resolves a layout.
    pub fn new(name: String, layout: Layout, options: &ReadOptions) -> Self {
        let readers = Readers {
            row: RowReader::new(&layout, options),
            place: PlaceReader::new(&layout).filter(|_| options.wants.regions),
            time: options.wants.has_times().then(|| TimeReader::new(&layout)),
            extra: ExtraReader::new(&layout, &options.wants),
            further: FurtherReader::new(&layout, &options.wants),
            phones: Phones::new(&layout).filter(|_| options.wants_phones()),
            mails: Mails::new(&layout).filter(|_| options.wants_mails()),
            survey: options.wants.survey.then(|| SurveyReader::new(&layout)),
            keeps_texts: options.wants.texts,
            joins_rows: !options.wants.survey && !options.wants.texts,
        };
        let dates = DateReader {
            order: options.date_order.or(layout.preset.date_order).unwrap_or_default(),
            is_certain: options.date_order.is_some(),
            zone: options.zone,
            epoch_zone: layout.preset.zone.unwrap_or(chrono_tz::UTC),
            has_1904_dates: options.has_1904_dates.unwrap_or(false),
            is_birthday: false,
        };
        Self { name, layout, readers, dates, decimal: options.decimal }
    }

    /// Decides whether day or month comes first in each date column of its blocks.
    ///
    /// # Errors
    /// When dates of one column contradict each other.
    pub fn decide_dates(&self, blocks: &mut [Block]) -> Result<Vec<Decision>> {
        let mut decided = Vec::new();
        for (i, field) in [Field::CreatedAt, Field::PaidAt].into_iter().enumerate() {
            let Some(reader) = self.layout.dates.get(&field) else { continue };
            let header = self.layout.column(field).map_or("", |column| self.layout.headers[column].as_str());
            let mut counts = [0; 5];
            for block in blocks.iter() {
                counts.iter_mut().zip(block.evidence[i]).for_each(|(sum, count)| *sum += count);
            }
            let groups = blocks.iter().flat_map(|block| &block.rows);
            let mut days = groups.flat_map(|group| days_of(&group.columns, i).iter().copied());
            let decision = date_order::decide(&self.name, header, reader, &counts, &mut days)?;
            if decision.is_swapped {
                blocks.par_iter_mut().for_each(|block| swap(block, i));
            }
            decided.push(decision);
        }
        Ok(decided)
    }
}

/// The days of creation (0) or payment (1).
fn days_of(columns: &partition::Columns, column: usize) -> &[i32] {
    if column == 0 { &columns.created_on } else { &columns.paid_on }
}

/// Swaps day and month in a block's days of creation (0) or payment (1).
fn swap(block: &mut Block, column: usize) {
    for group in &mut block.rows {
        let days = if column == 0 { &mut group.columns.created_on } else { &mut group.columns.paid_on };
        for day in days.iter_mut().filter(|day| **day != day::MISSING) {
            *day = date::swap_day_and_month(*day);
        }
    }
}

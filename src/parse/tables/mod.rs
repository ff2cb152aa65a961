//! Reads the tables beside the orders (items, customers, events, sends, aliases), as far as a question needs them.

mod batches;
pub(crate) mod cells;
mod details;
mod grouped;
pub(crate) mod items;
mod lane;
mod record;
mod rows;
mod texts;

use std::collections::HashMap;
use std::mem::take;

use crate::parse::currencies::CurrencyReader;
use crate::parse::encoding::CellEncoding;
use crate::parse::identity::IdentityMode;
use crate::parse::layout::Layout;
use crate::parse::options::{IdKind, ReadOptions};
use crate::parse::orders::{Mails, Phones, StatusWords, words_of};
use crate::parse::records::{Batch, Dialect, Record, for_each_batch, for_each_record};
use crate::parse::sections::Piece;
use crate::parse::shape::{Refusal, Shape, customer_columns};
use crate::parse::value::date::DateReader;
use crate::rows::dictionary::Dictionary;
use crate::schema::accounting::Rule;
use crate::schema::reject::BlockReject;
use crate::schema::table::{self, Cells, day_fields};
use crate::schema::{EventKind, Field, Table, squash};

pub use cells::{note_unreadable, rating};
use details::DetailReader;
pub use details::{ATTRIBUTE, Details};
pub use lane::Lane;
use lane::PlainColumns;
use record::Outcome;
pub use rows::TableRows;
pub use texts::{PlainTexts, Texts};

/// Reads the records of one file.
#[derive(Debug)]
pub struct TableReader {
    table: Table,
    shape: Shape,
    order: Option<usize>,
    customer: Vec<(usize, IdKind)>,
    alias: Option<usize>,
    dates: Vec<(Field, usize, DateReader)>,
    kind: Option<usize>,
    kinds: HashMap<String, EventKind>,
    phones: Option<Phones>,
    mails: Option<Mails>,
    details: Option<DetailReader>,
    /// Reads the currency of items.
    currency: Option<CurrencyReader>,
    /// The column of an item's status, and the meanings of its words.
    status: Option<(usize, StatusWords)>,
    /// The column of a review's stars.
    rating: Option<usize>,
    keeps_texts: bool,
    /// Whether the texts of customer ids are wanted, since their contacts are.
    keeps_ids: bool,
    /// The field without whose day a row is refused, by which repeated headers are recognised too.
    moment: Option<Field>,
    /// The columns of the fast lane, if the file allows it.
    plain: Option<PlainColumns>,
    /// Whether the rows of each block are partitioned by customer.
    is_grouped: bool,
    /// Whether of events other than interests and purchases only day and customer are wanted.
    passes_over: bool,
    encoding: CellEncoding,
}

impl TableReader {
    /// Resolves a layout.
    pub fn new(layout: &Layout, options: &ReadOptions) -> Self {
        let table = layout.preset.table;
        let dates: Vec<_> = day_fields()
            .filter_map(|field| Some((field, layout.column(field)?, layout.dates.get(&field).copied()?)))
            .collect();
        let details = options.wants.details.then(|| DetailReader::new(layout, options));
        let of_moments = table.declaration().rows == table::Rows::OfMoments;
        let plain = details.as_ref().filter(|_| of_moments && dates.len() == 1);
        let plain = plain.and_then(|details| PlainColumns::new(layout, options, details));
        // Decisions about customer ids need the ids of all events.
        let identity = &options.identity;
        let looks_at_ids = identity.mode != IdentityMode::Off || !identity.decisions.is_empty();
        let is_kept_whole = options.wants.texts || options.wants.survey;
        let holds_stars =
            |field| table.declaration().column(field).is_some_and(|column| column.holds == Cells::Rating);
        Self {
            table,
            shape: Shape::new(layout),
            // In other tables an order id is kept as a text, if the table has it.
            order: layout.column(Field::OrderId).filter(|_| table.holds_items()),
            customer: customer_columns(layout, options.customer_key),
            alias: layout.column(Field::Alias),
            dates,
            kind: layout.column(Field::Kind),
            kinds: layout.preset.kind_words().map(|(word, kind)| (squash(word), kind)).collect(),
            phones: Phones::new(layout).filter(|_| options.wants_phones()),
            mails: Mails::new(layout).filter(|_| options.wants_mails()),
            is_grouped: of_moments && details.is_some() && !is_kept_whole,
            passes_over: options.wants.interests_alone && !is_kept_whole && !looks_at_ids,
            details,
            plain,
            encoding: layout.encoding,
            currency: table.holds_items().then(|| CurrencyReader::new(layout, item_amount(layout), options)),
            status: layout
                .column(Field::Status)
                .filter(|_| table.holds_items())
                .map(|column| (column, StatusWords::new(&words_of(layout, options)))),
            rating: layout.column(Field::Rating).filter(|_| holds_stars(Field::Rating)),
            keeps_texts: options.wants.texts,
            keeps_ids: options.wants_phones() || options.wants_mails(),
            moment: table.declaration().moment(),
        }
    }

    /// Reads all records of a block, given in pieces in their order.
    pub fn read(&self, pieces: &[Piece<'_>], dialect: Dialect, lane: &mut Lane) -> TableRows {
        let mut rows = TableRows::default();
        rows.details.places = Dictionary::of_next_block(take(&mut lane.met_places));
        rows.details.items.products = Dictionary::of_next_block(take(&mut lane.met_products));
        for piece in pieces {
            if piece.is_foreign {
                for_each_record(&piece.bytes, dialect, |record| {
                    self.refuse(record, self.shape.foreign(record), &mut rows);
                    rows.record_count += 1;
                });
                continue;
            }
            let width = if self.plain.is_some() { self.shape.width } else { usize::MAX };
            for_each_batch(&piece.bytes, dialect, width, |batch| match (batch, &self.plain) {
                (Batch::Rows(batch), Some(plain)) => self.read_batch(&batch, plain, lane, &mut rows),
                (Batch::Rows(batch), None) => {
                    (0..batch.len()).for_each(|row| self.read_record(&batch.record(row), &mut rows));
                }
                (Batch::Record(record), _) => self.read_record(&record, &mut rows),
            });
        }
        lane.words.finish(&mut rows);
        lane.met_places = rows.details.places.finish();
        lane.met_products = rows.details.items.products.finish();
        rows.passed_over_customers.iter_mut().for_each(Vec::shrink_to_fit);
        if self.is_grouped {
            rows.group(self.table.declaration());
        }
        rows
    }

    fn read_record(&self, record: &Record<'_>, rows: &mut TableRows) {
        match self.read_row(record, rows) {
            Ok(()) => {}
            Err(Outcome::Excluded(rule)) => rows.excluded.add(rule, 1),
            Err(Outcome::Refused(refusal)) => self.refuse(record, refusal, rows),
        }
        rows.record_count += 1;
    }

    fn refuse(&self, record: &Record<'_>, refusal: Refusal<'_>, rows: &mut TableRows) {
        match self.shape.settled(record, refusal) {
            Refusal::Blank => rows.excluded.add(Rule::BlankRow, 1),
            Refusal::Header => {
                rows.excluded.add(Rule::RepeatedHeader, 1);
                rows.headers.push(self.shape.header(record, rows.record_count));
            }
            Refusal::Total => rows.excluded.add(Rule::TotalRow, 1),
            Refusal::Remark => rows.excluded.add(Rule::RemarkRow, 1),
            Refusal::NoSale => rows.excluded.add(Rule::NoSale, 1),
            Refusal::OtherCurrency => {
                rows.excluded.add(Rule::OtherCurrency, 1);
                let names = self.currency.iter().flat_map(|currency| currency.named(record, &self.shape));
                rows.currencies.of_others.extend(names);
            }
            Refusal::Broken(reason, column, seen) => rows.rejects.push(BlockReject {
                index: rows.record_count,
                reason,
                column,
                seen: String::from_utf8_lossy(&seen).into_owned(),
                raw: self.shape.raw(record),
            }),
        }
    }
}

/// The column of an item's amount, beside or in whose header its currency may be named.
fn item_amount(layout: &Layout) -> Option<usize> {
    let summed = layout.sums.get(&Field::Amount).and_then(|(plus, _)| plus.first().copied());
    layout.column(Field::Amount).or(layout.column(Field::UnitPrice)).or(summed)
}

#[cfg(test)]
mod tests;

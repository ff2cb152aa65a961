//! What analyses beyond who, when and how much want of a row: the time of day, the recipient, what it would have cost
//! without discounts, its costs, its source and its item.

use std::cmp::Ordering;

use super::item::{Cells, ItemReader};
use xxhash_rust::xxh3::xxh3_64;

use crate::ingest::cell_notes::CellNotes;
use crate::ingest::dictionary::{Dictionary, UNKNOWN};
use crate::ingest::layout::Layout;
use crate::ingest::records::Record;
use crate::ingest::value::date::{self, DateReader, Day};
use crate::ingest::value::id::{self, Id};
use crate::schema::items::{Line, NO_LINES, Product};
use crate::schema::money::MISSING;
use crate::schema::{Field, Status};

/// The values of one row, and later those of an order.
#[derive(Debug, Clone, Copy)]
pub struct Extra {
    /// Second of the day of payment, else of creation; [`date::MISSING`] where no time is given.
    pub second: i32,
    /// Number of the source among the block's, [`UNKNOWN`] where there is none.
    pub source: u32,
    /// Hash of the recipient's name; 0 where it is masked or not said.
    pub recipient: u64,
    /// The order's total before discounts, in micro-units, or [`MISSING`].
    pub gross: i64,
    /// What was taken off, in micro-units, or [`MISSING`].
    pub discount: i64,
    /// What the goods cost the shop, in micro-units, or [`MISSING`].
    pub cost: i64,
    /// Where the order's lines begin, [`NO_LINES`] where it has none.
    pub lines: u64,
}

/// What nothing is known of.
pub const NO_EXTRA: Extra = Extra {
    second: date::MISSING,
    source: UNKNOWN,
    recipient: 0,
    gross: MISSING,
    discount: MISSING,
    cost: MISSING,
    lines: NO_LINES,
};

impl Extra {
    /// Adds those of another row of the same order, whose amounts are the order's own or the row's; `earlier` is which of
    /// the two is of the earlier day. Every choice is one that any order of the rows leads to.
    pub fn combine(&mut self, other: &Self, has_order_amount: bool, earlier: Ordering) {
        let least = |a: i32, b: i32| match (a, b) {
            (date::MISSING, other) | (other, date::MISSING) => other,
            (a, b) => a.min(b),
        };
        let sum = |a: i64, b: i64| match (a, b) {
            (MISSING, other) | (other, MISSING) if has_order_amount => other,
            // What is not known stays unknown with something added.
            (MISSING, _) | (_, MISSING) => MISSING,
            (a, b) if has_order_amount => a.max(b),
            (a, b) => a.saturating_add(b),
        };
        self.second = match earlier {
            Ordering::Less => self.second,
            Ordering::Greater => other.second,
            Ordering::Equal => least(self.second, other.second),
        };
        self.source = self.source.min(other.source);
        self.recipient = self.recipient.max(other.recipient);
        self.gross = sum(self.gross, other.gross);
        self.discount = sum(self.discount, other.discount);
        self.cost = sum(self.cost, other.cost);
    }

    /// What the order would have cost without discounts, in micro-units; [`MISSING`] where nothing says it.
    pub fn full_price(&self, paid: i64) -> i64 {
        match (self.gross, self.discount) {
            (MISSING, MISSING) => MISSING,
            (MISSING, discount) => paid.saturating_add(discount.saturating_abs()),
            (gross, _) => gross,
        }
    }
}

/// What a block's rows refer to by number.
#[derive(Debug, Default)]
pub struct Extras {
    /// Where orders came from.
    pub sources: Dictionary<String>,
    /// What was bought.
    pub products: Dictionary<Product>,
    /// The rows' items.
    pub lines: Vec<Line>,
}

/// Reads them from one file's records.
#[derive(Debug)]
pub struct ExtraReader {
    times: Vec<(usize, DateReader)>,
    recipient: Option<usize>,
    gross: Option<usize>,
    discount: Option<usize>,
    cost: Option<usize>,
    source: Option<usize>,
    item: Option<ItemReader>,
    cells: Cells,
}

impl ExtraReader {
    /// Resolves a layout; `has_items` is whether items are wanted.
    pub fn new(layout: &Layout, has_items: bool) -> Self {
        let column = |field| layout.column(field);
        let time = |field| column(field).zip(layout.dates.get(&field).copied());
        Self {
            times: [Field::PaidAt, Field::CreatedAt].into_iter().filter_map(time).collect(),
            recipient: column(Field::Recipient),
            gross: column(Field::Gross).filter(|_| !layout.preset.gross_is_after_discounts),
            discount: column(Field::Discount),
            cost: column(Field::Cost),
            source: column(Field::Source),
            item: ItemReader::new(layout).filter(|_| has_items),
            cells: Cells::new(layout),
        }
    }

    /// Whether rows say the order's total before discounts, or what was taken off it.
    pub fn has_full_price(&self) -> bool {
        self.gross.is_some() || self.discount.is_some()
    }

    /// Whether rows say what the goods cost.
    pub fn has_cost(&self) -> bool {
        self.cost.is_some()
    }

    /// Whether rows name the recipient.
    pub fn has_recipient(&self) -> bool {
        self.recipient.is_some()
    }

    /// Whether rows say what was bought.
    pub fn has_items(&self) -> bool {
        self.item.is_some()
    }

    /// Reads a record whose row has this status, and an amount of its own or the order's.
    pub fn read(
        &self,
        record: &Record<'_>,
        status: u8,
        has_order_amount: bool,
        extras: &mut Extras,
        notes: &mut CellNotes,
    ) -> Extra {
        let is_lost = Status::ALL.get(usize::from(status)).is_some_and(|status| !status.is_paid());
        let mut amount = |column: Option<usize>| match column {
            None => MISSING,
            // As its amount, which the order leaves out.
            Some(_) if is_lost && !has_order_amount => 0,
            Some(column) => self.cells.money(record, column, notes),
        };
        let source = self.source.and_then(|column| self.cells.text(record, column));
        let (gross, discount, cost) = (amount(self.gross), amount(self.discount), amount(self.cost));
        Extra {
            second: self.second(record),
            source: source.map_or(UNKNOWN, |text| {
                extras.sources.number(&text, || String::from_utf8_lossy(&text).into_owned())
            }),
            recipient: self.recipient.map_or(0, |column| self.recipient(record, column)),
            gross,
            discount,
            cost,
            lines: self.item.as_ref().map_or(NO_LINES, |item| {
                let start = item.lines(record, is_lost, &mut extras.products, &mut extras.lines, notes);
                start.map_or(NO_LINES, |start| start as u64)
            }),
        }
    }

    /// The time of the first date that is there: that of the day which counts.
    fn second(&self, record: &Record<'_>) -> i32 {
        let moments = self.times.iter().map(|(column, reader)| {
            let cell = self.cells.text(record, *column).unwrap_or_default();
            reader.moment(&cell)
        });
        moments
            .into_iter()
            .find(|(day, _)| !matches!(day, Day::Null | Day::Placeholder))
            .map_or(date::MISSING, |(_, second)| second)
    }

    fn recipient(&self, record: &Record<'_>, column: usize) -> u64 {
        let Some(cell) = self.cells.text(record, column) else { return 0 };
        match id::parse(&cell) {
            // 0 is nobody.
            Id::Text(name) => xxh3_64(name).max(1),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_full_price_is_the_total_or_what_was_paid_with_what_was_taken_off() {
        let extra = |gross, discount| Extra { gross, discount, ..NO_EXTRA };
        assert_eq!(extra(100, 30).full_price(70), 100);
        assert_eq!(extra(MISSING, 30).full_price(70), 100);
        // Some exports write discounts as negative amounts.
        assert_eq!(extra(MISSING, -30).full_price(70), 100);
        assert_eq!(extra(MISSING, MISSING).full_price(70), MISSING);
    }

    #[test]
    fn rows_of_an_order_combine_the_same_in_any_order() {
        let a = Extra { second: 50, source: 1, recipient: 9, discount: 10, cost: 3, ..NO_EXTRA };
        let b = Extra { second: date::MISSING, recipient: 4, gross: 100, discount: 5, ..NO_EXTRA };
        for has_order_amount in [true, false] {
            let (mut ab, mut ba) = (a, b);
            ab.combine(&b, has_order_amount, Ordering::Equal);
            ba.combine(&a, has_order_amount, Ordering::Equal);
            assert_eq!(format!("{ab:?}"), format!("{ba:?}"));
            assert_eq!(ab.discount, if has_order_amount { 10 } else { 15 });
            // Of rows with amounts of their own, what one does not say the order does not say.
            let known = if has_order_amount { (100, 3) } else { (MISSING, MISSING) };
            assert_eq!((ab.second, ab.source, (ab.gross, ab.cost)), (50, 1, known));
        }
        // The time is that of the earlier day.
        let (mut early, late) = (Extra { second: 80_000, ..NO_EXTRA }, Extra { second: 100, ..NO_EXTRA });
        early.combine(&late, true, Ordering::Less);
        assert_eq!(early.second, 80_000);
    }
}

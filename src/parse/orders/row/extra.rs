//! Values of a row that only some analyses want: the recipient, the price before discounts, costs, the source and the
//! item.

use xxhash_rust::xxh3::xxh3_64;

use crate::parse::cell_notes::CellNotes;
use crate::parse::layout::Layout;
use crate::parse::orders::row::item::{CellReader, ItemReader};
use crate::parse::records::Record;
use crate::parse::value::id::{self, Id};
use crate::rows::dictionary::UNKNOWN;
use crate::schema::items::NO_LINES;
use crate::schema::money::{MISSING, Micros};
use crate::schema::{Field, Status, Wants};

use crate::rows::{Extra, Extras};

/// Reads the extra values of the records of one file.
#[derive(Debug)]
pub struct ExtraReader {
    recipient: Option<usize>,
    gross: Option<usize>,
    discount: Option<usize>,
    cost: Option<usize>,
    source: Option<usize>,
    item: Option<ItemReader>,
    cells: CellReader,
}

impl ExtraReader {
    /// Resolves a layout; `None` if nothing is wanted that the layout has.
    pub fn new(layout: &Layout, wants: &Wants) -> Option<Self> {
        let column = |field| layout.column(field).filter(|_| wants.has_prices());
        let further = |field| layout.column(field).filter(|_| wants.has_extras());
        let reader = Self {
            recipient: further(Field::Recipient),
            gross: column(Field::Gross).filter(|_| !layout.preset.gross_is_after_discounts),
            discount: column(Field::Discount),
            cost: column(Field::Cost),
            source: further(Field::Source),
            item: ItemReader::new(layout).filter(|_| wants.items),
            cells: CellReader::new(layout),
        };
        let Self { recipient, gross, discount, cost, source, item, .. } = &reader;
        let says_any = [recipient, gross, discount, cost, source].into_iter().any(Option::is_some);
        (says_any || item.is_some()).then_some(reader)
    }

    /// Whether rows have the order's total before discounts, or the discount.
    pub fn has_full_price(&self) -> bool {
        self.gross.is_some() || self.discount.is_some()
    }

    /// Whether rows have the cost of the goods.
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

    /// Reads the extras of a record with this status, whose amount is its own or the order's.
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
            // An item that was not kept counts 0, as its amount does in the order's sum.
            Some(_) if is_lost && !has_order_amount => Micros::ZERO,
            Some(column) => self.cells.money(record, column, notes),
        };
        let source = self.source.and_then(|column| self.cells.text(record, column));
        let (gross, discount, cost) = (amount(self.gross), amount(self.discount), amount(self.cost));
        Extra {
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

    fn recipient(&self, record: &Record<'_>, column: usize) -> u64 {
        let Some(cell) = self.cells.text(record, column) else { return 0 };
        match id::parse(&cell) {
            // 0 stands for no recipient.
            Id::Text(name) => xxh3_64(name).max(1),
            _ => 0,
        }
    }
}

//! Reads the rows of a file of items beyond their order ids.

use crate::parse::cell_notes::CellNotes;
use crate::parse::encoding::CellEncoding;
use crate::parse::layout::Layout;
use crate::parse::orders::{CellReader, ItemReader, product_of};
use crate::parse::records::Record;
use crate::parse::value::id::{self, Id};
use crate::rows::ItemRows;
use crate::rows::dictionary::UNKNOWN;
use crate::schema::items::Line;
use crate::schema::money::{MISSING, Micros};
use crate::schema::{Field, Key};

/// Stands for the item of a row that names none.
const NOTHING: Line =
    Line { product: UNKNOWN, quantity: Micros::ZERO, amount: MISSING, is_lost: true, is_last: true };

/// Reads the items of a file that holds nothing but items.
#[derive(Debug)]
pub struct ItemsReader {
    item: ItemReader,
    line_id: Option<usize>,
    refund: Option<usize>,
    cost: Option<usize>,
    is_cost_of_piece: bool,
    is_net_of_refund: bool,
    cells: CellReader,
    encoding: CellEncoding,
}

impl ItemsReader {
    /// Resolves a layout; `None` where it names no items.
    pub fn new(layout: &Layout) -> Option<Self> {
        Some(Self {
            item: ItemReader::new(layout)?,
            line_id: layout.column(Field::LineId),
            refund: layout.column(Field::RefundAmount),
            cost: layout.column(Field::Cost),
            is_cost_of_piece: is_cost_of_piece(layout),
            is_net_of_refund: layout.preset.paid_is_net_of_refund,
            cells: CellReader::new(layout),
            encoding: layout.encoding,
        })
    }

    /// Adds the items of a record of this order; `is_lost` is whether the item's own status says that it was not kept.
    pub fn read(
        &self,
        record: &Record<'_>,
        order: Key,
        is_lost: bool,
        items: &mut ItemRows,
        notes: &mut CellNotes,
    ) {
        let start = items.lines.len();
        self.item.lines(record, is_lost, &mut items.products, &mut items.lines, notes);
        if items.lines.len() == start {
            // The row names no item, but it still is a row of its order.
            items.lines.push(NOTHING);
        }
        let end = items.lines.len();
        items.orders.resize(end, order);
        // If the row has several items, its refund and cost belong to the first.
        if let Some(column) = self.refund {
            let refund = given_back(self.cells.money(record, column, notes));
            let first = &mut items.lines[start];
            if self.is_net_of_refund && first.amount != MISSING {
                first.amount += refund;
            }
            items.refunds.push(refund);
            items.refunds.resize(end, Micros::ZERO);
        }
        if let Some(column) = self.cost {
            let cost = self.cells.money(record, column, notes);
            items.costs.push(cost_of(&items.lines[start], cost, self.is_cost_of_piece));
            items.costs.resize(end, Micros::ZERO);
        }
        if let Some(column) = self.line_id {
            let cell = self.encoding.decode(record.cell(column)).unwrap_or_default();
            items.ids.push(line_key(order, &cell));
            items.ids.resize(end, Key::NONE);
        }
    }
}

/// The key that tells an item from all others: its own id combined with the order's, since many exports number the
/// items of each order from 1. An id that a spreadsheet has rounded may belong to several items and gives no key.
pub(crate) fn line_key(order: Key, cell: &[u8]) -> Key {
    let key = |text: &[u8]| Key::of(&[order.to_bytes().as_slice(), text].concat());
    match id::parse(cell) {
        Id::Text(text) => key(text),
        Id::StandIn if id::is_zero(cell) => key(b"0"),
        _ => Key::NONE,
    }
}

/// The refunded amount of an item; some exports write it as a negative amount.
pub(crate) fn given_back(cell: Micros) -> Micros {
    cell.known().map_or(Micros::ZERO, Micros::abs)
}

/// The cost of an item, from a cell that holds the cost of the whole item or of one piece.
pub(crate) fn cost_of(line: &Line, cell: Micros, is_of_piece: bool) -> Micros {
    match is_of_piece && cell != MISSING && line.quantity != MISSING {
        true => product_of(line.quantity, cell),
        false => cell,
    }
}

/// Whether the cost column holds the cost of one piece, by its header: `unit_cost`, `cost_price`, `进价`.
pub(crate) fn is_cost_of_piece(layout: &Layout) -> bool {
    const WORDS: [&str; 4] = ["unit", "price", "each", "价"];
    let header = layout.column(Field::Cost).and_then(|column| layout.headers.get(column));
    header.is_some_and(|header| WORDS.iter().any(|word| header.to_lowercase().contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_items_are_those_within_their_orders() {
        let (one, two) = (Key::of(b"1"), Key::of(b"2"));
        assert_eq!(line_key(one, b"7"), line_key(one, b"7"));
        assert_ne!(line_key(one, b"7"), line_key(two, b"7"));
        assert!(line_key(one, b"0").is_usable());
        for cell in ["", "-", "1.23457E+15"] {
            assert_eq!(line_key(one, cell.as_bytes()), Key::NONE, "{cell}");
        }
    }

    #[test]
    fn costs_of_a_piece_are_taken_for_all_pieces() {
        let line = Line { quantity: Micros::units(3), ..NOTHING };
        let two = Micros::units(2);
        assert_eq!(cost_of(&line, two, true), Micros::units(6));
        assert_eq!(cost_of(&line, two, false), two);
        assert_eq!(cost_of(&Line { quantity: MISSING, ..line }, two, true), two);
        assert_eq!(cost_of(&line, MISSING, true), MISSING);
    }

    #[test]
    fn what_went_back_has_no_sign() {
        let five = Micros::new(5);
        assert_eq!([-five, five, MISSING].map(given_back), [five, five, Micros::ZERO]);
    }
}

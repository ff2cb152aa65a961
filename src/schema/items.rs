//! The canonical items table: which products each order contains.

use super::money::{MISSING, Micros};

/// A product as the exports name it. A text is empty if they do not give it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Product {
    /// The product's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its category.
    pub category: String,
}

/// An item of an order: one row of an export. Items are rows, not columns of a frame: those of an order are looked up
/// wherever they are, and with a column for each value `products` takes 5 % longer over six million rows of items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The product's number in [`Items::products`].
    pub product: u32,
    /// The quantity, possibly with decimals for goods sold by weight; [`MISSING`] if the export does not give it.
    pub quantity: Micros,
    /// The amount paid for the item; [`MISSING`] if the export does not give it.
    pub amount: Micros,
    /// Whether this item alone was cancelled or refunded.
    pub is_lost: bool,
    /// Whether it is the last item of its order.
    pub is_last: bool,
}

impl Line {
    /// Whether the customer bought and kept something with this item. That is not so if it was refunded, is a credit,
    /// or was a gift at a price of 0.
    pub fn is_kept(&self) -> bool {
        let is_some = |value: Micros| value.is_positive() || value == MISSING;
        !self.is_lost && is_some(self.quantity) && is_some(self.amount)
    }
}

/// The place of an order without any items.
pub const NO_LINES: u64 = u64::MAX;

/// The items of all orders.
#[derive(Debug, Clone, Default)]
pub struct Items {
    /// The products by number. They are identified by id, or else by title, or else by category.
    pub products: Vec<Product>,
    /// The items in parts. All items of an order are in one part, one after the other.
    parts: Vec<Vec<Line>>,
}

impl Items {
    /// Builds them from products, and items in parts.
    pub fn new(products: Vec<Product>, parts: Vec<Vec<Line>>) -> Self {
        Self { products, parts }
    }

    /// Whether no order has any items.
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(Vec::is_empty)
    }

    /// The place of the items that begin at index `start` of a part: the part in the upper 32 bits, the index in the
    /// lower.
    pub fn place(part: usize, start: u32) -> u64 {
        (part as u64) << 32 | u64::from(start)
    }

    /// The index in its part at which the items of a place begin.
    pub fn start(place: u64) -> u64 {
        place & u64::from(u32::MAX)
    }

    /// The items of the order at this place; empty for [`NO_LINES`].
    pub fn lines(&self, place: u64) -> &[Line] {
        let (part, start) = ((place >> 32) as usize, Self::start(place) as usize);
        let Some(lines) = self.parts.get(part).and_then(|lines| lines.get(start..)) else { return &[] };
        let last = lines.iter().position(|line| line.is_last).unwrap_or(lines.len().saturating_sub(1));
        &lines[..(last + 1).min(lines.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_has_the_lines_up_to_its_last() {
        let line = |product, is_last| Line {
            product,
            quantity: Micros::new(1),
            amount: Micros::new(1),
            is_lost: false,
            is_last,
        };
        let items =
            Items::new(Vec::new(), vec![Vec::new(), vec![line(7, true), line(8, false), line(9, true)]]);
        let products = |place| items.lines(place).iter().map(|line| line.product).collect::<Vec<_>>();
        assert_eq!(products(Items::place(1, 0)), [7]);
        assert_eq!(products(Items::place(1, 1)), [8, 9]);
        assert!(products(NO_LINES).is_empty());
    }
}

//! The canonical items table: what each order holds.

use super::money::{MISSING, Micros};

/// A product as the exports name it; an empty text where they do not say.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Product {
    /// The product's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its category.
    pub category: String,
}

/// One row of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Number among [`Items::products`].
    pub product: u32,
    /// How many, some goods going by weight; [`MISSING`] where the export does not say.
    pub quantity: Micros,
    /// What was paid for it; [`MISSING`] where the export does not say.
    pub amount: Micros,
    /// Whether the row itself was cancelled or given back.
    pub is_lost: bool,
    /// Whether it is the last of its order.
    pub is_last: bool,
}

impl Line {
    /// Whether the customer has bought and kept something with it: neither given back, nor a credit, nor a gift at no
    /// price.
    pub fn is_kept(&self) -> bool {
        let is_some = |value: Micros| value.is_positive() || value == MISSING;
        !self.is_lost && is_some(self.quantity) && is_some(self.amount)
    }
}

/// Place of an order's lines where it has none.
pub const NO_LINES: u64 = u64::MAX;

/// The items of all orders.
#[derive(Debug, Clone, Default)]
pub struct Items {
    /// The products by number: by id, else title, else category.
    pub products: Vec<Product>,
    /// The lines in parts, those of an order one after the other.
    parts: Vec<Vec<Line>>,
}

impl Items {
    /// From products and lines in parts.
    pub fn new(products: Vec<Product>, parts: Vec<Vec<Line>>) -> Self {
        Self { products, parts }
    }

    /// Whether nothing is known of any order.
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(Vec::is_empty)
    }

    /// The place of the lines that begin at `start` of a part.
    pub fn place(part: usize, start: u32) -> u64 {
        (part as u64) << 32 | u64::from(start)
    }

    /// Where in its part the lines of a place begin.
    pub fn start(place: u64) -> u64 {
        place & u64::from(u32::MAX)
    }

    /// The lines of the order at this place.
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

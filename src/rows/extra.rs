//! Columns of a row that only some analyses need, besides customer, day and amount.

use std::sync::Arc;

use crate::rows::dictionary::{Dictionary, UNKNOWN};
use crate::schema::items::{Line, NO_LINES, Product};
use crate::schema::money::{MISSING, Micros};
use crate::schema::parts::Further;

/// These values of one row, and after merging of one order.
#[derive(Debug, Clone, Copy)]
pub struct Extra {
    /// Number of the source in the block's dictionary, [`UNKNOWN`] if there is none.
    pub source: u32,
    /// Hash of the recipient's name; 0 if the name is masked or missing.
    pub recipient: u64,
    /// The order's total before discounts, or [`MISSING`].
    pub gross: Micros,
    /// The discount, or [`MISSING`].
    pub discount: Micros,
    /// What the goods cost the shop, or [`MISSING`].
    pub cost: Micros,
    /// Index of the order's first line, [`NO_LINES`] if it has none.
    pub lines: u64,
}

/// The values of a row of which nothing is known.
pub const NO_EXTRA: Extra = Extra {
    source: UNKNOWN,
    recipient: 0,
    gross: MISSING,
    discount: MISSING,
    cost: MISSING,
    lines: NO_LINES,
};

impl Extra {
    /// Combines the values of two rows of one order. `has_order_amount` tells whether every row has the amounts of the
    /// whole order (the greatest is kept) or only its own (they are added). The result does not depend on the order of
    /// the rows. Returns false if a sum overflows.
    pub fn combine(&mut self, other: &Self, has_order_amount: bool) -> bool {
        let mut are_held = true;
        let mut sum = |a: Micros, b: Micros| match (a, b) {
            (MISSING, other) | (other, MISSING) if has_order_amount => other,
            // The sum with an unknown amount is unknown.
            (MISSING, _) | (_, MISSING) => MISSING,
            (a, b) if has_order_amount => a.max(b),
            (a, b) => {
                let sum = a.checked_add(b).and_then(Micros::known);
                are_held &= sum.is_some();
                sum.unwrap_or(a)
            }
        };
        self.source = self.source.min(other.source);
        self.recipient = self.recipient.max(other.recipient);
        self.gross = sum(self.gross, other.gross);
        self.discount = sum(self.discount, other.discount);
        self.cost = sum(self.cost, other.cost);
        are_held
    }

    /// The price of the order without discounts; [`MISSING`] if it is not known.
    pub fn full_price(&self, paid: Micros) -> Micros {
        match (self.gross, self.discount) {
            (MISSING, MISSING) => MISSING,
            (MISSING, discount) => paid + discount.abs(),
            (gross, _) => gross,
        }
    }
}

impl Further for Vec<Extra> {
    fn source(&self, row: usize) -> Option<u32> {
        Some(self[row].source).filter(|source| *source != UNKNOWN)
    }

    fn recipient(&self, row: usize) -> Option<u64> {
        Some(self[row].recipient).filter(|recipient| *recipient != 0)
    }

    fn full_price(&self, row: usize, paid: Micros) -> Option<Micros> {
        self[row].full_price(paid).known()
    }

    fn cost(&self, row: usize) -> Option<Micros> {
        self[row].cost.known()
    }

    fn lines(&self, row: usize) -> u64 {
        self[row].lines
    }
}

/// The tables that a block's rows refer to by number.
#[derive(Debug, Default)]
pub struct Extras {
    /// The sources of orders.
    pub sources: Dictionary<String>,
    /// The products.
    pub products: Dictionary<Arc<Product>>,
    /// The items of the rows.
    pub lines: Vec<Line>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_full_price_is_the_total_or_what_was_paid_with_what_was_taken_off() {
        let full_price = |gross, discount| Extra { gross, discount, ..NO_EXTRA }.full_price(Micros::new(70));
        let [total, off] = [100, 30].map(Micros::new);
        assert_eq!(full_price(total, off), total);
        assert_eq!(full_price(MISSING, off), total);
        // Some exports write discounts as negative amounts.
        assert_eq!(full_price(MISSING, -off), total);
        assert_eq!(full_price(MISSING, MISSING), MISSING);
    }

    #[test]
    fn rows_of_an_order_combine_the_same_in_any_order() {
        let of = Micros::new;
        let a = Extra { source: 1, recipient: 9, discount: of(10), cost: of(3), ..NO_EXTRA };
        let b = Extra { recipient: 4, gross: of(100), discount: of(5), ..NO_EXTRA };
        for has_order_amount in [true, false] {
            let (mut ab, mut ba) = (a, b);
            ab.combine(&b, has_order_amount);
            ba.combine(&a, has_order_amount);
            assert_eq!(format!("{ab:?}"), format!("{ba:?}"));
            assert_eq!(ab.discount, of(if has_order_amount { 10 } else { 15 }));
            // If rows have amounts of their own and one of them is unknown, the amount of the order is unknown.
            let known = if has_order_amount { (of(100), of(3)) } else { (MISSING, MISSING) };
            assert_eq!((ab.source, (ab.gross, ab.cost)), (1, known));
        }
    }
}

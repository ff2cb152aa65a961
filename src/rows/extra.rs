//! What analyses beyond who, when and how much want of a row.

use std::sync::Arc;

use crate::rows::dictionary::{Dictionary, UNKNOWN};
use crate::schema::items::{Line, NO_LINES, Product};
use crate::schema::money::MISSING;
use crate::schema::parts::Further;

/// The values of one row, and later those of an order.
#[derive(Debug, Clone, Copy)]
pub struct Extra {
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
    source: UNKNOWN,
    recipient: 0,
    gross: MISSING,
    discount: MISSING,
    cost: MISSING,
    lines: NO_LINES,
};

impl Extra {
    /// Adds those of another row of the same order, whose amounts are the order's own or the row's. Every choice is one
    /// that any order of the rows leads to.
    pub fn combine(&mut self, other: &Self, has_order_amount: bool) {
        let sum = |a: i64, b: i64| match (a, b) {
            (MISSING, other) | (other, MISSING) if has_order_amount => other,
            // What is not known stays unknown with something added.
            (MISSING, _) | (_, MISSING) => MISSING,
            (a, b) if has_order_amount => a.max(b),
            (a, b) => a.saturating_add(b),
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

impl Further for Vec<Extra> {
    fn source(&self, row: usize) -> Option<u32> {
        Some(self[row].source).filter(|source| *source != UNKNOWN)
    }

    fn recipient(&self, row: usize) -> Option<u64> {
        Some(self[row].recipient).filter(|recipient| *recipient != 0)
    }

    fn full_price(&self, row: usize, paid: i64) -> Option<i64> {
        Some(self[row].full_price(paid)).filter(|price| *price != MISSING)
    }

    fn cost(&self, row: usize) -> Option<i64> {
        Some(self[row].cost).filter(|cost| *cost != MISSING)
    }

    fn lines(&self, row: usize) -> u64 {
        self[row].lines
    }
}

/// What a block's rows refer to by number.
#[derive(Debug, Default)]
pub struct Extras {
    /// Where orders came from.
    pub sources: Dictionary<String>,
    /// What was bought.
    pub products: Dictionary<Arc<Product>>,
    /// The rows' items.
    pub lines: Vec<Line>,
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
        let a = Extra { source: 1, recipient: 9, discount: 10, cost: 3, ..NO_EXTRA };
        let b = Extra { recipient: 4, gross: 100, discount: 5, ..NO_EXTRA };
        for has_order_amount in [true, false] {
            let (mut ab, mut ba) = (a, b);
            ab.combine(&b, has_order_amount);
            ba.combine(&a, has_order_amount);
            assert_eq!(format!("{ab:?}"), format!("{ba:?}"));
            assert_eq!(ab.discount, if has_order_amount { 10 } else { 15 });
            // Of rows with amounts of their own, what one does not say the order does not say.
            let known = if has_order_amount { (100, 3) } else { (MISSING, MISSING) };
            assert_eq!((ab.source, (ab.gross, ab.cost)), (1, known));
        }
    }
}

//! Rows of files that hold only items of orders.

use std::sync::Arc;

use crate::rows::dictionary::Dictionary;
use crate::schema::items::{Line, Product};
use crate::schema::{Key, Micros};

/// The items in such a file, with the ids of their orders.
#[derive(Debug, Default)]
pub struct ItemRows {
    /// The id of each item's order.
    pub orders: Vec<Key>,
    /// The items, one for each entry of `orders`.
    pub lines: Vec<Line>,
    /// The products that the items refer to.
    pub products: Dictionary<Arc<Product>>,
    /// The amount refunded for each item; empty if no column has it.
    pub refunds: Vec<Micros>,
    /// What each item cost the shop, [`crate::schema::money::MISSING`] where its row does not say; empty where no
    /// column says it.
    pub costs: Vec<Micros>,
    /// The items' own ids within their orders, [`Key::NONE`] where a row has none; empty where no column says them.
    pub ids: Vec<Key>,
}

impl ItemRows {
    /// Adds the items of the next block. `number` gives the new number of each product.
    pub fn append(&mut self, other: Self, number: impl Fn(u32) -> u32) {
        self.orders.extend(other.orders);
        self.lines.extend(other.lines.into_iter().map(|line| Line { product: number(line.product), ..line }));
        self.refunds.extend(other.refunds);
        self.costs.extend(other.costs);
        self.ids.extend(other.ids);
    }

    /// Keeps the items of the orders for which `is_kept` holds.
    pub fn retain(&mut self, is_kept: impl Fn(&Key) -> bool) {
        fn keep<T>(values: &mut Vec<T>, kept: &[bool]) {
            let mut kept = kept.iter();
            values.retain(|_| kept.next().copied().unwrap_or(true));
        }
        let kept: Vec<bool> = self.orders.iter().map(is_kept).collect();
        keep(&mut self.orders, &kept);
        keep(&mut self.lines, &kept);
        keep(&mut self.refunds, &kept);
        keep(&mut self.costs, &kept);
        keep(&mut self.ids, &kept);
    }
}

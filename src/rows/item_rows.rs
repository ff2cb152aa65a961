//! Items of orders, in files that hold nothing else.

use crate::rows::dictionary::Dictionary;
use crate::schema::Key;
use crate::schema::items::{Line, Product};

/// The items of one file that holds nothing else, by the ids of their orders.
#[derive(Debug, Default)]
pub struct ItemRows {
    /// The orders.
    pub orders: Vec<Key>,
    /// The items, as many.
    pub lines: Vec<Line>,
    /// The products that the items refer to.
    pub products: Dictionary<Product>,
}

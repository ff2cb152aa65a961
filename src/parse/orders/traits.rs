//! What is known of a file of orders beside its rows.

use serde::{Deserialize, Serialize};

use crate::parse::layout::Layout;
use crate::parse::orders::OrderFile;
use crate::parse::orders::row::ExtraReader;
use crate::schema::Field;

/// What merging and answers need to know of a file of orders beyond its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileTraits {
    /// The name the user gave.
    pub name: String,
    /// Whether orders have ids; else each row is one.
    pub has_order_id: bool,
    /// Whether a row carries the whole order's amount rather than its own.
    pub has_order_amount: bool,
    /// Whether rows have ids of their own, so that each can be told from one in another export.
    pub has_line_id: bool,
    /// Whether a column could name the buyer.
    pub has_customer: bool,
    /// Whether a column says where orders went.
    pub has_region: bool,
    /// Whether rows say what was bought.
    pub has_items: bool,
    /// Whether rows say what orders would have cost without discounts.
    pub has_full_price: bool,
    /// Whether rows say what the goods cost.
    pub has_cost: bool,
    /// Whether rows name the recipient.
    pub has_recipient: bool,
    /// Whether a column could tell orders of one number in several shops apart.
    #[serde(default)]
    pub has_own_id: bool,
    /// Whether rows say a part of orders that another file lists.
    pub is_part: bool,
    /// Whether no column says what orders came to.
    pub lacks_amounts: bool,
    /// Whether the meaning of its columns is a guess from ordinary names.
    pub is_guessed: bool,
    /// Whether it says what went back of orders: in a column, or since amounts are what is left.
    pub says_refunds: bool,
    /// Whether a column says what went back of orders.
    pub has_refund: bool,
}

impl FileTraits {
    /// Of a file that is about to be read.
    pub fn of(file: &OrderFile) -> Self {
        let row = &file.readers.row;
        let says = |has: fn(&ExtraReader) -> bool| file.readers.extra.as_ref().is_some_and(has);
        Self {
            name: file.name.clone(),
            has_order_id: row.has_order_id(),
            has_order_amount: row.has_order_amount(),
            has_line_id: row.has_line_id(),
            has_customer: row.has_customer(),
            has_region: file.readers.place.is_some(),
            has_items: says(ExtraReader::has_items),
            has_full_price: says(ExtraReader::has_full_price),
            has_cost: says(ExtraReader::has_cost),
            has_recipient: says(ExtraReader::has_recipient),
            has_own_id: row.says_own(),
            is_part: file.layout.preset.is_part,
            lacks_amounts: row.lacks_amounts(),
            is_guessed: file.layout.preset.is_generic(),
            ..Self::default().with_refunds(&file.layout)
        }
    }

    /// With what a layout says of refunds, which earlier versions kept in no other way.
    pub fn with_refunds(self, layout: &Layout) -> Self {
        Self { says_refunds: layout.says_refunds(), has_refund: layout.has(Field::RefundAmount), ..self }
    }
}

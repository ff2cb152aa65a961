//! Properties of a file of orders beside its rows.

use serde::{Deserialize, Serialize};

use crate::parse::layout::Layout;
use crate::parse::orders::OrderFile;
use crate::parse::orders::row::ExtraReader;
use crate::schema::Field;

/// Properties of a file of orders that merging and answers need.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileTraits {
    /// The name the user gave.
    pub name: String,
    /// Whether orders have ids; otherwise each row is one order.
    pub has_order_id: bool,
    /// Whether rows repeat the order's amount instead of having their own.
    pub has_order_amount: bool,
    /// Whether rows have ids of their own, by which they are recognised in another export.
    pub has_line_id: bool,
    /// Whether a column names buyers.
    pub has_customer: bool,
    /// Whether a column says where orders went.
    pub has_region: bool,
    /// Whether rows say what was bought.
    pub has_items: bool,
    /// Whether rows have the price before discounts.
    pub has_full_price: bool,
    /// Whether rows say what the goods cost.
    pub has_cost: bool,
    /// Whether rows name the recipient.
    pub has_recipient: bool,
    /// Whether a column tells orders of different shops with equal numbers apart.
    #[serde(default)]
    pub has_own_id: bool,
    /// Whether rows are parts of orders that another file lists, as payments are.
    pub is_part: bool,
    /// Whether no column has amounts.
    pub lacks_amounts: bool,
    /// Whether the meaning of its columns was guessed from ordinary names.
    pub is_guessed: bool,
    /// Whether it says refunds: in a column, or because its amounts have refunds taken off.
    pub says_refunds: bool,
    /// Whether a column has refunds.
    pub has_refund: bool,
}

impl FileTraits {
    /// The properties of a file that is about to be read.
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

    /// With the refund properties that follow from a layout, for stores of earlier versions, which do not hold them.
    pub fn with_refunds(self, layout: &Layout) -> Self {
        Self { says_refunds: layout.says_refunds(), has_refund: layout.has(Field::RefundAmount), ..self }
    }
}

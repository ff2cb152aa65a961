//! The canonical orders table: one row per order, narrow and typed.

use polars::prelude::{Column, DataFrame};

use super::CustomerIds;

/// Code of the buyer in [`Orders::customers`] (u32), null where the export names nobody.
pub const CUSTOMER: &str = "customer";
/// Whether the buyer is given, but masked by the platform (bool).
pub const IS_MASKED: &str = "is_masked";
/// Calendar day of the order in the shop's zone: payment, else creation (date).
pub const ORDERED_ON: &str = "ordered_on";
/// [`super::Status`] as its code (u8).
pub const STATUS: &str = "status";
/// What was paid, before refunds (i64, micro-units).
pub const PAID_AMOUNT: &str = "paid_amount";
/// What was given back (i64, micro-units).
pub const REFUND_AMOUNT: &str = "refund_amount";
/// Rows of the export that make up the order (u32), for the row accounting.
pub const ROW_COUNT: &str = "row_count";

/// The same number above 0 on orders of several customers under one order id, else 0 (u32).
pub const SPLIT: &str = "split";

/// The orders of all inputs, merged: each order once.
///
/// A credit note is a row whose amount is negative.
#[derive(Debug, Clone)]
pub struct Orders {
    /// One row per order, with the columns named in this module; their order means nothing.
    pub frame: DataFrame,
    /// The buyers' ids by code.
    pub customers: CustomerIds,
    /// Whether the inputs have any column that could name a buyer.
    pub has_customer_column: bool,
    /// Whether some buyers are known only by e-mail or phone.
    pub ids_are_personal: bool,
}

impl Orders {
    /// An empty table, as a header-only export gives.
    pub fn empty() -> Self {
        use polars::prelude::DataType;
        let columns = [
            (CUSTOMER, DataType::UInt32),
            (IS_MASKED, DataType::Boolean),
            (ORDERED_ON, DataType::Date),
            (STATUS, DataType::UInt8),
            (PAID_AMOUNT, DataType::Int64),
            (REFUND_AMOUNT, DataType::Int64),
            (ROW_COUNT, DataType::UInt32),
            (SPLIT, DataType::UInt32),
        ];
        let columns: Vec<Column> =
            columns.iter().map(|(name, dtype)| Column::new_empty((*name).into(), dtype)).collect();
        Self {
            frame: DataFrame::new_infer_height(columns).unwrap_or_default(),
            customers: CustomerIds::default(),
            has_customer_column: true,
            ids_are_personal: false,
        }
    }
}

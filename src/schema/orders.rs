//! The canonical orders table: one row per order, narrow and typed.

use super::{CustomerIds, Field, Items, Parts, RowParts};
use crate::error::Result;
use crate::regions::Region;

/// Code of the buyer in [`Orders::customers`] (u32), null where the export names nobody.
pub const CUSTOMER: &str = "customer";
/// Whether the buyer is given but masked by the platform (bool).
pub const IS_MASKED: &str = "is_masked";
/// Calendar day of the order in the shop's zone: payment, else creation (date).
pub const ORDERED_ON: &str = "ordered_on";
/// [`super::Status`] as its code (u8).
pub const STATUS: &str = "status";
/// Replaces the status of a refund whose order was refunded completely. That order does not count, so neither does its
/// refund.
pub const REFUND_OF_REFUNDED: u8 = 7;

/// Its name where statuses are texts.
pub const REFUND_OF_REFUNDED_NAME: &str = "refund_of_refunded";
/// The amount paid, before refunds (i64, micro-units).
pub const PAID_AMOUNT: &str = "paid_amount";
/// The amount refunded (i64, micro-units).
pub const REFUND_AMOUNT: &str = "refund_amount";
/// For a credit note, the day of the order that it refunds (i32, days since 1970-01-01); null if no input says which
/// order that is. The column exists only if any input says it.
pub const GIVEN_BACK_OF: &str = "given_back_of";
/// Rows of the export that make up the order (u32), for the row accounting.
pub const ROW_COUNT: &str = "row_count";
/// Of these, the rows of files of items (u32). The column exists only if it was asked for and such files were read.
pub const ITEM_ROW_COUNT: &str = "item_row_count";

/// Number of the order's region in [`Orders::regions`] (u32); only if asked for.
pub const REGION: &str = "region";

/// Second of the day of [`ORDERED_ON`] (i32), null if no time is given; this and the following columns only if asked
/// for.
pub const SECOND: &str = "second";
/// Number of the source in [`Orders::sources`] (u32), null if none is given.
pub const SOURCE: &str = "source";
/// Hash of the recipient's name (u64), null if it is masked or not given.
pub const RECIPIENT: &str = "recipient";
/// The price of the order before discounts (i64, micro-units), null if nothing says it.
pub const FULL_PRICE: &str = "full_price";
/// The shop's cost of the goods (i64, micro-units), null if nothing says it.
pub const COST: &str = "cost";
/// Index of the order's lines in [`Orders::items`] (u64), [`super::items::NO_LINES`] if it has none.
pub const LINES: &str = "lines";

/// Prefix of the names of additional columns. They hold the number of the order's text among the texts of that name in
/// [`Orders::texts`] (u32), null if none is given. Only columns that were asked for exist.
pub const TEXT: &str = "text:";

/// The kind of values in an additional column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// An id, in its normal form.
    Id,
    /// Words.
    Text,
    /// Words, joined from several columns of the export.
    Joined,
    /// A day as `2026-05-23`, or with a time as `2026-05-23 22:02:00`.
    Date,
    /// A plain decimal.
    Amount,
    /// `true` or `false`.
    Flag,
}

/// The fields that are read as texts if a question names them, with the kind of their values.
pub const TEXT_FIELDS: [(Field, TextKind); 22] = [
    (Field::OrderId, TextKind::Id),
    (Field::CreatedAt, TextKind::Date),
    (Field::PaidAt, TextKind::Date),
    (Field::CancelledAt, TextKind::Date),
    (Field::ShippedAt, TextKind::Date),
    (Field::DeliveredAt, TextKind::Date),
    (Field::CompletedAt, TextKind::Date),
    (Field::ShippingFee, TextKind::Amount),
    (Field::Tax, TextKind::Amount),
    (Field::CouponCode, TextKind::Text),
    (Field::PaymentMethod, TextKind::Text),
    (Field::PaymentStatus, TextKind::Text),
    (Field::AfterSale, TextKind::Text),
    (Field::Currency, TextKind::Text),
    (Field::Shop, TextKind::Text),
    (Field::ParentId, TextKind::Text),
    (Field::Staff, TextKind::Text),
    (Field::Company, TextKind::Text),
    (Field::Note, TextKind::Joined),
    (Field::RefundReason, TextKind::Text),
    (Field::IsPresale, TextKind::Flag),
    (Field::District, TextKind::Text),
];

/// The entry of [`TEXT_FIELDS`] with this name.
pub fn text_kind(name: &str) -> Option<(TextKind, Field)> {
    TEXT_FIELDS.iter().find(|(field, _)| field.name() == name).map(|(field, kind)| (*kind, *field))
}

/// Region number for "no input says where the order went".
pub const UNKNOWN_REGION: u32 = u32::MAX;

/// The merged orders of all inputs: each order once.
///
/// A credit note is a row whose amount is negative. Reading returns the rows in no particular order ([`RowParts`]);
/// most questions need them [`Orders::in_order`].
#[derive(Debug, Clone, Default)]
pub struct Orders<P = Parts> {
    /// One row per order, with the columns named in this module.
    pub parts: P,
    /// The buyers' ids by code, followed by customers who only occur in other tables.
    pub customers: CustomerIds,
    /// The regions by number, sorted by name; empty if not asked for.
    pub regions: Vec<Region>,
    /// The sources by number, sorted by name; empty if not asked for.
    pub sources: Vec<String>,
    /// For each additional column that was asked for: its name, and its texts by number, sorted.
    pub texts: Vec<(String, Vec<String>)>,
    /// The items of orders; empty if not asked for.
    pub items: Items,
    /// Whether any input has items of orders.
    pub has_items: bool,
    /// Whether no input has amounts of orders. All amounts are then 0 and meaningless.
    pub lacks_amounts: bool,
    /// Whether any input has prices before discounts.
    pub has_full_price: bool,
    /// Whether any input has refunds, in a column or as separate records.
    pub says_refunds: bool,
    /// Whether any input has the shop's cost of the goods.
    pub has_cost: bool,
    /// Whether any input names recipients.
    pub has_recipient: bool,
    /// Whether any input has a column for where orders went.
    pub has_region_column: bool,
    /// How many customers have orders; those after them only occur in other tables.
    pub buyer_count: u32,
    /// Whether any input has a column that could name buyers.
    pub has_customer_column: bool,
    /// Whether some buyers are known only by e-mail address or phone.
    pub ids_are_personal: bool,
    /// The ISO 4217 code of the amounts' currency, if the inputs or the user say it.
    pub currency: Option<String>,
}

impl<P> Orders<P> {
    /// Whether any order names its buyer.
    pub fn has_buyers(&self) -> bool {
        self.buyer_count > 0
    }
}

impl Orders {
    /// Whether buyers are named, or could be if there were any orders.
    pub fn may_have_buyers(&self) -> bool {
        self.has_buyers() || (self.has_customer_column && self.parts.is_empty())
    }
}

impl Orders<RowParts> {
    /// The same orders, sorted by customer and day.
    pub fn in_order(self) -> Result<Orders> {
        Ok(Orders {
            parts: self.parts.in_order()?,
            customers: self.customers,
            regions: self.regions,
            sources: self.sources,
            texts: self.texts,
            items: self.items,
            has_items: self.has_items,
            lacks_amounts: self.lacks_amounts,
            has_full_price: self.has_full_price,
            says_refunds: self.says_refunds,
            has_cost: self.has_cost,
            has_recipient: self.has_recipient,
            has_region_column: self.has_region_column,
            buyer_count: self.buyer_count,
            has_customer_column: self.has_customer_column,
            ids_are_personal: self.ids_are_personal,
            currency: self.currency,
        })
    }
}

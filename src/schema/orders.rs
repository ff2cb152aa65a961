//! The canonical orders table: one row per order, narrow and typed.

use super::{CustomerIds, Field, Items, Parts, RowParts};
use crate::error::Result;
use crate::regions::Region;

/// Code of the buyer in [`Orders::customers`] (u32), null where the export names nobody.
pub const CUSTOMER: &str = "customer";
/// Whether the buyer is given, but masked by the platform (bool).
pub const IS_MASKED: &str = "is_masked";
/// Calendar day of the order in the shop's zone: payment, else creation (date).
pub const ORDERED_ON: &str = "ordered_on";
/// [`super::Status`] as its code (u8).
pub const STATUS: &str = "status";
/// In place of a status: a refund of an order that was refunded completely. That order does not count, so neither does
/// its refund.
pub const REFUND_OF_REFUNDED: u8 = 7;

/// What stands for it where statuses are texts.
pub const REFUND_OF_REFUNDED_NAME: &str = "refund_of_refunded";
/// What was paid, before refunds (i64, micro-units).
pub const PAID_AMOUNT: &str = "paid_amount";
/// What was given back (i64, micro-units).
pub const REFUND_AMOUNT: &str = "refund_amount";
/// For a credit note the day of the order that it pays back (i32, days since 1970-01-01), null where no input says
/// which order that is. The column is there only if any input says it.
pub const GIVEN_BACK_OF: &str = "given_back_of";
/// Rows of the export that make up the order (u32), for the row accounting.
pub const ROW_COUNT: &str = "row_count";

/// Number of the region that the order went to in [`Orders::regions`] (u32); only where it was asked for.
pub const REGION: &str = "region";

/// Second of the day of [`ORDERED_ON`] (i32), null where no time is given; this and the next only where asked for.
pub const SECOND: &str = "second";
/// Number of the source in [`Orders::sources`] (u32), null where none is given.
pub const SOURCE: &str = "source";
/// Hash of the recipient's name (u64), null where it is masked or not given.
pub const RECIPIENT: &str = "recipient";
/// What the order would have cost without discounts (i64, micro-units), null where nothing says it.
pub const FULL_PRICE: &str = "full_price";
/// What the goods cost the shop (i64, micro-units), null where nothing says it.
pub const COST: &str = "cost";
/// Place of the order's lines in [`Orders::items`] (u64), [`super::items::NO_LINES`] where it has none.
pub const LINES: &str = "lines";

/// Prefix of the name of a further column, which holds the number of the order's text among those of that name in
/// [`Orders::texts`] (u32), null where none is given. Only those that were asked for are there.
pub const TEXT: &str = "text:";

/// What the texts of a further column say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// An id, in the form that ids have everywhere.
    Id,
    /// Words.
    Text,
    /// Words, those of several columns of the export joined.
    Joined,
    /// A day as `2026-05-23`, with its time as `2026-05-23 22:02:00` where that is said.
    Date,
    /// A plain decimal.
    Amount,
    /// `true` or `false`.
    Flag,
}

/// The fields that are read as texts where a question names them, and what these say.
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

/// The field of [`TEXT_FIELDS`] of this name.
pub fn text_kind(name: &str) -> Option<(TextKind, Field)> {
    TEXT_FIELDS.iter().find(|(field, _)| field.name() == name).map(|(field, kind)| (*kind, *field))
}

/// In place of a region's number: no input says where the order went.
pub const UNKNOWN_REGION: u32 = u32::MAX;

/// The orders of all inputs, merged: each order once.
///
/// A credit note is a row whose amount is negative. Reading returns the rows in no particular order ([`RowParts`]);
/// most questions need them [`Orders::in_order`].
#[derive(Debug, Clone, Default)]
pub struct Orders<P = Parts> {
    /// One row per order, with the columns named in this module.
    pub parts: P,
    /// The buyers' ids by code, followed by those of customers who are in other tables only.
    pub customers: CustomerIds,
    /// The regions by number, in the order of their names; empty where they were not asked for.
    pub regions: Vec<Region>,
    /// The sources by number, in the order of their names; empty where they were not asked for.
    pub sources: Vec<String>,
    /// The texts of the further columns that were asked for: for each its name and its texts by number, sorted.
    pub texts: Vec<(String, Vec<String>)>,
    /// What orders hold; empty where it was not asked for.
    pub items: Items,
    /// Whether any input says what orders hold.
    pub has_items: bool,
    /// Whether no input has amounts of orders. All amounts are then 0 and mean nothing.
    pub lacks_amounts: bool,
    /// Whether any input says what orders would have cost without discounts.
    pub has_full_price: bool,
    /// Whether any input says what was given back of orders, in a column or as a record of its own.
    pub says_refunds: bool,
    /// Whether any input says what the goods cost the shop.
    pub has_cost: bool,
    /// Whether any input names recipients.
    pub has_recipient: bool,
    /// Whether the inputs have any column that says where orders went.
    pub has_region_column: bool,
    /// How many of the customers are named by orders; those after them are named by other tables only.
    pub buyer_count: u32,
    /// Whether the inputs have any column that could name a buyer.
    pub has_customer_column: bool,
    /// Whether some buyers are known only by e-mail or phone.
    pub ids_are_personal: bool,
    /// What the amounts are in, where the inputs or the user say so: an ISO 4217 code.
    pub currency: Option<String>,
}

impl<P> Orders<P> {
    /// Whether any order names its buyer.
    pub fn has_buyers(&self) -> bool {
        self.buyer_count > 0
    }
}

impl Orders {
    /// Whether buyers are named, or would be if there were any order.
    pub fn may_have_buyers(&self) -> bool {
        self.has_buyers() || (self.has_customer_column && self.parts.is_empty())
    }
}

impl Orders<RowParts> {
    /// The same orders in order, by customer and day.
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

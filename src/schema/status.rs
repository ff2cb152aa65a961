//! What became of an order.

use serde::{Deserialize, Serialize};

/// The status of an order, from the export's own words by way of its preset.
///
/// Ordered so that of several rows of one order the greatest is the one that says most about it: that
/// choice does not depend on the order of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Status {
    /// Placed, payment awaited.
    Pending = 0,
    /// Closed without payment.
    ClosedUnpaid = 1,
    /// Cancelled by either side.
    Cancelled = 2,
    /// Paid and wholly given back.
    Refunded = 3,
    /// Paid.
    Paid = 4,
    /// Paid and sent.
    Shipped = 5,
    /// Received or otherwise finished.
    Completed = 6,
}

impl Status {
    /// Every status, in the order of their codes.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::ClosedUnpaid,
        Self::Cancelled,
        Self::Refunded,
        Self::Paid,
        Self::Shipped,
        Self::Completed,
    ];

    /// The name used in canonical files, presets and output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::ClosedUnpaid => "closed_unpaid",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
            Self::Paid => "paid",
            Self::Shipped => "shipped",
            Self::Completed => "completed",
        }
    }

    /// The status as one byte, as it stands in the `status` column.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Whether money was paid and kept, so that the order can be valid.
    pub fn is_paid(self) -> bool {
        self >= Self::Paid
    }
}

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

    /// The status of an order whose payment has a status of its own. What either says was closed, cancelled or given
    /// back is; else the payment says whether it was paid, so that "new" with "paid" is paid and "completed" with
    /// "unpaid" is not; else the order says how far it has come.
    pub fn with_payment(self, payment: Self) -> Self {
        match (self, payment) {
            (Self::ClosedUnpaid | Self::Cancelled | Self::Refunded, _) => self,
            (_, payment) if !payment.is_paid() => payment,
            (Self::Pending, payment) => payment,
            (own, payment) => own.max(payment),
        }
    }

    /// Whether money was paid and kept, so that the order can be valid.
    pub fn is_paid(self) -> bool {
        self >= Self::Paid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_says_whether_an_order_was_paid() {
        use Status::*;
        for (order, payment, both) in [
            (Completed, Pending, Pending),
            (Completed, Refunded, Refunded),
            (Completed, Paid, Completed),
            (Pending, Paid, Paid),
            (Pending, Pending, Pending),
            (Cancelled, Paid, Cancelled),
            (Refunded, Pending, Refunded),
            (Shipped, ClosedUnpaid, ClosedUnpaid),
        ] {
            assert_eq!(order.with_payment(payment), both, "{order:?} {payment:?}");
        }
    }
}

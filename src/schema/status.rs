//! The status of an order.

use serde::{Deserialize, Serialize};

/// The status of an order. Presets map the exports' words to it.
///
/// The greatest of the statuses in several rows of one order is the most specific one, so that the choice does not
/// depend on the order of the rows.
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
    /// Paid and completely refunded.
    Refunded = 3,
    /// Paid.
    Paid = 4,
    /// Paid and shipped.
    Shipped = 5,
    /// Received, or otherwise completed.
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

    /// The code in the `status` column.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Combines an order's status with the separate status of its payment. If either is closed, cancelled or refunded,
    /// so is the order. Otherwise the payment says whether it is paid ("new" and "paid" is paid, "completed" and
    /// "unpaid" is not), and the order's status says how far it has come.
    pub fn with_payment(self, payment: Self) -> Self {
        match (self, payment) {
            (Self::ClosedUnpaid | Self::Cancelled | Self::Refunded, _) => self,
            (_, payment) if !payment.is_paid() => payment,
            (Self::Pending, payment) => payment,
            (own, payment) => own.max(payment),
        }
    }

    /// Whether money was paid and not refunded, so that the order can be valid.
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

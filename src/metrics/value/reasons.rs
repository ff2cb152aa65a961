//! The figures that explain a customer's class.

use super::{CLASSES, Contribution, Value};
use crate::metrics::finish::share;
use crate::schema::{CustomerCode, Micros};

/// The figures that explain a customer's class. Amounts are contributions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassReason {
    /// The rank among all customers, from 1 for the best.
    pub rank: u64,
    /// The customer's contribution.
    pub amount: Micros,
    /// The share of the whole that all better customers make together; `None` if the whole is 0 or less.
    pub share_before: Option<f64>,
    /// The same share with this customer included.
    pub cumulative_share: Option<f64>,
    /// One of [`CLASSES`].
    pub class: &'static str,
    /// Number of orders at a deep discount, and of orders whose full price is known; `None` if no full price is.
    pub deep_discount: Option<(u32, u32)>,
}

impl Value {
    /// The reasons for a customer's class; `None` for a code that is no buyer's.
    pub fn reason(&self, customer: CustomerCode) -> Option<ClassReason> {
        let place = self.rows.iter().position(|row| row.customer == customer)?;
        let sum = |rows: &[Contribution]| rows.iter().map(|row| i128::from(self.amount(row))).sum::<i128>();
        let (row, whole) = (&self.rows[place], sum(&self.rows));
        Some(ClassReason {
            rank: place as u64 + 1,
            amount: self.amount(row),
            share_before: share(sum(&self.rows[..place]), whole),
            cumulative_share: share(sum(&self.rows[..=place]), whole),
            class: CLASSES[usize::from(self.classes[place])],
            deep_discount: (row.priced > 0).then_some((row.deep, row.priced)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::testing::orders;
    use crate::metrics::value::{ValueParams, value};

    /// Contributions are 50, 30, 15 and 5, of 100 together.
    #[test]
    fn a_class_follows_from_what_was_reached_before() {
        let read = orders(
            "order_id,customer_id,order_date,amount;1,a,2026-06-10,50;2,b,2026-06-10,30;3,c,2026-06-10,15;4,d,2026-06-10,5",
        );
        let (all, accounting) = (&read.ingested.orders, read.ingested.accounting.clone());
        let params = ValueParams::default();
        let ranked = value(all, &read.up_to("2026-06-30"), &params, accounting).expect("an answer");
        let code =
            |id: &str| all.customers.codes().find(|code| all.customers.text(*code) == id).expect("a buyer");
        assert_eq!(
            ranked.reason(code("b")),
            Some(ClassReason {
                rank: 2,
                amount: Micros::units(30),
                share_before: Some(0.5),
                cumulative_share: Some(0.8),
                class: "core",
                deep_discount: None,
            })
        );
        let of = |id: &str| ranked.reason(code(id)).map(|of| (of.rank, of.share_before, of.class));
        assert_eq!(of("a"), Some((1, Some(0.0), "core")));
        assert_eq!([of("c"), of("d")], [Some((3, Some(0.8), "potential")), Some((4, Some(0.95), "mass"))]);
        assert_eq!(ranked.reason(CustomerCode::new(9)), None);
    }
}

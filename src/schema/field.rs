//! The fields a platform's columns are mapped to.

use std::fmt;
use std::str::FromStr;

macro_rules! fields {
    ($($variant:ident = $name:literal : $meaning:literal),+ $(,)?) => {
        /// A field of an order export that ecrm reads; presets and `--map` name them in snake_case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field { $(#[doc = $meaning] $variant),+ }

        impl Field {
            /// Every field, in the order help lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name used in presets, `--map` and messages.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What the field holds, in one phrase.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),+ }
            }
        }
    };
}

fields! {
    OrderId = "order_id": "the order's id; without one each row is an order",
    CustomerId = "customer_id": "the platform's id of the buyer",
    Email = "email": "the buyer's e-mail, the customer key where there is no customer_id",
    Phone = "phone": "the buyer's phone, the customer key where there is neither of the above",
    Status = "status": "what became of the order",
    CreatedAt = "created_at": "when the order was placed (ordered_at is another name for it)",
    PaidAt = "paid_at": "when it was paid",
    CancelledAt = "cancelled_at": "when it was cancelled; filled means cancelled",
    PaidAmount = "paid_amount": "what was paid for the whole order; repeated on several rows it counts once",
    RefundAmount = "refund_amount": "what was given back of it",
    Amount = "amount": "the amount of one row (item); the rows of an order are added up",
    Quantity = "quantity": "items in the row, for unit_price",
    UnitPrice = "unit_price": "price of one item; times quantity it is the row's amount",
    Currency = "currency": "ISO 4217 code of the amounts",
    ProductId = "product_id": "the item's id; says that rows are items",
    Title = "title": "the item's title; says that rows are items",
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Field {
    type Err = String;

    /// Reads a field name; the error lists the right ones.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if name == "ordered_at" {
            return Ok(Self::CreatedAt);
        }
        Self::ALL.iter().copied().find(|field| field.name() == name).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|field| field.name()).collect();
            format!("no field is called {name:?}; the fields are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_ordered_at_is_created_at() {
        for field in Field::ALL {
            assert_eq!(field.name().parse(), Ok(*field));
        }
        assert_eq!("ordered_at".parse(), Ok(Field::CreatedAt));
        assert!("orderid".parse::<Field>().unwrap_err().contains("order_id"));
    }
}

//! The fields a platform's columns are mapped to.

use std::fmt;
use std::str::FromStr;

macro_rules! fields {
    ($($variant:ident = $name:literal : $meaning:literal),+ $(,)?) => {
        /// A field of an export that ecrm reads; presets and `--map` name them in snake_case.
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
    PlatformId = "platform_id": "the platform's own id of it, which tells shops that number alike apart",
    Shop = "shop": "the shop the order was placed in, where several may use one number",
    ParentId = "parent_id": "of a refund that is a record of its own: the order it is of",
    LineId = "line_id": "the id of one row of an order (sub-order, item)",
    CustomerId = "customer_id": "the platform's id of the customer",
    Alias = "alias": "another id of the customer",
    Email = "email": "the customer's e-mail, the customer key where there is no customer_id",
    Phone = "phone": "the customer's phone, the customer key where there is neither of the above",
    Status = "status": "what became of the order",
    PaymentStatus = "payment_status": "whether it was paid, where that is a column beside the order's status",
    RowKind = "row_kind": "what a row records: a sale, a refund, or something else that the platform books",
    AfterSale = "after_sale": "what became of it after the sale, where that is a column of its own",
    CreatedAt = "created_at": "when the order was placed (ordered_at is another name for it)",
    PaidAt = "paid_at": "when it was paid",
    CancelledAt = "cancelled_at": "when it was cancelled; filled means cancelled",
    ShippedAt = "shipped_at": "when it was sent off",
    DeliveredAt = "delivered_at": "when it arrived",
    CompletedAt = "completed_at": "when the deal was done: the buyer confirmed it, or the platform did",
    Gross = "gross": "the order's total before discounts and refunds",
    Discount = "discount": "what was taken off it, where the total before is no column",
    PaidAmount = "paid_amount": "what was paid for the whole order; repeated on several rows it counts once",
    AdjustedAmount = "adjusted_amount": "what the order came to after it was changed; 0 or blank where it was not",
    RefundAmount = "refund_amount": "what was given back of it",
    ShippingFee = "shipping_fee": "what the buyer paid for the delivery of the order",
    Tax = "tax": "the tax on the order",
    Amount = "amount": "the amount of one row (item); the rows of an order are added up",
    Quantity = "quantity": "items in the row, for unit_price",
    UnitPrice = "unit_price": "price of one item; times quantity it is the row's amount",
    Currency = "currency": "ISO 4217 code of the amounts",
    ProductId = "product_id": "the item's id; says that rows are items",
    Title = "title": "the item's title; says that rows are items",
    ItemKinds = "item_kinds": "how many kinds of items the order has, where their titles share a cell",
    Variant = "variant": "the item's colour, size or the like",
    Category = "category": "the item's category",
    LineNo = "line_no": "the item's place in its order",
    CouponCode = "coupon_code": "the coupon or promotion code that was used",
    PaymentMethod = "payment_method": "how it was paid: card, wallet, cash on delivery …",
    Staff = "staff": "who served the buyer: sales assistant, cashier, customer service",
    Company = "company": "the buyer's company",
    Note = "note": "what the buyer or the shop wrote on the order; several columns of notes are joined",
    RefundReason = "refund_reason": "why it was given back or cancelled",
    IsPresale = "is_presale": "whether it was ordered ahead, with a deposit or before it is in stock",
    Country = "country": "the country ordered to",
    Province = "province": "the province or state ordered to",
    City = "city": "the city ordered to",
    District = "district": "the district ordered to",
    Address = "address": "free text that begins with the province, where there are no columns for that",
    Recipient = "recipient": "the name ordered to",
    Name = "name": "the customer's name",
    Gender = "gender": "the customer's gender",
    Birthday = "birthday": "the customer's birthday",
    Level = "level": "the customer's member level",
    Wechat = "wechat": "the customer's WeChat",
    Qq = "qq": "the customer's QQ",
    RegisteredAt = "registered_at": "when the customer registered",
    CardClaimedAt = "card_claimed_at": "when the customer claimed a member card",
    Source = "source": "where the customer or the event came from",
    OptOut = "opt_out": "whether the customer wants no messages",
    Blacklisted = "blacklisted": "whether the shop wants no more of the customer",
    OccurredAt = "occurred_at": "when the event happened",
    Kind = "kind": "what happened: view, fav_item, cart, purchase …",
    Rating = "rating": "the stars of a review",
    CampaignId = "campaign_id": "the campaign a message belongs to",
    SentAt = "sent_at": "when the message was sent",
    Channel = "channel": "how it was sent",
    Arm = "arm": "treatment or control",
    Delivered = "delivered": "whether it arrived",
    Opened = "opened": "whether or when it was opened",
    Clicked = "clicked": "whether or when a link in it was followed",
    Cost = "cost": "what it cost: a message, or the goods of an order",
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
            let names = Self::ALL.iter().map(|field| field.name());
            let near = crate::schema::nearest(name, names);
            let near = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
            format!("no field is called {name:?}{near} (ecrm define fields lists them)")
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

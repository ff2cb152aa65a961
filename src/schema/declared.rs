//! The canonical tables and the fields that they are read from, as data: a new one is declared here and nowhere else.

use super::events::{OCCURRED_ON, RATING};
use super::field::fields;
use super::names;
use super::table::{Cells, Column, DayKind, Declaration, PLAIN, REGION, Rows, Spelling, Unnamed, tables};
use super::words::Flag;

tables! {
    hold: {
        /// Orders, or their items carrying what orders carry.
        Orders = Declaration {
            name: "orders",
            export: "an order export",
            help: "Order exports, said outright",
            generic: "generic_orders",
            rows: Rows::Orders,
            unnamed: Unnamed::Kept,
            rank: 1,
            columns: &[
                Column::new(Field::CreatedAt, "ordered_on", Cells::Day(DayKind::Known)),
                Column::new(Field::PaidAt, "paid_on", Cells::Day(DayKind::Known)),
            ],
            ends_at_as_of: false,
            ..PLAIN
        },
        /// Items of orders kept in another file.
        OrderItems = Declaration {
            name: "items",
            export: "an export of items",
            help: "Item exports, said outright",
            generic: "generic_order_items",
            rows: Rows::Items,
            unnamed: Unnamed::Kept,
            rank: 3,
            ends_at_as_of: false,
            ..PLAIN
        },
        /// Customers.
        Customers = Declaration {
            name: "customers",
            export: "a customer export",
            help: "Customer exports, said outright",
            generic: "generic_customers",
            rows: Rows::OfCustomers,
            rank: 4,
            columns: &[
                Column::new(Field::RegisteredAt, names::REGISTERED_ON, Cells::Day(DayKind::Since)),
                Column::new(Field::CardClaimedAt, names::CARD_CLAIMED_ON, Cells::Day(DayKind::Known)),
                Column::new(Field::Birthday, names::BIRTHDAY, Cells::Day(DayKind::Private)),
                Column::new(Field::Province, REGION, Cells::Place),
                Column::new(Field::Gender, names::GENDER, Cells::Word(Spelling::AnyCase)),
                Column::new(Field::Level, names::LEVEL, Cells::Word(Spelling::AnyCase)),
                Column::new(Field::Source, names::SOURCE, Cells::Word(Spelling::AnyCase)),
                Column::new(Field::Name, names::NAME, Cells::Text).of_people(),
                Column::new(Field::Phone, names::PHONE, Cells::Text).of_people(),
                Column::new(Field::Email, names::EMAIL, Cells::Text).of_people(),
                Column::new(Field::Wechat, names::WECHAT, Cells::Text).of_people(),
                Column::new(Field::Qq, names::QQ, Cells::Text).of_people(),
                Column::new(Field::OptOut, names::IS_OPTED_OUT, Cells::Flag(Flag::OptedOut)).of_opt_outs(),
                Column::new(Field::Blacklisted, names::IS_BLACKLISTED, Cells::Flag(Flag::Blacklisted)).of_people(),
            ],
            keeps_further: true,
            ..PLAIN
        },
        /// Behaviour events.
        Events = Declaration {
            name: "events",
            export: "a log of events (who did what when)",
            help: "Behaviour events, said outright",
            generic: "generic_events",
            rows: Rows::OfMoments,
            unnamed: Unnamed::LeftOut,
            rank: 0,
            columns: &[
                Column::new(Field::OccurredAt, OCCURRED_ON, Cells::Day(DayKind::OfRow)),
                Column::new(Field::Kind, names::KIND, Cells::Kind),
                Column::new(Field::Source, names::SOURCE, Cells::Word(Spelling::AnyCase)).beside_events(),
                Column::new(Field::Category, names::CATEGORY, Cells::Word(Spelling::AnyCase)).beside_events(),
                Column::new(Field::Province, REGION, Cells::Place).beside_events(),
                Column::new(Field::Rating, RATING, Cells::Rating).beside_events(),
                Column::new(Field::ProductId, names::PRODUCT_ID, Cells::Word(Spelling::Exact)).of_products(),
            ],
            ends_at_as_of: false,
            ..PLAIN
        },
        /// Message sends.
        Sends = Declaration {
            name: "sends",
            export: "a list of sent messages",
            help: "Message sends, said outright",
            generic: "generic_sends",
            rows: Rows::OfMoments,
            rank: 2,
            columns: &[
                Column::new(Field::SentAt, names::SENT_ON, Cells::Day(DayKind::OfRow)),
                Column::new(Field::CampaignId, names::CAMPAIGN_ID, Cells::Word(Spelling::Exact)),
                Column::new(Field::Channel, names::CHANNEL, Cells::Word(Spelling::Channel)),
                Column::new(Field::Arm, names::ARM, Cells::Word(Spelling::Arm)),
                Column::new(Field::Delivered, names::IS_DELIVERED, Cells::Happened(Flag::Delivered)),
                Column::new(Field::Opened, names::IS_OPENED, Cells::Happened(Flag::Opened)),
                Column::new(Field::Clicked, names::IS_CLICKED, Cells::Happened(Flag::Clicked)),
                Column::new(Field::Cost, names::COST, Cells::Amount),
                // Of care: which of a customer's orders a message was about.
                Column::new(Field::OrderId, names::ORDER_ID, Cells::Word(Spelling::Exact)),
            ],
            ..PLAIN
        },
    }
    others: {
        /// Something else that platforms export, of no use here.
        #[default]
        None = Declaration {
            name: "nothing of use",
            export: "another file",
            rows: Rows::Nothing,
            unnamed: Unnamed::Kept,
            ends_at_as_of: false,
            ..PLAIN
        },
    }
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

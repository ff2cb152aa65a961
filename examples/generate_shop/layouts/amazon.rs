//! Amazon's reports, separated by tabs without any quoting: all orders, which name no buyer, and new orders.

use chrono::{NaiveDateTime, TimeDelta};

use super::super::shop::{Customer, Fate, Item, Order, PRODUCTS, customer_id};
use super::sheet::Dress;
use super::text::{city, discounts, english_province, money, street};
use super::{Export, Identity, Row, Table};

const ALL: Export = Export {
    name: "amazon_all_orders.tsv",
    table: Table::Orders,
    identity: Identity::None,
    has_partial_refunds: false,
    has_region: true,
    has_city: true,
    headers: include_str!("../headers/amazon_all.txt"),
    rows: all_orders,
    dress: Dress { delimiter: '\t', line_end: "\r\n", is_quoted: false, ..Dress::CSV },
};

pub const EXPORTS: &[Export] = &[
    ALL,
    Export {
        name: "amazon_new_orders.tsv",
        identity: Identity::Id,
        headers: include_str!("../headers/amazon_new.txt"),
        rows: new_orders,
        ..ALL
    },
];

fn all_orders(order: &Order, who: &Customer) -> Vec<Row> {
    let (order_status, item_status) = match order.fate {
        Fate::Pending => ("Pending", "Unshipped"),
        Fate::ClosedUnpaid | Fate::Refunded => ("Cancelled", "Cancelled"),
        Fate::Paid => ("Unshipped", "Unshipped"),
        Fate::Shipped | Fate::Completed | Fate::PartlyRefunded => ("Shipped", "Shipped"),
    };
    let row = |(item, discount): (&Item, i64)| {
        let mut row = item_cells(item, who);
        row.extend([
            ("amazon-order-id", number(order)),
            ("merchant-order-id", number(order)),
            ("purchase-date", time(order.created_at)),
            ("last-updated-date", time(order.completed_at.unwrap_or(order.created_at))),
            ("order-status", order_status.into()),
            ("fulfillment-channel", "Merchant".into()),
            ("sales-channel", "Amazon.cn".into()),
            ("item-status", item_status.into()),
            ("is-business-order", "false".into()),
        ]);
        // Of a cancelled item nothing is left.
        if item_status == "Cancelled" {
            row.push(("quantity", "0".into()));
        } else {
            row.push(("quantity", item.quantity.to_string()));
            row.extend(amounts(item, discount));
        }
        row
    };
    order.items.iter().zip(discounts(order)).map(row).collect()
}

/// The report lists what is to be sent: paid orders that nobody has cancelled.
fn new_orders(order: &Order, who: &Customer) -> Vec<Row> {
    let Some(paid_at) = order.paid_at.filter(|_| order.fate != Fate::Refunded) else { return Vec::new() };
    let row = |(i, (item, discount)): (usize, (&Item, i64))| {
        let mut row = item_cells(item, who);
        row.extend(amounts(item, discount));
        row.extend([
            ("order-id", number(order)),
            ("order-item-id", format!("{:014}", (order.id - FIRST) * 10 + i as u64)),
            ("purchase-date", time(order.created_at)),
            ("payments-date", time(paid_at)),
            ("buyer-email", customer_id(order.customer)),
            ("buyer-name", who.name.clone()),
            ("buyer-phone-number", who.phone.clone()),
            ("quantity-purchased", item.quantity.to_string()),
            ("recipient-name", who.name.clone()),
            ("ship-address-1", street(who)),
            ("sales-channel", "Amazon.cn".into()),
        ]);
        row
    };
    order.items.iter().zip(discounts(order)).enumerate().map(row).collect()
}

fn item_cells(item: &Item, who: &Customer) -> Row {
    let (id, title, ..) = PRODUCTS[item.product];
    vec![
        ("sku", id.into()),
        ("product-name", product_name(title)),
        ("currency", "CNY".into()),
        ("ship-service-level", "Standard".into()),
        ("ship-city", city(who).into()),
        ("ship-state", english_province(who).into()),
        ("ship-postal-code", "100000".into()),
        ("ship-country", "CN".into()),
    ]
}

/// The price is of all pieces; less the discount it is what was paid.
fn amounts(item: &Item, discount: i64) -> Row {
    vec![
        ("item-price", money(item.amount)),
        ("item-tax", "0.00".into()),
        ("shipping-price", "0.00".into()),
        ("shipping-tax", "0.00".into()),
        ("item-promotion-discount", money(discount)),
        ("ship-promotion-discount", "0.00".into()),
    ]
}

/// A name with quotation marks has them in front: where nothing is quoted, they must not open a quoted cell.
fn product_name(title: &str) -> String {
    match title.rsplit_once(' ') {
        Some((name, quoted)) if quoted.starts_with('"') => format!("{quoted} {name}"),
        _ => title.to_owned(),
    }
}

/// What the numbers of orders begin above.
const FIRST: u64 = 1_900_000_000_000_000_000;

/// `402-1234567-1234567`
fn number(order: &Order) -> String {
    let number = order.id - FIRST;
    format!("402-{:07}-{:07}", number / 10_000_000, number % 10_000_000)
}

/// Times are in UTC.
fn time(at: NaiveDateTime) -> String {
    (at - TimeDelta::hours(8)).format("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

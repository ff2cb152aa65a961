//! WooCommerce: the orders of its analytics, which say little, and those of its CSV export plugin.

use chrono::NaiveDateTime;

use super::super::shop::{Customer, Fate, Order, PRODUCTS, customer_id};
use super::sheet::Dress;
use super::text::{city, discounts, district, due, grouped, money, pieces, price, short_province, street};
use super::{Export, Identity, Row, Table};

const ANALYTICS: Export = Export {
    name: "woo_analytics_orders.csv",
    table: Table::Orders,
    identity: Identity::None,
    has_partial_refunds: true,
    has_region: false,
    has_city: false,
    headers: include_str!("../headers/woo_analytics.txt"),
    rows: analytics,
    dress: Dress::CSV,
};

pub const EXPORTS: &[Export] = &[
    ANALYTICS,
    Export {
        name: "woo_orders.csv",
        identity: Identity::Id,
        has_partial_refunds: false,
        has_region: true,
        has_city: true,
        headers: include_str!("../headers/woo.txt"),
        rows: plugin,
        ..ANALYTICS
    },
];

/// A refund is a further row of the order, with the day it was made and what it took off.
fn analytics(order: &Order, who: &Customer) -> Vec<Row> {
    let mut rows = vec![analytics_row(order, who, order.created_at, due(order))];
    if order.refund > 0 {
        rows.push(analytics_row(order, who, order.completed_at.unwrap_or(order.created_at), -order.refund));
    }
    rows
}

fn analytics_row(order: &Order, who: &Customer, at: NaiveDateTime, net: i64) -> Row {
    let products: Vec<String> =
        order.items.iter().map(|item| format!("{}× {}", item.quantity, PRODUCTS[item.product].1)).collect();
    let sign = if net < 0 { "-" } else { "" };
    vec![
        ("Date", at.to_string()),
        ("Order #", order.id.to_string()),
        ("N. Revenue (formatted)", format!("¥{}", grouped(due(order)))),
        ("Status", status(order.fate).into()),
        ("Customer", who.name.clone()),
        ("Customer type", if order.is_first { "new" } else { "returning" }.into()),
        ("Product(s)", products.join(", ")),
        ("Items sold", pieces(order).to_string()),
        ("Coupon(s)", if order.discount > 0 { "welcome" } else { "" }.into()),
        ("Net Sales", format!("{sign}{}", money(net.abs()))),
        ("Attribution", who.source.into()),
    ]
}

fn plugin(order: &Order, who: &Customer) -> Vec<Row> {
    let mut row = vec![
        ("order_id", order.id.to_string()),
        ("order_number", order.id.to_string()),
        ("date", order.created_at.to_string()),
        ("status", status(order.fate).into()),
        ("shipping_total", "0.00".into()),
        ("shipping_tax_total", "0.00".into()),
        ("tax_total", "0.00".into()),
        ("cart_discount", money(order.discount)),
        ("order_discount", "0.00".into()),
        ("discount_total", money(order.discount)),
        ("order_total", money(due(order))),
        ("payment_method", "alipay".into()),
        // All guests have this one; their e-mail is who they are.
        ("customer_id", "0".into()),
        ("billing_email", customer_id(order.customer)),
        ("billing_phone", who.phone.clone()),
        ("line_items", line_items(order)),
        ("coupons", if order.discount > 0 { "code:welcome" } else { "" }.into()),
    ];
    row.extend(address(
        who,
        [
            "billing_first_name",
            "billing_address_1",
            "billing_address_2",
            "billing_city",
            "billing_state",
            "billing_country",
        ],
    ));
    row.extend(address(
        who,
        [
            "shipping_first_name",
            "shipping_address_1",
            "shipping_address_2",
            "shipping_city",
            "shipping_state",
            "shipping_country",
        ],
    ));
    vec![row]
}

fn address(who: &Customer, headers: [&'static str; 6]) -> impl Iterator<Item = (&'static str, String)> {
    let cells = [
        who.name.clone(),
        street(who),
        district(who).into(),
        city(who).into(),
        short_province(who).into(),
        "CN".into(),
    ];
    headers.into_iter().zip(cells)
}

/// All items in one cell.
fn line_items(order: &Order) -> String {
    let items = order.items.iter().zip(discounts(order)).map(|(item, discount)| {
        let (id, title, ..) = PRODUCTS[item.product];
        let (price, total) = (money(price(item.product)), money(item.amount - discount));
        format!("name:{title}|sku:{id}|quantity:{}|price:{price}|total:{total}|refunded:0", item.quantity)
    });
    items.collect::<Vec<String>>().join(";")
}

/// WooCommerce does not know when a parcel has arrived.
fn status(fate: Fate) -> &'static str {
    match fate {
        Fate::Pending => "on-hold",
        Fate::ClosedUnpaid => "cancelled",
        Fate::Paid => "processing",
        Fate::Shipped | Fate::Completed | Fate::PartlyRefunded => "completed",
        Fate::Refunded => "refunded",
    }
}

//! Shopify's order export: one row per article, the order's own cells only on the first.

use super::super::shop::{Customer, Fate, Order, PRODUCTS, PROVINCES, customer_id};
use super::sheet::Dress;
use super::text::{city, district, due, english_province, money, price};
use super::{Export, Identity, Row, Table};

/// Of a shop that writes provinces out.
pub const ORDERS: Export = Export {
    name: "shopify_orders.csv",
    table: Table::Orders,
    identity: Identity::Id,
    has_partial_refunds: true,
    has_region: true,
    has_city: true,
    headers: include_str!("../headers/shopify.txt"),
    rows: rows_with_names,
    dress: Dress::CSV,
};

pub const EXPORTS: &[Export] =
    &[ORDERS, Export { name: "shopify_orders_coded.csv", rows: rows_with_codes, ..ORDERS }];

/// Shopify's codes of [`PROVINCES`].
const CODES: [&str; PROVINCES.len()] =
    ["GD", "ZJ", "JS", "SH", "BJ", "SC", "SD", "HB", "LN", "HL", "NM", "XJ"];

fn rows_with_names(order: &Order, who: &Customer) -> Vec<Row> {
    rows(order, who, vec![("Shipping Province", PROVINCES[who.place].0.into())])
}

/// What Shopify makes of its own list of provinces: the code in one column, the English name in another.
fn rows_with_codes(order: &Order, who: &Customer) -> Vec<Row> {
    let (code, name) = (CODES[who.place], english_province(who));
    let columns = [
        ("Billing Province", code),
        ("Billing Province Name", name),
        ("Shipping Province", code),
        ("Shipping Province Name", name),
    ];
    rows(order, who, Vec::from(columns.map(|(header, cell)| (header, cell.to_owned()))))
}

fn rows(order: &Order, who: &Customer, province: Row) -> Vec<Row> {
    let mut rows: Vec<Row> = order
        .items
        .iter()
        .map(|item| {
            let (id, title, ..) = PRODUCTS[item.product];
            vec![
                ("Name", format!("#{}", order.id)),
                ("Email", customer_id(order.customer)),
                ("Created at", time(order.created_at)),
                ("Vendor", "Example Tea".into()),
                ("Lineitem quantity", item.quantity.to_string()),
                ("Lineitem name", title.into()),
                ("Lineitem price", money(price(item.product))),
                ("Lineitem sku", id.into()),
            ]
        })
        .collect();
    rows[0].extend(own_cells(order, who));
    rows[0].extend(province);
    rows
}

/// What further items leave blank.
fn own_cells(order: &Order, who: &Customer) -> Row {
    let status = match order.fate {
        Fate::Pending => "pending",
        Fate::ClosedUnpaid => "voided",
        Fate::Paid | Fate::Shipped | Fate::Completed => "paid",
        Fate::PartlyRefunded => "partially_refunded",
        Fate::Refunded => "refunded",
    };
    vec![
        ("Financial Status", status.into()),
        ("Paid at", order.paid_at.map(time).unwrap_or_default()),
        ("Currency", "CNY".into()),
        ("Subtotal", money(due(order))),
        ("Shipping", "0.00".into()),
        ("Taxes", "0.00".into()),
        ("Total", money(due(order))),
        ("Discount Amount", money(order.discount)),
        ("Refunded Amount", money(order.refund)),
        ("Billing Name", who.name.clone()),
        ("Shipping City", city(who).into()),
        ("Shipping Country", "CN".into()),
        ("Note Attributes", format!("district: {}\nsource: {}", district(who), who.source)),
    ]
}

fn time(at: chrono::NaiveDateTime) -> String {
    format!("{at} +0800")
}

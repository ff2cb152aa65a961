//! Magento 2's order grid as its administrators export it.

use super::super::shop::{Customer, Fate, Order, customer_id};
use super::sheet::Dress;
use super::text::{city, due, full_province, gross, money, street};
use super::{Export, Identity, Row, Table};

pub const EXPORTS: &[Export] = &[Export {
    name: "magento_orders.csv",
    table: Table::Orders,
    identity: Identity::Id,
    has_partial_refunds: true,
    // Its addresses begin with the street.
    has_region: false,
    has_city: false,
    headers: include_str!("../headers/magento.txt"),
    rows,
    dress: Dress::CSV,
}];

fn rows(order: &Order, who: &Customer) -> Vec<Row> {
    let status = match order.fate {
        Fate::Pending => "Pending",
        Fate::ClosedUnpaid => "Canceled",
        Fate::Paid => "Processing",
        Fate::Shipped | Fate::Completed | Fate::PartlyRefunded => "Complete",
        Fate::Refunded => "Closed",
    };
    let address = format!("{},{},{},100000", street(who), city(who), full_province(who));
    vec![vec![
        ("ID", order.id.to_string()),
        ("Purchase Point", "Main Website\n    Main Website Store\n        Default Store View".into()),
        // Hours up to 23, and AM or PM behind them all the same.
        ("Purchase Date", order.created_at.format("%b %-d, %Y %H:%M:%S %p").to_string()),
        ("Bill-to Name", who.name.clone()),
        ("Ship-to Name", who.name.clone()),
        ("Grand Total (Base)", four_decimals(due(order))),
        ("Grand Total (Purchased)", four_decimals(due(order))),
        ("Status", status.into()),
        ("Billing Address", address.clone()),
        ("Shipping Address", address),
        ("Shipping Information", "Flat Rate - Fixed".into()),
        ("Customer Email", customer_id(order.customer)),
        ("Customer Group", "General".into()),
        ("Subtotal", four_decimals(gross(order))),
        ("Shipping and Handling", four_decimals(0)),
        ("Customer Name", who.name.clone()),
        ("Payment Method", "Check / Money order".into()),
        ("Total Refunded", if order.refund > 0 { four_decimals(order.refund) } else { String::new() }),
    ]]
}

/// Amounts as the database keeps them.
fn four_decimals(cents: i64) -> String {
    format!("{}00", money(cents))
}

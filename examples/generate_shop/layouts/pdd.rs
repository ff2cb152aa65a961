//! Pinduoduo's order export: the usual 23 columns, which name no buyer, and all 82.

use super::super::shop::{Customer, Fate, Order, PRODUCTS};
use super::sheet::{Dress, Encoding};
use super::text::{city, district, due, full_province, gross, money, pieces, time, titles};
use super::{Export, Identity, Row, Table};

const ORDERS: Export = Export {
    name: "pdd_orders.csv",
    table: Table::Orders,
    identity: Identity::None,
    has_partial_refunds: false,
    has_region: false,
    has_city: false,
    headers: include_str!("../headers/pdd.txt"),
    rows,
    dress: Dress { encoding: Encoding::Utf8Bom, ..Dress::CSV },
};

pub const EXPORTS: &[Export] = &[
    ORDERS,
    Export {
        name: "pdd_orders_full.csv",
        identity: Identity::Phone,
        has_region: true,
        has_city: true,
        headers: include_str!("../headers/pdd_full.txt"),
        rows: rows_in_full,
        ..ORDERS
    },
];

fn rows(order: &Order, _: &Customer) -> Vec<Row> {
    vec![row(order)]
}

fn rows_in_full(order: &Order, who: &Customer) -> Vec<Row> {
    let mut row = row(order);
    row.extend([
        ("支付时间", time(order.paid_at)),
        ("省", full_province(who)),
        ("市", city(who).into()),
        ("区", district(who).into()),
        ("用户购买手机号", format!("{}\t", who.phone)),
        ("商品一级类目", PRODUCTS[order.items[0].product].2.into()),
    ]);
    vec![row]
}

fn row(order: &Order) -> Row {
    let (status, after_sale) = status(order);
    vec![
        // Unpaid orders have no time at all: their numbers say on which day they were placed.
        ("订单成交时间", time(order.paid_at)),
        ("商品", titles(order, "；")),
        ("订单号", number(order)),
        ("订单状态", status.into()),
        ("商品总价(元)", tabbed(gross(order))),
        ("邮费(元)", tabbed(0)),
        ("店铺优惠折扣(元)", tabbed(order.discount)),
        ("平台优惠折扣(元)", tabbed(0)),
        ("多多支付立减金额(元)", tabbed(0)),
        ("用户实付金额(元)", tabbed(due(order))),
        ("商家实收金额(元)", tabbed(due(order))),
        ("商品数量(件)", format!("{}\t", pieces(order))),
        ("确认收货时间", time(order.completed_at)),
        ("商品id", format!("{}\t", PRODUCTS[order.items[0].product].0)),
        ("售后状态", after_sale.into()),
    ]
}

/// The day, and a number that no other order has.
fn number(order: &Order) -> String {
    format!("{}-{:015}", order.created_at.format("%y%m%d"), order.id - 1_900_000_000_000_000_000)
}

/// Numbers end with a tab, so that a spreadsheet takes them for text.
fn tabbed(cents: i64) -> String {
    format!("{}\t", money(cents))
}

/// The order's state and its after-sale state. Money that went back is in both or only in the second.
fn status(order: &Order) -> (&'static str, &'static str) {
    const NONE: &str = "无售后或售后取消";
    match order.fate {
        Fate::Pending => ("待支付", NONE),
        Fate::ClosedUnpaid => ("已取消", NONE),
        Fate::Paid => ("待发货", NONE),
        Fate::Shipped => ("已发货，待收货", "售后处理中"),
        Fate::Completed | Fate::PartlyRefunded => ("已收货", NONE),
        Fate::Refunded => match order.id % 3 {
            0 => ("未发货，退款成功", "退款成功"),
            1 => ("已发货，退款成功", "退款成功"),
            _ => ("已收货", "退款成功"),
        },
    }
}

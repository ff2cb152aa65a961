//! Douyin's order export: one row per sub-order, which is an article of an order; buyers are masked.

use super::super::shop::{Customer, Fate, Item, Order, PRODUCTS};
use super::sheet::{Dress, Encoding};
use super::text::{city, discounts, district, full_province, money, price};
use super::{Export, Identity, Row, Table};

pub const EXPORTS: &[Export] = &[Export {
    name: "douyin_orders.csv",
    table: Table::Orders,
    identity: Identity::None,
    has_partial_refunds: false,
    has_region: true,
    has_city: true,
    headers: include_str!("../headers/douyin.txt"),
    rows,
    dress: Dress { encoding: Encoding::Utf8Bom, line_end: "\r\n", ..Dress::CSV },
}];

/// How nothing is written.
const NULL: &str = "-";

fn rows(order: &Order, who: &Customer) -> Vec<Row> {
    let discounts = discounts(order);
    let items = order.items.iter().zip(discounts).enumerate();
    items.map(|(i, (item, discount))| row(order, i, item, discount, who)).collect()
}

fn row(order: &Order, i: usize, item: &Item, discount: i64, who: &Customer) -> Row {
    let (id, title, ..) = PRODUCTS[item.product];
    let (status, after_sale) = status(order);
    let time = |at: Option<chrono::NaiveDateTime>| at.map_or_else(|| NULL.into(), |at| at.to_string());
    vec![
        ("主订单编号", format!("\t{}", order.id)),
        ("子订单编号", format!("\t{}", sub_order(order, i))),
        ("选购商品", format!("\t{title}")),
        ("商品规格", NULL.into()),
        ("商品数量", item.quantity.to_string()),
        ("商品ID", format!("\t{id}")),
        ("商家编码", format!("\t{id}")),
        ("商品单价", money(price(item.product))),
        ("订单应付金额", money(item.amount - discount)),
        ("运费", "0.00".into()),
        ("优惠总金额", money(discount)),
        ("平台优惠", "0.00".into()),
        ("商家优惠", money(discount)),
        ("支付方式", if order.paid_at.is_some() { "微信" } else { NULL }.into()),
        ("收件人", format!("##{:x}##", who.number ^ 0x5a5a)),
        ("收件人手机号", format!("##{:x}##", who.number ^ 0xa5a5)),
        ("省", full_province(who)),
        ("市", city(who).into()),
        ("区", district(who).into()),
        ("详细地址", format!("##{:x}##", who.number ^ 0x3c3c)),
        ("买家留言", NULL.into()),
        ("订单提交时间", time(Some(order.created_at))),
        ("订单完成时间", time(order.completed_at)),
        ("支付完成时间", time(order.paid_at)),
        ("订单状态", status.into()),
        ("达人ID", NULL.into()),
        ("售后状态", after_sale.into()),
        ("取消原因", NULL.into()),
        ("流量来源", who.source.into()),
    ]
}

/// The first bears the order's number, as the only one of a plain order does; further ones count on where no order
/// is.
fn sub_order(order: &Order, i: usize) -> u64 {
    const ORDERS: u64 = 1_900_000_000_000_000_000;
    if i == 0 { order.id } else { 4_000_000_000_000_000_000 + (order.id - ORDERS) * 10 + i as u64 }
}

/// What is given back after it has arrived stays completed: only the after-sale state tells.
fn status(order: &Order) -> (&'static str, &'static str) {
    match order.fate {
        Fate::Pending => ("待支付", NULL),
        Fate::ClosedUnpaid => ("已关闭", NULL),
        Fate::Paid => ("待发货", NULL),
        Fate::Shipped => ("已发货", NULL),
        Fate::Completed | Fate::PartlyRefunded => ("已完成", NULL),
        Fate::Refunded if order.id.is_multiple_of(2) => ("已完成", "退款成功"),
        Fate::Refunded => ("已关闭", "退款成功"),
    }
}

//! JD's order export: one row per article, the order's own cells on each of them.

use super::super::shop::{Customer, Fate, Item, Order, PRODUCTS, PROVINCES, customer_id};
use super::sheet::Dress;
use super::text::{city, district, due, gross, money, price, street, time};
use super::{Export, Identity, Row, Table};

pub const EXPORTS: &[Export] = &[Export {
    name: "jd_orders_gbk.csv",
    table: Table::Orders,
    identity: Identity::Id,
    has_partial_refunds: false,
    has_region: true,
    has_city: true,
    headers: include_str!("../headers/jd.txt"),
    rows,
    dress: Dress::GBK,
}];

fn rows(order: &Order, who: &Customer) -> Vec<Row> {
    order.items.iter().map(|item| row(order, item, who)).collect()
}

fn row(order: &Order, item: &Item, who: &Customer) -> Row {
    let (id, title, ..) = PRODUCTS[item.product];
    // Some buyers pay a part from what they have on account: it is not in what is left to pay.
    let balance = if order.id.is_multiple_of(4) { due(order) / 5 } else { 0 };
    vec![
        ("订单号", order.id.to_string()),
        ("商品ID", id.into()),
        ("商品名称", title.into()),
        ("订购数量", item.quantity.to_string()),
        ("支付方式", "在线支付".into()),
        ("下单时间", order.created_at.to_string()),
        ("京东价", money(price(item.product))),
        ("订单金额", money(gross(order))),
        ("结算金额", money(due(order))),
        ("余额支付", money(balance)),
        ("应付金额", money(due(order) - balance)),
        ("订单状态", status(order).into()),
        ("下单帐号", customer_id(order.customer)),
        ("客户姓名", who.name.clone()),
        ("客户地址", format!("{}{}{}{}", PROVINCES[who.place].0, city(who), district(who), street(who))),
        ("联系电话", who.phone.clone()),
        ("运费金额", "0.00".into()),
        ("付款确认时间", time(order.paid_at)),
        ("货号", id.into()),
        ("订单完成时间", time(order.completed_at)),
    ]
}

/// A cancelled order keeps the words of where it stood, marked as deleted.
fn status(order: &Order) -> &'static str {
    match order.fate {
        Fate::Pending => "等待付款",
        Fate::ClosedUnpaid => "(删除)等待付款",
        Fate::Paid => "等待出库",
        Fate::Shipped => "等待确认收货",
        Fate::Completed | Fate::PartlyRefunded => "完成",
        Fate::Refunded if order.id.is_multiple_of(2) => "(删除)等待出库",
        Fate::Refunded => "(删除)等待确认收货",
    }
}

//! Youzan's order export: a buyer is known by phone, the nickname is whatever WeChat says.

use super::super::shop::{Customer, Fate, Order};
use super::sheet::{Dress, Encoding};
use super::text::{city, district, due, full_province, gross, money, street, time, titles};
use super::{Export, Identity, Row, Table};

pub const EXPORTS: &[Export] = &[Export {
    name: "youzan_orders.csv",
    table: Table::Orders,
    identity: Identity::Phone,
    has_partial_refunds: true,
    has_region: true,
    has_city: true,
    headers: include_str!("../headers/youzan.txt"),
    rows,
    dress: Dress { encoding: Encoding::Utf8Bom, ..Dress::CSV },
}];

fn rows(order: &Order, who: &Customer) -> Vec<Row> {
    let (status, refund_status) = status(order.fate);
    vec![vec![
        ("订单号", format!("E{}", order.id)),
        ("销售渠道", "网店".into()),
        ("归属店铺", "示例茶铺".into()),
        ("订单类型", "普通订单".into()),
        ("订单状态", status.into()),
        ("订单来源", "商家小程序".into()),
        ("订单创建时间", order.created_at.to_string()),
        ("买家付款时间", time(order.paid_at)),
        ("交易成功时间", time(order.completed_at)),
        ("付款方式", if order.paid_at.is_some() { "微信支付" } else { "" }.into()),
        ("商品金额合计", money(gross(order))),
        ("运费", "0.00".into()),
        ("店铺优惠合计", money(order.discount)),
        ("应收订单金额", money(due(order))),
        ("订单实付金额", money(order.paid)),
        ("支付优惠合计", "0.00".into()),
        ("订单实收金额", money(order.paid)),
        ("全部商品名称", titles(order, ";")),
        ("商品种类数", order.items.len().to_string()),
        ("收货人省份", full_province(who)),
        ("收货人城市", city(who).into()),
        ("收货人地区", district(who).into()),
        ("详细收货地址/提货地址", street(who)),
        ("收货人/提货人", who.name.clone()),
        // Often somebody else's.
        ("收货人手机号/提货人手机号", format!("1000{:07}", 9_999_999 - who.number % 10_000_000)),
        ("买家昵称", who.name.clone()),
        ("买家是否会员", if who.level.is_empty() { "否" } else { "是" }.into()),
        ("买家手机号", who.phone.clone()),
        ("分销员", "示例店员".into()),
        ("订单退款状态", refund_status.into()),
        ("订单已退款金额", money(order.refund)),
        ("团长订单", "否".into()),
        ("订单风险标签", "——".into()),
    ]]
}

fn status(fate: Fate) -> (&'static str, &'static str) {
    match fate {
        Fate::Pending => ("待付款", ""),
        Fate::ClosedUnpaid => ("交易关闭", ""),
        Fate::Paid => ("待发货", ""),
        Fate::Shipped => ("已发货", ""),
        Fate::Completed => ("交易完成", ""),
        Fate::PartlyRefunded => ("交易完成", "退款成功（部分退款）"),
        Fate::Refunded => ("交易关闭", "退款成功（全额退款）"),
    }
}

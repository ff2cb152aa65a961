//! Taobao's and Tmall's order reports of 2016, 2019 and 2020, and the items to them.

use super::super::shop::{Customer, Fate, Item, Order, PRODUCTS, PROVINCES, customer_id};
use super::sheet::{Container, Dress};
use super::text::{due, money, pieces, price, street, time, titles};
use super::{Export, Identity, Row, Table};

/// The report of 2019.
pub const ORDERS_2019: Export = Export {
    name: "taobao_orders_gbk.csv",
    table: Table::Orders,
    identity: Identity::Id,
    has_partial_refunds: true,
    has_region: true,
    has_city: true,
    headers: include_str!("../headers/taobao_2019.txt"),
    rows: rows_2019,
    dress: Dress::GBK,
};

/// The items, which name neither buyer nor time.
pub const ITEMS: Export = Export {
    name: "taobao_items_gbk.csv",
    table: Table::OrderItems,
    identity: Identity::None,
    has_partial_refunds: false,
    has_region: false,
    headers: include_str!("../headers/taobao_items.txt"),
    rows: items,
    ..ORDERS_2019
};

pub const EXPORTS: &[Export] = &[
    Export {
        name: "taobao_orders_2016_gbk.csv",
        headers: include_str!("../headers/taobao_2016.txt"),
        rows: rows_2016,
        ..ORDERS_2019
    },
    ORDERS_2019,
    Export {
        name: "taobao_orders_2020.xlsx",
        headers: include_str!("../headers/taobao_2020.txt"),
        rows: rows_2020,
        dress: Dress { container: Container::TextWorkbook, ..Dress::CSV },
        ..ORDERS_2019
    },
    ITEMS,
];

/// No column for refunds, but the paid column has them taken off.
fn rows_2016(order: &Order, who: &Customer) -> Vec<Row> {
    let mut row = row(order, who);
    row.push(("订单编号", formula(order.id)));
    row.push(("联系手机", format!("'{}", who.phone)));
    vec![row]
}

fn rows_2019(order: &Order, who: &Customer) -> Vec<Row> {
    let mut rows = rows_2016(order, who);
    rows[0].extend(since_2019(order));
    rows
}

/// A workbook keeps long numbers by being text: nothing is wrapped around them.
fn rows_2020(order: &Order, who: &Customer) -> Vec<Row> {
    let mut row = row(order, who);
    row.push(("订单编号", order.id.to_string()));
    row.push(("主订单编号", order.id.to_string()));
    row.push(("联系手机", who.phone.clone()));
    row.extend(since_2019(order));
    vec![row]
}

fn items(order: &Order, _: &Customer) -> Vec<Row> {
    let row = |item: &Item| {
        let (id, title, ..) = PRODUCTS[item.product];
        vec![
            ("订单编号", formula(order.id)),
            ("标题", title.into()),
            ("价格", money(price(item.product))),
            ("购买数量", item.quantity.to_string()),
            ("外部系统编号", id.into()),
            ("订单状态", status(order.fate).into()),
            ("商家编码", id.into()),
        ]
    };
    order.items.iter().map(row).collect()
}

fn row(order: &Order, who: &Customer) -> Row {
    let (province, city, district, _) = PROVINCES[who.place];
    vec![
        ("买家会员名", customer_id(order.customer)),
        ("买家应付货款", money(due(order))),
        ("买家应付邮费", "0.00".into()),
        ("总金额", money(due(order))),
        // Tmall's paid column has refunds taken off.
        ("买家实际支付金额", money(order.paid - order.refund)),
        ("订单状态", status(order.fate).into()),
        ("收货人姓名", who.name.clone()),
        ("收货地址", format!("{province} {city} {district} {}", street(who))),
        ("订单创建时间", order.created_at.to_string()),
        ("订单付款时间", time(order.paid_at)),
        ("宝贝标题", titles(order, "，")),
        ("宝贝种类", order.items.len().to_string()),
        ("宝贝总数量", pieces(order).to_string()),
        ("店铺名称", "示例茶铺".into()),
    ]
}

fn since_2019(order: &Order) -> Row {
    vec![("退款金额", money(order.refund)), ("确认收货时间", time(order.completed_at))]
}

fn status(fate: Fate) -> &'static str {
    match fate {
        Fate::Pending => "等待买家付款",
        Fate::ClosedUnpaid | Fate::Refunded => "交易关闭",
        Fate::Paid => "买家已付款，等待卖家发货",
        Fate::Shipped => "卖家已发货，等待买家确认",
        Fate::Completed | Fate::PartlyRefunded => "交易成功",
    }
}

/// What keeps a spreadsheet from rounding an id.
fn formula(id: u64) -> String {
    format!("=\"{id}\"")
}

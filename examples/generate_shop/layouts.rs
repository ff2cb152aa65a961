//! The same shop as each platform exports it.

use std::io::{self, Write};

use encoding_rs::GB18030;

use super::shop::{Customer, Fate, Order, PRODUCTS, PROVINCES, customer_id};

pub fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// ecrm's own orders table.
pub const CANONICAL: &str = "order_id,customer_id,status,created_at,paid_at,completed_at,gross,discount,paid_amount,refund_amount,currency,province,city,source\n";

pub fn canonical(out: &mut impl Write, order: &Order, customer: &Customer) -> io::Result<()> {
    let status = match order.fate {
        Fate::Pending => "pending",
        Fate::ClosedUnpaid => "closed_unpaid",
        Fate::Paid => "paid",
        Fate::Shipped => "shipped",
        Fate::Completed | Fate::PartlyRefunded => "completed",
        Fate::Refunded => "refunded",
    };
    let time = |at: Option<chrono::NaiveDateTime>| at.map(|at| at.to_string()).unwrap_or_default();
    let (province, city, ..) = PROVINCES[customer.place];
    writeln!(
        out,
        "{},{},{status},{},{},{},{},{},{},{},CNY,{province},{city},{}",
        order.id,
        customer_id(order.customer),
        order.created_at,
        time(order.paid_at),
        time(order.completed_at),
        money(gross(order)),
        money(order.discount),
        money(order.paid),
        money(order.refund),
        customer.source,
    )
}

/// The benchmark's columns: what a warehouse query would export.
pub const NARROW: &str = "order_id,customer_id,status,paid_at,paid_amount,refund_amount,province\n";

pub fn narrow(out: &mut impl Write, order: &Order, place: usize) -> io::Result<()> {
    let status = match order.fate {
        Fate::Pending => "pending",
        Fate::ClosedUnpaid => "closed_unpaid",
        Fate::Refunded => "refunded",
        Fate::Paid => "paid",
        Fate::Shipped => "shipped",
        Fate::Completed | Fate::PartlyRefunded => "completed",
    };
    let at = order.paid_at.unwrap_or(order.created_at);
    writeln!(
        out,
        "{},C{:07},{status},{at},{},{},{}",
        order.id - 1_899_999_999_000_000_000,
        order.customer,
        money(order.paid),
        money(order.refund),
        PROVINCES[place].0,
    )
}

/// The 2019 layout of Taobao's order report.
const TAOBAO: [&str; 54] = [
    "订单编号",
    "买家会员名",
    "买家支付宝账号",
    "买家应付货款",
    "买家应付邮费",
    "买家支付积分",
    "总金额",
    "返点积分",
    "买家实际支付金额",
    "买家实际支付积分",
    "订单状态",
    "买家留言",
    "收货人姓名",
    "收货地址 ",
    "运送方式",
    "联系电话 ",
    "联系手机",
    "订单创建时间",
    "订单付款时间 ",
    "宝贝标题 ",
    "宝贝种类 ",
    "物流单号 ",
    "物流公司",
    "订单备注",
    "宝贝总数量",
    "店铺Id",
    "店铺名称",
    "订单关闭原因",
    "卖家服务费",
    "买家服务费",
    "发票抬头",
    "是否手机订单",
    "分阶段订单信息",
    "特权订金订单id",
    "是否上传合同照片",
    "是否上传小票",
    "是否代付",
    "定金排名",
    "修改后的sku",
    "修改后的收货地址",
    "异常信息",
    "天猫卡券抵扣",
    "集分宝抵扣",
    "是否是O2O交易",
    "新零售交易类型",
    "新零售导购门店名称",
    "新零售导购门店id",
    "新零售发货门店名称",
    "新零售发货门店id",
    "退款金额",
    "预约门店",
    "确认收货时间",
    "打款商家金额",
    "含应开票给个人的个人红包",
];

pub fn taobao_header(out: &mut impl Write) -> io::Result<()> {
    gbk(out, &format!("{}\r\n", TAOBAO.join(",")))
}

pub fn taobao(out: &mut impl Write, order: &Order, customer: &Customer) -> io::Result<()> {
    let status = match order.fate {
        Fate::Pending => "等待买家付款",
        Fate::ClosedUnpaid | Fate::Refunded => "交易关闭",
        Fate::Paid => "买家已付款，等待卖家发货",
        Fate::Shipped => "卖家已发货，等待买家确认",
        Fate::Completed | Fate::PartlyRefunded => "交易成功",
    };
    let (province, city, district, _) = PROVINCES[customer.place];
    let titles: Vec<&str> = order.items.iter().map(|item| PRODUCTS[item.product].1).collect();
    let due = gross(order) - order.discount;
    let time = |at: Option<chrono::NaiveDateTime>| at.map(|at| at.to_string()).unwrap_or_default();
    let mut cells = vec![String::new(); TAOBAO.len()];
    let mut set = |name: &str, value: String| {
        if let Some(column) = TAOBAO.iter().position(|header| header.trim() == name) {
            cells[column] = value;
        }
    };
    set("订单编号", format!("=\"{}\"", order.id));
    set("买家会员名", customer_id(order.customer));
    set("买家应付货款", money(due));
    set("买家应付邮费", "0.00".into());
    set("总金额", money(due));
    // Tmall's paid column has refunds taken off.
    set("买家实际支付金额", money(order.paid - order.refund));
    set("订单状态", status.into());
    set("收货人姓名", customer.name.clone());
    set("收货地址", format!("{province} {city} {district} 测试路{}号", customer.number % 300 + 1));
    set("联系手机", format!("'{}", customer.phone));
    set("订单创建时间", order.created_at.to_string());
    set("订单付款时间", time(order.paid_at));
    set("宝贝标题", titles.join("，"));
    set("宝贝种类", order.items.len().to_string());
    set("宝贝总数量", order.items.iter().map(|item| item.quantity).sum::<u32>().to_string());
    set("店铺名称", "示例茶铺".into());
    set("退款金额", money(order.refund));
    set("确认收货时间", time(order.completed_at));
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    gbk(out, &format!("{}\r\n", cells.join(",")))
}

/// Shopify's order export.
const SHOPIFY: [&str; 79] = [
    "Name",
    "Email",
    "Financial Status",
    "Paid at",
    "Fulfillment Status",
    "Fulfilled at",
    "Accepts Marketing",
    "Currency",
    "Subtotal",
    "Shipping",
    "Taxes",
    "Total",
    "Discount Code",
    "Discount Amount",
    "Shipping Method",
    "Created at",
    "Lineitem quantity",
    "Lineitem name",
    "Lineitem price",
    "Lineitem compare at price",
    "Lineitem sku",
    "Lineitem requires shipping",
    "Lineitem taxable",
    "Lineitem fulfillment status",
    "Billing Name",
    "Billing Street",
    "Billing Address1",
    "Billing Address2",
    "Billing Company",
    "Billing City",
    "Billing Zip",
    "Billing Province",
    "Billing Country",
    "Billing Phone",
    "Shipping Name",
    "Shipping Street",
    "Shipping Address1",
    "Shipping Address2",
    "Shipping Company",
    "Shipping City",
    "Shipping Zip",
    "Shipping Province",
    "Shipping Country",
    "Shipping Phone",
    "Notes",
    "Note Attributes",
    "Cancelled at",
    "Payment Method",
    "Payment Reference",
    "Refunded Amount",
    "Vendor",
    "Outstanding Balance",
    "Employee",
    "Location",
    "Device ID",
    "Id",
    "Tags",
    "Risk Level",
    "Source",
    "Lineitem discount",
    "Tax 1 Name",
    "Tax 1 Value",
    "Tax 2 Name",
    "Tax 2 Value",
    "Tax 3 Name",
    "Tax 3 Value",
    "Tax 4 Name",
    "Tax 4 Value",
    "Tax 5 Name",
    "Tax 5 Value",
    "Phone",
    "Receipt Number",
    "Duties",
    "Billing Province Name",
    "Shipping Province Name",
    "Payment ID",
    "Payment Terms Name",
    "Next Payment Due At",
    "Payment References",
];

pub fn shopify_header(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", SHOPIFY.join(","))
}

pub fn shopify(out: &mut impl Write, order: &Order, customer: &Customer) -> io::Result<()> {
    let status = match order.fate {
        Fate::Pending => "pending",
        Fate::ClosedUnpaid => "voided",
        Fate::Paid | Fate::Shipped | Fate::Completed => "paid",
        Fate::PartlyRefunded => "partially_refunded",
        Fate::Refunded => "refunded",
    };
    let (province, city, district, _) = PROVINCES[customer.place];
    let due = gross(order) - order.discount;
    let time = |at: chrono::NaiveDateTime| format!("{at} +0800");
    for (i, item) in order.items.iter().enumerate() {
        let mut cells = vec![String::new(); SHOPIFY.len()];
        let mut set = |name: &str, value: String| {
            if let Some(column) = SHOPIFY.iter().position(|header| *header == name) {
                cells[column] = value;
            }
        };
        // Further items leave the order's own cells blank.
        set("Name", format!("#{}", order.id));
        set("Email", customer_id(order.customer));
        set("Created at", time(order.created_at));
        set("Vendor", "Example Tea".into());
        set("Lineitem quantity", item.quantity.to_string());
        set("Lineitem name", PRODUCTS[item.product].1.into());
        set("Lineitem price", money(i64::from(PRODUCTS[item.product].3)));
        set("Lineitem sku", PRODUCTS[item.product].0.into());
        if i == 0 {
            set("Financial Status", status.into());
            set("Paid at", order.paid_at.map(time).unwrap_or_default());
            set("Currency", "CNY".into());
            set("Subtotal", money(due));
            set("Shipping", "0.00".into());
            set("Taxes", "0.00".into());
            set("Total", money(due));
            set("Discount Amount", money(order.discount));
            set("Refunded Amount", money(order.refund));
            set("Billing Name", customer.name.clone());
            set("Shipping City", city.into());
            set("Shipping Province", province.into());
            set("Shipping Country", "CN".into());
            set("Note Attributes", format!("district: {district}\nsource: {}", customer.source));
        }
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        writeln!(out, "{}", cells.join(","))?;
    }
    Ok(())
}

pub fn gross(order: &Order) -> i64 {
    order.items.iter().map(|item| item.amount).sum()
}

/// A cell with quotes around it where it needs them.
pub fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

fn gbk(out: &mut impl Write, text: &str) -> io::Result<()> {
    out.write_all(&GB18030.encode(text).0)
}

//! What cells hold, in the ways the platforms have of writing it.

use std::borrow::Cow;

use chrono::NaiveDateTime;

use super::super::shop::{Customer, Order, PRODUCTS, PROVINCES};

/// Names of [`PROVINCES`] as they are written in English.
const PINYIN: [&str; PROVINCES.len()] = [
    "Guangdong",
    "Zhejiang",
    "Jiangsu",
    "Shanghai",
    "Beijing",
    "Sichuan",
    "Shandong",
    "Hubei",
    "Liaoning",
    "Heilongjiang",
    "Inner Mongolia",
    "Xinjiang",
];

/// What the items cost before discounts, in cents.
pub fn gross(order: &Order) -> i64 {
    order.items.iter().map(|item| item.amount).sum()
}

/// What the buyer has paid or would have to pay, in cents.
pub fn due(order: &Order) -> i64 {
    gross(order) - order.discount
}

/// The order's discount by item, in proportion to their amounts; the last takes what rounding leaves, so that the
/// parts add up.
pub fn discounts(order: &Order) -> Vec<i64> {
    let (total, last) = (gross(order), order.items.len() - 1);
    let mut left = order.discount;
    let parts = order.items.iter().enumerate().map(|(i, item)| {
        let part = if i == last { left } else { order.discount * item.amount / total };
        left -= part;
        part
    });
    parts.collect()
}

/// How many pieces of anything.
pub fn pieces(order: &Order) -> u32 {
    order.items.iter().map(|item| item.quantity).sum()
}

/// The titles of all items.
pub fn titles(order: &Order, between: &str) -> String {
    let titles: Vec<&str> = order.items.iter().map(|item| PRODUCTS[item.product].1).collect();
    titles.join(between)
}

/// The price of one piece, in cents.
pub fn price(product: usize) -> i64 {
    i64::from(PRODUCTS[product].3)
}

/// `1234.50`; what is negative needs a sign of its own.
pub fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// `1,234.50`, for amounts below a million.
pub fn grouped(cents: i64) -> String {
    match cents / 100_000 {
        0 => money(cents),
        thousands => format!("{thousands},{:0>6}", money(cents % 100_000)),
    }
}

/// `2024-11-01 08:30:00`, or nothing.
pub fn time(at: Option<NaiveDateTime>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

/// `广东省`, `内蒙古自治区`, `上海市`.
pub fn full_province(who: &Customer) -> String {
    let name = PROVINCES[who.place].0;
    if name.ends_with(['省', '区']) { name.to_owned() } else { format!("{name}市") }
}

/// `广东`, `内蒙古`, `上海`.
pub fn short_province(who: &Customer) -> &'static str {
    let name = PROVINCES[who.place].0;
    let endings = ["维吾尔自治区", "自治区", "省"];
    endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

/// `Guangdong`, `Inner Mongolia`, `Shanghai`.
pub fn english_province(who: &Customer) -> &'static str {
    PINYIN[who.place]
}

pub fn city(who: &Customer) -> &'static str {
    PROVINCES[who.place].1
}

pub fn district(who: &Customer) -> &'static str {
    PROVINCES[who.place].2
}

pub fn street(who: &Customer) -> String {
    format!("测试路{}号", who.number % 300 + 1)
}

/// A cell with quotes around it where it needs them.
pub fn quoted(cell: &str, delimiter: char) -> Cow<'_, str> {
    if cell.contains([delimiter, '"', '\n']) {
        Cow::Owned(format!("\"{}\"", cell.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(cell)
    }
}

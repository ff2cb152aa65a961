//! A believable shop, one order after the other: nothing is kept but counters, so that its size is unlimited.
//!
//! Over three years the shop grows, sells more in some seasons, wins new buyers at a steady rate and sees old ones
//! again: soon after an order most likely, and some far more often than others.

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};
use fastrand::Rng;

/// What is generated.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub orders: u64,
    pub seed: u64,
    /// Whether part of an order's money may go back. Without, such orders are plainly completed and all others as
    /// they were: not every platform's export can say so.
    pub has_partial_refunds: bool,
}

pub const PROVINCES: [(&str, &str, &str, u32); 12] = [
    ("广东省", "广州市", "天河区", 22),
    ("浙江省", "杭州市", "西湖区", 16),
    ("江苏省", "苏州市", "姑苏区", 14),
    ("上海", "上海市", "浦东新区", 12),
    ("北京", "北京市", "朝阳区", 10),
    ("四川省", "成都市", "武侯区", 8),
    ("山东省", "青岛市", "市南区", 6),
    ("湖北省", "武汉市", "洪山区", 4),
    ("辽宁省", "沈阳市", "和平区", 3),
    ("黑龙江省", "哈尔滨市", "南岗区", 2),
    ("内蒙古自治区", "呼和浩特市", "赛罕区", 2),
    ("新疆维吾尔自治区", "乌鲁木齐市", "天山区", 1),
];

pub const PRODUCTS: [(&str, &str, &str, u32, u32); 10] = [
    ("P100", "桂花乌龙茶 100g", "茶叶", 6800, 20),
    ("P101", "茉莉绿茶 250g", "茶叶", 5900, 18),
    ("P102", "手工陶瓷茶杯", "器具", 12900, 8),
    ("P103", "玻璃公道杯", "器具", 4500, 7),
    ("P104", "保湿面霜 50ml", "护肤", 19900, 12),
    ("P105", "氨基酸洁面 120g", "护肤", 8800, 14),
    ("P106", "羊毛围巾, 灰色", "服饰", 25900, 5),
    ("P107", "亚麻衬衫 \"白\"", "服饰", 18800, 6),
    ("P108", "坚果礼盒", "食品", 9900, 9),
    ("P109", "每日燕麦 1kg", "食品", 3990, 16),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Pending,
    ClosedUnpaid,
    Paid,
    Shipped,
    Completed,
    PartlyRefunded,
    Refunded,
}

#[derive(Debug, Clone)]
pub struct Item {
    pub product: usize,
    pub quantity: u32,
    /// Cents for all of them.
    pub amount: i64,
}

#[derive(Debug, Clone)]
pub struct Order {
    pub id: u64,
    pub customer: u64,
    pub is_first: bool,
    pub fate: Fate,
    pub created_at: NaiveDateTime,
    pub paid_at: Option<NaiveDateTime>,
    pub completed_at: Option<NaiveDateTime>,
    pub items: Vec<Item>,
    /// Cents.
    pub discount: i64,
    /// Cents, before refunds.
    pub paid: i64,
    /// Cents.
    pub refund: i64,
}

#[derive(Debug, Clone)]
pub struct Customer {
    pub number: u64,
    pub name: String,
    pub gender: &'static str,
    pub birthday: NaiveDate,
    pub level: &'static str,
    pub phone: String,
    pub place: usize,
    pub source: &'static str,
    pub opt_out: bool,
}

pub fn customer_id(number: u64) -> String {
    format!("u{number:06}@shop.example")
}

/// Calls `visit` with every order, oldest first. Returns the number of customers.
pub fn for_each_order(
    size: Size,
    mut visit: impl FnMut(&Order) -> std::io::Result<()>,
) -> std::io::Result<u64> {
    let mut rng = Rng::with_seed(size.seed);
    let calendar = Calendar::new();
    let mut customers = 0;
    for index in 0..size.orders {
        let is_first = customers == 0 || rng.f64() < 0.26;
        let customer = if is_first {
            customers += 1;
            customers - 1
        } else {
            returning(&mut rng, customers)
        };
        let created_at = calendar.time(index, size.orders, &mut rng);
        let mut order = order(&mut rng, index, customer, is_first, created_at);
        if order.fate == Fate::PartlyRefunded && !size.has_partial_refunds {
            order.fate = Fate::Completed;
            order.refund = 0;
        }
        visit(&order)?;
    }
    Ok(customers)
}

/// Who a customer is, from the seed and the number alone.
pub fn customer(size: Size, number: u64) -> Customer {
    let mut rng = Rng::with_seed(size.seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    const FAMILY: [&str; 8] = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄"];
    const GIVEN: [&str; 8] = ["芳", "伟", "娜", "敏", "静", "强", "磊", "洋"];
    let born = NaiveDate::from_ymd_opt(1960, 1, 1).unwrap_or_default() + TimeDelta::days(rng.i64(0..16_000));
    let weights = PROVINCES.iter().map(|place| place.3);
    Customer {
        number,
        name: format!("{}{}", pick(&mut rng, &FAMILY), pick(&mut rng, &GIVEN)),
        gender: pick(&mut rng, &["女", "女", "男", ""]),
        birthday: born,
        level: pick(&mut rng, &["", "", "VIP1", "VIP2", "VIP3"]),
        // A number range that no operator gives out.
        phone: format!("1000{:07}", number % 10_000_000),
        place: weighted(&mut rng, weights),
        source: pick(&mut rng, &["search", "search", "recommendation", "live", "ads"]),
        opt_out: rng.f64() < 0.05,
    }
}

/// An earlier customer: recent ones more often, and every tenth number far more often than the rest.
fn returning(rng: &mut Rng, customers: u64) -> u64 {
    let back = (rng.f64() * rng.f64() * customers as f64) as u64;
    let number = customers - 1 - back.min(customers - 1);
    if rng.f64() < 0.45 { number - number % 10 } else { number }
}

fn order(rng: &mut Rng, index: u64, customer: u64, is_first: bool, created_at: NaiveDateTime) -> Order {
    let count = 1 + usize::from(rng.f64() < 0.35) + usize::from(rng.f64() < 0.12);
    let items: Vec<Item> = (0..count)
        .map(|_| {
            let product = weighted(rng, PRODUCTS.iter().map(|product| product.4));
            let quantity = 1 + u32::from(rng.f64() < 0.2);
            Item { product, quantity, amount: i64::from(PRODUCTS[product].3 * quantity) }
        })
        .collect();
    let gross: i64 = items.iter().map(|item| item.amount).sum();
    let discount = if rng.f64() < 0.3 { gross * rng.i64(5..40) / 100 } else { 0 };
    let due = gross - discount;
    let fate = match rng.u32(0..100) {
        0..4 => Fate::Pending,
        4..10 => Fate::ClosedUnpaid,
        10..13 => Fate::Paid,
        13..18 => Fate::Shipped,
        18..22 => Fate::PartlyRefunded,
        22..27 => Fate::Refunded,
        _ => Fate::Completed,
    };
    let is_paid = !matches!(fate, Fate::Pending | Fate::ClosedUnpaid);
    let paid_at = is_paid.then(|| created_at + TimeDelta::minutes(rng.i64(0..90)));
    let is_done = matches!(fate, Fate::Completed | Fate::PartlyRefunded | Fate::Refunded);
    Order {
        id: 1_900_000_000_000_000_000 + index * 7 + rng.u64(0..7),
        customer,
        is_first,
        fate,
        created_at,
        paid_at,
        completed_at: paid_at.filter(|_| is_done).map(|at| at + TimeDelta::hours(rng.i64(48..240))),
        items,
        discount,
        paid: if is_paid { due } else { 0 },
        refund: match fate {
            Fate::PartlyRefunded => due * rng.i64(10..60) / 100,
            Fate::Refunded => due,
            _ => 0,
        },
    }
}

/// Three years of days, weighted by growth and season.
struct Calendar {
    first: NaiveDate,
    /// The part of all orders placed before the end of each day.
    until: Vec<f64>,
}

impl Calendar {
    fn new() -> Self {
        let first = NaiveDate::from_ymd_opt(2023, 7, 1).unwrap_or_default();
        let last = NaiveDate::from_ymd_opt(2026, 6, 30).unwrap_or_default();
        let mut total = 0.0;
        let mut until: Vec<f64> = first
            .iter_days()
            .take_while(|day| *day <= last)
            .enumerate()
            .map(|(i, day)| {
                let season = match (day.month(), day.day()) {
                    (11, 1..=11) => 4.0,
                    (6, 1..=18) => 2.5,
                    (12, _) => 1.4,
                    (2, _) => 0.5,
                    _ => 1.0,
                };
                total += season * (1.0 + i as f64 / 800.0);
                total
            })
            .collect();
        until.iter_mut().for_each(|sum| *sum /= total);
        Self { first, until }
    }

    fn time(&self, index: u64, orders: u64, rng: &mut Rng) -> NaiveDateTime {
        let part = index as f64 / orders as f64;
        let day = self.until.partition_point(|until| *until <= part).min(self.until.len() - 1);
        let before = if day == 0 { 0.0 } else { self.until[day - 1] };
        // Orders come between eight in the morning and ten at night, in the order of their numbers.
        let within = ((part - before) / (self.until[day] - before)).clamp(0.0, 0.999);
        let seconds = 8 * 3600 + (within * 14.0 * 3600.0) as i64 + rng.i64(0..30);
        let midnight = (self.first + TimeDelta::days(day as i64)).and_hms_opt(0, 0, 0).unwrap_or_default();
        midnight + TimeDelta::seconds(seconds)
    }
}

pub fn pick<T: Copy>(rng: &mut Rng, values: &[T]) -> T {
    values[rng.usize(0..values.len())]
}

fn weighted(rng: &mut Rng, weights: impl Iterator<Item = u32> + Clone) -> usize {
    let mut left = rng.u32(0..weights.clone().sum());
    for (i, weight) in weights.enumerate() {
        if left < weight {
            return i;
        }
        left -= weight;
    }
    0
}

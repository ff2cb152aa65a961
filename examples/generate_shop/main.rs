//! Writes the exports of a made-up shop, the same for the same seed.
//!
//! ```text
//! cargo run --example generate_shop -- --orders 1200 --out fixtures/shop
//! cargo run --example generate_shop -- --orders 1200 --out layouts --every-layout
//! cargo run --release --example generate_shop -- --orders 10000000 --narrow bench-data/orders.csv
//! ```

#[allow(dead_code, reason = "what a layout can say is for the tests that share it")]
mod layouts;
mod shop;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use clap::Parser;
use fastrand::Rng;

use layouts::canonical;
use layouts::sheet::create;
use layouts::text::{money, price, quoted};
use shop::{PRODUCTS, PROVINCES, Size, customer, customer_id, for_each_order, pick};

#[derive(Parser)]
struct Args {
    /// Orders
    #[arg(long)]
    orders: u64,
    /// The same seed makes the same shop
    #[arg(long, default_value_t = 20260630)]
    seed: u64,
    /// Folder for all exports of the shop
    #[arg(long)]
    out: Option<PathBuf>,
    /// Also its orders in every layout of every platform
    #[arg(long, requires = "out")]
    every_layout: bool,
    /// Only the benchmark's file of narrow orders, streamed
    #[arg(long)]
    narrow: Option<PathBuf>,
}

fn main() -> io::Result<()> {
    let args = Args::parse();
    let size = Size { orders: args.orders, seed: args.seed, has_partial_refunds: true };
    if let Some(path) = &args.narrow {
        write_narrow(size, path)?;
    }
    let Some(folder) = &args.out else { return Ok(()) };
    write_shop(size, folder)?;
    let exports = if args.every_layout { layouts::all() } else { layouts::kept().into() };
    exports.iter().try_for_each(|export| export.write(size, &folder.join(export.name)))
}

fn write_narrow(size: Size, path: &Path) -> io::Result<()> {
    let mut out = create(path)?;
    out.write_all(canonical::NARROW.as_bytes())?;
    for_each_order(size, |order| {
        canonical::narrow(&mut out, order, (order.customer % PROVINCES.len() as u64) as usize)
    })?;
    out.flush()
}

/// All but the orders: items, events, customers and sends in ecrm's own layouts.
fn write_shop(size: Size, folder: &Path) -> io::Result<()> {
    let mut items = create(&folder.join("order_items.csv"))?;
    let mut events = create(&folder.join("events.csv"))?;
    items.write_all(b"order_id,line_no,product_id,title,category,quantity,unit_price,amount\n")?;
    events.write_all(b"customer_id,occurred_at,kind,product_id,category,source,province\n")?;
    let mut rng = Rng::with_seed(size.seed + 1);
    let mut first_orders = Vec::new();
    for_each_order(size, |order| {
        let who = customer(size, order.customer);
        if order.is_first {
            first_orders.push(order.created_at);
        }
        for (i, item) in order.items.iter().enumerate() {
            let (id, title, category, ..) = PRODUCTS[item.product];
            let (price, amount) = (money(price(item.product)), money(item.amount));
            writeln!(
                items,
                "{},{},{id},{},{category},{},{price},{amount}",
                order.id,
                i + 1,
                quoted(title, ','),
                item.quantity
            )?;
        }
        write_events(&mut events, &mut rng, order, &who)
    })?;
    items.flush()?;
    events.flush()?;
    write_customers(size, folder, &first_orders)?;
    write_sends(size, folder, &first_orders)
}

/// What a buyer did before an order: views, favourites, the cart; and the purchase.
fn write_events(
    out: &mut impl Write,
    rng: &mut Rng,
    order: &shop::Order,
    who: &shop::Customer,
) -> io::Result<()> {
    let (id, province) = (customer_id(order.customer), PROVINCES[who.place].0);
    for item in &order.items {
        let (product, _, category, ..) = PRODUCTS[item.product];
        let mut write = |minutes: i64, kind: &str| {
            let at = order.created_at - TimeDelta::minutes(minutes);
            writeln!(out, "{id},{at},{kind},{product},{category},{},{province}", who.source)
        };
        write(rng.i64(60..4000), "view")?;
        if rng.f64() < 0.3 {
            write(rng.i64(30..60), "fav_item")?;
        }
        if rng.f64() < 0.6 {
            write(rng.i64(2..30), "cart")?;
        }
        if order.paid_at.is_some() {
            write(0, "purchase")?;
        }
    }
    if order.is_first && rng.f64() < 0.2 {
        writeln!(out, "{id},{},fav_shop,,,{},{province}", order.created_at, who.source)?;
    }
    Ok(())
}

fn write_customers(size: Size, folder: &Path, first_orders: &[chrono::NaiveDateTime]) -> io::Result<()> {
    let mut out = create(&folder.join("customers.csv"))?;
    out.write_all(
        b"customer_id,name,gender,birthday,level,phone,email,province,city,registered_at,source,opt_out\n",
    )?;
    for (number, first) in first_orders.iter().enumerate() {
        let who = customer(size, number as u64);
        let (province, city, ..) = PROVINCES[who.place];
        let id = customer_id(who.number);
        let registered_at = *first - TimeDelta::minutes(10);
        writeln!(
            out,
            "{id},{},{},{},{},{},{id},{province},{city},{registered_at},{},{}",
            who.name, who.gender, who.birthday, who.level, who.phone, who.source, who.opt_out,
        )?;
    }
    out.flush()
}

/// Four campaigns, each to a part of those who were customers then, a tenth of them held out.
fn write_sends(size: Size, folder: &Path, first_orders: &[chrono::NaiveDateTime]) -> io::Result<()> {
    let mut out = create(&folder.join("sends.csv"))?;
    out.write_all(b"campaign_id,customer_id,sent_at,channel,arm,delivered,cost\n")?;
    let mut rng = Rng::with_seed(size.seed + 2);
    for (campaign, day) in [
        ("2024-11", "2024-11-01"),
        ("2025-06", "2025-06-01"),
        ("2025-11", "2025-11-01"),
        ("2026-06", "2026-06-01"),
    ] {
        let sent_at =
            day.parse::<chrono::NaiveDate>().unwrap_or_default().and_hms_opt(10, 0, 0).unwrap_or_default();
        for (number, first) in first_orders.iter().enumerate() {
            if *first > sent_at || rng.f64() > 0.4 {
                continue;
            }
            let channel = pick(&mut rng, &["sms", "sms", "email", "wechat"]);
            let is_control = rng.f64() < 0.1;
            let (arm, cost) = if is_control { ("control", "0.00") } else { ("treatment", "0.05") };
            let delivered = !is_control && rng.f64() < 0.97;
            writeln!(
                out,
                "{campaign},{},{sent_at},{channel},{arm},{delivered},{cost}",
                customer_id(number as u64)
            )?;
        }
    }
    out.flush()
}

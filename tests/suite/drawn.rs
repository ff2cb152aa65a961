//! Small shops drawn with a seed, their files, and the rows of a command's answer. The oracles beside this file work
//! answers out the slow way, from the list of orders; they know the files and the command line, and nothing of the
//! library.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, TimeDelta};

use super::common::stdout;

pub const PROVINCES: [&str; 3] = ["", "广东", "浙江"];
pub const SOURCES: [&str; 3] = ["", "search", "video"];
pub const KINDS: [&str; 7] = ["view", "fav_shop", "fav_item", "cart", "purchase", "scan", "unfav"];
const RECIPIENTS: [&str; 4] = ["", "Ann", "Bob", "Cat"];
const STATUSES: [&str; 9] = [
    "pending",
    "closed_unpaid",
    "refunded",
    "paid",
    "paid",
    "shipped",
    "completed",
    "completed",
    "completed",
];
const PRODUCTS: usize = 5;
const CUSTOMERS: usize = 16;
/// 2025-01-01 in days since 1970-01-01.
const FIRST_DAY: i32 = 20_089;

#[derive(Debug, Clone)]
pub struct Order {
    pub id: String,
    pub customer: Option<usize>,
    pub status: &'static str,
    /// Since 1970-01-01.
    pub day: i32,
    /// Of the day; no two orders of a customer are of one minute.
    pub minute: u32,
    /// Products, each once, and cents.
    pub items: Vec<(usize, i64)>,
    pub province: &'static str,
    pub recipient: &'static str,
    pub source: &'static str,
}

#[derive(Debug, Clone)]
pub struct Event {
    pub customer: usize,
    pub day: i32,
    pub minute: u32,
    pub kind: &'static str,
    pub source: &'static str,
    pub province: &'static str,
}

/// A row of the customer list.
#[derive(Debug, Clone)]
pub struct Person {
    pub customer: usize,
    pub gender: &'static str,
    pub birthday: Option<NaiveDate>,
    pub level: &'static str,
    pub source: &'static str,
    pub province: &'static str,
}

#[derive(Debug, Clone)]
pub struct Shop {
    pub orders: Vec<Order>,
    pub events: Vec<Event>,
    pub people: Vec<Person>,
    /// What the commands are asked for: the last day of any row, or some days before.
    pub as_of: i32,
}

pub fn id(customer: usize) -> String {
    format!("c{customer:02}")
}

pub fn date(day: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + TimeDelta::days(i64::from(day))
}

impl Order {
    pub fn cents(&self) -> i64 {
        self.items.iter().map(|(_, cents)| cents).sum()
    }

    fn is_paid(&self) -> bool {
        ["paid", "shipped", "completed"].contains(&self.status)
    }

    pub fn is_valid(&self) -> bool {
        self.is_paid() && self.cents() > 0
    }

    pub fn is_credit_note(&self) -> bool {
        self.is_paid() && self.cents() < 0
    }
}

impl Event {
    pub fn is_interest(&self) -> bool {
        ["fav_shop", "fav_item", "cart"].contains(&self.kind)
    }
}

/// The seeds that are drawn.
pub fn seeds() -> std::ops::Range<u64> {
    0..16
}

impl Shop {
    /// From a few orders to many; the amounts of credit notes are those of no order, so that none undoes one.
    pub fn drawn(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let order_count = [3, 20, 60, 140][seed as usize % 4];
        let orders: Vec<Order> = (0..order_count).map(|number| order(&mut rng, number)).collect();
        let events: Vec<Event> = (0..order_count).map(|_| event(&mut rng)).collect();
        let listed = (0..CUSTOMERS + 4).filter(|_| rng.u8(..4) > 0);
        let listed: Vec<usize> = listed.collect();
        let people = listed.into_iter().map(|customer| person(&mut rng, customer)).collect();
        let last = orders.iter().map(|order| order.day).chain(events.iter().map(|event| event.day)).max();
        let as_of = last.unwrap_or(FIRST_DAY) - [0, 25][rng.usize(..2)];
        let mut shop = Self { orders, events, people, as_of };
        // Somebody must have bought.
        shop.orders[0].customer = Some(0);
        shop.orders[0].status = "completed";
        shop.orders[0].items = vec![(0, 1_230)];
        shop.orders[0].day = FIRST_DAY;
        shop
    }

    /// The same rows in another order.
    pub fn shuffled(&self, seed: u64) -> Self {
        let mut shop = self.clone();
        let mut rng = fastrand::Rng::with_seed(seed);
        rng.shuffle(&mut shop.orders);
        shop.orders.iter_mut().for_each(|order| rng.shuffle(&mut order.items));
        rng.shuffle(&mut shop.events);
        rng.shuffle(&mut shop.people);
        shop
    }

    /// The rows as they were drawn or in another order: of the shops of each size half are asked about in either.
    pub fn in_either_order(&self, seed: u64) -> Self {
        if (seed / 4).is_multiple_of(2) { self.clone() } else { self.shuffled(seed) }
    }

    /// The valid orders up to as-of of each customer who has one, in time.
    pub fn orders_of_buyers(&self) -> BTreeMap<usize, Vec<&Order>> {
        let mut buyers: BTreeMap<usize, Vec<&Order>> = BTreeMap::new();
        for order in self.orders.iter().filter(|order| order.is_valid() && order.day <= self.as_of) {
            buyers.entry(order.customer.unwrap_or(usize::MAX)).or_default().push(order);
        }
        buyers.remove(&usize::MAX);
        buyers.values_mut().for_each(|orders| orders.sort_by_key(|order| (order.day, order.minute)));
        buyers
    }

    /// The events up to as-of.
    pub fn events_so_far(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(|event| event.day <= self.as_of)
    }

    /// Writes orders, events and customers into a folder.
    pub fn files(&self, folder: &Path) -> [String; 3] {
        let mut orders =
            "order_id,customer_id,status,ordered_at,product_id,amount,province,recipient,source\n".to_owned();
        for order in &self.orders {
            let customer = order.customer.map_or_else(String::new, id);
            let (at, status) = (moment(order.day, order.minute), order.status);
            for (product, cents) in &order.items {
                let sign = if *cents < 0 { "-" } else { "" };
                let amount = format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100);
                let Order { id, province, recipient, source, .. } = order;
                orders.push_str(&format!(
                    "{id},{customer},{status},{at},p{product},{amount},{province},{recipient},{source}\n"
                ));
            }
        }
        let mut events = "customer_id,occurred_at,kind,source,province\n".to_owned();
        for Event { customer, day, minute, kind, source, province } in &self.events {
            events.push_str(&format!(
                "{},{},{kind},{source},{province}\n",
                id(*customer),
                moment(*day, *minute)
            ));
        }
        let mut people = "customer_id,gender,birthday,level,source,province\n".to_owned();
        for Person { customer, gender, birthday, level, source, province } in &self.people {
            let birthday = birthday.map_or_else(String::new, |day| day.to_string());
            people.push_str(&format!("{},{gender},{birthday},{level},{source},{province}\n", id(*customer)));
        }
        [("orders.csv", orders), ("events.csv", events), ("customers.csv", people)]
            .map(|(name, text)| write(folder, name, &text).display().to_string())
    }

    /// The as-of flag and a machine format.
    pub fn flags(&self) -> Vec<String> {
        let as_of = date(self.as_of).to_string();
        ["--as-of", &as_of, "--format", "csv", "-q"].map(str::to_owned).to_vec()
    }
}

pub fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn moment(day: i32, minute: u32) -> String {
    format!("{} {:02}:{:02}:00", date(day), minute / 60, minute % 60)
}

/// Many in the last weeks, which most periods are about.
fn day(rng: &mut fastrand::Rng) -> i32 {
    FIRST_DAY + if rng.bool() { rng.i32(0..500) } else { rng.i32(430..500) }
}

fn order(rng: &mut fastrand::Rng, number: usize) -> Order {
    let is_credit_note = rng.u8(..12) == 0;
    let mut products: Vec<usize> = (0..PRODUCTS).collect();
    rng.shuffle(&mut products);
    let item = |rng: &mut fastrand::Rng| if rng.u8(..8) == 0 { 0 } else { 10 * rng.i64(1..900) };
    let items = match is_credit_note {
        true => vec![(products[0], -7 - 10 * rng.i64(0..200))],
        false => products[..rng.usize(1..=3)].iter().map(|product| (*product, item(rng))).collect(),
    };
    Order {
        id: if is_credit_note { format!("N{number:04}") } else { format!("A{number:04}") },
        customer: (is_credit_note || rng.u8(..10) > 0).then(|| rng.usize(..CUSTOMERS)),
        status: if is_credit_note { "completed" } else { STATUSES[rng.usize(..STATUSES.len())] },
        day: day(rng),
        // Its number keeps orders of one day apart.
        minute: 60 * rng.u32(1..20) + number as u32 % 240,
        items,
        province: PROVINCES[rng.usize(..PROVINCES.len())],
        recipient: RECIPIENTS[rng.usize(..RECIPIENTS.len())],
        source: SOURCES[rng.usize(..SOURCES.len())],
    }
}

fn event(rng: &mut fastrand::Rng) -> Event {
    Event {
        // Some who never order.
        customer: rng.usize(..CUSTOMERS + 2),
        day: day(rng),
        minute: rng.u32(1..24 * 60),
        kind: KINDS[rng.usize(..KINDS.len())],
        source: SOURCES[rng.usize(..SOURCES.len())],
        province: PROVINCES[rng.usize(..PROVINCES.len())],
    }
}

fn person(rng: &mut fastrand::Rng, customer: usize) -> Person {
    let birthday = NaiveDate::from_ymd_opt(rng.i32(1940..2015), rng.u32(1..=12), rng.u32(1..=28));
    Person {
        customer,
        gender: ["", "female", "male"][rng.usize(..3)],
        birthday: birthday.filter(|_| rng.u8(..4) > 0),
        level: ["", "VIP1", "VIP2"][rng.usize(..3)],
        source: SOURCES[rng.usize(..SOURCES.len())],
        province: PROVINCES[rng.usize(..PROVINCES.len())],
    }
}

/// The first of some texts that says anything.
pub fn first_of(values: [&'static str; 3]) -> &'static str {
    values.into_iter().find(|value| !value.is_empty()).unwrap_or("")
}

/// What a cell should say.
#[derive(Debug, Clone, PartialEq)]
pub enum Want {
    Nothing,
    Text(String),
    Whole(i64),
    /// In micro-units.
    Micros(i128),
    Number(f64),
}

pub fn text(text: &str) -> Want {
    if text.is_empty() { Want::Nothing } else { Want::Text(text.to_owned()) }
}

pub fn count(count: usize) -> Want {
    Want::Whole(count as i64)
}

pub fn cents(cents: i64) -> Want {
    Want::Micros(i128::from(cents) * 10_000)
}

/// A part of a whole; nothing of nothing.
pub fn share(part: i64, whole: i64) -> Want {
    if whole > 0 { Want::Number(part as f64 / whole as f64) } else { Want::Nothing }
}

/// Cents over a number, rounded half away from zero to micro-units.
pub fn mean(total: i64, count: usize) -> Want {
    let (micros, count) = (i128::from(total) * 10_000, count as i128);
    if count == 0 {
        Want::Nothing
    } else {
        Want::Micros(micros.signum() * ((2 * micros.abs() + count) / (2 * count)))
    }
}

impl Want {
    fn is_met(&self, cell: &str) -> bool {
        match self {
            Self::Nothing => cell.is_empty(),
            Self::Text(text) => cell == text,
            Self::Whole(number) => cell.parse() == Ok(*number),
            Self::Micros(wanted) => micros(cell) == Some(*wanted),
            Self::Number(wanted) => cell.parse::<f64>().is_ok_and(|found| (found - wanted).abs() <= 1e-9),
        }
    }
}

fn micros(cell: &str) -> Option<i128> {
    let (sign, digits) = cell.strip_prefix('-').map_or((1, cell), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part: i128 = format!("{part:0<6}").parse().ok()?;
    Some(sign * (whole.parse::<i128>().ok()? * 1_000_000 + part))
}

/// The rows of a command's CSV, these columns of each.
pub fn rows(args: &[String], columns: &[&str]) -> Vec<Vec<String>> {
    let output = stdout(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let mut reader = csv::Reader::from_reader(output.as_bytes());
    let header = reader.headers().unwrap().clone();
    let place = |column: &&str| {
        header.iter().position(|name| name == *column).unwrap_or_else(|| panic!("no {column} in {header:?}"))
    };
    let places: Vec<usize> = columns.iter().map(place).collect();
    reader
        .records()
        .map(|row| row.unwrap())
        .map(|row| places.iter().map(|at| row[*at].to_owned()).collect())
        .collect()
}

/// Compares all rows of an answer with those of an oracle.
pub fn assert_same(what: &str, found: &[Vec<String>], wanted: &[Vec<Want>]) {
    for (number, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        let is_met =
            found.len() == wanted.len() && found.iter().zip(wanted).all(|(cell, want)| want.is_met(cell));
        assert!(is_met, "{what}, row {number}:\n{found:?}, where the oracle has\n{wanted:?}");
    }
    assert_eq!(found.len(), wanted.len(), "rows of {what}");
}

/// Asks a command about the files of a shop and compares, of half of the shops with all rows in another order.
pub fn assert_answer(
    seed: u64,
    shop: &Shop,
    ask: impl Fn(&[String; 3]) -> Vec<String>,
    columns: &[&str],
    wanted: &[Vec<Want>],
) {
    let folder = tempfile::tempdir().unwrap();
    let args = [ask(&shop.in_either_order(seed).files(folder.path())), shop.flags()].concat();
    assert_same(&format!("seed {seed}: {args:?}"), &rows(&args, columns), wanted);
}

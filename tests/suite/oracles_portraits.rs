//! `profile` against a naive oracle.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::drawn::{
    Event, Order, Person, Shop, Want, assert_same, cents, count, date, first_of, rows, seeds, share, text,
};

/// Customers of a portrait or of a group of it, their orders and cents.
#[derive(Default, Clone, Copy)]
struct Sum {
    customers: usize,
    orders: usize,
    cents: i64,
}

/// By dimension and group; no group where it is not known.
type Portrait = BTreeMap<(&'static str, Option<String>), Sum>;

/// What counts in the period of a portrait.
struct Period<'a> {
    shop: &'a Shop,
    /// All valid orders up to as-of, by buyer and in time.
    ever: BTreeMap<usize, Vec<&'a Order>>,
    first: i32,
    has_window: bool,
}

impl<'a> Period<'a> {
    fn new(shop: &'a Shop, window: Option<i32>) -> Self {
        let first = window.map_or(i32::MIN, |days| shop.as_of - days + 1);
        Self { shop, ever: shop.orders_of_buyers(), first, has_window: window.is_some() }
    }

    fn has(&self, day: i32) -> bool {
        (self.first..=self.shop.as_of).contains(&day)
    }

    fn orders(&self, customer: usize) -> Vec<&'a Order> {
        let all = self.ever.get(&customer).into_iter().flatten();
        all.filter(|order| self.has(order.day)).copied().collect()
    }

    fn events(&self, customer: usize) -> Vec<&'a Event> {
        let own = self.shop.events.iter().filter(|event| event.customer == customer);
        own.filter(|event| self.has(event.day)).collect()
    }

    fn subjects(&self, of: &str) -> Vec<usize> {
        let is_in = |customer: &usize| {
            let (orders, events) = (self.orders(*customer), self.events(*customer));
            match of {
                "converted" => !orders.is_empty(),
                "interest" => events.iter().any(|event| event.is_interest()),
                "scan" => events.iter().any(|event| event.kind == "scan"),
                _ => {
                    let is_named = |order: &Order| order.customer == Some(*customer) && self.has(order.day);
                    let is_listed = || self.shop.people.iter().any(|person| person.customer == *customer);
                    self.shop.orders.iter().any(is_named)
                        || !events.is_empty()
                        || (!self.has_window && is_listed())
                }
            }
        };
        (0..100).filter(is_in).collect()
    }

    /// What the customer's orders and credit notes of the period come to.
    fn bought(&self, customer: usize) -> Sum {
        let orders = self.orders(customer);
        let notes = self.shop.orders.iter().filter(|order| {
            order.customer == Some(customer) && order.is_credit_note() && self.has(order.day)
        });
        match orders.as_slice() {
            [] => Sum { customers: 1, ..Sum::default() },
            _ => Sum {
                customers: 1,
                orders: orders.len(),
                cents: orders.iter().copied().chain(notes).map(Order::cents).sum(),
            },
        }
    }

    fn first_event(&self, customer: usize, value: fn(&Event) -> &'static str) -> &'static str {
        let mut own: Vec<&Event> =
            self.shop.events_so_far().filter(|event| event.customer == customer).collect();
        own.sort_by_key(|event| (event.day, event.minute));
        own.into_iter().map(value).find(|value| !value.is_empty()).unwrap_or("")
    }
}

fn age_band(birthday: NaiveDate, on: NaiveDate) -> &'static str {
    let had_it = (on.month(), on.day()) >= (birthday.month(), birthday.day());
    match on.year() - birthday.year() - i32::from(!had_it) {
        ..18 => "0-17",
        18..25 => "18-24",
        25..35 => "25-34",
        35..45 => "35-44",
        45..55 => "45-54",
        55..65 => "55-64",
        _ => "65+",
    }
}

fn price_band(cents: i64) -> &'static str {
    match cents {
        ..2_000 => "0-20",
        2_000..10_000 => "20-100",
        _ => "100+",
    }
}

/// Whether an order went to whom more than half of all the buyer's orders go.
fn role(order: &Order, ever: &[&Order]) -> &'static str {
    let to = |name: &str| ever.iter().filter(|order| order.recipient == name).count();
    let usual =
        ever.iter().map(|order| order.recipient).find(|name| !name.is_empty() && 2 * to(name) > ever.len());
    match usual {
        Some(usual) if order.recipient == usual => "self",
        Some(_) if !order.recipient.is_empty() => "gift",
        _ => "",
    }
}

/// Adds what each group holds of one customer.
fn add(portrait: &mut Portrait, dimension: &'static str, group: &str, sum: Sum) {
    let group = Some(group.to_owned()).filter(|group| !group.is_empty());
    let all = portrait.entry((dimension, group)).or_default();
    all.customers += sum.customers;
    all.orders += sum.orders;
    all.cents += sum.cents;
}

fn portrait(period: &Period<'_>, of: &str) -> (usize, Portrait) {
    let (shop, subjects) = (period.shop, period.subjects(of));
    let nobody = Person { customer: 0, gender: "", birthday: None, level: "", source: "", province: "" };
    let mut portrait = Portrait::new();
    for customer in &subjects {
        let listed = shop.people.iter().find(|person| person.customer == *customer).unwrap_or(&nobody);
        let (orders, bought) = (period.orders(*customer), period.bought(*customer));
        let age = listed.birthday.map_or("", |birthday| age_band(birthday, date(shop.as_of)));
        let ordered_from =
            orders.iter().map(|order| order.source).find(|source| !source.is_empty()).unwrap_or("");
        let sent_to = orders.last().map_or("", |order| order.province);
        let source = [ordered_from, period.first_event(*customer, |event| event.source), listed.source];
        let province = [sent_to, listed.province, period.first_event(*customer, |event| event.province)];
        for (dimension, group) in [
            ("age_band", age),
            ("gender", listed.gender),
            ("level", listed.level),
            ("source", first_of(source)),
            ("province", first_of(province)),
        ] {
            add(&mut portrait, dimension, group, bought);
        }
        let ever = period.ever.get(customer).map_or(&[][..], Vec::as_slice);
        let mut own = Portrait::new();
        for order in orders {
            let one = Sum { customers: 0, orders: 1, cents: order.cents() };
            add(&mut own, "purchase_role", role(order, ever), one);
            add(&mut own, "price_band", price_band(order.cents()), one);
        }
        for ((dimension, group), sum) in own {
            add(&mut portrait, dimension, group.as_deref().unwrap_or(""), Sum { customers: 1, ..sum });
        }
    }
    // A dimension of which nothing is known is left out.
    let known: BTreeSet<&str> =
        portrait.keys().filter(|(_, group)| group.is_some()).map(|(name, _)| *name).collect();
    portrait.retain(|(name, _), _| known.contains(name));
    (subjects.len(), portrait)
}

#[test]
fn portraits_are_what_the_oracle_says() {
    let columns = ["dimension", "key", "customer_count", "customer_share", "order_count", "net_amount"];
    for seed in seeds() {
        let shop = Shop::drawn(seed);
        let of = ["all", "converted", "interest", "scan"][seed as usize / 4 % 4];
        let window = [None, Some(60)][seed as usize % 2];
        let (customers, portrait) = portrait(&Period::new(&shop, window), of);
        let row = |((dimension, group), sum): (&(&str, Option<String>), &Sum)| {
            vec![
                text(dimension),
                text(group.as_deref().unwrap_or("")),
                count(sum.customers),
                share(sum.customers as i64, customers as i64),
                count(sum.orders),
                cents(sum.cents),
            ]
        };
        let mut wanted: Vec<Vec<Want>> = portrait.iter().map(row).collect();
        wanted.sort_by_key(|row| format!("{:?}", &row[..2]));
        let folder = tempfile::tempdir().unwrap();
        let mut answers = Vec::new();
        for shop in [shop.clone(), shop.shuffled(seed)] {
            let mut args = vec!["profile".to_owned(), "--of".to_owned(), of.to_owned()];
            args.extend(window.into_iter().flat_map(|days| ["--window".to_owned(), days.to_string()]));
            args.extend(["--price-bands".to_owned(), "20,100".to_owned()]);
            let args = [args, shop.files(folder.path()).to_vec(), shop.flags()].concat();
            let mut found = rows(&args, &columns);
            answers.push(found.clone());
            let place = |row: &Vec<String>| format!("{:?}", [text(&row[0]), text(&row[1])]);
            found.sort_by_key(place);
            assert_same(&format!("seed {seed}: {args:?}"), &found, &wanted);
        }
        assert_eq!(answers[0], answers[1], "seed {seed}");
    }
}

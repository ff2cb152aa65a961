//! `interest --list` and the conversions of `region` against naive oracles.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::common::run;
use super::drawn::{
    Event, PROVINCES, Shop, Want, assert_answer, assert_same, count, date, first_of, id, rows, seeds, share,
    text,
};
use super::store::Trial;

/// The first day and minute of a customer's interest, its last day, and how often each kind.
type Seen = ((i32, u32), i32, [usize; 3]);

/// By customer.
fn interest<'a>(events: impl Iterator<Item = &'a Event>) -> BTreeMap<usize, Seen> {
    let mut all: BTreeMap<usize, Seen> = BTreeMap::new();
    for event in events.filter(|event| event.is_interest()) {
        let at = (event.day, event.minute);
        let seen = all.entry(event.customer).or_insert((at, event.day, [0; 3]));
        seen.0 = seen.0.min(at);
        seen.1 = seen.1.max(event.day);
        let kind = ["fav_shop", "fav_item", "cart"].iter().position(|kind| *kind == event.kind).unwrap();
        seen.2[kind] += 1;
    }
    all
}

fn has_ordered_since(shop: &Shop, customer: usize, since: (i32, u32)) -> bool {
    let buyers = shop.orders_of_buyers();
    buyers.get(&customer).is_some_and(|orders| orders.iter().any(|order| (order.day, order.minute) >= since))
}

#[test]
fn lists_of_interested_customers_are_what_the_oracle_says() {
    let columns = [
        "customer_id",
        "last_interest_on",
        "days_since_interest",
        "fav_shop_count",
        "fav_item_count",
        "cart_count",
        "has_bought",
        "is_converted",
        "is_past_discount_window",
    ];
    for seed in seeds() {
        let shop = Shop::drawn(seed);
        let (days, discount_days) = ([30, 7, 90][seed as usize % 3], [7, 3][seed as usize % 2]);
        let excluded = ["", "video"][seed as usize / 2 % 2];
        // A purchase is one wherever it came from.
        let is_left = |event: &&Event| excluded.is_empty() || event.source != excluded;
        let in_period = shop.events_so_far().filter(is_left).filter(|event| event.day > shop.as_of - days);
        let mut wanted = Vec::new();
        for (customer, (first, last, kinds)) in interest(in_period) {
            let is_purchase = |event: &Event| event.customer == customer && event.kind == "purchase";
            let has_bought =
                has_ordered_since(&shop, customer, (i32::MIN, 0)) || shop.events_so_far().any(is_purchase);
            let flag = |flag: bool| text(&flag.to_string());
            let mut row = vec![text(&id(customer)), text(&date(last).to_string())];
            row.push(Want::Whole(i64::from(shop.as_of - last)));
            row.extend(kinds.map(count));
            row.push(flag(has_bought));
            row.push(flag(has_ordered_since(&shop, customer, first)));
            row.push(flag(shop.as_of - last > discount_days));
            wanted.push((Reverse(last), customer, row));
        }
        wanted.sort_by_key(|(last, customer, _)| (*last, *customer));
        let wanted: Vec<Vec<Want>> = wanted.into_iter().map(|(_, _, row)| row).collect();
        let mut flags = format!("interest --list --days {days} --discount-days {discount_days}");
        if !excluded.is_empty() {
            flags.push_str(&format!(" --exclude-source {excluded}"));
        }
        let ask = |[orders, events, _]: &[String; 3]| {
            format!("{flags} {orders} {events}").split_whitespace().map(str::to_owned).collect()
        };
        assert_answer(seed, &shop, ask, &columns, &wanted);
    }
}

/// Where an event counts: where it says, else where the customer's last order went, else where the customer lives.
fn place(shop: &Shop, event: &Event) -> &'static str {
    let buyers = shop.orders_of_buyers();
    let last =
        buyers.get(&event.customer).and_then(|orders| orders.last()).map_or("", |order| order.province);
    let home = shop.people.iter().find(|person| person.customer == event.customer);
    first_of([event.province, last, home.map_or("", |person| person.province)])
}

#[test]
fn conversions_by_region_are_what_the_oracle_says() {
    let columns =
        ["province", "interest_customer_count", "converted_count", "conversion_rate", "conversion_index"];
    let mut converted_somewhere = 0;
    for seed in seeds() {
        let shop = Shop::drawn(seed);
        let recent: Vec<&Event> = shop.events_so_far().filter(|event| event.day > shop.as_of - 30).collect();
        let rate = |events: &mut dyn Iterator<Item = &Event>| {
            let interested = interest(events);
            let converted = interested
                .iter()
                .filter(|(customer, (first, ..))| has_ordered_since(&shop, **customer, *first));
            (interested.len(), converted.count())
        };
        let whole = rate(&mut recent.iter().copied());
        let mut wanted = BTreeMap::new();
        for province in PROVINCES {
            let (interested, converted) =
                rate(&mut recent.iter().copied().filter(|event| place(&shop, event) == province));
            converted_somewhere += converted;
            let index = match (interested, whole) {
                (0, _) | (_, (_, 0)) => Want::Nothing,
                (_, (all, all_converted)) => {
                    Want::Number((converted * all) as f64 / (interested * all_converted) as f64)
                }
            };
            let rate = share(converted as i64, interested as i64);
            wanted.insert(province, vec![text(province), count(interested), count(converted), rate, index]);
        }
        let folder = tempfile::tempdir().unwrap();
        let files = shop.in_either_order(seed).files(folder.path());
        let args = [vec!["region".to_owned()], files.to_vec(), shop.flags()].concat();
        let found = rows(&args, &columns);
        let of_rows: Vec<Vec<Want>> = found.iter().map(|row| wanted[row[0].as_str()].clone()).collect();
        assert_same(&format!("seed {seed}: {args:?}"), &found, &of_rows);
        // A region that no row is about has no interest either.
        for (province, row) in &wanted {
            let is_shown = found.iter().any(|found| found[0] == *province);
            assert!(is_shown || row[1] == count(0), "seed {seed}: {province:?} is missing");
        }
    }
    assert!(converted_somewhere > 20, "{converted_somewhere}");
}

/// What of events that say no interest is counted and passed over while they are read still tells that the files name
/// the same people, up to which day the log goes, and how many rows there were.
#[test]
fn events_that_say_no_interest_are_passed_over_without_a_trace_in_what_is_said() {
    let trial = Trial::new();
    let events = trial.write(
        "events.csv",
        "user_id,behavior_type,time\nlooked-01,pv,2026-05-02 10:00:00\nwished-01,cart,2026-05-03 10:00:00\n\
         home-0001,home,2026-05-20 10:00:00\nlooked-01,pv,2026-05-21 10:00:00\n",
    );
    for (buyer, are_strangers) in
        [("looked-01", false), ("wished-01", false), ("home-0001", false), ("nobody-01", true)]
    {
        let order = format!(
            "order_id,customer_id,status,paid_at,paid_amount\n1,{buyer},paid,2026-05-04 10:00:00,5\n"
        );
        let orders = trial.write("orders.csv", &order);
        for inputs in [[&orders, &events], [&events, &orders]] {
            let out = run(&["interest", inputs[0], inputs[1], "--days", "30", "--format", "csv"]);
            let (said, answer) = (String::from_utf8_lossy(&out.stderr), String::from_utf8_lossy(&out.stdout));
            let remark = "none of the customers in the events is among the buyers";
            assert_eq!(said.contains(remark), are_strangers, "{buyer}: {said}");
            assert!(said.contains("as of 2026-05-21"), "{said}");
            assert!(said.contains("rows read 5: 2 used, 3 excluded, 0 quarantined"), "{said}");
            let row = answer.lines().nth(1).unwrap_or_default();
            // One of one in the cart; whoever bought a day later is converted.
            let expected = if buyer == "wished-01" { "30,1,0,0,1,0,0," } else { "30,1,0,0,1,1,1," };
            assert!(row.starts_with(expected), "{buyer}: {row}");
        }
    }
}

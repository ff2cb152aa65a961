//! The numbers that the models use of each buyer, worked out by hand, and the data that are refused.

use super::watched::Bought;
use super::*;
use crate::metrics::testing::{Read, on, orders, rows};
use crate::schema::Micros;

/// Ann orders twice on 1 January, then on the 15th and on 10 February; on 20 January she gets something back. Ben
/// orders once, and Cat orders in March.
const SHOP: &str =
    "order_id,customer_id,order_date,amount;1,ann,2026-01-01,10;2,ann,2026-01-01,5;3,ann,2026-01-15,20;
    4,ann,2026-01-20,-4;5,ann,2026-02-10,30;6,ben,2026-01-10,7;7,cat,2026-03-01,9";

fn watched(read: &Read, end: &str) -> Watched {
    Watched::new(&read.ingested.orders, &read.up_to("2026-03-31"), on(end)).expect("orders")
}

fn of(watched: &Watched, id: &str, read: &Read) -> Option<Bought> {
    watched.buyers.iter().find(|of| read.ingested.orders.customers.text(of.customer) == id).copied()
}

#[test]
fn repeats_are_days_and_amounts_those_after_the_first() {
    let read = orders(SHOP);
    let all = watched(&read, "2026-03-31");
    let ann = of(&all, "ann", &read).expect("ann");
    assert_eq!((ann.x, ann.first, ann.last), (2, on("2026-01-01"), on("2026-02-10")));
    // 20 − 4 + 30; the second order of the first day is no repeat.
    assert_eq!((ann.spent, ann.later, ann.orders), (Micros::units(46), 0, 4));
    assert_eq!(ann.spender(), Some(Spender { x: 2, mean: 23.0 }));
    // A refund that names the first order is not taken off the repeats.
    let named = orders(
        "order_id,customer_id,order_date,amount;1,a,2026-01-01,10;2,a,2026-01-15,20;1-refund,a,2026-01-20,-4",
    );
    assert_eq!(of(&watched(&named, "2026-03-31"), "a", &named).expect("a").spent, Micros::units(20));
    let ben = of(&all, "ben", &read).expect("ben");
    assert_eq!((ben.x, ben.spent, ben.spender()), (0, Micros::ZERO, None));
    assert_eq!((all.buyers.len(), all.later_by_week.len()), (3, 0));
}

#[test]
fn what_comes_later_is_counted_by_week() {
    let read = orders(SHOP);
    let mut watched = watched(&read, "2026-01-14");
    let ann = of(&watched, "ann", &read).expect("ann");
    // 15 January is the first day after the end, and 10 February the 27th.
    assert_eq!((ann.x, ann.last, ann.spent, ann.later), (0, ann.first, Micros::ZERO, 2));
    assert_eq!(watched.later_by_week, [1, 0, 0, 1]);
    // Cat has not ordered yet.
    assert_eq!(watched.buyers.len(), 2);
    let cells = watched.cells();
    assert_eq!(cells.keys, [(0, 0, 4), (0, 0, 13)]);
    assert_eq!((cells.cells[1].t, cells.cells[1].count), (13.0 / 7.0, 1));
}

#[test]
fn buyers_who_are_alike_are_one_cell() {
    let read = orders(
        "order_id,customer_id,order_date,amount;1,a,2026-01-01,1;2,b,2026-01-01,2;3,c,2026-01-01,3;4,c,2026-01-08,3",
    );
    let cells = watched(&read, "2026-01-29").cells();
    assert_eq!(cells.keys, [(0, 0, 28), (1, 7, 28)]);
    assert_eq!(
        cells.cells.iter().map(|cell| (cell.t_x, cell.t, cell.count)).collect::<Vec<_>>(),
        [(0.0, 4.0, 2), (1.0, 4.0, 1)]
    );
}

/// The orders of the fixtures' shop. Up to its last day there are 298 buyers, of whom 210 came again.
fn fixture() -> String {
    let text = std::fs::read_to_string("fixtures/shop/orders.csv").expect("a fixture");
    text.trim_end().replace('\n', ";")
}

/// The valid orders of that shop, with amounts that `amount` computes from the customer's number.
fn priced(amount: impl Fn(u32) -> u32) -> String {
    let mut lines = vec!["order_id,customer_id,order_date,amount".to_owned()];
    for line in fixture().split(';').skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |place: usize| cells[place].parse::<f64>().expect("an amount");
        if matches!(cells[2], "paid" | "shipped" | "completed") && number(8) > number(9) {
            let customer = cells[1][1..7].parse().expect("a number");
            lines.push(format!("{},{},{},{}", cells[0], cells[1], &cells[4][..10], amount(customer)));
        }
    }
    lines.join(";")
}

/// A shop in which customers first order on one of 60 days in turn, and the first `again` of them order once more ten
/// days later.
fn shop(customers: u32, again: u32) -> Read {
    let mut lines = vec!["order_id,customer_id,order_date,amount".to_owned()];
    for customer in 0..customers {
        let days =
            if customer < again { vec![customer % 60, customer % 60 + 10] } else { vec![customer % 60] };
        for day in days {
            let date = on("2026-01-01").plus_days(day as i32);
            lines.push(format!("o{customer}_{day},c{customer:03},{date},20"));
        }
    }
    orders(&lines.join(";"))
}

fn ask(read: &Read, model: ModelName) -> Result<Predicted> {
    let params = PredictParams { model, ..PredictParams::default() };
    let accounting = read.ingested.accounting.clone();
    predict(&read.ingested.orders, &read.up_to("2026-06-30"), &params, accounting)
}

#[test]
fn the_list_has_every_buyer_and_adds_up() {
    let read = orders(&fixture());
    for model in [ModelName::MbgNbd, ModelName::BgNbd] {
        let predicted = ask(&read, model).expect("a forecast");
        assert!(predicted.accounting.is_balanced());
        let scope = read.up_to("2026-06-30");
        let list = predicted.customers(&read.ingested.orders.customers, &scope).expect("a list");
        assert_eq!(list.height(), 298);
        let column = |name: &str| -> Vec<f64> {
            let cast =
                list.column(name).expect(name).cast(&polars::prelude::DataType::Float64).expect("numbers");
            cast.f64().expect("numbers").iter().map(|value| value.expect("a value")).collect()
        };
        let (alive, any, orders) = (column("p_alive"), column("p_order"), column("expected_orders"));
        let (low, high, spend) =
            (column("expected_orders_low"), column("expected_orders_high"), column("expected_spend"));
        for row in 0..list.height() {
            assert!(0.0 < any[row] && any[row] <= alive[row] && alive[row] <= 1.0);
            assert!(any[row] <= orders[row] && low[row] <= high[row]);
        }
        assert!(spend.is_sorted_by(|a, b| a >= b));
        let summary = predicted.summary().expect("a summary");
        let total = |name: &str| rows(&summary, &[name])[0].parse::<f64>().expect("a number");
        let sum = |values: &[f64]| values.iter().sum::<f64>();
        assert!((total("expected_orders") - sum(&orders)).abs() < 1e-5);
        assert!((total("expected_spend") - sum(&spend)).abs() < 0.01);
        assert!(total("expected_orders_low") < sum(&orders) && sum(&orders) < total("expected_orders_high"));
        assert!(total("expected_spend_low") < sum(&spend) && sum(&spend) < total("expected_spend_high"));
        let prior = list.column("is_prior").expect("flags").bool().expect("flags").sum();
        assert_eq!(prior, Some(298 - 210));
    }
}

#[test]
fn a_window_decides_who_is_listed_and_not_what_is_foretold() {
    let read = orders(&fixture());
    let predicted = ask(&read, ModelName::MbgNbd).expect("a forecast");
    let ids = &read.ingested.orders.customers;
    let rows_of = |scope: &Scope| {
        rows(
            &predicted.customers(ids, scope).expect("a list"),
            &["customer_id", "last_ordered_on", "p_alive"],
        )
    };
    let (all, recent) = (rows_of(&read.up_to("2026-06-30")), rows_of(&read.window(120, "2026-06-30")));
    // 120 days up to 30 June begin on 3 March.
    let right: Vec<String> =
        all.into_iter().filter(|row| row.split(',').nth(1).expect("a day") >= "2026-03-03").collect();
    assert!(!recent.is_empty() && recent.len() < 298);
    assert_eq!(recent, right);
    // The counts in the header are those of the listed buyers and all their orders, before the window too.
    let (customers, orders) = predicted.counts(&read.window(120, "2026-06-30"));
    let repeats = rows(
        &predicted.customers(ids, &read.window(120, "2026-06-30")).expect("a list"),
        &["repeat_day_count"],
    );
    let days: u64 = repeats.iter().map(|count| count.parse::<u64>().expect("a count") + 1).sum();
    assert_eq!(customers, recent.len() as u64);
    assert!(days <= orders && orders < predicted.counts(&read.up_to("2026-06-30")).1, "{days} {orders}");
}

#[test]
fn what_no_model_fits_is_refused_with_what_to_do() {
    let refused = |read: &Read| {
        let error = ask(read, ModelName::MbgNbd).expect_err("a refusal");
        assert_eq!(error.exit_code(), 1);
        assert!(error.hint().is_some());
        error.to_string()
    };
    let few = refused(&shop(87, 29));
    assert_eq!(
        few,
        "29 customers have ordered on a second day up to 2026-06-30, and a forecast needs at least 30"
    );
    assert!(refused(&shop(9, 1)).starts_with("1 customer has ordered on a second day"));
    // No buyer: there is no order at all, all orders are after as-of, or all are after the end of the hold-out.
    let header = "order_id,customer_id,order_date,amount";
    assert!(refused(&orders(header)).starts_with("there is no order of a known buyer"));
    let late = refused(&orders(&format!("{header};1,a,2026-07-05,5")));
    assert_eq!(late, "no known buyer has ordered up to 2026-06-30; the orders begin on 2026-07-05");
    let held_out = |days: u32| {
        let read = shop(87, 40);
        let held_out =
            hold_out(&read.ingested.orders, &read.up_to("2026-06-30"), &PredictParams::default(), days);
        held_out.expect_err("a refusal").to_string()
    };
    // 1 January is 180 days before as-of, and the first customers come again on 11 January.
    assert_eq!(
        held_out(181),
        "no known buyer had ordered up to 2025-12-31, 181 days before as-of; the orders begin on 2026-01-01"
    );
    assert!(held_out(170).starts_with("1 customer had ordered on a second day up to 2026-01-11"));
    let lines: String = (0..50).map(|i| format!(";o{i},c{i},2026-06-01,5")).collect();
    let one_day = refused(&orders(&format!("order_id,customer_id,order_date,amount{lines}")));
    assert!(one_day.starts_with("every order up to 2026-06-30 is of one day"), "{one_day}");
    // Everybody orders every week up to the last day: nobody has stopped, and all customers are alike.
    let weekly: String = (0..40)
        .flat_map(|c| (0..20).map(move |week| (c, on("2026-06-30").minus_days(7 * week))))
        .map(|(c, day)| format!(";o{c}_{day},c{c},{day},5"))
        .collect();
    let alike = refused(&orders(&format!("order_id,customer_id,order_date,amount{weekly}")));
    let said = ["in the orders up to 2026-06-30 nobody seems", "the model mbg-nbd fits", "the search"];
    assert!(said.iter().any(|said| alike.starts_with(said)), "{alike}");
}

#[test]
fn amounts_that_are_all_alike_or_missing_leave_the_orders_foretold() {
    let alike = ask(&orders(&priced(|_| 20)), ModelName::MbgNbd).expect("a forecast");
    assert!(matches!(alike.spent(), Spent::NoFit));
    // Only one customer in 27 pays for the orders.
    let free = priced(|customer| if customer % 27 == 0 { 20 + customer } else { 0 });
    let mut days: std::collections::BTreeMap<&str, std::collections::BTreeSet<&str>> = Default::default();
    for cells in free.split(';').skip(1).map(|line| line.split(',').collect::<Vec<_>>()) {
        if cells[3] != "0" {
            days.entry(cells[1]).or_default().insert(cells[2]);
        }
    }
    let paying = days.values().filter(|days| days.len() > 1).count() as u64;
    let free = orders(&free);
    let scope = Scope { include_zero_orders: true, ..free.up_to("2026-06-30") };
    let accounting = free.ingested.accounting.clone();
    let of_few =
        predict(&free.ingested.orders, &scope, &PredictParams::default(), accounting).expect("a forecast");
    assert!(matches!(of_few.spent(), Spent::Few(n) if *n == paying && paying > 0), "{:?}", of_few.spent());
    for predicted in [&alike, &of_few] {
        assert!(predicted.each().all(|(_, outlook, spend)| outlook.expected > 0.0 && spend.is_none()));
        let model = predicted.model().expect("a model");
        assert_eq!(rows(&model, &["parameter"]), ["r", "alpha", "a", "b", "log_likelihood"]);
    }
}

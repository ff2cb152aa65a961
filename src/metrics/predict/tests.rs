//! What buyers are told apart by, worked out by hand, and what is refused.

use super::watched::Bought;
use super::*;
use crate::metrics::testing::{Read, on, orders, rows};

/// Ann orders twice on 1 January, then on the 15th and on 10 February; on the 20th something goes back. Ben orders once,
/// Cat in March.
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
    assert_eq!((ann.spent, ann.later), (46_000_000, 0));
    assert_eq!(ann.spender(), Some(Spender { x: 2, mean: 23.0 }));
    let ben = of(&all, "ben", &read).expect("ben");
    assert_eq!((ben.x, ben.spent, ben.spender()), (0, 0, None));
    assert_eq!((all.buyers.len(), all.order_count, all.later_by_week.len()), (3, 6, 0));
}

#[test]
fn what_comes_later_is_counted_by_week() {
    let read = orders(SHOP);
    let watched = watched(&read, "2026-01-14");
    let ann = of(&watched, "ann", &read).expect("ann");
    // The 15th is the first day after, 10 February the 27th.
    assert_eq!((ann.x, ann.last, ann.spent, ann.later), (0, ann.first, 0, 2));
    assert_eq!(watched.later_by_week, [1, 0, 0, 1]);
    // Cat is not there yet.
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

/// Of customers who begin on one of sixty days every third comes back, one to nine times, every 2 to 50 days: the days, from
/// 1 January.
fn repeat_days(customer: i32) -> Vec<i32> {
    const LAST: i32 = 180;
    let number = customer / 3;
    let gap = [2, 5, 11, 24, 50][number as usize % 5];
    let times = if customer % 3 == 0 { 1 + number * 7 % 9 } else { 0 };
    (1..=times).map(|time| customer % 60 + gap * time).filter(|day| *day <= LAST).collect()
}

/// So many of them, of whom each pays 20 first.
fn shop(customers: i32, price: impl Fn(i32, i32) -> i32) -> Read {
    let mut lines = vec!["order_id,customer_id,order_date,amount".to_owned()];
    let mut order = |customer: i32, day: i32, amount: i32| {
        let date = date_of(on("2026-01-01") + day).expect("a day");
        lines.push(format!("o{customer}_{day},c{customer:03},{date},{amount}"));
    };
    for customer in 0..customers {
        order(customer, customer % 60, 20);
        repeat_days(customer).into_iter().for_each(|day| order(customer, day, price(customer, day)));
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
    let read = shop(400, |customer, time| 10 + (customer * 7 + time * 13) % 30);
    for model in [ModelName::MbgNbd, ModelName::ParetoNbd] {
        let predicted = ask(&read, model).expect("a forecast");
        assert!(predicted.accounting.is_balanced());
        let scope = read.up_to("2026-06-30");
        let list = predicted.customers(&read.ingested.orders.customers, &scope).expect("a list");
        assert_eq!(list.height(), 400);
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
        // Two of three have nothing after their first day.
        let prior = list.column("is_prior").expect("flags").bool().expect("flags").sum();
        assert_eq!(prior, Some(266));
    }
}

#[test]
fn a_window_decides_who_is_listed_and_not_what_is_foretold() {
    let read = shop(400, |customer, time| 10 + (customer * 7 + time * 13) % 30);
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
    assert!(!recent.is_empty() && recent.len() < 400);
    assert_eq!(recent, right);
    assert_eq!(predicted.customer_count(&read.window(120, "2026-06-30")), recent.len() as u64);
}

#[test]
fn what_no_model_fits_is_refused_with_what_to_do() {
    let refused = |read: &Read| {
        let error = ask(read, ModelName::MbgNbd).expect_err("a refusal");
        assert_eq!(error.exit_code(), 1);
        assert!(error.hint().is_some());
        error.to_string()
    };
    // Of 87 customers 29 come again.
    let few = refused(&shop(87, |_, _| 5));
    assert_eq!(
        few,
        "29 customers have ordered on a second day up to 2026-06-30, and a forecast needs at least 30"
    );
    assert!(refused(&shop(1, |_, _| 5)).starts_with("1 customer has ordered on a second day"));
    let lines: String = (0..50).map(|i| format!(";o{i},c{i},2026-06-01,5")).collect();
    let one_day = refused(&orders(&format!("order_id,customer_id,order_date,amount{lines}")));
    assert!(one_day.starts_with("every order up to 2026-06-30 is of one day"), "{one_day}");
    // Everybody orders every week, up to the last day: nobody has stopped, and all are alike.
    let weekly: String = (0..40)
        .flat_map(|c| (0..20).map(move |week| (c, date_of(on("2026-06-30") - 7 * week).expect("a day"))))
        .map(|(c, day)| format!(";o{c}_{day},c{c},{day},5"))
        .collect();
    let alike = refused(&orders(&format!("order_id,customer_id,order_date,amount{weekly}")));
    let said = ["in the orders up to 2026-06-30 nobody seems", "the model mbg-nbd fits", "the search"];
    assert!(said.iter().any(|said| alike.starts_with(said)), "{alike}");
}

#[test]
fn amounts_that_are_all_alike_or_missing_leave_the_orders_foretold() {
    let alike = ask(&shop(400, |_, _| 20), ModelName::MbgNbd).expect("a forecast");
    assert!(matches!(alike.spent(), Spent::NoFit));
    let free = shop(400, |customer, _| i32::from(customer % 27 == 0));
    let scope = Scope { include_zero_orders: true, ..free.up_to("2026-06-30") };
    let accounting = free.ingested.accounting.clone();
    let of_few =
        predict(&free.ingested.orders, &scope, &PredictParams::default(), accounting).expect("a forecast");
    // 0, 27, … 378: fifteen customers paid something on a second day.
    assert!(matches!(of_few.spent(), Spent::Few(15)), "{:?}", of_few.spent());
    for predicted in [&alike, &of_few] {
        assert!(predicted.each().all(|(_, outlook, spend)| outlook.expected > 0.0 && spend.is_none()));
        let model = predicted.model().expect("a model");
        assert_eq!(rows(&model, &["parameter"]), ["r", "alpha", "a", "b", "log_likelihood"]);
    }
}

/// By hand on a shop of 400 up to the end of February; what came in the 31 days of March is counted from the same rules as
/// the shop is made by.
#[test]
fn what_was_held_out_is_set_beside_the_forecast() {
    let read = shop(400, |customer, time| 10 + (customer * 7 + time * 13) % 30);
    let scope = read.up_to("2026-03-31");
    let held = hold_out(&read.ingested.orders, &scope, &PredictParams::default(), 31).expect("a hold-out");
    let end = on("2026-02-28") - on("2026-01-01");
    let there: Vec<i32> = (0..400).filter(|customer| customer % 60 <= end).collect();
    let repeats = |customer: i32| repeat_days(customer).iter().filter(|day| **day <= end).count();
    let later = |customer: i32| {
        repeat_days(customer).iter().filter(|day| (end + 1..=end + 31).contains(*day)).count()
    };
    let table = held.frame().expect("a table");
    let found = rows(&table, &["group", "number", "customer_count", "actual"]);
    let actual: usize = there.iter().map(|customer| later(*customer)).sum();
    assert_eq!(found[0], format!("total,,{},{actual}", there.len()));
    for x in 0..=7 {
        let alike: Vec<i32> =
            there.iter().filter(|customer| repeats(**customer).min(7) == x).copied().collect();
        let actual: usize = alike.iter().map(|customer| later(*customer)).sum();
        assert_eq!(found[1 + x], format!("repeats,{x},{},{actual}", alike.len()));
    }
    let of = |name: &str| -> Vec<f64> {
        rows(&table, &[name]).iter().map(|text| text.parse().unwrap_or(f64::NAN)).collect()
    };
    let (group, actual, predicted, naive) =
        (rows(&table, &["group"]), of("actual"), of("predicted"), of("naive"));
    let sum = |kind: &str, values: &[f64]| -> f64 {
        group.iter().zip(values).filter(|(group, _)| *group == kind).map(|(_, value)| value).sum()
    };
    assert_eq!(group.iter().filter(|group| *group == "week").count(), 5);
    for values in [&actual, &predicted, &naive] {
        for kind in ["repeats", "week"] {
            assert!((sum(kind, values) - values[0]).abs() < 1e-4, "{kind}: {values:?}");
        }
    }
    // Each customer's repeats per day so far, times 31; nothing on the very first day.
    let rate = |customer: i32| match end - customer % 60 {
        0 => 0.0,
        days => repeats(customer) as f64 / f64::from(days),
    };
    let own: f64 = there.iter().map(|customer| 31.0 * rate(*customer)).sum();
    assert!((naive[0] - own).abs() < 1e-5);
    let errors: Vec<f64> =
        there.iter().map(|customer| 31.0 * rate(*customer) - later(*customer) as f64).collect();
    let mean = |of: fn(f64) -> f64| errors.iter().map(|error| of(*error)).sum::<f64>() / errors.len() as f64;
    let last = group.len() - 3;
    assert_eq!(group[last..], ["mae", "rmse", "bias"]);
    for (row, right) in
        [(last, mean(f64::abs)), (last + 1, mean(|error| error * error).sqrt()), (last + 2, mean(|e| e))]
    {
        assert!((naive[row] - right).abs() < 2e-6, "{} is not {right}", naive[row]);
        assert!(actual[row].is_nan());
    }
    assert!((predicted[last + 2] - (predicted[0] - actual[0]) / there.len() as f64).abs() < 2e-6);
    let calibration = held.calibration().expect("a table");
    let count = |name: &str| -> usize {
        rows(&calibration, &[name]).iter().map(|text| text.parse::<usize>().expect("a count")).sum()
    };
    assert_eq!(count("customer_count"), there.len());
    assert_eq!(count("ordered_count"), there.iter().filter(|customer| later(**customer) > 0).count());
}

use super::*;
use crate::metrics::ScopeRequest;
use crate::metrics::testing::{Read, on, orders, rows};
use crate::schema::accounting::Rule;

fn ask(read: &Read, scope: &Scope, by: By) -> Trend {
    trend(&read.ingested.orders, scope, by, read.ingested.accounting.clone()).expect("a trend")
}

/// Ann is new on 10 January with two orders, and comes back on the 20th; 30 of that order were refunded. Bob is new in
/// February. Cat's 40 were refunded completely. An unknown customer pays 7, and Dan's order is not paid.
const YEAR: &str = "order_id,customer_id,order_date,amount,refund_amount,status;1,ann,2026-01-10,100,0,paid;2,ann,2026-01-10,50,0,paid;
    3,ann,2026-01-20,80,30,paid;4,bob,2026-02-03,20,0,paid;5,cat,2026-01-05,40,40,refunded;6,,2026-02-04,7,0,paid;
    7,ann,2026-02-05,-10,0,paid;8,dan,2026-02-06,9,0,pending";

const FIGURES: [&str; 13] = [
    "period_on",
    "is_unfinished",
    "order_count",
    "net_amount",
    "aov",
    "refund_rate",
    "customer_count",
    "new_customer_count",
    "new_order_count",
    "new_net_amount",
    "returning_customer_count",
    "returning_order_count",
    "returning_net_amount",
];

/// January has 100 + 50 + 50 in three orders, and 70 of the 270 paid were refunded. February has 20 + 7 − 10 in two
/// orders, and 10 of the 27 paid were refunded; Ann's credit note counts for returning customers, although she did not
/// order. The data begin on 5 January.
#[test]
fn figures_are_of_the_day_of_each_order() {
    let read = orders(YEAR);
    let answer = ask(&read, &read.up_to("2026-02-28"), By::Month);
    assert_eq!(
        rows(&answer.frame, &FIGURES),
        [
            "2026-01-01,false,3,200.00,66.666667,0.259259,1,1,2,150.00,1,1,50.00",
            "2026-02-01,false,2,17.00,8.50,0.37037,1,1,1,20.00,0,0,-10.00",
        ]
    );
    assert_eq!((answer.customer_count, answer.order_count), (2, 5));
    assert_eq!(answer.net_without_buyers, Some(7_000_000));
    assert_eq!(answer.orders_begin, Some(on("2026-01-05")));
    assert!(answer.accounting.is_balanced());
    assert_eq!(answer.accounting.excluded.of(Rule::Refunded), 1);
    assert_eq!(answer.accounting.excluded.of(Rule::Unpaid), 1);
    // On 27 February the month is not over.
    let answer = ask(&read, &read.up_to("2026-02-27"), By::Month);
    assert_eq!(rows(&answer.frame, &FIGURES[..2]), ["2026-01-01,false", "2026-02-01,true"]);
}

/// The figures of a day do not change when later days are added.
#[test]
fn history_never_changes() {
    let read = orders(YEAR);
    let of = |day: &str| rows(&ask(&read, &read.up_to(day), By::Day).frame, &FIGURES);
    let (early, late) = (of("2026-01-20"), of("2026-02-28"));
    assert_eq!(early.len(), 16);
    assert_eq!(late.len(), 55);
    assert_eq!(early, late[..16]);
    assert_eq!(early[5], "2026-01-10,false,2,150.00,75.00,0,1,1,2,150.00,0,0,0.00");
    assert_eq!(early[6], "2026-01-11,false,0,0.00,,,0,0,0,0.00,0,0,0.00");
}

const CHANGE: [&str; 8] = [
    "period_on",
    "previous_on",
    "previous_net_amount",
    "year_change",
    "customers_effect",
    "frequency_effect",
    "aov_effect",
    "unnamed_effect",
];

/// June 2025 has two customers, two orders and 100; June 2026 has four customers, eight orders and 400, and 9 of an
/// unknown customer. The logarithmic mean L is 300 / ln 4; customers and orders per customer double, the amount per
/// order stays. May 2025 is not covered.
#[test]
fn the_change_from_the_year_before_is_split() {
    let june =
        ["c", "d", "e", "f"].map(|id| format!(";{id}1,{id},2026-06-01,50;{id}2,{id},2026-06-02,50")).concat();
    let read = orders(&format!(
        "order_id,customer_id,order_date,amount;1,a,2025-06-01,50;2,b,2025-06-30,50{june};9,,2026-06-30,9"
    ));
    let answer = ask(&read, &read.up_to("2026-06-30"), By::Month);
    let all = rows(&answer.frame, &CHANGE);
    assert_eq!(all.len(), 13);
    assert_eq!(all[0], "2025-06-01,2024-06-01,,,,,,");
    assert_eq!(all[11], "2026-05-01,2025-05-01,,,,,,");
    assert_eq!(all[12], "2026-06-01,2025-06-01,100.00,309.00,150.00,150.00,0.00,9.00");
    let rates = rows(&answer.frame, &["year_change_rate", "is_covered", "previous_customer_count"]);
    assert_eq!((rates[12].as_str(), rates[0].as_str()), ("3.09,true,2", ",true,"));
    // Up to 29 June 2026 the month is compared with the first 29 days of June 2025, in which only a bought.
    let answer = ask(&read, &read.up_to("2026-06-29"), By::Month);
    assert_eq!(rows(&answer.frame, &CHANGE[..4])[12], "2026-06-01,2025-06-01,50.00,350.00");
    let rates =
        rows(&answer.frame, &["is_unfinished", "previous_customer_count", "previous_new_order_count"]);
    assert_eq!(rates[12], "true,1,1");
}

/// The week of 29 June 2026 is compared with that of 30 June 2025, also a Monday; 29 February with the 28th.
#[test]
fn the_same_period_a_year_before() {
    let first = |by: By, day: &str| by.first_day(by.of(by.year_before(by.first_day(by.of(on(day))))));
    assert_eq!(first(By::Week, "2026-07-01"), on("2025-06-30"));
    assert_eq!(first(By::Day, "2024-02-29"), on("2023-02-28"));
    assert_eq!(first(By::Month, "2024-02-29"), on("2023-02-01"));
    assert_eq!(first(By::Quarter, "2026-05-05"), on("2025-04-01"));
    assert_eq!(By::Month.last_day(By::Month.of(on("2024-02-03"))), on("2024-02-29"));
    assert_eq!(By::Day.last_day(7), Day::new(7));
}

/// A window shows the periods that begin in it, and a customer who bought before it is not new.
#[test]
fn a_window_keeps_whole_periods() {
    let read = orders(YEAR);
    // The 40 days that end with 28 February begin on 20 January.
    let answer = ask(&read, &read.window(40, "2026-02-28"), By::Month);
    assert_eq!(rows(&answer.frame, &["period_on", "new_customer_count"]), ["2026-02-01,1"]);
    assert_eq!(rows(&ask(&read, &read.window(39, "2026-02-28"), By::Day).frame, &["period_on"]).len(), 39);
}

#[test]
fn without_buyers_or_amounts_the_rest_is_counted() {
    let read = orders("order_id,customer_id,order_date,amount;1,,2026-06-01,5;2,,2026-06-02,7");
    let answer = ask(&read, &read.up_to("2026-06-30"), By::Month);
    assert_eq!(rows(&answer.frame, &FIGURES), ["2026-06-01,false,2,12.00,6.00,0,,,,,,,"]);
    assert_eq!(answer.net_without_buyers, None);
    let read = orders("order_id,customer_id,order_date,amount");
    let empty = ask(&read, &ScopeRequest::default().on(None), By::Month);
    assert_eq!((empty.frame.height(), empty.orders_begin), (0, None));
    // All orders are after as-of.
    let read = orders(YEAR);
    assert_eq!(ask(&read, &read.up_to("2025-12-31"), By::Month).frame.height(), 0);
}

/// In February, 30 of a's first order are refunded and 5 of b's only one, both of which were orders of new customers.
/// a's refund of 7 names no order and so belongs to the last one before it.
#[test]
fn what_goes_back_is_of_the_customer_who_was_new_then() {
    let read = orders(
        "order_id,customer_id,order_date,amount;1,a,2026-01-10,100;2,a,2026-02-10,50;3,b,2026-01-15,40;
         1-refund,a,2026-02-20,-30;x,b,2026-02-15,-5;y,a,2026-02-21,-7",
    );
    let answer = ask(&read, &read.up_to("2026-02-28"), By::Month);
    let columns = [
        "net_amount",
        "new_customer_count",
        "new_net_amount",
        "returning_order_count",
        "returning_net_amount",
    ];
    assert_eq!(rows(&answer.frame, &columns), ["140.00,2,140.00,0,0.00", "8.00,0,-35.00,1,43.00"]);
}

/// 1 February is the first of the 20 days up to 20 February: no month begins in a window of 5 days, and 20 days are the
/// shortest window in which one does.
#[test]
fn a_window_without_a_period_says_so() {
    let read = orders(YEAR);
    let none = ask(&read, &read.window(5, "2026-02-20"), By::Month);
    assert_eq!((none.frame.height(), none.least_window), (0, Some(20)));
    assert_eq!((none.customer_count, none.order_count), (0, 0));
    let one = ask(&read, &read.window(20, "2026-02-20"), By::Month);
    assert_eq!((one.frame.height(), one.least_window), (1, None));
    // Bob's order and that of the unknown customer.
    assert_eq!((one.customer_count, one.order_count), (1, 2));
}

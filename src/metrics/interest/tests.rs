use super::*;
use crate::metrics::testing::{on, read, rows};

const COLUMNS: [&str; 3] = ["period_days", "interest_customer_count", "new_customer_count"];

/// The last seven days are 24 to 30 June; who is new in them is decided by 25 May to 23 June.
#[test]
fn who_is_new_is_known_where_the_log_reaches_back() {
    for (first, new) in [("2026-05-25", "1"), ("2026-05-26", "")] {
        let text = format!(
            "customer_id,occurred_at,kind;z,{first},view;a,2026-05-26,cart;a,2026-06-24,cart;b,2026-06-30,cart"
        );
        let read = read(&[("events.csv", &text)]);
        let interests = Interests::new(read.shop().events().expect("events"), None, on("2026-06-30"));
        let (summary, _) = interests.summary(&[7], None, 7).expect("a summary");
        assert_eq!(rows(&summary, &COLUMNS), [format!("7,2,{new}")]);
        let begins = interests.begins_too_late(&[1, 7]);
        assert_eq!(begins, Some(on(first)).filter(|_| new.is_empty()));
        // By day, each day is a period of its own. On 24 June a is not new, because of an interest within the 30 days
        // before; this is known if the events begin on 25 May.
        let (by_day, _) = interests.summary(&[7], Some(By::Day), 7).expect("a summary");
        let found = rows(&by_day, &["day", "new_customer_count"]);
        assert_eq!(found[0], format!("2026-06-24,{}", if new.is_empty() { "" } else { "0" }));
        assert_eq!(found[6], "2026-06-30,1");
    }
}

/// A customer with an interest within the 30 days before the period is not new; one with an interest 31 days before is.
#[test]
fn an_interest_of_thirty_days_before_makes_nobody_new() {
    for (before, new) in [("2026-05-30", "1"), ("2026-05-31", "0"), ("2026-06-29", "0")] {
        let text =
            format!("customer_id,occurred_at,kind;z,2026-01-01,view;a,{before},cart;a,2026-06-30,fav_item");
        let read = read(&[("events.csv", &text)]);
        let interests = Interests::new(read.shop().events().expect("events"), None, on("2026-06-30"));
        assert_eq!(
            rows(&interests.summary(&[1], None, 7).expect("a summary").0, &COLUMNS),
            [format!("1,1,{new}")]
        );
    }
}

/// Seven days after the interest is within the window for discounts, eight days are past it. Customers of the same day
/// are sorted by id.
#[test]
fn the_list_is_by_day_then_by_id() {
    let text = "customer_id,occurred_at,kind;b,2026-06-23,cart;a,2026-06-22,cart;d,2026-06-30,cart;c,2026-06-30,cart";
    let read = read(&[("events.csv", text)]);
    let interests = Interests::new(read.shop().events().expect("events"), None, on("2026-06-30"));
    let list = interests.customers(&read.ingested.orders.customers, 30, DISCOUNT_DAYS).expect("a list");
    assert_eq!(
        rows(&list, &["customer_id", "days_since_interest", "is_past_discount_window"]),
        ["c,0,false", "d,0,false", "b,7,false", "a,8,true"]
    );
}

/// A period holds its first day and not the one before.
#[test]
fn a_period_is_of_whole_days() {
    let text = "customer_id,occurred_at,kind;a,2026-06-24,cart;b,2026-06-23,cart;c,2026-06-01,cart;d,2026-05-31,cart";
    let read = read(&[("events.csv", text)]);
    let interests = Interests::new(read.shop().events().expect("events"), None, on("2026-06-30"));
    assert_eq!(PERIODS.map(|days| interests.total(on("2026-06-30"), days).interested), [0, 1, 3]);
}

/// Of the three customers with an interest in the last seven days, a bought; c's interest is older.
#[test]
fn who_bought_and_who_did_not_are_counted_apart() {
    let read = read(&[(
        "events.csv",
        "customer_id,occurred_at,kind;a,2026-06-24,cart;a,2026-06-25,purchase;b,2026-06-26,cart;d,2026-06-27,cart;
         c,2026-05-01,cart",
    )]);
    let interests = Interests::new(read.shop().events().expect("events"), None, on("2026-06-30"));
    assert_eq!(interests.ever(), 4);
    let columns = [
        "interest_customer_count",
        "not_bought_in_period_count",
        "not_yet_bought_count",
        "converted_count",
        "conversion_rate",
    ];
    assert_eq!(rows(&interests.summary(&[7], None, 7).expect("a summary").0, &columns), ["3,2,2,1,0.333333"]);
}

/// Of the four customers with an interest on 1 June, one bought on the same day, one on the 8th and one on the 9th; the
/// fourth is followed for 29 days. The interest of 28 June is followed for two days only, so it is unknown what seven
/// days bring.
#[test]
fn conversions_within_days_are_followed_as_far_as_they_can_be() {
    let text = "customer_id,occurred_at,kind;a,2026-06-01 09:00:00,cart;a,2026-06-01 10:00:00,purchase;
        b,2026-06-01,cart;b,2026-06-08,purchase;c,2026-06-01,cart;c,2026-06-09,purchase;d,2026-06-01,cart;
        e,2026-06-28,cart";
    let read = read(&[("events.csv", text)]);
    let interests = Interests::new(read.shop().events().expect("events"), None, on("2026-06-30"));
    let columns = ["interest_customer_count", "converted_count", "conversion_7d_rate"];
    let of = |period: u32, days: u32| {
        rows(&interests.summary(&[period], None, days).expect("a summary").0, &columns).swap_remove(0)
    };
    // One of five converts on day 0, one of the three who are still followed on day 7, and one of two on day 8.
    assert_eq!(of(30, 7), "5,3,0.466667");
    assert_eq!(of(30, 6), "5,3,0.2");
    assert_eq!(of(30, 8), "5,3,0.733333");
    assert_eq!([of(7, 7), of(7, 2)], ["1,0,", "1,0,0"]);
    let ends = ["conversion_rate", "conversion_rate_low", "conversion_rate_high"];
    // Wilson's interval of 3 of 5 is 0.230724 to 0.882379 in statsmodels.
    assert_eq!(
        rows(&interests.summary(&[30], None, 7).expect("a summary").0, &ends),
        ["0.6,0.230724,0.882379"]
    );
}

/// Of the last thirty days a, b and c are counted, once each, whatever the order of the periods is and although a
/// showed an interest in two categories.
#[test]
fn the_customers_of_the_longest_period_are_counted_once() {
    let text =
        "customer_id,occurred_at,kind,category;a,2026-06-30,cart,x;a,2026-06-29,cart,y;b,2026-06-10,cart,x;
        c,2026-06-10,fav_item,;d,2026-05-01,cart,x";
    let read = read(&[("events.csv", text)]);
    let interests = Interests::new(read.shop().events().expect("events"), None, on("2026-06-30"));
    for periods in [&[30, 7, 7][..], &[1, 30], &[30]] {
        for by in [None, Some(By::Day), Some(By::Category)] {
            let (summary, count) = interests.summary(periods, by, 7).expect("a summary");
            assert_eq!(count, 3, "{periods:?} {by:?}");
            assert!(by.is_some() || summary.height() == periods.len());
        }
    }
}

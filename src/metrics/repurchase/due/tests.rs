//! Expected next orders, worked out by hand.

use super::*;

#[test]
fn own_gaps_are_shrunk_toward_the_prior() {
    let days = |own, gaps, prior, weight| ExpectedGap::new(own, gaps, prior, weight).days();
    // Two own gaps of 10 and a prior of 40 with the weight of two make 25.
    assert_eq!(days(Some(20), 2, 40.0, 2), 25);
    // Half a day is rounded up.
    assert_eq!(days(None, 0, 27.5, 2), 28);
    assert_eq!(days(None, 0, 27.49, 2), 27);
    assert_eq!(days(Some(2), 1, 1.0, 0), 1);
    // (6 · 7.5 + 2 · 40) / 8 = 15.625.
    assert_eq!(days(Some(15), 6, 40.0, 2), 16);
    // Without own gaps and without a weight, the prior is used as it is.
    assert_eq!(days(None, 0, 33.0, 0), 33);
    assert_eq!(days(None, 0, 0.2, 2), 1);
}

const BOTH: ChurnLines = ChurnLines { one: Some(75.0), several: Some(75.0) };

const PARAMS: DueParams = DueParams { due_days: 7, weight: 2, cycle_days: 30.0, churn_lines: BOTH };

/// The status of a customer without own gaps, whose expected gap is the prior.
fn at(recency: i32, expected: f64, params: &DueParams) -> &'static str {
    let gap = ExpectedGap::new(None, 0, expected, 2);
    DUE_STATUSES[usize::from(status(recency, gap, params.churn_lines.one, params))]
}

#[test]
fn the_status_follows_from_the_expected_day() {
    let at = |recency, expected| at(recency, expected, &PARAMS);
    assert_eq!(at(22, 30.0), "in_cycle");
    assert_eq!(at(23, 30.0), "due");
    assert_eq!(at(37, 30.0), "due");
    assert_eq!(at(38, 30.0), "overdue");
    assert_eq!(at(75, 30.0), "overdue");
    assert_eq!(at(76, 30.0), "lost");
    // A gap twice as long as the shop's cycle makes the churn line twice as long.
    assert_eq!(at(150, 60.0), "overdue");
    assert_eq!(at(151, 60.0), "lost");
    // A shorter gap does not make the churn line shorter.
    assert_eq!(at(75, 10.0), "overdue");
    assert_eq!(at(76, 10.0), "lost");
}

/// A gap of 29.5 days puts the expected day on the 30th; but the churn line is stretched by the exact gap over the
/// shop's cycle, 29.5 / 29.5, and not by 30 / 29.5.
#[test]
fn only_the_expected_day_is_rounded() {
    let params = DueParams { cycle_days: 29.5, churn_lines: ChurnLines::both(100.0), ..PARAMS };
    assert_eq!(
        [22, 23, 37, 38].map(|recency| at(recency, 29.5, &params)),
        ["in_cycle", "due", "due", "overdue"]
    );
    assert_eq!([100, 101].map(|recency| at(recency, 29.5, &params)), ["overdue", "lost"]);
    // A gap of 31.2 and a cycle of 30 stretch the line of 75 to exactly 78.
    assert_eq!([78, 79].map(|recency| at(recency, 31.2, &PARAMS)), ["overdue", "lost"]);
}

/// The churn line decides which late customers are lost; with a line of 0 all are.
#[test]
fn the_churn_line_is_what_makes_a_customer_lost() {
    let with = |line| DueParams { churn_lines: ChurnLines::both(line), ..PARAMS };
    assert_eq!(at(60, 30.0, &with(59.0)), "lost");
    assert_eq!(at(60, 30.0, &with(60.0)), "overdue");
    assert_eq!(at(60, 30.0, &with(60.01)), "overdue");
    assert_eq!(at(38, 30.0, &with(0.0)), "lost");
    assert_eq!(at(37, 30.0, &with(0.0)), "due");
    // Without a line nobody is lost.
    assert_eq!(at(9_999, 30.0, &DueParams { churn_lines: ChurnLines::default(), ..PARAMS }), "overdue");
    // In a shop in which everybody orders again within a day, there is no cycle by which to stretch the line.
    assert_eq!(
        at(10, 1.0, &DueParams { cycle_days: 0.0, churn_lines: ChurnLines::both(9.0), ..PARAMS }),
        "lost"
    );
}

/// The computed day is the one on which the status becomes `lost`.
#[test]
fn the_first_lost_day_is_the_one_on_which_the_status_turns() {
    for (cycle_days, churn_line_days, expected, due_days) in [
        (30.0, 75.0, 30.0, 7),
        (30.0, 75.0, 60.0, 7),
        (30.0, 75.0, 31.2, 7),
        (29.5, 100.0, 29.5, 7),
        (30.0, 60.01, 30.0, 0),
        (30.0, 0.0, 30.0, 7),
        (0.0, 9.0, 1.0, 7),
        (30.0, 31.0, 90.0, 30),
    ] {
        let churn_lines = ChurnLines::both(churn_line_days);
        let params = DueParams { due_days, weight: 2, cycle_days, churn_lines };
        let first = first_lost_day(ExpectedGap::new(None, 0, expected, 2), churn_line_days, &params);
        assert_ne!(at(first - 1, expected, &params), "lost", "{params:?} {expected}");
        assert_eq!(at(first, expected, &params), "lost", "{params:?} {expected}");
    }
}

use crate::metrics::products::products;
use crate::metrics::testing::{Read, on, orders, rows};
use crate::schema::names::{DUE_STATUS, EXPECTED_GAP_DAYS, NEXT_EXPECTED_ON};

fn due(read: &Read, as_of: &str, params: &DueParams) -> DataFrame {
    let (orders, scope) = (&read.ingested.orders, read.up_to(as_of));
    let bought = products(orders, &scope, true, read.ingested.accounting.clone()).expect("products");
    let due = Due::new(orders, &scope, Some(&bought), params).expect("customers");
    due.frame(orders, on(as_of)).expect("a frame")
}

/// All orders are expected after 30 days. Rows are sorted by status, then by expected day, then by id.
#[test]
fn those_to_act_on_come_first() {
    let read = orders(
        "order_id,customer_id,order_date,amount;1,lost,2025-12-01,5;2,late_b,2026-01-15,5;3,late_a,2026-01-15,5;
         4,later,2026-01-20,5;5,due,2026-02-01,5;6,new,2026-03-01,5;7,also,2026-02-03,5",
    );
    // The overdue customers have been silent for more than 37 days, and the churn line is 75.
    let found = due(&read, "2026-03-03", &PARAMS);
    assert_eq!(
        rows(&found, &["customer_id", DUE_STATUS, EXPECTED_GAP_DAYS, NEXT_EXPECTED_ON]),
        [
            "due,due,30,2026-03-03",
            "also,due,30,2026-03-05",
            "late_a,overdue,30,2026-02-14",
            "late_b,overdue,30,2026-02-14",
            "later,overdue,30,2026-02-19",
            "new,in_cycle,30,2026-03-31",
            "lost,lost,30,2025-12-31",
        ]
    );
}

/// With ten gaps of two days the tea has a cycle of its own; with nine it has not. The customer's own gaps are averaged
/// with the usual gap, which weighs as two.
#[test]
fn a_product_has_a_cycle_of_its_own_from_ten_gaps_on() {
    let of = |count: i32| {
        let mut text = "order_id,customer_id,order_date,amount,product_id".to_owned();
        for i in 0..count {
            text.push_str(&format!(";{i},a,2026-01-{:02},5,tea", 1 + 2 * i));
        }
        let last = format!("2026-01-{:02}", 2 * count - 1);
        rows(&due(&orders(&text), &last, &PARAMS), &[EXPECTED_GAP_DAYS, "product_id"])
    };
    // (9 · 2 + 2 · 30) / 11 = 7.1 and (10 · 2 + 2 · 2) / 12.
    assert_eq!(of(10), ["7,tea"]);
    assert_eq!(of(11), ["2,tea"]);
}

/// Four or five customers bought the cup after the tea.
#[test]
fn what_others_bought_next_is_recommended_from_five_orders_on() {
    let of = |others: i32| {
        let mut text = "order_id,customer_id,order_date,amount,product_id;z,z,2026-01-05,5,tea".to_owned();
        for i in 0..others {
            text.push_str(&format!(";a{i},c{i},2026-01-01,5,tea;b{i},c{i},2026-01-02,9,cup"));
        }
        let found = rows(&due(&orders(&text), "2026-01-05", &PARAMS), &["customer_id", "product_id"]);
        found.into_iter().find(|row| row.starts_with("z,")).expect("the one who bought once")
    };
    assert_eq!(of(4), "z,tea");
    assert_eq!(of(5), "z,cup");
}

/// Both have been silent for 61 days: the buyer of one order is past the line of 60, the other one not past that of
/// 200.
#[test]
fn who_ordered_once_and_who_ordered_again_have_lines_of_their_own() {
    let read = orders(
        "order_id,customer_id,order_date,amount;1,once,2026-01-01,5;2,again,2025-12-01,5;3,again,2026-01-01,5",
    );
    let churn_lines = ChurnLines { one: Some(60.0), several: Some(200.0) };
    let found = due(&read, "2026-03-03", &DueParams { churn_lines, ..PARAMS });
    assert_eq!(rows(&found, &["customer_id", DUE_STATUS]), ["again,overdue", "once,lost"]);
    let found = due(&read, "2026-03-03", &DueParams { churn_lines: ChurnLines::default(), ..PARAMS });
    assert_eq!(rows(&found, &[DUE_STATUS]), ["overdue", "overdue"]);
}

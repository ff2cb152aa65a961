use super::*;
use crate::metrics::testing::{Read, on, read_wanting, rows};
use crate::schema::accounting::Accounting;
use crate::schema::{Micros, Wants};

fn wants() -> Wants {
    Wants {
        order_columns: COLUMNS.map(|field| field.name().to_owned()).to_vec(),
        event_products: true,
        ..Wants::default()
    }
}

fn timed(read: &Read, scope: &Scope, of: Of) -> Decision {
    let shop = read.shop();
    let subjects = Subjects::new(&shop, scope, of, &mut Accounting::default()).expect("people");
    decision(&subjects, &shop, scope, &[50, 100].map(Micros::units)).expect("a table")
}

fn ask(read: &Read, scope: &Scope, of: Of) -> Vec<String> {
    rows(
        &timed(read, scope, of).frame,
        &["phase", "dimension", "key", "delay", "manner", "decision_count", "delay_share"],
    )
    .into_iter()
    .filter(|row| !row.ends_with(",0,0"))
    .collect()
}

/// Customer a pays 30 after a minute and 60 after two days. The 100 of b were closed unpaid. Of c's two unpaid orders,
/// one is of the as-of day, and so may still be paid. d paid before the order was placed, the times of e are not known,
/// and f got everything back.
#[test]
fn payments_are_timed_by_what_the_order_costs() {
    let orders = "order_id,customer_id,status,created_at,paid_at,paid_amount,refund_amount
        ;1,a,paid,2026-06-01 10:00:00,2026-06-01 10:01:00,30,0;2,a,paid,2026-06-02 10:00:00,2026-06-04 10:00:00,60,0
        ;3,b,closed_unpaid,2026-06-05 10:00:00,,100,0;4,c,pending,2026-06-29 10:00:00,,0,0;5,c,pending,2026-06-30 10:00:00,,70,0
        ;6,d,paid,2026-06-06 10:00:00,2026-06-06 09:00:00,20,0;7,e,paid,,2026-06-06 09:00:00,20,0
        ;8,f,refunded,2026-06-07 10:00:00,2026-06-07 10:30:00,55,55";
    let read = read_wanting(&[("orders.csv", &orders.replace('\n', ""))], &wants());
    let scope = read.up_to("2026-06-30");
    assert_eq!(
        ask(&read, &scope, Of::All),
        [
            "payment,all,,up_to_1_minute,,1,0.2",
            "payment,all,,10_to_60_minutes,,1,0.2",
            "payment,all,,later,,1,0.2",
            "payment,all,,never,,2,0.4",
            "payment,price_band,0-50,up_to_1_minute,,1,1",
            "payment,price_band,50-100,10_to_60_minutes,,1,0.5",
            "payment,price_band,50-100,later,,1,0.5",
            "payment,price_band,100+,never,,1,1",
            "payment,price_band,,never,,1,1",
        ]
    );
    let untimed = timed(&read, &scope, Of::All).untimed;
    assert_eq!(untimed, Untimed { without_times: 1, paid_before: 1, uncovered: 0 });
    // Of the customers with a valid order, only a has times. In the last 27 days, which begin on 4 June, only a's order
    // paid on that day is left.
    let bought = ["payment,all,,up_to_1_minute,,1,0.5", "payment,all,,later,,1,0.5"];
    assert_eq!(ask(&read, &scope, Of::Converted)[..2], bought);
    let window = read.window(27, "2026-06-30");
    assert_eq!(ask(&read, &window, Of::Converted)[0], "payment,all,,later,,1,1");
}

/// Without times of day, there are no rows of payments.
#[test]
fn midnight_is_no_time() {
    let orders = "order_id,customer_id,status,created_at,paid_at,paid_amount;1,a,paid,2026-06-01,2026-06-01,30;2,b,closed_unpaid,2026-06-01,,5";
    let read = read_wanting(&[("orders.csv", orders)], &wants());
    let scope = read.up_to("2026-06-30");
    assert!(ask(&read, &scope, Of::All).is_empty());
    assert_eq!(timed(&read, &scope, Of::All).untimed, Untimed::default());
}

/// Two orders without a known customer, paid after ten minutes and after an hour, count in the portrait of all, but not
/// in that of the customers who bought.
#[test]
fn a_payment_is_timed_whoever_paid() {
    let orders = "order_id,customer_id,status,created_at,paid_at,paid_amount;1,,paid,2026-06-01 10:00:00,2026-06-01 10:10:00,30
        ;2,a,paid,2026-06-01 10:00:00,2026-06-01 10:00:30,30;3,,paid,2026-06-01 10:00:00,2026-06-01 11:00:00,40";
    let read = read_wanting(&[("orders.csv", &orders.replace('\n', ""))], &wants());
    let scope = read.up_to("2026-06-30");
    let all = [
        "payment,all,,up_to_1_minute,,1,0.333333",
        "payment,all,,1_to_10_minutes,,1,0.333333",
        "payment,all,,10_to_60_minutes,,1,0.333333",
    ];
    assert_eq!(ask(&read, &scope, Of::All)[..3], all);
    assert_eq!(ask(&read, &scope, Of::Converted)[0], "payment,all,,up_to_1_minute,,1,1");
}

/// The log covers 31 May to 30 June, and thus the 30 days up to each order from 29 June on. Customer a looks at P1 half
/// an hour before the order, at P2 in the morning, and first at P3 on the 24th, the seventh day. b looks at P1 on the
/// 23rd, the eighth day, at P3 only after ordering it, and at P2 a day before the 30 days begin. c looks at nothing.
#[test]
fn looks_are_timed_by_product() {
    let events = "customer_id,occurred_at,kind,product_id
        ;z,2026-05-31 08:00:00,view,P9;a,2026-06-30 09:30:00,view,P1;a,2026-06-30 08:00:00,cart,P2
        ;a,2026-06-24 10:00:00,fav_item,P3;a,2026-06-30 09:59:00,view,P3;a,2026-06-29 10:00:00,purchase,P1
        ;b,2026-06-23 10:00:00,view,P1;b,2026-06-30 12:00:00,view,P3;b,2026-05-31 10:00:00,view,P2";
    let orders = "order_id,customer_id,status,created_at,paid_at,paid_amount;1,a,paid,2026-06-30 10:00:00,2026-06-30 11:00:00,30
        ;2,b,paid,2026-06-30 11:00:00,2026-06-30 13:00:00,30;3,c,paid,2026-06-29 11:00:00,2026-06-30 11:00:00,30";
    let items = "order_id,line_no,product_id,title,category,quantity,amount;1,1,P1,Tea,tea,1,10;1,2,P2,Cup,ware,1,10;1,3,P3,Pot,ware,1,10
        ;2,1,P1,Tea,tea,1,10;2,2,P2,Cup,ware,1,10;2,3,P3,Pot,ware,1,10;3,1,P1,Tea,tea,1,30";
    let files = [events, orders, items].map(|text| text.replace('\n', ""));
    let read = read_wanting(
        &[("events.csv", &files[0]), ("orders.csv", &files[1]), ("items.csv", &files[2])],
        &wants(),
    );
    let found = ask(&read, &read.up_to("2026-06-30"), Of::All);
    let looks: Vec<&str> = found.iter().filter_map(|row| row.strip_prefix("order,")).collect();
    assert_eq!(
        looks,
        [
            "all,,same_hour,impulsive,1,0.142857",
            "all,,same_day,impulsive,1,0.142857",
            "all,,2_to_7_days,considered,1,0.142857",
            "all,,8_to_30_days,considered,1,0.142857",
            "all,,none_seen,,3,0.428571",
            "category,ware,same_day,impulsive,1,0.25",
            "category,ware,2_to_7_days,considered,1,0.25",
            "category,ware,none_seen,,2,0.5",
            "category,tea,same_hour,impulsive,1,0.333333",
            "category,tea,8_to_30_days,considered,1,0.333333",
            "category,tea,none_seen,,1,0.333333",
        ]
    );
    // If the scope ends before the first order that the log covers, there are no rows.
    let early = ask(&read, &read.up_to("2026-06-28"), Of::All);
    assert!(early.is_empty(), "{early:?}");
    let uncovered = |read: &Read| timed(read, &read.up_to("2026-06-30"), Of::All).untimed.uncovered;
    assert_eq!(uncovered(&read), 0);
    // Without its first events the log begins on 23 June, too late for any of the three orders.
    let later =
        files[0].replace(";z,2026-05-31 08:00:00,view,P9", "").replace(";b,2026-05-31 10:00:00,view,P2", "");
    let read = read_wanting(
        &[("events.csv", &later), ("orders.csv", &files[1]), ("items.csv", &files[2])],
        &wants(),
    );
    assert_eq!(uncovered(&read), 3);
    assert_eq!(on("2026-06-24").days_until(on("2026-06-30")), 6);
}

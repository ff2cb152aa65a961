//! Repurchases, worked out by hand.

use polars::prelude::DataFrame;

use super::*;
use crate::metrics::testing::{Read, on, orders, rows};
use crate::metrics::value::ValueParams;

fn ask(read: &Read, scope: &Scope) -> Repurchase<'static> {
    with(read, scope, ChurnRule::default())
}

fn with(read: &Read, scope: &Scope, churn: ChurnRule) -> Repurchase<'static> {
    repurchase(&read.ingested.orders, scope, churn, &Grouping::All, read.ingested.accounting.clone())
        .expect("an answer")
}

const CURVE: [&str; 6] =
    ["horizon_days", "at_risk_count", "repurchased_count", "repurchase_rate", "rate_low", "rate_high"];

/// Both customers order again after ten days. R's binom.test(2, 2) gives an interval of 0.1581139 to 1.
#[test]
fn a_curve_stays_known_where_everybody_has_returned() {
    let read = orders(
        "order_id,customer_id,order_date,amount;1,a,2026-01-01,5;2,a,2026-01-11,5;3,b,2026-01-01,5;4,b,2026-01-11,5",
    );
    let answer = ask(&read, &read.up_to("2026-01-11"));
    let all = |days: i32| format!("{days},0,2,1,0.158114,1");
    assert_eq!(rows(&answer.curve().expect("a curve"), &CURVE), HORIZONS.map(all));
    // The curve of the picture goes on to the end of the year, too.
    assert_eq!(answer.steps().0.len(), 366);
    assert_eq!(answer.steps().0[365], (365.0, 1.0));
    // So does the band; its last interval is that of the table.
    let (_, low, high) = answer.steps().1[365];
    assert!((low - 0.158_114).abs() < 1e-6 && high == 1.0, "{low} {high}");
}

/// The exact interval of 0 of 1 is 0 to 1 − 0.025.
#[test]
fn a_curve_of_nobody_who_returned_has_the_exact_interval() {
    let read = orders("order_id,customer_id,order_date,amount;1,a,2026-01-01,5;2,b,2026-02-10,5");
    let answer = ask(&read, &read.up_to("2026-02-10"));
    assert_eq!(rows(&answer.curve().expect("a curve"), &CURVE)[..2], ["30,1,0,0,0,0.975", "60,0,0,,,"]);
}

/// The curve and the gaps of customers in groups.
fn by(read: &Read, by: By, as_of: &str) -> [DataFrame; 2] {
    let scope = read.up_to(as_of);
    let as_of = scope.as_of;
    let shop = read.shop();
    let grouping = match by.first() {
        None => Grouping::Segment(SegmentParams::default()),
        Some(first) => {
            Grouping::First(Box::new(Firsts::new(&shop, first, &ValueParams::default(), &[], as_of)))
        }
    };
    let (orders, accounting) = (&read.ingested.orders, read.ingested.accounting.clone());
    let answer = repurchase(orders, &scope, ChurnRule::default(), &grouping, accounting).expect("an answer");
    [answer.curve().expect("a curve"), answer.gaps().expect("gaps")]
}

/// The rows of a curve at 30 days.
fn at_30(curve: &DataFrame, group: &[&str]) -> Vec<String> {
    let mut found = rows(curve, &[group, &CURVE[..]].concat());
    found.retain(|row| row.contains(",30,"));
    found
}

/// The only customer who began with the cup came back; of the two who began with the tea, none did.
#[test]
fn each_group_has_its_own_curve() {
    let read = orders(
        "order_id,customer_id,order_date,amount,product_id;1,a,2026-01-01,5,cup;2,a,2026-01-02,5,tea;
         3,b,2026-01-01,5,tea;4,c,2026-01-01,5,tea;5,d,2026-03-01,5,pot;6,e,2026-03-01,5,bowl",
    );
    let [curve, _] = by(&read, By::Product, "2026-03-01");
    // The largest group comes first; groups of equal size are sorted by id.
    assert_eq!(
        at_30(&curve, &["product_id"]),
        ["tea,30,2,0,0,0,0.841886", "bowl,30,0,0,,,", "cup,30,0,1,1,0.025,1", "pot,30,0,0,,,"]
    );
}

/// Of a's first order of 10, 4 were refunded. b's first order had a discount of 40 on 100, c's had none. b came back
/// after ten days.
#[test]
fn first_orders_are_told_apart_by_what_became_of_them() {
    let read = orders(
        "order_id,customer_id,order_date,amount,refund,gross,source;1,a,2026-01-01,10,4,,web;2,b,2026-01-01,60,0,100,app;
         3,b,2026-01-11,5,5.00,,;4,b,2026-01-12,7,1,,;5,c,2026-01-01,80,0,80,web",
    );
    let of = |by_what| by(&read, by_what, "2026-03-01").map(|frame| frame);
    // b's third order is the second that counts, as the second was refunded completely.
    assert_eq!(
        at_30(&of(By::Refunded)[0], &["first_refund"]),
        ["kept,30,1,1,0.5,0.08959,0.994017", "refunded,30,1,0,0,0,0.975"]
    );
    let [curve, gaps] = of(By::Discount);
    assert_eq!(
        at_30(&curve, &["first_discount"]),
        ["deep,30,0,1,1,0.025,1", "none,30,1,0,0,0,0.975", ",30,1,0,0,0,0.975"]
    );
    let columns =
        ["first_discount", "gap_count", "p50", "open_gap_count", "watched_p25", "watched_p50", "watched_p90"];
    // b has a gap of 11 days that has ended, and an open one of 48.
    assert_eq!(rows(&gaps, &columns), ["deep,1,11,1,11,11,", "none,0,,1,,,", ",0,,1,,,"]);
    assert_eq!(at_30(&of(By::Source)[0], &["source"]), ["web,30,2,0,0,0,0.841886", "app,30,0,1,1,0.025,1"]);
}

/// As-of is 30 June, and 180 days before is 1 January: a had just bought, b had bought twice and was active, and c had
/// not bought yet. a ordered on the tenth day after 1 January and again 20 days later; b did not order again.
#[test]
fn segments_are_taken_before_they_are_watched() {
    let read = orders(
        "order_id,customer_id,order_date,amount;1,a,2025-12-30,5;2,a,2026-01-11,5;3,a,2026-01-31,5;
         4,b,2025-11-01,5;5,b,2025-12-01,5;6,c,2026-01-02,5",
    );
    let [curve, gaps] = by(&read, By::Segment, "2026-06-30");
    assert_eq!(
        at_30(&curve, &["segment"]),
        ["just_bought,30,0,1,1,0.025,1", "active_loyal,30,1,0,0,0,0.975"]
    );
    // Nobody is watched for a year after 1 January.
    let of_b: Vec<String> = rows(&curve, &["segment", "horizon_days", "repurchase_rate"]);
    assert_eq!(of_b[8..], ["active_loyal,180,0", "active_loyal,365,"]);
    // The time from 1 January to the next order is not a gap between orders.
    let columns = ["segment", "gap_count", "p50", "open_gap_count", "cycle_days"];
    assert_eq!(rows(&gaps, &columns), ["just_bought,1,20,1,20", "active_loyal,0,,0,"]);
}

/// Five gaps last 10, 20, 30, 40 and 50 days: by R's type 7 their 80 % quantile is 40 + 0.2 · 10 and their median is 30
/// days. A sixth gap is open after one day.
/// 30. A sixth gap is open after one day.
#[test]
fn the_churn_line_is_a_quantile_of_the_gaps_or_given() {
    let read = orders(
        "order_id,customer_id,order_date,amount;1,a,2026-01-01,5;2,a,2026-01-11,5;3,a,2026-01-31,5;
         4,a,2026-03-02,5;5,a,2026-04-11,5;6,a,2026-05-31,5",
    );
    let scope = read.up_to("2026-06-01");
    let lines = |rule| {
        let answer = with(&read, &scope, rule);
        (answer.cycle_days(), answer.churn_lines())
    };
    for (percent, line) in [(80, 42.0), (50, 30.0), (90, 46.0)] {
        assert_eq!(lines(ChurnRule::Percentile(percent)), (Some(30.0), ChurnLines::both(line)));
    }
    assert_eq!(lines(ChurnRule::Days(60)), (Some(30.0), ChurnLines::both(60.0)));
    // A line by chance of return would need twenty watched gaps.
    assert_eq!(lines(ChurnRule::default()), (Some(30.0), ChurnLines::default()));
    let gaps = ask(&read, &scope).gaps().expect("gaps");
    assert_eq!(
        rows(&gaps, &["gap_count", "p25", "p50", "p75", "p80", "p90", "cycle_days"]),
        ["5,20,30,40,42,46,30"]
    );
    // After the first day five gaps are still watched, and each that ends adds a fifth: 20, 40, 60, 80 and 100 %.
    let watched =
        ["open_gap_count", "watched_p25", "watched_p50", "watched_p75", "watched_p80", "watched_p90"];
    assert_eq!(rows(&gaps, &watched), ["1,20,30,40,40,50"]);
    // Nobody has a gap yet.
    let one = orders("order_id,customer_id,order_date,amount;1,a,2026-01-01,5");
    let answer = ask(&one, &one.up_to("2026-01-01"));
    assert_eq!((answer.cycle_days(), answer.churn_lines()), (None, ChurnLines::default()));
}

const CHURN_COLUMNS: [&str; 6] =
    ["buyers", "customer_count", "churn_line_days", "return_chance", "watched_count", "lost_customer_count"];

/// 30 customers who ordered once, on 1 January, and 20 who ordered then and once more after 40 days.
fn of_the_silent() -> String {
    let once = (0..30).map(|i| format!(";a{i},a{i},2026-01-01,5"));
    let twice =
        (0..20).flat_map(|i| [format!(";b{i},b{i},2026-01-01,5"), format!(";c{i},b{i},2026-02-10,5")]);
    format!("order_id,customer_id,order_date,amount{}", once.chain(twice).collect::<String>())
}

/// On 20 July all have been silent for 160 days or more.
#[test]
fn customers_past_the_line_are_counted() {
    let read = orders(&of_the_silent());
    let table = |rule| {
        let answer = with(&read, &read.up_to("2026-07-20"), rule);
        rows(&answer.churn().expect("lines").expect("not by segment"), &CHURN_COLUMNS)
    };
    // 20 of 50 come back after 40 days, and then nobody; of those with two order days nobody comes back.
    assert_eq!(table(ChurnRule::default()), ["one,30,40,0,30,30", "several,20,0,0,20,20"]);
    // If customers are lost as soon as their chance of return is below 41 %, all silent customers are lost.
    let easy = ChurnRule::Chance { chance: 0.41, days: 90 };
    assert_eq!(table(easy), ["one,30,0,0.4,30,30", "several,20,0,0,20,20"]);
    assert_eq!(table(ChurnRule::Days(200)), ["one,30,200,,,0", "several,20,200,,,0"]);
    assert_eq!(table(ChurnRule::Days(39)), ["one,30,39,0.4,30,30", "several,20,39,0,20,20"]);
}

/// The same shop with one more customer, whose first order was 19 days before as-of. Only that customer is in the
/// window of 30 days, but the others still determine the cycle and the lines.
#[test]
fn what_is_usual_does_not_depend_on_a_window() {
    let read = orders(&format!("{};n,n,2026-07-01,5", of_the_silent()));
    let answer = ask(&read, &read.window(30, "2026-07-20"));
    let lines = answer.churn().expect("lines").expect("not by segment");
    // The lines are those without the window, but only one customer is counted, and is not past the line.
    assert_eq!(rows(&lines, &CHURN_COLUMNS), ["one,1,40,0,30,0", "several,0,0,0,20,0"]);
    let gaps = rows(&answer.gaps().expect("gaps"), &["gap_count", "p50", "open_gap_count", "cycle_days"]);
    assert_eq!(gaps, ["0,,1,40"]);
    assert_eq!((answer.customer_count, answer.order_count), (1, 1));
    assert_eq!(answer.accounting.excluded.of(Rule::OutsideWindow), 70);
    let all = ask(&read, &read.up_to("2026-07-20"));
    assert_eq!((answer.churn_lines(), answer.cycle_days()), (all.churn_lines(), all.cycle_days()));
}

/// a's refund names the first of two orders; b's names no order and so belongs to the last one before it; c has only
/// one order. If no file has any refund, it is not known whose first order was kept.
#[test]
fn a_record_of_a_refund_is_of_the_order_it_names_or_of_the_last() {
    const SHOP: &str = "order_id,customer_id,order_date,amount;1,a,2026-01-01,10;2,a,2026-02-01,20;
         3,b,2026-01-01,10;4,b,2026-01-21,20;5,c,2026-01-01,10;6,d,2026-01-01,10";
    let read = orders(&format!("{SHOP};1-refund,a,2026-02-05,-4;x,b,2026-02-05,-4;y,c,2026-01-20,-3"));
    let [curve, _] = by(&read, By::Refunded, "2026-03-01");
    assert_eq!(
        at_30(&curve, &["first_refund"]),
        ["refunded,30,2,0,0,0,0.841886", "kept,30,1,1,0.5,0.08959,0.994017"]
    );
    let silent = orders(SHOP);
    assert!(!silent.ingested.orders.says_refunds && read.ingested.orders.says_refunds);
    let [curve, _] = by(&silent, By::Refunded, "2026-03-01");
    assert_eq!(at_30(&curve, &["first_refund"]), [",30,3,1,0.25,0.039451,0.872053"]);
}

/// A simulated shop of 700 customers who came within a quarter, buy as the customers of the CDNOW data do, and are
/// watched for a year and a half (fixtures/churn_line). The expected lines, chances and returns within 90 days after 31
/// March are those of a Kaplan–Meier estimate written from its definition in Python: 29 of the 575 customers past the
/// line came back, and 41 of the 612 past the percentile of gaps.
#[test]
fn few_of_those_past_the_line_come_back() {
    let text = std::fs::read_to_string("fixtures/churn_line/orders.csv").expect("a fixture");
    let read = orders(&text.trim_end().replace('\n', ";"));
    let scope = read.up_to("2026-03-31");
    let mut days_of: BTreeMap<&str, Vec<Day>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        days_of.entry(cells[1]).or_default().push(on(cells[2]));
    }
    let as_of = on("2026-03-31");
    let past = |lines: ChurnLines| {
        let mut counts = (0, 0);
        for days in days_of.values() {
            let known = days.iter().filter(|day| **day <= as_of).count();
            let silence = f64::from(days[known - 1].days_until(as_of));
            if lines.after(known as u32 - 1).is_some_and(|line| silence > line) {
                let is_back = days.get(known).is_some_and(|day| *day <= as_of.plus_days(90));
                counts = (counts.0 + 1, counts.1 + u32::from(is_back));
            }
        }
        counts
    };
    let answer = ask(&read, &scope);
    let lines = answer.churn().expect("lines").expect("not by segment");
    assert_eq!(
        rows(&lines, &CHURN_COLUMNS),
        ["one,410,85,0.097656,462,410", "several,290,182,0.099572,129,165"]
    );
    assert_eq!(past(answer.churn_lines()), (575, 29));
    let percentile = with(&read, &scope, ChurnRule::Percentile(80)).churn_lines();
    assert_eq!(percentile, ChurnLines::both(101.6));
    assert_eq!(past(percentile), (612, 41));
}

/// Ann orders twice on one day, Bob on two days, Cat once, and Dan in both years.
#[test]
fn repeat_rates_by_customer_day_and_order() {
    let text =
        "order_id,customer_id,order_date,amount;1,ann,2026-05-01,5;2,ann,2026-05-01,6;3,bob,2026-05-01,5;
         4,bob,2026-05-02,5;5,cat,2026-05-01,5;6,dan,2025-06-30,5;7,dan,2025-07-01,5;8,eve,2024-07-01,5";
    let read = orders(text);
    let rates = |scope: &Scope| {
        let answer = ask(&read, scope);
        rows(
            &answer.rates().expect("rates"),
            &["definition", "rate", "rate_low", "rate_high", "numerator", "denominator", "explanation"],
        )
    };
    // The 365 days up to 30 June 2026 begin on 1 July 2025, those before them on 1 July 2024, the day of Eve's order.
    assert_eq!(
        rates(&read.up_to("2026-06-30")),
        [
            "repeat_customer_rate,0.6,0.230724,0.882379,3,5,repeat_customer_rate",
            "repeat_day_rate,0.4,0.117621,0.769276,2,5,repeat_day_rate",
            "repeat_order_rate,0.375,0.136844,0.694258,3,8,repeat_order_rate",
            "buyback_rate,0.5,0.094531,0.905469,1,2,buyback_rate",
        ]
    );
    // In the last hundred days Ann, Bob and Cat ordered. The buyback rate is not limited to the window.
    let counts = |row: &String| row.split(',').skip(4).take(2).collect::<Vec<_>>().join(" of ");
    let window = rates(&read.window(100, "2026-06-30"));
    assert_eq!(window.iter().map(counts).collect::<Vec<_>>(), ["2 of 3", "1 of 3", "2 of 5", "1 of 2"]);
    // A day earlier, the data do not cover the first day of the year before, 30 June 2024. Both of Dan's orders are
    // then in the last year.
    assert_eq!(rates(&read.up_to("2026-06-29"))[3], "buyback_rate,,,,0,1,buyback_rate");
}

//! What `check` finds, and what it says of each command: every finding where there is just one such row, and none where
//! there is none.

use super::common::run;

const HEADER: &str = "order_id,customer_id,created_at,paid_at,paid_amount,refund_amount,status\n";
const TWO: &str = "1,a,2026-01-05,2026-01-05,10.00,0,paid\n2,b,2026-01-06,2026-01-06,20.00,0,paid\n";

/// A table of `check` over files that are written first: its rows' cells.
fn table(files: &[(&str, String)], args: &[&str], table: &str) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<String> = files
        .iter()
        .map(|(name, text)| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        })
        .collect();
    let mut all = vec!["check", "--quiet", "--lang", "en", "--format", "json"];
    all.extend(paths.iter().map(String::as_str));
    all.extend(args);
    // Where no row can be read the run fails, with the answer all the same.
    let answer: serde_json::Value = serde_json::from_slice(&run(&all).stdout).unwrap();
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    };
    let keys: &[&str] = match table {
        "findings" => &["finding", "count", "example"],
        _ => &["command", "verdict", "explanation"],
    };
    let rows = answer["tables"][table].as_array().unwrap();
    rows.iter().map(|row| keys.iter().map(|key| text(&row[key])).collect()).collect()
}

fn orders(rows: &str) -> String {
    format!("{HEADER}{TWO}{rows}")
}

fn found(files: &[(&str, String)]) -> Vec<String> {
    table(files, &[], "findings").iter().map(|cells| cells.join(" ").trim_end().to_owned()).collect()
}

#[test]
fn one_row_is_found_and_none_is_not() {
    let cases: [(&str, &[&str]); 12] = [
        ("", &[]),
        ("3,t**3,2026-01-06,2026-01-06,5.00,0,paid\n", &["masked_customers 1"]),
        ("3,,2026-01-06,2026-01-06,5.00,0,paid\n", &["missing_customers 1"]),
        ("3,c,2026-01-06,2026-01-06,-5.00,0,paid\n", &["credit_notes 1"]),
        ("3,c,2026-01-06,2026-01-06,0.00,0,paid\n", &["zero_amounts 1"]),
        // All of an order may go back, more may not.
        (
            "3,c,2026-01-06,2026-01-06,5.00,6.00,paid\n4,c,2026-01-06,2026-01-06,5.00,5.00,paid\n",
            &["refunds_beyond 1", "over_refunded 1 3"],
        ),
        ("3,c,2026-01-06,2026-01-05,5.00,0,paid\n", &["paid_before_created 1"]),
        ("3,c,2026-01-06,2026-01-06,x,0,paid\n", &["quarantined 1 x"]),
        // By reason, with the first of each.
        (
            "3,c,2026-01-06,2026-01-06,x,0,paid\n4,c,2026-01-06,2026-01-06,y,0,paid\n5,c,soon,2026-01-06,5.00,0,paid\n",
            &["quarantined 2 x", "quarantined 1 soon"],
        ),
        (
            "3,c,2150-01-01,2150-01-01,5.00,0,paid\n4,c,2150-01-02,2150-01-02,5.00,0,paid\n",
            &["as_of_future 2"],
        ),
        ("3,c,1994-12-31,1994-12-31,5.00,0,paid\n", &["early_dates 1 1994-12-31"]),
        ("3,c,1995-01-01,1995-01-01,5.00,0,paid\n", &[]),
    ];
    for (rows, expected) in cases {
        assert_eq!(found(&[("orders.csv", orders(rows))]), expected, "{rows}");
    }
}

#[test]
fn a_column_that_is_not_there_is_said() {
    let bare = "order_id,customer_id,created_at,paid_amount\n1,a,2026-01-05,10.00\n";
    assert_eq!(found(&[("orders.csv", bare.to_owned())]), ["no_refund_column", "no_status"]);
    let nobody = "order_id,created_at,paid_amount,refund_amount,status\n1,2026-01-05,10.00,0,paid\n";
    assert_eq!(found(&[("orders.csv", nobody.to_owned())]), ["no_customer_column"]);
    // Each file's unreadable rows are its own.
    let bad = |id: &str| format!("{HEADER}{id},c,2026-01-06,2026-01-06,x,0,paid\n");
    let files = [("one.csv", bad("1")), ("two.csv", bad("2"))];
    assert_eq!(found(&files), ["quarantined 1 x", "quarantined 1 x"]);
}

/// Thirty orders at one price: ten times the price is the fence, and what is on it does not stand out.
#[test]
fn what_stands_out_is_above_the_fence() {
    let with = |price: &str, last: &str| {
        let rows = (1..=30).map(|i| format!("{i},a,2026-01-05,2026-01-05,{price},0,paid\n"));
        let file = format!("{HEADER}{}31,b,2026-01-06,2026-01-06,{last},0,paid\n", rows.collect::<String>());
        table(&[("orders.csv", file)], &[], "findings")
    };
    assert_eq!(with("10.00", "100.00"), Vec::<Vec<String>>::new());
    assert_eq!(with("10.00", "100.01"), [["outliers", "1", "31"]]);
}

#[test]
fn orders_that_go_nowhere_are_counted() {
    let header = "order_id,customer_id,created_at,paid_amount,refund_amount,status,province,city\n";
    let known = "1,a,2026-01-05,10.00,0,paid,浙江省,杭州市\n";
    assert_eq!(found(&[("orders.csv", format!("{header}{known}"))]), [""; 0]);
    let nowhere = "2,b,2026-01-05,10.00,0,paid,,\n";
    assert_eq!(found(&[("orders.csv", format!("{header}{known}{nowhere}"))]), ["unknown_regions 1"]);
}

#[test]
fn files_that_do_not_fit_together_are_told() {
    let orders = || ("orders.csv", orders(""));
    // Of order 1 one item; orders 8 and 9 are in no file, and 2 has none.
    let items = "order_id,product_id,quantity,amount\n1,p,1,10.00\n9,q,1,5.00\n8,q,1,5.00\n9,q,2,5.00\n";
    let items = || ("items.csv", items.to_owned());
    assert_eq!(found(&[orders(), items()]), ["dangling_items 2", "orders_without_items 1"]);
    // Ann is there twice, Dan has no day, and b bought without being listed. A birthday may be missing.
    let customers =
        "customer_id,name,registered_at,birthday\na,Ann,2150-01-01,\na,Ann,2025-01-01,\nd,Dan,,1990-01-01\n";
    let customers = || ("customers.csv", customers.to_owned());
    let of_customers = ["future_dates 1 2150-01-01", "repeated_customers 1", "missing_dates 1"];
    assert_eq!(found(&[customers()]), of_customers);
    let beside = [&of_customers[..], &["buyers_without_customer 1"]].concat();
    assert_eq!(found(&[orders(), customers()]), beside);
    let events = "customer_id,occurred_at,kind\na,2026-01-05 10:00:00,view\nv,2026-01-05 10:00:00,view\nv,2026-01-05 11:00:00,view\n";
    let events = || ("events.csv", events.to_owned());
    assert_eq!(found(&[orders(), events()]), ["unknown_customers 1"]);
    let all = [&of_customers[..], &["unknown_customers 1", "buyers_without_customer 1"]].concat();
    assert_eq!(found(&[orders(), customers(), events()]), all);
    assert_eq!(found(&[events()]), [""; 0]);
}

/// The verdicts on segment, overview, interest, region, profile and products, each by a word of its reason.
fn verdicts(files: &[(&str, String)], args: &[&str]) -> Vec<String> {
    const REASONS: [(&str, &str); 16] = [
        ("all", "everything it needs is there"),
        ("orders", "no file holds orders."),
        ("events", "no file holds events (who"),
        ("tables", "no file holds orders, events or customers"),
        ("alone", "no file lists the orders of these items"),
        ("purchases", "figures about purchases are empty"),
        ("places", "nothing says where orders went"),
        ("items", "nothing says what orders hold"),
        ("buyers", "no order names a buyer"),
        ("known", "nobody is known among the buyers"),
        ("rows", "a header and no rows"),
        ("unreadable", "no row can be read"),
        ("some", "cannot be read and"),
        ("nameless", "no buyer and"),
        ("scope", "after the as-of day or before the window"),
        ("valid", "paid order with an amount above zero"),
    ];
    let reason = |text: &str| {
        let found = REASONS.iter().find(|(_, part)| text.contains(part)).map(|(word, _)| *word);
        found.unwrap_or(if text.contains("everything is counted back from") { "future" } else { "?" })
    };
    let rows = table(files, args, "verdicts");
    let of = |command: &str| rows.iter().find(|row| row[0] == command).unwrap();
    ["segment", "overview", "interest", "region", "profile", "products"]
        .map(of)
        .iter()
        .map(|row| format!("{} {}", row[1], reason(&row[2])))
        .collect()
}

#[test]
fn each_command_has_its_verdict() {
    let file = |text: String| [("orders.csv", text)];
    let no_buyer = "order_id,created_at,paid_amount\n1,2026-01-05,10.00\n".to_owned();
    let (ready, places, items) = ("ready all", "caveat places", "caveat items");
    let no_events = "blocked events";
    for (text, args, expected) in [
        (orders(""), &[][..], [ready, ready, no_events, places, ready, items]),
        (
            orders("3,t**3,2026-01-06,2026-01-06,5.00,0,paid\n"),
            &[],
            ["caveat nameless", ready, no_events, places, "caveat nameless", items],
        ),
        (
            orders("3,c,2026-01-06,2026-01-06,x,0,paid\n"),
            &[],
            ["caveat some", "caveat some", no_events, places, "caveat some", items],
        ),
        (
            format!("{HEADER}1,c,2026-01-06,2026-01-06,x,0,paid\n"),
            &[],
            [
                "blocked unreadable",
                "blocked unreadable",
                no_events,
                "blocked unreadable",
                "blocked unreadable",
                "blocked unreadable",
            ],
        ),
        (
            HEADER.to_owned(),
            &[],
            ["caveat rows", "caveat rows", no_events, "caveat rows", "caveat rows", "caveat rows"],
        ),
        (no_buyer, &[], ["blocked buyers", "caveat known", no_events, places, "blocked buyers", items]),
        (
            format!("{HEADER}1,a,2026-01-05,2026-01-05,10.00,0,cancelled\n"),
            &[],
            ["caveat valid", "caveat valid", no_events, places, "caveat valid", items],
        ),
        (
            orders(""),
            &["--as-of", "2025-01-01"],
            ["caveat scope", "caveat scope", no_events, places, "caveat scope", items],
        ),
        (
            orders("3,c,2150-01-01,2150-01-01,5.00,0,paid\n"),
            &[],
            ["caveat future", "caveat future", no_events, places, "caveat future", items],
        ),
        (
            "customer_id,occurred_at,kind\na,2026-01-05 10:00:00,view\n".to_owned(),
            &[],
            [
                "blocked orders",
                "caveat purchases",
                ready,
                "blocked orders",
                "caveat purchases",
                "blocked orders",
            ],
        ),
        (
            "customer_id,name,registered_at\na,Ann,2025-01-01\n".to_owned(),
            &[],
            [
                "blocked orders",
                "caveat purchases",
                no_events,
                "blocked orders",
                "caveat purchases",
                "blocked orders",
            ],
        ),
        (
            "order_id,product_id,quantity,amount\n1,p,1,10.00\n".to_owned(),
            &[],
            [
                "blocked orders",
                "blocked tables",
                no_events,
                "blocked orders",
                "blocked tables",
                "caveat alone",
            ],
        ),
    ] {
        assert_eq!(verdicts(&file(text.clone()), args), expected, "{text}");
    }
}

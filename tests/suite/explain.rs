//! `ecrm customers --explain`: the figures of `fixtures/by_hand` worked out by hand, and everybody of `fixtures/shop`
//! against the list.

use std::path::Path;

use ecrm::answer::Table;
use ecrm::customers::{self, Ground, Settings, Tables, TagRule, TagRules, Where, Wished};
use ecrm::metrics::customer_facts::AnyOrders;
use ecrm::metrics::documents::{Documents, rows_of};
use ecrm::metrics::group_map::GroupMap;
use ecrm::metrics::predict::PredictParams;
use ecrm::metrics::repurchase::ChurnRule;
use ecrm::metrics::rfm::{Grouping, RfmParams, Scoring};
use ecrm::metrics::segment::SegmentParams;
use ecrm::metrics::value::ValueParams;
use ecrm::metrics::{Scope, ScopeRequest};
use ecrm::parse::ReadOptions;
use ecrm::parse::source::Input;
use ecrm::questions::explain::{Person, wants};
use ecrm::reading::{Ingested, read};
use ecrm::schema::Micros;
use polars::prelude::*;
use serde_json::{Value, json};

use super::common::{failure, run, stdout};

const ORDERS: &str = "fixtures/by_hand/orders.csv";

/// The tables of a person of the shop worked out by hand.
fn explained(further: &[&str]) -> Value {
    let files = [ORDERS, "fixtures/by_hand/items.csv", "fixtures/by_hand/events.csv"];
    let args = [&["customers"], &files[..], &["--format", "json", "-q"], further].concat();
    serde_json::from_str::<Value>(&stdout(&args)).unwrap()["tables"].take()
}

/// Days are 0, 20 and 30, orders 1, 2 and 3, amounts 60, 150 and 250; type 7 cuts them at 8, 16, 22, 26, at 1.4, 1.8,
/// 2.2, 2.6 and at 96, 132, 170, 210.
#[test]
fn scores_lie_between_their_cut_points() {
    let of = |id: &str| -> Vec<(Value, Value, Value, Value)> {
        let tables = explained(&["--explain", id]);
        let rows = tables["scores"].as_array().unwrap().iter();
        rows.map(|row| {
            (row["value"].clone(), row["above"].clone(), row["up_to"].clone(), row["score"].clone())
        })
        .collect()
    };
    assert_eq!(
        of("ann"),
        [
            (json!(20.0), json!(16.0), json!(22.0), json!(3)),
            (json!(3.0), json!(2.6), Value::Null, json!(5)),
            (json!(250.0), json!(210.0), Value::Null, json!(5)),
        ]
    );
    assert_eq!(
        of("bob"),
        [
            (json!(0.0), Value::Null, json!(8.0), json!(5)),
            (json!(2.0), json!(1.8), json!(2.2), json!(3)),
            (json!(60.0), Value::Null, json!(96.0), json!(1)),
        ]
    );
    // 3, 5: loyal are R 3 and 4 with F 4 and 5. 5, 3: potential loyal are R 4 and 5 with F 2 and 3.
    let group = |id: &str| explained(&["--explain", id])["rfm_group"][0].take();
    assert_eq!(group("ann"), json!({"rfm_group": "loyal", "rfm_rule": "R 3-4, F 4-5"}));
    assert_eq!(group("bob"), json!({"rfm_group": "potential_loyal", "rfm_rule": "R 4-5, F 2-3"}));
}

/// Of 460 in all Ann makes 250, Cat 150 and Bob 60; the mean is 153.33. Ann's gaps are 30 and 30, Bob's is 59: the
/// median of all is 30, and 47.4 the 80 % quantile.
#[test]
fn segment_class_and_due_date_say_what_they_follow_from() {
    let cat = explained(&["--explain", "cat"]);
    let segment = &cat["segment"][0];
    assert_eq!(
        ["recency_days", "above_days", "up_to_days", "order_count_ever", "loyal_orders"]
            .map(|name| segment[name].clone()),
        [30, 7, 90, 1, 2].map(Value::from)
    );
    assert_eq!(
        ["net_amount", "high_value", "spend_per_customer"].map(|name| segment[name].clone()),
        [150.0, 153.333_334, 153.333_333].map(Value::from)
    );
    assert_eq!(["segment", "value", "mode"].map(|name| segment[name].clone()), ["active_new", "low", "care"]);
    let class = &cat["class"][0];
    assert_eq!(
        [&class["rank"], &class["customer_count"], &class["class"]],
        [&json!(2), &json!(3), &json!("core")]
    );
    assert_eq!(class["share_before"], json!(0.543_478_260_9));
    assert_eq!(class["cumulative_share"], json!(0.869_565_217_4));

    let bob = explained(&["--explain", "bob"]);
    let due = &bob["due"][0];
    // (1 · 59 + 2 · 30) / 3 is 39 2/3, half up 40, after 31 March.
    assert_eq!(
        ["own_gap_days", "own_gap_count", "usual_gap_days", "weight", "expected_gap_days", "due_days"]
            .map(|name| due[name].as_f64().unwrap()),
        [59.0, 1.0, 30.0, 2.0, 40.0, 7.0]
    );
    assert_eq!(
        ["usual_gap_of", "next_expected_on", "due_status"].map(|name| due[name].clone()),
        ["shop", "2026-05-10", "in_cycle"]
    );
    // Nobody has been watched for long enough to say when the silent are lost.
    assert_eq!([&due["churn_line_days"], &due["lost_after_days"]], [&json!(null), &json!(null)]);
    assert_eq!(
        bob["events"],
        json!([{"kind": "cart", "event_count": 1, "first_on": "2026-03-31", "last_on": "2026-03-31"}])
    );
}

/// The rows of the table of orders: id, whether it counts, by which rule not.
fn orders(further: &[&str]) -> Vec<String> {
    let args = [&["customers", ORDERS, "--format", "csv", "-q"], further].concat();
    let text = stdout(&args);
    let mut rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = rows.next().unwrap();
    let place = |name: &str| header.iter().position(|of| *of == name).unwrap();
    let shown = ["order_id", "net_amount", "is_counted", "rule"].map(place);
    rows.map(|row| shown.map(|place| row[place]).join(" ")).collect()
}

#[test]
fn every_order_says_why_it_counts_or_not() {
    assert_eq!(orders(&["--explain", "cat"]), ["C1 150.00 true "]);
    assert_eq!(orders(&["--explain", "dan"]), ["D1 80.00 false unpaid"]);
    assert_eq!(orders(&["--explain", "eve"]), ["E1 0.00 false refunded"]);
    // The window ends with 31 March and begins on 31 January.
    let window = ["--explain", "ann", "--window", "60"];
    assert_eq!(orders(&window), ["A1 100.00 false outside_window", "A2 50.00 true ", "A3 100.00 true "]);
    assert_eq!(
        orders(&["--explain", "ann", "--as-of", "2026-02-20"]),
        ["A1 100.00 true ", "A2 50.00 true ", "A3 100.00 false after_as_of"]
    );
    assert_eq!(
        orders(&["--explain", "ann", "--orders-where", "order_id <> 'A2'"]),
        ["A1 100.00 true ", "A2 50.00 false order_not_chosen", "A3 100.00 true "]
    );
    // Before anything is known of Dan but the order to come.
    assert_eq!(orders(&["--explain", "dan", "--as-of", "2026-03-01"]), ["D1 80.00 false unpaid"]);
}

#[test]
fn who_has_no_valid_order_has_no_scores_and_that_is_said() {
    let fay = explained(&["--explain", "fay"]);
    for table in ["orders", "scores", "rfm_group", "segment", "class", "due", "contacts", "notes"] {
        assert_eq!(fay[table], json!([]), "{table}");
    }
    assert_eq!(fay["person"][0]["status"], json!("interested"));
    assert_eq!(fay["person"][0].get("r_score"), None);
    let said = |id: &str| {
        let events = "fixtures/by_hand/events.csv";
        String::from_utf8(run(&["customers", ORDERS, events, "--explain", id]).stderr).unwrap()
    };
    assert!(
        said("fay").contains("this customer has no order, so that there are no scores"),
        "{}",
        said("fay")
    );
    assert!(said("dan").contains("the 1 order of this customer does not count"), "{}", said("dan"));
    assert!(!said("ann").contains("no scores"));
}

#[test]
fn a_person_is_found_however_the_id_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(&path, text).unwrap();
        path
    };
    let file = write(
        "orders.csv",
        "order_id,customer_id,status,date,total\n1,17850,paid,2026-01-02,50\n2,17850,paid,2026-01-05,-20\n",
    );
    write("identities.csv", "customer_id,other_id,decision,noted_on,note\nother,17850,same,2026-01-01,\n");
    let config = write("ecrm.toml", "");
    let of = |id: &str| {
        stdout(&["customers", &file, "--config", &config, "--explain", id, "--format", "csv", "-q"])
    };
    for id in ["17850", "17850.0", "=\"17850\"", "other"] {
        let rows: Vec<String> = of(id).lines().skip(1).map(str::to_owned).collect();
        assert_eq!(
            rows,
            [
                "2026-01-02,,1,order,paid,50.00,0.00,50.00,true,",
                "2026-01-05,,2,credit_note,paid,-20.00,0.00,-20.00,true,"
            ],
            "{id}"
        );
    }
    let (code, said) = failure(&["customers", &file, "--explain", "17851"]);
    assert_eq!(code, 1);
    assert!(
        said.contains("no file names a customer 17851") && said.contains("did you mean 17850?"),
        "{said}"
    );
    // Phones that are ids are masked in what is said.
    let phones = write("phones.csv", "order_id,phone,date,total\n1,5550100,2026-01-02,50\n");
    let (code, said) = failure(&["customers", &phones, "--explain", "5550101"]);
    assert!(code == 1 && said.contains("did you mean 5***100?") && !said.contains("5550100"), "{said}");
    let shown = failure(&["customers", &phones, "--explain", "5550101", "--show-pii"]).1;
    assert!(shown.contains("did you mean 5550100?"), "{shown}");
    assert!(
        stdout(&["customers", &phones, "--explain", "555-0100", "--format", "csv", "-q"])
            .contains("2026-01-02")
    );
}

#[test]
fn what_chooses_others_goes_with_no_explanation() {
    for flags in
        [&["--where", "order_count > 1"][..], &["--columns", "name"], &["--sort", "name"], &["--count"]]
    {
        let args = [&["customers", ORDERS, "--explain", "ann"], flags].concat();
        assert_eq!(failure(&args).0, 2, "{flags:?}");
    }
    assert_eq!(failure(&["customers", ORDERS, "--explain", "ann", "--table", "scars"]).0, 2);
}

#[test]
fn tables_for_people_mask_who_they_are_about() {
    let files = ["fixtures/shop/orders.csv", "fixtures/shop/customers.csv"];
    let args = |further: &[&'static str]| {
        [&["customers"], &files[..], &["--explain", "u000160@shop.example", "-q"], further].concat()
    };
    for format in ["table", "markdown"] {
        let text = stdout(&args(&["--format", format]));
        assert!(!text.contains("u000160@") && text.contains("u***60@"), "{text}");
        assert!(stdout(&args(&["--format", format, "--show-pii"])).contains("u000160@"));
    }
}

/// Everything of the shop, in order.
fn shop() -> Ingested {
    let names = ["orders", "order_items", "events", "customers", "sends"];
    let inputs: Vec<Input> =
        names.iter().map(|name| Input::file(Path::new(&format!("fixtures/shop/{name}.csv")))).collect();
    let options = ReadOptions { wants: wants(&TagRules::default()), ..ReadOptions::default() };
    read(&inputs, &options).unwrap().in_order().unwrap()
}

fn settings(scoring: Scoring, grouping: Grouping) -> Settings {
    Settings {
        segment: SegmentParams::default(),
        rfm: RfmParams { scoring, bins: 5, grouping },
        value: ValueParams::default(),
        churn: ChurnRule::default(),
        due_days: 7,
        weight: 2,
        predict: PredictParams::default(),
    }
}

/// The only row's value of a column as text; nothing where the table has no row.
fn cell(table: &Table, name: &str) -> String {
    text(&table.frame, name, 0)
}

fn text(frame: &DataFrame, name: &str, row: usize) -> String {
    let Ok(column) = frame.column(name) else { return String::new() };
    match column.get(row) {
        Ok(value) if !value.is_null() => value.str_value().into_owned(),
        _ => String::new(),
    }
}

/// For everybody: what is explained is what the list says, and the orders that count add up to it.
#[test]
fn explanations_agree_with_the_list() {
    let read = shop();
    let quantiles = settings(Scoring::Quantile, Grouping::Map(GroupMap::standard(5)));
    let ranks = settings(Scoring::Ntile, Grouping::Eight(None));
    let often = TagRule::parse("often", false, &["order_count >= 5".to_owned()]).unwrap();
    let often = TagRules::new(vec![often]).unwrap();
    let all_time = ScopeRequest::default().settled(&read.orders, read.frames.events.as_ref()).unwrap();
    let window = Scope { window: Some(365), ..all_time };
    let occasional = Scope { excludes_occasional: true, ..all_time };
    for (scope, settings, every) in
        [(all_time, &quantiles, 1), (window, &ranks, 11), (occasional, &quantiles, 11)]
    {
        let tables = Tables {
            ids: &read.orders.customers,
            orders: AnyOrders::InOrder(&read.orders),
            has_orders: true,
            order_headers: Vec::new(),
            events: read.frames.events.as_ref(),
            customers: read.frames.customers.as_ref(),
            sends: read.frames.sends.as_ref(),
            accounting: read.accounting.clone(),
            hand: &read.hand,
        };
        let ground = Ground::new(tables, scope, settings).unwrap();
        let names = [
            "r_score",
            "f_score",
            "m_score",
            "rfm_group",
            "segment",
            "value",
            "class",
            "due_status",
            "next_expected_on",
            "expected_gap_days",
            "order_count",
            "net_amount",
        ];
        let mut wished = Wished::default();
        names.iter().for_each(|name| wished.add_any(name));
        let list = customers::Table::build(&ground, &wished).unwrap().frame;
        for row in (0..ground.len()).step_by(every) {
            let code = ground.codes()[row];
            let rows = rows_of(&read.orders, code).unwrap();
            let documents = Documents::new(rows, None, &read.orders, &scope).unwrap();
            let answer = Person {
                ground: &ground,
                code,
                row: Some(row),
                identity: None,
                documents: &documents,
                tag_rules: &often,
                unjudged: Default::default(),
                shows: &|name| name != "person",
            }
            .explain()
            .unwrap();
            let table = |name: &str| answer.tables.iter().find(|table| table.name == name).unwrap();
            let id = read.orders.customers.text(code);
            let listed = |name: &str| text(&list, name, row);
            let is_often = listed("order_count").parse::<u32>().is_ok_and(|orders| orders >= 5);
            assert_eq!(table("tags").frame.height(), usize::from(is_often), "{id}");
            for (place, name) in ["r_score", "f_score", "m_score"].into_iter().enumerate() {
                assert_eq!(text(&table("scores").frame, "score", place), listed(name), "{id} {name}");
            }
            for (of, name) in [
                ("rfm_group", "rfm_group"),
                ("segment", "segment"),
                ("segment", "value"),
                ("class", "class"),
                ("due", "due_status"),
                ("due", "next_expected_on"),
                ("due", "expected_gap_days"),
            ] {
                assert_eq!(cell(table(of), name), listed(name), "{id} {name}");
            }
            let counting = || documents.judged.iter().filter(|of| of.rule.is_none()).map(|of| of.document);
            let count = counting().filter(|of| of.is_order).count();
            assert_eq!(count.to_string(), listed("order_count"), "{id}");
            let micros: Micros = counting().map(|of| of.net).sum();
            let net = list.column("net_amount").unwrap().decimal().unwrap().physical().get(row);
            assert_eq!(net, Some(i128::from(micros)), "{id}");
        }
    }
}

/// A condition on the id keeps the order and no other.
#[test]
fn orders_are_chosen_by_id() {
    assert!(Where::parse("order_id = 'A1'", false).is_err());
    let args =
        ["segment", ORDERS, "--orders-where", "order_id IN ('A1', 'B2')", "--list", "--format", "csv", "-q"];
    let text = stdout(&args);
    let rows: Vec<&str> = text.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(rows, ["ann", "bob"]);
}

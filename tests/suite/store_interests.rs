//! Interests in a store stand in files by days, so that a question of the last days does not read those of years ago.

use chrono::{Days, NaiveDate};

use serde_json::json;

use super::common::{failure, run, stdout};
use super::store::{Trial, assert_alike, contents, forge, import, manifest, with};
use super::store_settled::damage;

const HEADER: &str = "user_id,item_id,behavior_type,time,item_category\n";

/// A log of seven months, with some events each day. From February to late May nobody shows an interest.
fn log(leaves_out: &str) -> String {
    let first = NaiveDate::from_ymd_opt(2025, 11, 1).unwrap();
    let mut text = HEADER.to_owned();
    for i in 0..1_500_u64 {
        let day = first + Days::new(i / 7);
        let is_quiet = (NaiveDate::from_ymd_opt(2026, 2, 1).unwrap()
            ..NaiveDate::from_ymd_opt(2026, 5, 25).unwrap())
            .contains(&day);
        let kind = match i * 7 % 11 {
            0..=2 => "fav",
            3..=5 => "cart",
            6 => "buy",
            _ => "pv",
        };
        let kind = if is_quiet && ["fav", "cart"].contains(&kind) { "pv" } else { kind };
        let customer = match i * i % 97 {
            n if n % 13 == 0 => format!("somebody.with.a.long.address.{n}@shop.example"),
            n => format!("u{n:03}"),
        };
        let (hour, minute) = (i % 24, i * 17 % 60);
        if customer != leaves_out {
            text.push_str(&format!(
                "{customer},I{},{kind},{day} {hour:02}:{minute:02}:00,c{}\n",
                i % 9,
                i % 4
            ));
        }
    }
    text
}

const QUESTIONS: [&[&str]; 10] = [
    &["interest"],
    &["interest", "--days", "1,7,90"],
    &["interest", "--days", "400"],
    &["interest", "--by", "day"],
    &["interest", "--by", "day", "--days", "2"],
    &["interest", "--by", "category"],
    &["interest", "--list"],
    &["interest", "--list", "--days", "200"],
    &["interest", "--as-of", "2026-01-15"],
    &["interest", "--as-of", "2026-03-15", "--by", "day"],
];

#[test]
fn answers_are_the_same_whichever_days_are_read() {
    let trial = Trial::new();
    let (events, store) = (trial.write("events.csv", &log("")), trial.store());
    import(&[&events], &store);
    let stretches = manifest(&store)["tables"][0]["stretches"].as_array().unwrap().len();
    assert!(stretches >= 4, "{stretches}");
    let more = trial.write(
        "more.csv",
        &format!("{HEADER}u001,I3,fav,2026-06-09 09:00:00,c1\nu500,I3,buy,2025-10-01 09:00:00,c1\n"),
    );
    for question in QUESTIONS {
        for format in ["csv", "json"] {
            assert_alike(question, format, &[&events], &[&store]);
            assert_alike(question, format, &[&events, &more], &[&store, &more]);
        }
    }
    // The same of two imports, the later of which has earlier days, too.
    import(&[&more], &store);
    for question in QUESTIONS {
        assert_alike(question, "json", &[&events, &more], &[&store]);
    }
}

#[test]
fn a_question_of_the_last_days_reads_no_others() {
    let trial = Trial::new();
    let (events, store) = (trial.write("events.csv", &log("")), trial.store());
    import(&[&events], &store);
    let path = damage(&store, "/tables/0/stretches/0/file");
    assert_alike(&["interest"], "json", &[&events], &[&store]);
    assert_alike(&["interest", "--by", "day"], "json", &[&events], &[&store]);
    // Who is new in 180 days is decided by the 30 days before.
    for question in [&["--days", "180"][..], &["--as-of", "2025-11-20"]] {
        let output = run(&[&["interest", &store][..], question].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && said.contains(&path), "{question:?} {said}");
    }
}

#[test]
fn days_of_the_manifest_are_days_in_their_order() {
    let trial = Trial::new();
    let (events, store) = (trial.write("events.csv", &log("")), trial.store());
    import(&[&events], &store);
    let whole = manifest(&store);
    let last = whole["tables"][0]["stretches"][1]["last_day"].clone();
    for (pointer, day) in [
        ("/tables/0/stretches/0/first_day", json!(i32::MIN)),
        ("/tables/0/stretches/0/last_day", json!(i32::MAX)),
        ("/tables/0/stretches/0/last_day", json!(0)),
        ("/tables/0/stretches/0/last_day", last),
    ] {
        forge(&store, with(&whole, pointer, day.clone()));
        let (code, said) = failure(&["interest", &store]);
        assert!(code == 1 && said.contains("damaged"), "{pointer} = {day}: {code} {said}");
    }
    // A file with events before its first day is refused; a first day before which it has none changes nothing.
    let first = whole["tables"][0]["stretches"][0]["first_day"].as_i64().unwrap();
    for (day, code) in [(first + 1, 1), (first - 400, 0)] {
        forge(&store, with(&whole, "/tables/0/stretches/0/first_day", json!(day)));
        let output = run(&["interest", "--days", "400", &store]);
        assert_eq!(output.status.code(), Some(code), "{day}");
    }
}

/// The buyer has shown an interest long ago alone, which is told by a note about buyers nobody knows.
#[test]
fn buyers_of_long_ago_are_known_and_the_forgotten_are_not() {
    let trial = Trial::new();
    let alone = "ivy,I1,fav,2025-11-02 10:00:00,c1\n";
    let (events, store) = (trial.write("events.csv", &format!("{}{alone}", log(""))), trial.store());
    let order = |name: &str| {
        let row = format!("order_id,customer_id,paid_at,paid_amount\n1,{name},2026-05-30 10:00:00,5.00\n");
        trial.write(&format!("{name}.csv"), &row)
    };
    import(&[&events], &store);
    let said = |inputs: &[&str]| {
        let output = run(&[&["interest"][..], inputs].concat());
        (output.stdout, String::from_utf8(output.stderr).unwrap().contains("is among the buyers"))
    };
    let (ivy, zoe) = (order("ivy"), order("zoe"));
    assert!(!said(&[&ivy, &events]).1 && said(&[&zoe, &events]).1);
    assert_eq!(said(&[&ivy, &store]), said(&[&ivy, &events]));
    assert_eq!(said(&[&zoe, &store]), said(&[&zoe, &events]));
    stdout(&["store", "forget", "ivy", "u036", &store]);
    let left = trial.write("left.csv", &log("u036"));
    for question in QUESTIONS {
        assert_alike(question, "csv", &[&left], &[&store]);
    }
    for (name, bytes) in contents(&store) {
        assert!(!bytes.windows(4).any(|own| own == b"u036"), "{name}");
    }
}

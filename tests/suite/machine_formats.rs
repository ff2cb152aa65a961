//! What programs read: complete, the same in every locale, and saying what was cut off.

use std::fs;

use polars::prelude::*;
use serde_json::{Value, json};

use super::common::{ecrm, run, stdout};

const SHOP: &str = "fixtures/shop/orders.csv";
const EVENTS: &str = "fixtures/shop/events.csv";
const ITEMS: &str = "fixtures/shop/order_items.csv";

/// Questions with texts, labels, ratios and sentences in their answers.
const QUESTIONS: [&[&str]; 17] = [
    &["segment", SHOP],
    &["rfm", SHOP, "--groups", "eight", "--summary"],
    &["overview", SHOP, EVENTS],
    &["interest", EVENTS, SHOP],
    &["repurchase", SHOP],
    &["predict", SHOP, "--holdout", "90", "--table", "holdout"],
    &["repurchase", SHOP, "--table", "rates"],
    &["region", SHOP],
    &["profile", SHOP],
    &["value", SHOP],
    &["cohort", SHOP],
    &["migration", SHOP],
    &["migration", SHOP, "--by", "rfm_group", "--table", "flows"],
    &["trend", SHOP],
    &["profile", SHOP, EVENTS, ITEMS, "--table", "decision"],
    &["products", SHOP, ITEMS],
    &["check", SHOP],
];
const FORMATS: [&str; 5] = ["csv", "tsv", "json", "jsonl", "parquet"];

fn in_locale(locale: &str, args: &[&str]) -> Vec<u8> {
    let output = ecrm().env("LANG", locale).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn machine_formats_do_not_depend_on_the_locale() {
    // JSON says everything. The others write the rows of one table, and what stands in them does not depend on which of
    // them it is: each question is asked in one, in turn.
    let rows = FORMATS.into_iter().filter(|format| *format != "json").cycle();
    for (question, of_rows) in QUESTIONS.into_iter().zip(rows) {
        for format in ["json", of_rows] {
            let args = [question, &["--format", format]].concat();
            assert!(in_locale("zh_CN.UTF-8", &args) == in_locale("C", &args), "{args:?}");
        }
    }
}

#[test]
fn a_language_in_the_configuration_is_for_people_and_the_flag_for_all() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("ecrm.toml");
    fs::write(&config, "[output]\nlang = \"zh\"\n").unwrap();
    let text =
        |more: &[&str]| stdout(&[&["segment", SHOP, "--config", config.to_str().unwrap()], more].concat());
    assert_eq!(text(&["--format", "csv"]), stdout(&["segment", SHOP, "--format", "csv"]));
    assert!(text(&["--format", "csv", "--lang", "zh"]).contains("不打折"));
    assert!(text(&["--format", "table"]).contains("活跃老客"));
    assert!(text(&["--format", "markdown"]).contains("活跃老客"));
    assert!(text(&["--format", "table", "--lang", "en"]).contains("Active, loyal"));
}

#[test]
fn workbooks_follow_the_locale_and_notes_beside_machine_formats_too() {
    let args = ["segment", SHOP, "--format", "xlsx"];
    assert!(in_locale("zh_CN.UTF-8", &args) != in_locale("C", &args));
    let output =
        ecrm().env("LANG", "zh_CN.UTF-8").args(["segment", SHOP, "--format", "csv"]).output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("截至 2026-06-30"));
}

fn json_of(args: &[&str]) -> Value {
    serde_json::from_str(&stdout(&[args, &["--format", "json"]].concat())).unwrap()
}

#[test]
fn json_and_the_manifest_say_what_the_limit_cut() {
    let whole = json_of(&["rfm", SHOP]);
    let total = whole["rows"].as_array().unwrap().len();
    assert_eq!(whole.get("truncated"), None);
    let cut = json_of(&["rfm", SHOP, "--limit", "3"]);
    assert_eq!(cut["truncated"], json!({ "customers": { "rows": 3, "total": total } }));
    assert_eq!(json_of(&["rfm", SHOP, "--limit", "0"]).get("truncated"), None);
    assert_eq!(json_of(&["rfm", SHOP, "--limit", &total.to_string()]).get("truncated"), None);

    // Of several tables, those that are cut.
    let several = json_of(&["repurchase", SHOP, "--limit", "2"]);
    let whole = json_of(&["repurchase", SHOP]);
    for (name, rows) in whole["tables"].as_object().unwrap() {
        let total = rows.as_array().unwrap().len();
        let expected = if total > 2 { json!({ "rows": 2, "total": total }) } else { Value::Null };
        assert_eq!(several["truncated"][name], expected, "{name}");
    }

    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("run.json");
    let truncated = |args: &[&str]| -> Value {
        stdout(&[args, &["--manifest", manifest.to_str().unwrap()]].concat());
        let text: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
        text.get("truncated").cloned().unwrap_or_default()
    };
    let cut = json!({ "customers": { "rows": 3, "total": total } });
    assert_eq!(truncated(&["rfm", SHOP, "--limit", "3", "--format", "csv"]), cut);
    assert_eq!(truncated(&["rfm", SHOP, "--format", "csv"]), Value::Null);
    // A row format writes one table, and only that can be cut.
    let one = truncated(&["repurchase", SHOP, "--limit", "2", "--format", "csv", "--table", "rates"]);
    let rates = whole["tables"]["rates"].as_array().unwrap().len();
    assert_eq!(one, json!({ "rates": { "rows": 2, "total": rates } }));
}

#[test]
fn json_and_the_manifest_say_the_currency_where_it_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("run.json");
    let currency_of = |text: &str, more: &[&str]| {
        let file = folder.path().join("orders.csv");
        fs::write(&file, text).unwrap();
        let args =
            [&["rfm", file.to_str().unwrap(), "--manifest", manifest.to_str().unwrap()], more].concat();
        let said = json_of(&args)["parameters"]["currency"].clone();
        let text: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
        assert_eq!(text["parameters"]["currency"], said);
        said
    };
    let header = "order_id,customer_id,ordered_at,paid_amount";
    let column = format!("{header},currency\n1,ann,2026-01-01,5,EUR\n2,bob,2026-01-02,6,EUR\n");
    assert_eq!(currency_of(&column, &[]), "EUR");
    assert_eq!(currency_of(&format!("{header}\n1,ann,2026-01-01,\"€1,234.50\"\n"), &[]), "EUR");
    assert_eq!(currency_of(&format!("{header}\n1,ann,2026-01-01,5\n"), &[]), Value::Null);
    let two = format!("{header},currency\n1,ann,2026-01-01,5,EUR\n2,bob,2026-01-02,6,SEK\n");
    assert_eq!(currency_of(&two, &["--currency", "sek"]), "SEK");
}

/// Whether a number is written with at most ten decimals.
fn is_short(text: &str) -> bool {
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    text.parse::<f64>().is_err() || decimals <= 10
}

#[test]
fn ratios_have_at_most_ten_decimals_in_every_format() {
    // Many shares that binary arithmetic does not hold.
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path().join("many.csv");
    let mut text = "order_id,customer_id,ordered_at,paid_amount\n".to_owned();
    for i in 1..=49 {
        text.push_str(&format!("{i},c{},2026-01-{:02},{}.{}\n", i % 13, i % 28 + 1, i % 7 + 1, i % 10));
    }
    fs::write(&shop, text).unwrap();
    let shop = shop.to_str().unwrap();
    let mut ratios = 0;
    // CSV and TSV have the same cells, JSON and its lines the same numbers: each question is asked in one of either.
    let of_many: [&[&str]; 3] = [&["segment", shop], &["value", shop], &["cohort", shop]];
    for (turn, question) in QUESTIONS.into_iter().chain(of_many).enumerate() {
        let (format, delimiter) = [("csv", b','), ("tsv", b'\t')][turn % 2];
        let text = stdout(&[question, &["--format", format]].concat());
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
        for record in reader.records() {
            for cell in record.unwrap().iter() {
                assert!(is_short(cell), "{question:?} {format}: {cell}");
                ratios += usize::from(cell.split_once('.').is_some_and(|(_, rest)| rest.len() == 10));
            }
        }
        let format = ["json", "jsonl"][turn / 2 % 2];
        let text = stdout(&[question, &["--format", format]].concat());
        let numbers = text.split(|c: char| !matches!(c, '0'..='9' | '.' | 'e' | '-'));
        for number in numbers {
            assert!(is_short(number), "{question:?} {format}: {number}");
        }
        let parquet = run(&[question, &["--format", "parquet"]].concat()).stdout;
        let frame = ParquetReader::new(std::io::Cursor::new(parquet)).finish().unwrap();
        for column in frame.columns().iter().filter(|column| column.dtype() == &DataType::Float64) {
            for value in column.f64().unwrap().iter().flatten() {
                assert!(is_short(&value.to_string()), "{question:?} parquet: {value}");
            }
        }
    }
    assert!(ratios > 20, "{ratios} ratios of ten decimals");
}

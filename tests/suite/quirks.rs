//! Every nasty input reads right: one fixture each, named after what is nasty about it.

use std::path::Path;

use ecrm::schema::accounting::Rule;
use ecrm::schema::reject::Reason;
use polars::prelude::ChunkAgg;

use super::common::{buyers, ingest};

/// The content that most quirks dress up: ann buys for 10.50 and 4.50, bob for 20.
fn assert_plain(file: &str) {
    let (buyers, accounting) = buyers(&[file]);
    let expected = [("ann", 15_000_000, 2), ("bob", 20_000_000, 1)];
    let found: Vec<_> = buyers.iter().map(|(id, (net, count))| (id.as_str(), *net, *count)).collect();
    assert_eq!(found, expected, "{file}");
    assert!(accounting.is_balanced(), "{file}");
    assert_eq!(accounting.rows_used, 3, "{file}");
}

#[test]
fn encodings_dialects_and_wrappings_of_the_same_rows() {
    for file in [
        "plain.csv",
        "plain.csv.gz",
        "plain.csv.zst",
        "utf8_bom.csv",
        "utf16le.csv",
        "utf16be_without_bom.csv",
        "crlf.csv",
        "lone_cr.csv",
        "tab.tsv",
        "header_spaces_duplicates_blanks.csv",
        "quoted_newlines.csv",
        "preamble_and_total.csv",
        "dates_day_first.csv",
        "dates_month_first.csv",
        "plain.xlsx",
        "second_sheet.xls",
        "nested_column.parquet",
        "sheet_per_month_and_a_hidden_one.xlsx",
    ] {
        assert_plain(&format!("fixtures/quirks/{file}"));
    }
}

fn amounts(file: &str) -> Vec<(String, i64)> {
    buyers(&[file]).0.into_iter().map(|(id, (net, _))| (id, net)).collect()
}

fn named(rows: &[(&str, i64)]) -> Vec<(String, i64)> {
    rows.iter().map(|(id, net)| ((*id).to_owned(), *net)).collect()
}

#[test]
fn chinese_text_in_gb18030_even_when_it_comes_late() {
    let found = amounts("fixtures/quirks/gb18030.csv");
    assert_eq!(found, named(&[("小明", 15_000_000), ("张三丰", 20_000_000)]));
    let late = amounts("fixtures/quirks/gb18030_after_ascii.csv");
    assert_eq!(late, named(&[("ann", 1_000_000), ("小明", 2_000_000)]));
}

#[test]
fn decimal_comma_and_dots_in_dates() {
    let found = amounts("fixtures/quirks/semicolon_decimal_comma.csv");
    assert_eq!(found, named(&[("ann", 15_000_000), ("bob", 1_020_000_000)]));
}

#[test]
fn ids_come_out_of_their_wrappings() {
    let found = amounts("fixtures/quirks/wrapped_ids.csv");
    assert_eq!(found, named(&[("17850", 7_000_000), ("18600000001", 3_000_000)]));
}

#[test]
fn money_in_every_dress() {
    let found = amounts("fixtures/quirks/money.csv");
    let expected = [
        ("a", 1_234_500_000),
        ("b", 2_999_000_000),
        ("c", 12_000_000),
        ("d", 499_000_000),
        // 1,23,456.78 less a credit note of (12.00)
        ("e", 123_444_780_000),
        ("f", 300_000),
    ];
    assert_eq!(found, named(&expected));
}

#[test]
fn dates_in_every_dress() {
    let ingested = ingest(&[Path::new("fixtures/quirks/dates_other.csv")]).unwrap();
    let orders = ingested.orders.parts.ask(|part| part).unwrap();
    let days = orders.column("ordered_on").unwrap().as_materialized_series().clone();
    let mut days: Vec<i32> = days.date().unwrap().physical().iter().flatten().collect();
    days.sort_unstable();
    // 2014-09-19 is day 16332, 2014-12-06 day 16410.
    assert_eq!(days, [vec![16_332; 7], vec![16_410]].concat());
    assert_eq!(ingested.accounting.quarantined, [(Reason::BadDate, 1)]);
}

#[test]
fn dates_that_never_tell_are_noted_and_contradictions_refused() {
    let ingested = ingest(&[Path::new("fixtures/quirks/dates_never_tell.csv")]).unwrap();
    assert!(
        ingested.notes.iter().any(|note| note.value("header") == Some("order_date")),
        "{:?}",
        ingested.notes
    );
    let error = ingest(&[Path::new("fixtures/quirks/dates_mixed.csv")]).unwrap_err();
    assert!(error.to_string().contains("mixes 1 dates"), "{error}");
}

#[test]
fn broken_rows_are_quarantined_with_their_place() {
    for (file, reason, record, column) in [
        ("edges/cut_last_line", Reason::TooFewCells, 4, None),
        ("quirks/unclosed_quote", Reason::UnclosedQuote, 3, None),
        ("quirks/rounded_id", Reason::RoundedId, 2, Some("order_id")),
        ("quirks/unknown_status", Reason::UnknownStatus, 3, Some("status")),
        ("quirks/nulls", Reason::MissingAmount, 7, Some("paid_amount")),
        ("quirks/money", Reason::BadAmount, 9, Some("paid_amount")),
    ] {
        let path = format!("fixtures/{file}.csv");
        let ingested = ingest(&[Path::new(&path)]).unwrap();
        let rejects: Vec<_> =
            ingested.rejects.iter().map(|r| (r.reason, r.record, r.column.as_deref())).collect();
        assert_eq!(rejects, [(reason, record, column)], "{file}");
        assert!(!ingested.rejects[0].raw.is_empty(), "{file}");
    }
}

#[test]
fn shifted_blank_and_short_rows_each_go_their_way() {
    let (found, accounting) = buyers(&["fixtures/quirks/shifted_cells.csv"]);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["ann"]);
    assert_eq!(accounting.quarantined, [(Reason::TooFewCells, 1), (Reason::TooManyCells, 1)]);
    assert_eq!(accounting.excluded.iter().collect::<Vec<_>>(), [(Rule::BlankRow, 1)]);
    assert_eq!(accounting.rows_read, 5);
}

#[test]
fn masked_names_are_nobody() {
    let (found, accounting) = buyers(&["fixtures/quirks/some_masked_customers.csv"]);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["bob"]);
    let excluded: Vec<_> = accounting.excluded.iter().collect();
    assert_eq!(excluded, [(Rule::NoCustomer, 1), (Rule::MaskedCustomer, 1)]);
}

#[test]
fn currencies_are_never_added_up() {
    let error = ingest(&[Path::new("fixtures/quirks/two_currencies.csv")]).unwrap_err();
    assert!(error.to_string().contains("EUR, USD"), "{error}");
}

#[test]
fn rows_without_an_order_id_are_orders() {
    let (found, _) = buyers(&["fixtures/quirks/no_order_id.csv"]);
    // The same row twice is bought twice.
    assert_eq!(found["ann"], (21_000_000, 2));
}

#[test]
fn one_id_under_which_two_customers_ordered_is_an_order_of_each() {
    let (found, _) = buyers(&["fixtures/edges/one_id_two_customers.csv"]);
    assert_eq!(found["ann"], (21_250_000, 2));
    assert_eq!(found["bob"], (20_000_000, 1));
}

/// Net amounts in cents and order counts of exports given as text.
fn of_texts(texts: &[&str]) -> (Vec<(String, i64, u32)>, u64) {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<String> = (0..texts.len())
        .map(|i| {
            let path = folder.path().join(format!("{i}.csv"));
            std::fs::write(&path, texts[i]).unwrap();
            path.to_str().unwrap().to_owned()
        })
        .collect();
    let (found, accounting) = buyers(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(accounting.is_balanced());
    let list = found.into_iter().map(|(id, (net, count))| (id, net / 10_000, count)).collect();
    (list, accounting.quarantined_total())
}

#[test]
fn two_stray_quotes_lose_their_rows_and_none_between() {
    let head = "order_id,customer_id,note,ordered_at,paid_amount\n";
    let rows = "1,ann,\"open,2026-01-01,1\n2,bob,x,2026-01-01,2\n3,cem,\"fine\",2026-01-01,3\n4,dan,y,2026-01-01,4\n";
    let (found, quarantined) = of_texts(&[&format!("{head}{rows}")]);
    let ids: Vec<&str> = found.iter().map(|(id, ..)| id.as_str()).collect();
    assert_eq!((ids, quarantined), (vec!["bob", "cem", "dan"], 1));
}

#[test]
fn one_odd_value_does_not_turn_a_column_around() {
    let head = "order_id;customer_id;ordered_at;paid_amount\n";
    let rows = "1;ann;2026-03-04;10.50\n2;ann;2026-03-05;12.345\n3;ann;2026-03-06;7,5\n";
    let (found, quarantined) = of_texts(&[&format!("{head}{rows}")]);
    assert_eq!((found, quarantined), (vec![("ann".to_owned(), 2284, 2)], 1));
    // ISO dates stay what they are beside a date that has the month first.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dates.csv");
    let mut text = "order_id,customer_id,ordered_at,paid_amount\n".to_owned();
    for id in 0..60_000 {
        text.push_str(&format!("{id},c,2026-03-04,1.00\n"));
    }
    std::fs::write(&path, format!("{text}x,c,01/23/2026,1.00\n")).unwrap();
    let ingested = ingest(&[path.as_path()]).unwrap();
    let orders = ingested.orders.parts.ask(|part| part).unwrap();
    let last = orders.column("ordered_on").unwrap().as_materialized_series().date().unwrap().physical().max();
    // 2026-03-04 is day 20516.
    assert_eq!(last, Some(20_516));
}

#[test]
fn a_continued_order_survives_the_end_of_a_file() {
    let head = "Name,Email,Financial Status,Paid at,Total,Created at,Lineitem name\n";
    let one = format!(
        "{head}#1,ann@shop.example,paid,2026-01-01 10:00:00 +0800,30.00,2026-01-01 09:00:00 +0800,tea\n"
    );
    let two = format!("{head}#1,ann@shop.example,,,,2026-01-01 09:00:00 +0800,cup\n");
    assert_eq!(of_texts(&[&one, &two]).0, [("ann@shop.example".to_owned(), 3000, 1)]);
}

#[test]
fn items_given_back_are_not_counted_with_those_kept() {
    let head = "order_id,customer_id,status,order_date,product,amount\n";
    let rows = "1,ann,completed,2026-01-01,tea,100\n1,ann,refunded,2026-01-01,cup,50\n";
    assert_eq!(of_texts(&[&format!("{head}{rows}")]).0, [("ann".to_owned(), 10_000, 1)]);
}

#[test]
fn absurd_amounts_are_refused_and_large_ones_add_up() {
    let head = "order_id,customer_id,order_date,product,quantity,unit_price\n";
    let rows = "1,ann,2026-01-01,tea,100,92000000000\n2,bob,2026-01-01,tea,1,1\n";
    let (found, quarantined) = of_texts(&[&format!("{head}{rows}")]);
    assert_eq!((found, quarantined), (vec![("bob".to_owned(), 100, 1)], 1));
    let head = "order_id,customer_id,ordered_at,paid_amount\n";
    let rows: String = (0..93).map(|i| format!("{i},c{i},2026-01-01,99999999999\n")).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.csv");
    std::fs::write(&path, format!("{head}{rows}")).unwrap();
    let csv = super::common::stdout(&["segment", path.to_str().unwrap(), "--format", "csv", "-q"]);
    assert!(csv.contains("just_bought,high,93,1,93,9299999999907.00,1,"), "{csv}");
}

#[test]
fn a_currency_of_a_broken_row_is_no_currency() {
    let head = "order_id,customer_id,ordered_at,paid_amount,currency\n";
    let rows = "1,ann,2026-01-01,1,CNY\n2,bob,soon,1,EUR\n3,ann,2026-01-01,1,NULL\n";
    assert_eq!(of_texts(&[&format!("{head}{rows}")]), (vec![("ann".to_owned(), 200, 2)], 1));
}

/// Rows with ids of their own (sub-orders) replace each other one by one: a later export of some rows of an order
/// leaves the others, and a row that is in one file twice counts once.
#[test]
fn rows_with_ids_of_their_own_count_once() {
    let head = "order_id,line_id,customer_id,ordered_at,amount,product_id\n";
    let may = format!(
        "{head}1,1a,ann,2026-01-01,10.00,p\n1,1b,ann,2026-01-01,5.00,q\n2,2a,bob,2026-01-02,7.00,p\n"
    );
    let june =
        format!("{head}1,1b,ann,2026-01-01,4.00,q\n3,3a,ann,2026-01-03,1.00,p\n3,3a,ann,2026-01-03,1.00,p\n");
    // Order 1: 10.00 and, as June has it, 4.00; order 3: 1.00.
    let expected = vec![("ann".to_owned(), 1500, 2), ("bob".to_owned(), 700, 1)];
    assert_eq!(of_texts(&[&may, &june]), (expected, 0));
}

#[test]
fn parquet_dictionaries_are_texts_and_times_are_those_of_their_zone() {
    let (found, _) = buyers(&["fixtures/quirks/dictionaries_and_zone.parquet"]);
    // Order 2 was refunded.
    assert_eq!(found["ann"], (10_500_000, 1));
    assert_eq!(found["bob"], (20_000_000, 1));
    // 23:00 of the last day of 2025 in UTC is the first of 2026 in Shanghai, day 20454.
    let ingested = ingest(&[Path::new("fixtures/quirks/dictionaries_and_zone.parquet")]).unwrap();
    let orders = ingested.orders.parts.ask(|part| part).unwrap();
    let days = orders.column("ordered_on").unwrap().as_materialized_series().date().unwrap().physical().min();
    assert_eq!(days, Some(20_454));
}

#[test]
fn what_was_given_back_is_taken_off_once() {
    // An item that came back carries its own refund: 100.00 is kept.
    let items = "order_id,customer_id,ordered_at,status,amount,refund_amount,product_id\n\
        1,ann,2026-01-01,completed,100.00,0,p\n1,ann,2026-01-01,refunded,50.00,50.00,q\n";
    assert_eq!(of_texts(&[items]).0, [("ann".to_owned(), 10_000, 1)]);
    // The ordinary names of a refund column mean the item's, too: 150 - 40 and a whole order given back.
    let chinese = "订单编号,买家会员名,订单创建时间,金额,退款金额,商品编号\n\
        1,a,2026-01-01,100,40,p\n1,a,2026-01-01,50,0,q\n2,b,2026-01-02,150,150,p\n";
    assert_eq!(of_texts(&[chinese]).0, [("a".to_owned(), 11_000, 1)]);
    // A refund that is a row of its own says nothing of the order's status: 100 - 30 - 70 of a refunded order.
    let rows = "order_id,customer_id,ordered_at,status,amount,product_id\n\
        1,ann,2026-01-01,refunded,100,p\n1,ann,2026-01-02,completed,-30,p\n1,ann,2026-01-03,refunded,-70,p\n\
        2,ann,2026-01-04,completed,50,p\n";
    assert_eq!(of_texts(&[rows]).0, [("ann".to_owned(), 5000, 1)]);
}

#[test]
fn an_order_at_the_seam_of_two_overlapping_exports_is_not_taken_for_one_cut_in_two() {
    let head = "order_id,customer_id,ordered_at,status,amount,product_id\n";
    let may = format!("{head}1,ann,2026-01-01,paid,10.00,p\n2,bob,2026-01-02,paid,80.00,p\n");
    let june = format!("{head}2,bob,2026-01-02,refunded,80.00,p\n3,cem,2026-01-03,paid,5.00,p\n");
    let expected = [("ann".to_owned(), 1000, 1), ("cem".to_owned(), 500, 1)];
    assert_eq!(of_texts(&[&may, &june]).0, expected);
}

#[test]
fn a_state_may_be_a_place_or_what_became_of_an_order() {
    let head = "order_id,customer_id,ordered_at,total,state\n";
    let places = format!("{head}1,ann,2026-01-01,10,CA\n2,bob,2026-01-02,20,Kentucky\n");
    assert_eq!(of_texts(&[&places]), (vec![("ann".to_owned(), 1000, 1), ("bob".to_owned(), 2000, 1)], 0));
    let statuses = format!("{head}1,ann,2026-01-01,10,paid\n2,bob,2026-01-02,20,cancelled\n");
    assert_eq!(of_texts(&[&statuses]), (vec![("ann".to_owned(), 1000, 1)], 0));
}

//! What only rows far down, or a header among them, tell of how a file is to be read.

use std::fmt::Write as _;

use ecrm::metrics::customer_facts::customer_facts;
use ecrm::parse::ReadOptions;
use ecrm::parse::source::Input;
use ecrm::reading::{Ingested, read, read_orders};
use ecrm::schema::accounting::Rule;
use ecrm::schema::reject::Reason;
use ecrm::schema::{Table, Wants};

use super::common::{all_time, by_customer, ecrm, failure};

/// More rows than the head of a file has: each has 30 bytes at least, and the head is a mebibyte.
const ROWS: usize = 40_000;

/// A file of orders with these cells in the columns `order_id,customer_id,status,paid_at,paid_amount`; `row` gives the
/// first three.
fn file(status: &str, row: impl Fn(usize) -> (String, &'static str, &'static str)) -> String {
    let mut text = format!("order_id,customer_id,{status},paid_at,paid_amount\n");
    for i in 0..ROWS {
        let (order, customer, status) = row(i);
        let _ = writeln!(text, "{order},{customer},{status},2026-01-0{},10.00", 1 + i % 7);
    }
    assert!(text.len() > 1 << 20);
    text
}

fn orders(text: String) -> Ingested {
    let input = Input::bytes("orders.csv", text.into_bytes());
    read_orders(&[input], &ReadOptions::default()).unwrap().in_order().unwrap()
}

/// Each customer with net amount in cents and orders.
fn sums(ingested: &Ingested) -> Vec<(String, i64, u32)> {
    let facts =
        customer_facts(&ingested.orders, &all_time(&ingested.orders), ingested.accounting.clone()).unwrap();
    assert!(facts.accounting.is_balanced());
    let found = by_customer(&facts, &ingested.orders).into_iter();
    found.map(|(id, (net, count))| (id, net / 10_000, count)).collect()
}

fn codes(ingested: &Ingested) -> Vec<&'static str> {
    ingested.notes.iter().map(|note| note.code).collect()
}

/// Rows from this one on have a status, by turns `paid` and `pending`.
const LATE: usize = 39_000;

#[test]
fn statuses_that_begin_far_down_count_and_rows_without_are_not_paid() {
    let late = |i: usize| if i < LATE { "" } else { ["paid", "pending"][i % 2] };
    let found = orders(file("status", |i| (i.to_string(), "ann", late(i))));
    // Of 1,000 rows with a word half are paid; of the others nobody knows.
    assert_eq!(sums(&found), [("ann".to_owned(), 500_000, 500)]);
    assert_eq!(found.rejects.len(), LATE);
    assert!(found.rejects.iter().all(|reject| reject.reason == Reason::UnknownStatus));
}

#[test]
fn a_long_column_of_statuses_without_a_word_is_said() {
    let found = orders(file("status", |i| (i.to_string(), "ann", "")));
    assert_eq!(sums(&found), [("ann".to_owned(), 40_000_000, 40_000)]);
    assert_eq!(codes(&found), ["blank_status"]);
}

#[test]
fn an_unread_column_of_statuses_that_begins_far_down_is_named() {
    let late = |i: usize| if i < LATE { "" } else { ["betaald", "openstaand"][i % 2] };
    let found = orders(file("Betaalstatus bestelling", |i| (i.to_string(), "ann", late(i))));
    let note = found.notes.iter().find(|note| note.code == "unread_status").unwrap();
    assert_eq!(note.value("header"), Some("Betaalstatus bestelling"));
    assert_eq!(note.value("words"), Some("betaald, openstaand"));
    // So is one of codes, with its rows; 1,000 amounts are none, and neither are 13 numbers.
    let late = |i: usize| if i < LATE { "" } else { ["0", "1"][i % 2] };
    let found = orders(file("pay_state", |i| (i.to_string(), "ann", late(i))));
    let note = found.notes.iter().find(|note| note.code == "unread_status").unwrap();
    let values = ["header", "words", "n", "rows"].map(|name| note.value(name).unwrap());
    assert_eq!(values, ["pay_state", "0, 1", "1000", "40000"]);
    const NUMBERS: [&str; 13] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
    let late = |i: usize| if i < LATE { "" } else { NUMBERS[i % 13] };
    assert_eq!(codes(&orders(file("pay_state", |i| (i.to_string(), "ann", late(i))))), Vec::<&str>::new());
}

#[test]
fn codes_of_statuses_that_begin_far_down_are_asked_for() {
    let late = |i: usize| if i < LATE { "" } else { ["0", "1"][i % 2] };
    let found = orders(file("order_status", |i| (i.to_string(), "ann", late(i))));
    assert_eq!((sums(&found), found.rejects.len()), (Vec::new(), ROWS));
    let seen = |word: &str| found.rejects.iter().filter(|reject| reject.seen == word).count();
    assert_eq!((seen("0"), seen("1"), seen("")), (500, 500, LATE));
}

#[test]
fn the_number_0_far_down_is_no_order_where_buyers_share_it() {
    let buyer = |i: usize| ["ann", "bob"][i % 2];
    let number = |i: usize| if i < ROWS - 4 { (i + 1).to_string() } else { "0".to_owned() };
    let found = orders(file("status", |i| (number(i), buyer(i), "paid")));
    // 39,996 orders, half of each; the last four rows have no number.
    assert_eq!(
        sums(&found),
        [("ann".to_owned(), 19_998_000, 19_998), ("bob".to_owned(), 19_998_000, 19_998)]
    );
    assert_eq!(
        found.rejects.iter().map(|reject| reject.reason).collect::<Vec<_>>(),
        [Reason::MissingOrderId; 4]
    );
    // One buyer's order of one day may have the number 0.
    let found = orders(file("status", |i| {
        (if i == ROWS - 1 { "0".to_owned() } else { (i + 1).to_string() }, buyer(i), "paid")
    }));
    assert_eq!(sums(&found).iter().map(|(.., count)| count).sum::<u32>(), 40_000);
    assert!(found.rejects.is_empty());
}

#[test]
fn one_buyer_with_the_number_0_on_several_days_has_several_orders_without_a_number() {
    let text = "order_id,customer_id,paid_at,paid_amount\n\
        0,ann,2026-01-01,10\n0,ann,2026-01-02,20\n0.0,bob,2026-01-02,20\n7,bob,2026-01-03,30\n";
    let found = orders(text.to_owned());
    assert_eq!(sums(&found), [("bob".to_owned(), 3000, 1)]);
    assert_eq!(found.rejects.len(), 3);
    let one = orders(
        "order_id,customer_id,paid_at,paid_amount\n0,ann,2026-01-01,10\n1,ann,2026-01-02,20\n".to_owned(),
    );
    assert_eq!(sums(&one), [("ann".to_owned(), 3000, 2)]);
}

#[test]
fn what_cannot_be_read_twice_is_refused_where_its_end_says_how() {
    let late = |i: usize| if i < LATE { "" } else { "paid" };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    std::fs::write(&path, file("status", |i| (i.to_string(), "ann", late(i)))).unwrap();
    let stdin = std::fs::File::open(&path).unwrap();
    let output = ecrm().args(["rfm", "-", "--lang", "en"]).stdin(stdin).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr.contains("empty at first and has words only further down"), "{stderr}");
    assert!(stderr.contains("hint: save this to a file"), "{stderr}");
}

fn fixture(name: &str) -> Ingested {
    let input = Input::file(format!("fixtures/cells/{name}"));
    read_orders(&[input], &ReadOptions::default()).unwrap().in_order().unwrap()
}

#[test]
fn rows_below_a_header_with_the_columns_in_another_order_are_read_by_it() {
    let found = fixture("joined_in_another_order.csv");
    // ann: 10 + (30 - 5) + 50; bob: 20 + 1040.
    assert_eq!(sums(&found), [("ann".to_owned(), 8500, 3), ("bob".to_owned(), 106_000, 2)]);
    assert!(found.rejects.is_empty());
    assert_eq!(found.accounting.excluded.of(Rule::RepeatedHeader), 2);
    let note = found.notes.iter().find(|note| note.code == "headers_in_another_order").unwrap();
    assert_eq!((note.value("n"), note.value("records")), (Some("1"), Some("4")));
}

#[test]
fn rows_below_a_header_with_other_columns_are_quarantined() {
    let found = fixture("joined_with_other_columns.csv");
    assert_eq!(sums(&found), [("ann".to_owned(), 6000, 2), ("bob".to_owned(), 2000, 1)]);
    let rejects: Vec<_> =
        found.rejects.iter().map(|reject| (reject.record, reject.reason, reject.raw.as_str())).collect();
    assert_eq!(
        rejects,
        [
            (5, Reason::OtherColumns, "3,ann,2026-01-03,30.00,EUR"),
            (6, Reason::OtherColumns, "4,bob,2026-01-04,40.00,EUR"),
        ]
    );
    let note = found.notes.iter().find(|note| note.code == "headers_of_other_columns").unwrap();
    assert_eq!(note.value("records"), Some("4"));
}

#[test]
fn a_header_far_down_turns_the_columns_of_all_blocks_below_it() {
    // 30,000 rows of 30 bytes or more in each half: the second begins in the first block and goes on for another two.
    let mut text = "order_id,customer_id,paid_at,paid_amount,refund_amount\n".to_owned();
    for i in 0..30_000 {
        let _ = writeln!(text, "{},ann,2026-01-01 10:00:00,10.00,1.00", 100_000 + i);
    }
    text.push_str("Order ID,customer_id,refund_amount,paid_at,Paid Amount\r\n");
    for i in 0..60_000 {
        let _ = writeln!(text, "{},\"bob, jr\",2.00,2026-01-01 10:00:00,10.00\r", 200_000 + i);
    }
    assert!(text.len() > 3 << 20);
    let found = orders(text);
    assert_eq!(
        sums(&found),
        [("ann".to_owned(), 27_000_000, 30_000), ("bob, jr".to_owned(), 48_000_000, 60_000)]
    );
    assert!(found.rejects.is_empty());
}

#[test]
fn a_list_of_customers_is_read_by_each_of_its_headers() {
    let wants = Wants { tables: vec![Table::Customers], details: true, ..Wants::default() };
    let options = ReadOptions { wants, ..ReadOptions::default() };
    let found = read(&[Input::file("fixtures/cells/customers_in_another_order.csv")], &options).unwrap();
    assert_eq!(found.accounting.excluded.of(Rule::RepeatedHeader), 1);
    let known = &found.orders.customers;
    let mut ids: Vec<String> = known.codes().map(|code| known.text(code)).collect();
    ids.sort();
    assert_eq!(ids, ["ann", "bob"]);
}

#[test]
fn a_web_page_called_xls_is_called_one() {
    let (code, stderr) = failure(&["rfm", "fixtures/cells/web_page.xls", "--lang", "en"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("web_page.xls: this is a web page, not a workbook"), "{stderr}");
    assert!(stderr.contains("save it as .xlsx"), "{stderr}");
    assert!(!stderr.contains("<td>"), "{stderr}");
}

//! What customer lists and send logs say of people, as the canonical tables have it: from files and from a store.

use std::path::{Path, PathBuf};

use ecrm::parse::ReadOptions;
use ecrm::parse::source::{Input, Place};
use ecrm::reading::{Ingested, read};
use ecrm::schema::{CustomerCode, Customers, Day, RowParts, Table, Wants};
use polars::prelude::{AnyValue, Column};

use super::store::{Trial, import};
use super::store_formats::{copy, inputs};

const MEMBERS: &str = "fixtures/people/members_gbk.csv";
const OVERLAP: &str = "fixtures/people/members_overlap.csv";
const SENDS: &str = "fixtures/people/sends_words_and_times.csv";
const COMMA: &str = "fixtures/people/sends_decimal_comma.csv";

fn people() -> Wants {
    let tables = vec![Table::Customers, Table::Sends, Table::Events];
    Wants { tables, details: true, people: true, ..Wants::default() }
}

fn read_all(inputs: &[Input], wants: Wants) -> Ingested<RowParts> {
    read(inputs, &ReadOptions { wants, ..ReadOptions::default() }).unwrap()
}

fn files(names: &[&str]) -> Ingested<RowParts> {
    let inputs: Vec<Input> = names.iter().map(Input::file).collect();
    read_all(&inputs, people())
}

fn store(folder: &str) -> Ingested<RowParts> {
    read_all(&[Input { place: Place::Store(PathBuf::from(folder)), table: None }], people())
}

/// The cells of a column as texts, an empty one for null.
fn cells(column: Option<Column>) -> Vec<String> {
    let column = column.expect("a column");
    let cell = |value: AnyValue<'_>| match value {
        AnyValue::Null => String::new(),
        other => other.get_str().map_or_else(|| other.to_string(), str::to_owned),
    };
    (0..column.len()).map(|row| cell(column.get(row).unwrap())).collect()
}

fn said(ingested: &Ingested<RowParts>, code: &str) -> Vec<(String, String)> {
    let values = |name: &str, note: &ecrm::locale::Remark| note.value(name).unwrap_or_default().to_owned();
    let notes = ingested.notes.iter().filter(|note| note.code == code);
    notes.map(|note| (values("header", note), values("example", note))).collect()
}

/// Every column of both tables in words.
fn all_cells(ingested: &Ingested<RowParts>) -> Vec<(String, String, Vec<String>)> {
    let mut found = Vec::new();
    let mut see = |name: &str, column: Option<Column>| {
        if let Some(column) = column {
            found.push((name.to_owned(), column.dtype().to_string(), cells(Some(column))));
        }
    };
    let customers = ingested.frames.customers.as_ref();
    let attributes = customers.map_or(&[][..], Customers::attributes).iter().map(String::as_str);
    let own = ecrm::schema::customers::OWN_COLUMNS.into_iter();
    for name in own.chain(attributes) {
        see(name, customers.and_then(|customers| customers.column(name)));
    }
    let sends = ingested.frames.sends.as_ref();
    for name in [
        "customer",
        "sent_on",
        "second",
        "campaign_id",
        "channel",
        "arm",
        "is_delivered",
        "is_opened",
        "is_clicked",
        "cost",
    ] {
        see(name, sends.and_then(|sends| sends.column(name)));
    }
    found
}

/// C2 and C3 are in both lists: what the later one says counts, and what it leaves blank stays.
#[test]
fn a_later_list_wins_and_says_nothing_where_it_is_blank() {
    let found = files(&[MEMBERS, OVERLAP]);
    let ids: Vec<String> =
        found.orders.customers.codes().take(4).map(|code| found.orders.customers.text(code)).collect();
    assert_eq!(ids, ["C1", "C2", "C3", "C4"]);
    let customers = found.frames.customers.as_ref().unwrap();
    let column = |name: &str| cells(customers.column(name));
    assert_eq!(column("customer"), ["0", "1", "2", "3"]);
    assert_eq!(column("row_count"), ["1", "2", "2", "1"]);
    assert_eq!(column("name"), ["王小明", "李雷", "韩梅梅", ""]);
    assert_eq!(column("gender"), ["男", "男", "女", ""]);
    assert_eq!(column("birthday"), ["1990-02-28", "", "1992-02-29", ""]);
    assert_eq!(column("level"), ["VIP1", "VIP3", "", ""]);
    // A spreadsheet has rounded the later phone: the earlier one stays. A nought is nobody's.
    assert_eq!(column("phone"), ["13800000001", "13800000002", "138****0003", ""]);
    assert_eq!(column("email"), ["XM@Shop.example", "", "", ""]);
    assert_eq!(column("wechat"), ["xm_wx", "", "", ""]);
    assert_eq!(column("qq"), ["10001", "", "", ""]);
    assert_eq!(column("registered_on"), ["2025-01-05", "2025-03-01", "2025-04-01", ""]);
    assert_eq!(column("card_claimed_on"), ["2025-02-01", "", "", ""]);
    assert_eq!(column("source"), ["门店", "直播", "", ""]);
    assert_eq!(column("is_opted_out"), ["false", "false", "", ""]);
    assert_eq!(column("is_blacklisted"), ["false", "true", "false", ""]);
    let numbers = customers.table().numbers("region").unwrap().to_vec();
    let city = |number: &Option<u32>| number.map(|number| customers.regions()[number as usize].city.as_str());
    assert_eq!(numbers.iter().map(city).collect::<Vec<_>>(), [Some("杭州"), Some("深圳"), None, None]);
    // 也许 says neither yes nor no.
    let unread = [("是否退订", "也许"), ("手机号", "1.38E+10")];
    assert_eq!(said(&found, "unreadable_cells"), unread.map(|(a, b)| (a.to_owned(), b.to_owned())));
    assert_eq!(found.accounting.rows_read, 6);
    assert_eq!(found.accounting.rows_used, 6);
}

#[test]
fn further_columns_keep_their_headers_and_are_numbers_where_every_value_is_one() {
    let found = files(&[MEMBERS, OVERLAP]);
    let customers = found.frames.customers.as_ref().unwrap();
    let column = |name: &str| cells(customers.column(name));
    let dtype = |name: &str| customers.column(name).unwrap().dtype().to_string();
    assert_eq!(customers.attributes(), ["segment_listed", "备用号", "积分", "肤质", "身高"]);
    assert_eq!(
        (dtype("身高"), column("身高")),
        ("f64".into(), ["165.5", "178.0", "", "170.0"].map(String::from).into())
    );
    assert_eq!(
        (dtype("肤质"), column("肤质")),
        ("str".into(), ["干性", "混合", "干性", ""].map(String::from).into())
    );
    // One of them says 分 behind the number, and 007 is no number.
    assert_eq!(
        (dtype("积分"), column("积分")),
        ("str".into(), ["100", "150 分", "30", ""].map(String::from).into())
    );
    assert_eq!(column("备用号"), ["007", "12", "", ""]);
    assert_eq!(column("segment_listed"), ["", "A", "", "B"]);
    assert_eq!(said(&found, "attribute_renamed"), [("segment".to_owned(), String::new())]);
    // In the first list alone all are whole numbers.
    let first = files(&[MEMBERS]);
    let points = first.frames.customers.as_ref().unwrap().column("积分").unwrap();
    assert_eq!(
        (points.dtype().to_string(), cells(Some(points))),
        ("i64".into(), vec!["100".into(), "20".into(), String::new()])
    );
}

#[test]
fn one_person_under_one_address_in_two_spellings_is_one_row() {
    let list =
        "email,name,height\nAnn@Shop.example,Ann,165\nbob@shop.example,Bob,\nann@shop.example,Ann Li,166\n";
    let found = read_all(&[Input::bytes("list.csv", list.as_bytes().to_vec())], people());
    assert_eq!(found.orders.customers.text(CustomerCode::new(0)), "ann@shop.example");
    let customers = found.frames.customers.unwrap();
    let column = |name: &str| cells(customers.column(name));
    assert_eq!(column("row_count"), ["2", "1"]);
    assert_eq!(column("name"), ["Ann Li", "Bob"]);
    assert_eq!(column("email"), ["ann@shop.example", "bob@shop.example"]);
    assert_eq!(column("height"), ["166", ""]);
}

#[test]
fn headers_that_are_none_or_come_twice_are_told_apart() {
    let list = "customer_id,name,,tea,tea,\na,Ann,x,green,2,y\n";
    let found = read_all(&[Input::bytes("list.csv", list.as_bytes().to_vec())], people());
    let customers = found.frames.customers.unwrap();
    assert_eq!(customers.attributes(), ["tea", "tea [5]", "unnamed", "unnamed [6]"]);
    assert_eq!(cells(customers.column("tea [5]")), ["2"]);
    assert_eq!(cells(customers.column("unnamed [6]")), ["y"]);
}

#[test]
fn nobody_pays_for_columns_that_were_not_asked_for() {
    let few = Wants { people: false, ..people() };
    let found = read_all(&[Input::file(MEMBERS), Input::file(OVERLAP)], few);
    let customers = found.frames.customers.as_ref().unwrap();
    for name in ["name", "phone", "is_opted_out", "is_blacklisted", "身高"] {
        assert!(customers.column(name).is_none(), "{name}");
    }
    assert!(customers.attributes().is_empty());
    assert_eq!(cells(customers.column("level")), ["VIP1", "VIP3", "", ""]);
    assert_eq!(said(&found, "unreadable_cells"), []);
}

#[test]
fn who_registered_after_a_day_is_left_out_with_all_rows() {
    let mut frames = files(&[MEMBERS, OVERLAP]).frames;
    // 2025-03-01 is day 20148: C3, with two rows, came a month later.
    assert_eq!(frames.latest(), Some(Day::new(20_179)));
    assert_eq!(frames.leave_out_later(Day::new(20_148)).unwrap(), 2);
    let customers = frames.customers.unwrap();
    assert!(customers.codes().eq([0, 1, 3].map(CustomerCode::new)));
    let row = |code| customers.row(CustomerCode::new(code));
    assert_eq!([1, 2, 3].map(row), [Some(1), None, Some(2)]);
    assert_eq!(cells(customers.column("name")), ["王小明", "李雷", ""]);
}

/// The cells of a column of messages by the customers' ids, whatever their codes are; or these ids themselves.
fn sends(found: &Ingested<RowParts>, name: &str) -> Vec<String> {
    let sends = found.frames.sends.as_ref().unwrap();
    assert!(sends.codes().is_sorted());
    let ids: Vec<String> = sends.codes().map(|code| found.orders.customers.text(code)).collect();
    let cells = if name == "customer" { ids.clone() } else { cells(sends.column(name)) };
    let mut rows: Vec<(String, String)> = ids.into_iter().zip(cells).collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows.into_iter().map(|(_, cell)| cell).collect()
}

/// Ann was sent two messages, the later one first in the file.
#[test]
fn sends_are_by_customer_and_time_with_words_read_by_their_field() {
    let found = files(&[SENDS]);
    let column = |name: &str| sends(&found, name);
    assert_eq!(column("customer"), ["ann", "ann", "bob", "cat"]);
    assert_eq!(column("sent_on"), ["2026-06-15", "2026-06-16", "2026-06-16", "2026-07-01"]);
    assert_eq!(column("second"), ["32400", "36000", "", "28800"]);
    assert_eq!(column("campaign_id"), ["june", "june", "june", "July"]);
    assert_eq!(column("channel"), ["sms", "sms", "sms", "pigeon"]);
    assert_eq!(column("arm"), ["", "treatment", "control", "B"]);
    // "sent" does not say that it arrived.
    assert_eq!(column("is_delivered"), ["false", "true", "", ""]);
    assert_eq!(said(&found, "unreadable_cells"), [("delivered".to_owned(), "sent".to_owned())]);
    // The column says when: an empty cell is a message that was not opened.
    assert_eq!(column("is_opened"), ["false", "true", "false", "false"]);
    assert_eq!(column("is_clicked"), ["false", "true", "", ""]);
    assert_eq!(column("cost"), ["50000", "50000", "", "1500000"]);
    assert_eq!((found.accounting.rows_read, found.accounting.rows_used), (4, 4));
}

#[test]
fn the_cost_of_messages_may_have_a_decimal_comma() {
    let found = files(&[COMMA]);
    assert_eq!(sends(&found, "cost"), ["50000", "12500000"]);
    assert_eq!(sends(&found, "channel"), ["email", "wechat"]);
    assert_eq!(sends(&found, "arm"), ["A组", "control"]);
    assert_eq!(sends(&found, "is_delivered"), ["true", ""]);
    assert_eq!(sends(&found, "campaign_id"), ["八月", "八月"]);
}

#[test]
fn messages_after_a_day_are_left_out() {
    let mut found = files(&[SENDS]);
    // 2026-07-01 is day 20635.
    assert_eq!(found.frames.latest(), Some(Day::new(20_635)));
    assert_eq!(found.frames.leave_out_later(Day::new(20_634)).unwrap(), 1);
    assert_eq!(sends(&found, "customer"), ["ann", "ann", "bob"]);
    assert_eq!(found.frames.leave_out_later(Day::new(20_634)).unwrap(), 0);
}

#[test]
fn sends_that_nobody_asked_for_are_not_read() {
    let wants = Wants { tables: vec![Table::Customers], ..people() };
    let found = read_all(&[Input::file(MEMBERS), Input::file(SENDS)], wants);
    assert!(found.frames.sends.is_none() && found.frames.customers.is_some());
    assert_eq!(found.accounting.rows_read, 3);
}

#[test]
fn a_store_gives_the_same_tables_as_its_files() {
    let trial = Trial::new();
    let all = [MEMBERS, OVERLAP, SENDS, COMMA];
    import(&all[..1], &trial.store());
    import(&all[1..], &trial.store());
    let (of_files, of_store) = (files(&all), store(&trial.store()));
    assert_eq!(all_cells(&of_files), all_cells(&of_store));
    assert!(all_cells(&of_files).len() > 25);
    assert_eq!(of_files.accounting, of_store.accounting);
    assert_eq!(said(&of_files, "unreadable_cells"), said(&of_store, "unreadable_cells"));
}

/// A store beside a file that overlaps it is as both files.
#[test]
fn a_store_beside_a_list_is_as_both_lists() {
    let trial = Trial::new();
    import(&[MEMBERS], &trial.store());
    let inputs =
        [Input { place: Place::Store(PathBuf::from(trial.store())), table: None }, Input::file(OVERLAP)];
    assert_eq!(all_cells(&read_all(&inputs, people())), all_cells(&files(&[MEMBERS, OVERLAP])));
}

/// What version 2 of the store kept is read without an import anew, but for the times of messages.
#[test]
fn older_stores_give_what_they_kept() {
    let trial = Trial::new();
    let inputs = inputs();
    let mut of_files = all_cells(&files(&inputs.iter().map(String::as_str).collect::<Vec<_>>()));
    let mut of_store = all_cells(&store(&copy(&trial, Path::new("fixtures/stores/v2"))));
    for all in [&mut of_files, &mut of_store] {
        all.retain(|(name, ..)| name != "second");
    }
    assert_eq!(of_files, of_store);
    let height = of_files.iter().find(|(name, ..)| name == "height");
    assert_eq!(height.map(|(_, dtype, _)| dtype.as_str()), Some("i64"));
}

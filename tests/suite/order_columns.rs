//! Further columns of orders: fields that only some questions ask for, and columns that no field is read from.

use std::path::Path;

use ecrm::customers::order_columns::{OrderColumns, known, moment, of_files, want};
use ecrm::parse::ReadOptions;
use ecrm::parse::source::{Input, Place};
use ecrm::reading::{Ingested, read};
use ecrm::schema::{Day, Holds, Wants};
use polars::prelude::*;

use super::store::{Trial, import};

fn path(name: &str) -> String {
    format!("fixtures/further/{name}")
}

/// A file, or a store.
fn input(name: &str) -> Input {
    let path = Path::new(name);
    let place = if path.is_dir() { Place::Store(path.into()) } else { Place::File(path.into()) };
    Input { place, table: None }
}

fn ingest(files: &[&str], columns: &[&str]) -> Ingested {
    let mut wants = Wants::default();
    want(columns, &mut wants);
    let inputs: Vec<Input> = files.iter().map(|file| input(file)).collect();
    read(&inputs, &ReadOptions { wants, ..ReadOptions::default() }).unwrap().in_order().unwrap()
}

/// The columns of all orders, by customer and day, those that say nothing empty.
fn rows(ingested: &Ingested, columns: &[&str]) -> Vec<String> {
    let asked = OrderColumns::new(&ingested.orders, columns).unwrap();
    let frame = ingested.orders.parts.ask_frames(|part| asked.of(part)).unwrap();
    let columns: Vec<Column> =
        frame.columns().iter().map(|column| column.cast(&DataType::String).unwrap()).collect();
    let cell = |column: &Column, row: usize| column.str().unwrap().get(row).unwrap_or_default().to_owned();
    let row = |row| columns.iter().map(|column| cell(column, row)).collect::<Vec<_>>().join(",");
    let mut rows: Vec<String> = (0..frame.height()).map(row).collect();
    rows.sort();
    rows
}

fn assert_rows(files: &[&str], columns: &[&str], expected: &[&str]) {
    assert_eq!(rows(&ingest(files, columns), columns), expected, "{files:?}");
}

#[test]
fn of_an_order_of_several_rows_the_first_text_counts() {
    // Whether 1.50 and 2.50 of rows with amounts of their own add up nobody says.
    assert_rows(
        &[&path("two_coupons_and_a_late_note.csv")],
        &["ordered_on", "net_amount", "coupon_code", "note"],
        &["2026-05-01,60.000000,ZEST10,leave at the door", "2026-05-02,30.000000,AUTUMN5,"],
    );
}

#[test]
fn a_mapped_amount_that_rows_say_differently_is_not_known() {
    let mut wants = Wants::default();
    want(["tax"], &mut wants);
    let options = ReadOptions {
        wants,
        mapping: vec![("tax".parse().unwrap(), "tax".to_owned())],
        ..ReadOptions::default()
    };
    let file = path("two_coupons_and_a_late_note.csv");
    let ingested = read(&[Input::file(Path::new(&file))], &options).unwrap().in_order().unwrap();
    assert_eq!(rows(&ingested, &["tax"]), ["", "3.000000"]);
    // Where nothing maps it, it is nothing that is known.
    assert_rows(&[&file], &["tax"], &["", ""]);
}

#[test]
fn of_overlapping_exports_the_later_counts_whatever_it_lacks() {
    let (earlier, later) = (path("overlap_earlier.csv"), path("overlap_later.csv"));
    let columns = ["ordered_on", "coupon_code", "payment_method", "shelf"];
    assert_rows(
        &[&earlier, &later],
        &columns,
        &["2026-05-01,SPRING,card,left", "2026-05-02,,wallet,", "2026-05-03,SUMMER,card,"],
    );
    assert_rows(
        &[&later, &earlier],
        &columns,
        &["2026-05-01,SPRING,card,left", "2026-05-02,SPRING,cod,right", "2026-05-03,SUMMER,card,"],
    );
}

#[test]
fn a_workbook_an_export_in_gbk_and_a_parquet_file_say_the_same() {
    let columns = ["created_at", "note", "shipping_fee", "自定义标签", "coupon_code"];
    let expected =
        ["2026-05-01,少放糖 | 加急,6.000000,VIP,", "2026-05-02,只有卖家写,,,", "2026-05-03,,0.000000,,"];
    assert_rows(&[&path("notes_of_both_sides_gbk.csv")], &columns, &expected);
    assert_rows(&[&path("notes_of_both_sides.xlsx")], &columns, &expected);
    let text = |name: &str, cells: [Option<&str>; 3]| Column::new(name.into(), cells);
    let mut frame = DataFrame::new(
        3,
        vec![
            text("订单编号", [Some("X1"), Some("X2"), Some("X3")]),
            text("会员名", [Some("甲"), Some("乙"), Some("丙")]),
            text("下单时间", [Some("2026-05-01 10:00:00"), Some("2026-05-02 11:30:00"), Some("2026-05-03")]),
            text("实付金额", [Some("30"), Some("20"), Some("10")]),
            text("买家留言", [Some("少放糖"), None, None]),
            text("卖家备注", [Some("加急"), Some("只有卖家写"), None]),
            text("运费", [Some("6.00"), None, Some("0")]),
            text("自定义标签", [Some("VIP"), None, Some("")]),
        ],
    )
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let parquet = folder.path().join("orders.parquet");
    ParquetWriter::new(std::fs::File::create(&parquet).unwrap()).finish(&mut frame).unwrap();
    assert_rows(&[parquet.to_str().unwrap()], &columns, &expected);
}

#[test]
fn days_amounts_and_answers_are_read_as_the_file_writes_them() {
    let columns = ["ordered_on", "shipped_at", "shipping_fee", "is_presale"];
    let ingested = ingest(&[&path("days_amounts_and_answers.csv")], &columns);
    assert_eq!(
        rows(&ingested, &columns),
        [
            "2026-05-03,2026-05-04,1234.500000,true",
            "2026-05-25,2026-05-26,4.950000,false",
            "2026-05-26,,,",
            "2026-05-27,,,",
        ]
    );
    let said: Vec<&str> = ingested
        .notes
        .iter()
        .filter(|note| note.code == "unreadable_cells")
        .filter_map(|note| note.values.iter().find(|(name, _)| *name == "example"))
        .map(|(_, example)| example.as_str())
        .collect();
    assert_eq!(said, ["soon", "free", "perhaps"]);
    let times = &ingested.orders.texts[0].1;
    assert_eq!(times, &["2026-05-04 18:30:00", "2026-05-26"]);
    // 2026-05-04 is day 20577.
    assert_eq!(moment(&times[0]), Some((Day::new(20_577), Some(18 * 3600 + 30 * 60))));
    assert_eq!(moment(&times[1]), Some((Day::new(20_599), None)));
}

#[test]
fn rows_may_end_before_a_further_column() {
    let columns = ["ordered_on", "note"];
    let ingested = ingest(&[&path("short_rows.csv")], &columns);
    assert_eq!(ingested.rejects, []);
    assert_eq!(rows(&ingested, &columns), ["2026-05-01,gift", "2026-05-02,"]);
}

#[test]
fn columns_are_known_before_and_after_reading_and_cost_nothing_unasked() {
    let file = path("overlap_earlier.csv");
    let ingested = ingest(&[&file], &["status", "province", "source"]);
    assert_eq!(of_files(&ingested.sources), ["shelf"]);
    assert!(ingested.orders.texts.is_empty());
    assert_eq!(rows(&ingested, &["status", "province", "source"]), ["paid,,", "paid,,"]);
    assert!(known().contains(&("tax", Holds::Amount)) && known().contains(&("note", Holds::Text)));
    assert!(OrderColumns::new(&ingested.orders, &["shelf"]).is_err());
}

#[test]
fn a_store_gives_back_orders_ids() {
    let trial = Trial::new();
    let store = trial.store();
    import(&[&path("overlap_earlier.csv")], &store);
    for columns in
        [["ordered_on", "order_id"].as_slice(), &["order_id", "shelf"], &["coupon_code", "order_id", "tax"]]
    {
        let (of_file, of_store) =
            (ingest(&[&path("overlap_earlier.csv")], columns), ingest(&[store.as_str()], columns));
        assert_eq!(rows(&of_file, columns), rows(&of_store, columns), "{columns:?}");
        assert!(of_store.notes.iter().all(|note| note.code != "order_columns_not_kept"));
    }
    let ids = ingest(&[store.as_str()], &["ordered_on", "order_id"]);
    assert_eq!(rows(&ids, &["ordered_on", "order_id"]), ["2026-05-01,A1", "2026-05-02,B1"]);
}

#[test]
fn a_store_keeps_them() {
    let columns = ["created_at", "note", "shipping_fee", "自定义标签", "coupon_code"];
    let further = ["ordered_on", "shipped_at", "shipping_fee", "is_presale"];
    let (coupons, lines) =
        (["ordered_on", "net_amount", "coupon_code", "note"], ["ordered_on", "shelf", "tax"]);
    let asked: [(&str, &[&str]); 5] = [
        ("overlap_earlier.csv", &lines),
        ("notes_of_both_sides_gbk.csv", &columns),
        ("days_amounts_and_answers.csv", &further),
        ("two_coupons_and_a_late_note.csv", &coupons),
        ("short_rows.csv", &["ordered_on", "note"]),
    ];
    for (file, columns) in asked {
        let (trial, file) = (Trial::new(), path(file));
        let store = trial.store();
        import(&[&file], &store);
        let (of_file, of_store) = (ingest(&[&file], columns), ingest(&[store.as_str()], columns));
        assert_eq!(rows(&of_file, columns), rows(&of_store, columns), "{file}");
        assert_eq!(of_file.orders.texts, of_store.orders.texts, "{file}");
        assert_eq!(of_file.notes, of_store.notes, "{file}");
        // What is odd about cells that nobody asked for is not said.
        let (of_file, of_store) = (ingest(&[&file], &["status"]), ingest(&[store.as_str()], &["status"]));
        assert_eq!(of_file.notes, of_store.notes, "{file}");
        assert!(of_store.orders.texts.is_empty());
    }
}

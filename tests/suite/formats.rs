//! The same results through every format.

use calamine::{Data, Reader, Xlsx, open_workbook};
use polars::prelude::*;
use serde_json::Value;

use super::common::{ecrm, failure, run, stdout};

const SHOP: &str = "fixtures/shop/orders.csv";

/// The rows of the shop's segments as (segment, value, customers, net amount, share), read back from a format.
type Rows = Vec<(String, String, i64, f64, Option<f64>)>;

fn of_csv(delimiter: u8) -> Rows {
    let format = if delimiter == b',' { "csv" } else { "tsv" };
    let text = stdout(&["segment", SHOP, "--format", format]);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let [segment, value, count, net, share] =
        ["segment", "value", "customer_count", "net_amount", "customer_share"].map(column);
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            (
                record[segment].to_owned(),
                record[value].to_owned(),
                record[count].parse().unwrap(),
                record[net].parse().unwrap(),
                record[share].parse().ok(),
            )
        })
        .collect()
}

fn of_json(values: &[Value]) -> Rows {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    values
        .iter()
        .map(|row| {
            (
                text(row, "segment"),
                text(row, "value"),
                row["customer_count"].as_i64().unwrap(),
                row["net_amount"].as_f64().unwrap(),
                row["customer_share"].as_f64(),
            )
        })
        .collect()
}

#[test]
fn csv_tsv_json_jsonl_parquet_and_xlsx_hold_the_same_rows() {
    let expected = of_csv(b',');
    assert_eq!(expected.len(), 12);
    assert_eq!(of_csv(b'\t'), expected);
    let object: Value = serde_json::from_str(&stdout(&["segment", SHOP, "--format", "json"])).unwrap();
    assert_eq!(of_json(object["rows"].as_array().unwrap()), expected);
    let lines = stdout(&["segment", SHOP, "--format", "jsonl"]);
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(of_json(&lines), expected);

    let folder = tempfile::tempdir().unwrap();
    let parquet = folder.path().join("segments.parquet");
    stdout(&["segment", SHOP, "-o", parquet.to_str().unwrap()]);
    let frame = ParquetReader::new(std::fs::File::open(parquet).unwrap()).finish().unwrap();
    assert_eq!(frame.column("net_amount").unwrap().dtype(), &DataType::Decimal(38, 6));
    let net = frame.column("net_amount").unwrap().cast(&DataType::Float64).unwrap();
    let net: Vec<f64> = net.f64().unwrap().iter().flatten().collect();
    assert_eq!(net, expected.iter().map(|row| row.3).collect::<Vec<_>>());

    let xlsx = folder.path().join("segments.xlsx");
    stdout(&["segment", SHOP, "--keys", "-o", xlsx.to_str().unwrap()]);
    let mut book: Xlsx<_> = open_workbook(xlsx).unwrap();
    let sheet = book.worksheet_range("segments").unwrap();
    let rows: Vec<&[Data]> = sheet.rows().collect();
    assert_eq!(rows[0][0], Data::String("segment".into()));
    let net = rows[0].iter().position(|cell| *cell == Data::String("net_amount".into())).unwrap();
    let values: Vec<Data> = rows[1..].iter().map(|row| row[net].clone()).collect();
    assert_eq!(values, expected.iter().map(|row| Data::Float(row.3)).collect::<Vec<_>>());
}

#[test]
fn json_says_what_it_rests_on_and_balances() {
    let object: Value = serde_json::from_str(&stdout(&["rfm", SHOP, "--format", "json"])).unwrap();
    let keys: Vec<&String> = object.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["report", "parameters", "accounting", "rows"]);
    assert_eq!(object["parameters"]["as_of"], "2026-06-30");
    let count = |name: &str| object["accounting"][name].as_u64().unwrap();
    assert_eq!(count("rows_read"), count("rows_used") + count("rows_excluded") + count("rows_quarantined"));
}

#[test]
fn empty_results_keep_their_shape_in_every_format() {
    let empty = "fixtures/edges/header_only.csv";
    let csv = stdout(&["rfm", empty, "--format", "csv"]);
    assert_eq!(
        csv,
        "customer_id,last_ordered_on,recency_days,order_count,net_amount,r_score,f_score,m_score,rfm_group\n"
    );
    let json: Value = serde_json::from_str(&stdout(&["rfm", empty, "--format", "json"])).unwrap();
    assert_eq!(json["rows"].as_array().map(Vec::len), Some(0));
    assert_eq!(stdout(&["rfm", empty, "--format", "jsonl"]), "");
    assert_eq!(stdout(&["segment", empty, "--format", "csv"]).lines().count(), 13);
    for format in ["table", "markdown", "parquet", "xlsx", "tsv"] {
        assert!(run(&["rfm", empty, "--format", format]).status.success(), "{format}");
    }
}

#[test]
fn spreadsheets_run_no_customer() {
    let csv = stdout(&["rfm", "fixtures/quirks/formula_ids.csv", "--format", "csv"]);
    let ids: Vec<&str> = csv.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(ids, ["'@SUM(A1)", "+8613800138000", "'-x"]);
}

#[test]
fn excel_knows_csv_and_tsv_by_their_first_bytes_where_that_is_asked_for() {
    let mark = "\u{feff}";
    let folder = tempfile::tempdir().unwrap();
    for format in ["csv", "tsv"] {
        let plain = stdout(&["rfm", SHOP, "--format", format]);
        assert!(!plain.starts_with(mark));
        assert_eq!(stdout(&["rfm", SHOP, "--format", format, "--bom"]), format!("{mark}{plain}"));
        let file = folder.path().join(format!("a.{format}"));
        stdout(&["rfm", SHOP, "--bom", "-o", file.to_str().unwrap()]);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("{mark}{plain}"));
    }
    // Lists that people keep have it too.
    std::fs::write(folder.path().join("notes.csv"), "customer_id,noted_on,note\n1,2026-01-01,茶\n").unwrap();
    let notes = ecrm().current_dir(&folder).args(["note", "--format", "csv", "--bom"]).output().unwrap();
    assert!(notes.status.success() && notes.stdout.starts_with(mark.as_bytes()), "{notes:?}");
    for format in ["table", "json", "jsonl", "markdown", "xlsx", "parquet"] {
        let (code, text) = failure(&["rfm", SHOP, "--format", format, "--bom"]);
        assert!(code == 2 && text.contains("--bom is for csv and tsv"), "{format}: {text}");
    }
}

#[test]
fn tables_mask_and_machines_do_not() {
    let table = stdout(&["rfm", SHOP, "--format", "table", "--limit", "3"]);
    assert!(table.contains("u***30@shop.example") && !table.contains("u0000"), "{table}");
    assert!(stdout(&["rfm", SHOP, "--format", "table", "--show-pii"]).contains("u0000"));
    assert!(stdout(&["rfm", SHOP, "--format", "csv"]).contains("u0000"));
}

#[test]
fn the_same_inputs_give_the_same_bytes_whatever_the_threads() {
    for format in ["csv", "json", "parquet", "xlsx", "table"] {
        let with = |threads: &str| run(&["rfm", SHOP, "--format", format, "--threads", threads]).stdout;
        let one = with("1");
        assert!(!one.is_empty());
        assert!(one == with("2") && one == with("7"), "{format}");
    }
}

#[test]
fn a_text_that_no_cell_of_excel_holds_is_cut_with_a_note() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (long, fits) = ("x".repeat(40_000), "y".repeat(32_767));
    let (orders, customers, book) = (path("orders.csv"), path("customers.csv"), path("list.xlsx"));
    let rows = "order_id,customer_id,paid_at,paid_amount\n1,ann,2026-05-01,9\n2,bob,2026-05-01,8\n";
    std::fs::write(&orders, rows).unwrap();
    std::fs::write(&customers, format!("customer_id,gender,story\nann,female,{long}\nbob,male,{fits}\n"))
        .unwrap();
    let list = ["customers", &orders, &customers, "--columns", "customer_id,story", "-o"];
    let written = run(&[&list[..], &[&book]].concat());
    let said = String::from_utf8(written.stderr).unwrap();
    assert!(
        written.status.success() && said.contains("note: 1 text is longer than a cell of Excel"),
        "{said}"
    );
    let mut sheets: Xlsx<_> = open_workbook(&book).unwrap();
    let cells: Vec<String> = sheets
        .sheet_names()
        .iter()
        .flat_map(|name| {
            sheets
                .worksheet_range(name)
                .unwrap()
                .used_cells()
                .map(|(.., cell)| cell.to_string())
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(cells.contains(&format!("{}…", "x".repeat(32_766))) && cells.contains(&fits));
    assert!(cells.iter().any(|cell| cell.starts_with("1 text is longer than a cell")));
    // Other formats hold it whole, and have nothing to say.
    let table = path("list.csv");
    let written = run(&[&list[..], &[&table]].concat());
    assert!(!String::from_utf8(written.stderr).unwrap().contains("longer than a cell"));
    assert!(std::fs::read_to_string(&table).unwrap().contains(&long));
}

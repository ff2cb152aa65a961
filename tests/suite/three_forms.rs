//! The same orders as CSV, as a workbook with typed cells and as Parquet with typed columns have the same answer.

use std::path::Path;

use polars::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

use super::common::run;

/// Writes a table of CSV as a workbook: whole numbers, dates and errors are what they are there.
fn workbook(path: &Path, rows: &[Vec<&str>]) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let dates = Format::new().set_num_format("yyyy-mm-dd");
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            let written = match (cell.parse::<f64>(), ExcelDateTime::parse_from_str(cell)) {
                (Ok(number), _) if !cell.contains('.') => sheet.write(row, column, number),
                (_, Ok(day)) if cell.len() == 10 && row > 0 => {
                    sheet.write_with_format(row, column, &day, &dates)
                }
                _ if cell.starts_with('#') => {
                    sheet.write_formula(row, column, Formula::new("=1/0").set_result(*cell))
                }
                _ => sheet.write(row, column, *cell),
            };
            written.unwrap();
        }
    }
    book.save(path).unwrap();
}

/// Writes a table of CSV as Parquet: columns of whole numbers and of dates are such.
fn parquet(path: &Path, rows: &[Vec<&str>]) {
    let column = |number: usize| {
        let cells: Vec<&str> = rows[1..].iter().map(|row| row[number]).collect();
        let column = Column::new(rows[0][number].into(), &cells);
        let is_typed = |dtype: &DataType| column.strict_cast(dtype).ok();
        let is_date = cells.iter().all(|cell| cell.len() == 10 && cell.starts_with("20"));
        match (is_typed(&DataType::Int64), is_date) {
            (Some(numbers), _) => numbers,
            (None, true) => is_typed(&DataType::Date).unwrap(),
            (None, false) => column,
        }
    };
    let mut frame = DataFrame::new_infer_height((0..rows[0].len()).map(column).collect()).unwrap();
    ParquetWriter::new(std::fs::File::create(path).unwrap()).finish(&mut frame).unwrap();
}

/// What `rfm` says of a file: exit code, `id,last day,orders,net` of every customer, and the notes, without the file's
/// name.
fn answer(path: &Path) -> (Option<i32>, Vec<String>, String) {
    let name = path.to_str().unwrap();
    let output = run(&["rfm", name, "--format", "csv", "--show-pii", "--lang", "en"]);
    let of_customer = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        [cells[0], cells[1], cells[3], cells[4]].join(",")
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let mut customers: Vec<String> = text.lines().skip(1).map(of_customer).collect();
    customers.sort();
    (output.status.code(), customers, String::from_utf8(output.stderr).unwrap().replace(name, "FILE"))
}

/// A kind of trouble: the orders, what `rfm` has of each customer, and words of the notes.
type Case = (&'static str, &'static [&'static str], &'static str);

const CASES: [Case; 13] = [
    // A1 is 30 once.
    (
        "Order Label,customer_email,created_at,total\nA1,ann@x.example,2026-01-01,30\nA1,ann@x.example,2026-01-01,30\n\
         A2,bob@x.example,2026-01-02,20\nA3,ann@x.example,2026-01-03,5",
        &["ann@x.example,2026-01-03,2,35.00", "bob@x.example,2026-01-02,1,20.00"],
        "column Order Label tells them apart",
    ),
    (
        "order_id,customer_id,created_at,total,Kassenstatus\n1,ann,2026-01-01,10,bezahlt\n2,bob,2026-01-02,20,ungeklärt",
        &["ann,2026-01-01,1,10.00", "bob,2026-01-02,1,20.00"],
        "column Kassenstatus looks like a status (bezahlt, ungeklärt)",
    ),
    (
        "order_id,customer_id,created_at,total\n1,ann,2026-01-01,10\n2,#REF!,2026-01-02,20\n3,0,2026-01-03,30\n\
         4,guest,2026-01-03,40\n5,#N/A,2026-01-03,50\n6,-1,2026-01-03,60",
        &["ann,2026-01-01,1,10.00"],
        "in 5 rows column customer_id names nobody (#N/A, #REF!, -1)",
    ),
    (
        "order_id,customer_id,created_at,total\n1,17850,2026-01-01,10\n2,0,2026-01-02,20\n3,-1,2026-01-03,40",
        &["17850,2026-01-01,1,10.00"],
        "in 2 rows column customer_id names nobody (-1, 0)",
    ),
    // ann's order went back whole; bob's by 15, which the column and the record both say.
    (
        "order_id,customer_id,created_at,total,status,refund_amount\n1,ann,2026-01-01,50,refunded,50\n\
         1-R,ann,2026-01-02,-50,completed,0\n2,bob,2026-01-01,40,completed,15\n2-R-1,bob,2026-01-02,-15,completed,0",
        &["bob,2026-01-01,1,25.00"],
        "are taken off once: 2, of which 1",
    ),
    // 12.500.000 groups thousands, and so does 1.080.
    (
        "order_id,customer_id,created_at,total\n1,ann,2026-01-01,1.080\n2,bob,2026-01-02,850\n3,ann,2026-01-03,12.500.000",
        &["ann,2026-01-03,2,12501080.00", "bob,2026-01-02,1,850.00"],
        "",
    ),
    (
        "order_id,customer_id,created_at,total\n1,ann,2026-01-01,1 080 kr\n2,bob,2026-01-02,20 kr",
        &["ann,2026-01-01,1,1080.00", "bob,2026-01-02,1,20.00"],
        "",
    ),
    (
        "order_id,customer_id,created_at,total\n1,ann,2026-01-01,RM10\n2,bob,2026-01-02,Rp20",
        &[],
        "several currencies (IDR, MYR)",
    ),
    (
        "order_id,customer_id,created_at,total\n1,ann,2026-01-01,10\n2,bob,2026-01-02,20\n3,ann,2062-01-03,30",
        &["ann,2062-01-03,2,40.00", "bob,2026-01-02,1,20.00"],
        "set by 1 row far beyond all others",
    ),
    // What a spreadsheet of another country took for dates, it turned: 3 February to 2 March, 12 February to 2
    // December.
    (
        "order_id,customer_id,created_at,total\n1,ann,2026-03-02,10\n2,bob,13/02/2026,20\n3,ann,2026-12-02,5\n\
         4,cem,25/02/2026,7",
        &["ann,2026-12-02,2,15.00", "bob,2026-02-13,1,20.00", "cem,2026-02-25,1,7.00"],
        "column created_at has 2 dates as a spreadsheet keeps them",
    ),
    // Two shops number alike: each number is of two buyers, or of two ids of the platform.
    (
        "order_id,customer_id,created_at,total\n1001,ann,2026-01-01,40\n1002,bob,2026-01-02,60\n\
         1001,cleo,2026-01-03,70\n1002,ann,2026-01-04,20",
        &["ann,2026-01-04,2,60.00", "bob,2026-01-02,1,60.00", "cleo,2026-01-03,1,70.00"],
        "order ids shared by several customers, taken as an order of each: 2",
    ),
    (
        "order_id,platform_order_id,customer_id,created_at,total\n1001,61,ann,2026-01-01,40\n\
         1001,71,ann,2026-01-01,70\n1002,62,bob,2026-01-02,60",
        &["ann,2026-01-01,2,110.00", "bob,2026-01-02,1,60.00"],
        "order numbers that two shops use",
    ),
    (
        "order_id,customer_id,created_at,total,pay_state\n1,ann,2026-01-01,10,0\n2,bob,2026-01-02,20,1\n3,ann,2026-01-03,5,2",
        &["ann,2026-01-03,2,15.00", "bob,2026-01-02,1,20.00"],
        "column pay_state looks like a status (0, 1, 2) and is not read, so unpaid orders count as paid; 3 of the 3 rows",
    ),
];

#[test]
fn the_same_orders_have_one_answer_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    for (number, (text, customers, words)) in CASES.iter().enumerate() {
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
        let path = |ending: &str| folder.path().join(format!("{number}.{ending}"));
        std::fs::write(path("csv"), format!("{text}\n")).unwrap();
        workbook(&path("xlsx"), &rows);
        parquet(&path("parquet"), &rows);
        let as_text = answer(&path("csv"));
        assert_eq!(as_text.1, *customers, "{text}: {}", as_text.2);
        assert!(as_text.2.contains(words), "{text}: {}", as_text.2);
        for ending in ["xlsx", "parquet"] {
            assert_eq!(answer(&path(ending)), as_text, "{ending}: {text}");
        }
    }
}

/// Days that are whole numbers count from where the workbook says; what is none does not say, and that is told.
#[test]
fn days_of_a_workbook_of_1904_are_right_there_and_told_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // noa on 1 June 2026 for 20 and 30, per on the day after for 10.
    let right = ["noa,2026-06-01,2,50.00", "per,2026-06-02,1,10.00"];
    for book in ["days_from_1904.xlsx", "numbers_of_days_from_1904.xlsx"] {
        let (_, customers, notes) = answer(&Path::new("fixtures/cells").join(book));
        assert_eq!(customers, right, "{book}");
        assert!(!notes.contains("serial numbers"), "{book}: {notes}");
    }
    // The same cells without their workbook: 44,712 days after the last of 1899 is 31 May 2022.
    let text = "order_id,customer_id,created_at,total\n1,noa,44712,20\n2,per,44713,10\n3,noa,44712,30";
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    std::fs::write(path("days.csv"), text).unwrap();
    parquet(&path("days.parquet"), &rows);
    let as_text = answer(&path("days.csv"));
    assert_eq!(as_text.1, ["noa,2022-05-31,2,50.00", "per,2022-06-01,1,10.00"]);
    let told = "column created_at has serial numbers of days (3 of the 3 rows looked at)";
    assert!(as_text.2.contains(told) && as_text.2.contains("so the first is 2022-05-31"), "{}", as_text.2);
    assert_eq!(answer(&path("days.parquet")), as_text);
    // In a workbook that counts from 1900 they are what they are.
    workbook(&path("days.xlsx"), &rows);
    let (_, customers, notes) = answer(&path("days.xlsx"));
    assert!(customers == as_text.1 && !notes.contains("serial numbers"), "{notes}");
}

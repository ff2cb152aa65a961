//! Cells in every form that shops and spreadsheets write them: one fixture per kind, figures worked out by hand.

use ecrm::locale::Remark;
use ecrm::metrics::customer_facts::customer_facts;
use ecrm::parse::ReadOptions;
use ecrm::parse::source::Input;
use ecrm::parse::value::money::DecimalMark;
use ecrm::reading::{Ingested, read, read_orders};
use ecrm::schema::accounting::Rule;
use ecrm::schema::reject::Reason;
use ecrm::schema::{Table, Wants};

use super::common::{all_time, by_customer, failure, stdout};

fn path(file: &str) -> String {
    format!("fixtures/cells/{file}")
}

fn with(file: &str, options: &ReadOptions) -> Ingested {
    ordered(&[Input::file(path(file))], options).unwrap()
}

/// Reads orders from bytes or files, in their order.
fn ordered(inputs: &[Input], options: &ReadOptions) -> ecrm::Result<Ingested> {
    read_orders(inputs, options)?.in_order()
}

/// Each customer with net amount in cents and orders, of what was read.
fn sums(ingested: &Ingested) -> Vec<(String, i64, u32)> {
    let facts =
        customer_facts(&ingested.orders, &all_time(&ingested.orders), ingested.accounting.clone()).unwrap();
    assert!(facts.accounting.is_balanced());
    let found = by_customer(&facts, &ingested.orders).into_iter();
    found.map(|(id, (net, count))| (id, net / 10_000, count)).collect()
}

fn assert_sums(ingested: &Ingested, expected: &[(&str, i64, u32)]) {
    let expected: Vec<_> = expected.iter().map(|(id, net, count)| ((*id).to_owned(), *net, *count)).collect();
    assert_eq!(sums(ingested), expected);
}

fn assert_reads(file: &str, expected: &[(&str, i64, u32)]) -> Ingested {
    let ingested = with(file, &ReadOptions::default());
    assert_sums(&ingested, expected);
    ingested
}

/// The rows that cannot be read: record and reason.
fn rejects(ingested: &Ingested) -> Vec<(u64, Reason)> {
    ingested.rejects.iter().map(|reject| (reject.record, reject.reason)).collect()
}

/// The remarks of a code: the header and how many cells or rows.
fn said<'a>(ingested: &'a Ingested, code: &str) -> Vec<(&'a str, &'a str)> {
    let of = |remark: &&Remark| remark.code == code;
    let value = |remark: &'a Remark, name| remark.value(name).unwrap_or_default();
    ingested.notes.iter().filter(of).map(|remark| (value(remark, "header"), value(remark, "n"))).collect()
}

/// The last day of order of each customer, by customer.
fn last_days(file: &str, options: &[&str]) -> Vec<(String, String)> {
    let text = stdout(&[&["rfm", &path(file), "--format", "csv"], options].concat());
    let mut days: Vec<_> = text
        .lines()
        .skip(1)
        .map(|line| {
            let mut cells = line.split(',').map(str::to_owned);
            (cells.next().unwrap(), cells.next().unwrap())
        })
        .collect();
    days.sort();
    days
}

fn named(days: &[(&str, &str)]) -> Vec<(String, String)> {
    days.iter().map(|(id, day)| ((*id).to_owned(), (*day).to_owned())).collect()
}

#[test]
fn a_wrong_byte_costs_its_row_and_not_the_file() {
    let one =
        assert_reads("one_wrong_byte.csv", &[("小明", 2400, 4), ("张三丰", 2250, 3), ("李雷", 3200, 4)]);
    assert_eq!(rejects(&one), [(6, Reason::BadEncoding)]);
    let gbk = assert_reads(
        "gb18030_one_wrong_byte.csv",
        &[("张三丰先生", 2250, 3), ("李雷和韩梅梅", 3200, 4), ("欢迎光临小明", 2400, 4)],
    );
    assert_eq!(rejects(&gbk), [(6, Reason::BadEncoding)]);
    let elsewhere = assert_reads(
        "wrong_byte_in_a_column_nobody_needs.csv",
        &[("小明", 2400, 4), ("张三丰", 2800, 4), ("李雷", 3200, 4)],
    );
    assert_eq!(rejects(&elsewhere), []);
}

#[test]
fn what_was_seen_is_decoded_once() {
    let found = assert_reads("windows_1252_with_an_odd_amount.csv", &[("Zoé Müller", 110_010, 2)]);
    let [reject] = found.rejects.as_slice() else { panic!("{:?}", found.rejects) };
    assert_eq!(reject.seen, "zwölf Stück");
    assert_eq!(reject.raw, "L2,René Gößwein,2026-04-02,zwölf Stück");
}

#[test]
fn the_cells_of_a_column_and_its_currency_tell_the_decimal_mark() {
    for (file, expected) in [
        ("dots_group_and_no_decimals.csv", [("agus", 850_000, 1), ("sari", 215_000_000, 2)].as_slice()),
        ("dots_group_in_won.csv", &[("joon", 850_000, 1), ("minji", 8_750_000, 2)]),
        ("commas_before_three_decimals.csv", &[("huda", 1575, 2), ("omar", 11_000, 1)]),
        ("marks_between_groups.csv", &[("lou", 204_050, 1), ("max", 8000, 1)]),
    ] {
        let found = assert_reads(file, expected);
        assert_eq!(rejects(&found), [], "{file}");
        assert!(said(&found, "decimal_point_assumed").is_empty(), "{file}");
        assert!(said(&found, "decimal_comma_assumed").is_empty(), "{file}");
    }
}

#[test]
fn a_decimal_mark_that_nothing_tells_is_said_and_can_be_given() {
    let file = "dots_that_tell_nothing.csv";
    let found = assert_reads(file, &[("ann", 1250, 1), ("bob", 325, 1)]);
    assert_eq!(said(&found, "decimal_point_assumed"), [("total", "2")]);
    let given = ReadOptions { decimal: Some(DecimalMark::Comma), ..ReadOptions::default() };
    let found = with(file, &given);
    assert_sums(&found, &[("ann", 1_250_000, 1), ("bob", 325_000, 1)]);
    assert!(said(&found, "decimal_comma_assumed").is_empty());
    // Every command says so, and not only check.
    let (code, stderr) = failure(&["cohort", &path(file)]);
    assert_eq!(code, 0);
    assert!(
        stderr.contains("column total") && stderr.contains("12.500") && stderr.contains("--decimal comma")
    );
}

/// Whole numbers fill more than is looked at to recognise a file; what a point is shows only behind them.
#[test]
fn rows_far_down_tell_the_decimal_mark_too() {
    let head = "order_id,customer_id,created_at,total\n";
    let rows: String = (0..60_000).map(|i| format!("{i},ann,2026-05-02,100\n")).collect();
    let of = |last: &str| {
        let text = format!("{head}{rows}a,bob,2026-05-03,99.500\nb,bob,2026-05-03,{last}\n");
        assert!(text.len() > 1 << 20);
        let input = Input::bytes("late.csv", text.into_bytes());
        ordered(&[input], &ReadOptions::default()).unwrap()
    };
    let million = of("1.250.000");
    assert_sums(&million, &[("ann", 600_000_000, 60_000), ("bob", 134_950_000, 2)]);
    let cents = of("0.25");
    assert_sums(&cents, &[("ann", 600_000_000, 60_000), ("bob", 9975, 2)]);
    let nothing = of("12.000");
    assert_sums(&nothing, &[("ann", 600_000_000, 60_000), ("bob", 11_150_000, 2)]);
    assert_eq!(said(&nothing, "decimal_comma_assumed"), [("total", "2")]);
}

/// Also in a workbook of several sheets, each of which decides for itself.
#[test]
fn rows_far_down_a_sheet_tell_its_decimal_mark() {
    let mut book = rust_xlsxwriter::Workbook::new();
    for (sheet, last) in [("May", "12.50"), ("June", "1.250.000")] {
        let page = book.add_worksheet().set_name(sheet).unwrap();
        let mut write = |row: u32, cells: [&str; 4]| {
            for (column, cell) in (0..).zip(cells) {
                page.write_string(row, column, cell).unwrap();
            }
        };
        write(0, ["order_id", "customer_id", "created_at", "total"]);
        for row in 0..45_000 {
            write(row + 1, [&format!("{sheet}-{row}"), "ann", "2026-05-02", "100"]);
        }
        write(45_001, [&format!("{sheet}-a"), sheet, "2026-05-03", "99.500"]);
        write(45_002, [&format!("{sheet}-b"), sheet, "2026-05-03", last]);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("late.xlsx");
    book.save(&path).unwrap();
    let found = ordered(&[Input::file(&path)], &ReadOptions::default()).unwrap();
    // May: 99.50 + 12.50. June: 99,500 + 1,250,000.
    assert_sums(&found, &[("June", 134_950_000, 2), ("May", 11_200, 2), ("ann", 900_000_000, 90_000)]);
}

#[test]
fn powers_of_ten_are_amounts_and_no_ids() {
    let found = assert_reads("powers_of_ten.csv", &[("ann", 152_500, 2), ("bob", 25, 1)]);
    assert_eq!(rejects(&found), [(4, Reason::RoundedId)]);
    assert_eq!(said(&found, "scientific_amounts"), [("total", "2")]);
}

#[test]
fn amounts_with_marks_of_two_currencies_are_never_added_up() {
    let file = path("two_marks_beside_amounts.csv");
    let error = ordered(&[Input::file(&file)], &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("(EUR, PLN)"), "{error}");
    for asked in ["EUR", "eur", "€"] {
        let options = ReadOptions { currency: Some(asked.to_owned()), ..ReadOptions::default() };
        let found = ordered(&[Input::file(&file)], &options).unwrap();
        // What has no mark is taken for the currency that is wanted.
        assert_sums(&found, &[("eva", 1500, 2), ("tor", 2500, 1)]);
        assert_eq!(found.accounting.excluded.of(Rule::OtherCurrency), 1);
    }
}

#[test]
fn a_currency_is_one_under_all_its_names() {
    assert_reads("one_currency_under_many_names.csv", &[("ann", 3000, 2), ("bob", 7500, 3)]);
    let options = ReadOptions { currency: Some("RMB".to_owned()), ..ReadOptions::default() };
    let found = with("one_currency_under_many_names.csv", &options);
    assert_sums(&found, &[("ann", 3000, 2), ("bob", 7500, 3)]);
}

#[test]
fn days_that_stand_for_none_are_none_and_impossible_ones_are_refused() {
    let file = "days_that_stand_for_none.csv";
    let found = assert_reads(file, &[("ann", 3000, 2), ("bob", 8000, 2)]);
    assert_eq!(rejects(&found), [(5, Reason::MissingDate), (7, Reason::ImpossibleDate)]);
    assert_eq!(said(&found, "placeholder_dates"), [("created_at", "1"), ("paid_at", "3")]);
    assert_eq!(last_days(file, &[]), named(&[("ann", "2026-05-20"), ("bob", "2026-05-22")]));
    let (code, stderr) = failure(&["cohort", &path(file), "--as-of", "9999-12-31"]);
    assert_eq!(code, 2, "{stderr}");
}

#[test]
fn columns_of_dates_that_a_spreadsheet_may_have_turned_are_said() {
    for file in ["half_turned.csv", "half_turned.xlsx"] {
        let found = assert_reads(file, &[("ann", 3000, 2), ("bob", 7000, 2)]);
        assert_eq!(said(&found, "half_turned_dates"), [("created_at", "2")], "{file}");
    }
    let found = assert_reads("two_ways_of_dates.csv", &[("ann", 3000, 2), ("bob", 3000, 1)]);
    assert_eq!(said(&found, "mixed_dates"), [("created_at", "1")]);
    let plain = with("times_of_javascript.csv", &ReadOptions::default());
    assert!(said(&plain, "half_turned_dates").is_empty() && said(&plain, "mixed_dates").is_empty());
}

#[test]
fn days_of_workbooks_count_from_where_the_workbook_says() {
    for file in ["days_from_1904.xlsx", "numbers_of_days_from_1904.xlsx"] {
        assert_reads(file, &[("noa", 5000, 2), ("per", 1000, 1)]);
        assert_eq!(last_days(file, &[]), named(&[("noa", "2026-06-01"), ("per", "2026-06-02")]), "{file}");
    }
    let beyond = assert_reads("day_beyond_all_calendars.xlsx", &[("ann", 1000, 1), ("bob", 700, 1)]);
    assert_eq!(rejects(&beyond), [(3, Reason::BadDate), (4, Reason::BadDate), (5, Reason::MissingDate)]);
}

#[test]
fn times_in_the_forms_of_programs() {
    assert_eq!(
        last_days("times_of_javascript.csv", &[]),
        named(&[("pia", "2026-01-17"), ("quin", "2026-02-03")])
    );
    assert_eq!(
        last_days("microseconds_since_1970.csv", &[]),
        named(&[("ann", "2026-05-02"), ("bob", "2026-05-12")])
    );
    let utc = with("times_in_utc.csv", &ReadOptions::default());
    assert_eq!(said(&utc, "utc_times"), [("created_at", "")]);
    let zone = ReadOptions { zone: Some(chrono_tz::Tz::Europe__Berlin), ..ReadOptions::default() };
    let berlin = with("times_in_utc.csv", &zone);
    assert_eq!(said(&berlin, "utc_times"), []);
}

#[test]
fn files_that_were_put_together_are_read_as_one() {
    for file in ["joined_with_headers.csv", "joined_without_header.csv", "joined_utf16.csv", "joined.csv.gz"]
    {
        let found = assert_reads(file, &[("uma@shop.example", 4000, 2), ("vik@shop.example", 6000, 2)]);
        assert_eq!(rejects(&found), [], "{file}");
        let headers = u64::from(file != "joined_without_header.csv");
        assert_eq!(found.accounting.excluded.of(Rule::RepeatedHeader), headers, "{file}");
        assert_eq!(said(&found, "repeated_headers").len() as u64, headers, "{file}");
    }
}

#[test]
fn optional_cells_that_cannot_be_read_are_counted() {
    let wants = Wants { tables: vec![Table::Customers], details: true, ..Wants::default() };
    let options = ReadOptions { wants, ..ReadOptions::default() };
    let people = read(&[Input::file(path("customers_joined.csv"))], &options).unwrap().in_order().unwrap();
    let customers = people.frames.customers.as_ref().unwrap();
    assert_eq!(customers.codes().len(), 4);
    assert_eq!(customers.table().days("birthday").unwrap().iter().flatten().count(), 2);
    assert_eq!(said(&people, "placeholder_dates"), [("birthday", "1")]);
    assert_eq!(said(&people, "unreadable_cells"), [("birthday", "1")]);
    assert_eq!(people.accounting.excluded.of(Rule::RepeatedHeader), 1);

    let wants = Wants { extras: true, items: true, ..Wants::default() };
    let options = ReadOptions { wants, ..ReadOptions::default() };
    let orders = read(&[Input::file(path("discounts_in_words.csv"))], &options).unwrap().in_order().unwrap();
    assert_eq!(said(&orders, "unreadable_cells"), [("discount_amount", "2"), ("quantity", "1")]);
}

#[test]
fn a_preset_of_orders_needs_days_and_amounts() {
    let (code, stderr) = failure(&["rfm", &path("one_wrong_byte.csv"), "--preset", &path("only_ids.toml")]);
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("only_ids.toml") && stderr.contains("needs a date"), "{stderr}");
}

#[test]
fn records_in_the_forms_of_other_programs() {
    let short = assert_reads("rows_without_their_empty_end.csv", &[("ned", 3000, 2), ("oli", 7000, 2)]);
    // The last line ends in the middle.
    assert_eq!(rejects(&short), [(6, Reason::TooFewCells)]);
    let sql = assert_reads("backslashes_before_quotes.csv", &[("rae", 3000, 2), ("sol", 4900, 2)]);
    assert_eq!(rejects(&sql), [(5, Reason::MissingAmount)]);
    let tabs = assert_reads("line_breaks_between_tabs.tsv", &[("yan", 3000, 1), ("zoe", 3000, 2)]);
    assert_eq!(rejects(&tabs), []);
}

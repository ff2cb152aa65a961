//! Workbooks: every table a sheet whose numbers are those of the commands, and a first sheet that says what they are.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use calamine::{Data, Range, Reader, Xlsx, open_workbook};

use super::common::{failure, run, stdout};

const SHOP: [&str; 5] = [
    "fixtures/shop/orders.csv",
    "fixtures/shop/events.csv",
    "fixtures/shop/customers.csv",
    "fixtures/shop/order_items.csv",
    "fixtures/shop/sends.csv",
];
const AS_OF: [&str; 2] = ["--as-of", "2025-12-20"];

type Book = Xlsx<BufReader<fs::File>>;

/// A folder, and the workbook that a command line makes in it.
struct Made {
    folder: tempfile::TempDir,
    book: Book,
}

impl Made {
    fn of(args: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.xlsx");
        stdout(&[args, &["-o", path.to_str().unwrap()]].concat());
        Self { book: open_workbook(&path).unwrap(), folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("out.xlsx")
    }

    fn sheet(&mut self, name: &str) -> Range<Data> {
        let names = self.book.sheet_names();
        self.book.worksheet_range(name).unwrap_or_else(|_| panic!("no sheet {name:?}: {names:?}"))
    }

    /// A file within the workbook.
    fn part(&self, name: &str) -> String {
        let mut archive = zip::ZipArchive::new(fs::File::open(self.path()).unwrap()).unwrap();
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }
}

fn report(flags: &[&str]) -> Made {
    Made::of(&[&["report"], SHOP.as_slice(), &AS_OF, flags].concat())
}

/// The texts of a row's cells; empty ones are "".
fn texts(row: &[Data]) -> Vec<String> {
    row.iter().map(ToString::to_string).collect()
}

/// A table as CSV: the header, and the rows.
fn csv_of(args: &[&str]) -> (Vec<String>, Vec<Vec<String>>) {
    let text = stdout(&[args, &["--format", "csv"]].concat());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let header = cells(reader.headers().unwrap());
    (header, reader.records().map(|record| cells(&record.unwrap())).collect())
}

/// Whether a cell is what CSV has of the same value: a number a number, a day a day.
fn is_same(cell: &Data, text: &str) -> bool {
    match cell {
        Data::Empty => text.is_empty(),
        Data::Float(number) => {
            text.parse::<f64>().is_ok_and(|of| (of - number).abs() < 1e-9 * of.abs().max(1.0))
        }
        Data::Int(number) => text.parse() == Ok(*number),
        Data::Bool(flag) => text == flag.to_string(),
        Data::DateTime(_) => cell.as_date_of() == text,
        Data::String(words) => words == text,
        other => panic!("{other:?} is no value of ours"),
    }
}

trait AsDate {
    fn as_date_of(&self) -> String;
}

impl AsDate for Data {
    fn as_date_of(&self) -> String {
        use calamine::DataType;
        self.as_date().unwrap().to_string()
    }
}

/// What each command says of the same files, by the sheet it has with `--keys`.
const TABLES: [(&str, &str, &str); 12] = [
    ("overview", "overview", "overview"),
    ("trend", "trend", "trend"),
    ("segment", "segments", "segments"),
    ("migration", "matrix", "matrix"),
    ("repurchase", "rates", "rates"),
    ("repurchase", "gaps", "gaps"),
    ("region", "regions", "regions"),
    ("profile", "hours", "hours"),
    ("value", "classes", "classes"),
    ("products", "products", "products"),
    ("products", "next", "next"),
    ("touchpoints", "channels", "channels"),
];

#[test]
fn every_sheet_has_the_rows_that_its_command_gives() {
    let mut made = report(&["--keys"]);
    for (command, table, sheet) in TABLES {
        let table = if csv_tables(command).len() > 1 { vec!["--table", table] } else { Vec::new() };
        let (header, rows) = csv_of(&[&[command], SHOP.as_slice(), &AS_OF, table.as_slice()].concat());
        let sheet_rows = made.sheet(sheet);
        let mut found = sheet_rows.rows();
        assert_eq!(texts(found.next().unwrap()), header, "{sheet}");
        let found: Vec<&[Data]> = found.collect();
        assert!(!rows.is_empty() && found.len() == rows.len(), "{sheet}");
        for (cells, texts) in found.iter().zip(&rows) {
            for ((cell, text), column) in cells.iter().zip(texts).zip(&header) {
                assert!(is_same(cell, text), "{sheet}.{column}: {cell:?} is not {text:?}");
            }
        }
    }
}

/// The tables of a command's answer, by the names of JSON.
fn csv_tables(command: &str) -> Vec<String> {
    let text = stdout(&[&[command], SHOP.as_slice(), &AS_OF, &["--format", "json"]].concat());
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    answer["tables"].as_object().map(|tables| tables.keys().cloned().collect()).unwrap_or_default()
}

#[test]
fn the_first_sheet_says_what_the_others_are_and_what_they_rest_on() {
    let mut made = report(&["--lang", "zh", "--title", "茶叶店周报"]);
    let front = made.sheet("说明");
    let lines: Vec<Vec<String>> = front.rows().map(texts).collect();
    assert_eq!(lines[0][0], "茶叶店周报");
    let (_, day) = (0..front.height())
        .map(|row| (front.get((row, 0)), front.get((row, 1))))
        .find(|(label, _)| label.is_some_and(|label| *label == Data::String("截至日期".into())))
        .unwrap();
    assert!(matches!(day, Some(Data::DateTime(_))) && day.unwrap().as_date_of() == "2025-12-20", "{day:?}");
    let place =
        |title: &str| lines.iter().position(|line| line[0] == title).unwrap_or_else(|| panic!("{title}"));
    // Every other sheet, in order, with as many rows as it has.
    let names = made.book.sheet_names();
    let listed: Vec<String> = lines[place("工作表目录") + 2..]
        .iter()
        .map(|line| line[0].clone())
        .take_while(|name| !name.is_empty())
        .collect();
    assert_eq!(listed, names[1..]);
    let first = place("工作表目录") + 2;
    for (name, line) in names[1..].iter().zip(&lines[first..]) {
        assert_eq!(line[2], (made.sheet(name).height() - 1).to_string(), "{name}");
        assert!(!line[1].is_empty() && !line[3].is_empty(), "{name}");
    }
    // The rows of the files are those of the outcomes.
    let rows = |from: usize| -> Vec<u64> {
        let lines = lines[from..].iter().take_while(|line| !line[0].is_empty());
        lines.map(|line| line[2].parse().unwrap()).collect()
    };
    let outcomes = rows(place("文件各行的去向") + 2);
    assert_eq!(outcomes[0], outcomes[1..].iter().sum::<u64>());
    let files = rows(place("所读文件") + 2);
    assert_eq!((files.len(), files.iter().sum::<u64>()), (SHOP.len(), outcomes[0]));
    assert!(lines[place("注意事项")..].iter().any(|line| line[1].contains("客户名单不在此工作簿中")));
}

#[test]
fn with_keys_the_first_sheet_has_keys_where_others_have_them() {
    let orders = "fixtures/by_hand/orders.csv";
    let front = |args: &[&str]| -> Vec<Vec<String>> {
        let args = [args, &["--keys", "--lang", "zh"]].concat();
        Made::of(&args).sheet("about").rows().map(texts).collect()
    };
    let place = |lines: &[Vec<String>], name: &str| {
        lines.iter().position(|line| line[0] == name).unwrap_or_else(|| panic!("{name}: {lines:?}"))
    };
    let lines = front(&["segment", orders, "--window", "90"]);
    assert_eq!(lines[0][0], "segment");
    assert_eq!(lines[place(&lines, "window")][1], "90");
    assert_eq!(lines[place(&lines, "sheets") + 2][..2], ["segments", "segments"]);
    assert_eq!(lines[place(&lines, "sheets") + 2][3], "segment");
    let lines = front(&["report", orders, "--sections", "overview,interest"]);
    assert_eq!(lines[0][0], "report");
    assert_eq!(lines[place(&lines, "window")].get(1).map_or("", String::as_str), "");
    assert_eq!(lines[place(&lines, "sheets") + 2][3], "overview");
    assert_eq!(lines[place(&lines, "lacks") + 2][0], "interest");
    // A title of one's own stays.
    let lines = front(&["report", orders, "--sections", "overview", "--title", "周报"]);
    assert_eq!(lines[0][0], "周报");
}

#[test]
fn what_a_part_rests_on_is_said_as_on_the_page_where_it_is_not_what_all_of_it_is() {
    let begin = "This section is about ";
    let mut made = report(&["--lang", "en"]);
    let noted: Vec<String> = made
        .sheet("About")
        .rows()
        .map(texts)
        .filter(|line| line[1].starts_with(begin) && !line[0].is_empty())
        .map(|line| line[1].clone())
        .collect();
    let page = made.folder.path().join("page.html");
    let args =
        [&["report"], SHOP.as_slice(), &AS_OF, &["--lang", "en", "-o", page.to_str().unwrap()]].concat();
    stdout(&args);
    let html = fs::read_to_string(&page).unwrap();
    let said: Vec<String> = html
        .split("<li>")
        .filter(|item| item.starts_with(begin))
        .map(|item| item.split("</li>").next().unwrap().to_owned())
        .collect();
    assert!(!said.is_empty());
    assert_eq!(noted, said);
}

#[test]
fn names_of_sheets_are_such_as_excel_takes_and_not_cut() {
    for lang in ["en", "zh"] {
        let names = report(&["--lang", lang]).book.sheet_names();
        assert!(names.len() > 30, "{names:?}");
        let unique: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(unique.len(), names.len());
        for name in &names {
            assert!(
                name.encode_utf16().count() <= 31
                    && !name.contains(['[', ']', ':', '*', '?', '/', '\\', '…']),
                "{name}"
            );
            assert!(lang == "en" || !name.is_ascii(), "{name}");
        }
    }
}

#[test]
fn what_the_files_do_not_carry_is_said_and_has_no_sheet() {
    let mut made = Made::of(&["overview", "fixtures/by_hand/orders.csv", "--lang", "en"]);
    let front = made.sheet("About");
    let lines: Vec<Vec<String>> = front.rows().map(texts).collect();
    let place = lines.iter().position(|line| line[0] == "What has no sheet").unwrap();
    let lacking: Vec<&str> =
        lines[place + 2..].iter().map(|line| line[0].as_str()).take_while(|name| !name.is_empty()).collect();
    assert!(
        lacking.contains(&"From interest to order") && lacking.contains(&"What campaigns brought"),
        "{lacking:?}"
    );
    assert!(lines[place + 2][1].len() > 20, "{:?}", lines[place + 2]);
    // One table alone, where that is asked for.
    let only = Made::of(&["overview", "fixtures/by_hand/orders.csv", "--table", "overview", "--lang", "en"]);
    assert_eq!(only.book.sheet_names(), ["About", "Key figures"]);
}

/// By hand: the six orders of the shop in `fixtures/by_hand`; Ann's last order was on 2026-03-11.
#[test]
fn cells_are_numbers_days_and_words_with_formats_a_header_that_stays_and_a_filter() {
    let orders = "fixtures/by_hand/orders.csv";
    let mut made = Made::of(&["rfm", orders, "--as-of", "2026-06-10", "--lang", "en"]);
    let sheet = made.sheet("RFM scores");
    let header = texts(sheet.rows().next().unwrap());
    let cell = |column: &str, row: u32| {
        let place =
            header.iter().position(|head| head == column).unwrap_or_else(|| panic!("{column}: {header:?}"));
        sheet.get_value((row, place as u32)).unwrap()
    };
    assert_eq!(*cell("Customer", 1), Data::String("ann".into()));
    assert_eq!(cell("Last order", 1).as_date_of(), "2026-03-11");
    assert_eq!(*cell("Net amount", 1), Data::Float(250.0));
    let xml = made.part("xl/worksheets/sheet2.xml");
    assert!(xml.contains("<pane ySplit=\"1\"") && xml.contains("state=\"frozen\""), "{xml}");
    assert!(xml.contains("<autoFilter ref=\"A1:"), "{xml}");
    assert!(xml.contains("<col min=\"1\""), "{xml}");
    let styles = made.part("xl/styles.xml");
    for format in ["#,##0.00", "yyyy\\-mm\\-dd", "wrapText=\"1\""] {
        assert!(
            styles.contains(&format.replace("\\-", "-")) || styles.contains(format),
            "{format}: {styles}"
        );
    }
    // With keys it is as CSV has it.
    let mut keys = Made::of(&["rfm", orders, "--as-of", "2026-06-10", "--keys"]);
    let sheet = keys.sheet("customers");
    assert_eq!(texts(sheet.rows().next().unwrap())[..3], ["customer_id", "last_ordered_on", "recency_days"]);
}

#[test]
fn heat_maps_are_grids_of_the_same_numbers_on_colours() {
    let mut made = report(&["--lang", "en", "--sections", "hours,cohort"]);
    let map = made.sheet("By weekday and hour (heat map)");
    let rows = made.sheet("By weekday and hour");
    let header = texts(rows.rows().next().unwrap());
    let orders = header.iter().position(|head| head == "Orders").unwrap();
    let sum = |cells: &mut dyn Iterator<Item = &Data>| -> f64 {
        cells.filter_map(calamine::DataType::as_f64).sum()
    };
    let total = sum(&mut rows.rows().skip(1).map(|row| &row[orders]));
    assert!(total > 0.0);
    assert_eq!(sum(&mut map.rows().skip(1).flat_map(|row| &row[1..])), total);
    assert_eq!((map.height(), map.width()), (8, 25));
    let xml: String = (2..=made.book.sheet_names().len())
        .map(|number| made.part(&format!("xl/worksheets/sheet{number}.xml")))
        .collect();
    assert_eq!(xml.matches("<colorScale>").count(), 2);
}

/// Text cells are never formulas, and have no mark in front that nobody wrote.
#[test]
fn texts_run_nothing_and_have_nothing_in_front() {
    let folder = tempfile::tempdir().unwrap();
    let orders = folder.path().join("orders.csv");
    let rows = "1,@SUM(A1),2026-01-01,50\n2,-5 degrees,2026-01-01,40\n3,@home,2026-01-01,30\n";
    fs::write(&orders, format!("order_id,customer_id,ordered_at,paid_amount\n{rows}")).unwrap();
    let mut made = Made::of(&["rfm", orders.to_str().unwrap(), "--show-pii", "--lang", "en"]);
    let sheet = made.sheet("RFM scores");
    let ids: BTreeSet<String> = sheet.rows().skip(1).map(|row| row[0].to_string()).collect();
    assert_eq!(ids, ["-5 degrees", "@SUM(A1)", "@home"].map(str::to_owned).into());
    assert!(!made.part("xl/worksheets/sheet2.xml").contains("<f>"));
    assert!(made.part("xl/styles.xml").contains("quotePrefix=\"1\""));
}

#[test]
fn reports_are_pages_or_workbooks_and_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (code, said) = failure(&["report", SHOP[0], "-o", &path("x.csv"), "--lang", "en"]);
    assert!(
        code == 2 && said.contains("an HTML page or a workbook") && said.contains(".html or .xlsx"),
        "{said}"
    );
    let (code, said) =
        failure(&["report", SHOP[0], "-o", &path("x.xlsx"), "--logo", "README.md", "--lang", "en"]);
    assert!(code == 2 && said.contains("a workbook has no logo"), "{said}");
    let (code, said) = failure(&["report", SHOP[0], "-o", &path("x.html"), "--keys", "--lang", "en"]);
    assert!(code == 2 && said.contains("--keys is for workbooks"), "{said}");
    let (code, said) = failure(&["segment", SHOP[0], "--format", "table", "--keys", "--lang", "en"]);
    assert!(code == 2 && said.contains("--keys is for workbooks"), "{said}");
    assert_eq!(failure(&["report", "no such.csv", "-o", &path("x.xlsx")]).0, 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    // The same inputs give the same bytes, whatever the threads, and a page stays a page.
    let bytes = |threads: &str| {
        let args = [&["report"], SHOP.as_slice(), &["--format", "xlsx", "--threads", threads]].concat();
        run(&args).stdout
    };
    let one = bytes("1");
    assert!(one.starts_with(b"PK") && one == bytes("3"));
    stdout(&["report", SHOP[0], "-o", &path("x.htm")]);
    assert!(fs::read_to_string(Path::new(&path("x.htm"))).unwrap().starts_with("<!DOCTYPE html>"));
}

//! A value that means harm in every column, header and title: no terminal, spreadsheet or reader of Markdown runs it,
//! whatever the question and the format.

use std::fs;
use std::path::Path;

use rayon::prelude::*;

use super::common::ecrm;

/// Drives a terminal, turns the direction of writing, hides, runs in a spreadsheet, and is markup.
const HOSTILE: &str =
    "=1\u{1b}]0;PWN\u{7}\u{9b}31m\u{202e}\u{2066}\u{200b}|<b>`x`[a](https://b.c)&lt;\r\u{85}_x_ ~~y~~";
/// Begins a formula where full-width signs do.
const WIDE: &str = "\u{3000}＝HYPERLINK(\"x\",1)";

const ORDER_COLUMNS: [&str; 17] = [
    "order_id",
    "customer_id",
    "status",
    "paid_at",
    "paid_amount",
    "refund_amount",
    "country",
    "province",
    "city",
    "recipient",
    "phone",
    "source",
    "shop",
    "title",
    "category",
    "coupon_code",
    "note",
];
const CUSTOMER_COLUMNS: [&str; 14] = [
    "customer_id",
    "name",
    "gender",
    "birthday",
    "level",
    "phone",
    "email",
    "wechat",
    "qq",
    "province",
    "city",
    "registered_at",
    "source",
    "own",
];
const EVENT_COLUMNS: [&str; 6] = ["customer_id", "occurred_at", "kind", "product_id", "category", "source"];

/// Honest cells of a row.
fn honest(column: &str, row: usize) -> String {
    let day = row % 28 + 1;
    match column {
        "order_id" => format!("o{row}"),
        "customer_id" => format!("c{}", row % 9),
        "status" => "paid".to_owned(),
        "paid_at" | "registered_at" | "occurred_at" => format!("2026-05-{day:02}"),
        "birthday" => format!("1990-05-{day:02}"),
        "paid_amount" => format!("{}.00", row + 10),
        "refund_amount" => "0".to_owned(),
        "phone" => format!("138001380{row:02}"),
        "email" => format!("c{row}@shop.example"),
        "kind" => "fav_item".to_owned(),
        "country" => "CN".to_owned(),
        "province" => "浙江省".to_owned(),
        "city" => "杭州市".to_owned(),
        other => format!("{other}{}", row % 3),
    }
}

/// A file in which each column has a hostile cell, in a row of its own, for each of two values; rows of the first
/// column belong to somebody with a hostile id who has several.
fn file(columns: &[&str], own_header: &str) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|name| if *name == "own" { own_header } else { name })).unwrap();
    let hostile = [HOSTILE, WIDE];
    for row in 0..columns.len() * 2 + 20 {
        let place = row / 2;
        let cells =
            columns.iter().enumerate().map(|(at, name)| match at == place && row < columns.len() * 2 {
                true => hostile[row % 2].to_owned(),
                false => honest(name, row),
            });
        writer.write_record(cells).unwrap();
    }
    // Some who order and do more than once under a hostile name.
    for row in 0..6 {
        let cells = columns.iter().map(|name| match *name {
            "customer_id" | "title" | "category" | "source" | "product_id" | "level" | "own" => {
                hostile[row % 2].to_owned()
            }
            name => honest(name, 60 + row),
        });
        writer.write_record(cells).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn is_harmful(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Questions about these files, without their format.
fn questions(own_header: &str) -> Vec<Vec<String>> {
    let columns = format!(
        "customer_id,status,name,gender,level,phone,email,wechat,qq,province,city,source,top_category,top_product,\
         next_product,{own_header}"
    );
    let plain = [
        "check",
        "check --table findings",
        "overview",
        "segment --list",
        "rfm --summary",
        "repurchase --by product",
        "repurchase --due",
        "region",
        "profile",
        "products",
        "cohort --by first_product",
        "sources",
        "interest --by source",
        "touchpoints",
        "care",
        "identity --identity all",
        "migration --list",
    ];
    let mut questions: Vec<Vec<String>> =
        plain.iter().map(|of| of.split(' ').map(str::to_owned).collect()).collect();
    questions.push(["customers", "--columns", &columns].map(str::to_owned).to_vec());
    questions.push(["customers", "--columns", &columns, "--show-pii"].map(str::to_owned).to_vec());
    questions.push(["customers", "--explain", HOSTILE].map(str::to_owned).to_vec());
    questions
}

struct Shop {
    folder: tempfile::TempDir,
    own_header: String,
}

impl Shop {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // A comma within conditions and lists of columns would be one of theirs.
        let own_header = HOSTILE.replace(['\r', '\u{85}'], "").trim().to_owned();
        let files = [
            ("orders.csv", &ORDER_COLUMNS[..]),
            ("customers.csv", &CUSTOMER_COLUMNS[..]),
            ("events.csv", &EVENT_COLUMNS[..]),
        ];
        for (name, columns) in files {
            fs::write(folder.path().join(name), file(columns, &own_header)).unwrap();
        }
        let title = r#"\u001b]0;PWN\u0007|\u202e<b>"#;
        let titles = format!(
            "[[rfm.group]]\nkey = \"recent\"\nr = \"4-5\"\nf = \"1-5\"\ntitle = {{ en = \"{title}\", zh = \"{title}\" }}\n\
             [[rfm.group]]\nkey = \"gone\"\nr = \"1-3\"\nf = \"1-5\"\n"
        );
        fs::write(folder.path().join("ecrm.toml"), titles).unwrap();
        Self { folder, own_header }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What a question says in a format: exit code, standard output, standard error.
    fn asked(&self, question: &[String], format: &str) -> (Option<i32>, String, String) {
        let inputs = ["orders.csv", "customers.csv", "events.csv", "--format", format];
        let mut command = ecrm();
        let output = command.current_dir(self.path()).args(question).args(inputs).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }
}

/// Fields of a line of a Markdown table, by the pipes that no backslash stands before.
fn cells_of(line: &str) -> usize {
    let mut is_escaped = false;
    let pipes = line.chars().filter(|c| {
        let counts = *c == '|' && !is_escaped;
        is_escaped = *c == '\\' && !is_escaped;
        counts
    });
    pipes.count()
}

fn assert_markdown(text: &str, what: &str) {
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(!text.contains("| <b>") && !text.replace(r"\<", "").contains("<b>"), "{what}: {text}");
    assert!(
        !text.replace(r"\`", "").contains('`') && !text.replace(r"\[", "").contains('['),
        "{what}: {text}"
    );
    assert!(!text.contains("https://b.c"), "{what}: {text}");
    // Every row of a table has the cells of its header, which is above a line of rules.
    let is_rule =
        |line: Option<&&str>| line.is_some_and(|line| line.starts_with("| :-") || line.starts_with("| --"));
    let mut width = 0;
    for (place, row) in rows.iter().enumerate() {
        width = if is_rule(rows.get(place + 1)) { cells_of(row) } else { width };
        assert!(cells_of(row) == width, "{what}: {row}");
    }
}

fn assert_delimited(text: &str, delimiter: u8, what: &str) {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(text.as_bytes());
    for record in reader.records() {
        let record = record.unwrap_or_else(|error| panic!("{what}: {error}"));
        for cell in &record {
            let bare =
                cell.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{200b}' || c == '\u{feff}');
            let is_number = cell.trim_start_matches('-').parse::<f64>().is_ok();
            let runs = bare.starts_with(['=', '@', '+', '-', '＝', '＋', '－', '＠']) && !is_number;
            assert!(!runs && !cell.starts_with(['\t', '\r', '\n']), "{what}: {cell:?}");
        }
    }
}

#[test]
fn no_column_of_any_answer_is_run_by_whoever_shows_it() {
    let shop = Shop::new();
    let questions = questions(&shop.own_header);
    // How a row is written does not depend on the question: every question is seen in a terminal, where headings and
    // notes are its own, and as Markdown or CSV in turn. What all formats do is seen in those with every column.
    let formats = |place: usize, question: &Vec<String>| match question[0].as_str() {
        "customers" => &["table", "markdown", "csv", "tsv", "json", "jsonl"][..],
        "check" | "segment" => &["table", "markdown", "csv"],
        _ if place.is_multiple_of(2) => &["table", "markdown"],
        _ => &["table", "csv"],
    };
    let each: Vec<(&Vec<String>, &str)> = questions
        .iter()
        .enumerate()
        .flat_map(|(place, question)| formats(place, question).iter().map(move |format| (question, *format)))
        .collect();
    let shown: usize = each
        .into_par_iter()
        .map(|(question, format)| {
            let (code, text, said) = shop.asked(question, format);
            let what = format!("{question:?} {format}");
            assert_eq!(code, Some(0), "{what}: {said}");
            assert!(!said.chars().any(is_harmful), "{what}: {said:?}");
            match format {
                "table" => assert!(!text.chars().any(is_harmful), "{what}: {text:?}"),
                "markdown" => {
                    assert!(!text.chars().any(is_harmful), "{what}: {text:?}");
                    assert_markdown(&text, &what);
                }
                "csv" => assert_delimited(&text, b',', &what),
                "tsv" => assert_delimited(&text, b'\t', &what),
                "json" => drop(serde_json::from_str::<serde_json::Value>(&text).expect(&what)),
                _ => text
                    .lines()
                    .for_each(|line| drop(serde_json::from_str::<serde_json::Value>(line).expect(&what))),
            }
            usize::from(format == "table" && text.contains("PWN"))
        })
        .sum();
    // The values do come through: these are no empty answers.
    assert!(shown > 10, "{shown}");
}

#[test]
fn rows_that_cannot_be_read_are_written_and_said_without_harm() {
    let shop = Shop::new();
    fs::rename(shop.path().join("orders.csv"), shop.path().join("=cmd|'calc'!A0.csv")).unwrap();
    let args = ["rfm", "=cmd|'calc'!A0.csv", "-v", "--rejects", "rejects.csv", "--format", "table"];
    let output = ecrm().current_dir(shop.path()).args(args).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && !said.chars().any(is_harmful), "{said:?}");
    let rejects = fs::read_to_string(shop.path().join("rejects.csv")).unwrap();
    assert_delimited(&rejects, b',', "rejects");
    // Amounts, refunds, days and statuses of both values.
    assert!(rejects.lines().count() > 4 && rejects.contains("'=cmd|"), "{rejects}");
    assert!(rejects.contains("'=1\u{1b}") && rejects.contains("'\u{3000}＝HYPERLINK"), "{rejects}");
}

#[test]
fn the_page_shows_hostile_values_as_text() {
    let shop = Shop::new();
    let args = ["report", "orders.csv", "customers.csv", "events.csv", "-o", "page.html", "--title", HOSTILE];
    let output = ecrm().current_dir(shop.path()).args(args).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && !said.chars().any(is_harmful), "{said:?}");
    let page = fs::read_to_string(shop.path().join("page.html")).unwrap();
    assert!(!page.contains("<b>") && page.contains("PWN"));
    let harmful: Vec<(usize, char)> = page.char_indices().filter(|(_, c)| is_harmful(*c)).collect();
    let around =
        |at: usize| page[..at].chars().rev().take(80).collect::<String>().chars().rev().collect::<String>();
    assert!(harmful.is_empty(), "{:?}", harmful.first().map(|(at, c)| (c, around(*at))));
}

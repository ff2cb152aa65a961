//! Kinds of trouble that real exports have, each in two further forms: other words, another language, another
//! separator, a workbook or Parquet, or the trouble in another column. `fixtures/kinds/expected.toml` says what each
//! file holds.

use std::path::Path;

use serde::Deserialize;

use super::common::{files_in, run};

const FOLDER: &str = "fixtures/kinds";

/// How many kinds there are, each with two forms at least.
const KINDS: usize = 27;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    case: Vec<Case>,
}

/// Files that are asked about together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    files: Vec<String>,
    /// The command with its own flags.
    #[serde(default = "rfm")]
    run: Vec<String>,
    #[serde(default)]
    flags: Vec<String>,
    /// The columns of the answer that are compared.
    #[serde(default = "of_rfm")]
    columns: Vec<String>,
    /// The rows, in whatever order.
    #[serde(default)]
    rows: Vec<String>,
    /// What must be said beside the answer, or in its place.
    #[serde(default)]
    says: Vec<String>,
    #[serde(default)]
    exit: i32,
}

fn rfm() -> Vec<String> {
    vec!["rfm".to_owned()]
}

fn of_rfm() -> Vec<String> {
    ["customer_id", "last_ordered_on", "order_count", "net_amount"].map(str::to_owned).to_vec()
}

fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(Path::new(FOLDER).join("expected.toml")).unwrap();
    toml::from_str::<Expected>(&text).unwrap().case
}

/// What is wrong with the answer to a case.
fn wrong(case: &Case) -> Option<String> {
    let files: Vec<String> = case.files.iter().map(|file| format!("{FOLDER}/{file}")).collect();
    let args = case.run.iter().chain(&files).chain(&case.flags).map(String::as_str);
    let args: Vec<&str> = args.chain(["--format", "csv", "--lang", "en", "--show-pii"]).collect();
    let output = run(&args);
    let said = String::from_utf8(output.stderr).unwrap();
    if output.status.code() != Some(case.exit) {
        return Some(format!("{:?}: {said}", case.files));
    }
    if let Some(words) = case.says.iter().find(|words| !said.contains(words.as_str())) {
        return Some(format!("{:?} does not say {words:?}: {said}", case.files));
    }
    if case.exit != 0 {
        return None;
    }
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    let headers = reader.headers().unwrap().clone();
    let place = |name: &String| headers.iter().position(|header| header == name).unwrap();
    let places: Vec<usize> = case.columns.iter().map(place).collect();
    let cut = |row: csv::StringRecord| places.iter().map(|place| &row[*place]).collect::<Vec<_>>().join(",");
    let mut seen: Vec<String> = reader.records().map(|row| cut(row.unwrap())).collect();
    let mut expected = case.rows.clone();
    seen.sort();
    expected.sort();
    (seen != expected).then(|| format!("{:?}: {seen:?} instead of {expected:?}: {said}", case.files))
}

#[test]
fn every_kind_is_read_rightly_in_other_forms() {
    let wrong: Vec<String> = cases().iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A file that no case names would never be read, and each kind has two.
#[test]
fn every_file_is_in_a_case() {
    let cases = cases();
    let files = files_in(Path::new(FOLDER));
    for file in files.iter().filter(|file| *file != "expected.toml") {
        assert!(cases.iter().any(|case| case.files.contains(file)), "{file}");
    }
    for kind in 1..=KINDS {
        for form in ['a', 'b'] {
            let begins = format!("{kind:02}_{form}_");
            assert!(files.iter().any(|file| file.starts_with(&begins)), "{begins}");
        }
    }
}

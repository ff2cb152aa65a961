//! The script for cron, run as cron runs it.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::common::files_in;

/// A shop's folder with the script, a configuration that names a store, and exports.
fn shop(exports: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::copy("examples/cron.sh", folder.path().join("cron.sh")).unwrap();
    fs::write(folder.path().join("ecrm.toml"), "[inputs]\nstore = \"shop\"\n").unwrap();
    fs::create_dir(folder.path().join("exports")).unwrap();
    for (name, text) in exports {
        fs::write(folder.path().join("exports").join(name), text).unwrap();
    }
    folder
}

/// Whether it succeeded, and what it said on standard error.
fn run(folder: &Path) -> (bool, String) {
    let bin = PathBuf::from(env!("CARGO_BIN_EXE_ecrm"));
    let path = format!("{}:{}", bin.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .arg(folder.join("cron.sh"))
        .env_clear()
        .env("PATH", path)
        .current_dir("/")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

/// The reports, without their days.
fn reports(folder: &Path) -> Vec<String> {
    let is_of_day = |c: char| c.is_ascii_digit() || c == '-';
    files_in(&folder.join("reports")).iter().map(|name| name.replace(is_of_day, "")).collect()
}

const ORDERS: &str =
    "order_id,customer_id,ordered_at,paid_amount\n1,ann,2026-01-01,10\n2,bob,2026-01-02,20\n";
const ALL: [&str; 3] = ["rfm.csv", "segments.json", "segments.xlsx"];

#[test]
fn a_first_morning_makes_the_reports_and_their_folder() {
    let folder = shop(&[("orders.csv", ORDERS)]);
    assert_eq!(run(folder.path()), (true, String::new()));
    assert_eq!(reports(folder.path()), ALL);
    // The same files once more, and no files at all.
    assert_eq!(run(folder.path()), (true, String::new()));
    fs::remove_file(folder.path().join("exports/orders.csv")).unwrap();
    fs::remove_dir_all(folder.path().join("reports")).unwrap();
    assert_eq!(run(folder.path()), (true, String::new()));
    fs::remove_dir(folder.path().join("exports")).unwrap();
    assert_eq!(run(folder.path()), (true, String::new()));
    assert_eq!(reports(folder.path()), ALL);
}

#[test]
fn a_file_of_no_use_is_said_and_stops_nothing() {
    let folder = shop(&[("a note.csv", "dear all,\nthe exports are late today\n"), ("orders.csv", ORDERS)]);
    let (is_success, said) = run(folder.path());
    assert!(is_success, "{said}");
    assert!(said.contains("error: exports/a note.csv: "), "{said}");
    assert!(said.contains("cron.sh: this file was left out: exports/a note.csv"), "{said}");
    assert_eq!(reports(folder.path()), ALL);
    let rfm =
        files_in(&folder.path().join("reports")).into_iter().find(|name| name.starts_with("rfm")).unwrap();
    let rfm = fs::read_to_string(folder.path().join("reports").join(rfm)).unwrap();
    assert_eq!(rfm.lines().count(), 3);
}

#[test]
fn unreadable_rows_are_kept_beside_the_reports() {
    let folder = shop(&[("orders.csv", &format!("{ORDERS}3,cat,no day,5\n"))]);
    assert!(run(folder.path()).0);
    assert_eq!(
        reports(folder.path()),
        ["rejectsorders.csv.csv", "rfm.csv", "segments.json", "segments.xlsx"]
    );
}

#[test]
fn a_failed_report_is_heard_of_and_the_others_are_made() {
    let folder = shop(&[("orders.csv", ORDERS)]);
    assert!(run(folder.path()).0);
    // What stands where the workbook is to be written cannot be replaced.
    let reports_folder = folder.path().join("reports");
    for name in files_in(&reports_folder) {
        fs::remove_file(reports_folder.join(&name)).unwrap();
        if name.ends_with(".xlsx") {
            fs::create_dir(reports_folder.join(name)).unwrap();
        }
    }
    let (is_success, said) = run(folder.path());
    assert!(!is_success);
    assert!(said.contains("this is a directory"), "{said}");
    assert!(said.contains("cron.sh: this report failed: ecrm segment"), "{said}");
    assert_eq!(reports(folder.path()), ["rfm.csv", "segments.xlsx"]);
}

#[test]
fn without_a_store_and_exports_the_failure_is_heard_of() {
    let folder = shop(&[]);
    let (is_success, said) = run(folder.path());
    assert!(!is_success && said.matches("cron.sh: this report failed").count() == 2, "{said}");
}

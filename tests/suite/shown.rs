//! What people are shown: personal data masked, nobody taken for another, and nothing that drives a terminal.

use std::fs;
use std::path::{Path, PathBuf};

use calamine::{Data, Reader, Xlsx, open_workbook};

use super::common::{ecrm, run, stdout};

const HEADER: &str = "order_id,customer_id,ordered_at,paid_amount";

fn export(folder: &Path, name: &str, rows: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, format!("{HEADER}\n{rows}")).unwrap();
    path
}

/// Buyers whose ids are phone numbers, of which two look alike when masked, an e-mail address, an id card and a plain
/// id.
const PEOPLE: &str = "1,13800138000,2026-01-01,50\n2,13811118000,2026-01-01,40\n3,ann.lee@example.com,2026-01-01,30\n\
    4,11010519491231002X,2026-01-01,20\n5,C-17,2026-01-01,10\n";
const IN_FULL: [&str; 4] = ["13800138000", "13811118000", "ann.lee@example.com", "11010519491231002X"];

#[test]
fn phones_as_customer_ids_are_masked_and_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = export(folder.path(), "orders.csv", PEOPLE);
    let path = path.to_str().unwrap();
    for format in ["table", "markdown"] {
        let text = stdout(&["rfm", path, "--format", format]);
        for shown in ["138****8000 ", "138****8000#2", "a***ee@example.com", "110**********1002X", "C-17"] {
            assert!(text.contains(shown), "{format} {shown}: {text}");
        }
        assert!(IN_FULL.iter().all(|id| !text.contains(id)), "{format}: {text}");
        assert_eq!(text.matches("Personal data are masked; --show-pii shows them.").count(), 1, "{text}");
        let text = stdout(&["rfm", path, "--format", format, "--lang", "zh"]);
        assert!(text.contains("个人信息已打码；加 --show-pii 可看完整内容。"), "{text}");
        let text = stdout(&["rfm", path, "--format", format, "--show-pii"]);
        assert!(IN_FULL.iter().all(|id| text.contains(id)), "{format}: {text}");
        assert!(!text.contains("--show-pii") && !text.contains('#') || format == "markdown", "{text}");
    }
    for format in ["csv", "tsv", "json", "jsonl"] {
        let text = stdout(&["rfm", path, "--format", format]);
        assert!(IN_FULL.iter().all(|id| text.contains(id)), "{format}: {text}");
    }
}

#[test]
fn a_narrow_terminal_still_tells_people_apart() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "1,someone@a-long-domain.example,2026-01-01,50\n2,so.many.more.ne@a-long-domain.example,2026-01-01,40\n";
    let path = export(folder.path(), "orders.csv", rows);
    let args = ["rfm", path.to_str().unwrap(), "--format", "table"];
    let text = String::from_utf8(ecrm().env("COLUMNS", "60").args(args).output().unwrap().stdout).unwrap();
    let ids: Vec<&str> = text.lines().filter(|line| line.starts_with("s***ne@")).collect();
    assert!(ids.len() == 2 && ids[0].contains('…') && ids[1].contains("…#2 "), "{text}");
}

#[test]
fn workbooks_are_for_people_and_masked() {
    let folder = tempfile::tempdir().unwrap();
    let path = export(folder.path(), "orders.csv", PEOPLE);
    let out = folder.path().join("out.xlsx");
    let ids = |more: &[&str]| -> Vec<String> {
        stdout(&[&["rfm", path.to_str().unwrap(), "-o", out.to_str().unwrap()], more].concat());
        let mut book: Xlsx<_> = open_workbook(&out).unwrap();
        let sheet = book.worksheet_range("RFM scores").unwrap();
        let id = |row: &[Data]| row[0].to_string();
        sheet.rows().skip(1).map(id).collect()
    };
    let masked = ["138****8000", "138****8000#2", "a***ee@example.com", "110**********1002X", "C-17"];
    assert_eq!(ids(&[]), masked);
    assert_eq!(ids(&["--show-pii"]), [IN_FULL.as_slice(), &["C-17"]].concat());
}

#[test]
fn a_table_that_masks_nothing_has_no_footnote() {
    let text = stdout(&["rfm", "fixtures/by_hand/orders.csv", "--format", "table"]);
    assert!(!text.contains("--show-pii"), "{text}");
}

/// Rows of which a cell that cannot be read holds what identifies somebody.
const UNREADABLE: &str = "1,ann,2026-01-01,50\n2,bob,13912345678,40\n3,cat,cat@example.com,30\n4,dan,110105194912310021,20\n\
    5,eve,11010519491231002X,20\n";

#[test]
fn notes_and_errors_show_nobodys_number() {
    let folder = tempfile::tempdir().unwrap();
    let path = export(folder.path(), "orders.csv", UNREADABLE);
    let path = path.to_str().unwrap();
    let said = |args: &[&str]| {
        let output = run(&[&["rfm", path, "--format", "csv"], args].concat());
        String::from_utf8(output.stderr).unwrap()
    };
    let personal = ["13912345678", "cat@example.com", "11010519491231002X"];
    let text = said(&["-v"]);
    assert!(personal.iter().all(|of| !text.contains(of)), "{text}");
    for shown in ["139****5678", "c***@example.com", "110105194912310021", "110**********1002X"] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    let text = said(&["--strict"]);
    assert!(
        text.contains("error: ") && text.contains("139****5678") && !text.contains("13912345678"),
        "{text}"
    );
    let text = said(&["-v", "--show-pii"]);
    assert!(personal.iter().all(|of| text.contains(of)), "{text}");
    // The file of rejects is for mending them.
    let rejects = folder.path().join("rejects.csv");
    stdout(&["rfm", path, "--rejects", rejects.to_str().unwrap(), "-q"]);
    assert!(fs::read_to_string(rejects).unwrap().contains("13912345678"));
}

#[test]
fn the_tables_of_check_show_nobodys_number() {
    let folder = tempfile::tempdir().unwrap();
    let path = export(folder.path(), "orders.csv", UNREADABLE);
    let path = path.to_str().unwrap();
    for format in ["table", "markdown"] {
        let text = String::from_utf8(run(&["check", path, "--format", format]).stdout).unwrap();
        assert!(text.contains("139****5678") && !text.contains("13912345678"), "{text}");
        assert!(text.contains("--show-pii shows them"), "{text}");
        let text = String::from_utf8(run(&["check", path, "--format", format, "--show-pii"]).stdout).unwrap();
        assert!(text.contains("13912345678"), "{text}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_said_in_the_language_of_the_table() {
    let said = |more: &[&str]| {
        let args = [&["check", "no-such-file.csv", "--table", "findings", "--format", "csv"], more].concat();
        String::from_utf8(run(&args).stdout).unwrap()
    };
    assert!(
        said(&[]).contains("no-such-file.csv: no such file. check the name and the folder."),
        "{}",
        said(&[])
    );
    assert!(!said(&["--lang", "zh"]).contains('\u{1f}'));
}

/// Drives a terminal, hides, turns the direction, or begins a line of its own.
fn is_harmful(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{200b}' | '\u{feff}' | '\u{2066}' | '\u{9b}')
}

const NASTY: &str = "\u{1b}]0;PWN\u{7}\u{9b}31m\u{202e}\u{200b}\u{feff}";

fn harmless_run(args: &[&str]) -> String {
    let output = run(args);
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(!text.chars().any(is_harmful), "{args:?}: {text:?}");
    text
}

#[cfg(unix)]
#[test]
fn names_headers_and_cells_cannot_drive_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let name = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let orders = name(&format!("o{NASTY}\nerror: forged.csv"));
    let rows = format!(
        "order_id,customer_id,ordered_at,paid_amount,{NASTY}\n1,{NASTY}ann,2026-01-01,50,x\n2,bob,{NASTY},5,x\n3,cat\n"
    );
    fs::write(&orders, rows).unwrap();
    let unknown = name("unknown.csv");
    fs::write(&unknown, format!("{NASTY}foo,{NASTY}bar\n1,2\n")).unwrap();
    let store = name("store");

    let text = harmless_run(&["rfm", &orders, "--format", "table", "-v"]);
    assert!(text.contains(r"\u{1b}]0;PWN\u{7}\u{9b}31m\u{202e}\u{200b}\u{feff}ann"), "{text}");
    assert!(text.contains(r"\nerror: forged.csv"), "{text}");
    for args in [
        vec!["check", &orders, "--format", "table"],
        vec!["check", &unknown, "--format", "table"],
        vec!["check", &orders, "--format", "markdown"],
        vec!["rfm", &orders, "--format", "markdown"],
        vec!["rfm", &orders, "--strict", "-q"],
        vec!["rfm", &orders, "--lang", "zh", "--format", "table", "-v"],
        vec!["rfm", &unknown],
        vec!["rfm", &orders, &unknown, "-v"],
        vec!["rfm", &name(&format!("none{NASTY}\n.csv"))],
        vec!["rfm", &name(&format!("none{NASTY}*.csv"))],
        vec!["rfm", &orders, "-o", &name(&format!("no{NASTY}/x.csv"))],
        vec!["rfm", &orders, "-o", &orders],
        vec!["rfm", &orders, "--config", &name(&format!("c{NASTY}"))],
        vec!["rfm", &orders, "--tz", NASTY],
        vec!["rfm", &orders, "--map", &format!("customer_id={NASTY}x")],
        vec!["init", &orders, "-o", &name("ecrm.toml")],
        vec!["import", &orders, "--store", &store],
        vec!["store", "info", &store],
        vec!["import", &unknown, "--store", &store],
        vec!["store", "forget", NASTY, &store],
        vec!["define", NASTY],
    ] {
        let text = harmless_run(&args);
        assert!(!text.lines().any(|line| line.starts_with("error: forged")), "{args:?}: {text}");
    }
}

#[test]
fn arguments_that_are_echoed_cannot_drive_a_terminal() {
    for args in [
        vec!["rfm", "x.csv", "--window", NASTY],
        vec!["rfm", "x.csv", "--as-of", NASTY],
        vec!["rfm", "x.csv", "--format", NASTY],
        vec!["rfm", "x.csv", NASTY, "--map", NASTY],
        vec![NASTY],
        vec!["rfm", &format!("--{NASTY}")],
        vec!["--threads", NASTY, "rfm"],
    ] {
        let text = harmless_run(&args);
        assert!(text.contains(r"\u{1b}]0;PWN\u{7}"), "{args:?}: {text}");
        assert_eq!(run(&args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn help_and_version_are_printed_as_ever() {
    let output = ecrm().arg("--version").output().unwrap();
    assert!(output.status.success() && output.stdout.starts_with(b"ecrm ") && output.stderr.is_empty());
    let output = ecrm().args(["rfm", "--help"]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    assert_eq!(ecrm().output().unwrap().status.code(), Some(2));
}

/// Of an interval both ends have room, or neither: one alone says nothing.
#[test]
fn a_narrow_terminal_shows_both_ends_of_an_interval_or_none() {
    let args = ["predict", "fixtures/shop/orders.csv", "--table", "summary", "--format", "table", "-q"];
    let mut seen = [false; 2];
    for width in (40..=140).step_by(10) {
        let output = ecrm().env("COLUMNS", width.to_string()).args(args).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let header = text.lines().find(|line| line.contains("Within days")).expect("a header");
        for ends in [["Orders from", "Orders to"], ["Spend from", "Spend to"]] {
            let [low, high] = ends.map(|end| header.contains(end));
            assert_eq!(low, high, "{width}: {text}");
            seen[usize::from(low)] = true;
        }
    }
    assert_eq!(seen, [true; 2]);
}

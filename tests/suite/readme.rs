//! The README's commands that write files, run as they stand, in a folder of their own.

#![cfg(unix)]

use std::process::Command;

use super::common::ecrm;

/// The lines of a file's block below a marker.
fn block(file: &str, marker: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(file).unwrap();
    let (_, rest) = readme.split_once(&format!("<!-- {marker} -->\n```sh\n")).expect(marker);
    let (block, _) = rest.split_once("\n```").expect("an end");
    block.lines().map(str::to_owned).collect()
}

/// Runs the block below a marker line by line in a folder of its own; each line says something.
fn run_block(marker: &str) -> tempfile::TempDir {
    run_block_of("README.md", marker)
}

fn run_block_of(file: &str, marker: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = std::fs::canonicalize("fixtures").unwrap();
    std::os::unix::fs::symlink(fixtures, folder.path().join("fixtures")).unwrap();
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_ecrm")).parent().unwrap().to_owned();
    let path = std::env::join_paths(
        [bin].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let path = path.unwrap();
    let lines = block(file, marker);
    assert!(lines.len() > 2, "{marker}");
    for line in lines {
        let output = Command::new("sh")
            .args(["-e", "-c", &line])
            .current_dir(folder.path())
            .env("PATH", &path)
            .env("LANG", "en_US.UTF-8")
            .output()
            .unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{line}: {err}");
        assert!(!out.is_empty(), "{line}");
    }
    folder
}

#[test]
fn the_store_commands_work_one_after_the_other() {
    let folder = run_block("store-commands");
    let gone = ecrm().args(["rfm", "shop", "-q"]).current_dir(folder.path()).output().unwrap();
    assert!(!String::from_utf8_lossy(&gone.stdout).contains("u000160@shop.example"));
}

#[test]
fn the_report_commands_work_one_after_the_other() {
    for (file, words) in [("README.md", "Lifecycle segments"), ("README.zh.md", "生命周期分层")] {
        let folder = run_block_of(file, "report-commands");
        let page = std::fs::read_to_string(folder.path().join("short.html")).unwrap();
        assert!(page.contains(words) && page.ends_with("</html>"), "{file}");
        let weekly = std::fs::read_to_string(folder.path().join("weekly.html")).unwrap();
        assert!(weekly.contains("<h1>茶叶店经营周报</h1>") && weekly.contains("lang=\"zh-Hans\""), "{file}");
    }
}

#[test]
fn the_workbook_commands_work_one_after_the_other() {
    for file in ["README.md", "README.zh.md"] {
        let folder = run_block_of(file, "workbook-commands");
        for name in ["report.xlsx", "周报.xlsx", "segments.xlsx"] {
            assert!(std::fs::read(folder.path().join(name)).unwrap().starts_with(b"PK"), "{file}: {name}");
        }
    }
}

#[test]
fn the_identity_commands_work_one_after_the_other() {
    let folder = run_block("identity-commands");
    let kept = std::fs::read_to_string(folder.path().join("identities.csv")).unwrap();
    let rows: Vec<&str> = kept.lines().skip(1).map(|row| row.rsplit_once(",20").unwrap().0).collect();
    assert_eq!(rows, ["shop_ann,mini_ann,not_same", "shop_ann,old_ann,same"]);
}

#[test]
fn the_tag_commands_work_one_after_the_other() {
    let folder = run_block("tag-commands");
    let tags = std::fs::read_to_string(folder.path().join("tags.csv")).unwrap();
    // By DuckDB 42 customers of the fixture have five orders or more.
    assert_eq!(tags.lines().filter(|line| line.starts_with("regular,")).count(), 42);
    assert!(
        tags.ends_with(",wholesale\n") && tags.contains("\nfriends,u000160@shop.example,manual,"),
        "{tags}"
    );
}

#[test]
fn the_source_commands_work_one_after_the_other() {
    let folder = run_block("source-commands");
    let corrections = std::fs::read_to_string(folder.path().join("source_corrections.csv")).unwrap();
    let expected = "\u{feff}customer_id,source,corrected_on,reason\nu000160@shop.example,douyin,";
    assert!(corrections.starts_with(expected), "{corrections}");
    assert_eq!(corrections.lines().count(), 2);
}

#[test]
fn the_note_commands_work_one_after_the_other() {
    let folder = run_block("note-commands");
    let notes = std::fs::read_to_string(folder.path().join("notes.csv")).unwrap();
    assert_eq!(notes, "\u{feff}customer_id,noted_on,note\n");
}

#[test]
fn the_audience_commands_work_one_after_the_other() {
    let folder = run_block("audience-commands");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    // c01 is the best customer whom the message may reach; c03 is held out.
    assert!(read("june.csv").starts_with("customer_id,contact,channel\nc01,13800000001,sms\n"));
    assert!(read("log.csv").contains("june,c03,2026-06-30,sms,control,,\n"));
}

#[test]
fn the_care_commands_work_one_after_the_other() {
    let folder = run_block("care-commands");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("today.csv").contains("unpaid_first,c01,2026-06-10,"), "{}", read("today.csv"));
    assert!(read("log.csv").contains("care:unpaid_first,c01,2026-06-10,sms,treatment,o01,13800000001\n"));
}

/// By DuckDB over the log and the orders: of 91 who were sent something five bought within the 60 days, for 905.40, and of
/// 44 who were held out nobody.
#[test]
fn six_commands_lead_from_exports_to_a_measured_campaign_in_both_languages() {
    for file in ["README.md", "README.zh.md"] {
        let folder = run_block_of(file, "campaign-walk");
        assert_eq!(block(file, "campaign-walk").len(), 6);
        let measured = std::fs::read_to_string(folder.path().join("measured.csv")).unwrap();
        let arms: Vec<String> = csv::Reader::from_reader(measured.as_bytes())
            .deserialize::<std::collections::HashMap<String, String>>()
            .map(|row| {
                let row = row.unwrap();
                ["arm", "customer_count", "buyer_count", "order_count", "net_amount"]
                    .map(|key| &*row[key])
                    .join(" ")
            })
            .collect();
        assert_eq!(arms, ["treatment 91 5 5 905.40", "control 44 0 0 0.00"], "{file}");
    }
}

/// By DuckDB 65 customers of the fixture moved in the month up to the last day, those included who are new.
#[test]
fn the_commands_of_movements_work_in_chinese() {
    let folder = run_block_of("README.zh.md", "moves");
    let moved = std::fs::read_to_string(folder.path().join("moved.csv")).unwrap();
    assert_eq!(moved.lines().count(), 1 + 65);
}

/// By the lists: whoever is due, and a page.
#[test]
fn the_first_steps_work_in_chinese() {
    let folder = run_block_of("README.zh.md", "first-steps");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("today.csv").starts_with("task,customer_id,due_on,"), "{}", read("today.csv"));
    assert!(read("due.csv").starts_with("customer_id,last_ordered_on,"));
    assert!(read("boss.html").starts_with("<!DOCTYPE html><html lang=\"zh"));
}

#[test]
fn the_forecasts_work_in_chinese() {
    run_block_of("README.zh.md", "forecast");
    assert_eq!(block("README.zh.md", "forecast").len(), 3);
}

//! The README's commands that write files, run as they stand, in a folder of their own.

#![cfg(unix)]

use std::process::Command;
use std::sync::LazyLock;

use regex::Regex;

use super::common::ecrm;

/// The lines of a file's block below a marker.
fn block(file: &str, marker: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(file).unwrap();
    let (_, rest) = readme.split_once(&format!("<!-- {marker} -->\n```sh\n")).expect(marker);
    let (block, _) = rest.split_once("\n```").expect("an end");
    block.lines().map(str::to_owned).collect()
}

/// The same text in two languages.
const READMES: [&str; 2] = ["README.md", "README.zh.md"];

/// Runs a block of both READMEs, and looks at what each leaves behind.
fn run_both(marker: &str, look: impl Fn(&tempfile::TempDir, &str)) {
    for file in READMES {
        look(&run_block_of(file, marker), file);
    }
}

/// Runs the block below a marker line by line in a folder of its own; each line says something.
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

/// A block of a README that is run: a marked one, or one that shows what comes out.
#[derive(Debug, PartialEq)]
struct Block {
    marker: String,
    commands: Vec<String>,
}

/// The blocks that are run, in order, without the one difference that the languages may have: `--lang`, which says in
/// which of them the answer is.
fn blocks_to_run(file: &str) -> Vec<Block> {
    static LANG: LazyLock<Regex> = LazyLock::new(|| Regex::new(" --lang (en|zh)").unwrap());
    let readme = std::fs::read_to_string(file).unwrap();
    let mut blocks: Vec<Block> = Vec::new();
    let (mut fence, mut before) = (None, "");
    for line in readme.lines() {
        match (fence, line.strip_prefix("```")) {
            (None, Some(kind)) => {
                fence = Some(kind);
                let marker = before.strip_prefix("<!-- ").and_then(|text| text.strip_suffix(" -->"));
                let marker = if kind == "console" { Some("console") } else { marker };
                blocks.push(Block { marker: marker.unwrap_or_default().to_owned(), commands: Vec::new() });
            }
            (Some(_), Some(_)) => fence = None,
            (Some(kind), None) => {
                let command = if kind == "console" { line.strip_prefix("$ ") } else { Some(line) };
                let command = command.map(|command| LANG.replace_all(command, "").into_owned());
                blocks.last_mut().unwrap().commands.extend(command);
            }
            (None, None) => {}
        }
        before = line;
    }
    blocks.retain(|block| !block.marker.is_empty());
    blocks
}

#[test]
fn both_readmes_run_the_same_commands_in_the_same_order() {
    let [english, chinese] = READMES.map(blocks_to_run);
    assert!(english.len() > 30 && english.iter().all(|block| !block.commands.is_empty()), "{english:?}");
    for (english, chinese) in english.iter().zip(&chinese) {
        assert_eq!(english, chinese);
    }
    assert_eq!(english.len(), chinese.len());
}

/// What a command says in Chinese is in Chinese, so that no `--lang zh` was forgotten.
#[test]
fn each_command_of_the_chinese_readme_answers_in_chinese() {
    let readme = std::fs::read_to_string("README.zh.md").unwrap();
    let mut fence = "";
    let mut commands = Vec::new();
    for line in readme.lines() {
        if let Some(kind) = line.strip_prefix("```") {
            fence = kind;
        }
        commands.extend(match fence {
            "console" => line.strip_prefix("$ "),
            "sh" => Some(line).filter(|line| line.starts_with("ecrm ")),
            _ => None,
        });
    }
    assert!(commands.len() > 60, "{commands:#?}");
    let english: Vec<&str> = commands.into_iter().filter(|command| !command.contains(" --lang zh")).collect();
    assert!(english.is_empty(), "{english:#?}");
}

#[test]
fn the_store_commands_work_one_after_the_other() {
    run_both("store-commands", |folder, file| {
        let left = ecrm().args(["rfm", "shop", "-q"]).current_dir(folder.path()).output().unwrap();
        let left = String::from_utf8_lossy(&left.stdout);
        assert!(left.contains("u000170@shop.example") && !left.contains("u000160@shop.example"), "{file}");
    });
}

#[test]
fn the_export_commands_work_one_after_the_other() {
    run_both("export-commands", |folder, file| {
        let tables = super::common::files_in(&folder.path().join("tables"));
        assert_eq!(tables.len(), 7, "{file}: {tables:?}");
    });
}

#[test]
fn the_report_commands_work_one_after_the_other() {
    run_both("report-commands", |folder, file| {
        let words = if file == READMES[0] { "Lifecycle segments" } else { "生命周期分层" };
        let page = std::fs::read_to_string(folder.path().join("short.html")).unwrap();
        assert!(page.contains(words) && page.ends_with("</html>"), "{file}");
        let weekly = std::fs::read_to_string(folder.path().join("weekly.html")).unwrap();
        assert!(weekly.contains("<h1>茶叶店经营周报</h1>") && weekly.contains("lang=\"zh-Hans\""), "{file}");
    });
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
    run_both("identity-commands", |folder, file| {
        let kept = std::fs::read_to_string(folder.path().join("identities.csv")).unwrap();
        let rows: Vec<&str> = kept.lines().skip(1).map(|row| row.rsplit_once(",20").unwrap().0).collect();
        assert_eq!(rows, ["shop_ann,mini_ann,not_same", "shop_ann,old_ann,same"], "{file}");
    });
}

#[test]
fn the_tag_commands_work_one_after_the_other() {
    run_both("tag-commands", |folder, file| {
        let tags = std::fs::read_to_string(folder.path().join("tags.csv")).unwrap();
        // By DuckDB 42 customers of the fixture have five orders or more.
        assert_eq!(tags.lines().filter(|line| line.starts_with("regular,")).count(), 42, "{file}");
        assert!(
            tags.ends_with(",wholesale\n") && tags.contains("\nfriends,u000160@shop.example,manual,"),
            "{file}: {tags}"
        );
    });
}

#[test]
fn the_source_commands_work_one_after_the_other() {
    run_both("source-commands", |folder, file| {
        let corrections = std::fs::read_to_string(folder.path().join("source_corrections.csv")).unwrap();
        let expected = "\u{feff}customer_id,source,corrected_on,reason\nu000160@shop.example,douyin,";
        assert!(corrections.starts_with(expected), "{file}: {corrections}");
        assert_eq!(corrections.lines().count(), 2, "{file}");
    });
}

#[test]
fn the_note_commands_work_one_after_the_other() {
    run_both("note-commands", |folder, file| {
        let notes = std::fs::read_to_string(folder.path().join("notes.csv")).unwrap();
        assert_eq!(notes, "\u{feff}customer_id,noted_on,note\n", "{file}");
    });
}

#[test]
fn the_audience_commands_work_one_after_the_other() {
    run_both("audience-commands", |folder, file| {
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        // c01 is the best customer whom the message may reach; c03 is held out.
        assert!(read("june.csv").starts_with("customer_id,contact,channel\nc01,13800000001,sms\n"), "{file}");
        assert!(read("log.csv").contains("june,c03,2026-06-30,sms,control,,\n"), "{file}");
    });
}

#[test]
fn the_care_commands_work_one_after_the_other() {
    run_both("care-commands", |folder, file| {
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(read("today.csv").contains("unpaid_first,c01,2026-06-10,"), "{file}: {}", read("today.csv"));
        let logged = "care:unpaid_first,c01,2026-06-10,sms,treatment,o01,13800000001\n";
        assert!(read("log.csv").contains(logged), "{file}");
    });
}

/// By DuckDB over the log and the orders: of 91 who were sent something five bought within the 60 days, for 905.40, and
/// of 44 who were held out nobody.
#[test]
fn six_commands_lead_from_exports_to_a_measured_campaign_in_both_languages() {
    run_both("campaign-walk", |folder, file| {
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
    });
}

/// By DuckDB 65 customers of the fixture moved in the month up to the last day, those included who are new.
#[test]
fn the_customers_who_moved_are_listed() {
    let moved =
        super::common::stdout(&["migration", "fixtures/shop/orders.csv", "--list", "--format", "csv"]);
    assert_eq!(moved.lines().count(), 1 + 65);
}

/// By the lists: whoever is due, and a page.
#[test]
fn the_first_steps_give_lists_and_a_page() {
    run_both("first-steps", |folder, file| {
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(read("today.csv").starts_with("task,customer_id,due_on,"), "{file}: {}", read("today.csv"));
        assert!(read("due.csv").starts_with("customer_id,last_ordered_on,"), "{file}");
        let page = if file == READMES[0] {
            "<!DOCTYPE html><html lang=\"en"
        } else {
            "<!DOCTYPE html><html lang=\"zh"
        };
        assert!(read("boss.html").starts_with(page), "{file}");
    });
}

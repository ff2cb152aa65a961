//! `ecrm FILES` without a command, and help in both languages.

use std::fs;

use super::common::{ecrm, failure, run, stdout};

const ORDERS: &str = "fixtures/by_hand/orders.csv";

fn rows(args: &[&str]) -> serde_json::Value {
    serde_json::from_str(&stdout(args)).unwrap()
}

/// By hand: on 2026-06-10 Ann (250 of 460, last ordered on 03-11) and Cat (150, on 03-01) are silent for 91 and 101
/// days, Bob (60, on 03-31) for 71; Cat alone of the three ordered once.
#[test]
fn a_first_look_says_what_the_files_are_who_the_customers_are_and_what_to_type_next() {
    let look = rows(&[ORDERS, "--as-of", "2026-06-10", "--format", "json", "-q"]);
    assert_eq!(look["report"], "first_look");
    let table = |name: &str| look["tables"][name].as_array().unwrap().clone();
    assert_eq!(table("files")[0]["table"], "orders");
    assert_eq!(table("files")[0]["rows_read"], 8);
    let segments = rows(&["segment", ORDERS, "--as-of", "2026-06-10", "--format", "json", "-q"]);
    assert_eq!(&look["tables"]["segments"], &segments["rows"]);
    let said: Vec<String> =
        table("stands_out").iter().map(|row| row["explanation"].as_str().unwrap().to_owned()).collect();
    assert!(said.contains(&"33 % of 3 buyers have ordered once".to_owned()), "{said:?}");
    assert!(
        said.contains(
            &"2 buyers have not ordered for more than 90 days; 87 % of the net amount came from them"
                .to_owned()
        ),
        "{said:?}"
    );
    let next: Vec<String> =
        table("next").iter().map(|row| row["command"].as_str().unwrap().to_owned()).collect();
    assert_eq!(next.len(), 3, "{next:?}");
    // Each can be typed as it stands.
    let folder = tempfile::tempdir().unwrap();
    for command in &next {
        let script = command.replacen("ecrm ", &format!("{} ", env!("CARGO_BIN_EXE_ecrm")), 1);
        let script = script.replace(ORDERS, fs::canonicalize(ORDERS).unwrap().to_str().unwrap());
        let status =
            std::process::Command::new("sh").arg("-c").arg(&script).current_dir(&folder).output().unwrap();
        assert!(status.status.success(), "{command}: {}", String::from_utf8_lossy(&status.stderr));
    }
}

#[test]
fn a_folder_is_looked_at_without_what_is_no_export() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(ORDERS, folder.path().join("orders.csv")).unwrap();
    fs::copy("fixtures/by_hand/customers.csv", folder.path().join("my customers.csv")).unwrap();
    fs::write(folder.path().join("read me.txt"), "nothing to see here\n").unwrap();
    fs::write(folder.path().join(".hidden.csv"), "a\n").unwrap();
    fs::create_dir(folder.path().join("within")).unwrap();
    let path = folder.path().to_str().unwrap();
    let output = run(&[path, "--format", "json"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.success() && said.contains("read me.txt is no export that ecrm knows, and is left out"),
        "{said}"
    );
    let look: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let files: Vec<&str> = look["tables"]["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["table"].as_str().unwrap())
        .collect();
    assert_eq!(files, ["customers", "orders"]);
    let command = look["tables"]["next"][0]["command"].as_str().unwrap();
    assert!(command.contains(&format!("'{path}/my customers.csv' {path}/orders.csv")), "{command}");
    // A file that is named must be one.
    let (code, text) = failure(&[&format!("{path}/read me.txt"), ORDERS]);
    assert!(code == 1 && text.contains("read me.txt"), "{text}");
    let (code, text) = failure(&[folder.path().join("within").to_str().unwrap()]);
    assert!(code == 1 && text.contains("no file in this folder"), "{text}");
}

#[test]
fn files_that_are_all_of_a_folder_are_typed_by_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let header = "order_id,customer_id,status,created_at,paid_amount\n";
    let files: Vec<String> = (1..=7)
        .map(|n| {
            let file = format!("{path}/{n}.csv");
            fs::write(&file, format!("{header}o{n},c{n},paid,2026-03-0{n},10\n")).unwrap();
            file
        })
        .collect();
    fs::write(folder.path().join(".hidden.csv"), "a\n").unwrap();
    let next = |files: &[&str]| {
        let look = rows(&[files, &["--format", "json", "-q"]].concat());
        look["tables"]["next"][0]["command"].as_str().unwrap().to_owned()
    };
    let all: Vec<&str> = files.iter().map(String::as_str).collect();
    let whole = format!("ecrm segment {path}/* --list");
    for named in [&all[..], &[path], &[&format!("{path}/*")]] {
        assert!(next(named).starts_with(&whole), "{named:?}: {}", next(named));
    }
    // Of an order in several files the later file wins, so that their order is kept.
    let turned: Vec<&str> = all.iter().rev().copied().collect();
    assert!(next(&turned).starts_with(&format!("ecrm segment {} --list", turned.join(" "))));
    // A file that was not meant is not drawn in.
    fs::write(folder.path().join("8.csv"), header).unwrap();
    assert!(next(&all).starts_with(&format!("ecrm segment {} --list", all.join(" "))));
}

#[test]
fn flags_may_stand_before_the_files_and_a_pipe_is_looked_at() {
    let first = |args: &[&str]| stdout(&[args, &["-q"]].concat());
    let said = first(&[ORDERS, "--lang", "zh", "--format", "table"]);
    assert!(said.starts_with("数据速览"), "{said}");
    assert_eq!(first(&["--lang", "zh", ORDERS, "--format", "table"]), said);
    assert_eq!(first(&["--lang", "zh", "--format", "table", ORDERS]), said);
    assert_eq!(first(&["--lang=zh", "--format", "table", "--orders", ORDERS]), said);
    // The flags of a command stand behind its name, and a misspelt one is guessed.
    let (code, text) = failure(&["--lang", "en", "segment", ORDERS]);
    assert!(code == 2 && text.contains("--lang"), "{text}");
    let (code, text) = failure(&["--lang", "en", "rmf"]);
    assert!(code == 2 && text.contains("did you mean ecrm rfm?"), "{text}");
    let piped = |args: &[&str]| {
        let orders = fs::File::open(ORDERS).unwrap();
        let output = ecrm().args(args).stdin(orders).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let look = piped(&["--format", "json", "-q"]);
    assert_eq!(look["report"], "first_look");
    assert_eq!(look["tables"]["files"][0]["rows_read"], 8);
    let next = look["tables"]["next"][0]["command"].as_str().unwrap().to_owned();
    assert!(next.ends_with(" -") || next.contains(" - "), "{next}");
    // Nothing named and nothing to read: help, as before.
    let (code, text) = failure(&[]);
    assert!(code == 2 && text.contains("Usage: ecrm"), "{text}");
}

/// The file has no column of places, and nobody of it is anywhere.
#[test]
fn no_command_is_proposed_whose_answer_would_be_empty_and_reasons_are_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    let rows = "1,ann,2026-01-01,50\n2,bob,2026-01-02,40\n3,ann,2026-02-01,30\n";
    fs::write(&path, format!("order_id,customer_id,ordered_at,paid_amount\n{rows}")).unwrap();
    let text = stdout(&[path.to_str().unwrap(), "--format", "table", "-q"]);
    assert!(!text.contains("ecrm region"), "{text}");
    assert!(text.contains("ecrm segment") && text.contains("ecrm repurchase"), "{text}");
    assert_eq!(text.matches("whose next order is due, as a list").count(), 1, "{text}");
}

#[test]
fn what_is_no_command_and_no_file_is_refused_with_what_was_meant() {
    for (word, wanted) in [("rmf", "ecrm rfm"), ("segmnt", "ecrm segment"), ("custmers", "ecrm customers")] {
        let (code, text) = failure(&[word]);
        assert!(code == 2 && text.contains(&format!("did you mean {wanted}?")), "{text}");
    }
    let (code, text) = failure(&["no_such_orders.csv"]);
    assert!(code == 2 && text.contains("no file called no_such_orders.csv"), "{text}");
    let (code, text) = failure(&["-q", "no_such_orders.csv", "--lang", "zh"]);
    assert!(code == 2 && text.contains("没有这个文件"), "{text}");
}

#[test]
fn help_and_usage_errors_are_chinese_in_a_chinese_locale() {
    let said = |args: &[&str]| {
        let output = ecrm().env("LANG", "zh_TW.UTF-8").args(args).output().unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, help, _) = said(&["rfm", "--help"]);
    assert_eq!(code, 0);
    for wanted in
        ["用法：ecrm rfm", "RFM 评分", "统计截止日", "可选值：", "quantile：按本店买家的分位数", "示例："]
    {
        assert!(help.contains(wanted), "{wanted}: {help}");
    }
    let (_, help, _) = said(&["--help"]);
    assert!(
        help.contains("命令：\n") && help.contains("客户生命周期分层") && !help.contains("Print"),
        "{help}"
    );
    let (code, _, text) = said(&["rfm", "--widow", "7"]);
    assert_eq!(code, 2);
    assert!(text.contains("没有参数 --widow") && text.contains("是不是要写 --window"), "{text}");
    let (_, page, _) = said(&["man"]);
    assert!(page.contains("网店客户分析"), "{page}");
    // The flag beats the locale.
    let (_, help, _) = said(&["rfm", "--help", "--lang", "en"]);
    assert!(help.contains("Usage: ecrm rfm"), "{help}");
}

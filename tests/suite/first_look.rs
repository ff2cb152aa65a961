//! `ecrm FILES` without a command, and help in both languages.

use std::fs;

use super::common::{ecrm, failure, run, stdout};

const ORDERS: &str = "fixtures/by_hand/orders.csv";

fn rows(args: &[&str]) -> serde_json::Value {
    serde_json::from_str(&stdout(args)).unwrap()
}

/// By hand: on 2026-06-10 Ann (250 of 460, last ordered on 03-11) and Cat (150, on 03-01) are silent for 91 and 101 days,
/// Bob (60, on 03-31) for 71; Cat alone of the three ordered once.
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

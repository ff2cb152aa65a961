//! How the program behaves among other programs.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::Value;

use super::common::{ecrm, failure, files_in, run, stdout};

const SHOP: &str = "fixtures/shop/orders.csv";

#[test]
fn a_closed_pipe_ends_the_run_quietly() {
    // Enough rows that the pipe fills up.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.csv");
    let mut text = "order_id,customer_id,ordered_at,paid_amount\n".to_owned();
    for i in 0..60_000 {
        text.push_str(&format!("{i},customer-{i},2026-01-01,{}.50\n", i % 700 + 1));
    }
    std::fs::write(&path, text).unwrap();
    let mut child = ecrm()
        .args(["rfm", path.to_str().unwrap(), "--format", "csv"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(line.starts_with("customer_id,"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !stderr.contains("error"), "{stderr}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let (code, stderr) = failure(&["rfm", SHOP, "-o", "/dev/full"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("error: cannot write /dev/full: No space left on device"), "{stderr}");
}

#[test]
fn an_output_that_cannot_be_written_fails_before_the_work() {
    let (code, stderr) = failure(&["rfm", "no-such-input.csv", "-o", "no-such-folder/out.csv"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("no such file") || stderr.contains("no-such-folder"), "{stderr}");
    let (code, stderr) = failure(&["rfm", SHOP, "-o", "fixtures"]);
    assert_eq!(code, 1);
    assert!(stderr.contains("this is a directory"), "{stderr}");
}

#[test]
fn a_failed_run_leaves_the_old_output() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.csv");
    std::fs::write(&out, "old").unwrap();
    let (code, _) = failure(&["rfm", "fixtures/edges/empty.csv", "-o", out.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "old");
    assert_eq!(files_in(folder.path()), ["out.csv"]);
}

#[test]
fn cron_without_a_terminal_or_a_locale_gets_english_csv() {
    let output = ecrm().env("LANG", "C").args(["segment", SHOP]).stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(text.starts_with("segment,value,customer_count"), "{text}");
    assert!(text.contains("Turn into a returning buyer"), "{text}");
    let table = ecrm().env("LANG", "C").args(["segment", SHOP, "--format", "table"]).output().unwrap().stdout;
    assert!(table.is_ascii());
}

#[test]
fn a_chinese_locale_gets_chinese() {
    let output =
        ecrm().env("LANG", "zh_CN.UTF-8").args(["segment", SHOP, "--format", "table"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("活跃老客") && text.contains("截至 2026-06-30"), "{text}");
}

#[test]
fn standard_input_is_a_file_like_any_other() {
    let mut child = ecrm()
        .args(["rfm", "--format", "csv"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&std::fs::read(SHOP).unwrap()).unwrap();
    let piped = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(piped, stdout(&["rfm", SHOP, "--format", "csv"]));
}

#[test]
fn the_manifest_identifies_inputs_and_balances() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("run.json");
    stdout(&["rfm", SHOP, "--manifest", manifest.to_str().unwrap(), "--format", "csv"]);
    let manifest: Value = serde_json::from_slice(&std::fs::read(manifest).unwrap()).unwrap();
    let bytes = std::fs::read(SHOP).unwrap();
    let input = &manifest["inputs"][0];
    assert_eq!(input["bytes"], bytes.len());
    use sha2::Digest;
    let sha256: String = sha2::Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(input["sha256"], sha256);
    assert_eq!(manifest["cuts"]["r"].as_array().map(Vec::len), Some(4));
    assert_eq!(manifest["accounting"]["rows_read"], 1200);
    assert_eq!(manifest["parameters"]["method"], "quantile");
    assert_eq!(manifest["ecrm_version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn rejects_are_written_with_place_reason_and_text() {
    let folder = tempfile::tempdir().unwrap();
    let rejects = folder.path().join("rejects.csv");
    stdout(&["rfm", "fixtures/quirks/shifted_cells.csv", "--rejects", rejects.to_str().unwrap(), "-q"]);
    let text = std::fs::read_to_string(rejects).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("file,record,reason,column,seen,expected,raw"));
    let second = lines.next().unwrap();
    assert!(second.starts_with("fixtures/quirks/shifted_cells.csv,3,too_many_cells,,5 cells,"), "{second}");
    assert!(second.ends_with("\"2,bob,the younger,2026-01-03,20\""), "{second}");
    assert_eq!(lines.count(), 1);
}

#[test]
fn strict_makes_a_broken_row_fatal_and_still_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let rejects = folder.path().join("rejects.csv");
    let path = rejects.to_str().unwrap();
    let (code, stderr) = failure(&["rfm", "fixtures/edges/cut_last_line.csv", "--strict", "--rejects", path]);
    assert_eq!(code, 1);
    assert!(stderr.contains("too_few_cells") && stderr.contains("record 4"), "{stderr}");
    assert_eq!(std::fs::read_to_string(rejects).unwrap().lines().count(), 2);
    assert!(run(&["rfm", SHOP, "--strict"]).status.success());
}

#[test]
fn frozen_cut_points_score_as_they_did() {
    let folder = tempfile::tempdir().unwrap();
    let cuts = folder.path().join("cuts.toml");
    let cuts = cuts.to_str().unwrap();
    for bins in ["5", "7", "10"] {
        let fresh = stdout(&[
            "rfm",
            SHOP,
            "--format",
            "csv",
            "--groups",
            "eight",
            "--bins",
            bins,
            "--save-cuts",
            cuts,
        ]);
        let frozen = stdout(&["rfm", SHOP, "--format", "csv", "--groups", "eight", "--cuts", cuts]);
        assert_eq!(fresh, frozen, "{bins} bins");
    }
    let (code, stderr) = failure(&["rfm", SHOP, "--cuts", cuts, "--bins", "5"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("10 bins"), "{stderr}");
}

/// May's three buyers have 90, 50 and 10 and bought on 29, 15 and 1 May, so that b is at the mean of 2 in both; of
/// June's two b has the best scores there are, but not those of May.
#[test]
fn a_file_of_cut_points_freezes_the_means_of_the_eight_types() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, rows: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("order_id,customer_id,order_date,amount\n{rows}")).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let may = file("may.csv", "1,a,2026-05-29,90\n2,b,2026-05-15,50\n3,c,2026-05-01,10\n");
    let june = file("june.csv", "1,b,2026-05-15,20\n2,c,2026-05-01,10\n");
    let cuts = folder.path().join("cuts.toml");
    let cuts = cuts.to_str().unwrap();
    let common = ["--as-of", "2026-05-30", "--format", "csv", "-q"];
    let eight = |args: &[&str]| stdout(&[&["rfm"], args, &["--groups", "eight"], &common].concat());
    eight(&[&may, "--bins", "3", "--save-cuts", cuts]);
    let saved = std::fs::read_to_string(cuts).unwrap();
    assert!(saved.contains("[means]\nr = \"2.00\"\nf = \"1.00\"\nm = \"2.00\"\n"), "{saved}");
    let types = |text: &str| -> Vec<String> {
        text.lines().skip(1).map(|row| row.rsplit(',').next().unwrap().to_owned()).collect()
    };
    assert_eq!(types(&eight(&[&june, "--cuts", cuts])), ["general_value", "general_keep"]);
    // By June's own means it is the best there is.
    assert_eq!(types(&eight(&[&june, "--bins", "3"]))[0], "important_value");
    // The manifest says what the types went by, and a file saved from frozen means holds these.
    let (again, manifest) = (folder.path().join("again.toml"), folder.path().join("run.json"));
    let (again, manifest) = (again.to_str().unwrap(), manifest.to_str().unwrap());
    eight(&[&june, "--cuts", cuts, "--save-cuts", again, "--manifest", manifest]);
    assert_eq!(std::fs::read_to_string(again).unwrap(), saved);
    let manifest: Value = serde_json::from_slice(&std::fs::read(manifest).unwrap()).unwrap();
    assert_eq!(manifest["means"]["m"], "2.00");
    // A file of an earlier version has none.
    std::fs::write(cuts, saved.split("\n[means]").next().unwrap()).unwrap();
    let (code, stderr) = failure(&["rfm", &june, "--cuts", cuts, "--groups", "eight"]);
    assert!(code == 2 && stderr.contains("does not hold the means"), "{code} {stderr}");
    assert!(run(&["rfm", &june, "--cuts", cuts]).status.success());
}

#[test]
fn a_configuration_names_inputs_and_thresholds_and_flags_beat_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(SHOP, folder.path().join("orders.csv")).unwrap();
    let within = |args: &[&str]| {
        let below = folder.path().join("below");
        std::fs::create_dir_all(&below).unwrap();
        let output = ecrm().current_dir(below).args(args).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let made = ecrm().current_dir(folder.path()).args(["init", "orders.csv"]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let config = folder.path().join("ecrm.toml");
    assert_eq!(
        within(&["rfm", "--window", "365"]),
        stdout(&["rfm", SHOP, "--window", "365", "--format", "csv"])
    );
    let text = std::fs::read_to_string(&config)
        .unwrap()
        .replace("# window = 365", "window = 30")
        .replace("# lang = \"zh\"", "lang = \"zh\"");
    std::fs::write(&config, text).unwrap();
    assert_eq!(
        within(&["segment", "--format", "table"]),
        stdout(&["segment", SHOP, "--window", "30", "--lang", "zh", "--format", "table"])
    );
    assert_eq!(
        within(&["rfm", "--window", "365"]),
        stdout(&["rfm", SHOP, "--window", "365", "--format", "csv"])
    );
    let again = ecrm().current_dir(folder.path()).args(["init", "orders.csv"]).output().unwrap();
    assert_eq!(again.status.code(), Some(1));
}

#[test]
fn shells_and_man_get_what_they_need() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(stdout(&["completions", shell]).contains("segment"), "{shell}");
    }
    assert!(stdout(&["man"]).contains(".TH ecrm 1"));
    let folder = tempfile::tempdir().unwrap();
    stdout(&["man", folder.path().to_str().unwrap()]);
    assert!(files_in(folder.path()).contains(&"ecrm-segment.1".to_owned()));
}

#[test]
fn the_example_configuration_is_valid() {
    let text = std::fs::read_to_string("examples/ecrm.toml").unwrap();
    let config = ecrm::config::Config::parse(&text, "examples/ecrm.toml").unwrap();
    assert_eq!(config.rfm.group.len(), 2);
}

#[test]
fn a_replaced_output_keeps_its_permissions_and_its_links() {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out.csv");
        std::fs::write(&out, "old").unwrap();
        std::fs::set_permissions(&out, std::fs::Permissions::from_mode(0o640)).unwrap();
        stdout(&["rfm", SHOP, "-o", out.to_str().unwrap()]);
        assert_eq!(std::fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o640);
        let link = folder.path().join("link.csv");
        std::os::unix::fs::symlink(&out, &link).unwrap();
        stdout(&["segment", SHOP, "-o", link.to_str().unwrap()]);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(std::fs::read_to_string(&out).unwrap().starts_with("segment,"));
    }
}

#[test]
fn a_reader_of_everything_may_stop_at_any_line() {
    let script = format!("\"{}\" rfm {SHOP} -v 2>&1 | head -1", env!("CARGO_BIN_EXE_ecrm"));
    let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(!text.contains("panicked"), "{text}");
}

#[test]
fn standard_output_by_name_is_added_to_and_an_unknown_ending_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.csv");
    let binary = env!("CARGO_BIN_EXE_ecrm");
    let script = format!(
        "{{ echo head; \"{binary}\" segment {SHOP} -q -o /dev/stdout --format csv; echo tail; }} > \"{}\"",
        out.display()
    );
    assert!(std::process::Command::new("sh").args(["-c", &script]).status().unwrap().success());
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(text.starts_with("head\nsegment,") && text.ends_with("\ntail\n"), "{text}");
    let (code, stderr) = failure(&["segment", SHOP, "-o", folder.path().join("out.xls").to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(stderr.contains("no format has the ending .xls"), "{stderr}");
}

#[test]
fn a_configuration_elsewhere_finds_its_files() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(SHOP, folder.path().join("orders.csv")).unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    let within = |args: &[&str]| ecrm().current_dir(folder.path()).args(args).output().unwrap();
    assert!(within(&["init", "orders.csv", "-o", "sub/ecrm.toml"]).status.success());
    assert!(within(&["segment", "--config", "sub/ecrm.toml"]).status.success());
}

#[test]
fn no_cut_points_to_save_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let cuts = folder.path().join("cuts.toml");
    stdout(&[
        "rfm",
        "fixtures/edges/header_only.csv",
        "--save-cuts",
        cuts.to_str().unwrap(),
        "--format",
        "csv",
    ]);
    assert!(!cuts.exists());
    assert_eq!(failure(&["rfm", SHOP, "--method", "ntile", "--save-cuts", cuts.to_str().unwrap()]).0, 2);
}

#[test]
fn tables_fit_a_narrow_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.csv");
    let id = "a-very-long-customer-name-that-goes-on-and-on-for-eighty-columns-or-more-really";
    std::fs::write(&path, format!("order_id,customer_id,ordered_at,paid_amount\n1,{id},2026-01-01,5\n"))
        .unwrap();
    let output = ecrm()
        .env("COLUMNS", "60")
        .args(["rfm", path.to_str().unwrap(), "--format", "table"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains('…') && text.lines().all(|line| line.chars().count() <= 60), "{text}");
}

/// The commands that the help of a command lists.
fn commands_of(args: &[&str]) -> Vec<String> {
    let help = stdout(&[args, &["--help"]].concat());
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let name = |line: &str| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')).map(str::to_owned);
    let names = listed.filter_map(name).filter_map(|line| line.split(' ').next().map(str::to_owned));
    names.filter(|name| name != "help").collect()
}

#[test]
fn every_command_has_an_example_and_can_say_more_or_less() {
    let mut commands: Vec<Vec<String>> = commands_of(&[]).into_iter().map(|name| vec![name]).collect();
    commands.extend(commands_of(&["store"]).into_iter().map(|name| vec!["store".to_owned(), name]));
    assert!(commands.len() > 18, "{commands:?}");
    for command in commands {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let help = stdout(&[&words[..], &["--help"]].concat());
        assert!(help.contains("Example"), "{command:?}");
        for flag in ["-v, --verbose", "-q, --quiet"] {
            assert!(help.contains(flag), "{command:?} has no {flag}");
        }
        let is_reading = help.contains("--orders <FILE>");
        assert_eq!(help.contains("--customers <FILE>"), is_reading, "{command:?}");
        assert!(
            !is_reading || help.contains("--config <FILE>") && help.contains("--lang <LANG>"),
            "{command:?}"
        );
    }
}

#[test]
fn quiet_and_verbose_are_taken_before_the_command_and_after_it() {
    for args in [&["-q", "segment", SHOP][..], &["segment", SHOP, "-q"], &["define", "aov", "-q"]] {
        let output = run(args);
        assert!(output.status.success() && output.stderr.is_empty(), "{args:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("shop").display().to_string();
    let config = folder.path().join("ecrm.toml").display().to_string();
    let said = |args: &[&str]| {
        let output = run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    // What was done is left out; what was asked for is not.
    assert_eq!(said(&["import", SHOP, "--store", &store, "-q"]), (String::new(), String::new()));
    assert_eq!(said(&["store", "compact", &store, "-q"]), (String::new(), String::new()));
    assert!(said(&["store", "compact", &store, "-q", "--format", "json"]).0.contains("store_compact"));
    let (info, beside) = said(&["store", "info", &store, "-q"]);
    assert!(!info.is_empty() && beside.is_empty(), "{beside}");
    assert!(said(&["store", "info", &store, "-v"]).1.contains(&store));
    assert!(said(&["init", SHOP, "-o", &config, "-q"]).1.is_empty());
    let (_, beside) = said(&["init", SHOP, "-o", &config, "--force", "-v"]);
    assert!(beside.contains("orders (canonical_orders)") && beside.contains("paid_amount"), "{beside}");
}

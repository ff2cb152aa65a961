//! What a terminal is for: colours, widths, guesses at slips, completions and man pages.

use std::fs;
use std::path::Path;
use std::process::Command;

use unicode_width::UnicodeWidthStr;

use super::common::{ecrm, failure, files_in, stdout};

/// A run with a terminal's width, as text.
fn at_width(columns: usize, args: &[&str]) -> String {
    let output = ecrm().env("COLUMNS", columns.to_string()).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A text without its colours.
fn plain(text: &str) -> String {
    static ESCAPES: std::sync::LazyLock<regex::Regex> =
        std::sync::LazyLock::new(|| regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap());
    ESCAPES.replace_all(text, "").into_owned()
}

/// Bold headings keep the blanks behind them, which nothing trims: a line that fits must not go on below for them.
#[test]
fn a_coloured_table_is_no_wider_than_a_plain_one() {
    let (mut full, mut lines) = (0, 0);
    for args in [
        &["segment", "fixtures/shop/orders.csv"][..],
        &["rfm", "fixtures/shop/orders.csv", "--summary"],
        &["repurchase", "fixtures/shop/orders.csv", "--lang", "zh"],
        &["value", "fixtures/shop/orders.csv"],
    ] {
        let args = [args, &["--format", "table", "--limit", "3"]].concat();
        for width in [60, 72, 76, 78, 80, 100] {
            let bare = at_width(width, &[&args[..], &["--color", "never"]].concat());
            let colored = at_width(width, &[&args[..], &["--color", "always"]].concat());
            assert!(colored.contains("\u{1b}[1m") && !bare.contains('\u{1b}'), "{args:?}");
            let colored = plain(&colored);
            assert_eq!(bare.lines().count(), colored.lines().count(), "{args:?}");
            for (bare, colored) in bare.lines().zip(colored.lines()) {
                let allowed = bare.width().max(width);
                assert!(colored.width() <= allowed, "{args:?} {width}: {}: {colored:?}", colored.width());
                lines += 1;
                full += usize::from(bare.width() > width - 2 && bare.width() <= width);
            }
        }
    }
    // Some of them fill the width to the last column or the one before it.
    assert!(full > 10 && lines > full, "{full} of {lines}");
}

#[test]
fn the_flag_beats_the_environment_and_no_color_beats_clicolor_force() {
    let table = ["segment", "fixtures/by_hand/orders.csv", "--format", "table"];
    let is_colored = |variables: &[(&str, &str)], flags: &[&str]| {
        let output = ecrm().envs(variables.iter().copied()).args(table).args(flags).output().unwrap();
        output.stdout.contains(&0x1b)
    };
    let (force, none) = (("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1"));
    // Standard output is a pipe here.
    assert!(!is_colored(&[], &[]));
    assert!(!is_colored(&[], &["--color", "auto"]));
    assert!(is_colored(&[], &["--color", "always"]));
    assert!(is_colored(&[force], &[]));
    assert!(!is_colored(&[("CLICOLOR_FORCE", "0")], &[]));
    assert!(!is_colored(&[force, none], &[]));
    assert!(is_colored(&[none], &["--color=always"]));
    assert!(!is_colored(&[force], &["--color", "never"]));
    // A file is for whoever opens it, and csv has no colours.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.txt");
    stdout(&["segment", "fixtures/by_hand/orders.csv", "--color", "always", "-o", file.to_str().unwrap()]);
    assert!(!fs::read(&file).unwrap().contains(&0x1b));
    assert!(!stdout(&["segment", "fixtures/by_hand/orders.csv", "--color", "always"]).contains('\u{1b}'));
}

#[test]
fn help_is_coloured_as_tables_are() {
    for lang in ["en", "zh"] {
        let help = |flags: &[&str]| stdout(&[&["rfm", "--help", "--lang", lang], flags].concat());
        assert!(help(&["--color", "always"]).contains("\u{1b}[1m"), "{lang}");
        assert!(!help(&[]).contains('\u{1b}'), "{lang}");
        assert_eq!(plain(&help(&["--color", "always"])), help(&[]), "{lang}");
    }
}

#[test]
fn chinese_help_has_chinese_colons_and_messages_their_chinese_marks() {
    for args in [&["--help"][..], &["rfm", "-h"], &["store", "who", "--help"]] {
        let help = stdout(&[args, &["--lang", "zh"]].concat());
        assert!(help.contains("\n通用：\n"), "{help}");
        assert!(!help.lines().any(|line| line.ends_with(':')), "{help}");
    }
    let said = |args: &[&str]| failure(&[args, &["--lang", "zh"]].concat()).1;
    assert!(said(&["rfm", "nowhere.csv"]).starts_with("错误：nowhere.csv：没有这个文件\n提示："));
    let usage = said(&["rfm", "orders.csv", "--widow", "7"]);
    assert!(usage.starts_with("错误：没有参数 --widow\n提示：是不是要写 --window？\n"), "{usage}");
    let output = ecrm().args(["rfm", "fixtures/quirks/shifted_cells.csv", "--lang", "zh"]).output().unwrap();
    let notes = String::from_utf8(output.stderr).unwrap();
    assert!(notes.starts_with("说明：2 行无法读取") && !notes.contains("note:"), "{notes}");
    // The language of the run decides, not that of the result: logs of programs stay as they were.
    let output = ecrm().args(["rfm", "fixtures/quirks/shifted_cells.csv"]).output().unwrap();
    assert!(output.stderr.starts_with(b"note: 2 rows"), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn slips_get_the_right_guess() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("orders.csv"),
        "order_id,customer_id,paid_at,paid_amount\n1,a,2026-01-01,5\n",
    )
    .unwrap();
    for (line, guess) in [
        ("rmf orders.csv", "ecrm rfm?"),
        ("segmnet orders.csv", "ecrm segment?"),
        ("predit orders.csv", "ecrm predict?"),
        ("order.csv", "ecrm orders.csv?"),
        ("orders.cvs", "ecrm orders.csv?"),
        ("orders", "ecrm orders.csv?"),
        ("rfm order.csv", "mean orders.csv?"),
        ("rfm orders.csv --widow 7", "'--window'"),
        ("--widow 7 orders.csv", "'--window'"),
        ("orders.csv --formt csv", "'--format'"),
        ("rfm orders.csv --format cvs", "'csv'"),
        ("rfm orders.csv --color alwyas", "'always'"),
        ("help rmf", "'rfm'"),
        ("store inof", "'info'"),
        ("define rmf", "mean rfm?"),
    ] {
        let output = ecrm().current_dir(folder.path()).args(line.split(' ')).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(guess), "{line}: {said}");
    }
}

/// What is wrong with a command line is the same in each language: the flags that stand in it are the ones that are
/// named.
#[test]
fn usage_errors_name_the_same_flag_in_both_languages() {
    for (line, named) in [
        ("rfm orders.csv --format cvs", "--format <FORMAT>"),
        ("rfm orders.csv --window 0", "--window <N>"),
        ("trend orders.csv --by yaer", "--by"),
        ("store who", "ID|PHONE|E-MAIL"),
    ] {
        for lang in ["en", "zh"] {
            let args: Vec<&str> = line.split(' ').chain(["--lang", lang]).collect();
            let (code, said) = failure(&args);
            assert!(code == 2 && said.contains(named), "{args:?}: {said}");
        }
    }
}

#[test]
fn a_definition_is_as_wide_as_the_terminal() {
    for lang in ["en", "zh"] {
        let text = at_width(60, &["define", "segment", "--lang", lang]);
        assert!(text.lines().all(|line| line.width() <= 60), "{text}");
        assert!(text.lines().any(|line| line.width() > 50), "{text}");
    }
}

#[test]
fn the_version_says_from_what_and_for_what_it_was_built() {
    static SHAPE: &str = r"^ecrm \d+\.\d+\.\d+ \(((development|[0-9a-f]{10}(\+changes)? \d{4}-\d\d-\d\d), )?[a-z0-9_]+(-[a-z0-9_]+){1,3}\)\n$";
    let version = stdout(&["--version"]);
    assert!(regex::Regex::new(SHAPE).unwrap().is_match(&version), "{version}");
    assert!(version.starts_with(&format!("ecrm {} (", env!("CARGO_PKG_VERSION"))), "{version}");
    assert_eq!(stdout(&["rfm", "-V"]), version.replacen("ecrm", "ecrm-rfm", 1));
}

#[test]
fn every_man_page_that_another_names_exists() {
    let names = regex::Regex::new(r"ecrm(?:\\-[a-z_]+)+\(1\)").unwrap();
    for locale in ["en_US.UTF-8", "zh_CN.UTF-8"] {
        let folder = tempfile::tempdir().unwrap();
        let run = ecrm().env("LANG", locale).arg("man").arg(folder.path()).output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let pages = files_in(folder.path());
        let mut named = Vec::new();
        for page in &pages {
            let text = fs::read_to_string(folder.path().join(page)).unwrap();
            for name in names.find_iter(&text) {
                let name = name.as_str().replace("\\-", "-").replace("(1)", ".1");
                assert!(pages.contains(&name), "{page} names {name}");
                named.push(name);
            }
        }
        // Each page but the first is named by the one above it.
        named.sort();
        named.dedup();
        assert_eq!(pages.len(), named.len() + 1, "{pages:?}");
        assert!(
            pages.contains(&"ecrm-store-who.1".to_owned()) && !pages.iter().any(|page| page.contains("help"))
        );
    }
}

/// The cases that `tests/shells/check.sh` puts to zsh and fish too.
#[cfg(unix)]
mod in_bash {
    use super::*;

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("script"), stdout(&["completions", "bash"])).unwrap();
            fs::create_dir_all(folder.path().join("place/shop")).unwrap();
            fs::write(folder.path().join("place/orders.csv"), "").unwrap();
            Self(folder)
        }

        /// What bash offers for a line.
        fn offers(&self, line: &str) -> Vec<String> {
            let ask = fs::canonicalize("tests/shells/ask.bash").unwrap();
            let mut bash = Command::new("bash");
            bash.arg(ask)
                .arg(self.0.path().join("script"))
                .arg(line)
                .current_dir(self.0.path().join("place"));
            let output = bash.output().expect("bash");
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.success() && said.is_empty(), "{line}: {said}");
            String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
        }
    }

    #[test]
    fn files_complete_where_files_go_and_values_where_values_go() {
        let place = Place::new();
        let cases = fs::read_to_string("tests/shells/cases.txt").unwrap();
        let cases: Vec<&str> = cases.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(cases.len() > 15);
        for case in cases {
            let [line, wanted, unwanted] = case.split('|').collect::<Vec<_>>().try_into().expect(case);
            let offered = place.offers(line);
            for word in wanted.split(' ').filter(|word| !word.is_empty()) {
                assert!(offered.iter().any(|offer| offer == word), "{line:?}: no {word} in {offered:?}");
            }
            for word in unwanted.split(' ').filter(|word| !word.is_empty()) {
                assert!(!offered.iter().any(|offer| offer == word), "{line:?}: {word} in {offered:?}");
            }
        }
    }

    /// A command that is asked for a table that nothing has says which ones it has.
    #[test]
    fn the_tables_that_are_offered_are_those_that_a_command_has() {
        let place = Place::new();
        let shop = ["fixtures/shop/orders.csv", "fixtures/shop/order_items.csv", "fixtures/shop/events.csv"];
        let shop = [&shop[..], &["fixtures/shop/customers.csv", "fixtures/shop/sends.csv"]].concat();
        for line in [
            "segment",
            "segment --list",
            "rfm",
            "rfm --summary",
            "overview",
            "interest",
            "interest --list",
            "repurchase",
            "repurchase --due --holdout 90",
            "repurchase --ladder",
            "region",
            "region --by month",
            "value",
            "value --list",
            "cohort",
            "migration",
            "migration --list",
            "trend",
            "products",
            "campaign",
            "campaign --not-joined",
            "sources",
            "customers",
            "customers --count",
            "check",
            "identity",
            "touchpoints",
            "care",
            "predict",
            "predict --holdout 90",
            "profile",
            "audience --campaign x --channel sms",
        ] {
            let args = [&line.split(' ').collect::<Vec<_>>()[..], &shop, &["--table", "zzz"]].concat();
            let (_, said) = failure(&args);
            let hint = said
                .lines()
                .find_map(|line| line.strip_prefix("hint: it has "))
                .unwrap_or_else(|| panic!("{line}: {said}"));
            let command = line.split(' ').next().unwrap();
            let offered = place.offers(&format!("ecrm {command} --table "));
            for table in hint.split(", ") {
                assert!(offered.iter().any(|offer| offer == table), "{line}: no {table} in {offered:?}");
            }
        }
    }
}

#[test]
fn zsh_and_fish_are_told_where_files_go() {
    let zsh = stdout(&["completions", "zsh"]);
    assert!(zsh.contains(r#"{_alternative "commands:command:_ecrm_commands" "files:file:_files"}"#));
    assert!(zsh.contains("'*--orders=[Order exports, said outright]:FILE:_files'"));
    assert!(zsh.contains(":N:'") && !zsh.contains(":_default"), "nothing is guessed");
    // Behind `*::` zsh takes flags for files.
    assert!(!zsh.contains("\n'*::") && zsh.contains("\n'*:"));
    let fish = stdout(&["completions", "fish"]);
    assert!(
        fish.contains("__fish_ecrm_needs_command\" -a \"segment\"")
            && !fish.contains("needs_command\" -f -a")
    );
    assert!(fish.contains("-n \"__fish_ecrm_using_subcommand note\" -f\n"));
    let who = "-n \"__fish_ecrm_using_subcommand store; and __fish_seen_subcommand_from info\" -f -a \"(__fish_complete_directories)\"\n";
    assert!(fish.contains(who));
}

#[test]
fn a_configuration_is_explained_in_the_language_of_the_shop() {
    let text = stdout(&["init", "fixtures/by_hand/orders.csv", "-o", "-", "--lang", "zh"]);
    assert!(
        text.starts_with("# ecrm 从") && text.contains("\n# 哪些订单计入。\n[scope]\n# as_of = \"today\"\n"),
        "{text}"
    );
    let folder = tempfile::tempdir().unwrap();
    let orders = fs::canonicalize("fixtures/by_hand/orders.csv").unwrap();
    let mut init = ecrm();
    init.current_dir(folder.path()).args(["init", "--lang", "zh"]).arg(orders);
    assert!(init.status().unwrap().success());
    // What it names is read from it.
    let read = ecrm().current_dir(folder.path()).args(["segment", "-q"]).output().unwrap();
    assert!(read.status.success() && read.stdout.starts_with(b"segment,"));
}

/// A wheel's metadata are those of the crate.
#[test]
fn the_wheel_is_described_as_the_crate_is() {
    let read = |file: &str| -> toml::Table { fs::read_to_string(file).unwrap().parse().unwrap() };
    let (cargo, wheel) = (read("Cargo.toml"), read("pyproject.toml"));
    for key in ["name", "description", "license", "readme", "keywords"] {
        assert_eq!(cargo["package"][key], wheel["project"][key], "{key}");
    }
    for file in wheel["project"]["license-files"].as_array().unwrap() {
        assert!(Path::new(file.as_str().unwrap()).is_file(), "{file}");
    }
    assert_eq!(wheel["tool"]["maturin"]["profile"].as_str(), Some("dist"));
    assert!(cargo["profile"].get("dist").is_some());
}

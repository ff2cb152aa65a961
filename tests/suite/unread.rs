//! Rows that cannot be read: how many are too many, and what to do about them.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use super::common::ecrm;

struct Shop(tempfile::TempDir);

impl Shop {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
        Self(folder)
    }

    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let Output { status, stdout, stderr } =
            ecrm().current_dir(self.0.path()).args(args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.0.path()).join(name)
    }
}

/// Three orders whose statuses nobody knows, and a blank row.
const UNKNOWN: &str = "order_id,customer_id,ordered_at,paid_amount,status
1,ann,2026-01-01,10,Zzapped \"now\"
2,bob,2026-01-02,20,Zzapped \"now\"
,,,,
3,eve,2026-01-03,30,Completedd
";

/// Four orders, one of which has no date.
const ONE_BROKEN: &str = "order_id,customer_id,ordered_at,paid_amount
1,ann,2026-01-01,10
2,bob,soon,20
3,eve,2026-01-03,30
4,eve,2026-01-04,30
";

#[test]
fn orders_of_which_none_can_be_read_are_an_error_with_words_to_paste() {
    let shop = Shop::new(&[("a.csv", UNKNOWN)]);
    for command in ["segment", "rfm", "overview", "value", "cohort", "region"] {
        for flags in [vec![], vec!["-q"], vec!["--rejects", "r.csv", "-o", "out.csv"]] {
            let (code, stdout, stderr) = shop.run(&[&[command, "a.csv"], flags.as_slice()].concat());
            assert_eq!((code, stdout.as_str()), (1, ""), "{command} {flags:?}: {stderr}");
            assert!(stderr.contains("error: none of the 4 rows of orders can be read"), "{stderr}");
            let snippet =
                stderr.split_once("\n  [status]").map(|(_, rest)| format!("[status]{rest}")).unwrap();
            let table: toml::Table = snippet.parse().unwrap_or_else(|error| panic!("{error}: {snippet}"));
            assert_eq!(table["status"]["Zzapped \"now\""].as_str(), Some(""));
            assert!(snippet.contains("perhaps completed"), "{snippet}");
        }
    }
    assert!(!shop.path("out.csv").exists());
    assert_eq!(std::fs::read_to_string(shop.path("r.csv")).unwrap().lines().count(), 4);
    // Pasted and filled in, it works; pasted alone it says what is missing.
    let paste = |first: &str| {
        let text = format!("[status]\n'Zzapped \"now\"' = \"{first}\"\nCompletedd = \"completed\"\n");
        std::fs::write(shop.path("ecrm.toml"), text).unwrap();
        shop.run(&["rfm", "a.csv", "--format", "csv"])
    };
    let (code, _, stderr) = paste("");
    assert!(code == 1 && stderr.contains("cannot be \"\""), "{stderr}");
    let (code, stdout, stderr) = paste("paid");
    assert_eq!((code, stdout.lines().count()), (0, 4), "{stderr}");
}

#[test]
fn each_table_is_judged_by_itself_and_a_rule_is_no_fault() {
    let shop = Shop::new(&[
        ("orders.csv", ONE_BROKEN),
        ("events.csv", "customer_id,occurred_at,kind\nann,soon,cart\n"),
        ("unpaid.csv", "order_id,customer_id,ordered_at,paid_amount,status\n1,ann,2026-01-01,10,pending\n"),
        ("header.csv", "order_id,customer_id,ordered_at,paid_amount\n"),
        ("dates.csv", "order_id,customer_id,ordered_at,paid_amount\n1,ann,soon,10\n"),
        ("amounts.csv", "order_id,customer_id,ordered_at,paid_amount\n1,ann,2026-01-01,much\n"),
    ]);
    let (code, _, stderr) = shop.run(&["overview", "orders.csv", "events.csv"]);
    assert!(code == 1 && stderr.contains("the only row of events cannot be read"), "{stderr}");
    assert_eq!(shop.run(&["rfm", "orders.csv", "events.csv"]).0, 0, "events are not read");
    for name in ["unpaid.csv", "header.csv"] {
        assert_eq!(shop.run(&["rfm", name]).0, 0, "{name}");
    }
    for (name, advice) in
        [("dates.csv", "--map ordered_at=HEADER"), ("amounts.csv", "--map paid_amount=HEADER")]
    {
        let (code, _, stderr) = shop.run(&["rfm", name]);
        assert!(code == 1 && stderr.contains(advice), "{stderr}");
    }
    let (_, _, stderr) = shop.run(&["rfm", "dates.csv", "--lang", "zh"]);
    assert!(
        stderr.contains("订单的 1 行全部无法读取") && stderr.contains("--map ordered_at=列名"),
        "{stderr}"
    );
}

#[test]
fn more_unread_rows_than_allowed_are_fatal_and_a_quiet_run_keeps_one_line() {
    let shop = Shop::new(&[("a.csv", ONE_BROKEN)]);
    for (most, is_fine) in [("0", false), ("1", true), ("24%", false), ("25%", true), ("100%", true)] {
        let args = ["rfm", "a.csv", "--max-rejects", most, "--rejects", "r.csv", "-o", "out.csv"];
        let (code, _, stderr) = shop.run(&args);
        assert_eq!(code, i32::from(!is_fine), "{most}: {stderr}");
        assert_eq!(shop.path("out.csv").exists(), is_fine, "{most}");
        let _ = std::fs::remove_file(shop.path("out.csv"));
        std::fs::remove_file(shop.path("r.csv")).unwrap();
        assert_eq!(shop.run(&["check", "a.csv", "--max-rejects", most]).0, i32::from(!is_fine), "{most}");
    }
    assert_eq!(shop.run(&["rfm", "a.csv", "--max-rejects", "some"]).0, 2);
    let (code, _, stderr) = shop.run(&["rfm", "a.csv", "-q"]);
    assert_eq!(
        (code, stderr.as_str()),
        (0, "note: 1 row cannot be read; left out; --rejects FILE writes them all\n")
    );
}

#[test]
fn nothing_is_imported_where_too_much_cannot_be_read() {
    let shop = Shop::new(&[("a.csv", ONE_BROKEN), ("unknown.csv", UNKNOWN)]);
    for args in [
        ["a.csv", "--max-rejects", "0"],
        ["a.csv", "unknown.csv", "--max-rejects=3"],
        ["unknown.csv", "-q", "--lang=en"],
    ] {
        let (code, stdout, stderr) =
            shop.run(&[&["import", "--store", "kept", "--rejects", "r.csv"], args.as_slice()].concat());
        assert_eq!(code, 1, "{args:?}: {stdout}{stderr}");
        assert!(std::fs::read_to_string(shop.path("r.csv")).unwrap().lines().count() > 1, "{args:?}");
        assert_ne!(shop.run(&["rfm", "kept"]).0, 0, "{args:?}");
    }
    let (code, stdout, stderr) = shop.run(&["import", "a.csv", "--store", "kept", "-q"]);
    assert_eq!((code, stdout.as_str()), (0, ""));
    assert!(stderr.contains("note: 1 row cannot be read"), "{stderr}");
    let (_, _, stderr) = shop.run(&["rfm", "kept", "-q"]);
    assert!(stderr.contains("1 row cannot be read"), "{stderr}");
}

#[test]
fn check_prints_words_to_paste_and_counts_the_rows_of_every_table() {
    let shop = Shop::new(&[
        ("a.csv", UNKNOWN),
        (
            "events.csv",
            "customer_id,occurred_at,kind\nann,2026-01-01,cart\nbob,soon,cart\nt***3,2026-01-02,view\n",
        ),
        ("customers.csv", "customer_id,name,level\nann,Ann,2\nbob,Bob,1\n"),
    ]);
    let (code, _, stderr) = shop.run(&["check", "a.csv"]);
    assert!(code == 1 && stderr.contains("[status]") && stderr.contains("none of the 4 rows"), "{stderr}");
    let counts = |files: &[&str]| {
        let (_, stdout, stderr) = shop.run(&[&["check", "--format", "json"], files].concat());
        let report: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stderr}"));
        let accounting = &report["accounting"];
        ["rows_read", "rows_used"].map(|key| accounting[key].as_u64().unwrap())
    };
    assert_eq!(counts(&["events.csv"]), [3, 1]);
    assert_eq!(counts(&["customers.csv"]), [2, 2]);
    assert_eq!(counts(&["events.csv", "customers.csv"]), [5, 3]);
}

#[test]
fn a_setting_without_effect_is_not_silent() {
    let plain = "order_id,customer_id,ordered_at,paid_amount\n1,ann,2026-01-01,10\n";
    let shop = Shop::new(&[
        ("plain.csv", plain),
        (
            "euros.csv",
            "order_id,customer_id,ordered_at,paid_amount,currency\n1,ann,2026-01-01,10,EUR\n2,bob,2026-01-01,10,SEK\n",
        ),
        ("written.csv", "order_id,customer_id,ordered_at,paid_amount\n1,ann,2026-01-01,10 EUR\n"),
    ]);
    for files in [&["euros.csv"][..], &["written.csv"], &["euros.csv", "written.csv"]] {
        let (code, _, stderr) = shop.run(&[&["rfm", "--currency", "ZZZ"], files].concat());
        assert!(
            code == 1 && stderr.contains("no row is in ZZZ") && stderr.contains("EUR"),
            "{files:?}: {stderr}"
        );
        let (code, _, stderr) =
            shop.run(&[&["import", "--currency", "ZZZ", "--store", "kept"], files].concat());
        assert!(code == 1 && stderr.contains("no row is in ZZZ"), "{files:?}: {stderr}");
        assert_eq!(shop.run(&[&["rfm", "--currency", "eur"], files].concat()).0, 0, "{files:?}");
    }
    let (code, _, stderr) = shop.run(&["rfm", "--currency", "EUR", "plain.csv"]);
    assert!(code == 0 && stderr.contains("no file says which currency"), "{stderr}");
    assert!(!shop.run(&["rfm", "--currency", "EUR", "written.csv"]).2.contains("no file says"));
    let (code, _, stderr) = shop.run(&["rfm", "--sheet", "Orders", "plain.csv"]);
    assert!(code == 2 && stderr.contains("--sheet") && stderr.contains("plain.csv"), "{stderr}");
    let (code, _, stderr) = shop.run(&["import", "--sheet", "Orders", "plain.csv", "--store", "other"]);
    assert!(code == 2 && stderr.contains("--sheet"), "{stderr}");
    assert!(shop.run(&["rfm", "--date-order", "dmy", "plain.csv"]).2.contains("changes nothing"));
    assert!(shop.run(&["rfm", "--exclude-occasional", "plain.csv"]).2.contains("changes nothing"));
    std::fs::write(shop.path("ecrm.toml"), "[read]\nsheet = \"Orders\"\n").unwrap();
    assert_eq!(shop.run(&["rfm", "plain.csv"]).0, 0, "a configuration is for whatever files come");
    // One workbook among the inputs is enough, and cells of one have no delimiter.
    let book = shop.path("book.xlsx");
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Orders").unwrap();
    for (row, line) in plain.lines().enumerate() {
        for (column, cell) in line.split(',').enumerate() {
            sheet.write_string(row as u32, column as u16, cell).unwrap();
        }
    }
    workbook.save(&book).unwrap();
    assert_eq!(shop.run(&["rfm", "--sheet", "Orders", "plain.csv", "book.xlsx"]).0, 0);
    for flags in [["--delimiter", ";"], ["--encoding", "gb18030"]] {
        let (code, _, stderr) = shop.run(&[&["rfm", "book.xlsx"], flags.as_slice()].concat());
        assert!(code == 2 && stderr.contains(flags[0]), "{stderr}");
    }
}

/// A flag that is about nothing in the files is refused, or said to change nothing.
#[test]
fn flags_without_effect_are_told() {
    const ORDERS: &str =
        "order_id,customer_id,ordered_at,paid_amount\n1,ann,2026-01-01,10\n2,bob,2026-01-02,20\n";
    const EVENTS: &str = "customer_id,occurred_at,kind\nann,2026-01-03,cart\n";
    let shop = Shop::new(&[("orders.csv", ORDERS), ("events.csv", EVENTS)]);
    for (flags, said) in [
        (&["--customer-key", "email"][..], "no column of orders.csv holds e-mail addresses"),
        (&["--customer-key", "phone"], "no column of orders.csv holds phone numbers"),
        (&["--preset", "generic_events"], "--preset"),
    ] {
        let (code, stdout, stderr) = shop.run(&[&["rfm", "orders.csv"], flags].concat());
        assert_eq!((code, stdout.as_str()), (2, ""), "{flags:?}: {stderr}");
        assert!(stderr.contains(said), "{stderr}");
    }
    let (code, stdout, stderr) = shop.run(&["rfm", "orders.csv", "--map", "status=State"]);
    assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
    assert!(stderr.contains("no column is called \"State\""), "{stderr}");
    // Days without a time are in no zone; a time with an offset is.
    let (code, _, stderr) = shop.run(&["rfm", "orders.csv", "--tz", "Asia/Shanghai"]);
    assert!(code == 0 && stderr.contains("--tz"), "{stderr}");
    let zoned = ORDERS.replace("2026-01-02", "2026-01-02T23:00:00Z");
    std::fs::write(shop.path("zoned.csv"), zoned).unwrap();
    let (code, stdout, stderr) = shop.run(&["rfm", "zoned.csv", "--tz", "Asia/Shanghai"]);
    assert!(code == 0 && !stderr.contains("--tz") && stdout.contains("bob,2026-01-03"), "{stdout}{stderr}");
    // A map is for the files that have its header.
    let (code, stdout, stderr) =
        shop.run(&["interest", "orders.csv", "events.csv", "--map", "kind=kind", "--list", "-q"]);
    assert!(code == 0 && stdout.contains("\nann,"), "{stderr}");
}

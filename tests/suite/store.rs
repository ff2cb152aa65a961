//! The store: every answer from it is the one that the files give.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};
use tempfile::TempDir;
use xxhash_rust::xxh3::xxh3_64;

use super::common::{ecrm, failure, run, stdout};

/// What a store is told by.
pub const MANIFEST: &str = "ecrm-store.json";
const SHOP: &str = "fixtures/shop/orders.csv";
const MAY: &str = "fixtures/edges/overlap_may.csv";
const JUNE: &str = "fixtures/edges/overlap_june.csv";

/// A folder for a store and exports, gone when the test ends.
pub struct Trial(TempDir);

impl Trial {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    pub fn store(&self) -> String {
        self.path("store")
    }

    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// Imports files, which must succeed, and gives what is said of each.
pub fn import(files: &[&str], store: &str) -> String {
    stdout(&[&["import", "--store", store][..], files].concat())
}

/// The files of a store by their names in it, but for those that only lock it.
pub fn files_of(store: &str) -> Vec<String> {
    let (mut names, mut folders) = (Vec::new(), vec![PathBuf::from(store)]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(store).unwrap().to_str().unwrap().replace('\\', "/");
            match path.is_dir() {
                true => folders.push(path),
                false if name.ends_with(".lock") => {}
                false => names.push(name),
            }
        }
    }
    names.sort();
    names
}

/// The bytes of each of them.
pub fn contents(store: &str) -> BTreeMap<String, Vec<u8>> {
    let with_bytes = |name: String| {
        let bytes = std::fs::read(Path::new(store).join(&name)).unwrap();
        (name, bytes)
    };
    files_of(store).into_iter().map(with_bytes).collect()
}

/// An export of whole orders with these numbers, paid on a day of June; the day makes the amounts others.
pub fn export(orders: Range<u32>, day: u32) -> String {
    let mut text = "order_id,customer_id,paid_at,paid_amount\n".to_owned();
    for order in orders {
        let (customer, amount) = (order * 7919 % 601, (order + 17 * day) % 500 + 1);
        writeln!(text, "{order},c{customer},2026-06-{day:02},{amount}.50").unwrap();
    }
    text
}

/// The header of a file of one line a row, and one of so many of its rows: of the whole time that it is about.
pub fn one_of(many: usize, path: &str) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    lines.step_by(many).fold(format!("{header}\n"), |kept, line| kept + line + "\n")
}

/// The manifest of a store.
pub fn manifest(store: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(Path::new(store).join(MANIFEST)).unwrap()).unwrap()
}

/// Puts a manifest into a store with the sum that it would have had from the start.
pub fn forge(store: &str, mut manifest: Value) {
    manifest["xxh3"] = json!("0".repeat(16));
    let text = format!("{manifest:#}\n");
    let summed = text.replacen(&"0".repeat(16), &format!("{:016x}", xxh3_64(text.as_bytes())), 1);
    std::fs::write(Path::new(store).join(MANIFEST), summed).unwrap();
}

/// The first text under a pointer as `/segments/0/core/path`, replaced.
pub fn with(of: &Value, pointer: &str, value: Value) -> Value {
    let mut changed = of.clone();
    *changed.pointer_mut(pointer).unwrap_or_else(|| panic!("nothing at {pointer}")) = value;
    changed
}

/// Puts other bytes in the place of the file that a manifest names under a pointer, with their own length and sum.
pub fn replace(store: &str, pointer: &str, bytes: &[u8]) {
    let whole = manifest(store);
    let path = whole.pointer(pointer).unwrap()["path"].as_str().unwrap();
    std::fs::write(Path::new(store).join(path), bytes).unwrap();
    let changed = with(&whole, &format!("{pointer}/bytes"), json!(bytes.len()));
    forge(store, with(&changed, &format!("{pointer}/xxh3"), json!(format!("{:016x}", xxh3_64(bytes)))));
}

/// Waits until something is so, which must be while the process runs.
///
/// # Panics
/// When the process ends before that, or it takes more than a minute.
pub fn until(what: &str, child: &mut Child, is_so: impl Fn() -> bool) {
    within_a_minute(what, || {
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none() || is_so(), "{what}: the process ended before, {ended:?}");
        is_so()
    });
}

/// Asks again and again until something is so.
///
/// # Panics
/// When that takes more than a minute.
pub fn within_a_minute(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}: not within a minute");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Exit code and standard output.
fn answer(command: &[&str], inputs: &[&str], format: &str) -> (Option<i32>, String) {
    let output = run(&[command, inputs, &["--format", format, "-q"]].concat());
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// What files answer, each question asked once, for whatever keeps them to be compared with.
pub struct Answered<'a> {
    files: Vec<&'a str>,
    known: BTreeMap<String, (Option<i32>, String)>,
}

impl<'a> Answered<'a> {
    pub fn of(files: &[&'a str]) -> Self {
        Self { files: files.to_vec(), known: BTreeMap::new() }
    }

    /// That a command says of `kept` (a store, and files beside it) what it says of the files, byte for byte.
    pub fn assert_alike(&mut self, command: &[&str], format: &str, kept: &[&str]) {
        let files: &[&str] = &self.files;
        let of_files = self.known.entry(format!("{command:?} {format}"));
        let of_files = of_files.or_insert_with(|| answer(command, files, format));
        let mut of_kept = answer(command, kept, format);
        if *of_files != of_kept {
            // Midnight may have come between the two, and `check` says which day it is.
            *of_files = answer(command, files, format);
            of_kept = answer(command, kept, format);
        }
        let (expected, found) = (of_files.1.lines(), of_kept.1.lines());
        let differing = expected.zip(found).find(|(expected, found)| expected != found);
        assert_eq!(differing, None, "{command:?} {files:?}");
        assert!(*of_files == of_kept, "{command:?} {files:?}: exit codes {:?}, {:?}", of_files.0, of_kept.0);
    }
}

/// As [`Answered::assert_alike`], of files that are asked once.
pub fn assert_alike(command: &[&str], format: &str, files: &[&str], kept: &[&str]) {
    Answered::of(files).assert_alike(command, format, kept);
}

/// Everything that can be asked.
pub const COMMANDS: [&[&str]; 23] = [
    &["segment"],
    &["segment", "--list"],
    &["rfm"],
    &["rfm", "--window", "365"],
    &["rfm", "--identity", "both"],
    &["overview"],
    &["interest"],
    &["repurchase"],
    &["repurchase", "--by", "product"],
    &["repurchase", "--due"],
    &["region"],
    &["region", "--where", "order_count >= 2"],
    &["region", "--by", "month"],
    &["profile"],
    &["value"],
    &["cohort"],
    &["cohort", "--where", "net_amount > 20"],
    &["migration", "--table", "flows"],
    &["migration", "--by", "class", "--list"],
    &["trend"],
    &["profile", "--table", "decision"],
    &["products"],
    &["check"],
];

/// Those that together read all that a store keeps.
pub const TELLING: [&[&str]; 4] = [&["segment", "--list"], &["profile"], &["products"], &["check"]];

/// Shops with every table.
pub const SHOPS: [&[&str]; 2] = [
    &["shop/orders.csv", "shop/events.csv", "shop/customers.csv", "shop/sends.csv", "shop/order_items.csv"],
    &["by_hand/orders.csv", "by_hand/items.csv", "by_hand/events.csv", "by_hand/customers.csv"],
];

/// Every platform, kind of file and kind of row; some cannot answer some questions, from a store neither.
const EXPORTS: [&[&str]; 23] = [
    &["taobao/orders_2016_gbk.csv", "taobao/items_gbk.csv"],
    &["shop/taobao_orders_gbk.csv"],
    &["shop/shopify_orders.csv", "shop/order_items.csv"],
    &["jd/orders_gbk.csv"],
    &["pdd/orders_23_gbk.csv", "pdd/orders_all_fields_utf8_bom.csv"],
    &["douyin/orders_utf8_bom.csv"],
    &["youzan/orders_utf8_bom.csv", "customers/youzan_utf8_bom.csv"],
    &["shopify/orders_offsets.csv", "customers/shopify.csv"],
    &["woo/orders_plugin.csv", "customers/woo_analytics.csv"],
    &["woo/analytics_orders.csv", "amazon/all_orders_cp932.txt"],
    &["amazon/new_orders_cp1252.txt"],
    &["magento/orders.csv", "customers/magento.csv"],
    &["invoice_lines/invoices.csv", "edges/one_id_two_customers.csv"],
    &["identity/accounts.csv", "customers/generic_en.csv"],
    &["edges/overlap_may.csv", "quirks/no_order_id.csv", "edges/overlap_june.csv"],
    &["edges/cut_last_line.csv", "quirks/money.csv", "quirks/unclosed_quote.csv", "quirks/nulls.csv"],
    &["events/pages.csv", "events/tianchi.csv", "events/rees46.csv"],
    &["quirks/sheet_per_month_and_a_hidden_one.xlsx"],
    &["quirks/dictionaries_and_zone.parquet", "quirks/plain.csv.gz", "quirks/plain.csv.zst"],
    &["quirks/some_masked_customers.csv", "quirks/provinces.csv", "quirks/addresses.csv"],
    &["quirks/dates_day_first.csv", "quirks/epoch_and_serials.csv", "quirks/offsets.csv"],
    &["taobao/report_without_buyers.csv"],
    &["customers/generic_zh_gbk.csv"],
];

/// The header and the first rows of the shop's Shopify export, whose cells have line breaks.
fn first_orders_of_shopify() -> String {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).from_path("fixtures/shop/shopify_orders.csv").unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in reader.records().take(81) {
        writer.write_record(&row.unwrap()).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn assert_fixtures_are_alike(names: &[&str], commands: &[&[&str]]) {
    let trial = Trial::new();
    // Of two files with many rows that are of one kind, some.
    let file = |name: &&str| match *name {
        "shop/events.csv" => trial.write("events.csv", &one_of(5, "fixtures/shop/events.csv")),
        "shop/shopify_orders.csv" => trial.write("shopify_orders.csv", &first_orders_of_shopify()),
        name => format!("fixtures/{name}"),
    };
    let files: Vec<String> = names.iter().map(file).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    import(&files, &trial.store());
    for command in commands {
        assert_alike(command, "json", &files, &[&trial.store()]);
    }
}

#[test]
fn every_command_gives_the_same_bytes_from_a_store_as_from_the_files() {
    SHOPS.iter().for_each(|names| assert_fixtures_are_alike(names, &COMMANDS));
}

#[test]
fn every_export_gives_the_same_bytes_from_a_store() {
    EXPORTS.iter().for_each(|names| assert_fixtures_are_alike(names, &TELLING));
}

#[test]
fn rows_that_cannot_be_read_are_written_from_a_store_as_from_the_files() {
    let trial = Trial::new();
    let files = [
        "fixtures/edges/cut_last_line.csv",
        "fixtures/quirks/shifted_cells.csv",
        "fixtures/customers/youzan_utf8_bom.csv",
        "fixtures/pdd/orders_23_gbk.csv",
        "fixtures/events/tianchi.csv",
    ];
    import(&files, &trial.store());
    for command in ["rfm", "overview", "interest"] {
        let rejects = |inputs: &[&str]| {
            let path = trial.path("rejects.csv");
            stdout(&[&[command, "-q", "--rejects", &path][..], inputs].concat());
            std::fs::read_to_string(path).unwrap()
        };
        let expected = rejects(&files);
        assert!(expected.lines().count() > 4, "{expected}");
        assert_eq!(rejects(&[&trial.store()]), expected, "{command}");
    }
}

#[test]
fn the_same_content_again_changes_nothing() {
    let trial = Trial::new();
    let (store, workbook) = (trial.store(), "fixtures/quirks/sheet_per_month_and_a_hidden_one.xlsx");
    import(&[SHOP, workbook], &store);
    let before = contents(&store);
    let copy = trial.write("another_name.csv", &std::fs::read_to_string(SHOP).unwrap());
    let said = import(&[&copy, SHOP, workbook], &store);
    assert!(said.lines().count() == 3 && said.lines().all(|line| line.ends_with("already")), "{said}");
    assert!(contents(&store) == before);
}

#[test]
fn a_day_leaves_the_rows_of_years_untouched_and_its_replaced_orders_count_once() {
    let trial = Trial::new();
    let years = trial.write("years.csv", &export(0..2_000, 1));
    let days = [(1_980..2_040, 2), (2_020..2_080, 3)]
        .map(|(orders, day)| trial.write(&format!("{day}.csv"), &export(orders, day)));
    let store = trial.store();
    import(&[&years], &store);
    let states = || -> BTreeMap<String, (Vec<u8>, SystemTime)> {
        let with_time = |(name, bytes): (String, Vec<u8>)| {
            let changed_at = Path::new(&store).join(&name).metadata().unwrap().modified().unwrap();
            (name, (bytes, changed_at))
        };
        contents(&store).into_iter().filter(|(name, _)| name.ends_with(".parquet")).map(with_time).collect()
    };
    let before = states();
    assert!(import(&[&days[0]], &store).contains("20 orders replaced"));
    assert!(import(&[&days[1]], &store).contains("20 orders replaced"));
    let after = states();
    for (name, state) in &before {
        assert!(after.get(name) == Some(state), "{name}");
    }
    for command in [&["rfm"][..], &["overview"], &["check"]] {
        assert_alike(command, "json", &[&years, &days[0], &days[1]], &[&store]);
    }
}

#[test]
fn of_two_rows_with_one_id_in_one_file_the_later_counts() {
    let trial = Trial::new();
    let header = "order_id,customer_id,order_date,product_id,quantity,amount,line_id";
    let rows = "1,ann,2026-01-05,P1,1,10,1-1\n1,ann,2026-01-02,P1,1,30,1-1\n2,bob,2026-01-03,P1,1,5,2-1\n";
    let file = trial.write("lines.csv", &format!("{header}\n{rows}"));
    import(&[&file], &trial.store());
    assert_alike(&["rfm"], "csv", &[&file], &[&trial.store()]);
}

#[test]
fn wrong_use_is_refused_and_changes_nothing() {
    let trial = Trial::new();
    let [store, empty, new, other] = ["store", "empty", "new", "other"].map(|name| trial.path(name));
    import(&[SHOP], &store);
    import(&["fixtures/taobao/refunds_gbk.csv"], &empty);
    std::fs::create_dir(&other).unwrap();
    let file = trial.write("other/file.csv", "");
    let euros = "order_id,customer_id,paid_at,paid_amount,currency\n1,ann,2026-01-01,5,EUR\n";
    let euros = trial.write("euros.csv", euros);
    let before = contents(&store);
    let cut = "fixtures/edges/cut_last_line.csv";
    let refused = |args: &[&str], code: i32, words: &str| {
        let (found, message) = failure(args);
        assert!(found == code && message.contains(words), "{args:?}: {found}, {message}");
    };
    refused(&["import", SHOP], 2, "no store");
    refused(&["import", SHOP, "--store", &file], 1, "this is a file");
    refused(&["import", SHOP, "--store", &other], 1, "holds something else");
    refused(&["import", &store, "--store", &store], 1, "a store itself");
    refused(&["import", SHOP, &store, "--store", &new], 1, "a store itself");
    refused(&["import", MAY, "no-such-file.csv", "--store", &store], 1, "no such file");
    refused(&["import", MAY, cut, "--strict", "--store", &store], 1, "record 4");
    refused(&["import", "fixtures/quirks/two_currencies.csv", "--store", &store], 1, "several currencies");
    refused(&["import", &euros, "--store", &store], 1, "several currencies (CNY, EUR)");
    refused(&["rfm", &store, "--customer-key", "phone"], 2, "customer_key");
    refused(&["rfm", &empty], 1, "nothing has been imported");
    refused(&["rfm", &other], 1, "a directory");
    refused(&["store", "info"], 2, "no store");
    refused(&["store", "verify", &other], 1, "no ecrm store");
    refused(&["store", "forget", "ann", &new], 1, "no ecrm store");
    assert!(contents(&store) == before);
    assert_eq!(files_of(&other), ["file.csv"]);
}

#[test]
fn the_store_in_the_configuration_is_written_and_read() {
    let trial = Trial::new();
    std::fs::copy(MAY, trial.path("may.csv")).unwrap();
    std::fs::create_dir(trial.path("below")).unwrap();
    let within = |folder: &str, args: &[&str]| {
        let output = ecrm().current_dir(trial.path(folder)).args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let rfm = ["rfm", "--format", "csv", "-q"];
    trial.write("ecrm.toml", "[inputs]\nstore = \"kept\"\n");
    within("", &["import", "may.csv"]);
    assert!(within("below", &["store", "info", "--format", "json"]).contains("may.csv"));
    assert_eq!(within("below", &rfm), stdout(&[&rfm[..], &[MAY]].concat()));
    // Files that the configuration names come behind the store.
    std::fs::copy(JUNE, trial.path("june.csv")).unwrap();
    trial.write("ecrm.toml", "[inputs]\nstore = \"kept\"\norders = [\"june.csv\"]\n");
    assert_eq!(within("below", &rfm), stdout(&[&rfm[..], &[MAY, JUNE]].concat()));
    assert_eq!(files_of(&trial.path("below")), [""; 0]);
}

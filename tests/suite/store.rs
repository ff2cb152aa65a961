//! The store: every answer from it is the one that the files give.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use polars::prelude::{ParquetReader, SerReader};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use tempfile::TempDir;

use super::common::{ecrm, failure, run, stdout};

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

/// Exit code and standard output.
fn answer(command: &[&str], inputs: &[&str], format: &str) -> (Option<i32>, String) {
    let output = run(&[command, inputs, &["--format", format, "-q"]].concat());
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// That a command says of `kept` (a store, and files beside it) what it says of files, byte for byte.
fn assert_alike(command: &[&str], format: &str, files: &[&str], kept: &[&str]) {
    let both = || (answer(command, files, format), answer(command, kept, format));
    let (mut of_files, mut of_kept) = both();
    if of_files != of_kept {
        // Midnight may have come between the two, and `check` says which day it is.
        (of_files, of_kept) = both();
    }
    let (expected, found) = (of_files.1.lines(), of_kept.1.lines());
    let differing = expected.zip(found).find(|(expected, found)| expected != found);
    assert_eq!(differing, None, "{command:?} {files:?}");
    assert!(of_files == of_kept, "{command:?} {files:?}: exit codes {:?}, {:?}", of_files.0, of_kept.0);
}

/// Everything that can be asked.
const COMMANDS: [&[&str]; 17] = [
    &["segment"],
    &["segment", "--customers"],
    &["rfm"],
    &["rfm", "--window", "365"],
    &["rfm", "--merge-by", "phone"],
    &["overview"],
    &["interest"],
    &["repurchase"],
    &["repurchase", "--by", "product"],
    &["repurchase", "--due"],
    &["region"],
    &["region", "--by", "month"],
    &["profile"],
    &["value"],
    &["cohort"],
    &["products"],
    &["check"],
];

/// Those that together read all that a store keeps.
const TELLING: [&[&str]; 4] = [&["segment", "--customers"], &["profile"], &["products"], &["check"]];

/// Shops with every table.
const SHOPS: [&[&str]; 2] = [
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

fn assert_fixtures_are_alike(names: &[&str], commands: &[&[&str]]) {
    let files: Vec<String> = names.iter().map(|name| format!("fixtures/{name}")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let trial = Trial::new();
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
    assert!(within("below", &["store", "info", "--json"]).contains("may.csv"));
    assert_eq!(within("below", &rfm), stdout(&[&rfm[..], &[MAY]].concat()));
    // Files that the configuration names come behind the store.
    std::fs::copy(JUNE, trial.path("june.csv")).unwrap();
    trial.write("ecrm.toml", "[inputs]\nstore = \"kept\"\norders = [\"june.csv\"]\n");
    assert_eq!(within("below", &rfm), stdout(&[&rfm[..], &[MAY, JUNE]].concat()));
    assert_eq!(files_of(&trial.path("below")), [""; 0]);
}

const ORDERS: usize = 24;
/// Long ids are kept in another way than short ones; some rows name nobody, or somebody masked.
const CUSTOMERS: [&str; 5] = ["ann", "bob", "a-customer-with-a-long-id@shop.example", "", "c**"];
const STATUSES: [&str; 7] =
    ["pending", "closed_unpaid", "cancelled", "refunded", "paid", "shipped", "completed"];

/// A row of an export.
#[derive(Debug, Clone)]
struct Row {
    order: usize,
    customer: usize,
    status: usize,
    /// Days since 2025-01-01.
    day: i64,
    cents: i64,
    /// Halves of the amount that went back.
    refunded: i64,
    product: usize,
}

/// What the rows of an export are.
#[derive(Debug, Clone, Copy)]
enum Grain {
    Orders,
    Items,
    ItemsWithIds,
}

/// An export and what follows its import.
#[derive(Debug, Clone)]
struct Piece {
    grain: Grain,
    rows: Vec<Row>,
    /// Whether it is the last file of an import.
    ends_import: bool,
    is_compacted: bool,
}

impl Grain {
    fn header(self) -> &'static str {
        match self {
            Self::Orders => {
                "order_id,customer_id,status,created_at,paid_at,completed_at,gross,discount,paid_amount,\
                 refund_amount,currency,province,city,source"
            }
            Self::Items => "order_id,customer_id,status,order_date,product_id,title,quantity,amount",
            Self::ItemsWithIds => {
                "order_id,customer_id,status,order_date,product_id,title,quantity,amount,line_id"
            }
        }
    }

    /// A row, of its order in its file the one with this number.
    fn line(self, row: &Row, number: u32) -> String {
        let Row { order, cents, product, .. } = *row;
        let id = match order.is_multiple_of(3) {
            true => format!("an-order-with-a-long-number-{order}"),
            false => format!("o{order}"),
        };
        let day = chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap() + chrono::TimeDelta::days(row.day);
        let start = format!("{id},{},{},{day}", CUSTOMERS[row.customer], STATUSES[row.status]);
        match self {
            // A pending order has no payment yet.
            Self::Orders if row.status == 0 => format!("{start} 08:00:00,,,9.00,,,,CNY,,,"),
            Self::Orders => {
                let (paid, refund) = (money(cents), money(cents / 2 * row.refunded));
                let (province, source) = (["浙江", "广东", ""][product], ["search", "", "live"][product]);
                format!("{start} 08:00:00,{day},,9.00,1.00,{paid},{refund},CNY,{province},,{source}")
            }
            // Some items are at no price, or credit notes.
            Self::Items => format!("{start},P{product},Tea {product},2,{}", money(cents - 60)),
            Self::ItemsWithIds => format!("{},{id}-{number}", Self::Items.line(row, number)),
        }
    }
}

fn money(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

impl Piece {
    /// As a file; an order of its own tells it from all others.
    fn text(&self, file: usize) -> String {
        let own = Row { order: ORDERS + file, ..self.rows[0].clone() };
        let mut numbers: BTreeMap<usize, u32> = BTreeMap::new();
        let mut text = format!("{}\n", self.grain.header());
        for row in self.rows.iter().chain([&own]) {
            let number = numbers.entry(row.order).or_default();
            *number += 1;
            writeln!(text, "{}", self.grain.line(row, *number)).unwrap();
        }
        text
    }
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let amount = (0..40_i64).prop_map(|tens| tens * 10);
    let row = (0..ORDERS, 0..CUSTOMERS.len(), 0..STATUSES.len(), 0..400_i64, amount, 0..3_i64, 0..3_usize);
    let row = row.prop_map(|(order, customer, status, day, cents, refunded, product)| Row {
        order,
        customer,
        status,
        day,
        cents,
        refunded,
        product,
    });
    let rows = prop::collection::vec(row, 1..16);
    let grain =
        prop_oneof![2 => Just(Grain::Orders), 1 => Just(Grain::Items), 1 => Just(Grain::ItemsWithIds)];
    // Mostly an order is in one row of a file.
    let piece = (grain.clone(), rows, prop::bool::weighted(0.8), any::<bool>(), prop::bool::weighted(0.3));
    // Most shops have one kind of export only.
    (prop::option::weighted(0.7, grain), prop::collection::vec(piece, 2..5)).prop_map(|(common, pieces)| {
        let piece =
            |(own, mut rows, is_whole, ends_import, is_compacted): (_, Vec<Row>, bool, bool, bool)| {
                let grain = common.unwrap_or(own);
                let mut seen = BTreeSet::new();
                rows.retain(|row| !(is_whole && matches!(grain, Grain::Orders)) || seen.insert(row.order));
                Piece { grain, rows, ends_import, is_compacted }
            };
        pieces.into_iter().map(piece).collect::<Vec<_>>()
    })
}

fn assert_pieces_are_alike(pieces: &[Piece], has_rest: bool) {
    let trial = Trial::new();
    let write = |(file, piece): (usize, &Piece)| trial.write(&format!("{file}.csv"), &piece.text(file));
    let files: Vec<String> = pieces.iter().enumerate().map(write).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let store = trial.store();
    // The last file may be named beside the store instead.
    let count = if has_rest { files.len() - 1 } else { files.len() };
    let mut first = 0;
    for (file, piece) in pieces.iter().enumerate().take(count) {
        if piece.ends_import || file + 1 == count {
            import(&files[first..=file], &store);
            first = file + 1;
            if piece.is_compacted {
                stdout(&["store", "compact", &store]);
            }
        }
    }
    let kept = [&[store.as_str()][..], &files[count..]].concat();
    for (command, format) in [("rfm", "csv"), ("overview", "json"), ("products", "json")] {
        assert_alike(&[command], format, &files, &kept);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20260630),
        ..ProptestConfig::default()
    })]

    #[test]
    fn overlapping_pieces_give_what_their_files_give(pieces in pieces(), has_rest in any::<bool>()) {
        assert_pieces_are_alike(&pieces, has_rest);
    }
}

/// Writes the exports of a shop, of which the first holds its orders, with a customer or as if there were none; and two
/// more: rows of items, one of which cannot be read, and orders that replace some of the first.
fn write_exports(trial: &Trial, shop: &[&str], customer: &str, is_gone: bool) -> Vec<String> {
    let mut texts: Vec<String> =
        shop.iter().map(|name| std::fs::read_to_string(format!("fixtures/{name}")).unwrap()).collect();
    let orders = texts[0].clone();
    let item = format!("X1,{customer},2026-02-11,P1,Tea,1,5.00\n");
    let header = Grain::Items.header().replace("status,", "");
    texts.push(format!(
        "{header}\n{item}{item}X2,dan,2026-02-12,P1,Tea,1,6.00\nX3,{customer},2026-02-0\nX4,dan\n"
    ));
    let later: Vec<String> =
        orders.lines().take(30).map(|line| line.replace(",completed,", ",shipped,")).collect();
    texts.push(later.join("\n"));
    let theirs: Vec<String> = orders
        .lines()
        .filter(|line| line.contains(customer))
        .map(|line| format!("{},", line.split(',').next().unwrap()))
        .collect();
    let is_left = |line: &&str| {
        let is_theirs = line.contains(customer) || theirs.iter().any(|order| line.starts_with(order));
        !(is_gone && is_theirs)
    };
    let write = |(file, text): (usize, &String)| {
        let lines: String = text.lines().filter(is_left).map(|line| format!("{line}\n")).collect();
        trial.write(&format!("{is_gone}-{file}.csv"), &lines)
    };
    texts.iter().enumerate().map(write).collect()
}

/// The files of a store that hold a text: in their bytes, or in a column of texts, which may be compressed.
fn holders(store: &str, text: &str) -> Vec<String> {
    let is_in = |bytes: &[u8]| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    let is_in_column = |name: &str| {
        let file = File::open(Path::new(store).join(name)).unwrap();
        let frame = ParquetReader::new(file).finish().unwrap();
        let mut texts = frame.columns().iter().filter_map(|column| column.str().ok());
        texts.any(|column| column.iter().flatten().any(|cell| is_in(cell.as_bytes())))
    };
    let holds = |name: &str, bytes: &[u8]| is_in(bytes) || (name.ends_with(".parquet") && is_in_column(name));
    contents(store).into_iter().filter(|(name, bytes)| holds(name, bytes)).map(|(name, _)| name).collect()
}

#[test]
fn a_forgotten_customer_is_in_no_file_and_no_answer() {
    // A long id, which is kept in another way than a short one.
    for (shop, customer) in [(SHOPS[0], "u000003@shop.example"), (SHOPS[1], "bob")] {
        let trial = Trial::new();
        let store = trial.store();
        let files = write_exports(&trial, shop, customer, false);
        import(&files.iter().map(String::as_str).collect::<Vec<_>>(), &store);
        let before = holders(&store, customer);
        for folder in ["orders/", "customers/", "events/", "rejects/"] {
            assert!(before.iter().any(|name| name.starts_with(folder)), "{folder}: {before:?}");
        }
        stdout(&["store", "forget", customer, &store]);
        assert_eq!(holders(&store, customer), [""; 0]);
        stdout(&["store", "verify", &store]);
        let files = write_exports(&trial, shop, customer, true);
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        for command in ["rfm", "overview", "interest", "products", "profile"] {
            assert_alike(&[command], "csv", &files, &[&store]);
        }
        let whole = contents(&store);
        stdout(&["store", "forget", "nobody", &store]);
        assert!(contents(&store) == whole);
    }
}

#[test]
fn an_address_is_forgotten_as_it_is_written_and_those_that_hold_it_stay() {
    let trial = Trial::new();
    let text = "order_id,customer_id,paid_at,paid_amount\n\
                1,Ann@shop.example,2026-01-01,10\n2,joanna@shop.example,2026-01-02,20\n\
                3,ANN@SHOP.EXAMPLE,2026-01-0,5\n4,joann@shop.example,2026-01-0,6\n";
    let (store, rejects) = (trial.store(), trial.path("rejects.csv"));
    import(&[&trial.write("orders.csv", text)], &store);
    stdout(&["store", "forget", "Ann@shop.example", &store]);
    let rfm = stdout(&["rfm", &store, "--show-pii", "--format", "csv", "-q", "--rejects", &rejects]);
    assert!(rfm.contains("joanna@") && !rfm.to_lowercase().contains("\nann@"), "{rfm}");
    let rejects = std::fs::read_to_string(rejects).unwrap();
    assert!(rejects.contains("joann@shop.example") && !rejects.contains("ANN@"), "{rejects}");
}

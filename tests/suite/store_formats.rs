//! Stores that earlier versions wrote are read, with the answers that their files give; and a store keeps every column
//! of its files that a field is read from.

use std::path::{Path, PathBuf};

use polars::prelude::*;

use super::common::{run, stdout};
use super::store::{
    Answered, COMMANDS, TELLING, Trial, assert_alike, contents, files_of, import, manifest, replace,
};

/// What the stores are made of, in the order of their import; the second import has the files from here on.
const INPUTS: [&str; 7] = [
    "orders_may.csv",
    "items.csv",
    "customers.csv",
    "events.csv",
    "orders_june.csv",
    "lines_june.csv",
    "sends.csv",
];
const SECOND_IMPORT: usize = 4;

pub fn inputs() -> Vec<String> {
    INPUTS.iter().map(|name| format!("fixtures/stores/inputs/{name}")).collect()
}

fn make(store: &str) {
    let files = inputs();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    import(&files[..SECOND_IMPORT], store);
    import(&files[SECOND_IMPORT..], store);
}

/// A copy of a store, since whoever reads one puts a lock into it.
pub fn copy(trial: &Trial, store: &Path) -> String {
    let to = trial.path(store.file_name().unwrap().to_str().unwrap());
    for (name, bytes) in contents(store.to_str().unwrap()) {
        let path = Path::new(&to).join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    to
}

/// The stores of all formats.
fn stores() -> Vec<PathBuf> {
    let entries = std::fs::read_dir("fixtures/stores").unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut stores: Vec<PathBuf> = paths.filter(|path| path.join("ecrm-store.json").is_file()).collect();
    stores.sort();
    stores
}

/// The first format that keeps every column of orders.
const FIRST_WITH_ORDER_COLUMNS: u64 = 4;

/// The format that this version writes.
fn own_format() -> u64 {
    let trial = Trial::new();
    import(&["fixtures/stores/inputs/orders_may.csv"], &trial.store());
    format_of(Path::new(&trial.store()))
}

fn format_of(store: &Path) -> u64 {
    let text = std::fs::read(store.join("ecrm-store.json")).unwrap();
    serde_json::from_slice::<serde_json::Value>(&text).unwrap()["format"].as_u64().unwrap()
}

#[test]
fn stores_of_every_format_say_what_their_files_say() {
    let stores = stores();
    let own = format!("v{}", own_format());
    assert!(
        stores.iter().any(|store| store.ends_with(&own)),
        "{own} is not among {stores:?}: see the README there"
    );
    let files = inputs();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let beside = Trial::new();
    let more =
        beside.write("more.csv", "order_id,customer_id,paid_at,paid_amount\nA8,ann,2026-06-02,44.00\n");
    let with_more = [&files[..], &[&more]].concat();
    let (mut of_files, mut of_more) = (Answered::of(&files), Answered::of(&with_more));
    let rejects = |inputs: &[&str]| {
        let path = beside.path("rejects.csv");
        stdout(&[&["overview", "-q", "--rejects", &path][..], inputs].concat());
        std::fs::read_to_string(path).unwrap()
    };
    let rejects_of_files = rejects(&files);
    assert!(rejects_of_files.contains("baddate"));
    for (number, store) in stores.iter().enumerate() {
        let trial = Trial::new();
        let keeps_order_columns = format_of(store) >= FIRST_WITH_ORDER_COLUMNS;
        let store = copy(&trial, store);
        // Without the times of orders a store does not say how long customers took to decide, and says that.
        let can_answer = |command: &&[&str]| keeps_order_columns || command[0] != "profile";
        for command in COMMANDS.into_iter().filter(can_answer) {
            of_files.assert_alike(command, "json", &[&store]);
        }
        of_files.assert_alike(&["profile"], "csv", &[&store]);
        let output = run(&["profile", &store, "--table", "decision"]);
        let said =
            String::from_utf8_lossy(&output.stderr).contains("without the columns created_at, paid_at");
        assert!(output.status.success() && said != keeps_order_columns, "{store}");
        of_files.assert_alike(&["customers", "--columns", "customer_id,last_rating"], "json", &[&store]);
        assert!(rejects(&[&store]) == rejects_of_files);
        // And they are written on: rows of the old format together with new ones.
        stdout(&["store", "verify", &store]);
        stdout(&["store", "compact", &store]);
        import(&[&more], &store);
        // Every format says all that it keeps; of all commands each format answers every second one, and the next
        // format the others.
        let is_next = |place: usize, command: &[&str]| {
            (place + number).is_multiple_of(2) && !TELLING.contains(&command)
        };
        let in_turn = COMMANDS.into_iter().enumerate().filter(|(place, command)| is_next(*place, command));
        for command in TELLING.into_iter().chain(in_turn.map(|(_, command)| command)).filter(can_answer) {
            of_more.assert_alike(command, "json", &[&store]);
        }
        stdout(&["store", "forget", "bob", &store]);
        stdout(&["store", "verify", &store]);
        assert!(!stdout(&["rfm", &store, "--format", "csv", "-q"]).contains("bob"));
    }
}

#[test]
fn what_earlier_versions_did_not_note_of_refunds_follows_from_the_layout() {
    let trial = Trial::new();
    // The orders say nothing of refunds, their items do: of 180 paid, 30 went back.
    let orders = trial.write(
        "orders.csv",
        "order_id,customer_id,paid_at,paid_amount\nA1,ann,2026-05-01,100.00\nA2,bob,2026-05-03,80.00\n",
    );
    let items = trial.write(
        "items.csv",
        "order_id,product_id,title,quantity,amount,refund_amount\nA1,P1,Tea,1,100.00,0\nA2,P2,Cup,1,80.00,30.00\n",
    );
    let store = trial.store();
    import(&[&orders, &items], &store);
    let place = manifest(&store)["imports"].as_array().unwrap().iter().position(|of| of["table"] == "orders");
    let pointer = format!("/imports/{}/record", place.unwrap());
    let path = Path::new(&store).join(manifest(&store).pointer(&pointer).unwrap()["path"].as_str().unwrap());
    let mut record = std::fs::read(path).unwrap();
    // Under names that nobody knows they are as if they were not there.
    for name in ["says_refunds", "has_refund"] {
        let at = record.windows(name.len()).position(|bytes| bytes == name.as_bytes()).unwrap();
        record[at] = b'x';
    }
    replace(&store, &pointer, &record);
    let said = stdout(&["rfm", &store, "--format", "csv", "-q"]);
    let net = |id: &str| {
        let line = said.lines().find(|line| line.starts_with(id)).unwrap();
        line.split(',').nth(4).unwrap().to_owned()
    };
    assert_eq!((net("ann"), net("bob")), ("100.00".to_owned(), "50.00".to_owned()), "{said}");
    for command in COMMANDS {
        assert_alike(command, "json", &[&orders, &items], &[&store]);
    }
}

#[test]
#[ignore = "writes fixtures/stores: when FORMAT has gone up"]
fn write_the_store_of_this_format() {
    let trial = Trial::new();
    make(&trial.store());
    let to = PathBuf::from(format!("fixtures/stores/v{}", own_format()));
    if to.exists() {
        std::fs::remove_dir_all(&to).unwrap();
    }
    for (name, bytes) in contents(&trial.store()) {
        let path = to.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// The texts of a column of the files of a store with a word in their names, in the order of the files.
fn column(store: &str, table: &str, word: &str, name: &str) -> Vec<String> {
    let is_wanted = |file: &String| file.starts_with(&format!("{table}/")) && file.contains(word);
    let mut texts = Vec::new();
    for file in files_of(store).into_iter().filter(is_wanted) {
        let file = std::fs::File::open(Path::new(store).join(file)).unwrap();
        let frame = ParquetReader::new(file).finish().unwrap();
        let column =
            frame.column(name).unwrap_or_else(|_| panic!("{name} is not in {:?}", frame.get_column_names()));
        texts.extend(column.str().unwrap().iter().map(|text| text.unwrap_or_default().to_owned()));
    }
    texts
}

#[test]
fn every_column_that_a_field_is_read_from_is_kept() {
    let trial = Trial::new();
    let store = trial.store();
    make(&store);
    // As they stand in the files, by hand.
    let expected: [(&str, &str, [&str; 3]); 21] = [
        ("customers", "name", ["Ann Li", "Bob Wu", "Cat Xu"]),
        ("customers", "phone", ["13800000001", "13800000002", "13800000003"]),
        ("customers", "email", ["ann@shop.example", "bob@shop.example", ""]),
        ("customers", "wechat", ["ann_wx", "", ""]),
        ("customers", "qq", ["10001", "10002", ""]),
        ("customers", "opt_out", ["no", "yes", "no"]),
        ("customers", "blacklisted", ["no", "no", "yes"]),
        ("customers", "attribute skin type", ["dry", "oily", ""]),
        ("customers", "attribute height", ["165", "178", ""]),
        ("items", "line_no", ["1", "2", "1"]),
        ("items", "variant", ["green", "blue", "black"]),
        ("items", "unit_price", ["30.00", "40.00", "80.00"]),
        ("items", "refund_amount", ["0", "0", "30.00"]),
        ("items", "cost", ["20.00", "12.50", "10.00"]),
        ("sends", "campaign_id", ["june-18", "june-18", "june-18"]),
        ("sends", "channel", ["sms", "sms", "email"]),
        ("sends", "arm", ["treatment", "control", "treatment"]),
        ("sends", "delivered", ["yes", "", "no"]),
        ("sends", "opened", ["yes", "", "no"]),
        ("sends", "clicked", ["no", "", "no"]),
        ("sends", "cost", ["0.05", "", "0.01"]),
    ];
    for (table, name, texts) in expected {
        assert_eq!(column(&store, table, ".more.", name), texts, "{table} {name}");
    }
    assert_eq!(column(&store, "events", ".more.", "product_id"), ["P1", "P1", "P2", "P2"]);
    assert_eq!(column(&store, "events", ".core.", "rating"), ["", "", "", "5"]);
    assert_eq!(column(&store, "events", ".more.", "kind"), ["view", "fav_item", "cart", "review"]);
    // Who is erased is erased from them, and the rows of the others stay beside their ids.
    stdout(&["store", "forget", "ann", &store]);
    assert_eq!(column(&store, "customers", ".more.", "name"), ["Bob Wu", "Cat Xu"]);
    let left = ["bob", "a-customer-with-a-long-id@shop.example"];
    assert_eq!(column(&store, "customers", ".core.", "customer_id"), left);
    assert_eq!(column(&store, "sends", ".more.", "arm"), ["control", "treatment"]);
    assert_eq!(column(&store, "items", ".more.", "variant"), ["black"]);
}

//! What a store holds of people, however they are named; and that nothing of it is left in any file once they are
//! forgotten.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use polars::prelude::{DataType, ParquetReader, SerReader};
use serde_json::Value;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::common::{failure, run, stdout};
use super::store::{Trial, assert_alike, contents, import};

const ID: &str = "Annie-Forgotten-7731";
const PHONE: &str = "13800007731";
const MAIL: &str = "annie.f@shop.example";
const RECIPIENT: &str = "Annabella Recipient";

/// Two overlapping exports of orders, one of orders' items, lists of customers, events, messages and items. Of the
/// person there is something in every table, in rows that a later export replaces, and in rows that cannot be read.
const EXPORTS: [(&str, &str); 7] = [
    (
        "may",
        "order_id,customer_id,recipient,phone,email,status,created_at,paid_at,paid_amount,city,source\n\
         AN-1,Annie-Forgotten-7731,Annabella Recipient,+86 138-0000-7731,Annie.F@Shop.example,completed,2026-05-01,2026-05-01,1234567.89,Annistadt,Anniesource\n\
         BO-1,bob,Bob Recipient,13900000002,bob@shop.example,completed,2026-05-02,2026-05-02,20,Bobtown,App\n\
         BO-2,bob,Annabella Recipient,13800007731,bob@shop.example,completed,2026-05-03,2026-05-03,30,Bobtown,App\n\
         AN-2,,,+86 138-0000-7731,,completed,2026-05-03,baddate,30,Bobtown,App\n\
         XX-2,eve,,,,completed,2026-05-03,baddate,30,\"for ANNIE.F@SHOP.EXAMPLE, soon\",App\n\
         XX-3,eve,,,,completed,2026-05-03,baddate,30,Evetown,App\n",
    ),
    (
        "june",
        "order_id,customer_id,recipient,phone,email,status,created_at,paid_at,paid_amount,city,source\n\
         AN-1,Annie-Forgotten-7731,Annabella Recipient,0086 138 0000 7731,ANNIE.F@shop.example,shipped,2026-05-01,2026-05-01,77,Annistadt Two,App\n\
         BO-3,bob,Bob Recipient,13900000002,bob@shop.example,completed,2026-06-02,2026-06-02,20,Bobtown,App\n",
    ),
    (
        "lines",
        "order_id,customer_id,order_date,product_id,title,quantity,amount\n\
         AN-L1,Annie-Forgotten-7731,2026-05-05,APAN,Annie teaset,1,10\n\
         AN-L1,,2026-05-05,APOT,Annie teapot,1,20\n\
         BO-L1,bob,2026-05-06,TEA,Tea,1,5\n",
    ),
    (
        "customers",
        "customer_id,name,gender,level,phone,email,city\n\
         Annie-Forgotten-7731,Annie,f,VIP2,138 0000 7731,annie.f@shop.example,Annistadt\n\
         ANNIE-SECOND,Annie,f,VIP1,8613800007731,Annie.F@Shop.Example,Annistadt\n\
         bob,Bob,m,VIP1,13900000002,bob@shop.example,Bobtown\n",
    ),
    (
        "events",
        "user_id,event,time,source\n\
         Annie-Forgotten-7731,fav,2026-05-01 10:00,Annie-only-source\n\
         annie-second,cart,2026-05-02 10:00,App\nbob,fav,2026-05-02 10:00,App\n",
    ),
    (
        "sends",
        "campaign_id,customer_id,sent_at,channel,arm\n\
         spring,Annie-Forgotten-7731,2026-05-01,sms,treatment\nspring,bob,2026-05-01,sms,control\n",
    ),
    (
        "items",
        "order_id,line_no,product_id,title,category,quantity,unit_price,amount\n\
         AN-1,1,ACUP,Annie cup,Annie cups,1,10,10\nBO-1,1,TEA,Tea,Food,1,20,20\n",
    ),
];

/// Ways to name the person: by both ids, by the address, by the number.
const NAMES: [&[&str]; 11] = [
    &["Annie-Forgotten-7731", "ANNIE-SECOND"],
    &["annie-second", " ANNIE-FORGOTTEN-7731 "],
    &["'Annie-Forgotten-7731", "annie-Second"],
    &["annie.f@shop.example"],
    &["ANNIE.F@Shop.Example"],
    &["13800007731"],
    &["+86 138 0000 7731"],
    &["+86-138-0000-7731"],
    &["8613800007731"],
    &["(86) 13800007731"],
    &["138-0000-7731"],
];

/// Texts of which none may be left, in whatever case: what names the person, and what only they had.
const GONE: [&str; 18] = [
    "annie-forgotten-7731",
    "annie-second",
    "13800007731",
    "138-0000-7731",
    "138 0000 7731",
    "annie.f@",
    "an-1",
    "an-2",
    "an-l1",
    "annistadt",
    "anniesource",
    "annie-only-source",
    "annie teaset",
    "annie teapot",
    "annie cup",
    "apan",
    "acup",
    "1234567.89",
];

/// What others have and keep.
const KEPT: [&str; 6] = ["bob", "BO-1", "Bobtown", "13900000002", "bob@shop.example", "Evetown"];

fn exports(trial: &Trial) -> Vec<String> {
    EXPORTS.iter().map(|(name, text)| trial.write(&format!("{name}.csv"), text)).collect()
}

/// A store of all exports, imported one by one and put together.
fn store_of(trial: &Trial) -> String {
    let store = trial.store();
    exports(trial).iter().for_each(|file| drop(import(&[file], &store)));
    store
}

/// All that files hold, by file: their bytes as text, and every value of every column as text, which may be compressed
/// in them.
pub fn everything(store: &str) -> BTreeMap<String, String> {
    let of = |(name, bytes): (String, Vec<u8>)| {
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        if name.ends_with(".parquet") {
            let file = File::open(Path::new(store).join(&name)).unwrap();
            let frame = ParquetReader::new(file).finish().unwrap();
            for column in frame.columns() {
                let texts = column.cast(&DataType::String).unwrap();
                for cell in texts.str().unwrap().iter().flatten() {
                    text.push('\n');
                    text.push_str(cell);
                }
            }
        }
        (name, text)
    };
    contents(store).into_iter().map(of).collect()
}

/// The files that hold a text, in any case.
pub fn holders(all: &BTreeMap<String, String>, text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    all.iter().filter(|(_, held)| held.to_lowercase().contains(&text)).map(|(name, _)| name.clone()).collect()
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&stdout(args)).unwrap()
}

#[test]
fn nothing_is_left_in_any_file_however_the_person_is_named() {
    for name in NAMES {
        let trial = Trial::new();
        let store = store_of(&trial);
        let before = everything(&store);
        for text in GONE.iter().filter(|text| !["138 0000 7731", "1234567.89"].contains(text)) {
            assert!(!holders(&before, text).is_empty(), "{text} was never there");
        }
        let said = json(&[&["store", "forget", "--format", "json"][..], name, &[&store]].concat());
        // By hand: AN-1 of June, and of May, which is kept for when June is read again; two lines of AN-L1; both ids in
        // the list; two events; one message; one item. Of the rows that cannot be read one has the number and one the
        // address, which the list says too.
        let rows = &said["row_counts"];
        let counts = ["orders", "items", "customers", "events", "sends"].map(|table| rows[table].as_u64());
        assert_eq!(counts, [Some(4), Some(1), Some(2), Some(2), Some(1)], "{name:?}: {said}");
        assert_eq!(said["unreadable_row_count"], 2, "{name:?}: {said}");
        let after = everything(&store);
        for text in GONE {
            assert_eq!(holders(&after, text), [""; 0], "{name:?}: {text}");
        }
        for text in KEPT {
            assert!(!holders(&after, text).is_empty(), "{name:?}: {text}");
        }
        stdout(&["store", "verify", &store]);
    }
}

#[test]
fn answers_are_those_of_exports_without_the_person() {
    let trial = Trial::new();
    let store = store_of(&trial);
    stdout(&["store", "forget", MAIL, &store]);
    let is_theirs = |line: &str| {
        let line = line.to_lowercase();
        line.contains("annie") || line.starts_with("an-")
    };
    let files: Vec<String> = EXPORTS
        .iter()
        .map(|(name, text)| {
            let kept: String =
                text.lines().filter(|line| !is_theirs(line)).map(|line| format!("{line}\n")).collect();
            trial.write(&format!("without-{name}.csv"), &kept)
        })
        .collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    for command in ["rfm", "overview", "interest", "products", "profile", "region"] {
        assert_alike(&[command], "csv", &files, &[&store]);
    }
    // No statistic is left of their greatest amount.
    let checked = stdout(&["check", &store, "--format", "json"]);
    assert!(!checked.contains("1234567.89") && !checked.contains("AN-1"), "{checked}");
}

#[test]
fn a_dry_run_says_what_would_go_and_touches_nothing() {
    let trial = Trial::new();
    let store = store_of(&trial);
    let before = contents(&store);
    let would = json(&["store", "forget", PHONE, &store, "--dry-run", "--format", "json"]);
    assert!(contents(&store) == before && would["is_dry_run"] == true, "{would}");
    let lines = stdout(&["store", "forget", PHONE, &store, "--dry-run"]);
    assert!(lines.contains("nothing was touched") && lines.contains("customers: 2"), "{lines}");
    assert!(!lines.contains(PHONE) && contents(&store) == before);
    let mut did = json(&["store", "forget", PHONE, &store, "--format", "json"]);
    did["is_dry_run"] = true.into();
    assert_eq!(would, did);
}

#[test]
fn somebody_unknown_is_an_error_and_nobody_is_touched() {
    let trial = Trial::new();
    let store = store_of(&trial);
    let before = contents(&store);
    for command in ["who", "forget"] {
        for names in
            [&["zoe"][..], &["13811112222"], &["zoe@shop.example"], &["bob", "zoe"], &["annie", "7731"]]
        {
            let (code, stderr) = failure(&[&["store", command][..], names, &[&store]].concat());
            assert!(code == 1 && stderr.contains("hint:"), "{names:?}: {stderr}");
            assert!(!stderr.contains("13811112222") && !stderr.contains("zoe@"), "{stderr}");
        }
        let (code, stderr) = failure(&["store", command, "-", &store]);
        assert!(code == 2 && stderr.contains("names nobody"), "{stderr}");
    }
    assert!(contents(&store) == before);
    // Several at once; after that nothing is held of them.
    stdout(&["store", "forget", "bob", ID, "annie-second", &store]);
    for name in ["bob", "BOB", ID, PHONE, MAIL] {
        for command in ["who", "forget"] {
            let (code, stderr) = failure(&["store", command, name, &store]);
            assert!(code == 1 && stderr.contains("forgotten already"), "{name}: {stderr}");
        }
    }
}

#[test]
fn who_shows_all_that_is_held() {
    let trial = Trial::new();
    let store = store_of(&trial);
    for name in NAMES {
        let held = json(&[&["store", "who", "--format", "json"][..], name, &[&store]].concat());
        let tables = held["tables"].as_object().unwrap();
        let counts: Vec<(&str, usize)> = tables
            .iter()
            .filter(|(name, _)| *name != "held")
            .map(|(name, rows)| (name.as_str(), rows.as_array().unwrap().len()))
            .collect();
        // AN-1 of June and of May, which June replaced; the two lines of AN-L1, which are items too.
        let expected = [
            ("orders", 4),
            ("items", 3),
            ("customers", 2),
            ("events", 2),
            ("sends", 1),
            ("contacts", 4),
            ("unreadable", 2),
        ];
        assert_eq!(counts, expected, "{name:?}");
        let counted: Vec<u64> =
            tables["held"].as_array().unwrap().iter().map(|row| row["row_count"].as_u64().unwrap()).collect();
        assert_eq!(counted, expected.map(|(_, rows)| rows as u64));
    }
    let held = json(&["store", "who", MAIL, &store, "--format", "json"]);
    let first = &held["tables"]["orders"][0];
    assert_eq!(first["order_id"], "AN-1");
    // For people masked, unless they ask; for machines whole.
    let table = stdout(&["store", "who", MAIL, &store, "--format", "table"]);
    let shown = stdout(&["store", "who", MAIL, &store, "--format", "table", "--show-pii"]);
    assert!(!table.contains(PHONE) && !table.to_lowercase().contains(MAIL), "{table}");
    assert!(shown.contains(PHONE) && shown.contains(MAIL), "{shown}");
    let csv = stdout(&["store", "who", MAIL, &store, "--table", "contacts", "--format", "csv"]);
    assert!(csv.starts_with("customer_id,contact\n") && csv.contains(PHONE), "{csv}");
    let none = stdout(&["store", "who", "bob", &store, "--table", "unreadable", "--format", "csv"]);
    assert_eq!(none, "customer_id\n");
    let zh = stdout(&["store", "who", "bob", &store, "--format", "table", "--lang", "zh"]);
    assert!(zh.contains("所存数据") && zh.contains("订单号"), "{zh}");
}

#[test]
fn a_later_export_does_not_bring_anybody_back() {
    let trial = Trial::new();
    let store = store_of(&trial);
    stdout(&["store", "forget", MAIL, &store]);
    // The same exports in a later state: with a new line each, so that they are other files; with the person under an
    // id that is new, told by the number in a list; and in rows that cannot be read.
    let mut excluded = 0;
    for (name, text) in EXPORTS {
        let more = match name {
            "may" | "june" => {
                "AN-9,annie-FORGOTTEN-7731,,,,paid,2026-06-09,2026-06-09,5,,\n\
                               AN-8,,,,Annie.F@shop.example,paid,2026-06-09,2026-06-09,5,,\n\
                               AN-7,,,+8613800007731,,paid,2026-06-09,baddate,5,,\n\
                               ZO-1,zoe,,,,paid,2026-06-10,2026-06-10,50,,\n"
            }
            "customers" => "annie-third,Annie,f,VIP1,+86 138-0000-7731,,\nzoe,Zoe,f,VIP1,,,\n",
            "events" => "annie-third,fav,2026-06-01 10:00,App\nzoe,fav,2026-06-02 10:00,App\n",
            _ => continue,
        };
        let file = trial.write(&format!("later-{name}.csv"), &format!("{text}{more}"));
        let said = json(&["import", &file, "--store", &store, "--format", "json"]);
        excluded += said["files"][0]["rows_forgotten"].as_u64().unwrap();
    }
    // Of May six: AN-1, AN-2 with the number, XX-2 with the address, and three of the new ones; of June AN-1 and those
    // three; of the list three; of the events three.
    assert_eq!(excluded, 6 + 4 + 3 + 3, "rows left out");
    let all = everything(&store);
    for text in GONE.iter().chain(&["annie-third", "an-7", "an-8", "an-9"]) {
        assert_eq!(holders(&all, text), [""; 0], "{text}");
    }
    assert!(!holders(&all, "zoe").is_empty());
    let rfm = json(&["rfm", &store, "--format", "json", "-q"]);
    let accounting = &rfm["accounting"];
    let sum = ["rows_used", "rows_excluded", "rows_quarantined"].map(|key| accounting[key].as_u64().unwrap());
    assert_eq!(accounting["rows_read"].as_u64().unwrap(), sum.iter().sum::<u64>(), "{accounting}");
    // Of orders: six of May, four of June.
    assert_eq!(accounting["excluded"]["forgotten"], 10, "{accounting}");
    stdout(&["store", "verify", &store]);
}

#[test]
fn hashes_of_people_are_keyed_with_the_stores_own_key() {
    let trial = Trial::new();
    let files = exports(&trial);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let stores = ["one", "two"].map(|name| trial.path(name));
    stores.iter().for_each(|store| drop(import(&files, store)));
    // No unkeyed hash of an id, a number, an address or a recipient, of any common kind.
    let check = |store: &str, people: &[&str]| {
        let texts = everything(store);
        for (name, bytes) in contents(store) {
            for person in people {
                for text in [(*person).to_owned(), person.to_lowercase()] {
                    let short = xxh3_64(text.as_bytes());
                    let long = xxh3_128(text.as_bytes());
                    let hashes = [
                        short.to_le_bytes().to_vec(),
                        short.to_be_bytes().to_vec(),
                        long.to_le_bytes()[..14].to_vec(),
                    ];
                    for hash in hashes {
                        assert!(!bytes.windows(hash.len()).any(|part| part == hash), "{name}: {text}");
                    }
                    assert!(!texts[&name].contains(&short.to_string()), "{name}: {text}");
                }
            }
        }
    };
    stores.iter().for_each(|store| check(store, &[RECIPIENT, "Bob Recipient", ID, PHONE, MAIL]));
    stores.iter().for_each(|store| drop(stdout(&["store", "forget", MAIL, store])));
    stores.iter().for_each(|store| check(store, &[RECIPIENT, ID, PHONE, MAIL]));
    let graves = stores.each_ref().map(|store| {
        let of = contents(store).into_iter().find(|(name, _)| name.contains(".forgotten."));
        of.unwrap().1
    });
    assert_ne!(graves[0], graves[1]);
    // The key is nowhere but in the manifest, and no command says it.
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(Path::new(&stores[0]).join("ecrm-store.json")).unwrap())
            .unwrap();
    let key = manifest["people_key"].as_str().unwrap();
    assert_eq!(key.len(), 64);
    assert_eq!(holders(&everything(&stores[0]), key), ["ecrm-store.json"]);
    assert!(!stdout(&["store", "info", &stores[0], "--format", "json"]).contains(key));
    // Recipients are still told apart, in the store and beside files.
    let without = trial.path("three");
    import(&files[..3], &without);
    assert_alike(&["profile"], "json", &files[..3], &[&without]);
    assert_alike(
        &["profile"],
        "json",
        &files[..3],
        &[
            &{
                let store = trial.path("four");
                import(&files[..1], &store);
                store
            },
            files[1],
            files[2],
        ],
    );
}

#[test]
fn a_number_that_many_share_or_that_a_gift_went_to_takes_nobody_with_it() {
    let trial = Trial::new();
    let many: String = (0..11).map(|i| format!("{i},c{i},13800000009,2026-05-01,10\n")).collect();
    let text = format!(
        "order_id,customer_id,phone,paid_at,paid_amount\n{many}\
         20,ann,13800000001,2026-05-01,10\n21,bob,13800000001,2026-05-02,20\n22,cy,13800000003,2026-05-02,20\n\
         23,dan,13800000003,2026-05-02,20\n"
    );
    let (store, orders) = (trial.store(), trial.write("orders.csv", &text));
    let list = "customer_id,name,gender,phone,email\nann,Ann,f,13800000001,home@shop.example\n\
                zed,Zed,m,,home@shop.example\n";
    import(&[&orders, &trial.write("customers.csv", list)], &store);
    let (code, stderr) = failure(&["store", "forget", "13800000009", &store]);
    assert!(code == 1 && stderr.contains("11 customer ids"), "{stderr}");
    // The list says whose the number is: bob's order to it stays, without it. The address is zed's too.
    let output = run(&["store", "forget", "13800000001", &store, "--format", "json"]);
    let (said, notes) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["customer_ids"], serde_json::json!(["ann"]));
    assert_eq!((&said["order_row_count"], &said["other_row_count"]), (&1.into(), &1.into()));
    assert!(notes.contains("bob") && notes.contains("others have these too"), "{notes}");
    let all = everything(&store);
    assert_eq!(holders(&all, "13800000001"), [""; 0]);
    assert!(!holders(&all, "home@shop.example").is_empty() && !holders(&all, "bob").is_empty());
    // No list has this one: whoever ordered with it goes.
    let said = json(&["store", "forget", "138 0000 0003", &store, "--format", "json"]);
    assert_eq!(said["customer_ids"], serde_json::json!(["cy", "dan"]));
}

#[test]
fn what_a_killed_import_left_of_somebody_goes_too() {
    let trial = Trial::new();
    let store = store_of(&trial);
    // As a change that died leaves it: a note in the lock, and a file of the change.
    let token = "0123456789abcdef";
    std::fs::write(Path::new(&store).join(".writer.lock"), format!("writes {token}\n")).unwrap();
    std::fs::write(Path::new(&store).join(format!("rejects/000099.{token}.parquet")), ID).unwrap();
    let own = "rejects/notes.txt";
    std::fs::write(Path::new(&store).join(own), ID).unwrap();
    let output = run(&["store", "forget", MAIL, &store]);
    let notes = String::from_utf8(output.stderr).unwrap();
    assert!(notes.contains(own), "a file that is not the store's is named: {notes}");
    assert_eq!(holders(&everything_readable(&store), ID), [own]);
}

/// As [`everything`], of files that may be no Parquet.
fn everything_readable(store: &str) -> BTreeMap<String, String> {
    contents(store)
        .into_iter()
        .map(|(name, bytes)| (name, String::from_utf8_lossy(&bytes).into_owned()))
        .collect()
}

#[test]
fn an_id_is_one_account_and_what_others_have_too_is_said() {
    let trial = Trial::new();
    let store = store_of(&trial);
    let output = run(&["store", "forget", ID, &store, "--format", "json"]);
    let notes = String::from_utf8(output.stderr).unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(notes.contains("others have these too"), "{notes}");
    assert_eq!(said["customer_ids"], serde_json::json!([ID]), "{said}");
    let all = everything(&store);
    assert_eq!(holders(&all, ID), [""; 0]);
    assert!(!holders(&all, "annie-second").is_empty() && !holders(&all, MAIL).is_empty());
}

#[test]
fn a_store_of_which_everybody_was_forgotten_still_answers() {
    let trial = Trial::new();
    let store = store_of(&trial);
    stdout(&["store", "forget", MAIL, "bob", "eve", &store]);
    for command in ["overview", "check", "products"] {
        run(&[command, &store, "--format", "csv", "-q"]);
    }
    let (code, stderr) = failure(&["store", "who", "bob", &store]);
    assert!(code == 1 && stderr.contains("forgotten already"), "{stderr}");
    let file = trial.write("new.csv", "order_id,customer_id,paid_at,paid_amount\nZ-1,zoe,2026-06-20,10\n");
    import(&[&file], &store);
    let rfm = stdout(&["rfm", &store, "--format", "csv", "-q"]);
    assert!(rfm.contains("\nzoe,2026-06-20,0,1,10.00,"), "{rfm}");
}

#[test]
fn a_row_that_a_later_import_replaced_is_held_and_goes_too() {
    let trial = Trial::new();
    let header = EXPORTS[0].1.lines().next().unwrap();
    let many: String =
        (0..50).map(|i| format!("M-{i},m{i},,,,completed,2026-04-01,2026-04-01,1,Bobtown,App\n")).collect();
    let first = trial.write("first.csv", &format!("{}{many}", EXPORTS[0].1));
    let later = trial
        .write("later.csv", &format!("{header}\nAN-1,zoe,,,,shipped,2026-05-01,2026-05-01,7,Bobtown,App\n"));
    let store = trial.store();
    import(&[&first], &store);
    import(&[&later], &store);
    let held = json(&["store", "who", ID, &store, "--table", "orders", "--format", "json"]);
    let rows = held["rows"].as_array().unwrap();
    assert!(rows.len() == 1 && rows[0]["is_superseded"] == true && rows[0]["city"] == "Annistadt", "{held}");
    stdout(&["store", "forget", ID, &store]);
    let all = everything(&store);
    for text in [ID, "annistadt", "anniesource", "annie.f@"] {
        assert_eq!(holders(&all, text), [""; 0], "{text}");
    }
    let (code, _) = failure(&["store", "who", ID, &store]);
    assert_eq!(code, 1);
}

/// An id that could be any number is theirs only in the cells that name customers.
#[test]
fn unreadable_rows_of_others_stay_however_short_a_forgotten_id_is() {
    let trial = Trial::new();
    let store = trial.store();
    let head = "order_id,customer_id,status,created_at,paid_at,paid_amount,quantity\n";
    let may = trial.write(
        "may.csv",
        &format!("{head}A-1,2,paid,2026-05-01,2026-05-01,10,1\nA-2,zoe,paid,2026-05-01,2026-05-01,10,1\n"),
    );
    import(&[&may], &store);
    stdout(&["store", "forget", "2", &store]);
    let rows = "A-3,zoe,paid,2026-06-01,bad,20,2\nA-4,2,paid,2026-06-01,bad,30,1\nA-5,zoe,paid,2026-06-02,2026-06-02,40,2\n";
    let june = trial.write("june.csv", &format!("{head}{rows}"));
    let rejects = trial.path("rejects.csv");
    let said = json(&["import", &june, "--store", &store, "--rejects", &rejects, "--format", "json"]);
    let file = &said["files"][0];
    assert_eq!(
        (file["rows_quarantined"].as_u64(), file["rows_forgotten"].as_u64()),
        (Some(1), Some(1)),
        "{file}"
    );
    let rejected = std::fs::read_to_string(&rejects).unwrap();
    assert!(rejected.contains("A-3") && !rejected.contains("A-4"), "{rejected}");
}

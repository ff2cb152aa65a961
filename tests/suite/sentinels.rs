//! Whatever a command writes, nothing else in the folders it writes into is changed or gone: not what has a name much
//! like those of outputs, locks and unfinished files, nor what lies beside, below or behind them.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::common::ecrm;
use super::outputs::everything;

/// Names that a user's files may have, by the folder of the trial.
const SENTINELS: [&str; 22] = [
    "notes.txt",
    ".hidden",
    ".ecrm-mine.partial",
    "out.csv.bak",
    "out.csv~",
    ".out.csv",
    "out.csv.partial",
    "out.xlsx.tmp",
    "page.html.old",
    "rejects.csv.1",
    "log.csv.lock",
    "tags.csv.bak",
    "notes.csv~",
    ".tags.lock",
    "ecrm.toml.orig",
    "st.tar",
    "st/readme.txt",
    "st/.ecrm-mine.partial",
    "st/orders/2026.csv",
    "st/orders/backup.parquet",
    "st/imports/000001.msgpack",
    "below/st/ecrm-store.json.bak",
];

/// A command and what it may make or change, by the beginnings of names.
type Written<'a> = (&'a [&'a str], &'a [&'a str]);

/// Every way in which ecrm writes a file.
const COMMANDS: [Written<'_>; 30] = [
    (
        &["import", "orders.csv", "customers.csv", "--store", "st", "--rejects", "rejects.csv"],
        &["st/", "rejects.csv"],
    ),
    (&["import", "more.csv", "broken.csv", "--store", "st"], &["st/"]),
    (&["import", "--again", "broken.csv", "--store", "st"], &["st/"]),
    (&["store", "compact", "st"], &["st/"]),
    (&["store", "forget", "1001", "st", "--dry-run"], &["st/"]),
    (&["store", "forget", "1001", "st"], &["st/"]),
    (&["store", "verify", "st"], &["st/"]),
    (&["rfm", "st", "-o", "out.csv"], &["out.csv"]),
    (&["rfm", "st", "-o", "out.csv", "--limit", "1"], &["out.csv"]),
    (&["rfm", "orders.csv", "-o", "out.tsv", "--manifest", "m.json"], &["out.tsv", "m.json"]),
    (&["rfm", "orders.csv", "-o", "out.json"], &["out.json"]),
    (&["rfm", "orders.csv", "-o", "out.jsonl"], &["out.jsonl"]),
    (&["rfm", "orders.csv", "-o", "out.parquet"], &["out.parquet"]),
    (&["rfm", "orders.csv", "-o", "out.xlsx"], &["out.xlsx"]),
    (&["rfm", "orders.csv", "-o", "out.md"], &["out.md"]),
    (
        &["rfm", "orders.csv", "-o", "below/out.csv", "--save-cuts", "cuts.toml"],
        &["below/out.csv", "cuts.toml"],
    ),
    (&["overview", "broken.csv", "-o", "o.csv", "--rejects", "rejects.csv"], &["o.csv", "rejects.csv"]),
    (&["overview", "broken.csv", "--strict", "--rejects", "strict.csv"], &["strict.csv"]),
    (&["overview", "broken.csv", "--max-rejects", "0", "-o", "never.csv"], &[]),
    (&["report", "orders.csv", "-o", "page.html"], &["page.html"]),
    (&["init", "orders.csv", "-o", "new.toml"], &["new.toml"]),
    (
        &[
            "audience",
            "orders.csv",
            "customers.csv",
            "--campaign",
            "may",
            "--channel",
            "sms",
            "-o",
            "list.csv",
            "--record",
            "log.csv",
        ],
        &["list.csv", "log.csv", ".log.csv.lock"],
    ),
    (&["care", "orders.csv", "-o", "today.csv", "--record", "log.csv"], &["today.csv", "log.csv"]),
    (&["tag", "add", "vip", "--customer", "1001", "1002"], &["tags.csv", ".tags.csv.lock"]),
    (&["tag", "add", "quiet", "orders.csv", "--where", "order_count = 1"], &["tags.csv"]),
    (&["note", "1001", "allergic to nuts"], &["notes.csv", ".notes.csv.lock"]),
    (&["note", "1001", "--clear"], &["notes.csv"]),
    (
        &["source", "set", "1001", "douyin", "--reason", "a fair"],
        &["source_corrections.csv", ".source_corrections.csv.lock"],
    ),
    (&["source", "clear", "1001"], &["source_corrections.csv"]),
    (&["identity", "same", "1001", "1002"], &["identities.csv", ".identities.csv.lock"]),
];

const ORDERS: &str = "order_id,customer_id,paid_at,paid_amount\n1,1001,2026-05-01,10\n2,1001,2026-05-09,20\n3,1002,2026-05-10,30\n";
const CUSTOMERS: &str =
    "customer_id,phone,registered_at\n1001,13800138000,2026-01-01\n1002,13911112222,2026-01-02\n";
const MORE: &str = "order_id,customer_id,paid_at,paid_amount\n3,1002,2026-05-10,31\n4,1003,2026-05-11,40\n";
const BROKEN: &str = "order_id,customer_id,paid_at,paid_amount\n7,1003,2026-05-12,5\n8,1003,soon,6\n";

#[test]
fn nothing_but_what_is_written_is_changed() {
    let trial = tempfile::tempdir().unwrap();
    let folder = trial.path().join("here");
    let at = |name: &str| folder.join(name);
    for (name, text) in
        [("orders.csv", ORDERS), ("customers.csv", CUSTOMERS), ("more.csv", MORE), ("broken.csv", BROKEN)]
    {
        fs::create_dir_all(&folder).unwrap();
        fs::write(at(name), text).unwrap();
    }
    fs::write(at("ecrm.toml"), "").unwrap();
    // The store is there before others put their files into its folder.
    let made = ecrm().current_dir(&folder).args(["import", "orders.csv", "--store", "st"]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for name in SENTINELS {
        fs::create_dir_all(at(name).parent().unwrap()).unwrap();
        fs::write(at(name), format!("the only copy of {name}\n")).unwrap();
    }
    fs::write(trial.path().join("outside.txt"), "the only copy\n").unwrap();
    symlink("../outside.txt", at("link.txt")).unwrap();
    for (args, allowed) in COMMANDS {
        let before = everything(trial.path());
        let output = ecrm().current_dir(&folder).args(args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // The two that are refused for a row that cannot be read are, and no other.
        let is_refused = args.contains(&"--strict") || args.contains(&"--max-rejects");
        assert_eq!(output.status.code(), Some(i32::from(is_refused)), "{args:?}: {said}");
        let after = everything(trial.path());
        let changed = changed(&before, &after);
        let is_allowed = |name: &&String| {
            let own = name.strip_prefix("here/").unwrap_or("");
            let is_sentinel = SENTINELS.contains(&own);
            let within = |start: &&str| own == *start || (start.ends_with('/') && own.starts_with(*start));
            !is_sentinel && allowed.iter().any(within)
        };
        let others: Vec<&String> = changed.iter().filter(|name| !is_allowed(name)).collect();
        assert!(others.is_empty(), "{args:?} changed {others:?}");
        // What nothing was written into is no test of anything.
        let is_written = !changed.is_empty() || allowed.is_empty() || args.contains(&"verify");
        assert!(is_written || args.contains(&"--dry-run") || args.contains(&"--again"), "{args:?}: {said}");
    }
    for name in SENTINELS {
        assert_eq!(fs::read_to_string(at(name)).unwrap(), format!("the only copy of {name}\n"));
    }
}

/// What is new, gone or another.
fn changed(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let names = before.keys().chain(after.keys());
    let mut changed: Vec<String> =
        names.filter(|name| before.get(*name) != after.get(*name)).cloned().collect();
    changed.dedup();
    changed
}

#[test]
fn a_link_in_the_place_of_a_hand_kept_file_s_lock_is_not_followed() {
    let trial = tempfile::tempdir().unwrap();
    let at = |name: &str| trial.path().join(name);
    fs::write(at("ecrm.toml"), "").unwrap();
    fs::write(at("victim.txt"), "the only copy\n").unwrap();
    for lock in [".tags.csv.lock", ".notes.csv.lock", ".source_corrections.csv.lock", ".identities.csv.lock"]
    {
        symlink("victim.txt", at(lock)).unwrap();
    }
    for args in [
        &["tag", "add", "vip", "--customer", "1001"][..],
        &["note", "1001", "text"],
        &["source", "set", "1001", "douyin", "--reason", "a fair"],
        &["identity", "same", "1001", "1002"],
    ] {
        let output = ecrm().current_dir(Path::new(trial.path())).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
    }
    assert_eq!(fs::read_to_string(at("victim.txt")).unwrap(), "the only copy\n");
}

//! A store that somebody else changed: what its manifest names and counts is checked, nothing that lies in the place of
//! its files or locks is read, and who holds a lock is said.

#![cfg(unix)]

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use polars::prelude::{Column, ParquetReader, ParquetWriter, SerReader};
use polars_parquet_format::FileMetaData;
use polars_parquet_format::thrift::protocol::{
    TCompactInputProtocol, TCompactOutputProtocol, TOutputProtocol,
};
use serde_json::json;

use super::common::{ecrm, failure, stdout};
use super::store::{MANIFEST, Trial, contents, export, files_of, forge, import, manifest, replace, with};

/// No command on a store as small takes as long, even in a build for tests.
const AT_ONCE: Duration = Duration::from_secs(50);

/// A store of orders of two imports of which the second replaces rows of the first, of customers, and of rejects.
fn store_of_three(trial: &Trial) -> String {
    let store = trial.store();
    import(&[&trial.write("first.csv", &export(0..300, 1))], &store);
    import(&[&trial.write("second.csv", &export(250..350, 2))], &store);
    import(&["fixtures/by_hand/customers.csv"], &store);
    store
}

/// Everything that reads all rows of a store, and what changes it.
fn commands<'a>(store: &'a str, more: &'a str) -> [Vec<&'a str>; 7] {
    [
        vec!["rfm", store],
        vec!["overview", store],
        vec!["check", store],
        vec!["import", more, "--store", store],
        vec!["store", "compact", store],
        vec!["store", "forget", "c0", store],
        vec!["store", "who", "c0", store],
    ]
}

/// That all of them refuse the store with these words, at once, and change nothing in its folder or around it.
fn assert_all_refuse(trial: &Trial, store: &str, words: &[&str], what: &str) {
    let more = trial.write("more.csv", &export(340..420, 3));
    let before = contents(&trial.path("."));
    for command in commands(store, &more) {
        let start = Instant::now();
        let (code, said) = failure(&command);
        assert!(
            code == 1 && words.iter().any(|words| said.contains(words)),
            "{what} {command:?}: {code} {said}"
        );
        assert!(said.contains("hint: ") && !said.contains("panic"), "{what} {command:?}: {said}");
        assert!(start.elapsed() < AT_ONCE, "{what} {command:?}: {:?}", start.elapsed());
    }
    assert!(contents(&trial.path(".")) == before, "{what}: something was changed");
}

#[test]
fn a_manifest_written_by_hand_is_like_that_of_a_store() {
    let trial = Trial::new();
    let store = store_of_three(&trial);
    let answer = stdout(&["rfm", &store, "--format", "csv", "-q"]);
    forge(&store, manifest(&store));
    assert_eq!(stdout(&["rfm", &store, "--format", "csv", "-q"]), answer);
}

#[test]
fn paths_of_the_manifest_lead_nowhere_else() {
    let trial = Trial::new();
    let store = store_of_three(&trial);
    let whole = manifest(&store);
    let core = whole["segments"][0]["core"]["path"].as_str().unwrap().to_owned();
    // The same bytes outside: only the name tells that they are not the store's.
    let outside = trial.path("outside.parquet");
    fs::copy(Path::new(&store).join(&core), &outside).unwrap();
    let name = core.strip_prefix("orders/").unwrap();
    for path in [
        "../outside.parquet".to_owned(),
        outside,
        format!("orders/../../{}", "outside.parquet"),
        format!("orders/./{name}"),
        format!("orders//{name}"),
        format!("./{core}"),
        "/dev/zero".to_owned(),
        "/proc/self/mem".to_owned(),
        MANIFEST.to_owned(),
        "orders/january.csv".to_owned(),
        String::new(),
    ] {
        forge(&store, with(&whole, "/segments/0/core/path", json!(path)));
        assert_all_refuse(&trial, &store, &["this file of the store is damaged"], &path);
    }
    for pointer in
        ["/segments/1/names/path", "/imports/0/record/path", "/tables/0/core/path", "/segments/0/ids/path"]
    {
        forge(&store, with(&whole, pointer, json!("../outside.parquet")));
        assert_all_refuse(&trial, &store, &["this file of the store is damaged"], pointer);
    }
}

#[test]
fn numbers_of_the_manifest_are_those_of_the_files() {
    let trial = Trial::new();
    let store = store_of_three(&trial);
    let whole = manifest(&store);
    assert_eq!(whole["segments"][0]["rows"], 300);
    assert_eq!(whole["segments"][0]["superseded_rows"], 50);
    for (pointer, value) in [
        ("/next", json!(0)),
        ("/next", json!(u64::MAX)),
        ("/state", json!(u64::MAX)),
        ("/imports/1/number", whole["imports"][0]["number"].clone()),
        ("/imports/0/rows_quarantined", json!(301)),
        ("/imports/0/forgotten", json!(u64::MAX)),
        ("/imports/0/bytes", json!(u64::MAX)),
        ("/imports/0/sha256", json!("x")),
        ("/segments/0/rows", json!(u64::MAX)),
        ("/segments/0/superseded_rows", json!(301)),
        ("/segments/0/core/bytes", json!(u64::MAX)),
        ("/segments/0/core/xxh3", json!("")),
        ("/tables/0/rows", json!(u64::MAX)),
        ("/tables/0/forgotten", json!(u64::MAX)),
    ] {
        forge(&store, with(&whole, pointer, value.clone()));
        assert_all_refuse(&trial, &store, &["damaged"], &format!("{pointer} = {value}"));
    }
    // What only the file itself tells is seen by whoever reads it.
    for (pointer, value) in [
        ("/segments/0/rows", json!(299)),
        ("/segments/0/core/bytes", json!(12)),
        ("/segments/0/core/xxh3", json!("0123456789abcdef")),
        ("/tables/0/rows", json!(1)),
    ] {
        forge(&store, with(&whole, pointer, value));
        let (code, said) = failure(&["overview", &store, "--identity", "both"]);
        assert!(code == 1 && said.contains("damaged") && said.contains(".core."), "{pointer}: {code} {said}");
    }
}

#[test]
fn what_lies_in_the_place_of_a_file_is_not_read() {
    let trial = Trial::new();
    let store = store_of_three(&trial);
    let whole = manifest(&store);
    let core = Path::new(&store).join(whole["segments"][0]["core"]["path"].as_str().unwrap());
    let aside = trial.path("aside.parquet");
    fs::rename(&core, &aside).unwrap();
    let irregular = "a pipe, a device or a folder in the place";
    let read = ["overview", &store, "--identity", "both"];
    let refused = |words: &str, what: &str| {
        let start = Instant::now();
        let (code, said) = failure(&read);
        assert!(code == 1 && said.contains(words) && said.contains("hint: "), "{what}: {code} {said}");
        assert!(start.elapsed() < AT_ONCE, "{what}");
    };
    assert!(Command::new("mkfifo").arg(&core).status().unwrap().success());
    refused(irregular, "a pipe");
    fs::remove_file(&core).unwrap();
    fs::create_dir(&core).unwrap();
    refused(irregular, "a folder");
    fs::remove_dir(&core).unwrap();
    symlink("/dev/zero", &core).unwrap();
    refused(irregular, "a device");
    fs::remove_file(&core).unwrap();
    symlink(&aside, &core).unwrap();
    refused("a link or lies behind one", "a link that leads out");
    fs::remove_file(&core).unwrap();
    refused("damaged", "nothing");
    // A link within the store shows what is the store's.
    let within = Path::new(&store).join("orders/moved");
    fs::rename(&aside, &within).unwrap();
    symlink("moved", &core).unwrap();
    stdout(&read);
    fs::remove_file(&core).unwrap();
    fs::rename(&within, &core).unwrap();

    // The manifest itself.
    let path = Path::new(&store).join(MANIFEST);
    let elsewhere = trial.path("elsewhere.json");
    fs::rename(&path, &elsewhere).unwrap();
    symlink(&elsewhere, &path).unwrap();
    refused("a link or lies behind one", "a manifest that is a link");
    fs::remove_file(&path).unwrap();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let start = Instant::now();
    assert_eq!(failure(&read).0, 1);
    assert!(start.elapsed() < AT_ONCE);
    fs::remove_file(&path).unwrap();
    fs::rename(&elsewhere, &path).unwrap();
    stdout(&read);
}

#[test]
fn locks_are_regular_files() {
    let trial = Trial::new();
    let store = store_of_three(&trial);
    let sentinel = trial.write("sentinel.txt", "the only copy\n");
    for lock in [".writer.lock", ".readers.lock"] {
        let path = Path::new(&store).join(lock);
        let irregular = ["a pipe, a device or a folder in the place", "a link or lies behind one"];
        let more = trial.write("more.csv", &export(340..420, 3));
        let refused = |what: &str| {
            let before = contents(&store);
            for command in commands(&store, &more) {
                let (is_reader, start) = (["rfm", "overview", "check"].contains(&command[0]), Instant::now());
                let output = ecrm().args(&command).stdin(Stdio::null()).output().unwrap();
                let said = String::from_utf8_lossy(&output.stderr);
                let is_read = command.contains(&"who") || is_reader;
                let is_refused =
                    output.status.code() == Some(1) && irregular.iter().any(|words| said.contains(words));
                // Whoever reads does not touch the lock of those who write.
                let is_fine = is_read && lock == ".writer.lock" && output.status.success();
                assert!(is_refused || is_fine, "{lock} {what} {command:?}: {said}");
                assert!(start.elapsed() < AT_ONCE, "{lock} {what} {command:?}");
            }
            assert!(contents(&store) == before, "{lock} {what}");
        };
        let _ = fs::remove_file(&path);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        refused("a pipe");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        refused("a folder");
        fs::remove_dir(&path).unwrap();
        for target in [sentinel.as_str(), "/dev/null"] {
            symlink(target, &path).unwrap();
            refused("a link");
            fs::remove_file(&path).unwrap();
        }
    }
    assert_eq!(fs::read_to_string(&sentinel).unwrap(), "the only copy\n");
    stdout(&["store", "verify", &store]);
}

#[test]
fn who_reads_for_ever_is_named_and_waited_for_no_longer_than_wanted() {
    let trial = Trial::new();
    let store = store_of_three(&trial);
    let reader = File::open(Path::new(&store).join(".readers.lock")).unwrap();
    reader.lock_shared().unwrap();
    let files = files_of(&store);
    let start = Instant::now();
    let output = ecrm().args(["store", "compact", &store, "--wait", "4s"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && start.elapsed() >= Duration::from_secs(4), "{said}");
    assert!(said.contains("note: waiting for another process"), "{said}");
    assert!(said.contains("note: the change is made; another process is still reading"), "{said}");
    // What is read stays; the next change takes it away.
    assert!(files.iter().all(|name| Path::new(&store).join(name).exists()));
    // Linux lists who holds which lock; the tests themselves are the reader here.
    #[cfg(target_os = "linux")]
    assert!(said.contains(&format!(": {} (", std::process::id())), "{said}");
    drop(reader);
    import(&[&trial.write("third.csv", &export(340..420, 3))], &store);
    assert!(files.iter().any(|name| !Path::new(&store).join(name).exists()));

    // The same of one who changes the store.
    let writer = File::options().read(true).write(true).open(Path::new(&store).join(".writer.lock")).unwrap();
    writer.lock().unwrap();
    let (code, said) = failure(&["store", "compact", &store, "--wait", "3s"]);
    assert!(code == 1 && said.contains("is still changing this store after 3s"), "{said}");
    assert!(said.contains("note: waiting for another process"), "{said}");
    #[cfg(target_os = "linux")]
    assert_eq!(said.matches(&format!(": {} (", std::process::id())).count(), 2, "{said}");
}

#[test]
fn who_removes_files_for_long_is_named_to_those_who_read() {
    let trial = Trial::new();
    let store = store_of_three(&trial);
    let alone = File::options().read(true).write(true).open(Path::new(&store).join(".readers.lock")).unwrap();
    alone.lock().unwrap();
    let commands: [&[&str]; 4] = [
        &["rfm", &store],
        &["store", "verify", &store],
        &["store", "who", "c0", &store],
        &["store", "forget", "c0", &store, "--dry-run"],
    ];
    let waiting = commands.map(|command| {
        let mut run = ecrm();
        run.args(command).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        run.spawn().unwrap()
    });
    // A run that says nothing gives up after a minute.
    let said = waiting.map(|mut run| {
        let mut lines = BufReader::new(run.stderr.take().unwrap()).lines().map_while(Result::ok);
        let note = lines.find(|line| line.starts_with("note: waiting for another process"));
        (run, note.unwrap_or_default(), lines)
    });
    alone.unlock().unwrap();
    for ((mut run, note, lines), command) in said.into_iter().zip(commands) {
        let rest: Vec<String> = lines.collect();
        assert!(
            run.wait().unwrap().success() && note.contains(".readers.lock"),
            "{command:?}: {note} {rest:?}"
        );
        #[cfg(target_os = "linux")]
        assert!(note.contains(&format!(": {} (", std::process::id())), "{command:?}: {note}");
    }
}

/// A Parquet file of which the footer says something else.
fn with_footer(bytes: &[u8], change: impl FnOnce(&mut FileMetaData)) -> Vec<u8> {
    let (rest, len) = bytes.strip_suffix(b"PAR1").unwrap().split_last_chunk::<4>().unwrap();
    let (body, footer) = rest.split_at(rest.len() - u32::from_le_bytes(*len) as usize);
    let mut metadata =
        FileMetaData::read_from_in_protocol(&mut TCompactInputProtocol::new(footer, 1 << 20)).unwrap();
    change(&mut metadata);
    let mut footer = Vec::new();
    let mut protocol = TCompactOutputProtocol::new(&mut footer);
    metadata.write_to_out_protocol(&mut protocol).unwrap();
    protocol.flush().unwrap();
    let len = (footer.len() as u32).to_le_bytes();
    [body, &footer, &len, b"PAR1"].concat()
}

#[test]
fn columns_that_somebody_else_wrote_are_checked_before_they_are_read() {
    let trial = Trial::new();
    let store = store_of_three(&trial);
    let whole = manifest(&store);
    let answers = |store: &str| {
        (stdout(&["rfm", store, "-q"]), stdout(&["overview", store, "--identity", "both", "-q"]))
    };
    let before = answers(&store);
    for (pointer, command) in [
        ("/segments/0/core", vec!["overview", &store, "--identity", "both"]),
        ("/tables/0/core", vec!["overview", &store, "--identity", "both"]),
    ] {
        let path = Path::new(&store).join(whole.pointer(pointer).unwrap()["path"].as_str().unwrap());
        let bytes = fs::read(&path).unwrap();
        // As it was, with a sum of its own: that alone is no harm.
        replace(&store, pointer, &with_footer(&bytes, |_| ()));
        assert!(answers(&store) == before, "{pointer}");
        let refused = |bytes: &[u8], what: &str| {
            replace(&store, pointer, bytes);
            let start = Instant::now();
            let (code, said) = failure(&command);
            assert!(
                code == 1 && said.contains("this file of the store is damaged"),
                "{what} {pointer}: {said}"
            );
            assert!(!said.contains("panick") && start.elapsed() < AT_ONCE, "{what} {pointer}: {said}");
        };
        let of_first = |change: fn(&mut polars_parquet_format::ColumnMetaData)| {
            with_footer(&bytes, |footer| change(footer.row_groups[0].columns[0].meta_data.as_mut().unwrap()))
        };
        refused(&of_first(|column| column.num_values = i64::MAX), "values");
        refused(&of_first(|column| column.num_values = -1), "fewer than none");
        refused(&of_first(|column| column.total_compressed_size = i64::MAX), "bytes");
        let elsewhere = of_first(|column| {
            // A dictionary is where pages begin, where there is one.
            column.dictionary_page_offset = None;
            column.data_page_offset = 1 << 40;
        });
        refused(&elsewhere, "a page elsewhere");
        refused(&with_footer(&bytes, |footer| footer.row_groups[0].num_rows = 1 << 40), "rows");
        refused(&with_footer(&bytes, |footer| drop(footer.row_groups[0].columns.pop())), "a column less");
        refused(&bytes[..bytes.len() - 1], "cut");
        refused(b"PAR1\x01\0\0\0PAR1", "an empty footer");
        // Whatever byte is another one, with a sum that fits: refused or read, and no panic comes through.
        for place in (0..bytes.len()).step_by(bytes.len() / 12 + 1) {
            let mut changed = bytes.clone();
            changed[place] ^= 0xff;
            replace(&store, pointer, &changed);
            let output = ecrm().args(&command).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            let is_told = matches!(output.status.code(), Some(0 | 1)) && !said.contains("panick");
            assert!(is_told, "{pointer} {place}: {said}");
        }
        replace(&store, pointer, &bytes);
        assert!(answers(&store) == before, "{pointer}");
    }
}

#[test]
fn days_and_amounts_that_no_export_has_are_refused_in_every_file() {
    let trial = Trial::new();
    let store = trial.store();
    import(&[&trial.write("first.csv", &export(0..300, 1))], &store);
    import(&["fixtures/by_hand/events.csv"], &store);
    // Of one import alone, whose rows are read as they are sorted where no notes are made of them.
    let alone = Trial::new();
    let sorted = alone.store();
    import(&["fixtures/shop/orders.csv"], &sorted);
    for (store, pointer, column, values, command) in [
        (
            &sorted,
            "/segments/0/amounts",
            "ordered_on",
            [i64::from(i32::MAX), -1_000_000],
            vec!["rfm", &sorted, "-q"],
        ),
        (&sorted, "/segments/0/amounts", "paid_amount", [i64::MAX, -i64::MAX], vec!["rfm", &sorted, "-q"]),
        (&sorted, "/segments/0/amounts", "refund_amount", [i64::MAX, -i64::MAX], vec!["rfm", &sorted, "-q"]),
        (&sorted, "/segments/0/details", "gross", [i64::MAX, -i64::MAX], vec!["value", &sorted, "-q"]),
        (
            &store,
            "/segments/0/core",
            "paid_on",
            [84_006, i64::from(i32::MAX)],
            vec!["overview", &store, "--identity", "both"],
        ),
        (
            &store,
            "/segments/0/core",
            "paid_amount",
            [i64::MAX, -i64::MAX],
            vec!["overview", &store, "--identity", "both"],
        ),
        (&store, "/segments/0/details", "second", [86_400, -1], vec!["profile", &store]),
        (
            &store,
            "/tables/0/core",
            "occurred_at",
            [84_006, i64::from(i32::MAX)],
            vec!["customers", &store, "--columns", "customer_id,last_event_on"],
        ),
        (&store, "/tables/0/core", "second", [86_400, -1], vec!["profile", &store]),
        (
            &store,
            "/tables/0/interests",
            "occurred_at",
            [84_006, i64::from(i32::MAX)],
            vec!["interest", &store],
        ),
        (&store, "/tables/0/stretches/0/file", "second", [86_400, -1], vec!["interest", &store]),
        // The first is no text and no number, the next becomes a null, and the third is nobody's.
        (&store, "/tables/0/stretches/0/file", "customer", [37, -1], vec!["interest", &store]),
        (&store, "/tables/0/stretches/0/file", "customer", [0, 254], vec!["interest", &store]),
        // More than short texts hold, and a null again.
        (&store, "/tables/0/stretches/0/file", "customer_high", [i64::MAX, -1], vec!["interest", &store]),
        // More rows than there are, and less.
        (&store, "/tables/0/stretches/0/file", "rows", [7, 0], vec!["interest", &store]),
        (&store, "/tables/0/interests", "rows", [7, 0], vec!["interest", &store]),
        // Days that are not those of the file.
        (&store, "/tables/0/stretches/0/file", "occurred_at", [0, 1], vec!["interest", &store]),
    ] {
        let path = Path::new(store).join(manifest(store).pointer(pointer).unwrap()["path"].as_str().unwrap());
        let bytes = fs::read(&path).unwrap();
        let frame = ParquetReader::new(std::io::Cursor::new(&bytes)).finish().unwrap();
        let of = frame.column(column).unwrap_or_else(|_| panic!("{:?}", frame.get_column_names()));
        for value in values {
            let all = Column::new(column.into(), vec![value; frame.height()]);
            let all = all.cast(&of.dtype().to_physical()).unwrap().cast(of.dtype()).unwrap();
            let (mut changed, mut forged) = (frame.clone(), Vec::new());
            changed.with_column(all).unwrap();
            ParquetWriter::new(&mut forged).finish(&mut changed).unwrap();
            replace(store, pointer, &forged);
            let (code, said) = failure(&command);
            let is_told = code == 1 && said.contains("this file of the store is damaged");
            assert!(is_told && !said.contains("panick"), "{pointer} {column} {value}: {code} {said}");
        }
        replace(store, pointer, &bytes);
        stdout(&command);
    }
}

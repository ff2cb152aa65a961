//! A store removes what it wrote itself, and nothing else: not what has such a name, nor what lies behind a link.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::common::{ecrm, failure, run, stdout};
use super::store::{Trial, contents, export, files_of, import, until};

const MANIFEST: &str = "ecrm-store.json";

/// Names that a user's files may have, some of them much like those of a store's.
const SENTINELS: [&str; 16] = [
    "notes.txt",
    ".ecrm-mine.partial",
    ".ecrm-AbC123.partial",
    ".ecrm-0123456789abcdef.partial",
    "orders/2026.csv",
    "orders/backup.parquet",
    "orders/000001.parquet",
    "orders/000099.parquet",
    "orders/000099.lines.parquet",
    "orders/000099.0123456789abcdef.parquet",
    "orders/2025/january.csv",
    "customers/vip.csv",
    "customers/000001.0123456789abcdef.parquet",
    "events/000001.ids",
    "rejects/to do.csv",
    "imports/000001.msgpack",
];

/// Puts sentinels into a folder and gives them with their texts.
fn put_sentinels(folder: &str) -> BTreeMap<PathBuf, String> {
    let put = |name: &&str| {
        let (path, text) = (Path::new(folder).join(name), format!("the only copy of {name}\n"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
        (path, text)
    };
    SENTINELS.iter().map(put).collect()
}

fn assert_kept(sentinels: &BTreeMap<PathBuf, String>, after: &str) {
    for (path, text) in sentinels {
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert!(found == *text, "{} after {after}: {found:?}", path.display());
    }
}

/// A store of two overlapping exports and a table of customers, in three imports.
fn store_of_three(trial: &Trial) -> String {
    let store = trial.store();
    let exports = [(0..300, 1), (250..350, 2)];
    for (orders, day) in exports {
        import(&[&trial.write(&format!("{day}.csv"), &export(orders, day))], &store);
    }
    import(&["fixtures/by_hand/customers.csv"], &store);
    store
}

fn assert_refused(args: &[&str], words: &str) {
    let (code, message) = failure(args);
    assert!(code == 1 && message.contains(words) && message.contains("hint: "), "{args:?}: {code} {message}");
}

#[test]
fn a_folder_of_exports_is_no_store() {
    let trial = Trial::new();
    let first = trial.write("first.csv", &export(0..20, 1));
    for (number, name) in ["orders/2026.csv", "customers/all.csv", "2026.csv"].iter().enumerate() {
        let folder = trial.path(&format!("exports-{number}"));
        let path = Path::new(&folder).join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::copy(&first, &path).unwrap();
        let before = contents(&folder);
        assert_refused(&["import", path.to_str().unwrap(), "--store", &folder], "holds something else");
        assert_refused(&["import", &first, "--store", &folder], "holds something else");
        assert!(contents(&folder) == before);
    }
    // One such file is enough, whatever it is called, and so is a folder.
    for (number, name) in SENTINELS.iter().chain(&["orders/"]).enumerate() {
        let folder = trial.path(&format!("one-{number}"));
        let path = Path::new(&folder).join(name);
        match name.ends_with('/') {
            true => std::fs::create_dir_all(&path).unwrap(),
            false => {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, "mine").unwrap();
            }
        }
        assert_refused(&["import", &first, "--store", &folder], "holds something else");
        let left: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
        assert!(left.len() == 1 && path.exists(), "{name}: {left:?}");
    }
}

#[test]
fn a_store_whose_manifest_is_lost_or_garbage_keeps_its_files() {
    let trial = Trial::new();
    let store = store_of_three(&trial);
    let third = trial.write("third.csv", &export(400..420, 3));
    let manifest = Path::new(&store).join(MANIFEST);
    let whole = std::fs::read(&manifest).unwrap();
    let answer = stdout(&["rfm", &store, "--format", "csv", "-q"]);
    let commands = |words: &str| {
        let before = contents(&store);
        assert_refused(&["import", &third, "--store", &store], words);
        for command in ["compact", "verify"] {
            assert_eq!(failure(&["store", command, &store]).0, 1);
        }
        assert_eq!(failure(&["store", "forget", "c0", &store]).0, 1);
        assert!(contents(&store) == before, "{words}");
    };
    std::fs::remove_file(&manifest).unwrap();
    commands("from a backup");
    std::fs::create_dir(&manifest).unwrap();
    commands("a link or lies behind one");
    std::fs::remove_dir(&manifest).unwrap();
    // A manifest behind a link is read, but not changed.
    let aside = trial.write("aside.json", std::str::from_utf8(&whole).unwrap());
    for target in [aside.clone(), trial.path("nowhere")] {
        symlink(target, &manifest).unwrap();
        assert_refused(&["import", &third, "--store", &store], "a link or lies behind one");
        std::fs::remove_file(&manifest).unwrap();
    }
    assert!(std::fs::read(&aside).unwrap() == whole && !Path::new(&trial.path("nowhere")).exists());
    for garbage in ["", "{}", "[]", "{\"format\": \"x\"}", "null", "\u{0}\u{0}", "id,amount\n1,2\n"] {
        std::fs::write(&manifest, garbage).unwrap();
        commands("damaged");
    }
    std::fs::write(&manifest, whole).unwrap();
    assert_eq!(stdout(&["rfm", &store, "--format", "csv", "-q"]), answer);
    stdout(&["store", "verify", &store]);
    import(&[&third], &store);
}

#[test]
fn a_users_files_in_a_store_outlive_every_change_of_it() {
    let trial = Trial::new();
    let store = store_of_three(&trial);
    let mut sentinels = put_sentinels(&store);
    // Copies of the store's own files, under numbers of their own.
    for name in files_of(&store).into_iter().filter(|name| name.starts_with("orders/000002.")) {
        let copy = Path::new(&store).join(name.replace("000002", "000777"));
        std::fs::write(&copy, "a copy").unwrap();
        sentinels.insert(copy, "a copy".to_owned());
    }
    assert!(sentinels.len() > SENTINELS.len());
    let third = trial.write("third.csv", &export(340..420, 3));
    let broken = trial.write("broken.csv", "neither,orders\nnor,customers\n");
    import(&[&third], &store);
    assert_kept(&sentinels, "an import");
    assert_eq!(failure(&["import", "fixtures/by_hand/orders.csv", &broken, "--store", &store]).0, 1);
    assert_kept(&sentinels, "an import that failed");
    kill_while_writing(&trial, &store);
    import(&["fixtures/by_hand/items.csv"], &store);
    assert_kept(&sentinels, "an import that was killed and the next");
    stdout(&["store", "forget", "c0", &store]);
    assert_kept(&sentinels, "forget");
    stdout(&["store", "compact", &store]);
    assert_kept(&sentinels, "compact");
    stdout(&["store", "verify", &store]);
}

/// Kills an import that has written the files of its first input and waits for the second; says what it has written.
fn kill_while_writing(trial: &Trial, store: &str) -> Vec<String> {
    let first = trial.write("first_of_two.csv", &export(5_000..5_100, 4));
    let before = if Path::new(store).exists() { files_of(store) } else { Vec::new() };
    let mut command = ecrm();
    command.args(["import", "--store", store, "-q", &first, "-"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"order_id,customer_id,paid_at,paid_amount\n").unwrap();
    let new = || -> Vec<String> {
        let files = if Path::new(store).exists() { files_of(store) } else { Vec::new() };
        files.into_iter().filter(|name| !before.contains(name)).collect()
    };
    until("the first file is written", &mut child, || new().iter().any(|name| name.starts_with("imports/")));
    child.kill().unwrap();
    child.wait().unwrap();
    new()
}

#[test]
fn a_first_import_that_was_killed_is_done_again() {
    let trial = Trial::new();
    let store = trial.store();
    let written = kill_while_writing(&trial, &store);
    assert!(written.len() > 5, "{written:?}");
    let empty = failure(&["rfm", &store]);
    assert!(empty.0 == 1 && empty.1.contains("nothing has been imported"), "{empty:?}");
    let file = trial.write("first.csv", &export(0..50, 1));
    let sentinels = put_sentinels(&store);
    import(&[&file], &store);
    assert_kept(&sentinels, "the import that came after");
    let files = files_of(&store);
    let left: Vec<&String> =
        written.iter().filter(|name| *name != MANIFEST && files.contains(name)).collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(
        stdout(&["rfm", &store, "--format", "csv", "-q"]),
        stdout(&["rfm", &file, "--format", "csv", "-q"])
    );
}

#[test]
fn what_lies_behind_a_link_stays() {
    let trial = Trial::new();
    let outside = trial.path("outside");
    let sentinels = put_sentinels(&outside);
    let third = trial.write("third.csv", &export(340..420, 3));
    // Each of a store's folders as a link, before the store has one of its own.
    for name in ["items", "events", "sends", "rejects"] {
        let store = trial.path(&format!("store-{name}"));
        import(&[&trial.write("1.csv", &export(0..300, 1))], &store);
        let before = contents(&store);
        symlink(Path::new(&outside).join("orders"), Path::new(&store).join(name)).unwrap();
        let input = match name {
            "items" => "fixtures/by_hand/items.csv",
            "events" => "fixtures/by_hand/events.csv",
            "sends" => "fixtures/shop/sends.csv",
            _ => "fixtures/edges/cut_last_line.csv",
        };
        assert_refused(&["import", input, "--store", &store], "a link or lies behind one");
        std::fs::remove_file(Path::new(&store).join(name)).unwrap();
        assert!(contents(&store) == before, "{name}");
        symlink(Path::new(&outside).join("orders"), Path::new(&store).join(name)).unwrap();
        // What has nothing to do with the link goes on.
        import(&[&third], &store);
        stdout(&["store", "compact", &store]);
        assert_kept(&sentinels, name);
    }
    // A link to a file, and one to a folder within a folder.
    let store = trial.path("store-of-links");
    import(&[&trial.write("1.csv", &export(0..300, 1))], &store);
    symlink(Path::new(&outside).join("notes.txt"), Path::new(&store).join("orders/000099.parquet")).unwrap();
    symlink(Path::new(&outside).join("orders"), Path::new(&store).join("orders/more")).unwrap();
    import(&[&third], &store);
    stdout(&["store", "compact", &store]);
    stdout(&["store", "forget", "c0", &store]);
    assert_kept(&sentinels, "links among the files");
    assert!(Path::new(&store).join("orders/more/2026.csv").exists());
    assert!(Path::new(&store).join("orders/000099.parquet").exists());
}

#[test]
fn a_store_is_neither_read_nor_changed_behind_links_that_lead_out_of_it() {
    let trial = Trial::new();
    let store = store_of_three(&trial);
    let answer = stdout(&["rfm", &store, "--format", "csv", "-q"]);
    let third = trial.write("third.csv", &export(340..420, 3));
    let (orders, moved) = (Path::new(&store).join("orders"), trial.path("moved"));
    std::fs::rename(&orders, &moved).unwrap();
    symlink(&moved, &orders).unwrap();
    let before = contents(&moved);
    for command in [
        &["import", third.as_str(), "--store", &store][..],
        &["store", "forget", "c0", &store],
        &["rfm", &store, "--format", "csv", "-q"],
    ] {
        assert_refused(command, "a link or lies behind one");
        assert!(contents(&moved) == before);
    }
    // The same for a single file that is to go.
    std::fs::remove_file(&orders).unwrap();
    std::fs::rename(&moved, &orders).unwrap();
    assert_eq!(stdout(&["rfm", &store, "--format", "csv", "-q"]), answer);
    let name = files_of(&store).into_iter().find(|name| name.contains(".customers.")).unwrap();
    let (file, aside) = (Path::new(&store).join(&name), trial.path("aside.parquet"));
    std::fs::rename(&file, &aside).unwrap();
    symlink(&aside, &file).unwrap();
    let before = contents(&store);
    assert_refused(&["store", "forget", "c0", &store], "a link or lies behind one");
    assert!(contents(&store) == before && Path::new(&aside).exists());
    std::fs::remove_file(&file).unwrap();
    std::fs::rename(&aside, &file).unwrap();
    import(&[&third], &store);
    // A link to the store as a whole is a name for it like any other.
    let other_name = trial.path("other_name");
    symlink(&store, &other_name).unwrap();
    import(&["fixtures/by_hand/items.csv"], &other_name);
    assert!(stdout(&["store", "info", &store]).contains("items.csv"));
}

#[test]
fn a_file_in_the_place_of_a_lock_is_not_written_to() {
    let trial = Trial::new();
    let first = trial.write("first.csv", &export(0..20, 1));
    let store = trial.store();
    import(&[&first], &store);
    let lock = Path::new(&store).join(".writer.lock");
    std::fs::write(&lock, "my notes").unwrap();
    assert_refused(&["import", "fixtures/by_hand/items.csv", "--store", &store], "no store has written it");
    assert_eq!(std::fs::read_to_string(&lock).unwrap(), "my notes");
    let aside = trial.write("aside.txt", "");
    std::fs::remove_file(&lock).unwrap();
    symlink(&aside, &lock).unwrap();
    assert_refused(&["import", "fixtures/by_hand/items.csv", "--store", &store], "a link or lies behind one");
    assert_eq!(std::fs::read_to_string(&aside).unwrap(), "");
}

#[test]
fn a_store_that_cannot_be_written_to_keeps_everything() {
    let trial = Trial::new();
    let store = store_of_three(&trial);
    let sentinels = put_sentinels(&store);
    let third = trial.write("third.csv", &export(340..420, 3));
    let set = |mode: u32| {
        for name in ["orders", "imports", "customers", "."] {
            let path = Path::new(&store).join(name);
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    set(0o555);
    // Whoever may write everywhere may write here; nothing of the user's goes in either case.
    let outcome = run(&["import", &third, "--store", &store]).status.code();
    set(0o755);
    assert!(outcome == Some(0) || outcome == Some(1), "{outcome:?}");
    assert_kept(&sentinels, "an import into a folder that cannot be written to");
    stdout(&["store", "verify", &store]);
    import(&[&third], &store);
    assert_kept(&sentinels, "the import that came after");
}

//! What becomes of a store when imports die, the disk is full, several want it at once, or its files are damaged.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::common::{ecrm, failure, run, stdout};
use super::store::{Trial, contents, export, files_of, import};

const MANIFEST: &str = "ecrm-store.json";

/// A store with a first export, and what a second one that overlaps it makes of its answer.
struct Second {
    trial: Trial,
    export: String,
    before: String,
    after: String,
    /// How long the import takes when nothing happens to it.
    duration: Duration,
}

impl Second {
    fn of_rows(rows: u32) -> Self {
        let trial = Trial::new();
        import(&[&trial.write("first.csv", &export(0..rows / 4, 1))], &trial.store());
        let export = trial.write("second.csv", &export(rows / 5..rows / 5 + rows, 2));
        let before = rfm(&trial.store());
        let copy = copy(&trial, "whole");
        let start = Instant::now();
        import(&[&export], &copy);
        let duration = start.elapsed();
        let after = rfm(&copy);
        assert_ne!(before, after);
        Self { trial, export, before, after, duration }
    }

    /// That a store is in one of the two states, and whole; whether it is in the old one.
    fn is_old(&self, store: &str) -> bool {
        let answer = rfm(store);
        assert!(answer == self.before || answer == self.after, "{store} is in neither state");
        stdout(&["store", "verify", store]);
        answer == self.before
    }
}

fn rfm(store: &str) -> String {
    stdout(&["rfm", store, "--format", "csv", "-q"])
}

/// Another store of the same files; its locks are not made yet.
fn copy(trial: &Trial, name: &str) -> String {
    let to = trial.path(name);
    for (file, bytes) in contents(&trial.store()) {
        let path = Path::new(&to).join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    to
}

/// Files of a store that do not count.
fn strays(store: &str) -> Vec<String> {
    fn add_named(value: &Value, names: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                names.extend(map.get("path").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|value| add_named(value, names));
            }
            Value::Array(values) => values.iter().for_each(|value| add_named(value, names)),
            _ => {}
        }
    }
    let text = std::fs::read(Path::new(store).join(MANIFEST)).unwrap();
    let manifest: Value = serde_json::from_slice(&text).unwrap();
    let mut names = BTreeSet::from([MANIFEST.to_owned()]);
    add_named(&manifest, &mut names);
    files_of(store).into_iter().filter(|name| !names.contains(name)).collect()
}

/// An import under way.
fn start(input: &str, store: &str) -> Child {
    let mut command = ecrm();
    command.args(["import", "--store", store, "-q", input]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Waits until something is so, or the process has ended.
fn wait_until(child: &mut Child, is_so: impl Fn() -> bool) {
    while !is_so() && child.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(1));
    }
}

/// Kills by the clock from the start on, and more of them from when the first new file is there.
const KILLS: u32 = 30;
const KILLS_WHILE_WRITING: u32 = 10;

#[test]
fn a_killed_import_leaves_the_old_state_or_the_new() {
    let second = Second::of_rows(20_000);
    let (old, unfinished) = (AtomicU32::new(0), AtomicU32::new(0));
    let kill = |number: u32| {
        let store = copy(&second.trial, &format!("killed-{number}"));
        let mut child = start(&second.export, &store);
        if number < KILLS {
            sleep(second.duration * number / (KILLS - 4));
        } else {
            wait_until(&mut child, || !strays(&store).is_empty());
            sleep(second.duration * (number - KILLS) / (4 * KILLS_WHILE_WRITING));
        }
        // It may have ended by itself, which is no harm.
        let _ = child.kill();
        child.wait().unwrap();
        let has_strays = !strays(&store).is_empty();
        if second.is_old(&store) {
            old.fetch_add(1, Ordering::Relaxed);
            unfinished.fetch_add(u32::from(has_strays), Ordering::Relaxed);
        }
        import(&[&second.export], &store);
        assert_eq!(rfm(&store), second.after);
        assert_eq!(strays(&store), [""; 0]);
        std::fs::remove_dir_all(store).unwrap();
    };
    std::thread::scope(|scope| {
        for half in 0..2 {
            let kill = &kill;
            scope.spawn(move || (half..KILLS + KILLS_WHILE_WRITING).step_by(2).for_each(kill));
        }
    });
    // Else nothing was interrupted.
    assert!(old.into_inner() > 0 && unfinished.into_inner() > 0);
}

#[test]
fn an_interrupted_import_ends_at_once_and_leaves_one_state_or_the_other() {
    let second = Second::of_rows(8_000);
    let interrupt = |child: &mut Child| {
        let start = Instant::now();
        let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        let code = child.wait().unwrap().code();
        assert!(sent.success() && start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
        code
    };
    for number in 0..6_u32 {
        let store = copy(&second.trial, &format!("interrupted-{number}"));
        let mut child = start(&second.export, &store);
        // Whoever holds the lock listens to signals.
        wait_until(&mut child, || Path::new(&store).join(".writer.lock").exists());
        sleep(second.duration * number / 6);
        let code = interrupt(&mut child);
        assert!(code == Some(130) || (code == Some(0) && !second.is_old(&store)), "{code:?}");
        second.is_old(&store);
    }
    // One that waits for the rest of its input is surely not done.
    let store = copy(&second.trial, "waiting");
    let mut child = start("-", &store);
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(export(0..10, 3).as_bytes()).unwrap();
    wait_until(&mut child, || Path::new(&store).join(".writer.lock").exists());
    assert_eq!(interrupt(&mut child), Some(130));
    assert!(second.is_old(&store) && contents(&store) == contents(&second.trial.store()));
}

#[test]
fn a_full_disk_leaves_the_store_as_it_was_and_names_the_file() {
    let second = Second::of_rows(4_000);
    let store = second.trial.store();
    let before = contents(&store);
    let limited = |blocks: u32| -> Output {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let binary = env!("CARGO_BIN_EXE_ecrm");
        let args = ["-c", &script, binary, "import", "--store", &store, &second.export];
        Command::new("sh").args(args).env("LANG", "en_US.UTF-8").output().unwrap()
    };
    let mut refused = BTreeSet::new();
    for blocks in [0, 8, 32, 64, 96, 112, 128, 144, 160, 176, 192, 256] {
        let output = limited(blocks);
        let message = String::from_utf8(output.stderr).unwrap();
        if output.status.success() {
            break;
        }
        let start = format!("error: cannot write {store}/");
        assert_eq!(output.status.code(), Some(1), "{blocks}: {message}");
        assert!(message.starts_with(&start) && message.contains("File too large"), "{blocks}: {message}");
        assert!(contents(&store) == before, "{blocks}: {message}");
        refused.insert(message);
    }
    // Different files were in the way.
    assert!(refused.len() > 1, "{refused:?}");
    import(&[&second.export], &store);
    assert_eq!(rfm(&store), second.after);
}

#[test]
fn two_imports_at_once_are_both_in_and_readers_see_whole_states() {
    let trial = Trial::new();
    let [base, one, other] = [(0..900, 1), (600..1_500, 2), (2_000..2_900, 3)]
        .map(|(orders, day)| trial.write(&format!("{day}.csv"), &export(orders, day)));
    let of = |files: &[&str]| stdout(&[&["rfm", "--format", "csv", "-q"][..], files].concat());
    let both = of(&[&base, &one, &other]);
    let states = [of(&[&base]), of(&[&base, &one]), of(&[&base, &other]), both.clone()];
    import(&[&base], &trial.store());
    for round in 0..2 {
        let store = copy(&trial, &format!("round-{round}"));
        let mut children = [&one, &other].map(|file| start(file, &store));
        loop {
            let are_done = children.iter_mut().all(|child| child.try_wait().unwrap().is_some());
            let answer = rfm(&store);
            assert!(states.contains(&answer), "{answer}");
            if are_done {
                break;
            }
        }
        assert!(children.iter_mut().all(|child| child.wait().unwrap().success()));
        assert_eq!(rfm(&store), both);
        let info: Value =
            serde_json::from_str(&stdout(&["store", "info", "--format", "json", &store])).unwrap();
        assert_eq!(info["imports"].as_array().map(Vec::len), Some(3));
        assert_eq!(strays(&store), [""; 0]);
    }
}

/// A store with every kind of file: a big segment of which a smaller one replaces rows, rows of items with phones and
/// one that cannot be read, and all other tables.
fn store_of_everything(trial: &Trial) -> String {
    let mut lines = "order_id,customer_id,status,order_date,product,amount,phone\n".to_owned();
    for row in 0..60 {
        let (order, customer, day) = (row / 2, row % 7, row % 28 + 1);
        lines += &format!("i{order},c{customer},paid,2026-01-{day:02},tea,3.00,1000000000{customer}\n");
    }
    let [lines, years, day] =
        [("lines", lines + "cut,short\n"), ("years", export(0..200, 1)), ("day", export(190..220, 2))]
            .map(|(name, text)| trial.write(&format!("{name}.csv"), &text));
    let tables = ["by_hand/customers", "by_hand/events", "by_hand/items", "shop/sends"]
        .map(|name| format!("fixtures/{name}.csv"));
    let files: Vec<&str> = [&lines, &years, &day].into_iter().chain(&tables).map(String::as_str).collect();
    import(&files, &trial.store());
    trial.store()
}

/// That `verify` names a file, and a command does or gives the answer it gave.
fn assert_noticed(store: &str, name: &str, answers: &[(&[&str], Output)]) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let output = run(&["store", "verify", store]);
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(output.status.code() == Some(1) && said.contains(name), "{name}: {said}");
    for (command, expected) in answers {
        let output = run(command);
        let message = text(&output.stderr);
        match output.status.success() {
            true => assert!(output.stdout == expected.stdout, "{name}: {command:?} gives another answer"),
            false => assert!(output.status.code() == Some(1) && message.contains(name), "{name}: {message}"),
        }
    }
}

#[test]
fn a_damaged_file_is_named_and_never_gives_another_answer() {
    let trial = Trial::new();
    let store = store_of_everything(&trial);
    let commands = [
        &["rfm", &store, "--merge-by", "phone", "--format", "json", "-q"][..],
        &["overview", &store, "--format", "json", "-q"],
        &["products", &store, "--format", "json", "-q"],
    ];
    let answers = commands.map(|command| (command, run(command)));
    assert!(answers.iter().all(|(_, output)| output.status.success()));
    let files = files_of(&store);
    for kind in ["ids", "superseded", "details", "lines", "names", "phones", "rejects", "sends", "items"] {
        assert!(files.iter().any(|name| name.contains(kind)), "{kind}: {files:?}");
    }
    for (number, name) in files.iter().filter(|name| *name != MANIFEST).enumerate() {
        let path = Path::new(&store).join(name);
        let whole = std::fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        std::fs::write(&path, flipped).unwrap();
        assert_noticed(&store, name, &answers);
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        let one = number % answers.len();
        assert_noticed(&store, name, &answers[one..=one]);
        std::fs::remove_file(&path).unwrap();
        assert_noticed(&store, name, &[]);
        std::fs::write(&path, whole).unwrap();
    }
    stdout(&["store", "verify", &store]);
}

#[test]
fn a_damaged_manifest_is_named_and_costs_no_file() {
    let trial = Trial::new();
    let store = trial.store();
    import(&[&trial.write("first.csv", &export(0..20, 1))], &store);
    let second = trial.write("second.csv", &export(10..30, 2));
    let command = ["rfm", &store, "--format", "json", "-q"];
    let answers = [(&command[..], run(&command))];
    let path = Path::new(&store).join(MANIFEST);
    let whole = std::fs::read(&path).unwrap();
    for place in (0..whole.len()).step_by(89) {
        let mut flipped = whole.clone();
        flipped[place] ^= 1;
        std::fs::write(&path, flipped).unwrap();
        assert_noticed(&store, MANIFEST, &answers);
    }
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert_noticed(&store, MANIFEST, &answers);
    // What is not named does not count and goes, but a damaged manifest is no reason for that.
    let renamed = String::from_utf8(whole).unwrap().replace("imports/000001.", "imports/000101.");
    std::fs::write(&path, renamed).unwrap();
    let before = contents(&store);
    assert_eq!(failure(&["import", &second, "--store", &store]).0, 1);
    assert!(contents(&store) == before);
}

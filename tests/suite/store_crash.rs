//! What becomes of a store when imports die, the disk is full, several want it at once, or its files are damaged.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Output, Stdio};

use serde_json::Value;

use super::common::{ecrm, ecrm_with_default_signals, failure, run, stdout};
use super::store::{Trial, contents, export, files_of, import, until};

const MANIFEST: &str = "ecrm-store.json";

/// A store with a first export, and what a second one that overlaps it makes of its answer.
struct Second {
    trial: Trial,
    export: String,
    before: String,
    after: String,
    /// How many files the import writes when nothing happens to it.
    files: usize,
}

impl Second {
    fn of_rows(rows: u32) -> Self {
        let trial = Trial::new();
        import(&[&trial.write("first.csv", &export(0..rows / 4, 1))], &trial.store());
        let export = trial.write("second.csv", &export(rows / 5..rows / 5 + rows, 2));
        let before = rfm(&trial.store());
        let copy = copy(&trial, "whole");
        let old = files_of(&copy);
        import(&[&export], &copy);
        let files = files_of(&copy).iter().filter(|name| !old.contains(name)).count();
        let after = rfm(&copy);
        assert!(before != after && files > 5, "{files}");
        Self { trial, export, before, after, files }
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
    let mut command = ecrm_with_default_signals();
    command.args(["import", "--store", store, "-q", input]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// An import that has written its first file and waits for the rest of the second on its standard input.
fn start_and_hold(input: &str, store: &str) -> (Child, ChildStdin) {
    let old = files_of(store);
    let mut command = ecrm_with_default_signals();
    command.args(["import", "--store", store, "-q", input, "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(export(0..10, 3).as_bytes()).unwrap();
    let is_written =
        || files_of(store).iter().any(|name| name.starts_with("imports/") && !old.contains(name));
    until("the first file is written", &mut child, is_written);
    (child, stdin)
}

/// That a killed import is made up for by the next.
fn assert_made_up_for(second: &Second, store: &str) {
    import(&[&second.export], store);
    assert_eq!(rfm(store), second.after);
    assert_eq!(strays(store), [""; 0]);
}

/// Kills for every file that an import writes.
const KILLS_PER_FILE: usize = 2;

#[test]
fn a_killed_import_leaves_the_old_state_or_the_new() {
    let second = Second::of_rows(8_000);
    let kill = |number: usize| {
        let store = copy(&second.trial, &format!("killed-{number}"));
        let old = files_of(&store);
        let count = || files_of(&store).iter().filter(|name| !old.contains(name)).count();
        let mut child = start(&second.export, &store);
        // Somewhere while the next file is written; the import may as well be done by then, which is no harm.
        while count() < number / KILLS_PER_FILE && child.try_wait().unwrap().is_none() {}
        (0..number % KILLS_PER_FILE * 40).for_each(|_| std::thread::yield_now());
        let _ = child.kill();
        child.wait().unwrap();
        second.is_old(&store);
        assert_made_up_for(&second, &store);
        std::fs::remove_dir_all(store).unwrap();
    };
    std::thread::scope(|scope| {
        for half in 0..2 {
            let kill = &kill;
            scope.spawn(move || (half..KILLS_PER_FILE * second.files).step_by(2).for_each(kill));
        }
    });
}

#[test]
fn an_import_killed_before_it_counts_leaves_the_old_state() {
    let second = Second::of_rows(4_000);
    let store = second.trial.store();
    for _ in 0..2 {
        // The second time beside what the first has left.
        let (mut child, _stdin) = start_and_hold(&second.export, &store);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(strays(&store).len() > 5 && second.is_old(&store));
    }
    assert_made_up_for(&second, &store);
}

#[test]
fn an_import_killed_after_it_counts_leaves_the_new_state_and_files_that_the_next_removes() {
    let second = Second::of_rows(4_000);
    let store = second.trial.store();
    // Files in use are not removed.
    let readers = File::create(Path::new(&store).join(".readers.lock")).unwrap();
    readers.lock_shared().unwrap();
    let mut child = start(&second.export, &store);
    let state = || -> u64 {
        let text = std::fs::read(Path::new(&store).join(MANIFEST)).unwrap();
        serde_json::from_slice::<Value>(&text).unwrap()["state"].as_u64().unwrap()
    };
    let old = state();
    until("the import counts", &mut child, || state() > old);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!strays(&store).is_empty() && !second.is_old(&store));
    drop(readers);
    let third = second.trial.write("third.csv", &export(9_000..9_010, 4));
    import(&[&third], &store);
    assert_eq!(strays(&store), [""; 0]);
}

/// Sends SIGINT and gives the exit code.
fn interrupt(child: &mut Child) -> Option<i32> {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let mut code = None;
    let id = child.id();
    super::store::within_a_minute(&format!("process {id} ends"), || {
        code = child.try_wait().unwrap();
        code.is_some()
    });
    code.unwrap().code()
}

#[test]
fn an_interrupted_import_ends_and_leaves_one_state_or_the_other() {
    let second = Second::of_rows(8_000);
    for number in 0..6 {
        let store = copy(&second.trial, &format!("interrupted-{number}"));
        let old = files_of(&store);
        let mut child = start(&second.export, &store);
        // Whoever writes listens to signals.
        let count = || files_of(&store).iter().filter(|name| !old.contains(name)).count();
        while count() <= second.files * number / 6 && child.try_wait().unwrap().is_none() {}
        let is_done = child.try_wait().unwrap().is_some();
        let code = if is_done { child.wait().unwrap().code() } else { interrupt(&mut child) };
        assert!(code == Some(130) || (code == Some(0) && !second.is_old(&store)), "{code:?}");
        second.is_old(&store);
    }
    // One that waits for the rest of its input is surely not done.
    let store = copy(&second.trial, "waiting");
    let (mut child, _stdin) = start_and_hold(&second.export, &store);
    assert_eq!(interrupt(&mut child), Some(130));
    assert!(second.is_old(&store));
    assert_made_up_for(&second, &store);
}

/// Runs an import into a store that another process is changing and gives its exit code and what it said.
fn import_beside(store: &str, input: &str, more: &[&str]) -> (i32, String) {
    failure(&[&["import", input, "--store", store][..], more].concat())
}

#[test]
fn a_wait_for_the_lock_is_bounded_and_said() {
    let second = Second::of_rows(800);
    let store = second.trial.store();
    let (mut child, stdin) = start_and_hold(&second.export, &store);
    let third = second.trial.write("third.csv", &export(9_000..9_010, 4));
    for (wait, is_said) in [("0s", false), ("1s", false), ("3s", true)] {
        let (code, message) = import_beside(&store, &third, &["--wait", wait]);
        let expected = format!("another process is still changing this store after {wait}");
        assert!(code == 1 && message.contains(&expected) && message.contains(".writer.lock"), "{message}");
        assert!(message.contains(&store) && message.contains("hint: "), "{message}");
        assert_eq!(message.contains("note: waiting for another process"), is_said, "{wait}: {message}");
    }
    for command in [&["store", "compact", &store][..], &["store", "forget", "c0", &store]] {
        let (code, message) = failure(&[command, &["--wait", "0s"]].concat());
        assert!(code == 1 && message.contains("still changing this store"), "{message}");
    }
    for wrong in ["5", "10 m", "1.5h", "soon"] {
        let (code, message) = import_beside(&store, &third, &["--wait", wrong]);
        assert!(code == 2 && message.contains("30s, 10m or 2h"), "{message}");
    }
    // Reading needs no lock, and the wait ends with the one that is waited for.
    assert_eq!(rfm(&store), second.before);
    let mut waiting = start(&third, &store);
    drop(stdin);
    super::store::within_a_minute("both imports end", || {
        child.try_wait().unwrap().is_some() && waiting.try_wait().unwrap().is_some()
    });
    assert!(child.wait().unwrap().success() && waiting.wait().unwrap().success());
    assert!(stdout(&["store", "info", &store]).contains("third.csv"));
}

#[test]
fn a_customer_is_not_forgotten_while_others_read_the_files_and_that_is_said() {
    let second = Second::of_rows(800);
    let store = second.trial.store();
    let readers = File::create(Path::new(&store).join(".readers.lock")).unwrap();
    readers.lock_shared().unwrap();
    let (code, message) = failure(&["store", "forget", "c0", &store, "--wait", "0s"]);
    assert!(code == 1 && message.contains("still reading") && message.contains("store compact"), "{message}");
    assert!(!strays(&store).is_empty());
    // An import leaves them to the next.
    import(&[&second.export, "--wait", "0s"], &store);
    drop(readers);
    stdout(&["store", "compact", &store]);
    assert_eq!(strays(&store), [""; 0]);
}

/// The change counts, whether or not what it left over goes: the next one removes it.
#[test]
fn a_change_of_which_nobody_can_tell_who_reads_is_not_begun() {
    let second = Second::of_rows(800);
    let store = second.trial.store();
    let (before, answer) = (strays(&store), rfm(&store));
    let readers = Path::new(&store).join(".readers.lock");
    let _ = std::fs::remove_file(&readers);
    // A link to itself.
    symlink(&readers, &readers).unwrap();
    for command in [
        &["import", &second.export, "--store", &store][..],
        &["store", "compact", &store],
        &["store", "forget", "c0", &store],
    ] {
        let (code, message) = failure(command);
        assert!(code == 1 && message.contains(".readers.lock"), "{command:?}: {code} {message}");
        assert!(!message.contains("the change is made"), "{command:?}: {message}");
    }
    std::fs::remove_file(&readers).unwrap();
    assert_eq!((strays(&store), rfm(&store)), (before, answer));
    let more = second.trial.write("more.csv", &export(9_000..9_010, 4));
    import(&[&more], &store);
    assert_eq!(strays(&store), [""; 0]);
    assert!(!rfm(&store).is_empty());
}

#[test]
fn a_file_that_the_system_does_not_let_us_read_is_not_called_damaged() {
    let second = Second::of_rows(400);
    let store = second.trial.store();
    // With -q nothing but what the scores rest on is read.
    let rfm = ["rfm", &store, "-q"];
    let import = ["import", &second.export, "--store", &store];
    let readers = [
        (".customers.", &rfm[..]),
        (".names.", &["profile", &store]),
        ("ecrm-store.json", &rfm),
        ("imports/", &rfm),
        (".ids", &import),
    ];
    for (part, command) in readers {
        let name = files_of(&store).into_iter().find(|name| name.contains(part)).unwrap();
        let (path, aside) = (Path::new(&store).join(&name), second.trial.path("aside"));
        std::fs::rename(&path, &aside).unwrap();
        // A link to itself: whoever runs this may not read it.
        symlink(&path, &path).unwrap();
        for command in [command, &["store", "verify", &store]] {
            let (code, message) = failure(command);
            assert!(code == 1 && message.contains("cannot read"), "{command:?}: {message}");
            assert!(!message.contains("is damaged"), "{command:?}: {message}");
        }
        std::fs::remove_file(&path).unwrap();
        std::fs::rename(&aside, &path).unwrap();
    }
    stdout(&["store", "verify", &store]);
}

#[test]
fn an_import_whose_output_cannot_be_written_is_none() {
    let trial = Trial::new();
    let (store, full) = (trial.store(), "/dev/full");
    let cut = "fixtures/edges/cut_last_line.csv";
    import(&[&trial.write("first.csv", &export(0..20, 1))], &store);
    let before = contents(&store);
    let (code, message) = failure(&["import", cut, "--store", &store, "--rejects", full]);
    assert!(code == 1 && message.contains("cannot write /dev/full"), "{message}");
    assert!(contents(&store) == before);
    let output = ecrm().args(["import", cut, "--store", &store]).stdout(File::create(full).unwrap()).output();
    assert_eq!(output.unwrap().status.code(), Some(1));
    assert!(contents(&store) == before);
    // With --strict the rows are written as well, of all files, and nothing else.
    let rejects = trial.path("rejects.csv");
    let shifted = "fixtures/quirks/shifted_cells.csv";
    let (code, message) =
        failure(&["import", cut, shifted, "--store", &store, "--strict", "--rejects", &rejects]);
    assert!(code == 1 && message.contains("cannot be read"), "{message}");
    let written = std::fs::read_to_string(&rejects).unwrap();
    assert!(written.contains("cut_last_line") && written.contains("shifted_cells"), "{written}");
    assert!(contents(&store) == before);
    // Nor is a pipe that nobody listens to a reason to leave the import out.
    let mut child = ecrm().args(["import", cut, "--store", &store]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    assert!(stdout(&["store", "info", &store]).contains("cut_last_line"));
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
        super::store::within_a_minute("both imports end", || {
            let are_done = children.iter_mut().all(|child| child.try_wait().unwrap().is_some());
            let answer = rfm(&store);
            assert!(states.contains(&answer), "{answer}");
            are_done
        });
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
        &["rfm", &store, "--identity", "both", "--format", "json", "-q"][..],
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

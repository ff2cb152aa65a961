//! Which files a run reads: each once, from a pipe, from a configuration; and what it says of that.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::common::ecrm;

/// Orders of these customers, one of ten each.
fn orders(customers: &[&str]) -> String {
    let rows = customers.iter().zip(1..);
    let rows = rows.map(|(customer, n)| format!("{customer}-{n},{customer},2026-01-0{n},10\n"));
    format!("order_id,customer_id,ordered_at,paid_amount\n{}", rows.collect::<String>())
}

struct Shop(tempfile::TempDir);

impl Shop {
    /// A folder with these files.
    fn new(files: &[(&str, &str)]) -> Self {
        let shop = Self(tempfile::tempdir().unwrap());
        files.iter().for_each(|(name, text)| shop.write(name, text));
        shop
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = ecrm();
        command.current_dir(self.path()).args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// A run that gets this through a pipe, after a while.
    fn piped(&self, args: &[&str], text: &str, after: Duration) -> Output {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        std::thread::sleep(after);
        // Whoever refuses its arguments does not listen.
        let _ = stdin.write_all(text.as_bytes());
        drop(stdin);
        child.wait_with_output().unwrap()
    }
}

const AT_ONCE: Duration = Duration::ZERO;

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_pipe_is_read_beside_a_configuration_and_an_empty_one_leaves_the_word_to_it() {
    let shop = Shop::new(&[
        ("ecrm.toml", "[inputs]\norders = [\"kept.csv\"]\n"),
        ("kept.csv", &orders(&["kept"])),
        ("other.csv", &orders(&["other"])),
        ("nothing", ""),
    ]);
    let args = ["rfm", "--format", "csv"];
    let stdin_of = |name: &str| {
        let file = std::fs::File::open(shop.path().join(name)).unwrap();
        shop.command(&args).stdin(file).output().unwrap()
    };
    for (output, customer) in [
        (shop.piped(&args, &orders(&["piped"]), AT_ONCE), "piped"),
        (stdin_of("other.csv"), "other"),
        (shop.piped(&args, "", AT_ONCE), "kept"),
        (stdin_of("nothing"), "kept"),
        (shop.command(&args).stdin(Stdio::null()).output().unwrap(), "kept"),
        (shop.piped(&["rfm", "--format", "csv", "other.csv"], &orders(&["piped"]), AT_ONCE), "other"),
    ] {
        let (stdout, stderr) = texts(&output);
        assert!(output.status.success() && stdout.contains(&format!("\n{customer},")), "{stdout}{stderr}");
        assert_eq!(stdout.lines().count(), 2, "{stdout}");
    }
}

#[test]
fn every_command_reads_a_pipe_beside_a_configuration() {
    let shop = Shop::new(&[
        ("ecrm.toml", "[inputs]\norders = [\"not-there.csv\"]\nstore = \"kept\"\n"),
        ("events.csv", "customer_id,occurred_at,kind\nann,2026-01-03,cart\n"),
    ]);
    for command in [
        "segment",
        "rfm",
        "overview",
        "repurchase",
        "region",
        "profile",
        "value",
        "cohort",
        "products",
        "check",
    ] {
        let (stdout, stderr) =
            texts(&shop.piped(&[command, "--format", "json"], &orders(&["ann", "bob"]), AT_ONCE));
        let report: Value =
            serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{command}: {stdout}{stderr}"));
        assert_eq!(report["accounting"]["rows_read"], 2, "{command}: {stdout}");
    }
    let events = std::fs::read_to_string(shop.path().join("events.csv")).unwrap();
    assert!(shop.piped(&["interest"], &events, AT_ONCE).status.success());
    let imported = shop.piped(&["import", "--format", "json"], &orders(&["ann", "bob", "eve"]), AT_ONCE);
    let (stdout, stderr) = texts(&imported);
    assert!(imported.status.success() && stdout.contains("\"rows_read\": 3"), "{stdout}{stderr}");
    // Neither files nor anything to read.
    let shop = Shop::new(&[]);
    let output = shop.piped(&["rfm"], "", AT_ONCE);
    assert_eq!(output.status.code(), Some(1));
    assert!(texts(&output).1.contains("no file is named"), "{}", texts(&output).1);
    let output = shop.piped(&["init"], &orders(&["ann"]), AT_ONCE);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_run_that_waits_for_a_pipe_says_so_after_two_seconds() {
    let shop = Shop::new(&[]);
    let late = Duration::from_millis(2600);
    for (args, is_said) in [(["rfm", "-v"], true), (["rfm", "-q"], false), (["rfm", "-"], true)] {
        let (stdout, stderr) = texts(&shop.piped(&args, &orders(&["ann"]), late));
        assert!(stdout.contains("ann"), "{stdout}{stderr}");
        assert_eq!(stderr.contains("waiting for data on standard input"), is_said, "{args:?}: {stderr}");
    }
    let (_, stderr) = texts(&shop.piped(&["rfm"], &orders(&["ann"]), AT_ONCE));
    assert!(!stderr.contains("waiting"), "{stderr}");
}

#[test]
fn a_file_is_read_once_whatever_its_names() {
    let shop = Shop::new(&[("a.csv", &orders(&["ann", "bob"])), ("sub/b.csv", &orders(&["eve"]))]);
    std::fs::hard_link(shop.path().join("a.csv"), shop.path().join("hard.csv")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(shop.path(), shop.path().join("sub/up")).unwrap();
    let read = |args: &[&str]| {
        let output = shop.run(&[&["rfm", "--format", "json"], args].concat());
        let (stdout, stderr) = texts(&output);
        let report: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stderr}"));
        (report["accounting"]["rows_read"].as_u64().unwrap(), stderr)
    };
    let (rows, stderr) = read(&["a.csv", "./a.csv"]);
    assert!(rows == 2 && stderr.contains("a.csv is the same file as ./a.csv"), "{rows} {stderr}");
    let (rows, stderr) = read(&["a.csv", "hard.csv", "a.csv"]);
    assert!(rows == 2 && stderr.contains("hard.csv is the same file as a.csv"), "{rows} {stderr}");
    let (rows, stderr) = read(&["**/*.csv", "*.csv"]);
    assert!(rows == 3 && !stderr.contains("same file"), "{rows} {stderr}");
    let (rows, stderr) = read(&["**/*.csv", "*.csv", "-v"]);
    assert!(rows == 3 && stderr.contains("same file"), "{rows} {stderr}");
    let output = shop.run(&["rfm", "--orders", "a.csv", "--events", "a.csv"]);
    assert_eq!(output.status.code(), Some(2));
    let (rows, _) = read(&["--orders", "a.csv", "a.csv"]);
    assert_eq!(rows, 2);
    let stdin = std::fs::File::open(shop.path().join("a.csv")).unwrap();
    let output = shop.command(&["rfm", "a.csv", "-", "--format", "json"]).stdin(stdin).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["accounting"]["rows_read"], 2);
    let init = shop.run(&["init", "a.csv", "./a.csv", "sub/*.csv", "-o", "-"]);
    let text = texts(&init).0;
    assert!(text.contains("orders = [\"./a.csv\", \"sub/*.csv\"]"), "{text}{}", texts(&init).1);
}

#[test]
fn a_configuration_from_above_is_named() {
    let shop = Shop::new(&[("ecrm.toml", "[scope]\nwindow = 30\n"), ("below/a.csv", &orders(&["ann"]))]);
    let path = shop.path().canonicalize().unwrap().join("ecrm.toml").display().to_string();
    let run = |args: &[&str]| {
        let output = shop.command(args).current_dir(shop.path().join("below")).output().unwrap();
        assert!(output.status.success(), "{}", texts(&output).1);
        texts(&output).1
    };
    let note = "from a folder above this one";
    for command in ["rfm", "overview", "check"] {
        let stderr = run(&[command, "a.csv", "--manifest", "m.json"]);
        assert!(stderr.contains(note) && stderr.contains(&path), "{stderr}");
        let manifest = std::fs::read(shop.path().join("below/m.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        assert_eq!(manifest["config"], path.as_str());
    }
    assert!(run(&["import", "a.csv", "--store", "kept"]).contains(note));
    assert!(run(&["store", "info", "kept"]).contains(note));
    for args in [["rfm", "a.csv", "-q"].as_slice(), &["rfm", "a.csv", "--config", "../ecrm.toml"]] {
        assert!(!run(args).contains("ecrm.toml"), "{args:?}");
    }
    assert!(run(&["rfm", "a.csv", "--config", "../ecrm.toml", "-v"]).contains("ecrm.toml"));
    let here = shop.run(&["rfm", "below/a.csv"]);
    assert!(!texts(&here).1.contains("ecrm.toml"), "{}", texts(&here).1);
    let chinese = shop
        .command(&["rfm", "a.csv"])
        .current_dir(shop.path().join("below"))
        .env("LANG", "zh_CN.UTF-8")
        .output();
    assert!(texts(&chinese.unwrap()).1.contains("上级文件夹"));
}

#[test]
fn a_wrong_value_of_the_configuration_is_an_error_wherever_it_comes_from() {
    let shop = Shop::new(&[("a.csv", &orders(&["ann"]))]);
    for (text, said) in [
        ("[scope]\nwindow = 4294967295\n", "[scope] window cannot be 4294967295"),
        ("[scope]\nas_of = \"0026-01-01\"\n", "[scope] as_of cannot be \"0026-01-01\""),
        ("[rfm]\nbins = 11\n", "from 3 to 10"),
        ("[value]\ncore = \"a lot\"\n", "[value] core cannot be \"a lot\""),
        ("[segment]\nactive_days = 400\n", "must ascend"),
    ] {
        shop.write("ecrm.toml", text);
        let output = shop.run(&["segment", "a.csv"]);
        let stderr = texts(&output).1;
        assert_eq!(output.status.code(), Some(1), "{text}: {stderr}");
        assert!(stderr.contains("ecrm.toml: ") && stderr.contains(said), "{text}: {stderr}");
        let chinese = shop.command(&["segment", "a.csv", "--lang", "zh"]).output().unwrap();
        assert!(!texts(&chinese).1.is_ascii() || text.contains("active_days"), "{}", texts(&chinese).1);
    }
    // As Windows saves it.
    shop.write("ecrm.toml", "\u{feff}[scope]\nwindow = 30\n");
    assert!(shop.run(&["segment", "a.csv"]).status.success());
}

#[test]
fn a_day_after_today_is_warned_about_and_an_absurd_one_refused() {
    let shop = Shop::new(&[("a.csv", &orders(&["ann"]))]);
    for command in ["rfm", "overview", "cohort", "check"] {
        let output = shop.run(&[command, "a.csv", "--as-of", "2199-01-01"]);
        let stderr = texts(&output).1;
        assert!(output.status.success() && stderr.contains("as-of 2199-01-01 is after today"), "{stderr}");
    }
    for day in ["1969-12-31", "2200-01-01", "9999-12-31", "0026-01-01", "12026-01-01", "2026-02-30"] {
        assert_eq!(shop.run(&["rfm", "a.csv", "--as-of", day]).status.code(), Some(2), "{day}");
    }
    assert!(!texts(&shop.run(&["rfm", "a.csv", "--as-of", "today"])).1.contains("after today"));
}

#[cfg(unix)]
#[test]
fn names_that_are_no_files_are_told_apart() {
    let shop = Shop::new(&[("orders.csv", &orders(&["ann"])), ("sub/x.csv", "")]);
    let error = |args: &[&str]| {
        let output = shop.run(args);
        (output.status.code().unwrap(), texts(&output).1)
    };
    let (code, stderr) = error(&["rfm", "order.csv"]);
    assert!(
        code == 1 && stderr.contains("no such file") && stderr.contains("did you mean orders.csv?"),
        "{stderr}"
    );
    let (code, stderr) = error(&["rfm", "sub"]);
    assert!(code == 1 && stderr.contains("this is a directory") && stderr.contains("sub/*.csv"), "{stderr}");
    let (code, stderr) = error(&["rfm", "sub/x.csv"]);
    assert!(code == 1 && stderr.contains("the file is empty"), "{stderr}");
    let fifo = shop.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let (code, stderr) = error(&["init", "pipe"]);
    assert!(code == 2 && stderr.contains("cannot be remembered"), "{stderr}");
    let child = shop.command(&["rfm", "pipe", "--format", "csv"]).spawn().unwrap();
    std::fs::write(&fifo, orders(&["eve"])).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(texts(&output).0.contains("\neve,"), "{}", texts(&output).1);
}

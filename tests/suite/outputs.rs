//! What is written where: never over what is read, never twice into one file, never into a store; whole or not at all
//! into files, straight through into everything else.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output};

use super::common::{ecrm, files_in, stdout};

const SHOP: &str = "fixtures/shop/orders.csv";

/// A folder with an export under several names, a linked folder, a store and files of configuration.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::copy(SHOP, at("orders.csv")).unwrap();
    fs::hard_link(at("orders.csv"), at("hard.csv")).unwrap();
    symlink("orders.csv", at("link.csv")).unwrap();
    fs::create_dir(at("sub")).unwrap();
    symlink("sub", at("linked")).unwrap();
    symlink("sub/later.csv", at("dangling.csv")).unwrap();
    fs::write(at("identities.csv"), "customer_id,other_id,decision,noted_on,note\n").unwrap();
    fs::write(at("settings.toml"), "[inputs]\norders = [\"orders.csv\"]\nstore = \"st\"\n").unwrap();
    fs::copy("fixtures/own_platform/tea_market.toml", at("tea.toml")).unwrap();
    fs::create_dir(at("exports")).unwrap();
    fs::copy(SHOP, at("exports/may.csv")).unwrap();
    let made = within(folder.path(), &["import", "orders.csv", "--store", "st"]);
    assert!(made.status.success());
    let cuts = within(folder.path(), &["rfm", "orders.csv", "--save-cuts", "cuts.toml"]);
    assert!(cuts.status.success());
    folder
}

fn within(folder: &Path, args: &[&str]) -> Output {
    ecrm().current_dir(folder).args(args).output().unwrap()
}

fn in_shell(folder: &Path, script: &str) -> Output {
    let script = script.replace("ecrm ", &format!("\"{}\" ", env!("CARGO_BIN_EXE_ecrm")));
    Command::new("sh").current_dir(folder).args(["-c", &script]).output().unwrap()
}

/// Every file below a folder with what is in it, every folder and every link.
pub fn everything(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for name in files_in(folder) {
        let path = folder.join(&name);
        let kind = fs::symlink_metadata(&path).unwrap().file_type();
        if kind.is_dir() {
            let below = everything(&path);
            found.extend(below.into_iter().map(|(below, bytes)| (format!("{name}/{below}"), bytes)));
            found.insert(name, Vec::new());
        } else if kind.is_symlink() {
            found.insert(name, fs::read_link(path).unwrap().to_string_lossy().into_owned().into_bytes());
        } else {
            found.insert(name, fs::read(path).unwrap());
        }
    }
    found
}

/// A refusal as wrong usage with these words, which leaves everything as it was.
fn refused(folder: &Path, what: &str, run: impl FnOnce() -> Output, words: &str) {
    let before = everything(folder);
    let output = run();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{what}: {said}");
    assert!(
        said.starts_with("error: ") && said.contains(words) && said.contains("\nhint: "),
        "{what}: {said}"
    );
    assert!(everything(folder) == before, "{what}: something was written");
}

#[test]
fn an_output_is_never_an_input() {
    let folder = folder();
    let overwrites = "which is read";
    for line in [
        "segment orders.csv -o orders.csv",
        "segment orders.csv -o ./sub/../orders.csv",
        "segment orders.csv -o linked/../orders.csv",
        "segment orders.csv -o link.csv",
        "segment orders.csv -o hard.csv",
        "segment link.csv -o hard.csv",
        "segment orders.csv --rejects orders.csv",
        "segment orders.csv --manifest orders.csv",
        "rfm orders.csv --save-cuts orders.csv",
        "rfm orders.csv --cuts cuts.toml --save-cuts cuts.toml",
        "rfm orders.csv --cuts cuts.toml --manifest ./cuts.toml",
        "overview --orders orders.csv -o orders.csv",
        "check orders.csv -o hard.csv",
        "segment o*.csv -o hard.csv",
        "segment orders.csv -o identities.csv",
        "segment orders.csv --preset tea.toml --manifest tea.toml",
        "segment orders.csv --config settings.toml --manifest settings.toml",
        "segment --config settings.toml -o orders.csv",
        // An input of the configuration that this run does not read.
        "segment exports/may.csv --config settings.toml -o orders.csv",
        "init orders.csv --force -o orders.csv",
        "init orders.csv -o link.csv",
        "import orders.csv --store new --rejects orders.csv",
        "import exports/may.csv --store new --rejects hard.csv --config settings.toml",
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        refused(folder.path(), line, || within(folder.path(), &args), overwrites);
    }
    for script in [
        "ecrm segment orders.csv >> orders.csv",
        "ecrm segment link.csv -o /dev/stdout --format csv >> hard.csv",
        "ecrm segment - -o orders.csv < orders.csv",
        "ecrm segment -o hard.csv < orders.csv",
    ] {
        refused(folder.path(), script, || in_shell(folder.path(), script), overwrites);
    }
}

#[test]
fn an_output_is_never_another_output() {
    let folder = folder();
    for line in [
        "segment orders.csv -o x.csv --rejects ./x.csv",
        "segment orders.csv -o linked/x.csv --rejects sub/x.csv",
        "segment orders.csv -o dangling.csv --rejects linked/later.csv",
        "segment orders.csv -o x.json --manifest sub/../x.json",
        "segment orders.csv --rejects x --manifest x",
        "rfm orders.csv -o x.csv --save-cuts x.csv",
        "segment orders.csv --rejects /dev/stdout",
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        refused(folder.path(), line, || within(folder.path(), &args), "are one file");
    }
    fs::write(folder.path().join("out.csv"), "").unwrap();
    let script = "ecrm segment orders.csv --manifest out.csv >> out.csv";
    refused(folder.path(), script, || in_shell(folder.path(), script), "are one file");
}

#[test]
fn an_output_is_never_inside_a_store() {
    let folder = folder();
    symlink("st/orders", folder.path().join("inner")).unwrap();
    for line in [
        "segment st -o st/ecrm-store.json",
        "segment st -o st/x.csv",
        "segment st -o st/orders/x.csv",
        "segment orders.csv -o inner/x.csv",
        "segment orders.csv -o st/none/x.csv",
        "segment orders.csv --rejects st/rejects.csv",
        "rfm orders.csv --save-cuts st/cuts.toml",
        "init orders.csv -o st/ecrm.toml",
        "import exports/may.csv --store st --rejects st/rejects.csv",
        "import exports/may.csv --store new --rejects new/rejects.csv",
        "man st",
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        refused(folder.path(), line, || within(folder.path(), &args), "inside the store");
    }
    let args = ["segment", "orders.csv", "-o", "st/x.csv", "--lang", "zh"];
    let output = ecrm().env("LANG", "zh_CN.UTF-8").current_dir(folder.path()).args(args).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("错误：-o st/x.csv 在数据仓 ") && said.contains("\n提示：请写到"), "{said}");
    let script = "ecrm store info st >> st/ecrm-store.json";
    refused(folder.path(), script, || in_shell(folder.path(), script), "inside the store");
}

#[test]
fn an_output_is_never_an_input_of_tomorrow() {
    let folder = folder();
    fs::write(folder.path().join("daily.toml"), "[inputs]\norders = [\"exports/*.csv\"]\n").unwrap();
    for line in [
        "segment exports/*.csv -o exports/segments.csv",
        "segment --config daily.toml -o exports/segments.csv",
        "segment orders.csv --config daily.toml -o sub/../exports/segments.csv",
        "init exports/* -o exports/ecrm.toml",
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        refused(
            folder.path(),
            line,
            || within(folder.path(), &args),
            "would be read as an input from then on",
        );
    }
    assert!(within(folder.path(), &["segment", "exports/*.csv", "-o", "segments.csv"]).status.success());
}

#[test]
fn what_destroys_nothing_is_let_through() {
    let folder = folder();
    for line in [
        "segment orders.csv -o /dev/null --rejects /dev/null --manifest /dev/null --format csv",
        "segment orders.csv -o sub/orders.csv --rejects orders.csv.rejects",
        "segment st -o out.csv",
        "segment orders.csv -o out.csv",
        "init orders.csv --force -o settings.toml",
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        let output = within(folder.path(), &args);
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let output = in_shell(folder.path(), "ecrm segment orders.csv > all.txt 2>&1");
    assert!(output.status.success());
}

#[test]
fn a_link_to_nothing_yet_leads_to_the_new_file() {
    let folder = folder();
    assert!(within(folder.path(), &["segment", "orders.csv", "-o", "dangling.csv"]).status.success());
    assert!(fs::symlink_metadata(folder.path().join("dangling.csv")).unwrap().is_symlink());
    assert!(fs::read_to_string(folder.path().join("sub/later.csv")).unwrap().starts_with("segment,"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_under_dev_is_a_folder_like_any_other() {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    let out = folder.path().join("x.csv");
    let segments = stdout(&["segment", SHOP, "--format", "csv"]);
    for before in [None, Some("what was there before, and is longer than nothing")] {
        before.into_iter().for_each(|text| fs::write(&out, text).unwrap());
        stdout(&["segment", SHOP, "-o", out.to_str().unwrap()]);
        assert_eq!(fs::read_to_string(&out).unwrap(), segments);
        assert_eq!(files_in(folder.path()), ["x.csv"]);
    }
}

#[test]
fn what_the_shell_has_opened_is_written_through_in_its_place() {
    let folder = folder();
    let segments = stdout(&["segment", SHOP, "--format", "csv"]);
    let mut names = vec!["/dev/stdout", "/dev/fd/1", "/dev/fd/3", "out-link"];
    if cfg!(target_os = "linux") {
        names.extend(["/proc/self/fd/1", "/proc/self/fd/3"]);
    }
    symlink("/dev/stdout", folder.path().join("out-link")).unwrap();
    for name in names {
        let script = format!(
            "{{ echo head; ecrm segment orders.csv -q -o {name} --format csv || exit 1; echo tail; }} > out.csv 3>&1"
        );
        let output = in_shell(folder.path(), &script);
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let text = fs::read_to_string(folder.path().join("out.csv")).unwrap();
        assert_eq!(text, format!("head\n{segments}tail\n"), "{name}");
    }
    let output = in_shell(folder.path(), "ecrm segment orders.csv -o /dev/fd/3 --format csv 3< cuts.toml");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("error: cannot write /dev/fd/3: "));
}

#[test]
fn fifos_and_sockets_are_written_straight_through() {
    let folder = folder();
    let segments = stdout(&["segment", SHOP, "--format", "csv"]);
    let script =
        "mkfifo pipe && { cat pipe > out.csv & } && ecrm segment orders.csv -o pipe --format csv && wait";
    assert!(in_shell(folder.path(), script).status.success());
    assert!(fs::symlink_metadata(folder.path().join("pipe")).unwrap().file_type().is_fifo());
    assert_eq!(fs::read_to_string(folder.path().join("out.csv")).unwrap(), segments);

    let listener = UnixListener::bind(folder.path().join("socket")).unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        listener.accept().unwrap().0.read_to_string(&mut text).unwrap();
        text
    });
    assert!(
        within(folder.path(), &["segment", "orders.csv", "-o", "socket", "--format", "csv"]).status.success()
    );
    assert_eq!(reader.join().unwrap(), segments);
}

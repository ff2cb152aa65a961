//! What a store and files of unreadable rows hold is for their owner's eyes alone.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::common::stdout;
use super::store::{Trial, import};

const BROKEN: &str = "order_id,customer_id,paid_at,paid_amount\n1,ann,2026-05-01,10\n2,bob,baddate,20\n";

/// Runs the program under a umask, which must succeed.
fn run_under(umask: &str, args: &[&str]) {
    let script = format!("umask {umask}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_ecrm")]).args(args);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Everything in a folder, and the folder.
fn all(folder: &str) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![PathBuf::from(folder)]);
    while let Some(folder) = folders.pop() {
        found.push(folder.clone());
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

fn assert_private(store: &str) {
    let all = all(store);
    assert!(all.len() > 10, "{all:?}");
    for path in all {
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(format!("{:o}", mode(&path)), format!("{expected:o}"), "{}", path.display());
    }
}

#[test]
fn a_store_is_readable_by_its_owner_alone_whatever_the_umask() {
    for umask in ["000", "022", "002", "077", "0277"] {
        let trial = Trial::new();
        let (store, file) = (trial.store(), trial.write("orders.csv", BROKEN));
        run_under(umask, &["import", &file, "--store", &store]);
        assert_private(&store);
        let customers =
            trial.write("customers.csv", "customer_id,name,gender,phone\nann,Ann,f,13800000001\n");
        run_under(umask, &["import", &customers, "--store", &store]);
        run_under(umask, &["store", "compact", &store]);
        run_under(umask, &["store", "forget", "ann", &store]);
        assert_private(&store);
    }
}

#[test]
fn a_store_that_others_could_read_is_closed_to_them_when_it_is_next_written_to() {
    let trial = Trial::new();
    let (store, file) = (trial.store(), trial.write("orders.csv", BROKEN));
    import(&[&file], &store);
    // As a store of an earlier version, with what a killed import left and a note of the owner's own.
    let strays = ["orders/999999.parquet", "notes.txt"];
    strays.iter().for_each(|name| fs::write(Path::new(&store).join(name), "x").unwrap());
    all(&store).iter().for_each(|path| set(path, if path.is_dir() { 0o755 } else { 0o644 }));
    let more = trial.write("more.csv", &BROKEN.replace("1,ann", "3,eve"));
    run_under("022", &["import", &more, "--store", &store]);
    let own = Path::new(&store).join("notes.txt");
    assert_eq!(mode(&own), 0o644, "what is not the store's stays as it was");
    fs::remove_file(own).unwrap();
    assert_private(&store);
}

#[test]
fn rows_that_cannot_be_read_are_written_for_their_owner_alone() {
    let trial = Trial::new();
    let (store, file) = (trial.store(), trial.write("orders.csv", BROKEN));
    let inputs: [&[&str]; 2] = [&["rfm", &file, "-q"], &["import", &file, "--store", &store]];
    for (number, command) in inputs.iter().enumerate() {
        // A new file, and one that others could read.
        let (new, old) = (trial.path(&format!("new-{number}.csv")), trial.write("old.csv", "x"));
        set(Path::new(&old), 0o666);
        for path in [&new, &old] {
            let _ = fs::remove_dir_all(&store);
            run_under("000", &[command, &["--rejects", path][..]].concat());
            assert_eq!(mode(Path::new(path)), 0o600, "{command:?} {path}");
            assert!(fs::read_to_string(path).unwrap().contains("baddate"));
        }
    }
    // Results are as others are: whoever may see the folder may see them.
    let (result, rejects) = (trial.path("rfm.csv"), trial.path("rejects.csv"));
    run_under("022", &["rfm", &file, "-q", "-o", &result, "--rejects", &rejects]);
    assert_eq!((mode(Path::new(&result)), mode(Path::new(&rejects))), (0o644, 0o600));
    stdout(&["rfm", &file, "-q", "--rejects", &rejects]);
    assert_eq!(mode(Path::new(&rejects)), 0o600);
}

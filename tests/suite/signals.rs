//! What signals do to a run.
#![cfg(unix)]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use super::common::{ecrm_with_default_signals, files_in};

const HEADER: &[u8] = b"order_id,customer_id,ordered_at,paid_amount\n";

/// A run whose outputs are begun and which waits for more of its standard input.
fn waiting(mut command: Command, folder: &Path) -> Child {
    let out = folder.join("out.csv");
    fs::write(&out, "old").unwrap();
    let mut child = command
        .args(["rfm", "-", "-o", "out.csv", "--rejects", "rejects.csv", "--manifest", "run.json"])
        .args(["--save-cuts", "cuts.toml"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.as_mut().unwrap().write_all(HEADER).unwrap();
    // The four new files are there, unfinished, as soon as the run has begun.
    while files_in(folder).len() < 5 {
        assert!(child.try_wait().unwrap().is_none(), "the run ended by itself");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn send(signal: &str, child: &Child) {
    let kill = Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status().unwrap();
    assert!(kill.success());
}

/// How a run ends that is sent a signal, its files being looked at.
fn ended_by(signal: &str) -> ExitStatus {
    let folder = tempfile::tempdir().unwrap();
    let mut child = waiting(ecrm_with_default_signals(), folder.path());
    // Waiting would close it, and the run would be done before it is told of the signal.
    let _stdin = child.stdin.take();
    send(signal, &child);
    let status = child.wait().unwrap();
    assert_eq!(files_in(folder.path()), ["out.csv"], "{signal}");
    assert_eq!(fs::read_to_string(folder.path().join("out.csv")).unwrap(), "old", "{signal}");
    status
}

#[test]
fn interrupt_hangup_and_termination_leave_nothing_behind_and_have_exit_codes_of_their_own() {
    for (signal, code) in [("HUP", 129), ("INT", 130), ("TERM", 143)] {
        assert_eq!(ended_by(signal).code(), Some(code), "{signal}");
    }
}

#[test]
fn a_signal_that_was_ignored_from_the_start_stays_ignored() {
    let folder = tempfile::tempdir().unwrap();
    // As nohup does, and shells for what a script starts with `&`.
    let script = format!("trap '' HUP INT; exec \"{}\" \"$@\"", env!("CARGO_BIN_EXE_ecrm"));
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, "sh"]);
    let mut child = waiting(shell, folder.path());
    // A signal that is ignored is gone when `kill` returns.
    send("HUP", &child);
    send("INT", &child);
    child.stdin.take().unwrap().write_all(b"1,ann,2026-01-01,10\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(folder.path().join("out.csv")).unwrap();
    assert!(text.contains("\nann,2026-01-01,"), "{text}");
}

#[test]
fn the_others_are_not_ignored_beside_an_ignored_one() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("trap '' HUP; exec \"{}\" \"$@\"", env!("CARGO_BIN_EXE_ecrm"));
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, "sh"]);
    let mut child = waiting(shell, folder.path());
    send("TERM", &child);
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert_eq!(files_in(folder.path()), ["out.csv"]);
}

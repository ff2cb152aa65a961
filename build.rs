//! What `ecrm --version` says: the version, the commit and the target.

use std::path::Path;
use std::process::Command;

/// What goes into the binary; a change in it that is not committed is told.
const SOURCES: [&str; 4] = ["src", "build.rs", "Cargo.toml", "Cargo.lock"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = var("TARGET");
    // A development build is not told its commit: it would be built anew with each.
    let commit = if var("PROFILE") == "release" { commit() } else { Some("development".to_owned()) };
    let build = commit.map_or(target.clone(), |commit| format!("{commit}, {target}"));
    println!("cargo:rustc-env=ECRM_VERSION={} ({build})", var("CARGO_PKG_VERSION"));
}

/// The commit and its day, `1a2b3c4d5e 2026-11-27`, with `+changes` where the sources are not as they were committed; none
/// where this is no checkout of ecrm, as in an unpacked release.
fn commit() -> Option<String> {
    // A tarball may lie within somebody else's checkout.
    git(&["ls-files", "--error-unmatch", "build.rs"])?;
    for file in ["HEAD", "logs/HEAD", "packed-refs"] {
        // Cargo takes what is not there for changed each time.
        let path = git(&["rev-parse", "--git-path", file])?;
        if Path::new(&path).exists() {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    SOURCES.iter().for_each(|source| println!("cargo:rerun-if-changed={source}"));
    let commit = git(&["log", "-1", "--format=%h %cs", "--abbrev=10"])?;
    let changes = git(&[&["status", "--porcelain", "--"], SOURCES.as_slice()].concat())?;
    Some(if changes.is_empty() { commit } else { commit.replacen(' ', "+changes ", 1) })
}

/// What git prints; none where it fails or is not there.
fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

/// A variable that cargo sets.
fn var(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

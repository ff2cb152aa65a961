//! The rooms of the house: what each may know of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The rooms from the ground up: a room may use what stands before it, never what comes after it.
const ROOMS: [&str; 32] = [
    "limits",
    "locale",
    "error",
    "sync",
    "place",
    "text",
    "disk",
    "regions",
    "stats",
    "schema",
    "masks",
    "rows",
    "parse",
    "hand",
    "contacts",
    "merge",
    "store",
    "reading",
    "metrics",
    "export",
    "answer",
    "customers",
    "questions",
    "engine",
    "define",
    "check",
    "present",
    "page",
    "signals",
    "config",
    "cli",
    "main",
];

/// Every file of the library and the program, with the room it stands in.
fn files() -> Vec<(String, PathBuf)> {
    fn below(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match entry.is_dir() {
                true => below(&entry, files),
                false => files.push(entry),
            }
        }
    }
    let mut all = Vec::new();
    below(Path::new("src"), &mut all);
    let room = |path: &Path| {
        let first = path.strip_prefix("src").unwrap().components().next().unwrap();
        first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
    };
    let code = all.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    code.map(|path| (room(&path), path)).filter(|(room, _)| room != "lib").collect()
}

/// The rooms that a file names, its tests and comments left out.
fn used(text: &str) -> BTreeSet<&str> {
    let code =
        text.find("#[cfg(test)]").or_else(|| text.find("#[cfg(all(test")).map_or(text, |end| &text[..end]);
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let paths = lines.flat_map(|line| line.split("crate::").skip(1).chain(line.split("ecrm::").skip(1)));
    paths
        .map(|path| path.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default())
        .collect()
}

#[test]
fn no_room_knows_what_stands_above_it() {
    let level: BTreeMap<&str, usize> = ROOMS.iter().zip(0..).map(|(room, level)| (*room, level)).collect();
    let files = files();
    assert!(files.len() > 200, "{} files were found", files.len());
    let found: BTreeSet<&str> = files.iter().map(|(room, _)| room.as_str()).collect();
    assert_eq!(
        found,
        ROOMS.into_iter().collect(),
        "a room is listed that is not there, or is there and not listed"
    );
    let mut upward = Vec::new();
    let mut arrows = 0;
    for (room, path) in &files {
        // A module of tests may use what it likes.
        let is_test = path.file_stem().is_some_and(|stem| stem == "tests" || stem == "testing");
        let text = std::fs::read_to_string(path).unwrap();
        for other in used(&text).into_iter().filter(|other| *other != room && !is_test) {
            let Some(other_level) = level.get(other) else { continue };
            arrows += 1;
            if *other_level > level[room.as_str()] {
                upward.push(format!("{} uses {other}", path.display()));
            }
        }
    }
    assert!(arrows > 500, "{arrows} arrows were found");
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn what_a_file_uses_is_told_from_its_comments_and_tests() {
    let text = "//! [`crate::cli`]\nuse crate::schema::{Key, money};\nfn f() { crate::stats::mean() }\n#[cfg(test)]\nuse crate::store::Store;";
    assert_eq!(used(text), BTreeSet::from(["schema", "stats"]));
}

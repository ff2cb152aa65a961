//! Turns names into inputs: standard input, files, stores, and patterns that no shell expanded. No file is read twice,
//! whatever names it has.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};

use crate::error::{Error, Result, said};
use crate::locale::{Remark, harmless};
use crate::parse::source::{Input, Place};
use crate::place::{FileId, id_at};
use crate::schema::Table;
use crate::store::Store;

/// Inputs without repetitions, and remarks about them.
#[derive(Debug, Default)]
pub struct Named {
    /// The inputs, in the order in which they were last named.
    pub inputs: Vec<Input>,
    /// Remarks for the user.
    pub notes: Vec<Remark>,
    /// Remarks that only a verbose run prints.
    pub details: Vec<Remark>,
}

/// Turns names from the command line or `ecrm.toml` into inputs that hold `table`: `-` is standard input, a pattern
/// that the shell did not expand is expanded in name order, and a folder that is a store becomes that store.
///
/// # Errors
/// When a pattern is invalid, or matches nothing, or only files in a store.
pub fn expand(names: &[String], table: Option<Table>) -> Result<Vec<Input>> {
    let mut all = Names::default();
    all.add(names, table)?;
    Ok(all.finish()?.inputs)
}

/// Collects names of inputs.
#[derive(Debug, Default)]
pub struct Names {
    found: Vec<Found>,
    notes: Vec<Remark>,
}

#[derive(Debug)]
struct Found {
    input: Input,
    is_by_pattern: bool,
    id: Option<FileId>,
}

/// Patterns match as in a shell: `*` stays within a folder and skips hidden files.
pub const AS_A_SHELL: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

impl Names {
    /// Adds names of inputs that hold `table`.
    ///
    /// # Errors
    /// As [`expand`].
    pub fn add(&mut self, names: &[String], table: Option<Table>) -> Result<()> {
        for name in names {
            let is_pattern = name.contains(['*', '?', '[']) && !Path::new(name).exists();
            let places = match name.as_str() {
                "-" => vec![Place::Stdin],
                _ if is_pattern => self.matches(name)?.into_iter().map(file_or_store).collect(),
                _ => vec![file_or_store(name.into())],
            };
            let found =
                |place| Found { id: id_of(&place), input: Input { place, table }, is_by_pattern: is_pattern };
            self.found.extend(places.into_iter().map(found));
        }
        Ok(())
    }

    /// Adds a place that needs no expansion.
    pub fn add_place(&mut self, place: Place, table: Option<Table>) {
        self.found.push(Found { id: id_of(&place), input: Input { place, table }, is_by_pattern: false });
    }

    /// Whether no name was added.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The inputs without repetitions. A file that was named several times stays where it was named last, because the
    /// later file wins if an order is in several.
    ///
    /// # Errors
    /// When a file is said to hold two different tables.
    pub fn finish(self) -> Result<Named> {
        let mut named = Named { notes: self.notes, ..Named::default() };
        let mut kept: Vec<Found> = Vec::new();
        let mut places: HashMap<FileId, usize> = HashMap::new();
        for found in self.found.into_iter().rev() {
            let Some(id) = found.id else {
                kept.push(found);
                continue;
            };
            let Some(&place) = places.get(&id) else {
                places.insert(id, kept.len());
                kept.push(found);
                continue;
            };
            let later = &mut kept[place];
            let (file, other) = (found.input.name(), later.input.name());
            if let (Some(first), Some(second)) = (found.input.table, later.input.table)
                && first != second
            {
                let flag = |table: Table| format!("--{}", table.name());
                let values = [("file", file), ("first", flag(first)), ("second", flag(second))];
                return Err(Error::usage_of("two_tables", &values));
            }
            later.input.table = later.input.table.or(found.input.table);
            let code = if file == other { "named_twice" } else { "same_file" };
            let remark = Remark::new(code).with("file", file).with("other", other);
            match found.is_by_pattern || later.is_by_pattern {
                true => named.details.push(remark),
                false => named.notes.push(remark),
            }
        }
        kept.reverse();
        named.inputs = kept.into_iter().map(|found| found.input).collect();
        Ok(named)
    }

    /// The files and stores that a pattern matches, in name order.
    fn matches(&mut self, name: &str) -> Result<Vec<PathBuf>> {
        let wrong = |error: glob::PatternError| {
            let values = [("name", harmless(name).into_owned()), ("system", error.to_string())];
            Error::usage_of("pattern", &values)
        };
        let pattern = Pattern::new(name).map_err(wrong)?;
        let mut paths = Vec::new();
        if name.split('/').any(|part| part == "**") {
            self.walk(name, &pattern, &mut paths);
        } else {
            for path in glob::glob_with(name, AS_A_SHELL).map_err(wrong)? {
                match path {
                    Ok(path) => paths.push(path),
                    Err(error) => self.cannot_look_into(error.path(), error.error()),
                }
            }
        }
        let is_store = |path: &PathBuf| Store::is_at(path);
        let store_of =
            |path: &PathBuf| path.ancestors().skip(1).find(|folder| Store::is_at(folder)).map(Path::to_owned);
        let inside = paths.iter().find_map(store_of);
        paths.retain(|path| (is_store(path) || !path.is_dir()) && store_of(path).is_none());
        if paths.is_empty() {
            let (message, hint) = match inside {
                Some(store) => said("pattern_in_store", &[("store", store.display().to_string())]),
                None => said("no_match", &[]),
            };
            return Err(Error::input(name, message, hint));
        }
        Ok(paths)
    }

    /// Collects the matches of a pattern with `**`. Every folder is searched once, however many links lead to it, and
    /// under its own name instead of a link's if it has one below the start of the pattern.
    fn walk(&mut self, name: &str, pattern: &Pattern, paths: &mut Vec<PathBuf>) {
        let plain: Vec<&str> = name.split('/').take_while(|part| !part.contains(['*', '?', '['])).collect();
        let base = if plain == [""] { "/".to_owned() } else { plain.join("/") };
        let sees_hidden = name.starts_with('.') || name.contains("/.");
        let mut seen = HashSet::new();
        let mut behind_links = VecDeque::from([PathBuf::from(base)]);
        while let Some(start) = behind_links.pop_front() {
            let mut folders = vec![start];
            while let Some(folder) = folders.pop() {
                let here = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
                if id_at(here).is_some_and(|id| !seen.insert(id)) {
                    continue;
                }
                let entries = match std::fs::read_dir(here) {
                    Ok(entries) => entries,
                    // The pattern may begin with a folder that does not exist.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => {
                        self.cannot_look_into(here, &error);
                        continue;
                    }
                };
                let mut entries: Vec<_> = entries.flatten().collect();
                entries.sort_by_key(std::fs::DirEntry::file_name);
                for entry in entries {
                    let path = folder.join(entry.file_name());
                    if !sees_hidden && entry.file_name().as_encoded_bytes().starts_with(b".") {
                        continue;
                    }
                    if pattern.matches_path_with(&path, AS_A_SHELL) {
                        paths.push(path.clone());
                    }
                    let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
                    match path.is_dir() && !Store::is_at(&path) {
                        true if is_link => behind_links.push_back(path),
                        true => folders.push(path),
                        false => {}
                    }
                }
            }
        }
        paths.sort();
    }

    fn cannot_look_into(&mut self, folder: &Path, error: &io::Error) {
        let remark = Remark::new("folder_unreadable").with("file", folder.display());
        self.notes.push(remark.with("message", error));
    }
}

fn file_or_store(path: PathBuf) -> Place {
    if Store::is_at(&path) { Place::Store(path) } else { Place::File(path) }
}

fn id_of(place: &Place) -> Option<FileId> {
    match place {
        Place::File(path) | Place::Store(path) => id_at(path),
        Place::Stdin => id_of_stdin(),
        Place::Bytes(..) => None,
    }
}

#[cfg(unix)]
fn id_of_stdin() -> Option<FileId> {
    crate::place::id_of(&crate::parse::source::stdin_meta()?, Path::new("-"))
}

/// On other systems than Unix the source of standard input is unknown.
#[cfg(not(unix))]
fn id_of_stdin() -> Option<FileId> {
    Some((u64::MAX, u64::MAX))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// The names of the inputs, below the folder.
    fn names(folder: &Path, patterns: &[&str]) -> Vec<String> {
        let patterns: Vec<String> =
            patterns.iter().map(|name| folder.join(name).display().to_string()).collect();
        let inputs = expand(&patterns, None).expect("inputs");
        let below =
            |input: &Input| input.name().strip_prefix(&format!("{}/", folder.display())).map(str::to_owned);
        inputs.iter().filter_map(below).collect()
    }

    fn folder_with(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            std::fs::write(path, file).expect("a file");
        }
        folder
    }

    #[test]
    fn loops_of_links_end_and_files_come_once_by_their_own_names() {
        let folder = folder_with(&["a/x.csv", "b/c/y.csv", "z.csv", "b/.hidden.csv"]);
        let at = |name: &str| folder.path().join(name);
        symlink(folder.path(), at("a/up")).expect("a link");
        symlink(folder.path(), at("b/c/up")).expect("a link");
        symlink(at("b"), at("a/also_b")).expect("a link");
        symlink(at("z.csv"), at("y_link.csv")).expect("a link");
        std::fs::hard_link(at("a/x.csv"), at("hard.csv")).expect("a link");
        assert_eq!(names(folder.path(), &["**/*.csv"]), ["b/c/y.csv", "hard.csv", "z.csv"]);
        // `b/c/up` leads out of b and back to it.
        assert_eq!(
            names(folder.path(), &["b/**/*.csv"]),
            ["b/c/up/hard.csv", "b/c/up/z.csv", "b/c/y.csv"],
            "each by the last of its names"
        );
    }

    #[test]
    fn the_place_of_the_last_naming_counts() {
        let folder = folder_with(&["a.csv", "b.csv", "sub/c.csv"]);
        assert_eq!(names(folder.path(), &["a.csv", "b.csv", "./a.csv"]), ["b.csv", "./a.csv"]);
        assert_eq!(names(folder.path(), &["*.csv", "a.csv"]), ["b.csv", "a.csv"]);
        assert_eq!(names(folder.path(), &["*"]), ["a.csv", "b.csv"], "folders are no files");
    }

    #[test]
    fn what_was_named_twice_outright_is_said() {
        let folder = folder_with(&["a.csv"]);
        let name = |file: &str| folder.path().join(file).display().to_string();
        let mut all = Names::default();
        all.add(&[name("a.csv"), name("*.csv"), name("./a.csv"), name("./a.csv")], None).expect("names");
        let named = all.finish().expect("inputs");
        let codes = |remarks: &[Remark]| remarks.iter().map(|remark| remark.code).collect::<Vec<_>>();
        assert_eq!(codes(&named.notes), ["named_twice", "same_file"]);
        assert_eq!(codes(&named.details), ["same_file"]);
        let mut all = Names::default();
        all.add(&[name("a.csv")], Some(Table::Orders)).expect("names");
        all.add(&[name("a.csv")], Some(Table::Events)).expect("names");
        let error = all.finish().expect_err("two tables").to_string();
        assert!(error.contains("--orders") && error.contains("--events"), "{error}");
    }

    #[test]
    fn what_lies_in_a_store_is_no_export() {
        let folder = folder_with(&["shop/orders/1.csv", "shop/ecrm-store.json", "a.csv"]);
        assert!(Store::is_at(&folder.path().join("shop")));
        assert_eq!(names(folder.path(), &["**/*.csv"]), ["a.csv"]);
        assert_eq!(names(folder.path(), &["*"]), ["a.csv", "shop"]);
        let inside = folder.path().join("shop/orders/*.csv").display().to_string();
        let error = expand(&[inside], None).expect_err("files of a store").to_string();
        assert!(error.contains("store"), "{error}");
    }
}

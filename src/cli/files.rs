//! Checks the files that a run reads and writes: a file that is written must not be one that is read, one that is
//! written twice, or part of a store.

use std::path::{Path, PathBuf};

use super::configuration;
use super::shared::InputArgs;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::locale::{Words, harmless};
use crate::parse::source::Place;
use crate::place::{self, FileIdentity};
use crate::reading::expand::{AS_A_SHELL, expand};
use crate::schema::Table;
use crate::store::Store;

/// Stands for standard output among the files written.
const STDOUT: &str = "/dev/stdout";

/// The files that a run reads and writes.
#[derive(Debug, Default)]
pub struct Files {
    reads: Vec<PathBuf>,
    /// Patterns of inputs, which later files may match too.
    patterns: Vec<String>,
    /// Stores, including those that do not exist yet.
    stores: Vec<PathBuf>,
    /// Files that are written, with the flag that names each; standard output has no flag.
    writes: Vec<(&'static str, PathBuf)>,
    /// Folders that are replaced, with the flag that names each.
    folders: Vec<(&'static str, PathBuf)>,
    /// Files that are read and replaced, with the flag that names each; they may be among the inputs.
    changes: Vec<(&'static str, PathBuf)>,
}

impl Files {
    /// All files that the flags and the configuration name for reading, whether this run reads them or a later one.
    pub fn read_by(args: &InputArgs, config: &Config) -> Self {
        let mut files = Self::default().read(config.path.as_deref());
        let is_file = |name: &&String| name.ends_with(".toml");
        let of_tables = args.tables.iter().flat_map(|(_, named)| named);
        args.files.iter().chain(of_tables).for_each(|name| files.input(name));
        args.preset.iter().filter(is_file).for_each(|name| files.input(name));
        files.configured(config)
    }

    /// Adds the files that a configuration names.
    pub fn configured(mut self, config: &Config) -> Self {
        let inputs = &config.inputs;
        let preset = config.read.preset.iter().filter(|name| name.ends_with(".toml"));
        let tables = Table::ALL.iter().flat_map(|table| inputs.of(*table));
        let names: Vec<String> = tables.chain(preset).cloned().collect();
        config.resolved(&names).iter().for_each(|name| self.input(name));
        // Including files that do not exist yet: a file written in their place would be read as one later.
        self.reads.extend(configuration::hand_files(config).into_iter().map(|(path, _)| path));
        self.store(config.store().as_deref())
    }

    /// Adds a name or pattern of inputs.
    pub fn input(&mut self, name: &str) {
        if name == "-" {
            return;
        }
        if name.contains(['*', '?', '[']) && !Path::new(name).exists() {
            self.patterns.push(name.to_owned());
        }
        // A name that cannot be expanded is reported when it is read.
        for input in expand(&[name.to_owned()], None).into_iter().flatten() {
            match input.place {
                Place::Store(folder) => self.stores.push(folder),
                Place::File(path) => self.reads.push(path),
                Place::Stdin | Place::Bytes(..) => {}
            }
        }
    }

    /// Adds another file that is read.
    pub fn read(mut self, path: Option<&Path>) -> Self {
        self.reads.extend(path.map(Path::to_owned));
        self
    }

    /// Adds a store, or the folder in which one will be created.
    pub fn store(mut self, folder: Option<&Path>) -> Self {
        self.stores.extend(folder.map(Path::to_owned));
        self
    }

    /// Adds a file that is written, with the flag that names it; `-` is standard output.
    pub fn write(mut self, flag: &'static str, path: Option<&Path>) -> Self {
        match path {
            Some(path) if path.as_os_str() == "-" => self.stdout(),
            Some(path) => {
                self.writes.push((flag, path.to_owned()));
                self
            }
            None => self,
        }
    }

    /// Adds a folder that is replaced, with the flag that names it.
    pub fn write_folder(mut self, flag: &'static str, path: &Path) -> Self {
        self.folders.push((flag, path.to_owned()));
        self
    }

    /// Adds a file that is read and replaced, with the flag that names it.
    pub fn change(mut self, flag: &'static str, path: Option<&Path>) -> Self {
        self.changes.extend(path.map(|path| (flag, path.to_owned())));
        self.read(path)
    }

    /// Adds standard output, which may be redirected to a file.
    pub fn stdout(mut self) -> Self {
        if cfg!(unix) {
            self.writes.push(("", STDOUT.into()));
        }
        self
    }

    /// Refuses to overwrite a file that is still needed.
    ///
    /// # Errors
    /// Wrong usage, naming both files.
    pub fn check(&self) -> Result<()> {
        let named = |path: &PathBuf| (harmless(&path.to_string_lossy()).into_owned(), FileIdentity::of(path));
        let mut reads: Vec<(String, FileIdentity)> = self.reads.iter().map(named).collect();
        let stdin = FileIdentity::of(Path::new("/dev/stdin"));
        if cfg!(unix) && stdin.is_regular {
            reads.push((Words::of("error", "standard_input", &[]).to_string(), stdin));
        }
        let stores: Vec<(&PathBuf, PathBuf)> =
            self.stores.iter().map(|folder| (folder, place::resolved(folder))).collect();
        for (flag, path) in &self.changes {
            let name = called(flag, path);
            if let Some(store) = store_of(&FileIdentity::of(path), &stores) {
                let other = harmless(&store.to_string_lossy()).into_owned();
                return Err(Error::usage_of("output_in_store", &[("name", name), ("other", other)]));
            }
        }
        let mut written: Vec<(String, FileIdentity)> = Vec::new();
        for (flag, path) in &self.writes {
            let (name, target) = (called(flag, path), FileIdentity::of(path));
            if target.keeps_nothing {
                continue;
            }
            let refused = |key: &str, other: &str| {
                Err(Error::usage_of(key, &[("name", name.clone()), ("other", other.to_owned())]))
            };
            if let Some((read, _)) = reads.iter().find(|(_, read)| read.is_same(&target)) {
                return refused("output_is_read", read);
            }
            if let Some((other, _)) = written.iter().find(|(_, other)| other.is_same(&target)) {
                return refused("output_twice", other);
            }
            if let Some(store) = store_of(&target, &stores) {
                return refused("output_in_store", &harmless(&store.to_string_lossy()));
            }
            if let Some(pattern) = self.patterns.iter().find(|pattern| matches(pattern, target.path())) {
                return refused("output_matches", &harmless(pattern));
            }
            written.push((name, target));
        }
        self.check_folders(&reads, &stores, &written)
    }

    /// Refuses to replace a folder that is part of a store, or that contains files which are read or written.
    fn check_folders(
        &self,
        reads: &[(String, FileIdentity)],
        stores: &[(&PathBuf, PathBuf)],
        written: &[(String, FileIdentity)],
    ) -> Result<()> {
        for (flag, path) in &self.folders {
            let (name, target) = (called(flag, path), FileIdentity::of(path));
            let refused = |key: &str, other: &str| {
                Err(Error::usage_of(key, &[("name", name.clone()), ("other", other.to_owned())]))
            };
            let own = || Store::is_at(target.path()).then(|| path.clone());
            if let Some(store) = store_of(&target, stores).or_else(own) {
                return refused("output_in_store", &harmless(&store.to_string_lossy()));
            }
            let is_within = |place: &Path| place.starts_with(target.path());
            if let Some((read, _)) = reads.iter().find(|(_, read)| is_within(read.path())) {
                return refused("folder_is_read", read);
            }
            if let Some((other, _)) = written.iter().find(|(_, other)| is_within(other.path())) {
                return refused("folder_is_written", other);
            }
            if let Some((store, _)) = stores.iter().find(|(_, resolved)| is_within(resolved)) {
                return refused("folder_is_read", &harmless(&store.to_string_lossy()));
            }
        }
        Ok(())
    }
}

/// The store that a file would be part of: a named one, or one that exists.
fn store_of(target: &FileIdentity, stores: &[(&PathBuf, PathBuf)]) -> Option<PathBuf> {
    let is_within = |(_, folder): &&(&PathBuf, PathBuf)| target.path().starts_with(folder);
    let named = stores.iter().find(is_within).map(|(folder, _)| folder.to_path_buf());
    let existing =
        || target.path().ancestors().skip(1).find(|folder| Store::is_at(folder)).map(Path::to_owned);
    named.or_else(existing)
}

/// The name that the user gave it.
fn called(flag: &str, path: &Path) -> String {
    match flag {
        "" => Words::of("error", "standard_output", &[]).to_string(),
        flag => format!("{flag} {}", harmless(&path.to_string_lossy())),
    }
}

/// Whether a path, which need not exist, matches a pattern.
fn matches(pattern: &str, path: &Path) -> bool {
    // The folders in front of the first wildcard may be reached through links.
    let is_pattern =
        |part: &std::path::Component<'_>| part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    let parts = Path::new(pattern).components();
    let (folder, rest): (Vec<_>, Vec<_>) = {
        let first = parts.clone().position(|part| is_pattern(&part)).unwrap_or(0);
        (parts.clone().take(first).collect(), parts.skip(first).collect())
    };
    let folder = match folder.as_slice() {
        [] => PathBuf::from("."),
        parts => parts.iter().collect(),
    };
    let folder = glob::Pattern::escape(&place::resolved(&folder).to_string_lossy());
    let pattern = Path::new(&folder).join(rest.iter().collect::<PathBuf>());
    glob::Pattern::new(&pattern.to_string_lossy())
        .is_ok_and(|pattern| pattern.matches_path_with(path, AS_A_SHELL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_files_that_are_still_to_be_made() {
        let here = place::resolved(Path::new("."));
        for (pattern, name, is_match) in [
            ("*.csv", "out.csv", true),
            ("./*.csv", "out.csv", true),
            ("*.csv", "sub/out.csv", false),
            ("**/*.csv", "sub/out.csv", true),
            ("src/../*.csv", "out.csv", true),
            ("day[0-9].csv", "day1.csv", true),
            ("day[0-9].csv", "days.csv", false),
            ("*.csv", ".out.csv", false),
        ] {
            assert_eq!(matches(pattern, &here.join(name)), is_match, "{pattern} {name}");
        }
    }
}

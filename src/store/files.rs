//! The files that belong to a store: their names, the notes made before they are written, and the only place where
//! files are removed.
//!
//! Each change has a token, which is part of the name of each file it writes. The token is noted in the lock file of
//! the store before the first file is written; files that a change drops from the manifest are noted before it does so.
//! A change that dies leaves its notes behind. A file is only removed if such notes or the change itself name it, if
//! the manifest does not count it, and if it is a regular file in the store's own folders that is not behind a link.
//! All other files in a store belong to somebody else.

use std::collections::HashSet;
use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::lock::{self, Lock, Wait};
use super::manifest::{self, FOLDERS, Manifest};
use super::private;
use crate::error::{Error, Result};

/// How the lines of notes begin.
const WRITES: &str = "writes ";
const REMOVES: &str = "removes ";

/// The number of hexadecimal digits of a token.
const TOKEN_LENGTH: usize = 16;

/// The most bytes of notes that are read: far more than a change of the largest store leaves.
const MAX_NOTES: u64 = 1 << 28;

/// The extensions of files in the store's folders.
const ENDINGS: [&str; 3] = ["parquet", "ids", "msgpack"];

/// A change in progress. It notes what it writes beforehand.
#[derive(Debug)]
pub(super) struct Writing<'a> {
    folder: &'a Path,
    /// The lock file, which has the notes of this change and of those that died.
    lock: Lock,
    /// The token of this change, once something is written.
    token: OnceLock<String>,
}

impl<'a> Writing<'a> {
    /// Waits until no other process changes the store in a folder, and creates the folder if it does not exist.
    ///
    /// # Errors
    /// When the folder holds anything that does not belong to a store.
    pub(super) fn start(folder: &'a Path, wait: Wait<'_>) -> Result<Self> {
        private::create_folder(folder).map_err(|error| Error::io("make", folder, error))?;
        let lock = lock::writer(folder, wait)?;
        let path = folder.join(lock::WRITER);
        let mut file = lock.file();
        let (_, length) = Notes::read(&mut file, &path)?;
        // An unfinished line does not count.
        file.set_len(length).map_err(|error| Error::io("write", &path, error))?;
        check_is_own(folder)?;
        close(folder);
        Ok(Self { folder, lock, token: OnceLock::new() })
    }

    /// The store's folder.
    pub(super) fn folder(&self) -> &'a Path {
        self.folder
    }

    /// Creates a new file for `path`, for example `orders/000001.parquet`. Returns it with its final path, which
    /// contains the token of the change.
    pub(super) fn create(&self, path: &str) -> Result<(File, String)> {
        let token = self.begin()?;
        let (stem, ending) = path.rsplit_once('.').unwrap_or((path, ""));
        let path = format!("{stem}.{token}.{ending}");
        let full = self.folder.join(&path);
        if let Some(folder) = full.parent().filter(|folder| !folder.is_dir()) {
            private::create_folder(folder).map_err(|error| Error::io("make", folder, error))?;
        }
        if !is_within_own_folder(self.folder, &path) {
            return Err(linked(&full));
        }
        let file = private::create(&full);
        Ok((file.map_err(|error| Error::io("write", &full, error))?, path))
    }

    /// Replaces the manifest, completely or not at all.
    pub(super) fn put_manifest(&self, text: &str) -> Result<()> {
        self.begin()?;
        self.replace_manifest(text)
    }

    /// Notes files that the next manifest does not count any more.
    ///
    /// # Errors
    /// When one of them must not be removed, so that its content would stay.
    pub(super) fn note_removed(&self, paths: &[String]) -> Result<()> {
        if let Some(path) = paths.iter().find(|path| !is_removable(self.folder, path)) {
            return Err(linked(&self.folder.join(path)));
        }
        self.note(paths.iter().map(|path| format!("{REMOVES}{path}\n")).collect())
    }

    /// Removes the files that this change and those that died have written or dropped and that the manifest does not
    /// count. Returns false if others read the store for too long, so that this is left to the next change.
    pub(super) fn settle(&self, manifest: &Manifest, wait: Wait<'_>) -> Result<bool> {
        let path = self.folder.join(lock::WRITER);
        let (notes, _) = Notes::read(&mut self.lock.file(), &path)?;
        let counting: HashSet<&str> = manifest.files().map(|file| file.path.as_str()).collect();
        let strays: Vec<PathBuf> = notes
            .files(self.folder)
            .into_iter()
            .filter(|path| !counting.contains(path.as_str()) && is_removable(self.folder, path))
            .map(|path| self.folder.join(path))
            .collect();
        if !strays.is_empty() {
            let Some(_alone) = lock::alone(self.folder, wait)? else { return Ok(false) };
            let remove = |path: PathBuf| match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    Err(Error::io("remove", &path, error))
                }
                _ => Ok(()),
            };
            // A file that cannot be removed does not keep the others from being removed.
            let removed: Vec<Result<()>> = strays.into_iter().map(remove).collect();
            removed.into_iter().collect::<Result<()>>()?;
        }
        self.lock.file().set_len(0).map_err(|error| Error::io("write", &path, error))?;
        Ok(true)
    }

    /// The token of the change. With the first file it is noted, and a new store gets a manifest; without one the files
    /// in its folders would not be recognised as a store's.
    ///
    /// After this call files may be created in parallel, but not before.
    pub(super) fn begin(&self) -> Result<&str> {
        if let Some(token) = self.token.get() {
            return Ok(token);
        }
        let token = format!("{:016x}", RandomState::new().build_hasher().finish());
        self.note(format!("{WRITES}{token}\n"))?;
        super::frames::sync_folder(self.folder)?;
        let token = self.token.get_or_init(|| token);
        if !self.folder.join(manifest::FILE).exists() {
            self.replace_manifest(&Manifest::default().text()?)?;
        }
        Ok(token)
    }

    fn note(&self, lines: String) -> Result<()> {
        let mut file = self.lock.file();
        let noted = file
            .seek(SeekFrom::End(0))
            .and_then(|_| file.write_all(lines.as_bytes()))
            .and_then(|()| file.sync_all());
        noted.map_err(|error| Error::io("write", &self.folder.join(lock::WRITER), error))
    }

    fn replace_manifest(&self, text: &str) -> Result<()> {
        let path = self.folder.join(manifest::FILE);
        let partial = self.folder.join(partial(self.token.get().map_or("", String::as_str)));
        let failed = |error| Error::io("write", &path, error);
        let mut file = private::create(&partial).map_err(failed)?;
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        drop(file);
        written.and_then(|()| std::fs::rename(&partial, &path)).map_err(failed)?;
        super::frames::sync_folder(self.folder)
    }
}

/// The notes of changes in the lock file of a store.
#[derive(Debug, Default)]
struct Notes {
    tokens: Vec<String>,
    removed: Vec<String>,
}

impl Notes {
    /// The notes in a file and how many bytes they take.
    ///
    /// # Errors
    /// When the file holds anything else; then it does not belong to a store.
    fn read(file: &mut (impl Read + Seek), path: &Path) -> Result<(Self, u64)> {
        let mut bytes = Vec::new();
        let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.take(MAX_NOTES).read_to_end(&mut bytes));
        read.map_err(|error| Error::io("read", path, error))?;
        Self::of(&bytes).ok_or_else(|| Error::input_of(path.display().to_string(), "store_foreign_lock", &[]))
    }

    fn of(bytes: &[u8]) -> Option<(Self, u64)> {
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        // After a crash, zeros may stand where bytes were to be written.
        let rest = std::str::from_utf8(&bytes[end..]).ok()?.trim_end_matches('\0');
        let is_begun = |start: &str| start.starts_with(rest) || rest.starts_with(start);
        if !is_begun(WRITES) && !is_begun(REMOVES) {
            return None;
        }
        let mut notes = Self::default();
        for line in std::str::from_utf8(&bytes[..end]).ok()?.lines() {
            if let Some(token) = line.strip_prefix(WRITES).filter(|token| is_token(token)) {
                notes.tokens.push(token.to_owned());
            } else {
                notes.removed.push(line.strip_prefix(REMOVES).filter(|path| is_own_path(path))?.to_owned());
            }
        }
        Some((notes, end as u64))
    }

    /// The files that are noted, as paths relative to the store's folder.
    fn files(&self, folder: &Path) -> Vec<String> {
        let mut files = self.removed.clone();
        if self.tokens.is_empty() {
            return files;
        }
        let has_token =
            |path: &String| is_own_path(path) && path.rsplit('.').nth(1).is_some_and(|part| self.has(part));
        for name in FOLDERS.iter().filter(|name| is_real_folder(&folder.join(name))) {
            let entries = std::fs::read_dir(folder.join(name)).into_iter().flatten().flatten();
            let paths = entries.map(|entry| format!("{name}/{}", entry.file_name().to_string_lossy()));
            files.extend(paths.filter(has_token));
        }
        files.extend(self.tokens.iter().map(|token| partial(token)));
        files
    }

    fn has(&self, token: &str) -> bool {
        self.tokens.iter().any(|own| own == token)
    }
}

/// Checks that a folder is a store, or is empty except for what a change left that died before there was a store. A
/// folder that does not exist is fine.
pub(super) fn check_is_own(folder: &Path) -> Result<()> {
    if folder.is_file() {
        let name = folder.display().to_string();
        return Err(Error::input_of(name, "store_is_file", &[]));
    }
    let manifest = folder.join(manifest::FILE);
    match std::fs::symlink_metadata(&manifest) {
        Ok(meta) if meta.is_file() => return Ok(()),
        Ok(_) => return Err(linked(&manifest)),
        Err(_) => {}
    }
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io("read", folder, error)),
    };
    let notes = match private::open_lock(&folder.join(lock::WRITER)) {
        Ok(mut file) => Notes::read(&mut file, &folder.join(lock::WRITER))?.0,
        Err(_) => Notes::default(),
    };
    let mut others = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Error::io("read", folder, error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_lock = name == lock::WRITER || name == lock::READERS;
        let is_partial = notes.tokens.iter().any(|token| partial(token) == name);
        let is_regular = entry.file_type().is_ok_and(|kind| kind.is_file());
        if !(is_regular && (is_lock || is_partial)) {
            others.push(name);
        }
    }
    others.sort_unstable();
    match others.first() {
        None => Ok(()),
        Some(first) => {
            let values = [("seen", format!("{first:?}")), ("manifest", manifest::FILE.to_owned())];
            Err(Error::input_of(folder.display().to_string(), "store_other", &values))
        }
    }
}

/// The files in the store's own folders that do not belong to it. It neither reads nor removes them. Files of a change
/// in progress or of one that died do belong to it.
pub(super) fn foreign(folder: &Path, manifest: &Manifest) -> Vec<String> {
    let mut own: HashSet<String> = manifest.files().map(|file| file.path.clone()).collect();
    let path = folder.join(lock::WRITER);
    let notes = private::open_lock(&path).ok().and_then(|mut file| Notes::read(&mut file, &path).ok());
    own.extend(notes.into_iter().flat_map(|(notes, _)| notes.files(folder)));
    let mut foreign = Vec::new();
    for name in FOLDERS.iter() {
        let entries = std::fs::read_dir(folder.join(name)).into_iter().flatten().flatten();
        let paths = entries.map(|entry| format!("{name}/{}", entry.file_name().to_string_lossy()));
        foreign.extend(paths.filter(|path| !own.contains(path)));
    }
    foreign.sort_unstable();
    foreign
}

/// Restricts the files that are in a store to its owner.
fn close(store: &Path) {
    let is_own = |name: &str| [lock::WRITER, lock::READERS, manifest::FILE].contains(&name);
    private::close(store, is_own);
    // This includes files of earlier versions, which had other names, and those of changes that died.
    let is_kept = |name: &str| ENDINGS.iter().any(|ending| name.ends_with(&format!(".{ending}")));
    let folders = FOLDERS.iter().map(|name| store.join(name));
    folders.filter(|folder| is_real_folder(folder)).for_each(|folder| private::close(&folder, is_kept));
}

/// The name of a manifest while it is being written.
fn partial(token: &str) -> String {
    format!(".ecrm-{token}.partial")
}

fn is_token(text: &str) -> bool {
    text.len() == TOKEN_LENGTH && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a path relative to the store's folder is one that the store gives to files, for example
/// `orders/000001.lines.TOKEN.parquet`.
pub(super) fn is_own_path(path: &str) -> bool {
    let Some((folder, name)) = path.split_once('/') else { return false };
    let parts: Vec<&str> = name.split('.').collect();
    let is_number = |part: &str| part.len() >= 6 && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase());
    let [number, between @ .., token, ending] = parts.as_slice() else { return false };
    FOLDERS.contains(&folder)
        && is_number(number)
        && between.iter().all(|part| !part.is_empty() && (is_word(part) || is_number(part)))
        && is_token(token)
        && ENDINGS.contains(ending)
}

/// Whether a path of the store is a regular file in the store's own folders, or does not exist. Removing a link would
/// only remove the link, and a folder that is a link leads to somebody else's files.
fn is_removable(folder: &Path, path: &str) -> bool {
    let is_regular = match std::fs::symlink_metadata(folder.join(path)) {
        Ok(meta) => meta.is_file(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    is_regular && (!path.contains('/') || is_within_own_folder(folder, path))
}

fn is_within_own_folder(folder: &Path, path: &str) -> bool {
    path.split_once('/').is_some_and(|(name, _)| {
        let within = folder.join(name);
        is_real_folder(&within) || !within.exists()
    })
}

fn is_real_folder(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir())
}

/// The error that something lies in the place of a regular file.
pub(super) fn irregular(path: &Path) -> Error {
    Error::input_of(path.display().to_string(), "store_irregular", &[])
}

/// The error that a path of the store is not a regular file in its own folders.
pub(super) fn linked(path: &Path) -> Error {
    Error::input_of(path.display().to_string(), "store_linked", &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    #[test]
    fn only_names_that_a_store_gives_are_its_own() {
        let own = ["orders/000001.T.parquet", "orders/1000000.lines.T.parquet", "imports/000001.T.msgpack"];
        let own = [&own[..], &["orders/000001.superseded.000002.T.parquet", "orders/000001.T.ids"]].concat();
        own.iter().for_each(|path| assert!(is_own_path(&path.replace('T', TOKEN)), "{path}"));
        let others = [
            "orders/000001.parquet",
            "orders/2026.T.parquet",
            "orders/000001.T.csv",
            "orders/000001.T.parquet.bak",
            "orders/000001..T.parquet",
            "orders/000001.Lines.T.parquet",
            "orders/a/000001.T.parquet",
            "orders/../000001.T.parquet",
            "refunds/000001.T.parquet",
            "000001.T.parquet",
            "/orders/000001.T.parquet",
        ];
        others.iter().for_each(|path| assert!(!is_own_path(&path.replace('T', TOKEN)), "{path}"));
        assert!(!is_own_path("orders/000001.0123456789ABCDEF.parquet"));
    }

    #[test]
    fn notes_end_where_a_machine_stopped_and_other_texts_are_none() {
        let line = format!("{WRITES}{TOKEN}\n");
        for rest in ["", "w", "writes 0123", "removes orders/0000", "\0\0\0", "rem\0\0"] {
            let (notes, length) = Notes::of(format!("{line}{rest}").as_bytes()).expect(rest);
            assert!(notes.tokens == [TOKEN] && notes.removed.is_empty() && length == 24, "{rest}");
        }
        for other in ["hello", "hello\n", "writes me\n", "removes ../x\n", "removes orders/2026.csv\n"] {
            assert!(Notes::of(format!("{line}{other}").as_bytes()).is_none(), "{other}");
        }
        assert!(Notes::of(b"\xff\xfe\n").is_none() && Notes::of(b"\xff").is_none());
    }
}

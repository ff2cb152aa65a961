//! Which files are a store's own: how they are named, noted before they are written, and the one place that removes
//! any.
//!
//! Every change has a token, which is in the name of every file it writes and is noted in the file that locks the store
//! before the first of them is written; so are the files that a change takes out of the manifest, before it does so. A
//! change that dies leaves its notes behind. What is removed is what such notes or the change itself name, what is not
//! in the manifest, and what is a regular file in the store's own folders, never behind a link. Whatever else lies in a
//! store is somebody else's.

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

/// Beginnings of the lines that are noted.
const WRITES: &str = "writes ";
const REMOVES: &str = "removes ";

/// Hexadecimal digits of a token.
const TOKEN_LENGTH: usize = 16;

/// Bytes of notes that are read: far more than a change of the largest store leaves.
const MAX_NOTES: u64 = 1 << 28;

/// Endings of the files of the store's folders.
const ENDINGS: [&str; 3] = ["parquet", "ids", "msgpack"];

/// A change under way: what it writes is noted first.
#[derive(Debug)]
pub(super) struct Writing<'a> {
    folder: &'a Path,
    /// With the notes of this change, and of those that died.
    lock: Lock,
    /// This change's, once something is written.
    token: OnceLock<String>,
}

impl<'a> Writing<'a> {
    /// Waits until nobody else changes the store in a folder, which is made where there is none.
    ///
    /// # Errors
    /// When the folder holds anything that is no store's.
    pub(super) fn start(folder: &'a Path, wait: Wait<'_>) -> Result<Self> {
        private::create_folder(folder).map_err(|error| Error::io("make", folder, error))?;
        let lock = lock::writer(folder, wait)?;
        let path = folder.join(lock::WRITER);
        let mut file = lock.file();
        let (_, length) = Notes::read(&mut file, &path)?;
        // A line that was not finished is none.
        file.set_len(length).map_err(|error| Error::io("write", &path, error))?;
        check_is_own(folder)?;
        close(folder);
        Ok(Self { folder, lock, token: OnceLock::new() })
    }

    /// The store's folder.
    pub(super) fn folder(&self) -> &'a Path {
        self.folder
    }

    /// Makes a new file for `path`, as `orders/000001.parquet`; gives it with the path it has, in which the change's
    /// token stands.
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

    /// Puts a manifest in the place of the one before, whole or not at all.
    pub(super) fn put_manifest(&self, text: &str) -> Result<()> {
        self.begin()?;
        self.replace_manifest(text)
    }

    /// Notes files that the next manifest does not count any more.
    ///
    /// # Errors
    /// When one of them is not the store's to remove, so that what it holds would stay.
    pub(super) fn note_removed(&self, paths: &[String]) -> Result<()> {
        if let Some(path) = paths.iter().find(|path| !is_removable(self.folder, path)) {
            return Err(linked(&self.folder.join(path)));
        }
        self.note(paths.iter().map(|path| format!("{REMOVES}{path}\n")).collect())
    }

    /// Removes what this change and those that died have written or taken out and the manifest does not count; says
    /// whether that is done, and not left to the next change, since others read.
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
            // One that stays keeps no other.
            let removed: Vec<Result<()>> = strays.into_iter().map(remove).collect();
            removed.into_iter().collect::<Result<()>>()?;
        }
        self.lock.file().set_len(0).map_err(|error| Error::io("write", &path, error))?;
        Ok(true)
    }

    /// The change's token. With the first file it is noted, and a new store gets a manifest: without one, files in its
    /// folders would be nobody's.
    ///
    /// Files may be made side by side after it, and not before.
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

/// What a change noted in the file that locks the store.
#[derive(Debug, Default)]
struct Notes {
    tokens: Vec<String>,
    removed: Vec<String>,
}

impl Notes {
    /// The notes in a file and the bytes they take.
    ///
    /// # Errors
    /// When the file holds anything else: then it is not a store's.
    fn read(file: &mut (impl Read + Seek), path: &Path) -> Result<(Self, u64)> {
        let mut bytes = Vec::new();
        let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.take(MAX_NOTES).read_to_end(&mut bytes));
        read.map_err(|error| Error::io("read", path, error))?;
        Self::of(&bytes).ok_or_else(|| Error::input_of(path.display().to_string(), "store_foreign_lock", &[]))
    }

    fn of(bytes: &[u8]) -> Option<(Self, u64)> {
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        // A machine that stopped leaves zeros where bytes were to come.
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

    /// The files that are noted, from the store's folder.
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

/// Checks that a folder is a store, or one in which there is nothing but what a change that died has left before there
/// was one. Where there is no folder yet, there is nothing to say against it.
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

/// Files in a store's own folders that are not its own: it neither reads nor removes them. Those of a change under way,
/// or of one that died, are its own.
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

/// Lets nobody but its owner read what is in a store already.
fn close(store: &Path) {
    let is_own = |name: &str| [lock::WRITER, lock::READERS, manifest::FILE].contains(&name);
    private::close(store, is_own);
    // Also those of versions that gave their files other names, and what a change that died has left.
    let is_kept = |name: &str| ENDINGS.iter().any(|ending| name.ends_with(&format!(".{ending}")));
    let folders = FOLDERS.iter().map(|name| store.join(name));
    folders.filter(|folder| is_real_folder(folder)).for_each(|folder| private::close(&folder, is_kept));
}

/// The name of a manifest that is being written.
fn partial(token: &str) -> String {
    format!(".ecrm-{token}.partial")
}

fn is_token(text: &str) -> bool {
    text.len() == TOKEN_LENGTH && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a path, from the store's folder, is one that the store gives its files: `orders/000001.lines.TOKEN.parquet`.
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

/// Whether what is at a path of the store is a regular file in folders of the store, or nothing at all. Of a link only
/// the link would go, and behind a folder that is one are somebody else's files.
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

/// That something that is no regular file lies in the place of one.
pub(super) fn irregular(path: &Path) -> Error {
    Error::input_of(path.display().to_string(), "store_irregular", &[])
}

/// That something of a store is no regular file in its own folders.
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

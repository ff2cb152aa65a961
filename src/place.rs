//! Resolves file names through links and `..`, also for files that do not exist yet.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// The most links that are followed in a row, as on Linux.
const MAX_LINKS: usize = 40;

/// The file that a name leads to, or would lead to once it is created, as an absolute path without links and `..`.
pub fn resolved(path: &Path) -> PathBuf {
    let mut path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for _ in 0..MAX_LINKS {
        if let Ok(real) = fs::canonicalize(&path) {
            return real;
        }
        // What exists but cannot be resolved is a link to a file that does not exist yet.
        let Ok(target) = fs::read_link(&path) else { break };
        path = path.parent().unwrap_or(Path::new("/")).join(target);
    }
    match (path.parent(), path.components().next_back()) {
        (Some(folder), Some(Component::Normal(name))) => resolved(folder).join(name),
        (Some(folder), Some(Component::ParentDir)) => {
            let folder = resolved(folder);
            folder.parent().unwrap_or(&folder).to_owned()
        }
        _ => path,
    }
}

/// Identifies a file whatever its name: the device, and the number of the file on that device.
pub type FileId = (u64, u64);

/// The id of the file that a name leads to, if it exists.
pub fn id_at(path: &Path) -> Option<FileId> {
    id_of(&fs::metadata(path).ok()?, path)
}

/// The id of the file with this metadata, which was found at `path`.
#[cfg(unix)]
pub fn id_of(meta: &fs::Metadata, _path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    Some((meta.dev(), meta.ino()))
}

/// On systems other than Unix, files are identified by their absolute paths without links.
#[cfg(not(unix))]
pub fn id_of(_meta: &fs::Metadata, path: &Path) -> Option<FileId> {
    let path = fs::canonicalize(path).ok()?;
    let hash = xxhash_rust::xxh3::xxh3_128(path.as_os_str().as_encoded_bytes());
    Some(((hash >> 64) as u64, hash as u64))
}

/// Identifies a file under all its names, and tells whether writing to it could destroy anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileIdentity {
    path: PathBuf,
    /// `None` if the file does not exist.
    file: Option<FileId>,
    /// Whether it is a terminal, `/dev/null` or another device that stores nothing that could be lost.
    pub keeps_nothing: bool,
    /// Whether it is a regular file.
    pub is_regular: bool,
}

impl FileIdentity {
    /// The identity of the file that a name leads to.
    pub fn of(path: &Path) -> Self {
        let found = fs::metadata(path).ok();
        let file = found.as_ref().and_then(|meta| id_of(meta, path));
        #[cfg(unix)]
        let keeps_nothing = {
            use std::os::unix::fs::FileTypeExt;
            found.as_ref().is_some_and(|meta| meta.file_type().is_char_device())
        };
        #[cfg(not(unix))]
        let keeps_nothing = false;
        let is_regular = found.is_some_and(|meta| meta.is_file());
        Self { path: resolved(path), file, keeps_nothing, is_regular }
    }

    /// Whether both are the same file: they have the same path, or are two names (hard links) of one file.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self.file, other.file) {
            (Some(file), Some(other)) => file == other,
            _ => self.path == other.path,
        }
    }

    /// Its path, without links.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The open file that a name under `/dev/fd` or `/proc/self/fd` stands for, directly or through links such as
/// `/dev/stdout`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Descriptor {
    /// An open file of this process.
    Ours(i32),
    /// An open file of another process.
    Foreign,
}

/// The open file that a name stands for, if it stands for one.
pub fn descriptor(path: &Path) -> Option<Descriptor> {
    if !cfg!(unix) {
        return None;
    }
    let mut path = std::path::absolute(path).ok()?;
    for _ in 0..MAX_LINKS {
        let (folder, name) = (fs::canonicalize(path.parent()?).ok()?, path.file_name()?);
        let number = name.to_str().and_then(|name| name.parse().ok());
        let own = format!("/proc/{}", std::process::id());
        if folder == Path::new("/dev/fd") || (folder.starts_with(own) && folder.ends_with("fd")) {
            return number.map(Descriptor::Ours);
        }
        if folder.starts_with("/proc") && folder.ends_with("fd") {
            return number.map(|_| Descriptor::Foreign);
        }
        path = folder.join(fs::read_link(folder.join(name)).ok()?);
    }
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn names_lead_through_links_and_dots_also_to_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let real = fs::canonicalize(folder.path()).expect("its path");
        fs::create_dir(real.join("a")).expect("a folder");
        symlink("a", real.join("b")).expect("a link");
        symlink("b/made.csv", real.join("later.csv")).expect("a link to nothing");
        symlink("round.csv", real.join("round.csv")).expect("a link to itself");
        for (name, leads_to) in [
            ("b/x.csv", "a/x.csv"),
            ("b/../x.csv", "x.csv"),
            ("./a/./x.csv", "a/x.csv"),
            ("later.csv", "a/made.csv"),
            ("none/../x.csv", "x.csv"),
            ("none/deep/x.csv", "none/deep/x.csv"),
            ("round.csv", "round.csv"),
        ] {
            assert_eq!(resolved(&real.join(name)), real.join(leads_to), "{name}");
        }
    }

    #[test]
    fn hard_links_are_one_file_and_equal_files_are_two() {
        let folder = tempfile::tempdir().expect("a folder");
        let name = |name: &str| folder.path().join(name);
        fs::write(name("a"), "x").expect("a file");
        fs::write(name("b"), "x").expect("a file");
        fs::hard_link(name("a"), name("c")).expect("a second name");
        let is_same = |a: &str, b: &str| FileIdentity::of(&name(a)).is_same(&FileIdentity::of(&name(b)));
        assert!(is_same("a", "c") && !is_same("a", "b") && is_same("n", "./n") && !is_same("a", "n"));
    }

    #[test]
    fn open_files_are_known_by_their_names() {
        assert_eq!(descriptor(Path::new("/dev/fd/7")), Some(Descriptor::Ours(7)));
        assert_eq!(descriptor(Path::new("/dev/stdout")), Some(Descriptor::Ours(1)));
        assert_eq!(descriptor(Path::new("/dev/null")), None);
        assert_eq!(descriptor(Path::new("/dev/no-such-folder/x.csv")), None);
        let folder = tempfile::tempdir().expect("a folder");
        let link = folder.path().join("out");
        symlink("/dev/stdout", &link).expect("a link");
        assert_eq!(descriptor(&link), Some(Descriptor::Ours(1)));
        #[cfg(target_os = "linux")]
        {
            assert_eq!(descriptor(Path::new("/proc/self/fd/2")), Some(Descriptor::Ours(2)));
        }
    }
}

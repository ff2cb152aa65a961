//! Writes folders that appear completely or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{partial, private, sink};
use crate::error::{Error, Result};
use crate::locale::harmless;
use crate::place;

/// Locked while a folder is being written, so that other processes know that its run is alive.
const LOCK: &str = ".lock";

/// A folder that is written beside its final place. If it is not finished, nothing is left of it.
#[derive(Debug)]
pub struct Folder {
    target: PathBuf,
    /// The target as it was asked for.
    name: PathBuf,
    making: PathBuf,
    lock: Option<File>,
    /// Whether it replaces a folder of ours.
    replaces: bool,
    stranger: Stranger,
    /// Folders that killed runs left beside it, which only the user can judge.
    left: Vec<PathBuf>,
}

/// Returns the first thing in a folder (or the folder itself) that is not ours; `None` if everything is ours, so that
/// it may be replaced.
pub type Stranger = fn(&Path) -> Option<PathBuf>;

impl Folder {
    /// Begins a folder that only its owner can read. An existing folder is replaced if `stranger` finds nothing in it,
    /// and an empty one is filled; anything else is refused.
    ///
    /// # Errors
    /// When something else exists at the path, or no folder can be created.
    pub fn begin(path: &Path, stranger: Stranger) -> Result<Self> {
        let target = place::resolved(path);
        let name = || path.display().to_string();
        let replaces = match fs::symlink_metadata(&target) {
            Err(_) => false,
            Ok(found) if !found.is_dir() => return Err(Error::input_of(name(), "folder_is_file", &[])),
            Ok(_) if is_empty(&target) => false,
            Ok(_) => match stranger(&target) {
                None => true,
                Some(other) => return Err(taken(&target, &target, &other)),
            },
        };
        let above = target.parent().unwrap_or(Path::new("/"));
        if !above.is_dir() {
            let named = path.parent().unwrap_or(above).display().to_string();
            return Err(Error::input_of(name(), "no_folder", &[("folder", harmless(&named).into_owned())]));
        }
        let failed = |error| Error::io("write", path, error);
        let left = remove_left(above);
        let making = above.join(partial::new_name());
        sink::begin_unfinished(&making, || private::create_folder(&making)).map_err(failed)?;
        let name = path.to_owned();
        let mut folder = Self { target, name, making, lock: None, replaces, stranger, left };
        folder.lock = Some(locked(&folder.making).map_err(failed)?);
        Ok(folder)
    }

    /// The folder in which files are written until it is finished.
    pub fn path(&self) -> &Path {
        &self.making
    }

    /// The folder as the user named it, for errors.
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// Folders beside it that were left when a run was killed while replacing an old folder by a new one: either of the
    /// two.
    pub fn left(&self) -> &[PathBuf] {
        &self.left
    }

    /// Moves the folder to its final place. A signal is handled before or after that, never in between.
    ///
    /// # Errors
    /// When that fails, or something that is not ours has been put into the old folder; the old folder then stays.
    pub fn finish(mut self) -> Result<()> {
        let old = self.making.with_file_name(partial::new_name());
        sink::turn_unfinished(&self.making, self.replaces.then_some(&*old), || self.put(&old))?;
        self.lock = None;
        if self.replaces {
            // With this lock it counts as left behind if this run dies.
            let lock = locked(&old);
            fs::remove_dir_all(&old).map_err(|error| Error::io("write", &old, error))?;
            drop(lock);
            sink::end_unfinished(&old, || Ok::<_, Error>(()))?;
        }
        Ok(())
    }

    /// Renames the old folder to a name of its own, and the new one to the old name.
    fn put(&self, old: &Path) -> Result<()> {
        let failed = |error| Error::io("write", &self.target, error);
        fs::remove_file(self.making.join(LOCK)).map_err(failed)?;
        if !self.replaces {
            if self.target.is_dir() {
                fs::remove_dir(&self.target).map_err(failed)?;
            }
            return fs::rename(&self.making, &self.target).map_err(failed);
        }
        fs::rename(&self.target, old).map_err(failed)?;
        let is_folder = fs::symlink_metadata(old).is_ok_and(|found| found.is_dir());
        // No other process knows its new name, so what is checked now is what will be removed.
        let stranger = if is_folder { (self.stranger)(old) } else { Some(old.to_owned()) };
        let done = match stranger {
            Some(other) => Err(taken(&self.target, old, &other)),
            None => fs::rename(&self.making, &self.target).map_err(failed),
        };
        if done.is_err() {
            // If even that fails, the error names the place of the old folder.
            fs::rename(old, &self.target).map_err(|error| Error::io("write", old, error))?;
        }
        done
    }
}

/// The error that something in the folder's place is not ours; `stranger` was found while the old folder was at
/// `folder`.
fn taken(target: &Path, folder: &Path, stranger: &Path) -> Error {
    let within = stranger.strip_prefix(folder).ok().filter(|within| within.components().next().is_some());
    let named = within.map_or_else(|| target.to_owned(), |within| target.join(within));
    let named = harmless(&named.display().to_string()).into_owned();
    Error::input_of(target.display().to_string(), "folder_is_taken", &[("stranger", named)])
}

/// Creates the lock of a folder. Where files cannot be locked, no folder is taken for left behind either.
fn locked(folder: &Path) -> io::Result<File> {
    let lock = private::create(&folder.join(LOCK))?;
    let _ = lock.try_lock();
    Ok(lock)
}

impl Drop for Folder {
    fn drop(&mut self) {
        let is_unfinished =
            sink::end_unfinished(&self.making, || Ok::<_, Error>(())).is_ok() && self.making.exists();
        if is_unfinished && self.making != self.target {
            let _ = fs::remove_dir_all(&self.making);
        }
    }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

/// Removes folders with our names whose lock nobody holds. One without a lock is the old or the new folder of a run
/// that died while replacing; it stays and is returned.
fn remove_left(above: &Path) -> Vec<PathBuf> {
    let mut left = Vec::new();
    for entry in fs::read_dir(above).into_iter().flatten().flatten() {
        let is_folder = || entry.file_type().is_ok_and(|kind| kind.is_dir());
        if entry.file_name().to_str().is_some_and(partial::is_ours) && is_folder() {
            let path = entry.path();
            match File::open(path.join(LOCK)) {
                Ok(lock) if lock.try_lock().is_ok() => _ = fs::remove_dir_all(&path),
                Ok(_) => {}
                Err(_) if path.exists() => left.push(path),
                Err(_) => {}
            }
        }
    }
    left.sort_unstable();
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::locale::Lang;

    /// Everything is a stranger, the first thing by its name before all others.
    fn all(folder: &Path) -> Option<PathBuf> {
        names(folder).first().map(|name| folder.join(name))
    }

    fn none(_: &Path) -> Option<PathBuf> {
        None
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder").flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().into_string().expect("a name")).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_folder_is_there_when_it_is_finished_and_not_before() {
        let above = tempfile::tempdir().expect("a folder");
        let path = above.path().join("out");
        let folder = Folder::begin(&path, all).expect("nothing is there");
        fs::write(folder.path().join("a"), "1").expect("a file");
        assert!(!path.exists());
        folder.finish().expect("finished");
        assert_eq!((names(above.path()), names(&path)), (vec!["out".to_owned()], vec!["a".to_owned()]));
        // One that is given up leaves nothing behind.
        drop(Folder::begin(&above.path().join("other"), all).expect("nothing is there"));
        assert_eq!(names(above.path()), ["out"]);
    }

    #[test]
    fn only_what_is_ours_is_replaced() {
        let above = tempfile::tempdir().expect("a folder");
        let path = above.path().join("out");
        fs::create_dir(&path).expect("a folder");
        Folder::begin(&path, all).expect("it is empty").finish().expect("finished");
        fs::write(path.join("mine"), "1").expect("a file");
        let error = Folder::begin(&path, all).expect_err("it is taken").said(Lang::En).0;
        assert!(error.contains("mine"), "{error}");
        assert!(Folder::begin(&path.join("mine"), none).is_err());
        assert!(Folder::begin(&above.path().join("no/such"), none).is_err());
        assert_eq!(names(&path), ["mine"]);
        let folder = Folder::begin(&path, none).expect("it is ours");
        assert_eq!(names(&path), ["mine"]);
        fs::write(folder.path().join("new"), "1").expect("a file");
        folder.finish().expect("finished");
        assert_eq!((names(&path), names(above.path())), (vec!["new".to_owned()], vec!["out".to_owned()]));
    }

    #[test]
    fn what_comes_into_the_old_one_meanwhile_is_not_lost() {
        fn mine(folder: &Path) -> Option<PathBuf> {
            Some(folder.join("mine")).filter(|mine| mine.exists())
        }
        let above = tempfile::tempdir().expect("a folder");
        let path = above.path().join("out");
        fs::create_dir(&path).expect("a folder");
        fs::write(path.join("old"), "1").expect("a file");
        let folder = Folder::begin(&path, mine).expect("it is ours");
        fs::write(path.join("mine"), "1").expect("a file");
        let error = folder.finish().expect_err("a stranger").said(Lang::En).0;
        assert!(error.contains("out/mine"), "{error}");
        assert_eq!(
            (names(&path), names(above.path())),
            (vec!["mine".to_owned(), "old".to_owned()], vec!["out".to_owned()])
        );
        // And one that is a link by then is left alone, with what it leads to.
        #[cfg(unix)]
        {
            fs::remove_file(path.join("mine")).expect("removed");
            let folder = Folder::begin(&path, mine).expect("it is ours");
            fs::rename(&path, above.path().join("moved")).expect("moved");
            std::os::unix::fs::symlink("moved", &path).expect("a link");
            assert!(folder.finish().is_err());
            assert_eq!(
                (names(&path), names(above.path())),
                (vec!["old".to_owned()], vec!["moved".to_owned(), "out".to_owned()])
            );
        }
    }

    #[test]
    fn what_a_killed_run_left_goes() {
        let above = tempfile::tempdir().expect("a folder");
        let living = Folder::begin(&above.path().join("a"), all).expect("nothing is there");
        let left = above.path().join(partial::new_name());
        fs::create_dir(&left).expect("a folder");
        fs::write(left.join(LOCK), "").expect("a file");
        let other = above.path().join(".ecrm-mine.partial");
        fs::create_dir(&other).expect("a folder");
        let next = Folder::begin(&above.path().join("b"), all).expect("nothing is there");
        assert!(!left.exists() && other.exists() && living.path().exists());
        drop((living, next));
        assert_eq!(names(above.path()), [".ecrm-mine.partial"]);
        // One without a lock may be the only one there is: it stays, and is named.
        let only = above.path().join(partial::new_name());
        fs::create_dir(&only).expect("a folder");
        let next = Folder::begin(&above.path().join("b"), all).expect("nothing is there");
        assert_eq!(next.left(), std::slice::from_ref(&only));
        drop(next);
        assert!(only.exists());
    }
}

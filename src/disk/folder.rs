//! Folders that appear whole or not at all.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::{partial, private, sink};
use crate::error::{Error, Result};
use crate::locale::harmless;
use crate::place;

/// Held as long as a folder is being made, by which others know that its run lives.
const LOCK: &str = ".lock";

/// A folder that is being made beside the place where it is going to be. Where it is not finished nothing is left of it.
#[derive(Debug)]
pub struct Folder {
    target: PathBuf,
    making: PathBuf,
    lock: Option<File>,
    /// Whether something of ours stands in its place, which it replaces.
    replaces: bool,
}

impl Folder {
    /// Begins a folder for its owner alone. What stands in its place is replaced where `is_ours` knows it, and an empty
    /// folder is filled; anything else is refused.
    ///
    /// # Errors
    /// When something else stands there, or no folder can be made.
    pub fn begin(path: &Path, is_ours: impl Fn(&Path) -> bool) -> Result<Self> {
        let target = place::resolved(path);
        let name = || path.display().to_string();
        let replaces = match fs::symlink_metadata(&target) {
            Err(_) => false,
            Ok(found) if !found.is_dir() => return Err(Error::input_of(name(), "folder_is_file", &[])),
            Ok(_) if is_empty(&target) => false,
            Ok(_) if is_ours(&target) => true,
            Ok(_) => return Err(Error::input_of(name(), "folder_is_taken", &[])),
        };
        let above = target.parent().unwrap_or(Path::new("/"));
        if !above.is_dir() {
            let named = path.parent().unwrap_or(above).display().to_string();
            return Err(Error::input_of(name(), "no_folder", &[("folder", harmless(&named).into_owned())]));
        }
        let failed = |error| Error::io("write", path, error);
        remove_left(above);
        let making = above.join(partial::new_name());
        sink::begin_unfinished(&making, || private::create_folder(&making)).map_err(failed)?;
        let mut folder = Self { target, making, lock: None, replaces };
        let lock = private::create(&folder.making.join(LOCK)).map_err(failed)?;
        // Where files cannot be locked, none is taken for left behind either.
        let _ = lock.try_lock();
        folder.lock = Some(lock);
        Ok(folder)
    }

    /// Where its files are written meanwhile.
    pub fn path(&self) -> &Path {
        &self.making
    }

    /// Puts it in its place.
    ///
    /// # Errors
    /// When that cannot be done; what stood there stands there still.
    pub fn finish(mut self) -> Result<()> {
        let failed = |error| Error::io("write", &self.target, error);
        fs::remove_file(self.making.join(LOCK)).map_err(failed)?;
        let old = self.making.with_file_name(partial::new_name());
        if self.replaces {
            fs::rename(&self.target, &old).map_err(failed)?;
        } else if self.target.is_dir() {
            fs::remove_dir(&self.target).map_err(failed)?;
        }
        if let Err(error) = sink::end_unfinished(&self.making, || fs::rename(&self.making, &self.target)) {
            if self.replaces {
                let _ = fs::rename(&old, &self.target);
            }
            return Err(failed(error));
        }
        self.lock = None;
        if self.replaces {
            fs::remove_dir_all(&old).map_err(|error| Error::io("write", &old, error))?;
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let is_unfinished = sink::end_unfinished(&self.making, || Ok(())).is_ok() && self.making.exists();
        if is_unfinished && self.making != self.target {
            let _ = fs::remove_dir_all(&self.making);
        }
    }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

/// Removes folders of our names that nobody makes any more: nobody holds their lock. One that cannot be removed stays, and
/// so does one without a lock, which is the old one of a run that died while it put a new one in its place.
fn remove_left(above: &Path) {
    for entry in fs::read_dir(above).into_iter().flatten().flatten() {
        let is_folder = || entry.file_type().is_ok_and(|kind| kind.is_dir());
        if entry.file_name().to_str().is_some_and(partial::is_ours) && is_folder() {
            let Ok(lock) = File::open(entry.path().join(LOCK)) else { continue };
            if lock.try_lock().is_ok() {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let folder = Folder::begin(&path, |_| false).expect("nothing is there");
        fs::write(folder.path().join("a"), "1").expect("a file");
        assert!(!path.exists());
        folder.finish().expect("finished");
        assert_eq!((names(above.path()), names(&path)), (vec!["out".to_owned()], vec!["a".to_owned()]));
        // One that is given up leaves nothing behind.
        drop(Folder::begin(&above.path().join("other"), |_| false).expect("nothing is there"));
        assert_eq!(names(above.path()), ["out"]);
    }

    #[test]
    fn only_what_is_ours_is_replaced() {
        let above = tempfile::tempdir().expect("a folder");
        let path = above.path().join("out");
        fs::create_dir(&path).expect("a folder");
        Folder::begin(&path, |_| false).expect("it is empty").finish().expect("finished");
        fs::write(path.join("mine"), "1").expect("a file");
        assert!(Folder::begin(&path, |_| false).is_err());
        assert!(Folder::begin(&path.join("mine"), |_| true).is_err());
        assert!(Folder::begin(&above.path().join("no/such"), |_| true).is_err());
        assert_eq!(names(&path), ["mine"]);
        let folder = Folder::begin(&path, |_| true).expect("it is ours");
        assert_eq!(names(&path), ["mine"]);
        fs::write(folder.path().join("new"), "1").expect("a file");
        folder.finish().expect("finished");
        assert_eq!((names(&path), names(above.path())), (vec!["new".to_owned()], vec!["out".to_owned()]));
    }

    #[test]
    fn what_a_killed_run_left_goes() {
        let above = tempfile::tempdir().expect("a folder");
        let living = Folder::begin(&above.path().join("a"), |_| false).expect("nothing is there");
        let left = above.path().join(partial::new_name());
        fs::create_dir(&left).expect("a folder");
        fs::write(left.join(LOCK), "").expect("a file");
        let other = above.path().join(".ecrm-mine.partial");
        fs::create_dir(&other).expect("a folder");
        let next = Folder::begin(&above.path().join("b"), |_| false).expect("nothing is there");
        assert!(!left.exists() && other.exists() && living.path().exists());
        drop((living, next));
        assert_eq!(names(above.path()), [".ecrm-mine.partial"]);
    }
}

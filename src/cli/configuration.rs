//! Finds the configuration, and says which one is used.

use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::error::{Error, Result};
use crate::hand;
use crate::locale::Remark;

/// The configuration named by a flag, or else the nearest from the working directory upward.
pub fn find(flag: Option<&Path>) -> Result<Config> {
    let folder = std::env::current_dir().map_err(|error| Error::io("read", Path::new("."), error))?;
    Config::find(flag, &folder)
}

/// The remark of every run that uses a configuration in another folder which nobody named.
pub fn note(config: &Config) -> Option<Remark> {
    let path = config.full_path().filter(|_| config.is_from_above)?;
    Some(Remark::new("config_from_above").with("file", path))
}

/// The remark of a verbose run about any other configuration.
pub fn detail(config: &Config) -> Option<Remark> {
    let path = config.full_path().filter(|_| !config.is_from_above)?;
    Some(Remark::new("config_applies").with("file", path))
}

/// The remark that settings for reading files have no effect when a cluster answers, since the export has read the
/// files.
pub fn idle(config: &Config) -> Option<Remark> {
    let is_set = config.read.says_anything() || !config.status.is_empty();
    Some(Remark::new("read_settings_idle").with("file", config.name())).filter(|_| is_set)
}

/// The folder of the hand-kept files: that of the configuration, else the working directory.
pub fn folder(config: &Config) -> PathBuf {
    let here = PathBuf::from(".");
    // A path that is no file, such as /dev/null, means "no configuration".
    let file = config.path.as_deref().filter(|path| path.is_file());
    let folder = file.and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
    let is_here = |folder: &&Path| std::env::current_dir().is_ok_and(|here| here == **folder);
    folder.filter(|folder| !is_here(folder)).map_or(here, Path::to_owned)
}

/// Every hand-kept file, whether it exists or not, and the key of the sentence about it when somebody is forgotten.
pub fn hand_files(config: &Config) -> Vec<(PathBuf, &'static str)> {
    hand::ALL.iter().map(|declaration| (hand_file(declaration, config), declaration.forget)).collect()
}

/// The path of a hand-kept file: as the configuration says, else in the configuration's folder.
pub fn hand_file(declaration: &hand::Declaration, config: &Config) -> PathBuf {
    let named = config.identity.file.as_ref().filter(|_| *declaration == hand::IDENTITIES);
    match named {
        Some(name) => config.resolved(std::slice::from_ref(name)).swap_remove(0).into(),
        None => declaration.path(&folder(config)),
    }
}

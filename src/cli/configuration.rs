//! Finding the configuration, and saying which one applies.

use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::error::{Error, Result};
use crate::hand;
use crate::locale::Remark;

/// The configuration that a flag names, or else the nearest from the working directory upward.
pub fn find(flag: Option<&Path>) -> Result<Config> {
    let folder = std::env::current_dir().map_err(|error| Error::io("read", Path::new("."), error))?;
    Config::find(flag, &folder)
}

/// What every run says of one that nobody named and that lies elsewhere than here: a shop's own, or anybody's.
pub fn note(config: &Config) -> Option<Remark> {
    let path = config.full_path().filter(|_| config.is_from_above)?;
    Some(Remark::new("config_from_above").with("file", path))
}

/// What a verbose run says of any other.
pub fn detail(config: &Config) -> Option<Remark> {
    let path = config.full_path().filter(|_| !config.is_from_above)?;
    Some(Remark::new("config_applies").with("file", path))
}

/// What is said where a cluster answers, whose files an export has read: that settings of reading change nothing.
pub fn idle(config: &Config) -> Option<Remark> {
    let is_set = config.read.says_anything() || !config.status.is_empty();
    Some(Remark::new("read_settings_idle").with("file", config.name())).filter(|_| is_set)
}

/// The folder of hand-kept files: that of the configuration, else the working directory.
pub fn folder(config: &Config) -> PathBuf {
    let here = PathBuf::from(".");
    // What is no file, such as /dev/null, stands for no configuration.
    let file = config.path.as_deref().filter(|path| path.is_file());
    let folder = file.and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
    let is_here = |folder: &&Path| std::env::current_dir().is_ok_and(|here| here == **folder);
    folder.filter(|folder| !is_here(folder)).map_or(here, Path::to_owned)
}

/// Every hand-kept file, whether it is there or not, and what is said of it when somebody is forgotten.
pub fn hand_files(config: &Config) -> Vec<(PathBuf, &'static str)> {
    hand::ALL.iter().map(|declaration| (hand_file(declaration, config), declaration.forget)).collect()
}

/// A hand-kept file: where the configuration says that it is, else in the configuration's folder.
pub fn hand_file(declaration: &hand::Declaration, config: &Config) -> PathBuf {
    let named = config.identity.file.as_ref().filter(|_| *declaration == hand::IDENTITIES);
    match named {
        Some(name) => config.resolved(std::slice::from_ref(name)).swap_remove(0).into(),
        None => declaration.path(&folder(config)),
    }
}

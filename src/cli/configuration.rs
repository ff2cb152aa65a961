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

/// The folder of hand-kept files: that of the configuration, else the working directory.
pub fn folder(config: &Config) -> PathBuf {
    let here = PathBuf::from(".");
    // What is no file, such as /dev/null, stands for no configuration.
    let file = config.path.as_deref().filter(|path| path.is_file());
    let folder = file.and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
    let is_here = |folder: &&Path| std::env::current_dir().is_ok_and(|here| here == **folder);
    folder.filter(|folder| !is_here(folder)).map_or(here, Path::to_owned)
}

/// Every hand-kept file, whether it is there or not.
pub fn hand_files(config: &Config) -> Vec<(PathBuf, &'static str)> {
    let folder = folder(config);
    let path = |declaration: &&'static hand::Declaration| {
        let path =
            if **declaration == hand::IDENTITIES { identities(config) } else { declaration.path(&folder) };
        (path, declaration.forget)
    };
    hand::ALL.iter().map(path).collect()
}

/// The file of decisions on customer ids.
pub fn identities(config: &Config) -> PathBuf {
    match &config.identity.file {
        Some(name) => config.resolved(std::slice::from_ref(name)).swap_remove(0).into(),
        None => hand::IDENTITIES.path(&folder(config)),
    }
}

//! Finding the configuration, and saying which one applies.

use std::path::Path;

use crate::config::Config;
use crate::error::{Error, Result};
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

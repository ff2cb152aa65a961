//! Why the value of a flag is refused, in both languages.

use crate::locale::Words;

/// The reason why a value is refused, as clap passes it on.
#[derive(Debug)]
pub struct Refused(pub Words);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.en)
    }
}

impl std::error::Error for Refused {}

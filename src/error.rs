//! What can go wrong, sorted by whose move it is: the caller's, the data's, the machine's or ours.

use std::io;
use std::path::Path;

/// Result of every fallible function of the library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A library error: says where and what, and how to mend it where that is known.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command was used wrongly (exit code 2).
    #[error("{message}")]
    Usage {
        /// What is wrong with the request.
        message: String,
        /// What to write instead.
        hint: Option<String>,
    },
    /// A named input cannot be read or recognised.
    #[error("{input}: {message}")]
    Input {
        /// The file as the user named it, or `standard input`.
        input: String,
        /// What was found.
        message: String,
        /// What would be right.
        hint: Option<String>,
    },
    /// The inputs are readable but do not carry what the question needs.
    #[error("{message}")]
    Data {
        /// What is missing or contradictory.
        message: String,
        /// What would be right.
        hint: Option<String>,
    },
    /// `ecrm.toml` or another definition file is wrong.
    #[error("{file}: {message}")]
    Config {
        /// The file at fault.
        file: String,
        /// What is wrong in it.
        message: String,
        /// What would be right.
        hint: Option<String>,
    },
    /// The operating system refused.
    #[error("cannot {action} {path}")]
    Io {
        /// What was being done, as a verb: `read`, `write`.
        action: &'static str,
        /// The file concerned.
        path: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A defect in ecrm itself.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Error {
    /// Wrong usage with a hint.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: Some(hint.into()) }
    }

    /// An unreadable or unrecognised input with a hint.
    pub fn input(input: impl Into<String>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Input { input: input.into(), message: message.into(), hint: Some(hint.into()) }
    }

    /// Data that cannot answer the question, with a hint.
    pub fn data(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Data { message: message.into(), hint: Some(hint.into()) }
    }

    /// A wrong definition file, with a hint.
    pub fn config(file: impl Into<String>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Config { file: file.into(), message: message.into(), hint: Some(hint.into()) }
    }

    /// A refusal of the operating system.
    pub fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.display().to_string(), source }
    }

    /// How to mend it, where that is known.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Usage { hint, .. }
            | Self::Input { hint, .. }
            | Self::Data { hint, .. }
            | Self::Config { hint, .. } => hint.as_deref(),
            Self::Io { .. } => None,
            Self::Internal(_) => Some("this is a defect of ecrm; please report it with the command you ran"),
        }
    }

    /// The process exit code: 2 for wrong usage, 1 for everything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage { .. } => 2,
            _ => 1,
        }
    }

    /// Whether the reader of our output went away (a closed pipe), which is no failure.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<polars::prelude::PolarsError> for Error {
    /// Frames are built and queried with columns ecrm itself made, so a polars error is always a defect.
    fn from(error: polars::prelude::PolarsError) -> Self {
        Self::Internal(error.to_string())
    }
}

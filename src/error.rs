//! What can go wrong, sorted by whose move it is: the caller's, the data's, the machine's or ours.

use std::io;
use std::path::Path;

use crate::locale::{Lang, Words, harmless};

/// Result of every fallible function of the library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A library error: says where and what, and how to mend it where that is known.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command was used wrongly (exit code 2).
    #[error("{}", message.en)]
    Usage {
        /// What is wrong with the request.
        message: Box<Words>,
        /// What to write instead.
        hint: Option<Box<Words>>,
    },
    /// A named input cannot be read or recognised.
    #[error("{}: {}", harmless(input), message.en)]
    Input {
        /// The file as the user named it, or `standard input`.
        input: String,
        /// What was found.
        message: Box<Words>,
        /// What would be right.
        hint: Option<Box<Words>>,
    },
    /// The inputs are readable but do not carry what the question needs.
    #[error("{}", message.en)]
    Data {
        /// What is missing or contradictory.
        message: Box<Words>,
        /// What would be right.
        hint: Option<Box<Words>>,
    },
    /// `ecrm.toml` or another definition file is wrong.
    #[error("{}: {}", harmless(file), message.en)]
    Config {
        /// The file at fault.
        file: String,
        /// What is wrong in it.
        message: Box<Words>,
        /// What would be right.
        hint: Option<Box<Words>>,
    },
    /// The operating system refused.
    #[error("cannot {action} {}", harmless(path))]
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
    pub fn usage(message: impl Into<Words>, hint: impl Into<Words>) -> Self {
        Self::Usage { message: Box::new(message.into()), hint: Some(Box::new(hint.into())) }
    }

    /// An unreadable or unrecognised input with a hint.
    pub fn input(input: impl Into<String>, message: impl Into<Words>, hint: impl Into<Words>) -> Self {
        Self::Input {
            input: input.into(),
            message: Box::new(message.into()),
            hint: Some(Box::new(hint.into())),
        }
    }

    /// Data that cannot answer the question, with a hint.
    pub fn data(message: impl Into<Words>, hint: impl Into<Words>) -> Self {
        Self::Data { message: Box::new(message.into()), hint: Some(Box::new(hint.into())) }
    }

    /// A wrong definition file, with a hint.
    pub fn config(file: impl Into<String>, message: impl Into<Words>, hint: impl Into<Words>) -> Self {
        Self::Config {
            file: file.into(),
            message: Box::new(message.into()),
            hint: Some(Box::new(hint.into())),
        }
    }

    /// A refusal of the operating system.
    pub fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.display().to_string(), source }
    }

    /// How to mend it, where that is known, in English; [`Self::said`] has it in each language.
    pub fn hint(&self) -> Option<&str> {
        self.hint_words().map(|hint| hint.en.as_str()).or(match self {
            Self::Internal(_) => Some(REPORT),
            _ => None,
        })
    }

    /// The message with its cause, and how to mend it.
    pub fn said(&self, lang: Lang) -> (String, Option<String>) {
        let words = |message: &Words| message.get(lang).to_owned();
        let message = match self {
            Self::Usage { message, .. } | Self::Data { message, .. } => words(message),
            Self::Input { input: file, message, .. } | Self::Config { file, message, .. } => {
                format!("{}: {}", harmless(file), words(message))
            }
            Self::Io { source, .. } => format!("{self}: {source}"),
            Self::Internal(_) => self.to_string(),
        };
        let hint = self.hint_words().map(words);
        (message, hint.or_else(|| self.hint().map(str::to_owned)))
    }

    /// What is wrong and what would be right, without the place, where they were written by us.
    pub fn parts(self) -> Result<(Words, Words), Self> {
        match self {
            Self::Usage { message, hint: Some(hint) }
            | Self::Input { message, hint: Some(hint), .. }
            | Self::Data { message, hint: Some(hint) }
            | Self::Config { message, hint: Some(hint), .. } => Ok((*message, *hint)),
            other => Err(other),
        }
    }

    fn hint_words(&self) -> Option<&Words> {
        match self {
            Self::Usage { hint, .. }
            | Self::Input { hint, .. }
            | Self::Data { hint, .. }
            | Self::Config { hint, .. } => hint.as_deref(),
            Self::Io { .. } | Self::Internal(_) => None,
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

/// What to do about a defect.
const REPORT: &str = "this is a defect of ecrm; please report it with the command you ran";

/// The message and the hint of an error in both languages: the sentences `key` and `key_hint` of the translations'
/// `error` section.
pub fn said(key: &str, values: &[(&str, String)]) -> (Words, Words) {
    (Words::of("error", key, values), Words::of("error", &format!("{key}_hint"), values))
}

impl From<polars::prelude::PolarsError> for Error {
    /// Frames are built and queried with columns ecrm itself made, so a polars error is always a defect.
    fn from(error: polars::prelude::PolarsError) -> Self {
        Self::Internal(error.to_string())
    }
}

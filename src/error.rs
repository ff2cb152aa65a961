//! The errors of the library, sorted by who can act: the user, the owner of the data, the owner of the machine, or us.

use std::io;
use std::path::Path;

use crate::locale::{Lang, Words, harmless};

/// The name of standard input in messages when it is read as a file.
pub const STANDARD_INPUT: &str = "standard input";

/// The name of standard output in messages when it is written as a file.
pub const STANDARD_OUTPUT: &str = "standard output";

/// Result of every fallible function of the library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error: what is wrong and where, and how to fix it if that is known.
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
    /// A named input cannot be read or is not recognised.
    #[error("{}: {}", harmless(input), message.en)]
    Input {
        /// The file as the user named it, or `standard input`.
        input: String,
        /// What was found.
        message: Box<Words>,
        /// What would be right.
        hint: Option<Box<Words>>,
    },
    /// The inputs can be read but lack what the question needs.
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
        /// The file with the error.
        file: String,
        /// What is wrong in it.
        message: Box<Words>,
        /// What would be right.
        hint: Option<Box<Words>>,
    },
    /// The operating system reported an error.
    #[error("cannot {action} {}", harmless(path))]
    Io {
        /// What was being done, as a verb such as `read` or `write`. The translations have a sentence `cannot_read` for
        /// it.
        action: &'static str,
        /// The file concerned.
        path: String,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// A defect in ecrm itself.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Error {
    /// Wrong usage, with a hint.
    pub fn usage(message: Words, hint: Words) -> Self {
        Self::Usage { message: Box::new(message), hint: Some(Box::new(hint)) }
    }

    /// An unreadable or unrecognised input with a hint.
    pub fn input(input: impl Into<String>, message: Words, hint: Words) -> Self {
        Self::Input { input: input.into(), message: Box::new(message), hint: Some(Box::new(hint)) }
    }

    /// Data that cannot answer the question, with a hint.
    pub fn data(message: Words, hint: Words) -> Self {
        Self::Data { message: Box::new(message), hint: Some(Box::new(hint)) }
    }

    /// A wrong definition file, with a hint.
    pub fn config(file: impl Into<String>, message: Words, hint: Words) -> Self {
        Self::Config { file: file.into(), message: Box::new(message), hint: Some(Box::new(hint)) }
    }

    /// Wrong usage, with the texts of a key of the translations (see [`said`]).
    pub fn usage_of(key: &str, values: &[(&str, String)]) -> Self {
        let (message, hint) = said(key, values);
        Self::usage(message, hint)
    }

    /// An unreadable or unrecognised input, with the texts of a key of the translations.
    pub fn input_of(input: impl Into<String>, key: &str, values: &[(&str, String)]) -> Self {
        let (message, hint) = said(key, values);
        Self::input(input, message, hint)
    }

    /// Data that cannot answer the question, with the texts of a key of the translations.
    pub fn data_of(key: &str, values: &[(&str, String)]) -> Self {
        let (message, hint) = said(key, values);
        Self::data(message, hint)
    }

    /// A wrong definition file, with the texts of a key of the translations.
    pub fn config_of(file: impl Into<String>, key: &str, values: &[(&str, String)]) -> Self {
        let (message, hint) = said(key, values);
        Self::config(file, message, hint)
    }

    /// An error of the operating system.
    pub fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.display().to_string(), source }
    }

    /// How to fix it, if that is known, in English. [`Self::said`] gives the hint in each language.
    pub fn hint(&self) -> Option<&str> {
        self.hint_in(Lang::En)
    }

    /// The message with its place and cause, and the hint.
    pub fn said(&self, lang: Lang) -> (String, Option<String>) {
        let (message, hint) = self.said_without_place(lang);
        match self {
            Self::Input { input: place, .. } | Self::Config { file: place, .. } => {
                let colon = lang.locale().get("text", "colon");
                (format!("{}{colon}{message}", called(place).get(lang)), hint)
            }
            _ => (message, hint),
        }
    }

    /// The message with its cause, and the hint, without the name of the input or file.
    pub fn said_without_place(&self, lang: Lang) -> (String, Option<String>) {
        let message = match self {
            Self::Usage { message, .. }
            | Self::Data { message, .. }
            | Self::Input { message, .. }
            | Self::Config { message, .. } => message.get(lang).to_owned(),
            Self::Io { action, path, source } => {
                let (file, system) = (called(path).to_string(), source.to_string());
                let words =
                    Words::of("error", &format!("cannot_{action}"), &[("file", file), ("system", system)]);
                words.get(lang).to_owned()
            }
            Self::Internal(message) => {
                lang.locale().get("error", "internal").replacen("{message}", message, 1)
            }
        };
        (message, self.hint_in(lang).map(str::to_owned))
    }

    /// The message and the hint without the place. Errors without a hint, of the system and internal ones, come back
    /// unchanged.
    pub fn parts(self) -> Result<(Words, Words), Self> {
        match self {
            Self::Usage { message, hint: Some(hint) }
            | Self::Input { message, hint: Some(hint), .. }
            | Self::Data { message, hint: Some(hint) }
            | Self::Config { message, hint: Some(hint), .. } => Ok((*message, *hint)),
            other => Err(other),
        }
    }

    fn hint_in(&self, lang: Lang) -> Option<&str> {
        match self {
            Self::Usage { hint, .. }
            | Self::Input { hint, .. }
            | Self::Data { hint, .. }
            | Self::Config { hint, .. } => hint.as_deref().map(|hint| hint.get(lang)),
            Self::Internal(_) => Some(lang.locale().get("error", "internal_hint")),
            Self::Io { .. } => None,
        }
    }

    /// The process exit code: 2 for wrong usage, 1 for everything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage { .. } => 2,
            _ => 1,
        }
    }

    /// Whether the reader of our output closed the pipe, which is no failure.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// The name of a place in messages: of a file its own, of the standard streams a word in each language.
fn called(place: &str) -> Words {
    match place {
        STANDARD_INPUT => Words::of("error", "standard_input", &[]),
        STANDARD_OUTPUT => Words::of("error", "standard_output", &[]),
        file => Words::verbatim(harmless(file)),
    }
}

/// The message and the hint of an error in both languages: the sentences `key` and `key_hint` of the translations'
/// `error` section.
pub fn said(key: &str, values: &[(&str, String)]) -> (Words, Words) {
    (Words::of("error", key, values), Words::of("error", &format!("{key}_hint"), values))
}

impl From<polars::prelude::PolarsError> for Error {
    /// Frames are only built and queried with columns that ecrm made, so an error of polars is always a defect of ecrm.
    fn from(error: polars::prelude::PolarsError) -> Self {
        Self::Internal(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use regex::Regex;

    use super::*;

    /// The source code of the library, without tests.
    fn code() -> String {
        fn below(folder: &Path, files: &mut Vec<PathBuf>) {
            for entry in
                std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
            {
                if entry.is_dir() {
                    below(&entry, files);
                } else if entry.extension().is_some_and(|ending| ending == "rs") {
                    files.push(entry);
                }
            }
        }
        let mut files = Vec::new();
        below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
        let text = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).expect("text");
            text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
        };
        files.iter().map(text).collect()
    }

    fn found(pattern: &str, code: &str) -> BTreeSet<String> {
        let pattern = Regex::new(pattern).expect("a pattern");
        pattern.captures_iter(code).map(|found| found[1].to_owned()).collect()
    }

    fn is_chinese(text: &str) -> bool {
        text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
    }

    #[test]
    fn every_error_of_a_key_is_said_in_both_languages_with_what_to_do() {
        let code = code();
        let mut keys = found(r#"\b(?:said|usage_of|data_of)\(\s*"([a-z_]+)""#, &code);
        keys.extend(found(r#"\b(?:input_of|config_of)\([^;{}\[\]"]*?,\s*"([a-z_]+)""#, &code));
        // The Chinese messages for errors of serde are made by another function named `said`.
        let own = ["missing_field", "duplicate", "wrong_kind", "other"];
        keys.retain(|key| !own.contains(&key.as_str()));
        assert!(keys.len() > 100, "{} keys were found", keys.len());
        for key in &keys {
            for key in [key.clone(), format!("{key}_hint")] {
                let of = |lang: Lang| lang.locale().find("error", &key).expect(&key);
                assert!(!is_chinese(of(Lang::En).split('\'').next().unwrap_or_default()), "{key}");
                assert!(is_chinese(of(Lang::Zh)), "{key}");
            }
        }
    }

    #[test]
    fn what_the_system_refuses_is_said_in_both_languages_with_its_own_words() {
        let actions = found(r#"\bError::io\(\s*"([a-z]+)""#, &code());
        assert!(actions.contains("read") && actions.contains("lock"), "{actions:?}");
        for action in actions {
            let said = |lang: Lang| lang.locale().find("error", &format!("cannot_{action}"));
            assert_eq!(said(Lang::En), Some(format!("cannot {action} {{file}}: {{system}}").as_str()));
            assert!(said(Lang::Zh).is_some_and(is_chinese), "{action}");
        }
        let refused = || io::Error::from(io::ErrorKind::PermissionDenied);
        let error = Error::io("write", Path::new("a.csv"), refused());
        assert_eq!(error.said(Lang::En).0, format!("{error}: {}", refused()));
        assert_eq!(error.said(Lang::Zh).0, format!("无法写入 a.csv：{}", refused()));
        // The standard streams are named in both languages.
        let error = Error::io("read", Path::new(STANDARD_INPUT), refused());
        assert_eq!(error.said(Lang::Zh).0, format!("无法读取 标准输入：{}", refused()));
        assert_eq!(error.to_string(), "cannot read standard input");
    }

    #[test]
    fn the_place_of_an_error_is_said_as_the_language_does_it() {
        let words = Words { en: "odd".to_owned(), zh: "有误".to_owned() };
        let error = Error::config("ecrm.toml", words.clone(), words);
        assert_eq!(error.said(Lang::En), ("ecrm.toml: odd".to_owned(), Some("odd".to_owned())));
        assert_eq!(error.said(Lang::Zh), ("ecrm.toml：有误".to_owned(), Some("有误".to_owned())));
        assert_eq!(error.said_without_place(Lang::Zh).0, "有误");
        let defect = Error::Internal("a column is missing".to_owned());
        assert_eq!(defect.said(Lang::En).0, defect.to_string());
        assert_eq!(defect.said(Lang::Zh).0, "内部错误：a column is missing");
        assert!(defect.hint().is_some_and(|hint| hint.contains("please report it")));
    }
}

//! Help and messages about a wrong command line, in both languages, with tips for flags that were mistaken for others.

mod errors;
mod guesses;
mod help;
mod order;
mod refused;

use std::ffi::OsString;
use std::io::Write;

use clap::error::ErrorKind;
use clap::{Parser, ValueEnum};

pub use help::localized;
pub use refused::Refused;

use super::{output, tell};
use crate::locale::{Lang, harmless};
use guesses::explained;

/// Parses the command line. If that fails, or if help or the version was asked for, the message is printed in the right
/// language, with control characters escaped, and the process ends.
pub fn parsed<C: Parser>(words: Vec<OsString>) -> C {
    C::try_parse_from(&words).unwrap_or_else(|error| {
        let lang = lang(words.iter().cloned());
        output::paint(asked(words.iter().cloned(), "--color"));
        // The command line is parsed again with harmless words and in the right language. The error is the same, and
        // clap may then print the words in colour.
        let harmless = words.iter().map(|word| harmless(&word.to_string_lossy()).into_owned());
        let command = localized(C::command(), lang, output::columns());
        match command.try_get_matches_from(harmless) {
            Err(again) if again.use_stderr() == error.use_stderr() => end(again, lang),
            _ => end(error, lang),
        }
    })
}

/// Prints the error, or the help that was asked for, in the given language, and ends the process.
fn end(error: clap::Error, lang: Lang) -> ! {
    let error = explained(error, lang);
    if lang == Lang::Zh && error.kind() == ErrorKind::DisplayHelp {
        // A closed standard output is no failure.
        let _ = write!(anstream::stdout(), "{}", help::printed(&error.render()));
        std::process::exit(error.exit_code())
    }
    match errors::in_chinese(&error).filter(|_| lang == Lang::Zh) {
        Some(text) => {
            // Words of the command line are harmless by now; each line is one of clap's message.
            text.trim_end().lines().for_each(tell);
            std::process::exit(error.exit_code())
        }
        None => error.exit(),
    }
}

/// The language of help and usage errors: that of `--lang`, found even in a command line that cannot be parsed, or else
/// the system's.
pub fn lang(arguments: impl Iterator<Item = OsString>) -> Lang {
    asked(arguments, "--lang").unwrap_or_else(output::spoken)
}

/// The value of a flag in a command line that may not be parsable.
fn asked<T: ValueEnum>(arguments: impl Iterator<Item = OsString>, flag: &str) -> Option<T> {
    let arguments: Vec<String> = arguments.map(|argument| argument.to_string_lossy().into_owned()).collect();
    let behind = |index: usize| arguments.get(index + 1).map(String::as_str);
    let value =
        arguments.iter().enumerate().find_map(|(index, argument)| match argument.strip_prefix(flag) {
            Some("") => behind(index),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        });
    T::from_str(value?, true).ok()
}

#[cfg(test)]
mod tests {
    use super::lang;
    use crate::locale::Lang;

    #[test]
    fn help_is_in_the_language_that_is_asked_for() {
        let of = |args: &[&str]| lang(args.iter().map(Into::into));
        assert_eq!(of(&["rfm", "--help", "--lang", "zh"]), Lang::Zh);
        assert_eq!(of(&["rfm", "--lang=zh", "--widow"]), Lang::Zh);
        assert_eq!(of(&["rfm", "--lang", "en"]), Lang::En);
    }
}

//! Help and what is wrong with a command line, in both languages, with a tip where a flag is taken for another.

mod errors;
mod help;
mod refused;

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, ValueEnum};

pub use help::localized;
pub use refused::Refused;

use super::{output, tell};
use crate::locale::{Lang, harmless};

/// What people look for under a name that no flag has; the translations say what there is instead.
const MEANT: [&str; 11] = [
    "--merge",
    "--merge-by",
    "--days",
    "--since",
    "--date",
    "--until",
    "--input",
    "--file",
    "--csv",
    "--json",
    "--top",
];

/// A command line that is right. What is wrong with it is said without what drives a terminal, and help and the version
/// are printed, all in the language; then the process ends.
pub fn parsed<C: Parser>(words: Vec<OsString>) -> C {
    C::try_parse_from(&words).unwrap_or_else(|error| {
        let lang = lang(words.iter().cloned());
        // Parsed once more with harmless words and in the language, the same is wrong with them, and clap may echo them
        // in colour.
        let harmless = words.iter().map(|word| harmless(&word.to_string_lossy()).into_owned());
        let command = localized(C::command(), lang, output::columns());
        match command.try_get_matches_from(harmless) {
            Err(again) if again.use_stderr() == error.use_stderr() => end(again, lang),
            _ => end(error, lang),
        }
    })
}

/// Ends the process over a wrong command line, which is said in the language.
fn end(error: clap::Error, lang: Lang) -> ! {
    let error = explained(error, lang);
    match errors::in_chinese(&error).filter(|_| lang == Lang::Zh) {
        Some(text) => {
            tell(text.trim_end());
            std::process::exit(error.exit_code())
        }
        None => error.exit(),
    }
}

/// The language that help and usage errors are in: that of `--lang`, which may not have been understood yet, or the
/// system's.
pub fn lang(arguments: impl Iterator<Item = OsString>) -> Lang {
    let arguments: Vec<String> = arguments.map(|argument| argument.to_string_lossy().into_owned()).collect();
    let behind = |index: usize| arguments.get(index + 1).map(String::as_str);
    let asked =
        arguments.iter().enumerate().find_map(|(index, argument)| match argument.strip_prefix("--lang") {
            Some("") => behind(index),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        });
    asked.and_then(|name| Lang::from_str(name, true).ok()).unwrap_or_else(output::spoken)
}

/// The same error with a tip on what may have been meant.
fn explained(mut error: clap::Error, lang: Lang) -> clap::Error {
    if let Some(tip) = tip(&error, lang) {
        error.remove(ContextKind::SuggestedArg);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

fn tip(error: &clap::Error, lang: Lang) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    let flag = text(ContextKind::InvalidArg);
    let flag = flag.split([' ', '=']).next().unwrap_or(flag);
    let key = match error.kind() {
        ErrorKind::InvalidValue if flag == "--customers" && text(ContextKind::InvalidValue).is_empty() => {
            "list"
        }
        ErrorKind::UnknownArgument => MEANT.iter().find(|name| **name == flag)?.trim_start_matches('-'),
        _ => return None,
    };
    Some(lang.locale().get("tip", key).to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{explained, lang};
    use crate::cli::Cli;
    use crate::locale::Lang;

    fn said(args: &[&str]) -> String {
        let error = Cli::try_parse_from([&["ecrm"], args].concat()).expect_err("wrong usage");
        explained(error, Lang::En).to_string()
    }

    #[test]
    fn a_list_asked_for_by_the_name_of_an_input_is_pointed_at() {
        for args in [&["segment", "orders.csv", "--customers"][..], &["value", "--customers", "-o", "a.csv"]]
        {
            let text = said(args);
            assert!(text.contains("tip: --list lists the customers"), "{text}");
        }
    }

    #[test]
    fn common_names_of_other_programs_are_explained() {
        for name in super::MEANT {
            let text = said(&["rfm", "orders.csv", name, "7"]);
            let tip = Lang::En.locale().find("tip", name.trim_start_matches('-')).expect("a tip");
            assert!(text.contains(name) && text.contains(tip), "{text}");
        }
        // What is only misspelt is clap's.
        let text = said(&["rfm", "orders.csv", "--widow", "7"]);
        assert!(text.contains("--window"), "{text}");
    }

    #[test]
    fn help_is_in_the_language_that_is_asked_for() {
        let of = |args: &[&str]| lang(args.iter().map(Into::into));
        assert_eq!(of(&["rfm", "--help", "--lang", "zh"]), Lang::Zh);
        assert_eq!(of(&["rfm", "--lang=zh", "--widow"]), Lang::Zh);
        assert_eq!(of(&["rfm", "--lang", "en"]), Lang::En);
    }
}

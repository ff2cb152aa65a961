//! Help and what is wrong with a command line, in both languages, with a tip where a flag is taken for another.

mod errors;
mod help;
mod order;
mod refused;

use std::ffi::OsString;
use std::io::Write;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, ValueEnum};

pub use help::localized;
pub use refused::Refused;

use super::{Cli, FirstLook, output, tell};
use crate::locale::{Lang, harmless};
use crate::schema::meant;

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
        output::paint(asked(words.iter().cloned(), "--color"));
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

/// Ends the process over a wrong command line, which is said in the language, or with the help that was asked for.
fn end(error: clap::Error, lang: Lang) -> ! {
    let error = explained(error, lang);
    if lang == Lang::Zh && error.kind() == ErrorKind::DisplayHelp {
        // That nobody reads on is no failure.
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

/// The language that help and usage errors are in: that of `--lang`, which may not have been understood yet, or the
/// system's.
pub fn lang(arguments: impl Iterator<Item = OsString>) -> Lang {
    asked(arguments, "--lang").unwrap_or_else(output::spoken)
}

/// The value of a flag in a command line that may not have been understood yet.
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

/// The same error with a tip on what may have been meant.
fn explained(mut error: clap::Error, lang: Lang) -> clap::Error {
    if let Some(tip) = tip(&error, lang) {
        error.remove(ContextKind::SuggestedArg);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    } else if let Some((kind, near)) = slip(&error) {
        error.insert(kind, near);
    }
    error
}

/// What a command, flag or value is a slip of the finger for, where clap itself finds nothing near: it looks at the flags of
/// ecrm alone where one stands before files without a command, and at no letters that changed places.
fn slip(error: &clap::Error) -> Option<(ContextKind, ContextValue)> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    let is_without = |kind| error.get(kind).is_none();
    match error.kind() {
        ErrorKind::InvalidSubcommand if is_without(ContextKind::SuggestedSubcommand) => {
            let ecrm = Cli::command();
            let below = ecrm.get_subcommands().flat_map(clap::Command::get_subcommands);
            let names = ecrm.get_subcommands().chain(below).map(clap::Command::get_name);
            let typed = text(ContextKind::InvalidSubcommand);
            let near = meant(typed, names).filter(|near| *near != typed)?.to_owned();
            Some((ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![near])))
        }
        ErrorKind::UnknownArgument if is_without(ContextKind::SuggestedArg) => {
            let flag = text(ContextKind::InvalidArg).strip_prefix("--")?;
            let look = FirstLook::command();
            let near = meant(flag, look.get_opts().filter_map(clap::Arg::get_long));
            let near = format!("--{}", near.filter(|near| *near != flag)?);
            Some((ContextKind::SuggestedArg, ContextValue::String(near)))
        }
        ErrorKind::InvalidValue if is_without(ContextKind::SuggestedValue) => {
            let Some(ContextValue::Strings(valid)) = error.get(ContextKind::ValidValue) else { return None };
            let near = meant(text(ContextKind::InvalidValue), valid.iter().map(String::as_str))?.to_owned();
            Some((ContextKind::SuggestedValue, ContextValue::String(near)))
        }
        _ => None,
    }
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
    fn slips_that_clap_does_not_know_get_their_guess() {
        for (args, near) in [
            (&["help", "rmf"][..], "'rfm'"),
            (&["help", "store", "whoo"], "'who'"),
            (&["--widow", "7", "orders.csv"], "'--window'"),
            (&["rfm", "orders.csv", "--format", "cvs"], "'csv'"),
        ] {
            let text = said(args);
            assert!(text.contains("tip:") && text.contains(near), "{args:?}: {text}");
        }
        for args in [&["help", "xyzzy"][..], &["help", "who"]] {
            assert!(!said(args).contains("tip:"), "{args:?}");
        }
        // What is right at another place is no slip.
        let text = said(&["--window", "7", "rfm", "orders.csv"]);
        assert!(!text.contains("similar argument exists: '--window'"), "{text}");
    }

    #[test]
    fn help_is_in_the_language_that_is_asked_for() {
        let of = |args: &[&str]| lang(args.iter().map(Into::into));
        assert_eq!(of(&["rfm", "--help", "--lang", "zh"]), Lang::Zh);
        assert_eq!(of(&["rfm", "--lang=zh", "--widow"]), Lang::Zh);
        assert_eq!(of(&["rfm", "--lang", "en"]), Lang::En);
    }
}

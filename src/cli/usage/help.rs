//! `--help` and the man pages in Chinese: the declared commands with each of their texts translated.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command};
use serde::Deserialize;

use super::order::own_first;
use crate::locale::{Lang, broken};

/// The Chinese texts of help.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chinese {
    /// By the English text, the texts of commands, arguments and values.
    text: BTreeMap<String, String>,
    /// By the English heading, the headings of arguments.
    heading: BTreeMap<String, String>,
    /// By the command's path (`store.who`, empty for `ecrm` itself), the text below the arguments.
    below: BTreeMap<String, String>,
    /// By key, the messages about a wrong command line.
    error: BTreeMap<String, String>,
}

static CHINESE: LazyLock<Chinese> = LazyLock::new(|| {
    let parsed = toml::from_str(include_str!("../../locale/help_zh.toml"));
    parsed.unwrap_or_else(|error| unreachable!("help_zh.toml is part of the program: {error}"))
});

/// The width of help in columns: the most on a terminal, and always elsewhere.
const MAX_WIDTH: usize = 100;

/// The number of columns by which clap indents a help text that stands below its flag.
const HELP_INDENT: usize = 10;

/// Headings that clap itself sets.
const ARGUMENTS: &str = "参数";
const OPTIONS: &str = "选项";
const COMMANDS: &str = "命令";
const OTHERS: &str = "其他";

/// The help text of `ecrm help`.
const HELP: &str = "显示本说明，或所给命令的说明";

/// The built command with its texts in a language and its own flags first. English texts are those of the declaration.
///
/// `width` is how many columns the terminal has.
pub fn localized(command: Command, lang: Lang, width: Option<u16>) -> Command {
    let path = if command.has_subcommands() { "" } else { "first_look" };
    let width = width.map_or(MAX_WIDTH, usize::from).min(MAX_WIDTH);
    let command = own_first(command);
    let mut command = if lang == Lang::Zh { in_chinese(command, path, width) } else { command };
    // Building adds clap's own commands. Afterwards arguments must not change any more: see `own_first`.
    command.build();
    if lang == Lang::Zh { with_help_in_chinese(command, width) } else { command }
}

/// Translates clap's own `help` command of a built command, and those of the commands below it.
fn with_help_in_chinese(mut command: Command, width: usize) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(&name, |sub| match name.as_str() {
            "help" => in_chinese(sub, "help", width).about(HELP).long_about(HELP),
            _ => with_help_in_chinese(sub, width),
        });
    }
    command
}

/// Chinese help as it is printed, with escapes for colours. clap puts an ASCII colon behind each heading, which becomes
/// a full-width one.
pub(super) fn printed(help: &StyledStr) -> String {
    let (plain, colored) = (help.to_string(), help.ansi().to_string());
    let headings =
        || CHINESE.heading.values().map(String::as_str).chain([ARGUMENTS, OPTIONS, COMMANDS, OTHERS]);
    let is_heading =
        |line: &str| line.strip_suffix(':').is_some_and(|line| headings().any(|heading| heading == line));
    let wide = |(plain, colored): (&str, &str)| match colored.rfind(':').filter(|_| is_heading(plain)) {
        Some(colon) => format!("{}：{}\n", &colored[..colon], &colored[colon + 1..]),
        None => format!("{colored}\n"),
    };
    plain.lines().zip(colored.lines()).map(wide).collect()
}

/// The Chinese message about a wrong command line for a key of `[error]`, with its placeholders filled in.
pub(super) fn error_text(key: &str, places: &[(&str, &str)]) -> String {
    let text = CHINESE.error.get(key).map_or(key, String::as_str).to_owned();
    places.iter().fold(text, |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

fn in_chinese(command: Command, path: &str, width: usize) -> Command {
    let below = CHINESE.below.get(path).map(|text| filled(text, width));
    let about = command.get_about().map(|about| filled(&text(about), width));
    // clap moves a changed argument to the end, so that all names are collected first.
    let arguments: Vec<String> = command.get_arguments().map(|arg| arg.get_id().to_string()).collect();
    let subcommands: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let mut command = command
        .term_width(width)
        .next_line_help(true)
        .subcommand_help_heading(COMMANDS)
        .help_template("{before-help}{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}");
    if let Some(about) = about {
        command = command.long_about(about.clone()).about(about);
    }
    if let Some(below) = below {
        command = command.after_help(below);
    }
    for name in arguments {
        command = command.mut_arg(name, |arg| argument(arg, width));
    }
    for name in subcommands {
        let is_help = name == "help";
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        command = command.mut_subcommand(name, |sub| {
            let sub = in_chinese(sub, &path, width);
            // The texts of `help` come from clap.
            if is_help { sub.about(HELP).long_about(HELP) } else { sub }
        });
    }
    command
}

fn argument(arg: Arg, width: usize) -> Arg {
    let mut own = match arg.get_action() {
        ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong => {
            "显示说明（-h 为简要，--help 为详细）".to_owned()
        }
        ArgAction::Version => "显示版本".to_owned(),
        _ => arg.get_help().map(text).unwrap_or_default(),
    };
    let heading = match arg.get_help_heading().map(|heading| CHINESE.heading.get(heading)) {
        Some(heading) => heading.map_or(OTHERS, String::as_str),
        None if arg.is_positional() => ARGUMENTS,
        None => OPTIONS,
    };
    // clap's own list of values begins with English words.
    let values = if arg.get_action().takes_values() { arg.get_possible_values() } else { Vec::new() };
    let names: Vec<&str> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
    let is_hidden = arg.is_hide_default_value_set() || !arg.get_action().takes_values();
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() && !is_hidden {
        own += &format!("［默认：{}］", defaults.join("、"));
    }
    let mut short = own.clone();
    let mut long = own;
    if !names.is_empty() {
        short += &format!("［可选值：{}］", names.join("、"));
        long += "\n\n可选值：";
        for value in &values {
            let meaning = value.get_help().map(|help| format!("：{}", text(help)));
            long += &format!("\n- {}{}", value.get_name(), meaning.unwrap_or_default());
        }
    }
    let room = width.saturating_sub(HELP_INDENT).max(20);
    let arg = arg.help(filled(&short, room)).long_help(filled(&long, room));
    let arg = arg.help_heading(heading);
    if arg.get_action().takes_values() {
        arg.hide_possible_values(true).hide_default_value(true)
    } else {
        arg
    }
}

/// The Chinese for a text. A missing one, which a test rules out, stays English.
fn text(english: &StyledStr) -> String {
    let english = english.to_string();
    CHINESE.text.get(&english).cloned().unwrap_or(english)
}

/// A text with line breaks where Chinese text may be broken; clap only breaks at spaces. Examples stay on one line, so
/// that they can be copied.
fn filled(text: &str, width: usize) -> String {
    let line = |line: &str| if line.starts_with("  ") { line.to_owned() } else { broken(line, width, "") };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;
    use crate::cli::{Cli, FirstLook};

    /// Visits each text of a command and of those below it, with the command's path.
    fn each(command: &Command, path: &str, see: &mut impl FnMut(&str, &Command)) {
        see(path, command);
        for sub in command.get_subcommands() {
            let name = sub.get_name();
            each(sub, &if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }, see);
        }
    }

    /// A text without its escape sequences.
    fn strip(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    /// The command lines in examples, without the explanations beside them.
    fn examples(text: &str) -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("  "));
        lines.map(|line| line.trim().split("  ").next().unwrap_or_default().trim().to_owned()).collect()
    }

    #[test]
    fn every_text_of_help_has_its_chinese_and_no_chinese_is_left_over() {
        let (mut texts, mut headings, mut paths) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut missing = Vec::new();
        let mut see = |path: &str, command: &Command| {
            texts.extend(command.get_about().map(ToString::to_string));
            assert!(command.get_long_about().is_none(), "{path}: a command has one text");
            for arg in command.get_arguments() {
                assert!(arg.get_long_help().is_none(), "{path} {}: an argument has one text", arg.get_id());
                texts.extend(arg.get_help().map(ToString::to_string));
                headings.extend(arg.get_help_heading().map(str::to_owned));
                let values = arg.get_possible_values();
                texts.extend(values.iter().filter_map(|value| value.get_help().map(ToString::to_string)));
            }
            let Some(below) = command.get_after_help() else { return };
            paths.insert(path.to_owned());
            match CHINESE.below.get(path) {
                Some(chinese) => assert_eq!(examples(chinese), examples(&below.to_string()), "{path}"),
                None => missing.push(format!("[below] {path}")),
            }
        };
        each(&Cli::command(), "", &mut see);
        each(&FirstLook::command(), "first_look", &mut see);
        missing.extend(texts.iter().filter(|text| !CHINESE.text.contains_key(*text)).cloned());
        missing.extend(headings.iter().filter(|text| !CHINESE.heading.contains_key(*text)).cloned());
        assert!(missing.is_empty(), "no Chinese for: {missing:#?}");
        let left: Vec<_> = (CHINESE.text.keys().filter(|key| !texts.contains(*key)))
            .chain(CHINESE.heading.keys().filter(|key| !headings.contains(*key)))
            .chain(CHINESE.below.keys().filter(|key| !paths.contains(*key)))
            .collect();
        assert!(left.is_empty(), "nothing says: {left:#?}");
    }

    #[test]
    fn nothing_that_clap_says_itself_stays_english() {
        let command = localized(Cli::command(), Lang::Zh, Some(80));
        each(&command, "", &mut |path, command| {
            for help in [command.clone().render_help(), command.clone().render_long_help()] {
                let said = printed(&help);
                let colons = said.lines().filter(|line| strip(line).ends_with(':'));
                assert_eq!(colons.count(), 0, "{path}: {said}");
                let help = help.to_string();
                assert_eq!(strip(&said).replace('：', ":").trim_end(), help.replace('：', ":").trim_end());
                for english in
                    ["Usage:", "Options:", "Arguments:", "Commands:", "ossible values", "Print ", "[default"]
                {
                    assert!(!help.contains(english), "{path}: {english}\n{help}");
                }
            }
        });
    }

    #[test]
    fn chinese_is_broken_to_the_width_and_examples_are_not() {
        let text = "把发送记录追加到文件，已有的不会重复追加。\n  ecrm care exports/* --record sends.csv --sends sends.csv";
        assert_eq!(
            filled(text, 20),
            "把发送记录追加到文\n件，已有的不会重复追\n加。\n  ecrm care exports/* --record sends.csv --sends sends.csv"
        );
    }
}

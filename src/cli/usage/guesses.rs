//! Guesses what a wrong command line was meant to be: a typing mistake, a flag name of other programs, or a flag of
//! another command.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, CommandFactory};

use crate::cli::{Cli, FirstLook};
use crate::locale::{Lang, Words};
use crate::schema::meant;

/// Names that other programs give to flags; the translations say what this program has instead.
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

/// The error with a tip on what may have been meant.
pub fn explained(mut error: clap::Error, lang: Lang) -> clap::Error {
    if let Some(tip) = tip(&error).or_else(|| of_others(&error)) {
        error.remove(ContextKind::SuggestedArg);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.get(lang).to_owned().into()]));
    } else if let Some((kind, near)) = slip(&error) {
        error.insert(kind, near);
    }
    error
}

/// The command, flag or value that is probably meant, where clap finds none. clap does not recognise swapped letters,
/// and where a flag stands before files without a command it only knows the flags of `ecrm` itself.
fn slip(error: &clap::Error) -> Option<(ContextKind, ContextValue)> {
    let is_without = |kind| error.get(kind).is_none();
    match error.kind() {
        ErrorKind::InvalidSubcommand if is_without(ContextKind::SuggestedSubcommand) => {
            let ecrm = Cli::command();
            let below = ecrm.get_subcommands().flat_map(Command::get_subcommands);
            let names = ecrm.get_subcommands().chain(below).map(Command::get_name);
            let typed = text(error, ContextKind::InvalidSubcommand);
            let near = meant(typed, names).filter(|near| *near != typed)?.to_owned();
            Some((ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![near])))
        }
        ErrorKind::UnknownArgument if is_without(ContextKind::SuggestedArg) => {
            let typed = flag(error).strip_prefix("--")?;
            let command = blamed(error);
            let near = meant(typed, flags(&command)).filter(|near| *near != typed)?;
            Some((ContextKind::SuggestedArg, ContextValue::String(format!("--{near}"))))
        }
        ErrorKind::InvalidValue if is_without(ContextKind::SuggestedValue) => {
            let Some(ContextValue::Strings(valid)) = error.get(ContextKind::ValidValue) else { return None };
            let typed = text(error, ContextKind::InvalidValue);
            let near = meant(typed, valid.iter().map(String::as_str))?.to_owned();
            Some((ContextKind::SuggestedValue, ContextValue::String(near)))
        }
        _ => None,
    }
}

/// A tip for a flag name of another program, if this command has what the tip recommends.
fn tip(error: &clap::Error) -> Option<Words> {
    let flag = flag(error);
    let key = match error.kind() {
        ErrorKind::InvalidValue
            if flag == "--customers" && text(error, ContextKind::InvalidValue).is_empty() =>
        {
            return Some(Words::of("tip", "list", &[]));
        }
        ErrorKind::UnknownArgument => MEANT.iter().find(|name| **name == flag)?.trim_start_matches('-'),
        _ => return None,
    };
    let (tip, command) = (Words::of("tip", key, &[]), blamed(error));
    let mut named = tip.en.split(' ').filter_map(|word| word.strip_prefix("--")).peekable();
    let has_it = match named.peek() {
        Some(_) => named.all(|name| flags(&command).any(|flag| flag == name)),
        None => command.get_positionals().any(|arg| arg.get_id() == "files"),
    };
    let writes = |format: &str| {
        let of_format = command.get_opts().find(|arg| arg.get_long() == Some("format"));
        of_format.is_some_and(|arg| arg.get_possible_values().iter().any(|value| value.matches(format, true)))
    };
    let takes_it = !matches!(key, "csv" | "json") || writes(key);
    (has_it && takes_it).then_some(tip)
}

/// A tip that names the commands which have this flag, if this command does not have it.
fn of_others(error: &clap::Error) -> Option<Words> {
    /// The most commands that are named.
    const MAX_NAMED: usize = 4;
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let flag = flag(error);
    let name = flag.strip_prefix("--").filter(|name| !flags(&blamed(error)).any(|own| own == *name))?;
    let mut owners = Vec::new();
    collect_owners(&Cli::command(), "", name, &mut owners);
    if owners.is_empty() {
        return None;
    }
    // Commands of the first level come first, since they are better known.
    owners.sort_by_key(|owner| owner.contains(' '));
    if owners.len() > MAX_NAMED {
        owners.splice(MAX_NAMED - 1.., ["…".to_owned()]);
    }
    let values = [("flag", flag.to_owned()), ("commands", Words::names(owners).to_string())];
    Some(Words::of("tip", "of_others", &values))
}

/// Collects the commands below `command` that have a flag, each as it is typed.
fn collect_owners(command: &Command, path: &str, flag: &str, owners: &mut Vec<String>) {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        let path = format!("{path}{}", below.get_name());
        if flags(below).any(|own| own == flag) {
            owners.push(path.clone());
        }
        collect_owners(below, &format!("{path} "), flag, owners);
    }
}

/// The command that an error is about: the one that its usage line names, or `ecrm` without a command.
fn blamed(error: &clap::Error) -> Command {
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => usage.to_string(),
        _ => String::new(),
    };
    let mut command = Cli::command();
    // The flags that clap itself adds to each command are only there once the commands are built.
    command.build();
    let (mut found, mut is_ecrm) = (&command, true);
    for word in usage.split_whitespace().skip_while(|word| *word != "ecrm").skip(1) {
        let Some(below) = found.find_subcommand(word) else { break };
        (found, is_ecrm) = (below, false);
    }
    if is_ecrm { FirstLook::command() } else { found.clone() }
}

/// The flags that a command's help shows.
fn flags(command: &Command) -> impl Iterator<Item = &str> {
    command.get_opts().filter(|arg| !arg.is_hide_set()).filter_map(Arg::get_long)
}

/// The flag that an error is about, without its value.
fn flag(error: &clap::Error) -> &str {
    let flag = text(error, ContextKind::InvalidArg);
    flag.split([' ', '=']).next().unwrap_or(flag)
}

fn text(error: &clap::Error, kind: ContextKind) -> &str {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

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
        for name in MEANT {
            let text = said(&["rfm", "orders.csv", name, "7"]);
            let tip = Lang::En.locale().find("tip", name.trim_start_matches('-')).expect("a tip");
            assert!(text.contains(name) && text.contains(tip), "{text}");
        }
        // clap itself handles a mere typing mistake.
        let text = said(&["rfm", "orders.csv", "--widow", "7"]);
        assert!(text.contains("--window"), "{text}");
    }

    #[test]
    fn nothing_is_guessed_that_the_command_does_not_have() {
        for args in [
            &["man", "--widow"][..],
            &["completions", "bash", "--widow", "7"],
            &["define", "--top", "3"],
            &["tag", "list", "--windw", "7"],
        ] {
            let text = said(args);
            assert!(!text.contains("similar") && !text.contains("--limit"), "{args:?}: {text}");
        }
        // `report` writes no CSV, and `define` takes a topic and no file.
        for (args, tip) in [
            (&["report", "o.csv", "--csv"][..], "--format csv"),
            (&["report", "o.csv", "--json"], "--format json"),
            (&["define", "--file", "x"], "files are named"),
        ] {
            assert!(!said(args).contains(tip), "{args:?}: {}", said(args));
        }
        assert!(said(&["rfm", "o.csv", "--csv"]).contains("--format csv"));
    }

    #[test]
    fn a_flag_of_other_commands_is_said_to_be_theirs() {
        for (args, tip) in [
            (&["man", "--window", "7"][..], "--window is a flag of customers, identity, segment, …"),
            (&["man", "--since", "2026-01-01"], "--since is a flag of migration"),
            (&["segment", "o.csv", "--sections", "rfm"], "--sections is a flag of report"),
            (&["--sections", "rfm", "o.csv"], "--sections is a flag of report"),
            (&["rfm", "o.csv", "--again"], "--again is a flag of import"),
        ] {
            let text = said(args);
            assert!(text.contains(tip), "{args:?}: {text}");
        }
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
        // A flag that is right for another command is no typing mistake.
        let text = said(&["--window", "7", "rfm", "orders.csv"]);
        assert!(!text.contains("similar argument exists: '--window'"), "{text}");
    }
}

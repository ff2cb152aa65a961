//! The order of flags in a command's help: its own flags come first, then those that many commands share.

use clap::{Arg, ArgAction, Command};

/// Headings of shared flags, in the order in which they follow the command's own flags.
const SHARED: [&str; 5] = ["Input", "Scope", "Another engine", "Output", "General"];

/// The heading of the flags that every command has: help and version.
const GENERAL: &str = "General";

/// Puts the own flags of a command, and of those below it, before those under the shared headings. The command must not
/// be built yet: clap finds the arguments of a built command by their index, and a changed argument moves to the end.
pub(super) fn own_first(command: Command) -> Command {
    let has_version = command.get_version().is_some();
    sorted(command, has_version)
}

fn sorted(mut command: Command, has_version: bool) -> Command {
    // clap would put its own flags under a heading at the top; these replace them under the heading [`GENERAL`].
    command = command.disable_help_flag(true).disable_version_flag(true);
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    command =
        command.arg(help.help("Print help, with -h in short").help_heading(GENERAL).display_order(1_000));
    if has_version {
        let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
        command = command.arg(version.help("Print version").help_heading(GENERAL).display_order(1_001));
    }
    // Headings appear in the order in which an argument first names them.
    for heading in SHARED {
        let of_heading = command.get_arguments().filter(|arg| arg.get_help_heading() == Some(heading));
        let names: Vec<String> = of_heading.map(|arg| arg.get_id().to_string()).collect();
        for name in names {
            command = command.mut_arg(name, |arg| arg);
        }
    }
    let subcommands: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in subcommands {
        command = command.mut_subcommand(name, |sub| sorted(sub, has_version));
    }
    command
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::{Cli, FirstLook};

    /// The headings of a command's help, in their order.
    fn headings(command: &Command) -> Vec<String> {
        let help = command.clone().render_help().to_string();
        let is_heading = |line: &&str| line.ends_with(':') && !line.starts_with(' ');
        help.lines().filter(is_heading).map(|line| line.trim_end_matches(':').to_owned()).collect()
    }

    fn each(command: &Command, see: &mut impl FnMut(&Command)) {
        see(command);
        command.get_subcommands().filter(|sub| sub.get_name() != "help").for_each(|sub| each(sub, see));
    }

    fn built(command: Command) -> Command {
        let mut command = own_first(command);
        command.build();
        command
    }

    #[test]
    fn own_flags_stand_before_shared_ones() {
        let ecrm = built(Cli::command());
        let rfm = ecrm.find_subcommand("rfm").expect("a command");
        let expected =
            ["Scores and groups", "Input", "Scope", "Another engine", "Output", "General", "Examples"];
        assert_eq!(headings(rfm), expected);
        for command in [ecrm, built(FirstLook::command())] {
            each(&command, &mut |command| {
                let headings = headings(command);
                let first = headings.iter().position(|heading| SHARED.contains(&heading.as_str()));
                let behind = headings.iter().skip(first.expect("a heading that is shared"));
                let behind: Vec<&str> =
                    behind.map(String::as_str).filter(|of| !of.starts_with("Example")).collect();
                let wanted: Vec<&str> = SHARED.into_iter().filter(|shared| behind.contains(shared)).collect();
                assert_eq!(behind, wanted, "{}", command.get_name());
            });
        }
    }

    #[test]
    fn what_is_sorted_is_parsed_as_before() {
        for args in [
            &["ecrm", "rfm", "a.csv", "--window", "7", "--format", "csv", "--summary", "-q"][..],
            &["ecrm", "-v", "store", "who", "1001", "shop", "--table", "orders"],
            &["ecrm", "campaign", "plan", "june", "--color", "never"],
        ] {
            let matches =
                |command: Command| format!("{:?}", command.try_get_matches_from(args).expect("is right"));
            let (sorted, declared) = (matches(own_first(Cli::command())), matches(Cli::command()));
            for word in args.iter().skip(1).filter(|word| !word.starts_with('-')) {
                assert_eq!(
                    sorted.matches(word).count(),
                    declared.matches(word).count(),
                    "{word} of {args:?}"
                );
            }
        }
    }
}

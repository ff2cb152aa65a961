//! The order of a command's flags in its help: its own first, then those that many commands share.

use clap::Command;

/// Headings of flags that commands share, in the order in which they stand below a command's own.
const SHARED: [&str; 4] = ["Input", "Scope", "Output", "General"];

/// The heading of what every command has: help and version.
const GENERAL: &str = "General";

/// The command, and those below it, with its own flags before those of the shared headings. It is built on the way, so that
/// the flags that clap adds have their place too.
pub(super) fn own_first(mut command: Command) -> Command {
    command.build();
    sorted(command)
}

fn sorted(mut command: Command) -> Command {
    // Sections stand in the order in which an argument first names them; what is changed moves to the end.
    for name in ["help", "version"] {
        if command.get_arguments().any(|arg| arg.get_id() == name) {
            command = command.mut_arg(name, |arg| arg.help_heading(GENERAL));
        }
    }
    for heading in SHARED {
        let of_heading = command.get_arguments().filter(|arg| arg.get_help_heading() == Some(heading));
        let names: Vec<String> = of_heading.map(|arg| arg.get_id().to_string()).collect();
        for name in names {
            command = command.mut_arg(name, |arg| arg);
        }
    }
    let subcommands: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in subcommands {
        command = command.mut_subcommand(name, sorted);
    }
    command
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::{Cli, FirstLook};

    /// The headings of a command's help, in order.
    fn headings(command: &Command) -> Vec<String> {
        let help = command.clone().render_help().to_string();
        let is_heading = |line: &&str| line.ends_with(':') && !line.starts_with(' ');
        help.lines().filter(is_heading).map(|line| line.trim_end_matches(':').to_owned()).collect()
    }

    fn each(command: &Command, see: &mut impl FnMut(&Command)) {
        see(command);
        command.get_subcommands().for_each(|sub| each(sub, see));
    }

    #[test]
    fn own_flags_stand_before_shared_ones() {
        let rfm = own_first(Cli::command());
        let rfm = rfm.find_subcommand("rfm").expect("a command");
        assert_eq!(headings(rfm), ["Scores and groups", "Input", "Scope", "Output", "General", "Examples"]);
        for command in [Cli::command(), FirstLook::command()] {
            each(&own_first(command), &mut |command| {
                let headings = headings(command);
                let shared: Vec<usize> = (headings.iter())
                    .filter_map(|heading| SHARED.iter().position(|shared| shared == heading))
                    .collect();
                assert!(shared.is_sorted(), "{}: {headings:?}", command.get_name());
                let first = headings.iter().position(|heading| SHARED.contains(&heading.as_str()));
                let own_behind = headings[first.unwrap_or(headings.len())..]
                    .iter()
                    .filter(|heading| !SHARED.contains(&heading.as_str()) && !heading.starts_with("Example"));
                assert_eq!(own_behind.count(), 0, "{}: {headings:?}", command.get_name());
            });
        }
    }
}

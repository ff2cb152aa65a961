//! What the words of a command line can be, for completion by shells: files, one of some known values, or something
//! only the user knows.

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, ValueHint};

use crate::cli::{check, people, tag};
use crate::customers;
use crate::define;
use crate::metrics::care::Task;
use crate::parse::preset::Preset;
use crate::questions::report::SECTIONS;
use crate::questions::{About, CUSTOMERS, SalePlan, explain};

/// Sets for each argument of the command, and of those below it, what its value can be.
pub(super) fn known(command: Command) -> Command {
    of_path(command, "")
}

fn of_path(command: Command, path: &str) -> Command {
    let mut command = command.mut_args(|arg| with_values(arg, path));
    let subcommands: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in subcommands {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        command = command.mut_subcommand(name, |sub| of_path(sub, &path));
    }
    command
}

fn with_values(arg: Arg, path: &str) -> Arg {
    if !arg.get_action().takes_values() || !arg.get_possible_values().is_empty() {
        return arg;
    }
    let values = values(arg.get_id().as_str(), path);
    if !values.is_empty() {
        return arg.value_parser(PossibleValuesParser::new(values));
    }
    let named = arg.get_value_names().unwrap_or_default().join(" ");
    let hint = match () {
        () if named.contains("FILE") => ValueHint::FilePath,
        () if named.contains("FOLDER") || named.contains("DIR") => ValueHint::DirPath,
        () => ValueHint::Other,
    };
    arg.value_hint(hint)
}

/// The known values of an argument that clap accepts as any text because they are checked later.
fn values(arg: &str, path: &str) -> Vec<&'static str> {
    let columns = || customers::columns().map(|spec| spec.name);
    match (arg, path) {
        ("table", _) => tables(path),
        ("columns", "audience") => columns().collect(),
        ("columns", _) => ["all"].into_iter().chain(columns()).collect(),
        ("sort", _) => columns().collect(),
        ("sections", _) => SECTIONS.iter().map(|section| section.name).collect(),
        ("tasks", _) => Task::all().map(Task::name).collect(),
        ("name", "define") => define::names(),
        ("preset", _) => Preset::all()
            .map_or_else(|_| Vec::new(), |all| all.iter().map(|preset| preset.name.as_str()).collect()),
        _ => Vec::new(),
    }
}

/// All tables that a command may write, whatever its flags, from its question's declaration.
fn tables(path: &str) -> Vec<&'static str> {
    match path {
        "customers" => [CUSTOMERS.writes, &explain::TABLES].concat(),
        "check" => check::TABLES.to_vec(),
        "store.who" => people::tables().collect(),
        "campaign.plan" => SalePlan::ABOUT.writes.to_vec(),
        "tag.show" => CUSTOMERS.writes[..1].to_vec(),
        "tag.apply" | "tag.add" | "tag.remove" => vec![tag::CHANGES],
        _ => About::of_command(path).map_or_else(Vec::new, |about| about.writes.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::{Cli, usage};
    use crate::locale::Lang;

    fn look_at(command: &Command, path: &str, is_right: &mut impl FnMut(&Command, &str)) {
        for below in command.get_subcommands() {
            let path = if path.is_empty() {
                below.get_name().to_owned()
            } else {
                format!("{path}.{}", below.get_name())
            };
            if below.get_arguments().any(|arg| arg.get_id() == "table" && !arg.is_hide_set()) {
                is_right(below, &path);
            }
            look_at(below, &path, is_right);
        }
    }

    /// The session asserts, in every test that runs a command, that the command writes no table which it does not
    /// declare.
    #[test]
    fn every_command_offers_its_tables_and_its_help_names_them() {
        for lang in [Lang::En, Lang::Zh] {
            let mut count = 0;
            look_at(&usage::localized(Cli::command(), lang, None), "", &mut |command, path| {
                let offered = tables(path);
                assert!(!offered.is_empty(), "{path} offers no table");
                let help = command.clone().render_long_help().to_string();
                for name in offered {
                    let has_it =
                        help.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == name);
                    assert!(has_it, "{path} --help does not name {name} ({lang:?})");
                }
                count += 1;
            });
            assert!(count > 20, "{count} commands have --table");
        }
    }
}

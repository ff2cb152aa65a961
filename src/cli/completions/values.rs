//! What the words of a command line can be, for shells to complete: files where files go, one of the values where these are
//! known, and nothing where only the user knows.

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, ValueHint};

use crate::customers;
use crate::define;
use crate::metrics::care::Task;
use crate::parse::preset::Preset;
use crate::questions::report::SECTIONS;
use crate::questions::{
    Audience, Campaign, Care, Migration, Predict, Products, Profile, Touchpoints, explain, identity,
};
use crate::schema::Table;

/// The command, and those below it, with what each argument's value can be.
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

/// The values of an argument that are known though any text is taken, since they are checked elsewhere.
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

/// The tables that a command may write, whatever its flags.
fn tables(path: &str) -> Vec<&'static str> {
    let listed = |tables: &[&'static str]| [tables, &["customers"]].concat();
    match path {
        "segment" => listed(&["segments"]),
        "rfm" => vec!["customers", "groups"],
        "interest" => listed(&["interest"]),
        "repurchase" => vec!["curve", "gaps", "churn", "rates", "ladder", "due", "holdout"],
        "region" => vec!["regions", "quotients"],
        "value" => listed(&["classes", "concentration", "lorenz"]),
        "check" => vec!["verdicts", "files", "findings", "statuses", "rows", "dates", "columns"],
        "customers" => [&["customers", "count"], explain::TABLES.as_slice()].concat(),
        "profile" => Profile::TABLES.to_vec(),
        "predict" => Predict::TABLES.to_vec(),
        "migration" => listed(&Migration::TABLES),
        "products" => Products::TABLES.to_vec(),
        "campaign" => [Campaign::TABLES.as_slice(), &["not_joined"]].concat(),
        "audience" => Audience::TABLES.to_vec(),
        "touchpoints" => Touchpoints::TABLES.to_vec(),
        "care" => Care::TABLES.to_vec(),
        "identity" => identity::TABLES.to_vec(),
        "store.who" => {
            let of_store = Table::ALL.iter().map(|table| table.name());
            ["held"].into_iter().chain(of_store).chain(["contacts", "unreadable"]).collect()
        }
        "overview" => vec!["overview"],
        "cohort" => vec!["cohort"],
        "trend" => vec!["trend"],
        "sources" => vec!["sources"],
        "tag.show" => vec!["customers"],
        "tag.apply" | "tag.add" | "tag.remove" => vec!["changes"],
        _ => Vec::new(),
    }
}

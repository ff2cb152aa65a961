//! Corrects the scripts of clap's generators, which offer flags where files go, offer no files in place of a command (a
//! first look at files), and offer files where none go.

use clap::builder::PossibleValue;
use clap::{Arg, Command, ValueHint};
use clap_complete::Shell;

/// Separates the name of a command from that of one below it, in bash.
const BELOW: &str = "__subcmd__";

/// The corrected script for this command line.
pub(super) fn mended(script: &str, shell: Shell, command: &Command) -> String {
    match shell {
        Shell::Bash => bash(script, command),
        Shell::Zsh => zsh(script),
        Shell::Fish => fish(script, command),
        _ => script.to_owned(),
    }
}

/// What the words of a command that are not flags can be.
enum Words {
    /// Files, which all shells complete by themselves.
    Files,
    /// Folders.
    Folders,
    /// One of these values.
    Values(Vec<String>),
    /// Something only the user knows, or nothing.
    Unknown,
}

fn words_of(command: &Command) -> Words {
    let named = |value: &PossibleValue| value.get_name().to_owned();
    let Some(first) = command.get_positionals().next() else { return Words::Unknown };
    let values: Vec<String> = first.get_possible_values().iter().map(named).collect();
    let has = |hint: ValueHint| command.get_positionals().map(Arg::get_value_hint).any(|of| of == hint);
    match () {
        () if !values.is_empty() => Words::Values(values),
        () if has(ValueHint::FilePath) => Words::Files,
        () if has(ValueHint::DirPath) => Words::Folders,
        () => Words::Unknown,
    }
}

/// In bash, a word that is no flag is left to the default completion of its command, which is files unless disabled.
fn bash(script: &str, command: &Command) -> String {
    const FLAGS: &str = r#"COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )"#;
    let mut out = String::with_capacity(script.len());
    let mut rest = None;
    let mut is_at_a_flag = false;
    for line in script.lines() {
        let text = line.trim();
        if let Some(path) = text.strip_suffix(')').and_then(|text| text.strip_prefix("ecrm__subcmd__")) {
            let found = path.split(BELOW).try_fold(command, |command, name| command.find_subcommand(name));
            rest =
                found.filter(|found| !found.has_subcommands() && !path.ends_with("help")).map(rest_in_bash);
        }
        is_at_a_flag |= text.starts_with(r#"if [[ ${cur} == -* ||"#);
        match &rest {
            Some(_) if text.starts_with(r#"if [[ ${cur} == -* ||"#) => {
                out += "            if [[ ${cur} == -* ]] ; then";
            }
            Some(rest) if text == FLAGS && !is_at_a_flag => out += &format!("            {rest}"),
            _ => out += line,
        }
        if text == FLAGS {
            is_at_a_flag = false;
        }
        out.push('\n');
    }
    out
}

/// Completes a word that is neither a flag nor a flag's value.
fn rest_in_bash(command: &Command) -> String {
    match words_of(command) {
        Words::Files => "COMPREPLY=()".to_owned(),
        Words::Folders => "COMPREPLY=(); compopt -o plusdirs +o default 2>/dev/null".to_owned(),
        Words::Values(values) => {
            let values = values.join(" ");
            format!(
                r#"COMPREPLY=( $(compgen -W "{values}" -- "${{cur}}") ); compopt +o default +o bashdefault 2>/dev/null"#
            )
        }
        Words::Unknown => "COMPREPLY=(); compopt +o default +o bashdefault 2>/dev/null".to_owned(),
    }
}

/// In zsh, files may stand in place of a command, and flags may follow files. Generated scripts treat everything behind
/// the first file (`*::`) as files.
fn zsh(script: &str) -> String {
    let commands = r#"":: :_ecrm_commands" \"#;
    let files_too = r#"':: :{_alternative "commands:command:_ecrm_commands" "files:file:_files"}' \"#;
    script.replacen(commands, files_too, 1).replace("\n'*::", "\n'*:")
}

/// In fish, files may stand in place of a command; commands without files get none.
fn fish(script: &str, command: &Command) -> String {
    let needs_command = r#"complete -c ecrm -n "__fish_ecrm_needs_command" -f -a"#;
    let mut out = script.replace(needs_command, &needs_command.replace(" -f", ""));
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let condition = format!("__fish_ecrm_using_subcommand {}", sub.get_name());
        if !sub.has_subcommands() {
            out += &rest_in_fish(sub, &condition);
        }
        for below in sub.get_subcommands().filter(|below| below.get_name() != "help") {
            let name = below.get_name();
            out += &rest_in_fish(below, &format!("{condition}; and __fish_seen_subcommand_from {name}"));
        }
    }
    out
}

fn rest_in_fish(command: &Command, condition: &str) -> String {
    let only = match words_of(command) {
        Words::Files => return String::new(),
        Words::Folders => " -a \"(__fish_complete_directories)\"".to_owned(),
        Words::Values(values) => format!(" -a \"{}\"", values.join(" ")),
        Words::Unknown => String::new(),
    };
    format!("complete -c ecrm -n \"{condition}\" -f{only}\n")
}

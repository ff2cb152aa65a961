//! `ecrm completions` and `ecrm man`.

mod shells;
mod values;

use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::files::Files;
use super::{Cli, output, usage, voice};
use crate::error::{Error, Result};
use crate::locale::harmless;
use crate::present::sink::Sink;

/// Print the completion script of a shell
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm completions bash > ~/.local/share/bash-completion/completions/ecrm
  ecrm completions zsh > ~/.zfunc/_ecrm
  ecrm completions fish > ~/.config/fish/completions/ecrm.fish")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl CompletionsArgs {
    /// Prints the script.
    pub fn run(self) -> Result<()> {
        let (mut command, mut script) = (values::known(spoken()), Vec::new());
        clap_complete::generate(self.shell, &mut command, "ecrm", &mut script);
        let script = shells::mended(&String::from_utf8_lossy(&script), self.shell, &command);
        Sink::Stdout.write_with(|out| out.write_all(script.as_bytes()))
    }
}

/// Print the man page, or write those of all commands to a folder
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm man | man -l -
  ecrm man ~/.local/share/man/man1")]
pub struct ManArgs {
    /// Folder for ecrm.1, ecrm-segment.1 …
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl ManArgs {
    /// Prints or writes the pages.
    pub fn run(self) -> Result<()> {
        let command = spoken();
        let Some(folder) = self.folder else { return write_page(Sink::Stdout, command) };
        Files::default().write("the page", Some(&folder.join("ecrm.1"))).check()?;
        std::fs::create_dir_all(&folder).map_err(|error| Error::io("write", &folder, error))?;
        write_pages(&folder, &command)
    }
}

/// The command line in the system's language, built, so that names and clap's additions are present.
fn spoken() -> clap::Command {
    usage::localized(Cli::command(), output::spoken(), None)
}

/// Writes the man page of a command and of each command below it.
fn write_pages(folder: &Path, command: &clap::Command) -> Result<()> {
    let is_own = |sub: &&clap::Command| !sub.is_hide_set() && sub.get_name() != "help";
    command.get_subcommands().filter(is_own).try_for_each(|sub| write_pages(folder, sub))?;
    // Building sets the commands' full names (`ecrm-store-who`).
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    write_page(page_sink(folder, &name)?, command.clone())
}

/// The command with `help` hidden, which has no page of its own and prints what the pages hold.
fn without_help(command: clap::Command) -> clap::Command {
    match command.find_subcommand("help") {
        Some(_) => command.mut_subcommand("help", |help| help.hide(true)),
        None => command,
    }
}

fn page_sink(folder: &Path, name: &str) -> Result<Sink> {
    let path = folder.join(format!("{name}.1"));
    voice::detail(&harmless(&path.display().to_string()));
    Sink::file(&path)
}

fn write_page(sink: Sink, command: clap::Command) -> Result<()> {
    let command = without_help(command);
    sink.write_with(|out| clap_mangen::Man::new(command).render(&mut &mut *out))
}

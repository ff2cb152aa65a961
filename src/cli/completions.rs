//! `ecrm completions` and `ecrm man`.

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
#[command(after_help = "Example:
  ecrm completions bash > ~/.local/share/bash-completion/completions/ecrm")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl CompletionsArgs {
    /// Prints the script.
    pub fn run(self) -> Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut spoken(), "ecrm", &mut script);
        Sink::Stdout.write_with(|out| out.write_all(&script))
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
        let mut command = spoken();
        command.build();
        let Some(folder) = self.folder else { return write_page(Sink::Stdout, command) };
        Files::default().write("the page", Some(&folder.join("ecrm.1"))).check()?;
        std::fs::create_dir_all(&folder).map_err(|error| Error::io("write", &folder, error))?;
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
            // The commands' full names (`ecrm-segment`) were set by `build`.
            let name = sub.get_display_name().unwrap_or_else(|| sub.get_name()).to_owned();
            write_page(page_sink(&folder, &name)?, sub.clone())?;
        }
        write_page(page_sink(&folder, "ecrm")?, command)
    }
}

/// The command line in the system's language.
fn spoken() -> clap::Command {
    usage::localized(Cli::command(), output::spoken(), None)
}

fn page_sink(folder: &Path, name: &str) -> Result<Sink> {
    let path = folder.join(format!("{name}.1"));
    voice::detail(&harmless(&path.display().to_string()));
    Sink::file(&path)
}

fn write_page(sink: Sink, command: clap::Command) -> Result<()> {
    sink.write_with(|out| clap_mangen::Man::new(command).render(&mut &mut *out))
}

//! The flags that name the files of one table each: a flag for every table.

use clap::error::Error;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use crate::schema::Table;

/// The files named by flags such as `--orders` and `--customers`.
#[derive(Debug, Clone, Default)]
pub struct TableArgs {
    named: Vec<(Table, Vec<String>)>,
}

impl TableArgs {
    /// Each table with the files that its flag names, in the order of [`Table::ALL`], without tables for which no file
    /// is named.
    pub fn iter(&self) -> impl Iterator<Item = (Table, &[String])> {
        self.named.iter().map(|(table, files)| (*table, files.as_slice()))
    }
}

impl FromArgMatches for TableArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut args = Self::default();
        args.update_from_arg_matches(matches)?;
        Ok(args)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.named.clear();
        for table in Table::ALL {
            let files = matches.get_many::<String>(table.name()).into_iter().flatten().cloned();
            let files: Vec<String> = files.collect();
            self.named.extend((!files.is_empty()).then_some((*table, files)));
        }
        Ok(())
    }
}

impl Args for TableArgs {
    fn augment_args(command: Command) -> Command {
        let flag = |table: &Table| {
            let arg = Arg::new(table.name()).long(table.name()).value_name("FILE");
            arg.action(ArgAction::Append).help(table.declaration().help)
        };
        command.args(Table::ALL.iter().map(flag))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

//! `ecrm define`.

use clap::Args;

use super::output;
use crate::config::Config;
use crate::define;
use crate::error::{Error, Result, said};
use crate::locale::{Lang, Words};
use crate::present::sink::Sink;
use crate::schema::meant;

/// Print what a word means here, exactly: a metric, a term, a column, the lists of rules, reasons, fields and presets
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm define              list the names
  ecrm define rfm
  ecrm define net_amount   any column, by its name
  ecrm define 客单价        or by its heading in a table
  ecrm define store        what a store keeps and promises
  ecrm define rfm --lang zh")]
pub struct DefineArgs {
    /// The name; without one all names are listed
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// The language of tables and texts [default: the system's]
    #[arg(long, value_enum, help_heading = "Output")]
    lang: Option<Lang>,
}

impl DefineArgs {
    /// Prints the definition, or the names.
    pub fn run(self) -> Result<()> {
        let lang = output::lang(self.lang, &Config::default());
        let text = match &self.name {
            None => define::list(lang),
            Some(name) => define::find(name, lang)?.ok_or_else(|| unknown(name))?,
        };
        let text = match output::columns() {
            Some(width) => define::fitted(&text, width.into()),
            None => text,
        };
        Sink::Stdout.write_with(|out| out.write_all(text.as_bytes()))
    }
}

fn unknown(name: &str) -> Error {
    let names = define::names();
    let seen = format!("{name:?}");
    // In Chinese, the headings are searched too.
    let headings = define::headings().filter(|_| !name.is_ascii());
    let near = meant(name, names.iter().copied().chain(define::column_names()).chain(headings));
    let (message, hint) = match near {
        Some(near) => said("no_definition_near", &[("name", seen), ("near", near.to_owned())]),
        None => {
            let all = Words::names(names.iter().copied());
            said("no_definition", &[("name", seen), ("names", all.to_string())])
        }
    };
    Error::usage(message, hint)
}

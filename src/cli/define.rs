//! `ecrm define`.

use clap::Args;

use crate::define;
use crate::error::{Error, Result, said};
use crate::locale::Words;
use crate::present::sink::Sink;
use crate::schema::nearest;

/// Print what a word means here, exactly: a metric, a term, a column, the lists of rules, reasons, fields and presets
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm define              list the names
  ecrm define rfm
  ecrm define net_amount   any column, by its name
  ecrm define 客单价        or by its heading in a table
  ecrm define store        what a store keeps and promises")]
pub struct DefineArgs {
    /// The name; without one all names are listed
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

impl DefineArgs {
    /// Prints the definition, or the names.
    pub fn run(self) -> Result<()> {
        let text = match &self.name {
            None => define::list(),
            Some(name) => define::find(name)?.ok_or_else(|| unknown(name))?,
        };
        Sink::Stdout.write_with(|out| out.write_all(text.as_bytes()))
    }
}

fn unknown(name: &str) -> Error {
    let names = define::names();
    let (message, all) = said(
        "no_definition",
        &[("seen", format!("{name:?}")), ("names", Words::names(names.iter().copied()).to_string())],
    );
    let near = nearest(name, names.iter().copied().chain(define::column_names()));
    let near = near.map(|near| Words::of("error", "did_you_mean", &[("near", near.to_owned())]));
    Error::usage(message, near.unwrap_or(all))
}

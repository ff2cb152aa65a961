//! What the commands that look after a store say: lines in the user's language, or JSON.

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::{output, tell};
use crate::config::Config;
use crate::error::Result;
use crate::locale::{Lang, Locale, sentence};
use crate::present::harmless;
use crate::present::sink::Sink;

/// How a reply is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct ReplyArgs {
    /// The format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ReplyFormat::Table)]
    format: ReplyFormat,

    /// The language of the lines [default: the system's]
    #[arg(long, value_enum)]
    lang: Option<Lang>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReplyFormat {
    /// Lines for people
    Table,
    /// One object
    Json,
}

/// Says things in one language.
#[derive(Debug, Clone, Copy)]
pub struct Reply {
    format: ReplyFormat,
    locale: &'static Locale,
}

impl ReplyArgs {
    /// With the configuration.
    pub fn reply(&self, config: &Config) -> Reply {
        Reply { format: self.format, locale: output::lang(self.lang, config).locale() }
    }
}

impl Reply {
    /// A sentence of the translations' `store` section.
    pub fn words(&self, code: &str, values: &[(&str, String)]) -> String {
        self.locale.sentence("store", &sentence(code, values)).into_owned()
    }

    /// Says that another process is changing the store.
    pub fn waiting(&self) {
        self.note("waiting", &[]);
    }

    /// A note on standard error.
    pub fn note(&self, code: &str, values: &[(&str, String)]) {
        tell(&format!("note: {}", self.words(code, values)));
    }

    /// Writes the object, or the lines.
    pub fn write(&self, object: &Value, lines: &[String]) -> Result<()> {
        let text = match self.format {
            ReplyFormat::Json => format!("{object:#}\n"),
            ReplyFormat::Table => lines.iter().map(|line| format!("{}\n", harmless(line))).collect(),
        };
        Sink::Stdout.write_with(|out| out.write_all(text.as_bytes()))
    }
}

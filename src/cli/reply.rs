//! Messages of the commands for stores and hand-kept files: lines in the user's language, or JSON.

use std::path::Path;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::usage::Refused;
use super::{output, voice, worded};
use crate::config::Config;
use crate::error::Result;
use crate::locale::{Lang, Locale, Remark, Words, harmless, sentence};
use crate::present::sink::Sink;
use crate::store::{Notice, Wait};

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

/// How long to wait for another process.
#[derive(Debug, Args)]
pub struct WaitArgs {
    /// Wait at most so long (30s, 10m, 2h) for another process that is changing the store [default: until it is done]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    wait: Option<Duration>,
}

impl WaitArgs {
    /// Runs work that may have to wait for another process; after a moment a message says what it waits for.
    pub fn waiting<T>(&self, reply: Reply, work: impl FnOnce(Wait<'_>) -> T) -> T {
        work(Wait { limit: self.wait, note: &|notice| reply.notice(notice) })
    }
}

/// Prints messages in one language.
#[derive(Debug, Clone, Copy)]
pub struct Reply {
    format: ReplyFormat,
    locale: &'static Locale,
}

impl ReplyArgs {
    /// The language that is asked for.
    pub fn lang(&self) -> Option<Lang> {
        self.lang
    }

    /// A reply with the format of the flags, in the language of the flags or of the configuration.
    pub fn reply(&self, config: &Config) -> Reply {
        Reply { format: self.format, locale: output::lang(self.lang, config).locale() }
    }
}

impl Reply {
    /// A reply in lines of this language.
    pub fn lines(locale: &'static Locale) -> Self {
        Self { format: ReplyFormat::Table, locale }
    }

    /// A sentence from the translations' `store` section.
    pub fn words(&self, code: &str, values: &[(&str, String)]) -> String {
        self.locale.sentence("store", &sentence(code, values)).into_owned()
    }

    /// The translations in use.
    pub fn locale(&self) -> &'static Locale {
        self.locale
    }

    /// Prints a remark on standard error.
    pub fn remark(&self, remark: &Remark) {
        voice::note(&worded(remark, self.locale));
    }

    /// Prints a sentence on standard error.
    pub fn say(&self, sentence: &str) {
        voice::note(sentence);
    }

    /// Prints a note on standard error.
    pub fn note(&self, code: &str, values: &[(&str, String)]) {
        voice::note(&self.words(code, values));
    }

    /// Prints what does not stop a change of a store, or what its readers wait for, on standard error.
    pub fn notice(&self, notice: Notice<'_>) {
        match notice {
            Notice::Waiting(lock, who) => self.waiting(["waiting", "waiting_for"], lock, who),
            Notice::StillRead => self.note("still_read", &[]),
            Notice::Left(file, cause) => {
                let values = [("file", file.display().to_string()), ("cause", cause.to_string())];
                self.note("left_behind", &values);
            }
        }
    }

    /// Says what is waited for: the second sentence if the system tells who holds the lock.
    fn waiting(&self, [key, key_of_whom]: [&str; 2], lock: &Path, who: &str) {
        let file = ("file", lock.display().to_string());
        match who {
            "" => self.note(key, &[file]),
            who => self.note(key_of_whom, &[file, ("who", who.to_owned())]),
        }
    }

    /// Writes what was done; the lines only without `--quiet`.
    pub fn done(&self, object: &Value, lines: &[String]) -> Result<()> {
        match self.format {
            ReplyFormat::Table if voice::is_quiet() => Ok(()),
            _ => self.write(object, lines),
        }
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

/// A whole number of seconds, minutes or hours.
fn parse_duration(text: &str) -> Result<Duration, Refused> {
    let refused = || Refused(Words::of("refused", "duration", &[]));
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return Err(refused()),
    };
    let number: u32 = number.parse().map_err(|_| refused())?;
    Ok(Duration::from_secs(u64::from(number) * seconds))
}

/// Says, in the language of the run, that another process holds a store that is read.
pub fn waiting_for_store(lock: &Path, who: &str) {
    Reply::lines(output::spoken().locale()).notice(Notice::Waiting(lock, who));
}

/// Says, in the language of the run, that another process holds a hand-kept file or a log of messages that will be
/// written.
pub fn waiting_for_hand(lock: &Path, who: &str) {
    let reply = Reply::lines(output::spoken().locale());
    reply.waiting(["waiting_to_write", "waiting_to_write_for"], lock, who);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        for (text, seconds) in [("0s", 0), ("30s", 30), ("10m", 600), ("2h", 7_200)] {
            assert_eq!(parse_duration(text).ok(), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "10", "m", "1.5h", "-1s", "10 m", "1h30m", "99999999999s", "5M", "1d", "１s"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}

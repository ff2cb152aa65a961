//! What the commands for hand-kept files have in common.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use clap::Args;

use super::files::Files;
use super::reply::{self, Reply};
use super::shared::{ListArgs, OutputArgs};
use super::{configuration, output, reading, voice};
use crate::config::{Config, rules};
use crate::disk::sink::Sink;
use crate::error::{Error, Result};
use crate::hand::{Change, Declaration, HandFile};
use crate::locale::Remark;
use crate::parse::value::id::{self, Id};
use crate::present::{Format, Report, Style, Table};
use crate::schema::Day;
use crate::schema::accounting::Accounting;
use crate::schema::reject::Reason;

/// Where the file is, and how what it says is written.
#[derive(Debug, Args)]
pub struct KeptArgs {
    /// The folder of the hand-kept files [default: that of ecrm.toml, else the current one]
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    folder: Option<PathBuf>,

    /// The configuration [default: ecrm.toml here or in a folder above]
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    config: Option<PathBuf>,

    #[command(flatten)]
    output: ListArgs,

    /// Show e-mail addresses and phone numbers in full
    #[arg(long, help_heading = "Output")]
    show_pii: bool,
}

/// The configuration and the language, before files are opened.
pub struct Kept {
    folder: Option<PathBuf>,
    output: OutputArgs,
    /// The configuration.
    pub config: Config,
    /// Prints messages in the user's language.
    pub reply: Reply,
}

/// A run whose output is open.
pub struct Open {
    /// The configuration.
    pub config: Config,
    /// The folder of the hand-kept files.
    pub folder: PathBuf,
    /// The hand-kept file that the command reads or changes.
    pub path: PathBuf,
    /// Prints messages in the user's language.
    pub reply: Reply,
    /// How tables are formatted.
    pub style: Style,
    format: Format,
    sink: Sink,
}

impl KeptArgs {
    /// Finds the configuration.
    pub fn find(&self) -> Result<Kept> {
        let output = self.output.output(None, self.show_pii);
        Kept::new(self.config.as_deref(), self.folder.clone(), output)
    }
}

impl Kept {
    /// The day in a flag, else today in the configuration's zone.
    pub fn day(&self, on: Option<&str>) -> Result<Day> {
        day(on, self.config.read.tz.as_deref().map(rules::zone).transpose()?)
    }

    /// Finds the configuration; `folder` is the folder of hand-kept files that a flag names.
    pub fn new(config: Option<&Path>, folder: Option<PathBuf>, output: OutputArgs) -> Result<Self> {
        let config = configuration::find(config)?;
        let reply = Reply::lines(output::lang(output.lang, &config).locale());
        Ok(Self { folder, output, config, reply })
    }

    /// Opens the output. `further` is another file that is read; `here` is the key of the remark if nobody named the
    /// folder.
    pub fn open(self, declaration: &Declaration, here: &'static str, further: Option<&Path>) -> Result<Open> {
        let Self { folder: named, output, config, reply } = self;
        let folder = folder(named.as_deref(), &config);
        let path = match named {
            Some(_) => declaration.path(&folder),
            None => configuration::hand_file(declaration, &config),
        };
        Files::default()
            .read(config.path.as_deref())
            .read(Some(&path))
            .read(further)
            .configured(&config)
            .write("-o", Some(output.output.as_deref().unwrap_or(Path::new("-"))))
            .check()?;
        let format = output::format(&output, &config)?;
        let (style, sink) = (output::style(&output, format, &config), output::sink(&output)?);
        if style.shows_pii {
            voice::show_pii();
        }
        configuration::note(&config).iter().for_each(|remark| reply.remark(remark));
        if named.is_none() && !config.path.as_deref().is_some_and(Path::is_file) {
            reply.remark(&Remark::new(here).with("file", path.display()));
        }
        voice::detail(&path.display().to_string());
        Ok(Open { config, folder, path, reply, style, format, sink })
    }
}

impl Open {
    /// Changes the command's file and writes the answer; `edit` returns whether it changed anything.
    ///
    /// # Errors
    /// As [`Change`]: if the answer cannot be written, the file stays as it was.
    pub fn change(
        self,
        declaration: &'static Declaration,
        edit: impl FnOnce(&mut HandFile) -> Result<bool>,
        answer: impl FnOnce(Self, &HandFile) -> Result<()>,
    ) -> Result<()> {
        let mut change = Change::begin(declaration, &self.path, false, reply::waiting_for_hand)?;
        let is_changed = edit(&mut change.file)?;
        change.finish(is_changed, |file| answer(self, file))
    }

    /// Prints which rows of a file are left out.
    pub fn say_rejects(&self, file: &HandFile) {
        if let Some(first) = file.rejects.first() {
            let remark = Remark::new("hand_rejects").with("n", file.rejects.len());
            self.reply.remark(&remark.with("place", first.place()));
        }
    }

    /// Writes the report.
    pub fn write(self, report: &Report) -> Result<()> {
        self.format.write(report, &self.style, self.sink)
    }
}

/// The folder of the hand-kept files: from a flag, else from the configuration.
pub fn folder(flag: Option<&Path>, config: &Config) -> PathBuf {
    flag.map_or_else(|| configuration::folder(config), Path::to_owned)
}

/// A report about the content of a hand-kept file.
pub fn report(
    name: &'static str,
    tables: Vec<Table>,
    customer_count: usize,
    accounting: Accounting,
) -> Report {
    Report {
        name,
        customer_count: customer_count as u64,
        accounting,
        tables,
        ids_are_personal: true,
        ..Report::default()
    }
}

/// The row accounting of a file: the rows shown, and those that cannot be read.
pub fn accounting(file: &HandFile, shown: usize) -> Accounting {
    let mut quarantined: BTreeMap<Reason, u64> = BTreeMap::new();
    file.rejects.iter().for_each(|reject| *quarantined.entry(reject.reason).or_default() += 1);
    let (shown, rejected) = (shown as u64, file.rejects.len() as u64);
    Accounting {
        rows_read: shown + rejected,
        rows_used: shown,
        quarantined: quarantined.into_iter().collect(),
        ..Accounting::default()
    }
}

/// An id without the decoration that spreadsheets add.
pub fn customer(id: &str) -> Result<String> {
    match id::parse(id.as_bytes()) {
        Id::Text(text) => Ok(String::from_utf8_lossy(text).into_owned()),
        Id::Null | Id::Masked | Id::StandIn | Id::Rounded => {
            Err(Error::usage_of("note_nobody", &[("id", format!("{id:?}"))]))
        }
    }
}

/// The day in a flag, else today in the shop's zone.
pub fn day(on: Option<&str>, zone: Option<Tz>) -> Result<Day> {
    written(reading::day(on.unwrap_or("today"), zone)?)
}

/// The day, if it can be read again after being written: 1970-01-01 counts as a placeholder.
pub fn written(day: Day) -> Result<Day> {
    match day > Day::EPOCH {
        true => Ok(day),
        false => Err(Error::usage_of("hand_day", &[])),
    }
}

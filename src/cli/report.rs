//! `ecrm report`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::session::{Asking, Head};
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use super::{
    campaign, cohort, interest, migration, output, overview, predict, profile, repurchase, rfm, segment,
    value,
};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::locale::{Lang, harmless};
use crate::metrics::{ScopeRequest, trend};
use crate::page::Logo;
use crate::present::Format;
use crate::questions::report::{Everything, SECTIONS, Section};
use crate::questions::{
    Campaign, Cohort, Migration, Overview, Predict, Products, Region, Repurchase, Segment, Shown,
    Touchpoints, Trend, Value,
};
use crate::schema::Wants;

/// Everything that the inputs allow, as one page with charts for people who look rather than read, or as a workbook
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm report exports/* -o report.html
  ecrm report exports/* --lang zh --title 六月经营周报 --logo logo.png -o june.html
  ecrm report orders.csv --sections overview,segments,due -o short.html
  ecrm report exports/* --as-of today --window 90 -o quarter.html
  ecrm report exports/* -o report.xlsx      every table of the sections, a sheet each

The page is one file that needs no network and runs no script; it can be sent, printed and read on a phone. The \
workbook's first sheet says what the others are and what they rest on. A section is what a command answers as well, over \
inputs that are read once; one whose input is not there says which export it needs. Names and contacts are masked, and \
lists of customers are left to their commands. The same inputs give the same bytes.")]
pub struct ReportArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    page: PageArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Page")]
struct PageArgs {
    /// Write to a file, whole or not at all
    #[arg(short, long, value_name = "FILE.html|FILE.xlsx")]
    output: Option<PathBuf>,

    /// The format [default: by the ending of -o, else html]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<PageFormat>,

    /// Only these sections, in the order of the page
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', help = help_of_sections())]
    sections: Vec<String>,

    /// The title of the page or the workbook
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,

    /// The shop's logo: a PNG, JPEG or SVG file of at most 256 KiB, which becomes part of the page
    #[arg(long, value_name = "FILE")]
    logo: Option<PathBuf>,

    /// The language of the page or the workbook [default: the system's]
    #[arg(long, value_enum)]
    lang: Option<Lang>,

    /// Keep the names of csv and json (headings, sheets, labels) in a workbook
    #[arg(long)]
    keys: bool,

    /// Write what it rests on (inputs with digests, parameters, row accounting) to a JSON file
    #[arg(long, value_name = "FILE.json")]
    manifest: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PageFormat {
    /// One HTML file
    Html,
    /// Excel workbook, a sheet per table
    Xlsx,
}

/// The help text of `--sections`.
fn help_of_sections() -> String {
    let names: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
    format!("Only these sections, of {} [default: all]", names.join(", "))
}

impl ReportArgs {
    /// Reads the inputs, answers the sections, and writes the page or the workbook.
    pub fn run(self) -> Result<()> {
        let Self { input, scope, page } = &self;
        output::lang(page.lang, &Config::default());
        let format = page.format()?;
        let output = page.output(format);
        let asking = Asking::open_with(input, scope, &output, |files| files.read(page.logo.as_deref()))?;
        let sections = page.sections()?;
        let title = page.title.clone().filter(|title| !title.trim().is_empty());
        let all = everything(asking.config(), asking.request(), scope.window)?;
        if format == PageFormat::Xlsx {
            return write_workbook(asking, "report", &all, &sections, title.as_deref());
        }
        let head = Head { title, logo: page.logo.as_deref().map(Logo::read).transpose()? };
        asking.session("report", wants(&all, &sections))?.write_page(&all, &sections, head)
    }
}

/// Reads the inputs and writes a workbook with every table of these sections.
pub fn write_workbook(
    asking: Asking<'_>,
    name: &'static str,
    all: &Everything,
    sections: &[&'static Section],
    title: Option<&str>,
) -> Result<()> {
    asking.session(name, wants(all, sections))?.write_workbook(all, sections, title)
}

/// Everything that these sections need to be read.
fn wants(all: &Everything, sections: &[&'static Section]) -> Wants {
    sections.iter().fold(Wants::default(), |wants, section| wants.and(&section.wants(all)))
}

impl PageArgs {
    /// The common output flags of a report: for people, in their language.
    fn output(&self, format: PageFormat) -> OutputArgs {
        let format = match format {
            PageFormat::Html => Format::Markdown,
            PageFormat::Xlsx => Format::Xlsx,
        };
        OutputArgs {
            format: Some(format),
            output: self.output.clone(),
            limit: None,
            table: None,
            lang: self.lang,
            show_pii: false,
            keys: self.keys,
            bom: false,
            manifest: self.manifest.clone(),
        }
    }

    /// The sections that are asked for, each once, in the order of the page.
    fn sections(&self) -> Result<Vec<&'static Section>> {
        let named = self.sections.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
        let named: Vec<&Section> = named.map(Section::of_name).collect::<Result<_>>()?;
        let is_asked =
            |section: &&Section| named.is_empty() || named.iter().any(|asked| asked.name == section.name);
        Ok(SECTIONS.iter().filter(is_asked).collect())
    }

    /// The format from the flag or the file's ending. A file with another ending is refused, and so is a page on a
    /// terminal.
    fn format(&self) -> Result<PageFormat> {
        let ending =
            self.output.as_deref().and_then(Path::extension).map(|ending| ending.to_ascii_lowercase());
        let format = match (self.format, ending) {
            (Some(format), _) => format,
            (None, None) if self.output.is_none() && std::io::stdout().is_terminal() => {
                return Err(Error::usage_of("page_terminal", &[]));
            }
            (None, None) => PageFormat::Html,
            (None, Some(ending)) if ending == "html" || ending == "htm" => PageFormat::Html,
            (None, Some(ending)) if ending == "xlsx" => PageFormat::Xlsx,
            (None, Some(ending)) => {
                let ending = harmless(&ending.to_string_lossy()).into_owned();
                return Err(Error::usage_of("page_ending", &[("ending", ending)]));
            }
        };
        match format {
            PageFormat::Html if self.keys => Err(Error::usage_of("keys_for_people", &[])),
            PageFormat::Xlsx if self.logo.is_some() => Err(Error::usage_of("logo_in_workbook", &[])),
            _ => Ok(format),
        }
    }
}

/// All questions, with the settings of the configuration.
pub fn everything(config: &Config, request: &ScopeRequest, window: Option<u32>) -> Result<Everything> {
    let (churn, due_days, weight) = repurchase::params_of(config)?;
    let (segments, value) = (segment::params_of(config)?, value::params_of(config)?);
    let forecast = predict::params_of(config);
    let repurchase = |show| Repurchase { show, churn, segments, value };
    Ok(Everything {
        overview: Overview { params: overview::params_of(config, window, request.window) },
        trend: Trend { by: trend::By::Month },
        segment: Segment { params: segments, lists: false },
        migration: Migration { params: migration::params_of(config)?, lists: false },
        groups: rfm::question_of(config, true)?,
        scores: rfm::question_of(config, false)?,
        repurchase: repurchase(Shown::Curve(None)),
        due: repurchase(Shown::Due { due_days, weight, holdout: None }),
        cohort: Cohort { by: cohort::period_of(config), show: None, value, sales: Vec::new() },
        interest: interest::question_of(config, window),
        region: Region { level: config.region.level, by: None },
        profile: profile::question_of(config)?,
        value: Value { params: value, lists: false },
        products: Products { min_count: config.products.min_count },
        predict: Predict { params: forecast, holdout: Some(forecast.horizon) },
        touchpoints: Touchpoints::default(),
        campaign: Campaign { params: campaign::params_of(config)?, lists_not_joined: false },
    })
}

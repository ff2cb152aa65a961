//! The command line: one file per command, each a struct of arguments and a short `run`.

use std::ffi::OsString;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::error::{Error, Result};
use crate::locale::{LANGUAGES, Locale, Remark, harmless, sentence};
use crate::masks::masked;

mod audience;
mod campaign;
mod care;
mod check;
mod cohort;
mod completions;
mod configuration;
mod customers;
mod cuts;
mod define;
mod engine;
mod everybody;
mod explain;
mod export;
mod files;
mod first_look;
mod identity;
mod import;
mod init;
mod interest;
mod kept;
mod manifest;
mod migration;
mod note;
mod on_engine;
mod output;
mod overview;
mod people;
mod plan;
mod predict;
mod products;
mod profile;
mod progress;
mod reading;
mod refusal;
mod region;
mod rejects;
mod reply;
mod report;
mod repurchase;
mod rfm;
mod segment;
mod session;
mod shared;
mod source;
mod sources;
mod sql;
mod standard_input;
mod statuses;
mod store;
mod tables;
mod tag;
mod touchpoints;
mod trend;
mod usage;
mod value;
mod voice;

use first_look::FirstLook;
use voice::tell;
pub use voice::tell_error;

/// Customer analytics for online shops: point it at the files the shop's platform exports.
#[derive(Debug, Parser)]
#[command(name = "ecrm", version = env!("ECRM_VERSION"), propagate_version = true, max_term_width = 100)]
#[command(after_help = "Examples:
  ecrm exports/*                          a first look: what the files are, who the customers are, what to type next
  ecrm segment orders.csv                 who the customers are, what to do
  ecrm rfm orders.csv --window 365        RFM scores over the last year
  ecrm customers exports/* --where \"order_count >= 2\"   who they are, one by one
  ecrm note 1001 'allergic to nuts'       what the shop's people know of somebody
  ecrm identity exports/*.csv             whose customer ids are one person's
  ecrm tag add vip --customer 1001        a tag, which every --where can ask for
  ecrm overview exports/*.csv             the shop's first page
  ecrm trend orders.csv                   new and returning customers by month
  ecrm migration orders.csv               who moved from which segment into which
  ecrm report exports/* -o report.html    everything, as one page with charts
  ecrm repurchase orders.csv --due        whose next order is due
  ecrm predict orders.csv --horizon 90    who will buy, how often, for how much
  ecrm care exports/* -o today.csv        who is owed which message or gift
  ecrm campaign sends.csv orders.csv      what sent messages brought
  ecrm check exports/*                    what the files are good for
  ecrm audience exports/* --campaign june --channel sms -o june.csv   whom to send a message
  ecrm touchpoints exports/*              who can be reached, in which way
  ecrm region orders.csv                  where orders go, by province
  ecrm rfm exports/*.csv.gz -o rfm.csv    several exports, one answer
  cat orders.csv | ecrm segment           from a pipe
  ecrm import new.csv --store shop        keep them, so that daily runs are quick
  ecrm rfm shop                           from the store
  ecrm export shop -o tables              as tables that a cluster reads")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    voice: Voice,
}

/// How much is said beside the result, and on how many threads.
#[derive(Debug, Args)]
pub(crate) struct Voice {
    /// Threads to use; the result does not depend on it [default: one per core]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "General")]
    threads: Option<u16>,

    /// Say more beside the result: how inputs were read, where every row went, what was written
    #[arg(short, long, global = true, help_heading = "General")]
    verbose: bool,

    /// Say nothing but errors beside the result
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "General")]
    quiet: bool,

    /// Whether tables on standard output and help are coloured: always, never, or auto, which is on a terminal that has
    /// colours and wherever CLICOLOR_FORCE is set, but not where NO_COLOR is [default: auto]
    #[arg(long, global = true, value_enum, value_name = "WHEN", help_heading = "General")]
    color: Option<clap::ColorChoice>,
}

impl Voice {
    /// Sets how much is printed beside the result, and in which colours.
    fn set(&self) {
        voice::set(self.quiet, self.verbose);
        output::paint(self.color);
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    Customers(customers::CustomersArgs),
    Note(note::NoteArgs),
    Identity(identity::IdentityArgs),
    Tag(tag::TagArgs),
    Source(source::SourceArgs),
    Segment(segment::SegmentArgs),
    Rfm(rfm::RfmArgs),
    Overview(overview::OverviewArgs),
    Report(report::ReportArgs),
    Interest(interest::InterestArgs),
    Repurchase(repurchase::RepurchaseArgs),
    Predict(predict::PredictArgs),
    Region(region::RegionArgs),
    Profile(profile::ProfileArgs),
    Value(value::ValueArgs),
    Cohort(cohort::CohortArgs),
    Migration(migration::MigrationArgs),
    Trend(trend::TrendArgs),
    Products(products::ProductsArgs),
    Campaign(campaign::CampaignArgs),
    Audience(audience::AudienceArgs),
    Touchpoints(touchpoints::TouchpointsArgs),
    Sources(sources::SourcesArgs),
    Care(care::CareArgs),
    Check(check::CheckArgs),
    Import(import::ImportArgs),
    Export(export::ExportArgs),
    Sql(sql::SqlArgs),
    Engine(engine::EngineArgs),
    Store(store::StoreArgs),
    Init(init::InitArgs),
    Define(define::DefineArgs),
    Completions(completions::CompletionsArgs),
    Man(completions::ManArgs),
    /// Files without a command: a first look at them.
    #[command(external_subcommand)]
    Files(Vec<OsString>),
}

/// A remark as a sentence.
fn worded(remark: &Remark, locale: &Locale) -> String {
    // Joins lists in a value in the way of the sentence's language.
    let value =
        |text: &String| text.split(LANGUAGES).map(harmless).collect::<Vec<_>>().join(&LANGUAGES.to_string());
    // A quoted cell may be somebody's phone number in the wrong column.
    let shown = |name: &str, text: &String| match name {
        "example" => masked(&value(text), false).into_owned(),
        "dimensions" => {
            let names: Vec<&str> = text.split(", ").map(|name| locale.get("dimension", name)).collect();
            names.join(locale.get("text", "listed"))
        }
        _ => value(text),
    };
    let values: Vec<(&str, String)> =
        remark.values.iter().map(|(name, text)| (*name, shown(name, text))).collect();
    let sentence = sentence(remark.code, &values);
    locale.sentence("finding", &sentence).trim_end_matches(['.', '。']).to_owned()
}

/// What the command line of this process asks to do.
#[derive(Debug)]
pub enum Asked {
    /// A command.
    Command(Box<Cli>),
    /// A first look at files.
    FirstLook(Box<FirstLook>),
}

impl Asked {
    /// Parses the command line of this process. If that fails, or if help or the version was asked for, the message is
    /// printed, with control characters escaped, and the process ends.
    pub fn from_process() -> Result<Self> {
        // Errors before a command knows its language are printed in the language of the command line.
        output::speak(usage::lang(std::env::args_os()));
        let words: Vec<OsString> = std::env::args_os().collect();
        let mut names: Vec<String> =
            Cli::command().get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
        // clap adds this command later.
        names.push("help".to_owned());
        let cli: Cli = match Cli::try_parse_from(&words) {
            Ok(cli) => cli,
            // The flags of a first look come before its files, or there are no files because they come from a pipe.
            Err(error) if error.use_stderr() && first_look::is_meant(&words, &names)? => {
                return Ok(Self::FirstLook(Box::new(usage::parsed(words))));
            }
            Err(_) => usage::parsed(words.clone()),
        };
        let Command::Files(files) = &cli.command else { return Ok(Self::Command(Box::new(cli))) };
        first_look::require_a_file(&files[0], &names)?;
        // Flags before the files count like those behind them.
        Ok(Self::FirstLook(Box::new(usage::parsed(words))))
    }

    /// The number of threads, if the user gave one.
    pub fn threads(&self) -> Option<u16> {
        match self {
            Self::Command(cli) => cli.voice.threads,
            Self::FirstLook(look) => look.voice.threads,
        }
    }

    /// Runs it.
    pub fn run(self) -> Result<()> {
        match self {
            Self::Command(cli) => cli.run(),
            Self::FirstLook(look) => {
                look.voice.set();
                look.run()
            }
        }
    }
}

impl Cli {
    /// Runs the command.
    fn run(self) -> Result<()> {
        self.voice.set();
        match self.command {
            // Files without a command are recognised when the command line is parsed.
            Command::Files(_) => Err(Error::Internal("files that were not looked at".into())),
            Command::Customers(args) => args.run(),
            Command::Note(args) => args.run(),
            Command::Identity(args) => args.run(),
            Command::Tag(args) => args.run(),
            Command::Source(args) => args.run(),
            Command::Segment(args) => args.run(),
            Command::Rfm(args) => args.run(),
            Command::Overview(args) => args.run(),
            Command::Report(args) => args.run(),
            Command::Interest(args) => args.run(),
            Command::Repurchase(args) => args.run(),
            Command::Predict(args) => args.run(),
            Command::Region(args) => args.run(),
            Command::Profile(args) => args.run(),
            Command::Value(args) => args.run(),
            Command::Cohort(args) => args.run(),
            Command::Migration(args) => args.run(),
            Command::Trend(args) => args.run(),
            Command::Products(args) => args.run(),
            Command::Campaign(args) => args.run(),
            Command::Audience(args) => args.run(),
            Command::Touchpoints(args) => args.run(),
            Command::Sources(args) => args.run(),
            Command::Care(args) => args.run(),
            Command::Check(args) => args.run(),
            Command::Import(args) => args.run(),
            Command::Export(args) => args.run(),
            Command::Sql(args) => args.run(),
            Command::Engine(args) => args.run(),
            Command::Store(args) => args.run(),
            Command::Init(args) => args.run(),
            Command::Define(args) => args.run(),
            Command::Completions(args) => args.run(),
            Command::Man(args) => args.run(),
        }
    }
}

//! `ecrm rfm`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::cuts::{self, Frozen};
use super::on_engine::ListEngineArgs;
use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::{Config, rules};
use crate::engine::{self, Dialect, Statement};
use crate::error::{Error, Result};
use crate::locale::{Lang, Remark, Words, harmless};
use crate::metrics::group_map::{GroupMap, GroupRule};
use crate::metrics::rfm::{Cuts, Grouping, Means, RfmParams, Scoring};
use crate::present::sink::Sink;
use crate::questions::{Question, Rfm};

/// RFM scores of every buyer (recency, frequency, monetary), and their groups
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm rfm orders.csv --window 365
  ecrm rfm orders.csv --summary --groups eight
  ecrm rfm may.csv --save-cuts cuts.toml && ecrm rfm june.csv --cuts cuts.toml
  ecrm rfm orders.csv --method fixed --r-cuts 30,90,180,365 --f-cuts 1,2,3,5 --m-cuts 100,300,800,2000

The result is one table, `customers`; with --summary it is `groups`.")]
pub struct RfmArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    scoring: ScoringArgs,
    #[command(flatten)]
    engine: ListEngineArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Scores and groups")]
struct ScoringArgs {
    /// One row per group instead of one per customer
    #[arg(long)]
    summary: bool,

    /// List the customers, one per row; so it is without --summary too
    #[arg(long, conflicts_with = "summary")]
    list: bool,

    /// How scores are given [default: quantile]
    #[arg(long, value_enum)]
    method: Option<Method>,

    /// The highest score, 3 to 10 [default: 5]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(rules::BINS.signed()))]
    bins: Option<u8>,

    /// Score by the cut points of this file, as --save-cuts wrote it, so that months compare
    #[arg(long, value_name = "FILE", conflicts_with_all = ["method", "r_cuts", "f_cuts", "m_cuts"])]
    cuts: Option<PathBuf>,

    /// Write the cut points of this run to a file
    #[arg(long, value_name = "FILE")]
    save_cuts: Option<PathBuf>,

    /// Cut points of the recency in days, for --method fixed
    #[arg(long, value_name = "DAYS,…", value_delimiter = ',')]
    r_cuts: Option<Vec<String>>,

    /// Cut points of the order count, for --method fixed
    #[arg(long, value_name = "ORDERS,…", value_delimiter = ',')]
    f_cuts: Option<Vec<String>>,

    /// Cut points of the net amount, for --method fixed
    #[arg(long, value_name = "AMOUNT,…", value_delimiter = ',')]
    m_cuts: Option<Vec<String>>,

    /// The groups: ten of the R×F grid, the eight types of R, F, M high or low, or one's own of ecrm.toml
    /// [default: custom where ecrm.toml has [[rfm.group]], else standard]
    #[arg(long, value_enum)]
    groups: Option<Groups>,
}

/// The parameters that flags and configuration give together.
struct Resolved {
    params: RfmParams,
    /// The means stored in the file of cut points.
    means: Option<Means>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Method {
    /// By the quantiles of this shop's buyers; equal values score equally
    Quantile,
    /// By rank, in parts of equal size
    Ntile,
    /// By given cut points
    Fixed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Groups {
    /// Champions, loyal, potential loyal, new, promising …
    Standard,
    /// 重要价值, 重要发展, 重要保持, 重要挽留 and their 一般 counterparts
    Eight,
    /// The [[rfm.group]] tables of ecrm.toml
    Custom,
}

impl RfmArgs {
    /// Reads the inputs, scores the customers, and writes the answer.
    pub fn run(self) -> Result<()> {
        let (asking, question, means) = self.asked()?;
        if self.engine.is_given() {
            return match self.scoring.save_cuts {
                Some(_) => Err(engine::not_there(Rfm::ABOUT.name, "--save-cuts")),
                None => self.engine.ask(asking, &question),
            };
        }
        let save = self.scoring.save_cuts.as_deref().map(Sink::file).transpose()?;
        asking.ask_then(&question, |asked| {
            let (mut answer, scores) = question.scored(asked)?;
            match (save, &scores.cuts) {
                (Some(sink), Some(cuts)) => {
                    let means = means.map_or_else(|| scores.means(), |means| Ok(Some(means)))?;
                    let frozen = Frozen { cuts: cuts.clone(), bins: question.params.bins, means };
                    cuts::write_cuts(sink, &frozen)?;
                }
                (Some(_), None) => answer.notes.insert(0, Remark::new("no_cuts")),
                (None, _) => {}
            }
            Ok(answer)
        })
    }

    /// The statements that ask an engine the same question.
    pub fn sql(&self, dialect: Dialect) -> Result<Vec<Statement>> {
        let (asking, question, _) = self.asked()?;
        asking.statements(&question, dialect)
    }

    /// The question, and the means stored in the file of cut points.
    fn asked(&self) -> Result<(Asking<'_>, Rfm, Option<Means>)> {
        let scoring = &self.scoring;
        let asking = Asking::open_with(&self.input, &self.scope, &self.output, |files| {
            files.read(scoring.cuts.as_deref()).write("--save-cuts", scoring.save_cuts.as_deref())
        })?;
        let Resolved { params, means } = scoring.resolve(asking.config())?;
        let (method, groups) = scoring.names(&params);
        Ok((asking, Rfm { params, sums_up: scoring.summary, method, groups }, means))
    }
}

/// The parameters of the configuration.
pub fn params_of(config: &Config) -> Result<RfmParams> {
    Ok(ScoringArgs::default().resolve(config)?.params)
}

/// The question of the configuration: the groups if `sums_up`, else the scores of each customer.
pub fn question_of(config: &Config, sums_up: bool) -> Result<Rfm> {
    let scoring = ScoringArgs::default();
    let params = scoring.resolve(config)?.params;
    let (method, groups) = scoring.names(&params);
    Ok(Rfm { params, sums_up, method, groups })
}

impl ScoringArgs {
    fn resolve(&self, config: &Config) -> Result<Resolved> {
        let file = &config.rfm;
        let method = match (self.method, &file.method) {
            (Some(method), _) => method,
            (None, Some(name)) => choice(name, "method", config)?,
            (None, None) => Method::Quantile,
        };
        let mut bins = self.bins.or(file.bins);
        let mut means = None;
        let scoring = if let Some(path) = &self.cuts {
            let Frozen { cuts, bins: saved_bins, means: saved_means } = cuts::read_cuts(path)?;
            means = saved_means;
            if bins.is_some_and(|bins| bins != saved_bins) {
                return Err(Error::usage_of(
                    "cuts_for_bins",
                    &[file_of(path), ("bins", saved_bins.to_string())],
                ));
            }
            bins = Some(saved_bins);
            Scoring::Cuts(cuts)
        } else {
            match method {
                Method::Quantile => Scoring::Quantile,
                Method::Ntile => Scoring::Ntile,
                Method::Fixed => Scoring::Cuts(Cuts {
                    r: cuts::given("r", self.r_cuts.as_ref().or(file.r_cuts.as_ref()))?,
                    f: cuts::given("f", self.f_cuts.as_ref().or(file.f_cuts.as_ref()))?,
                    m: cuts::given("m", self.m_cuts.as_ref().or(file.m_cuts.as_ref()))?,
                }),
            }
        };
        if method != Method::Fixed
            && [&self.r_cuts, &self.f_cuts, &self.m_cuts].iter().any(|cuts| cuts.is_some())
        {
            return Err(Error::usage_of("cuts_unused", &[]));
        }
        if self.save_cuts.is_some() && scoring == Scoring::Ntile {
            return Err(Error::usage_of("cuts_of_ranks", &[]));
        }
        let bins = bins.unwrap_or(5);
        if let Scoring::Cuts(cuts) = &scoring {
            let given = [&self.r_cuts, &self.f_cuts, &self.m_cuts];
            let is_from_file =
                self.cuts.is_none() && self.bins.is_none() && given.iter().all(|cuts| cuts.is_none());
            cuts.check(bins).map_err(|error| if is_from_file { config.blame(error) } else { error })?;
        }
        let mut grouping = self.grouping(bins, config)?;
        if let (Grouping::Eight(given), Some(path)) = (&mut grouping, &self.cuts) {
            *given = Some(means.ok_or_else(|| Error::usage_of("no_means", &[file_of(path)]))?);
        }
        Ok(Resolved { params: RfmParams { scoring, bins, grouping }, means })
    }

    fn grouping(&self, bins: u8, config: &Config) -> Result<Grouping> {
        let own = &config.rfm.group;
        let groups = match (self.groups, &config.rfm.groups) {
            (Some(groups), _) => groups,
            (None, Some(name)) => choice(name, "groups", config)?,
            (None, None) if own.is_empty() => Groups::Standard,
            (None, None) => Groups::Custom,
        };
        Ok(match groups {
            Groups::Standard => Grouping::Map(GroupMap::standard(bins)),
            Groups::Eight => Grouping::Eight(None),
            Groups::Custom => Grouping::Map(GroupMap::custom(own, bins, &config.name())?),
        })
    }

    /// The names of the method and the groups.
    fn names(&self, params: &RfmParams) -> (&'static str, &'static str) {
        let method = match &params.scoring {
            Scoring::Quantile => "quantile",
            Scoring::Ntile => "ntile",
            Scoring::Cuts(_) if self.cuts.is_some() => "cuts",
            Scoring::Cuts(_) => "fixed",
        };
        let groups = match &params.grouping {
            Grouping::Eight(_) => "eight",
            Grouping::Map(map) if *map == GroupMap::standard(params.bins) => "standard",
            Grouping::Map(_) => "custom",
        };
        (method, groups)
    }
}

/// A choice made in the configuration.
fn choice<T: ValueEnum>(name: &str, key: &str, config: &Config) -> Result<T> {
    T::from_str(name, false).map_err(|_| {
        let right = T::value_variants().iter().filter_map(|v| v.to_possible_value());
        let right = Words::names(right.map(|v| v.get_name().to_owned()));
        let values = [("key", key.to_owned()), ("seen", format!("{name:?}")), ("names", right.to_string())];
        Error::config_of(config.name(), "rfm_choice", &values)
    })
}

/// A value for a message: the name of a file.
fn file_of(path: &Path) -> (&'static str, String) {
    ("file", harmless(&path.display().to_string()).into_owned())
}

/// The user's own names of groups, in a language.
pub fn titles(config: &Config, lang: Lang) -> Vec<(&'static str, String, String)> {
    let title =
        |group: &GroupRule| Some(("rfm_group", group.key.clone(), group.title.get(lang.code())?.clone()));
    config.rfm.group.iter().filter_map(title).collect()
}

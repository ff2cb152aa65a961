//! `ecrm campaign`.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};

use super::on_engine::ListEngineArgs;
use super::plan::PlanArgs;
use super::segment;
use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::{Config, rules};
use crate::engine::{Dialect, Statement};
use crate::error::{Error, Result};
use crate::metrics::campaign::{By, CampaignParams, Plan, Standing, WITHIN_DAYS};
use crate::questions::Campaign;

/// What sent campaigns brought: those who were sent to against those who were held out
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  ecrm campaign plan june                                before it: the lists to pull, day by day
  ecrm campaign sends.csv orders.csv                     every campaign in the sends
  ecrm campaign exports/* --campaign june --within 14
  ecrm campaign exports/* --campaign june --by segment   for whom it worked
  ecrm campaign exports/* --campaign june --not-joined -o second_notice.csv
  ecrm campaign exports/* --global                       all campaigns, against the standing holdout
  ecrm campaign s3a://shop/tables --engine sc://spark.example.com:15002

Sends have a row per customer and message, and one for each customer who was held out, whose arm says `control`. The \
tables are `arms` (the main one), `reading` (what each treatment comes to, in a sentence), `lift`, `groups` with --by, \
`validity`, `customers` and `products`; with --not-joined there is one, `not_joined`. --window N shows the campaigns \
that began in the last N days. A cluster (--engine) knows neither --global nor --by province. `ecrm define campaign` \
says how orders are counted and arms compared.")]
pub struct CampaignArgs {
    #[command(subcommand)]
    command: Option<CampaignCommand>,
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: CampaignQuestion,
    #[command(flatten)]
    engine: ListEngineArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Subcommand)]
enum CampaignCommand {
    Plan(Box<PlanArgs>),
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Campaign")]
struct CampaignQuestion {
    /// Only this campaign; its days, its holdout and the cost of a message come from [[campaign]] of ecrm.toml
    #[arg(long, value_name = "ID")]
    campaign: Option<String>,

    /// Days after a customer's first message within which orders count [default: of [[campaign]], else 7]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(rules::DAYS.signed()), conflicts_with = "global")]
    within: Option<u32>,

    /// The effect in groups of customers, as they were when the first message was sent
    #[arg(long, value_enum)]
    by: Option<By>,

    /// List those who were sent something and have not ordered, for a second notice
    #[arg(long, conflicts_with_all = ["by", "global"])]
    not_joined: bool,

    /// Compare all who had bought before [holdout] began with those of them whom no campaign reaches
    #[arg(long, conflicts_with = "campaign")]
    global: bool,
}

impl CampaignArgs {
    /// Reads the inputs, compares those who were sent to with those who were held out, and writes the answer.
    pub fn run(self) -> Result<()> {
        if let Some(CampaignCommand::Plan(plan)) = self.command {
            return plan.run();
        }
        let (asking, question) = self.asked()?;
        self.engine.ask(asking, &question)
    }

    /// The statements that ask an engine the same question.
    pub fn sql(&self, dialect: Dialect) -> Result<Vec<Statement>> {
        if self.command.is_some() {
            return Err(Error::usage_of("engine_question", &[("command", "campaign plan".to_owned())]));
        }
        let (asking, question) = self.asked()?;
        asking.statements(&question, dialect)
    }

    fn asked(&self) -> Result<(Asking<'_>, Campaign)> {
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let (question, config) = (&self.question, asking.config());
        if question.global && question.by == Some(By::Channel) {
            return Err(Error::usage_of("global_by_channel", &[]));
        }
        let params = CampaignParams {
            campaign: question.campaign.clone(),
            within_days: question.within,
            by: question.by,
            global: question.global.then(|| standing(config)).transpose()?,
            ..params_of(config)?
        };
        let (of_effect, not_joined) = Campaign::TABLES.split_at(Campaign::TABLES.len() - 1);
        let tables = if question.not_joined { not_joined } else { of_effect };
        Ok((asking.of_tables(tables), Campaign { params, lists_not_joined: question.not_joined }))
    }
}

/// The parameters for every campaign, as the configuration plans it.
pub fn params_of(config: &Config) -> Result<CampaignParams> {
    Ok(CampaignParams {
        campaign: None,
        within_days: None,
        usual_within_days: WITHIN_DAYS,
        plans: plans(config),
        by: None,
        segments: segment::params_of(config)?,
        global: None,
        has_products: false,
    })
}

/// The plan of each campaign in `[[campaign]]`.
fn plans(config: &Config) -> BTreeMap<String, Plan> {
    let plan = |campaign: &crate::config::Campaign| Plan {
        within_days: campaign.within,
        cost_per_message: campaign.cost_per_message,
        holdout: campaign.holdout,
        days: (campaign.starts_on, campaign.ends_on),
    };
    config.campaign.iter().map(|campaign| (campaign.id.clone(), plan(campaign))).collect()
}

/// The standing holdout of `[holdout]`, which must have a share and a first day.
fn standing(config: &Config) -> Result<Standing> {
    let holdout = &config.holdout;
    match (holdout.share.filter(|share| *share > 0), holdout.from) {
        (Some(share), Some(from)) => Ok(Standing { share, from, to: holdout.to }),
        _ => Err(Error::usage_of("no_standing_holdout", &[])),
    }
}

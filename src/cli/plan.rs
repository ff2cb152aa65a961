//! `ecrm campaign plan`.

use std::path::Path;

use clap::Args;

use super::audience::no_channel;
use super::everybody::with_people;
use super::output;
use super::session::Asking;
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::{Config, campaigns};
use crate::customers::Where;
use crate::error::{Error, Result};
use crate::parse::source::Place;
use crate::questions::SalePlan;
use crate::schema::Table;
use crate::text::shell_word;

/// The calendar of a sale, as lists to pull: care, notice, interaction, reminders to pay, second notice, thanks
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm campaign plan june                     with the files that ecrm.toml names
  ecrm campaign plan june exports/* -o june.xlsx

The campaign and its first day stand in ecrm.toml, under [[campaign]]. The result is one table, `plan`: the day, the step, \
what it is for, the command to type, and of how many customers its condition is true today, where that can be known. What is \
pulled and sent is recorded, so that `ecrm campaign` says what the sale brought.")]
pub struct PlanArgs {
    /// The campaign, by its id in ecrm.toml
    #[arg(value_name = "ID")]
    campaign: String,

    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl PlanArgs {
    /// Reads the inputs, counts the customers of each step, and writes the plan.
    pub fn run(self) -> Result<()> {
        // The commands in the plan would not apply it.
        let condition = self.scope.condition.is_some().then_some("--where");
        let given = self.input.reading_flags().chain(self.scope.order_flags()).chain(condition);
        if let Some(flag) = given.chain(self.input.tz.is_some().then_some("--tz")).next() {
            output::lang(self.output.lang, &Config::default());
            return Err(Error::usage_of("plan_flag", &[("flag", flag.to_owned())]));
        }
        let asking = Asking::open(&self.input, &self.scope, &self.output)?;
        let plan = self.plan(asking.config())?;
        let campaign = asking.config().campaign_named(&self.campaign).cloned().unwrap_or_default();
        // The commands in the plan will create the log.
        let asking = asking.begins(Some(Path::new(&plan.log)));
        // The commands in the plan could not read standard input again, so it is not waited for either.
        let names_stdin = self.inputs().iter().any(|(_, name)| name == "-");
        if names_stdin {
            return Err(Error::usage_of("plan_pipe", &[]));
        }
        let session = asking.session(SalePlan::ABOUT.name, plan.wants()?)?;
        match session.passing_input().map(|input| (&input.place, input.name())) {
            None => {}
            Some((Place::Stdin, _)) => return Err(Error::usage_of("plan_pipe", &[])),
            Some((_, name)) => return Err(Error::usage_of("plan_stream", &[("name", shell_word(&name))])),
        }
        with_people(session, &SalePlan::ABOUT, plan.wished()?.needs(), |session, ground, read| {
            if let Some(condition) = &campaign.condition {
                let blamed = |error| session.config.blame_campaign(&campaign, error);
                Where::parse(condition, true).and_then(|own| own.check(ground)).map_err(blamed)?;
            }
            session.write(read.sources, read.ids_are_personal, plan.answer(ground)?)
        })
    }

    fn plan(&self, config: &Config) -> Result<SalePlan> {
        let campaign =
            config.campaign_named(&self.campaign).ok_or_else(|| unknown(&self.campaign, config))?;
        let starts_on = campaign.starts_on.ok_or_else(|| {
            Error::config_of(config.name(), "plan_no_day", &[("id", format!("{:?}", self.campaign))])
        })?;
        if campaign.channel.is_none() {
            return Err(no_channel(config));
        }
        let own_log = config.inputs.of(Table::Sends).iter().find(|name| !name.contains(['*', '?', '[']));
        Ok(SalePlan {
            campaign_id: campaign.id.clone(),
            starts_on,
            ends_on: campaign.ends_on.unwrap_or(starts_on).max(starts_on),
            condition: campaign.condition.clone(),
            inputs: self.inputs(),
            log: own_log.map_or_else(
                || campaigns::LOG.to_owned(),
                |name| config.resolved(std::slice::from_ref(name)).swap_remove(0),
            ),
        })
    }
}

impl PlanArgs {
    /// The inputs as flags and files.
    fn inputs(&self) -> Vec<(Option<String>, String)> {
        let files = self.input.files.iter().map(|name| (None, name.clone()));
        let of_table = |(table, names): (Table, &[String])| {
            let flag = format!("--{}", table.name());
            names.iter().map(move |name| (Some(flag.clone()), name.clone())).collect::<Vec<_>>()
        };
        let config = self.input.config.iter();
        let config = config.map(|path| (Some("--config".to_owned()), path.display().to_string()));
        files.chain(self.input.tables.iter().flat_map(of_table)).chain(config).collect()
    }
}

/// The error if the configuration has no such campaign.
fn unknown(id: &str, config: &Config) -> Error {
    let ids: Vec<&str> = config.campaign.iter().map(|campaign| campaign.id.as_str()).collect();
    let key = if ids.is_empty() { "plan_no_campaigns" } else { "plan_no_campaign" };
    Error::usage_of(key, &[("id", format!("{id:?}")), ("ids", ids.join(", "))])
}

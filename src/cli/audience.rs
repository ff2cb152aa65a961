//! `ecrm audience`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::everybody::with_people;
use super::output;
use super::session::{Asking, Log};
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::config::{Campaign, Config, campaigns, rules};
use crate::customers::reach::Way;
use crate::customers::{self, Ground, OrderBy};
use crate::error::{Error, Result};
use crate::locale::Remark;
use crate::questions::{Audience, On, Pulled};
use crate::reading::sends_log::{self, Entry, Mailing};
use crate::schema::Day;

/// A list to send one message to: without those who must not get it, and with a control group to measure it by
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm audience exports/* --campaign june --channel sms --where \"order_count >= 2\" --holdout 10% -o june.csv
  ecrm audience exports/* --campaign june --channel email --discount --sort \"net_amount desc\" --max 5000
  ecrm audience exports/* --campaign june --channel sms --columns name,province -o june.xlsx --record sends.csv
  ecrm audience --campaign june -o june.csv    what ecrm.toml says of it under [[campaign]]
  ecrm audience exports/* sends.csv --campaign june --channel sms --not-joined -o second.csv --record sends.csv

Each candidate is left out by the first rule that applies: global_holdout, opted_out, blacklisted, no_contact, \
invalid_contact, duplicate_contact, contacted_recently, in_care (with --discount), over_max, held_out. The tables are `list` \
(the main one), `exclusions`, which counts each, and `balance`, which sets the control group beside the list; \
`ecrm define audience` says more. Contacts are whole in a file that -o names and in --record, since a list to send by is \
useless masked; on a terminal and in a pipe they are masked unless --show-pii is given.")]
pub struct AudienceArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: AudienceQuestion,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Audience")]
struct AudienceQuestion {
    /// The campaign's name: the control group is drawn by it, always the same people. What [[campaign]] in ecrm.toml
    /// says of it holds where no flag does. `june/reminder` is a step of june: the same settings and control group, and
    /// a name of its own in logs
    #[arg(long, value_name = "ID")]
    campaign: String,

    /// Only those whom a log has this campaign sent to, and who have not ordered since: a second notice
    #[arg(long)]
    not_joined: bool,

    /// How the message is sent [default: as [[campaign]] says]
    #[arg(long, value_enum)]
    channel: Option<Channel>,

    /// The part that is held out as the control group, 0.1 or 10% [default: as [[campaign]] says, else nobody]
    #[arg(long, value_name = "SHARE")]
    holdout: Option<String>,

    /// Leave out whom another message reached in the N days that end with the day of this one, 0 for nobody
    /// [default: 7]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(rules::DAYS_SINCE.signed()))]
    fatigue_days: Option<u32>,

    /// The message offers a discount: leave out who is inside the normal repurchase cycle (mode `care`)
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    discount: Option<bool>,

    /// The order in which customers are taken: "net_amount desc, customer_id" [default: buyers by net amount, then the
    /// others by id]
    #[arg(long, value_name = "COLUMN [desc],…")]
    sort: Option<String>,

    /// Take no more than N, the control group counted in
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max: Option<u64>,

    /// Further columns of the list, those of `ecrm customers`
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    columns: Vec<String>,

    /// The day on which the message is sent, YYYY-MM-DD or today [default: as-of, or the campaign's first day where
    /// that is later]
    #[arg(long, value_name = "DAY")]
    on: Option<String>,

    /// Add both arms to a log of sent messages, a CSV file that --sends reads; what it has already is not added twice
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

/// The channels through which a list is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Channel {
    Sms,
    Email,
    Wechat,
    Qq,
    Platform,
}

impl Channel {
    /// The name in logs of sent messages.
    fn name(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Wechat => "wechat",
            Self::Qq => "qq",
            Self::Platform => "platform",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::value_variants().iter().copied().find(|channel| channel.name() == name)
    }
}

impl AudienceArgs {
    /// Reads the inputs, chooses the customers and writes the list. The log is extended last, and only if the list was
    /// written.
    pub fn run(self) -> Result<()> {
        output::lang(self.output.lang, &Config::default());
        let question = &self.question;
        campaigns::campaign_id(&question.campaign)?;
        let asking = Asking::open_with(&self.input, &self.scope, &self.output, |files| {
            files.change("--record", question.record.as_deref())
        })?;
        if question.not_joined && (asking.request().window.is_some() || self.scope.orders_where.is_some()) {
            return Err(Error::usage_of("not_joined_scope", &[]));
        }
        let campaign = asking.config().campaign_of(&question.campaign).cloned().unwrap_or_default();
        let may_be_further = self.input.may_hold_customers();
        let mut audience = question.resolve(&campaign, asking.config(), may_be_further)?;
        let on = question.on.as_deref().filter(|on| *on != "today").map(rules::day).transpose()?;
        if let Some(path) = &question.record {
            sends_log::check(path)?;
        }
        let asking = asking.or_where(campaign.condition.as_deref(), may_be_further)?;
        let is_of_campaign = self.scope.condition.is_none();
        let asking = asking.begins(question.record.as_deref());
        let mut session = asking.session(Audience::ABOUT.name, audience.wants())?;
        session.check_table(&Audience::TABLES)?;
        audience.condition = session.take_condition();
        session.lists_contacts(true);
        let on = question.on.as_deref().and(on.or_else(|| Some(session.today())));
        let needs = audience.wished().needs().and(audience.way.needs());
        with_people(session, &Audience::ABOUT, needs, |session, ground, read| {
            if let Some(condition) = audience.condition.as_ref().filter(|_| is_of_campaign) {
                let blamed = |error| session.config.blame_campaign(&campaign, error);
                condition.check(ground).map_err(blamed)?;
            }
            let day = day(ground, on, &campaign)?;
            session.remark(over(day, &campaign).as_slice());
            let standing = session.config.holdout.share_on(day);
            let pulled = audience.pull(ground, On { day, standing, sends: read.sends.as_ref() })?;
            let Some(path) = &question.record else {
                return session.write(read.sources, read.ids_are_personal, pulled.answer);
            };
            let mailing = Mailing {
                campaign_id: audience.campaign_id,
                sent_on: day,
                channel: audience.channel.to_owned(),
                cost: campaign.cost_per_message,
            };
            let Pulled { answer, listed, held_out } = pulled;
            let (log, entries) = (Log { path, tires: audience.fatigue_days > 0 }, entries(listed, held_out));
            session.write_and_record(read.sources, read.ids_are_personal, answer, log, &[(mailing, entries)])
        })
    }
}

impl AudienceQuestion {
    /// Combines the flags with the campaign's settings; flags come first.
    fn resolve(&self, campaign: &Campaign, config: &Config, may_be_further: bool) -> Result<Audience> {
        let channel = match (self.channel, campaign.channel.as_deref()) {
            (Some(channel), _) => channel,
            (None, Some(name)) => Channel::named(name).ok_or_else(|| config.blame(no_list_for(name)))?,
            (None, None) => return Err(no_channel(config)),
        };
        let named = self.columns.iter().map(|name| name.trim().to_owned());
        let columns: Vec<String> = named.filter(|name| !name.is_empty()).collect();
        if let Some(name) = columns.iter().find(|name| !may_be_further && customers::find(name).is_none()) {
            let all: Vec<String> = customers::columns().map(|spec| spec.name.to_owned()).collect();
            return Err(customers::no_column(name, &all));
        }
        let holdout = self.holdout.as_deref().map(rules::share).transpose()?;
        Ok(Audience {
            campaign_id: self.campaign.clone(),
            drawn_by: Some(campaign.id.clone())
                .filter(|id| !id.is_empty())
                .unwrap_or_else(|| self.campaign.clone()),
            is_second_notice: self.not_joined,
            channel: channel.name(),
            way: Way::of_channel(channel.name()).unwrap_or(Way::Platform),
            holdout: holdout.or(campaign.holdout).unwrap_or(0),
            max: self.max.map(|max| usize::try_from(max).unwrap_or(usize::MAX)),
            fatigue_days: self
                .fatigue_days
                .or(config.audience.fatigue_days)
                .unwrap_or(campaigns::FATIGUE_DAYS),
            has_discount: self.discount.or(campaign.discount).unwrap_or(false),
            columns,
            condition: None,
            order: self.sort.as_deref().map(|text| OrderBy::parse(text, may_be_further)).transpose()?,
        })
    }
}

/// The day on which the message is sent.
fn day(ground: &Ground<'_>, on: Option<Day>, campaign: &Campaign) -> Result<Day> {
    let known = ground.scope.known_day().max(campaign.starts_on);
    on.or(known).ok_or_else(|| Error::data_of("audience_no_day", &[]))
}

/// The remark that a message is sent after the campaign's last day.
fn over(day: Day, campaign: &Campaign) -> Option<Remark> {
    let last = campaign.ends_on.filter(|last| *last < day)?;
    Some(Remark::new("audience_over").with("day", day).with("last", last))
}

/// The error for a channel through which a list cannot be sent.
fn no_list_for(channel: &str) -> Error {
    let known: Vec<&str> = Channel::value_variants().iter().map(|channel| channel.name()).collect();
    let values = [("channel", channel.to_owned()), ("known", known.join(", "))];
    Error::usage_of("audience_channel", &values)
}

/// The error if nothing says how the message is sent; it names the campaigns of the configuration.
pub(super) fn no_channel(config: &Config) -> Error {
    let ids: Vec<&str> = config.campaign.iter().map(|campaign| campaign.id.as_str()).collect();
    let key = if ids.is_empty() { "audience_no_channel" } else { "audience_no_channel_of" };
    Error::usage_of(key, &[("ids", ids.join(", "))])
}

/// Both arms as rows of a log of sent messages.
fn entries(listed: Vec<(String, String)>, held_out: Vec<String>) -> Vec<Entry> {
    let listed = listed.into_iter().map(|(customer_id, contact)| Entry {
        customer_id,
        contact: Some(contact),
        order_id: None,
        is_control: false,
    });
    let held_out = held_out.into_iter().map(|customer_id| Entry {
        customer_id,
        contact: None,
        order_id: None,
        is_control: true,
    });
    listed.chain(held_out).collect()
}

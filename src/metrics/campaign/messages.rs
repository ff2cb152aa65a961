//! The messages as they stand among the sends, and the campaigns and arms that they name.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::subjects::{Arm, Campaign, Moment, START_OF_DAY, Study, TREATMENT};
use super::{CampaignParams, Plan};
use crate::error::Result;
use crate::metrics::care::Task;
use crate::metrics::scope::Scope;
use crate::schema::sends::{SECOND, Sends};
use crate::schema::words::CONTROL;
use crate::schema::{CustomerCode, Day, Micros, names};

/// A message as it stands in the table.
pub struct Message {
    /// Its row.
    pub row: usize,
    /// When it was sent.
    pub moment: Moment,
    /// Number of its arm.
    pub arm: usize,
    /// Whether that was sent nothing.
    pub is_control: bool,
    /// Whether it arrived, where that is said.
    pub is_delivered: Option<bool>,
    /// What it cost, where that is said.
    pub cost: Option<Micros>,
}

/// The columns of the sends.
pub struct Columns<'a> {
    /// Customers' codes as the column holds them, a message each.
    codes: &'a [u32],
    days: &'a [i32],
    second: Option<Int32Chunked>,
    campaign: Option<UInt32Chunked>,
    arm: Option<UInt32Chunked>,
    is_delivered: Option<BooleanChunked>,
    cost: Option<Int64Chunked>,
    campaign_words: &'a [String],
    arm_words: &'a [String],
    channel: Option<UInt32Chunked>,
    channel_words: &'a [String],
}

/// Days before the first one of a sale on which its first list is pulled.
pub const DAYS_AHEAD: i32 = 14;

/// How many days after the first message orders count: as asked, else as planned, else those that are usual; where only
/// the last day of the campaign is planned, at least until then, since the first message may come long before.
fn within_days(params: &CampaignParams, plan: &Plan, first_day: Day) -> u32 {
    let until_last = plan.days.1.and_then(|last| u32::try_from(first_day.days_until(last)).ok());
    let usual = params.usual_within_days.max(until_last.unwrap_or(0));
    params.within_days.or(plan.within_days).unwrap_or(usual)
}

impl<'a> Columns<'a> {
    /// Of these sends.
    pub fn of(sends: &'a Sends) -> Result<Self> {
        let table = sends.table();
        let column = |name: &str| sends.column(name);
        Ok(Self {
            codes: sends.table().code_numbers(),
            days: sends.days(),
            second: column(SECOND).map(|column| column.i32().cloned()).transpose()?,
            campaign: table.numbers(names::CAMPAIGN_ID).cloned(),
            arm: table.numbers(names::ARM).cloned(),
            is_delivered: column(names::IS_DELIVERED).map(|column| column.bool().cloned()).transpose()?,
            cost: column(names::COST).map(|column| column.i64().cloned()).transpose()?,
            campaign_words: table.words(names::CAMPAIGN_ID),
            arm_words: table.words(names::ARM),
            channel: table.numbers(names::CHANNEL).cloned(),
            channel_words: table.words(names::CHANNEL),
        })
    }

    /// The customers by code, a message each, those of one together.
    pub fn codes(&self) -> &'a [u32] {
        self.codes
    }

    /// How a message was sent, where that is said.
    pub fn channel(&self, row: usize) -> Option<&'a str> {
        self.channel_words.get(self.channel.as_ref()?.get(row)? as usize).map(String::as_str)
    }

    /// The rows of a customer.
    pub fn rows(&self, customer: CustomerCode) -> std::ops::Range<usize> {
        let start = self.codes.partition_point(|code| *code < customer.number());
        start..start + self.codes[start..].partition_point(|code| *code == customer.number())
    }

    /// The day of a message.
    pub fn day(&self, row: usize) -> Day {
        Day::new(self.days[row])
    }

    /// Whether nothing was sent.
    pub fn is_control(&self, row: usize) -> bool {
        self.arm(row) == Some(CONTROL)
    }

    /// Whether a message arrived, where that is said.
    pub fn is_delivered(&self, row: usize) -> Option<bool> {
        self.is_delivered.as_ref()?.get(row)
    }

    /// What a message cost, where that is said.
    pub fn cost(&self, row: usize) -> Option<Micros> {
        self.cost.as_ref()?.get(row).map(Micros::new)
    }

    /// Whether a message answers what the customer did, or went into a parcel: the standing holdout gets these too.
    pub fn is_for_everybody(&self, row: usize) -> bool {
        let task = self.campaign(row).and_then(Task::of_campaign);
        task.is_some_and(|task| task.is_service() || !task.is_message())
    }

    fn campaign(&self, row: usize) -> Option<&'a str> {
        self.campaign_words.get(self.campaign.as_ref()?.get(row)? as usize).map(String::as_str)
    }

    fn arm(&self, row: usize) -> Option<&'a str> {
        self.arm_words.get(self.arm.as_ref()?.get(row)? as usize).map(String::as_str)
    }

    /// When a message was sent.
    pub fn moment(&self, row: usize) -> Moment {
        let second = self.second.as_ref().and_then(|second| second.get(row));
        (self.day(row), second.unwrap_or(START_OF_DAY))
    }

    /// A message, by the number of its arm.
    pub fn message(&self, row: usize, arm: usize, arms: &[Arm]) -> Message {
        Message {
            row,
            moment: self.moment(row),
            arm,
            is_control: arms[arm].is_control(),
            is_delivered: self.is_delivered(row),
            cost: self.cost(row),
        }
    }

    /// The campaigns, and the number of each row's.
    pub fn campaigns(&self, scope: &Scope, params: &CampaignParams) -> (Vec<Campaign>, Vec<usize>) {
        let mut first: BTreeMap<Option<&str>, Day> = BTreeMap::new();
        for row in 0..self.codes.len() {
            let day = first.entry(self.campaign(row)).or_insert(Day::AFTER_ALL);
            *day = self.day(row).min(*day);
        }
        let mut ordered: Vec<(Option<&str>, Day)> = first.into_iter().collect();
        ordered.sort_by_key(|(id, day)| (std::cmp::Reverse(*day), *id));
        let number: BTreeMap<Option<&str>, usize> =
            ordered.iter().enumerate().map(|(number, (id, _))| (*id, number)).collect();
        let campaign = |(id, first_day): &(Option<&str>, Day)| {
            let plan = id.and_then(|id| params.plan_of(id)).cloned().unwrap_or_default();
            let is_named = params.campaign.as_deref().is_none_or(|asked| *id == Some(asked));
            Campaign {
                id: id.map(str::to_owned),
                is_asked: is_named && *first_day >= scope.first_day(),
                within_days: within_days(params, &plan, *first_day),
                plan,
                ..Campaign::default()
            }
        };
        let of_row = (0..self.codes.len()).map(|row| number[&self.campaign(row)]).collect();
        (ordered.iter().map(campaign).collect(), of_row)
    }

    /// Counts what messages do not say, where others of their campaign do, and those of unplanned days.
    pub fn lacks(&self, study: &mut Study, campaign_of: &[usize], arm_of: &[usize]) {
        let has_cost = |row: usize| self.cost(row).is_some();
        let mut says = vec![(false, false); study.campaigns.len()];
        for (row, campaign) in campaign_of.iter().enumerate() {
            let (arm, cost) = &mut says[*campaign];
            *arm |= self.arm(row).is_some();
            *cost |= has_cost(row);
        }
        for (row, number) in campaign_of.iter().enumerate() {
            let (campaign, day) = (&mut study.campaigns[*number], self.day(row));
            let (first, last) = campaign.plan.days;
            // What is sent ahead of a sale, and in thanks of it, is planned too.
            let is_early = first.is_some_and(|first| day < first.minus_days(DAYS_AHEAD));
            let is_outside = is_early || last.is_some_and(|last| day > last.plus_days(1));
            let is_sent = !study.arms[arm_of[row]].is_control();
            campaign.outside_days += u64::from(is_outside);
            campaign.armless += u64::from(says[*number].0 && self.arm(row).is_none());
            campaign.costless += u64::from(says[*number].1 && is_sent && !has_cost(row));
        }
    }

    /// The arms, and the number of each row's.
    pub fn arms(&self, campaign_of: &[usize]) -> (Vec<Arm>, Vec<usize>) {
        let key = |row: usize| {
            let name = self.arm(row).unwrap_or(TREATMENT);
            (campaign_of[row], name == CONTROL, name)
        };
        let mut number: BTreeMap<(usize, bool, &str), usize> =
            (0..self.codes.len()).map(|row| (key(row), 0)).collect();
        number.values_mut().enumerate().for_each(|(place, number)| *number = place);
        let arms = number.keys().map(|(campaign, _, name)| Arm {
            campaign: *campaign,
            name: (*name).to_owned(),
            is_drawn: true,
        });
        (arms.collect(), (0..self.codes.len()).map(|row| number[&key(row)]).collect())
    }
}

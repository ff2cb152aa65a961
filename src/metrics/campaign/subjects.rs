//! Who was sent what when: the heavy stage on the sends.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::{CampaignParams, Plan};
use crate::error::Result;
use crate::metrics::scope::Scope;
use crate::schema::names;
use crate::schema::sends::{SECOND, Sends};
use crate::schema::words::CONTROL;

/// The arm of messages that name none.
pub const TREATMENT: &str = "treatment";

/// A day and the second of it. A message whose time of day is not said may have been sent at any: it is taken as before
/// whatever else was that day.
pub type Moment = (i32, i32);

/// In place of the second of a message that says none.
pub const START_OF_DAY: i32 = i32::MIN;

/// Campaigns and who is in them.
#[derive(Debug, Default)]
pub struct Study {
    /// By number, the latest first, then by id.
    pub campaigns: Vec<Campaign>,
    /// By campaign; the treatments by name, then the control.
    pub arms: Vec<Arm>,
    /// By customer, then by campaign.
    pub subjects: Vec<Subject>,
    /// The names of the groups that customers are told apart by, where they are; none is unknown.
    pub groups: Vec<Option<String>>,
}

/// A campaign.
#[derive(Debug, Clone, Default)]
pub struct Campaign {
    /// None where messages name none.
    pub id: Option<String>,
    /// Whether it is shown.
    pub is_asked: bool,
    /// Days after the first message within which orders count.
    pub within_days: u32,
    /// What was planned.
    pub plan: Plan,
    /// Messages on other days than the planned ones.
    pub outside_days: u64,
    /// Messages that name no arm, where others do.
    pub armless: u64,
    /// Messages that do not say what they cost, where others do.
    pub costless: u64,
}

/// An arm of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arm {
    /// Number of the campaign.
    pub campaign: usize,
    /// Its name, [`CONTROL`] for those who were held out.
    pub name: String,
    /// Whether chance alone decided who is in it.
    pub is_drawn: bool,
}

impl Arm {
    /// Whether it was sent nothing.
    pub fn is_control(&self) -> bool {
        self.name == CONTROL
    }
}

/// A customer in an arm of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// The customer's code.
    pub customer: u32,
    /// Number of the arm, of the first message.
    pub arm: usize,
    /// The first message, or when somebody held out would have been sent it: what is ordered from then on counts.
    pub from: Moment,
    /// The last day on which orders count.
    pub last_day: i32,
    /// Whether that day is over at as-of.
    pub is_finished: bool,
    /// Whether the customer is in several arms of the campaign.
    pub is_mixed: bool,
    /// Messages of the campaign; 0 for those held out.
    pub messages: u32,
    /// Of them, those that arrived; none where no message says it.
    pub delivered: Option<u32>,
    /// What they cost, in micro-units; none where no message says it.
    pub cost: Option<i64>,
    /// The row of the first message among the sends.
    pub row: usize,
    /// Number of the group, where customers are told apart.
    pub group: u32,
}

impl Subject {
    /// Whether the customer counts in the figures of the arm.
    pub fn counts(&self) -> bool {
        self.is_finished && !self.is_mixed
    }

    /// Adds a message.
    pub fn send(&mut self, is_delivered: Option<bool>, cost: Option<i64>) {
        self.messages += 1;
        if let Some(is_delivered) = is_delivered {
            self.delivered = Some(self.delivered.unwrap_or(0) + u32::from(is_delivered));
        }
        if let Some(cost) = cost {
            self.cost = Some(self.cost.unwrap_or(0).saturating_add(cost));
        }
    }
}

/// A message as it stands in the table.
struct Message {
    row: usize,
    moment: Moment,
    arm: usize,
    is_control: bool,
    is_delivered: Option<bool>,
    cost: Option<i64>,
}

/// Who was sent what, of all campaigns.
pub fn study(sends: &Sends, scope: &Scope, params: &CampaignParams) -> Result<Study> {
    let columns = Columns::of(sends)?;
    let (campaigns, campaign_of) = columns.campaigns(scope, params);
    let (arms, arm_of) = columns.arms(&campaign_of);
    let mut study = Study { campaigns, arms, ..Study::default() };
    columns.lacks(&mut study, &campaign_of, &arm_of);
    let mut start = 0;
    for run in columns.codes.chunk_by(|a, b| a == b) {
        let mut rows: Vec<usize> = (start..start + run.len()).collect();
        start += run.len();
        // By time, and of one moment by arm, so that the order of the files does not matter.
        rows.sort_by_key(|row| (campaign_of[*row], columns.moment(*row), arm_of[*row]));
        for rows in rows.chunk_by(|a, b| campaign_of[*a] == campaign_of[*b]) {
            let messages = rows.iter().map(|row| columns.message(*row, arm_of[*row], &study.arms));
            let within = study.campaigns[campaign_of[rows[0]]].within_days;
            study.subjects.extend(subject(run[0], messages, within, scope.as_of.unwrap_or(0)));
        }
    }
    Ok(study)
}

/// The customer of some messages of one campaign, the first first.
fn subject(
    customer: u32,
    messages: impl Iterator<Item = Message>,
    within: u32,
    as_of: i32,
) -> Option<Subject> {
    let mut all: Option<Subject> = None;
    for message in messages {
        let last_day = message.moment.0.saturating_add(within as i32);
        let subject = all.get_or_insert(Subject {
            customer,
            arm: message.arm,
            from: message.moment,
            last_day,
            is_finished: last_day <= as_of,
            is_mixed: false,
            messages: 0,
            delivered: None,
            cost: None,
            row: message.row,
            group: 0,
        });
        subject.is_mixed |= message.arm != subject.arm;
        if !message.is_control {
            subject.send(message.is_delivered, message.cost);
        }
    }
    all
}

/// The columns of the sends.
pub struct Columns<'a> {
    codes: &'a [u32],
    days: &'a [i32],
    second: Option<Int32Chunked>,
    campaign: Option<UInt32Chunked>,
    arm: Option<UInt32Chunked>,
    is_delivered: Option<BooleanChunked>,
    cost: Option<Int64Chunked>,
    campaign_words: &'a [String],
    arm_words: &'a [String],
}

impl<'a> Columns<'a> {
    /// Of these sends.
    pub fn of(sends: &'a Sends) -> Result<Self> {
        let table = sends.table();
        let column = |name: &str| sends.column(name);
        Ok(Self {
            codes: sends.codes(),
            days: sends.days(),
            second: column(SECOND).map(|column| column.i32().cloned()).transpose()?,
            campaign: table.numbers(names::CAMPAIGN_ID).cloned(),
            arm: table.numbers(names::ARM).cloned(),
            is_delivered: column(names::IS_DELIVERED).map(|column| column.bool().cloned()).transpose()?,
            cost: column(names::COST).map(|column| column.i64().cloned()).transpose()?,
            campaign_words: table.words(names::CAMPAIGN_ID),
            arm_words: table.words(names::ARM),
        })
    }

    /// The rows of a customer.
    pub fn rows(&self, customer: u32) -> std::ops::Range<usize> {
        let start = self.codes.partition_point(|code| *code < customer);
        start..start + self.codes[start..].partition_point(|code| *code == customer)
    }

    /// The day of a message.
    pub fn day(&self, row: usize) -> i32 {
        self.days[row]
    }

    /// Whether nothing was sent.
    pub fn is_control(&self, row: usize) -> bool {
        self.arm(row) == Some(CONTROL)
    }

    /// Whether a message arrived, where that is said.
    pub fn is_delivered(&self, row: usize) -> Option<bool> {
        self.is_delivered.as_ref()?.get(row)
    }

    /// What a message cost, where that is said, in micro-units.
    pub fn cost(&self, row: usize) -> Option<i64> {
        self.cost.as_ref()?.get(row)
    }

    fn campaign(&self, row: usize) -> Option<&'a str> {
        self.campaign_words.get(self.campaign.as_ref()?.get(row)? as usize).map(String::as_str)
    }

    fn arm(&self, row: usize) -> Option<&'a str> {
        self.arm_words.get(self.arm.as_ref()?.get(row)? as usize).map(String::as_str)
    }

    fn moment(&self, row: usize) -> Moment {
        let second = self.second.as_ref().and_then(|second| second.get(row));
        (self.days[row], second.unwrap_or(START_OF_DAY))
    }

    fn message(&self, row: usize, arm: usize, arms: &[Arm]) -> Message {
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
    fn campaigns(&self, scope: &Scope, params: &CampaignParams) -> (Vec<Campaign>, Vec<usize>) {
        let mut first: BTreeMap<Option<&str>, i32> = BTreeMap::new();
        for row in 0..self.codes.len() {
            let day = first.entry(self.campaign(row)).or_insert(i32::MAX);
            *day = self.days[row].min(*day);
        }
        let mut ordered: Vec<(Option<&str>, i32)> = first.into_iter().collect();
        ordered.sort_by_key(|(id, day)| (std::cmp::Reverse(*day), *id));
        let number: BTreeMap<Option<&str>, usize> =
            ordered.iter().enumerate().map(|(number, (id, _))| (*id, number)).collect();
        let campaign = |(id, first_day): &(Option<&str>, i32)| {
            let plan = id.and_then(|id| params.plans.get(id)).cloned().unwrap_or_default();
            let is_named = params.campaign.as_deref().is_none_or(|asked| *id == Some(asked));
            Campaign {
                id: id.map(str::to_owned),
                is_asked: is_named && *first_day >= scope.first_day(),
                within_days: params.within_days.or(plan.within_days).unwrap_or(params.usual_within_days),
                plan,
                ..Campaign::default()
            }
        };
        let of_row = (0..self.codes.len()).map(|row| number[&self.campaign(row)]).collect();
        (ordered.iter().map(campaign).collect(), of_row)
    }

    /// Counts what messages do not say, where others of their campaign do, and those of unplanned days.
    fn lacks(&self, study: &mut Study, campaign_of: &[usize], arm_of: &[usize]) {
        let has_cost = |row: usize| self.cost(row).is_some();
        let mut says = vec![(false, false); study.campaigns.len()];
        for (row, campaign) in campaign_of.iter().enumerate() {
            let (arm, cost) = &mut says[*campaign];
            *arm |= self.arm(row).is_some();
            *cost |= has_cost(row);
        }
        for (row, number) in campaign_of.iter().enumerate() {
            let (campaign, day) = (&mut study.campaigns[*number], self.days[row]);
            let (first, last) = campaign.plan.days;
            let is_outside = first.is_some_and(|first| day < first) || last.is_some_and(|last| day > last);
            let is_sent = !study.arms[arm_of[row]].is_control();
            campaign.outside_days += u64::from(is_outside);
            campaign.armless += u64::from(says[*number].0 && self.arm(row).is_none());
            campaign.costless += u64::from(says[*number].1 && is_sent && !has_cost(row));
        }
    }

    /// The arms, and the number of each row's.
    fn arms(&self, campaign_of: &[usize]) -> (Vec<Arm>, Vec<usize>) {
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

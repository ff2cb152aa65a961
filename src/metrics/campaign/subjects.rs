//! Who was sent what when: the heavy stage on the sends.

use super::messages::{Columns, Message};
use super::{CampaignParams, Plan};
use crate::error::Result;
use crate::metrics::customer_facts::beyond;
use crate::metrics::scope::Scope;
use crate::schema::sends::Sends;
use crate::schema::words::CONTROL;
use crate::schema::{CustomerCode, Day, Micros};

/// The arm of messages that name none.
pub const TREATMENT: &str = "treatment";

/// A day and the second of it. A message without a time of day is taken as earlier than everything else on its day, so
/// that an order of that day counts as placed after it.
pub type Moment = (Day, i32);

/// Takes the place of the second of a message without a time of day.
pub const START_OF_DAY: i32 = i32::MIN;

/// Campaigns and their arms.
#[derive(Debug, Default)]
pub struct Study {
    /// The campaigns by number: the latest first, then by id.
    pub campaigns: Vec<Campaign>,
    /// The arms by number: those of one campaign together, the treatments by name, then the control.
    pub arms: Vec<Arm>,
}

impl Study {
    /// Whether an arm is of a campaign that is shown.
    pub fn is_shown(&self, arm: usize) -> bool {
        self.campaigns[self.arms[arm].campaign].is_asked
    }
}

/// A campaign.
#[derive(Debug, Clone, Default)]
pub struct Campaign {
    /// The campaign's id; `None` if the messages name none.
    pub id: Option<String>,
    /// Whether it is shown.
    pub is_asked: bool,
    /// Days after the first message within which orders count.
    pub within_days: u32,
    /// What was planned.
    pub plan: Plan,
    /// Messages on other days than the planned ones.
    pub outside_days: u64,
    /// Messages that name no arm, if others of the campaign do.
    pub armless: u64,
    /// Messages that do not give their cost, if others of the campaign do.
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
    pub customer: CustomerCode,
    /// Number of the arm that the first message names.
    pub arm: usize,
    /// The moment of the first message. For a customer who was held out, this is when the message would have been sent.
    /// Orders count from then on.
    pub from: Moment,
    /// The last day on which orders count.
    pub last_day: Day,
    /// Whether that day is over at as-of.
    pub is_finished: bool,
    /// Whether the customer is in several arms of the campaign.
    pub is_mixed: bool,
    /// Messages of the campaign; 0 for those held out.
    pub messages: u32,
    /// Of these, messages that arrived; `None` if no message says it.
    pub delivered: Option<u32>,
    /// Cost of the messages; `None` if no message gives a cost.
    pub cost: Option<Micros>,
    /// The row of the first message among the sends; `None` if there is none.
    pub row: Option<usize>,
}

impl Subject {
    /// Whether the customer counts in the figures of the arm.
    pub fn counts(&self) -> bool {
        self.is_finished && !self.is_mixed
    }

    /// Adds a message.
    ///
    /// # Errors
    /// When the costs of the customer's messages leave 64 bits.
    pub fn send(&mut self, is_delivered: Option<bool>, cost: Option<Micros>) -> Result<()> {
        self.messages += 1;
        if let Some(is_delivered) = is_delivered {
            self.delivered = Some(self.delivered.unwrap_or(0) + u32::from(is_delivered));
        }
        if let Some(cost) = cost {
            self.cost = Some(self.cost.unwrap_or_default().checked_add(cost).ok_or_else(beyond)?);
        }
        Ok(())
    }
}

/// All campaigns, and who was sent what: the subjects, sorted by customer, then by campaign.
pub fn study(sends: &Sends, scope: &Scope, params: &CampaignParams) -> Result<(Study, Vec<Subject>)> {
    let columns = Columns::of(sends)?;
    let sent = columns.sent_days();
    let study = Study::of(&sent, scope, params);
    let arm_of = columns.arms(&study);
    let campaign_of = |row: usize| study.arms[arm_of[row]].campaign;
    let mut subjects = Vec::new();
    let mut start = 0;
    for run in columns.codes().chunk_by(|a, b| a == b) {
        let mut rows: Vec<usize> = (start..start + run.len()).collect();
        start += run.len();
        // Messages of a campaign are sorted by time, and those of the same moment by arm and channel, so that the order
        // of the files does not matter.
        rows.sort_by_key(|row| {
            (campaign_of(*row), columns.moment(*row), arm_of[*row], columns.channel(*row))
        });
        for rows in rows.chunk_by(|a, b| campaign_of(*a) == campaign_of(*b)) {
            let messages = rows.iter().map(|row| columns.message(*row, arm_of[*row], &study.arms));
            let within = study.campaigns[campaign_of(rows[0])].within_days;
            subjects.extend(subject(CustomerCode::new(run[0]), messages, within, scope.as_of)?);
        }
    }
    Ok((study, subjects))
}

/// The subject for the messages that one customer got in one campaign, sorted by time.
fn subject(
    customer: CustomerCode,
    messages: impl Iterator<Item = Message>,
    within: u32,
    as_of: Day,
) -> Result<Option<Subject>> {
    let mut all: Option<Subject> = None;
    for message in messages {
        let last_day = message.moment.0.plus_days(within);
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
            row: Some(message.row),
        });
        subject.is_mixed |= message.arm != subject.arm;
        if !message.is_control {
            subject.send(message.is_delivered, message.cost)?;
        }
    }
    Ok(all)
}

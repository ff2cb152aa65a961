//! The messages of the sends log.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::sent::SentDay;
use super::subjects::{Arm, Moment, START_OF_DAY, Study};
use crate::error::Result;
use crate::metrics::care::Task;
use crate::schema::sends::{SECOND, Sends};
use crate::schema::words::CONTROL;
use crate::schema::{CustomerCode, Day, Micros, names};

/// A message of the sends log.
pub struct Message {
    /// Its row.
    pub row: usize,
    /// When it was sent.
    pub moment: Moment,
    /// Number of its arm.
    pub arm: usize,
    /// Whether that arm is the control, which was sent nothing.
    pub is_control: bool,
    /// Whether it arrived; `None` if the log does not say it.
    pub is_delivered: Option<bool>,
    /// What it cost; `None` if the log does not say it.
    pub cost: Option<Micros>,
}

/// The columns of the sends log.
pub struct Columns<'a> {
    /// The code of each message's customer, as the column holds it, ascending.
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

impl<'a> Columns<'a> {
    /// The columns of these sends.
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

    /// The code of each message's customer; the messages of one customer are together.
    pub fn codes(&self) -> &'a [u32] {
        self.codes
    }

    /// The channel of a message; `None` if the log does not say it.
    pub fn channel(&self, row: usize) -> Option<&'a str> {
        self.channel_words.get(self.channel.as_ref()?.get(row)? as usize).map(String::as_str)
    }

    /// The rows of a customer's messages.
    pub fn rows(&self, customer: CustomerCode) -> std::ops::Range<usize> {
        let start = self.codes.partition_point(|code| *code < customer.number());
        start..start + self.codes[start..].partition_point(|code| *code == customer.number())
    }

    /// The day of a message.
    pub fn day(&self, row: usize) -> Day {
        Day::new(self.days[row])
    }

    /// Whether the row is of a customer who was held out, so that nothing was sent.
    pub fn is_control(&self, row: usize) -> bool {
        self.arm(row) == Some(CONTROL)
    }

    /// Whether a message arrived; `None` if the log does not say it.
    pub fn is_delivered(&self, row: usize) -> Option<bool> {
        self.is_delivered.as_ref()?.get(row)
    }

    /// What a message cost; `None` if the log does not say it.
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

    /// The message in a row. `arm` is the number of its arm.
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

    /// How many messages there are of each campaign, arm and day.
    pub fn sent_days(&self) -> Vec<SentDay> {
        let mut counts: BTreeMap<(Named, i32), (u64, u64)> = BTreeMap::new();
        for row in 0..self.codes.len() {
            let (messages, costed) = counts.entry((self.named(row), self.days[row])).or_default();
            *messages += 1;
            *costed += u64::from(self.cost(row).is_some());
        }
        let sent = |((named, day), (messages, costed)): ((Named, i32), (u64, u64))| {
            let [campaign, arm] = self.names(named).map(|name| name.map(str::to_owned));
            SentDay { campaign, arm, day: Day::new(day), messages, costed }
        };
        counts.into_iter().map(sent).collect()
    }

    /// The number of each row's arm.
    pub fn arms(&self, study: &Study) -> Vec<usize> {
        let numbers = study.arm_numbers();
        let mut known: BTreeMap<Named, usize> = BTreeMap::new();
        let mut number = |named: Named| {
            *known.entry(named).or_insert_with(|| {
                let [campaign, arm] = self.names(named);
                numbers[&(campaign, super::sent::arm_name(arm))]
            })
        };
        (0..self.codes.len()).map(|row| number(self.named(row))).collect()
    }

    /// The numbers of the campaign and the arm that a message names.
    fn named(&self, row: usize) -> Named {
        let number = |column: &Option<UInt32Chunked>| column.as_ref()?.get(row);
        [number(&self.campaign), number(&self.arm)]
    }

    /// The names of the campaign and the arm with these numbers.
    fn names(&self, [campaign, arm]: Named) -> [Option<&'a str>; 2] {
        let word = |words: &'a [String], number: Option<u32>| Some(words.get(number? as usize)?.as_str());
        [word(self.campaign_words, campaign), word(self.arm_words, arm)]
    }
}

/// The numbers of a campaign and of an arm among the words of their columns; `None` if a message names none.
type Named = [Option<u32>; 2];

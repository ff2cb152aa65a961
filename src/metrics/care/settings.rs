//! What the shop has decided of its care.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::tasks::{Task, When};
use crate::metrics::value::WHOLE;
use crate::schema::{Day, Micros};

/// The stars from which a review is thanked for.
pub const THANKS_FROM: Micros = Micros::units(4);
/// The stars up to which it is followed up.
pub const FOLLOW_UP_TO: Micros = Micros::units(3);
/// A customer is near a level from which no larger part of its amount is missing, in units of [`WHOLE`].
pub const NEAR: u32 = WHOLE / 5;
/// The orders, first to last, that are something to celebrate.
pub const CELEBRATED: [u32; 2] = [1, 10];

/// What the tasks go by. All is valid.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Of each task, in their order; `None` for those that are not asked for.
    pub when: Vec<Option<When>>,
    /// Days after completion, by category in lower case; [`Task::UsageReminder`]'s own where a category has none.
    pub usage_days: BTreeMap<String, i32>,
    /// The days on which balances of orders placed ahead can be paid; [`Task::PresaleBalance`]'s own where there are
    /// none.
    pub balance_days: Vec<Day>,
    /// The holidays.
    pub holidays: Vec<Holiday>,
    /// The levels, ascending, and the net amount of each.
    pub levels: Vec<(String, Micros)>,
    /// Which part of a level's amount may be missing to be near it, in units of [`WHOLE`].
    pub near: u32,
    /// Stars from which a review is thanked for.
    pub thanks_from: Micros,
    /// Stars up to which it is followed up.
    pub follow_up_to: Micros,
    /// Which order of a customer is something to celebrate, ascending.
    pub celebrated: Vec<u32>,
    /// Days of silence between messages, of each task in their order: the whole days that end with the day of the task.
    pub fatigue_days: Vec<u32>,
    /// The tasks, the most urgent first.
    pub priority: Vec<Task>,
}

/// A holiday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// What it is called.
    pub name: String,
    /// The day it falls on.
    pub on: HolidayOn,
}

/// The day of a holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HolidayOn {
    /// The same day every year; of the date the year means nothing.
    EveryYear(NaiveDate),
    /// One day, since 1970-01-01.
    Once(Day),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            when: Task::all().map(|task| Some(task.about().when)).collect(),
            usage_days: BTreeMap::new(),
            balance_days: Vec::new(),
            holidays: Vec::new(),
            levels: Vec::new(),
            near: NEAR,
            thanks_from: THANKS_FROM,
            follow_up_to: FOLLOW_UP_TO,
            celebrated: CELEBRATED.to_vec(),
            fatigue_days: vec![0; Task::all().len()],
            priority: Task::all().collect(),
        }
    }
}

impl Settings {
    /// When a task is due; `None` where it is not asked for.
    pub fn when(&self, task: Task) -> Option<When> {
        self.when[task as usize]
    }

    /// Leaves a task out.
    pub fn leave_out(&mut self, task: Task) {
        self.when[task as usize] = None;
    }

    /// Whether a task is asked for.
    pub fn asks(&self, task: Task) -> bool {
        self.when(task).is_some()
    }

    /// The days of a task that is due so many days after something; 0 where it is counted otherwise.
    pub fn days(&self, task: Task) -> i32 {
        match self.when(task) {
            Some(When::Days(days)) => days,
            _ => 0,
        }
    }
}

//! What the shop has configured for its care.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::tasks::{Task, When};
use crate::metrics::value::WHOLE;
use crate::schema::{Day, Micros};

/// From this many stars on, a review is thanked for.
pub const THANKS_FROM: Micros = Micros::units(4);
/// Up to this many stars, a review is followed up.
pub const FOLLOW_UP_TO: Micros = Micros::units(3);
/// A customer is near a level if no larger share of the level's amount is missing, in units of [`WHOLE`].
pub const NEAR: u32 = WHOLE / 5;
/// The orders of a customer that are celebrated: the first and the tenth.
pub const CELEBRATED: [u32; 2] = [1, 10];

/// The settings of the tasks, which have been checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// When each task is due, in the order of [`Task::all`]; `None` for tasks that are not asked for.
    pub when: Vec<Option<When>>,
    /// The days after completion on which usage is reminded of, by category in lower case. For other categories the
    /// days of [`Task::UsageReminder`] hold.
    pub usage_days: BTreeMap<String, i32>,
    /// The days on which balances of presale orders can be paid. If there are none, the days of
    /// [`Task::PresaleBalance`] hold.
    /// none.
    pub balance_days: Vec<Day>,
    /// The holidays.
    pub holidays: Vec<Holiday>,
    /// The levels, ascending, and the net amount of each.
    pub levels: Vec<(String, Micros)>,
    /// The share of a level's amount that may be missing to be near it, in units of [`WHOLE`].
    pub near: u32,
    /// The number of stars from which on a review is thanked for.
    pub thanks_from: Micros,
    /// The number of stars up to which a review is followed up.
    pub follow_up_to: Micros,
    /// Which orders of a customer are celebrated, counted from 1, ascending.
    pub celebrated: Vec<u32>,
    /// The fatigue days of each task, in the order of [`Task::all`]: the number of whole days, the last of which is the
    /// day of the task, in which no other message may have been sent.
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
    /// The same day every year; the year of the date has no meaning.
    EveryYear(NaiveDate),
    /// One day only.
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
    /// When a task is due; `None` if it is not asked for.
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

    /// The number of days after which a task is due; 0 if it is not counted in days.
    pub fn days(&self, task: Task) -> i32 {
        match self.when(task) {
            Some(When::Days(days)) => days,
            _ => 0,
        }
    }
}

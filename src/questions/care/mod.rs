//! Care: which customer is owed which message or gift on which day, and through which channel.

mod known;
mod reach;
mod tables;
mod words;

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;
use serde_json::{Map, json};

use self::reach::{Reached, Ways};
use super::repurchase::no_line;
use super::{About, Answer};
use crate::customers::reach::Way;
use crate::customers::{self, Ground, Needs, Where, Wished, expected};
use crate::error::{Error, Result};
use crate::locale::{Remark, Words};
use crate::metrics::care::choose::{Chosen, choose};
use crate::metrics::care::history::COLUMNS;
use crate::metrics::care::{self, Calendar, Row, Settings, Task, after_delivery, comeback, days, levels};
use crate::metrics::value::WHOLE;
use crate::schema::words::PARCEL;
use crate::schema::{self, CustomerCode, Day, Field, Sends, Wants, names};

/// Which tasks are asked for, and the rules for them.
#[derive(Debug)]
pub struct Care {
    /// The rules of the tasks.
    pub settings: Settings,
    /// The shop's own text for the message of each task, in the order of the tasks.
    pub texts: Vec<Option<Words>>,
    /// The condition by which the parcel list takes a customer for a VIP.
    pub vip: Where,
    /// The channels, best first, as sends logs have them.
    pub channels: Vec<&'static str>,
}

/// What an answer needs beside the customer table.
pub struct Given<'a> {
    /// The days of the list.
    pub calendar: Calendar,
    /// All messages in any input, those after the as-of day included.
    pub sends: Option<&'a Sends>,
    /// Whether any input has a column that was read as this field of this table.
    pub has: &'a dyn Fn(schema::Table, Field) -> bool,
    /// The share of the standing holdout on the first day, in units of [`crate::metrics::value::WHOLE`].
    pub standing: u32,
    /// The levels in an earlier customer export, by code.
    pub levels_before: Option<HashMap<CustomerCode, String>>,
    /// How a message addresses a customer, from the customer's name and id.
    pub called: &'a dyn Fn(&str, &str) -> String,
}

/// The answer, and the messages to send.
pub struct Listed {
    /// The list, the counts and the blocked tasks, as tables.
    pub answer: Answer,
    /// The tasks in the order of the list.
    pub messages: Vec<Message>,
}

/// A task of the list, in the form in which a sends log records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Which task it is.
    pub task: Task,
    /// The day it is due.
    pub due_on: Day,
    /// The customer's id.
    pub customer_id: String,
    /// The channel; `None` where no known way reaches the customer.
    pub channel: Option<&'static str>,
    /// The contact.
    pub contact: Option<String>,
    /// The id of the order that the task is about, if it is about one.
    pub order_id: Option<String>,
}

impl Care {
    /// What is known of this question before it is asked.
    pub const ABOUT: About = About::of_people("care").writing(&Self::TABLES);

    /// The tables that it writes.
    pub const TABLES: [&'static str; 3] = ["list", "tasks", "blocked"];

    /// The columns of the customer table that this question needs.
    pub fn wished(&self) -> Wished {
        let mut wished = Wished::default();
        let own = [names::CUSTOMER_ID, names::NAME, names::IS_OPTED_OUT, names::IS_BLACKLISTED];
        let of_parcels = [names::LEVEL, names::TAGS, names::NOTE];
        own.into_iter().for_each(|name| wished.add_any(name));
        if self.settings.asks(Task::Parcel) || self.settings.asks(Task::NearLevel) {
            of_parcels.into_iter().for_each(|name| wished.add_any(name));
            wished.add_all(&self.vip.wished());
        }
        wished
    }

    /// What has to be read from the inputs for this question.
    pub fn wants(&self) -> Wants {
        let ways = self.channels.iter().filter_map(|channel| Way::of_channel(channel));
        let of_orders = Needs { histories: true, extras: true, items: true, ..Needs::EVERYBODY };
        let needs = ways.map(Way::needs).fold(of_orders, Needs::and);
        let columns = COLUMNS.iter().map(|field| field.name().to_owned()).collect();
        let own = Wants { order_columns: columns, ..needs.wants() };
        self.wished().wants().and(&own)
    }

    /// Finds what is due, chooses what is sent, and finds the channel and the contact for each customer.
    ///
    /// # Errors
    /// Those of the metrics. Wrong usage when a name in the condition is a column neither of the customer table nor of
    /// the files.
    pub fn list(&self, ground: &Ground<'_>, given: Given<'_>) -> Result<Listed> {
        let mut settings = self.settings.clone();
        let blocked = known::blocked(ground, &given, &settings)?;
        let asked: Vec<Task> = Task::all().filter(|task| settings.asks(*task)).collect();
        blocked.iter().for_each(|(task, _)| settings.leave_out(*task));
        let table = customers::Table::build(ground, &self.wished())?;
        let (due, mut notes) = self.due(ground, &table, &given, &settings)?;
        let ways = Ways::new(ground, &self.channels)?;
        let mut codes: Vec<CustomerCode> = due.iter().map(|row| row.customer).collect();
        codes.sort_unstable();
        codes.dedup();
        let by_code: BTreeMap<CustomerCode, Reached> =
            codes.par_iter().map(|code| (*code, ways.reached(*code))).collect();
        let known = known::known(ground, &table, given.sends, (&ways, &by_code), given.standing)?;
        let chosen = choose(due, &known, &settings, |code| ground.ids.text(code));
        check_sum(&chosen)?;
        let reached: Vec<Reached> = chosen.listed.iter().map(|row| sent_by(row, &by_code)).collect();
        let tables = vec![
            self.table(ground, &table, &given, &chosen.listed, &reached)?,
            tables::counted(&asked, &blocked, &chosen)?,
            tables::blocked(&blocked)?,
        ];
        notes.extend(self.notes(&table, &given, &reached));
        let messages = chosen.listed.iter().zip(reached).map(|(row, reached)| Message {
            task: row.task,
            due_on: row.due.on,
            customer_id: ground.ids.text(row.customer),
            channel: reached.channel,
            contact: reached.contact,
            order_id: row.order_id.clone(),
        });
        Ok(Listed {
            messages: messages.collect(),
            answer: Answer {
                tables,
                parameters: self.parameters(&given.calendar, given.standing, &asked),
                notes,
                as_of: ground.scope.known_day(),
                customer_count: ground.len() as u64,
                order_count: ground.facts.order_total,
                accounting: ground.facts.accounting.clone(),
                ..Answer::default()
            },
        })
    }

    /// All tasks that are due, before any is left out.
    fn due(
        &self,
        ground: &Ground<'_>,
        table: &customers::Table,
        given: &Given<'_>,
        settings: &Settings,
    ) -> Result<(Vec<Row>, Vec<Remark>)> {
        let (orders, calendar) = (ground.in_order()?, &given.calendar);
        let traits = match settings.asks(Task::Parcel) || settings.asks(Task::NearLevel) {
            true => known::traits(ground, table, &self.vip)?,
            false => Vec::new(),
        };
        let of_orders = care::of_orders(orders, &ground.scope, settings, calendar, &traits)?;
        let (mut rows, mut notes) = (of_orders.rows, Vec::new());
        if of_orders.stale > 0 {
            notes.push(Remark::new("care_stale").with("n", of_orders.stale));
        }
        if let Some(events) = ground.events {
            rows.extend(after_delivery::reviews(events, ground.as_of(), settings, calendar));
        }
        if let Some(list) = ground.customers {
            rows.extend(days::birthdays(list, settings, calendar));
            rows.extend(days::privileges(list, &of_orders.seen, settings, calendar));
        }
        let changes = [Task::LevelUp, Task::LevelDown].iter().any(|task| settings.asks(*task));
        if let Some(before) = given.levels_before.as_ref().filter(|_| changes) {
            let changes = levels::changes(&known::levels_now(ground)?, before, settings, calendar);
            rows.extend(changes.rows);
            if changes.unclear > 0 {
                notes.push(Remark::new("care_levels_unclear").with("n", changes.unclear));
            }
        }
        if settings.asks(Task::Due) || settings.asks(Task::WinBack) {
            let (expected, params) = expected(ground)?;
            rows.extend(comeback::due(&expected, settings, calendar));
            if settings.asks(Task::WinBack) {
                let (rule, buyers) = (ground.settings.churn, ground.facts.customer_count);
                notes.extend(no_line(rule, params.churn_lines, buyers));
            }
        }
        Ok((rows, notes))
    }

    fn parameters(
        &self,
        calendar: &Calendar,
        standing: u32,
        asked: &[Task],
    ) -> Map<String, serde_json::Value> {
        let named = |tasks: &[Task]| json!(tasks.iter().map(|task| task.name()).collect::<Vec<_>>());
        let (hour, minute) = (calendar.second / 3600, calendar.second / 60 % 60);
        let mut parameters = Map::new();
        parameters.insert("on".into(), json!(calendar.first.to_string()));
        parameters.insert("days".into(), json!(calendar.days));
        parameters.insert("at".into(), json!(format!("{hour:02}:{minute:02}")));
        parameters.insert("global_holdout".into(), json!(f64::from(standing) / f64::from(WHOLE)));
        parameters.insert("tasks".into(), named(asked));
        parameters.insert("priority".into(), named(&self.settings.priority));
        let fatigue = Task::all().filter(|task| task.is_message());
        let fatigue: Map<String, serde_json::Value> = fatigue
            .map(|task| (task.name().to_owned(), json!(self.settings.fatigue_days[task as usize])))
            .collect();
        parameters.insert("fatigue_days".into(), fatigue.into());
        parameters
    }

    /// Remarks about rules that could not be applied because the inputs lack what they need.
    fn notes(&self, table: &customers::Table, given: &Given<'_>, reached: &[Reached]) -> Vec<Remark> {
        let mut notes = Vec::new();
        if reached.is_empty() {
            return notes;
        }
        let says_nothing =
            |name: &str| table.frame.column(name).is_ok_and(|column| column.null_count() == column.len());
        if says_nothing(names::IS_OPTED_OUT) {
            notes.push(Remark::new("audience_no_opt_outs"));
        }
        if given.sends.is_none() && self.settings.fatigue_days.iter().any(|days| *days > 0) {
            notes.push(Remark::new("audience_no_sends"));
        }
        let unreached = reached.iter().filter(|reached| reached.channel.is_none()).count();
        if unreached > 0 {
            notes.push(Remark::new("care_unreached").with("n", unreached));
        }
        notes
    }
}

/// How the task of a row goes out: a parcel task in the parcel, a message by the channel that reaches the customer.
fn sent_by(row: &Row, by_code: &BTreeMap<CustomerCode, Reached>) -> Reached {
    match row.task.is_message() {
        true => by_code.get(&row.customer).cloned().unwrap_or_default(),
        false => Reached { channel: Some(PARCEL), ..Reached::default() },
    }
}

/// Checks that every task that is due is either listed or left out.
fn check_sum(chosen: &Chosen) -> Result<()> {
    let due: u64 = chosen.due.iter().sum();
    let (listed, dropped) = (chosen.listed.len() as u64, chosen.dropped.iter().flatten().sum::<u64>());
    match due == listed + dropped {
        true => Ok(()),
        false => Err(Error::Internal(format!("of {due} tasks {listed} are listed and {dropped} left out"))),
    }
}

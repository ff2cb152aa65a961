//! `ecrm care`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use chrono::Timelike;
use clap::Args;

use super::customers::{ground, settings};
use super::session::{Asking, Log, Session};
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use super::{reading, refusal};
use crate::config::{Config, care, rules};
use crate::customers::Where;
use crate::error::{Error, Result};
use crate::metrics::care::calendar::END_OF_DAY;
use crate::metrics::care::{Calendar, Task};
use crate::metrics::customer_facts::AnyOrders;
use crate::parse::SourceInfo;
use crate::questions::{Care, Given, Listed, Message};
use crate::reading::Ingested;
use crate::reading::sends_log::{self, Entry, Mailing};
use crate::schema::{CustomerCode, Day, Field, Key, Table};

/// Who is owed which message or gift today: reminders to pay, thanks, birthdays, parcels that are not like the others
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm care exports/* -o today.csv                     all that is due on the last day of the data
  ecrm care exports/* --on today --tasks unpaid_first,unpaid_second
  ecrm care exports/* --tasks parcel -o parcels.xlsx   what goes into which box, and why
  ecrm care exports/* --on 2026-06-10 --days 7 --table tasks
  ecrm care exports/* customers.csv --customers-before customers-may.csv --tasks level_up,level_down
  ecrm care exports/* --lang zh -o today.csv --sends sends.csv --record sends.csv

The list of a day is made at its end, or at --at; with --on today, now. A task that can be done for a while (an \
order not paid, a parcel) is on the list of the first of these days. What a task is, when it is due and what it says \
stands under [care] in ecrm.toml; `ecrm define care` says it all. The tables are `list` (the main one), `tasks`, \
which counts what is due, left out and listed, and `blocked`, which says what cannot run for lack of which column. \
Contacts and names are whole in a file that -o names and in --record; on a terminal and in a pipe they are masked \
unless --show-pii is given.")]
pub struct CareArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: CareQuestion,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Care")]
struct CareQuestion {
    /// The day of the list, YYYY-MM-DD or today; what is later counts for nothing [default: as-of]
    #[arg(long, value_name = "DAY")]
    on: Option<String>,

    /// The lists of N days, of which that is the first
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=366))]
    days: u32,

    /// The time of day at which a day's list is made [default: its end; with --on today now]
    #[arg(long, value_name = "HH:MM")]
    at: Option<String>,

    /// Only these tasks [default: as [care] says, else all]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', help = help_of_tasks())]
    tasks: Vec<String>,

    /// Leave out whom another message reached in the N days that end with the day of the task, 0 for nobody [default:
    /// 7, or as [care] says of the task]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(rules::DAYS_SINCE.signed()))]
    fatigue_days: Option<u32>,

    /// An earlier customer export, to tell whose level rose or fell since
    #[arg(long, value_name = "FILE")]
    customers_before: Option<PathBuf>,

    /// Add the tasks to a log of sent messages, a CSV file that --sends reads, as campaigns care:TASK
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

/// The help text of `--tasks`.
fn help_of_tasks() -> String {
    let names: Vec<&str> = Task::all().map(Task::name).collect();
    format!("Only these tasks, of {} [default: as [care] says, else all]", names.join(", "))
}

impl CareArgs {
    /// Reads the inputs and writes the list. The log is extended last, and only if the list was written.
    pub fn run(self) -> Result<()> {
        let question = &self.question;
        let asking = Asking::open_with(&self.input, &self.scope, &self.output, |files| {
            files.change("--record", question.record.as_deref()).read(question.customers_before.as_deref())
        })?;
        let care = question.resolve(asking.config(), self.input.may_hold_customers())?;
        let on = question.on.as_deref().filter(|on| *on != "today").map(rules::day).transpose()?;
        let at = question.at.as_deref().or(asking.config().care.at.as_deref()).map(care::time).transpose()?;
        if let Some(path) = &question.record {
            sends_log::check(path)?;
        }
        let asking = asking.begins(question.record.as_deref());
        let mut session = asking.session(Care::ABOUT.name, care.wants())?;
        session.check_table(&Care::TABLES)?;
        session.lists_contacts(true);
        let settings = settings(&session.config)?;
        let mut read = session.read_rows(Care::ABOUT.tables)?.in_order()?;
        let sends = read.frames.sends.clone();
        let before = question.customers_before.as_deref().map(|path| session.levels_of(path, &read));
        let before = before.transpose()?;
        refusal::require_people(&read, &Care::ABOUT)?;
        let is_today = question.on.as_deref() == Some("today");
        let (today, now) = session.now();
        let on = if is_today { Some(today) } else { on };
        session.knows_until(on, &read)?;
        let scope = session.settled(&mut read)?;
        let calendar = Calendar {
            first: on.or(scope.known_day()).ok_or_else(no_day)?,
            days: question.days,
            second: at.unwrap_or(if is_today { now } else { END_OF_DAY }),
        };
        let (levels_before, further) = before.map_or((None, None), |(levels, of)| (Some(levels), Some(of)));
        let Listed { answer, messages } = {
            let ground = ground(AnyOrders::InOrder(&read.orders), &read, scope, &settings)?;
            care.vip
                .check(&ground)
                .map_err(|error| session.config.blame_value("care.parcel", "vip", care.vip.text(), error))?;
            let has = |table: Table, field: Field| {
                read.sources.iter().any(|source| source.table() == table && source.layout.has(field))
            };
            let called = |name: &str, id: &str| session.name(name, id);
            let given = Given {
                calendar,
                sends: sends.as_ref(),
                has: &has,
                standing: session.config.holdout.share_on(calendar.first),
                levels_before,
                called: &called,
            };
            care.list(&ground, given)?
        };
        let sources: Vec<SourceInfo> = read.sources.iter().cloned().chain(further).collect();
        let ids_are_personal = read.orders.ids_are_personal;
        let Some(path) = &question.record else {
            return session.write(&sources, ids_are_personal, answer);
        };
        let tires = care.settings.fatigue_days.iter().any(|days| *days > 0);
        session.write_and_record(&sources, ids_are_personal, answer, Log { path, tires }, &mailings(messages))
    }
}

impl CareQuestion {
    /// Combines the flags with the configuration; flags come first.
    fn resolve(&self, config: &Config, may_be_further: bool) -> Result<Care> {
        let named = self.tasks.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
        let tasks: Vec<Task> = named.map(care::task).collect::<Result<_>>()?;
        let tasks = Some(tasks).filter(|tasks| !tasks.is_empty());
        let vip = Where::parse(&config.care.vip(), may_be_further).map_err(|error| config.blame(error))?;
        Ok(Care {
            settings: config.care.settings(tasks.as_deref(), self.fatigue_days)?,
            texts: Task::all().map(|task| config.care.text(task)).collect(),
            vip,
            channels: config.care.channels(),
        })
    }
}

/// The error if nothing says which day the list is for.
fn no_day() -> Error {
    Error::data_of("care_no_day", &[])
}

/// The messages to send, by task, day and channel; customers who cannot be reached are left out.
fn mailings(messages: Vec<Message>) -> Vec<(Mailing, Vec<Entry>)> {
    let mut mailings: Vec<(Mailing, Vec<Entry>)> = Vec::new();
    for Message { task, due_on, customer_id, channel, contact, order_id } in messages {
        let Some(channel) = channel else { continue };
        let mailing = Mailing {
            campaign_id: task.campaign_id(),
            sent_on: due_on,
            channel: channel.to_owned(),
            cost: None,
        };
        let place = match mailings.iter().position(|(known, _)| *known == mailing) {
            Some(place) => place,
            None => {
                mailings.push((mailing, Vec::new()));
                mailings.len() - 1
            }
        };
        mailings[place].1.push(Entry { customer_id, contact, order_id, is_control: false });
    }
    mailings
}

impl Session {
    /// Today and the second of the day, in the shop's zone.
    fn now(&self) -> (Day, i32) {
        let now = reading::now(self.zone());
        (now.date().into(), now.num_seconds_from_midnight() as i32)
    }

    /// The levels in an earlier customer export, by the customer codes of the inputs, and the file.
    ///
    /// # Errors
    /// Those of reading; a file without customers or levels.
    fn levels_of(&self, path: &Path, read: &Ingested) -> Result<(HashMap<CustomerCode, String>, SourceInfo)> {
        let before = self.read_customers(path)?;
        let source = before.sources.first().cloned();
        let levels = before.frames.customers.as_ref().and_then(|list| {
            let levels = list.column(crate::schema::names::LEVEL)?;
            Some((list.codes().collect::<Vec<_>>(), levels))
        });
        let Some(((codes, levels), source)) = levels.zip(source) else {
            return Err(Error::input_of(path.display().to_string(), "care_no_levels", &[]));
        };
        let now: HashMap<Key, CustomerCode> =
            read.orders.customers.keys().iter().copied().zip(read.orders.customers.codes()).collect();
        let of = |(code, level): (&CustomerCode, Option<&str>)| {
            let key = read.aliases.resolve(before.orders.customers.key(*code));
            Some((*now.get(&key)?, level?.to_owned()))
        };
        Ok((codes.iter().zip(levels.str()?.iter()).filter_map(of).collect(), source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_gathered_by_task_day_and_channel() {
        let message = |task, due_on, id: &str, channel| Message {
            task,
            due_on: Day::new(due_on),
            customer_id: id.to_owned(),
            channel,
            contact: None,
            order_id: Some("o1".to_owned()),
        };
        let sent = mailings(vec![
            message(Task::Paid, 1, "a", Some("sms")),
            message(Task::Paid, 1, "b", Some("email")),
            message(Task::Paid, 1, "c", Some("sms")),
            message(Task::Paid, 1, "d", None),
            message(Task::Parcel, 1, "a", Some("parcel")),
            message(Task::Paid, 2, "a", Some("sms")),
        ]);
        let sent: Vec<(String, Day, Vec<&str>)> = sent
            .iter()
            .map(|(mailing, entries)| {
                let ids = entries.iter().map(|entry| entry.customer_id.as_str()).collect();
                (format!("{} {}", mailing.campaign_id, mailing.channel), mailing.sent_on, ids)
            })
            .collect();
        let expected = [
            ("care:paid sms", 1, vec!["a", "c"]),
            ("care:paid email", 1, vec!["b"]),
            ("care:parcel parcel", 1, vec!["a"]),
            ("care:paid sms", 2, vec!["a"]),
        ];
        assert_eq!(sent, expected.map(|(what, on, ids)| (what.to_owned(), Day::new(on), ids)));
    }
}

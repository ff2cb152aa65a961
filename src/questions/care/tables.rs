//! The tables that `care` writes.

use super::reach::Reached;
use super::{Care, Given, words};
use crate::answer::{Kind, Spec, Table};
use crate::customers::{self, Ground};
use crate::error::Result;
use crate::metrics::care::choose::{Chosen, Dropped};
use crate::metrics::care::tasks::{Need, TASKS};
use crate::metrics::care::{Row, Task};
use crate::metrics::finish::{counts, dates, frame, texts};
use crate::schema::{Personal, names};

impl Care {
    /// The list: a row per task.
    pub(super) fn table(
        &self,
        ground: &Ground<'_>,
        table: &customers::Table,
        given: &Given<'_>,
        rows: &[Row],
        reached: &[Reached],
    ) -> Result<Table> {
        let words = words::Messages::new(ground, table, given.called, &self.texts)?;
        let ids = |row: &Row| Some(ground.ids.text(row.customer));
        let columns = vec![
            texts(names::TASK, rows.iter().map(|row| Some(row.task.name().to_owned()))),
            texts(names::CUSTOMER_ID, rows.iter().map(ids)),
            dates(names::DUE_ON, rows.iter().map(|row| Some(row.due.on))),
            texts(names::REASON, rows.iter().map(|row| Some(words::reason(row)))),
            texts(names::ORDER_ID, rows.iter().map(|row| row.order_id.clone())),
            texts(names::PRODUCT, rows.iter().map(|row| ground.product(row.product?))),
            texts(names::CHANNEL, reached.iter().map(|reached| reached.channel.map(str::to_owned))),
            texts(names::CONTACT, reached.iter().map(|reached| reached.contact.clone())),
            texts(names::TEXT, rows.iter().map(|row| Some(words.message(row)))),
        ];
        let specs = vec![
            Spec::new(names::TASK, Kind::Label("task"), 0),
            Spec::new(names::CUSTOMER_ID, Kind::CustomerId, 0),
            Spec::new(names::DUE_ON, Kind::Date, 1),
            Spec::new(names::REASON, Kind::Clause("care_reason"), 0),
            Spec::new(names::ORDER_ID, Kind::Text, 2),
            Spec::new(names::PRODUCT, Kind::Title, 3),
            Spec::new(names::CHANNEL, Kind::Label("channel"), 2),
            Spec::new(names::CONTACT, Kind::Personal(Personal::Contact), 2),
            Spec::new(names::TEXT, Kind::Clause("care_text"), 4),
        ];
        Ok(Table::new("list", "tasks", specs, frame(columns)?))
    }
}

/// For each task that ran, the most urgent first: how many are due, how many each rule leaves out, and how many are
/// listed.
pub(super) fn counted(asked: &[Task], blocked: &[(Task, Need)], chosen: &Chosen) -> Result<Table> {
    const COUNTS: [(&str, u8); Dropped::ALL.len()] = [
        (names::GLOBAL_HOLDOUT_COUNT, 3),
        (names::OPTED_OUT_COUNT, 2),
        (names::BLACKLISTED_COUNT, 3),
        (names::ALREADY_SENT_COUNT, 2),
        (names::CONTACTED_RECENTLY_COUNT, 1),
        (names::SAME_DAY_COUNT, 1),
    ];
    let is_blocked = |task: &&Task| blocked.iter().any(|(other, _)| other == *task);
    let ran: Vec<Task> = asked.iter().filter(|task| !is_blocked(task)).copied().collect();
    let dropped = |why: Dropped| ran.iter().map(move |task| chosen.dropped[*task as usize][why as usize]);
    let listed = |task: &Task| chosen.listed.iter().filter(|row| row.task == *task).count() as u64;
    let mut columns = vec![
        texts(names::TASK, ran.iter().map(|task| Some(task.name().to_owned()))),
        counts(names::DUE_COUNT, ran.iter().map(|task| Some(chosen.due[*task as usize]))),
    ];
    let mut specs =
        vec![Spec::new(names::TASK, Kind::Label("task"), 0), Spec::new(names::DUE_COUNT, Kind::Count, 0)];
    for ((name, rank), why) in COUNTS.into_iter().zip(Dropped::ALL) {
        columns.push(counts(name, dropped(why).map(Some)));
        specs.push(Spec::new(name, Kind::Count, rank));
    }
    columns.push(counts(names::LISTED_COUNT, ran.iter().map(|task| Some(listed(task)))));
    specs.push(Spec::new(names::LISTED_COUNT, Kind::Count, 0));
    Ok(Table::new("tasks", "tasks", specs, frame(columns)?).with_rows(TASKS.len()))
}

/// The tasks that cannot run and what each needs, one row per thing that is missing.
pub(super) fn blocked(blocked: &[(Task, Need)]) -> Result<Table> {
    let text = |of: fn(Need) -> &'static str| blocked.iter().map(move |(_, need)| Some(of(*need).to_owned()));
    let sentence = |(_, need): &(Task, Need)| Some(words::need(*need));
    let columns = vec![
        texts(names::TASK, blocked.iter().map(|(task, _)| Some(task.name().to_owned()))),
        texts(names::INPUT, text(Need::input)),
        texts(names::NEEDS, text(Need::name)),
        texts(names::EXPLANATION, blocked.iter().map(sentence)),
    ];
    let specs = vec![
        Spec::new(names::TASK, Kind::Label("task"), 0),
        Spec::new(names::INPUT, Kind::Label("care_input"), 1),
        Spec::new(names::NEEDS, Kind::Text, 1),
        Spec::new(names::EXPLANATION, Kind::Sentence("care_need"), 0),
    ];
    Ok(Table::new("blocked", "tasks", specs, frame(columns)?).with_rows(2 * TASKS.len()))
}

//! Which of the tasks that are due are done: nobody gets a message who wants none, none twice, and one a day at most.

use std::collections::{HashMap, HashSet};

use super::Row;
use super::settings::Settings;
use super::tasks::Task;
use crate::metrics::calendar::first_day_of;

/// Why a task that is due is not on the list: of several the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// The customer is in the standing holdout, whom no message reaches but service.
    GlobalHoldout,
    /// The customer wants no messages.
    OptedOut,
    /// The shop wants no more of the customer.
    Blacklisted,
    /// The log has this message since it is due.
    AlreadySent,
    /// Another message reached the customer within the days of fatigue.
    ContactedRecently,
    /// A more urgent one is for the same customer on the same day.
    SameDay,
}

impl Dropped {
    /// All of them, in the order in which they are looked at.
    pub const ALL: [Self; 6] = [
        Self::GlobalHoldout,
        Self::OptedOut,
        Self::Blacklisted,
        Self::AlreadySent,
        Self::ContactedRecently,
        Self::SameDay,
    ];
}

/// A message of a log that reached somebody, as far as anybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Days since 1970-01-01.
    pub on: i32,
    /// The task that it was, where it was one.
    pub task: Option<Task>,
    /// Whether it was a message, and no parcel.
    pub is_message: bool,
}

/// What is known of customers by code.
#[derive(Debug, Default)]
pub struct Known {
    /// Their messages.
    pub sent: HashMap<u32, Vec<Sent>>,
    /// Who wants no messages.
    pub opted_out: HashSet<u32>,
    /// Who is in the standing holdout.
    pub held_out: HashSet<u32>,
    /// Of whom the shop wants no more.
    pub blacklisted: HashSet<u32>,
}

/// The list, and what became of all that is due.
#[derive(Debug)]
pub struct Chosen {
    /// By day, urgency, customer and order.
    pub listed: Vec<Row>,
    /// Of each task, in their order, how many are due.
    pub due: Vec<u64>,
    /// How many of them were left out, by [`Dropped`].
    pub dropped: Vec<[u64; Dropped::ALL.len()]>,
}

/// Chooses. `id` gives a customer's id, which decides between customers.
pub fn choose(mut due: Vec<Row>, known: &Known, settings: &Settings, id: impl Fn(u32) -> String) -> Chosen {
    let rank = |task: Task| settings.priority.iter().position(|of| *of == task).unwrap_or(usize::MAX);
    due.sort_by_cached_key(|row| {
        (row.due.on, rank(row.task), id(row.customer), row.order_id.clone(), row.product)
    });
    let none = || vec![0; Task::all().len()];
    let mut chosen =
        Chosen { listed: Vec::new(), due: none(), dropped: vec![[0; Dropped::ALL.len()]; Task::all().len()] };
    let mut written_to: HashSet<(u32, i32)> = HashSet::new();
    for row in due {
        chosen.due[row.task as usize] += 1;
        let day = (row.customer, row.due.on);
        match dropped(&row, known, settings, written_to.contains(&day)) {
            Some(why) => chosen.dropped[row.task as usize][why as usize] += 1,
            None => {
                if row.task.is_message() {
                    written_to.insert(day);
                }
                chosen.listed.push(row);
            }
        }
    }
    chosen
}

fn dropped(row: &Row, known: &Known, settings: &Settings, is_written_to: bool) -> Option<Dropped> {
    let is_message = row.task.is_message();
    if is_message && !row.task.is_service() && known.held_out.contains(&row.customer) {
        return Some(Dropped::GlobalHoldout);
    }
    if is_message && known.opted_out.contains(&row.customer) {
        return Some(Dropped::OptedOut);
    }
    if known.blacklisted.contains(&row.customer) {
        return Some(Dropped::Blacklisted);
    }
    let sent = || known.sent.get(&row.customer).into_iter().flatten();
    let days = row.due.since.min(row.due.on)..=row.due.on;
    if sent().any(|sent| sent.task == Some(row.task) && days.contains(&sent.on)) {
        return Some(Dropped::AlreadySent);
    }
    if !is_message {
        return None;
    }
    let counts = |sent: &&Sent| sent.is_message && (sent.task.is_none() || sent.task != row.task.follows());
    let fatigue = settings.fatigue_days[row.task as usize];
    let tired = first_day_of(row.due.on, fatigue)..=row.due.on;
    if sent().filter(counts).any(|sent| tired.contains(&sent.on)) {
        return Some(Dropped::ContactedRecently);
    }
    let is_today = sent().filter(counts).any(|sent| sent.on == row.due.on);
    (is_today || is_written_to).then_some(Dropped::SameDay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Remark;
    use crate::metrics::care::calendar::Due;

    fn row(task: Task, customer: u32, on: i32) -> Row {
        Row::new(task, customer, Due { on, since: on }, on, Remark::new("x"))
    }

    /// The tasks that are listed, with their customers, and those that are left out, with the rule.
    type Sorted = (Vec<(Task, u32)>, Vec<(Task, Dropped)>);

    fn chosen(due: Vec<Row>, known: &Known, settings: &Settings) -> Sorted {
        let all = due.len() as u64;
        let chosen = choose(due, known, settings, |code| code.to_string());
        let counts = |task: Task| {
            let of = chosen.dropped[task as usize];
            Dropped::ALL.into_iter().filter(move |why| of[*why as usize] > 0).map(move |why| (task, why))
        };
        let dropped: u64 = chosen.dropped.iter().flatten().sum();
        assert_eq!(chosen.due.iter().sum::<u64>(), all);
        assert_eq!(chosen.listed.len() as u64 + dropped, all);
        let listed = chosen.listed.iter().map(|row| (row.task, row.customer)).collect();
        (listed, Task::all().flat_map(counts).collect())
    }

    #[test]
    fn the_most_urgent_message_of_a_day_goes_out_and_parcels_beside_it() {
        let due = || {
            vec![
                row(Task::Holiday, 1, 10),
                row(Task::Birthday, 1, 10),
                row(Task::Parcel, 1, 10),
                row(Task::Holiday, 2, 10),
                row(Task::Holiday, 1, 11),
            ]
        };
        let (listed, dropped) = chosen(due(), &Known::default(), &Settings::default());
        let all = [(Task::Birthday, 1), (Task::Holiday, 2), (Task::Parcel, 1), (Task::Holiday, 1)];
        assert_eq!(listed, all);
        assert_eq!(dropped, [(Task::Holiday, Dropped::SameDay)]);
        let mut settings = Settings::default();
        settings.priority.retain(|task| *task != Task::Holiday);
        settings.priority.insert(0, Task::Holiday);
        let (listed, dropped) = chosen(due(), &Known::default(), &settings);
        assert_eq!(listed, [(Task::Holiday, 1), (Task::Holiday, 2), (Task::Parcel, 1), (Task::Holiday, 1)]);
        assert_eq!(dropped, [(Task::Birthday, Dropped::SameDay)]);
    }

    /// The days of fatigue end with the day of the task: of seven on the tenth the fourth is one, the third is not.
    #[test]
    fn a_message_within_the_days_of_fatigue_keeps_others_back() {
        let settings = Settings { fatigue_days: vec![7; Task::all().len()], ..Settings::default() };
        let sent = |on: i32, task: Option<Task>| Sent { on, task, is_message: true };
        let known = |of: Sent| Known { sent: [(1, vec![of])].into(), ..Known::default() };
        let why = |of: Sent, task: Task| chosen(vec![row(task, 1, 10)], &known(of), &settings).1;
        let recently = |task| vec![(task, Dropped::ContactedRecently)];
        assert_eq!(why(sent(4, None), Task::Birthday), recently(Task::Birthday));
        assert!(why(sent(3, None), Task::Birthday).is_empty());
        assert!(why(sent(11, None), Task::Birthday).is_empty());
        assert_eq!(why(sent(9, Some(Task::Birthday)), Task::Birthday), recently(Task::Birthday));
        assert_eq!(
            why(sent(10, Some(Task::Birthday)), Task::Birthday),
            [(Task::Birthday, Dropped::AlreadySent)]
        );
        assert_eq!(why(sent(10, None), Task::Birthday), recently(Task::Birthday));
        // A parcel tires nobody, and is kept back by nothing.
        assert!(why(Sent { is_message: false, ..sent(9, None) }, Task::Birthday).is_empty());
        assert!(why(sent(9, None), Task::Parcel).is_empty());
        // The second reminder follows the first.
        assert!(why(sent(10, Some(Task::UnpaidFirst)), Task::UnpaidSecond).is_empty());
        assert_eq!(why(sent(10, None), Task::UnpaidSecond), recently(Task::UnpaidSecond));
    }

    #[test]
    fn without_days_of_fatigue_there_is_still_one_message_a_day() {
        let sent = vec![Sent { on: 10, task: Some(Task::Paid), is_message: true }];
        let known = Known { sent: [(1, sent)].into(), ..Known::default() };
        let settings = Settings::default();
        let why = |on| chosen(vec![row(Task::Birthday, 1, on)], &known, &settings).1;
        assert_eq!(why(10), [(Task::Birthday, Dropped::SameDay)]);
        assert!(why(11).is_empty());
    }

    #[test]
    fn the_standing_holdout_gets_service_and_parcels() {
        let known = Known { held_out: [1].into(), ..Known::default() };
        let due = vec![row(Task::Birthday, 1, 10), row(Task::Paid, 1, 11), row(Task::Parcel, 1, 10)];
        let (listed, dropped) = chosen(due, &known, &Settings::default());
        assert_eq!(listed, [(Task::Parcel, 1), (Task::Paid, 1)]);
        assert_eq!(dropped, [(Task::Birthday, Dropped::GlobalHoldout)]);
    }

    #[test]
    fn who_wants_no_messages_still_gets_parcels() {
        let known = Known { opted_out: [1].into(), blacklisted: [2].into(), ..Known::default() };
        let due = vec![
            row(Task::Due, 1, 10),
            row(Task::Parcel, 1, 10),
            row(Task::Due, 2, 10),
            row(Task::Parcel, 2, 10),
        ];
        let (listed, dropped) = chosen(due, &known, &Settings::default());
        assert_eq!(listed, [(Task::Parcel, 1)]);
        assert_eq!(
            dropped,
            [
                (Task::Due, Dropped::OptedOut),
                (Task::Due, Dropped::Blacklisted),
                (Task::Parcel, Dropped::Blacklisted)
            ]
        );
    }
}

//! Which of the tasks that are due are put on the list: nobody gets a message who wants none, nobody gets one twice,
//! and nobody gets more than one a day.

use std::collections::{HashMap, HashSet};

use super::Row;
use super::settings::Settings;
use super::tasks::Task;
use crate::metrics::calendar::first_day_of;
use crate::schema::{CustomerCode, Day};

/// Why a task that is due is not on the list; the first reason that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// The customer is in the standing holdout, which gets no messages but those of service.
    GlobalHoldout,
    /// The customer wants no messages.
    OptedOut,
    /// The shop has blacklisted the customer.
    Blacklisted,
    /// The log has this message already, sent since the task has been due.
    AlreadySent,
    /// Another message reached the customer within the fatigue days.
    ContactedRecently,
    /// A more urgent message goes to the same customer on the same day, or one was sent on it.
    SameDay,
}

impl Dropped {
    /// All reasons, in the order in which they are checked.
    pub const ALL: [Self; 6] = [
        Self::GlobalHoldout,
        Self::OptedOut,
        Self::Blacklisted,
        Self::AlreadySent,
        Self::ContactedRecently,
        Self::SameDay,
    ];
}

/// A message of a log that reached somebody, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The customer to whom it was sent, by code.
    pub customer: CustomerCode,
    /// The day on which it was sent.
    pub on: Day,
    /// The task that it was sent for; `None` if it was sent for something else.
    pub task: Option<Task>,
    /// The order that it was about; `None` if the log does not say it.
    pub order_id: Option<String>,
    /// Whether it was a message, not a parcel.
    pub is_message: bool,
}

/// The receiver of a message. What is sent to a contact reaches everybody who has that contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum To {
    /// A customer, by code.
    Customer(CustomerCode),
    /// A phone number, an address or an id to which messages are sent, by number.
    Contact(u32),
}

/// The contacts of a customer to which messages may be sent, by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contacts {
    /// The one by which the customer is reached.
    pub by: Option<u32>,
    /// All contacts of the customer.
    pub all: Vec<u32>,
}

/// What is known of the customers who have tasks that are due.
#[derive(Debug, Default)]
pub struct Known {
    /// For each customer the messages that he or she got, and for each contact the messages that anybody with that
    /// contact got; sorted by day.
    pub sent: HashMap<To, Vec<Sent>>,
    /// The contacts of customers, by code.
    pub contacts: HashMap<CustomerCode, Contacts>,
    /// Customers who want no messages, or who share a contact with somebody who wants none.
    pub opted_out: HashSet<CustomerCode>,
    /// Customers in the standing holdout.
    pub held_out: HashSet<CustomerCode>,
    /// Customers whom the shop has blacklisted, or who share a contact with one of these.
    pub blacklisted: HashSet<CustomerCode>,
}

impl Known {
    /// The receivers under which the messages are found that a customer got: the customer, and the contact by which the
    /// customer is reached.
    fn got(&self, customer: CustomerCode) -> impl Iterator<Item = To> {
        let by = self.contacts.get(&customer).and_then(|contacts| contacts.by);
        [To::Customer(customer)].into_iter().chain(by.map(To::Contact))
    }

    /// The receivers under which a message to a customer is recorded: the customer, and all contacts of the customer.
    fn gets(&self, customer: CustomerCode) -> impl Iterator<Item = To> {
        let all = self.contacts.get(&customer).into_iter().flat_map(|contacts| &contacts.all);
        [To::Customer(customer)].into_iter().chain(all.map(|number| To::Contact(*number)))
    }
}

/// The list, and what became of all tasks that are due.
#[derive(Debug)]
pub struct Chosen {
    /// The tasks on the list, sorted by day, urgency, customer and order.
    pub listed: Vec<Row>,
    /// How many tasks of each kind are due, in the order of [`Task::all`].
    pub due: Vec<u64>,
    /// How many of these were left out, by [`Dropped`].
    pub dropped: Vec<[u64; Dropped::ALL.len()]>,
}

/// The messages on the list so far, by receiver: the day and the task of each.
type Listed = HashMap<To, Vec<(Day, Task)>>;

/// Chooses the tasks of the list. `id` gives a customer's id, by which equally urgent tasks are sorted.
pub fn choose(
    mut due: Vec<Row>,
    known: &Known,
    settings: &Settings,
    id: impl Fn(CustomerCode) -> String,
) -> Chosen {
    let rank = |task: Task| settings.priority.iter().position(|of| *of == task).unwrap_or(usize::MAX);
    due.sort_by_cached_key(|row| {
        (row.due.on, rank(row.task), id(row.customer), row.order_id.clone(), row.product)
    });
    let none = || vec![0; Task::all().len()];
    let mut chosen =
        Chosen { listed: Vec::new(), due: none(), dropped: vec![[0; Dropped::ALL.len()]; Task::all().len()] };
    let mut listed = Listed::new();
    for row in due {
        chosen.due[row.task as usize] += 1;
        match dropped(&row, known, settings, &listed) {
            Some(why) => chosen.dropped[row.task as usize][why as usize] += 1,
            None => {
                if row.task.is_message() {
                    let gets = known.gets(row.customer);
                    gets.for_each(|to| listed.entry(to).or_default().push((row.due.on, row.task)));
                }
                chosen.listed.push(row);
            }
        }
    }
    chosen
}

fn dropped(row: &Row, known: &Known, settings: &Settings, listed: &Listed) -> Option<Dropped> {
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
    let fatigue = settings.fatigue_days[row.task as usize];
    let tired = first_day_of(row.due.on, fatigue)..=row.due.on;
    // Messages are sorted by day, so that those of the days that matter are found by binary search. A contact that many
    // customers share may have many messages.
    let since = row.due.since.min(*tired.start()).min(row.due.on);
    let of_days = |all: &[Sent]| {
        all.partition_point(|sent| sent.on < since)..all.partition_point(|sent| sent.on <= row.due.on)
    };
    let sent = || {
        let all = known.got(row.customer).filter_map(|to| known.sent.get(&to));
        all.flat_map(|all| &all[of_days(all)])
    };
    if sent().any(|sent| is_this(row, sent)) {
        return Some(Dropped::AlreadySent);
    }
    if !is_message {
        return None;
    }
    let counts = |task: Option<Task>| task.is_none() || task != row.task.follows();
    let sent = || sent().filter(|sent| sent.is_message && counts(sent.task)).map(|sent| sent.on);
    let of_list = || known.got(row.customer).flat_map(|to| listed.get(&to).into_iter().flatten());
    // The list's own messages of the day itself are counted under another rule below.
    let before = of_list().filter(|(on, task)| *on < row.due.on && counts(Some(*task))).map(|(on, _)| *on);
    if sent().chain(before).any(|on| tired.contains(&on)) {
        return Some(Dropped::ContactedRecently);
    }
    let mut that_day = sent().chain(of_list().map(|(on, _)| *on));
    that_day.any(|on| on == row.due.on).then_some(Dropped::SameDay)
}

/// Whether a message of a log is the one that is due: it was sent for the same task since that has been due and, if
/// both name an order, about the same order. If the task is about an order and the message names none, it must have
/// been sent to the same customer; one to somebody else with the same contact does not count.
fn is_this(row: &Row, sent: &Sent) -> bool {
    let days = row.due.since.min(row.due.on)..=row.due.on;
    sent.task == Some(row.task)
        && days.contains(&sent.on)
        && match (&row.order_id, &sent.order_id) {
            (Some(due), Some(sent)) => due == sent,
            (Some(_), None) => sent.customer == row.customer,
            (None, _) => true,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Remark;
    use crate::metrics::care::calendar::Due;

    const ONE: CustomerCode = CustomerCode::new(1);
    const TWO: CustomerCode = CustomerCode::new(2);

    fn row(task: Task, customer: u32, on: i32) -> Row {
        let (customer, on) = (CustomerCode::new(customer), Day::new(on));
        Row::new(task, customer, Due { on, since: on }, on, Remark::new("x"))
    }

    /// A message of a log to customer 1.
    fn sent(on: i32, task: Option<Task>) -> Sent {
        let on = Day::new(on);
        Sent { customer: ONE, on, task, order_id: None, is_message: true }
    }

    /// The tasks that are listed, with their customers, and those that are left out, with the rule.
    type Sorted = (Vec<(Task, u32)>, Vec<(Task, Dropped)>);

    fn chosen(due: Vec<Row>, known: &Known, settings: &Settings) -> Sorted {
        let all = due.len() as u64;
        let chosen = choose(due, known, settings, |code| code.number().to_string());
        let counts = |task: Task| {
            let of = chosen.dropped[task as usize];
            Dropped::ALL.into_iter().filter(move |why| of[*why as usize] > 0).map(move |why| (task, why))
        };
        let dropped: u64 = chosen.dropped.iter().flatten().sum();
        assert_eq!(chosen.due.iter().sum::<u64>(), all);
        assert_eq!(chosen.listed.len() as u64 + dropped, all);
        let listed = chosen.listed.iter().map(|row| (row.task, row.customer.number())).collect();
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

    /// The fatigue days end with the day of the task: seven days up to the tenth hold the fourth, not the third.
    #[test]
    fn a_message_within_the_days_of_fatigue_keeps_others_back() {
        let settings = Settings { fatigue_days: vec![7; Task::all().len()], ..Settings::default() };
        let known = |of: Sent| Known { sent: [(To::Customer(ONE), vec![of])].into(), ..Known::default() };
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
        // A parcel is no message, and no message keeps it back.
        assert!(why(Sent { is_message: false, ..sent(9, None) }, Task::Birthday).is_empty());
        assert!(why(sent(9, None), Task::Parcel).is_empty());
        // The second reminder follows the first.
        assert!(why(sent(10, Some(Task::UnpaidFirst)), Task::UnpaidSecond).is_empty());
        assert_eq!(why(sent(10, None), Task::UnpaidSecond), recently(Task::UnpaidSecond));
    }

    #[test]
    fn without_days_of_fatigue_there_is_still_one_message_a_day() {
        let sent = vec![sent(10, Some(Task::Paid))];
        let known = Known { sent: [(To::Customer(ONE), sent)].into(), ..Known::default() };
        let settings = Settings::default();
        let why = |on| chosen(vec![row(Task::Birthday, 1, on)], &known, &settings).1;
        assert_eq!(why(10), [(Task::Birthday, Dropped::SameDay)]);
        assert!(why(11).is_empty());
    }

    #[test]
    fn the_standing_holdout_gets_service_and_parcels() {
        let known = Known { held_out: [ONE].into(), ..Known::default() };
        let due = vec![row(Task::Birthday, 1, 10), row(Task::Paid, 1, 11), row(Task::Parcel, 1, 10)];
        let (listed, dropped) = chosen(due, &known, &Settings::default());
        assert_eq!(listed, [(Task::Parcel, 1), (Task::Paid, 1)]);
        assert_eq!(dropped, [(Task::Birthday, Dropped::GlobalHoldout)]);
    }

    #[test]
    fn who_wants_no_messages_still_gets_parcels() {
        let known = Known { opted_out: [ONE].into(), blacklisted: [TWO].into(), ..Known::default() };
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

    /// The log has a parcel of order `a`, or one that names no order.
    #[test]
    fn a_task_about_an_order_is_done_for_each_order() {
        let of_order = |order: &str| {
            let (on, since) = (Day::new(10), Day::new(8));
            let due = Due { on, since };
            Row {
                order_id: Some(order.to_owned()),
                ..Row::new(Task::Parcel, ONE, due, since, Remark::new("x"))
            }
        };
        let listed = |order: Option<&str>, on: i32| -> Vec<String> {
            let order_id = order.map(str::to_owned);
            let sent = vec![Sent { order_id, is_message: false, ..sent(on, Some(Task::Parcel)) }];
            let known = Known { sent: [(To::Customer(ONE), sent)].into(), ..Known::default() };
            let chosen =
                choose(vec![of_order("a"), of_order("b")], &known, &Settings::default(), |_| String::new());
            chosen.listed.into_iter().filter_map(|row| row.order_id).collect()
        };
        assert_eq!(listed(Some("a"), 9), ["b"]);
        assert_eq!(listed(Some("a"), 7), ["a", "b"]);
        assert!(listed(None, 9).is_empty());
    }

    /// With three fatigue days, the message of the tenth keeps one of the twelfth back, and not one of the thirteenth.
    /// Messages that are listed for the day itself are counted under the other rule.
    #[test]
    fn what_is_listed_for_one_day_tires_for_the_next_ones() {
        let settings = Settings { fatigue_days: vec![3; Task::all().len()], ..Settings::default() };
        let due = || [10, 11, 12, 13, 14].map(|on| row(Task::Holiday, 1, on)).to_vec();
        let days = |due| -> (Vec<i32>, [u64; Dropped::ALL.len()]) {
            let chosen = choose(due, &Known::default(), &settings, |code| code.number().to_string());
            let days = chosen.listed.iter().map(|row| row.due.on.number()).collect();
            (days, chosen.dropped[Task::Holiday as usize])
        };
        assert_eq!(days(due()), (vec![10, 13], [0, 0, 0, 0, 3, 0]));
        let twice = [due(), vec![row(Task::Holiday, 1, 10), row(Task::Holiday, 2, 11)]].concat();
        assert_eq!(days(twice), (vec![10, 11, 13], [0, 0, 0, 0, 3, 1]));
        // The second reminder may follow the first one on the next day, too, and a parcel keeps no message back.
        let (listed, dropped) = chosen(
            vec![
                row(Task::UnpaidFirst, 1, 10),
                row(Task::UnpaidSecond, 1, 11),
                row(Task::Parcel, 2, 10),
                row(Task::Holiday, 2, 11),
                row(Task::Parcel, 2, 12),
            ],
            &Known::default(),
            &settings,
        );
        let all = [
            (Task::UnpaidFirst, 1),
            (Task::Parcel, 2),
            (Task::UnpaidSecond, 1),
            (Task::Holiday, 2),
            (Task::Parcel, 2),
        ];
        assert_eq!((listed.as_slice(), dropped.len()), (all.as_slice(), 0));
    }

    /// Customers 1 and 2 are reached by contact 0. Customer 3 has it, too, and is reached by contact 1, which nobody
    /// else has.
    #[test]
    fn two_who_are_reached_by_one_contact_get_one_message() {
        let contacts = |by, all: &[u32]| Contacts { by: Some(by), all: all.to_vec() };
        let known = |sent| Known {
            contacts: [(1, contacts(0, &[0])), (2, contacts(0, &[0])), (3, contacts(1, &[0, 1]))]
                .map(|(customer, of)| (CustomerCode::new(customer), of))
                .into(),
            sent,
            ..Known::default()
        };
        let settings = Settings { fatigue_days: vec![7; Task::all().len()], ..Settings::default() };
        let due = || (1..=3).map(|customer| row(Task::Birthday, customer, 10)).collect::<Vec<Row>>();
        let (listed, dropped) = chosen(due(), &known(HashMap::new()), &settings);
        assert_eq!(listed, [(Task::Birthday, 1), (Task::Birthday, 3)]);
        assert_eq!(dropped, [(Task::Birthday, Dropped::SameDay)]);
        // A message to 3 counts for those who share contact 0, too.
        let (listed, _) = chosen(
            vec![row(Task::Paid, 3, 10), row(Task::Birthday, 1, 11)],
            &known(HashMap::new()),
            &settings,
        );
        assert_eq!(listed, [(Task::Paid, 3)]);
        // Customer 2 got another message yesterday, or this one today.
        let before = |task| known([(To::Contact(0), vec![Sent { customer: TWO, ..sent(9, task) }])].into());
        let recently = chosen(due(), &before(None), &settings);
        assert_eq!(recently, (vec![(Task::Birthday, 3)], vec![(Task::Birthday, Dropped::ContactedRecently)]));
        let today =
            known([(To::Contact(0), vec![Sent { customer: TWO, ..sent(10, Some(Task::Birthday)) }])].into());
        let already = chosen(due(), &today, &settings);
        assert_eq!(already, (vec![(Task::Birthday, 3)], vec![(Task::Birthday, Dropped::AlreadySent)]));
        // A message about an order of 2 is not one about the order of 1.
        let of_order = Row { order_id: Some("a".to_owned()), ..row(Task::Parcel, 1, 10) };
        let log = Sent { customer: TWO, is_message: false, ..sent(10, Some(Task::Parcel)) };
        let known = known([(To::Contact(0), vec![log])].into());
        assert_eq!(chosen(vec![of_order], &known, &settings).0, [(Task::Parcel, 1)]);
    }
}

//! How people can be reached: how many, through which ways, and how often they were contacted.

mod tables;

use std::collections::HashMap;

use rayon::prelude::*;
use serde_json::Map;

use self::tables::{channels, faults, frequency, segments};
use super::{About, Answer, CUSTOMERS};
use crate::customers::messages::{Message, received};
use crate::customers::reach::{Contacts, Judged, Marked, Way};
use crate::customers::{self, Ground, Needs, Where, Wished};
use crate::error::{Error, Result};
use crate::locale::Remark;
use crate::metrics::calendar::first_day_of;
use crate::metrics::segment::SEGMENTS;
use crate::metrics::touchpoints::{self as metric, Messages, Reach, Standing};
use crate::schema::{Wants, names};

/// How people can be reached.
#[derive(Debug, Clone, Default)]
pub struct Touchpoints {
    /// The condition that the people meet; `None` for everybody.
    pub condition: Option<Where>,
}

/// Keys of the rows for several ways together: all of the shop's own ways, and these with the platform's.
const OWN: &str = "own";
const ANY: &str = "any";

/// Key of the row for people without an order, among the segments.
const NO_ORDER: &str = "no_order";

const RECENT_DAYS: u32 = 30;

/// The figures of one way or of several together.
struct Row {
    key: &'static str,
    /// `None` where no input has contacts of this way.
    reach: Option<Reach>,
    /// Whether the reasons why people are not reached are counted, which only a single way has.
    is_one_way: bool,
    contacts: metric::Contacts,
}

/// What is known of one way, with one value per person.
struct OfWay {
    way: Way,
    is_known: bool,
    standings: Vec<Standing>,
    messages: Vec<Messages>,
    unsure: u64,
}

/// The people whom the answer is about.
struct People {
    /// Their rows in the customer table.
    rows: Vec<usize>,
    net: Vec<i128>,
    /// The indices of their segments in [`SEGMENTS`], and its length for [`NO_ORDER`].
    segments: Vec<usize>,
}

impl Touchpoints {
    /// What is known of this question before it is asked.
    pub const ABOUT: About = About { name: "touchpoints", writes: &Self::TABLES, ..CUSTOMERS };

    /// The tables that it writes.
    pub const TABLES: [&'static str; 4] = ["channels", "faults", "segments", "frequency"];

    /// The columns of the customer table that this question needs.
    pub fn wished(&self) -> Wished {
        let mut wished = Wished::default();
        let own = [names::NET_AMOUNT, names::SEGMENT, names::IS_OPTED_OUT, names::IS_BLACKLISTED];
        own.into_iter().for_each(|name| wished.add_any(name));
        self.condition.iter().for_each(|condition| wished.add_all(&condition.wished()));
        wished
    }

    /// What has to be read from the inputs for this question.
    pub fn wants(&self) -> Wants {
        let needs = Way::ALL.iter().map(|way| way.needs()).fold(Needs::EVERYBODY, Needs::and);
        self.wished().wants().and(&needs.wants())
    }

    /// The answer with all tables.
    ///
    /// # Errors
    /// Wrong usage when a name in the condition is a column neither of the customer table nor of the files.
    pub fn answer(&self, ground: &Ground<'_>) -> Result<Answer> {
        let table = customers::Table::build(ground, &self.wished())?;
        let people = self.people(ground, &table)?;
        let flag = |name: &str| table.flags(name);
        let (opted_out, blacklisted) = (flag(names::IS_OPTED_OUT)?, flag(names::IS_BLACKLISTED)?);
        let received = ground.sends.map(received).transpose()?.unwrap_or_default();
        let ways = Way::ALL.iter().map(|way| {
            let contacts = Contacts::new(ground, *way)?;
            let marked = [&opted_out, &blacklisted].map(|marks| Marked::new(marks.clone(), &contacts));
            of_way(ground, *way, &contacts, &marked, (&people, &received))
        });
        let ways: Vec<OfWay> = ways.collect::<Result<_>>()?;
        let mut rows: Vec<Row> = ways.iter().map(|of| row(of, &people)).collect();
        let is_own = |way: Way| way != Way::Platform;
        rows.push(together(OWN, &ways, &people, is_own));
        rows.push(together(ANY, &ways, &people, |_| true));
        if rows.iter().any(|row| row.reach.as_ref().is_some_and(|reach| !reach.is_balanced())) {
            return Err(Error::Internal("somebody is reached and not reached in one way".to_owned()));
        }
        let says =
            |name: &str| table.frame.column(name).is_ok_and(|column| column.null_count() < column.len());
        let known = [says(names::IS_OPTED_OUT), says(names::IS_BLACKLISTED)];
        let mut notes = Vec::new();
        if !known[0] && !people.rows.is_empty() {
            notes.push(Remark::new("touchpoints_no_opt_outs"));
        }
        let unsure: u64 = ways.iter().map(|of| of.unsure).sum();
        if unsure > 0 {
            notes.push(Remark::new("touchpoints_unsure").with("n", unsure));
        }
        if ground.sends.is_none() {
            notes.push(Remark::new("touchpoints_no_sends"));
        }
        Ok(Answer {
            tables: vec![
                channels(&rows, &people, known, ground.sends.is_some())?,
                faults(&rows)?,
                segments(&ways, &people)?,
                frequency(&rows, ground.sends.is_some())?,
            ],
            parameters: Map::new(),
            notes,
            as_of: ground.scope.known_day(),
            window: ground.scope.window,
            customer_count: people.rows.len() as u64,
            order_count: ground.facts.order_total,
            accounting: ground.facts.accounting.clone(),
            ..Answer::default()
        })
    }

    fn people(&self, ground: &Ground<'_>, table: &customers::Table) -> Result<People> {
        let rows: Vec<usize> = match &self.condition {
            Some(condition) => {
                let kept = condition.keeps(ground, table)?;
                kept.iter().enumerate().filter(|(_, kept)| *kept == Some(true)).map(|(row, _)| row).collect()
            }
            None => (0..ground.len()).collect(),
        };
        let net = table.frame.column(names::NET_AMOUNT)?.decimal()?.physical().rechunk().into_owned();
        let segments = table.frame.column(names::SEGMENT)?.str()?.rechunk().into_owned();
        let segment = |row: &usize| {
            let key = segments.get(*row);
            SEGMENTS.iter().position(|segment| Some(*segment) == key).unwrap_or(SEGMENTS.len())
        };
        Ok(People {
            net: rows.iter().map(|row| net.get(*row).unwrap_or(0)).collect(),
            segments: rows.iter().map(segment).collect(),
            rows,
        })
    }
}

fn of_way(
    ground: &Ground<'_>,
    way: Way,
    contacts: &Contacts<'_>,
    marked: &[Marked; 2],
    (people, received): (&People, &[Message]),
) -> Result<OfWay> {
    let [opted_out, blacklisted] = marked;
    // The number of a reachable contact stays 0 here; the contacts are numbered below, in sequence.
    let standing = |row: &usize| {
        let (judged, contact) = (contacts.judge(*row), contacts.key(*row));
        let standing = match (judged, &contact) {
            (None, _) | (_, None) => Standing::NoContact,
            (Some(Judged::Wrong(fault)), _) => Standing::Invalid(fault),
            (_, Some(contact)) if opted_out.has(*row, Some(contact)) => Standing::OptedOut,
            (_, Some(contact)) if blacklisted.has(*row, Some(contact)) => Standing::Blacklisted,
            _ => Standing::Reachable(0),
        };
        let contact = contact.filter(|_| matches!(standing, Standing::Reachable(_)));
        let is_unsure = judged == Some(Judged::Unsure) && contact.is_some();
        (standing, contact, is_unsure)
    };
    let all: Vec<(Standing, Option<String>, bool)> = people.rows.par_iter().map(standing).collect();
    let unsure = all.iter().filter(|(.., is_unsure)| *is_unsure).count() as u64;
    let mut numbers: HashMap<String, u32, foldhash::fast::RandomState> = HashMap::default();
    let numbered = |(standing, contact, _): (Standing, Option<String>, bool)| match contact {
        Some(contact) => {
            let next = numbers.len() as u32;
            Standing::Reachable(*numbers.entry(contact).or_insert(next))
        }
        None => standing,
    };
    let standings = all.into_iter().map(numbered).collect();
    let messages = messages(ground, people, received, |channel| Way::of_channel(channel) == Some(way));
    Ok(OfWay { way, is_known: contacts.is_known(), standings, messages, unsure })
}

/// The messages that each person got through the channels for which `is_of` holds.
fn messages(
    ground: &Ground<'_>,
    people: &People,
    received: &[Message],
    is_of: impl Fn(&str) -> bool,
) -> Vec<Messages> {
    let Some(sends) = ground.sends else { return vec![Messages::default(); people.rows.len()] };
    let as_of = ground.as_of();
    let first_recent = first_day_of(as_of, RECENT_DAYS);
    let is_of: Vec<bool> = sends.table().words(names::CHANNEL).iter().map(|word| is_of(word)).collect();
    let mut by_code = vec![Messages::default(); ground.ids.len()];
    for message in received.iter().filter(|message| message.sent_on <= as_of) {
        let is_meant = message.channel.and_then(|channel| is_of.get(channel as usize)) == Some(&true);
        if is_meant {
            let of = &mut by_code[message.code.place()];
            let since = message.sent_on.days_until(as_of);
            of.days_since = Some(of.days_since.map_or(since, |before| before.min(since)));
            of.count_30d += u64::from(message.sent_on >= first_recent);
        }
    }
    let codes = ground.codes();
    people.rows.iter().map(|row| by_code[codes[*row].place()]).collect()
}

fn row(of: &OfWay, people: &People) -> Row {
    let reach = of.is_known.then(|| Reach::of(of.standings.iter().zip(people.net.iter().copied())));
    Row {
        key: of.way.code(),
        reach,
        is_one_way: true,
        contacts: metric::Contacts::of(of.messages.iter().copied()),
    }
}

/// Combines several ways: a person is reachable if any of them reaches the person.
fn together(key: &'static str, ways: &[OfWay], people: &People, is_of: impl Fn(Way) -> bool) -> Row {
    let ways: Vec<&OfWay> = ways.iter().filter(|of| is_of(of.way)).collect();
    let known: Vec<&&OfWay> = ways.iter().filter(|of| of.is_known).collect();
    let standing = |person: usize| {
        let is_reached = known.iter().any(|of| matches!(of.standings[person], Standing::Reachable(_)));
        // People are counted here, so each has a number of its own and none is a duplicate.
        if is_reached { Standing::Reachable(person as u32) } else { Standing::NoContact }
    };
    let standings: Vec<Standing> = (0..people.rows.len()).map(standing).collect();
    let reach = (!known.is_empty()).then(|| Reach::of(standings.iter().zip(people.net.iter().copied())));
    let messages = (0..people.rows.len()).map(|person| {
        let of = ways.iter().map(|of| of.messages[person]);
        of.fold(Messages::default(), |all, one| Messages {
            days_since: [all.days_since, one.days_since].into_iter().flatten().min(),
            count_30d: all.count_30d + one.count_30d,
        })
    });
    Row { key, reach, is_one_way: false, contacts: metric::Contacts::of(messages) }
}

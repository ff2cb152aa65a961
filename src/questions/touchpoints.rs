//! How people can be reached: who, in which way, and how often they were.

use rayon::prelude::*;
use serde_json::Map;

use super::{About, Answer, CUSTOMERS};
use crate::answer::{Kind, Spec, Table};
use crate::contacts::Fault;
use crate::customers::messages::received;
use crate::customers::reach::{Contacts, Judged, Marked, Way};
use crate::customers::{self, Ground, Needs, Where, Wished};
use crate::error::{Error, Result};
use crate::locale::Remark;
use crate::metrics::calendar::first_day_of;
use crate::metrics::finish::{counts, frame, ratios, share, texts};
use crate::metrics::segment::SEGMENTS;
use crate::metrics::touchpoints::{self as metric, Messages, Reach, Standing};
use crate::schema::{Wants, names};

/// How people can be reached.
#[derive(Debug, Clone, Default)]
pub struct Touchpoints {
    /// Who is meant; everybody where nothing is said.
    pub condition: Option<Where>,
}

/// What stands for all ways together in tables: those of the shop's own, and with the platform's.
const OWN: &str = "own";
const ANY: &str = "any";

/// What stands for those who have not bought among segments.
const NO_ORDER: &str = "no_order";

const RECENT_DAYS: u32 = 30;

/// One way, or several together, of the people who are meant.
struct Row {
    key: &'static str,
    /// None where no input says how anybody is reached in this way.
    reach: Option<Reach>,
    /// Whether the parts that cannot be reached are told apart.
    is_one_way: bool,
    contacts: metric::Contacts,
}

/// What is known of one way, a value per person who is meant.
struct OfWay {
    way: Way,
    is_known: bool,
    standings: Vec<Standing>,
    messages: Vec<Messages>,
    unsure: u64,
}

/// The people who are meant.
struct People {
    /// Their rows of the ground.
    rows: Vec<usize>,
    net: Vec<i128>,
    /// The places of their segments, [`SEGMENTS`] and then [`NO_ORDER`].
    segments: Vec<usize>,
}

impl Touchpoints {
    /// What is known of it before it is asked.
    pub const ABOUT: About = About { name: "touchpoints", ..CUSTOMERS };

    /// Its tables.
    pub const TABLES: [&'static str; 4] = ["channels", "faults", "segments", "frequency"];

    /// The columns it asks the customer table for.
    pub fn wished(&self) -> Wished {
        let mut wished = Wished::default();
        let own = [names::NET_AMOUNT, names::SEGMENT, names::IS_OPTED_OUT, names::IS_BLACKLISTED];
        own.into_iter().for_each(|name| wished.add_any(name));
        self.condition.iter().for_each(|condition| wished.add_all(&condition.wished()));
        wished
    }

    /// What is to be read for it.
    pub fn wants(&self) -> Wants {
        let needs = Way::ALL.iter().map(|way| way.needs()).fold(Needs::EVERYBODY, Needs::and);
        self.wished().wants().and(&needs.wants())
    }

    /// The answer.
    ///
    /// # Errors
    /// Wrong usage where a name is no column of the files either.
    pub fn answer(&self, ground: &Ground<'_>) -> Result<Answer> {
        let table = customers::Table::build(ground, &self.wished())?;
        let people = self.people(ground, &table)?;
        let flag = |name: &str| table.flags(name);
        let (opted_out, blacklisted) = (flag(names::IS_OPTED_OUT)?, flag(names::IS_BLACKLISTED)?);
        let ways = Way::ALL.iter().map(|way| {
            let contacts = Contacts::new(ground, *way)?;
            let marked = [&opted_out, &blacklisted].map(|marks| Marked::new(marks.clone(), &contacts));
            of_way(ground, *way, &contacts, &marked, &people)
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
            as_of: ground.scope.as_of,
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
    people: &People,
) -> Result<OfWay> {
    let [opted_out, blacklisted] = marked;
    let standing = |row: &usize| {
        let (judged, contact) = (contacts.judge(*row), contacts.key(*row));
        let standing = match (judged, contact) {
            (None, _) | (_, None) => Standing::NoContact,
            (Some(Judged::Wrong(fault)), _) => Standing::Invalid(fault),
            (_, Some(contact)) if opted_out.has(*row, Some(&contact)) => Standing::OptedOut,
            (_, Some(contact)) if blacklisted.has(*row, Some(&contact)) => Standing::Blacklisted,
            (_, Some(contact)) => Standing::Reachable(contact),
        };
        let is_unsure = judged == Some(Judged::Unsure) && matches!(standing, Standing::Reachable(_));
        (standing, u64::from(is_unsure))
    };
    let (standings, unsure): (Vec<Standing>, Vec<u64>) = people.rows.par_iter().map(standing).unzip();
    let unsure = unsure.iter().sum();
    let messages = messages(ground, people, |channel| Way::of_channel(channel) == Some(way))?;
    Ok(OfWay { way, is_known: contacts.is_known(), standings, messages, unsure })
}

/// The messages through some channels to each of the people.
fn messages(ground: &Ground<'_>, people: &People, is_of: impl Fn(&str) -> bool) -> Result<Vec<Messages>> {
    let Some(sends) = ground.sends else { return Ok(vec![Messages::default(); people.rows.len()]) };
    let as_of = ground.as_of();
    let first_recent = first_day_of(as_of, RECENT_DAYS);
    let is_of: Vec<bool> = sends.table().words(names::CHANNEL).iter().map(|word| is_of(word)).collect();
    let mut by_code = vec![Messages::default(); ground.ids.len()];
    for message in received(sends)?.iter().filter(|message| message.sent_on <= as_of) {
        let is_meant = message.channel.and_then(|channel| is_of.get(channel as usize)) == Some(&true);
        if is_meant {
            let of = &mut by_code[message.code as usize];
            let since = as_of - message.sent_on;
            of.days_since = Some(of.days_since.map_or(since, |before| before.min(since)));
            of.count_30d += u64::from(message.sent_on >= first_recent);
        }
    }
    let codes = ground.codes();
    Ok(people.rows.iter().map(|row| by_code[codes[*row] as usize]).collect())
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

/// Who is reached in any of some ways, by the best standing that a person has.
fn together(key: &'static str, ways: &[OfWay], people: &People, is_of: impl Fn(Way) -> bool) -> Row {
    let ways: Vec<&OfWay> = ways.iter().filter(|of| is_of(of.way)).collect();
    let known: Vec<&&OfWay> = ways.iter().filter(|of| of.is_known).collect();
    let standing = |person: usize| {
        let is_reached = known.iter().any(|of| matches!(of.standings[person], Standing::Reachable(_)));
        // Who is reached in several ways is one person, so that no two are the same here.
        if is_reached { Standing::Reachable(person.to_string()) } else { Standing::NoContact }
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

/// The main table, of one row per way and two of all together.
fn channels(rows: &[Row], people: &People, known: [bool; 2], has_sends: bool) -> Result<Table> {
    let net: i128 = people.net.iter().sum();
    let count = |name: &'static str, of: &dyn Fn(&Reach) -> Option<u64>| {
        counts(name, rows.iter().map(|row| row.reach.as_ref().and_then(of)))
    };
    // Of several ways together it is not told why somebody is not reached.
    let part = |name: &'static str, of: &dyn Fn(&Reach) -> Option<u64>| {
        counts(name, rows.iter().map(|row| row.reach.as_ref().filter(|_| row.is_one_way).and_then(of)))
    };
    let ratio = |name: &'static str, of: &dyn Fn(&Reach) -> Option<f64>| {
        ratios(name, rows.iter().map(|row| row.reach.as_ref().and_then(of)))
    };
    let [knows_opt_outs, knows_black_list] = known;
    let columns = vec![
        texts(names::CHANNEL, rows.iter().map(|row| Some(row.key.to_owned()))),
        counts(names::CUSTOMER_COUNT, rows.iter().map(|_| Some(people.rows.len() as u64))),
        count(names::REACHABLE_COUNT, &|reach| Some(reach.reachable)),
        ratio(names::REACHABLE_SHARE, &|reach| reach.share().rate()),
        ratio(names::REACHABLE_LOW, &|reach| Some(reach.share().interval()?.0)),
        ratio(names::REACHABLE_HIGH, &|reach| Some(reach.share().interval()?.1)),
        ratio(names::REACHABLE_NET_SHARE, &|reach| share(reach.net, net)),
        part(names::NO_CONTACT_COUNT, &|reach| Some(reach.no_contact)),
        part(names::INVALID_COUNT, &|reach| Some(reach.invalid)),
        part(names::OPTED_OUT_COUNT, &|reach| knows_opt_outs.then_some(reach.opted_out)),
        part(names::BLACKLISTED_COUNT, &|reach| knows_black_list.then_some(reach.blacklisted)),
        part(names::DUPLICATE_COUNT, &|reach| Some(reach.duplicates)),
        counts(names::CONTACTED_COUNT, rows.iter().map(|row| has_sends.then_some(row.contacts.contacted))),
        ratios(names::MEDIAN_DAYS_SINCE_CONTACT, rows.iter().map(|row| row.contacts.median_days)),
    ];
    let specs = vec![
        Spec::new(names::CHANNEL, Kind::Label("way"), 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 1),
        Spec::new(names::REACHABLE_COUNT, Kind::Count, 0),
        Spec::new(names::REACHABLE_SHARE, Kind::Share, 0),
        Spec::new(names::REACHABLE_LOW, Kind::Share, 6),
        Spec::new(names::REACHABLE_HIGH, Kind::Share, 6),
        Spec::new(names::REACHABLE_NET_SHARE, Kind::Share, 0),
        Spec::new(names::NO_CONTACT_COUNT, Kind::Count, 2),
        Spec::new(names::INVALID_COUNT, Kind::Count, 1),
        Spec::new(names::OPTED_OUT_COUNT, Kind::Count, 2),
        Spec::new(names::BLACKLISTED_COUNT, Kind::Count, 5),
        Spec::new(names::DUPLICATE_COUNT, Kind::Count, 3),
        Spec::new(names::CONTACTED_COUNT, Kind::Count, 4),
        Spec::new(names::MEDIAN_DAYS_SINCE_CONTACT, Kind::Days, 3),
    ];
    Ok(Table::new("channels", "channels", specs, frame(columns)?))
}

/// Why what is said of people cannot be right, by way; only what there is.
fn faults(rows: &[Row]) -> Result<Table> {
    let all = rows.iter().filter(|row| row.is_one_way).flat_map(|row| {
        let of = row.reach.iter().flat_map(|reach| Fault::ALL.iter().zip(reach.faults));
        of.map(|(fault, count)| (row.key, *fault, count))
    });
    let found: Vec<(&str, Fault, u64)> = all.filter(|(.., count)| *count > 0).collect();
    let columns = vec![
        texts(names::CHANNEL, found.iter().map(|(key, ..)| Some((*key).to_owned()))),
        texts(names::REASON, found.iter().map(|(_, fault, _)| Some(fault.code().to_owned()))),
        counts(names::INVALID_COUNT, found.iter().map(|(.., count)| Some(*count))),
    ];
    let specs = vec![
        Spec::new(names::CHANNEL, Kind::Label("way"), 0),
        Spec::new(names::REASON, Kind::Label("fault"), 0),
        Spec::new(names::INVALID_COUNT, Kind::Count, 0),
    ];
    Ok(Table::new("faults", "rows", specs, frame(columns)?))
}

/// For each segment the way of the shop's own that reaches most of it; the platform's, which reaches all of its own
/// customers, only where there is no other.
fn segments(ways: &[OfWay], people: &People) -> Result<Table> {
    let keys = SEGMENTS.iter().copied().chain([NO_ORDER]);
    let reached = |segment: usize, of: &OfWay| {
        let people = people.segments.iter().zip(&of.standings).zip(&people.net);
        Reach::of(people.filter(|((of, _), _)| **of == segment).map(|((_, standing), net)| (standing, *net)))
    };
    let best = keys.enumerate().map(|(segment, key)| {
        let of = |of: &OfWay| of.is_known.then(|| (of.way, reached(segment, of)));
        let (own, platform): (Vec<_>, Vec<_>) =
            ways.iter().filter_map(of).partition(|(way, _)| *way != Way::Platform);
        let most = |all: Vec<(Way, Reach)>| {
            let all = all.into_iter().filter(|(_, reach)| reach.reachable > 0);
            all.max_by_key(|(way, reach)| (reach.reachable, std::cmp::Reverse(*way)))
        };
        let count = people.segments.iter().filter(|of| **of == segment).count() as u64;
        (key, count, most(own).or_else(|| most(platform)))
    });
    let best: Vec<_> = best.filter(|(_, count, _)| *count > 0).collect();
    let ratio = |name, of: &dyn Fn(&Reach) -> Option<f64>| {
        ratios(name, best.iter().map(|(.., best)| best.as_ref().and_then(|(_, reach)| of(reach))))
    };
    let columns = vec![
        texts(names::SEGMENT, best.iter().map(|(key, ..)| Some((*key).to_owned()))),
        counts(names::CUSTOMER_COUNT, best.iter().map(|(_, count, _)| Some(*count))),
        texts(
            names::BEST_CHANNEL,
            best.iter().map(|(.., best)| best.as_ref().map(|(way, _)| way.code().to_owned())),
        ),
        counts(
            names::REACHABLE_COUNT,
            best.iter().map(|(.., best)| Some(best.as_ref().map_or(0, |(_, reach)| reach.reachable))),
        ),
        ratio(names::REACHABLE_SHARE, &|reach| reach.share().rate()),
        ratio(names::REACHABLE_LOW, &|reach| Some(reach.share().interval()?.0)),
        ratio(names::REACHABLE_HIGH, &|reach| Some(reach.share().interval()?.1)),
    ];
    let specs = vec![
        Spec::new(names::SEGMENT, Kind::Label("segment"), 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::BEST_CHANNEL, Kind::LabelOr("way"), 0),
        Spec::new(names::REACHABLE_COUNT, Kind::Count, 0),
        Spec::new(names::REACHABLE_SHARE, Kind::Share, 0),
        Spec::new(names::REACHABLE_LOW, Kind::Share, 2),
        Spec::new(names::REACHABLE_HIGH, Kind::Share, 2),
    ];
    Ok(Table::new("segments", "segments", specs, frame(columns)?))
}

/// How many people were sent how many messages in the last 30 days, in the ways in which anybody was sent any.
fn frequency(rows: &[Row], has_sends: bool) -> Result<Table> {
    let is_used = |row: &&Row| has_sends && (row.contacts.contacted > 0 || row.key == ANY);
    let all: Vec<(&str, u64, u64, u64)> = rows
        .iter()
        .filter(is_used)
        .flat_map(|row| {
            let people: u64 = row.contacts.counts.iter().map(|(_, people)| people).sum();
            row.contacts.counts.iter().map(move |(count, of)| (row.key, *count, *of, people))
        })
        .collect();
    let columns = vec![
        texts(names::CHANNEL, all.iter().map(|(key, ..)| Some((*key).to_owned()))),
        counts(names::CONTACT_COUNT_30D, all.iter().map(|(_, count, ..)| Some(*count))),
        counts(names::CUSTOMER_COUNT, all.iter().map(|(_, _, of, _)| Some(*of))),
        ratios(
            names::CUSTOMER_SHARE,
            all.iter().map(|(_, _, of, people)| share((*of).into(), (*people).into())),
        ),
    ];
    let specs = vec![
        Spec::new(names::CHANNEL, Kind::Label("way"), 0),
        Spec::new(names::CONTACT_COUNT_30D, Kind::Count, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_SHARE, Kind::Bar, 0),
    ];
    Ok(Table::new("frequency", "rows", specs, frame(columns)?))
}

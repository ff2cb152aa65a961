//! How customers moved between two days.

mod tables;

use polars::prelude::*;

use super::calendar::months_before;
use super::customer_facts::{Between, CustomerFacts, FactsAtTwoDays, facts_at_two_days};
use super::rfm::{Cuts, Grouping, RfmParams, Scoring, rfm};
use super::scope::Scope;
use super::segment::{SEGMENTS, SegmentParams, VALUES, segment};
use super::value::{CLASSES, ValueParams, value};
use super::{coverage, rfm};
use crate::error::{Error, Result, said};
use crate::schema::accounting::Accounting;
use crate::schema::{CustomerIds, Orders, names, orders};

/// What customers move between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Lifecycle segments.
    #[default]
    Segment,
    /// RFM groups, by the cut points of the earlier day.
    #[value(name = names::RFM_GROUP)]
    RfmGroup,
    /// High and low value.
    Value,
    /// Core, potential and mass customers.
    Class,
}

impl By {
    /// The section of the translations that names the groups.
    pub fn section(self) -> &'static str {
        match self {
            Self::Segment => "segment",
            Self::RfmGroup => "rfm_group",
            Self::Value => "value",
            Self::Class => "class",
        }
    }
}

/// In place of a group on the earlier day: the customer had not bought yet.
pub const NEW_CUSTOMER: &str = "new_customer";
/// In place of a group on the earlier day: the customer was lost then and no longer is.
pub const RETURNED: &str = "returned_from_lost";
/// In place of a group on either day: the customer has bought, but not within the window that ends with it.
pub const OUTSIDE_WINDOW: &str = "outside_window";
/// What no group of a user's own may be called.
const RESERVED: [&str; 3] = [NEW_CUSTOMER, RETURNED, OUTSIDE_WINDOW];

/// What customers move between, and the thresholds of that.
#[derive(Debug, Clone)]
pub struct MigrationParams {
    /// The groups.
    pub by: By,
    /// The earlier day; `None` is a month before as-of.
    pub since: Option<i32>,
    /// Lifecycle segments, which also say who is lost.
    pub segment: SegmentParams,
    /// Scores and groups.
    pub rfm: RfmParams,
    /// Classes.
    pub value: ValueParams,
}

/// A movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flow {
    /// Into a better group.
    Up,
    /// Into a worse one.
    Down,
    /// Lost since the earlier day.
    Lost,
    /// Lost on the earlier day, and back.
    WonBack,
    /// Bought for the first time since.
    New,
    /// Into a group that is neither better nor worse.
    Other,
}

impl Flow {
    /// Every movement.
    pub const ALL: [Self; 6] = [Self::Up, Self::Down, Self::Lost, Self::WonBack, Self::New, Self::Other];

    /// The key in output and translations.
    pub fn key(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Lost => "lost",
            Self::WonBack => "won_back",
            Self::New => "new",
            Self::Other => "other",
        }
    }

    /// Whether it is one of those that matter, which the table of flows ranks.
    fn matters(self) -> bool {
        !matches!(self, Self::New | Self::Other)
    }
}

/// How customers moved.
#[derive(Debug)]
pub struct Migration {
    /// The keys of the groups, in the order they are reported.
    groups: Vec<String>,
    /// Whether a window leaves orders out.
    has_window: bool,
    /// Every customer who is in a group on either day.
    moves: Vec<Move>,
    /// Customers who were lost on the earlier day, and of them those who no longer are.
    lost_then: u64,
    /// The earlier day; none without any order.
    pub since: Option<i32>,
    /// The later day; none without any order.
    pub as_of: Option<i32>,
    /// The cut points of the earlier day, where groups go by them and there were buyers.
    pub cuts: Option<Cuts>,
    /// The first day that the orders tell of, where it is after the earlier day.
    pub begins_later: Option<i32>,
    /// Buyers on the later day.
    pub customer_count: u64,
    /// Their orders.
    pub order_count: u64,
    /// Where every row went.
    pub accounting: Accounting,
}

/// Where a customer stands on one of the days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Place {
    New,
    Group(u8),
    Returned,
    Outside,
}

/// How one customer moved.
#[derive(Debug, Clone, Copy)]
struct Move {
    customer: u32,
    from: Place,
    to: Place,
    /// None where the customer stayed.
    flow: Option<Flow>,
    last_day: i32,
    orders: u32,
    /// At the later day, in micro-units.
    net: i64,
    /// Since the earlier day, in micro-units.
    net_since: i128,
}

/// The group of a buyer, and how good it is: the greater the better.
#[derive(Debug, Clone, Copy)]
struct Standing {
    group: u8,
    level: u8,
}

/// Compares where customers stand on two days, of which the scope's as-of, which is settled, is the later.
///
/// # Errors
/// Wrong usage of an earlier day that is not earlier, of scores that are ranks, which have no cut points to keep, and
/// of groups of a user's own that are called like rows that are none.
pub fn migration(
    orders: &Orders,
    scope: &Scope,
    params: &MigrationParams,
    accounting: Accounting,
) -> Result<Migration> {
    if params.by == By::RfmGroup && params.rfm.scoring == Scoring::Ntile {
        let (message, hint) = said("migration_by_rank", &[]);
        return Err(Error::usage(message, hint));
    }
    let as_of = scope.as_of.unwrap_or(0);
    let since = params.since.unwrap_or_else(|| months_before(as_of, 1));
    if since >= as_of && scope.as_of.is_some() {
        return Err(not_earlier(since, as_of));
    }
    let scopes = [Scope { as_of: Some(since), ..*scope }, Scope { as_of: Some(as_of), ..*scope }];
    let FactsAtTwoDays { then, now, between } =
        facts_at_two_days(orders, [&scopes[0], &scopes[1]], accounting.clone())?;
    let stood = Stood::new(orders, params, [(&then, &scopes[0]), (&now, &scopes[1])])?;
    if let Some(key) = stood.groups.iter().find(|key| RESERVED.contains(&key.as_str())) {
        let (message, hint) = said("migration_reserved", &[("group", key.clone())]);
        return Err(Error::usage(message, hint));
    }
    let is_lost = |last_day: Option<i32>, day: i32| {
        last_day.is_some_and(|last| params.segment.is_lost(day.saturating_sub(last)))
    };
    let own = own_of(&now, orders.customers.len())?;
    let mut moves = Vec::new();
    let mut lost_then = 0;
    for (code, of) in between.iter().enumerate() {
        let was_lost = is_lost(of.last_days[0], since);
        lost_then += u64::from(was_lost);
        let days = Days { was_lost, is_lost: is_lost(of.last_days[1], as_of) };
        moves.extend(stood.moved(code, of, days, own[code]));
    }
    let first = coverage::of_orders(orders)?.first_day;
    Ok(Migration {
        groups: stood.groups,
        has_window: scope.window.is_some(),
        moves,
        lost_then,
        since: scope.as_of.map(|_| since),
        as_of: scope.as_of,
        cuts: stood.cuts,
        begins_later: first.filter(|first| *first > since && scope.as_of.is_some()),
        customer_count: now.customer_count,
        order_count: now.order_total,
        accounting: now.accounting,
    })
}

/// That the earlier day is not earlier.
fn not_earlier(since: i32, as_of: i32) -> Error {
    let text = |day: i32| crate::schema::day::date_of(day).map_or_else(String::new, |date| date.to_string());
    let (message, hint) = said("since_not_earlier", &[("since", text(since)), ("as_of", text(as_of))]);
    Error::usage(message, hint)
}

/// Whether a customer was lost on the earlier day, and is lost on the later.
#[derive(Clone, Copy)]
struct Days {
    was_lost: bool,
    is_lost: bool,
}

/// Orders and net amount on the later day of each customer by code.
fn own_of(facts: &CustomerFacts, customer_count: usize) -> Result<Vec<(u32, i64)>> {
    let frame = facts.frame()?;
    let (orders, net) = (frame.column(names::ORDER_COUNT)?.u32()?, frame.column(names::NET_AMOUNT)?.i64()?);
    let mut own = vec![(0, 0); customer_count];
    for ((code, orders), net) in codes(&frame)?.into_iter().zip(orders.iter()).zip(net.iter()) {
        own[code as usize] = (orders.unwrap_or(0), net.unwrap_or(0));
    }
    Ok(own)
}

fn codes(frame: &DataFrame) -> Result<Vec<u32>> {
    Ok(frame.column(orders::CUSTOMER)?.u32()?.iter().flatten().collect())
}

/// Where all customers stand on both days.
struct Stood {
    groups: Vec<String>,
    cuts: Option<Cuts>,
    /// By code, the earlier day first; none of those who are in no group.
    standings: [Vec<Option<Standing>>; 2],
}

impl Stood {
    fn new(orders: &Orders, params: &MigrationParams, days: [(&CustomerFacts, &Scope); 2]) -> Result<Self> {
        let count = orders.customers.len();
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        let [then, now] = days;
        let (groups, cuts, [then, now]) = match params.by {
            By::Segment | By::Value => {
                let of = |(facts, _): (&CustomerFacts, &Scope)| lifecycle(facts, params);
                let groups = if params.by == By::Segment { keys(&SEGMENTS) } else { keys(&VALUES) };
                (groups, None, [of(then)?, of(now)?])
            }
            By::RfmGroup => scored(&orders.customers, params, then.0, now.0)?,
            By::Class => {
                let of = |(facts, scope): (&CustomerFacts, &Scope)| -> Result<Vec<(u32, Standing)>> {
                    let ranked = value(orders, scope, &params.value, facts.accounting.clone())?;
                    Ok(ranked.each().map(|(code, class, _)| (code, of_class(class))).collect())
                };
                (keys(&CLASSES), None, [of(then)?, of(now)?])
            }
        };
        let by_code = |standings: Vec<(u32, Standing)>| {
            let mut all = vec![None; count];
            standings.into_iter().for_each(|(code, standing)| all[code as usize] = Some(standing));
            all
        };
        Ok(Self { groups, cuts, standings: [by_code(then), by_code(now)] })
    }

    /// How a customer moved; `None` of somebody who is in no group on either day.
    fn moved(&self, code: usize, of: &Between, days: Days, own: (u32, i64)) -> Option<Move> {
        let [then, now] = [0, 1].map(|day| self.standings[day][code]);
        let last_day = of.last_days[1].or(of.last_days[0]).filter(|_| then.is_some() || now.is_some())?;
        let has_returned = days.was_lost && !days.is_lost;
        let from = match then {
            _ if has_returned => Place::Returned,
            Some(standing) => Place::Group(standing.group),
            None if of.last_days[0].is_none() => Place::New,
            None => Place::Outside,
        };
        let to = now.map_or(Place::Outside, |standing| Place::Group(standing.group));
        let by_level = || match (then, now) {
            (Some(then), Some(now)) if now.level > then.level => Flow::Up,
            (Some(then), Some(now)) if now.level < then.level => Flow::Down,
            _ => Flow::Other,
        };
        let flow = match from {
            Place::Returned => Some(Flow::WonBack),
            Place::New => Some(Flow::New),
            _ if days.is_lost && !days.was_lost => Some(Flow::Lost),
            _ => (from != to).then(by_level),
        };
        let (orders, net) = own;
        Some(Move { customer: code as u32, from, to, flow, last_day, orders, net, net_since: of.net })
    }
}

/// Segments or values.
fn lifecycle(facts: &CustomerFacts, params: &MigrationParams) -> Result<Vec<(u32, Standing)>> {
    let frame = facts.frame()?;
    let recency = frame.column(names::RECENCY_DAYS)?.i32()?;
    let orders = frame.column(facts.orders_ever())?.u32()?;
    let segments = segment(facts, &params.segment)?.each()?;
    let rows = codes(&frame)?.into_iter().zip(segments).zip(recency.iter().zip(orders.iter()));
    let standing =
        |((code, (segment, value)), (recency, orders)): ((u32, (u8, u8)), (Option<i32>, Option<u32>))| {
            let standing = match params.by {
                // High is the first.
                By::Value => Standing { group: value, level: 1 - value },
                _ => Standing {
                    group: segment,
                    level: params.segment.level(recency.unwrap_or(0), orders.unwrap_or(0)),
                },
            };
            (code, standing)
        };
    Ok(rows.map(standing).collect())
}

/// What [`Stood`] says of RFM groups, those of the later day by the cut points and means of the earlier.
#[allow(clippy::type_complexity)]
fn scored(
    customers: &CustomerIds,
    params: &MigrationParams,
    then: &CustomerFacts,
    now: &CustomerFacts,
) -> Result<(Vec<String>, Option<Cuts>, [Vec<(u32, Standing)>; 2])> {
    let before = rfm(then, customers, &params.rfm)?;
    let frozen = match (&before.cuts, then.customer_count) {
        // Without a buyer there is nothing to freeze.
        (None, _) | (_, 0) => params.rfm.clone(),
        (Some(cuts), _) => RfmParams {
            scoring: Scoring::Cuts(cuts.clone()),
            grouping: match params.rfm.grouping {
                Grouping::Eight(None) => Grouping::Eight(before.means()?),
                ref grouping => grouping.clone(),
            },
            bins: params.rfm.bins,
        },
    };
    let after = rfm(now, customers, &frozen)?;
    let each = |facts: &CustomerFacts, scores: &rfm::Rfm| -> Result<Vec<(u32, Standing)>> {
        let standing = |(group, level): (u8, u8)| Standing { group, level };
        Ok(codes(&facts.frame()?)?.into_iter().zip(scores.each()?.into_iter().map(standing)).collect())
    };
    let standings = [each(then, &before)?, each(now, &after)?];
    Ok((before.groups, before.cuts.filter(|_| then.customer_count > 0), standings))
}

/// The standing of a class, of which the first is the best.
fn of_class(class: &str) -> Standing {
    let group = CLASSES.iter().position(|of| *of == class).unwrap_or(CLASSES.len() - 1) as u8;
    Standing { group, level: CLASSES.len() as u8 - 1 - group }
}

#[cfg(test)]
mod tests;

//! Where customers stand on two days.

use polars::prelude::DataFrame;

use super::{By, Days, Flow, MigrationParams, Move, Place};
use crate::error::Result;
use crate::metrics::customer_facts::{Between, CustomerFacts};
use crate::metrics::rfm::{self, Cuts, Grouping, RfmParams, Scoring, rfm};
use crate::metrics::scope::Scope;
use crate::metrics::segment::{SEGMENTS, VALUES, segment};
use crate::metrics::value::{CLASSES, value};
use crate::schema::{CustomerCode, CustomerIds, Micros, Orders, names, orders};

/// Where all customers stand on both days.
pub(super) struct Stood {
    /// The keys of the groups.
    pub groups: Vec<String>,
    /// The cut points of the earlier day; `None` if the groups do not go by cut points, or if there were no buyers on
    /// that day.
    pub cuts: Option<Cuts>,
    /// The standing of each customer by code, for the earlier day first; `None` for customers who are in no group.
    standings: [Vec<Option<Standing>>; 2],
}

/// The group of a buyer, and its level: the greater, the better.
#[derive(Debug, Clone, Copy)]
struct Standing {
    group: u8,
    level: u8,
}

/// The standings of buyers, with their codes.
type Standings = Vec<(CustomerCode, Standing)>;

impl Stood {
    pub fn new(
        orders: &Orders,
        params: &MigrationParams,
        days: [(&CustomerFacts, &Scope); 2],
    ) -> Result<Self> {
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
                let of = |(facts, scope): (&CustomerFacts, &Scope)| -> Result<Standings> {
                    let ranked = value(orders, scope, &params.value, facts.accounting.clone())?;
                    Ok(ranked.each().map(|(code, class, _)| (code, of_class(class))).collect())
                };
                (keys(&CLASSES), None, [of(then)?, of(now)?])
            }
        };
        let by_code = |standings: Standings| {
            let mut all = vec![None; count];
            standings.into_iter().for_each(|(code, standing)| all[code.place()] = Some(standing));
            all
        };
        Ok(Self { groups, cuts, standings: [by_code(then), by_code(now)] })
    }

    /// How a customer moved; `None` if the customer is in no group on either day.
    pub fn moved(&self, code: usize, of: &Between, days: Days, own: (u32, Micros)) -> Option<Move> {
        let [then, now] = [0, 1].map(|day| self.standings[day][code]);
        let last_day = of.last_days[1].or(of.last_days[0]).filter(|_| then.is_some() || now.is_some())?;
        let has_returned = days.was_lost && !days.is_lost;
        let stood = match then {
            Some(standing) => Place::Group(standing.group),
            None if of.last_days[0].is_none() => Place::New,
            None => Place::Outside,
        };
        let from = if has_returned { Place::Returned } else { stood };
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
        let customer = CustomerCode::new(code as u32);
        Some(Move { customer, stood, from, to, flow, last_day, orders, net, net_since: of.net })
    }
}

/// The codes of the customers in a frame of facts, in the order of its rows.
pub(super) fn codes(frame: &DataFrame) -> Result<Vec<CustomerCode>> {
    Ok(frame.column(orders::CUSTOMER)?.u32()?.iter().flatten().map(CustomerCode::new).collect())
}

/// The standings by lifecycle segment or by value.
fn lifecycle(facts: &CustomerFacts, params: &MigrationParams) -> Result<Standings> {
    let frame = facts.frame()?;
    let recency = frame.column(names::RECENCY_DAYS)?.i32()?;
    let orders = frame.column(facts.orders_ever())?.u32()?;
    let segments = segment(facts, &params.segment)?.each()?.into_iter();
    let mut standings = Vec::with_capacity(segments.len());
    for (((code, (segment, value)), recency), orders) in
        codes(&frame)?.into_iter().zip(segments).zip(recency.iter()).zip(orders.iter())
    {
        let standing = match params.by {
            // The first of [`VALUES`], with number 0, is the high one.
            By::Value => Standing { group: value, level: 1 - value },
            _ => Standing {
                group: segment,
                level: params.segment.level(recency.unwrap_or(0), orders.unwrap_or(0)),
            },
        };
        standings.push((code, standing));
    }
    Ok(standings)
}

/// The groups, the cut points and the standings on both days by RFM group. The later day is scored with the cut points
/// and means of the earlier one.
fn scored(
    customers: &CustomerIds,
    params: &MigrationParams,
    then: &CustomerFacts,
    now: &CustomerFacts,
) -> Result<(Vec<String>, Option<Cuts>, [Standings; 2])> {
    let before = rfm(then, customers, &params.rfm)?;
    let frozen = match (&before.cuts, then.customer_count) {
        // Without a buyer on the earlier day there are no cut points to keep.
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
    let each = |facts: &CustomerFacts, scores: &rfm::Rfm| -> Result<Standings> {
        let standing = |(group, level): (u8, u8)| Standing { group, level };
        Ok(codes(&facts.frame()?)?.into_iter().zip(scores.each()?.into_iter().map(standing)).collect())
    };
    let standings = [each(then, &before)?, each(now, &after)?];
    Ok((before.groups, before.cuts.filter(|_| then.customer_count > 0), standings))
}

/// The standing of a class. The first of [`CLASSES`] is the best.
fn of_class(class: &str) -> Standing {
    let group = CLASSES.iter().position(|of| *of == class).unwrap_or(CLASSES.len() - 1) as u8;
    Standing { group, level: CLASSES.len() as u8 - 1 - group }
}

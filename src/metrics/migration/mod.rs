//! How customers moved between two days.

mod standing;
mod tables;

use super::calendar::months_before;
use super::coverage;
use super::customer_facts::{CustomerFacts, FactsAtTwoDays, facts_at_two_days};
use super::rfm::{Cuts, RfmParams, Scoring};
use super::scope::Scope;
use super::segment::SegmentParams;
use super::value::ValueParams;
use crate::error::{Error, Result};
use crate::schema::accounting::Accounting;
use crate::schema::{CustomerCode, Day, Micros, Orders, names};
use standing::{Stood, codes};

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
/// In place of the group on the later day, of a movement: the customer is lost, whatever the group.
pub const LOST: &str = "lost";
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
    pub since: Option<Day>,
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
    pub since: Option<Day>,
    /// The later day; none without any order.
    pub as_of: Option<Day>,
    /// The cut points of the earlier day, where groups go by them and there were buyers.
    pub cuts: Option<Cuts>,
    /// The first day that the orders tell of, where it is after the earlier day and anybody has bought.
    pub begins_later: Option<Day>,
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
    /// Where a movement of the lost ends.
    Lost,
}

/// How one customer moved.
#[derive(Debug, Clone, Copy)]
struct Move {
    customer: CustomerCode,
    /// Where the customer stood on the earlier day.
    stood: Place,
    /// The same, but of who is back from lost [`Place::Returned`].
    from: Place,
    to: Place,
    /// None where the customer stayed.
    flow: Option<Flow>,
    last_day: Day,
    orders: u32,
    /// At the later day.
    net: Micros,
    /// Since the earlier day, in micro-units.
    net_since: i128,
}

/// Compares where customers stand on two days, of which the scope's as-of is the later.
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
        return Err(Error::usage_of("migration_by_rank", &[]));
    }
    let as_of = scope.as_of;
    let since = params.since.unwrap_or_else(|| months_before(as_of, 1));
    if since >= as_of && scope.is_dated {
        return Err(not_earlier(since, as_of));
    }
    let scopes = [scope.at(since), *scope];
    let FactsAtTwoDays { then, now, between } =
        facts_at_two_days(orders, [&scopes[0], &scopes[1]], accounting)?;
    let (then, now) = (then.framed()?, now.framed()?);
    let stood = Stood::new(orders, params, [(&then, &scopes[0]), (&now, &scopes[1])])?;
    // Lifecycle segments have a `lost` of their own, which is the same.
    let is_reserved = |key: &str| RESERVED.contains(&key) || (key == LOST && params.by == By::RfmGroup);
    if let Some(key) = stood.groups.iter().find(|key| is_reserved(key)) {
        return Err(Error::usage_of("migration_reserved", &[("group", key.clone())]));
    }
    let is_lost = |last_day: Option<Day>, day: Day| {
        last_day.is_some_and(|last| params.segment.is_lost(last.days_until(day)))
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
        since: scope.known_day().map(|_| since),
        as_of: scope.known_day(),
        cuts: stood.cuts,
        begins_later: first.filter(|first| *first > since && now.customer_count > 0),
        customer_count: now.customer_count,
        order_count: now.order_total,
        accounting: now.accounting,
    })
}

/// That the earlier day is not earlier.
fn not_earlier(since: Day, as_of: Day) -> Error {
    Error::usage_of("since_not_earlier", &[("since", since.to_string()), ("as_of", as_of.to_string())])
}

impl Move {
    /// Where the movement ends: who was lost went nowhere else, whatever group that leaves them in.
    fn goal(&self) -> Place {
        if self.flow == Some(Flow::Lost) { Place::Lost } else { self.to }
    }
}

/// Whether a customer was lost on the earlier day, and is lost on the later.
#[derive(Clone, Copy)]
struct Days {
    was_lost: bool,
    is_lost: bool,
}

/// Orders and net amount on the later day of each customer by code.
fn own_of(facts: &CustomerFacts, customer_count: usize) -> Result<Vec<(u32, Micros)>> {
    let frame = facts.frame()?;
    let (orders, net) = (frame.column(names::ORDER_COUNT)?.u32()?, frame.column(names::NET_AMOUNT)?.i64()?);
    let mut own = vec![(0, Micros::ZERO); customer_count];
    for ((code, orders), net) in codes(&frame)?.into_iter().zip(orders.iter()).zip(net.iter()) {
        own[code.place()] = (orders.unwrap_or(0), net.map_or(Micros::ZERO, Micros::new));
    }
    Ok(own)
}

#[cfg(test)]
mod tests;

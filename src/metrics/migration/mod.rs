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

/// Takes the place of the group on the earlier day if the customer had not bought yet.
pub const NEW_CUSTOMER: &str = "new_customer";
/// Takes the place of the group on the earlier day if the customer was lost then and no longer is.
pub const RETURNED: &str = "returned_from_lost";
/// Takes the place of the group on the later day in a movement if the customer became lost, whatever the group.
pub const LOST: &str = "lost";
/// Takes the place of the group on either day if the customer has bought, but not within the window that ends with that
/// day.
pub const OUTSIDE_WINDOW: &str = "outside_window";
/// Keys that no group of a user's own may have.
const RESERVED: [&str; 3] = [NEW_CUSTOMER, RETURNED, OUTSIDE_WINDOW];

/// What customers move between, with the thresholds of the groups.
#[derive(Debug, Clone)]
pub struct MigrationParams {
    /// The groups.
    pub by: By,
    /// The earlier day; `None` is a month before as-of.
    pub since: Option<Day>,
    /// Lifecycle segments, which also say who is lost.
    pub segment: SegmentParams,
    /// RFM scores and groups.
    pub rfm: RfmParams,
    /// Thresholds of the classes.
    pub value: ValueParams,
}

/// A movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flow {
    /// Into a better group.
    Up,
    /// Into a worse group.
    Down,
    /// Became lost after the earlier day.
    Lost,
    /// Was lost on the earlier day, and has bought again.
    WonBack,
    /// Bought for the first time after the earlier day.
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

    /// Whether the table of flows has this movement.
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
    /// Number of customers who were lost on the earlier day, including those who no longer are.
    lost_then: u64,
    /// The earlier day; `None` if no as-of day is known.
    pub since: Option<Day>,
    /// The later day; `None` if no as-of day is known.
    pub as_of: Option<Day>,
    /// The cut points of the earlier day; `None` if the groups do not go by cut points, or if there were no buyers on
    /// that day.
    pub cuts: Option<Cuts>,
    /// The first day of the orders, if it is after the earlier day and there are buyers on the later day.
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
    /// The end of the movement of a customer who became lost.
    Lost,
}

/// How one customer moved.
#[derive(Debug, Clone, Copy)]
struct Move {
    customer: CustomerCode,
    /// Where the customer stood on the earlier day.
    stood: Place,
    /// The same, but [`Place::Returned`] if the customer was lost then and no longer is.
    from: Place,
    to: Place,
    /// `None` if the customer stayed in the same place.
    flow: Option<Flow>,
    last_day: Day,
    orders: u32,
    /// Net amount on the later day.
    net: Micros,
    /// Net amount after the earlier day, in micro-units.
    net_since: i128,
}

/// Compares where customers stand on two days. The later one is the scope's as-of day.
///
/// # Errors
/// Wrong usage if the earlier day is not earlier, if the scores are ranks, which have no cut points to keep, or if a
/// group of a user's own has a key that stands for something else here, such as [`RETURNED`].
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
    // There is a lifecycle segment `lost`, too, which means the same.
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

/// The error that the earlier day is not earlier.
fn not_earlier(since: Day, as_of: Day) -> Error {
    Error::usage_of("since_not_earlier", &[("since", since.to_string()), ("as_of", as_of.to_string())])
}

impl Move {
    /// Where the movement ends. A customer who became lost went to [`Place::Lost`] and nowhere else, whatever the
    /// group.
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

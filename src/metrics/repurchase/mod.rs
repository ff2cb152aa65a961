//! Whether and when customers order again.

mod churn;
mod due;
mod ladder;
mod sums;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use churn::{ChurnLines, ChurnRule, MIN_WATCHED, RETURN_DAYS};
pub use due::{
    DUE_STATUSES, Due, DueParams, DueReason, DueRule, Expected, Expecting, Kept, USUAL_CYCLE_DAYS, expect,
};
pub use ladder::{Ladder, ladder};
pub use tables::BUYERS;

use super::baskets::Baskets;
use super::coverage::Coverage;
use super::firsts::{First, Firsts, Group};
use super::histories::{Folded, Histories, History, fold};
use super::scope::Scope;
use super::segment::SegmentParams;
use crate::error::Result;
use crate::schema::accounting::{Accounting, Rule};
use crate::schema::{Day, Orders};
use crate::stats::proportion::Proportion;
use sums::GroupSums;

/// Days after the first order at which the repurchase curve is listed.
pub const HORIZONS: [i32; 5] = [30, 60, 90, 180, 365];

/// The definitions of the repeat rate.
pub const RATES: [&str; 4] = ["repeat_customer_rate", "repeat_day_rate", "repeat_order_rate", "buyback_rate"];

/// The days of each of the two periods that the buyback rate compares.
pub const BUYBACK_DAYS: i32 = 365;

/// Points of a curve: days after the first order, ascending, and the share, 0 to 1, that has ordered again by then.
pub type Steps = Vec<(f64, f64)>;

/// Points of a confidence band: days after the first order, ascending, and the ends of the share's interval.
pub type Band = Vec<(f64, f64, f64)>;

/// Lifecycle segments are those of this many days before as-of. Segments at as-of would already reflect what the
/// customers did since.
pub const SEGMENT_DAYS_BEFORE: i32 = 180;

/// What customers are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// By the products of the first order; a customer can be in several groups.
    Product,
    /// By the categories of these.
    Category,
    /// By the province of the first order.
    Province,
    /// By where customers came from.
    Source,
    /// By whether the first order was at a deep discount.
    Discount,
    /// By whether money of the first order went back.
    Refunded,
    /// By the lifecycle segment of 180 days before as-of, watched from then.
    Segment,
}

impl By {
    /// The property of first orders that customers are grouped by; `None` for segments.
    pub fn first(self) -> Option<First> {
        Some(match self {
            Self::Product => First::Product,
            Self::Category => First::Category,
            Self::Province => First::Province,
            Self::Source => First::Source,
            Self::Discount => First::Discount,
            Self::Refunded => First::Refund,
            Self::Segment => return None,
        })
    }
}

/// The groups of customers.
pub enum Grouping<'a> {
    /// One group of all customers.
    All,
    /// Groups by a property of the first order.
    First(Box<Firsts<'a>>),
    /// Groups by segment [`SEGMENT_DAYS_BEFORE`] days before as-of.
    Segment(SegmentParams),
}

/// The result, from which the tables are made.
pub struct Repurchase<'a> {
    grouping: &'a Grouping<'a>,
    all: GroupSums,
    groups: Vec<(Group, GroupSums)>,
    rates: [Rate; RATES.len()],
    churn: ChurnRule,
    /// Number of buyers.
    pub customer_count: u64,
    /// Number of orders of these buyers.
    pub order_count: u64,
    /// Where every row went.
    pub accounting: Accounting,
}

/// A rate as its two counts.
#[derive(Debug, Clone, Copy)]
struct Rate {
    counts: Proportion,
    /// Whether the data cover the days that the rate needs.
    is_known: bool,
}

/// Gaps of equal length between customers' order days, or from the last one to as-of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Whether the customers are counted in the result. Without a window all are; with one, those whose first order is
    /// in it.
    pub is_asked: bool,
    /// Whether the gap begins with the first order day.
    pub is_first: bool,
    /// Whole days.
    pub days: i32,
    /// Whether an order ended the gap; if not, it is still open at as-of.
    pub has_ended: bool,
    /// Number of these gaps.
    pub count: u64,
}

/// The result of the heavy stage for all customers in one group, whether computed here or by an engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// All gaps.
    pub gaps: Vec<Gap>,
    /// Customers counted in the result (see [`Gap::is_asked`]).
    pub customers: u64,
    /// Of these, customers with at least two orders.
    pub repeaters: u64,
    /// Of these, customers with orders on at least two days.
    pub day_repeaters: u64,
    /// Orders of these customers.
    pub orders: u64,
    /// Of all customers, the buyers of the period before the last [`BUYBACK_DAYS`] days, and those of them who also
    /// bought in the last.
    pub buyback: (u64, u64),
}

#[derive(Debug, Default)]
struct Part {
    all: GroupSums,
    groups: BTreeMap<Group, GroupSums>,
    customers: u64,
    repeaters: u64,
    /// Customers with orders on at least two days.
    day_repeaters: u64,
    orders: u64,
    /// As [`Watched::buyback`].
    buyback: (u64, u64),
    days: Vec<Day>,
    baskets: Baskets,
}

/// Follows every buyer from the first order on. If the scope has a window, only buyers whose first order is within it
/// are counted; but the cycle, the churn lines and the buyback rate are always those of all buyers.
pub fn repurchase<'a>(
    orders: &Orders,
    scope: &Scope,
    churn: ChurnRule,
    grouping: &'a Grouping<'a>,
    accounting: Accounting,
) -> Result<Repurchase<'a>> {
    let (as_of, first_day) = (scope.as_of, scope.first_day());
    let folded = fold(orders, &scope.all_time(), true, |part: &mut Part, columns, history| {
        let is_asked = part.add(history, first_day, as_of);
        match grouping {
            Grouping::All => {}
            Grouping::Segment(params) => part.add_segment(history, is_asked, params, as_of),
            Grouping::First(firsts) => {
                for group in firsts.of(orders, columns, history, &mut part.baskets) {
                    part.groups.entry(group).or_default().sums(is_asked).add(&part.days, as_of);
                }
            }
        }
        (!is_asked).then_some(Rule::OutsideWindow)
    })?;
    of_folded(folded, orders.coverage()?, as_of, churn, grouping, accounting)
}

/// As [`repurchase`] with all customers in one group. The orders need not be sorted.
pub fn repurchase_of_all<P>(
    orders: &Orders<P>,
    scope: &Scope,
    churn: ChurnRule,
    accounting: Accounting,
) -> Result<Repurchase<'static>>
where
    Orders<P>: Histories,
{
    let (as_of, first_day) = (scope.as_of, scope.first_day());
    let folded = orders.fold(&scope.all_time(), true, |part: &mut Part, _, history| {
        let is_asked = part.add(history, first_day, as_of);
        (!is_asked).then_some(Rule::OutsideWindow)
    })?;
    of_folded(folded, orders.coverage()?, as_of, churn, &Grouping::All, accounting)
}

/// Adds up the parts and runs the finish stage.
fn of_folded<'a>(
    folded: Folded<Part>,
    covered: Coverage,
    as_of: Day,
    churn: ChurnRule,
    grouping: &'a Grouping<'a>,
    mut accounting: Accounting,
) -> Result<Repurchase<'a>> {
    folded.excluded.account(&mut accounting);
    let mut sums = Part::default();
    for part in folded.parts {
        sums.merge(part);
    }
    Ok(finish(sums, as_of, covered, churn, grouping, accounting))
}

/// The result for all customers in one group, from a heavy stage that was run elsewhere. `first_day` is the first day
/// of the orders.
pub fn of_watched<'a>(
    watched: &Watched,
    as_of: Day,
    first_day: Option<Day>,
    churn: ChurnRule,
    grouping: &'a Grouping<'a>,
    accounting: Accounting,
) -> Repurchase<'a> {
    let mut sums = Part {
        customers: watched.customers,
        repeaters: watched.repeaters,
        day_repeaters: watched.day_repeaters,
        orders: watched.orders,
        buyback: watched.buyback,
        ..Part::default()
    };
    for gap in &watched.gaps {
        let sums_of_group = sums.all.sums(gap.is_asked);
        let durations = if gap.is_first { &mut sums_of_group.first } else { &mut sums_of_group.later };
        durations.add_many(gap.days, gap.has_ended, gap.count);
    }
    finish(sums, as_of, Coverage { first_day }, churn, grouping, accounting)
}

/// The finish stage.
fn finish<'a>(
    mut sums: Part,
    as_of: Day,
    covered: Coverage,
    churn: ChurnRule,
    grouping: &'a Grouping<'a>,
    accounting: Accounting,
) -> Repurchase<'a> {
    let mut groups: Vec<(Group, GroupSums)> = std::mem::take(&mut sums.groups).into_iter().collect();
    groups.retain(|(_, sums_of_group)| !sums_of_group.asked.first.is_empty());
    groups.sort_by_key(|(group, sums_of_group)| {
        (Firsts::rank(*group), std::cmp::Reverse(sums_of_group.asked.first.len()), *group)
    });
    let repeat_orders = sums.orders - sums.customers;
    let has_both_years = covered.reaches(as_of.minus_days(2 * BUYBACK_DAYS - 1));
    let rate = |part, whole| Rate { counts: Proportion::new(part, whole), is_known: true };
    Repurchase {
        grouping,
        all: sums.all,
        groups,
        rates: [
            rate(sums.repeaters, sums.customers),
            rate(sums.day_repeaters, sums.customers),
            rate(repeat_orders, sums.orders),
            Rate { is_known: has_both_years, ..rate(sums.buyback.1, sums.buyback.0) },
        ],
        churn,
        customer_count: sums.customers,
        order_count: sums.orders,
        accounting,
    }
}

impl Part {
    /// Adds a buyer, and returns whether the buyer is counted in the result: the first order is on `first_day` or
    /// later.
    fn add(&mut self, history: &History<'_>, first_day: Day, as_of: Day) -> bool {
        let is_asked = history.first_day() >= first_day;
        history.order_days(&mut self.days);
        self.all.sums(is_asked).add(&self.days, as_of);
        if is_asked {
            let count = history.orders().count() as u64;
            self.customers += 1;
            self.repeaters += u64::from(count > 1);
            self.day_repeaters += u64::from(self.days.len() > 1);
            self.orders += count;
        }
        let (now, before) = (as_of.minus_days(BUYBACK_DAYS), as_of.minus_days(2 * BUYBACK_DAYS));
        if self.days.iter().any(|day| before < *day && *day <= now) {
            self.buyback.0 += 1;
            self.buyback.1 += u64::from(self.days.iter().any(|day| *day > now));
        }
        is_asked
    }

    /// Adds the buyer to the group of the segment that the buyer had [`SEGMENT_DAYS_BEFORE`] days before as-of.
    /// Somebody who had not ordered by then is in no group.
    fn add_segment(&mut self, history: &History<'_>, is_asked: bool, params: &SegmentParams, as_of: Day) {
        let from = as_of.minus_days(SEGMENT_DAYS_BEFORE);
        let before = || history.orders().filter(|order| order.day <= from);
        let Some(last) = before().next_back() else { return };
        let stage = params.stage(last.day.days_until(from), before().count() as u32);
        let sums_of_group = self.groups.entry(Group::from(stage)).or_default();
        sums_of_group.sums(is_asked).add_from(from, &self.days, as_of);
    }

    fn merge(&mut self, other: Self) {
        self.all.merge(&other.all);
        for (group, sums_of_group) in &other.groups {
            self.groups.entry(*group).or_default().merge(sums_of_group);
        }
        self.customers += other.customers;
        self.repeaters += other.repeaters;
        self.day_repeaters += other.day_repeaters;
        self.orders += other.orders;
        self.buyback.0 += other.buyback.0;
        self.buyback.1 += other.buyback.1;
    }
}

impl Repurchase<'_> {
    /// The shop's cycle: the median, in days, of the gaps of all buyers that have ended; `None` if there are none.
    pub fn cycle_days(&self) -> Option<f64> {
        self.all.ever().gaps(true).completed(50)
    }

    /// The churn lines, from the gaps of all buyers.
    pub fn churn_lines(&self) -> ChurnLines {
        let ever = self.all.ever();
        self.churn.lines(&ever.first, &ever.later)
    }

    /// Whether customers are grouped by segment, and so are watched from the day of the segments and not from an order.
    fn is_by_segment(&self) -> bool {
        matches!(self.grouping, Grouping::Segment(_))
    }

    /// The rows of the tables: one for all customers, or one for each group.
    fn rows(&self) -> Box<dyn Iterator<Item = (Option<Group>, &GroupSums)> + '_> {
        match self.grouping {
            Grouping::All => Box::new(std::iter::once((None, &self.all))),
            _ => Box::new(self.groups.iter().map(|(group, sums_of_group)| (Some(*group), sums_of_group))),
        }
    }
}

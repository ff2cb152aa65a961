//! Where orders go: orders, customers and amounts by country, province or city, and where interest becomes orders.

mod groups;
mod quotients;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use polars::prelude::*;

use groups::UNKNOWN;
pub use groups::{Groups, Level, usual_level};
pub use quotients::{By, Quotients, quotients};

use super::finish::{amounts, counts, frame, ratios, share};
use super::histories::{History, OrderCount, PartColumns, fold};
use super::interest::{Counts, Interests};
use super::purchases::Purchases;
use super::scope::Scope;
use super::shop::{Places, Shop};
use crate::error::Result;
use crate::ingest::accounting::Accounting;
use crate::schema::events::Event;
use crate::schema::orders::UNKNOWN_REGION;
use crate::schema::{money, names};

/// Days in which an interest counts for the conversion of a region, where no window is given.
pub const INTEREST_DAYS: u32 = 30;

/// The regions of all valid orders.
#[derive(Debug)]
pub struct Regions {
    /// One row per region, by net amount, greatest first; what goes to no known region is one row, the last.
    ///
    /// Columns: `country`, `province`, `city` as far as the level goes (null where not known), `order_count`,
    /// `customer_count` (null where nobody is known), `net_amount`, `share` (of the net amount), `aov`,
    /// `spend_per_customer`, `repeat_rate` (customers with at least two orders in the region, of its customers); and with
    /// events `interest_customer_count`, `converted_count`, `conversion_rate`, `conversion_index` (the rate over that of
    /// the shop).
    pub frame: DataFrame,
    /// Where every row went.
    pub accounting: Accounting,
    /// Distinct customers of all regions.
    pub customer_count: u64,
    /// Valid orders of all regions.
    pub order_count: u64,
}

/// Computes the regions. It needs no customers: what depends on them is null without. The scope's as-of is settled.
pub fn region(shop: &Shop<'_>, scope: &Scope, level: Level, mut accounting: Accounting) -> Result<Regions> {
    let orders = shop.orders;
    let places = shop.places(level);
    let groups = &places.groups;
    let folded = fold(orders, scope, false, |sums: &mut Sums, columns, history| {
        sums.add(groups, columns, history);
        None
    })?;
    folded.excluded.account(&mut accounting);
    let mut sums = Sums::default();
    folded.parts.into_iter().for_each(|part| sums.merge(part));
    let conversions = conversions(shop, scope, &places, &sums, &mut accounting)?;
    let frame = finish(groups, &sums, conversions.as_ref())?;
    Ok(Regions { frame, accounting, customer_count: sums.customers, order_count: sums.orders.total() })
}

/// The conversions of each group, and of the shop.
struct Conversions {
    groups: BTreeMap<u32, Counts>,
    shop: Counts,
}

/// Where interest becomes orders; none without events. An event that does not say where is where the customer's last
/// order went, and else where the customer lives.
fn conversions(
    shop: &Shop<'_>,
    scope: &Scope,
    places: &Places,
    sums: &Sums,
    accounting: &mut Accounting,
) -> Result<Option<Conversions>> {
    let Some(events) = shop.events else { return Ok(None) };
    let (bought, _) = Purchases::of_orders(shop.orders, scope)?;
    let as_of = scope.as_of.unwrap_or(0);
    let interests = Interests::new(events, Some(bought), as_of);
    interests.account(accounting);
    let lasts: HashMap<u32, u32> = sums.lasts.iter().copied().collect();
    let home = |customer: u32| places.of_customer(shop.customers?.find(customer)?.region);
    let group = |event: &Event| {
        let last = || lasts.get(&event.customer).copied().filter(|group| *group != UNKNOWN);
        places.of_event(event.region).or_else(last).or_else(|| home(event.customer)).unwrap_or(UNKNOWN)
    };
    let days = scope.window.unwrap_or(INTEREST_DAYS);
    Ok(Some(Conversions { groups: interests.counts(as_of, days, group), shop: interests.total(as_of, days) }))
}

#[derive(Debug, Clone, Default)]
struct Sum {
    orders: OrderCount,
    net: i128,
    /// Of `net`, what known customers paid.
    known_net: i128,
    customers: u64,
    repeaters: u64,
}

#[derive(Debug, Default)]
struct Sums {
    groups: BTreeMap<u32, Sum>,
    customers: u64,
    orders: OrderCount,
    /// Customers with the group of their last order.
    lasts: Vec<(u32, u32)>,
    own: BTreeMap<u32, u64>,
}

impl Sums {
    fn add(&mut self, groups: &Groups, columns: &PartColumns, history: &History<'_>) {
        self.own.clear();
        for document in history.documents {
            let group = groups.of(columns.region(document.row));
            let sum = self.groups.entry(group).or_default();
            let net = i128::from(document.net);
            sum.net += net;
            sum.known_net += if history.customer.is_some() { net } else { 0 };
            if document.is_order {
                sum.orders.add(columns, document);
                self.orders.add(columns, document);
                *self.own.entry(group).or_default() += 1;
            }
        }
        let Some(customer) = history.customer else { return };
        self.customers += 1;
        for (group, count) in &self.own {
            let sum = self.groups.entry(*group).or_default();
            sum.customers += 1;
            sum.repeaters += u64::from(*count > 1);
        }
        let last = history.orders().next_back().map_or(UNKNOWN_REGION, |order| columns.region(order.row));
        self.lasts.push((customer, groups.of(last)));
    }

    fn merge(&mut self, other: Self) {
        for (group, theirs) in other.groups {
            let mine = self.groups.entry(group).or_default();
            mine.orders.merge(&theirs.orders);
            mine.net += theirs.net;
            mine.known_net += theirs.known_net;
            mine.customers += theirs.customers;
            mine.repeaters += theirs.repeaters;
        }
        self.customers += other.customers;
        self.orders.merge(&other.orders);
        self.lasts.extend(other.lasts);
    }
}

fn finish(groups: &Groups, sums: &Sums, conversions: Option<&Conversions>) -> Result<DataFrame> {
    let mut order: Vec<u32> = sums.groups.keys().copied().collect();
    order.extend(conversions.iter().flat_map(|conversions| conversions.groups.keys()));
    order.sort_unstable();
    order.dedup();
    let none = Sum::default();
    let sum = |group: &u32| sums.groups.get(group).unwrap_or(&none);
    order.sort_by_key(|group| {
        (*group == UNKNOWN, Reverse(sum(group).net), groups.names[*group as usize].clone())
    });
    let has_customers = sums.customers > 0;
    let total: i128 = sums.groups.values().map(|sum| sum.net).sum();
    let rows = || order.iter().map(sum);
    let ratio = |part: u64, whole: u64| share(i128::from(part), i128::from(whole));
    let mut columns = groups.columns(&order);
    columns.extend([
        counts(names::ORDER_COUNT, rows().map(|sum| Some(sum.orders.total()))),
        counts(names::CUSTOMER_COUNT, rows().map(|sum| has_customers.then_some(sum.customers))),
        amounts(names::NET_AMOUNT, rows().map(|sum| Some(sum.net))),
        ratios(names::SHARE, rows().map(|sum| share(sum.net, total))),
        amounts(names::AOV, rows().map(|sum| money::mean(sum.net, sum.orders.total()))),
        amounts(names::SPEND_PER_CUSTOMER, rows().map(|sum| money::mean(sum.known_net, sum.customers))),
        ratios(names::REPEAT_RATE, rows().map(|sum| ratio(sum.repeaters, sum.customers))),
    ]);
    if let Some(conversions) = conversions {
        let of = |group: &u32| conversions.groups.get(group).copied().unwrap_or_default();
        let rate = |group: &u32| of(group).conversion_rate();
        let shop = conversions.shop.conversion_rate().filter(|rate| *rate > 0.0);
        columns.extend([
            counts(names::INTEREST_CUSTOMER_COUNT, order.iter().map(|group| Some(of(group).interested))),
            counts(names::CONVERTED_COUNT, order.iter().map(|group| Some(of(group).converted))),
            ratios(names::CONVERSION_RATE, order.iter().map(rate)),
            ratios(names::CONVERSION_INDEX, order.iter().map(|group| Some(rate(group)? / shop?))),
        ]);
    }
    frame(columns)
}

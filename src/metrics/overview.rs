//! The shop's first page: how many customers of each kind there are, and what they bought, against the period before.

use std::ops::RangeInclusive;

use polars::prelude::*;

use super::finish::{amounts, counts, frame, ratios, texts};
use super::histories::{History, OrderCount, PartColumns, fold};
use super::interest::Interests;
use super::purchases::Purchases;
use super::scope::Scope;
use super::shop::Shop;
use crate::error::Result;
use crate::ingest::accounting::Accounting;
use crate::ingest::value::date::MISSING;
use crate::schema::money::{UNIT, mean};
use crate::schema::{Customers, Events, names};

/// Days in which an interest makes an interest customer.
const INTEREST_DAYS: u32 = 30;
/// Days in which a valid order makes a converted customer.
const CONVERTED_DAYS: i32 = 365;
/// Days since the last activity up to which a buyer is no dormant one.
const ACTIVE_DAYS: i32 = 180;
/// Days of sales where no window is given.
pub const SALES_DAYS: u32 = 30;
/// The periods of new customers: a day, a week, a month.
const NEW: [i32; 3] = [1, 7, 30];

/// The first page.
#[derive(Debug)]
pub struct Overview {
    /// One row per key figure: `metric`, `unit` (customers, orders or amount), `period_days`, `value`,
    /// `previous_value`, `change`, `change_rate`, `new_1d`, `new_7d`, `new_30d`, `total`, `needs` (the input that a
    /// figure without a value lacks).
    pub frame: DataFrame,
    /// Where every row went.
    pub accounting: Accounting,
    /// Buyers of all time.
    pub customer_count: u64,
    /// Valid orders of all time.
    pub order_count: u64,
}

/// Makes the page. The scope's as-of is settled; its window, else [`SALES_DAYS`], is that of the sales.
pub fn overview(shop: &Shop<'_>, scope: &Scope, mut accounting: Accounting) -> Result<Overview> {
    let as_of = scope.as_of.unwrap_or(0);
    let sales_days = scope.window.unwrap_or(SALES_DAYS);
    let all_time = scope.all_time();
    let calendar = Calendar::new(as_of, sales_days as i32);
    let activity = Activity::new(shop.events, as_of);
    let folded = fold(shop.orders, &all_time, false, |sums: &mut Sums, columns, history| {
        sums.add(&calendar, &activity, columns, history);
        None
    })?;
    folded.excluded.account(&mut accounting);
    let mut sums = Sums::default();
    folded.parts.into_iter().for_each(|part| sums.merge(part));
    let interests = shop.events.map(|events| Interests::new(events, None, as_of, &[], &mut accounting));
    if let (false, Some(events)) = (shop.has_orders, shop.events) {
        for purchases in Purchases::of_events(events, as_of).by_customer() {
            let days: Vec<i32> = purchases.iter().map(|(_, (day, _))| *day).collect();
            sums.people.add(&calendar, &activity, purchases[0].0, &days);
        }
    }
    let mut rows = vec![interest_row(interests.as_ref(), as_of)];
    rows.extend(people_rows(shop, &sums));
    rows.extend(card_rows(shop.customers, as_of));
    rows.extend(sales_rows(shop, &sums, sales_days));
    Ok(Overview {
        frame: finish(&rows)?,
        accounting,
        customer_count: sums.people.total,
        order_count: sums.sales[2].orders.total(),
    })
}

/// The periods of the page.
struct Calendar {
    as_of: i32,
    /// Sales: now, before, of all time.
    sales: [RangeInclusive<i32>; 3],
}

impl Calendar {
    fn new(as_of: i32, days: i32) -> Self {
        let now = last(as_of, days);
        let before = last(as_of.saturating_sub(days), days);
        Self { as_of, sales: [now, before, i32::MIN..=as_of] }
    }
}

/// The `days` days that end with `day`.
fn last(day: i32, days: i32) -> RangeInclusive<i32> {
    day.saturating_sub(days).saturating_add(1)..=day
}

/// The last day with any event of each customer: up to as-of, and up to the day that a dormant customer's half year
/// began.
struct Activity {
    by_customer: Vec<[i32; 2]>,
}

impl Activity {
    fn new(events: Option<&Events>, as_of: i32) -> Self {
        let mut by_customer = Vec::new();
        for events in events.iter().flat_map(|events| events.by_customer()) {
            let until = |day: i32| {
                let last = events.iter().rev().find(|event| event.day <= day);
                last.map_or(MISSING, |event| event.day)
            };
            let customer = events[0].customer as usize;
            by_customer.resize(by_customer.len().max(customer + 1), [MISSING; 2]);
            by_customer[customer] = [until(as_of), until(as_of - ACTIVE_DAYS)];
        }
        Self { by_customer }
    }

    fn of(&self, customer: u32) -> [i32; 2] {
        self.by_customer.get(customer as usize).copied().unwrap_or([MISSING; 2])
    }
}

#[derive(Default)]
struct Sums {
    people: People,
    sales: [Sales; 3],
}

/// Customers who bought.
#[derive(Default)]
struct People {
    converted: [u64; 2],
    new: [u64; 3],
    total: u64,
    /// Now and half a year ago.
    returning: [u64; 2],
    dormant: [u64; 2],
}

#[derive(Default)]
struct Sales {
    buyers: u64,
    orders: OrderCount,
    net: i128,
    /// Of `net`, what known customers paid.
    known_net: i128,
}

impl People {
    /// Adds a buyer with the days of their purchases, ascending.
    fn add(&mut self, calendar: &Calendar, activity: &Activity, customer: u32, days: &[i32]) {
        let as_of = calendar.as_of;
        let (Some(&first), Some(&latest)) = (days.first(), days.last()) else { return };
        self.total += 1;
        let within = |period: RangeInclusive<i32>| u64::from(days.iter().any(|day| period.contains(day)));
        self.converted[0] += within(last(as_of, CONVERTED_DAYS));
        self.converted[1] += within(last(as_of - CONVERTED_DAYS, CONVERTED_DAYS));
        for (new, days) in self.new.iter_mut().zip(NEW) {
            *new += u64::from(last(as_of, days).contains(&first));
        }
        let [now, before] = activity.of(customer);
        let mut stand = |when: usize, day: i32, latest: i32| {
            let is_active = day - latest <= ACTIVE_DAYS;
            self.returning[when] += u64::from(is_active);
            self.dormant[when] += u64::from(!is_active);
        };
        stand(0, as_of, latest.max(now));
        let then = as_of - ACTIVE_DAYS;
        if let Some(&latest) = days.iter().rev().find(|day| **day <= then) {
            stand(1, then, latest.max(before));
        }
    }
}

impl Sums {
    fn add(
        &mut self,
        calendar: &Calendar,
        activity: &Activity,
        columns: &PartColumns,
        history: &History<'_>,
    ) {
        if let Some(customer) = history.customer {
            let days: Vec<i32> = history.orders().map(|order| order.day).collect();
            self.people.add(calendar, activity, customer, &days);
        }
        for (sales, period) in self.sales.iter_mut().zip(&calendar.sales) {
            let mut has_order = false;
            for document in history.documents.iter().filter(|document| period.contains(&document.day)) {
                sales.net += i128::from(document.net);
                sales.known_net += if history.customer.is_some() { i128::from(document.net) } else { 0 };
                if document.is_order {
                    has_order = true;
                    sales.orders.add(columns, document);
                }
            }
            sales.buyers += u64::from(has_order && history.customer.is_some());
        }
    }

    fn merge(&mut self, other: Self) {
        let add = |mine: &mut [u64], theirs: &[u64]| mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        let people = other.people;
        add(&mut self.people.converted, &people.converted);
        add(&mut self.people.new, &people.new);
        add(&mut self.people.returning, &people.returning);
        add(&mut self.people.dormant, &people.dormant);
        self.people.total += people.total;
        for (mine, theirs) in self.sales.iter_mut().zip(other.sales) {
            mine.buyers += theirs.buyers;
            mine.orders.merge(&theirs.orders);
            mine.net += theirs.net;
            mine.known_net += theirs.known_net;
        }
    }
}

/// A line of the page; figures in millionths.
#[derive(Debug, Clone, Default)]
struct Row {
    metric: &'static str,
    unit: &'static str,
    days: Option<u32>,
    value: Option<i128>,
    previous: Option<i128>,
    new: [Option<u64>; 3],
    total: Option<i128>,
    needs: Option<&'static str>,
}

/// A count as a figure.
fn figure(count: u64) -> Option<i128> {
    Some(i128::from(count) * i128::from(UNIT))
}

fn customers(metric: &'static str, days: Option<u32>) -> Row {
    Row { metric, unit: "customers", days, ..Row::default() }
}

fn interest_row(interests: Option<&Interests<'_>>, as_of: i32) -> Row {
    let row = customers("interest_customers", Some(INTEREST_DAYS));
    let Some(interests) = interests else { return Row { needs: Some("events"), ..row } };
    Row {
        value: figure(interests.total(as_of, INTEREST_DAYS).interested),
        previous: figure(interests.total(as_of - INTEREST_DAYS as i32, INTEREST_DAYS).interested),
        new: NEW.map(|days| Some(interests.total(as_of, days as u32).new)),
        total: figure(interests.ever()),
        ..row
    }
}

/// Converted, returning and dormant customers.
fn people_rows(shop: &Shop<'_>, sums: &Sums) -> [Row; 3] {
    let converted = customers("converted_customers", Some(CONVERTED_DAYS as u32));
    let returning = customers("returning_old_customers", Some(ACTIVE_DAYS as u32));
    let dormant = customers("dormant_customers", Some(ACTIVE_DAYS as u32));
    let needs = match (shop.has_orders, shop.events) {
        (true, _) if shop.orders.customers.is_empty() => Some("buyers"),
        (false, None) => Some("orders"),
        _ => None,
    };
    if needs.is_some() {
        return [converted, returning, dormant].map(|row| Row { needs, ..row });
    }
    let people = &sums.people;
    let stand =
        |row: Row, [now, before]: [u64; 2]| Row { value: figure(now), previous: figure(before), ..row };
    [
        Row { new: people.new.map(Some), total: figure(people.total), ..stand(converted, people.converted) },
        stand(returning, people.returning),
        stand(dormant, people.dormant),
    ]
}

/// Members and card holders.
fn card_rows(table: Option<&Customers>, as_of: i32) -> [Row; 2] {
    let (members, holders) = (customers("members", None), customers("card_holders", None));
    let members = match table.filter(|table| table.has_levels) {
        Some(table) => {
            let is_member: Vec<bool> = table.levels.iter().map(|level| is_member(level)).collect();
            let count =
                table.rows.iter().filter(|row| is_member.get(row.level as usize) == Some(&true)).count();
            Row { value: figure(count as u64), total: figure(count as u64), ..members }
        }
        None => Row { needs: Some("customers_level"), ..members },
    };
    let holders = match table.filter(|table| table.has_cards) {
        Some(table) => {
            let claimed = |period: RangeInclusive<i32>| {
                let days = table.rows.iter().map(|row| row.card_claimed_on).filter(|day| *day != MISSING);
                days.filter(|day| period.contains(day)).count() as u64
            };
            let month = NEW[2];
            Row {
                value: figure(claimed(i32::MIN..=as_of)),
                previous: figure(claimed(i32::MIN..=as_of - month)),
                new: NEW.map(|days| Some(claimed(last(as_of, days)))),
                total: figure(claimed(i32::MIN..=as_of)),
                ..holders
            }
        }
        None => Row { needs: Some("customers_card"), ..holders },
    };
    [members, holders]
}

/// Whether a word for a level says at least the first one.
fn is_member(level: &str) -> bool {
    const NONE: [&str; 12] = [
        "none",
        "no",
        "guest",
        "non-member",
        "nonmember",
        "not logged in",
        "general",
        "非会员",
        "店铺客户",
        "普通客户",
        "游客",
        "无等级",
    ];
    let word = level.trim().to_lowercase();
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    match digits.parse::<u64>() {
        Ok(number) => number > 0,
        Err(_) => !word.is_empty() && !NONE.contains(&word.as_str()),
    }
}

fn sales_rows(shop: &Shop<'_>, sums: &Sums, days: u32) -> [Row; 5] {
    let row = |metric, unit| Row { metric, unit, days: Some(days), ..Row::default() };
    let rows = [
        row("buyers", "customers"),
        row("orders", "orders"),
        row("net_amount", "amount"),
        row("aov", "amount"),
        row("spend_per_customer", "amount"),
    ];
    if !shop.has_orders {
        return rows.map(|row| Row { needs: Some("orders"), ..row });
    }
    let is_anonymous = shop.orders.customers.is_empty();
    let [now, before, total] = sums.sales.each_ref().map(|sales| {
        let orders = sales.orders.total();
        [
            figure(sales.buyers).filter(|_| !is_anonymous),
            figure(orders),
            Some(sales.net),
            mean(sales.net, orders),
            mean(sales.known_net, sales.buyers),
        ]
    });
    let mut i = 0;
    rows.map(|row| {
        let filled = Row { value: now[i], previous: before[i], total: total[i], ..row };
        let needs_buyers = is_anonymous && (i == 0 || i == 4);
        i += 1;
        Row { needs: needs_buyers.then_some("buyers"), ..filled }
    })
}

fn finish(rows: &[Row]) -> Result<DataFrame> {
    let change = |row: &Row| Some(row.value? - row.previous?);
    let rate = |row: &Row| Some(change(row)? as f64 / row.previous.filter(|previous| *previous != 0)? as f64);
    let text =
        |value: fn(&Row) -> Option<&'static str>| rows.iter().map(move |row| value(row).map(str::to_owned));
    let new = |place: usize| rows.iter().map(move |row| row.new[place]);
    frame(vec![
        texts(names::METRIC, text(|row| Some(row.metric))),
        texts(names::UNIT, text(|row| Some(row.unit))),
        counts(names::PERIOD_DAYS, rows.iter().map(|row| row.days.map(u64::from))),
        amounts(names::VALUE, rows.iter().map(|row| row.value)),
        amounts(names::PREVIOUS_VALUE, rows.iter().map(|row| row.previous)),
        amounts(names::CHANGE, rows.iter().map(change)),
        ratios(names::CHANGE_RATE, rows.iter().map(rate)),
        counts(names::NEW_1D, new(0)),
        counts(names::NEW_7D, new(1)),
        counts(names::NEW_30D, new(2)),
        amounts(names::TOTAL, rows.iter().map(|row| row.total)),
        texts(names::NEEDS, text(|row| row.needs)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_from_the_first_level_on() {
        for level in ["VIP1", "vip 3", "2", "黄金会员", "Gold", "普通会员"] {
            assert!(is_member(level), "{level}");
        }
        for level in ["", "VIP0", "0", "店铺客户", "Guest", "NOT LOGGED IN", "none"] {
            assert!(!is_member(level), "{level}");
        }
    }
}

//! The rows of the page.

use std::ops::RangeInclusive;

use polars::prelude::*;

use super::{Cards, Covered, Found, InterestFigures, NEW, OverviewParams, last};
use crate::error::Result;
use crate::metrics::finish::{amounts, counts, frame, ratios, texts};
use crate::metrics::interest::NEW_AFTER_DAYS;
use crate::schema::money::{UNIT, mean};
use crate::schema::{Day, names};

/// A row of the page. Figures are in millionths, amounts in micro-units.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub metric: &'static str,
    unit: &'static str,
    days: Option<u32>,
    value: Option<i128>,
    previous: Option<i128>,
    new: [Option<u64>; 3],
    total: Option<i128>,
    needs: Option<&'static str>,
    /// Whether some figure is left empty because the inputs begin after the days that it needs.
    lacks_days: bool,
}

impl Row {
    /// Whether some figure is left empty because the inputs begin after the days that it needs.
    pub fn lacks_days(&self) -> bool {
        self.lacks_days
    }

    /// The row with the figure of the period before, which is left empty unless the inputs cover that period.
    fn with_previous(self, previous: Option<i128>, is_covered: bool) -> Self {
        let lacks_days = self.lacks_days || !is_covered;
        Self { previous: previous.filter(|_| is_covered), lacks_days, ..self }
    }
}

/// A count in millionths.
fn figure(count: u64) -> Option<i128> {
    Some(i128::from(count) * i128::from(UNIT))
}

fn customers(metric: &'static str, days: Option<u32>) -> Row {
    Row { metric, unit: "customers", days, ..Row::default() }
}

pub(super) fn interest_row(
    interests: Option<&InterestFigures>,
    covered: &Covered,
    as_of: Day,
    days: u32,
) -> Row {
    let row = customers("interest_customers", Some(days));
    let Some(interests) = interests else { return Row { needs: Some("events"), ..row } };
    let before = as_of.minus_days(days);
    let is_known = |days: i32| covered.events.reaches(last(as_of, days).start().minus_days(NEW_AFTER_DAYS));
    let mut new = interests.new.map(Some);
    new.iter_mut().zip(NEW).filter(|(_, days)| !is_known(*days)).for_each(|(new, _)| *new = None);
    let row = Row {
        value: figure(interests.now),
        new,
        total: figure(interests.ever),
        lacks_days: new.contains(&None),
        ..row
    };
    let is_covered = covered.events.reaches(*last(before, days as i32).start());
    row.with_previous(figure(interests.before), is_covered)
}

/// Converted, returning and dormant customers.
pub(super) fn people_rows(found: &Found, covered: &Covered, as_of: Day, params: &OverviewParams) -> [Row; 3] {
    let converted = customers("converted_customers", Some(params.converted_days));
    let returning = customers("returning_old_customers", Some(params.dormant_days));
    let dormant = customers("dormant_customers", Some(params.dormant_days));
    let needs = match (found.has_orders, &found.interest) {
        (true, _) if !found.has_buyers => Some("buyers"),
        (false, None) => Some("orders"),
        _ => None,
    };
    if needs.is_some() {
        return [converted, returning, dormant].map(|row| Row { needs, ..row });
    }
    let people = &found.sums.people;
    let with_counts = |row: Row, [now, before]: [u64; 2], first_day: Day| {
        Row { value: figure(now), ..row }.with_previous(figure(before), covered.orders.reaches(first_day))
    };
    let before = as_of.minus_days(params.converted_days);
    let year_before = *last(before, params.converted_days as i32).start();
    // Whoever counted as active `dormant_days` ago had an activity in the `dormant_days` up to that day, so the inputs
    // have to reach back twice as far.
    let half_years_before = as_of.minus_days(params.dormant_days).minus_days(params.dormant_days);
    [
        Row {
            new: people.new.map(Some),
            total: figure(people.total),
            ..with_counts(converted, people.converted, year_before)
        },
        with_counts(returning, people.returning, half_years_before),
        with_counts(dormant, people.dormant, half_years_before),
    ]
}

/// Members and card holders.
pub(super) fn card_rows(cards: &Cards, as_of: Day) -> [Row; 2] {
    let (members, holders) = (customers("members", None), customers("card_holders", None));
    let members = match &cards.levels {
        Some(levels) => {
            let count = levels.iter().filter(|(level, _)| is_member(level)).map(|(_, count)| count).sum();
            Row { value: figure(count), total: figure(count), ..members }
        }
        None => Row { needs: Some("customers_level"), ..members },
    };
    let holders = match &cards.claimed_on {
        Some(days) => {
            let claimed = |period: RangeInclusive<Day>| {
                days.iter().filter(|(day, _)| period.contains(day)).map(|(_, count)| count).sum()
            };
            let month = NEW[2];
            Row {
                value: figure(claimed(Day::BEFORE_ALL..=as_of)),
                previous: figure(claimed(Day::BEFORE_ALL..=as_of.minus_days(month))),
                new: NEW.map(|days| Some(claimed(last(as_of, days)))),
                total: figure(claimed(Day::BEFORE_ALL..=as_of)),
                ..holders
            }
        }
        None => Row { needs: Some("customers_card"), ..holders },
    };
    [members, holders]
}

/// Whether the word for a level means at least the first level of membership. A word with a number is a member's if the
/// number is above 0; otherwise it must not be one of the words for "not a member".
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

pub(super) fn sales_rows(found: &Found, covered: &Covered, as_of: Day, days: u32) -> [Row; 5] {
    let row = |metric, unit| Row { metric, unit, days: Some(days), ..Row::default() };
    let rows = [
        row("buyers", "customers"),
        row("orders", "orders"),
        row("net_amount", "amount"),
        row("aov", "amount"),
        row("spend_per_customer", "amount"),
    ];
    if !found.has_orders {
        return rows.map(|row| Row { needs: Some("orders"), ..row });
    }
    let is_anonymous = !found.has_buyers;
    let [now, before, total] = found.sums.sales.map(|sales| {
        let orders = sales.orders;
        [
            figure(sales.buyers).filter(|_| !is_anonymous),
            figure(orders),
            Some(sales.net),
            mean(sales.net, orders),
            mean(sales.known_net, sales.buyers),
        ]
    });
    let first_day = *last(as_of.minus_days(days), days as i32).start();
    let is_covered = covered.orders.reaches(first_day);
    let lacks_amounts = found.lacks_amounts;
    let mut i = 0;
    rows.map(|row| {
        if lacks_amounts && row.unit == "amount" {
            i += 1;
            return Row { needs: Some("amounts"), ..row };
        }
        let filled = Row { value: now[i], total: total[i], ..row }.with_previous(before[i], is_covered);
        let needs_buyers = is_anonymous && (i == 0 || i == 4);
        i += 1;
        Row { needs: needs_buyers.then_some("buyers"), ..filled }
    })
}

pub(super) fn finish(rows: &[Row]) -> Result<DataFrame> {
    let change = |row: &Row| Some(row.value? - row.previous?);
    let rate = |row: &Row| Some(change(row)? as f64 / row.previous.filter(|previous| *previous > 0)? as f64);
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
        counts(names::NEW_COUNT_1D, new(0)),
        counts(names::NEW_COUNT_7D, new(1)),
        counts(names::NEW_COUNT_30D, new(2)),
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

//! The question about interest on an engine.

use std::collections::BTreeMap;

use polars::prelude::{NamedFrom, StringChunked};

use super::render::Values;
use super::{Ground, OnEngine, Rows, ShopOn, Statement, not_there};
use crate::error::{Error, Result};
use crate::export::{EVENTS, Exported, ORDERS};
use crate::metrics::calendar::first_day_of;
use crate::metrics::coverage::Coverage;
use crate::metrics::interest::{
    Counts, Listed, NEW_AFTER_DAYS, begins_too_late, list, of_periods, tells_who_is_new,
};
use crate::questions::{Answer, Interest, Question, Rest};
use crate::schema::accounting::Rule;
use crate::schema::{Day, EventKind, names};

impl OnEngine for Interest {
    const TABLES: &'static [&'static Exported] = &[&EVENTS];

    fn check(&self) -> Result<()> {
        let flags = [("--by", self.by.is_some()), ("--exclude-source", !self.excluded_sources.is_empty())];
        match flags.iter().find(|(_, is_given)| *is_given) {
            Some((flag, _)) => Err(not_there(Self::ABOUT.name, flag)),
            None => Ok(()),
        }
    }

    fn statements(&self, ground: &Ground) -> Result<Vec<Statement>> {
        // Without orders, purchases among the events count as conversions; only the export says whether there are
        // orders.
        let event_is_conversion = ground.dialect.parameter("event_is_conversion");
        let ground = ground.all_time();
        Ok(vec![
            ground.left_out()?,
            ground.statement("events_span")?,
            self.statement(&ground, "interest_events", &event_is_conversion)?,
            self.statement(&ground, self.main(), &event_is_conversion)?,
        ])
    }

    fn answer_on(&self, shop: &ShopOn<'_>) -> Result<Answer> {
        let (ground, span) = shop.up_to_events()?;
        let as_of = ground.scope.as_of;
        let event_is_conversion = if shop.about.says.has_table(ORDERS.name) { "0" } else { "1" };
        let tables = [shop.order_tables(false), vec![EVENTS.name]].concat();
        let mut accounting = shop.accounting_of(&tables, &ground.left_out()?)?;
        let others = shop.rows(&self.statement(&ground, "interest_events", event_is_conversion)?)?;
        let count = |name: &str| Ok::<u64, Error>(others.one(name)?.unwrap_or(0));
        accounting.exclude(Rule::OtherKind, count("other_count")?);
        accounting.exclude(Rule::AfterAsOf, count("later_count")?);
        accounting.check_balance()?;
        let rest = |customer_count: u64| {
            let rest = shop.rest(customer_count, count(names::ORDER_COUNT)?, accounting.clone());
            Ok::<Rest, Error>(Rest { as_of: ground.scope.known_day(), window: Some(self.longest()), ..rest })
        };
        let rows = shop.rows(&self.statement(&ground, self.main(), event_is_conversion)?)?;
        if self.lists {
            let ids = StringChunked::new(names::CUSTOMER_ID.into(), rows.texts(names::CUSTOMER_ID)?);
            let list = list(ids, &listed(&rows)?, as_of, self.discount_days)?;
            return Ok(self.listed(list, rest(rows.len() as u64)?));
        }
        let covered = Coverage { first_day: span.day("first_day")? };
        let mut counted = counts(&rows)?;
        let of_period = |days: &u32| {
            let is_new_unknown = !tells_who_is_new(covered, first_day_of(as_of, *days));
            (*days, Counts { is_new_unknown, ..counted.remove(days).unwrap_or_default() })
        };
        let periods: Vec<(u32, Counts)> = self.periods.iter().map(of_period).collect();
        let longest = periods.iter().find(|(days, _)| *days == self.longest());
        let rest = rest(longest.map_or(0, |(_, counts)| counts.interested))?;
        let begins = begins_too_late(covered, as_of, &self.periods);
        Ok(self.summed(of_periods(&periods, self.conversion_days)?, begins, rest))
    }
}

impl Interest {
    /// The name of the statement that the answer is made from.
    fn main(&self) -> &'static str {
        if self.lists { "interest_list" } else { "interest" }
    }

    fn statement(&self, ground: &Ground, name: &'static str, event_is_conversion: &str) -> Result<Statement> {
        let first_on = |days: u32| first_day_of(ground.scope.as_of, days).number();
        let period = |days: &u32| format!("SELECT {days} AS period_days, {} AS first_on", first_on(*days));
        let periods: Vec<String> = self.periods.iter().map(period).collect();
        let kinds = EventKind::INTEREST.map(EventKind::name);
        let [shop, item, cart] = kinds.map(str::to_owned);
        let values = Values::from([
            ("interests", kinds.map(|kind| format!("'{kind}'")).join(", ")),
            ("kind_1", shop),
            ("kind_2", item),
            ("kind_3", cart),
            ("purchase", EventKind::Purchase.name().to_owned()),
            ("event_is_conversion", event_is_conversion.to_owned()),
            ("longest_from", first_on(self.longest()).to_string()),
            ("periods", periods.join("\n  UNION ALL\n  ")),
            ("new_after", NEW_AFTER_DAYS.to_string()),
        ]);
        ground.statement_with(name, values)
    }
}

/// The counts of interested customers by the length of the period.
fn counts(rows: &Rows) -> Result<BTreeMap<u32, Counts>> {
    let number = |name: &str| rows.numbers::<u64>(name);
    let (periods, days) = (rows.numbers::<u32>(names::PERIOD_DAYS)?, rows.numbers::<i32>("followed_days")?);
    let is_converted = rows.numbers::<u8>(names::IS_CONVERTED)?;
    let interested = number(names::INTEREST_CUSTOMER_COUNT)?;
    let kinds = kinds(rows)?;
    let not_bought_in_period = number(names::NOT_BOUGHT_IN_PERIOD_COUNT)?;
    let not_yet_bought = number(names::NOT_YET_BOUGHT_COUNT)?;
    let new = number(names::NEW_CUSTOMER_COUNT)?;
    let mut all = BTreeMap::<u32, Counts>::new();
    for row in 0..rows.len() {
        let counts = all.entry(periods[row]).or_default();
        let has_event = is_converted[row] == 1;
        counts.interested += interested[row];
        counts.kinds.iter_mut().zip(&kinds).for_each(|(sum, kind)| *sum += kind[row]);
        counts.not_bought_in_period += not_bought_in_period[row];
        counts.not_yet_bought += not_yet_bought[row];
        counts.new += new[row];
        counts.converted += if has_event { interested[row] } else { 0 };
        counts.to_conversion.add_many(days[row], has_event, interested[row]);
    }
    Ok(all)
}

fn listed(rows: &Rows) -> Result<Vec<Listed>> {
    let last_days = rows.numbers::<i32>(names::LAST_INTEREST_ON)?;
    let kinds = kinds(rows)?;
    let flag = |name: &str| rows.numbers::<u8>(name);
    let (has_bought, is_converted) = (flag(names::HAS_BOUGHT)?, flag(names::IS_CONVERTED)?);
    let customer = |row: usize| Listed {
        last_day: Day::new(last_days[row]),
        kinds: [0, 1, 2].map(|kind| kinds[kind][row]),
        has_bought: has_bought[row] == 1,
        is_converted: is_converted[row] == 1,
    };
    Ok((0..rows.len()).map(customer).collect())
}

/// The counts for each of the three kinds of interest.
fn kinds(rows: &Rows) -> Result<[Vec<u64>; 3]> {
    let kind = |name: &str| rows.numbers::<u64>(name);
    Ok([kind("kind_1_count")?, kind("kind_2_count")?, kind("kind_3_count")?])
}

//! The overview page on an engine.

use super::render::Values;
use super::{Ground, OnEngine, Rows, ShopOn, Statement};
use crate::error::{Error, Result};
use crate::export::{CUSTOMERS, EVENTS};
use crate::metrics::calendar::first_day_of;
use crate::metrics::interest::NEW_AFTER_DAYS;
use crate::metrics::overview::{
    Cards, Found, InterestFigures, NEW, OverviewParams, People, Sales, Sums, of_found,
};
use crate::questions::{Answer, Overview};
use crate::schema::accounting::Rule;
use crate::schema::{Day, EventKind, names};

impl OnEngine for Overview {
    const COUNTS_EVENTS: bool = true;

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn statements(&self, ground: &Ground) -> Result<Vec<Statement>> {
        let Ground { dialect, scope } = ground.all_time();
        let ground = &Ground { dialect, scope };
        let params = &self.params;
        Ok(vec![
            ground.left_out_alone()?,
            ground.statement("events_span")?,
            orders(ground, params)?,
            interest(ground, params)?,
            ground.statement("overview_lists")?,
        ])
    }

    fn answer_on(&self, shop: &ShopOn<'_>) -> Result<Answer> {
        let says = &shop.about().says;
        let has_events = says.has_table(EVENTS.name);
        let (ground, events) = shop.up_to_events()?;
        let tables = [shop.order_tables(false), vec![EVENTS.name, CUSTOMERS.name]].concat();
        let mut accounting = shop.accounting_of(&tables, &ground.left_out_alone()?)?;
        let lists = shop.rows(&ground.statement("overview_lists")?)?;
        let (cards, later) = cards(&lists, &says.customer_columns)?;
        accounting.exclude(Rule::AfterAsOf, events.one::<u64>("later_count")?.unwrap_or(0) + later);
        accounting.check_balance()?;
        let interest = || figures(&shop.rows(&interest(&ground, &self.params)?)?);
        let found = Found {
            sums: sums(&shop.rows(&orders(&ground, &self.params)?)?)?,
            interest: has_events.then(interest).transpose()?,
            cards,
            has_orders: true,
            has_buyers: says.has_buyers,
            lacks_amounts: says.lacks_amounts,
            orders_begin: shop.first_day,
            events_begin: events.day("first_day")?,
        };
        Ok(self.page(of_found(&found, ground.scope.as_of, &self.params, accounting)?, &ground.scope))
    }
}

fn orders(ground: &Ground, params: &OverviewParams) -> Result<Statement> {
    let as_of = ground.scope.as_of;
    let (dormant, converted) = (params.dormant_days, params.converted_days);
    let before = as_of.minus_days(params.window);
    let converted_before = as_of.minus_days(converted);
    let then = as_of.minus_days(dormant);
    let mut values = Values::from([
        ("nobody", String::new()),
        ("then", number(then)),
        ("long_before", number(then.minus_days(dormant))),
        ("converted_from", first(as_of, converted)),
        ("converted_before_from", first(converted_before, converted)),
        ("now_from", first(as_of, params.window)),
        ("before_from", first(before, params.window)),
    ]);
    values.extend(news(as_of));
    ground.statement_with("overview_orders", values)
}

fn interest(ground: &Ground, params: &OverviewParams) -> Result<Statement> {
    let (as_of, days) = (ground.scope.as_of, params.interest_days);
    let kinds = EventKind::INTEREST.map(|kind| format!("'{}'", kind.name()));
    let mut values = Values::from([
        ("interests", kinds.join(", ")),
        ("new_after", NEW_AFTER_DAYS.to_string()),
        ("now_from", first(as_of, days)),
        ("before_from", first(as_of.minus_days(days), days)),
    ]);
    values.extend(news(as_of));
    ground.statement_with("overview_interest", values)
}

/// The first days of the periods within which a customer counts as new.
fn news(as_of: Day) -> Values {
    let names = ["new_1_from", "new_7_from", "new_30_from"];
    names.into_iter().zip(NEW.map(|days| first(as_of, days as u32))).collect()
}

/// The first of `days` days that end with `last_day`, as a number in SQL.
fn first(last_day: Day, days: u32) -> String {
    number(first_day_of(last_day, days))
}

fn number(day: Day) -> String {
    day.number().to_string()
}

fn sums(rows: &Rows) -> Result<Sums> {
    let count = |name: &str| Ok::<u64, Error>(rows.one(name)?.unwrap_or(0));
    let net = |name: &str| Ok::<i128, Error>(rows.one(name)?.unwrap_or(0));
    let sales = |buyers: &str, when: &str| {
        Ok::<Sales, Error>(Sales {
            buyers: count(buyers)?,
            orders: count(&format!("orders_{when}"))?,
            net: net(&format!("net_{when}"))?,
            known_net: net(&format!("known_net_{when}"))?,
        })
    };
    let people = People {
        converted: [count("converted_now")?, count("converted_before")?],
        new: [count("new_1")?, count("new_7")?, count("new_30")?],
        total: count(names::CUSTOMER_COUNT)?,
        returning: [count("returning_now")?, count("returning_before")?],
        dormant: [count("dormant_now")?, count("dormant_before")?],
    };
    let sales = [
        sales("buyers_now", "now")?,
        sales("buyers_before", "before")?,
        sales(names::CUSTOMER_COUNT, "ever")?,
    ];
    Ok(Sums { people, sales })
}

fn figures(rows: &Rows) -> Result<InterestFigures> {
    let count = |name: &str| Ok::<u64, Error>(rows.one(name)?.unwrap_or(0));
    Ok(InterestFigures {
        now: count("interested_now")?,
        before: count("interested_before")?,
        new: [count("new_1")?, count("new_7")?, count("new_30")?],
        ever: count("interested_ever")?,
    })
}

/// The levels and cards in customer lists, where these have such columns, and the number of rows that are later than
/// the as-of day.
fn cards(rows: &Rows, columns: &[String]) -> Result<(Cards, u64)> {
    let has = |column: &str| columns.iter().any(|of| of == column);
    let (mut levels, mut claimed_on, mut later) = (Vec::new(), Vec::new(), 0);
    let (days, counts) = (rows.wide("claimed_on")?, rows.wide("row_count")?);
    let words = rows.texts("word")?;
    for (row, said) in rows.texts("said")?.iter().enumerate() {
        let count = counts[row].and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
        match (said.as_deref(), &words[row], days[row].and_then(|day| i32::try_from(day).ok())) {
            (Some("level"), Some(word), _) => levels.push((word.clone(), count)),
            (Some("card"), _, Some(day)) => claimed_on.push((Day::new(day), count)),
            _ => later += count,
        }
    }
    let cards = Cards {
        levels: has(names::LEVEL).then_some(levels),
        claimed_on: has(names::CARD_CLAIMED_ON).then_some(claimed_on),
    };
    Ok((cards, later))
}

//! Fills the columns that answer functions of conditions about each person's orders and tags.

use polars::prelude::*;

use super::filter::Call;
use super::{Ground, Needs};
use crate::customers::order_columns::{Which, of_customers};
use crate::error::Result;
use crate::metrics::calendar::first_day_of;
use crate::metrics::customer_facts::{Measure, measures};
use crate::metrics::finish::{amounts, counts, flags};
use crate::metrics::habits::bought;
use crate::schema::items::Product;
use crate::schema::{CustomerCode, Day};

/// The data that a call needs.
pub(super) fn needs(call: &Call) -> Needs {
    match call {
        Call::Bought(..) | Call::BoughtCategory(..) => {
            Needs { histories: true, extras: true, items: true, ..Needs::NONE }
        }
        Call::First(..) | Call::Last(..) => Needs { histories: true, extras: true, ..Needs::NONE },
        Call::HasTag(_) => Needs { tags: true, ..Needs::NONE },
        _ => Needs::NONE,
    }
}

/// The tag that a call asks for.
pub(super) fn tag(call: &Call) -> Option<&str> {
    match call {
        Call::HasTag(tag) => Some(tag),
        _ => None,
    }
}

/// The column of orders that a call asks for.
pub(super) fn order_column(call: &Call) -> Option<&str> {
    match call {
        Call::First(column, _) | Call::Last(column, _) => Some(column),
        _ => None,
    }
}

/// The column that answers a call; its name is the text of the call.
pub(super) fn fill(ground: &Ground<'_>, call: &Call) -> Result<Column> {
    let name = call.to_string();
    let as_of = ground.as_of();
    let measured = |measure| -> Result<Vec<i64>> {
        let all = measures(ground.orders, &ground.scope, ground.ids.len(), &[measure])?;
        Ok(all.into_iter().next().unwrap_or_default())
    };
    Ok(match call {
        Call::HasTag(tag) => {
            let has_it = |code: &CustomerCode| {
                let said = ground.hand.tags.as_ref().map(|tags| tags.has(ground.ids.key(*code), tag.trim()));
                Some(said.is_some_and(|(by_hand, by_rule)| by_hand || by_rule))
            };
            flags(&name, ground.codes().iter().map(has_it))
        }
        Call::Bought(wanted, days) => {
            // The text is an id; if no product has this id, it is a title.
            let is_id = |product: &Product| product.id == *wanted;
            let is_title = |product: &Product| product.title == *wanted;
            let products = &ground.in_order()?.items.products;
            let has_id = products.iter().any(is_id);
            is_bought(
                ground,
                &name,
                *days,
                |product| if has_id { is_id(product) } else { is_title(product) },
            )?
        }
        Call::BoughtCategory(wanted, days) => {
            is_bought(ground, &name, *days, |product| product.category == *wanted)?
        }
        Call::OrderCount(from, to) => {
            let values = measured(Measure::OrderCount((from.at(as_of), to.at(as_of))))?;
            counts(&name, ground.of_codes(&values).map(|value| Some(value.unsigned_abs())))
        }
        Call::NetAmount(from, to) => {
            let values = measured(Measure::NetAmount((from.at(as_of), to.at(as_of))))?;
            amounts(&name, ground.of_codes(&values).map(Some))
        }
        Call::First(column, _) => of_order(ground, &name, column, Which::First)?,
        Call::Last(column, _) => of_order(ground, &name, column, Which::Last)?,
    })
}

/// A column of orders, taken from the first or the last valid order of each person.
fn of_order(ground: &Ground<'_>, name: &str, column: &str, which: Which) -> Result<Column> {
    let (codes, values) = of_customers(ground.in_order()?, &ground.scope, column, which)?;
    let mut places: Vec<Option<IdxSize>> = vec![None; ground.ids.len()];
    codes.iter().zip(0..).for_each(|(code, place)| places[code.place()] = Some(place));
    let places = IdxCa::from_iter_options("place".into(), ground.of_codes(&places));
    Ok(values.take(&places)?.with_name(name.into()))
}

/// For each person whether they bought a wanted product, within the last `days` days that end with the as-of day.
fn is_bought(
    ground: &Ground<'_>,
    name: &str,
    days: Option<u32>,
    is_wanted: impl Fn(&Product) -> bool,
) -> Result<Column> {
    let orders = ground.in_order()?;
    let wanted: Vec<bool> = orders.items.products.iter().map(is_wanted).collect();
    let first = days.map_or(Day::BEFORE_ALL, |days| first_day_of(ground.as_of(), days));
    let mut by_code = vec![false; ground.ids.len()];
    for code in bought(orders, &ground.scope, &wanted, first)? {
        by_code[code.place()] = true;
    }
    Ok(flags(name, ground.of_codes(&by_code).map(Some)))
}

//! What functions of conditions ask of each person's orders.

use polars::prelude::*;

use super::filter::Call;
use super::{Ground, Needs};
use crate::error::{Error, Result};
use crate::metrics::customer_facts::{Measure, measures};
use crate::metrics::finish::{amounts, counts, flags};
use crate::metrics::habits::bought;
use crate::schema::items::Product;

/// What a call needs to be read.
pub(super) fn needs(call: &Call) -> Needs {
    match call {
        Call::Bought(..) | Call::BoughtCategory(..) => {
            Needs { histories: true, extras: true, items: true, ..Needs::NONE }
        }
        _ => Needs::NONE,
    }
}

/// The column that answers a call, under the call's name.
pub(super) fn fill(ground: &Ground<'_>, call: &Call) -> Result<Column> {
    let name = call.to_string();
    let as_of = ground.as_of();
    let measured = |measure| -> Result<Vec<i64>> {
        let all = measures(ground.orders, &ground.scope, ground.ids.len(), &[measure])?;
        Ok(all.into_iter().next().unwrap_or_default())
    };
    Ok(match call {
        // Nobody has been given a tag yet.
        Call::HasTag(_) => flags(&name, ground.codes().iter().map(|_| Some(false))),
        Call::Bought(wanted, days) => {
            // By id; where no product has it, by title.
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
            amounts(&name, ground.of_codes(&values).map(|value| Some(i128::from(value))))
        }
        Call::First(field, _) | Call::Last(field, _) => {
            return Err(Error::Internal(format!("orders have no column {field}")));
        }
    })
}

/// Whether each person has bought such a product, within so many days up to as-of.
fn is_bought(
    ground: &Ground<'_>,
    name: &str,
    days: Option<u32>,
    is_wanted: impl Fn(&Product) -> bool,
) -> Result<Column> {
    let orders = ground.in_order()?;
    let wanted: Vec<bool> = orders.items.products.iter().map(is_wanted).collect();
    let first = days.map_or(i32::MIN, |days| ground.as_of().saturating_sub_unsigned(days).saturating_add(1));
    let mut by_code = vec![false; ground.ids.len()];
    for code in bought(orders, &ground.scope, &wanted, first)? {
        by_code[code as usize] = true;
    }
    Ok(flags(name, ground.of_codes(&by_code).map(Some)))
}

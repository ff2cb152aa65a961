//! Turns the rows of an engine into the columns of the list.

use std::cmp::Reverse;

use polars::prelude::*;

use super::columns::{DEEP_COUNT, Lacks, PRICED_COUNT};
use super::statement::{Asking, call_name};
use super::{MADE_HERE, Rows};
use crate::answer::Kind;
use crate::customers::find;
use crate::error::Result;
use crate::metrics::finish::{amounts, dates, flags, integers, ratios, share, texts};
use crate::metrics::profile::gender;
use crate::schema::{Day, Holds, money, names};

/// Whether a column is computed here, from other columns or from words that only this program understands.
pub(super) fn is_made_here(name: &str) -> bool {
    name == names::GENDER || MADE_HERE.iter().any(|(made, _)| *made == name)
}

/// The columns with the rows in the order of customer lists: buyers by net amount, the greatest first, then all others;
/// equal ones by id.
pub(super) fn frame(rows: &Rows, asking: &Asking<'_>, lacks: Lacks) -> Result<DataFrame> {
    let ids = rows.texts(names::CUSTOMER_ID)?;
    let net = rows.wide("buyer_net_amount")?;
    let mut places: Vec<IdxSize> = (0..rows.len() as IdxSize).collect();
    let rank = |place: &IdxSize| {
        let place = *place as usize;
        (net[place].is_none(), Reverse(net[place]), ids[place].as_deref())
    };
    places.sort_unstable_by(|one, other| rank(one).cmp(&rank(other)));
    let mut columns = vec![texts(names::CUSTOMER_ID, ids.iter().cloned())];
    for name in asking.shown.iter().filter(|name| **name != names::CUSTOMER_ID) {
        columns.push(column(rows, name)?);
    }
    for (number, call) in asking.calls.iter().enumerate() {
        columns.push(held(rows, &call_name(number), &call.to_string(), call.holds())?);
    }
    if asking.makes(names::AOV) {
        let orders = rows.wide(names::ORDER_COUNT)?;
        let each = net.iter().zip(orders);
        let aov = each.map(|(net, orders)| {
            let orders = u64::try_from(orders?).ok()?;
            (*net).filter(|_| !lacks.amounts).and_then(|net| money::mean(net, orders))
        });
        columns.push(amounts(names::AOV, aov));
    }
    if asking.makes(names::DEEP_DISCOUNT_SHARE) {
        let (deep, priced) = (rows.wide(DEEP_COUNT)?, rows.wide(PRICED_COUNT)?);
        let each = deep.into_iter().zip(priced).map(|(deep, priced)| share(deep?, priced?));
        columns.push(ratios(names::DEEP_DISCOUNT_SHARE, each.map(|of| of.filter(|_| !lacks.amounts))));
    }
    let frame = DataFrame::new(rows.len(), columns)?;
    Ok(frame.take(&IdxCa::from_vec("place".into(), places))?)
}

/// A column of the customer table in its usual type.
fn column(rows: &Rows, name: &str) -> Result<Column> {
    if name == names::GENDER {
        let words = rows.texts(name)?.into_iter().map(|word| word.and_then(|word| gender(&word)));
        return Ok(texts(name, words));
    }
    let kind = find(name).map_or(Kind::Count, |(_, spec)| spec.kind);
    let column = held(rows, name, name, Holds::from(kind))?;
    Ok(match name {
        names::RECENCY_DAYS => column.strict_cast(&DataType::Int32)?,
        names::R_SCORE | names::F_SCORE | names::M_SCORE => column.strict_cast(&DataType::UInt8)?,
        _ => column,
    })
}

/// The values of a column, which the engine calls `theirs`, as a column called `ours`.
fn held(rows: &Rows, theirs: &str, ours: &str, holds: Holds) -> Result<Column> {
    let narrow = |values: Vec<Option<i128>>| -> Result<Vec<Option<i64>>> {
        let one = |value: Option<i128>| value.map(i64::try_from).transpose();
        let values: std::result::Result<_, _> = values.into_iter().map(one).collect();
        values.map_err(|_| rows.wrong(theirs))
    };
    Ok(match holds {
        Holds::Text | Holds::Real => texts(ours, rows.texts(theirs)?.into_iter()),
        Holds::Whole => integers(ours, narrow(rows.wide(theirs)?)?.into_iter()),
        Holds::Amount => amounts(ours, rows.wide(theirs)?.into_iter()),
        Holds::Flag => flags(ours, rows.wide(theirs)?.into_iter().map(|value| value.map(|value| value == 1))),
        Holds::Date => {
            let day = |value: Option<i64>| value.map(i32::try_from).transpose();
            let days: std::result::Result<Vec<_>, _> =
                narrow(rows.wide(theirs)?)?.into_iter().map(day).collect();
            let days = days.map_err(|_| rows.wrong(theirs))?;
            dates(ours, days.into_iter().map(|day| day.map(Day::new)))
        }
    })
}

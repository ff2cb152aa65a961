//! The forecasts for each buyer.

use polars::prelude::*;

use crate::answer::{Kind, Spec};
use crate::customers::{Ground, Needs, Provider};
use crate::error::{Error, Result};
use crate::metrics::finish::{amounts, ratios};
use crate::schema::names;

/// Columns as `predict` lists them. They are empty if no model fits; answers that depend on their values call
/// [`Ground::require`] first.
pub const FORECAST: Provider = Provider {
    columns: &[
        Spec::new(names::P_ALIVE, Kind::Share, 5),
        Spec::new(names::EXPECTED_ORDERS, Kind::Number, 5),
        Spec::new(names::EXPECTED_SPEND, Kind::Amount, 5),
    ],
    needs: Needs { histories: true, ..Needs::NONE },
    fill: forecast,
};

fn forecast(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let forecast = match ground.forecast() {
        Ok(forecast) => forecast,
        Err(Error::Data { .. }) => return Ok(wanted.iter().map(|name| ground.nothing(name)).collect()),
        Err(other) => return Err(other),
    };
    let mut by_code = vec![(None, None); ground.ids.len()];
    for (code, outlook, spend) in forecast.each() {
        by_code[code.place()] = (Some((outlook.p_alive, outlook.expected)), spend);
    }
    let rows = || ground.of_codes(&by_code);
    let column = |name: &&'static str| match *name {
        names::P_ALIVE => ratios(name, rows().map(|(of, _)| Some(of?.0))),
        names::EXPECTED_ORDERS => ratios(name, rows().map(|(of, _)| Some(of?.1))),
        _ => amounts(name, rows().map(|(_, spend)| spend)),
    };
    Ok(wanted.iter().map(column).collect())
}

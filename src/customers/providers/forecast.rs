//! What is forecast of people.

use polars::prelude::*;

use crate::answer::{Kind, Spec};
use crate::customers::{Ground, Needs, Provider};
use crate::error::Result;
use crate::schema::names;

/// No model is fitted yet: they are empty.
pub const FORECAST: Provider = Provider {
    columns: &[
        Spec::new(names::P_ALIVE, Kind::Share, 5),
        Spec::new(names::EXPECTED_ORDERS, Kind::Number, 5),
        Spec::new(names::EXPECTED_SPEND, Kind::Amount, 5),
    ],
    needs: Needs::NONE,
    fill: forecast,
};

fn forecast(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    Ok(wanted.iter().map(|name| ground.nothing(name)).collect())
}

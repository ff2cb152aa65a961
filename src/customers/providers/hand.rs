//! What the shop's own people note by hand.

use polars::prelude::*;

use crate::answer::{Kind, Spec};
use crate::customers::{Ground, Needs, Provider};
use crate::error::Result;
use crate::schema::names;

/// Tags and notes. Nothing keeps them yet: they are empty.
pub const HAND: Provider = Provider {
    columns: &[Spec::new(names::TAGS, Kind::Text, 5), Spec::new(names::NOTE, Kind::Text, 5)],
    needs: Needs::NONE,
    fill: hand,
};

fn hand(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    Ok(wanted.iter().map(|name| ground.nothing(name)).collect())
}

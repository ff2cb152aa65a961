//! What the shop's own people note by hand.

use polars::prelude::*;

use crate::answer::{Kind, Spec};
use crate::customers::{Ground, Needs, Provider};
use crate::error::Result;
use crate::schema::names;

/// Tags. Nothing keeps them yet: they are empty.
pub const TAGS: Provider = Provider {
    columns: &[Spec::new(names::TAGS, Kind::Text, 5)],
    needs: Needs::NONE,
    fill: |ground, wanted| Ok(wanted.iter().map(|name| ground.nothing(name)).collect()),
};

/// The newest note of each customer, whatever as-of is: notes are mostly written after the last order of an export.
pub const NOTES: Provider = Provider {
    columns: &[Spec::new(names::NOTE, Kind::Text, 5)],
    needs: Needs { notes: true, ..Needs::NONE },
    fill: notes,
};

fn notes(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let Some(notes) = ground.notes.filter(|notes| !notes.is_empty()) else {
        return Ok(wanted.iter().map(|name| ground.nothing(name)).collect());
    };
    let of = |code: &u32| notes.newest(ground.ids.key(*code));
    let column = |name: &&'static str| {
        StringChunked::from_iter_options((*name).into(), ground.codes().iter().map(of)).into_column()
    };
    Ok(wanted.iter().map(column).collect())
}

//! What the shop's staff keeps by hand.

use polars::prelude::*;

use crate::answer::{Kind, Spec};
use crate::customers::{Ground, Needs, Provider};
use crate::error::Result;
use crate::metrics::finish::texts;
use crate::schema::{CustomerCode, names};

/// The tags of each customer in one text. They are as the file has them, whatever the as-of day is, since the file
/// keeps no earlier state.
pub const TAGS: Provider = Provider {
    columns: &[Spec::new(names::TAGS, Kind::Text, 5)],
    needs: Needs { tags: true, ..Needs::NONE },
    fill: tags,
};

/// The newest note of each customer, whatever the as-of day is, since notes are mostly written after the last order of
/// an export.
pub const NOTES: Provider = Provider {
    columns: &[Spec::new(names::NOTE, Kind::Text, 5)],
    needs: Needs { notes: true, ..Needs::NONE },
    fill: notes,
};

fn tags(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let Some(tags) = ground.hand.tags.as_ref() else {
        return Ok(wanted.iter().map(|name| ground.nothing(name)).collect());
    };
    let of = |code: &CustomerCode| tags.joined(ground.ids.key(*code));
    Ok(wanted.iter().map(|name| texts(name, ground.codes().iter().map(of))).collect())
}

fn notes(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let Some(notes) = ground.hand.notes.as_ref().filter(|notes| !notes.is_empty()) else {
        return Ok(wanted.iter().map(|name| ground.nothing(name)).collect());
    };
    let of = |code: &CustomerCode| notes.of(ground.ids.key(*code)).first().map(|note| note.text.as_str());
    let column = |name: &&'static str| {
        StringChunked::from_iter_options((*name).into(), ground.codes().iter().map(of)).into_column()
    };
    Ok(wanted.iter().map(column).collect())
}

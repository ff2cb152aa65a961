//! What a customer contributes.

use polars::prelude::*;

use crate::answer::{Kind, Spec};
use crate::customers::{Ground, Needs, Provider};
use crate::error::Result;
use crate::metrics::finish::{ratios, texts};
use crate::metrics::value::value;
use crate::schema::names;

/// Classes by contribution, and how much was bought at a deep discount.
pub const WORTH: Provider = Provider {
    columns: &[
        Spec::new(names::CLASS, Kind::Label("class"), 2),
        Spec::new(names::DEEP_DISCOUNT_SHARE, Kind::Share, 3),
    ],
    needs: Needs { histories: true, extras: true, costs: true, ..Needs::NONE },
    fill: worth,
};

fn worth(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let ranked = value(ground.in_order()?, &ground.scope, &ground.settings.value, ground.accounting.clone())?;
    let mut by_code = vec![(None, None); ground.ids.len()];
    for (code, class, deep) in ranked.each() {
        by_code[code.place()] = (Some(class), deep);
    }
    let column = |name: &&'static str| match *name {
        names::CLASS => texts(name, ground.of_codes(&by_code).map(|(class, _)| class.map(str::to_owned))),
        _ => ratios(name, ground.of_codes(&by_code).map(|(_, deep)| deep)),
    };
    Ok(wanted.iter().map(column).collect())
}

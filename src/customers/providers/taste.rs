//! What people buy, when, and for whom.

use polars::prelude::*;

use crate::answer::{Kind, Spec};
use crate::customers::{Ground, Needs, Provider};
use crate::error::Result;
use crate::metrics::baskets::{Categories, pieces};
use crate::metrics::finish::{counts, ratios, texts};
use crate::metrics::habits::Habits;
use crate::metrics::profile::ROLES;
use crate::schema::names;

/// How many items orders hold.
pub const ITEMS: Provider = Provider {
    columns: &[
        Spec::new(names::ITEM_COUNT, Kind::Number, 3),
        Spec::new(names::ITEMS_PER_ORDER, Kind::Number, 3),
        Spec::new(names::PRODUCT_COUNT, Kind::Count, 3),
    ],
    needs: Needs { histories: true, extras: true, items: true, ..Needs::NONE },
    fill: columns,
};

/// What a person buys most often, when, and for whom.
pub const TASTE: Provider = Provider {
    columns: &[
        Spec::new(names::TOP_CATEGORY, Kind::Named, 3),
        Spec::new(names::TOP_PRODUCT, Kind::Title, 3),
        Spec::new(names::USUAL_HOUR, Kind::Count, 3),
        Spec::new(names::USUAL_WEEKDAY, Kind::Label("weekday"), 3),
        Spec::new(names::ROLE, Kind::Label("profile_key"), 3),
    ],
    needs: Needs { histories: true, extras: true, items: true, ..Needs::NONE },
    fill: columns,
};

fn columns(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let by_code = ground.habits()?;
    let categories = Categories::of(&ground.in_order()?.items);
    let rows = || ground.of_codes(by_code);
    let number = |value: Option<u8>| value.map(u64::from);
    let column = |name: &&'static str| match *name {
        names::ITEM_COUNT => ratios(name, rows().map(|of| Some(pieces(i128::from(of?.pieces?))))),
        names::ITEMS_PER_ORDER => {
            let each = |of: Habits| Some(pieces(i128::from(of.pieces?)) / f64::from(of.basket_count));
            ratios(name, rows().map(|of| each(of?)))
        }
        names::PRODUCT_COUNT => {
            let known = |of: Habits| (of.basket_count > 0).then_some(u64::from(of.product_count));
            counts(name, rows().map(|of| known(of?)))
        }
        names::TOP_CATEGORY => {
            texts(name, rows().map(|of| categories.names.get(of?.top_category? as usize).cloned()))
        }
        names::TOP_PRODUCT => texts(name, rows().map(|of| ground.product(of?.top_product?))),
        names::USUAL_HOUR => counts(name, rows().map(|of| number(of?.hour))),
        names::USUAL_WEEKDAY => counts(name, rows().map(|of| number(of?.weekday))),
        _ => texts(name, rows().map(|of| of?.gives.map(|gives| ROLES[usize::from(gives)].to_owned()))),
    };
    Ok(wanted.iter().map(column).collect())
}

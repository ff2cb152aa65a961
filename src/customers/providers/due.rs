//! When the next order is expected, and what it may hold.

use polars::prelude::*;

use crate::answer::{Kind, Spec};
use crate::customers::{Ground, Needs, Provider};
use crate::error::Result;
use crate::metrics::finish::{dates, integers, texts};
use crate::metrics::repurchase::{Due, DueParams, DueRule, Expected, expect};
use crate::schema::names;

/// Columns as `repurchase --due` lists them.
pub const DUE: Provider = Provider {
    columns: &[
        Spec::new(names::DUE_STATUS, Kind::Label("due_status"), 2),
        Spec::new(names::NEXT_EXPECTED_ON, Kind::Date, 2),
        Spec::new(names::EXPECTED_GAP_DAYS, Kind::Days, 4),
        Spec::new(names::NEXT_PRODUCT, Kind::Title, 3),
    ],
    needs: Needs { histories: true, extras: true, items: true, ..Needs::NONE },
    fill: due,
};

/// The expected next order of each buyer, and the parameters by which it is expected.
///
/// # Errors
/// Those of the metrics.
pub fn expected(ground: &Ground<'_>) -> Result<(Due, DueParams)> {
    let settings = ground.settings;
    let rule = DueRule { churn: settings.churn, due_days: settings.due_days, weight: settings.weight };
    let of = expect(ground.in_order()?, &ground.scope.all_time(), rule, ground.accounting.clone())?;
    Ok((of.due, of.params))
}

fn due(ground: &Ground<'_>, wanted: &[&'static str]) -> Result<Vec<Column>> {
    let mut by_code: Vec<Option<Expected>> = vec![None; ground.ids.len()];
    for (code, expected) in expected(ground)?.0.each() {
        by_code[code.place()] = Some(expected);
    }
    // A window decides which customers are listed, but not what is expected of them.
    let rows = || ground.of_codes(&by_code);
    let column = |name: &&'static str| match *name {
        names::DUE_STATUS => texts(name, rows().map(|of| of.map(|of| of.status.to_owned()))),
        names::NEXT_EXPECTED_ON => dates(name, rows().map(|of| of.map(|of| of.next_on))),
        names::EXPECTED_GAP_DAYS => integers(name, rows().map(|of| of.map(|of| i64::from(of.gap_days)))),
        _ => texts(name, rows().map(|of| ground.product(of?.product?))),
    };
    Ok(wanted.iter().map(column).collect())
}

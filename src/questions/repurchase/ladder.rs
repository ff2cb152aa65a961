//! How many customers go on from each order to the next.

use super::Answer;
use crate::answer::{Kind, Spec, Table};
use crate::error::Result;
use crate::metrics::Scope;
use crate::metrics::repurchase::ladder;
use crate::reading::Ingested;
use crate::schema::{names, ranges};

pub(super) fn steps(read: &Ingested, scope: &Scope) -> Result<Answer> {
    let steps = ladder(&read.orders, scope, read.accounting.clone())?;
    Ok(Answer {
        tables: vec![Table::new("ladder", "steps", columns(), steps.frame)],
        as_of: scope.known_day(),
        window: scope.window,
        customer_count: steps.customer_count,
        order_count: steps.order_count,
        accounting: steps.accounting,
        ..Answer::default()
    })
}

fn columns() -> Vec<Spec> {
    let mut columns = vec![
        Spec::new(names::ORDER_NUMBER, Kind::Count, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
    ];
    let steps = [
        (ranges::NEXT_30D_RATE, 2),
        (ranges::NEXT_90D_RATE, 0),
        (ranges::NEXT_180D_RATE, 2),
        (ranges::NEXT_365D_RATE, 0),
    ];
    columns.extend(steps.into_iter().flat_map(|(range, rank)| Spec::ranged(range, Kind::Share, rank)));
    columns
        .extend([Spec::new(names::MEDIAN_GAP_DAYS, Kind::Days, 0), Spec::new(names::AOV, Kind::Amount, 1)]);
    columns
}

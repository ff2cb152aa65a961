//! Compares everybody with the standing holdout, which no campaign reaches.

use super::messages::Columns;
use super::subjects::{Arm, Campaign, START_OF_DAY, Study, Subject};
use super::{Plan, Scope};
use crate::error::Result;
use crate::metrics::histories::fold;
use crate::metrics::holdout::{GLOBAL, is_held_out};
use crate::schema::sends::Sends;
use crate::schema::words::CONTROL;
use crate::schema::{CustomerCode, Day, Shop};

/// The standing holdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The share of customers in it, in units of [`crate::metrics::value::WHOLE`].
    pub share: u32,
    /// The first day on which no campaign reaches it.
    pub from: Day,
    /// The last such day; `None` if the holdout has no end yet.
    pub to: Option<Day>,
}

/// The arm of all customers whom campaigns may reach.
const NOT_HELD_OUT: &str = "not_held_out";

/// The arm of those customers whom a campaign did reach. They were chosen, not drawn by chance.
const REACHED: &str = "reached";

/// The standing holdout as one campaign, which lasts as long as the holdout does. Its subjects are all customers who
/// had bought before the holdout began. Customers who came later may have come because of a message, so they would not
/// be alike in both arms.
pub fn study(
    shop: &Shop<'_>,
    sends: &Sends,
    scope: &Scope,
    standing: &Standing,
) -> Result<(Study, Vec<Subject>)> {
    let as_of = scope.as_of;
    let last_day = standing.to.map_or(as_of, |to| to.min(as_of));
    let folded = fold(shop.orders, &scope.all_time(), true, |known: &mut Vec<CustomerCode>, _, history| {
        known.extend(history.customer.filter(|_| history.first_day() < standing.from));
        None
    })?;
    let mut known: Vec<CustomerCode> = folded.parts.concat();
    known.sort_unstable();
    let arms = [NOT_HELD_OUT, REACHED, CONTROL].map(|name| Arm {
        campaign: 0,
        name: name.to_owned(),
        is_drawn: name != REACHED,
    });
    let campaign = Campaign {
        id: Some(GLOBAL.to_owned()),
        is_asked: true,
        within_days: u32::try_from(standing.from.days_until(last_day)).unwrap_or(0),
        plan: Plan { holdout: Some(standing.share), ..Plan::default() },
        ..Campaign::default()
    };
    let columns = Columns::of(sends)?;
    let mut subjects = Vec::with_capacity(known.len());
    for customer in known {
        let mut subject = Subject {
            customer,
            arm: 0,
            from: (standing.from, START_OF_DAY),
            last_day,
            is_finished: standing.from <= last_day,
            is_mixed: false,
            messages: 0,
            delivered: None,
            cost: None,
            row: None,
        };
        for row in columns.rows(customer) {
            let is_meant = !columns.is_control(row) && !columns.is_for_everybody(row);
            if is_meant && (standing.from..=last_day).contains(&columns.day(row)) {
                subject.row = subject.row.or(Some(row));
                subject.send(columns.is_delivered(row), columns.cost(row))?;
            }
        }
        if is_held_out(GLOBAL, &shop.orders.customers.text(customer), standing.share) {
            subjects.push(Subject { arm: 2, ..subject });
            continue;
        }
        subjects.push(subject);
        subjects.extend((subject.messages > 0).then_some(Subject { arm: 1, ..subject }));
    }
    Ok((Study { campaigns: vec![campaign], arms: arms.into() }, subjects))
}

//! What new and returning customers bought, by calendar period.

use serde_json::{Map, json};

use super::{About, Answer, Asked, Question, begin, net_without_buyers};
use crate::answer::{Kind, Spec, Table};
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::trend::{By, trend};
use crate::parse::customer_hint;
use crate::schema::names;

/// Sales by calendar period, beside those of the year before.
#[derive(Debug)]
pub struct Trend {
    /// The periods.
    pub by: By,
}

/// How many periods are shown unless the user asks for another number.
const ROWS_SHOWN: usize = 60;

/// The columns about the year before, which are shown only if the data reach back to it.
const PREVIOUS: [&str; 12] = [
    names::PREVIOUS_ON,
    names::PREVIOUS_ORDER_COUNT,
    names::PREVIOUS_NET_AMOUNT,
    names::PREVIOUS_AOV,
    names::PREVIOUS_REFUND_RATE,
    names::PREVIOUS_CUSTOMER_COUNT,
    names::YEAR_CHANGE,
    names::YEAR_CHANGE_RATE,
    names::CUSTOMERS_EFFECT,
    names::FREQUENCY_EFFECT,
    names::AOV_EFFECT,
    names::UNNAMED_EFFECT,
];

impl Question for Trend {
    const ABOUT: About = About { needs_people: false, ..About::of_buyers("trend").writing(&["trend"]) };

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        let Asked { read, scope, .. } = asked;
        let found = trend(&read.orders, &scope, self.by, read.accounting.clone())?;
        let mut notes = Vec::new();
        if !read.orders.has_buyers() && found.order_count > 0 {
            notes.push(Remark::new("trend_no_buyers").with("hint", customer_hint(&read.sources)));
        }
        notes.extend(net_without_buyers(found.net_without_buyers));
        notes.extend(begin("trend_begins", found.orders_begin));
        let no_period = |days: i32| Remark::new("trend_no_period").with("days", days);
        notes.extend(found.least_window.map(no_period));
        let table = Table::new("trend", "periods", columns(), found.frame);
        Ok(Answer {
            tables: vec![table.with_rows(ROWS_SHOWN).with_shown_if_any(&PREVIOUS)],
            parameters: Map::from_iter([("by".to_owned(), json!(self.by))]),
            notes,
            as_of: scope.known_day(),
            window: scope.window,
            customer_count: found.customer_count,
            order_count: found.order_count,
            accounting: found.accounting,
            ..Answer::default()
        })
    }
}

fn columns() -> Vec<Spec> {
    vec![
        Spec::new(names::PERIOD_ON, Kind::Date, 0),
        Spec::new(names::IS_UNFINISHED, Kind::Flag, 0),
        Spec::new(names::ORDER_COUNT, Kind::Count, 3),
        Spec::new(names::NET_AMOUNT, Kind::Amount, 0),
        Spec::new(names::AOV, Kind::Amount, 6),
        Spec::new(names::REFUND_RATE, Kind::Share, 5),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 7),
        Spec::new(names::NEW_CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::NEW_ORDER_COUNT, Kind::Count, 9),
        Spec::new(names::NEW_NET_AMOUNT, Kind::Amount, 2),
        Spec::new(names::RETURNING_CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::RETURNING_ORDER_COUNT, Kind::Count, 9),
        Spec::new(names::RETURNING_NET_AMOUNT, Kind::Amount, 2),
        Spec::new(names::PREVIOUS_ON, Kind::Date, 12),
        Spec::new(names::PREVIOUS_ORDER_COUNT, Kind::Count, 10),
        Spec::new(names::PREVIOUS_NET_AMOUNT, Kind::Amount, 1),
        Spec::new(names::PREVIOUS_AOV, Kind::Amount, 11),
        Spec::new(names::PREVIOUS_REFUND_RATE, Kind::Share, 11),
        Spec::new(names::PREVIOUS_CUSTOMER_COUNT, Kind::Count, 11),
        Spec::new(names::PREVIOUS_NEW_CUSTOMER_COUNT, Kind::Count, 12),
        Spec::new(names::PREVIOUS_NEW_ORDER_COUNT, Kind::Count, 13),
        Spec::new(names::PREVIOUS_NEW_NET_AMOUNT, Kind::Amount, 12),
        Spec::new(names::PREVIOUS_RETURNING_CUSTOMER_COUNT, Kind::Count, 12),
        Spec::new(names::PREVIOUS_RETURNING_ORDER_COUNT, Kind::Count, 13),
        Spec::new(names::PREVIOUS_RETURNING_NET_AMOUNT, Kind::Amount, 12),
        Spec::new(names::YEAR_CHANGE, Kind::Amount, 4),
        Spec::new(names::YEAR_CHANGE_RATE, Kind::Share, 0),
        Spec::new(names::CUSTOMERS_EFFECT, Kind::Amount, 7),
        Spec::new(names::FREQUENCY_EFFECT, Kind::Amount, 7),
        Spec::new(names::AOV_EFFECT, Kind::Amount, 7),
        Spec::new(names::UNNAMED_EFFECT, Kind::Amount, 8),
        Spec::new(names::IS_COVERED, Kind::Flag, 9),
    ]
}

//! Through which source buyers came, and what they bought.

use serde_json::{Map, json};

use super::{About, Answer, Asked, Question};
use crate::answer::{Kind, Spec, Table};
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::sources::{By, sources};
use crate::schema::Table::{Customers, Events};
use crate::schema::{Wants, names, ranges};

/// Buyers by source.
#[derive(Debug)]
pub struct Sources {
    /// The calendar periods that get separate rows; `None` for all time together.
    pub by: Option<By>,
}

/// The columns with the figures before sources were corrected, which are shown only if any source was.
const BEFORE: [&str; 8] = [
    names::CUSTOMER_COUNT_BEFORE,
    names::NEW_CUSTOMER_COUNT_BEFORE,
    names::ORDER_COUNT_BEFORE,
    names::NET_AMOUNT_BEFORE,
    names::SPEND_PER_CUSTOMER_BEFORE,
    names::REPEAT_CUSTOMER_RATE_BEFORE,
    names::REPEAT_CUSTOMER_RATE_BEFORE_LOW,
    names::REPEAT_CUSTOMER_RATE_BEFORE_HIGH,
];

/// How many sources are shown unless the user asks for another number.
const ROWS_SHOWN: usize = 60;

impl Question for Sources {
    const ABOUT: About = About::of_buyers("sources").writing(&["sources"]);

    fn wants(&self) -> Wants {
        Wants {
            extras: true,
            details: true,
            tables: vec![Events, Customers],
            corrections: true,
            ..Wants::default()
        }
    }

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        let Asked { read, scope, .. } = asked;
        let found = sources(&read.shop(), &scope, self.by, read.accounting.clone())?;
        let mut notes = Vec::new();
        if found.customer_count > 0 && !found.is_known {
            notes.push(Remark::new("sources_unknown"));
        }
        if found.corrected_count > 0 {
            notes.push(Remark::new("sources_corrected").with("n", found.corrected_count));
        }
        let table = Table::new("sources", "sources", columns(self.by), found.frame);
        Ok(Answer {
            tables: vec![table.with_rows(ROWS_SHOWN).with_shown_if_any(&BEFORE)],
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

fn columns(by: Option<By>) -> Vec<Spec> {
    let mut columns: Vec<Spec> = by.map(|_| Spec::new(names::PERIOD_ON, Kind::Date, 0)).into_iter().collect();
    columns.extend([
        Spec::new(names::SOURCE, Kind::Named, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::NEW_CUSTOMER_COUNT, Kind::Count, 2),
        Spec::new(names::ORDER_COUNT, Kind::Count, 1),
        Spec::new(names::NET_AMOUNT, Kind::Amount, 0),
        Spec::new(names::SPEND_PER_CUSTOMER, Kind::Amount, 1),
    ]);
    columns.extend(Spec::ranged(ranges::REPEAT_CUSTOMER_RATE, Kind::Share, 1));
    columns.extend([
        Spec::new(names::CUSTOMER_COUNT_BEFORE, Kind::Count, 3),
        Spec::new(names::NEW_CUSTOMER_COUNT_BEFORE, Kind::Count, 7),
        Spec::new(names::ORDER_COUNT_BEFORE, Kind::Count, 6),
        Spec::new(names::NET_AMOUNT_BEFORE, Kind::Amount, 4),
        Spec::new(names::SPEND_PER_CUSTOMER_BEFORE, Kind::Amount, 5),
    ]);
    columns.extend(Spec::ranged(ranges::REPEAT_CUSTOMER_RATE_BEFORE, Kind::Share, 5));
    columns
}

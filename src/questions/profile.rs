//! Who the customers are: a portrait by age, gender, place and other groups.

use serde_json::{Map, json};

use super::{About, Answer, Asked, Question};
use crate::answer::{Grid, Kind, Look, Spec, Table};
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::profile::{
    DECISION_COLUMNS, Decision, LOOK_DELAYS, Of, PAYMENT_DELAYS, Untimed, profile,
};
use crate::schema::Table::{Customers, Events, OrderItems, Orders};
use crate::schema::{self, Micros, Wants, names, ranges};

/// A portrait of a group of people.
#[derive(Debug)]
pub struct Profile {
    /// The people of the portrait.
    pub of: Of,
    /// The limits of the price bands, ascending.
    pub bands: Vec<Micros>,
    /// Whether the time that customers take to decide is computed, for which more of orders and events has to be read.
    pub times_decisions: bool,
}

/// The rows of the table of decisions that are shown unless the user asks for another number: the rows of all groups
/// together.
const DECISIONS_SHOWN: usize = PAYMENT_DELAYS.len() + LOOK_DELAYS.len();

impl Profile {
    /// The tables, the main one first.
    pub const TABLES: [&'static str; 3] = ["profile", "hours", "decision"];
}

impl Question for Profile {
    const ABOUT: About = About::of_people("profile").writing(&Self::TABLES);

    fn wants(&self) -> Wants {
        let base = Wants {
            regions: true,
            extras: true,
            details: true,
            tables: vec![Events, Customers],
            corrections: true,
            ..Wants::default()
        };
        match self.times_decisions {
            true => Wants {
                items: true,
                event_products: true,
                tables: vec![Events, Customers, OrderItems],
                order_columns: DECISION_COLUMNS.map(|field| field.name().to_owned()).to_vec(),
                ..base
            },
            false => base,
        }
    }

    fn tables(&self) -> &'static [schema::Table] {
        match self.of {
            Of::All => &[Orders, Events, Customers],
            Of::Interest | Of::Scan => &[Events],
            Of::Converted => &[Orders],
        }
    }

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        let Asked { read, scope, shows, .. } = asked;
        let of = self.of;
        let portrait = profile(&read.shop(), &scope, of, &self.bands, read.accounting.clone())?;
        let timed = match self.times_decisions {
            true => Some(portrait.decision(&read.shop(), &scope, &self.bands)?),
            false => None,
        };
        let mut notes = Vec::new();
        if portrait.customer_count > 0 && !portrait.unknown.is_empty() {
            notes.push(Remark::new("unknown_dimensions").with("dimensions", portrait.unknown.join(", ")));
        }
        let hours = Table::new("hours", "hours", hour_columns(of), portrait.hours).with_grid(Grid {
            row: names::WEEKDAY,
            column: names::HOUR,
            value: of.counted(),
            beside: None,
            look: Look::Shades,
        });
        let mut tables =
            vec![Table::new("profile", "groups", columns(), portrait.frame).with_rows(60), hours];
        if let Some(Decision { frame, untimed: left }) = timed {
            notes.extend(untimed(left));
            if frame.height() == 0
                && left == Untimed::default()
                && portrait.order_count > 0
                && !shows("profile")
            {
                notes.push(Remark::new("no_decision_times"));
            }
            tables.push(Table::new("decision", "rows", decision_columns(), frame).with_rows(DECISIONS_SHOWN));
        }
        Ok(Answer {
            tables,
            parameters: Map::from_iter([("of".to_owned(), json!(of))]),
            notes,
            as_of: scope.known_day(),
            window: scope.window,
            customer_count: portrait.customer_count,
            order_count: portrait.order_count,
            accounting: portrait.accounting,
            ..Answer::default()
        })
    }
}

/// Remarks about the decisions that no row of the table counts.
fn untimed(of: Untimed) -> impl Iterator<Item = Remark> {
    let counts = [
        ("untimed_without_times", of.without_times),
        ("untimed_paid_before", of.paid_before),
        ("untimed_uncovered", of.uncovered),
    ];
    counts.into_iter().filter(|(_, n)| *n > 0).map(|(key, n)| Remark::new(key).with("n", n))
}

fn columns() -> Vec<Spec> {
    vec![
        Spec::new(names::DIMENSION, Kind::Label("dimension"), 0),
        Spec::new(names::KEY, Kind::LabelOr("profile_key"), 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::CUSTOMER_SHARE, Kind::Bar, 0),
        Spec::new(names::ORDER_COUNT, Kind::Count, 1),
        Spec::new(names::NET_AMOUNT, Kind::Amount, 2),
    ]
}

fn decision_columns() -> Vec<Spec> {
    let mut columns = vec![
        Spec::new(names::PHASE, Kind::Label("phase"), 0),
        Spec::new(names::DIMENSION, Kind::Label("dimension"), 0),
        Spec::new(names::KEY, Kind::Text, 0),
        Spec::new(names::DELAY, Kind::Label("delay"), 0),
        Spec::new(names::MANNER, Kind::Label("manner"), 2),
        Spec::new(names::DECISION_COUNT, Kind::Count, 0),
    ];
    columns.extend(Spec::ranged(ranges::DELAY_SHARE, Kind::Share, 0));
    columns
}

fn hour_columns(of: Of) -> Vec<Spec> {
    vec![
        Spec::new(names::WEEKDAY, Kind::Label("weekday"), 0),
        Spec::new(names::HOUR, Kind::Count, 0),
        Spec::new(of.counted(), Kind::Count, 0),
    ]
}

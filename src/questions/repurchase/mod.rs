//! Whether and when customers order again.

mod curve;
mod due;
mod ladder;

use serde_json::{Map, Value, json};

use super::{About, Answer, Asked, Question};
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::repurchase::{By, ChurnLines, ChurnRule, DueRule, MIN_WATCHED};
use crate::metrics::segment::SegmentParams;
use crate::metrics::value::{ValueParams, WHOLE};
use crate::reading::Ingested;
use crate::schema::Table::OrderItems;
use crate::schema::{RowParts, Wants};

/// The curve of the second order, the ladder from order to order, or the list of expected orders.
#[derive(Debug)]
pub struct Repurchase {
    /// Which of these is shown.
    pub show: Shown,
    /// The rule for the number of days without an order after which a customer is lost.
    pub churn: ChurnRule,
    /// The limits of lifecycle segments.
    pub segments: SegmentParams,
    /// The limits that define a deep discount.
    pub value: ValueParams,
}

/// Which answer about repurchases is shown.
#[derive(Debug, Clone, Copy)]
pub enum Shown {
    /// The curve of the second order, for all customers or by group.
    Curve(Option<By>),
    /// How many customers go on from each order to the next.
    Ladder,
    /// When each customer's next order is expected.
    Due {
        /// How many days before and after the expected day a customer is due.
        due_days: u32,
        /// How many of the customer's own gaps the usual gap weighs as much as.
        weight: u32,
        /// How many days before the as-of day an expectation is made that is then compared with what happened; `None`
        /// for no comparison.
        holdout: Option<u32>,
    },
}

impl Question for Repurchase {
    const ABOUT: About = About::of_buyers("repurchase")
        .writing(&["curve", "gaps", "churn", "rates", "ladder", "due", "holdout"]);

    fn wants(&self) -> Wants {
        match self.show {
            Shown::Due { .. } => {
                Wants { items: true, details: true, tables: vec![OrderItems], ..Wants::default() }
            }
            Shown::Ladder | Shown::Curve(None) => Wants::default(),
            Shown::Curve(Some(by)) => by.first().map_or_else(Wants::default, super::first_wants),
        }
    }

    fn takes_orders_as_they_came(&self, _: &Ingested<RowParts>) -> bool {
        matches!(self.show, Shown::Curve(None))
    }

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        let Asked { read, came, scope, .. } = asked;
        match self.show {
            Shown::Curve(None) => self.curve_of_all(&read, came.as_ref(), &scope),
            Shown::Curve(Some(by)) => self.curve(&read, &scope, by),
            Shown::Ladder => ladder::steps(&read, &scope),
            Shown::Due { due_days, weight, holdout } => {
                self.due(&read, &scope, DueRule { churn: self.churn, due_days, weight }, holdout)
            }
        }
    }
}

impl Repurchase {
    fn parameters(&self) -> Map<String, Value> {
        let (mut chance, mut return_days, mut percentile, mut churn_days) = (None, None, None, None);
        match self.churn {
            ChurnRule::Chance { chance: of, days } => (chance, return_days) = (Some(of), Some(days)),
            ChurnRule::Percentile(percent) => percentile = Some(percent),
            ChurnRule::Days(days) => churn_days = Some(days),
        }
        Map::from_iter([
            ("return_chance".to_owned(), json!(chance)),
            ("return_days".to_owned(), json!(return_days)),
            ("churn_percentile".to_owned(), json!(percentile)),
            ("churn_days".to_owned(), json!(churn_days)),
        ])
    }
}

/// The remark that some or all customers have no churn line, so that none of them counts as lost.
pub(super) fn no_line(rule: ChurnRule, lines: ChurnLines, customers: u64) -> Option<Remark> {
    let key = match (lines.one, lines.several) {
        _ if customers == 0 => return None,
        (Some(_), Some(_)) => return None,
        (None, Some(_)) => "no_line_of_first",
        (Some(_), None) => "no_line_of_later",
        (None, None) => "no_line",
    };
    match rule {
        ChurnRule::Chance { chance, days } => {
            let remark =
                Remark::new(key).with("chance", format!("{}%", (chance * f64::from(WHOLE)).round() / 100.0));
            Some(remark.with("days", days).with("least", MIN_WATCHED))
        }
        _ => Some(Remark::new("no_line_without_gaps")),
    }
}

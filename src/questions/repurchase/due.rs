//! When each customer's next order is expected, and how well an earlier expectation held.

use serde_json::{Map, Value, json};

use super::{Answer, Repurchase, no_line};
use crate::answer::{Kind, Spec, Table};
use crate::customers::listed;
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::Scope;
use crate::metrics::repurchase::{ChurnLines, DueParams, DueRule, USUAL_CYCLE_DAYS, expect};
use crate::reading::Ingested;
use crate::schema::{names, ranges};

impl Repurchase {
    /// The list of next orders. With `holdout`, also what was expected that many days before the as-of day, beside what
    /// happened since.
    pub(super) fn due(
        &self,
        read: &Ingested,
        scope: &Scope,
        rule: DueRule,
        holdout: Option<u32>,
    ) -> Result<Answer> {
        let orders = &read.orders;
        let now = expect(orders, scope, rule, read.accounting.clone())?;
        let mut notes = Vec::new();
        if !orders.has_items {
            notes.push(Remark::new("no_items_due"));
        }
        if now.assumes_cycle && now.customer_count > 0 {
            notes.push(Remark::new("assumed_cycle").with("cycle", USUAL_CYCLE_DAYS));
        }
        notes.extend(no_line(self.churn, now.params.churn_lines, now.customer_count));
        let mut parameters = self.parameters();
        parameters.extend(parameters_of(&now.params));
        let frame = now.due.frame(orders, scope.as_of)?;
        let mut tables = vec![Table::new("due", "customers", due_columns(), frame)];
        if let Some(days) = holdout {
            let since = scope.as_of.minus_days(days);
            let earlier = scope.at(since);
            let then = expect(orders, &earlier, rule, read.accounting.clone())?;
            let kept = then.due.kept(orders, scope, since)?;
            if kept.customer_count == 0 {
                notes.push(Remark::new("holdout_nobody").with("days", days));
            }
            tables.push(Table::new("holdout", "statuses_of_due", holdout_columns(), kept.frame));
            parameters.insert("holdout".to_owned(), json!(days));
        }
        Ok(Answer {
            tables,
            parameters,
            notes,
            as_of: scope.known_day(),
            window: scope.window,
            customer_count: now.customer_count,
            order_count: now.order_count,
            accounting: now.accounting,
            ..Answer::default()
        })
    }
}

fn parameters_of(params: &DueParams) -> Map<String, Value> {
    let ChurnLines { one, several } = params.churn_lines;
    Map::from_iter([
        ("due_days".to_owned(), json!(params.due_days)),
        ("weight".to_owned(), json!(params.weight)),
        ("cycle_days".to_owned(), json!(params.cycle_days)),
        ("churn_line_one_days".to_owned(), json!(one)),
        ("churn_line_several_days".to_owned(), json!(several)),
    ])
}

fn due_columns() -> Vec<Spec> {
    vec![
        listed(names::CUSTOMER_ID, 0),
        listed(names::LAST_ORDERED_ON, 4),
        listed(names::RECENCY_DAYS, 5),
        listed(names::ORDER_COUNT, 3),
        Spec::new(names::OWN_GAP_DAYS, Kind::Days, 7),
        listed(names::EXPECTED_GAP_DAYS, 6),
        listed(names::NEXT_EXPECTED_ON, 0),
        listed(names::DUE_STATUS, 0),
        Spec::new(names::PRODUCT_ID, Kind::Named, 8),
        Spec::new(names::TITLE, Kind::Title, 1),
    ]
}

fn holdout_columns() -> Vec<Spec> {
    let mut columns = vec![
        listed(names::DUE_STATUS, 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::RETURNED_COUNT, Kind::Count, 1),
    ];
    columns.extend(Spec::ranged(ranges::RETURN_RATE, Kind::Share, 0));
    columns.extend([
        Spec::new(names::MEDIAN_ERROR_DAYS, Kind::Days, 0),
        Spec::new(names::MEDIAN_ABSOLUTE_ERROR_DAYS, Kind::Days, 1),
    ]);
    columns
}

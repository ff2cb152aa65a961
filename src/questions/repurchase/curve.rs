//! The curve of the second order, gaps between orders, churn lines and rates, for all customers or by group.

use polars::prelude::DataFrame;
use serde_json::json;

use super::{Answer, Repurchase, no_line};
use crate::answer::{Curve, Kind, Spec, Table};
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::Scope;
use crate::metrics::firsts::Firsts;
use crate::metrics::repurchase::{self as metric, By, Grouping, repurchase, repurchase_of_all};
use crate::questions::cohort::lacking;
use crate::questions::first_columns;
use crate::reading::Ingested;
use crate::schema::{Orders, RowParts, names, ranges};

impl Repurchase {
    /// The answer for all customers. `came` has the orders as they were read, if `read` has no sorted ones.
    pub(super) fn curve_of_all(
        &self,
        read: &Ingested,
        came: Option<&Orders<RowParts>>,
        scope: &Scope,
    ) -> Result<Answer> {
        let accounting = read.accounting.clone();
        let answer = match came {
            Some(orders) => repurchase_of_all(orders, scope, self.churn, accounting)?,
            None => repurchase_of_all(&read.orders, scope, self.churn, accounting)?,
        };
        self.curve_answer(answer, scope, None, Vec::new())
    }

    pub(super) fn curve(&self, read: &Ingested, scope: &Scope, by: By) -> Result<Answer> {
        let as_of = scope.as_of;
        let grouping = match by.first() {
            None => Grouping::Segment(self.segments),
            Some(first) => {
                Grouping::First(Box::new(Firsts::new(&read.shop(), first, &self.value, &[], as_of)))
            }
        };
        let answer = repurchase(&read.orders, scope, self.churn, &grouping, read.accounting.clone())?;
        let mut notes = Vec::new();
        if let (Some(first), Grouping::First(firsts)) = (by.first(), &grouping) {
            notes.extend(lacking(&read.orders, first, firsts));
        }
        self.curve_answer(answer, scope, Some(by), notes)
    }

    /// The answer for all customers from a curve that ecrm or an engine computed.
    ///
    /// # Errors
    /// Those of polars.
    pub fn of_curve(&self, answer: metric::Repurchase<'_>, scope: &Scope) -> Result<Answer> {
        self.curve_answer(answer, scope, None, Vec::new())
    }

    fn curve_answer(
        &self,
        answer: metric::Repurchase<'_>,
        scope: &Scope,
        by: Option<By>,
        mut notes: Vec<Remark>,
    ) -> Result<Answer> {
        if by != Some(By::Segment) {
            notes.extend(no_line(self.churn, answer.churn_lines(), answer.customer_count));
        }
        let mut parameters = self.parameters();
        parameters.insert("by".to_owned(), json!(by));
        Ok(Answer {
            tables: tables(&answer, by)?,
            parameters,
            notes,
            as_of: scope.known_day(),
            window: scope.window,
            customer_count: answer.customer_count,
            order_count: answer.order_count,
            accounting: answer.accounting,
            ..Answer::default()
        })
    }
}

fn tables(answer: &metric::Repurchase<'_>, by: Option<By>) -> Result<Vec<Table>> {
    let groups = group_columns(by);
    let with = |columns: Vec<Spec>| [groups.clone(), columns].concat();
    let curve = Table::new("curve", "horizons", with(curve_columns()), answer.curve()?);
    let curve = match by {
        None => {
            let (points, band) = answer.steps();
            curve.with_curve(Curve { title: "repurchase_curve", points, band })
        }
        Some(_) => curve,
    };
    let mut tables = vec![curve, Table::new("gaps", "groups", with(gap_columns()), answer.gaps()?)];
    let churn = |frame: DataFrame| Table::new("churn", "groups", with(churn_columns()), frame);
    tables.extend(answer.churn()?.map(churn));
    tables.push(Table::new("rates", "rates", rate_columns(), answer.rates()?));
    Ok(tables)
}

fn group_columns(by: Option<By>) -> Vec<Spec> {
    match by.map(|by| (by, by.first())) {
        None => Vec::new(),
        Some((_, Some(first))) => first_columns(first),
        Some((_, None)) => vec![Spec::new(names::SEGMENT, Kind::Label("segment"), 0)],
    }
}

fn curve_columns() -> Vec<Spec> {
    let mut columns = vec![
        Spec::new(names::HORIZON_DAYS, Kind::Count, 0),
        Spec::new(names::AT_RISK_COUNT, Kind::Count, 3),
        Spec::new(names::REPURCHASED_COUNT, Kind::Count, 2),
    ];
    columns.extend(Spec::ranged(ranges::REPURCHASE_RATE, Kind::Bar, 0));
    columns
}

fn gap_columns() -> Vec<Spec> {
    let days = |name, rank| Spec::new(name, Kind::Days, rank);
    vec![
        Spec::new(names::GAP_COUNT, Kind::Count, 1),
        days(names::P25, 5),
        days(names::P50, 4),
        days(names::P75, 5),
        days(names::P80, 4),
        days(names::P90, 3),
        Spec::new(names::OPEN_GAP_COUNT, Kind::Count, 2),
        days(names::WATCHED_P25, 5),
        days(names::WATCHED_P50, 2),
        days(names::WATCHED_P75, 5),
        days(names::WATCHED_P80, 2),
        days(names::WATCHED_P90, 3),
        days(names::CYCLE_DAYS, 0),
    ]
}

fn churn_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::BUYERS, Kind::Label("buyers"), 0),
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::CHURN_LINE_DAYS, Kind::Days, 0),
        Spec::new(names::RETURN_CHANCE, Kind::Share, 1),
        Spec::new(names::WATCHED_COUNT, Kind::Count, 2),
        Spec::new(names::LOST_CUSTOMER_COUNT, Kind::Count, 0),
    ]
}

fn rate_columns() -> Vec<Spec> {
    let mut columns = vec![Spec::new(names::DEFINITION, Kind::Label("definition"), 0)];
    columns.extend(Spec::ranged(ranges::RATE, Kind::Share, 0));
    columns.extend([
        Spec::new(names::NUMERATOR, Kind::Count, 0),
        Spec::new(names::DENOMINATOR, Kind::Count, 0),
        Spec::new(names::EXPLANATION, Kind::Phrase { section: "definition_of", of: "definition" }, 0),
    ]);
    columns
}

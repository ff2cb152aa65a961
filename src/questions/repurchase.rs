//! Whether and when customers order again.

use polars::prelude::DataFrame;
use serde_json::{Map, Value, json};

use super::cohort::lacking;
use super::{About, Answer, Asked, Question};
use crate::answer::{Curve, Kind, Spec, Table};
use crate::customers::listed;
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::Scope;
use crate::metrics::firsts::Firsts;
use crate::metrics::products::products;
use crate::metrics::repurchase::{
    self as metric, By, ChurnLines, ChurnRule, Due, DueParams, Grouping, MIN_WATCHED, USUAL_CYCLE_DAYS,
    ladder, repurchase,
};
use crate::metrics::segment::SegmentParams;
use crate::metrics::value::{ValueParams, WHOLE};
use crate::reading::Ingested;
use crate::schema::Table::{Customers, Events, OrderItems};
use crate::schema::{Wants, names, ranges};

/// Returns after the first order, step by step, or when each next one is due.
#[derive(Debug)]
pub struct Repurchase {
    /// What is shown.
    pub show: Shown,
    /// The silence past which customers are lost.
    pub churn: ChurnRule,
    /// Where lifecycle segments end.
    pub segments: SegmentParams,
    /// What a deep discount is.
    pub value: ValueParams,
}

/// What is shown of repurchases.
#[derive(Debug, Clone, Copy)]
pub enum Shown {
    /// The curve of the second order, of all customers or in groups.
    Curve(Option<By>),
    /// From each order to the next.
    Ladder,
    /// When each customer's next order is expected.
    Due {
        /// Days around the expected day in which a customer is due.
        due_days: u32,
        /// How many own gaps the usual gap weighs as much as.
        weight: u32,
        /// What was expected so many days before as-of is set beside what came of it.
        holdout: Option<u32>,
    },
}

impl Question for Repurchase {
    const ABOUT: About = About::of_buyers("repurchase");

    fn wants(&self) -> Wants {
        let base = Wants::default();
        // Times of day, which extras bring, tell which of a day's orders is the first.
        let extras = Wants { extras: true, ..Wants::default() };
        let items = Wants { items: true, details: true, tables: vec![OrderItems], ..Wants::default() };
        match self.show {
            Shown::Due { .. } => items,
            Shown::Ladder | Shown::Curve(None) => base,
            Shown::Curve(Some(by)) => match by {
                By::Product | By::Category => items,
                By::Province => Wants { regions: true, ..extras },
                By::Source => {
                    Wants { details: true, tables: vec![Events, Customers], corrections: true, ..extras }
                }
                By::Discount | By::Refunded | By::Segment => extras,
            },
        }
    }

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        let Asked { read, scope, .. } = asked;
        match self.show {
            Shown::Curve(by) => self.curve(&read, &scope, by),
            Shown::Ladder => steps(&read, &scope),
            Shown::Due { due_days, weight, holdout } => self.due(&read, &scope, (due_days, weight), holdout),
        }
    }
}

impl Repurchase {
    fn curve(&self, read: &Ingested, scope: &Scope, by: Option<By>) -> Result<Answer> {
        let as_of = scope.as_of.unwrap_or(0);
        let grouping = match by.map(|by| (by, by.first())) {
            None => Grouping::All,
            Some((_, None)) => Grouping::Segment(self.segments),
            Some((_, Some(first))) => {
                Grouping::First(Box::new(Firsts::new(&read.shop(), first, &self.value, &[], as_of)))
            }
        };
        let answer = repurchase(&read.orders, scope, self.churn, &grouping, read.accounting.clone())?;
        let mut notes = Vec::new();
        if let (Some(first), Grouping::First(firsts)) = (by.and_then(By::first), &grouping) {
            notes.extend(lacking(&read.orders, first, firsts));
        }
        if by != Some(By::Segment) {
            notes.extend(no_line(self.churn, answer.churn_lines(), answer.customer_count));
        }
        Ok(Answer {
            tables: tables(&answer, by)?,
            parameters: self.parameters_by(by),
            notes,
            as_of: scope.as_of,
            window: scope.window,
            customer_count: answer.customer_count,
            order_count: answer.order_count,
            accounting: answer.accounting,
            ..Answer::default()
        })
    }

    /// The list of next orders, and how an earlier list was kept.
    fn due(
        &self,
        read: &Ingested,
        scope: &Scope,
        (due_days, weight): (u32, u32),
        holdout: Option<u32>,
    ) -> Result<Answer> {
        let all = self.all(read, scope)?;
        // Gaps of customers who came in a window are cut short by it: the usual ones are those of all time.
        let of_all_time = scope.window.map(|_| self.all(read, &scope.all_time())).transpose()?;
        let usual = of_all_time.as_ref().unwrap_or(&all);
        let now = self.expected(read, scope, usual, (due_days, weight))?;
        let mut notes = Vec::new();
        if !read.orders.has_items {
            notes.push(Remark::new("no_items_due"));
        }
        if now.assumes_cycle && all.customer_count > 0 {
            notes.push(Remark::new("assumed_cycle").with("cycle", USUAL_CYCLE_DAYS));
        }
        notes.extend(no_line(self.churn, now.params.churn_lines, all.customer_count));
        let mut parameters = self.parameters();
        parameters.extend(now.parameters());
        let frame = now.due.frame(&read.orders, scope.as_of.unwrap_or(0))?;
        let mut tables = vec![Table::new("due", "customers", due_columns(), frame)];
        if let Some(days) = holdout {
            let since = scope.as_of.unwrap_or(0).saturating_sub_unsigned(days);
            let earlier = Scope { as_of: Some(since), ..*scope };
            let usual = self.all(read, &earlier.all_time())?;
            let then = self.expected(read, &earlier, &usual, (due_days, weight))?;
            let kept = then.due.kept(&read.orders, scope, since)?;
            if kept.customer_count == 0 {
                notes.push(Remark::new("holdout_nobody").with("days", days));
            }
            tables.push(Table::new("holdout", "groups", holdout_columns(), kept.frame));
            parameters.insert("holdout".to_owned(), json!(days));
        }
        Ok(Answer {
            tables,
            parameters,
            notes,
            as_of: scope.as_of,
            window: scope.window,
            customer_count: all.customer_count,
            order_count: all.order_count,
            accounting: all.accounting,
            ..Answer::default()
        })
    }

    /// How all customers of a scope order again.
    fn all(&self, read: &Ingested, scope: &Scope) -> Result<metric::Repurchase<'static>> {
        repurchase(&read.orders, scope, self.churn, &Grouping::All, read.accounting.clone())
    }

    /// What is expected as of a day, by what is known then; `usual` is how customers of all time order again.
    fn expected(
        &self,
        read: &Ingested,
        scope: &Scope,
        usual: &metric::Repurchase<'_>,
        (due_days, weight): (u32, u32),
    ) -> Result<Expecting> {
        let orders = &read.orders;
        let params = DueParams {
            due_days,
            weight,
            cycle_days: usual.cycle_days().unwrap_or(USUAL_CYCLE_DAYS),
            churn_lines: usual.churn_lines(),
        };
        let bought = match orders.items.is_empty() {
            true => None,
            false => Some(products(orders, &scope.all_time(), read.accounting.clone())?),
        };
        let due = Due::new(orders, scope, bought.as_ref(), &params)?;
        Ok(Expecting { due, params, assumes_cycle: usual.cycle_days().is_none() })
    }

    fn parameters_by(&self, by: Option<By>) -> Map<String, Value> {
        let mut parameters = self.parameters();
        parameters.insert("by".to_owned(), json!(by));
        parameters
    }

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

/// What is expected, and by which parameters.
struct Expecting {
    due: Due,
    params: DueParams,
    assumes_cycle: bool,
}

impl Expecting {
    fn parameters(&self) -> Map<String, Value> {
        let ChurnLines { one, several } = self.params.churn_lines;
        Map::from_iter([
            ("due_days".to_owned(), json!(self.params.due_days)),
            ("weight".to_owned(), json!(self.params.weight)),
            ("cycle_days".to_owned(), json!(self.params.cycle_days)),
            ("churn_line_one_days".to_owned(), json!(one)),
            ("churn_line_several_days".to_owned(), json!(several)),
        ])
    }
}

fn steps(read: &Ingested, scope: &Scope) -> Result<Answer> {
    let steps = ladder(&read.orders, scope, read.accounting.clone())?;
    Ok(Answer {
        tables: vec![Table::new("ladder", "steps", ladder_columns(), steps.frame)],
        as_of: scope.as_of,
        window: scope.window,
        customer_count: steps.customer_count,
        order_count: steps.order_count,
        accounting: steps.accounting,
        ..Answer::default()
    })
}

/// That some customers, or all, have no churn line, so that none of them is lost.
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
        Some((_, Some(first))) => super::first_columns(first),
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

fn ladder_columns() -> Vec<Spec> {
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

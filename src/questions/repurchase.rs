//! Whether and when customers order again.

use serde_json::{Map, Value, json};

use super::{About, Answer, Asked, Question};
use crate::answer::{Curve, Kind, Spec, Table};
use crate::customers::listed;
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::Scope;
use crate::metrics::products::products;
use crate::metrics::repurchase::{self as metric, By, Due, DueParams, NO_GAPS, RepurchaseParams, repurchase};
use crate::reading::Ingested;
use crate::schema::{self, Orders, Wants, names};

/// Returns after the first order, or when each next one is due.
#[derive(Debug)]
pub struct Repurchase {
    /// Groups and the churn line.
    pub params: RepurchaseParams,
    /// Where the next orders are listed: the days around the expected one in which a customer is due, and how many of
    /// the customer's own gaps the usual gap weighs as much as.
    pub due: Option<(u32, u32)>,
}

impl Question for Repurchase {
    const ABOUT: About = About::of_buyers("repurchase");

    fn wants(&self) -> Wants {
        let has_items = self.due.is_some() || matches!(self.params.by, Some(By::Product | By::Category));
        let by_province = self.params.by == Some(By::Province);
        Wants {
            regions: by_province,
            // Times of day tell which of a day's orders is the first.
            extras: by_province,
            items: has_items,
            details: has_items,
            tables: if has_items { vec![schema::Table::OrderItems] } else { Vec::new() },
            ..Wants::default()
        }
    }

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        let Asked { read, scope, .. } = asked;
        let (orders, params) = (&read.orders, &self.params);
        let answer = repurchase(orders, &scope, params, read.accounting.clone())?;
        let mut notes: Vec<Remark> = lacking(orders, params.by, self.due.is_some()).into_iter().collect();
        let mut parameters = Map::from_iter([
            ("churn_percentile".to_owned(), json!(params.churn_percentile)),
            ("churn_days".to_owned(), json!(params.churn_days)),
        ]);
        let tables = match self.due {
            Some(due) => {
                // Gaps of customers who came in the window are cut short by it: the usual ones are those of all time.
                let all_time = scope.all_time();
                let of_all = match scope.window {
                    Some(_) => Some(repurchase(orders, &all_time, params, read.accounting.clone())?),
                    None => None,
                };
                let usual = of_all.as_ref().unwrap_or(&answer);
                if usual.cycle_days().is_none() && answer.customer_count > 0 {
                    let churn_line = usual.churn_line_days().unwrap_or(NO_GAPS.1);
                    let remark = Remark::new("assumed_cycle").with("cycle", NO_GAPS.0);
                    notes.push(remark.with("churn_line", churn_line));
                }
                let (table, own) = expected(&read, &scope, usual, due)?;
                parameters.extend(own);
                vec![table]
            }
            None => tables(&answer, params.by)?,
        };
        Ok(Answer {
            tables,
            parameters,
            notes,
            as_of: scope.as_of,
            window: scope.window,
            customer_count: answer.customer_count,
            order_count: answer.order_count,
            accounting: answer.accounting,
            ..Answer::default()
        })
    }
}

/// The list of next orders, and its parameters.
fn expected(
    read: &Ingested,
    scope: &Scope,
    usual: &metric::Repurchase,
    (due_days, weight): (u32, u32),
) -> Result<(Table, Map<String, Value>)> {
    let orders = &read.orders;
    let params = DueParams {
        due_days,
        weight,
        cycle_days: usual.cycle_days().unwrap_or(NO_GAPS.0),
        churn_line_days: usual.churn_line_days().unwrap_or(NO_GAPS.1),
    };
    let bought = match orders.items.is_empty() {
        true => None,
        false => Some(products(orders, &scope.all_time(), read.accounting.clone())?),
    };
    let due = Due::new(orders, scope, bought.as_ref(), &params)?;
    let frame = due.frame(orders, scope.as_of.unwrap_or(0))?;
    let parameters = Map::from_iter([
        ("due_days".to_owned(), json!(params.due_days)),
        ("weight".to_owned(), json!(params.weight)),
        ("cycle_days".to_owned(), json!(params.cycle_days)),
        ("churn_line_days".to_owned(), json!(params.churn_line_days)),
    ]);
    Ok((Table::new("due", "customers", due_columns(), frame), parameters))
}

/// What the user should know where the inputs do not say what customers are to be told apart by.
fn lacking(orders: &Orders, by: Option<By>, is_due: bool) -> Option<Remark> {
    match by {
        Some(By::Product | By::Category) if !orders.has_items => Some(Remark::new("no_items")),
        Some(By::Province) if !orders.has_region_column => Some(Remark::new("no_place_column")),
        None if is_due && !orders.has_items => Some(Remark::new("no_items_due")),
        _ => None,
    }
}

fn tables(answer: &metric::Repurchase, by: Option<By>) -> Result<Vec<Table>> {
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
    Ok(vec![
        curve,
        Table::new("gaps", "groups", with(gap_columns()), answer.gaps()?),
        Table::new("rates", "rates", rate_columns(), answer.rates()?),
    ])
}

fn group_columns(by: Option<By>) -> Vec<Spec> {
    match by {
        None => Vec::new(),
        Some(By::Product) => {
            vec![Spec::new(names::PRODUCT_ID, Kind::Named, 5), Spec::new(names::TITLE, Kind::Title, 0)]
        }
        Some(By::Category) => vec![Spec::new(names::CATEGORY, Kind::Named, 0)],
        Some(By::Province) => vec![Spec::new(names::PROVINCE, Kind::Named, 0)],
        Some(By::Segment) => vec![Spec::new(names::SEGMENT, Kind::Label("segment"), 0)],
    }
}

fn curve_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::HORIZON_DAYS, Kind::Count, 0),
        Spec::new(names::AT_RISK_COUNT, Kind::Count, 3),
        Spec::new(names::REPURCHASED_COUNT, Kind::Count, 2),
        Spec::new(names::REPURCHASE_RATE, Kind::Bar, 0),
        Spec::new(names::RATE_LOW, Kind::Share, 1),
        Spec::new(names::RATE_HIGH, Kind::Share, 1),
    ]
}

fn gap_columns() -> Vec<Spec> {
    let days = |name, rank| Spec::new(name, Kind::Days, rank);
    vec![
        Spec::new(names::GAP_COUNT, Kind::Count, 1),
        days(names::P25, 3),
        days(names::P50, 3),
        days(names::P75, 3),
        days(names::P80, 3),
        days(names::P90, 2),
        days(names::CYCLE_DAYS, 0),
        days(names::CHURN_LINE_DAYS, 0),
    ]
}

fn rate_columns() -> Vec<Spec> {
    vec![
        Spec::new(names::DEFINITION, Kind::Label("definition"), 0),
        Spec::new(names::RATE, Kind::Share, 0),
        Spec::new(names::NUMERATOR, Kind::Count, 0),
        Spec::new(names::DENOMINATOR, Kind::Count, 0),
        Spec::new(names::EXPLANATION, Kind::Phrase { section: "definition_of", of: "definition" }, 0),
    ]
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

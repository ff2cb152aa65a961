//! How customers moved between groups from one day to a later one.

use serde_json::{Map, Value, json};

use super::rfm::cuts_json;
use super::{About, Answer, Asked, Question};
use crate::answer::{Grid, Kind, Look, Spec, Table};
use crate::customers::listed;
use crate::error::{Error, Result};
use crate::locale::{Remark, Words};
use crate::metrics::migration::{By, MigrationParams, migration};
use crate::reading::Ingested;
use crate::schema::{Day, Wants, names, ranges};

/// The movements between two days.
#[derive(Debug)]
pub struct Migration {
    /// The kind of groups, and the earlier day.
    pub params: MigrationParams,
    /// Whether the customers who moved are listed, one per row.
    pub lists: bool,
}

impl Migration {
    /// The tables of the answer without a list, the main one first.
    pub const TABLES: [&'static str; 2] = ["matrix", "flows"];
}

impl Question for Migration {
    const ABOUT: About = About::of_buyers("migration").writing(&["matrix", "flows", "customers"]);

    fn wants(&self) -> Wants {
        // Classes are made by margin where costs are given.
        Wants { extras: self.params.by == By::Class, ..Wants::default() }
    }

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        let Asked { mut read, scope, .. } = asked;
        let params = &self.params;
        if read.orders.lacks_amounts && params.by != By::Segment {
            return Err(needs_amounts(&read));
        }
        let moved = migration(&read.orders, &scope, params, read.accounting)?;
        // The orders are no longer needed, so their memory is freed for the tables.
        read.orders.parts = Default::default();
        let tables = match self.lists {
            true => {
                let frame = moved.customers(&read.orders.customers)?;
                vec![Table::new("customers", "customers", customer_columns(params.by), frame)]
            }
            false => vec![
                Table::new("matrix", "cells", matrix_columns(params.by), moved.matrix()?).with_grid(Grid {
                    row: names::FROM,
                    column: names::TO,
                    value: names::SHARE,
                    beside: Some(names::FROM_CUSTOMER_COUNT),
                    look: Look::Matrix,
                }),
                Table::new("flows", "flows", flow_columns(params.by), moved.flows()?),
            ],
        };
        let text = |day: Option<Day>| day.map(|day| day.to_string());
        let notes = moved.begins_later.and_then(|first| {
            let (first, since) = text(Some(first)).zip(text(moved.since))?;
            Some(Remark::new("migration_begins").with("day", first).with("since", since))
        });
        let mut details = Map::new();
        if params.by == By::RfmGroup {
            details.insert("cuts".into(), moved.cuts.as_ref().map_or(Value::Null, cuts_json));
        }
        Ok(Answer {
            tables,
            parameters: Map::from_iter([
                ("since".to_owned(), json!(text(moved.since))),
                ("by".to_owned(), json!(params.by)),
                ("lapsing_days".to_owned(), json!(params.segment.lapsing_days)),
            ]),
            details,
            notes: notes.into_iter().collect(),
            as_of: scope.known_day(),
            window: scope.window,
            customer_count: moved.customer_count,
            order_count: moved.order_count,
            accounting: moved.accounting,
        })
    }
}

/// The error for groups that depend on what customers spent while no input has amounts.
fn needs_amounts(read: &Ingested) -> Error {
    let files: Vec<&str> = read.sources.iter().map(|source| source.name.as_str()).collect();
    Error::data_of("migration_amounts", &[("files", Words::names(files).to_string())])
}

fn places(by: By) -> [Spec; 2] {
    [names::FROM, names::TO].map(|name| Spec::new(name, Kind::Label(by.section()), 0))
}

fn matrix_columns(by: By) -> Vec<Spec> {
    let counts = [
        Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0),
        Spec::new(names::FROM_CUSTOMER_COUNT, Kind::Count, 2),
    ];
    let net = Spec::new(names::NET_AMOUNT, Kind::Amount, 1);
    places(by)
        .into_iter()
        .chain(counts)
        .chain(Spec::ranged(ranges::SHARE, Kind::Share, 0))
        .chain([net])
        .collect()
}

fn flow_columns(by: By) -> Vec<Spec> {
    let flow = Spec::new(names::FLOW, Kind::Label("flow"), 0);
    let mut columns = vec![flow];
    columns.extend(places(by));
    columns.push(Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0));
    columns.extend(Spec::ranged(ranges::SHARE, Kind::Share, 0));
    columns.push(Spec::new(names::NET_AMOUNT, Kind::Amount, 0));
    columns.push(Spec::new(names::NET_AMOUNT_SINCE, Kind::Amount, 1));
    columns
}

fn customer_columns(by: By) -> Vec<Spec> {
    let mut columns = vec![listed(names::CUSTOMER_ID, 0)];
    columns.extend(places(by));
    columns.extend([
        Spec::new(names::FLOW, Kind::Label("flow"), 0),
        listed(names::LAST_ORDERED_ON, 3),
        listed(names::RECENCY_DAYS, 2),
        listed(names::ORDER_COUNT, 2),
        listed(names::NET_AMOUNT, 0),
        Spec::new(names::NET_AMOUNT_SINCE, Kind::Amount, 1),
    ]);
    columns
}

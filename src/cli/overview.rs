//! `ecrm overview`.

use clap::Args;
use serde_json::{Map, json};

use super::region::net_without_buyers;
use super::session::{Answer, Basis, Question, Session};
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::overview::{OverviewParams, overview};
use crate::present::{Kind, Spec, Table};
use crate::schema::day::date_of;
use crate::schema::{self, Wants, names};

/// The shop's first page: interest, converted, old and dormant customers, members, and sales
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm overview exports/*.csv            orders, events and customers together
  ecrm overview orders.csv --window 7    this week against the last one
  ecrm overview exports/* --as-of today -o page.md

Each figure stands beside that of the period of equal length before. --window N is the period of buyers, orders, \
net_amount, aov and spend_per_customer, 30 days by default; the other figures have their own (`ecrm define overview`). \
A figure that needs a file which is not there says so. The result is one table, `overview`.")]
pub struct OverviewArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl OverviewArgs {
    /// Reads, counts, writes.
    pub fn run(self) -> Result<()> {
        use schema::Table::{Customers, Events, Orders};
        let mut session = Session::open(
            Question {
                name: "overview",
                input: &self.input,
                wants: Wants { tables: vec![Events, Customers], details: true, ..Wants::default() },
            },
            &self.scope,
            &self.output,
        )?;
        let mut ingested = session.read(&[Orders, Events, Customers])?;
        let scope = session.settled(&mut ingested, &[])?;
        let (file, default) = (&session.config.overview, OverviewParams::default());
        let params = OverviewParams {
            interest_days: file.interest_days.unwrap_or(default.interest_days),
            converted_days: file.converted_days.unwrap_or(default.converted_days),
            dormant_days: file.dormant_days.unwrap_or(default.dormant_days),
            // The flag, what the configuration says of this page, and what it says of all.
            window: self.scope.window.or(file.window).or(scope.window).unwrap_or(default.window),
        };
        let page = overview(&ingested.shop(), &scope, &params, ingested.accounting.clone())?;
        let basis = Basis {
            as_of: scope.as_of,
            window: Some(params.window),
            customer_count: page.customer_count,
            order_count: page.order_count,
            accounting: page.accounting,
            ids_are_personal: ingested.orders.ids_are_personal,
        };
        let mut notes = Vec::new();
        notes.extend(net_without_buyers(page.net_without_buyers));
        notes.extend(begin("orders_begin", page.orders_begin));
        notes.extend(begin("events_begin", page.events_begin));
        let answer = Answer {
            notes,
            tables: vec![Table::new("overview", "metrics", columns(), page.frame)],
            parameters: Map::from_iter([
                ("interest_days".to_owned(), json!(params.interest_days)),
                ("converted_days".to_owned(), json!(params.converted_days)),
                ("dormant_days".to_owned(), json!(params.dormant_days)),
            ]),
            ..Answer::default()
        };
        session.write(&ingested.sources, basis, answer)
    }
}

/// That a table begins on a day, where that leaves figures empty.
pub fn begin(code: &'static str, day: Option<i32>) -> Option<Remark> {
    Some(Remark::new(code).with("day", date_of(day?)?))
}

fn columns() -> Vec<Spec> {
    let figure = Kind::Figure(names::UNIT);
    vec![
        Spec::new(names::METRIC, Kind::Label("metric"), 0),
        Spec::new(names::UNIT, Kind::Label("unit"), 9),
        Spec::new(names::PERIOD_DAYS, Kind::Count, 5),
        Spec::new(names::VALUE, figure, 0),
        Spec::new(names::PREVIOUS_VALUE, figure, 6),
        Spec::new(names::CHANGE, figure, 8),
        Spec::new(names::CHANGE_RATE, Kind::Share, 1),
        Spec::new(names::NEW_COUNT_1D, Kind::Count, 4),
        Spec::new(names::NEW_COUNT_7D, Kind::Count, 3),
        Spec::new(names::NEW_COUNT_30D, Kind::Count, 2),
        Spec::new(names::TOTAL, figure, 7),
        Spec::new(names::NEEDS, Kind::Phrase { section: "needs", of: "needs_of" }, 0),
    ]
}

//! `ecrm customers`.

use clap::Args;
use serde_json::{Map, json};

use super::session::{Answer, Basis, Question, Session};
use super::shared::{InputArgs, OutputArgs, ScopeArgs};
use super::{repurchase, rfm, segment, value};
use crate::answer::{Spec, Table};
use crate::config::Config;
use crate::customers::{self, Ground, Settings, Wished};
use crate::error::{Error, Result, said};
use crate::ingest::{Ingested, Remark, nearest};
use crate::metrics::Scope;
use crate::metrics::customer_facts::AnyOrders;
use crate::schema;

/// The list of everybody whom any input names, with the columns you choose
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ecrm customers orders.csv customers.csv
  ecrm customers exports/* --columns customer_id,phone,net_amount,due_status
  ecrm customers orders.csv --columns all -o customers.xlsx

`ecrm define customers` says what each column means. The result is one table, `customers`; buyers come first, by net \
amount.")]
pub struct CustomersArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    question: CustomersQuestion,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Customers")]
struct CustomersQuestion {
    /// The columns, in this order, or `all` [default: who they are, what they bought, segment and group]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    columns: Vec<String>,
}

impl CustomersArgs {
    /// Reads, fills the columns, writes.
    pub fn run(self) -> Result<()> {
        use schema::Table::{Customers, Events, Orders, Sends};
        let (wished, specs) = self.question.wished()?;
        let needs = wished.needs();
        let question = Question { name: "customers", input: &self.input, wants: needs.wants() };
        let mut session = Session::open(question, &self.scope, &self.output)?;
        let settings = settings(&session.config)?;
        let read = session.read_rows(&[Orders, Customers, Events, Sends])?;
        let is_in_order = needs.histories || session.scope().excludes_occasional;
        match is_in_order {
            true => {
                let mut read = read.in_order()?;
                let scope = session.settled(&mut read, &[])?;
                let ground = ground(AnyOrders::InOrder(&read.orders), &read, scope, &settings)?;
                self.question.write(session, &ground, &read, &wished, specs)
            }
            false => {
                let mut read = read;
                let scope = session.settled_by_row(&mut read, &[])?;
                let ground = ground(AnyOrders::AsTheyCame(&read.orders), &read, scope, &settings)?;
                self.question.write(session, &ground, &read, &wished, specs)
            }
        }
    }
}

/// The people of what was read.
fn ground<'a, P>(
    orders: AnyOrders<'a>,
    read: &'a Ingested<P>,
    scope: Scope,
    settings: &'a Settings,
) -> Result<Ground<'a>> {
    let tables = (read.events.as_ref(), read.customers.as_ref());
    Ground::new(&read.orders.customers, orders, tables, scope, settings, read.accounting.clone())
}

/// The thresholds of the configuration.
fn settings(config: &Config) -> Result<Settings> {
    let (repurchase, due_days, weight) = repurchase::params_of(config)?;
    Ok(Settings {
        segment: segment::params_of(config)?,
        rfm: rfm::params_of(config)?,
        value: value::params_of(config)?,
        repurchase,
        due_days,
        weight,
    })
}

impl CustomersQuestion {
    /// The columns to show.
    fn wished(&self) -> Result<(Wished, Vec<&'static Spec>)> {
        let all: Vec<&str> = customers::columns().map(|spec| spec.name).collect();
        let named: Vec<&str> = match self.columns.iter().map(|name| name.trim()).collect::<Vec<_>>() {
            none if none.is_empty() => customers::DEFAULT.to_vec(),
            one if one == ["all"] => all.clone(),
            some => some,
        };
        let (mut wished, mut specs) = (Wished::default(), Vec::new());
        for name in named {
            let Some((_, spec)) = customers::find(name) else { return Err(no_column(name, &all)) };
            if wished.add(name) {
                specs.push(spec);
            }
        }
        Ok((wished, specs))
    }

    fn write<P>(
        &self,
        session: Session,
        ground: &Ground<'_>,
        read: &Ingested<P>,
        wished: &Wished,
        specs: Vec<&'static Spec>,
    ) -> Result<()> {
        let table = customers::Table::build(ground, wished)?;
        let basis = Basis {
            as_of: ground.scope.as_of,
            window: ground.scope.window,
            customer_count: table.frame.height() as u64,
            order_count: ground.facts.order_total,
            accounting: ground.facts.accounting.clone(),
            ids_are_personal: read.orders.ids_are_personal,
        };
        let mut notes = Vec::new();
        if !self.columns.is_empty() {
            let is_empty = |spec: &&&Spec| {
                table.frame.column(spec.name).is_ok_and(|column| column.null_count() == column.len())
            };
            let empty: Vec<&str> = specs.iter().filter(is_empty).map(|spec| spec.name).collect();
            if table.frame.height() > 0 && !empty.is_empty() {
                notes.push(Remark::new("empty_columns").with("columns", empty.join(", ")));
            }
        }
        let names: Vec<&str> = specs.iter().map(|spec| spec.name).collect();
        let frame = table.frame.select(names.iter().copied())?;
        let columns = specs.into_iter().copied().collect();
        let answer = Answer {
            tables: vec![Table::new("customers", "customers", columns, frame)],
            parameters: Map::from_iter([("columns".to_owned(), json!(names))]),
            notes,
            titles: rfm::titles(&session.config, session.lang()),
            ..Answer::default()
        };
        session.write(&read.sources, basis, answer)
    }
}

/// That there is no column of this name.
fn no_column(name: &str, all: &[&str]) -> Error {
    let near = nearest(name, all.iter().copied());
    let key = if near.is_some() { "no_column_near" } else { "no_column" };
    let values =
        [("name", name.to_owned()), ("near", near.unwrap_or_default().to_owned()), ("all", all.join(", "))];
    let (message, hint) = said(key, &values);
    Error::usage(message, hint)
}

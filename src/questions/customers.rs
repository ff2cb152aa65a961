//! The list of people with the columns that the user names.

use serde_json::{Map, json};

use super::{About, Answer, Asked, CUSTOMERS, Question, Rest};
use crate::answer::{Kind, Spec, Table};
use crate::customers::{self, Ground, Needs, OrderBy, Settings, Tables, Where, Wished, order_columns};
use crate::error::Result;
use crate::locale::Remark;
use crate::metrics::Scope;
use crate::metrics::customer_facts::AnyOrders;
use crate::metrics::finish::{counts, frame};
use crate::reading::Ingested;
use crate::schema::{self, Wants, names};

/// The list of customers with columns that are known before anything is read.
#[derive(Debug)]
pub struct Customers {
    /// The columns, in the order of the list, each once.
    pub names: Vec<&'static str>,
    /// The order of the rows, if it is not the usual one.
    pub order: Option<OrderBy>,
    /// The condition that the listed customers meet, if not all are listed.
    pub condition: Option<Where>,
    /// Whether only the number of customers is asked for.
    pub counts: bool,
    /// Whether a remark names the columns that are empty in every row.
    pub says_empty: bool,
    /// Whether the user named no columns, so that the list has the usual ones; an engine answers with those that it
    /// has.
    pub is_usual: bool,
    /// The thresholds of the analyses whose answers are columns.
    pub settings: Settings,
}

/// What an answer is made from.
pub struct Made<'a> {
    /// The listed customers, in their order.
    pub table: &'a customers::Table,
    /// The columns that are shown.
    pub specs: Vec<Spec>,
    /// Whether only the number of customers is asked for.
    pub counts: bool,
    /// Whether a remark names the columns that are empty in every row.
    pub says_empty: bool,
    /// Whether no input has the amounts of orders.
    pub lacks_amounts: bool,
    /// The order of the rows, if it is not the usual one.
    pub order: Option<&'a OrderBy>,
}

impl Made<'_> {
    /// The list or the count as an answer.
    ///
    /// # Errors
    /// Those of polars.
    pub fn answer(self, rests_on: Rest) -> Result<Answer> {
        let table = self.table;
        let names: Vec<&str> = self.specs.iter().map(|spec| spec.name).collect();
        let without_amounts = self.lacks_amounts.then(|| Remark::new("no_amounts"));
        let notes = without_amounts.into_iter().chain(self.empty_columns(&names)).collect();
        let mut parameters = Map::new();
        let written = match self.counts {
            true => count(table.frame.height() as u64)?,
            false => {
                parameters.insert("columns".into(), json!(names));
                let frame = table.frame.select(names.iter().copied())?;
                Table::new("customers", "customers", self.specs.clone(), frame)
            }
        };
        if let Some(order) = self.order {
            parameters.insert("sort".into(), json!(order.text()));
        }
        Ok(Answer { notes, ..rests_on.answer(vec![written], parameters) })
    }

    /// The remark about columns that were asked for and are empty in every row.
    fn empty_columns(&self, names: &[&str]) -> Vec<Remark> {
        let frame = &self.table.frame;
        let is_empty =
            |name: &&&str| frame.column(name).is_ok_and(|column| column.null_count() == column.len());
        let empty: Vec<&str> = names.iter().filter(is_empty).copied().collect();
        match !self.says_empty || frame.height() == 0 || empty.is_empty() {
            true => Vec::new(),
            false => vec![Remark::new("empty_columns").with("columns", empty.join(", "))],
        }
    }
}

/// The answer that has only the number of customers.
///
/// # Errors
/// Those of polars.
pub fn counted(customer_count: u64, order: Option<&OrderBy>, rests_on: Rest) -> Result<Answer> {
    let sort = order.map(|order| ("sort".to_owned(), json!(order.text())));
    Ok(rests_on.answer(vec![count(customer_count)?], Map::from_iter(sort)))
}

fn count(customer_count: u64) -> Result<Table> {
    let count = counts(names::CUSTOMER_COUNT, std::iter::once(Some(customer_count)));
    let columns = vec![Spec::new(names::CUSTOMER_COUNT, Kind::Count, 0)];
    Ok(Table::new("count", "customers", columns, frame(vec![count])?))
}

/// Everybody named in the inputs, with what the customer table is computed from.
///
/// # Errors
/// Those of the facts of buyers.
pub fn ground<'a, P>(
    orders: AnyOrders<'a>,
    read: &'a Ingested<P>,
    scope: Scope,
    settings: &'a Settings,
) -> Result<Ground<'a>> {
    let tables = Tables {
        ids: &read.orders.customers,
        orders,
        has_orders: read.sources.iter().any(|source| source.table() == schema::Table::Orders),
        order_headers: order_columns::of_files(&read.sources),
        events: read.frames.events.as_ref(),
        customers: read.frames.customers.as_ref(),
        sends: read.frames.sends.as_ref(),
        hand: &read.hand,
        accounting: read.accounting.clone(),
    };
    Ground::new(tables, scope, settings)
}

impl Customers {
    /// The columns needed for the list, the order and the condition.
    pub fn wished(&self) -> Wished {
        let mut wished = Wished::default();
        self.names.iter().for_each(|name| wished.add_any(name));
        self.order.iter().for_each(|order| wished.add_all(&order.wished()));
        self.condition.iter().for_each(|condition| wished.add_all(&condition.wished()));
        wished
    }

    /// The columns that are shown.
    pub fn specs(&self) -> Vec<Spec> {
        self.names.iter().filter_map(|name| customers::find(name)).map(|(_, spec)| *spec).collect()
    }
}

impl Question for Customers {
    const ABOUT: About = CUSTOMERS;

    fn wants(&self) -> Wants {
        self.wished().wants().and(&Needs::EVERYBODY.wants())
    }

    fn answer(&self, asked: Asked<'_>) -> Result<Answer> {
        let orders = AnyOrders::InOrder(&asked.read.orders);
        let ground = ground(orders, &asked.read, asked.scope, &self.settings)?;
        let mut table = customers::Table::build(&ground, &self.wished())?;
        if let Some(condition) = &self.condition {
            table.frame = table.frame.filter(&condition.keeps(&ground, &table)?)?;
        }
        if let Some(order) = &self.order {
            table.frame = table.frame.take(&order.order(&ground, &table)?)?;
        }
        let rest = Rest::of(&ground, table.frame.height() as u64);
        let made = Made {
            table: &table,
            specs: self.specs(),
            counts: self.counts,
            says_empty: self.says_empty,
            lacks_amounts: ground.lacks_amounts(),
            order: self.order.as_ref(),
        };
        made.answer(rest)
    }
}

impl Rest {
    /// What a list of `customer_count` of these people rests on.
    pub fn of(ground: &Ground<'_>, customer_count: u64) -> Self {
        Self {
            as_of: ground.scope.known_day(),
            window: ground.scope.window,
            customer_count,
            order_count: ground.facts.order_total,
            accounting: ground.facts.accounting.clone(),
        }
    }
}
